import { expect } from 'chai';
import { assets, prices } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  BOND_A,
  BOND_G,
  CollateralNetwork,
  feedOf,
  HOUR_MS,
  MAX_AGE_MS,
  PRICE,
} from '../../support/collateralNetwork.js';
import { ACCOUNTS, BANKS, callOf } from '../../support/settlementNetwork.js';

const p = prices.methods;
const { central, alfa, beta, gamma, custodian } = ACCOUNTS;

describe('prices', () => {
  let network: CollateralNetwork;
  const codes = new Set<string>();

  const publish = (price: bigint, pricedAt = network.now, oracle: Address = beta): Call =>
    callOf(p.publish, { instrument: BOND_G, oracle, price, pricedAt });
  const confirm = (price: bigint, pricedAt = network.now, account: Address = gamma): Call =>
    callOf(p.confirm, { instrument: BOND_G, account, price, pricedAt });
  const feed = () => network.view(p.feed, { instrument: BOND_G });
  const quote = () => network.view(p.quote, { instrument: BOND_G });
  const set = (change: object): Call => callOf(p.setFeed, { ...feedOf(BOND_G), ...change });

  beforeEach(() => {
    network = new CollateralNetwork();
    network.now += 1;
  });

  afterEach(() => {
    for (const code of network.network.codesSeen) codes.add(code);
  });

  it('are published by the oracles of an instrument, each newer than the one before', () => {
    network.ok(beta, publish(10_100n));
    expect(quote()).to.deep.include({ price: 10_100n, cautious: 10_100n, isFresh: true });
    expect(network.code(alfa, publish(10_100n, network.now, alfa))).to.equal('NOT_ORACLE');
    expect(network.code(alfa, publish(10_100n))).to.equal('UNAUTHORISED');
    expect(network.code(beta, publish(10_100n))).to.equal('PRICE_OLDER');
    expect(network.code(beta, publish(10_100n, network.now + 1))).to.equal('TIME_INVALID');
    expect(network.code(beta, publish(10_100n, network.now - MAX_AGE_MS - 1))).to.equal('TIME_INVALID');
    expect(
      network.code(beta, callOf(p.publish, { instrument: 'NONE', oracle: beta, price: 1n, pricedAt: 1 })),
    ).to.equal('FEED_UNKNOWN');
  });

  it('become stale once they are older than the feed allows', () => {
    network.now += MAX_AGE_MS - 1;
    expect(quote()?.isFresh).to.equal(true);
    network.now += 1;
    expect(quote()).to.deep.include({ price: PRICE, isFresh: false });
  });

  it('far from the one in force take a second member, who confirms exactly that', () => {
    network.ok(beta, publish(5_000n));
    expect(quote()).to.deep.include({ price: PRICE, cautious: 5_000n });
    expect(network.code(beta, confirm(5_000n, network.now, beta))).to.equal('SAME_MEMBER');
    expect(network.code(alfa, confirm(5_000n, network.now, alfa))).to.equal('NOT_ORACLE');
    expect(network.code(gamma, confirm(5_001n))).to.equal('PROPOSAL_MISMATCH');
    network.ok(gamma, confirm(5_000n));
    expect([quote()?.price, feed()?.proposed]).to.deep.equal([5_000n, []]);
    expect(network.code(gamma, confirm(5_000n))).to.equal('NOTHING_PROPOSED');
  });

  it('are confirmed by the central bank as well, which may reject them', () => {
    network.ok(beta, publish(20_000n));
    expect(quote()).to.deep.include({ price: PRICE, cautious: PRICE });
    network.ok(central, callOf(p.reject, { instrument: BOND_G }));
    expect(network.code(central, confirm(20_000n, network.now, central))).to.equal('NOTHING_PROPOSED');
    expect(network.code(central, callOf(p.reject, { instrument: BOND_G }))).to.equal('NOTHING_PROPOSED');
    network.ok(beta, publish(20_000n));
    network.ok(central, confirm(20_000n, network.now, central));
    expect(quote()?.price).to.equal(20_000n);
  });

  it('are moved no further by many small steps than by one', () => {
    for (const [price, code] of [
      [10_400n, ''],
      [10_500n, ''],
      [9_500n, ''],
    ] as const) {
      network.now += 1;
      expect(network.code(beta, publish(price)), String(price)).to.equal(code);
    }
    network.now += 1;
    network.ok(beta, publish(9_400n));
    expect([quote()?.price, feed()?.proposed[0]?.price]).to.deep.equal([9_500n, 9_400n]);
    network.now += 24 * HOUR_MS;
    network.ok(beta, publish(9_400n));
    expect(quote()?.price).to.equal(9_400n);
  });

  it('wait for a second member where there was none before', () => {
    network.ok(central, callOf(p.strike, { instrument: BOND_G }));
    expect(quote()).to.equal(undefined);
    expect(network.code(central, callOf(p.strike, { instrument: BOND_G }))).to.equal('PRICE_UNKNOWN');
    expect(network.code(gamma, publish(0n, network.now, gamma))).to.equal('PRICE_ZERO');
    network.ok(gamma, publish(1n, network.now, gamma));
    expect(quote()).to.equal(undefined);
    network.ok(beta, confirm(1n, network.now, beta));
    expect(quote()).to.deep.include({ price: 1n, oracle: gamma, isConfirmed: true });
    network.now += 1;
    network.ok(beta, publish(2n));
    expect(feed()?.proposed[0]?.price).to.equal(2n);
  });

  it('of one oracle are dropped by no other one, whatever it publishes, and however new', () => {
    network.now += 1_000;
    const seen = network.now;
    network.ok(beta, publish(1_000n));
    network.ok(gamma, publish(PRICE, seen - 500, gamma));
    expect(quote()).to.deep.include({ price: PRICE, cautious: 1_000n, isConfirmed: false });
    network.ok(gamma, publish(99_999n, seen - 499, gamma));
    network.now += 1;
    network.ok(gamma, publish(10_001n, network.now, gamma));
    expect([quote()?.cautious, feed()?.proposed.map(({ price }) => price)]).to.deep.equal([1_000n, [1_000n]]);
    // What two members have seen counts before what one has published since.
    network.ok(central, confirm(1_000n, seen, central));
    expect(quote()).to.deep.include({ price: 1_000n, cautious: 1_000n });
    network.ok(gamma, publish(5_000n, seen - 1, gamma));
    expect(network.code(central, confirm(5_000n, seen - 1, central))).to.equal('PRICE_OLDER');
    network.ok(beta, publish(1_001n));
    expect(network.code(gamma, publish(1_000n, network.now, gamma))).to.equal('PRICE_OLDER');
    expect(network.code(beta, publish(9_000n))).to.equal('PRICE_OLDER');
  });

  it('are proposed by an oracle though another one is always newer', () => {
    network.now += 1_000;
    network.ok(gamma, publish(PRICE, network.now, gamma));
    network.ok(beta, publish(1_000n, network.now - 500));
    expect(quote()?.cautious).to.equal(1_000n);
    network.now += MAX_AGE_MS - 499;
    expect(quote()?.cautious).to.equal(PRICE);
  });

  it('that several propose are confirmed by a member of one of them, and rejected singly or together', () => {
    network.ok(beta, publish(5_000n));
    network.ok(gamma, publish(5_000n, network.now, gamma));
    network.ok(beta, confirm(5_000n, network.now, beta));
    expect(feed()?.proposed.map(({ oracle }) => oracle)).to.deep.equal([beta]);
    network.now += 1;
    network.ok(gamma, publish(9_000n, network.now, gamma));
    network.ok(central, callOf(p.reject, { instrument: BOND_G, oracle: beta }));
    expect(feed()?.proposed.map(({ oracle }) => oracle)).to.deep.equal([gamma]);
    expect(network.code(central, callOf(p.reject, { instrument: BOND_G, oracle: beta }))).to.equal('NOTHING_PROPOSED');
  });

  it('are not confirmed once they are old, or once a newer one is in force', () => {
    const early = network.now;
    network.ok(beta, publish(5_000n));
    network.now += MAX_AGE_MS + 1;
    expect(network.code(gamma, confirm(5_000n, early))).to.equal('TIME_INVALID');
    network.ok(beta, publish(10_001n));
    expect(feed()?.proposed).to.deep.equal([]);
  });

  it('of units that were split since are none', () => {
    const onBond = { instrument: BOND_G };
    network.ok(beta, publish(5_000n));
    const at = network.now;
    network.ok(gamma, [
      callOf(assets.methods.pause, onBond),
      callOf(assets.methods.beginSplit, { ...onBond, expectedVersion: 1, numerator: 2, denominator: 1 }),
    ]);
    network.now += 1;
    expect(network.code(beta, publish(10_000n))).to.equal('SPLIT_UNDER_WAY');
    network.ok(alfa, callOf(assets.methods.continueSplit, { ...onBond, limit: 100 }));
    expect(quote()?.isFresh).to.equal(false);
    expect(network.code(gamma, confirm(5_000n, at))).to.equal('NOTHING_PROPOSED');
    network.ok(beta, publish(5_000n));
    expect(feed()?.proposed[0]?.price).to.equal(5_000n);
  });

  it('have feeds that somebody can confirm, set by the central bank of the currency or by the members', () => {
    expect(network.code(alfa, set({}))).to.equal('UNAUTHORISED');
    expect(network.code(central, set({ instrument: 'NONE' }))).to.equal('INSTRUMENT_UNKNOWN');
    expect(network.code(central, set({ oracles: [beta, beta] }))).to.equal('FEED_INVALID');
    expect(network.code(central, set({ per: 0n }))).to.equal('FEED_INVALID');
    expect(network.code(central, set({ oracles: [central] }))).to.equal('FEED_UNCONFIRMABLE');
    expect(network.network.govern(set({ oracles: [custodian] }))).to.equal('');
    expect(network.code(beta, publish(PRICE))).to.equal('NOT_ORACLE');
    // Who is trusted no more has said nothing that counts.
    expect(quote()).to.equal(undefined);
    network.ok(central, set({}));
    network.price(BOND_G, PRICE);
    network.ok(central, set({ per: 100n }));
    expect(quote()).to.equal(undefined);
    expect(network.view(p.feeds, { limit: 9, after: BOND_A }).length).to.equal(2);
  });

  it('come from nobody who is suspended', () => {
    network.network.suspend(BANKS.beta);
    expect(network.code(beta, publish(PRICE))).to.equal('SUSPENDED');
  });

  it('has each of its codes seen by the tests above', () => {
    const declared = Object.keys(prices.abi().errors);
    // One central bank issues every currency of this network.
    const missing = declared.filter((code) => !codes.has(`prices.${code}`) && code !== 'NOT_ISSUER');
    expect(missing).to.deep.equal([]);
  });
});
