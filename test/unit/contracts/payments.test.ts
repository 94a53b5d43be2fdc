import { expect } from 'chai';
import { cash, membership, payments } from '../../../contracts/index.js';
import { toChecksum } from '../../../primitives/address.js';
import { LIMITS } from '../../../primitives/limits.js';
import type { Address } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, callOf, KEYS, TestNetwork, TODAY } from '../../support/settlementNetwork.js';

const { pay, payBatch, isReferenceUsed } = payments.methods;
const { alfa, alfaSecond, beta, gamma, central, custodian, unknown } = ACCOUNTS;
const EUR = 'EUR';

interface Row {
  readonly creditor?: Address;
  readonly amount?: bigint;
  readonly reference: string;
}

const payOf = (change: object = {}) =>
  callOf(pay, { debtor: alfa, creditor: beta, currency: EUR, amount: 100n, reference: 'P-1', ...change });
const batchOf = (mode: 'all' | 'each', rows: readonly Row[], change: object = {}) =>
  callOf(payBatch, {
    debtor: alfa,
    currency: EUR,
    mode,
    payments: rows.map((row) => ({ creditor: beta, amount: 100n, ...row })),
    ...change,
  });

describe('a payment', () => {
  const network = TestNetwork.funded();

  it('moves the money, tells both sides, and uses up its business reference', () => {
    const receipt = network.ok(alfa, payOf({ endToEndId: 'E2E-1' }));
    expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([999_900n, 1_000_100n]);
    expect(
      receipt.events.map(({ contract, name, data }) => [contract, payments.codec.decodeEvent(name, data)]),
    ).to.deep.equal([
      [
        'payments',
        {
          debtor: toChecksum(alfa),
          creditor: toChecksum(beta),
          currency: EUR,
          amount: '100',
          reference: 'P-1',
          endToEndId: 'E2E-1',
          businessDay: TODAY,
        },
      ],
    ]);
    expect(payments.codec.decodeResult('pay', receipt.results[0] ?? new Uint8Array())).to.deep.equal({
      businessDay: TODAY,
    });
    const used = (reference: string, businessDay = TODAY) =>
      network.view(isReferenceUsed, { debtor: alfa, reference, businessDay });
    expect([used('P-1'), used('P-2'), used('P-1', TODAY + 1)]).to.deep.equal([true, false, false]);
  });

  it('settles once for each debtor, business reference and day, whatever transaction brings it', () => {
    expect(network.refused(alfa, payOf({ creditor: gamma, amount: 5n }))).to.deep.include({
      code: 'BUSINESS_REFERENCE_USED',
      data: { reference: 'P-1' },
    });
    network.ok(beta, payOf({ debtor: beta, creditor: gamma }));
    network.ok(alfaSecond, payOf({ debtor: alfa, creditor: alfaSecond, reference: 'P-2' }), [alfa, alfaSecond]);
    network.ok(alfaSecond, payOf({ debtor: alfaSecond, creditor: beta }));
  });

  it('tells that a payment was made before it tells that it could not be made now', () => {
    expect(network.refused(alfa, payOf({ amount: 10n ** 30n })).code).to.equal('BUSINESS_REFERENCE_USED');
    expect(network.refused(alfa, payOf({ creditor: unknown })).code).to.equal('BUSINESS_REFERENCE_USED');
  });

  it('is refused with the reason, and leaves its reference unused', () => {
    const refusal = (change: object) => network.refused(alfa, payOf({ reference: 'P-9', ...change }));
    expect(refusal({ amount: 0n })).to.deep.include({ code: 'AMOUNT_ZERO', data: { reference: 'P-9' } });
    expect(refusal({ creditor: alfa })).to.deep.include({ code: 'SAME_ACCOUNT' });
    expect(refusal({ creditor: unknown })).to.deep.include({ code: 'ACCOUNT_UNKNOWN' });
    expect(refusal({ currency: 'CHF' })).to.deep.include({ code: 'CURRENCY_UNKNOWN', failedCall: 'cash.position' });
    expect(refusal({ amount: 10_000_000n })).to.deep.include({
      code: 'INSUFFICIENT_FUNDS',
      data: { available: '999800', required: '10000000' },
    });
    expect(refusal({ businessDay: TODAY + 1 })).to.deep.include({
      code: 'BUSINESS_DAY_MISMATCH',
      data: { expected: TODAY + 1, open: TODAY },
    });
    expect(network.refused(beta, payOf({ reference: 'P-9' })).code).to.equal('UNAUTHORISED');
    network.ok(alfa, payOf({ reference: 'P-9', businessDay: TODAY }));
  });

  it('needs the debtor’s policy: two of the custodian’s three keys', () => {
    const spend = payOf({ debtor: custodian, creditor: alfa });
    const [one, two, three] = [KEYS.custodianOne, KEYS.custodianTwo, KEYS.custodianThree].map(({ address }) => address);
    expect(network.refused(custodian, spend, [one as Address]).code).to.equal('UNAUTHORISED');
    network.ok(custodian, spend, [two as Address, three as Address]);
  });

  it('neither leaves nor reaches a suspended member', () => {
    network.suspend(BANKS.gamma);
    expect(network.refused(alfa, payOf({ reference: 'P-10', creditor: gamma })).code).to.equal('SUSPENDED');
    expect(network.refused(gamma, payOf({ debtor: gamma, creditor: alfa })).code).to.equal('SUSPENDED');
    network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.gamma }));
  });

  it('is refused when its arguments are not what the ABI says', () => {
    for (const reference of ['', 'x'.repeat(36), 'line\nbreak']) expect(() => payOf({ reference })).to.throw();
    const good = payOf({ reference: 'P-11' });
    const cut = { ...good, args: good.args.slice(0, -1) };
    expect(network.refused(alfa, cut).code).to.equal('ARGUMENTS_INVALID');
  });

  it('may use the same reference again on the next business day', () => {
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
    expect(network.refused(alfa, payOf())).to.deep.include({ code: 'BUSINESS_DAY_CLOSED', data: { currency: EUR } });
    network.ok(central, callOf(cash.methods.openBusinessDay, { currency: EUR, day: TODAY + 1 }));
    network.ok(alfa, payOf());
  });

  it('has no code that nothing reaches, but for those of orders, a cut-off, limits and rules, which have tests of their own', () => {
    const missing = network.missingCodes('payments').filter((code) => !/^(LIMIT|RULE)_/.test(code));
    expect(missing).to.have.members(['CUT_OFF_PASSED', 'FROZEN']);
  });
});

describe('a batch of payments', () => {
  it('settles whole or not at all when its mode is all', () => {
    const network = TestNetwork.funded();
    const rows = [{ reference: 'A' }, { reference: 'B', creditor: gamma, amount: 7n }, { reference: 'C' }];
    for (const bad of [
      { reference: 'A' },
      { reference: 'D', amount: 0n },
      { reference: 'D', creditor: unknown },
      { reference: 'D', creditor: alfa },
      { reference: 'D', amount: 999_794n },
    ]) {
      const { code } = network.refused(alfa, batchOf('all', [...rows, bad]));
      expect(code).to.be.oneOf([
        'BUSINESS_REFERENCE_USED',
        'AMOUNT_ZERO',
        'ACCOUNT_UNKNOWN',
        'SAME_ACCOUNT',
        'INSUFFICIENT_FUNDS',
      ]);
    }
    expect(network.refused(alfa, batchOf('all', [...rows, { reference: 'D', amount: 999_794n }])).data).to.deep.equal({
      available: '999793',
      required: '999794',
    });
    const receipt = network.ok(alfa, batchOf('all', [...rows, { reference: 'D', amount: 999_793n }]));
    expect(network.balance(alfa)).to.equal(0n);
    expect([network.balance(beta), network.balance(gamma)]).to.deep.equal([1_999_993n, 1_000_007n]);
    expect(receipt.outcomes).to.deep.equal(['A', 'B', 'C', 'D'].map((reference) => ({ reference, code: '' })));
  });

  it('settles each on its own when its mode is each, and tells every outcome by reference', () => {
    const network = TestNetwork.funded();
    network.ok(alfa, payOf({ reference: 'PAID' }));
    network.suspend(BANKS.gamma);
    const receipt = network.ok(
      alfa,
      batchOf('each', [
        { reference: 'A' },
        { reference: 'A', amount: 1n },
        { reference: 'PAID', amount: 10n ** 20n },
        { reference: 'B', amount: 0n },
        { reference: 'C', creditor: unknown },
        { reference: 'D', creditor: alfa },
        { reference: 'E', creditor: gamma },
        { reference: 'F', amount: 999_801n },
        { reference: 'G', creditor: custodian, amount: 999_800n },
        { reference: 'H', amount: 1n },
      ]),
    );
    expect(receipt.outcomes.map(({ reference, code }) => `${reference} ${code}`.trim())).to.deep.equal([
      'A',
      'A BUSINESS_REFERENCE_USED',
      'PAID BUSINESS_REFERENCE_USED',
      'B AMOUNT_ZERO',
      'C ACCOUNT_UNKNOWN',
      'D SAME_ACCOUNT',
      'E SUSPENDED',
      'F INSUFFICIENT_FUNDS',
      'G',
      'H INSUFFICIENT_FUNDS',
    ]);
    expect(network.balance(alfa)).to.equal(0n);
    expect(payments.codec.decodeResult('payBatch', receipt.results[0] ?? new Uint8Array())).to.deep.equal({
      businessDay: TODAY,
      settled: 2,
      refused: 8,
      total: '999900',
    });
    expect(receipt.events.map(({ name }) => name)).to.deep.equal(['BatchPaid']);
  });

  it('leaves a refused payment’s reference unused, and pays nothing twice when the file is sent again', () => {
    const network = TestNetwork.funded();
    const file = [{ reference: 'A' }, { reference: 'B', amount: 5_000_000n }, { reference: 'C' }];
    network.ok(alfa, batchOf('each', file));
    const after = network.balance(alfa);
    const again = network.ok(alfa, batchOf('each', file));
    expect(network.balance(alfa)).to.equal(after);
    expect(again.outcomes.map(({ code }) => code)).to.deep.equal([
      'BUSINESS_REFERENCE_USED',
      'INSUFFICIENT_FUNDS',
      'BUSINESS_REFERENCE_USED',
    ]);
    network.ok(alfa, payOf({ reference: 'B' }));
  });

  it('settles nothing, and succeeds, when every payment of it is refused on its own', () => {
    const network = TestNetwork.funded();
    const before = network.balance(alfa);
    const receipt = network.ok(alfa, batchOf('each', [{ reference: 'A', amount: 0n }]));
    expect(receipt.outcomes).to.deep.equal([{ reference: 'A', code: 'AMOUNT_ZERO' }]);
    expect(network.balance(alfa)).to.equal(before);
  });

  it('is refused whole when the day, the currency or the authorisation is wrong', () => {
    const network = TestNetwork.funded();
    for (const mode of ['all', 'each'] as const) {
      const rows = [{ reference: 'A' }];
      expect(network.refused(beta, batchOf(mode, rows)).code).to.equal('UNAUTHORISED');
      expect(network.refused(alfa, batchOf(mode, rows, { currency: 'CHF' })).code).to.equal('CURRENCY_UNKNOWN');
      expect(network.refused(alfa, batchOf(mode, rows, { businessDay: TODAY - 1 })).code).to.equal(
        'BUSINESS_DAY_MISMATCH',
      );
    }
    const tooMany = Array.from({ length: LIMITS.paymentsPerBatch + 1 }, (_, index) => ({ reference: `${index}` }));
    expect(() => batchOf('each', tooMany)).to.throw('1 to 5000 items');
    expect(() => batchOf('each', [])).to.throw('1 to 5000 items');
  });

  it('takes 5,000 payments in less than half of a transaction’s bytes', () => {
    const network = TestNetwork.funded();
    const rows = Array.from({ length: LIMITS.paymentsPerBatch }, (_, index) => ({
      reference: `2026-01-05/${index}`,
      creditor: index % 2 === 0 ? beta : gamma,
      amount: 1n,
    }));
    const batch = batchOf('all', rows);
    expect(batch.args.length).to.be.below(LIMITS.transactionBytes / 2);
    expect(network.ok(alfa, batch).outcomes).to.have.lengthOf(5_000);
    expect(network.balance(alfa)).to.equal(995_000n);
  });
});
