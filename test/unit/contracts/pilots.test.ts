import { expect } from 'chai';
import { assets, htlc, membership, pilots, supervision } from '../../../contracts/index.js';
import { sha256 } from '../../../primitives/hash.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, CENTRAL_BANK, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const p = pilots.methods;
const a = assets.methods;
const { central, alfa, alfaSecond, beta, gamma, unknown } = ACCOUNTS;
const ID = 'TOKEN-1';
const SUNSET = TODAY_MS + 60_000;
const KEY = new Uint8Array(32).fill(5);

describe('a pilot', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  const at = (timestamp: number, sender: Address, call: Call) =>
    network.ledger.run({ sender, signers: [sender], calls: [call], height: 9, timestamp }).failure?.code ?? '';
  const refused = (sender: Address, call: Call) => network.refused(sender, call).code;
  const set = (change: object = {}) =>
    callOf(p.set, { instrument: ID, cap: 100n, perHolder: 60n, sunsetAt: SUNSET, ...change });
  const name = (account: Address) => callOf(p.name, { instrument: ID, account });
  const issue = (account: Address, amount: bigint) => callOf(a.issue, { instrument: ID, account, amount });
  const move = (from: Address, to: Address, amount: bigint) => callOf(a.transfer, { instrument: ID, from, to, amount });
  const rule = (account: Address) => network.view(a.ineligibility, { instrument: ID, account });

  beforeEach(() => {
    network = TestNetwork.funded();
    const terms = {
      kind: 'fundUnit',
      issuer: gamma,
      name: 'A token',
      currency: 'EUR',
      nominal: 1n,
      cap: 1_000n,
    } as const;
    network.ok(gamma, callOf(a.create, { instrument: ID, ...terms }));
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  it('lets only named accounts receive units, up to the bounds of a holder and of all', () => {
    network.ok(central, [set(), name(alfa), name(beta)]);
    expect([rule(alfa), rule(alfaSecond), rule(gamma)]).to.deep.equal([undefined, 'pilot', undefined]);
    expect(refused(gamma, issue(alfaSecond, 1n))).to.equal('NOT_ELIGIBLE');
    expect(refused(gamma, issue(alfa, 61n))).to.equal('HOLDING_EXCEEDED');
    network.ok(gamma, issue(alfa, 60n));
    expect(refused(gamma, issue(beta, 41n))).to.equal('CAP_EXCEEDED');
    network.ok(gamma, issue(beta, 40n));
    expect(refused(beta, move(beta, alfa, 1n))).to.equal('HOLDING_EXCEEDED');
    expect(refused(alfa, move(alfa, alfaSecond, 1n))).to.equal('NOT_ELIGIBLE');
    network.ok(alfa, move(alfa, beta, 20n));
    network.ok(beta, move(beta, gamma, 60n));
  });

  it('is not set in the middle of a split, which would change what its bounds count', () => {
    const ratio = { expectedVersion: 1, numerator: 1, denominator: 2 };
    network.ok(gamma, [issue(gamma, 30n), callOf(a.pause, { instrument: ID })]);
    network.ok(gamma, callOf(a.beginSplit, { instrument: ID, ...ratio }));
    expect(refused(central, set())).to.equal('SPLIT_UNDER_WAY');
    const go = callOf(a.continueSplit, { instrument: ID, limit: 9 });
    network.ok(gamma, [go, go]);
    network.ok(central, set());
  });

  it('binds what comes out of a lock, too', () => {
    network.ok(central, [set(), name(alfa), name(beta)]);
    network.ok(gamma, [issue(alfa, 30n), issue(beta, 50n)]);
    const terms = {
      id: `${BANKS.alfa}-1`,
      currency: undefined,
      instrument: ID,
      sender: alfa,
      recipient: beta,
      amount: 20n,
    };
    const end = { hash: sha256(KEY), failureHash: undefined, deadline: TODAY_MS + 1_000 };
    network.ok(alfa, callOf(htlc.methods.lock, { ...terms, ...end }));
    const { results } = network.ok(beta, callOf(htlc.methods.claim, { id: terms.id, key: KEY }));
    expect(htlc.methods.claim.returns?.decode(results[0] as Uint8Array)).to.deep.include({ isPaid: false });
    network.ok(beta, move(beta, gamma, 10n));
    network.ok(beta, callOf(htlc.methods.pay, { id: terms.id }));
    expect(network.view(a.holding, { account: beta, instrument: ID })).to.equal(60n);
  });

  it('sends units back to the issuer alone after its end', () => {
    network.ok(central, [set(), name(alfa), name(beta)]);
    network.ok(gamma, issue(alfa, 30n));
    expect(at(SUNSET - 1, alfa, move(alfa, beta, 1n))).to.equal('');
    expect(at(SUNSET, alfa, move(alfa, beta, 1n))).to.equal('NOT_ELIGIBLE');
    expect(at(SUNSET, gamma, issue(alfa, 1n))).to.equal('NOT_ELIGIBLE');
    expect(at(SUNSET, alfa, move(alfa, gamma, 1n))).to.equal('');
  });

  it('is not split, which would loosen bounds that count units', () => {
    network.ok(central, [set(), name(alfa)]);
    network.ok(gamma, [issue(gamma, 30n), callOf(a.pause, { instrument: ID })]);
    const split = callOf(a.beginSplit, { instrument: ID, expectedVersion: 1, numerator: 1, denominator: 1 + 1 });
    expect(refused(gamma, split)).to.equal('PILOT_RUNS');
    network.ok(central, callOf(p.end, { instrument: ID }));
    network.ok(gamma, split);
  });

  it('takes one account of a member, and leaves what others hold', () => {
    network.ok(gamma, issue(alfaSecond, 5n));
    network.ok(central, [set(), name(alfa)]);
    expect(refused(central, name(alfa))).to.equal('HOLDER_UNCHANGED');
    expect(refused(central, name(alfaSecond))).to.equal('MEMBER_REPEATED');
    expect(refused(central, name(unknown))).to.equal('ACCOUNT_UNKNOWN');
    network.ok(alfaSecond, move(alfaSecond, alfa, 5n));
    network.ok(central, callOf(p.remove, { instrument: ID, account: alfa }));
    expect(refused(central, callOf(p.remove, { instrument: ID, account: alfa }))).to.equal('HOLDER_UNCHANGED');
    network.ok(central, name(alfaSecond));
    network.ok(alfa, move(alfa, alfaSecond, 5n));
    expect(network.view(p.holders, { instrument: ID })).to.deep.equal([alfaSecond]);
    expect(network.view(p.pilots, { limit: 9 })[0]).to.deep.include({ instrument: ID, by: CENTRAL_BANK, holders: 1 });
  });

  it('is set, loosened and ended by the authority that has set it, and never by the issuer', () => {
    expect(refused(gamma, set())).to.equal('UNAUTHORISED');
    expect(refused(central, set({ instrument: 'NONE' }))).to.equal('INSTRUMENT_UNKNOWN');
    expect(refused(central, name(alfa))).to.equal('PILOT_UNKNOWN');
    network.ok(central, set());
    expect(
      network.govern(callOf(membership.methods.changeRoles, { member: BANKS.alfa, roles: ['supervisor'] })),
    ).to.equal('');
    expect(refused(alfa, set({ cap: 500n }))).to.equal('NOT_ENTITLED');
    expect(refused(alfa, callOf(p.end, { instrument: ID }))).to.equal('NOT_ENTITLED');
    network.ok(central, callOf(p.end, { instrument: ID }));
    network.ok(alfa, set({ cap: 500n }));
    const none = { currencies: ['USD'], members: [], until: SUNSET, maxFreezeMs: 1, maySeize: false };
    expect(network.govern(callOf(supervision.methods.setMandate, { member: BANKS.alfa, ...none }))).to.equal('');
    expect(refused(alfa, set())).to.equal('MANDATE_EXCEEDED');
    const own = { kind: 'bill', issuer: central, name: 'Own', currency: 'EUR', nominal: 1n, cap: 9n } as const;
    network.ok(central, callOf(a.create, { instrument: 'OWN', ...own }));
    expect(refused(central, set({ instrument: 'OWN' }))).to.equal('NOT_ENTITLED');
  });

  it('ends within a year and a day, and bounds something', () => {
    expect(refused(central, set({ sunsetAt: TODAY_MS }))).to.equal('SUNSET_INVALID');
    expect(refused(central, set({ sunsetAt: TODAY_MS + 367 * 86_400_000 }))).to.equal('SUNSET_INVALID');
    expect(refused(central, set({ cap: 0n }))).to.equal('AMOUNT_ZERO');
    expect(refused(central, set({ perHolder: 0n }))).to.equal('AMOUNT_ZERO');
  });

  describe('in all these', () => {
    it('meets every code but that of too many', () => {
      const declared = Object.keys(pilots.abi().errors).filter((code) => code !== 'HOLDERS_TOO_MANY');
      expect(declared.filter((code) => !codes.has(`pilots.${code}`))).to.deep.equal([]);
    });
  });
});
