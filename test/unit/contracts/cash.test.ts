import { expect } from 'chai';
import type { ExecutableContract } from '../../../contracts/api/index.js';
import { cash, membership } from '../../../contracts/index.js';
import { MemoryLedger } from '../../../contracts/testing/memoryLedger.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  callOf,
  TestNetwork,
  TODAY,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const { issue, redeem, transfer, openBusinessDay, closeBusinessDay } = cash.methods;
const { alfa, beta, central, custodian, unknown } = ACCOUNTS;

const EUR = 'EUR';
const movement = (change: object = {}) => ({
  currency: EUR,
  account: alfa,
  amount: 500n,
  reserveReference: 'RESERVE-1',
  ...change,
});
const payment = (change: object = {}) => ({ currency: EUR, debtor: alfa, creditor: beta, amount: 300n, ...change });

describe('cash', () => {
  const network = new TestNetwork();
  const byCentral = (...args: Parameters<typeof callOf>) => network.refused(central, callOf(...args));

  it('is issued by the central bank against a reserve reference, once', () => {
    network.ok(central, callOf(issue, movement()));
    expect(network.balance(alfa)).to.equal(500n);
    expect(network.view(cash.methods.supply, { currency: EUR })).to.deep.equal({
      ...{ issued: 500n, redeemed: 0n, outstanding: 500n },
    });
    const again = network.refused(central, callOf(issue, movement({ account: beta })));
    expect(again).to.deep.include({ code: 'RESERVE_REFERENCE_USED', data: { reserveReference: 'RESERVE-1' } });
    network.ok(central, callOf(issue, movement({ currency: 'USD' })));
  });

  it('is not issued by anybody else, to nobody, as nothing or beyond what an amount holds', () => {
    expect(network.refused(alfa, callOf(issue, movement())).data).to.deep.equal({
      rule: 'role',
      subject: 'centralBank',
    });
    expect(network.refused(central, callOf(issue, movement()), [beta]).code).to.equal('UNAUTHORISED');
    const other = { reserveReference: 'RESERVE-2' };
    expect(byCentral(issue, movement({ ...other, account: unknown })).code).to.equal('ACCOUNT_UNKNOWN');
    expect(byCentral(issue, movement({ ...other, amount: 0n })).code).to.equal('AMOUNT_ZERO');
    expect(byCentral(issue, movement({ ...other, amount: MAX_AMOUNT })).code).to.equal('AMOUNT_OVERFLOW');
    expect(byCentral(issue, movement({ ...other, currency: 'CHF' }))).to.deep.include({
      code: 'CURRENCY_UNKNOWN',
      data: { currency: 'CHF' },
    });
  });

  it('is issued by its own central bank only', () => {
    const second = 'CENBCHZZ';
    const register = { member: second, lei: '5299000J2N45DDNE4Y28', name: 'Second', roles: ['centralBank'] as const };
    expect(network.govern(callOf(membership.methods.registerMember, register))).to.equal('');
    const genesis = callOf(cash.methods.genesisCurrency, { currency: 'CHF', decimals: 2, issuer: second });
    expect(network.ledger.run({ calls: [genesis], height: 0 }).failure).to.equal(undefined);
    const foreign = network.refused(central, callOf(issue, movement({ currency: 'CHF' })));
    expect(foreign).to.deep.include({ code: 'NOT_ISSUER', data: { currency: 'CHF', issuer: second } });
    const twice = network.ledger.run({ calls: [genesis], height: 0 }).failure;
    expect(twice?.code).to.equal('CURRENCY_EXISTS');
    network.codesSeen.add('cash.CURRENCY_EXISTS');
  });

  it('moves only while the business day is open', () => {
    expect(network.refused(alfa, callOf(transfer, payment())).code).to.equal('BUSINESS_DAY_CLOSED');
    expect(network.refused(central, callOf(closeBusinessDay, { currency: EUR })).code).to.equal('BUSINESS_DAY_CLOSED');
    network.ok(central, callOf(openBusinessDay, { currency: EUR, day: TODAY }));
    network.ok(alfa, callOf(transfer, payment()));
    expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([200n, 300n]);
    network.ok(central, callOf(closeBusinessDay, { currency: EUR }));
    expect(network.refused(alfa, callOf(transfer, payment())).code).to.equal('BUSINESS_DAY_CLOSED');
    expect(network.view(cash.methods.businessDay, { currency: EUR })).to.deep.equal({
      ...{ day: TODAY, isOpen: false, cutOffAt: undefined },
    });
  });

  it('opens one day after the other, at most a year ahead, by its issuer', () => {
    const open = (day: number) => callOf(openBusinessDay, { currency: EUR, day });
    expect(network.refused(central, open(TODAY)).data).to.deep.equal({ day: TODAY, after: TODAY });
    expect(network.refused(central, open(TODAY - 1)).code).to.equal('BUSINESS_DAY_INVALID');
    expect(network.refused(central, open(TODAY + 10_001)).code).to.equal('BUSINESS_DAY_INVALID');
    expect(network.refused(alfa, open(TODAY + 1)).code).to.equal('UNAUTHORISED');
    network.ok(central, open(TODAY + 1));
    expect(network.refused(central, open(TODAY + 2))).to.deep.include({
      code: 'BUSINESS_DAY_OPEN',
      data: { currency: EUR, day: TODAY + 1 },
    });
  });

  it('leaves an account only with its own authorisation and funds, to another account that may take it', () => {
    expect(network.refused(beta, callOf(transfer, payment())).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(network.refused(alfa, callOf(transfer, payment({ amount: 201n })))).to.deep.include({
      code: 'INSUFFICIENT_FUNDS',
      data: { available: '200', required: '201' },
    });
    expect(network.refused(alfa, callOf(transfer, payment({ amount: 0n }))).code).to.equal('AMOUNT_ZERO');
    expect(network.refused(alfa, callOf(transfer, payment({ creditor: alfa }))).code).to.equal('SAME_ACCOUNT');
    expect(network.refused(alfa, callOf(transfer, payment({ creditor: unknown }))).code).to.equal('ACCOUNT_UNKNOWN');
    expect(network.refused(alfa, callOf(transfer, payment({ currency: 'GBP' }))).code).to.equal('CURRENCY_UNKNOWN');
    network.ok(alfa, callOf(transfer, payment({ amount: 200n })));
    expect(network.balance(alfa)).to.equal(0n);
  });

  it('neither leaves nor reaches a suspended member', () => {
    network.suspend(BANKS.beta);
    expect(network.refused(beta, callOf(transfer, payment({ debtor: beta, creditor: alfa }))).code).to.equal(
      'SUSPENDED',
    );
    expect(network.refused(central, callOf(issue, movement({ account: beta }))).code).to.equal('SUSPENDED');
    network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.beta }));
  });

  it('moves for many only when the payments contract asks, and the debtor signed', () => {
    const many = callOf(cash.methods.transferMany, {
      currency: EUR,
      debtor: beta,
      credits: [{ creditor: alfa, amount: 1n }],
    });
    expect(network.refused(beta, many).data).to.deep.equal({ rule: 'contract', subject: 'transaction' });
  });

  it('is conserved even when the payments contract asks for nonsense', () => {
    // A contract in the place of payments, which passes on what it is given.
    const impostor: ExecutableContract = {
      name: 'payments',
      version: 1,
      dispatch: (host, method, args) => host.call('cash', method, args),
    };
    const ledger = new MemoryLedger({
      contracts: [cash, impostor],
      directory: () => ({
        account: (account) => ({ account, member: CENTRAL_BANK, roles: ['centralBank'], active: true }),
        authorises: (account, signers) => signers.includes(account),
        pausedUntil: () => 0,
      }),
    });
    const run = (sender: Address, ...calls: readonly Call[]) =>
      ledger.run({ sender, calls, timestamp: TODAY_MS }).failure?.code ?? 'settled';
    const genesis = callOf(cash.methods.genesisCurrency, { currency: EUR, decimals: 2, issuer: CENTRAL_BANK });
    expect(ledger.run({ calls: [genesis], height: 0 }).failure).to.equal(undefined);
    const open = callOf(openBusinessDay, { currency: EUR, day: TODAY });
    expect(run(central, open, callOf(issue, movement()))).to.equal('settled');
    const many = (credits: readonly { readonly creditor: Address; readonly amount: bigint }[]) => {
      const { method, args } = callOf(cash.methods.transferMany, { currency: EUR, debtor: alfa, credits });
      return { contract: 'payments', method, args };
    };
    expect(run(beta, many([{ creditor: beta, amount: 1n }]))).to.equal('UNAUTHORISED');
    expect(run(alfa, many([{ creditor: beta, amount: 0n }]))).to.equal('AMOUNT_ZERO');
    expect(run(alfa, many([{ creditor: alfa, amount: 1n }]))).to.equal('SAME_ACCOUNT');
    expect(run(alfa, many([{ creditor: beta, amount: 501n }]))).to.equal('INSUFFICIENT_FUNDS');
    expect(run(alfa, many([1, 2].map(() => ({ creditor: beta, amount: MAX_AMOUNT }))))).to.equal('AMOUNT_OVERFLOW');
    expect(run(alfa, many([1, 2].map(() => ({ creditor: beta, amount: 250n }))))).to.equal('settled');
    const balanceOf = (account: Address) =>
      cash.codec.decodeResult('balance', ledger.view(callOf(cash.methods.balance, { currency: EUR, account })));
    expect([balanceOf(alfa), balanceOf(beta)]).to.deep.equal(['0', '500']);
  });

  it('is redeemed by the central bank with the consent of the account that is debited', () => {
    const sell = (change: object = {}) =>
      callOf(redeem, movement({ account: beta, reserveReference: 'OUT-1', ...change }));
    expect(network.refused(central, sell()).data).to.deep.equal({ rule: 'account', subject: beta });
    expect(network.refused(beta, sell()).data).to.deep.equal({ rule: 'role', subject: 'centralBank' });
    expect(network.refused(central, sell({ amount: 501n }), [central, beta])).to.deep.include({
      code: 'INSUFFICIENT_FUNDS',
      data: { available: '500', required: '501' },
    });
    expect(network.refused(central, sell({ amount: 0n }), [central, beta]).code).to.equal('AMOUNT_ZERO');
    expect(network.refused(central, sell({ reserveReference: 'RESERVE-1' }), [central, beta]).code).to.equal(
      'RESERVE_REFERENCE_USED',
    );
    network.ok(central, sell({ amount: 400n }), [central, beta]);
    expect(network.view(cash.methods.supply, { currency: EUR })).to.deep.equal({
      ...{ issued: 500n, redeemed: 400n, outstanding: 100n },
    });
    expect(network.balance(beta)).to.equal(100n);
    expect(network.refused(central, sell({ amount: 1n }), [central, beta]).code).to.equal('RESERVE_REFERENCE_USED');
  });

  it('needs two of the custodian’s three keys', () => {
    network.ok(beta, callOf(transfer, payment({ debtor: beta, creditor: custodian, amount: 50n })));
    const spend = callOf(transfer, payment({ debtor: custodian, creditor: beta, amount: 50n }));
    expect(network.refused(custodian, spend, [custodian]).code).to.equal('UNAUTHORISED');
  });

  it('tells balances in every currency and who issues them', () => {
    expect(network.view(cash.methods.balances, { account: beta })).to.deep.equal([
      { currency: 'CHF', balance: 0n },
      { currency: 'EUR', balance: 50n },
      { currency: 'USD', balance: 0n },
    ]);
    const issuers = network.view(cash.methods.currencies, {}).map(({ currency, issuer }) => `${currency} ${issuer}`);
    expect(issuers).to.deep.equal(['CHF CENBCHZZ', `EUR ${CENTRAL_BANK}`, `USD ${CENTRAL_BANK}`]);
    expect(() => network.view(cash.methods.supply, { currency: 'XXX' }))
      .to.throw()
      .with.property('code', 'CURRENCY_UNKNOWN');
    expect(() => network.view(cash.methods.balance, { currency: 'XXX', account: beta })).to.throw();
    expect(() => network.view(cash.methods.businessDay, { currency: 'XXX' })).to.throw();
  });

  it('has no code that nothing reaches, but for those of locks, net positions, orders, cut-offs and limits, which have tests of their own', () => {
    const elsewhere = (code: string): boolean =>
      /^(LOCK|CUT_OFF_|LIMIT|KEY)/.test(code) || ['NET_UNBALANCED', 'FROZEN'].includes(code);
    expect(network.missingCodes('cash').filter((code) => !elsewhere(code))).to.deep.equal([]);
  });
});
