import { callOf } from '../../../contracts/api/method.js';
import { cash, htlc, payments, queue, settlement } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import { sha256 } from '../../../primitives/hash.js';
import type { Call } from '../../../primitives/types.js';
import { desk } from '../../support/sandbox/standardTraffic.js';
import { BANKS, type Party } from '../cast.js';
import { by, type Maker, type Operation, type Scene } from '../scene.js';
import { keyOf } from './htlc.js';

/** What accounts bound themselves by, and a party that looks for a way past it. */

const m = cash.methods;

/** So much of what there is; now and then nothing at all. */
function bound(scene: Scene, available: bigint, share: number): bigint | undefined {
  if (scene.chance(0.5)) return undefined;
  return scene.chance(0.03) ? 0n : (available * BigInt(scene.random.integer(share, 4 * share))) / 100n + 100n;
}

function keysOf(scene: Scene, { keys }: Party, available: bigint) {
  if (scene.chance(0.6)) return [];
  const bounded = scene.chance(0.05) ? [scene.bank().keys[0] ?? '0x'] : keys;
  return bounded.filter(() => scene.chance(0.7)).map((key) => ({ key, amount: bound(scene, available, 10) ?? 2_000n }));
}

const setLimits: Maker = (scene) => {
  const [party, currency] = [scene.bank(), scene.currency()];
  const available = scene.balance(currency, party);
  const limits = { perPayment: bound(scene, available, 25), perDay: bound(scene, available, 50) };
  const wanted = scene.chance(0.4)
    ? { perPayment: undefined, perDay: undefined, keys: [] }
    : { ...limits, keys: keysOf(scene, party, available) };
  return by(party, 'cash.setLimits', callOf(m.setLimits, { currency, account: party.account, ...wanted }));
};

/** Those that are bounded get other limits, or none. */
const changeLimits: Maker = (scene) => {
  const row = bounded(scene);
  if (row === undefined) return undefined;
  const { party, currency, limits } = row;
  const factor = BigInt(scene.one([0, 50, 90, 110, 300]));
  const scaled = (amount: bigint | undefined) => (amount === undefined ? undefined : (amount * factor) / 100n);
  const wanted =
    factor === 0n
      ? { perPayment: undefined, perDay: undefined, keys: [] }
      : { perPayment: scaled(limits.perPayment), perDay: scaled(limits.perDay), keys: limits.keys.slice(0, 16) };
  return by(party, 'cash.setLimits', callOf(m.setLimits, { currency, account: party.account, ...wanted }));
};

const setCounterpartyLimit: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.counterparties);
  if (row !== undefined && scene.chance(0.5)) {
    const [currency, account, creditor] = row.key;
    const amount = scene.chance(0.5) ? undefined : bound(scene, (row.value.amount ?? 0n) * 2n, 25);
    const call = callOf(m.setCounterpartyLimit, { currency, account, creditor, amount });
    return by(scene.party(account), 'cash.setCounterpartyLimit', call);
  }
  const [party, currency] = [scene.bank(), scene.currency()];
  const amount = bound(scene, scene.balance(currency, party), 10);
  const terms = { currency, account: party.account, creditor: scene.other(party).account, amount };
  return by(party, 'cash.setCounterpartyLimit', callOf(m.setCounterpartyLimit, terms));
};

export const limitMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [8, setLimits],
  [8, changeLimits],
  [10, setCounterpartyLimit],
];

/** An account with limits, and what of its day is left as far as the state says. */
function bounded(scene: Scene) {
  const rows = scene.snapshot.cashControls.flatMap(({ key, value: { limits } }) => {
    return limits === undefined ? [] : [{ currency: key[0], party: scene.party(key[1]), limits }];
  });
  return scene.random.pick(rows);
}

function boundedDay(scene: Scene) {
  const row = bounded(scene);
  if (row?.limits.perDay === undefined) return undefined;
  const { perDay, used, usedOn } = row.limits;
  const today = scene.snapshot.days.find(({ key }) => key[0] === row.currency)?.value.day;
  const left = usedOn === today ? perDay - used : perDay;
  return left > 4n ? { ...row, left } : undefined;
}

/** The ways in which an account authorises that money leaves it. */
function ways(scene: Scene, debtor: Party, currency: string, amount: bigint): readonly (readonly Call[])[] {
  const other = scene.one(BANKS.filter((bank) => bank !== debtor));
  const [account, creditor] = [debtor.account, other.account];
  const reference = scene.reference(debtor);
  const id = `${debtor.member}-${scene.memory.next()}`;
  const leg = { currency, instrument: undefined, amount, from: account, to: creditor };
  const terms = { id, instructor: account, legs: [leg], model: 'gross' as const, settler: undefined, rate: undefined };
  const instruction = { ...terms, deadline: scene.timestamp + 60_000 };
  const back = { hash: sha256(keyOf(id)), failureHash: undefined, deadline: scene.timestamp + 30_000 };
  const lock = { id, currency, instrument: undefined, sender: account, recipient: creditor, amount, ...back };
  return [
    [callOf(payments.methods.pay, { debtor: account, creditor, currency, amount, reference })],
    [callOf(queue.methods.submit, { debtor: account, creditor, currency, amount, reference: `${reference}q` })],
    [callOf(cash.methods.transfer, { debtor: account, creditor, currency, amount })],
    [callOf(desk.methods.hold, { currency, lock: `D-${scene.memory.next()}`, account, amount })],
    [callOf(htlc.methods.lock, lock)],
    [
      callOf(settlement.methods.instruct, instruction),
      callOf(settlement.methods.allocate, { id, account, terms: termsHash(instruction), isCommitted: false }),
    ],
  ];
}

function several(party: Party, kind: string, calls: readonly Call[]): Operation {
  const order = { sender: party.account, signers: party.signers, calls };
  return { kind, order };
}

/** What is left of a day, a little more than a third of it in each of three ways. */
const splitOverContracts: Maker = (scene) => {
  const found = boundedDay(scene);
  if (found === undefined) return undefined;
  const { party, currency, left } = found;
  const all = ways(scene, party, currency, left / 3n + 1n);
  const first = scene.random.integer(0, all.length - 1);
  const calls = [0, 2, 4].flatMap((step) => all[(first + step) % all.length] ?? []);
  return several(party, 'hostile: past a limit over several contracts', calls);
};

/** The same one after the other: the first of them may succeed. */
const splitOverTime: Maker = (scene) => {
  const found = boundedDay(scene);
  if (found === undefined) return undefined;
  const calls = scene.one(ways(scene, found.party, found.currency, (found.left * 2n) / 3n + 1n));
  return several(found.party, 'hostile: past a limit step by step', calls);
};

/** Rows of which the last is too much. */
const splitOverBatch: Maker = (scene) => {
  const found = boundedDay(scene);
  if (found === undefined) return undefined;
  const { party, currency, left } = found;
  const creditor = scene.one(BANKS.filter((bank) => bank !== party)).account;
  const rows = [1, 2, 3].map(() => ({ creditor, amount: left / 3n + 1n, reference: scene.reference(party) }));
  const terms = { debtor: party.account, currency, mode: 'each' as const, payments: rows };
  const batch = scene.chance(0.5) ? callOf(payments.methods.payBatch, terms) : callOf(queue.methods.submitBatch, terms);
  return several(party, 'hostile: past a limit by a batch', [batch]);
};

/** Loosens the limit, and spends by it in the same breath. */
const loosenAndSpend: Maker = (scene) => {
  const found = boundedDay(scene);
  if (found === undefined) return undefined;
  const { party, currency, left, limits } = found;
  const wanted = { perPayment: undefined, perDay: scene.one([undefined, (limits.perDay ?? 0n) * 9n]), keys: [] };
  const loosen = callOf(m.setLimits, { currency, account: party.account, ...wanted });
  const spend = scene.one(ways(scene, party, currency, left + 1n));
  return several(party, 'hostile: past a limit that was loosened today', [loosen, ...spend]);
};

export const hostileLimitMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [10, splitOverContracts],
  [10, splitOverTime],
  [6, splitOverBatch],
  [5, loosenAndSpend],
];
