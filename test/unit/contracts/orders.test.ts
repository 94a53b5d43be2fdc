import { expect } from 'chai';
import type { ExecutableContract } from '../../../contracts/api/index.js';
import { assets, cash, membership, orders, supervision } from '../../../contracts/index.js';
import { policyHash } from '../../../contracts/membership/policyHash.js';
import { CONFIRM_MS, KEY_AGE_MS, OPEN_PER_MEMBER, type Terms } from '../../../contracts/orders/declaration.js';
import { orderTermsHash } from '../../../contracts/orders/proposals.js';
import { toChecksum } from '../../../primitives/address.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { cashHolder, madeBy } from '../../support/cashHolder.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  callOf,
  KEYS,
  keyOf,
  possessionOf,
  type TestKey,
  TestNetwork,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const o = orders.methods;
const { central, alfa, beta, gamma, unknown } = ACCOUNTS;
const EUR = 'EUR';
const BOND = 'BOND-1';
const ID = `${CENTRAL_BANK}-1`;
const checkerKey = keyOf('central checker');
const checker = checkerKey.address;
/** Another account of the central bank, for which its first key signs as well. */
const joint = keyOf('central joint').address;
const document = sha256(utf8Encode('an order of a court'));
const bond = { kind: 'bond', issuer: gamma, name: 'Bond', currency: EUR, nominal: 1_000n, cap: 1_000n } as const;
const ground = { authority: 'District Court, 12 C 345/26', document };

const freezing = (change: Partial<Terms> = {}): Terms => ({
  ...{ id: ID, ...ground, kind: 'freeze', currency: EUR, instrument: undefined, account: alfa, amount: 900_000n },
  ...{ until: undefined, to: undefined, freeze: undefined, freezeTerms: undefined, member: undefined },
  ...change,
});
const seizing = (change: Partial<Terms> = {}): Terms =>
  freezing({ id: `${CENTRAL_BANK}-S`, kind: 'seize', amount: 950_000n, to: central, ...change });
const lifting = (frozen: Terms, change: Partial<Terms> = {}): Terms => ({
  ...freezing({ id: `${CENTRAL_BANK}-L`, kind: 'lift', currency: undefined, account: undefined, amount: undefined }),
  ...{ freeze: frozen.id, freezeTerms: orderTermsHash(frozen) },
  ...change,
});
const defaulting = (member: string, id = `${CENTRAL_BANK}-D`): Terms =>
  freezing({ id, kind: 'default', currency: undefined, account: undefined, amount: undefined, member });

const METHODS = { freeze: o.proposeFreeze, seize: o.proposeSeizure, lift: o.proposeLift, default: o.declareDefault };
const propose = (terms: Terms): Call => {
  const { method, args } = METHODS[terms.kind];
  return { contract: 'orders', method, args: args.encode(terms as never) };
};
const confirm = (terms: Terms): Call => callOf(o.confirm, { id: terms.id, terms: orderTermsHash(terms) });
const withdraw = (id = ID): Call => callOf(o.withdraw, { id });
const transfer = (amount: bigint): Call =>
  callOf(cash.methods.transfer, { currency: EUR, debtor: alfa, creditor: beta, amount });
const move = (amount: bigint): Call =>
  callOf(assets.methods.transfer, { instrument: BOND, from: alfa, to: beta, amount });

const registering = (key: TestKey, member: string): Call => {
  const possession = possessionOf(key, member);
  return callOf(membership.methods.registerKey, { member, suite: 1, publicKey: key.publicKey, possession });
};
const opening = (member: string, label: string, keys: readonly Address[]): Call =>
  callOf(membership.methods.openAccount, { member, label, threshold: 1, keys, checkers: [] });

describe('an order', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  const at = (timestamp: number, sender: Address, call: Call, signers: readonly Address[] = [sender]): string => {
    const { failure } = network.ledger.run({ sender, signers, calls: [call], height: 2, timestamp });
    if (failure !== undefined) codes.add(`${failure.failedCall.split('.')[0]}.${failure.code}`);
    return failure?.code ?? 'done';
  };
  const refused = (sender: Address, call: Call, signers?: readonly Address[]): string =>
    network.refused(sender, call, signers).code;
  /** A day before, when keys must have stood in a policy that confirm what is proposed today. */
  const earlier = (sender: Address, calls: readonly Call[], timestamp = TODAY_MS - KEY_AGE_MS): void => {
    expect(network.ledger.run({ sender, calls, height: 1, timestamp }).failure).to.equal(undefined);
  };
  /** Proposed by the one, confirmed by the other. */
  const ordered = (terms: Terms, maker = central, second = checker): void => {
    network.ok(maker, propose(terms));
    network.ok(second, confirm(terms));
  };
  const status = (id = ID) => network.view(o.order, { id })?.status;
  const kept = (account = alfa) => network.view(cash.methods.freezes, { currency: EUR, account });
  const supervise = (): Address => {
    const key = keyOf('supervisor second');
    earlier(gamma, [registering(key, BANKS.gamma), opening(BANKS.gamma, 'checker', [key.address])]);
    const roles = ['supervisor'] as const;
    expect(network.govern(callOf(membership.methods.changeRoles, { member: BANKS.gamma, roles }))).to.equal('');
    return key.address;
  };

  beforeEach(() => {
    network = TestNetwork.funded([cashHolder('escrow')]);
    earlier(central, [
      registering(checkerKey, CENTRAL_BANK),
      registering(keyOf('central joint'), CENTRAL_BANK),
      opening(CENTRAL_BANK, 'checker', [checker]),
      opening(CENTRAL_BANK, 'joint', [joint, KEYS.central.address]),
    ]);
    network.ok(gamma, [
      callOf(assets.methods.create, { instrument: BOND, ...bond }),
      callOf(assets.methods.issue, { instrument: BOND, account: alfa, amount: 100n }),
    ]);
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  describe('of two persons', () => {
    it('does nothing when it is proposed, and everything when a second person confirms it', () => {
      network.ok(central, propose(freezing()));
      network.ok(alfa, transfer(1n));
      expect([status(), kept().freezes]).to.deep.equal(['proposed', []]);
      const { events } = network.ok(checker, confirm(freezing()));
      expect(events.map(({ contract, name }) => `${contract}.${name}`)).to.deep.equal([
        'cash.FreezesSet',
        'orders.Confirmed',
      ]);
      expect(refused(alfa, transfer(100_000n))).to.equal('FROZEN');
      network.ok(alfa, transfer(99_999n));
      expect(network.view(o.order, { id: ID })).to.deep.include({
        ...{ status: 'confirmed', by: CENTRAL_BANK, proposers: [central], confirmers: [checker] },
        ...{ inForce: { amount: 900_000n }, closedAt: TODAY_MS, terms: orderTermsHash(freezing()) },
      });
      expect(network.view(o.ordersOf, { account: alfa, limit: 9 }).map(({ id }) => id)).to.deep.equal([ID]);
      expect(network.view(o.proposals, { member: CENTRAL_BANK, limit: 9 })).to.deep.equal([]);
    });

    it('is not confirmed by whoever proposed it, by no account of the member and beside no other signature', () => {
      network.ok(central, propose(freezing()));
      expect(network.view(o.proposals, { member: CENTRAL_BANK, limit: 9 }).map(({ id }) => id)).to.deep.equal([ID]);
      expect(refused(central, confirm(freezing()))).to.equal('SAME_PERSON');
      expect(refused(joint, confirm(freezing()), [central])).to.equal('SAME_PERSON');
      expect(refused(checker, confirm(freezing()), [checker, central])).to.equal('SAME_PERSON');
      network.ok(joint, confirm(freezing()), [joint]);
    });

    it('counts whoever signed the proposal beside its sender, whatever for', () => {
      network.ok(central, propose(freezing()), [central, checker]);
      expect(refused(checker, confirm(freezing()))).to.equal('SAME_PERSON');
      network.ok(joint, confirm(freezing()));
    });

    it('is confirmed and withdrawn by its own member alone, as what was read, and once', () => {
      const second = supervise();
      network.ok(central, propose(freezing()));
      expect(refused(second, confirm(freezing()))).to.equal('NOT_ENTITLED');
      expect(refused(second, withdraw())).to.equal('NOT_ENTITLED');
      expect(refused(alfa, confirm(freezing()))).to.equal('UNAUTHORISED');
      const other = { ...freezing(), amount: 1n };
      expect(refused(checker, confirm(other))).to.equal('TERMS_MISMATCH');
      network.ok(checker, confirm(freezing()));
      expect(refused(checker, confirm(freezing()))).to.equal('ORDER_CLOSED');
      expect(refused(central, withdraw())).to.equal('ORDER_CLOSED');
      expect(refused(central, withdraw(`${CENTRAL_BANK}-9`))).to.equal('ORDER_UNKNOWN');
    });

    it('is not confirmed by a key that came into a policy less than 24 hours before the proposal', () => {
      const key = keyOf('me too');
      network.ok(central, [registering(key, CENTRAL_BANK), opening(CENTRAL_BANK, 'x', [key.address])]);
      network.ok(central, propose(freezing()));
      const latest = TODAY_MS - KEY_AGE_MS;
      expect(network.refused(key.address, confirm(freezing()))).to.deep.include({
        ...{ code: 'KEY_TOO_NEW', data: { key: toChecksum(key.address), since: TODAY_MS, latest } },
      });
      const rotated = { account: central, remove: central, add: key.address };
      network.ok(central, callOf(membership.methods.rotateKey, rotated));
      expect(refused(central, confirm(freezing()), [key.address])).to.equal('KEY_TOO_NEW');
      expect(refused(checker, confirm(freezing()), [checker, key.address])).to.equal('KEY_TOO_NEW');
      const next = freezing({ id: `${CENTRAL_BANK}-2` });
      expect(at(TODAY_MS + KEY_AGE_MS - 1, checker, propose(next))).to.equal('done');
      expect(at(TODAY_MS + KEY_AGE_MS, key.address, confirm(next))).to.equal('KEY_TOO_NEW');
      const last = freezing({ id: `${CENTRAL_BANK}-3` });
      expect(at(TODAY_MS + KEY_AGE_MS, checker, propose(last))).to.equal('done');
      expect(at(TODAY_MS + KEY_AGE_MS, key.address, confirm(last))).to.equal('done');
    });

    it('is not confirmed by the key of a validator’s account, however old it is there, when it comes into another', () => {
      const key = keyOf('node of the central bank');
      earlier(central, [registering(key, CENTRAL_BANK), opening(CENTRAL_BANK, 'validator', [key.address])], 1);
      const z = keyOf('me too');
      network.ok(central, [registering(z, CENTRAL_BANK), opening(CENTRAL_BANK, 'x', [z.address, key.address])]);
      network.ok(central, propose(freezing()));
      expect(refused(z.address, confirm(freezing()), [key.address])).to.equal('KEY_TOO_NEW');
    });

    it('is confirmed by a key of the genesis, and by one that the members put in', () => {
      network.ok(checker, propose(freezing()));
      network.ok(central, confirm(freezing()));
      const key = keyOf('recovered');
      network.ok(central, registering(key, CENTRAL_BANK));
      const own = { threshold: 1, keys: [central], checkers: [] };
      const next = { threshold: 1, keys: [key.address], checkers: [] };
      const policy = { account: central, replaces: policyHash(own), ...next, reason: 'lost' };
      network.proposer = checker;
      expect(network.govern(callOf(membership.methods.recoverAccount, policy))).to.equal('');
      const other = freezing({ id: `${CENTRAL_BANK}-2`, amount: 1n });
      network.ok(checker, propose(other));
      network.ok(central, confirm(other), [key.address]);
    });

    it('that counts units is not confirmed once they were split, and is when other terms were amended', () => {
      const units = freezing({ currency: undefined, instrument: BOND, amount: 100n });
      const taken = seizing({ currency: undefined, instrument: BOND, amount: 1n });
      const everything = freezing({ ...units, id: `${CENTRAL_BANK}-2`, amount: undefined });
      for (const terms of [units, taken, everything]) network.ok(central, propose(terms));
      const { amend, beginSplit, continueSplit, pause } = assets.methods;
      const { kind: _kind, issuer: _issuer, currency: _currency, ...amendable } = bond;
      network.ok(gamma, callOf(amend, { instrument: BOND, expectedVersion: 1, ...amendable, name: 'Bond two' }));
      expect(network.view(o.order, { id: ID })?.splits).to.equal(0);
      network.ok(checker, confirm(taken));
      const again = freezing({ ...units, id: `${CENTRAL_BANK}-3` });
      network.ok(central, propose(again));
      const ratio = { numerator: 1, denominator: 1_000 };
      network.ok(gamma, [
        callOf(pause, { instrument: BOND }),
        callOf(beginSplit, { instrument: BOND, expectedVersion: 2, numerator: 1_000, denominator: 1 }),
        callOf(continueSplit, { instrument: BOND, limit: 9 }),
      ]);
      expect(network.refused(checker, confirm(units))).to.deep.include({
        ...{ code: 'UNITS_SPLIT', data: { instrument: BOND, expected: 0, actual: 1 } },
      });
      // What stood before stands again: it was split all the same.
      network.ok(gamma, [
        callOf(beginSplit, { instrument: BOND, expectedVersion: 3, ...ratio }),
        ...[9, 9].map((limit) => callOf(continueSplit, { instrument: BOND, limit })),
      ]);
      expect(refused(checker, confirm(again))).to.equal('UNITS_SPLIT');
      network.ok(checker, confirm(everything));
    });

    it('is void from 24 hours after its proposal on', () => {
      network.ok(central, propose(freezing()));
      const end = TODAY_MS + CONFIRM_MS;
      expect(at(end, checker, confirm(freezing()))).to.equal('PROPOSAL_VOID');
      const seen = network.ledger.view(callOf(o.order, { id: ID }), { timestamp: end });
      expect(o.order.returns?.decode(seen)?.status).to.equal('void');
      expect(at(end - 1, checker, confirm(freezing()))).to.equal('done');
    });

    it('is withdrawn by either person, and its id stays used', () => {
      network.ok(central, propose(freezing()));
      network.ok(checker, withdraw());
      expect(status()).to.equal('withdrawn');
      expect(refused(checker, confirm(freezing()))).to.equal('ORDER_CLOSED');
      expect(refused(central, propose(freezing()))).to.equal('ORDER_EXISTS');
    });

    it('is one of a bounded number of proposals, among which void ones make room', () => {
      const of = (index: number): Terms => freezing({ id: `${CENTRAL_BANK}-${index}` });
      for (let index = 0; index < OPEN_PER_MEMBER; index++) network.ok(central, propose(of(index)));
      expect(refused(central, propose(of(99)))).to.equal('PROPOSALS_TOO_MANY');
      expect(at(TODAY_MS + CONFIRM_MS - 1, central, propose(of(99)))).to.equal('PROPOSALS_TOO_MANY');
      expect(at(TODAY_MS + CONFIRM_MS, central, propose(of(99)))).to.equal('done');
      expect(status(of(0).id)).to.equal('void');
      const open = network.view(o.proposals, { member: CENTRAL_BANK, limit: 9 });
      expect(open.map(({ id }) => id)).to.deep.equal([of(99).id]);
    });
  });

  describe('its terms', () => {
    const refusedAs = (change: Partial<Terms>, sender = central): string => refused(sender, propose(freezing(change)));

    it('have an id that begins with the member’s BIC', () => {
      for (const id of ['1', `${BANKS.alfa}-1`, CENTRAL_BANK, `${CENTRAL_BANK}-`]) {
        expect(refusedAs({ id }), id).to.equal('ID_INVALID');
      }
    });

    it('name one asset, an account, and amounts and times that mean something', () => {
      expect(refusedAs({ currency: undefined })).to.equal('ASSET_INVALID');
      expect(refusedAs({ instrument: BOND })).to.equal('ASSET_INVALID');
      expect(refusedAs({ currency: 'CHF' })).to.equal('CURRENCY_UNKNOWN');
      expect(refusedAs({ currency: undefined, instrument: 'NONE' })).to.equal('INSTRUMENT_UNKNOWN');
      expect(refusedAs({ account: unknown })).to.equal('ACCOUNT_UNKNOWN');
      expect(refusedAs({ amount: 0n })).to.equal('AMOUNT_ZERO');
      expect(refusedAs({ until: TODAY_MS })).to.equal('UNTIL_PASSED');
      const brief = freezing({ until: TODAY_MS + 5 });
      network.ok(central, propose(brief));
      expect(at(TODAY_MS + 5, checker, confirm(brief))).to.equal('UNTIL_PASSED');
      expect(at(TODAY_MS + 4, checker, confirm(brief))).to.equal('done');
      expect(at(TODAY_MS + 4, alfa, transfer(100_001n))).to.equal('FROZEN');
      expect(at(TODAY_MS + 5, alfa, transfer(100_001n))).to.equal('done');
    });

    it('are a central bank’s for what it issues and what is denominated in it, a supervisor’s for everything', () => {
      expect(refused(alfa, propose(freezing({ id: `${BANKS.alfa}-1` })))).to.equal('UNAUTHORISED');
      const second = supervise();
      const bic = 'CENBCHZZ';
      const member = { member: bic, lei: '5299000J2N45DDNE4Y28', name: 'Second', roles: ['centralBank'] as const };
      expect(network.govern(callOf(membership.methods.registerMember, member))).to.equal('');
      const chf = callOf(cash.methods.genesisCurrency, { currency: 'CHF', decimals: 2, issuer: bic });
      expect(network.ledger.run({ calls: [chf], height: 0 }).failure).to.equal(undefined);
      const chfBond = { kind: 'bond', issuer: beta, name: 'B', currency: 'CHF', nominal: 1n, cap: 9n } as const;
      network.ok(beta, callOf(assets.methods.create, { instrument: 'CHF-BOND', ...chfBond }));
      for (const asset of [{ currency: 'CHF' }, { currency: undefined, instrument: 'CHF-BOND' }]) {
        expect(refusedAs(asset)).to.equal('NOT_ENTITLED');
        const own = freezing({ ...asset, id: `${BANKS.gamma}-${asset.currency ?? 'BOND'}` });
        ordered(own, gamma, second);
      }
      ordered(freezing({ currency: undefined, instrument: BOND, amount: 60n }));
      expect(refused(alfa, move(41n))).to.equal('FROZEN');
      // Losing the role between the two signatures leaves an order that nobody can carry out.
      const late = freezing({ id: `${BANKS.gamma}-LATE` });
      network.ok(gamma, propose(late));
      const roles = ['bank'] as const;
      expect(network.govern(callOf(membership.methods.changeRoles, { member: BANKS.gamma, roles }))).to.equal('');
      expect(refused(second, confirm(late))).to.equal('UNAUTHORISED');
    });

    it('are a supervisor’s for units in a currency that the network does not have', () => {
      let hides = false;
      const none = cash.methods.currency.returns?.encode(undefined) ?? new Uint8Array();
      const hiding: ExecutableContract = {
        ...{ name: 'cash', version: 1, schemasOf: (method) => cash.schemasOf?.(method) },
        dispatch: (host, method, args) => (hides && method === 'currency' ? none : cash.dispatch(host, method, args)),
      };
      network = TestNetwork.funded([hiding]);
      network.ok(gamma, callOf(assets.methods.create, { instrument: BOND, ...bond }));
      network.ok(gamma, callOf(assets.methods.issue, { instrument: BOND, account: alfa, amount: 100n }));
      const second = supervise();
      hides = true;
      const units = { currency: undefined, instrument: BOND, amount: 60n };
      ordered(freezing({ ...units, id: `${BANKS.gamma}-1` }), gamma, second);
      expect(refused(alfa, move(41n))).to.equal('FROZEN');
      expect(refusedAs(units)).to.equal('CURRENCY_UNKNOWN');
    });

    it('are at most eight freezes of one member on an account and asset', () => {
      for (let index = 0; index < 8; index++) ordered(freezing({ id: `${CENTRAL_BANK}-${index}`, amount: 1n }));
      expect(network.refused(central, propose(freezing({ id: `${CENTRAL_BANK}-X` })))).to.deep.include({
        ...{ code: 'FREEZES_TOO_MANY', data: { limit: 8 } },
      });
      ordered(freezing({ id: `${CENTRAL_BANK}-U`, currency: 'USD' }));
    });

    it('leave the central bank of the currency four of sixteen freezes, however many supervisors there are', () => {
      const second = supervise();
      const roles = ['supervisor'] as const;
      expect(network.govern(callOf(membership.methods.changeRoles, { member: BANKS.beta, roles }))).to.equal('');
      const betaSecond = keyOf('beta second');
      const calls = [registering(betaSecond, BANKS.beta), opening(BANKS.beta, 'checker', [betaSecond.address])];
      earlier(beta, calls);
      const of = (member: string, index: number): Terms => freezing({ id: `${member}-${index}`, amount: 1n });
      for (let index = 0; index < 8; index++) ordered(of(BANKS.gamma, index), gamma, second);
      for (let index = 0; index < 4; index++) ordered(of(BANKS.beta, index), beta, betaSecond.address);
      expect(network.refused(beta, propose(of(BANKS.beta, 4)))).to.deep.include({
        ...{ code: 'FREEZES_TOO_MANY', data: { limit: 12 } },
      });
      for (let index = 0; index < 4; index++) ordered(of(CENTRAL_BANK, index));
      expect(network.refused(central, propose(of(CENTRAL_BANK, 4)))).to.deep.include({
        ...{ code: 'FREEZES_TOO_MANY', data: { limit: 16 } },
      });
    });
  });

  describe('to seize', () => {
    it('takes what is frozen, uses up the freeze that it names, and needs two persons, too', () => {
      ordered(freezing());
      network.ok(central, propose(seizing({ freeze: ID })));
      expect(network.balance(central)).to.equal(0n);
      expect(refused(central, confirm(seizing({ freeze: ID })))).to.equal('SAME_PERSON');
      network.ok(checker, confirm(seizing({ freeze: ID })));
      expect([network.balance(alfa), network.balance(central)]).to.deep.equal([50_000n, 950_000n]);
      expect(kept().freezes).to.deep.equal([]);
      expect(network.view(o.order, { id: ID })?.inForce).to.equal(undefined);
      network.ok(alfa, transfer(50_000n));
    });

    it('names a freeze of the same member, account and asset, and accounts and amounts that mean something', () => {
      const second = supervise();
      ordered(freezing());
      const refusedAs = (change: Partial<Terms>, sender = central): string => refused(sender, propose(seizing(change)));
      expect(refusedAs({ freeze: ID, account: beta })).to.equal('FREEZE_UNKNOWN');
      expect(refusedAs({ freeze: ID, currency: 'USD' })).to.equal('FREEZE_UNKNOWN');
      expect(refusedAs({ freeze: 'NONE' })).to.equal('ORDER_UNKNOWN');
      expect(refusedAs({ freeze: ID, id: `${BANKS.gamma}-S` }, second)).to.equal('NOT_ENTITLED');
      expect(refusedAs({ to: alfa })).to.equal('SAME_ACCOUNT');
      expect(refusedAs({ amount: 0n })).to.equal('AMOUNT_ZERO');
      network.suspend(BANKS.beta);
      expect(refusedAs({ to: beta })).to.equal('SUSPENDED');
    });

    it('says what is locked where what is free does not suffice, and can be confirmed once it does', () => {
      const lock = { currency: EUR, lock: 'deal', debtor: alfa, amount: 100_000n };
      network.ok(alfa, madeBy('escrow', callOf(cash.methods.lock, lock)));
      network.ok(central, propose(seizing()));
      expect(network.refused(checker, confirm(seizing()))).to.deep.include({
        code: 'LOCKED',
        data: { free: '900000', locked: '100000', required: '950000' },
      });
      const release = { currency: EUR, lock: 'deal', creditor: alfa, amount: 100_000n };
      network.ok(alfa, madeBy('escrow', callOf(cash.methods.release, release)));
      network.ok(checker, confirm(seizing()));
      expect(network.balance(alfa)).to.equal(50_000n);
    });

    it('takes units as it takes money', () => {
      const units = freezing({ currency: undefined, instrument: BOND, amount: undefined });
      ordered(units);
      ordered(seizing({ currency: undefined, instrument: BOND, amount: 30n, freeze: ID, to: beta }));
      expect(network.view(assets.methods.holding, { account: beta, instrument: BOND })).to.equal(30n);
      expect(refused(alfa, move(1n))).to.equal('FROZEN');
    });
  });

  describe('to lift', () => {
    it('ends a freeze whole or in part, by the hash of its terms', () => {
      ordered(freezing());
      expect(refused(central, propose(lifting({ ...freezing(), amount: 1n })))).to.equal('TERMS_MISMATCH');
      expect(refused(central, propose(lifting(freezing(), { amount: 0n })))).to.equal('AMOUNT_ZERO');
      const much = network.refused(central, propose(lifting(freezing(), { amount: 900_001n })));
      expect(much).to.deep.include({ code: 'LIFT_INVALID', data: { left: '900000' } });
      ordered(lifting(freezing(), { amount: 400_000n }));
      expect(kept().frozen).to.equal(500_000n);
      ordered(lifting(freezing(), { id: `${CENTRAL_BANK}-L2` }));
      expect(kept().freezes).to.deep.equal([]);
      expect(refused(central, propose(lifting(freezing(), { id: `${CENTRAL_BANK}-L3` })))).to.equal('FREEZE_UNKNOWN');
      const about = network.view(o.ordersOf, { account: alfa, limit: 9 }).map(({ kind }) => kind);
      expect(about).to.deep.equal(['freeze', 'lift', 'lift']);
    });

    it('of everything is whole, and of another member’s freeze is not this member’s to lift', () => {
      const second = supervise();
      ordered(freezing({ amount: undefined }));
      const part = network.refused(central, propose(lifting(freezing({ amount: undefined }), { amount: 1n })));
      expect(part).to.deep.include({ code: 'LIFT_INVALID', data: {} });
      const foreign = lifting(freezing({ amount: undefined }), { id: `${BANKS.gamma}-L` });
      expect(refused(second, propose(foreign))).to.equal('NOT_ENTITLED');
      ordered(lifting(freezing({ amount: undefined })));
      network.ok(alfa, transfer(1_000_000n));
    });

    it('is the central bank’s of the currency once the member of the freeze is suspended or has lost its role', () => {
      const second = supervise();
      const frozen = freezing({ id: `${BANKS.gamma}-1` });
      const dollars = freezing({ id: `${BANKS.gamma}-2`, currency: 'USD' });
      ordered(frozen, gamma, second);
      ordered(dollars, gamma, second);
      expect(refused(central, propose(lifting(frozen)))).to.equal('NOT_ENTITLED');
      network.suspend(BANKS.gamma);
      ordered(lifting(frozen));
      expect(kept().freezes).to.deep.equal([]);
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.gamma }));
      const left = lifting(dollars, { id: `${CENTRAL_BANK}-L2`, amount: 1n });
      expect(refused(central, propose(left))).to.equal('NOT_ENTITLED');
      const roles = ['operator'] as const;
      expect(network.govern(callOf(membership.methods.changeRoles, { member: BANKS.gamma, roles }))).to.equal('');
      ordered(left);
      expect(network.view(cash.methods.freezes, { currency: 'USD', account: alfa }).frozen).to.equal(899_999n);
    });

    it('finds nothing of a freeze that has ended between the two signatures', () => {
      ordered(freezing());
      network.ok(central, propose(lifting(freezing())));
      ordered(lifting(freezing(), { id: `${CENTRAL_BANK}-L2` }));
      expect(refused(checker, confirm(lifting(freezing())))).to.equal('FREEZE_UNKNOWN');
    });
  });

  describe('to declare a default', () => {
    it('suspends the member once a second person confirms, and keeps when it was', () => {
      network.ok(central, propose(defaulting(BANKS.alfa)));
      network.ok(alfa, transfer(1n));
      expect(refused(central, confirm(defaulting(BANKS.alfa)))).to.equal('SAME_PERSON');
      network.ok(checker, confirm(defaulting(BANKS.alfa)));
      expect(refused(alfa, transfer(1n))).to.equal('SUSPENDED');
      expect(network.view(o.defaultOf, { member: BANKS.alfa })).to.deep.equal({
        ...{ order: `${CENTRAL_BANK}-D`, document, height: 1, declaredAt: TODAY_MS },
      });
      expect(network.view(o.defaultOf, { member: BANKS.beta })).to.equal(undefined);
      // Reinstatement is membership's own, and leaves the record.
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.alfa }));
      network.ok(alfa, transfer(1n));
      expect(network.view(o.defaultOf, { member: BANKS.alfa })?.order).to.equal(`${CENTRAL_BANK}-D`);
    });

    it('may name a member that is suspended already, and no central bank and nobody unknown', () => {
      network.suspend(BANKS.alfa);
      ordered(defaulting(BANKS.alfa));
      expect(refused(central, propose(defaulting(CENTRAL_BANK, `${CENTRAL_BANK}-2`)))).to.equal('MEMBER_PROTECTED');
      expect(refused(central, propose(defaulting('NOBODEFF', `${CENTRAL_BANK}-2`)))).to.equal('MEMBER_UNKNOWN');
      const second = supervise();
      expect(refused(second, propose(defaulting(BANKS.beta, `${BANKS.gamma}-D`)))).to.equal('UNAUTHORISED');
    });
  });

  describe('of a supervisor with a mandate', () => {
    const HOUR_MS = 3_600_000;
    const mandated = (change: object = {}) => {
      const terms = { currencies: [EUR], members: [BANKS.alfa], until: TODAY_MS + 10 * HOUR_MS, maxFreezeMs: HOUR_MS };
      const args = { member: BANKS.gamma, ...terms, maySeize: false, ...change };
      expect(network.govern(callOf(supervision.methods.setMandate, args))).to.equal('');
    };
    const frozen = (change: Partial<Terms> = {}) =>
      freezing({ id: `${BANKS.gamma}-1`, until: TODAY_MS + HOUR_MS, ...change });
    const fault = (call: Call) => network.refused(gamma, call).data;

    it('keeps to its members, currencies and duration, and seizes only where it may', () => {
      supervise();
      mandated();
      const beyond = (name: string) => ({ member: BANKS.gamma, fault: name });
      expect(fault(propose(frozen({ account: beta })))).to.deep.equal(beyond('member'));
      expect(fault(propose(frozen({ currency: 'USD' })))).to.deep.equal(beyond('currency'));
      expect(fault(propose(frozen({ until: undefined })))).to.deep.equal(beyond('duration'));
      expect(fault(propose(frozen({ until: TODAY_MS + HOUR_MS + 1 })))).to.deep.equal(beyond('duration'));
      const seizure = seizing({ id: `${BANKS.gamma}-S`, amount: 1n });
      expect(fault(propose(seizure))).to.deep.equal(beyond('seizure'));
      network.ok(gamma, propose(frozen()));
      mandated({ maySeize: true });
      network.ok(gamma, propose(seizure));
    });

    it('is confirmed within the mandate that is in force then, and lifted in any case', () => {
      const second = supervise();
      mandated();
      network.ok(gamma, propose(frozen()));
      mandated({ until: TODAY_MS });
      expect(refused(second, confirm(frozen()))).to.equal('MANDATE_EXCEEDED');
      mandated();
      network.ok(second, confirm(frozen()));
      mandated({ until: TODAY_MS });
      expect(fault(propose(frozen({ id: `${BANKS.gamma}-2` })))).to.deep.equal({ member: BANKS.gamma, fault: 'over' });
      const lift = lifting(frozen(), { id: `${BANKS.gamma}-L` });
      network.ok(gamma, propose(lift));
      network.ok(second, confirm(lift));
      expect(kept().freezes).to.deep.equal([]);
    });
  });

  describe('its codes', () => {
    it('are all reached', () => {
      const declared = Object.keys(orders.abi().errors);
      expect(declared.filter((code) => !codes.has(`orders.${code}`))).to.deep.equal([]);
    });
  });
});
