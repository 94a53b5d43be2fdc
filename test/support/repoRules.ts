import { assets, cash, membership, prices, repo } from '../../contracts/index.js';
import { repoTermsHash } from '../../contracts/repo/terms.js';
import type { Address, Call } from '../../primitives/types.js';
import { ACCOUNTS, BANKS, callOf, type TestNetwork, TODAY, TODAY_MS } from './settlementNetwork.js';

/** Calls of the contract `repo` that succeed once `prepareRepos` has run, and who may make them: alfa sells to beta. */

const { alfa, alfaSecond, beta, central, gamma } = ACCOUNTS;
const r = repo.methods;
const [FIRST, SECOND, LISTED] = ['REPO-1', 'REPO-2', 'REPO-3'];

interface Rule {
  readonly call: Call;
  readonly by: readonly (readonly [sender: Address, ...signers: Address[]])[];
}

/** A repo is called by what is to be done next. */
function terms(next: string) {
  const isLate = ['offer', 'accept', 'cancel'].includes(next);
  const opensBefore = TODAY_MS + (isLate ? 1 : -5);
  const [seller, buyer] = next === 'collect' ? [beta, gamma] : [alfa, beta];
  return {
    ...{ id: `${next === 'collect' ? BANKS.beta : BANKS.alfa}-${next}`, seller, buyer },
    ...{ instrument: next === 'settle' ? LISTED : FIRST, units: 2n, currency: 'EUR', cash: 100n, rate: 0 },
    ...{ opensBefore, closesAt: next === 'allowEarly' ? TODAY_MS + 1 : opensBefore },
    ...{ graceMs: 1, haircutBps: 0, marginMs: 1, threshold: 0n },
  };
}

const offer = (next: string): Call => callOf(r.offer, terms(next));
function accept(next: string): Call {
  const { id, buyer } = terms(next);
  return callOf(r.accept, { id, buyer, terms: repoTermsHash(terms(next)) });
}
const on = (next: string) => ({ id: terms(next).id });
const units = { instrument: SECOND, units: 2n };

const everybody = [[alfa], [alfaSecond], [beta], [central]] as const;

export const repoRules: Readonly<Record<string, Rule>> = {
  'repo.offer': { call: offer('offer'), by: [[alfa]] },
  'repo.accept': { call: accept('accept'), by: [[beta]] },
  'repo.cancel': { call: callOf(r.cancel, on('cancel')), by: [[alfa]] },
  'repo.allowEarly': { call: callOf(r.allowEarly, { ...on('allowEarly'), isEarly: true }), by: [[beta]] },
  'repo.close': { call: callOf(r.close, on('close')), by: [[alfa]] },
  'repo.settle': { call: callOf(r.settle, on('settle')), by: everybody },
  'repo.takeBack': { call: callOf(r.takeBack, on('settle')), by: [[alfa]] },
  'repo.collect': { call: callOf(r.collect, on('collect')), by: [[central]] },
  'repo.revalue': { call: callOf(r.revalue, on('close')), by: everybody },
  'repo.payMargin': { call: callOf(r.payMargin, { ...on('close'), amount: 1n }), by: [[alfa]] },
  'repo.offerSubstitute': { call: callOf(r.offerSubstitute, { ...on('close'), ...units }), by: [[alfa]] },
  'repo.dropSubstitute': { call: callOf(r.dropSubstitute, on('swap')), by: [[alfa]] },
  'repo.acceptSubstitute': { call: callOf(r.acceptSubstitute, { ...on('swap'), ...units }), by: [[beta]] },
  'repo.fail': { call: callOf(r.fail, on('close')), by: [[beta]] },
};

/** Those that ask the accounts that the arguments or the state name, and not who sends. */
export const repoBySigners = Object.keys(repoRules).filter(
  (name) => !['repo.settle', 'repo.revalue', 'repo.collect'].includes(name),
);

/** Repos that are offered and open, one whose price is set aside, one that was closed while its buyer was suspended. */
export function prepareRepos(network: TestNetwork): void {
  const day = { currency: 'EUR', day: TODAY + 1 };
  before(network, central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
  before(network, central, callOf(cash.methods.openBusinessDay, day));
  for (const instrument of [FIRST, SECOND, LISTED]) prepareInstrument(network, instrument);
  for (const next of ['accept', 'cancel', 'allowEarly', 'close', 'settle', 'swap', 'collect']) {
    const { seller, buyer } = terms(next);
    before(network, seller, offer(next));
    if (next !== 'accept' && next !== 'cancel') before(network, buyer, accept(next));
  }
  network.ok(alfa, callOf(r.offerSubstitute, { ...on('swap'), ...units }));
  const listed = { instrument: LISTED, member: BANKS.alfa };
  network.ok(beta, callOf(assets.methods.exclude, listed));
  network.ok(alfa, callOf(r.close, on('settle')));
  network.ok(beta, callOf(assets.methods.admit, listed));
  network.suspend(BANKS.gamma);
  network.ok(beta, callOf(r.close, on('collect')));
  network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.gamma }));
}

/** Gamma's, or beta's for those whom it admits; with a price. */
function prepareInstrument(network: TestNetwork, instrument: string): void {
  const isListed = instrument === LISTED;
  const issuer = isListed ? beta : gamma;
  const eligibility = isListed ? { roles: [], admittedOnly: true } : undefined;
  const bond = { kind: 'bond', name: 'A bond', currency: 'EUR', nominal: 1n, cap: 1_000n } as const;
  network.ok(issuer, callOf(assets.methods.create, { instrument, issuer, eligibility, ...bond }));
  if (isListed) network.ok(beta, callOf(assets.methods.admit, { instrument, member: BANKS.alfa }));
  for (const account of [alfa, beta]) {
    network.ok(issuer, callOf(assets.methods.issue, { instrument, account, amount: 50n }));
  }
  const feed = { instrument, oracles: [alfa, beta], per: 1n, maxAgeMs: 1_000, bandBps: 0 };
  const observation = { instrument, price: 100n, pricedAt: TODAY_MS - 3 };
  network.ok(central, callOf(prices.methods.setFeed, feed));
  network.ok(alfa, callOf(prices.methods.publish, { ...observation, oracle: alfa }));
  network.ok(beta, callOf(prices.methods.confirm, { ...observation, account: beta }));
}

/** A while before the calls of the rules. */
function before(network: TestNetwork, sender: Address, call: Call): void {
  const timestamp = TODAY_MS - 6;
  const { failure } = network.ledger.run({ sender, signers: [sender], calls: [call], height: 1, timestamp });
  if (failure !== undefined) throw failure;
}
