import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { headerHash } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import { utf8Encode } from '../../../primitives/text.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';

const PROGRAM = fileURLToPath(new URL('../../support/committingProcess.js', import.meta.url));

/** Runs until it has said that so many heights are on disk, then kills it in the middle of its work. */
async function killAfter(directory: string, commits: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  let killed = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (!killed && said.split('\n').length > commits) killed = child.kill('SIGKILL');
  });
  await once(child, 'close');
  return Number(said.trim().split('\n').at(-1));
}

describe('a killed executor', function () {
  this.timeout(30_000);

  it('has every height that it said it had, whole, and goes on from there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vostro-kill-'));
    try {
      for (const commits of [1, 3]) {
        const said = await killAfter(directory, commits);
        const network = ExecutionNetwork.in(directory);
        const chain = new TestChain(network, await network.started('chain'));
        expect(chain.height).to.be.within(said, said + 1);
        const blocks = await chain.executor.blocks(1, chain.height, 10_000_000);
        expect(blocks.map(({ block }) => block.header.height)).to.have.length(chain.height);
        const last = blocks.at(-1)?.block ?? expect.fail('expected blocks');
        expect(toHex(headerHash(last.header))).to.equal(toHex(chain.executor.head().blockHash));
        const replayed = new TestChain(network, await network.started(`replay-${commits}`));
        for (const { block, certificate } of blocks) await replayed.executor.commit(block, certificate);
        expect(replayed.executor.head()).to.deep.equal(chain.executor.head());
        const reference = utf8Encode(`after ${commits}`);
        await chain.settle([network.payment(`after-${commits}`, { reference })]);
        expect(await chain.balance(ACCOUNTS.beta)).to.equal((await replayed.balance(ACCOUNTS.beta)) + 10n);
        await network.stop(chain.executor);
        await network.stop(replayed.executor);
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
