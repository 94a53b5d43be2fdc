import { callOf } from '../../../contracts/api/method.js';
import type { Terms } from '../../../contracts/htlc/declaration.js';
import { htlc } from '../../../contracts/index.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Party } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** Locks that a key or time opens. */

const m = htlc.methods;

/** The keys of a lock follow from its id, so that whoever comes back to it knows them. */
export const keyOf = (id: string) => sha256(utf8Encode(`key of ${id}`));
export const failureKeyOf = (id: string) => sha256(utf8Encode(`key of failure of ${id}`));

/** Time alone, or a key of failure, too; now and then too late, or one hash for both. */
function waysBack(scene: Scene, id: string): Pick<Terms, 'hash' | 'failureHash' | 'deadline'> {
  const hash = sha256(keyOf(id));
  const failureHash = sha256(scene.chance(0.02) ? keyOf(id) : failureKeyOf(id));
  const deadline = scene.timestamp + scene.random.integer(scene.chance(0.04) ? -1_000 : 15_000, 150_000);
  return { hash, failureHash: scene.chance(0.5) ? failureHash : undefined, deadline };
}

function assetOf(scene: Scene, sender: Party): Pick<Terms, 'currency' | 'instrument' | 'amount'> {
  const instrument = scene.instrument();
  if (instrument !== undefined && scene.chance(0.35)) {
    return { instrument, currency: undefined, amount: scene.amount(scene.holding(instrument, sender)) };
  }
  const currency = scene.currency();
  return { currency, instrument: undefined, amount: scene.amount(scene.balance(currency, sender)) };
}

const lock: Maker = (scene) => {
  const sender = scene.bank();
  const id = `${scene.chance(0.97) ? sender.member : scene.bank().member}-${scene.memory.next()}`;
  scene.memory.remember(scene.memory.keyed, id);
  const parties = { sender: sender.account, recipient: scene.other(sender).account };
  const terms = { id, ...assetOf(scene, sender), ...parties, ...waysBack(scene, id) };
  return by(sender, 'htlc.lock', callOf(m.lock, terms));
};

type Row = Scene['snapshot']['keyedLocks'][number];

/** An open lock; one that it can be done to, where there is any. */
function openLock(scene: Scene, fits: (row: Row['value']) => boolean) {
  const rows = scene.snapshot.keyedLocks;
  const fitting = rows.filter(({ value }) => fits(value));
  const row = fitting.length > 0 && scene.chance(0.88) ? scene.one(fitting) : scene.random.pick(rows);
  return row === undefined ? undefined : { id: row.key[0], ...row.value };
}

function isInTime({ timestamp }: Scene, { deadline, claimKey }: Row['value']): boolean {
  return claimKey === undefined && deadline > timestamp + 6_000;
}

const claim: Maker = (scene) => {
  const found = openLock(scene, (row) => isInTime(scene, row));
  if (found === undefined) return undefined;
  const key = scene.chance(0.85) ? keyOf(found.id) : scene.one([failureKeyOf(found.id), keyOf('another')]);
  return by(scene.anybody(), 'htlc.claim', callOf(m.claim, { id: found.id, key }));
};

const pay: Maker = (scene) => {
  const isAny = scene.snapshot.keyedLocks.some(({ value }) => value.claimKey !== undefined);
  if (!isAny && scene.chance(0.85)) return undefined;
  const found = openLock(scene, ({ claimKey }) => claimKey !== undefined);
  return found && by(scene.anybody(), 'htlc.pay', callOf(m.pay, { id: found.id }));
};

const refund: Maker = (scene) => {
  const found = openLock(scene, (row) => isInTime(scene, row) && row.failureHash !== undefined);
  if (found === undefined) return undefined;
  const key = scene.chance(0.85) ? failureKeyOf(found.id) : keyOf(found.id);
  return by(scene.anybody(), 'htlc.refund', callOf(m.refund, { id: found.id, key }));
};

const reclaim: Maker = (scene) => {
  const found = openLock(
    scene,
    ({ claimKey, deadline }) => claimKey === undefined && deadline !== undefined && deadline <= scene.timestamp,
  );
  return found && by(scene.anybody(), 'htlc.reclaim', callOf(m.reclaim, { id: found.id }));
};

export const htlcMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [40, lock],
  [14, claim],
  [6, pay],
  [8, refund],
  [14, reclaim],
];

/** Comes back to a lock, often one that is over: with its keys, with those of another, by time, or under its id. */
const comeBack: Maker = (scene) => {
  const open = scene.random.pick(scene.snapshot.keyedLocks)?.key[0];
  const id = open !== undefined && scene.chance(0.3) ? open : scene.random.pick(scene.memory.keyed);
  const other = scene.random.pick(scene.memory.keyed);
  if (id === undefined || other === undefined) return undefined;
  const call = scene.one([
    callOf(m.claim, { id, key: keyOf(id) }),
    callOf(m.claim, { id, key: keyOf(other) }),
    callOf(m.claim, { id, key: failureKeyOf(id) }),
    callOf(m.refund, { id, key: failureKeyOf(id) }),
    callOf(m.refund, { id, key: failureKeyOf(other) }),
    callOf(m.reclaim, { id }),
    callOf(m.reclaim, { id }),
    callOf(m.pay, { id }),
  ]);
  return by(scene.bank(), 'hostile: come back to a lock of htlc', call);
};

/** One lock in two ways in one transaction: the second must not move anything, so that the first does not either. */
const bothWays: Maker = (scene) => {
  const found = openLock(scene, () => true);
  if (found === undefined) return undefined;
  const { id } = found;
  const ways = [
    callOf(m.claim, { id, key: keyOf(id) }),
    callOf(m.reclaim, { id }),
    callOf(m.refund, { id, key: failureKeyOf(id) }),
    callOf(m.pay, { id }),
  ];
  const first = scene.one(ways);
  const { kind, order } = by(scene.bank(), 'hostile: one lock of htlc in two ways', first);
  return { kind, order: { ...order, calls: [first, scene.one(ways)] } };
};

/** Money that an order keeps, put into a lock, or taken out of one by its key. */
const frozenMoney: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.cashControls.filter(({ value }) => value.freezes.length > 0));
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  const own = scene.snapshot.keyedLocks.find(
    ({ value }) => value.sender === account && value.currency === currency && value.claimKey !== undefined,
  );
  const kind = 'hostile: frozen money through htlc';
  if (own !== undefined) return by(scene.bank(), kind, callOf(m.pay, { id: own.key[0] }));
  const open = scene.snapshot.keyedLocks.find(
    ({ value }) => value.sender === account && value.currency === currency && isInTime(scene, value),
  );
  if (open !== undefined && scene.chance(0.5)) {
    return by(scene.bank(), kind, callOf(m.claim, { id: open.key[0], key: keyOf(open.key[0]) }));
  }
  const sender = scene.party(account);
  const id = `${sender.member}-${scene.memory.next()}`;
  scene.memory.remember(scene.memory.keyed, id);
  const terms = { id, currency, instrument: undefined, sender: account, recipient: scene.other(sender).account };
  const back = { hash: sha256(keyOf(id)), failureHash: undefined, deadline: scene.timestamp + 20_000 };
  return by(sender, kind, callOf(m.lock, { ...terms, ...back, amount: scene.balance(currency, sender) }));
};

export const hostileHtlcMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [16, comeBack],
  [8, bothWays],
  [8, frozenMoney],
];
