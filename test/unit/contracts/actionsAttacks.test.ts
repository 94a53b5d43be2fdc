import { expect } from 'chai';
import { actions, assets, cash, htlc, membership, orders, supervision } from '../../../contracts/index.js';
import { orderTermsHash } from '../../../contracts/orders/proposals.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  callOf,
  keyOf,
  possessionOf,
  TestNetwork,
  TODAY,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const m = actions.methods;
const { central, alfa, alfaSecond, beta, gamma } = ACCOUNTS;
const BOND = 'BOND-1';
const ID = 'ALFADEFF-C1';
const DAY_MS = 86_400_000;
const DEADLINE = TODAY_MS + 30 * DAY_MS;
const checker = keyOf('central checker');
const hash = new Uint8Array(32).fill(3);
const NO_TERMS = { coupon: undefined, floating: undefined, distribution: undefined, redemption: undefined };
const YEAR = { dayCount: '30E/360', from: 20_260_101, to: 20_270_101 } as const;

type Declare = Parameters<typeof m.declare.args.encode>[0];

const declare = (change: Partial<Declare>): Call =>
  callOf(m.declare, {
    ...{ id: ID, instrument: BOND, issuer: alfa, version: 1, currency: 'EUR', recordHeight: 10 },
    ...{ paymentDay: TODAY, deadline: DEADLINE, declared: 700n, ...NO_TERMS, ...change },
  });
const redeem = (part: number, whole: number) => ({ redemption: { part, whole, price: 10n } });
const proceed = (pages = 1): Call => callOf(m.proceed, { id: ID, pages });
const claim = (account: Address): Call => callOf(m.claim, { id: ID, account });
const cancel = callOf(m.cancel, { id: ID });
const move = (from: Address, to: Address): Call =>
  callOf(assets.methods.transfer, { instrument: BOND, from, to, amount: 1n });

/** Units move by orders between two pages, issuers withhold, holders lock: nobody loses what is due to it, and nothing stays held. */
describe('a corporate action under attack', () => {
  let network: TestNetwork;
  let orderCount: number;

  const at = (height: number, signers: readonly Address[], call: Call, timestamp = TODAY_MS) => {
    const sender = signers[0] as Address;
    return network.ledger.run({ sender, signers, calls: [call], height, timestamp });
  };
  const done = (height: number, sender: Address, call: Call, timestamp = TODAY_MS) => {
    const { failure } = at(height, [sender], call, timestamp);
    expect(failure, `${failure?.failedCall}: ${failure?.message}`).to.equal(undefined);
  };
  const codeAt = (height: number, sender: Address, call: Call, timestamp = TODAY_MS) =>
    at(height, [sender], call, timestamp).failure?.code ?? '';
  const figures = () => {
    const { status, entitled, paid, unclaimed, residual } = network.view(m.action, { id: ID }) ?? {};
    return [status, entitled, paid, unclaimed, residual];
  };
  const units = (account: Address) => network.view(assets.methods.holding, { account, instrument: BOND });
  const redemption = () => network.view(assets.methods.redemption, { instrument: BOND });
  const issue = (account: Address, amount: bigint): Call =>
    callOf(assets.methods.issue, { instrument: BOND, account, amount });
  const lock = (id: string, sender: Address, amount: bigint, deadline: number): Call =>
    callOf(htlc.methods.lock, {
      ...{ id, sender, recipient: gamma, currency: undefined, instrument: BOND, amount, hash },
      ...{ failureHash: undefined, deadline },
    });
  const order = { authority: 'a court', document: hash, currency: undefined, instrument: BOND };
  const confirm = (id: string, terms: Uint8Array): Call => callOf(orders.methods.confirm, { id, terms });
  const proposeFreeze = (what: { readonly account: Address; readonly amount: bigint | undefined }, asset = {}) => {
    const id = `${CENTRAL_BANK}-F${++orderCount}`;
    const terms = { id, ...order, ...asset, ...what, until: undefined };
    done(8, checker.address, callOf(orders.methods.proposeFreeze, terms));
    done(8, central, confirm(id, orderTermsHash({ ...terms, kind: 'freeze' })));
  };
  const freeze = (account: Address, amount: bigint) => proposeFreeze({ account, amount });
  const freezeMoney = (account: Address) =>
    proposeFreeze({ account, amount: undefined }, { currency: 'EUR', instrument: undefined });
  const seize = (height: number, account: Address, to: Address, amount: bigint) => {
    const id = `${CENTRAL_BANK}-S${++orderCount}`;
    const terms = { id, ...order, account, to, amount, freeze: undefined };
    done(height, checker.address, callOf(orders.methods.proposeSeizure, terms));
    done(height, central, confirm(id, orderTermsHash({ ...terms, kind: 'seize' })));
  };
  /** More holders than one step redeems, in their order. */
  const holders = (amount: bigint): readonly [Address, Address, ...Address[]] => {
    const all = Array.from({ length: 70 }, (_, index) => {
      const { address, publicKey, ...rest } = keyOf(`holder ${index}`);
      const possession = possessionOf({ address, publicKey, ...rest }, BANKS.beta);
      network.ok(beta, [
        callOf(membership.methods.registerKey, { member: BANKS.beta, suite: 1, publicKey, possession }),
        callOf(membership.methods.openAccount, {
          ...{ member: BANKS.beta, label: `h${index}`, threshold: 1, keys: [address], checkers: [] },
        }),
      ]);
      network.ok(alfa, issue(address, amount));
      return address;
    }).sort();
    return all as [Address, Address, ...Address[]];
  };

  beforeEach(() => {
    orderCount = 0;
    network = TestNetwork.funded();
    const { address, publicKey } = checker;
    const possession = possessionOf(checker, CENTRAL_BANK);
    network.ok(central, [
      callOf(membership.methods.registerKey, { member: CENTRAL_BANK, suite: 1, publicKey, possession }),
      callOf(membership.methods.openAccount, {
        ...{ member: CENTRAL_BANK, label: 'checker', threshold: 1, keys: [address], checkers: [] },
      }),
    ]);
    const bond = { kind: 'bond', issuer: alfa, name: 'Bond', currency: 'EUR', nominal: 10n, cap: 100_000n } as const;
    network.ok(
      alfa,
      callOf(assets.methods.create, { instrument: BOND, ...bond, maturity: 20_300_101, callableFrom: 20_260_105 }),
    );
  });

  describe('by an order between two pages of a redemption', () => {
    it('pays for units that went from who waits to who is done, and takes nobody else its money', () => {
      const all = holders(1n);
      const [first, second] = all;
      done(8, second, lock('BETAFRPP-H1', second, 1n, TODAY_MS + DAY_MS));
      done(9, alfa, declare(redeem(1, 1)));
      done(11, gamma, proceed());
      seize(12, all.at(-1) as Address, first, 1n);
      done(13, gamma, proceed());
      expect(figures()).to.deep.equal(['claiming', 700n, 680n, 20n, 0n]);
      done(13, gamma, claim(first));
      done(14, second, callOf(htlc.methods.reclaim, { id: 'BETAFRPP-H1' }), TODAY_MS + DAY_MS);
      done(15, gamma, claim(second), TODAY_MS + DAY_MS);
      expect(figures()).to.deep.equal(['paid', 700n, 700n, 0n, 0n]);
    });

    it('ends where units went the other way, each of them paid once', () => {
      const all = holders(1n);
      const [first] = all;
      freeze(first, 1n);
      done(9, alfa, declare(redeem(1, 1)));
      done(11, gamma, proceed());
      seize(12, first, all.at(-1) as Address, 1n);
      done(13, gamma, proceed());
      expect(figures()).to.deep.equal(['paid', 700n, 700n, 0n, 0n]);
      expect(redemption()).to.equal(undefined);
    });

    it('takes a part of what each held at the record, wherever the units are', () => {
      const all = holders(2n);
      const [first, second] = all;
      const [last, other] = [all.at(-1), all.at(-2)] as [Address, Address];
      freeze(second, 2n);
      done(9, alfa, declare(redeem(1, 2)));
      done(11, gamma, proceed());
      expect([units(first), units(second)]).to.deep.equal([1n, 2n]);
      seize(12, second, last, 1n);
      seize(12, other, first, 2n);
      done(13, gamma, proceed());
      // `last` gives one of three, `other` has none to give; no unit counts twice.
      expect([units(first), units(second), units(last), units(other)]).to.deep.equal([3n, 1n, 2n, 0n]);
      expect(figures()).to.deep.equal(['claiming', 700n, 680n, 20n, 0n]);
      expect(codeAt(14, gamma, claim(other))).to.equal('INSUFFICIENT_UNITS');
      done(14, first, move(first, other));
      done(14, gamma, claim(other));
      done(15, gamma, proceed(3), DEADLINE);
      expect(figures()).to.deep.equal(['lapsed', 700n, 690n, 10n, 10n]);
      expect(network.ledger.snapshot().filter((row) => /assets.(records|kept)/.test(row))).to.deep.equal([]);
    });

    it('is dropped with what orders have moved', () => {
      const all = holders(2n);
      done(9, alfa, declare(redeem(1, 2)));
      done(11, gamma, proceed());
      seize(12, all.at(-1) as Address, all[0], 1n);
      network.suspend(BANKS.alfa);
      done(13, central, cancel);
      expect(network.ledger.snapshot().filter((row) => /assets.(records|kept)/.test(row))).to.deep.equal([]);
      done(13, all[0], move(all[0], gamma));
    });
  });

  describe('by its issuer', () => {
    it('holds no units for nothing, nor for long', () => {
      network.ok(alfa, issue(beta, 70n));
      expect(codeAt(9, alfa, declare({ ...redeem(1, 1_000_000), declared: 1n }))).to.equal('TERMS_INVALID');
      expect(codeAt(9, alfa, declare({ ...redeem(1, 1), paymentDay: 20_260_116 }))).to.equal('PAYMENT_DAY_INVALID');
      done(9, alfa, declare({ ...redeem(1, 1), paymentDay: 20_260_115 }));
      expect(redemption()?.height).to.equal(10);
    });

    it('counts no units that it issues after it has set its money aside', () => {
      network.ok(alfa, issue(beta, 70n));
      done(9, alfa, declare({ distribution: { perUnit: 10_000_000_000n } }));
      for (const account of [alfa, alfaSecond]) expect(codeAt(10, alfa, issue(account, 1n))).to.equal('RECORD_OPEN');
      done(11, alfa, issue(alfaSecond, 1n));
      done(11, gamma, proceed());
      done(11, gamma, proceed(2));
      expect(figures()).to.deep.equal(['paid', 700n, 700n, 0n, 0n]);
    });

    it('shelters no money from orders once it is suspended', () => {
      network.ok(alfa, issue(alfaSecond, 90_000n));
      network.ok(alfa, issue(beta, 1n));
      done(8, alfaSecond, lock('ALFADEFF-H1', alfaSecond, 90_000n, DEADLINE));
      done(9, alfa, declare({ ...redeem(1, 1), declared: 900_010n }));
      done(11, alfa, proceed());
      expect(figures()).to.deep.equal(['claiming', 900_010n, 10n, 900_000n, 0n]);
      network.suspend(BANKS.alfa);
      done(12, central, cancel);
      expect(network.view(cash.methods.locked, { currency: 'EUR', account: alfa })).to.equal(0n);
      done(12, gamma, proceed());
      expect(figures()).to.deep.equal(['cancelled', 900_010n, 10n, 900_000n, 900_000n]);
    });

    it('holds no units in the middle of a redemption once it is suspended', () => {
      const all = holders(1n);
      const last = all.at(-1) as Address;
      done(9, alfa, declare(redeem(1, 1)));
      done(11, gamma, proceed());
      network.suspend(BANKS.alfa);
      expect(codeAt(12, gamma, proceed())).to.equal('SUSPENDED');
      expect(codeAt(12, last, move(last, gamma))).to.equal('REDEMPTION_UNDER_WAY');
      expect(codeAt(12, gamma, cancel)).to.equal('UNAUTHORISED');
      done(12, central, cancel);
      done(12, last, move(last, gamma));
    });
  });

  describe('while a supervisor bounds what the issuer pays one of its holders', () => {
    const bound = (limit: bigint): Call =>
      callOf(supervision.methods.setExposure, {
        ...{ currency: 'EUR', account: alfa, counterparty: BANKS.beta, limit, offsetting: [] },
      });
    const [tomorrow, TOMORROW_MS] = [20_260_106, TODAY_MS + DAY_MS];
    const nextDay = (): void => {
      done(20, central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }), TOMORROW_MS);
      done(20, central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: tomorrow }), TOMORROW_MS);
    };
    const paidTo = (account: Address) => network.balance(account) - 1_000_000n;

    beforeEach(() => {
      network.ok(alfa, issue(beta, 50n));
      network.ok(alfa, issue(gamma, 20n));
      network.ok(central, bound(499n));
    });

    it('pays everybody else of the page, and that one singly on a day that lets it', () => {
      done(9, alfa, declare({ distribution: { perUnit: 10_000_000_000n } }));
      done(11, gamma, proceed());
      done(12, gamma, proceed(2));
      expect(figures()).to.deep.equal(['claiming', 700n, 200n, 500n, 0n]);
      expect([paidTo(beta), paidTo(gamma)]).to.deep.equal([0n, 200n]);
      expect(codeAt(13, gamma, claim(beta))).to.equal('RULE_EXPOSURE');
      network.ok(central, bound(500n));
      done(14, gamma, claim(beta));
      expect(figures()).to.deep.equal(['paid', 700n, 700n, 0n, 0n]);
    });

    it('pays of several accounts of one counterparty as many as the bound lets it, in their order', () => {
      const all = holders(1n);
      network.ok(central, bound(25n));
      done(9, alfa, declare({ distribution: { perUnit: 10_000_000_000n }, declared: 1_400n }));
      done(11, gamma, proceed());
      done(12, gamma, proceed(2));
      expect(figures()).to.deep.equal(['claiming', 1_400n, 220n, 1_180n, 0n]);
      expect(all.filter((each) => network.balance(each) === 10n).length).to.equal(2);
      nextDay();
      done(21, gamma, claim(all.at(-1) as Address), TOMORROW_MS);
      expect(figures()).to.deep.equal(['claiming', 1_400n, 230n, 1_170n, 0n]);
    });

    it('takes no units of a whole that it does not pay for, and all others', () => {
      done(9, alfa, declare(redeem(1, 1)));
      done(11, gamma, proceed());
      expect([units(beta), units(gamma), ...figures()]).to.deep.equal([50n, 0n, 'claiming', 700n, 200n, 500n, 0n]);
      expect(codeAt(12, gamma, claim(beta))).to.equal('RULE_EXPOSURE');
      expect(units(beta)).to.equal(50n);
      network.ok(central, bound(500n));
      done(13, gamma, claim(beta));
      expect([units(beta), paidTo(beta), ...figures()]).to.deep.equal([0n, 500n, 'paid', 700n, 700n, 0n, 0n]);
    });

    it('keeps of a part what it does not pay for as a claim on those units', () => {
      network.ok(central, bound(249n));
      done(9, alfa, declare({ ...redeem(1, 2), declared: 400n }));
      done(11, gamma, proceed());
      expect([units(beta), units(gamma), ...figures()]).to.deep.equal([50n, 10n, 'claiming', 350n, 100n, 250n, 50n]);
      expect(network.view(m.claims, { id: ID, limit: 9 })).to.deep.equal([{ account: beta, amount: 250n, units: 25n }]);
      network.ok(central, bound(250n));
      done(13, gamma, claim(beta));
      expect([units(beta), ...figures()]).to.deep.equal([25n, 'paid', 350n, 350n, 0n, 50n]);
    });

    it('refuses nobody for what keeps all of them waiting', () => {
      done(9, alfa, declare(redeem(1, 1)));
      freezeMoney(alfa);
      for (const code of ['FROZEN', 'SUSPENDED']) {
        if (code === 'SUSPENDED') network.suspend(BANKS.alfa);
        expect(codeAt(11, gamma, proceed())).to.equal(code);
        expect([units(beta), units(gamma), ...figures()]).to.deep.equal([50n, 20n, 'announced', 0n, 0n, 0n, 0n]);
      }
    });
  });

  describe('by locks', () => {
    it('locks no units anew for what would deliver them, once they are redeemed', () => {
      network.ok(alfa, issue(beta, 70n));
      const part = { ...redeem(1, 70), id: 'ALFADEFF-C2', recordHeight: 12, declared: 10n };
      done(9, alfa, declare(part));
      done(12, beta, lock('BETAFRPP-H1', beta, 1n, DEADLINE));
      expect(codeAt(13, beta, lock('BETAFRPP-H2', beta, 1n, DEADLINE))).to.equal('REDEMPTION_UNDER_WAY');
      done(13, gamma, callOf(m.proceed, { id: 'ALFADEFF-C2', pages: 1 }));
      done(13, beta, lock('BETAFRPP-H2', beta, 1n, DEADLINE));
      done(13, alfa, declare({ ...redeem(1, 1), recordHeight: 14, declared: 690n }));
      expect(codeAt(15, beta, lock('BETAFRPP-H3', beta, 1n, DEADLINE))).to.equal('REDEMPTION_UNDER_WAY');
    });
  });

  it('takes no units before their maturity, but by the terms', () => {
    const terms = { kind: 'bond', issuer: alfa, name: 'Note', currency: 'EUR', nominal: 10n, cap: 9n } as const;
    network.ok(alfa, callOf(assets.methods.create, { instrument: 'NOTE', ...terms, maturity: 20_260_106 }));
    network.ok(alfa, callOf(assets.methods.issue, { instrument: 'NOTE', account: beta, amount: 9n }));
    const called = { ...redeem(1, 1), instrument: 'NOTE' };
    expect(codeAt(9, alfa, declare(called))).to.equal('NOT_CALLABLE');
    network.ok(alfa, issue(beta, 1n));
    expect(codeAt(9, alfa, declare({ ...redeem(1, 1), paymentDay: 20_260_104 }))).to.equal('NOT_CALLABLE');
    done(9, alfa, declare({ ...called, paymentDay: 20_260_106 }));
    const amended = { instrument: BOND, expectedVersion: 1, name: 'Bond', nominal: 10n, cap: 100_000n };
    const amend = callOf(assets.methods.amend, { ...amended, maturity: 20_300_101, callableFrom: 20_260_101 });
    expect(codeAt(9, alfa, amend)).to.equal('TERM_FIXED');
  });

  it('pays what was worked out after the deadline, too: no closed day makes it lapse', () => {
    network.ok(alfa, issue(beta, 70n));
    const [saturday, sunday] = [20_260_110, Date.UTC(2026, 0, 11)];
    const coupon = { rate: 40_000_000, ...YEAR };
    done(9, alfa, declare({ coupon, paymentDay: saturday, deadline: sunday }));
    done(11, beta, proceed());
    expect(codeAt(13, beta, proceed(), sunday)).to.equal('PAYMENT_DAY_AHEAD');
    done(14, central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }), sunday + DAY_MS);
    done(14, central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: 20_260_112 }), sunday + DAY_MS);
    done(15, beta, proceed(3), sunday + DAY_MS);
    expect(figures()).to.deep.equal(['paid', 28n, 28n, 0n, 672n]);
  });

  it('pays for what is available where orders keep a unit, and for that one once it is free', () => {
    network.ok(alfa, issue(beta, 70n));
    freeze(beta, 1n);
    done(9, alfa, declare(redeem(1, 1)));
    done(11, gamma, proceed());
    done(12, beta, claim(beta));
    expect([units(beta), ...figures()]).to.deep.equal([1n, 'claiming', 700n, 690n, 10n, 0n]);
    expect(codeAt(12, beta, claim(beta))).to.equal('FROZEN');
  });

  it('lets publisher and issuer together put a wrong rate right, until anything is worked out', () => {
    network.ok(alfa, issue(beta, 70n));
    const floating = { source: 'X', fixingDay: TODAY, publisher: gamma, spread: 0, ...YEAR };
    done(9, alfa, declare({ floating }));
    const fix = (rate: number): Call => callOf(m.fix, { id: ID, rate });
    done(9, gamma, fix(10_000_000_000));
    expect(codeAt(9, gamma, fix(10_000_000))).to.equal('FIXED_ALREADY');
    expect(at(9, [alfa], fix(10_000_000)).failure?.code).to.equal('UNAUTHORISED');
    expect(at(9, [gamma, alfa], fix(40_000_000)).failure?.code).to.equal(undefined);
    done(11, beta, proceed());
    expect(at(11, [gamma, alfa], fix(10_000_000)).failure?.code).to.equal('FIXED_ALREADY');
    done(11, beta, proceed(2));
    expect(figures()).to.deep.equal(['paid', 28n, 28n, 0n, 672n]);
  });
});
