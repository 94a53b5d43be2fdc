import { expect } from 'chai';
import { actions, assets, cash, htlc, membership } from '../../../contracts/index.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { byOrders, ordersHolder } from '../../support/cashHolder.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

const m = actions.methods;
const { central, alfa, alfaSecond, beta, gamma, custodian, unknown } = ACCOUNTS;
const BOND = 'BOND-1';
const ID = 'ALFADEFF-C1';
const DAY_MS = 86_400_000;
const DEADLINE = TODAY_MS + 30 * DAY_MS;
const PRESCRIBED = DEADLINE + 3 * 366 * DAY_MS;
const NOMINAL = 1_000n;
/** 4 % for half a year, 30E/360: 20 on a unit. */
const HALF_YEAR = { dayCount: '30E/360', from: 20_260_101, to: 20_260_701 } as const;
const COUPON = { rate: 40_000_000, ...HALF_YEAR };
const FLOATING = { source: 'EURIBOR 6M', fixingDay: TODAY, publisher: central, spread: 5_000_000, ...HALF_YEAR };
const NO_TERMS = { coupon: undefined, floating: undefined, distribution: undefined, redemption: undefined };

type Declare = Parameters<typeof m.declare.args.encode>[0];

const declare = (change: Partial<Declare> = {}): Call =>
  callOf(m.declare, {
    ...{ id: ID, instrument: BOND, issuer: alfa, version: 1, currency: 'EUR', recordHeight: 10 },
    ...{ paymentDay: TODAY, deadline: DEADLINE, declared: 3_000n, ...NO_TERMS },
    ...(Object.keys(NO_TERMS).some((kind) => kind in change) ? {} : { coupon: COUPON }),
    ...change,
  });
const redemption = (part: number, whole: number, price = NOMINAL) => ({ redemption: { part, whole, price } });
const proceed = (pages = 1, id = ID): Call => callOf(m.proceed, { id, pages });
const claim = (account: Address, id = ID): Call => callOf(m.claim, { id, account });
const fix = (rate: number, id = ID): Call => callOf(m.fix, { id, rate });
const move = (from: Address, to: Address, amount: bigint): Call =>
  callOf(assets.methods.transfer, { instrument: BOND, from, to, amount });

describe('a corporate action', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  /** Of a block, by the account alone. */
  const at = (height: number, sender: Address, calls: Call | readonly Call[], timestamp = TODAY_MS) => {
    const list = Array.isArray(calls) ? calls : [calls as Call];
    const receipt = network.ledger.run({ sender, signers: [sender], calls: list, height, timestamp });
    if (receipt.failure !== undefined)
      network.codesSeen.add(`${receipt.failure.failedCall.split('.')[0]}.${receipt.failure.code}`);
    return receipt;
  };
  const done = (height: number, sender: Address, calls: Call | readonly Call[], timestamp = TODAY_MS) => {
    const receipt = at(height, sender, calls, timestamp);
    expect(receipt.failure, `${receipt.failure?.failedCall}: ${receipt.failure?.message}`).to.equal(undefined);
    return receipt;
  };
  const codeAt = (height: number, sender: Address, calls: Call | readonly Call[], timestamp = TODAY_MS) => {
    const before = network.ledger.snapshot();
    const { failure } = at(height, sender, calls, timestamp);
    expect(network.ledger.snapshot()).to.deep.equal(before);
    return failure?.code ?? '';
  };
  const view = () => network.view(m.action, { id: ID });
  const figures = () => {
    const { status, entitled, paid, unclaimed, residual } = view() ?? {};
    return [status, entitled, paid, unclaimed, residual];
  };
  const locked = (account: Address) => network.view(cash.methods.locked, { currency: 'EUR', account });
  const balances = () => [alfa, beta, gamma, custodian].map((account) => network.balance(account) - 1_000_000n);
  const due = (account: Address) => network.view(m.entitlement, { id: ID, account });
  const units = (account: Address) => network.view(assets.methods.holding, { account, instrument: BOND });
  const rows = (map: keyof typeof stateOf) => stateOf[map]();
  const stateOf = {
    records: () => network.ledger.snapshot().filter((row) => /assets.(records|kept)/.test(row)),
    actions: () =>
      network.ledger.snapshot().filter((row) => /actions.(open|entitlements|claims|ofInstrument|count)/.test(row)),
  };

  const createBond = (): void => {
    const bond = { kind: 'bond', issuer: alfa, name: 'Bond', currency: 'EUR', nominal: NOMINAL } as const;
    network.ok(
      alfa,
      callOf(assets.methods.create, {
        instrument: BOND,
        ...bond,
        maturity: 20_300_101,
        callableFrom: 20_260_101,
        cap: 1_000n,
      }),
    );
    for (const [account, amount] of [
      [beta, 70n],
      [gamma, 30n],
    ] as const) {
      network.ok(alfa, callOf(assets.methods.issue, { instrument: BOND, account, amount }));
    }
  };

  beforeEach(() => {
    network = TestNetwork.funded();
    createBond();
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  describe('that pays interest', () => {
    it('pays who held units at the end of the record block, and gives the issuer back what is not due', () => {
      done(9, alfa, declare());
      expect([locked(alfa), ...figures()]).to.deep.equal([3_000n, 'announced', 0n, 0n, 0n, 0n]);
      expect(due(beta)).to.deep.equal({ standing: 'expected', amount: 1_400n, units: 70n });
      // In the record block itself units still count for whoever receives them; later on no more.
      done(10, beta, move(beta, custodian, 10n));
      expect(codeAt(10, beta, proceed())).to.equal('RECORD_AHEAD');
      done(11, beta, move(beta, gamma, 60n));
      done(11, gamma, move(gamma, alfaSecond, 90n));
      done(12, gamma, proceed());
      expect(due(custodian)).to.deep.equal({ standing: 'entitled', amount: 200n, units: undefined });
      expect(figures()).to.deep.equal(['paying', 2_000n, 0n, 0n, 0n]);
      done(12, gamma, proceed(2));
      expect(balances()).to.deep.equal([-2_000n, 1_200n, 600n, 200n]);
      expect(figures()).to.deep.equal(['paid', 2_000n, 2_000n, 0n, 1_000n]);
      expect([locked(alfa), network.balance(alfaSecond)]).to.deep.equal([0n, 0n]);
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
      expect(codeAt(12, gamma, proceed())).to.equal('ACTION_CLOSED');
      expect(codeAt(12, alfa, declare())).to.equal('ACTION_EXISTS');
    });

    it('rounds each holder down, and the rest goes back to the issuer', () => {
      // 0.03 of a minor unit for each unit: 2.1 and 0.9.
      const third = { rate: 90_000, dayCount: '30E/360', from: 20_260_101, to: 20_260_501 } as const;
      done(9, alfa, declare({ coupon: third, declared: 3n }));
      done(11, alfa, [proceed(), proceed(2)]);
      expect(balances()).to.deep.equal([-2n, 2n, 0n, 0n]);
      expect(figures()).to.deep.equal(['paid', 2n, 2n, 0n, 1n]);
    });

    it('counts units that are locked for whoever they belong to', () => {
      const terms = { currency: undefined, sender: beta, recipient: gamma, hash: sha256(utf8Encode('h')) };
      const lock = { id: 'BETAFRPP-H1', instrument: BOND, amount: 50n, failureHash: undefined, deadline: DEADLINE };
      done(8, beta, callOf(htlc.methods.lock, { ...terms, ...lock }));
      done(9, alfa, declare());
      done(11, alfa, [proceed(), proceed(2)]);
      expect(balances()).to.deep.equal([-2_000n, 1_400n, 600n, 0n]);
    });

    it('pays on an open business day from the payment day on', () => {
      done(9, alfa, declare({ paymentDay: 20_260_106 }));
      done(11, alfa, proceed());
      expect(codeAt(11, alfa, proceed())).to.equal('PAYMENT_DAY_AHEAD');
      done(11, central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
      expect(codeAt(11, alfa, proceed())).to.equal('PAYMENT_DAY_AHEAD');
      done(12, central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: 20_260_107 }));
      done(12, alfa, proceed(2));
      expect(figures()[0]).to.equal('paid');
    });

    it('keeps nobody waiting for a holder that cannot be paid, and pays that one singly, once', () => {
      done(9, alfa, declare());
      done(11, alfa, proceed());
      network.suspend(BANKS.beta);
      done(12, alfa, proceed(2));
      expect(balances()).to.deep.equal([-3_000n + 1_000n, 0n, 600n, 0n]);
      expect(figures()).to.deep.equal(['claiming', 2_000n, 600n, 1_400n, 1_000n]);
      expect(due(beta)).to.deep.equal({ standing: 'claimable', amount: 1_400n, units: undefined });
      expect(network.view(m.claims, { id: ID, limit: 9 })).to.deep.equal([
        { account: beta, amount: 1_400n, units: 0n },
      ]);
      expect(codeAt(12, gamma, claim(beta))).to.equal('SUSPENDED');
      expect(codeAt(12, gamma, claim(gamma))).to.equal('CLAIM_UNKNOWN');
      expect(codeAt(12, gamma, proceed())).to.equal('NOTHING_TO_DO');
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.beta }));
      done(13, gamma, claim(beta));
      expect(balances()).to.deep.equal([-2_000n, 1_400n, 600n, 0n]);
      expect(figures()).to.deep.equal(['paid', 2_000n, 2_000n, 0n, 1_000n]);
      expect(codeAt(13, gamma, claim(beta))).to.equal('ACTION_CLOSED');
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
    });

    it('gives back years after the deadline what was not claimed, and pays nothing more', () => {
      done(9, alfa, declare());
      done(11, alfa, proceed());
      network.suspend(BANKS.beta);
      done(12, alfa, proceed(2));
      // What was worked out is the holder's for three years more.
      expect(codeAt(13, gamma, proceed(), DEADLINE)).to.equal('NOTHING_TO_DO');
      expect(codeAt(13, gamma, claim(beta), PRESCRIBED - 1)).to.equal('SUSPENDED');
      expect(codeAt(13, gamma, claim(beta), PRESCRIBED)).to.equal('DEADLINE_PASSED');
      done(13, gamma, proceed(2), PRESCRIBED);
      expect(balances()).to.deep.equal([-600n, 0n, 600n, 0n]);
      expect(figures()).to.deep.equal(['lapsed', 2_000n, 600n, 1_400n, 2_400n]);
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
    });

    it('waits for the issuer to set enough aside where the rate comes out higher', () => {
      done(9, alfa, declare({ floating: FLOATING, declared: 1_500n }));
      const issue = callOf(assets.methods.issue, { instrument: BOND, account: custodian, amount: 5n });
      expect(codeAt(10, alfa, issue)).to.equal('RECORD_OPEN');
      done(11, alfa, issue);
      done(11, central, fix(35_000_000));
      done(11, alfa, proceed());
      expect(codeAt(11, alfa, proceed())).to.equal('UNDERFUNDED');
      expect(codeAt(11, alfa, callOf(m.fund, { id: ID, declared: 1_500n }))).to.equal('UNDERFUNDED');
      expect(codeAt(11, beta, callOf(m.fund, { id: ID, declared: 2_100n }))).to.equal('UNAUTHORISED');
      done(11, alfa, callOf(m.fund, { id: ID, declared: 2_000n }));
      expect(locked(alfa)).to.equal(2_000n);
      network.suspend(BANKS.gamma);
      done(12, alfa, proceed(1));
      expect(codeAt(12, alfa, callOf(m.fund, { id: ID, declared: 2_200n }))).to.equal('PAYING_ALREADY');
      expect(codeAt(12, alfa, callOf(m.fund, { id: ID, declared: 2_200n }), PRESCRIBED)).to.equal('DEADLINE_PASSED');
      done(12, alfa, proceed(1));
      expect(balances()).to.deep.equal([-2_000n, 1_400n, 0n, 0n]);
    });

    it('takes the rate of a floating coupon from the account that the terms name, once, on its day', () => {
      const tomorrow = { ...FLOATING, fixingDay: 20_260_106 };
      done(9, alfa, declare({ floating: tomorrow }));
      expect(due(beta)).to.deep.equal({ standing: 'expected', amount: undefined, units: 70n });
      expect(codeAt(11, alfa, proceed())).to.equal('FIXING_MISSING');
      expect(codeAt(11, alfa, fix(1))).to.equal('UNAUTHORISED');
      expect(codeAt(11, central, fix(35_000_000))).to.equal('FIXING_AHEAD');
      done(11, central, fix(35_000_000), TODAY_MS + DAY_MS);
      expect(codeAt(11, central, fix(1), TODAY_MS + DAY_MS)).to.equal('FIXED_ALREADY');
      expect(due(beta)?.amount).to.equal(1_400n);
      done(12, alfa, [proceed(), proceed(2)]);
      expect(balances()).to.deep.equal([-2_000n, 1_400n, 600n, 0n]);
    });

    it('ends at the deadline where no rate was ever published, and keeps no record open', () => {
      done(9, alfa, declare({ floating: FLOATING }));
      done(11, beta, move(beta, gamma, 1n));
      expect(rows('records').length).to.equal(3);
      expect(codeAt(12, central, fix(1), DEADLINE)).to.equal('DEADLINE_PASSED');
      done(12, gamma, proceed(1), DEADLINE);
      expect(figures()[0]).to.equal('ending');
      expect([locked(alfa), ...balances()]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      done(12, gamma, proceed(1), DEADLINE);
      expect(figures()).to.deep.equal(['lapsed', 0n, 0n, 0n, 3_000n]);
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
    });

    it('is paid from the money of an issuer that may pay: an order or a suspension binds it', () => {
      done(9, alfa, declare());
      done(11, alfa, proceed());
      network.suspend(BANKS.alfa);
      expect(codeAt(12, beta, proceed())).to.equal('SUSPENDED');
      expect(figures()[0]).to.equal('paying');
    });

    it('is not paid from what an order keeps in the account of the issuer', () => {
      network = TestNetwork.funded([ordersHolder]);
      createBond();
      done(9, alfa, declare());
      done(11, alfa, proceed());
      const freezes = [{ order: 'O', amount: undefined, until: undefined }];
      done(11, central, byOrders(callOf(cash.methods.setFreezes, { currency: 'EUR', account: alfa, freezes })));
      expect(codeAt(12, beta, proceed())).to.equal('FROZEN');
      done(12, central, byOrders(callOf(cash.methods.setFreezes, { currency: 'EUR', account: alfa, freezes: [] })));
      done(12, beta, proceed(2));
      expect(figures()[0]).to.equal('paid');
    });
  });

  describe('that distributes', () => {
    it('pays so much for each unit, in any currency of the network, and exactly', () => {
      // 12.5 minor units a unit.
      const terms = { distribution: { perUnit: 12_500_000_000n }, currency: 'USD', declared: 1_250n };
      done(9, alfa, declare(terms));
      done(11, alfa, [proceed(), proceed(2)]);
      expect([network.balance(beta, 'USD'), network.balance(gamma, 'USD')]).to.deep.equal([1_000_875n, 1_000_375n]);
      expect(figures()).to.deep.equal(['paid', 1_250n, 1_250n, 0n, 0n]);
    });

    it('keeps apart the records of several actions on one instrument', () => {
      const second = 'ALFADEFF-C2';
      done(9, alfa, declare());
      done(9, alfa, declare({ id: second, distribution: { perUnit: 1_000_000_000n }, recordHeight: 12 }));
      done(11, beta, move(beta, gamma, 70n));
      done(13, gamma, move(gamma, custodian, 100n));
      expect(network.view(m.openOf, { instrument: BOND, limit: 9 }).map(({ id }) => id)).to.deep.equal([ID, second]);
      expect(network.view(m.openActions, { limit: 9, after: ID }).map(({ status }) => status)).to.deep.equal([
        'announced',
      ]);
      done(14, alfa, [proceed(), proceed(2), proceed(1, second), proceed(2, second)]);
      expect(balances()).to.deep.equal([-2_100n, 1_400n, 700n, 0n]);
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
    });
  });

  describe('that redeems', () => {
    it('destroys all units against their price', () => {
      done(9, alfa, declare({ ...redemption(1, 1), declared: 100_500n }));
      expect(due(beta)).to.deep.equal({ standing: 'expected', amount: 70_000n, units: 70n });
      expect(codeAt(10, alfa, proceed())).to.equal('RECORD_AHEAD');
      done(11, gamma, proceed());
      expect(balances()).to.deep.equal([-100_000n, 70_000n, 30_000n, 0n]);
      expect([units(beta), units(gamma)]).to.deep.equal([0n, 0n]);
      const { issued, redeemed } = network.view(assets.methods.supply, { instrument: BOND });
      expect([issued, redeemed]).to.deep.equal([100n, 100n]);
      expect(figures()).to.deep.equal(['paid', 100_000n, 100_000n, 0n, 500n]);
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
    });

    it('lets no unit change hands from the record on, but by an order', () => {
      done(9, alfa, declare({ ...redemption(1, 2), declared: 50_000n }));
      done(10, beta, move(beta, custodian, 1n));
      const issue = callOf(assets.methods.issue, { instrument: BOND, account: beta, amount: 1n });
      expect(codeAt(11, beta, move(beta, gamma, 1n))).to.equal('REDEMPTION_UNDER_WAY');
      expect(codeAt(11, alfa, issue)).to.equal('REDEMPTION_UNDER_WAY');
      done(12, alfa, proceed());
      // 69 / 2, 30 / 2 and 1 / 2 units, rounded down.
      expect([units(beta), units(gamma), units(custodian)]).to.deep.equal([35n, 15n, 1n]);
      expect(balances()).to.deep.equal([-49_000n, 34_000n, 15_000n, 0n]);
      done(12, beta, move(beta, gamma, 1n));
    });

    it('redeems what is locked once it is free, and the others at once', () => {
      const key = utf8Encode('k'.repeat(32));
      const terms = { currency: undefined, sender: beta, recipient: gamma, hash: sha256(key), failureHash: undefined };
      const lock = { id: 'BETAFRPP-H1', instrument: BOND, amount: 50n, deadline: TODAY_MS + 10 };
      done(8, beta, callOf(htlc.methods.lock, { ...terms, ...lock }));
      done(9, alfa, declare({ ...redemption(1, 1), declared: 100_000n }));
      done(11, gamma, proceed());
      expect(figures()).to.deep.equal(['claiming', 100_000n, 30_000n, 70_000n, 0n]);
      expect(due(beta)).to.deep.equal({ standing: 'claimable', amount: 70_000n, units: 70n });
      done(11, gamma, claim(beta));
      expect([units(beta), ...figures()]).to.deep.equal([50n, 'claiming', 100_000n, 50_000n, 50_000n, 0n]);
      expect(codeAt(12, gamma, claim(beta))).to.equal('CLAIM_UNKNOWN');
      expect(codeAt(12, gamma, claim(gamma))).to.equal('CLAIM_UNKNOWN');
      // Whoever has shown the key has the units at once, and what is paid for them.
      const claimed = done(12, gamma, callOf(htlc.methods.claim, { id: 'BETAFRPP-H1', key }));
      expect(htlc.methods.claim.returns?.decode(claimed.results[0] as Uint8Array).isPaid).to.equal(true);
      done(13, beta, claim(gamma));
      expect([units(gamma), ...figures()]).to.deep.equal([0n, 'paid', 100_000n, 100_000n, 0n, 0n]);
      expect(balances()).to.deep.equal([-100_000n, 20_000n, 80_000n, 0n]);
    });

    it('waits for no key beyond its deadline: who has the units then keeps them', () => {
      const key = utf8Encode('k'.repeat(32));
      const terms = { currency: undefined, sender: beta, recipient: gamma, hash: sha256(key), failureHash: undefined };
      const lock = { id: 'BETAFRPP-H1', instrument: BOND, amount: 50n, deadline: DEADLINE + DAY_MS };
      done(8, beta, callOf(htlc.methods.lock, { ...terms, ...lock }));
      done(9, alfa, declare({ ...redemption(1, 1), declared: 100_000n }));
      done(11, gamma, [proceed(), claim(beta)]);
      done(13, alfa, proceed(3), DEADLINE);
      expect(figures()).to.deep.equal(['lapsed', 100_000n, 50_000n, 50_000n, 50_000n]);
      done(14, gamma, callOf(htlc.methods.claim, { id: 'BETAFRPP-H1', key }), DEADLINE);
      expect(units(gamma)).to.equal(50n);
    });

    it('redeems a part of what is locked later, by a claim that gives the units', () => {
      const terms = { currency: undefined, sender: beta, recipient: gamma, hash: sha256(utf8Encode('h')) };
      const lock = {
        id: 'BETAFRPP-H1',
        instrument: BOND,
        amount: 60n,
        failureHash: undefined,
        deadline: TODAY_MS + 10,
      };
      done(8, beta, callOf(htlc.methods.lock, { ...terms, ...lock }));
      done(9, alfa, declare({ ...redemption(1, 2), declared: 50_000n }));
      done(11, gamma, proceed());
      expect(due(beta)).to.deep.equal({ standing: 'claimable', amount: 35_000n, units: 35n });
      done(12, beta, claim(beta));
      expect(due(beta)).to.deep.equal({ standing: 'claimable', amount: 25_000n, units: 25n });
      expect(codeAt(12, beta, claim(beta))).to.equal('INSUFFICIENT_UNITS');
      done(12, gamma, callOf(htlc.methods.reclaim, { id: 'BETAFRPP-H1' }), TODAY_MS + 10);
      done(13, gamma, claim(beta));
      expect([units(beta), units(gamma), ...balances()]).to.deep.equal([35n, 15n, -50_000n, 35_000n, 15_000n, 0n]);
      expect(figures()[0]).to.equal('paid');
    });

    it('destroys nothing before the money for all of it is there', () => {
      done(9, alfa, declare({ ...redemption(1, 1), declared: 100_000n }));
      const issue = callOf(assets.methods.issue, { instrument: BOND, account: beta, amount: 1n });
      expect(codeAt(10, alfa, issue)).to.equal('RECORD_OPEN');
      done(11, alfa, proceed());
      expect(figures()[0]).to.equal('paid');
    });
  });

  describe('that is taken back', () => {
    it('goes back to the issuer before its record, and not afterwards', () => {
      done(9, alfa, declare());
      expect(codeAt(10, beta, callOf(m.cancel, { id: ID }))).to.equal('UNAUTHORISED');
      expect(codeAt(11, alfa, callOf(m.cancel, { id: ID }))).to.equal('RECORD_PASSED');
      done(10, alfa, callOf(m.cancel, { id: ID }));
      expect(figures()).to.deep.equal(['cancelled', 0n, 0n, 0n, 3_000n]);
      expect([locked(alfa), ...rows('records'), ...rows('actions')]).to.deep.equal([0n]);
    });

    it('frees the money of a suspended issuer, by the central bank', () => {
      done(9, alfa, declare());
      done(11, beta, move(beta, gamma, 1n));
      network.suspend(BANKS.alfa);
      expect(codeAt(12, beta, callOf(m.cancel, { id: ID }))).to.equal('UNAUTHORISED');
      done(12, central, callOf(m.cancel, { id: ID }));
      expect([locked(alfa), figures()[0]]).to.deep.equal([0n, 'ending']);
      expect(codeAt(12, central, callOf(m.cancel, { id: ID }))).to.equal('ACTION_CLOSED');
      done(13, gamma, proceed(3));
      expect(figures()).to.deep.equal(['cancelled', 0n, 0n, 0n, 3_000n]);
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
    });

    it('is over where the members have given back what it pays out of', () => {
      done(1, alfa, declare({ recordHeight: 1 }));
      done(2, alfa, proceed());
      const key = { currency: 'EUR', contract: 'actions', lock: ID };
      expect(network.govern(callOf(cash.methods.returnLock, key))).to.equal('');
      done(3, gamma, proceed());
      done(3, gamma, proceed(3));
      expect(figures()).to.deep.equal(['returned', 2_000n, 0n, 0n, 0n]);
      expect([...rows('records'), ...rows('actions')]).to.deep.equal([]);
    });
  });

  it('takes only terms that can end, by the issuer of the instrument', () => {
    const refusals: readonly (readonly [Partial<Declare>, string])[] = [
      [{ id: 'BETAFRPP-C1' }, 'ID_INVALID'],
      [{ id: 'ALFADEFF-' }, 'ID_INVALID'],
      [{ id: `ALFADEFF-${'x'.repeat(52)}` }, 'ID_INVALID'],
      [{ instrument: 'NONE' }, 'INSTRUMENT_UNKNOWN'],
      [{ issuer: alfaSecond }, 'UNAUTHORISED'],
      [{ version: 2 }, 'VERSION_MISMATCH'],
      [{ currency: 'USD' }, 'CURRENCY_MISMATCH'],
      [{ currency: 'XXX', distribution: { perUnit: 1n } }, 'CURRENCY_UNKNOWN'],
      [{ coupon: undefined }, 'TERMS_INVALID'],
      [{ coupon: COUPON, distribution: { perUnit: 1n } }, 'TERMS_INVALID'],
      [{ coupon: { ...COUPON, rate: 0 } }, 'TERMS_INVALID'],
      [{ coupon: { ...COUPON, to: COUPON.from } }, 'TERMS_INVALID'],
      [{ distribution: { perUnit: 0n } }, 'TERMS_INVALID'],
      [{ coupon: { ...COUPON, to: 20_300_102 } }, 'TERMS_INVALID'],
      [{ floating: { ...FLOATING, publisher: unknown } }, 'ACCOUNT_UNKNOWN'],
      [redemption(1, 101), 'TERMS_INVALID'],
      [{ ...redemption(1, 1), paymentDay: 20_260_116 }, 'PAYMENT_DAY_INVALID'],
      [{ ...redemption(1, 1), paymentDay: 20_251_231 }, 'NOT_CALLABLE'],
      [redemption(2, 1), 'TERMS_INVALID'],
      [redemption(0, 1), 'TERMS_INVALID'],
      [redemption(1, 1, NOMINAL - 1n), 'TERMS_INVALID'],
      [{ floating: { ...FLOATING, fixingDay: 20_260_301 } }, 'TERMS_INVALID'],
      [{ recordHeight: 8 }, 'RECORD_INVALID'],
      [{ paymentDay: 20_260_204 }, 'PAYMENT_DAY_INVALID'],
      [{ deadline: TODAY_MS }, 'DEADLINE_INVALID'],
      [{ deadline: TODAY_MS + 367 * DAY_MS }, 'DEADLINE_INVALID'],
      [{ declared: 0n, floating: FLOATING }, 'AMOUNT_ZERO'],
      [{ declared: 1_999n }, 'UNDERFUNDED'],
      [{ declared: 1_000_001n }, 'INSUFFICIENT_FUNDS'],
    ];
    for (const [change, code] of refusals)
      expect(codeAt(9, alfa, declare(change)), JSON.stringify(code)).to.equal(code);
    expect(codeAt(9, beta, declare({ issuer: beta, id: 'BETAFRPP-C1' }))).to.equal('NOT_ISSUER');
    const bond = { kind: 'bond', issuer: alfa, name: 'Bond', currency: 'EUR', nominal: NOMINAL } as const;
    done(9, alfa, callOf(assets.methods.create, { instrument: 'LARGE', ...bond, cap: 1n << 127n }));
    expect(codeAt(9, alfa, declare({ instrument: 'LARGE' }))).to.equal('AMOUNT_OVERFLOW');
    expect(codeAt(9, alfa, declare({ instrument: 'LARGE', ...redemption(1, 1) }))).to.equal('TERMS_INVALID');
    expect(codeAt(9, unknown, declare({ issuer: unknown }))).to.equal('ACCOUNT_UNKNOWN');
  });

  it('knows what is not there', () => {
    expect(view()).to.equal(undefined);
    for (const call of [proceed(), claim(beta), fix(1), callOf(m.fund, { id: ID, declared: 1n })]) {
      expect(codeAt(9, alfa, call)).to.equal('ACTION_UNKNOWN');
    }
    done(9, alfa, declare());
    expect(codeAt(9, central, fix(1))).to.equal('NOT_FLOATING');
    expect(codeAt(11, alfa, proceed(0))).to.equal('PAGES_ZERO');
  });

  it('bounds how many records of one instrument are open, and lets no split change what they mean', () => {
    for (let index = 0; index < 8; index++) {
      done(9, alfa, declare({ id: `ALFADEFF-${index}`, distribution: { perUnit: 1n }, declared: 1n }));
    }
    const ninth = declare({ distribution: { perUnit: 1n }, declared: 1n });
    expect(codeAt(9, alfa, ninth)).to.equal('RECORDS_TOO_MANY');
    const split = callOf(assets.methods.beginSplit, {
      instrument: BOND,
      expectedVersion: 1,
      numerator: 2,
      denominator: 1,
    });
    expect(codeAt(9, alfa, [callOf(assets.methods.pause, { instrument: BOND }), split])).to.equal('RECORD_OPEN');
    done(9, alfa, callOf(m.cancel, { id: 'ALFADEFF-3' }));
    done(9, alfa, ninth);
  });

  after('every code of the contract was seen', () => {
    const declared = Object.keys(actions.abi().errors);
    const bounded = ['ACTIONS_TOO_MANY'];
    expect(declared.filter((code) => !codes.has(`actions.${code}`) && !bounded.includes(code))).to.deep.equal([]);
  });
});
