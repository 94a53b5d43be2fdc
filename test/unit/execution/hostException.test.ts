import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import type { Block, DecodedTransaction } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { labCall, labContract } from '../../support/labContract.js';

const VALUE = Uint8Array.of(1);

/** Deeper than any stack. */
function overflow(depth: number): number {
  return 1 + overflow(depth + 1);
}

/** A contract that breaks the executor where it is told to, and works elsewhere. */
function poison() {
  const breaks = { now: false };
  const explode = () => {
    if (breaks.now) overflow(0);
  };
  const contract = labContract('poison', {
    write: (host) => {
      host.put('written', VALUE);
      explode();
    },
    attempt: (host) => {
      host.attempt(() => {
        host.put('attempted', VALUE);
        explode();
      });
    },
    swallow: (host) => {
      try {
        host.call('victim', 'write', VALUE);
      } catch {
        host.put('swallowed', VALUE);
      }
    },
  });
  const victim = labContract('victim', {
    write: (host) => {
      host.put('written', VALUE);
      explode();
    },
  });
  return { breaks, contracts: [contract, victim] };
}

// PROTOCOL §Running a transaction R3.
describe('an exception of the host', () => {
  const { breaks, contracts } = poison();
  let network: ExecutionNetwork;
  let chain: TestChain;
  let poisonous: DecodedTransaction;
  let good: DecodedTransaction;
  /** A block with the poisonous transaction, built where it does no harm. */
  let block: Block;
  beforeEach(async () => {
    breaks.now = false;
    network = await ExecutionNetwork.create({ contracts });
    chain = await network.funded('one');
    poisonous = network.transaction([labCall('poison', 'write')]);
    good = network.payment('P-1');
    block = (await chain.build([good, poisonous])).block;
    await network.stop(chain.executor);
    chain = new TestChain(network, await network.started('one'));
    breaks.now = true;
  });
  afterEach(() => network.remove());

  for (const method of ['write', 'attempt', 'swallow']) {
    it(`keeps its transaction out of a block that is built, and no other (${method})`, async () => {
      const bad = network.transaction([labCall('poison', method)]);
      const after = network.payment('P-2');
      const { block: built, leftOut } = await chain.build([good, bad, after]);
      expect(leftOut).to.deep.equal([{ id: bad.id, code: 'HOST_EXCEPTION', retry: false }]);
      expect(built.transactions).to.deep.equal([good.bytes, after.bytes]);
      const clean = (await chain.build([good, after])).block;
      expect(built.header).to.deep.equal(clean.header);
    });
  }

  it('refuses an undecided block, names the transaction, and leaves the executor as it was', async () => {
    const before = (await chain.build([good])).block.header;
    const refusal = await chain.refusal(block);
    expect(refusal.code).to.equal('HOST_EXCEPTION');
    expect(toHex(refusal.transactionId ?? VALUE)).to.equal(toHex(poisonous.id));
    expect((await chain.build([good])).block.header).to.deep.equal(before);
    expect(network.fatal).to.deep.equal([]);
    breaks.now = false;
    expect(await chain.executor.execute(block)).to.deep.equal({ valid: true });
  });

  it('stops the node on a decided block', async () => {
    const error = await chain.commit(block).catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'DECIDED_BLOCK_INVALID' });
    expect(network.fatal).to.deep.equal([error]);
    const later = await chain.executor.blockHash(0).catch((caught: unknown) => caught);
    expect(later).to.include({ code: 'EXECUTOR_NOT_RUNNING' });
  });

  it('gives up on a build that meets one after the other, and builds an empty block', async () => {
    const bad = Array.from({ length: 12 }, () => network.transaction([labCall('poison', 'write')]));
    const { block: built, leftOut } = await chain.build([...bad, good]);
    expect(built.transactions).to.deep.equal([]);
    expect(leftOut).to.have.length(9);
  });

  it('breaks a view alone', async () => {
    const view = await chain.executor.view('poison', 'swallow', VALUE).catch((caught: unknown) => caught);
    expect(view).to.include({ code: 'READ_ONLY' });
    expect(network.fatal).to.deep.equal([]);
  });
});
