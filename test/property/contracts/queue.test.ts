import { expect } from 'chai';
import fc from 'fast-check';
import { callOf } from '../../../contracts/api/index.js';
import { resolveGridlock } from '../../../contracts/gridlock/gridlock.js';
import { type GridlockInput, type QueuedPayment, RANKS } from '../../../contracts/gridlock/input.js';
import { hashGridlockInput } from '../../../contracts/gridlock/inputHash.js';
import { cash, payments, queue } from '../../../contracts/index.js';
import { toHex } from '../../../primitives/bytes.js';
import { naiveFaults, naiveQueue, networks } from '../../support/gridlock.js';
import { addressOf, CENTRAL, EUR, nameOf, QueueNetwork, queueEvents } from '../../support/queueNetwork.js';

const { hold, release, resolve, setLimit, submit, submitBatch, cancel, reprioritise, reserve, sweep } = queue.methods;

interface Receipt {
  readonly inputHash: string;
  readonly maxSteps: number;
  readonly steps: number;
  readonly outcome: string;
  readonly value: string;
  readonly settled: readonly number[];
  readonly positions: readonly {
    readonly account: string;
    readonly available: string;
    readonly isDebit: boolean;
    readonly net: string;
  }[];
}

/** Banks of a random network have short names, and only ranks that a bank may claim. */
function claimable(input: GridlockInput): GridlockInput {
  return {
    ...input,
    payments: input.payments.map((payment) => ({
      ...payment,
      rank: payment.rank === 'centralBank' || payment.rank === 'clearing' ? ('urgent' as const) : payment.rank,
    })),
    limits: input.limits.map((limit) => ({ ...limit, net: limit.net < 0n ? 0n : limit.net })),
  };
}

/** Brings a network onto a ledger: every payment waits before any bank has money, so that nothing settles by itself. */
function onChain(input: GridlockInput): QueueNetwork {
  const network = new QueueNetwork({});
  const held = (call: typeof hold, id: number, debtor: string) =>
    network.ok(debtor, callOf(call, { currency: EUR, id }));
  const ids = input.payments.map(({ debtor, creditor, amount, rank }) => {
    const id = network.submit(`${debtor} ${creditor} ${amount}`, { priority: rank });
    held(hold, id as number, debtor);
    return id as number;
  });
  input.payments.forEach(({ isHeld, debtor }, at) => {
    if (!isHeld) held(release, ids[at] ?? 0, debtor);
  });
  for (const { debtor, creditor, net } of input.limits) {
    const parties = { debtor: addressOf(debtor), creditor: addressOf(creditor) };
    network.ok(debtor, callOf(setLimit, { currency: EUR, ...parties, amount: net }));
  }
  for (const { bank, available } of input.banks) network.issue(bank, available);
  return network;
}

/** The network as the mechanism takes it, from what was put in alone: what is held left out, and banks and limits that no payment names. */
function simulated(input: GridlockInput): GridlockInput {
  const active = input.payments.map((payment, at) => ({ ...payment, id: String(at + 1) })).filter((p) => !p.isHeld);
  const named = new Set(active.flatMap(({ debtor, creditor }) => [debtor, creditor]));
  const pairs = new Set(active.map(({ debtor, creditor }) => `${debtor} ${creditor}`));
  return {
    banks: input.banks
      .filter(({ bank }) => named.has(bank))
      .map(({ bank, available }) => ({ bank: addressOf(bank), available })),
    payments: active.map((payment) => ({
      ...payment,
      debtor: addressOf(payment.debtor),
      creditor: addressOf(payment.creditor),
    })),
    limits: input.limits
      .filter(({ debtor, creditor }) => pairs.has(`${debtor} ${creditor}`))
      .map(({ debtor, creditor, net }) => ({ debtor: addressOf(debtor), creditor: addressOf(creditor), net })),
  };
}

/** Of each bank those settle that stand first in its queue, and none behind one that stays. */
function expectPrefixes(input: GridlockInput, set: readonly QueuedPayment[]): void {
  for (const { bank } of input.banks) {
    const own = naiveQueue(input).filter(({ debtor }) => debtor === bank);
    const settled = own.filter((payment) => set.includes(payment));
    expect(settled, bank).to.deep.equal(own.slice(0, settled.length));
  }
}

describe('the queue on the chain and the simulation', () => {
  it('agree on 2,000 random networks: what settles, what each bank pays, and what was looked at', function () {
    this.timeout(120_000);
    let settled = 0;
    fc.assert(
      fc.property(
        networks({ maxBanks: 6, maxPayments: 12, maxBalance: 60, maxAmount: 90, hasRules: true }),
        fc.constantFrom('fifo' as const, 'all' as const),
        (random, stages) => {
          const network = onChain(claimable(random));
          const input = simulated(claimable(random));
          const before = new Map(input.banks.map(({ bank }) => [bank, network.balance(nameOf(bank as never))]));
          const events = queueEvents(network.ok(CENTRAL, callOf(resolve, { currency: EUR, stages })));
          const receipt = events.at(-1)?.[1] as unknown as Receipt;
          const run = resolveGridlock(input, { stages, maxSteps: receipt.maxSteps });
          expect(receipt.inputHash).to.equal(toHex(hashGridlockInput(input)));
          expect(receipt.settled.map(String)).to.deep.equal(run.settled);
          const { outcome, steps, value } = receipt;
          expect([outcome, steps, value]).to.deep.equal([run.outcome, run.steps, String(run.value)]);
          for (const { bank, net } of run.positions) {
            expect(network.balance(nameOf(bank as never)) - (before.get(bank) ?? 0n)).to.equal(net);
          }
          for (const [at, { isHeld }] of random.payments.entries()) {
            if (isHeld) expect(network.why(at + 1)?.code).to.equal('HELD');
          }
          const set = input.payments.filter(({ id }) => run.settled.includes(id));
          expect(naiveFaults(input, set)).to.deep.equal([]);
          if (stages === 'fifo' && input.limits.length === 0) expectPrefixes(input, set);
          settled += set.length;
        },
      ),
      { numRuns: 2_000, seed: 20_261_126 },
    );
    // Networks in which nothing settles would prove little.
    expect(settled).to.be.above(2_000);
  });
});

const bank = fc.constantFrom('A', 'B', 'C', 'D');
const amount = fc.integer({ min: 0, max: 60 }).map(BigInt);
const reference = fc.nat(25).map((at) => `R${at}`);
const expiresIn = fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined });
const priority = fc.constantFrom(...RANKS, 'normal' as const, 'normal' as const);
const row = fc.record({ creditor: bank, amount, reference, priority, expiresIn });
const id = fc.integer({ min: 1, max: 14 });

type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

/** What somebody does; a sender that may not is refused. */
type Step = (network: QueueNetwork) => readonly [sender: string, call: ReturnType<typeof callOf>];

const rowOf = (network: QueueNetwork, { creditor, expiresIn: life, ...rest }: Row) => ({
  ...rest,
  creditor: addressOf(creditor),
  expiresAt: life === undefined ? undefined : network.timestamp + life,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(bank, row).map(
      ([debtor, payment]): Step =>
        (network) => {
          const args = { ...rowOf(network, payment), debtor: addressOf(debtor), currency: EUR };
          return [debtor, callOf(submit, args)];
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(bank, fc.constantFrom('all' as const, 'each' as const), fc.array(row, { minLength: 1, maxLength: 5 }))
      .map(
        ([debtor, mode, rows]): Step =>
          (network) => {
            const args = { debtor: addressOf(debtor), currency: EUR, mode };
            return [debtor, callOf(submitBatch, { ...args, payments: rows.map((each) => rowOf(network, each)) })];
          },
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(bank, bank, amount, reference).map(
      ([debtor, creditor, sum, name]): Step =>
        () => {
          const parties = { debtor: addressOf(debtor), creditor: addressOf(creditor), currency: EUR };
          return [debtor, callOf(payments.methods.pay, { ...parties, amount: sum, reference: name })];
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(bank, id, fc.constantFrom(hold, release, cancel)).map(
      ([sender, which, method]): Step =>
        () => [sender, callOf(method, { currency: EUR, id: which })],
    ),
  },
  fc.tuple(bank, id, priority).map(
    ([sender, which, rank]): Step =>
      () => [sender, callOf(reprioritise, { currency: EUR, id: which, priority: rank })],
  ),
  fc.tuple(bank, bank, fc.option(amount, { nil: undefined })).map(
    ([debtor, creditor, sum]): Step =>
      () => [
        debtor,
        callOf(setLimit, { currency: EUR, debtor: addressOf(debtor), creditor: addressOf(creditor), amount: sum }),
      ],
  ),
  fc.tuple(bank, amount).map(
    ([holder, sum]): Step =>
      () => [holder, callOf(reserve, { currency: EUR, account: addressOf(holder), amount: sum })],
  ),
  {
    weight: 3,
    arbitrary: fc.tuple(bank, fc.constantFrom('fifo' as const, 'all' as const), fc.integer({ min: 1, max: 6 })).map(
      ([sender, stages, maxPayments]): Step =>
        () => [sender, callOf(resolve, { currency: EUR, stages, maxPayments })],
    ),
  },
  bank.map(
    (sender): Step =>
      () => [sender, callOf(sweep, { currency: EUR, limit: 3 })],
  ),
);

const BANKS = ['A', 'B', 'C', 'D'];

/** What the rows say that all accounts together have, and that they agree with what waits. */
function expectSound(network: QueueNetwork): void {
  const waiting = network.waiting();
  const positions = new Map(BANKS.map((name) => [name, network.position(name)]));
  const { issued } = network.view(cash.methods.supply, { currency: EUR });
  const held = [...positions.values()].reduce((sum, { available, reserved }) => sum + available + reserved, 0n);
  expect(held, 'what all accounts have').to.equal(issued);
  for (const [name, position] of positions) {
    const out = waiting.filter(({ debtor }) => debtor === addressOf(name));
    const into = waiting.filter(({ creditor }) => creditor === addressOf(name));
    const total = (rows: typeof out) => rows.reduce((sum, each) => sum + each.amount, 0n);
    expect([position.outgoing, position.outgoingAmount], name).to.deep.equal([out.length, total(out)]);
    expect(position.incomingAmount, name).to.equal(total(into));
    for (const rank of RANKS) {
      const active = out.filter((each) => each.priority === rank && !each.isHeld);
      expect(position.active[rank], `${name} ${rank}`).to.equal(active.length);
    }
  }
  const summary = network.view(queue.methods.summary, { currency: EUR });
  for (const rank of RANKS) {
    expect(summary.waiting[rank]).to.equal(waiting.filter((each) => each.priority === rank).length);
  }
  const order = waiting.map(({ id: at, priority: rank }) => RANKS.indexOf(rank) * 1_000 + at);
  expect(order).to.deep.equal([...order].sort((a, b) => a - b));
}

describe('payments in the queue', () => {
  it('keep money, references and their order under any operations: what is refused changes nothing', function () {
    this.timeout(120_000);
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(900)), { minLength: 10, maxLength: 40 }), (steps) => {
        const network = new QueueNetwork({ A: 50, B: 30, C: 40 });
        const finished = new Map<number, string>();
        for (const [make, elapsed] of steps) {
          network.timestamp += elapsed;
          const [sender, call] = make(network);
          const held = network.waiting().filter((each) => each.isHeld);
          const before = network.ledger.snapshot();
          const { failure, events } = network.run(sender, call);
          const code = failure?.code ?? 'done';
          seen.set(code, (seen.get(code) ?? 0) + 1);
          for (const { name } of events) seen.set(name, (seen.get(name) ?? 0) + 1);
          if (failure !== undefined) expect(network.ledger.snapshot()).to.deep.equal(before);
          expectSound(network);
          for (const { id: at } of held) expect(network.statusOf(at), `held ${at}`).not.to.equal('settled');
          for (let at = 1; network.statusOf(at) !== undefined; at++) {
            const status = network.statusOf(at) ?? '';
            const known = finished.get(at);
            if (known !== undefined) expect(status, `what is over stays so: ${at}`).to.equal(known);
            if (status !== 'queued') finished.set(at, status);
          }
        }
      }),
      { numRuns: 150, seed: 20_261_127 },
    );
    for (const name of [
      ...['done', 'Settled', 'Queued', 'Held', 'Cancelled', 'Dropped', 'Resolved', 'Reserved', 'LimitSet'],
      ...['BUSINESS_REFERENCE_USED', 'UNAUTHORISED', 'ITEM_FINISHED', 'EXPIRED', 'UNCHANGED'],
    ]) {
      expect(seen.get(name), name).to.be.greaterThan(0);
    }
  });
});
