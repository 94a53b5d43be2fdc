import { expect } from 'chai';
import fc from 'fast-check';
import { RecentReferences } from '../../../node/mempool/recentReferences.js';
import { toHex } from '../../../primitives/bytes.js';
import type { DecodedTransaction, TransactionBody } from '../../../primitives/types.js';
import { Bank, START_MS, WINDOW_MS } from '../../support/mempool/bank.js';
import { TestMempool } from '../../support/mempool/testMempool.js';

const BANKS = ['ALPHDEFF', 'BETADEFF', 'GAMMDEFF'].map((member) => new Bank(member));
const LIMITS = { maxTransactions: 12, maxBytes: 18_000 };

interface Submission {
  readonly bank: number;
  readonly reference: number;
  /** Distinguishes bodies under one reference. */
  readonly expiresIn: number;
  readonly variant: number;
  readonly size: number;
}

const submission: fc.Arbitrary<Submission> = fc.record({
  bank: fc.nat(2),
  reference: fc.nat(5),
  expiresIn: fc.constantFrom(500, 2_000, 30_000),
  variant: fc.constantFrom(1, 2, 255),
  size: fc.constantFrom(1, 300),
});

type Step =
  | { readonly kind: 'submit'; readonly isRelayed: boolean; readonly submissions: readonly Submission[] }
  | { readonly kind: 'commit'; readonly take: number; readonly others: readonly Submission[]; readonly passMs: number }
  | { readonly kind: 'reject'; readonly take: number; readonly code: string; readonly retry: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    isRelayed: fc.boolean(),
    submissions: fc.array(submission, { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('commit' as const),
    take: fc.nat(4),
    others: fc.array(submission, { maxLength: 2 }),
    passMs: fc.constantFrom(1, 700, 40_000),
  }),
  fc.record({
    kind: fc.constant('reject' as const),
    take: fc.nat(2),
    code: fc.constantFrom('POLICY_NOT_MET', 'QUOTA_EXCEEDED', 'BLOCK_FUEL_EXCEEDED'),
    retry: fc.boolean(),
  }),
);

function bodyOf({ bank, reference, expiresIn, size }: Submission, epochMs: number): TransactionBody {
  const calls = [{ contract: 'c', method: 'm', args: new Uint8Array(size) }];
  return (BANKS[bank] as Bank).body(`r${reference}`, { expiresAt: epochMs + expiresIn, calls });
}

/** What must hold after every step, looked at from outside. */
function checkInvariants(node: TestMempool): void {
  const { mempool } = node;
  node.nowMs += 1_000_000_000;
  const waiting = node.candidates(10_000, 1_000_000_000);
  node.nowMs -= 1_000_000_000;
  const unique = (key: (transaction: DecodedTransaction) => string) => new Set(waiting.map(key)).size;
  expect(mempool.size, 'everything that waits is offered').to.equal(waiting.length);
  expect(mempool.sizeBytes).to.equal(waiting.reduce((sum, { bytes }) => sum + bytes.length, 0));
  expect(mempool.size).to.be.at.most(LIMITS.maxTransactions);
  expect(mempool.sizeBytes).to.be.at.most(LIMITS.maxBytes);
  expect(
    unique(({ id }) => toHex(id)),
    'ids',
  ).to.equal(waiting.length);
  expect(
    unique(({ body }) => body.sender + toHex(body.reference)),
    'references',
  ).to.equal(waiting.length);
  for (const transaction of waiting) {
    expect(mempool.byLeafHash(transaction.leafHash)).to.equal(transaction);
    expect(transaction.signatures[0]?.signature[0], 'no forged one is ever kept').not.to.equal(255);
    const owner = node.owners.get(transaction.body.sender + toHex(transaction.body.reference));
    expect(owner, 'none whose reference a block used').to.equal(undefined);
  }
  const alternating = node.pending.every((value, i) => value === (i % 2 === 0));
  expect(alternating, 'consensus is woken and let go in turn').to.equal(true);
}

async function run(node: TestMempool, one: Step, epochMs: number): Promise<void> {
  const { mempool } = node;
  if (one.kind === 'submit') {
    const all = one.submissions.map((each) => {
      const { expiresAt, calls } = bodyOf(each, epochMs);
      return (BANKS[each.bank] as Bank).pretended(`r${each.reference}`, { expiresAt, calls }, each.variant);
    });
    if (one.isRelayed) await mempool.admitRelayed(all, 'peer');
    else await Promise.all(all.map((bytes) => node.outcome(bytes)));
  } else if (one.kind === 'commit') {
    const bodies = [
      ...node.candidates(one.take, 1_000_000).map(({ body }) => body),
      ...one.others.map((other) => bodyOf(other, epochMs)),
    ];
    const references = bodies.map(({ sender, reference }) => sender + toHex(reference));
    const isFirst = (i: number) =>
      references.indexOf(references[i] ?? '') === i && !node.owners.has(references[i] ?? '');
    node.nowMs += one.passMs;
    node.commit(bodies.filter((_, i) => isFirst(i)));
  } else {
    const { code, retry } = one;
    mempool.reject(node.candidates(one.take, 1_000_000).map(({ id }) => ({ id, code, retry })));
  }
}

describe('the mempool, whatever happens to it', () => {
  it('never holds two with one id or reference, nor one that cannot be included, and its sizes are what it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const node = new TestMempool(BANKS, { limits: LIMITS });
        for (const one of steps) {
          await run(node, one, START_MS);
          checkInvariants(node);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is empty when everything was included or has expired', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        const node = new TestMempool(BANKS, { limits: LIMITS });
        for (const one of steps) await run(node, one, START_MS);
        node.nowMs = START_MS + WINDOW_MS;
        node.commit([]);
        expect([node.mempool.size, node.mempool.sizeBytes]).to.deep.equal([0, 0]);
        expect(node.candidateIds()).to.deep.equal([]);
        expect(node.pending.at(-1) ?? false).to.equal(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the references of the last window', () => {
  it('are never called free while a block of the window uses them', () => {
    const blocks = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(3_000), { maxLength: 40 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(blocks, fc.integer(), (list, seed) => {
        const windowMs = 1_000;
        const recent = new RecentReferences(windowMs, seed);
        const usedAtMs = new Map<string, number>();
        let nowMs = 0;
        for (const [passMs, references] of list) {
          nowMs += passMs;
          const keys = references.map((reference) => `reference ${reference}`);
          recent.addBlock(nowMs, keys);
          for (const key of keys) usedAtMs.set(key, nowMs);
          for (const [key, atMs] of usedAtMs) {
            if (nowMs <= atMs + windowMs) expect(recent.mayHold(key), key).to.equal(true);
          }
        }
      }),
    );
  });

  it('are told from others, tens of thousands of them, and forgotten after their window', () => {
    const recent = new RecentReferences(1_000, 5);
    recent.addBlock(1, []);
    for (let at = 2_000; at < 2_050; at++) {
      recent.addBlock(
        at,
        Array.from({ length: 1_000 }, (_, i) => `used ${at} ${i}`),
      );
    }
    const count = (prefix: string) =>
      Array.from({ length: 50_000 }, (_, i) =>
        recent.mayHold(`${prefix} ${2_000 + Math.floor(i / 1_000)} ${i % 1_000}`),
      ).filter(Boolean).length;
    expect(count('used')).to.equal(50_000);
    expect(count('free')).to.equal(0);
    recent.addBlock(3_200, []);
    expect(count('used')).to.equal(0);
  });
});
