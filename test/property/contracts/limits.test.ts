import { expect } from 'chai';
import fc from 'fast-check';
import { cash, payments, queue } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { cashHolder, madeBy } from '../../support/cashHolder.js';
import { ACCOUNTS, callOf, TestNetwork, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

const { alfa, beta, central, gamma } = ACCOUNTS;
const m = cash.methods;
const EUR = 'EUR';

const amount = fc.bigInt({ min: 1n, max: 400n });
const limit = fc.option(fc.bigInt({ min: 0n, max: 1_000n }), { nil: undefined });
const creditor = fc.constantFrom(beta, gamma);

type Step =
  | { readonly kind: 'authorise'; readonly way: number; readonly rows: readonly (readonly [Address, bigint])[] }
  | { readonly kind: 'limits'; readonly perPayment: bigint | undefined; readonly perDay: bigint | undefined }
  | { readonly kind: 'towards'; readonly creditor: Address; readonly amount: bigint | undefined }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'nextDay' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('authorise' as const),
      way: fc.nat(6),
      rows: fc.array(fc.tuple(creditor, amount), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('limits' as const), perPayment: limit, perDay: limit }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('towards' as const), creditor, amount: limit }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'resolve' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'nextDay' as const }) },
);

/** A limit as the account wants it, and as it counts: on the day of a change the tighter one. */
class Limit {
  inForce: bigint | undefined;
  wanted: bigint | undefined;

  want(value: bigint | undefined): void {
    this.wanted = value;
    if (value !== undefined && (this.inForce === undefined || value < this.inForce)) this.inForce = value;
  }

  nextDay(): void {
    this.inForce = this.wanted;
  }

  allows(value: bigint): boolean {
    return this.inForce === undefined || value <= this.inForce;
  }
}

/** What the limits must come to, counted from what was authorised. */
class Model {
  readonly network = TestNetwork.funded([cashHolder('escrow')]);
  readonly perPayment = new Limit();
  readonly perDay = new Limit();
  readonly towards = new Map([beta, gamma].map((account) => [account, new Limit()]));
  /** Authorised today, of it towards each creditor that is bounded. */
  today = 0n;
  readonly paid = new Map<Address, bigint>();
  #day = TODAY;
  #count = 0;

  run(sender: Address, ...calls: readonly Call[]) {
    return this.network.ledger.run({ sender, calls, height: 1, timestamp: TODAY_MS });
  }

  nextDay(): void {
    this.#day += 1;
    const calls = [
      callOf(m.closeBusinessDay, { currency: EUR }),
      callOf(m.openBusinessDay, { currency: EUR, day: this.#day }),
    ];
    expect(this.run(central, ...calls).failure).to.equal(undefined);
    for (const each of [this.perPayment, this.perDay, ...this.towards.values()]) each.nextDay();
    this.today = 0n;
    this.paid.clear();
  }

  /** Calls that authorise the rows in one of the ways, and whether each row stands for itself. */
  calls(
    way: number,
    rows: readonly (readonly [Address, bigint])[],
  ): { readonly calls: readonly Call[]; readonly isEach: boolean } {
    const header = { debtor: alfa, currency: EUR };
    const fields = rows.map(([to, value]) => ({ creditor: to, amount: value, reference: `P-${++this.#count}` }));
    switch (way) {
      case 0:
        return { calls: fields.map((each) => callOf(payments.methods.pay, { ...header, ...each })), isEach: false };
      case 1:
        return {
          calls: [callOf(payments.methods.payBatch, { ...header, mode: 'all', payments: fields })],
          isEach: false,
        };
      case 2:
        return {
          calls: [callOf(payments.methods.payBatch, { ...header, mode: 'each', payments: fields })],
          isEach: true,
        };
      case 3:
        return { calls: fields.map((each) => callOf(queue.methods.submit, { ...header, ...each })), isEach: false };
      case 4:
        return {
          calls: [callOf(queue.methods.submitBatch, { ...header, mode: 'each', payments: fields })],
          isEach: true,
        };
      case 5:
        return {
          calls: fields.map(({ creditor: to, amount: value }) =>
            callOf(m.transfer, { ...header, creditor: to, amount: value }),
          ),
          isEach: false,
        };
      default:
        return {
          calls: fields.map(({ reference, amount: value }) =>
            madeBy('escrow', callOf(m.lock, { ...header, lock: reference, amount: value })),
          ),
          isEach: false,
        };
    }
  }

  /** Whether a row keeps to the limits, behind those that were authorised before it. */
  fits(to: Address | undefined, value: bigint): boolean {
    const towards = to === undefined ? undefined : this.towards.get(to);
    const paid = to === undefined ? 0n : (this.paid.get(to) ?? 0n);
    return (
      this.perPayment.allows(value) && this.perDay.allows(this.today + value) && (towards?.allows(paid + value) ?? true)
    );
  }

  /** Nothing is counted of an account that has no limits, or towards a creditor that has none. */
  get isCounted(): boolean {
    return [this.perPayment, this.perDay, ...this.towards.values()].some(({ inForce }) => inForce !== undefined);
  }

  take(to: Address | undefined, value: bigint): void {
    if (this.isCounted) this.today += value;
    if (to !== undefined && this.towards.get(to)?.inForce !== undefined) {
      this.paid.set(to, (this.paid.get(to) ?? 0n) + value);
    }
  }
}

/** The rows that the model lets pass, in their order; none where one of them stops all. */
function expected(
  model: Model,
  rows: readonly (readonly [Address | undefined, bigint])[],
  isEach: boolean,
): readonly boolean[] {
  const [today, paid] = [model.today, new Map(model.paid)];
  const fits = rows.map(([to, value]) => {
    const does = model.fits(to, value);
    if (does) model.take(to, value);
    return does;
  });
  if (isEach || fits.every((does) => does)) return fits;
  model.today = today;
  model.paid.clear();
  for (const [to, value] of paid) model.paid.set(to, value);
  return fits.map(() => false);
}

function apply(model: Model, one: Step): void {
  switch (one.kind) {
    case 'authorise': {
      const { calls, isEach } = model.calls(one.way, one.rows);
      const rows = one.rows.map(([to, value]): readonly [Address | undefined, bigint] => [
        one.way === 6 ? undefined : to,
        value,
      ]);
      const wanted = expected(model, rows, isEach);
      const { failure, outcomes } = model.run(alfa, ...calls);
      const passed = isEach
        ? outcomes.map(({ code }) => !code.startsWith('LIMIT_'))
        : rows.map(() => failure === undefined);
      expect(passed, JSON.stringify([one.way, failure?.code])).to.deep.equal(wanted);
      if (failure !== undefined) expect(failure.code).to.match(/^LIMIT_/);
      return;
    }
    case 'limits': {
      const { perPayment, perDay } = one;
      model.run(alfa, callOf(m.setLimits, { currency: EUR, account: alfa, perPayment, perDay, keys: [] }));
      model.perPayment.want(perPayment);
      model.perDay.want(perDay);
      return;
    }
    case 'towards':
      model.run(
        alfa,
        callOf(m.setCounterpartyLimit, { currency: EUR, account: alfa, creditor: one.creditor, amount: one.amount }),
      );
      model.towards.get(one.creditor)?.want(one.amount);
      return;
    case 'resolve':
      expect(model.run(beta, callOf(queue.methods.resolve, { currency: EUR })).failure).to.equal(undefined);
      return;
    default:
      model.nextDay();
  }
}

/** What the views tell is what the model counts. */
function expectShown(model: Model): void {
  const shown = model.network.view(m.limits, { currency: EUR, account: alfa });
  expect([shown?.perPayment, shown?.perDay]).to.deep.equal([model.perPayment.inForce, model.perDay.inForce]);
  if (model.isCounted) expect(shown?.used).to.equal(model.today);
  for (const each of model.network.view(m.counterpartyLimits, { currency: EUR, account: alfa, limit: 64 })) {
    expect(each.amount).to.equal(model.towards.get(each.creditor)?.inForce);
    if (each.amount !== undefined) expect(each.used).to.equal(model.paid.get(each.creditor) ?? 0n);
  }
}

describe('the limits of an account, under any steps in any order', () => {
  it('let pass exactly what keeps to them, count it once, and are never looser on the day of a change', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const model = new Model();
        for (const one of steps) {
          apply(model, one);
          expectShown(model);
        }
      }),
      { numRuns: 60 },
    );
  });
});
