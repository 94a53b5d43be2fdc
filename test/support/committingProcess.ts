import { utf8Encode } from '../../primitives/text.js';
import { ExecutionNetwork, TestChain } from './executionNetwork.js';

/**
 * Commits block after block, and says on its standard output which height is on disk, until it is killed. Arguments: the
 * directory of the database.
 */
const [directory = ''] = process.argv.slice(2);
const network = ExecutionNetwork.in(directory);
const chain = new TestChain(network, await network.started('chain'));
if (chain.height === 0) await network.fund(chain);
for (;;) {
  const names = Array.from({ length: 20 }, (_, index) => `P-${chain.height}-${index}`);
  await chain.settle(names.map((name) => network.payment(name, { reference: utf8Encode(name) })));
  process.stdout.write(`${chain.height}\n`);
}
