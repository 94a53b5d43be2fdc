import { expect } from 'chai';
import fc from 'fast-check';
import { assets, cash, subscriptions } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { assetHolder, madeBy } from '../../support/cashHolder.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  CUSTODIAN,
  callOf,
  KEYS,
  TestNetwork,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

/**
 * An instrument under anything that its issuer, its holders and its subscribers may do, in any order, most of it out of turn. Its
 * holdings are what was issued and not redeemed at every step, in the middle of a split, too; nobody receives a unit who may not.
 */

const m = assets.methods;
const s = subscriptions.methods;
const BOND = 'BOND';
const { alfa, beta, gamma, central, custodian } = ACCOUNTS;
const MEMBER_OF: ReadonlyMap<Address, readonly [bic: string, role: string]> = new Map([
  [alfa, [BANKS.alfa, 'bank']],
  [beta, [BANKS.beta, 'bank']],
  [gamma, [BANKS.gamma, 'bank']],
  [central, [CENTRAL_BANK, 'centralBank']],
  [custodian, [CUSTODIAN, 'custodian']],
]);
const HOLDERS = [...MEMBER_OF.keys()];
const SUBSCRIPTIONS = ['BETAFRPP-0', 'BETAFRPP-1', 'GAMAITMM-0', 'GAMAITMM-1'];
const DEADLINE = TODAY_MS + 1_000;
const EVERY_KEY = Object.values(KEYS).map(({ address }) => address);

const holder = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(beta, gamma) },
  { weight: 2, arbitrary: fc.constantFrom(...HOLDERS) },
);
const member = fc.constantFrom(...[...MEMBER_OF.values()].map(([bic]) => bic));
/** Often what a split of ten or five divides. */
const amount = fc.oneof(
  fc.nat({ max: 20 }).map((tens) => BigInt(tens) * 10n),
  fc.bigInt({ min: 0n, max: 400n }),
);
const version = fc.nat({ max: 4 });
const on = { instrument: BOND };
const lock = fc.constantFrom('L0', 'L1');
const id = fc.constantFrom(...SUBSCRIPTIONS);
const ratio = fc.constantFrom([2, 1], [10, 1], [1, 2], [1, 5], [1, 10], [3, 2], [1, 1]);
const eligibility = fc.constantFrom(
  undefined,
  { roles: [], admittedOnly: true },
  { roles: ['bank', 'custodian'] as const, admittedOnly: false },
  { roles: ['bank'] as const, admittedOnly: true },
);

type Make = (version: number) => Call;

const held = (call: Call): Call => madeBy('vault', call);
const made = (arbitrary: fc.Arbitrary<Call>): fc.Arbitrary<Make> => arbitrary.map((call) => () => call);

const step: fc.Arbitrary<Make> = fc.oneof(
  { weight: 3, arbitrary: made(fc.record({ account: holder, amount }).map((a) => callOf(m.issue, { ...on, ...a }))) },
  { weight: 1, arbitrary: made(fc.record({ account: holder, amount }).map((a) => callOf(m.redeem, { ...on, ...a }))) },
  {
    weight: 4,
    arbitrary: made(fc.record({ from: holder, to: holder, amount }).map((a) => callOf(m.transfer, { ...on, ...a }))),
  },
  {
    weight: 4,
    arbitrary: made(fc.record({ lock, holder, amount }).map((a) => held(callOf(m.lock, { ...on, ...a })))),
  },
  {
    weight: 4,
    arbitrary: made(fc.record({ lock, to: holder, amount }).map((a) => held(callOf(m.release, { ...on, ...a })))),
  },
  { weight: 2, arbitrary: made(member.map((of) => callOf(m.admit, { ...on, member: of }))) },
  { weight: 1, arbitrary: made(member.map((of) => callOf(m.exclude, { ...on, member: of }))) },
  {
    weight: 3,
    arbitrary: fc
      .record({ id, units: amount, price: fc.bigInt({ min: 1n, max: 400n }), version })
      .map(({ version: off, ...a }) => (newest: number) => {
        const account = a.id.startsWith('BETA') ? beta : gamma;
        // Now and then under another version than the newest.
        return callOf(s.subscribe, { ...on, ...a, account, deadline: DEADLINE, version: off === 0 ? 1 : newest });
      }),
  },
  { weight: 3, arbitrary: made(fc.record({ id, units: amount }).map((a) => callOf(s.allot, a))) },
  { weight: 1, arbitrary: made(id.map((of) => callOf(s.decline, { id: of }))) },
  { weight: 1, arbitrary: made(id.map((of) => callOf(s.cancel, { id: of }))) },
  { weight: 2, arbitrary: made(id.map((of) => callOf(s.expire, { id: of }))) },
  {
    weight: 2,
    arbitrary: fc
      .record({ cap: fc.bigInt({ min: 1n, max: 4_000n }), eligibility, nominal: fc.constantFrom(1_000n, 2_000n) })
      .map(
        (terms) => (newest: number) => callOf(m.amend, { ...on, name: 'A bond', expectedVersion: newest, ...terms }),
      ),
  },
  { weight: 3, arbitrary: made(fc.constantFrom(callOf(m.pause, on), callOf(m.pause, on), callOf(m.resume, on))) },
  {
    weight: 4,
    arbitrary: ratio.map(
      ([numerator = 1, denominator = 1]) =>
        (newest: number) =>
          callOf(m.beginSplit, { ...on, expectedVersion: newest, numerator, denominator }),
    ),
  },
  {
    weight: 6,
    arbitrary: made(fc.constantFrom(1, 1, 2, 9).map((limit) => callOf(m.continueSplit, { ...on, limit }))),
  },
);

interface Snapshot {
  readonly holdings: ReadonlyMap<Address, bigint>;
  readonly nominal: bigint;
  readonly isSplit: boolean;
}

function look(network: TestNetwork): Snapshot {
  const holdings = new Map(HOLDERS.map((account) => [account, network.view(m.holding, { ...on, account })]));
  const { nominal = 0n } = network.view(m.instrument, on) ?? {};
  return { holdings, nominal, isSplit: network.view(m.split, on) !== undefined };
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

function expectFigures(network: TestNetwork, { holdings }: Snapshot): void {
  const { issued = 0n, redeemed = 0n, cap = 0n } = network.view(m.instrument, on) ?? {};
  const outstanding = issued - redeemed;
  expect(sum(holdings.values())).to.equal(outstanding);
  // No ratio makes more of a cap than ten times as much.
  const most = network.view(m.split, on) === undefined ? cap : cap * 10n;
  expect(outstanding <= most, 'above the cap').to.equal(true);
  const register = network.view(m.holders, { ...on, limit: 99 });
  expect(register.every(({ account, amount: units }) => units > 0n && holdings.get(account) === units)).to.equal(true);
  expect(sum(register.map((each) => each.amount))).to.equal(outstanding);
  const locks = network.view(m.locks, { ...on, contract: 'vault', limit: 9 });
  for (const [account, units] of holdings) {
    const own = sum(locks.filter((each) => each.holder === account).map((each) => each.amount));
    expect(network.view(m.position, { ...on, account })).to.deep.equal({ free: units - own, locked: own });
    expect(units >= own).to.equal(true);
  }
}

/** All money that the contract holds is that of open subscriptions, to the cent. */
function expectSubscriptionsHeld(network: TestNetwork): void {
  const open = network.view(s.toInstrument, { ...on, limit: 9 }).map((name) => {
    const { account = alfa, units = 0n, price = 0n } = network.view(s.subscription, { id: name }) ?? {};
    return { id: name, account, units, price };
  });
  const locks = network.view(cash.methods.locks, { currency: 'EUR', contract: 'subscriptions', limit: 9 });
  expect(locks.map(({ lock: name, debtor, amount: held }) => [name, debtor, held])).to.deep.equal(
    open.map(({ id: name, account, units, price }) => [name, account, units * price]),
  );
  for (const account of HOLDERS) {
    const own = network.view(s.ofAccount, { account, limit: 9 }).map((each) => each.id);
    expect(own).to.deep.equal(open.filter((each) => each.account === account).map((each) => each.id));
  }
}

/** Judged by what the views say, not by what the contract judges by. */
function mayReceive(network: TestNetwork, account: Address): boolean {
  const rule = network.view(m.instrument, on)?.eligibility;
  const [bic = '', role = ''] = MEMBER_OF.get(account) ?? [];
  if (account === alfa || rule === undefined) return true;
  if (rule.roles.length > 0 && !rule.roles.some((each) => each === role)) return false;
  return !rule.admittedOnly || network.view(m.admitted, { ...on, limit: 99 }).includes(bic);
}

function started(): TestNetwork {
  const network = TestNetwork.funded([assetHolder('vault')]);
  const terms = {
    ...on,
    kind: 'bond',
    issuer: alfa,
    name: 'A bond',
    currency: 'EUR',
    nominal: 1_000n,
    cap: 3_000n,
  } as const;
  network.ok(alfa, callOf(m.create, terms));
  return network;
}

describe('an instrument', () => {
  it('has as many units as were issued and not redeemed, in hands that may hold them, whatever is done', () => {
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), fc.nat({ max: 40 }), (steps, lateFrom) => {
        const network = started();
        const everybody = sum(HOLDERS.map((account) => network.balance(account)));
        let before = look(network);
        steps.forEach((make, index) => {
          const { version: newest = 0 } = network.view(m.instrument, on) ?? {};
          const call = make(newest);
          const state = network.ledger.snapshot();
          // Signed by everybody: what is refused is refused for another reason.
          const timestamp = index > lateFrom ? DEADLINE : TODAY_MS;
          const who = { sender: alfa, signers: EVERY_KEY, calls: [call], height: 1, timestamp };
          const { failure, events } = network.ledger.run(who);
          count(failure?.code ?? `${call.method} done`);
          for (const { name } of events) count(name);
          if (failure !== undefined) expect(network.ledger.snapshot()).to.deep.equal(state);
          const now = look(network);
          expectFigures(network, now);
          expectSubscriptionsHeld(network);
          for (const [account, units] of now.holdings) {
            const gained = units > (before.holdings.get(account) ?? 0n);
            if (gained && !before.isSplit)
              expect(mayReceive(network, account), `${call.method} to ${account}`).to.equal(true);
          }
          before = now;
        });
        const locked = sum(HOLDERS.map((account) => network.view(cash.methods.locked, { currency: 'EUR', account })));
        expect(sum(HOLDERS.map((account) => network.balance(account))) + locked).to.equal(everybody);
      }),
      { numRuns: 150, seed: 20_260_108 },
    );
    for (const what of [
      ...[
        'Issued',
        'Redeemed',
        'Transferred',
        'Locked',
        'Released',
        'Amended',
        'Admitted',
        'Excluded',
        'Subscribed',
        'Allotted',
      ],
      ...['Ended', 'SplitBegun', 'SplitEnded'],
      ...['NOT_ELIGIBLE', 'CAP_EXCEEDED', 'VERSION_MISMATCH', 'TERM_FIXED', 'SPLIT_FRACTION'],
      ...['SPLIT_UNDER_WAY', 'ALLOTMENT_EXCEEDED', 'DEADLINE_PASSED', 'DEADLINE_AHEAD', 'INSTRUMENT_NOT_PAUSED'],
    ]) {
      expect(seen.get(what), what).to.be.greaterThan(0);
    }
  }).timeout(120_000);

  it('leaves each holder with the same nominal value whatever ratio it is split by, by pages of any size', () => {
    const holdings = fc.array(fc.bigInt({ min: 0n, max: 30n }), { minLength: 4, maxLength: 4 });
    const factor = fc.constantFrom([2, 1], [5, 1], [3, 2], [1, 2], [1, 3], [2, 3]);
    let ended = 0;
    fc.assert(
      fc.property(holdings, factor, fc.nat({ max: 4 }), (units, [numerator = 1, denominator = 1], page) => {
        const network = started();
        const owners = HOLDERS.filter((account) => account !== alfa);
        network.ok(alfa, callOf(m.amend, { ...on, name: 'A bond', expectedVersion: 1, cap: 3_000n, nominal: 6_000n }));
        owners.forEach((account, index) => {
          const count = units[index] ?? 0n;
          if (count > 0n) network.ok(alfa, callOf(m.issue, { ...on, account, amount: count }));
        });
        const before = look(network);
        network.ok(alfa, callOf(m.pause, on));
        const begin = callOf(m.beginSplit, { ...on, expectedVersion: 2, numerator, denominator });
        const isBegun = network.run(alfa, [begin]).failure === undefined;
        for (let turn = 0; turn < 12 && look(network).isSplit; turn++) {
          network.ok(beta, callOf(m.continueSplit, { ...on, limit: page + 1 }));
        }
        const after = look(network);
        expect(after.isSplit).to.equal(false);
        const divides = units.every((count) => (count * BigInt(numerator)) % BigInt(denominator) === 0n);
        const isSplit = isBegun && network.view(m.instrument, on)?.version === 3;
        expect(isSplit).to.equal(divides && (6_000n * BigInt(denominator)) % BigInt(numerator) === 0n);
        if (isSplit) ended += 1;
        for (const [account, count] of before.holdings) {
          const now = after.holdings.get(account) ?? 0n;
          expect(now * after.nominal, account).to.equal(count * before.nominal);
          expect(now).to.equal(isSplit ? (count * BigInt(numerator)) / BigInt(denominator) : count);
        }
        expectFigures(network, after);
      }),
      { numRuns: 200, seed: 20_260_109 },
    );
    expect(ended).to.be.greaterThan(40);
  }).timeout(60_000);
});
