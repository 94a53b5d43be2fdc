import { expect } from 'chai';
import type { Freeze } from '../../../contracts/freezes/freezeBook.js';
import { assets, cash, payments, settlement } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import { toChecksum } from '../../../primitives/address.js';
import type { Address, Call } from '../../../primitives/types.js';
import { assetHolder, byOrders, cashHolder, madeBy, ordersHolder } from '../../support/cashHolder.js';
import { ACCOUNTS, BANKS, callOf, type Refusal, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const { central, alfa, beta, gamma } = ACCOUNTS;
const EUR = 'EUR';
const BOND = 'BOND-1';
const MILLION = 1_000_000n;

const keep = (amount?: bigint, more: Partial<Freeze> = {}): Freeze => ({
  order: 'O-1',
  amount,
  until: undefined,
  ...more,
});
const freezing = (freezes: readonly Freeze[], account: Address = alfa): Call =>
  byOrders(callOf(cash.methods.setFreezes, { currency: EUR, account, freezes }));
const freezingUnits = (freezes: readonly Freeze[], account: Address = alfa): Call =>
  byOrders(callOf(assets.methods.setFreezes, { instrument: BOND, account, freezes }));
const seizing = (amount: bigint, more: object = {}): Call =>
  byOrders(callOf(cash.methods.seize, { currency: EUR, from: alfa, to: central, amount, order: 'S-1', ...more }));
const seizingUnits = (amount: bigint, more: object = {}): Call =>
  byOrders(callOf(assets.methods.seize, { instrument: BOND, from: alfa, to: central, amount, order: 'S-1', ...more }));

const transfer = (amount: bigint, debtor = alfa, creditor = beta): Call =>
  callOf(cash.methods.transfer, { currency: EUR, debtor, creditor, amount });
const pay = (amount: bigint, reference = 'P-1'): Call =>
  callOf(payments.methods.pay, { debtor: alfa, creditor: beta, currency: EUR, amount, reference });
const batch = (mode: 'all' | 'each', ...amounts: readonly bigint[]): Call => {
  const rows = amounts.map((amount, at) => ({ creditor: beta, amount, reference: `B-${at}` }));
  return callOf(payments.methods.payBatch, { debtor: alfa, currency: EUR, mode, payments: rows });
};
const lock = (amount: bigint, name = 'deal'): Call =>
  madeBy('escrow', callOf(cash.methods.lock, { currency: EUR, lock: name, debtor: alfa, amount }));
const release = (amount: bigint, creditor: Address = beta): Call =>
  madeBy('escrow', callOf(cash.methods.release, { currency: EUR, lock: 'deal', creditor, amount }));
const move = (amount: bigint): Call =>
  callOf(assets.methods.transfer, { instrument: BOND, from: alfa, to: beta, amount });
const lockUnits = (amount: bigint): Call =>
  madeBy('vault', callOf(assets.methods.lock, { instrument: BOND, lock: 'deal', holder: alfa, amount }));
const releaseUnits = (amount: bigint, to: Address = beta): Call =>
  madeBy('vault', callOf(assets.methods.release, { instrument: BOND, lock: 'deal', to, amount }));

let network: TestNetwork;

const refused = (call: Call, signers?: readonly Address[]): Refusal => network.refused(alfa, call, signers);
const order = (call: Call): void => void network.ok(central, call);
const frozen = (available: bigint, sum: bigint | undefined, required: bigint) => ({
  code: 'FROZEN',
  data: {
    ...{ account: toChecksum(alfa), available: `${available}`, required: `${required}` },
    ...(sum === undefined ? {} : { frozen: `${sum}` }),
  },
});
const at = (timestamp: number, call: Call) =>
  network.ledger.run({ sender: alfa, signers: [alfa], calls: [call], height: 2, timestamp }).failure?.code ?? 'settled';

beforeEach(() => {
  network = TestNetwork.funded([cashHolder('escrow'), assetHolder('vault'), ordersHolder]);
  const terms = { kind: 'bond', issuer: gamma, name: 'Bond', currency: EUR, nominal: 1n, cap: 1_000n } as const;
  network.ok(gamma, [
    callOf(assets.methods.create, { instrument: BOND, ...terms }),
    callOf(assets.methods.issue, { instrument: BOND, account: alfa, amount: 100n }),
  ]);
});

describe('a freeze of cash', () => {
  it('keeps its amount on every way out of the free balance, and says how much may leave', () => {
    order(freezing([keep(MILLION - 300n)]));
    const position = network.view(cash.methods.position, { currency: EUR, account: alfa });
    expect(position).to.deep.include({ balance: MILLION, available: 300n, frozen: MILLION - 300n, isBlocked: false });
    const refusal = frozen(300n, MILLION - 300n, 301n);
    for (const call of [transfer(301n), pay(301n), batch('all', 301n), lock(301n)]) {
      expect(refused(call)).to.deep.include(refusal);
    }
    const redeem = { currency: EUR, account: alfa, amount: 301n, reserveReference: 'OUT-1' };
    expect(network.refused(central, callOf(cash.methods.redeem, redeem), [central, alfa])).to.deep.include(refusal);
    network.ok(alfa, [transfer(100n), pay(100n), lock(100n)]);
    expect(network.balance(alfa)).to.equal(MILLION - 300n);
    expect(refused(transfer(1n)).code).to.equal('FROZEN');
  });

  it('is the reason where the account has enough, and lacking funds are where it has not', () => {
    order(freezing([keep(MILLION - 300n)]));
    const lacking = { code: 'INSUFFICIENT_FUNDS', data: { available: '300', required: `${MILLION + 1n}` } };
    for (const call of [transfer(MILLION + 1n), pay(MILLION + 1n)]) expect(refused(call)).to.deep.include(lacking);
    expect(refused(batch('all', 200n, 101n))).to.deep.include(frozen(100n, MILLION - 300n, 101n));
    const { outcomes } = network.ok(alfa, batch('each', 200n, 101n, MILLION, 100n));
    expect(outcomes.map(({ code }) => code)).to.deep.equal(['', 'FROZEN', 'INSUFFICIENT_FUNDS', '']);
  });

  it('of everything keeps what arrives, too, and lets it arrive', () => {
    order(freezing([keep()]));
    network.ok(beta, transfer(500n, beta, alfa));
    expect(refused(transfer(1n))).to.deep.include(frozen(0n, undefined, 1n));
    expect(network.view(cash.methods.freezes, { currency: EUR, account: alfa })).to.deep.equal({
      ...{ held: MILLION + 500n, available: 0n, frozen: undefined, isExceeded: true, freezes: [keep()] },
    });
  });

  it('adds up with others, and none stands in the state without one', () => {
    order(freezing([keep(MILLION - 300n), keep(200n, { order: 'O-2' })]));
    expect(refused(transfer(101n)).code).to.equal('FROZEN');
    network.ok(alfa, transfer(100n));
    order(freezing([keep(10n * MILLION), keep(undefined, { order: 'O-2' })]));
    expect(network.view(cash.methods.position, { currency: EUR, account: alfa }).isBlocked).to.equal(true);
    order(freezing([]));
    network.ok(alfa, transfer(200n));
    expect(network.ledger.snapshot().filter((row) => row.startsWith('cash controls'))).to.deep.equal([]);
  });

  it('counts up to the block before its end, and from the block of that time on no more, though nobody sweeps it', () => {
    order(freezing([keep(undefined, { until: TODAY_MS + 1_000 })]));
    expect(at(TODAY_MS + 999, transfer(1n))).to.equal('FROZEN');
    expect(at(TODAY_MS + 1_000, transfer(1n))).to.equal('settled');
    expect(at(TODAY_MS + 999, pay(1n, 'P-2'))).to.equal('FROZEN');
    expect(at(TODAY_MS + 1_000, pay(1n, 'P-2'))).to.equal('settled');
  });

  it('counts what is locked: to others it goes out of a lock only above what is kept, back to its owner always', () => {
    network.ok(alfa, lock(MILLION - 100n));
    order(freezing([keep(MILLION - 300n)]));
    expect(refused(transfer(1n))).to.deep.include(frozen(0n, MILLION - 300n, 1n));
    expect(refused(release(301n))).to.deep.include(frozen(300n, MILLION - 300n, 301n));
    expect(refused(release(MILLION)).code).to.equal('LOCK_INSUFFICIENT');
    network.ok(alfa, release(300n));
    expect(refused(release(1n)).code).to.equal('FROZEN');
    network.ok(alfa, release(MILLION - 500n, alfa));
    expect(network.balance(alfa)).to.equal(MILLION - 400n);
    expect(refused(transfer(101n)).code).to.equal('FROZEN');
  });

  it('binds one account and currency, and is made by the contract of orders alone', () => {
    order(freezing([keep()]));
    network.ok(beta, transfer(1n, beta, gamma));
    network.ok(alfa, callOf(cash.methods.transfer, { currency: 'USD', debtor: alfa, creditor: beta, amount: 1n }));
    const { method, args } = callOf(cash.methods.setFreezes, { currency: EUR, account: alfa, freezes: [] });
    for (const contract of ['cash', 'escrow']) {
      expect(network.refused(central, { contract, method, args }).code).to.equal('UNAUTHORISED');
    }
    const seize = callOf(cash.methods.seize, { currency: EUR, from: alfa, to: central, amount: 1n, order: 'S-1' });
    expect(network.refused(central, seize).code).to.equal('UNAUTHORISED');
    expect(network.refused(central, madeBy('escrow', seize)).code).to.equal('UNAUTHORISED');
  });
});

describe('a seizure of cash', () => {
  it('takes what is frozen, shrinks the freeze that it names, and says how much of it was', () => {
    order(freezing([keep(600_000n), keep(200_000n, { order: 'O-2' })]));
    const { events } = network.ok(central, seizing(500_000n, { freeze: 'O-1' }));
    expect(cash.codec.decodeEvent('Seized', events[0]?.data ?? new Uint8Array())).to.deep.include({
      ...{ amount: '500000', order: 'S-1', freeze: 'O-1', frozenUsed: '500000' },
    });
    expect(network.view(cash.methods.freezes, { currency: EUR, account: alfa })).to.deep.include({
      ...{ held: 500_000n, available: 200_000n, frozen: 300_000n },
    });
    expect(network.balance(central)).to.equal(500_000n);
    network.ok(central, seizing(150_000n, { freeze: 'O-1' }));
    const { freezes } = network.view(cash.methods.freezes, { currency: EUR, account: alfa });
    expect(freezes).to.deep.equal([keep(200_000n, { order: 'O-2' })]);
  });

  it('that names no freeze leaves all of them as they are, and tells what of it they had kept', () => {
    order(freezing([keep(MILLION - 300n)]));
    const { events } = network.ok(central, seizing(500n));
    expect(cash.codec.decodeEvent('Seized', events[0]?.data ?? new Uint8Array())).to.deep.include({
      frozenUsed: '200',
    });
    const view = network.view(cash.methods.freezes, { currency: EUR, account: alfa });
    expect(view).to.deep.include({ held: MILLION - 500n, frozen: MILLION - 300n, isExceeded: true });
  });

  it('takes nothing from a lock: allocations are given back first', () => {
    network.ok(alfa, lock(MILLION - 100n));
    expect(network.refused(central, seizing(101n))).to.deep.include({
      code: 'LOCKED',
      data: { free: '100', locked: `${MILLION - 100n}`, required: '101' },
    });
    network.ok(central, seizing(100n));
    network.ok(alfa, release(MILLION - 100n, alfa));
    expect(network.refused(central, seizing(MILLION)).code).to.equal('INSUFFICIENT_FUNDS');
  });

  it('reaches a suspended account, and no account that may not receive, on an open day', () => {
    network.suspend(BANKS.alfa);
    network.suspend(BANKS.beta);
    expect(network.refused(central, seizing(1n, { to: beta })).code).to.equal('SUSPENDED');
    expect(network.refused(central, seizing(1n, { to: alfa })).code).to.equal('SAME_ACCOUNT');
    expect(network.refused(central, seizing(0n)).code).to.equal('AMOUNT_ZERO');
    network.ok(central, seizing(1n));
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
    expect(network.refused(central, seizing(1n)).code).to.equal('BUSINESS_DAY_CLOSED');
  });
});

describe('a freeze of units', () => {
  const redeem = callOf(assets.methods.redeem, { instrument: BOND, account: alfa, amount: 31n });
  const position = () => network.view(assets.methods.position, { instrument: BOND, account: alfa });

  it('keeps its amount on every way out, locked units counting, and lets them arrive and come back', () => {
    order(freezingUnits([keep(70n)]));
    const refusal = frozen(30n, 70n, 31n);
    for (const call of [move(31n), lockUnits(31n)]) expect(refused(call)).to.deep.include(refusal);
    expect(network.refused(gamma, redeem, [gamma, alfa])).to.deep.include(refusal);
    expect(refused(move(101n))).to.deep.include({
      code: 'INSUFFICIENT_UNITS',
      data: { available: '30', required: '101' },
    });
    network.ok(alfa, lockUnits(30n));
    network.ok(gamma, callOf(assets.methods.issue, { instrument: BOND, account: alfa, amount: 5n }));
    expect(refused(releaseUnits(31n)).code).to.equal('LOCK_INSUFFICIENT');
    order(freezingUnits([keep(90n)]));
    expect(refused(releaseUnits(16n))).to.deep.include(frozen(15n, 90n, 16n));
    network.ok(alfa, releaseUnits(15n));
    expect(refused(releaseUnits(1n)).code).to.equal('FROZEN');
    network.ok(alfa, releaseUnits(15n, alfa));
    expect(position()).to.deep.equal({ free: 90n, locked: 0n });
    order(freezingUnits([]));
    network.ok(alfa, move(90n));
    expect(network.ledger.snapshot().filter((row) => row.startsWith('assets controls'))).to.deep.equal([]);
  });

  it('of everything ends with its time', () => {
    order(freezingUnits([keep(undefined, { until: TODAY_MS + 1_000 })]));
    expect(at(TODAY_MS + 999, move(1n))).to.equal('FROZEN');
    expect(at(TODAY_MS + 1_000, move(1n))).to.equal('settled');
  });

  it('is taken by a seizure, though the instrument is paused, and never out of a lock', () => {
    network.ok(alfa, lockUnits(60n));
    order(freezingUnits([keep(80n)]));
    network.ok(gamma, callOf(assets.methods.pause, { instrument: BOND }));
    expect(network.refused(central, seizingUnits(41n))).to.deep.include({
      code: 'LOCKED',
      data: { free: '40', locked: '60', required: '41' },
    });
    const { events } = network.ok(central, seizingUnits(40n, { freeze: 'O-1' }));
    const seized = assets.codec.decodeEvent('Seized', events[0]?.data ?? new Uint8Array());
    expect(seized).to.deep.include({ frozenUsed: '40', freeze: 'O-1' });
    const view = network.view(assets.methods.freezes, { instrument: BOND, account: alfa });
    expect(view).to.deep.equal({ held: 60n, available: 0n, frozen: 40n, isExceeded: false, freezes: [keep(40n)] });
    expect(network.refused(central, seizingUnits(1n, { from: beta })).code).to.equal('INSUFFICIENT_UNITS');
    expect(network.refused(central, seizingUnits(0n)).code).to.equal('AMOUNT_ZERO');
    expect(network.refused(central, seizingUnits(1n, { to: alfa })).code).to.equal('SAME_ACCOUNT');
    network.suspend(BANKS.beta);
    expect(network.refused(central, seizingUnits(1n, { to: beta })).code).to.equal('SUSPENDED');
    const seize = callOf(assets.methods.seize, { instrument: BOND, from: alfa, to: central, amount: 1n, order: 'S-1' });
    expect(network.refused(central, madeBy('vault', seize)).code).to.equal('UNAUTHORISED');
  });
});

describe('an instruction, when orders keep what a party has', () => {
  const s = settlement.methods;
  type Terms = Parameters<typeof termsHash>[0];
  const ID = 'ALFADEFF-T1';
  const leg = (amount: bigint, from: Address, to: Address) => ({
    currency: EUR,
    instrument: undefined,
    amount,
    from,
    to,
  });
  const termsOf = (model: Terms['model'], ...legs: Terms['legs']): Terms => ({
    ...{ id: ID, instructor: alfa, legs, model, settler: gamma, deadline: TODAY_MS + 3_600_000, rate: undefined },
  });
  const agree = (terms: Terms): void => {
    network.ok(alfa, callOf(s.instruct, terms));
    const { id } = terms;
    for (const { account, owes, receives } of network.view(s.parties, { id })) {
      const own = { id, account, terms: termsHash(terms) };
      if (owes) network.ok(account, callOf(s.allocate, { ...own, isCommitted: false }));
      if (receives) network.ok(account, callOf(s.approve, own));
    }
  };
  const execute = callOf(s.execute, { id: ID });
  const refusal = { code: 'FROZEN', failedCall: 'settlement.execute' };

  for (const model of ['gross', 'netCash', 'netBoth'] as const) {
    it(`settles no leg of a sender of whom more is kept than it has, and names it (${model})`, () => {
      // Alfa receives more than it sends: netted, it sets nothing aside.
      agree(termsOf(model, leg(500n, alfa, beta), leg(800n, beta, alfa)));
      order(freezing([keep(2n * MILLION)]));
      expect(network.view(s.missing, { id: ID }).frozen).to.deep.equal([alfa]);
      expect(network.refused(gamma, execute)).to.deep.include(refusal);
      order(freezing([keep(MILLION - 500n)]));
      expect(network.view(s.missing, { id: ID }).frozen).to.deep.equal([]);
      network.ok(gamma, execute);
      expect(network.balance(alfa)).to.equal(MILLION + 300n);
    });
  }

  it('settles no net debtor below what is kept', () => {
    agree(termsOf('netCash', leg(500n, alfa, beta), leg(200n, beta, alfa)));
    order(freezing([keep(MILLION - 299n)]));
    expect(network.view(s.missing, { id: ID }).frozen).to.deep.equal([alfa]);
    expect(network.refused(gamma, execute)).to.deep.include(refusal);
    order(freezing([keep(MILLION - 300n)]));
    network.ok(gamma, execute);
    expect(network.balance(alfa)).to.equal(MILLION - 300n);
  });

  it('pays whoever is frozen and only receives', () => {
    agree(termsOf('netBoth', leg(500n, beta, alfa)));
    order(freezing([keep()]));
    network.ok(gamma, execute);
    expect(network.balance(alfa)).to.equal(MILLION + 500n);
  });

  it('knows units as well', () => {
    const units = { currency: undefined, instrument: BOND, amount: 10n, from: alfa, to: beta };
    agree(termsOf('gross', units, leg(990n, beta, alfa)));
    order(freezingUnits([keep()]));
    expect(network.view(s.missing, { id: ID }).frozen).to.deep.equal([alfa]);
    const { data } = network.refused(gamma, execute);
    expect(data).to.deep.include({ instrument: BOND });
    network.ok(alfa, callOf(s.withdraw, { id: ID, account: alfa }));
    expect(network.view(assets.methods.position, { account: alfa, instrument: BOND })).to.deep.equal({
      ...{ free: 100n, locked: 0n },
    });
  });
});
