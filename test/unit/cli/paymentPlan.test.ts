import { expect } from 'chai';
import { parseMajorAmount } from '../../../cli/amounts.js';
import { CliError } from '../../../cli/errors.js';
import { batchReference, type PartyLookup, paymentReference, planPayments } from '../../../cli/payments/paymentPlan.js';
import type { PaymentRow } from '../../../cli/payments/paymentRow.js';
import { batchWaves } from '../../../cli/payments/paymentWaves.js';
import { toHex } from '../../../primitives/bytes.js';
import type { Address } from '../../../primitives/types.js';

const A: Address = `0x${'aa'.repeat(20)}`;
const B: Address = `0x${'bb'.repeat(20)}`;

const lookup: PartyLookup = {
  debtor: async (name) => {
    if (name === 'A') return { name, account: A, signers: undefined, passwordFile: undefined };
    throw new CliError('ACCOUNT_UNKNOWN', `no key for ${name}`);
  },
  creditor: async (name) => {
    if (name === 'B') return B;
    throw new CliError('ACCOUNT_UNKNOWN', `no account ${name}`);
  },
  amount: (text, currency) => {
    if (currency === 'EUR') return parseMajorAmount(text, 2);
    throw new CliError('CURRENCY_UNKNOWN', `no currency ${currency}`);
  },
};

let line = 1;
const row = (change: Partial<PaymentRow> = {}): PaymentRow => ({
  line: ++line,
  reference: 'R-1',
  debtor: 'A',
  creditor: 'B',
  currency: 'EUR',
  amount: '1.50',
  ...change,
});

describe('a plan of payments', () => {
  it('comes in batches of a debtor and currency, in their order, the first ones of all before the second ones', async () => {
    const currencies = ['EUR', 'USD'];
    const rows = Array.from({ length: 10 }, (_, at) =>
      row({ reference: `R-${at}`, currency: currencies[at % 2] ?? '' }),
    );
    const { planned } = await planPayments(rows, { ...lookup, amount: () => 1n });
    const names = (size?: number) =>
      batchWaves(planned, size).map((wave) =>
        wave.map((batch) => batch.map((payment) => payment.row.reference.slice(2)).join('')),
      );
    expect(names(2)).to.deep.equal([
      ['02', '13'],
      ['46', '57'],
      ['8', '9'],
    ]);
    expect(names()).to.deep.equal([['02468', '13579']]);
  });

  it('names every row that cannot be a payment and why, and keeps all others in their order', async () => {
    const rows = [
      row(),
      row({ debtor: 'X' }),
      row({ creditor: 'X' }),
      row({ currency: 'USD' }),
      row({ amount: '1,50' }),
      row({ reference: 'R-2' }),
    ];
    const { planned, refused } = await planPayments(rows, lookup);
    expect(planned.map((payment) => [payment.row.reference, payment.amount])).to.deep.equal([
      ['R-1', 150n],
      ['R-2', 150n],
    ]);
    expect(refused.map((fault) => [fault.line, fault.code])).to.deep.equal([
      [rows[1]?.line, 'ACCOUNT_UNKNOWN'],
      [rows[2]?.line, 'ACCOUNT_UNKNOWN'],
      [rows[3]?.line, 'CURRENCY_UNKNOWN'],
      [rows[4]?.line, 'AMOUNT_MALFORMED'],
    ]);
  });

  it('counts how often a debtor uses a reference, so that a row that stands there twice is two transactions', async () => {
    const { planned } = await planPayments([row(), row(), row({ reference: 'R-2' }), row({ amount: '9.00' })], lookup);
    expect(planned.map((payment) => payment.occurrence)).to.deep.equal([0, 1, 0, 2]);
    const references = new Set(planned.map((payment) => toHex(paymentReference(payment, 20_260_105, 0))));
    expect(references.size).to.equal(4);
  });
});

describe('the idempotency key of a payment', () => {
  it('is the same in every run, and another one for whatever differs', async () => {
    const keyOf = async (change: Partial<PaymentRow>, day = 20_260_105, attempt = 0): Promise<string> => {
      const { planned } = await planPayments([row(change)], lookup);
      const [payment] = planned;
      if (payment === undefined) throw new CliError('NOT_FOUND', 'nothing was planned');
      return toHex(paymentReference(payment, day, attempt));
    };
    const first = await keyOf({});
    expect(first).to.equal('0xea9db49d75dd6af3440cb1eaa1bb9dfa7b1020f7442628f60cef10e8c982e7a8');
    expect(await keyOf({ line: 77 })).to.equal(first);
    expect(await keyOf({ amount: '1.5' })).to.equal(first);
    const others = [
      await keyOf({ reference: 'R-2' }),
      await keyOf({ amount: '1.51' }),
      await keyOf({}, 20_260_106),
      await keyOf({}, 20_260_105, 1),
    ];
    expect(new Set([first, ...others]).size).to.equal(5);
  });

  it('of a batch depends on each payment, their order and the attempt', async () => {
    const { planned } = await planPayments([row(), row({ reference: 'R-2' })], lookup);
    const keys = [
      batchReference(planned, 20_260_105, 0),
      batchReference([...planned].reverse(), 20_260_105, 0),
      batchReference(planned.slice(1), 20_260_105, 0),
      batchReference(planned, 20_260_105, 1),
      batchReference(planned, 20_260_106, 0),
    ];
    expect(new Set(keys.map(toHex)).size).to.equal(5);
  });
});
