import { expect } from 'chai';
import { cash, membership } from '../../../contracts/index.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Call } from '../../../primitives/types.js';
import { cashHolder, madeBy } from '../../support/cashHolder.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork } from '../../support/settlementNetwork.js';

const { central, alfa, beta, custodian, unknown } = ACCOUNTS;
const EUR = 'EUR';

const lockOf = (change: object = {}): Call =>
  callOf(cash.methods.lock, { currency: EUR, lock: 'deal-1', debtor: alfa, amount: 400n, ...change });
const releaseOf = (change: object = {}): Call =>
  callOf(cash.methods.release, { currency: EUR, lock: 'deal-1', creditor: beta, amount: 400n, ...change });
const returnOf = (change: object = {}): Call =>
  callOf(cash.methods.returnLock, { currency: EUR, contract: 'escrow', lock: 'deal-1', ...change });

describe('a lock of cash', () => {
  let network: TestNetwork;
  const codes = new Set<string>();
  const locked = (account = alfa) => network.view(cash.methods.locked, { currency: EUR, account });
  const held = (contract = 'escrow', lock = 'deal-1') =>
    network.view(cash.methods.lockOf, { currency: EUR, contract, lock });
  const refusedBy = (contract: string, call: Call) => network.refused(alfa, madeBy(contract, call)).code;

  beforeEach(() => {
    network = TestNetwork.funded([cashHolder('escrow'), cashHolder('other')]);
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  it('sets money of the debtor aside, which the contract pays out in parts, to the debtor too', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect([network.balance(alfa), locked(), held()]).to.deep.equal([999_600n, 400n, { debtor: alfa, amount: 400n }]);
    // Nobody signs for the debtor any more: the lock was its authorisation.
    const { events } = network.ok(beta, madeBy('escrow', releaseOf({ amount: 150n })));
    expect(cash.codec.decodeEvent('Released', events[0]?.data ?? new Uint8Array())).to.deep.include({
      contract: 'escrow',
      lock: 'deal-1',
      amount: '150',
      remaining: '250',
    });
    network.ok(beta, madeBy('escrow', releaseOf({ creditor: alfa, amount: 200n })));
    expect([network.balance(alfa), network.balance(beta), locked()]).to.deep.equal([999_800n, 1_000_150n, 50n]);
    network.ok(beta, madeBy('escrow', releaseOf({ amount: 50n })));
    expect([held(), locked(), network.balance(beta)]).to.deep.equal([undefined, 0n, 1_000_200n]);
    expect(network.ledger.snapshot().filter((row) => row.startsWith('cash lock'))).to.deep.equal([]);
    expect(refusedBy('escrow', releaseOf({ amount: 1n }))).to.equal('LOCK_UNKNOWN');
  });

  it('is made and released by contracts alone, never by a transaction', () => {
    const transaction = { rule: 'contract', subject: 'transaction' };
    expect(network.refused(alfa, lockOf()).data).to.deep.equal(transaction);
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect(network.refused(alfa, releaseOf()).data).to.deep.equal(transaction);
    expect(network.refused(alfa, returnOf()).data).to.deep.equal(transaction);
  });

  it('is paid into by others, as they pay anybody, and only by those who sign', () => {
    const payIn = (change: object = {}): Call =>
      callOf(cash.methods.payIn, {
        currency: EUR,
        lock: 'deal-1',
        debtor: beta,
        creditor: alfa,
        amount: 50n,
        ...change,
      });
    expect(network.refused(beta, payIn()).data).to.deep.equal({ rule: 'contract', subject: 'transaction' });
    network.ok(beta, madeBy('escrow', payIn()));
    network.ok(alfa, madeBy('escrow', payIn({ debtor: alfa, amount: 7n })));
    expect([held(), locked(), network.balance(beta)]).to.deep.equal([{ debtor: alfa, amount: 57n }, 57n, 999_950n]);
    expect(network.refused(beta, madeBy('escrow', payIn({ creditor: beta }))).code).to.equal('LOCK_EXISTS');
    expect(refusedBy('escrow', payIn())).to.equal('UNAUTHORISED');
    expect(refusedBy('escrow', payIn({ debtor: alfa, amount: 0n }))).to.equal('AMOUNT_ZERO');
    expect(refusedBy('escrow', payIn({ debtor: alfa, amount: 1_000_000n }))).to.equal('INSUFFICIENT_FUNDS');
    expect(refusedBy('escrow', payIn({ debtor: alfa, creditor: unknown }))).to.equal('ACCOUNT_UNKNOWN');
    network.ok(alfa, callOf(cash.methods.setLimits, { currency: EUR, account: alfa, perDay: 10n, keys: [] }));
    network.ok(alfa, madeBy('escrow', payIn({ debtor: alfa, amount: 10n })));
    expect(refusedBy('escrow', payIn({ debtor: alfa, amount: 1n }))).to.equal('LIMIT_PER_DAY');
    network.suspend(BANKS.alfa);
    expect(network.refused(beta, madeBy('escrow', payIn())).code).to.equal('SUSPENDED');
    expect(refusedBy('escrow', payIn({ debtor: alfa }))).to.equal('SUSPENDED');
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
    expect(network.refused(beta, madeBy('escrow', payIn())).code).to.equal('BUSINESS_DAY_CLOSED');
  });

  it('needs its debtor’s authorisation, who must not be suspended', () => {
    const refusal = network.refused(beta, madeBy('escrow', lockOf()));
    expect(refusal).to.deep.include({ code: 'UNAUTHORISED', data: { rule: 'account', subject: alfa } });
    network.suspend(BANKS.alfa);
    expect(refusedBy('escrow', lockOf())).to.equal('SUSPENDED');
  });

  it('belongs to the contract that made it: another one has a lock of the same name of its own', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect(refusedBy('other', releaseOf())).to.equal('LOCK_UNKNOWN');
    network.ok(alfa, madeBy('other', lockOf({ amount: 7n })));
    expect([held('escrow')?.amount, held('other')?.amount, locked()]).to.deep.equal([400n, 7n, 407n]);
    expect(refusedBy('other', returnOf())).to.equal('UNAUTHORISED');
    const list = { currency: EUR, contract: 'other', limit: 9 };
    expect(network.view(cash.methods.locks, list)).to.deep.equal([{ lock: 'deal-1', debtor: alfa, amount: 7n }]);
  });

  it('holds what it was made with: it is not made twice, and gives no more', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect(network.refused(alfa, madeBy('escrow', lockOf({ amount: 1n })))).to.deep.include({
      code: 'LOCK_EXISTS',
      data: { currency: EUR, contract: 'escrow', lock: 'deal-1' },
    });
    expect(network.refused(alfa, madeBy('escrow', releaseOf({ amount: 401n })))).to.deep.include({
      code: 'LOCK_INSUFFICIENT',
      data: { locked: '400', required: '401' },
    });
    for (const call of [lockOf({ lock: 'deal-2', amount: 0n }), releaseOf({ amount: 0n })]) {
      expect(refusedBy('escrow', call)).to.equal('AMOUNT_ZERO');
    }
    expect(refusedBy('escrow', lockOf({ lock: 'deal-2', amount: MAX_AMOUNT }))).to.equal('INSUFFICIENT_FUNDS');
    expect(refusedBy('escrow', lockOf({ lock: 'deal-2', amount: 999_601n }))).to.equal('INSUFFICIENT_FUNDS');
  });

  it('keeps money from being spent or redeemed', () => {
    network.ok(alfa, madeBy('escrow', lockOf({ amount: 999_999n })));
    const pay = callOf(cash.methods.transfer, { currency: EUR, debtor: alfa, creditor: beta, amount: 2n });
    expect(network.refused(alfa, pay).data).to.deep.equal({ available: '1', required: '2' });
    const redeem = callOf(cash.methods.redeem, { currency: EUR, account: alfa, amount: 2n, reserveReference: 'OUT' });
    expect(network.refused(central, redeem, [central, alfa]).code).to.equal('INSUFFICIENT_FUNDS');
    expect(network.view(cash.methods.supply, { currency: EUR })).to.deep.equal({
      ...{ issued: 4_000_000n, redeemed: 0n, outstanding: 4_000_000n },
    });
  });

  it('moves on an open business day only, to an account that may take it', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect(refusedBy('escrow', releaseOf({ creditor: unknown }))).to.equal('ACCOUNT_UNKNOWN');
    network.suspend(BANKS.beta);
    expect(refusedBy('escrow', releaseOf())).to.equal('SUSPENDED');
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
    expect(refusedBy('escrow', releaseOf({ creditor: custodian }))).to.equal('BUSINESS_DAY_CLOSED');
    expect(refusedBy('escrow', lockOf({ lock: 'deal-2' }))).to.equal('BUSINESS_DAY_CLOSED');
    expect(refusedBy('escrow', lockOf({ currency: 'CHF' }))).to.equal('CURRENCY_UNKNOWN');
  });

  it('goes back to its debtor whatever day it is and whoever is suspended', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
    network.suspend(BANKS.alfa);
    expect(network.refused(beta, madeBy('escrow', releaseOf({ creditor: alfa, amount: 401n }))).code).to.equal(
      'LOCK_INSUFFICIENT',
    );
    network.ok(beta, madeBy('escrow', releaseOf({ creditor: alfa })));
    expect([network.balance(alfa), locked(), held()]).to.deep.equal([1_000_000n, 0n, undefined]);
  });

  it('is not released while its debtor is suspended', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    network.suspend(BANKS.alfa);
    expect(network.refused(beta, madeBy('escrow', releaseOf())).code).to.equal('SUSPENDED');
    network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.alfa }));
    network.ok(beta, madeBy('escrow', releaseOf()));
  });

  it('is given back by the members to the account that it came from, whatever day it is', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    network.ok(beta, madeBy('escrow', releaseOf({ amount: 100n })));
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
    expect(network.govern(returnOf({ lock: 'deal-2' }))).to.equal('LOCK_UNKNOWN');
    expect(network.govern(returnOf())).to.equal('');
    expect([network.balance(alfa), locked(), held()]).to.deep.equal([999_900n, 0n, undefined]);
    expect(network.govern(returnOf())).to.equal('LOCK_UNKNOWN');
  });

  it('has no code that nothing reaches', () => {
    const declared = Object.keys(cash.abi().errors).filter((code) => code.startsWith('LOCK_'));
    expect(declared.filter((code) => !codes.has(`cash.${code}`))).to.deep.equal([]);
  });
});
