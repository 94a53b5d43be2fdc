import { expect } from 'chai';
import fc from 'fast-check';
import { assets, cash, membership, settlement } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

/**
 * Instructions of any legs and models under steps in any order, many of them out of turn, while days close, instruments are
 * paused and banks suspended. Whatever happens, an account owns what it began with and the legs of what has settled.
 */

const s = settlement.methods;
type Terms = Parameters<typeof termsHash>[0];
type Leg = Terms['legs'][number];

const { alfa, beta, gamma, central } = ACCOUNTS;
const parties = [alfa, beta, gamma, central];
const CURRENCIES = ['EUR', 'USD'];
const INSTRUMENTS = ['BOND', 'SHARE'];
const IDS = ['ALFADEFF-0', 'ALFADEFF-1', 'ALFADEFF-2'];
const DEADLINE = TODAY_MS + 1_000;

const account = fc.constantFrom(...parties);
const asset = fc.oneof(
  fc.constantFrom(...CURRENCIES).map((currency) => ({ currency, instrument: undefined })),
  fc.constantFrom(...INSTRUMENTS).map((instrument) => ({ currency: undefined, instrument })),
);
const pair = fc
  .tuple(account, account)
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => ({ from, to }));
/** Now and then more than anybody has. */
const amount = fc.oneof(
  { weight: 30, arbitrary: fc.bigInt({ min: 1n, max: 2_000n }) },
  { weight: 1, arbitrary: fc.constant(2_000_000n) },
);
const leg: fc.Arbitrary<Leg> = fc
  .tuple(asset, pair, amount)
  .map(([of, ways, sum]) => ({ ...of, ...ways, amount: sum }));

const terms: fc.Arbitrary<Omit<Terms, 'id'>> = fc.record({
  // Everybody instructs and is found under alfa's name: an id is its member's.
  instructor: fc.constant(alfa),
  legs: fc.array(leg, { minLength: 1, maxLength: 5 }),
  model: fc.constantFrom('gross' as const, 'netCash' as const, 'netBoth' as const),
  settler: fc.option(fc.constant(alfa), { nil: undefined }),
  deadline: fc.constant(DEADLINE),
  rate: fc.constant(undefined),
});

interface Step {
  readonly kind: 'allocate' | 'approve' | 'withdraw' | 'execute' | 'cancel' | 'expire' | 'world' | 'all';
  readonly instruction: number;
  readonly account: Address;
  readonly isCommitted: boolean;
  readonly disturbance: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('allocate' as const) },
    { weight: 6, arbitrary: fc.constant('approve' as const) },
    { weight: 5, arbitrary: fc.constant('all' as const) },
    { weight: 2, arbitrary: fc.constant('execute' as const) },
    { weight: 1, arbitrary: fc.constantFrom('withdraw' as const, 'cancel' as const, 'expire' as const) },
    { weight: 1, arbitrary: fc.constant('world' as const) },
  ),
  instruction: fc.nat({ max: IDS.length - 1 }),
  account,
  isCommitted: fc.boolean(),
  disturbance: fc.nat({ max: 7 }),
});

/** What the central bank and the issuer do meanwhile; each is undone by another. */
function disturbance(index: number): readonly [Address, Call] {
  const { openBusinessDay, closeBusinessDay } = cash.methods;
  const { suspendMember, reinstateMember } = membership.methods;
  const all: readonly (readonly [Address, Call])[] = [
    [central, callOf(closeBusinessDay, { currency: 'USD' })],
    [central, callOf(openBusinessDay, { currency: 'USD', day: TODAY + 1 })],
    [central, callOf(openBusinessDay, { currency: 'USD', day: TODAY + 2 })],
    [gamma, callOf(assets.methods.pause, { instrument: 'BOND' })],
    [gamma, callOf(assets.methods.resume, { instrument: 'BOND' })],
    [central, callOf(suspendMember, { member: BANKS.beta })],
    [central, callOf(reinstateMember, { member: BANKS.beta })],
    [central, callOf(reinstateMember, { member: BANKS.beta })],
  ];
  return all[index] ?? [central, callOf(reinstateMember, { member: BANKS.beta })];
}

function started(): TestNetwork {
  const network = TestNetwork.funded();
  for (const instrument of INSTRUMENTS) {
    const fields = {
      kind: 'bond',
      issuer: gamma,
      name: instrument,
      currency: 'EUR',
      nominal: 1n,
      cap: 500_000n,
    } as const;
    network.ok(gamma, [
      callOf(assets.methods.create, { instrument, ...fields }),
      ...[alfa, beta, gamma].map((holder) =>
        callOf(assets.methods.issue, { instrument, account: holder, amount: 10_000n }),
      ),
    ]);
  }
  return network;
}

/** What each account owns of each asset, free and locked together. */
function wealth(network: TestNetwork): Map<string, bigint> {
  const owned = new Map<string, bigint>();
  for (const holder of parties) {
    for (const currency of CURRENCIES) {
      const locked = network.view(cash.methods.locked, { currency, account: holder });
      owned.set(`${holder} ${currency}`, network.balance(holder, currency) + locked);
    }
    for (const instrument of INSTRUMENTS) {
      const { free, locked } = network.view(assets.methods.position, { account: holder, instrument });
      expect(free >= 0n, `${holder} has ${free} free of ${instrument}`).to.equal(true);
      owned.set(`${holder} ${instrument}`, free + locked);
    }
  }
  return owned;
}

function add(owned: Map<string, bigint>, key: string, change: bigint): void {
  owned.set(key, (owned.get(key) ?? 0n) + change);
}

/** Who owns what once these legs have settled. */
function settleInto(owned: Map<string, bigint>, legs: readonly Leg[]): void {
  for (const { currency, instrument, amount: sum, from, to } of legs) {
    add(owned, `${from} ${currency ?? instrument}`, -sum);
    add(owned, `${to} ${currency ?? instrument}`, sum);
  }
}

/** What the contract holds is what the parties of open instructions have allocated, to the unit. */
function expectLocksExplained(network: TestNetwork, open: readonly string[]): void {
  const expected = new Map<string, bigint>();
  for (const id of open) {
    for (const { account: of, allocation, obligations } of network.view(s.parties, { id })) {
      if (allocation === 'none') continue;
      for (const each of obligations) add(expected, `${of} ${each.currency ?? each.instrument}`, each.amount);
    }
  }
  const held = new Map<string, bigint>();
  const page = { contract: 'settlement', limit: 100 };
  for (const currency of CURRENCIES) {
    for (const lock of network.view(cash.methods.locks, { currency, ...page })) {
      add(held, `${lock.debtor} ${currency}`, lock.amount);
    }
  }
  for (const instrument of INSTRUMENTS) {
    for (const lock of network.view(assets.methods.locks, { instrument, ...page })) {
      add(held, `${lock.holder} ${instrument}`, lock.amount);
    }
  }
  expect([...held].sort()).to.deep.equal([...expected].sort());
}

function callsOf(
  { kind, account: of, isCommitted, disturbance: index }: Step,
  values: Terms,
): readonly [Address, Call][] {
  const { id } = values;
  const hash = termsHash(values);
  switch (kind) {
    case 'allocate':
      return [[of, callOf(s.allocate, { id, terms: hash, account: of, isCommitted })]];
    case 'approve':
      return [[of, callOf(s.approve, { id, terms: hash, account: of })]];
    case 'all':
      return parties.flatMap((party): [Address, Call][] => [
        [party, callOf(s.allocate, { id, terms: hash, account: party, isCommitted })],
        [party, callOf(s.approve, { id, terms: hash, account: party })],
      ]);
    case 'withdraw':
      return [[of, callOf(s.withdraw, { id, account: of })]];
    case 'execute':
      return [[alfa, callOf(s.execute, { id })]];
    case 'cancel':
      return [[of, callOf(s.cancel, { id, account: of })]];
    case 'expire':
      return [[of, callOf(s.expire, { id })]];
    case 'world': {
      const [sender, call] = disturbance(index);
      return [[sender, call]];
    }
  }
}

describe('instructions', () => {
  it('move all their legs or none, in any order of steps, and hold exactly what was allocated', function () {
    this.timeout(120_000);
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    const instructions = fc.tuple(terms, terms, terms);
    const steps = fc.array(step, { minLength: 6, maxLength: 24 });
    fc.assert(
      fc.property(instructions, steps, (list, order) => {
        const network = started();
        const owned = wealth(network);
        const all = list.map((values, index): Terms => ({ ...values, id: IDS[index] ?? '' }));
        const known = all.filter((values) => network.run(alfa, [callOf(s.instruct, values)]).failure === undefined);
        const open = new Set(known.map(({ id }) => id));
        const run = (sender: Address, call: Call, timestamp: number): void => {
          const before = network.ledger.snapshot();
          const { failure, events } = network.ledger.run({ sender, calls: [call], height: 1, timestamp });
          count(failure?.code ?? 'done');
          if (failure !== undefined) expect(network.ledger.snapshot()).to.deep.equal(before);
          for (const { contract, name, data } of events) {
            if (contract !== 'settlement') continue;
            count(name);
            if (!['Settled', 'Cancelled', 'Expired'].includes(name)) continue;
            const { id } = settlement.codec.decodeEvent(name, data) as { readonly id: string };
            open.delete(id);
            const settled = known.find((values) => values.id === id);
            if (name === 'Settled' && settled !== undefined) {
              count(settled.model);
              settleInto(owned, settled.legs);
            }
          }
          expect([...wealth(network)].sort()).to.deep.equal([...owned].sort());
          expectLocksExplained(network, [...open]);
        };
        for (const one of order) {
          const values = known[one.instruction % known.length];
          if (values === undefined) break;
          for (const [sender, call] of callsOf(one, values)) run(sender, call, TODAY_MS);
        }
        // Whatever is still open, its deadline ends it, and everything is free again.
        for (const id of [...open]) run(central, callOf(s.expire, { id }), DEADLINE);
        expect([...open]).to.deep.equal([]);
        const rows = network.ledger.snapshot().filter((row) => row.startsWith('settlement '));
        expect(rows).to.have.lengthOf(known.length);
      }),
      { numRuns: 200, seed: 20_260_107 },
    );
    // A run in which nothing settles, or nothing is refused, would prove little.
    for (const what of [
      ...['Settled', 'Cancelled', 'Expired', 'Withdrawn', 'Ready', 'gross', 'netCash', 'netBoth'],
      ...['INSUFFICIENT_FUNDS', 'INSUFFICIENT_UNITS', 'COMMITTED', 'NOT_READY', 'NOT_A_PARTY', 'SUSPENDED'],
      ...['INSTRUMENT_PAUSED', 'BUSINESS_DAY_CLOSED', 'INSTRUCTION_CLOSED', 'DEADLINE_AHEAD'],
    ]) {
      expect(seen.get(what), what).to.be.greaterThan(0);
    }
    expect(seen.get('Settled')).to.be.greaterThan(30);
  });
});
