import { expect } from 'chai';
import { actions, assets, cash, governance, membership, prices, repo } from '../../../contracts/index.js';
import { repoTermsHash } from '../../../contracts/repo/terms.js';
import type { Address, Call } from '../../../primitives/types.js';
import { BOND_A, BOND_B, BOND_G, CollateralNetwork, HOUR_MS, RATE } from '../../support/collateralNetwork.js';
import { ACCOUNTS, BANKS, callOf, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

const r = repo.methods;
const { central, alfa, alfaSecond, beta, gamma, unknown } = ACCOUNTS;
const ID = 'ALFADEFF-R1';
const DAY_MS = 24 * HOUR_MS;
const CLOSES = TODAY_MS + DAY_MS;

type Terms = Parameters<typeof r.offer.args.encode>[0];

const terms = (change: Partial<Terms> = {}): Terms => ({
  ...{ id: ID, seller: alfa, buyer: beta, instrument: BOND_G, units: 10n, currency: 'EUR', cash: 90_000n, rate: RATE },
  ...{ opensBefore: TODAY_MS + HOUR_MS, closesAt: CLOSES, graceMs: 2 * HOUR_MS, haircutBps: 1_000, marginMs: HOUR_MS },
  threshold: 100n,
  ...change,
});
const offer = (change: Partial<Terms> = {}): Call => callOf(r.offer, terms(change));
const accept = (change: Partial<Terms> = {}): Call =>
  callOf(r.accept, { id: terms(change).id, buyer: beta, terms: repoTermsHash(terms(change)) });
const close = callOf(r.close, { id: ID });
const settle = callOf(r.settle, { id: ID });
const fail = callOf(r.fail, { id: ID });
const revalue = callOf(r.revalue, { id: ID });
const takeBack = callOf(r.takeBack, { id: ID });
const collect = callOf(r.collect, { id: ID });
const cancel = (id = ID): Call => callOf(r.cancel, { id });
const payMargin = (amount: bigint): Call => callOf(r.payMargin, { id: ID, amount });
const allowEarly = (isEarly: boolean): Call => callOf(r.allowEarly, { id: ID, isEarly });
const swap = (method: 'offerSubstitute' | 'acceptSubstitute', instrument: string, units: bigint): Call =>
  callOf(r[method], { id: ID, instrument, units });
const drop = callOf(r.dropSubstitute, { id: ID });

describe('a repo', () => {
  let network: CollateralNetwork;
  const codes = new Set<string>();
  let issued = 0n;

  const shown = () => {
    const found = network.view(r.repo, { id: ID });
    expect(found).not.to.equal(undefined);
    return found as NonNullable<typeof found>;
  };
  const closed = (id = ID) => network.view(r.closed, { id });
  const open = (change: Partial<Terms> = {}) => {
    network.ok(alfa, offer(change));
    network.ok(beta, accept(change));
  };
  const units = (account: Address, instrument: string = BOND_G) =>
    network.view(assets.methods.position, { account, instrument });
  /** By notice, and once it has run. */
  const failed = (by: Address = beta) => {
    network.ok(by, fail);
    network.now = shown().notice?.until ?? network.now;
    network.ok(by, fail);
  };
  const falls = (price: bigint, instrument: string = BOND_G) => {
    network.now += 1;
    network.price(instrument, price);
  };

  beforeEach(() => {
    network = new CollateralNetwork();
    issued = network.money;
  });

  afterEach(() => {
    expect(network.money).to.equal(issued);
    for (const code of network.network.codesSeen) codes.add(code);
  });

  describe('that is opened', () => {
    it('exchanges cash against units at once, and keeps the units where the seller finds them', () => {
      network.ok(alfa, offer());
      expect([units(alfa), shown().status]).to.deep.equal([{ free: 990n, locked: 10n }, 'offered']);
      network.ok(beta, accept());
      expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([1_090_000n, 910_000n]);
      expect([units(alfa), units(beta)]).to.deep.equal([
        { free: 990n, locked: 0n },
        { free: 1_000n, locked: 10n },
      ]);
      expect(
        network.code(
          beta,
          callOf(assets.methods.transfer, { instrument: BOND_G, from: beta, to: gamma, amount: 1_001n }),
        ),
      ).to.equal('INSUFFICIENT_UNITS');
      expect(network.view(r.reposOf, { account: beta, limit: 9 }).map(({ id, status }) => [id, status])).to.deep.equal([
        [ID, 'open'],
      ]);
    });

    it('takes exactly the terms that both have signed, in time', () => {
      network.ok(alfa, offer());
      const other = callOf(r.accept, { id: ID, buyer: beta, terms: repoTermsHash(terms({ cash: 1n })) });
      expect(network.code(beta, other)).to.equal('TERMS_MISMATCH');
      const stranger = callOf(r.accept, { id: ID, buyer: gamma, terms: repoTermsHash(terms()) });
      expect(network.code(gamma, stranger)).to.equal('NOT_A_PARTY');
      expect(network.code(gamma, accept())).to.equal('UNAUTHORISED');
      network.now += HOUR_MS;
      expect(network.code(beta, accept())).to.equal('DEADLINE_PASSED');
      network.ok(gamma, cancel());
      expect([closed()?.status, units(alfa)]).to.deep.equal(['expired', { free: 1_000n, locked: 0n }]);
      expect(network.code(beta, accept())).to.equal('REPO_CLOSED');
      expect(network.code(alfa, offer({ opensBefore: network.now + 1, closesAt: network.now + 2 }))).to.equal(
        'REPO_EXISTS',
      );
    });

    it('is taken back by its seller before it is accepted, by a central bank for one that is suspended', () => {
      network.ok(alfa, [offer(), offer({ id: 'ALFADEFF-R2' })]);
      expect(network.code(beta, cancel())).to.equal('UNAUTHORISED');
      network.ok(alfa, cancel());
      expect(closed()?.status).to.equal('cancelled');
      network.network.suspend(BANKS.alfa);
      expect(network.code(beta, accept({ id: 'ALFADEFF-R2' }))).to.equal('SUSPENDED');
      expect(network.code(beta, cancel('ALFADEFF-R2'))).to.equal('NOT_ENTITLED');
      network.ok(central, cancel('ALFADEFF-R2'));
      expect(units(alfa)).to.deep.equal({ free: 1_000n, locked: 0n });
      expect(network.code(alfa, cancel('NONE'))).to.equal('REPO_UNKNOWN');
    });

    it('refuses terms that could not be kept', () => {
      const due = { kind: 'bill', issuer: gamma, name: 'Bill', currency: 'EUR', nominal: 1n, cap: 99n } as const;
      network.ok(gamma, [
        callOf(assets.methods.create, { ...due, instrument: 'DUE', maturity: TODAY + 1 }),
        callOf(assets.methods.create, { ...due, instrument: 'LISTED', eligibility: { roles: [], admittedOnly: true } }),
        callOf(assets.methods.create, { ...due, instrument: 'DOLLARS', currency: 'USD' }),
      ]);
      const refusals: readonly (readonly [Partial<Terms>, string])[] = [
        [{ id: 'BETAFRPP-R1' }, 'ID_INVALID'],
        [{ id: `ALFADEFF-${'x'.repeat(48)}` }, 'ID_INVALID'],
        [{ units: 0n }, 'AMOUNT_ZERO'],
        [{ cash: 0n }, 'AMOUNT_ZERO'],
        [{ graceMs: 0 }, 'AMOUNT_ZERO'],
        [{ buyer: alfaSecond }, 'SAME_MEMBER'],
        [{ buyer: unknown }, 'ACCOUNT_UNKNOWN'],
        [{ opensBefore: TODAY_MS }, 'DEADLINE_INVALID'],
        [{ closesAt: TODAY_MS + HOUR_MS - 1 }, 'DEADLINE_INVALID'],
        [{ closesAt: TODAY_MS + 367 * DAY_MS }, 'DEADLINE_INVALID'],
        [{ instrument: 'NONE' }, 'INSTRUMENT_UNKNOWN'],
        [{ instrument: 'DOLLARS' }, 'CURRENCY_MISMATCH'],
        [{ instrument: 'DUE' }, 'MATURES_BEFORE'],
        [{ instrument: 'LISTED' }, 'NOT_ELIGIBLE'],
        [{ instrument: BOND_A }, 'CLOSE_LINK'],
        [{ units: 1_001n }, 'INSUFFICIENT_UNITS'],
      ];
      for (const [change, code] of refusals) expect(network.code(alfa, offer(change)), code).to.equal(code);
      expect(network.code(beta, offer())).to.equal('UNAUTHORISED');
      expect(network.code(alfa, close)).to.equal('REPO_UNKNOWN');
      network.ok(alfa, offer());
      expect(network.code(alfa, close)).to.equal('REPO_NOT_OPEN');
    });

    it('is not opened on a closed day, with money that is not there, or past a limit', () => {
      network.ok(alfa, [offer(), offer({ id: 'ALFADEFF-R2', cash: 1_000_001n })]);
      expect(network.code(beta, accept({ id: 'ALFADEFF-R2', cash: 1_000_001n }))).to.equal('INSUFFICIENT_FUNDS');
      network.ok(
        beta,
        callOf(cash.methods.setLimits, { currency: 'EUR', account: beta, perPayment: 89_999n, keys: [] }),
      );
      expect(network.code(beta, accept())).to.equal('LIMIT_PER_PAYMENT');
      network.closeDay();
      expect(network.code(beta, accept())).to.equal('BUSINESS_DAY_CLOSED');
    });
  });

  describe('that is closed', () => {
    beforeEach(() => open());

    it('costs the cash and interest by ACT/360, rounded down, and gives the units back', () => {
      expect(network.code(alfa, close)).to.equal('TOO_EARLY');
      network.nextDay(TODAY + 1);
      expect(network.code(beta, close)).to.equal('UNAUTHORISED');
      expect(shown().owed).to.equal(90_009n);
      network.ok(alfa, close);
      expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([999_991n, 1_000_009n]);
      expect([units(alfa), units(beta)]).to.deep.equal([
        { free: 1_000n, locked: 0n },
        { free: 1_000n, locked: 0n },
      ]);
      expect(closed()).to.deep.include({ status: 'closed', paid: 90_009n, isUncollected: false });
      expect(network.code(alfa, close)).to.equal('REPO_CLOSED');
      expect(network.view(r.reposOf, { account: alfa, limit: 9 })).to.deep.equal([]);
    });

    it('is closed before its time where the buyer lets it', () => {
      expect(network.code(alfa, allowEarly(true))).to.equal('UNAUTHORISED');
      network.ok(beta, allowEarly(true));
      expect(network.code(beta, allowEarly(true))).to.equal('UNCHANGED');
      network.ok(beta, allowEarly(false));
      expect(network.code(alfa, close)).to.equal('TOO_EARLY');
      network.ok(beta, allowEarly(true));
      network.ok(alfa, close);
      expect(closed()?.paid).to.equal(90_000n);
    });

    it('moves neither side where the seller cannot pay', () => {
      network.nextDay(TODAY + 1);
      const all = callOf(cash.methods.transfer, { currency: 'EUR', debtor: alfa, creditor: gamma, amount: 1_000_000n });
      network.ok(alfa, all);
      expect(network.code(alfa, close)).to.equal('INSUFFICIENT_FUNDS');
    });

    it('sets the price aside while the instrument is paused, so that nobody has the seller fail by a pause', () => {
      network.nextDay(TODAY + 1);
      network.ok(gamma, callOf(assets.methods.pause, { instrument: BOND_G }));
      network.ok(alfa, close);
      network.now += 9 * HOUR_MS;
      expect(network.code(beta, fail)).to.equal('TENDERED');
      expect(network.code(gamma, settle)).to.equal('INSTRUMENT_PAUSED');
      network.ok(gamma, [callOf(assets.methods.resume, { instrument: BOND_G }), settle]);
      expect(closed()).to.deep.include({ status: 'closed', paid: 90_009n });
    });

    it('sets the price aside where an order keeps the units, and is completed by anybody once it is lifted', () => {
      network.nextDay(TODAY + 1);
      network.freeze(BOND_G, beta);
      const { results } = network.ok(alfa, close);
      expect(r.close.returns?.decode(results[0] as Uint8Array)).to.deep.equal({ isClosed: false, obstacle: 'FROZEN' });
      expect([shown().status, shown().tender?.price, network.balance(alfa)]).to.deep.equal([
        'tendered',
        90_009n,
        999_991n,
      ]);
      for (const one of [close, payMargin(1n), swap('offerSubstitute', BOND_B, 1n), revalue]) {
        expect(network.code(alfa, one)).to.equal('TENDERED');
      }
      network.now += 9 * HOUR_MS;
      expect(network.code(beta, fail)).to.equal('TENDERED');
      expect(network.code(gamma, settle)).to.equal('FROZEN');
      network.freeze(BOND_G, beta, 1_000n);
      network.ok(gamma, settle);
      expect([network.balance(beta), units(alfa).free]).to.deep.equal([1_000_009n, 1_000n]);
      expect(closed()?.status).to.equal('closed');
    });

    it('has the price taken back, and the seller’s time goes on', () => {
      expect(network.code(gamma, settle)).to.equal('NOT_TENDERED');
      expect(network.code(alfa, takeBack)).to.equal('NOT_TENDERED');
      network.nextDay(TODAY + 1);
      network.freeze(BOND_G, beta);
      network.ok(alfa, close);
      expect(network.code(beta, takeBack)).to.equal('UNAUTHORISED');
      network.now += 9 * HOUR_MS;
      network.ok(alfa, takeBack);
      expect(network.balance(alfa)).to.equal(1_090_000n);
      failed();
      expect(units(beta)).to.deep.equal({ free: 1_010n, locked: 0n });
    });

    it('leaves neither side locked where the seller is suspended after it has set the price aside', () => {
      network.nextDay(TODAY + 1);
      network.freeze(BOND_G, beta);
      network.ok(alfa, close);
      network.network.suspend(BANKS.alfa);
      expect(network.code(beta, takeBack)).to.equal('NOT_ENTITLED');
      network.ok(beta, fail);
      network.now += 2 * HOUR_MS - 1;
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.now += 1;
      network.ok(beta, fail);
      expect([closed()?.status, network.balance(alfa), units(beta).locked]).to.deep.equal(['failed', 1_090_000n, 0n]);
    });

    it('has the price of a suspended seller taken back by the central bank, so that orders reach it', () => {
      network.nextDay(TODAY + 1);
      network.freeze(BOND_G, beta);
      network.ok(alfa, close);
      network.network.suspend(BANKS.alfa);
      network.ok(central, takeBack);
      expect([network.balance(alfa), shown().status]).to.deep.equal([1_090_000n, 'open']);
    });

    it('pays nobody interest for the time in which its price was set aside, though the margin was all of it', () => {
      network.ok(alfa, payMargin(90_000n));
      network.nextDay(TODAY + 1);
      network.ok(alfa, payMargin(9n));
      network.freeze(BOND_G, beta);
      network.ok(alfa, close);
      network.nextDay(TODAY + 2);
      network.freeze(BOND_G, beta, 1n);
      network.ok(gamma, settle);
      expect(closed()?.paid).to.equal(90_009n);
    });

    it('gives the units back though the buyer is suspended, whose money waits for it', () => {
      network.nextDay(TODAY + 1);
      network.ok(alfa, payMargin(9n));
      network.network.suspend(BANKS.beta);
      network.ok(alfa, close);
      expect([units(alfa).free, network.balance(beta), closed()?.isUncollected]).to.deep.equal([
        1_000n,
        910_000n,
        true,
      ]);
      const lock = { currency: 'EUR', contract: 'repo', lock: `${ID}.margin` };
      expect(network.view(cash.methods.lockOf, lock)).to.deep.equal({ debtor: beta, amount: 90_009n });
      expect(network.code(gamma, collect)).to.equal('NOT_ENTITLED');
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.beta }));
      network.ok(gamma, collect);
      expect([network.balance(beta), closed()?.isUncollected]).to.deep.equal([1_000_009n, false]);
      expect(network.code(gamma, collect)).to.equal('NOTHING_TO_COLLECT');
    });

    const [instrument, id] = ['MAT', `${BANKS.gamma}-A1`];
    const callable = (amount: bigint): void => {
      const bond = { kind: 'bond', issuer: gamma, name: 'Bond', currency: 'EUR', nominal: 10_000n, cap: 99n } as const;
      const terms = { ...bond, instrument, maturity: 20_270_105, callableFrom: TODAY };
      network.ok(gamma, callOf(assets.methods.create, terms));
      network.ok(gamma, callOf(assets.methods.issue, { instrument, account: alfa, amount }));
    };
    const redeemAll = (declared: bigint, deadline: number): void => {
      const action = { id, instrument, issuer: gamma, version: 1, currency: 'EUR', recordHeight: 7, paymentDay: TODAY };
      const redemption = { part: 1, whole: 1, price: 10_000n };
      network.ok(gamma, callOf(actions.methods.declare, { ...action, deadline, declared, redemption } as never));
    };
    const next = (sender: Address, calls: readonly Call[]): string => {
      const step = { sender, signers: [sender], calls, height: 8, timestamp: network.now };
      return network.network.ledger.run(step).failure?.code ?? '';
    };

    it('delivers units that are redeemed, with what is paid for them', () => {
      callable(10n);
      const other = { id: 'ALFADEFF-R2', instrument };
      network.ok(alfa, offer(other));
      network.ok(beta, accept(other));
      redeemAll(100_000n, CLOSES - HOUR_MS);
      const proceed = callOf(actions.methods.proceed, { id, pages: 1 });
      expect(next(alfa, [proceed])).to.equal('');
      network.nextDay(TODAY + 1);
      expect(next(alfa, [proceed])).to.equal('NOTHING_TO_DO');
      const claim = callOf(actions.methods.claim, { id, account: alfa });
      expect(next(alfa, [callOf(r.close, { id: 'ALFADEFF-R2' }), claim])).to.equal('');
      expect(network.balance(alfa)).to.equal(1_000_000n + 90_000n + 100_000n - 9n);
      expect(network.view(actions.methods.action, { id })).to.deep.include({ status: 'paid', paid: 100_000n });
    });

    it('sells no units by an offer that are being redeemed', () => {
      callable(20n);
      const [other, late] = [
        { id: 'ALFADEFF-R2', instrument },
        { id: 'ALFADEFF-R3', instrument },
      ];
      network.ok(alfa, offer(other));
      redeemAll(200_000n, CLOSES);
      expect(next(alfa, [offer(late)])).to.equal('REDEMPTION_UNDER_WAY');
      expect(next(alfa, [swap('offerSubstitute', instrument, 1n)])).to.equal('REDEMPTION_UNDER_WAY');
      expect(next(beta, [accept(other)])).to.equal('REDEMPTION_UNDER_WAY');
      expect(next(alfa, [cancel('ALFADEFF-R2')])).to.equal('');
      expect(units(alfa, instrument)).to.deep.equal({ free: 20n, locked: 0n });
    });

    it('gives the money of a suspended buyer to where orders reach it', () => {
      network.nextDay(TODAY + 1);
      network.network.suspend(BANKS.beta);
      network.ok(alfa, close);
      network.ok(central, collect);
      expect(network.balance(beta)).to.equal(1_000_009n);
    });

    it('ends without an exchange where the members have given the units back', () => {
      expect(network.code(alfa, cancel())).to.equal('REPO_NOT_OPEN');
      const lock = { instrument: BOND_G, contract: 'repo', lock: `${ID}.units` };
      expect(network.network.govern(callOf(assets.methods.returnLock, lock))).to.equal('');
      network.ok(alfa, payMargin(50_000n));
      network.ok(gamma, cancel());
      expect(closed()).to.deep.include({ status: 'returned', paid: 50_000n });
      expect(closed()?.failure?.difference).to.deep.equal({ owedBy: 'buyer', amount: 60_000n });
    });

    it('counts no margin that the members have given back', () => {
      network.ok(alfa, payMargin(50_000n));
      const lock = { currency: 'EUR', contract: 'repo', lock: `${ID}.margin` };
      expect(network.network.govern(callOf(cash.methods.returnLock, lock))).to.equal('');
      expect([shown().margin, network.balance(beta)]).to.deep.equal([0n, 960_000n]);
      network.nextDay(TODAY + 1);
      network.ok(alfa, close);
      expect(closed()?.paid).to.equal(90_009n);
    });
  });

  describe('whose seller fails', () => {
    beforeEach(() => open());

    it('leaves the units with the buyer after the grace, and records the difference', () => {
      network.nextDay(TODAY + 1);
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.now += 2 * HOUR_MS - 1;
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.now += 1;
      expect(network.code(alfa, fail)).to.equal('UNAUTHORISED');
      failed();
      expect([units(beta), network.balance(alfa)]).to.deep.equal([{ free: 1_010n, locked: 0n }, 1_090_000n]);
      const { failure, status } = closed() ?? {};
      expect(status).to.equal('failed');
      expect(failure).to.deep.include({ repurchase: 90_009n, margin: 0n, value: 100_000n });
      expect(failure?.difference).to.deep.equal({ owedBy: 'buyer', amount: 9_991n });
      expect(network.code(alfa, close)).to.equal('REPO_CLOSED');
    });

    it('takes a notice, by which the seller performs whatever has kept it from that before', () => {
      network.nextDay(TODAY + 1);
      const untilMs = network.now + 3 * HOUR_MS;
      const pause = callOf(governance.methods.pause, { scope: 'repo', untilMs });
      for (const bank of [alfa, beta, gamma, central]) network.run(bank, pause);
      expect(network.code(alfa, close)).to.equal('PAUSED');
      network.now += 3 * HOUR_MS;
      expect(network.code(beta, [fail, fail])).to.equal('NOT_FAILED');
      const { results } = network.ok(beta, fail);
      const until = network.now + HOUR_MS;
      expect(r.fail.returns?.decode(results[0] as Uint8Array)).to.deep.equal({ isFailed: false, until });
      expect(shown().notice).to.deep.equal({ ground: 'closing', noticedAt: network.now, until });
      network.now += HOUR_MS - 1;
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.ok(alfa, close);
      expect(closed()?.status).to.equal('closed');
    });

    it('takes another notice once one has lapsed, and for another call', () => {
      falls(9_000n);
      network.ok(beta, revalue);
      network.now += HOUR_MS;
      network.ok(beta, fail);
      falls(10_000n);
      network.ok(alfa, revalue);
      falls(9_000n);
      network.ok(beta, revalue);
      network.now += HOUR_MS;
      network.ok(beta, fail);
      expect(shown().notice?.noticedAt).to.equal(network.now);
      network.nextDay(TODAY + 1);
      network.now += 2 * HOUR_MS;
      network.ok(beta, fail);
      expect(shown().notice?.ground).to.equal('closing');
      network.now += 7 * DAY_MS + HOUR_MS;
      network.ok(beta, fail);
      expect(shown().notice?.noticedAt).to.equal(network.now);
    });

    it('is ended before its time where the seller stays suspended for longer than the grace', () => {
      network.network.suspend(BANKS.alfa);
      network.ok(beta, fail);
      network.now += 2 * HOUR_MS - 1;
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.now += 1;
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.alfa }));
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.network.suspend(BANKS.alfa);
      network.ok(beta, fail);
      expect(closed()?.status).to.equal('failed');
    });

    it('is ended though the instrument is paused', () => {
      falls(9_000n);
      network.ok(gamma, callOf(assets.methods.pause, { instrument: BOND_G }));
      network.ok(beta, revalue);
      network.now += HOUR_MS;
      failed();
      expect(units(beta)).to.deep.equal({ free: 1_010n, locked: 0n });
    });

    it('counts no time in which no business day is open, and gives the seller a while of the next', () => {
      network.closeDay();
      network.now += DAY_MS + 3 * HOUR_MS;
      expect(network.code(beta, fail)).to.equal('BUSINESS_DAY_CLOSED');
      network.ok(central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: TODAY + 2 }));
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.now += HOUR_MS - 1;
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.ok(alfa, close);
    });

    it('leaves what the seller owes where the units are worth less, with its margin', () => {
      falls(5_000n);
      network.ok(alfa, payMargin(1_000n));
      network.nextDay(TODAY + 1);
      network.now += 2 * HOUR_MS;
      failed();
      expect(network.balance(beta)).to.equal(911_000n);
      expect(closed()?.failure?.difference).to.deep.equal({ owedBy: 'seller', amount: 39_009n });
    });

    it('is ended by the central bank of its currency where the buyer is suspended', () => {
      network.nextDay(TODAY + 1);
      network.now += 2 * HOUR_MS;
      network.network.suspend(BANKS.beta);
      expect(network.code(gamma, fail)).to.equal('NOT_ENTITLED');
      failed(central);
      expect(units(beta)).to.deep.equal({ free: 1_010n, locked: 0n });
    });
  });

  describe('by falling and rising prices', () => {
    beforeEach(() => open());

    it('calls for margin beyond the threshold, which the seller pays in money', () => {
      expect(network.code(gamma, revalue)).to.equal('MARGIN_UNCHANGED');
      falls(9_989n);
      expect(network.code(gamma, revalue)).to.equal('MARGIN_UNCHANGED');
      falls(9_900n);
      const { results } = network.ok(gamma, revalue);
      expect(r.revalue.returns?.decode(results[0] as Uint8Array)).to.deep.equal({
        result: 'called',
        amount: 900n,
        units: 0n,
      });
      expect(network.code(gamma, revalue)).to.equal('MARGIN_UNCHANGED');
      expect(network.code(beta, payMargin(1n))).to.equal('UNAUTHORISED');
      expect(network.code(alfa, payMargin(0n))).to.equal('AMOUNT_ZERO');
      network.ok(alfa, payMargin(400n));
      expect(shown().call?.amount).to.equal(500n);
      network.ok(alfa, payMargin(500n));
      expect([shown().call, shown().margin, shown().covered]).to.deep.equal([undefined, 900n, 90_000n]);
      network.nextDay(TODAY + 1);
      network.ok(alfa, close);
      expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([999_991n, 1_000_009n]);
      expect(closed()?.paid).to.equal(90_009n);
    });

    it('lets the buyer end it where the call is not met, while it is short', () => {
      falls(9_000n);
      network.ok(beta, revalue);
      expect(network.code(beta, fail)).to.equal('NOT_FAILED');
      network.now += HOUR_MS;
      falls(10_000n);
      expect(network.code(beta, fail)).to.equal('MARGIN_UNCHANGED');
      falls(9_000n);
      failed();
      expect(closed()?.status).to.equal('failed');
    });

    it('ends a call that prices have cured, and one that lapsed is made anew', () => {
      falls(9_000n);
      network.ok(beta, revalue);
      falls(10_000n);
      network.ok(alfa, revalue);
      expect(shown().call).to.equal(undefined);
      falls(9_000n);
      network.ok(beta, revalue);
      network.now += 8 * DAY_MS;
      expect(network.code(gamma, revalue)).to.equal('PRICE_STALE');
      falls(9_000n);
      network.ok(beta, revalue);
      expect(shown().call?.deadline).to.equal(network.now + HOUR_MS);
    });

    it('gives back what is too much: money first, then units', () => {
      network.ok(alfa, payMargin(5_000n));
      network.ok(gamma, revalue);
      expect([shown().margin, network.balance(alfa)]).to.deep.equal([0n, 1_090_000n]);
      falls(12_500n);
      network.ok(gamma, revalue);
      expect([shown().units, units(alfa).free, shown().covered]).to.deep.equal([8n, 992n, 90_000n]);
      falls(12_505n);
      expect(network.code(gamma, revalue)).to.equal('MARGIN_UNCHANGED');
    });

    it('gives margin back though the buyer is suspended', () => {
      network.ok(alfa, payMargin(5_000n));
      network.network.suspend(BANKS.beta);
      network.ok(alfa, revalue);
      expect([shown().margin, network.balance(alfa)]).to.deep.equal([0n, 1_090_000n]);
    });

    it('gives nothing back by a price that a lower one waits to replace', () => {
      falls(12_500n);
      network.now += 1;
      const observation = { instrument: BOND_G, price: 10_000n, pricedAt: network.now };
      network.ok(beta, callOf(prices.methods.publish, { ...observation, oracle: beta }));
      expect(network.code(gamma, revalue)).to.equal('MARGIN_UNCHANGED');
    });

    it('takes no more margin than what is owed', () => {
      expect(network.code(alfa, payMargin(90_001n))).to.equal('MARGIN_EXCESSIVE');
      network.ok(alfa, payMargin(90_000n));
      expect(network.code(alfa, payMargin(1n))).to.equal('MARGIN_EXCESSIVE');
      network.nextDay(TODAY + 1);
      network.ok(alfa, close);
      expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([999_991n, 1_000_009n]);
      expect(closed()?.paid).to.equal(90_009n);
    });
  });

  describe('whose units the seller wants back', () => {
    beforeEach(() => open());

    it('takes others in their place where the buyer agrees to exactly those', () => {
      network.ok(alfa, swap('offerSubstitute', BOND_B, 11n));
      expect(network.code(alfa, swap('offerSubstitute', BOND_B, 12n))).to.equal('SUBSTITUTE_EXISTS');
      expect(network.code(beta, swap('acceptSubstitute', BOND_B, 12n))).to.equal('SUBSTITUTE_MISMATCH');
      expect(network.code(alfa, swap('acceptSubstitute', BOND_B, 11n))).to.equal('UNAUTHORISED');
      network.ok(beta, swap('acceptSubstitute', BOND_B, 11n));
      expect([units(alfa).free, units(beta, BOND_B), shown().instrument]).to.deep.equal([
        1_000n,
        { free: 1_000n, locked: 11n },
        BOND_B,
      ]);
      network.nextDay(TODAY + 1);
      network.ok(alfa, close);
      expect(units(alfa, BOND_B)).to.deep.equal({ free: 1_000n, locked: 0n });
    });

    it('takes none that cover less than what is owed, or have no fresh price', () => {
      network.ok(alfa, swap('offerSubstitute', BOND_B, 9n));
      expect(network.code(beta, swap('acceptSubstitute', BOND_B, 9n))).to.equal('COVERAGE_INSUFFICIENT');
      network.ok(alfa, payMargin(9_000n));
      network.ok(central, callOf(prices.methods.strike, { instrument: BOND_B }));
      expect(network.code(beta, swap('acceptSubstitute', BOND_B, 9n))).to.equal('PRICE_STALE');
      falls(10_000n, BOND_B);
      network.ok(beta, swap('acceptSubstitute', BOND_B, 9n));
    });

    it('keeps the offer apart: it is dropped, or goes back when the repo ends', () => {
      expect(network.code(alfa, drop)).to.equal('NO_SUBSTITUTE');
      expect(network.code(beta, swap('acceptSubstitute', BOND_B, 9n))).to.equal('NO_SUBSTITUTE');
      expect(network.code(alfa, swap('offerSubstitute', BOND_B, 0n))).to.equal('AMOUNT_ZERO');
      network.ok(alfa, swap('offerSubstitute', BOND_G, 12n));
      network.ok(alfa, drop);
      expect(network.code(alfa, swap('offerSubstitute', BOND_A, 12n))).to.equal('CLOSE_LINK');
      network.ok(alfa, swap('offerSubstitute', BOND_B, 12n));
      network.nextDay(TODAY + 1);
      network.ok(alfa, close);
      expect([units(alfa, BOND_B), units(alfa)]).to.deep.equal([
        { free: 1_000n, locked: 0n },
        { free: 1_000n, locked: 0n },
      ]);
    });

    it('opens nothing for a seller that is suspended', () => {
      network.ok(alfa, swap('offerSubstitute', BOND_B, 11n));
      network.network.suspend(BANKS.alfa);
      expect(network.code(beta, swap('acceptSubstitute', BOND_B, 11n))).to.equal('SUSPENDED');
      network.ok(central, drop);
    });
  });

  it('is one of a bounded number', function () {
    this.timeout(60_000);
    for (let batch = 0; batch < 100; batch++) {
      const calls = Array.from({ length: 10 }, (_, at) => offer({ id: `ALFADEFF-${batch}-${at}`, units: 1n }));
      network.ok(alfa, calls);
    }
    expect(network.code(alfa, offer({ units: 1n }))).to.equal('REPOS_TOO_MANY');
  });

  describe('has each of its codes', () => {
    it('seen by the tests above', () => {
      const missing = Object.keys(repo.abi().errors).filter((code) => !codes.has(`repo.${code}`));
      expect(missing).to.deep.equal([]);
    });
  });
});
