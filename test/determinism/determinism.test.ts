import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../support/repositoryRoot.js';
import { prepareHistory } from './history/parts.js';
import type { BatteryOptions } from './results.js';
import { disagreements, fetchNewerNode, NEWER_NODE, runVariant, VARIANTS, type VariantResult } from './variants.js';

/** A slice of what `npm run determinism` runs. */
const SLICE = { hostileFuel: 2_000_000, programs: 40, firstSeed: 1 };
const HISTORY_SLICE = { trafficBlocks: 6, hostileEvery: 8, impure: false };
const IN_SLICE = [
  'main thread',
  'worker, 8 MB stack',
  'baseline compiler alone',
  'optimising compiler alone',
  'tier-up at once',
];

describe('the same programs, whatever compiles and runs them', function () {
  this.timeout(120_000);
  const results: VariantResult[] = [];
  let directory: string;
  let slice: BatteryOptions;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-determinism-'));
    slice = { ...SLICE, history: { ...HISTORY_SLICE, file: join(directory, 'history.json') } };
    await prepareHistory(repositoryRoot(), slice.history.file);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const variant of VARIANTS.filter(({ name }) => IN_SLICE.includes(name))) {
    it(`end with the same results, blocks and receipts in the same fuel: ${variant.name} (PROTOCOL §Sandbox U1, U2, U3, W2)`, async () => {
      const result = await runVariant(repositoryRoot(), process.execPath, variant, slice);
      if (result === undefined) expect.fail(`this Node.js does not know ${variant.flags.join(' ')}`);
      results.push(result);
      expect(disagreements(results)).to.deep.equal([]);
      expect(result.parts.map(({ count }) => count > 0)).to.deep.equal([true, true, true, true, true]);
    });
  }

  it(`end so on Node.js ${NEWER_NODE} as well`, async function () {
    const executable = await fetchNewerNode(join(tmpdir(), `vostro-node-${NEWER_NODE}`));
    if (executable === undefined) {
      process.stderr.write(
        `      Node.js ${NEWER_NODE} is not in the registry's reach: this one comparison is left out\n`,
      );
      return this.skip();
    }
    const [main] = VARIANTS;
    const result = await runVariant(repositoryRoot(), executable, main ?? expect.fail('no variant'), slice);
    if (result === undefined) expect.fail('it did not run');
    results.push(result);
    expect(result.node).to.equal(NEWER_NODE);
    expect(disagreements(results)).to.deep.equal([]);
  });

  it('would be told apart by one unit of fuel', () => {
    const [first] = results;
    if (first === undefined) expect.fail('nothing ran');
    const parts = first.parts.map((part, index) => (index === 0 ? { ...part, digest: 'another' } : part));
    expect(disagreements([first, { ...first, variant: 'another', parts }])).to.have.length(1);
    const unlike = first.parts.map((part) => ({ ...part, differences: ['seed 1'] }));
    expect(disagreements([{ ...first, parts: unlike }])).to.have.length(5);
  });
});
