import { expect } from 'chai';
import fc from 'fast-check';
import { assets, cash, payments, queue, settlement } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import type { Address, Call } from '../../../primitives/types.js';
import { assetHolder, byOrders, cashHolder, madeBy, ordersHolder } from '../../support/cashHolder.js';
import { ACCOUNTS, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

/**
 * Freezes, seizures, locks, payments, runs of the queue and instructions in any order: nothing that orders keep leaves by any
 * contract, nobody whose account is blocked sends anything, and what has settled stays settled.
 */

const { alfa, beta, gamma, central } = ACCOUNTS;
const EUR = 'EUR';
const BOND = 'BOND';
const parties = [alfa, beta, gamma];
const s = settlement.methods;
type Terms = Parameters<typeof termsHash>[0];

const account = fc.constantFrom(...parties);
const pair = fc.tuple(account, account).filter(([from, to]) => from !== to);
const amount = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: 1n, max: 400_000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 600_000n, max: 1_300_000n }) },
);
const asset = fc.constantFrom(EUR, EUR, BOND);
/** Times meet: blocks and ends of freezes are a tenth of a second apart, and often the same. */
const span = (tenths: number) => fc.nat(tenths).map((count) => count * 100);
/** Mostly about what an account has. */
const kept = fc.oneof(fc.bigInt({ min: 500_000n, max: 1_200_000n }), fc.bigInt({ min: 0n, max: 1_400_000n }));
const freezes = fc
  .array(
    fc.record({
      amount: fc.option(kept, { nil: undefined, freq: 3 }),
      life: fc.option(span(12), { nil: undefined }),
    }),
    { maxLength: 2 },
  )
  .map((list) => list.map((each, at) => ({ ...each, order: `O-${at}` })));

/** One transaction, and what it does that a model must know. */
interface Action {
  readonly sender: Address;
  readonly call: Call;
  /** Whose freezes it sets; whose money it seizes. */
  readonly sets?: { readonly key: string; readonly freezes: readonly Kept[] };
  /** Whom a submission pays, where it settles at once: a run that follows begins with that. */
  readonly pays?: { readonly key: string; readonly amount: bigint };
  readonly seizes?: { readonly key: string; readonly order: string | undefined; readonly amount: bigint };
}

interface Kept {
  readonly order: string;
  readonly amount: bigint | undefined;
  readonly until: number | undefined;
}

type Step = (world: World) => readonly Action[];

const keyOf = (of: Address, what: string): string => `${of} ${what}`;
const simply = (sender: Address, call: Call): readonly Action[] => [{ sender, call }];

function setting(of: Address, what: string, all: readonly Kept[]): Call {
  return byOrders(
    what === EUR
      ? callOf(cash.methods.setFreezes, { currency: EUR, account: of, freezes: all })
      : callOf(assets.methods.setFreezes, { instrument: BOND, account: of, freezes: all }),
  );
}

function seizing(from: Address, what: string, sum: bigint, freeze: string | undefined): Call {
  const common = { from, to: central, amount: sum, order: 'S', freeze };
  return byOrders(
    what === EUR
      ? callOf(cash.methods.seize, { currency: EUR, ...common })
      : callOf(assets.methods.seize, { instrument: BOND, ...common }),
  );
}

const ordering: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(account, asset, freezes).map(
      ([of, what, list]): Step =>
        (world) => [world.freeze(of, what, list)],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(account, asset, amount, fc.option(fc.constantFrom('O-0', 'O-1'), { nil: undefined })).map(
      ([of, what, sum, order]): Step =>
        () => [
          {
            sender: central,
            call: seizing(of, what, sum, order),
            seizes: { key: keyOf(of, what), order, amount: sum },
          },
        ],
    ),
  },
);

const paying: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(pair, amount).map(
    ([[debtor, creditor], sum]): Step =>
      () =>
        simply(debtor, callOf(cash.methods.transfer, { currency: EUR, debtor, creditor, amount: sum })),
  ),
  fc.tuple(pair, amount).map(
    ([[debtor, creditor], sum]): Step =>
      (world) => {
        const reference = world.reference();
        return simply(
          debtor,
          callOf(payments.methods.pay, { currency: EUR, debtor, creditor, amount: sum, reference }),
        );
      },
  ),
  fc.tuple(pair, amount, amount).map(
    ([[debtor, creditor], one, other]): Step =>
      (world) => {
        const rows = [one, other].map((sum) => ({ creditor, amount: sum, reference: world.reference() }));
        return simply(
          debtor,
          callOf(payments.methods.payBatch, { currency: EUR, debtor, mode: 'each', payments: rows }),
        );
      },
  ),
  fc.tuple(pair, amount).map(
    ([[from, to], sum]): Step =>
      () =>
        simply(from, callOf(assets.methods.transfer, { instrument: BOND, from, to, amount: sum })),
  ),
);

const queueing: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(pair, amount, fc.constantFrom('normal' as const, 'normal' as const, 'urgent' as const)).map(
      ([[debtor, creditor], sum, priority]): Step =>
        (world) => {
          const payment = { creditor, amount: sum, reference: world.reference(), priority };
          const call = callOf(queue.methods.submit, { currency: EUR, debtor, ...payment });
          return [{ sender: debtor, call, pays: { key: keyOf(creditor, EUR), amount: sum } }];
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('fifo' as const, 'all' as const).map(
      (stages): Step =>
        () =>
          simply(alfa, callOf(queue.methods.resolve, { currency: EUR, stages })),
    ),
  },
  fc.tuple(account, fc.bigInt({ min: 0n, max: 900_000n })).map(
    ([of, sum]): Step =>
      () =>
        simply(of, callOf(queue.methods.reserve, { currency: EUR, account: of, amount: sum })),
  ),
);

const locking: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(account, amount).map(
    ([of, sum]): Step =>
      () =>
        simply(of, madeBy('escrow', callOf(cash.methods.lock, { currency: EUR, lock: of, debtor: of, amount: sum }))),
  ),
  fc.tuple(account, account, amount).map(
    ([of, creditor, sum]): Step =>
      () =>
        simply(of, madeBy('escrow', callOf(cash.methods.release, { currency: EUR, lock: of, creditor, amount: sum }))),
  ),
  fc.tuple(account, amount).map(
    ([of, sum]): Step =>
      () =>
        simply(
          of,
          madeBy('vault', callOf(assets.methods.lock, { instrument: BOND, lock: of, holder: of, amount: sum })),
        ),
  ),
  fc.tuple(account, account, amount).map(
    ([of, to, sum]): Step =>
      () =>
        simply(of, madeBy('vault', callOf(assets.methods.release, { instrument: BOND, lock: of, to, amount: sum }))),
  ),
);

const leg = fc.tuple(asset, pair, amount).map(([what, [from, to], sum]) => ({
  ...{ currency: what === EUR ? EUR : undefined, instrument: what === EUR ? undefined : BOND, amount: sum, from, to },
}));

const instructing: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      fc.array(leg, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('gross' as const, 'netCash' as const, 'netBoth' as const),
    )
    .map(
      ([legs, model]): Step =>
        (world) =>
          world.instruct(legs, model),
    ),
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (at): Step =>
        (world) =>
          world.agree(at),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (at): Step =>
        (world) =>
          world.execute(at),
    ),
  },
);

/** What was set aside before an order, and would leave after it. */
const overtaken: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(pair, amount, amount, freezes).map(
    ([[of, creditor], locked, sum, list]): Step =>
      (world) => [
        ...simply(
          of,
          madeBy('escrow', callOf(cash.methods.lock, { currency: EUR, lock: of, debtor: of, amount: locked })),
        ),
        world.freeze(of, EUR, list),
        ...simply(
          of,
          madeBy('escrow', callOf(cash.methods.release, { currency: EUR, lock: of, creditor, amount: sum })),
        ),
      ],
  ),
  fc.tuple(pair, amount, amount, freezes).map(
    ([[of, to], locked, sum, list]): Step =>
      (world) => [
        ...simply(
          of,
          madeBy('vault', callOf(assets.methods.lock, { instrument: BOND, lock: of, holder: of, amount: locked })),
        ),
        world.freeze(of, BOND, list),
        ...simply(of, madeBy('vault', callOf(assets.methods.release, { instrument: BOND, lock: of, to, amount: sum }))),
      ],
  ),
  fc.tuple(pair, amount, amount, fc.constantFrom('netCash' as const, 'netBoth' as const), freezes).map(
    ([[from, to], there, back, model, list]): Step =>
      (world) => {
        const leg = { currency: EUR, instrument: undefined };
        const legs = [
          { ...leg, from, to, amount: there },
          { ...leg, from: to, to: from, amount: back },
        ];
        const instructed = world.instruct(legs, model);
        const last = world.instructions.length - 1;
        return [...instructed, ...world.agree(last), world.freeze(from, EUR, list), ...world.execute(last)];
      },
  ),
);

const step = fc.oneof(
  { weight: 3, arbitrary: ordering },
  { weight: 3, arbitrary: paying },
  { weight: 5, arbitrary: queueing },
  { weight: 2, arbitrary: locking },
  { weight: 4, arbitrary: instructing },
  { weight: 5, arbitrary: overtaken },
);

type Freezing = typeof freezes extends fc.Arbitrary<infer T> ? T : never;

interface Holding {
  readonly free: bigint;
  readonly locked: bigint;
}

class World {
  readonly network = TestNetwork.funded([cashHolder('escrow'), assetHolder('vault'), ordersHolder]);
  readonly kept = new Map<string, readonly Kept[]>();
  readonly instructions: Terms[] = [];
  readonly settled = new Set<string>();
  timestamp = TODAY_MS;
  #references = 0;

  constructor(readonly count: (what: string) => void) {
    const fields = { kind: 'bond', issuer: gamma, name: BOND, currency: EUR, nominal: 1n, cap: 5_000_000n } as const;
    this.network.ok(gamma, [
      callOf(assets.methods.create, { instrument: BOND, ...fields }),
      ...parties.map((holder) =>
        callOf(assets.methods.issue, { instrument: BOND, account: holder, amount: 1_000_000n }),
      ),
    ]);
  }

  reference(): string {
    this.#references += 1;
    return `R-${this.#references}`;
  }

  freeze(of: Address, what: string, list: Freezing): Action {
    const all = list.map(({ order, amount: sum, life }) => ({
      ...{ order, amount: sum, until: life === undefined ? undefined : this.timestamp + life },
    }));
    return { sender: central, call: setting(of, what, all), sets: { key: keyOf(of, what), freezes: all } };
  }

  instruct(legs: Terms['legs'], model: Terms['model']): readonly Action[] {
    const id = `ALFADEFF-${this.instructions.length}`;
    const rest = { settler: alfa, deadline: TODAY_MS + 1_000_000, rate: undefined };
    const terms: Terms = { id, instructor: alfa, legs, model, ...rest };
    this.instructions.push(terms);
    return simply(alfa, callOf(s.instruct, terms));
  }

  agree(at: number): readonly Action[] {
    const terms = this.instructions[at % this.instructions.length];
    if (terms === undefined) return [];
    return parties.flatMap((of) => {
      const own = { id: terms.id, account: of, terms: termsHash(terms) };
      return [
        { sender: of, call: callOf(s.allocate, { ...own, isCommitted: false }) },
        { sender: of, call: callOf(s.approve, own) },
      ];
    });
  }

  execute(at: number): readonly Action[] {
    const terms = this.instructions[at % this.instructions.length];
    return terms === undefined ? [] : simply(alfa, callOf(s.execute, { id: terms.id }));
  }

  holding(of: Address, what: string): Holding {
    if (what === BOND) return this.network.view(assets.methods.position, { account: of, instrument: BOND });
    const locked = this.network.view(cash.methods.locked, { currency: EUR, account: of });
    return { free: this.network.balance(of), locked };
  }

  holdings(): ReadonlyMap<string, Holding> {
    const all = parties.flatMap((of) => [EUR, BOND].map((what) => [keyOf(of, what), this.holding(of, what)] as const));
    return new Map(all);
  }

  /** What orders keep, by the model alone. */
  frozen(key: string): bigint {
    const inForce = (this.kept.get(key) ?? []).filter(({ until }) => until === undefined || this.timestamp < until);
    return inForce.reduce((sum, { amount: each }) => sum + (each ?? 10n ** 30n), 0n);
  }

  /** Everything that has settled so far; each under a name of its own, with who sends by it. */
  settledNow(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, readonly string[]>();
    for (let id = 1; ; id++) {
      const item = this.network.view(queue.methods.item, { currency: EUR, id });
      if (item === undefined) break;
      if (item.status === 'settled') found.set(`payment ${id}`, [keyOf(item.debtor, EUR)]);
    }
    for (const { id, legs } of this.instructions) {
      if (this.network.view(s.instruction, { id })?.status !== 'settled') continue;
      found.set(
        `instruction ${id}`,
        legs.map(({ from, currency }) => keyOf(from, currency ?? BOND)),
      );
    }
    return found;
  }

  run({ sender, call, sets, seizes, pays }: Action): void {
    const before = this.holdings();
    const frozenBefore = new Map([...before.keys()].map((key) => [key, this.frozen(key)]));
    const { failure, events } = this.network.ledger.run({
      sender,
      calls: [call],
      height: 1,
      timestamp: this.timestamp,
    });
    this.count(failure?.code ?? `${call.contract}.${call.method}`);
    if (failure === undefined && sets !== undefined) this.kept.set(sets.key, sets.freezes);
    if (failure === undefined && seizes !== undefined) this.#shrink(seizes);
    for (const [key, { free, locked }] of this.holdings()) {
      expect(free >= 0n, key).to.equal(true);
      if (seizes?.key === key) continue;
      const { free: freeBefore = 0n, locked: lockedBefore = 0n } = before.get(key) ?? {};
      const had = freeBefore + lockedBefore;
      const least = had < (frozenBefore.get(key) ?? 0n) ? had : (frozenBefore.get(key) ?? 0n);
      expect(free + locked >= least, `${key} has ${free + locked}, must keep ${least}`).to.equal(true);
    }
    const paid = events.some(({ contract, name }) => contract === 'queue' && name === 'Settled') ? pays : undefined;
    const free = new Map([...before].map(([key, held]) => [key, held.free + (paid?.key === key ? paid.amount : 0n)]));
    this.#expectNobodyBlockedSent(before, free, frozenBefore);
  }

  #expectNobodyBlockedSent(
    before: ReadonlyMap<string, Holding>,
    freeAtRun: ReadonlyMap<string, bigint>,
    frozen: ReadonlyMap<string, bigint>,
  ): void {
    const now = this.settledNow();
    for (const name of this.settled) expect(now.has(name), `${name} stays settled`).to.equal(true);
    for (const [name, senders] of now) {
      if (this.settled.has(name)) continue;
      this.settled.add(name);
      this.count(name.split(' ')[0] ?? '');
      for (const sender of senders) {
        const { free = 0n, locked = 0n } = before.get(sender) ?? {};
        const has = name.startsWith('payment') ? (freeAtRun.get(sender) ?? 0n) : free + locked;
        expect((frozen.get(sender) ?? 0n) <= has, `${sender} is blocked and sent by ${name}`).to.equal(true);
      }
    }
  }

  #shrink({ key, order, amount: sum }: NonNullable<Action['seizes']>): void {
    const all = (this.kept.get(key) ?? []).flatMap((each) => {
      const isInForce = each.until === undefined || this.timestamp < each.until;
      if (each.order !== order || each.amount === undefined || !isInForce) return [each];
      return each.amount > sum ? [{ ...each, amount: each.amount - sum }] : [];
    });
    this.kept.set(key, all);
  }
}

describe('what orders keep', () => {
  it('leaves by no contract, whatever happens in whatever order, and what has settled stays settled', function () {
    this.timeout(240_000);
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(step, span(4)), { minLength: 10, maxLength: 40 }), (steps) => {
        const world = new World(count);
        for (const [make, elapsed] of steps) {
          world.timestamp += elapsed;
          for (const action of make(world)) world.run(action);
        }
      }),
      { numRuns: 250, seed: 20_261_128 },
    );
    // A run in which nothing is frozen, or nothing settles, would prove little.
    for (const what of ['FROZEN', 'payment', 'instruction', 'orders.cash.seize', 'orders.assets.seize']) {
      expect(seen.get(what), what).to.be.greaterThan(20);
    }
    for (const what of [
      'LOCKED',
      'escrow.release',
      'vault.release',
      'queue.reserve',
      'queue.resolve',
      'payments.payBatch',
    ]) {
      expect(seen.get(what), what).to.be.greaterThan(0);
    }
  });
});
