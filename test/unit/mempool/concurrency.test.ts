import { expect } from 'chai';
import { Bank, idOf, START_MS } from '../../support/mempool/bank.js';
import { TestMempool } from '../../support/mempool/testMempool.js';

const ALPHA = new Bank('ALPHDEFF');

/** A gate that others wait at until it is opened. */
function gate(): { readonly wait: () => Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { wait: () => opened, open };
}

/** Lets everything run that waits for nothing but its turn. */
function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('admissions at the same time', () => {
  let node: TestMempool;

  beforeEach(() => {
    node = new TestMempool([ALPHA]);
  });

  it('of the same bytes are checked once: one is accepted, the others are known', async () => {
    const bytes = ALPHA.pretended('x');
    const outcomes = await Promise.all([1, 2, 3].map(() => node.outcome(bytes)));
    expect(outcomes.sort()).to.deep.equal(['accepted', 'known', 'known']);
    expect(node.verifier.asked).to.have.length(1);
    expect(node.relayed).to.have.length(1);
  });

  it('of batches that hold the same bytes check each once, and a fault of it is told to all', async () => {
    const [good, forged] = [ALPHA.pretended('good'), ALPHA.pretended('forged', {}, 255)];
    const outcomesOf = async (...batch: Uint8Array[]) => {
      const results = await node.mempool.admitMany(batch);
      return results.map((result) => ('error' in result ? result.error.code : result.status));
    };
    const outcomes = await Promise.all([
      outcomesOf(good, forged, ALPHA.pretended('only here')),
      outcomesOf(forged, ALPHA.pretended('there'), good, ALPHA.pretended('there')),
    ]);
    expect(outcomes).to.deep.equal([
      ['accepted', 'SIGNATURE_INVALID', 'accepted'],
      ['SIGNATURE_INVALID', 'accepted', 'known', 'known'],
    ]);
    expect(node.verifier.asked.map(({ checks }) => checks)).to.deep.equal([3, 1]);
    expect(await outcomesOf(good, forged), 'nothing is under way for ever').to.deep.equal([
      'known',
      'SIGNATURE_INVALID',
    ]);
  });

  it('of what breaks a batch before it is checked leave nothing under way', async () => {
    let reads = 0;
    const broken = {
      get length(): number {
        if (reads++ > 0) throw new TypeError('a bug');
        return 1;
      },
    } as Uint8Array;
    const good = ALPHA.pretended('good');
    const fault = await node.mempool.admitMany([good, broken]).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(TypeError).with.property('message', 'a bug');
    expect(await node.outcome(good)).to.equal('accepted');
  });

  it('of one body under two signings and of two bodies under one reference, in one batch, keep the first', async () => {
    const batch = [1, 2].map((variant) => ALPHA.pretended('x', {}, variant));
    const results = await node.mempool.admitMany([...batch, ALPHA.pretended('x', { expiresAt: START_MS + 9 })]);
    const outcomes = results.map((result) => ('error' in result ? result.error.code : result.status));
    expect(outcomes).to.deep.equal(['accepted', 'known', 'REFERENCE_CONFLICT']);
    expect(node.candidateIds()).to.deep.equal([idOf(ALPHA.body('x'))]);
  });

  it('let the first of a large batch in before the last is checked', async () => {
    const batch = Array.from({ length: 600 }, (_, i) => ALPHA.pretended(`r${i}`));
    const { wait, open } = gate();
    node.verifier.beforeAnswer = () => (node.verifier.asked.length > 2 ? wait() : Promise.resolve());
    const admitted = node.mempool.admitMany(batch);
    await turns();
    expect(node.mempool.size).to.equal(512);
    open();
    expect((await admitted).length).to.equal(600);
    expect(node.mempool.size).to.equal(600);
    expect(node.relays).to.equal(3);
  });

  it('of two signings of one body keep one of them', async () => {
    const outcomes = await Promise.all([1, 2].map((variant) => node.outcome(ALPHA.pretended('x', {}, variant))));
    expect(outcomes.sort()).to.deep.equal(['accepted', 'known']);
    expect(node.mempool.size).to.equal(1);
  });

  it('of two bodies under one reference keep one and name it to the other', async () => {
    const outcomes = await Promise.all(
      [1, 2].map((i) => node.outcome(ALPHA.pretended('x', { expiresAt: START_MS + i }))),
    );
    expect(outcomes.sort()).to.deep.equal(['REFERENCE_CONFLICT', 'accepted']);
    expect(node.mempool.size).to.equal(1);
  });

  it('of a body with a forged signature never stand in the way of the true one', async () => {
    const outcomes = await Promise.all([
      node.outcome(ALPHA.pretended('x', {}, 255)),
      node.outcome(ALPHA.pretended('x', {}, 1)),
      node.outcome(ALPHA.pretended('x', { expiresAt: START_MS + 9 }, 255)),
    ]);
    expect(outcomes).to.deep.equal(['SIGNATURE_INVALID', 'accepted', 'SIGNATURE_INVALID']);
  });

  it('with a block that includes it meanwhile end as known, and with another body as a conflict', async () => {
    for (const [reference, outcome] of [
      ['same', 'known'],
      ['other', 'REFERENCE_CONFLICT'],
    ] as const) {
      const { wait, open } = gate();
      node.verifier.beforeAnswer = wait;
      const submitted = node.outcome(ALPHA.pretended(reference));
      await turns();
      node.commit([ALPHA.body(reference, outcome === 'known' ? {} : { expiresAt: START_MS + 7 })]);
      open();
      expect(await submitted).to.equal(outcome);
    }
    expect(node.mempool.size).to.equal(0);
  });

  it('with a block while the owner of the reference is asked for believe no answer from before it', async () => {
    const { wait, open } = gate();
    node.beforeOwnerAnswer = wait;
    const submitted = node.outcome(ALPHA.pretended('x'));
    await turns();
    open();
    await turns();
    expect(await submitted).to.equal('accepted');

    const second = gate();
    const third = gate();
    let calls = 0;
    node.beforeOwnerAnswer = () => (++calls === 1 ? Promise.resolve() : calls === 2 ? second.wait() : third.wait());
    const raced = node.outcome(ALPHA.pretended('y'));
    await turns();
    // The answer, that the reference is free, is on its way while the block that uses it is committed.
    node.commit([ALPHA.body('y')]);
    second.open();
    await turns();
    third.open();
    expect(await raced).to.equal('known');
    expect(node.candidateIds()).to.deep.equal([idOf(ALPHA.body('x'))]);
  });

  it('look at the time again when signatures took long', async () => {
    const { wait, open } = gate();
    node.verifier.beforeAnswer = wait;
    const submitted = node.outcome(ALPHA.pretended('x', { expiresAt: START_MS + 1_000 }));
    await turns();
    node.nowMs = START_MS + 2_000;
    open();
    expect(await submitted).to.equal('TRANSACTION_EXPIRED');
  });

  it('share the room that is left: never more is kept than there is', async () => {
    node = new TestMempool([ALPHA], { limits: { maxTransactions: 10, maxBytes: 1_000_000 } });
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => node.outcome(ALPHA.pretended(`r${i}`))));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).to.have.length(10);
    expect(outcomes.filter((outcome) => outcome === 'MEMPOOL_FULL')).to.have.length(10);
    expect(node.mempool.size).to.equal(10);
  });
});
