import { assets, cash, credit, membership, prices } from '../../contracts/index.js';
import type { Address, Call } from '../../primitives/types.js';
import { ACCOUNTS, callOf, KEYS, type TestNetwork, TODAY_MS } from './settlementNetwork.js';

/** Calls of the contracts `prices` and `credit` that succeed once `prepareCredit` has run, and who may make them. */

const { alfa, alfaSecond, beta, gamma, central, custodian } = ACCOUNTS;
const [p, c] = [prices.methods, credit.methods];
const [FIRST, SECOND, DOLLARS] = ['PLEDGED-1', 'PLEDGED-2', 'PLEDGED-3'];

interface Rule {
  readonly call: Call;
  readonly by: readonly (readonly [sender: Address, ...signers: Address[]])[];
}

const everybody = [[alfa], [alfaSecond], [beta], [central]] as const;
const feed = (instrument: string) => ({ instrument, oracles: [alfa, beta], per: 1n, maxAgeMs: 1_000, bandBps: 0 });
const price = (amount: bigint, pricedAt: number, instrument: string = FIRST) => ({
  ...{ instrument, price: amount, pricedAt: TODAY_MS + pricedAt },
});
const facility = (currency: string) => ({ currency, funder: central, rate: 1_000, marginMs: 1 });
const of = (account: Address, currency = 'EUR') => ({ currency, account });
const units = (count: bigint, instrument: string = FIRST) => ({ instrument, units: count });
const bond = { kind: 'bond', issuer: alfa, name: 'A bond', nominal: 1n, cap: 1_000n } as const;

export const creditRules: Readonly<Record<string, Rule>> = {
  'prices.setFeed': { call: callOf(p.setFeed, feed(FIRST)), by: [[central]] },
  'prices.publish': { call: callOf(p.publish, { ...price(100n, 0), oracle: alfa }), by: [[alfa]] },
  'prices.confirm': { call: callOf(p.confirm, { ...price(300n, -1), account: beta }), by: [[beta]] },
  'prices.reject': { call: callOf(p.reject, { instrument: FIRST }), by: [[central]] },
  'prices.strike': { call: callOf(p.strike, { instrument: FIRST }), by: [[central]] },
  'credit.setFacility': { call: callOf(c.setFacility, facility('EUR')), by: [[central]] },
  'credit.fund': { call: callOf(c.fund, { currency: 'EUR', amount: 1n }), by: [[central]] },
  'credit.defund': { call: callOf(c.defund, { currency: 'EUR', amount: 1n }), by: [[central]] },
  'credit.setEligible': {
    call: callOf(c.setEligible, { currency: 'EUR', instrument: FIRST, haircutBps: 1 }),
    by: [[central]],
  },
  'credit.exclude': { call: callOf(c.exclude, { currency: 'EUR', instrument: FIRST }), by: [[central]] },
  'credit.setLine': { call: callOf(c.setLine, { ...of(beta), limit: 1n }), by: [[central]] },
  'credit.deposit': { call: callOf(c.deposit, { ...of(beta), ...units(1n) }), by: [[beta]] },
  'credit.withdraw': { call: callOf(c.withdraw, { ...of(beta), ...units(1n) }), by: [[beta]] },
  'credit.substitute': {
    call: callOf(c.substitute, { ...of(beta), give: units(1n, SECOND), take: units(1n) }),
    by: [[beta]],
  },
  'credit.collect': { call: callOf(c.collect, of(custodian)), by: [[central]] },
  'credit.returnPool': { call: callOf(c.returnPool, of(custodian)), by: [[central]] },
  'credit.draw': { call: callOf(c.draw, { ...of(beta), amount: 1n }), by: [[beta]] },
  'credit.repay': { call: callOf(c.repay, { ...of(beta), payer: alfa, amount: 1n }), by: [[alfa]] },
  'credit.convert': { call: callOf(c.convert, of(beta, 'USD')), by: everybody },
  'credit.callMargin': { call: callOf(c.callMargin, of(gamma)), by: everybody },
  'credit.cureMargin': { call: callOf(c.cureMargin, of(beta)), by: everybody },
  'credit.liquidate': {
    call: callOf(c.liquidate, { ...of(gamma), instrument: FIRST, buyer: beta, price: 100n, maxUnits: 1n }),
    by: [[central, beta]],
  },
};

/** Those that ask the accounts that they name, and not who sends. */
export const creditBySigners = [
  ...['prices.publish', 'prices.confirm'],
  ...['credit.deposit', 'credit.withdraw', 'credit.substitute', 'credit.draw', 'credit.repay'],
];

/** Loans of beta's that are covered, one of gamma's that is short, a pool of the custodian's; the business day of dollars ends later. */
export function prepareCredit(network: TestNetwork): void {
  for (const [instrument, currency] of [
    [FIRST, 'EUR'],
    [SECOND, 'EUR'],
    [DOLLARS, 'USD'],
  ] as const) {
    network.ok(alfa, callOf(assets.methods.create, { instrument, currency, ...bond }));
    for (const account of [beta, gamma, custodian]) {
      network.ok(alfa, callOf(assets.methods.issue, { instrument, account, amount: 50n }));
    }
    network.ok(central, [
      callOf(p.setFeed, feed(instrument)),
      callOf(c.setEligible, { currency, instrument, haircutBps: 0 }),
    ]);
    reprice(network, 200n, -9, instrument);
  }
  for (const currency of ['EUR', 'USD']) lend(network, currency);
  const keys = [KEYS.custodianOne.address, KEYS.custodianTwo.address];
  network.ok(custodian, callOf(c.deposit, { ...of(custodian), ...units(5n) }), keys);
  network.ok(custodian, callOf(c.draw, { ...of(custodian), amount: 150n }), keys);
  network.ok(central, callOf(membership.methods.suspendAccount, { account: custodian }));
  const sale = { ...of(custodian), instrument: FIRST, buyer: beta, price: 200n, maxUnits: 1n };
  network.ok(central, callOf(c.liquidate, sale), [central, beta]);
  network.ok(central, callOf(membership.methods.reinstateAccount, { account: custodian }));
  reprice(network, 1n, -8);
  network.ok(alfa, callOf(c.callMargin, of(beta)));
  reprice(network, 100n, -7);
  network.ok(alfa, callOf(p.publish, { ...price(300n, -1), oracle: alfa }));
}

function lend(network: TestNetwork, currency: string): void {
  const reserve = { currency, account: central, amount: 10_000n, reserveReference: `CREDIT-${currency}` };
  network.ok(central, [
    callOf(cash.methods.issue, reserve),
    callOf(c.setFacility, facility(currency)),
    callOf(c.fund, { currency, amount: 5_000n }),
    ...[beta, gamma, custodian].map((account) => callOf(c.setLine, { ...of(account, currency), limit: 2_000n })),
  ]);
  const instrument = currency === 'EUR' ? FIRST : DOLLARS;
  for (const [account, amount] of [
    [beta, 500n],
    [gamma, 2_000n],
  ] as const) {
    const own = of(account, currency);
    network.ok(account, [callOf(c.deposit, { ...own, ...units(10n, instrument) }), callOf(c.draw, { ...own, amount })]);
  }
}

function reprice(network: TestNetwork, amount: bigint, pricedAt: number, instrument: string = FIRST): void {
  const observation = price(amount, pricedAt, instrument);
  network.ok(alfa, callOf(p.publish, { ...observation, oracle: alfa }));
  network.ok(beta, callOf(p.confirm, { ...observation, account: beta }));
}
