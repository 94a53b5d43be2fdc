import { expect } from 'chai';
import { Bank, commitResult, idOf, leafOf, QUOTA_WINDOW_MS, START_MS, WINDOW_MS } from '../../support/mempool/bank.js';
import { TestMempool } from '../../support/mempool/testMempool.js';

const ALPHA = new Bank('ALPHDEFF');
const BETA = new Bank('BETADEFF');
const GAMMA = new Bank('GAMMDEFF');

describe('what waits in the mempool', () => {
  let node: TestMempool;

  beforeEach(() => {
    node = new TestMempool([ALPHA, BETA, GAMMA]);
  });

  const submit = async (bank: Bank, ...references: readonly string[]): Promise<void> => {
    for (const reference of references) expect(await node.outcome(bank.pretended(reference))).to.equal('accepted');
  };
  const ids = (...list: readonly (readonly [Bank, string])[]) => list.map(([bank, ref]) => idOf(bank.body(ref)));

  describe('is offered', () => {
    it('member by member in turn, each first in, first out, however much one of them sent', async () => {
      await submit(ALPHA, ...Array.from({ length: 50 }, (_, i) => `a${i}`));
      await submit(BETA, 'b0', 'b1');
      await submit(GAMMA, 'c0');
      expect(node.candidateIds(6)).to.deep.equal(
        ids([ALPHA, 'a0'], [BETA, 'b0'], [GAMMA, 'c0'], [ALPHA, 'a1'], [BETA, 'b1'], [ALPHA, 'a2']),
      );
    });

    it('with another member first each time', async () => {
      for (const bank of [ALPHA, BETA, GAMMA]) await submit(bank, 'r');
      const first = [1, 2, 3, 4].map(() => node.candidateIds(1)[0]);
      expect(first).to.deep.equal(ids([ALPHA, 'r'], [BETA, 'r'], [GAMMA, 'r'], [ALPHA, 'r']));
    });

    it('within the bounds of number and bytes, and never a later one of a member for an earlier one', async () => {
      const large = { calls: [{ contract: 'c', method: 'm', args: new Uint8Array(5_000) }] };
      await node.outcome(ALPHA.pretended('large', large));
      await submit(ALPHA, 'small');
      await submit(BETA, 'b0', 'b1');
      // The first one whatever its size, so that none is too large for ever; nothing fits beside it.
      expect(node.candidateIds(10, 1_000)).to.have.length(1);
      expect(node.candidateIds(10, 1_000)).to.deep.equal(ids([BETA, 'b0'], [BETA, 'b1']));
      expect(node.candidateIds(10, 100_000)).to.have.length(4);
      expect(node.candidateIds(0)).to.deep.equal([]);
    });

    it('until it is included: under its id, or under its reference', async () => {
      await submit(ALPHA, 'a0', 'a1', 'a2');
      node.commit([ALPHA.body('a0'), ALPHA.body('a1', { expiresAt: START_MS + 77 })]);
      expect(node.candidateIds()).to.deep.equal(ids([ALPHA, 'a2']));
      const dropped = (reason: string) => node.metrics.value('vostro_mempool_dropped_total', { reason });
      expect([dropped('included'), dropped('reference_used')]).to.deep.equal([1, 1]);
    });

    it('until consensus time passes its expiry', async () => {
      await node.outcome(ALPHA.pretended('soon', { expiresAt: START_MS + 1_000 }));
      await node.outcome(ALPHA.pretended('same second', { expiresAt: START_MS + 1_400 }));
      node.commit([], START_MS + 999);
      expect(node.mempool.size).to.equal(2);
      node.commit([], START_MS + 1_000);
      expect(node.candidateIds()).to.deep.equal([idOf(ALPHA.body('same second', { expiresAt: START_MS + 1_400 }))]);
      node.commit([], START_MS + 60_000);
      expect([node.mempool.size, node.mempool.sizeBytes]).to.deep.equal([0, 0]);
    });

    it('until a builder says that it can never be included', async () => {
      await submit(ALPHA, 'a0', 'a1', 'a2');
      const [first, second] = node.candidates(2, 10_000);
      if (first === undefined || second === undefined) return expect.fail('two were to be offered');
      node.mempool.reject([
        { id: first.id, code: 'POLICY_NOT_MET', retry: false },
        { id: second.id, code: 'BLOCK_TOO_LARGE', retry: true },
        { id: new Uint8Array(32), code: 'TRANSACTION_MALFORMED', retry: false },
      ]);
      expect(node.candidateIds()).to.deep.equal(ids([ALPHA, 'a1'], [ALPHA, 'a2']));
    });

    it('not while the quota of its member is used up, and again in the next window', async () => {
      await submit(ALPHA, 'a0', 'a1');
      await submit(BETA, 'b0');
      const [first] = node.candidates(1, 10_000);
      if (first === undefined) return expect.fail('one was to be offered');
      node.mempool.reject([{ id: first.id, code: 'QUOTA_EXCEEDED', retry: true }]);
      expect(node.candidateIds()).to.deep.equal(ids([BETA, 'b0']));
      node.commit([BETA.body('b0')]);
      expect(node.pending, 'nothing that waits may be included').to.deep.equal([true, false]);
      expect(node.mempool.size).to.equal(2);
      node.nowMs = (Math.floor(START_MS / QUOTA_WINDOW_MS) + 1) * QUOTA_WINDOW_MS;
      node.commit([], node.nowMs - 1);
      expect(node.pending).to.deep.equal([true, false, true]);
      expect(node.candidateIds()).to.deep.equal(ids([ALPHA, 'a0'], [ALPHA, 'a1']));
    });
  });

  it('wakes consensus with the first and lets it rest after the last, and says nothing in between', async () => {
    await submit(ALPHA, 'a0', 'a1');
    node.commit([ALPHA.body('a0')]);
    expect(node.pending).to.deep.equal([true]);
    node.commit([ALPHA.body('a1')]);
    await submit(BETA, 'b0');
    expect(node.pending).to.deep.equal([true, false, true]);
  });

  it('is found by the hash of its signed bytes', async () => {
    const bytes = ALPHA.pretended('x');
    await node.outcome(bytes);
    expect(node.mempool.byLeafHash(leafOf(bytes))?.bytes).to.deep.equal(bytes);
    expect(node.mempool.byLeafHash(leafOf(ALPHA.pretended('x', {}, 2)))).to.equal(undefined);
  });

  describe('has room', () => {
    it('for each member’s share, whatever the others fill', async () => {
      node = new TestMempool([ALPHA, BETA], { limits: { maxTransactions: 8, maxBytes: 1_000_000 } });
      await submit(ALPHA, 'a0', 'a1', 'a2', 'a3', 'a4', 'a5');
      expect(await node.outcome(ALPHA.pretended('a6'))).to.equal('MEMPOOL_FULL');
      await submit(BETA, 'b0', 'b1');
      expect(await node.outcome(BETA.pretended('b2'))).to.equal('MEMPOOL_FULL');
      node.commit([ALPHA.body('a0')]);
      await submit(BETA, 'b2');
      expect(await node.outcome(ALPHA.pretended('a6'))).to.equal('MEMPOOL_FULL');
      expect(node.mempool.size).to.equal(8);
    });

    it('in bytes as in number', async () => {
      node = new TestMempool([ALPHA, BETA], { limits: { maxTransactions: 1_000, maxBytes: 80_000 } });
      const large = { calls: [{ contract: 'c', method: 'm', args: new Uint8Array(9_000) }] };
      const outcomes: string[] = [];
      for (let i = 0; i < 7; i++) outcomes.push(await node.outcome(ALPHA.pretended(`a${i}`, large)));
      expect(outcomes.filter((outcome) => outcome === 'accepted')).to.have.length(5);
      expect(await node.outcome(BETA.pretended('b0', large))).to.equal('accepted');
      expect(await node.outcome(ALPHA.pretended('tiny')), 'it needs less').to.equal('accepted');
      expect(await node.outcome(ALPHA.pretended('a7', large))).to.equal('MEMPOOL_FULL');
    });
  });

  describe('knows the references of the last window', () => {
    it('by asking who knows until it has seen a whole one, then only when one may be used', async () => {
      await submit(ALPHA, 'before');
      expect(node.questions).to.be.greaterThan(0);
      node.commit([ALPHA.body('before')]);
      node.warmUp();
      node.questions = 0;
      const later = { expiresAt: node.nowMs + 60_000 };
      expect(await node.outcome(ALPHA.pretended('fresh', later))).to.equal('accepted');
      expect(node.questions).to.equal(0);
      node.commit([ALPHA.body('fresh', later)]);
      expect(await node.outcome(ALPHA.pretended('fresh', later))).to.equal('known');
      expect(node.questions).to.equal(1);
    });

    it('by asking nobody where it saw the chain begin', async () => {
      const { head, ...genesis } = commitResult(START_MS);
      node.mempool.onCommitted({ ...genesis, head: { ...head, header: { ...head.header, height: 0 } } });
      await submit(ALPHA, 'first');
      expect(node.questions).to.equal(0);
      node.commit([ALPHA.body('first')]);
      expect(await node.outcome(ALPHA.pretended('first'))).to.equal('known');
      expect(node.questions).to.equal(1);
    });

    it('and no longer: a reference is free when its window has passed', async () => {
      node.warmUp();
      const first = ALPHA.body('r', { expiresAt: node.nowMs + 1_000 });
      node.commit([first]);
      node.owners.clear();
      node.nowMs += WINDOW_MS;
      node.commit([]);
      node.questions = 0;
      await node.outcome(ALPHA.pretended('r', { expiresAt: node.nowMs + 60_000 }));
      expect(node.questions, 'still in the window').to.be.greaterThan(0);
      node.mempool.reject(node.candidates(10, 10_000).map(({ id }) => ({ id, code: 'POLICY_NOT_MET' })));
      node.nowMs += WINDOW_MS / 4;
      node.commit([]);
      node.questions = 0;
      expect(await node.outcome(ALPHA.pretended('r', { expiresAt: node.nowMs + 60_000 }))).to.equal('accepted');
      expect(node.questions).to.equal(0);
    });
  });

  describe('is not checked again in a proposed block', () => {
    const unseen = (): Uint8Array[] => [BETA.pretended('b0'), GAMMA.pretended('c0')];

    it('but what it has not seen is, once, ahead of everything else', async () => {
      const known = ALPHA.pretended('a0');
      await node.outcome(known);
      const block = [known, ...unseen()];
      node.verifier.asked.length = 0;
      expect(await node.verify(...block)).to.equal(undefined);
      expect(node.verifier.asked).to.deep.equal([{ checks: 2, priority: 'urgent' }]);
      expect(await node.verify(...block)).to.equal(undefined);
      expect(node.verifier.asked).to.have.length(1);
      expect(await node.outcome(BETA.pretended('b0'))).to.equal('accepted');
      expect(node.verifier.asked, 'nor at the door').to.have.length(1);
    });

    it('nor when it was included from here in the meantime', async () => {
      await submit(ALPHA, 'a0');
      const [candidate] = node.candidates(1, 10_000);
      node.commit([ALPHA.body('a0')]);
      node.verifier.asked.length = 0;
      if (candidate !== undefined) await node.verify(candidate.bytes);
      expect(node.verifier.asked).to.deep.equal([]);
    });

    it('and the first fault of the others is named', async () => {
      const fault = async (...block: Uint8Array[]) => (await node.verify(...block))?.code;
      const forged = BETA.pretended('b1', {}, 255);
      expect(await node.verify(...unseen(), forged)).to.deep.include({ code: 'SIGNATURE_INVALID' });
      expect((await node.verify(...unseen(), forged))?.message).to.contain('position 2');
      expect(await fault(forged), 'a forged one is never remembered as good').to.equal('SIGNATURE_INVALID');
      expect(await fault(new Uint8Array(3))).to.equal('TRANSACTION_MALFORMED');
      expect(await fault(new Bank('NOBODEFF').pretended('n'))).to.equal('SIGNER_UNKNOWN');
      expect(await fault()).to.equal(undefined);
    });

    it('and a variant of what waits is checked for itself', async () => {
      await node.outcome(ALPHA.pretended('a0', {}, 1));
      const fault = await node.verify(ALPHA.pretended('a0', {}, 255));
      expect(fault?.code).to.equal('SIGNATURE_INVALID');
      expect(await node.verify(ALPHA.pretended('a0', {}, 2))).to.equal(undefined);
    });
  });
});
