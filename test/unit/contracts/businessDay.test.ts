import { expect } from 'chai';
import type { CalendarDay } from '../../../contracts/api/calendar.js';
import { MAX_FIGURES } from '../../../contracts/cash/figures.js';
import { cash, payments, queue, settlement } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, callOf, TestNetwork, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

const { alfa, beta, central } = ACCOUNTS;
const m = cash.methods;
const EUR = 'EUR';
const CUT_OFF = TODAY_MS + 1_000;

/** A network whose time goes on, with a cut-off of the open day. */
class Clock {
  readonly network = TestNetwork.funded();
  #reference = 0;

  constructor() {
    const reserve = { currency: EUR, account: central, amount: 500n, reserveReference: 'OWN' };
    this.network.ok(central, [callOf(m.setCutOff, { currency: EUR, cutOffAt: CUT_OFF }), callOf(m.issue, reserve)]);
  }

  /** The code of the refusal, `settled` where there is none. */
  at(timestamp: number, sender: Address, ...calls: readonly Call[]): string {
    const { failure } = this.network.ledger.run({ sender, signers: [sender], calls, height: 1, timestamp });
    if (failure !== undefined) this.network.codesSeen.add(`${failure.failedCall.split('.')[0]}.${failure.code}`);
    return failure?.code ?? 'settled';
  }

  payment(change: object = {}) {
    this.#reference += 1;
    return { debtor: alfa, creditor: beta, currency: EUR, amount: 1n, reference: `P-${this.#reference}`, ...change };
  }

  /** One of each way in which a payment is instructed. */
  instructions(debtor = alfa, creditor = beta): readonly Call[] {
    const [{ reference }, { reference: other }] = [this.payment(), this.payment()];
    const header = { debtor, currency: EUR, mode: 'each' } as const;
    return [
      callOf(payments.methods.pay, this.payment({ debtor, creditor })),
      callOf(payments.methods.payBatch, { ...header, payments: [{ creditor, amount: 1n, reference }] }),
      callOf(queue.methods.submit, this.payment({ debtor, creditor })),
      callOf(queue.methods.submitBatch, { ...header, payments: [{ creditor, amount: 1n, reference: other }] }),
    ];
  }
}

describe('the cut-off of a business day', () => {
  it('ends new payments, of whatever kind, to the millisecond', () => {
    const clock = new Clock();
    for (const call of clock.instructions()) expect(clock.at(CUT_OFF - 1, alfa, call)).to.equal('settled');
    for (const call of clock.instructions()) expect(clock.at(CUT_OFF, alfa, call)).to.equal('CUT_OFF_PASSED');
    const { failure } = clock.network.ledger.run({
      ...{ sender: alfa, calls: [callOf(payments.methods.pay, clock.payment())], timestamp: CUT_OFF },
    });
    const data = payments.codec.decodeErrorData('CUT_OFF_PASSED', failure?.data ?? new Uint8Array());
    expect(data).to.deep.equal({ cutOffAt: CUT_OFF });
  });

  it('does not bind the issuer of the currency, and each currency has its own', () => {
    const clock = new Clock();
    for (const call of clock.instructions(central)) expect(clock.at(CUT_OFF, central, call)).to.equal('settled');
    expect(clock.at(CUT_OFF, alfa, callOf(payments.methods.pay, clock.payment({ currency: 'USD' })))).to.equal(
      'settled',
    );
  });

  it('lets what waits in the queue settle, and what was instructed', () => {
    const clock = new Clock();
    const terms = {
      ...({ id: 'ALFADEFF-1', instructor: alfa, model: 'gross', settler: alfa, deadline: CUT_OFF + 9 } as const),
      legs: [{ currency: EUR, amount: 7n, from: alfa, to: beta }],
    };
    const of = { id: terms.id, terms: termsHash({ ...terms, rate: undefined }) };
    const { instruct, allocate, approve, execute } = settlement.methods;
    expect(clock.at(TODAY_MS, alfa, callOf(instruct, terms))).to.equal('settled');
    expect(clock.at(TODAY_MS, alfa, callOf(allocate, { ...of, account: alfa, isCommitted: true }))).to.equal('settled');
    const waiting = clock.payment({ creditor: beta, amount: 999_999n });
    expect(clock.at(TODAY_MS, alfa, callOf(queue.methods.submit, waiting))).to.equal('settled');
    expect(clock.network.view(queue.methods.summary, { currency: EUR }).waiting.normal).to.equal(1);
    expect(clock.at(CUT_OFF, beta, callOf(approve, { ...of, account: beta }))).to.equal('settled');
    expect(clock.at(CUT_OFF, alfa, callOf(execute, { id: of.id }))).to.equal('settled');
    const fund = { currency: EUR, debtor: beta, creditor: alfa, amount: 100n };
    expect(clock.at(CUT_OFF, beta, callOf(m.transfer, fund))).to.equal('settled');
    expect(clock.at(CUT_OFF, beta, callOf(queue.methods.resolve, { currency: EUR }))).to.equal('settled');
    expect(clock.network.view(queue.methods.summary, { currency: EUR }).waiting.normal).to.equal(0);
    expect(clock.network.balance(beta)).to.equal(2_000_000n - 100n + 7n - 1n);
  });

  it('is moved by the issuer while the day is open, earlier or later but never into the past, or taken away', () => {
    const clock = new Clock();
    const move = (cutOffAt?: number, currency = EUR) => callOf(m.setCutOff, { currency, cutOffAt });
    const pay = () => callOf(payments.methods.pay, clock.payment());
    expect(clock.at(TODAY_MS, alfa, move(CUT_OFF + 5))).to.equal('UNAUTHORISED');
    expect(clock.at(TODAY_MS, central, move(TODAY_MS))).to.equal('CUT_OFF_INVALID');
    expect(clock.at(TODAY_MS, central, move(CUT_OFF))).to.equal('CUT_OFF_UNCHANGED');
    expect(clock.at(TODAY_MS, central, move(CUT_OFF - 500))).to.equal('settled');
    expect(clock.at(CUT_OFF - 500, alfa, pay())).to.equal('CUT_OFF_PASSED');
    expect(clock.at(CUT_OFF - 400, central, move(CUT_OFF + 500)), 'opened again').to.equal('settled');
    expect(clock.at(CUT_OFF + 499, alfa, pay())).to.equal('settled');
    expect(clock.at(CUT_OFF + 500, alfa, pay())).to.equal('CUT_OFF_PASSED');
    expect(clock.at(CUT_OFF + 600, central, move())).to.equal('settled');
    expect(clock.at(CUT_OFF + 9_999, alfa, pay())).to.equal('settled');
    expect(clock.at(CUT_OFF, central, callOf(m.closeBusinessDay, { currency: EUR }))).to.equal('settled');
    expect(clock.at(CUT_OFF, central, move(CUT_OFF + 5))).to.equal('BUSINESS_DAY_CLOSED');
    const open = (cutOffAt: number) => callOf(m.openBusinessDay, { currency: EUR, day: TODAY + 1, cutOffAt });
    expect(clock.at(CUT_OFF, central, open(CUT_OFF))).to.equal('CUT_OFF_INVALID');
    expect(clock.at(CUT_OFF, central, open(CUT_OFF + 1))).to.equal('settled');
    expect(clock.at(CUT_OFF, alfa, pay())).to.equal('settled');
    expect(clock.at(CUT_OFF + 1, alfa, pay())).to.equal('CUT_OFF_PASSED');
    expect(clock.network.missingCodes('cash').filter((code) => code.startsWith('CUT_OFF_'))).to.deep.equal([]);
  });
});

describe('the figures of a business day', () => {
  const figures = (network: TestNetwork, day: CalendarDay) => network.view(m.dayFigures, { currency: EUR, day });

  it('say what was outstanding at its open and close, and what was issued and redeemed between', () => {
    const clock = new Clock();
    const { network } = clock;
    expect(figures(network, TODAY)).to.deep.equal({
      ...{ day: TODAY, number: 1, opened: { height: 1, timestamp: TODAY_MS }, closed: undefined, cutOffAt: CUT_OFF },
      ...{ outstandingAtOpen: 0n, issued: 4_000_500n, redeemed: 0n, outstandingAtClose: undefined },
    });
    const change = (amount: bigint, reserveReference: string) => ({
      currency: EUR,
      account: alfa,
      amount,
      reserveReference,
    });
    network.ok(central, callOf(m.redeem, change(300n, 'OUT')), [central, alfa]);
    network.ledger.run({
      ...{ sender: central, height: 7, timestamp: CUT_OFF, calls: [callOf(m.closeBusinessDay, { currency: EUR })] },
    });
    network.ok(central, callOf(m.issue, change(20n, 'BETWEEN')));
    expect(figures(network, TODAY)).to.deep.equal({
      ...{
        day: TODAY,
        number: 1,
        opened: { height: 1, timestamp: TODAY_MS },
        closed: { height: 7, timestamp: CUT_OFF },
      },
      ...{
        cutOffAt: CUT_OFF,
        outstandingAtOpen: 0n,
        issued: 4_000_500n,
        redeemed: 300n,
        outstandingAtClose: 4_000_200n,
      },
    });
    network.ok(central, callOf(m.openBusinessDay, { currency: EUR, day: TODAY + 1 }));
    expect(figures(network, TODAY + 1)).to.deep.include({ number: 2, outstandingAtOpen: 4_000_220n });
    expect(figures(network, TODAY + 2)).to.equal(undefined);
    expect(network.view(m.supply, { currency: EUR }).outstanding).to.equal(4_000_220n);
  });

  it('are kept of the newest 400 days, the oldest of which goes when another one is opened', () => {
    const network = new TestNetwork();
    const days = Array.from({ length: MAX_FIGURES + 2 }, (_, index) => {
      const [year, rest] = [2025 + Math.floor(index / 336), index % 336];
      return year * 10_000 + (1 + Math.floor(rest / 28)) * 100 + 1 + (rest % 28);
    });
    for (const day of days) {
      const calls = [callOf(m.openBusinessDay, { currency: EUR, day }), callOf(m.closeBusinessDay, { currency: EUR })];
      network.ok(central, calls);
    }
    const page = (limit: number, after?: CalendarDay) =>
      network.view(m.figures, { currency: EUR, limit, after }).map(({ day }) => day);
    expect(page(MAX_FIGURES)).to.deep.equal(days.slice(2));
    expect(page(3, days[5])).to.deep.equal(days.slice(6, 9));
    expect(() => network.view(m.figures, { currency: 'XXX', limit: 1 })).to.throw();
    expect(() => network.view(m.dayFigures, { currency: 'XXX', day: TODAY })).to.throw();
  });
});
