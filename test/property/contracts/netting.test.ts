import { expect } from 'chai';
import fc from 'fast-check';
import { cash, netting } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, CENTRAL_BANK, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

/**
 * Obligations of four banks, withdrawn, confirmed, objected to and ended in any order. A model that knows every obligation by itself, and
 * no sums of them, says what each bank pays, has set aside and has in the end.
 */

const n = netting.methods;
const { central, alfa, beta, gamma } = ACCOUNTS;
const PARTICIPANTS = [alfa, beta, gamma, central];
const ID = `${CENTRAL_BANK}-P`;
const CUT_OFF = TODAY_MS + 1_000;
const ROUND_MS = 10;
const ROUNDS = 3;

interface Obligation {
  readonly debtor: number;
  readonly creditor: number;
  readonly amount: bigint;
}

const obligation: fc.Arbitrary<Obligation> = fc
  .record({ debtor: fc.nat(3), distance: fc.integer({ min: 1, max: 3 }), amount: fc.bigInt(1n, 1_500_000n) })
  .map(({ debtor, distance, amount }) => ({ debtor, creditor: (debtor + distance) % 4, amount }));

interface Step {
  readonly kind: 'confirm' | 'object' | 'end';
  readonly bank: number;
  /** Time that passes before it. */
  readonly passes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('confirm', 'confirm', 'confirm', 'confirm', 'object', 'end'),
  bank: fc.nat(3),
  passes: fc.constantFrom(0, 0, 1, 4),
});

type Answer = 'none' | 'confirmed' | 'objected';

class Model {
  readonly free: bigint[];
  readonly aside = [0n, 0n, 0n, 0n];
  readonly answers: Answer[] = ['none', 'none', 'none', 'none'];
  nets: bigint[] = [];
  status: 'frozen' | 'settled' | 'failed' = 'frozen';
  round = 0;
  endsAt = 0;
  private readonly left = new Set([0, 1, 2, 3]);

  constructor(
    private readonly set: readonly Obligation[],
    balances: readonly bigint[],
    private readonly assent: boolean,
  ) {
    this.free = [...balances];
  }

  private live(): readonly Obligation[] {
    return this.set.filter(({ debtor, creditor }) => this.left.has(debtor) && this.left.has(creditor));
  }

  private concerned(bank: number): boolean {
    return this.live().some(({ debtor, creditor }) => debtor === bank || creditor === bank);
  }

  begin(now: number): void {
    if (this.live().length === 0 || this.round === ROUNDS) {
      this.status = 'failed';
      for (const bank of [0, 1, 2, 3]) this.giveBack(bank, 0n);
      return;
    }
    this.round += 1;
    this.endsAt = now + ROUND_MS;
    const before = this.nets;
    this.nets = [0, 1, 2, 3].map((bank) =>
      this.live().reduce(
        (sum, { debtor, creditor, amount }) =>
          sum + (creditor === bank ? amount : 0n) - (debtor === bank ? amount : 0n),
        0n,
      ),
    );
    for (const bank of this.left) {
      const net = this.nets[bank] as bigint;
      const owed = net < 0n ? -net : 0n;
      this.giveBack(bank, owed);
      const stands = net < 0n ? this.aside[bank] === owed : net === before[bank];
      if (!stands) this.answers[bank] = 'none';
    }
  }

  private giveBack(bank: number, kept: bigint): void {
    const back = (this.aside[bank] as bigint) - kept;
    if (back <= 0n) return;
    this.aside[bank] = kept;
    this.free[bank] = (this.free[bank] as bigint) + back;
  }

  take({ kind, bank }: Step, now: number): boolean {
    if (this.status !== 'frozen') return false;
    if (kind === 'end') return this.end(now);
    const isAsked = this.left.has(bank) && this.concerned(bank) && this.answers[bank] === 'none';
    if (!isAsked || now >= this.endsAt) return false;
    if (kind === 'object') {
      this.answers[bank] = 'objected';
      return true;
    }
    const net = this.nets[bank] as bigint;
    const missing = (net < 0n ? -net : 0n) - (this.aside[bank] as bigint);
    if (missing > (this.free[bank] as bigint)) return false;
    this.free[bank] = (this.free[bank] as bigint) - missing;
    this.aside[bank] = (this.aside[bank] as bigint) + missing;
    this.answers[bank] = 'confirmed';
    const isLast = [...this.left].every((each) => !this.concerned(each) || this.answers[each] === 'confirmed');
    if (isLast) this.settle();
    return true;
  }

  private end(now: number): boolean {
    const asked = [...this.left].filter((bank) => this.concerned(bank));
    if (now < this.endsAt && asked.some((bank) => this.answers[bank] === 'none')) return false;
    const failed = asked.filter((bank) => {
      const isSilent = this.answers[bank] === 'none' && (!this.assent || (this.nets[bank] as bigint) < 0n);
      return isSilent || this.answers[bank] === 'objected';
    });
    if (failed.length === 0) {
      this.settle();
      return true;
    }
    for (const bank of failed) {
      this.left.delete(bank);
      this.giveBack(bank, 0n);
    }
    this.begin(now);
    return true;
  }

  /** Every obligation by itself: what changes hands on balance comes to the same. */
  private settle(): void {
    for (const bank of this.left) this.giveBack(bank, 0n);
    for (const { debtor, creditor, amount } of this.live()) {
      this.free[debtor] = (this.free[debtor] as bigint) - amount;
      this.free[creditor] = (this.free[creditor] as bigint) + amount;
    }
    this.status = 'settled';
  }
}

describe('netting cycles, with any obligations and answers', () => {
  it('pay what all obligations of those who are left come to, or nothing', () => {
    const tally = { settled: 0, failed: 0, frozen: 0 };
    fc.assert(
      fc.property(
        fc.array(obligation, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(3), { maxLength: 3 }),
        fc.array(step, { minLength: 6, maxLength: 30 }),
        fc.boolean(),
        (all, withdrawn, steps, assent) => {
          const network = TestNetwork.funded();
          const run = (sender: Address, call: Call, timestamp: number) =>
            network.ledger.run({ sender, signers: [sender], calls: [call], height: 2, timestamp });
          const terms = { operator: central, currency: 'EUR', participants: PARTICIPANTS, cutOffAt: CUT_OFF };
          const rule = { roundMs: ROUND_MS, maxRounds: ROUNDS, creditors: assent ? 'assent' : 'confirm' } as const;
          network.ok(central, callOf(n.open, { id: ID, ...terms, ...rule }));
          all.forEach(({ debtor, creditor, amount }, index) => {
            const to = PARTICIPANTS[creditor] as Address;
            const account = PARTICIPANTS[debtor] as Address;
            const obligations = [{ creditor: to, amount, reference: `O${index}` }];
            network.ok(account, callOf(n.submit, { id: ID, debtor: account, obligations }));
          });
          const gone = new Set(withdrawn.filter((index) => index < all.length));
          for (const index of gone) {
            const { debtor, creditor } = all[index] as Obligation;
            const [from, to] = [PARTICIPANTS[debtor] as Address, PARTICIPANTS[creditor] as Address];
            for (const account of [from, to]) {
              network.ok(account, callOf(n.withdraw, { id: ID, debtor: from, reference: `O${index}`, account }));
            }
          }
          const set = all.filter((_, index) => !gone.has(index));
          const balances = PARTICIPANTS.map((account) => network.balance(account));
          const model = new Model(set, balances, assent);
          model.begin(CUT_OFF);
          expect(run(alfa, callOf(n.freeze, { id: ID }), CUT_OFF).failure?.code).to.equal(undefined);
          let now = CUT_OFF;
          for (const each of steps) {
            now += each.passes;
            const account = PARTICIPANTS[each.bank] as Address;
            const round = Math.max(1, model.round);
            const net = model.nets[each.bank] ?? 0n;
            const answer = { id: ID, account, round };
            const call =
              each.kind === 'end'
                ? callOf(n.endRound, { id: ID })
                : each.kind === 'object'
                  ? callOf(n.object, answer)
                  : callOf(n.confirm, { ...answer, net: { isDebit: net < 0n, amount: net < 0n ? -net : net } });
            const { failure } = run(account, call, now);
            expect(failure === undefined, `${each.kind} of ${each.bank}: ${failure?.code}`).to.equal(
              model.take(each, now),
            );
            const held = PARTICIPANTS.map((of) => network.view(cash.methods.locked, { currency: 'EUR', account: of }));
            expect(held).to.deep.equal(model.status === 'frozen' ? model.aside : [0n, 0n, 0n, 0n]);
            expect(PARTICIPANTS.map((of) => network.balance(of))).to.deep.equal(model.free);
            expect(network.view(n.cycle, { id: ID })?.status).to.equal(model.status);
          }
          tally[model.status] += 1;
        },
      ),
      { numRuns: 120 },
    );
    expect(tally.settled, 'cycles that settle').to.be.greaterThan(5);
    expect(tally.failed, 'cycles that fail').to.be.greaterThan(2);
  }).timeout(60_000);
});
