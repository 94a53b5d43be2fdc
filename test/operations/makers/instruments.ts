import { callOf } from '../../../contracts/api/method.js';
import { assets, subscriptions } from '../../../contracts/index.js';
import type { Party } from '../cast.js';
import { BANKS } from '../cast.js';
import { by, isSplitOften, type Maker, type Scene } from '../scene.js';

/** Instruments, their terms, units, subscriptions and splits, and who may hold them. */

const m = assets.methods;
const s = subscriptions.methods;
/** So many stand beside each other in the end. */
const INSTRUMENTS = 36;

type Row = Scene['snapshot']['instruments'][number];

function instrumentOf(scene: Scene, fits: (row: Row) => boolean = () => true): Row | undefined {
  const rows = scene.snapshot.instruments;
  const fitting = rows.filter(fits);
  return fitting.length > 0 && scene.chance(0.9) ? scene.one(fitting) : scene.random.pick(rows);
}

/** Something that an issuer does to an instrument of its own. */
function byIssuer(
  scene: Scene,
  kind: string,
  fits: (row: Row) => boolean,
  call: (id: string, row: Row['value']) => ReturnType<typeof callOf>,
) {
  const row = instrumentOf(scene, fits);
  return row && by(scene.party(row.value.issuer), kind, call(row.key[0], row.value));
}

const eligibilityOf = (scene: Scene) =>
  scene.one([
    undefined,
    undefined,
    { roles: [], admittedOnly: true },
    { roles: ['bank' as const], admittedOnly: false },
    { roles: ['bank' as const, 'custodian' as const], admittedOnly: true },
  ]);

export const create: Maker = (scene) => {
  const issuer = scene.bank();
  const taken = new Set(scene.snapshot.instruments.map(({ key }) => key[0]));
  const ids = Array.from({ length: INSTRUMENTS }, (_, index) => `I-${index + 1}`);
  const free = ids.find((each) => !taken.has(each));
  const id = free !== undefined && scene.chance(0.6) ? free : scene.one(ids);
  const kind = scene.one(['bond', 'share', 'fundUnit'] as const);
  const terms = { name: id, currency: scene.currency(), nominal: 1_000n, cap: 100_000n };
  const call = callOf(m.create, { instrument: id, kind, issuer: issuer.account, ...terms });
  return by(issuer, 'assets.create', call);
};

const issue: Maker = (scene) =>
  byIssuer(
    scene,
    'assets.issue',
    () => true,
    (instrument, { cap, issued, redeemed }) => {
      // In the middle of a split there are more than the cap that the end of it brings.
      const room = cap > issued - redeemed ? cap - issued + redeemed : 0n;
      // Often what splits divide.
      const amount = (scene.amount(room) / 10n) * 10n;
      return callOf(m.issue, { instrument, account: scene.bank().account, amount });
    },
  );

/** Of what is split often, what splits divide. */
function dividable(instrument: string, amount: bigint): bigint {
  return isSplitOften(instrument) && amount > 10n ? amount - (amount % 10n) : amount;
}

function holderOf(scene: Scene, instrument: string): Party {
  const holders = BANKS.filter((party) => scene.holding(instrument, party) > 0n);
  return holders.length > 0 && scene.chance(0.9) ? scene.one(holders) : scene.bank();
}

const redeem: Maker = (scene) => {
  const row = instrumentOf(scene);
  if (row === undefined) return undefined;
  const [instrument] = row.key;
  const holder = holderOf(scene, instrument);
  const amount = dividable(instrument, scene.amount(scene.holding(instrument, holder)));
  const call = callOf(m.redeem, { instrument, account: holder.account, amount });
  return by(holder, 'assets.redeem', call, scene.party(row.value.issuer));
};

const transfer: Maker = (scene) => {
  const row = instrumentOf(scene, ({ value }) => !value.paused);
  if (row === undefined) return undefined;
  const [instrument] = row.key;
  const from = holderOf(scene, instrument);
  const amount = dividable(instrument, scene.amount(scene.holding(instrument, from)));
  const call = callOf(m.transfer, { instrument, from: from.account, to: scene.other(from).account, amount });
  return by(from, 'assets.transfer', call);
};

const pause: Maker = (scene) =>
  byIssuer(
    scene,
    'assets.pause',
    ({ key, value }) => !value.paused && (isSplitOften(key[0]) || scene.chance(0.05)),
    (instrument) => callOf(m.pause, { instrument }),
  );

const isSplit = (scene: Scene, id: string): boolean => scene.snapshot.splits.some(({ key }) => key[0] === id);

const resume: Maker = (scene) =>
  byIssuer(
    scene,
    'assets.resume',
    ({ key, value }) => value.paused && !isSplit(scene, key[0]),
    (instrument) => callOf(m.resume, { instrument }),
  );

const amend: Maker = (scene) =>
  byIssuer(
    scene,
    'assets.amend',
    () => true,
    (instrument, { name, isin, nominal, maturity, callableFrom, cap, version }) => {
      const terms = { name: scene.chance(0.3) ? `N-${scene.memory.next()}` : name, isin, maturity, callableFrom };
      const change = {
        nominal: scene.chance(0.1) ? nominal + 1n : nominal,
        cap: scene.chance(0.3) ? BigInt(scene.random.integer(1, 200_000)) : cap,
        eligibility: eligibilityOf(scene),
      };
      const expectedVersion = scene.chance(0.9) ? version : 1;
      return callOf(m.amend, { instrument, expectedVersion, ...terms, ...change });
    },
  );

const admit: Maker = (scene) =>
  byIssuer(
    scene,
    'assets.admit',
    () => true,
    (instrument) => callOf(m.admit, { instrument, member: scene.bank().member }),
  );

const exclude: Maker = (scene) => {
  const found = scene.random.pick(scene.snapshot.admitted);
  if (found === undefined) return undefined;
  const [instrument, member] = found.key;
  return byIssuer(
    scene,
    'assets.exclude',
    ({ key }) => key[0] === instrument,
    (of) => callOf(m.exclude, { instrument: of, member }),
  );
};

const subscribe: Maker = (scene) => {
  const row = instrumentOf(scene);
  if (row === undefined) return undefined;
  const { version, currency, issuer } = row.value;
  const [party, price] = [scene.bank(), BigInt(scene.random.integer(0, 50))];
  const units = dividable(row.key[0], scene.amount(scene.balance(currency, party)) / (price + 1n));
  const id = `${party.member}-${scene.memory.next()}`;
  const deadline = scene.timestamp + scene.random.integer(2_000, 100_000);
  const offer = { id, instrument: row.key[0], version: scene.chance(0.95) ? version : 1, account: party.account };
  scene.memory.remember(scene.memory.subscriptions, { id, account: party.account, issuer });
  return by(party, 'subscriptions.subscribe', callOf(s.subscribe, { ...offer, units, price, deadline }));
};

type Subscription = Scene['snapshot']['subscriptions'][number];

function subscriptionOf(scene: Scene, fits: (row: Subscription) => boolean) {
  const rows = scene.snapshot.subscriptions;
  const fitting = rows.filter(fits);
  const row = fitting.length > 0 && scene.chance(0.85) ? scene.one(fitting) : scene.random.pick(rows);
  const instrument = scene.snapshot.instruments.find(({ key }) => key[0] === row?.value.instrument)?.value;
  if (row === undefined || instrument === undefined) return undefined;
  return { id: row.key[0], ...row.value, issuer: scene.party(instrument.issuer), newest: instrument.version };
}

const allot: Maker = (scene) => {
  const found = subscriptionOf(scene, ({ value }) => value.deadline > scene.timestamp + 5_000);
  if (found === undefined) return undefined;
  const units = scene.chance(0.5) ? found.units : dividable(found.instrument, scene.amount(found.units * 4n));
  return by(found.issuer, 'subscriptions.allot', callOf(s.allot, { id: found.id, units }));
};

const decline: Maker = (scene) => {
  const found = subscriptionOf(scene, () => true);
  return found && by(found.issuer, 'subscriptions.decline', callOf(s.decline, { id: found.id }));
};

const cancelSubscription: Maker = (scene) => {
  const found = subscriptionOf(scene, () => true);
  return found && by(scene.party(found.account), 'subscriptions.cancel', callOf(s.cancel, { id: found.id }));
};

const expireSubscription: Maker = (scene) => {
  const found = subscriptionOf(scene, ({ value }) => value.deadline <= scene.timestamp);
  return found && by(scene.anybody(), 'subscriptions.expire', callOf(s.expire, { id: found.id }));
};

/** Doubles what is little, halves what is much and leaves no rest; now and then something else. */
function ratioOf(scene: Scene, id: string, { nominal, issued, redeemed }: Row['value']) {
  const ratio = (numerator: number, denominator: number) => ({ numerator, denominator });
  if (scene.chance(0.1)) return scene.one([ratio(1, 10), ratio(3, 1), ratio(3, 2), ratio(1, 1)]);
  const isEven = scene.snapshot.holdings.every(({ key, value }) => key[0] !== id || value % 2n === 0n);
  if (issued - redeemed >= 20_000n && isEven) return ratio(1, 2);
  return nominal % 2n === 0n ? ratio(2, 1) : ratio(isEven ? 1 : 5, isEven ? 2 : 1);
}

const beginSplit: Maker = (scene) => {
  const isLocked = (id: string) => scene.snapshot.unitLocks.some(({ key }) => key[0] === id);
  const isReady = ({ key, value }: Row) => value.paused && !isLocked(key[0]) && !isSplit(scene, key[0]);
  if (!scene.snapshot.instruments.some(isReady) && scene.chance(0.95)) return undefined;
  return byIssuer(scene, 'assets.beginSplit', isReady, (instrument, row) =>
    callOf(m.beginSplit, { instrument, expectedVersion: row.version, ...ratioOf(scene, instrument, row) }),
  );
};

const continueSplit: Maker = (scene) => {
  const found = scene.random.pick(scene.snapshot.splits)?.key[0] ?? (scene.chance(0.01) ? 'I-1' : undefined);
  if (found === undefined) return undefined;
  const call = callOf(m.continueSplit, { instrument: found, limit: scene.random.integer(1, 6) });
  return by(scene.anybody(), 'assets.continueSplit', call);
};

export const instrumentMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [3, create],
  [25, issue],
  [10, redeem],
  [30, transfer],
  [5, pause],
  [8, resume],
  [6, amend],
  [8, admit],
  [4, exclude],
  [30, subscribe],
  [22, allot],
  [6, decline],
  [6, cancelSubscription],
  [8, expireSubscription],
  [16, beginSplit],
  [40, continueSplit],
];
