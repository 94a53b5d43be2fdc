import { expect } from 'chai';
import { PRESCRIPTION_MS } from '../../../contracts/actions/declaration.js';
import { actions, assets, cash, credit, membership, prices } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  BOND_A,
  BOND_B,
  BOND_G,
  CollateralNetwork,
  HOUR_MS,
  MARGIN_MS,
  MAX_AGE_MS,
} from '../../support/collateralNetwork.js';
import { ACCOUNTS, BANKS, callOf, TODAY } from '../../support/settlementNetwork.js';

const c = credit.methods;
const { central, alfa, alfaSecond, beta, gamma } = ACCOUNTS;
const of = { currency: 'EUR', account: alfa };
const NEXT = TODAY + 1;

const deposit = (units: bigint, instrument: string = BOND_G): Call => callOf(c.deposit, { ...of, instrument, units });
const withdraw = (units: bigint, instrument: string = BOND_G): Call => callOf(c.withdraw, { ...of, instrument, units });
const draw = (amount: bigint): Call => callOf(c.draw, { ...of, amount });
const repay = (amount: bigint, payer: Address = alfa): Call => callOf(c.repay, { ...of, payer, amount });
const call = callOf(c.callMargin, of);
const swap = (give: string, given: bigint, take: string, taken: bigint): Call =>
  callOf(c.substitute, { ...of, give: { instrument: give, units: given }, take: { instrument: take, units: taken } });
const sell = (change: object = {}): Call =>
  callOf(c.liquidate, { ...of, instrument: BOND_G, buyer: beta, price: 9_000n, maxUnits: 1_000n, ...change });

describe('credit', () => {
  let network: CollateralNetwork;
  const codes = new Set<string>();
  const facility = () => network.view(c.facility, { currency: 'EUR' });
  const bySale = [central, beta];

  beforeEach(() => {
    network = CollateralNetwork.lending();
  });

  afterEach(() => {
    // No step of any test makes money or loses it.
    expect(network.money).to.equal(5_000_000n);
    for (const code of network.network.codesSeen) codes.add(code);
  });

  describe('within a business day', () => {
    it('is drawn up to what the pool is worth less the haircut, and costs nothing', () => {
      expect(network.code(alfa, draw(1n))).to.equal('COVERAGE_INSUFFICIENT');
      network.ok(alfa, deposit(10n));
      expect(network.line().value).to.equal(90_000n);
      network.ok(alfa, draw(60_000n));
      expect(network.code(alfa, draw(30_001n))).to.equal('COVERAGE_INSUFFICIENT');
      network.ok(alfa, draw(30_000n));
      expect([network.balance(alfa), facility()?.available, facility()?.lent]).to.deep.equal([
        1_090_000n,
        810_000n,
        90_000n,
      ]);
      network.now += 5 * HOUR_MS;
      expect([network.line().owed, network.line().stage]).to.deep.equal([90_000n, 'intraday']);
      network.ok(alfa, repay(40_000n));
      network.ok(beta, repay(50_000n, beta));
      expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([1_050_000n, 950_000n]);
      expect([network.line().owed, facility()?.available, facility()?.lent]).to.deep.equal([0n, 900_000n, 0n]);
      expect(network.code(alfa, repay(1n))).to.equal('NOTHING_OWED');
    });

    it('is bounded by the line, by what the facility has, and by an open day', () => {
      network.ok(alfa, deposit(1_000n));
      expect(network.code(alfa, draw(800_001n))).to.equal('LINE_EXCEEDED');
      network.ok(central, callOf(c.defund, { currency: 'EUR', amount: 899_900n }));
      expect(network.code(alfa, draw(101n))).to.equal('FACILITY_INSUFFICIENT');
      expect(network.code(central, callOf(c.defund, { currency: 'EUR', amount: 101n }))).to.equal(
        'FACILITY_INSUFFICIENT',
      );
      network.ok(alfa, draw(100n));
      expect(facility()?.available).to.equal(0n);
      expect(network.code(alfa, draw(0n))).to.equal('AMOUNT_ZERO');
      expect(network.code(alfa, repay(101n))).to.equal('OWED_EXCEEDED');
      network.ok(alfa, repay(100n));
      network.closeDay();
      expect(network.code(alfa, draw(1n))).to.equal('BUSINESS_DAY_CLOSED');
    });

    it('is refused to whoever has no line, and to two accounts of one member', () => {
      const other = { currency: 'EUR', account: alfaSecond };
      expect(network.code(alfaSecond, callOf(c.draw, { ...other, amount: 1n }))).to.equal('LINE_UNKNOWN');
      expect(network.code(central, callOf(c.setLine, { ...other, limit: 5n }))).to.equal('LINE_ELSEWHERE');
      expect(network.code(beta, draw(1n))).to.equal('UNAUTHORISED');
      network.ok(central, callOf(c.setLine, { ...of, limit: 0n }));
      expect(network.view(c.line, of)).to.equal(undefined);
      network.ok(central, callOf(c.setLine, { ...other, limit: 5n }));
      expect(network.view(c.lineOf, { currency: 'EUR', member: BANKS.alfa })).to.equal(alfaSecond);
      expect(network.code(central, callOf(c.setLine, { currency: 'EUR', account: beta, limit: 0n }))).to.equal(
        'AMOUNT_ZERO',
      );
    });

    it('is not repaid out of somebody’s money who has not signed', () => {
      network.ok(alfa, [deposit(10n), draw(100n)]);
      expect(network.code(alfa, repay(100n, beta))).to.equal('UNAUTHORISED');
    });
  });

  describe('against a pool', () => {
    it('takes what the central bank takes, up to a cap, and nothing of the bank’s own', () => {
      expect(network.code(alfa, deposit(1n, BOND_A))).to.equal('CLOSE_LINK');
      expect(network.code(alfa, deposit(0n))).to.equal('AMOUNT_ZERO');
      network.ok(central, callOf(c.exclude, { currency: 'EUR', instrument: BOND_B }));
      expect(network.code(alfa, deposit(1n, BOND_B))).to.equal('NOT_ELIGIBLE');
      expect(network.code(central, callOf(c.exclude, { currency: 'EUR', instrument: BOND_B }))).to.equal(
        'NOT_ELIGIBLE',
      );
      network.eligible(BOND_G, 1_000, 50_000n);
      network.ok(alfa, [deposit(10n), deposit(5n)]);
      expect([network.line().value, network.line().positions[0]?.units]).to.deep.equal([50_000n, 15n]);
      expect(network.code(alfa, draw(50_001n))).to.equal('COVERAGE_INSUFFICIENT');
    });

    it('rounds the value of each position down', () => {
      network.ok(central, callOf(prices.methods.setFeed, feed({ per: 3n })));
      network.now += 1;
      network.price(BOND_G, 10n);
      network.eligible(BOND_G, 999);
      network.ok(alfa, deposit(1n));
      // 1 × 10 / 3 × 0.9001 = 3.0003…
      expect(network.line().value).to.equal(3n);
      network.ok(alfa, deposit(1n));
      expect(network.line().value).to.equal(6n);
    });

    it('gives back what fresh prices do not need, and everything where nothing is owed', () => {
      network.ok(alfa, [deposit(10n), draw(45_000n)]);
      expect(network.code(alfa, withdraw(6n))).to.equal('COVERAGE_INSUFFICIENT');
      network.ok(alfa, withdraw(5n));
      expect([network.free(alfa), network.line().value]).to.deep.equal([995n, 45_000n]);
      network.now += MAX_AGE_MS + 1;
      expect(network.code(alfa, withdraw(1n))).to.equal('PRICE_STALE');
      network.ok(alfa, [repay(45_000n), withdraw(5n)]);
      expect(network.code(alfa, withdraw(1n))).to.equal('UNITS_INSUFFICIENT');
      expect(network.line().positions).to.deep.equal([]);
    });

    it('blocks draws and substitutions by a stale or a missing price, and no repayment', () => {
      network.ok(alfa, [deposit(10n), deposit(10n, BOND_B), draw(1_000n)]);
      network.ok(central, callOf(prices.methods.strike, { instrument: BOND_B }));
      for (const one of [draw(1n), swap(BOND_G, 1n, BOND_B, 1n), withdraw(1n)]) {
        expect(network.code(alfa, one)).to.equal('PRICE_STALE');
      }
      expect(network.line().stale).to.equal(BOND_B);
      network.ok(alfa, [repay(500n), deposit(1n), deposit(1n, BOND_B)]);
      expect(network.line().drawable).to.equal(0n);
    });

    it('takes units that it has none of by a fresh price alone', () => {
      network.ok(central, callOf(prices.methods.strike, { instrument: BOND_B }));
      expect(network.code(alfa, deposit(1n, BOND_B))).to.equal('PRICE_STALE');
    });

    it('lends nothing on what orders keep, and hands nothing out for it', () => {
      network.ok(alfa, [deposit(10n), deposit(10n, BOND_B)]);
      network.freeze(BOND_G, alfa, 994n);
      expect([network.line().value, network.line().drawable]).to.deep.equal([180_000n, 144_000n]);
      expect(network.code(alfa, draw(144_001n))).to.equal('COVERAGE_INSUFFICIENT');
      network.ok(alfa, draw(100_000n));
      expect(network.code(alfa, withdraw(5n, BOND_B))).to.equal('COVERAGE_INSUFFICIENT');
      network.freeze(BOND_G, alfa);
      expect(network.code(alfa, draw(1n))).to.equal('COVERAGE_INSUFFICIENT');
      // Nobody is called because of an order.
      expect(network.code(beta, call)).to.equal('NOT_SHORT');
    });

    it('lends nothing by a price that its own oracle alone has published', () => {
      network.ok(central, callOf(prices.methods.setFeed, feed({ oracles: [alfa, beta] })));
      network.ok(alfa, deposit(10n));
      network.now += 1;
      const observation = { instrument: BOND_G, price: 10_400n, pricedAt: network.now };
      const publish = callOf(prices.methods.publish, { ...observation, oracle: alfa });
      expect(network.code(alfa, [publish, draw(1n)])).to.equal('PRICE_OWN');
      network.ok(alfa, callOf(prices.methods.publish, { ...observation, price: 10_600n, oracle: alfa }));
      network.ok(beta, callOf(prices.methods.confirm, { ...observation, price: 10_600n, account: beta }));
      network.ok(alfa, draw(95_400n));
    });

    it('is not drawn after another oracle has published over a lower price that waits', () => {
      network.ok(central, callOf(prices.methods.setFeed, feed({ oracles: [beta, gamma] })));
      network.ok(alfa, deposit(10n));
      network.now += 1_000;
      const seen = { instrument: BOND_G, pricedAt: network.now };
      network.ok(beta, callOf(prices.methods.publish, { ...seen, price: 1_000n, oracle: beta }));
      for (const price of [10_000n, 99_999n]) {
        const older = { instrument: BOND_G, price, pricedAt: network.now - 500 };
        network.ok(gamma, callOf(prices.methods.publish, { ...older, oracle: gamma }));
        network.now += 1;
        expect(network.code(alfa, draw(90_000n))).to.equal('COVERAGE_INSUFFICIENT');
      }
    });

    it('is worth no more than an amount can say', () => {
      network.ok(alfa, deposit(10n));
      network.now += 1;
      network.price(BOND_G, 2n ** 128n - 1n);
      expect(network.line().value).to.equal(2n ** 128n - 1n);
      expect(network.view(c.lines, { currency: 'EUR', limit: 9 }).length).to.equal(1);
      network.ok(alfa, draw(1n));
      expect(network.code(beta, call)).to.equal('NOT_SHORT');
    });

    it('lends by the lower price while another one waits for a second member', () => {
      network.ok(alfa, [deposit(10n), draw(45_000n)]);
      network.now += 1;
      const observation = { instrument: BOND_G, price: 5_000n, pricedAt: network.now };
      network.ok(beta, callOf(prices.methods.publish, { ...observation, oracle: beta }));
      expect(network.code(alfa, draw(1n))).to.equal('COVERAGE_INSUFFICIENT');
      expect(network.code(alfa, withdraw(1n))).to.equal('COVERAGE_INSUFFICIENT');
      // Whom it would leave short nobody calls by it.
      network.ok(central, callOf(prices.methods.reject, { instrument: BOND_G }));
      network.ok(alfa, draw(45_000n));
      network.now += 1;
      network.ok(beta, callOf(prices.methods.publish, { ...observation, pricedAt: network.now, oracle: beta }));
      expect(network.code(beta, call)).to.equal('NOT_SHORT');
    });

    it('swaps units in one step, and never below the loan', () => {
      network.ok(alfa, [deposit(10n), draw(90_000n)]);
      expect(network.code(alfa, swap(BOND_B, 9n, BOND_G, 10n))).to.equal('COVERAGE_INSUFFICIENT');
      expect(network.code(alfa, swap(BOND_B, 10n, BOND_G, 11n))).to.equal('UNITS_INSUFFICIENT');
      network.ok(alfa, swap(BOND_B, 10n, BOND_G, 10n));
      expect(network.line().positions.map(({ instrument, units }) => [instrument, units])).to.deep.equal([
        [BOND_B, 10n],
      ]);
      expect(network.free(alfa)).to.equal(1_000n);
    });

    it('counts nothing for what is paused, excluded or over', () => {
      network.ok(alfa, [deposit(10n), draw(90_000n)]);
      network.ok(gamma, callOf(assets.methods.pause, { instrument: BOND_G }));
      expect(network.line().value).to.equal(0n);
      network.ok(beta, call);
      expect(network.line().call?.shortfall).to.equal(90_000n);
      network.ok(gamma, callOf(assets.methods.resume, { instrument: BOND_G }));
      network.ok(beta, callOf(c.cureMargin, of));
      network.ok(central, callOf(c.exclude, { currency: 'EUR', instrument: BOND_G }));
      expect(network.line().value).to.equal(0n);
      expect(network.line().drawable).to.equal(0n);
      const bill = { kind: 'bill', issuer: gamma, name: 'Bill', currency: 'EUR', nominal: 1n, cap: 9n } as const;
      const instrument = 'BILL';
      network.ok(gamma, callOf(assets.methods.create, { ...bill, instrument, maturity: TODAY }));
      network.eligible(instrument, 0);
      expect(network.code(alfa, deposit(1n, instrument))).to.equal('NOT_ELIGIBLE');
    });

    it('holds sixteen instruments', () => {
      const create = (instrument: string) => [
        callOf(assets.methods.create, {
          ...{ instrument, kind: 'bond', issuer: gamma, name: 'Bond', currency: 'EUR', nominal: 1n, cap: 9n },
        } as const),
        callOf(assets.methods.issue, { instrument, account: alfa, amount: 1n }),
      ];
      const ids = Array.from({ length: 17 }, (_, index) => `B-${index}`);
      for (const instrument of ids) {
        network.ok(gamma, create(instrument));
        network.eligible(instrument, 0);
        network.ok(central, callOf(prices.methods.setFeed, feed({ instrument })));
        network.price(instrument, 1n);
      }
      for (const instrument of ids.slice(0, 16)) network.ok(alfa, deposit(1n, instrument));
      expect(network.code(alfa, deposit(1n, 'B-16'))).to.equal('POSITIONS_TOO_MANY');
    });

    it('is not made of units that orders keep, and is no way around them', () => {
      network.freeze(BOND_G, alfa, 995n);
      expect(network.code(alfa, deposit(6n))).to.equal('FROZEN');
      network.ok(alfa, deposit(5n));
      expect(network.code(alfa, deposit(1n))).to.equal('FROZEN');
    });
  });

  describe('that is open when its day ends', () => {
    beforeEach(() => {
      network.ok(alfa, [deposit(100n), draw(500_000n)]);
    });

    it('is a loan overnight, with interest by ACT/360, due on the next business day', () => {
      expect(network.code(beta, callOf(c.convert, of))).to.equal('NOTHING_TO_CONVERT');
      network.closeDay();
      network.ok(beta, callOf(c.convert, of));
      expect(network.code(beta, callOf(c.convert, of))).to.equal('NOTHING_TO_CONVERT');
      expect([network.line().stage, network.line().owed]).to.deep.equal(['overnight', 500_000n]);
      network.nextDay(NEXT);
      // 500,000 × 3.6 % × 1 / 360
      expect([network.line().owed, network.line().due]).to.deep.equal([500_050n, NEXT]);
      expect(network.code(alfa, draw(1n))).to.equal('LOAN_OVERNIGHT');
      network.ok(alfa, repay(500_000n));
      expect(network.line().owed).to.equal(50n);
      network.ok(alfa, repay(50n));
      expect(facility()?.available).to.equal(900_050n);
      network.ok(alfa, draw(1n));
    });

    it('counts every day of the calendar, once, whoever pays a part of it', () => {
      network.nextDay(20_260_108);
      expect(network.line().interest).to.equal(150n);
      network.ok(alfa, repay(100_150n));
      expect([network.line().owed, network.line().interest]).to.deep.equal([400_000n, 0n]);
      network.nextDay(20_260_109);
      expect([network.line().owed, network.line().stage]).to.deep.equal([400_040n, 'overdue']);
    });

    it('keeps the rate that it was drawn at', () => {
      const terms = { currency: 'EUR', funder: central, rate: 0, marginMs: MARGIN_MS };
      network.ok(central, callOf(c.setFacility, terms));
      network.nextDay(NEXT);
      expect(network.line().interest).to.equal(50n);
    });

    it('is sold out of its pool once it is overdue, and no unit more than pays it', () => {
      network.nextDay(NEXT);
      expect(network.code(central, sell(), bySale)).to.equal('NOT_DUE');
      network.closeDay();
      expect(network.line().stage).to.equal('overdue');
      network.nextDay(NEXT + 1);
      expect(network.code(central, sell({ price: 8_999n }), bySale)).to.equal('SALE_PRICE_INVALID');
      expect(network.code(central, sell({ price: 10_001n }), bySale)).to.equal('SALE_PRICE_INVALID');
      // 500,100 at 9,000 are 56 units, of which 3,900 are too much.
      network.ok(central, sell(), bySale);
      expect([network.line().owed, network.free(beta), network.balance(alfa)]).to.deep.equal([0n, 1_056n, 1_503_900n]);
      expect(network.line().positions[0]?.units).to.equal(44n);
      expect(facility()?.available).to.equal(900_100n);
    });
  });

  describe('that falling prices leave short', () => {
    beforeEach(() => {
      network.ok(alfa, [deposit(10n), draw(90_000n)]);
      network.now += 1;
    });

    const falls = (price: bigint) => {
      network.now += 1;
      network.price(BOND_G, price);
    };

    it('is called by anybody, once, and by nobody while it is covered', () => {
      expect(network.code(beta, call)).to.equal('NOT_SHORT');
      falls(8_000n);
      network.ok(beta, call);
      expect(network.line().call).to.deep.include({ shortfall: 18_000n, deadline: network.now + MARGIN_MS });
      expect(network.code(beta, call)).to.equal('CALLED_ALREADY');
      expect(network.code(beta, callOf(c.cureMargin, of))).to.equal('COVERAGE_INSUFFICIENT');
      const nobody = callOf(c.callMargin, { currency: 'EUR', account: beta });
      expect(network.code(beta, nobody)).to.equal('NOTHING_OWED');
    });

    it('is cured by collateral, by a repayment, by other units, or by prices', () => {
      const ways: readonly (readonly Call[])[] = [
        [deposit(1n), deposit(2n)],
        [repay(10_000n), repay(8_000n)],
        [deposit(1n, BOND_B), swap(BOND_B, 9n, BOND_G, 10n)],
      ];
      for (const [first, second] of ways) {
        network = CollateralNetwork.lending();
        network.ok(alfa, [deposit(10n), draw(90_000n)]);
        falls(8_000n);
        network.ok(beta, call);
        network.ok(alfa, first as Call);
        expect(network.line().call).not.to.equal(undefined);
        network.ok(alfa, second as Call);
        expect(network.line().call).to.equal(undefined);
      }
      network = CollateralNetwork.lending();
      network.ok(alfa, [deposit(10n), draw(90_000n)]);
      falls(7_000n);
      network.ok(beta, call);
      falls(10_000n);
      network.ok(beta, callOf(c.cureMargin, of));
      expect(network.line().call).to.equal(undefined);
      expect(network.code(beta, callOf(c.cureMargin, of))).to.equal('NOT_CALLED');
    });

    it('is sold from its deadline on, by exactly what covers it again', () => {
      falls(9_500n);
      network.ok(beta, call);
      expect(network.code(central, sell({ price: 9_500n }), bySale)).to.equal('NOT_DUE');
      network.now += MARGIN_MS;
      expect(network.code(beta, sell({ price: 9_500n }), bySale)).to.equal('UNAUTHORISED');
      expect(network.code(central, sell({ price: 9_500n }))).to.equal('UNAUTHORISED');
      expect(network.code(central, sell({ price: 9_500n, buyer: alfa }), [central, alfa])).to.equal('SAME_ACCOUNT');
      // Short of 4,500; each unit that is sold for 9,500 covered 8,550.
      network.ok(central, sell({ price: 9_500n }), bySale);
      expect([network.line().owed, network.line().value, network.line().call]).to.deep.equal([
        42_500n,
        42_750n,
        undefined,
      ]);
      expect(network.line().positions[0]?.units).to.equal(5n);
    });

    it('is paid by the shortfall where the price is that of the collateral', () => {
      falls(9_500n);
      network.ok(beta, call);
      network.now += MARGIN_MS;
      network.ok(central, sell({ price: 8_550n }), bySale);
      expect([network.line().owed, network.line().value]).to.deep.equal([81_450n, 76_950n]);
      network.ok(central, sell({ price: 9_500n, maxUnits: 1n }), bySale);
      expect(network.line().positions[0]?.units).to.equal(8n);
    });

    it('is sold to nobody when prices have recovered, or days after the deadline without another call', () => {
      falls(9_000n);
      network.ok(beta, call);
      network.now += MARGIN_MS;
      falls(10_000n);
      expect(network.code(central, sell(), bySale)).to.equal('NOT_SHORT');
      falls(9_000n);
      network.now += 96 * HOUR_MS;
      expect(network.code(central, sell(), bySale)).to.equal('NOT_DUE');
      falls(9_000n);
      network.ok(beta, call);
    });

    it('is called and sold though the price of a part of its pool is stale, which counts as it last was', () => {
      network.ok(alfa, deposit(1n, BOND_B));
      falls(8_800n);
      network.ok(beta, call);
      expect(network.line().call?.shortfall).to.equal(1_800n);
      network.now += MAX_AGE_MS;
      network.price(BOND_G, 8_800n);
      network.now += 1;
      expect(network.line().stale).to.equal(BOND_B);
      network.ok(central, sell({ price: 8_800n }), bySale);
      expect([network.line().value >= network.line().owed, network.line().call]).to.deep.equal([true, undefined]);
      falls(7_000n);
      network.ok(beta, call);
    });

    it('has a while of the day to meet a call that ran out in the night', () => {
      falls(5_000n);
      network.closeDay();
      network.ok(beta, call);
      network.now += MARGIN_MS;
      const opening = callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: NEXT });
      const sale = sell({ price: 4_500n });
      expect(network.code(central, [opening, sale], bySale)).to.equal('NOT_DUE');
      network.ok(central, opening);
      network.now += MARGIN_MS - 1;
      expect(network.code(central, sale, bySale)).to.equal('NOT_DUE');
      network.now += 1;
      network.ok(central, sale, bySale);
    });

    it('is sold past a position that the buyer may not have', () => {
      network.ok(alfa, deposit(2n, BOND_B));
      const listed = { instrument: BOND_G, expectedVersion: 1, name: 'Bond', nominal: 10_000n, cap: 100_000n };
      const eligibility = { roles: [], admittedOnly: true };
      network.ok(gamma, callOf(assets.methods.amend, { ...listed, eligibility }));
      falls(7_000n);
      network.ok(beta, call);
      network.now += MARGIN_MS;
      expect(network.code(central, sell({ price: 7_000n }), bySale)).to.equal('NOT_LARGEST');
      for (const maxUnits of [1n, 2n]) {
        network.ok(central, sell({ instrument: BOND_B, price: 10_000n, maxUnits }), bySale);
      }
      expect(network.code(central, sell({ price: 7_000n }), bySale)).to.equal('NOTHING_TO_SELL');
    });

    it('sells the largest position first, and nothing that orders keep or that cannot move', () => {
      network.ok(alfa, [deposit(2n, BOND_B)]);
      falls(7_000n);
      network.ok(beta, call);
      network.now += MARGIN_MS;
      expect(network.code(central, sell({ instrument: BOND_B, price: 9_000n }), bySale)).to.equal('NOT_LARGEST');
      network.freeze(BOND_G, alfa);
      expect(network.code(central, sell({ price: 7_000n }), bySale)).to.equal('NOT_LARGEST');
      for (const buyer of [beta, gamma]) {
        network.ok(central, sell({ instrument: BOND_B, price: 10_000n, buyer }), [central, buyer]);
      }
      expect(network.free(gamma, BOND_B)).to.equal(1_001n);
      expect(network.code(central, sell(), bySale)).to.equal('NOTHING_TO_SELL');
    });
  });

  describe('of a bank that is suspended', () => {
    it('is sold out of its pool without the bank, and the rest goes back to where orders reach it', () => {
      network.ok(alfa, [deposit(100n), draw(500_000n)]);
      const back = callOf(c.returnPool, of);
      expect(network.code(central, back)).to.equal('NOT_SUSPENDED');
      network.network.suspend(BANKS.alfa);
      expect(network.code(central, back)).to.equal('OWED');
      // 56 units bring 4,000 too much: the bank can be paid nothing, so that waits for it.
      network.ok(central, sell(), bySale);
      expect([network.line().owed, network.balance(alfa)]).to.deep.equal([0n, 1_500_000n]);
      network.ok(central, back);
      expect([network.free(alfa), network.balance(alfa), network.line().positions]).to.deep.equal([
        944n,
        1_504_000n,
        [],
      ]);
      expect(network.code(central, back)).to.equal('NOTHING_TO_RETURN');
    });

    it('is sold though it owes less than a unit brings, and collects the rest once it is active', () => {
      network.ok(alfa, [deposit(100n), draw(8_999n)]);
      network.network.suspend(BANKS.alfa);
      network.ok(central, sell(), bySale);
      expect([network.line().owed, network.balance(alfa)]).to.deep.equal([0n, 1_008_999n]);
      const collect = callOf(c.collect, of);
      expect(network.code(beta, collect)).to.equal('UNAUTHORISED');
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.alfa }));
      network.ok(alfa, collect);
      expect(network.balance(alfa)).to.equal(1_009_000n);
      expect(network.code(alfa, collect)).to.equal('NOTHING_TO_COLLECT');
      expect(network.code(central, collect)).to.equal('NOTHING_TO_COLLECT');
    });

    it('is repaid by anybody else', () => {
      network.ok(alfa, [deposit(100n), draw(500_000n)]);
      network.network.suspend(BANKS.alfa);
      expect(network.code(alfa, repay(1n))).to.equal('SUSPENDED');
      network.ok(beta, repay(500_000n, beta));
    });
  });

  it('covers nothing by units that the members have given back', () => {
    network.ok(alfa, [deposit(10n), draw(90_000n)]);
    const lock = { instrument: BOND_G, contract: 'credit', lock: alfa };
    expect(network.network.govern(callOf(assets.methods.returnLock, lock))).to.equal('');
    expect([network.line().value, network.free(alfa)]).to.deep.equal([0n, 1_000n]);
    network.ok(beta, call);
  });

  describe('against units that are redeemed', () => {
    const instrument = 'BILL';
    const id = `${BANKS.gamma}-A1`;
    const next = (sender: Address, calls: readonly Call[], signers: readonly Address[] = [sender]): string => {
      const step = { sender, signers, calls, height: 8, timestamp: network.now };
      return network.network.ledger.run(step).failure?.code ?? '';
    };
    const redeem = (paymentDay: number, deadlineMs: number, recordHeight = 7): Call =>
      callOf(actions.methods.declare, {
        ...{ id, instrument, issuer: gamma, version: 1, currency: 'EUR', recordHeight, paymentDay },
        ...{ deadline: network.now + deadlineMs, declared: 200_000n },
        redemption: { part: 1, whole: 1, price: 10_000n },
      } as never);

    const proceed = callOf(actions.methods.proceed, { id, pages: 1 });
    /** All but what secures the loan. */
    const redeemed = (recordHeight?: number): void => {
      network.network.ok(gamma, redeem(NEXT, 49 * HOUR_MS, recordHeight));
      network.nextDay(NEXT);
      expect(next(gamma, [proceed])).to.equal('');
      expect(network.balance(gamma)).to.equal(800_000n);
    };

    beforeEach(() => {
      const bill = { kind: 'bill', issuer: gamma, name: 'Bill', currency: 'EUR', nominal: 10_000n, cap: 20n } as const;
      network.ok(gamma, callOf(assets.methods.create, { ...bill, instrument, maturity: NEXT }));
      network.ok(gamma, callOf(assets.methods.issue, { instrument, account: alfa, amount: 20n }));
      network.ok(central, callOf(prices.methods.setFeed, feed({ instrument })));
      network.price(instrument, 10_000n);
      network.eligible(instrument, 1_000);
      network.ok(alfa, [deposit(10n, instrument), draw(90_000n)]);
    });

    it('is sold out of what is over, which covers nothing any more', () => {
      network.nextDay(NEXT);
      network.closeDay();
      expect([network.line().value, network.line().stage]).to.deep.equal([0n, 'overdue']);
      network.nextDay(NEXT + 1);
      network.price(instrument, 10_000n);
      network.ok(central, sell({ instrument, price: 10_000n }), bySale);
      expect([network.line().owed, network.line().positions]).to.deep.equal([0n, []]);
      expect(network.free(beta, instrument)).to.equal(10n);
    });

    it('loses nothing by a redemption whose deadline comes while the units secure it', () => {
      const deadline = network.now + 49 * HOUR_MS;
      redeemed();
      network.network.suspend(BANKS.alfa);
      network.now += 25 * HOUR_MS;
      network.price(instrument, 10_000n);
      expect(next(gamma, [callOf(actions.methods.proceed, { id, pages: 1 })])).to.equal('NOTHING_TO_DO');
      const sale = sell({ instrument, price: 10_000n });
      const claim = callOf(actions.methods.claim, { id, account: beta });
      expect(next(central, [sale, claim], bySale)).to.equal('');
      // Ten units for the 90,009 that are owed, and the rest waits for the bank; the buyer is paid for all ten.
      expect([network.line().owed, network.balance(beta)]).to.deep.equal([0n, 1_000_000n]);
      network.ok(central, callOf(c.returnPool, of));
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.alfa }));
      // It may have been suspended for years.
      network.now = deadline + PRESCRIPTION_MS - 1;
      expect(next(gamma, [callOf(actions.methods.proceed, { id, pages: 1 })])).to.equal('NOTHING_TO_DO');
      const before = network.balance(alfa);
      expect(next(alfa, [callOf(actions.methods.claim, { id, account: alfa })])).to.equal('');
      expect([network.balance(alfa) - before, network.free(alfa, instrument)]).to.deep.equal([100_000n, 0n]);
    });

    it('keeps the issuer’s money no longer than three years after the deadline, whatever is locked', () => {
      const deadline = network.now + 49 * HOUR_MS;
      redeemed();
      network.now = deadline + PRESCRIPTION_MS - 1;
      expect(next(gamma, [proceed])).to.equal('NOTHING_TO_DO');
      network.now += 1;
      expect(next(gamma, [callOf(actions.methods.claim, { id, account: alfa })])).to.equal('DEADLINE_PASSED');
      expect(next(gamma, [proceed, proceed])).to.equal('');
      expect(network.view(actions.methods.action, { id })?.status).to.equal('lapsed');
      expect([network.line().positions[0]?.units, network.balance(gamma)]).to.deep.equal([10n, 1_000_000n]);
    });

    it('is paid beyond the deadline where the members have given the units back', () => {
      const deadline = network.now + 49 * HOUR_MS;
      redeemed(1);
      const lock = { instrument, contract: 'credit', lock: alfa };
      expect(network.network.govern(callOf(assets.methods.returnLock, lock))).to.equal('');
      network.now = deadline;
      expect(next(gamma, [proceed])).to.equal('NOTHING_TO_DO');
      expect(next(gamma, [callOf(actions.methods.claim, { id, account: alfa })])).to.equal('');
    });

    it('keeps no money beyond the deadline for what was given back before the record', () => {
      const deadline = network.now + 49 * HOUR_MS;
      network.ok(gamma, redeem(NEXT, 49 * HOUR_MS));
      network.ok(alfa, [repay(90_000n), withdraw(10n, instrument)]);
      network.nextDay(NEXT);
      network.network.suspend(BANKS.alfa);
      expect(next(gamma, [proceed])).to.equal('');
      network.now = deadline;
      expect(next(gamma, [proceed, proceed])).to.equal('');
      expect(network.view(actions.methods.action, { id })?.status).to.equal('lapsed');
    });

    it('takes no more of them, and others in their place', () => {
      network.ok(gamma, redeem(NEXT, 49 * HOUR_MS));
      network.now += 1;
      expect(next(alfa, [deposit(1n, instrument)])).to.equal('REDEMPTION_UNDER_WAY');
      expect(next(alfa, [swap(BOND_G, 20n, instrument, 10n)])).to.equal('');
      expect(network.free(alfa, instrument)).to.equal(20n);
    });
  });

  it('forgets positions that the members have given back, so that the line can be closed', () => {
    network.ok(alfa, deposit(10n));
    const lock = { instrument: BOND_G, contract: 'credit', lock: alfa };
    expect(network.network.govern(callOf(assets.methods.returnLock, lock))).to.equal('');
    network.ok(central, callOf(c.setLine, { ...of, limit: 0n }));
    network.ok(central, callOf(c.setLine, { currency: 'EUR', account: alfaSecond, limit: 5n }));
  });

  it('is lent by the central bank of the currency, on its own terms', () => {
    const terms = { currency: 'EUR', funder: central, rate: 0, marginMs: 1 };
    expect(network.code(alfa, callOf(c.setFacility, terms))).to.equal('UNAUTHORISED');
    expect(network.code(central, callOf(c.setFacility, { ...terms, funder: alfa }))).to.equal('NOT_ISSUER');
    expect(network.code(central, callOf(c.setFacility, { ...terms, currency: 'XXX' }))).to.equal('CURRENCY_UNKNOWN');
    expect(network.code(central, callOf(c.fund, { currency: 'USD', amount: 1n }))).to.equal('FACILITY_UNKNOWN');
    const eligible = { currency: 'USD', instrument: BOND_G, haircutBps: 0 };
    expect(network.code(central, callOf(c.setEligible, eligible))).to.equal('CURRENCY_MISMATCH');
    expect(network.code(central, callOf(c.setEligible, { ...eligible, instrument: 'NONE' }))).to.equal(
      'INSTRUMENT_UNKNOWN',
    );
  });

  it('takes nothing as collateral that could not be delivered to the central bank', () => {
    const terms = { kind: 'bond', issuer: gamma, name: 'Bond', currency: 'EUR', nominal: 1n, cap: 9n } as const;
    const eligibility = { roles: ['bank' as const], admittedOnly: false };
    network.ok(gamma, callOf(assets.methods.create, { ...terms, instrument: 'LISTED', eligibility }));
    const accept = callOf(c.setEligible, { currency: 'EUR', instrument: 'LISTED', haircutBps: 0 });
    expect(network.code(central, accept)).to.equal('NOT_HOLDABLE');
  });

  describe('has each of its codes', () => {
    it('seen by the tests above', () => {
      const declared = Object.keys(credit.abi().errors);
      // The central bank of this network has one account: no other one funds its facility.
      const missing = declared.filter((code) => !codes.has(`credit.${code}`) && code !== 'FACILITY_FUNDED');
      expect(missing).to.deep.equal([]);
    });
  });

  function feed(change: object) {
    const oracles = [beta, gamma];
    return { ...{ instrument: BOND_G, oracles, per: 1n, maxAgeMs: MAX_AGE_MS, bandBps: 500 }, ...change };
  }
});
