import { expect } from 'chai';
import fc from 'fast-check';
import { type HeldRange, type Question, SyncPlan, type SyncPlanOptions } from '../../../node/engine/syncPlan.js';

const SEED = { seed: 20_260_101, numRuns: 300 };
const ANSWER_BYTES = 100;
const OPTIONS: SyncPlanOptions = {
  rangeBlocks: 8,
  answerBytes: ANSWER_BYTES,
  maxQuestions: 4,
  maxRanges: 6,
  maxBytes: 600,
  hedgeMs: 1_000,
  requestsPerPeer: 2,
  attempts: 4,
  retryMs: 100,
  retryCapMs: 800,
  liarMs: 10_000,
  liarCapMs: 100_000,
};
const CHAIN_LENGTH = 150;
/** What an answer that never comes is given up after. */
const TIMEOUT_MS = 5_000;

/** What a peer does with a question. */
type Conduct = 'answers' | 'answers briefly' | 'lies' | 'stalls' | 'refuses' | 'has nothing';
const CONDUCTS: readonly Conduct[] = ['answers', 'answers briefly', 'lies', 'stalls', 'refuses', 'has nothing'];

interface Peer {
  /** One after the other, from the start again. */
  readonly conducts: readonly Conduct[];
  readonly claim: number;
  readonly delayMs: number;
}

const faultyPeer: fc.Arbitrary<Peer> = fc.record({
  conducts: fc.array(fc.constantFrom(...CONDUCTS), { minLength: 1, maxLength: 5 }),
  claim: fc.oneof(fc.nat(CHAIN_LENGTH), fc.nat(2 ** 40)),
  delayMs: fc.integer({ min: 1, max: 3_000 }),
});
const honestPeer: fc.Arbitrary<Peer> = fc.record({
  conducts: fc.constant(['answers'] as const),
  claim: fc.constant(CHAIN_LENGTH),
  delayMs: fc.integer({ min: 1, max: 3_000 }),
});

/** An answer as the plan knows it: which heights, and whether they would be proven. */
interface Answer {
  readonly isTrue: boolean;
}

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

/** Runs a plan in virtual time against peers; a range is proven and committed some time after it is taken. */
class Run {
  readonly plan = new SyncPlan<Answer>(OPTIONS, 1);
  readonly committed: number[] = [];
  readonly asked = new Map<string, number>();
  maxBytes = 0;
  maxQuestions = 0;
  nowMs = 0;
  private readonly events: Event[] = [];
  private open = 0;
  private isProving = false;
  private height = 0;

  constructor(private readonly peers: ReadonlyMap<string, Peer>) {}

  /** Until the chain is there, or so much time has passed. @returns the height that was reached */
  run(limitMs: number): number {
    this.repeatClaims();
    this.go();
    while (this.height < CHAIN_LENGTH && this.nowMs < limitMs) {
      const next = this.events.sort((a, b) => a.atMs - b.atMs).shift();
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      this.go();
    }
    return this.height;
  }

  private at(delayMs: number, run: () => void): void {
    this.events.push({ atMs: this.nowMs + delayMs, run });
  }

  /** As consensus messages and announcements do. */
  private repeatClaims(): void {
    for (const [peerId, { claim }] of this.peers) this.plan.peers.claim(peerId, claim, this.nowMs);
    this.at(700, () => this.repeatClaims());
  }

  private go(): void {
    this.plan.advance(this.height);
    for (const question of this.plan.ask(this.nowMs)) this.answer(question);
    this.maxBytes = Math.max(this.maxBytes, this.plan.bytes);
    this.maxQuestions = Math.max(this.maxQuestions, this.open);
    const lookMs = this.plan.nextLookMs(this.nowMs);
    if (lookMs !== undefined) this.at(lookMs - this.nowMs, () => undefined);
    if (!this.isProving) this.prove();
  }

  private answer({ id, peerId, fromHeight, count }: Question): void {
    const { conducts, delayMs } = this.peers.get(peerId) as Peer;
    const turn = this.asked.get(peerId) ?? 0;
    this.asked.set(peerId, turn + 1);
    const conduct = conducts[turn % conducts.length] as Conduct;
    const has = Math.min(count, CHAIN_LENGTH - fromHeight + 1);
    const given = conduct === 'answers briefly' ? 1 : has;
    this.open++;
    const end = (run: () => void) => () => {
      this.open--;
      run();
    };
    if (conduct === 'stalls') {
      this.at(
        TIMEOUT_MS,
        end(() => this.plan.failed(id, 'unavailable', this.nowMs)),
      );
    } else if (conduct === 'refuses') {
      this.at(
        delayMs,
        end(() => this.plan.failed(id, 'unavailable', this.nowMs)),
      );
    } else if (conduct === 'lies') {
      const size = { count, bytes: ANSWER_BYTES };
      this.at(
        delayMs,
        end(() => this.plan.answered(id, { isTrue: false }, size, this.nowMs)),
      );
    } else if (conduct === 'has nothing' || has <= 0) {
      this.at(
        delayMs,
        end(() => this.plan.failed(id, 'absent', this.nowMs)),
      );
    } else {
      const size = { count: given, bytes: Math.min(ANSWER_BYTES, 10 * given) };
      this.at(
        delayMs,
        end(() => this.plan.answered(id, { isTrue: true }, size, this.nowMs)),
      );
    }
  }

  private prove(): void {
    const range = this.plan.take();
    if (range === undefined) return;
    this.isProving = true;
    this.at(5, () => {
      this.isProving = false;
      if (range.answer.isTrue) this.at(20, () => this.commit(range));
      else this.plan.reject(range, range.fromHeight, 'lie', this.nowMs);
    });
  }

  private commit(range: HeldRange<Answer>): void {
    for (let height = range.fromHeight; height < range.fromHeight + range.count; height++) this.committed.push(height);
    this.height = Math.max(this.height, range.fromHeight + range.count - 1);
    this.plan.release(range);
  }
}

describe('the plan of what to fetch from whom (property)', () => {
  it('gets every block, each once and in order, while one honest peer answers, within its bounds', () => {
    fc.assert(
      fc.property(fc.array(faultyPeer, { maxLength: 5 }), honestPeer, (faulty, honest) => {
        const peers = new Map([...faulty.map((peer, index) => [`faulty ${index}`, peer] as const), ['honest', honest]]);
        const run = new Run(peers);
        expect(run.run(3_600_000)).to.equal(CHAIN_LENGTH);
        expect(run.committed).to.deep.equal(Array.from({ length: CHAIN_LENGTH }, (_, index) => index + 1));
        expect(run.maxBytes).to.be.at.most(OPTIONS.maxBytes);
        expect(run.maxQuestions).to.be.at.most(OPTIONS.maxQuestions + 1);
      }),
      SEED,
    );
  });

  it('asks a peer that lies until that is found out, and not again while it is left alone', () => {
    const liar: Peer = { conducts: ['lies'], claim: CHAIN_LENGTH, delayMs: 1 };
    const honest: Peer = { conducts: ['answers'], claim: CHAIN_LENGTH, delayMs: 50 };
    const run = new Run(
      new Map([
        ['liar', liar],
        ['honest', honest],
      ]),
    );
    expect(run.run(OPTIONS.liarMs)).to.equal(CHAIN_LENGTH);
    // It answers fast: some of its answers came before the first was looked at.
    expect(run.asked.get('liar')).to.be.at.most(OPTIONS.maxRanges);
  });

  it('asks a slow peer for less', () => {
    const slow: Peer = { conducts: ['answers'], claim: CHAIN_LENGTH, delayMs: 900 };
    const fast: Peer = { conducts: ['answers'], claim: CHAIN_LENGTH, delayMs: 10 };
    const run = new Run(
      new Map([
        ['slow', slow],
        ['a', fast],
        ['b', fast],
        ['c', fast],
      ]),
    );
    expect(run.run(3_600_000)).to.equal(CHAIN_LENGTH);
    expect(run.asked.get('slow')).to.be.below((run.asked.get('a') ?? 0) / 2);
  });

  it('waits for no silent peer longer than until a second one is asked', () => {
    const silent: Peer = { conducts: ['stalls'], claim: CHAIN_LENGTH, delayMs: 1 };
    const honest: Peer = { conducts: ['answers'], claim: CHAIN_LENGTH, delayMs: 10 };
    const run = new Run(
      new Map([
        ['silent', silent],
        ['honest', honest],
      ]),
    );
    expect(run.run(TIMEOUT_MS - 1)).to.equal(CHAIN_LENGTH);
  });
});
