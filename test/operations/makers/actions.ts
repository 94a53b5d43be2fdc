import { type Declaration, PRESCRIPTION_MS } from '../../../contracts/actions/declaration.js';
import { entitlementOf } from '../../../contracts/actions/terms.js';
import { callOf } from '../../../contracts/api/method.js';
import { actions, credit, htlc } from '../../../contracts/index.js';
import { SECURING } from '../../../contracts/locks/securing.js';
import { issuerOf } from '../cast.js';
import { by, isSplitOften, type Maker, type Scene } from '../scene.js';

/** What issuers owe to holders. */

const m = actions.methods;
const HALF_YEAR = { dayCount: '30E/360', from: 20_260_105, to: 20_260_705 } as const;
/** Before the first day of the network, so that any open day pays. */
const PAYMENT_DAY = 20_260_104;

type Terms = Pick<Declaration, 'coupon' | 'floating' | 'distribution' | 'redemption'>;

/** Small enough that an issuer can pay it: a part of a minor unit, or a few, for each unit. */
function termsOf(scene: Scene, nominal: bigint, hasMaturity: boolean, publisher: Declaration['issuer']): Terms {
  const rate = scene.random.integer(1, 20_000_000);
  const part = scene.random.integer(1, 4);
  if (hasMaturity && scene.chance(0.4)) {
    const whole = scene.chance(0.3) ? part : scene.random.integer(4, 12);
    return { redemption: { price: scene.chance(0.9) ? nominal : nominal - 1n, part, whole } };
  }
  if (scene.chance(0.3)) return { distribution: { perUnit: BigInt(scene.random.integer(0, 2_000_000_000)) } };
  if (scene.chance(0.6)) return { coupon: { rate, ...HALF_YEAR } };
  return { floating: { source: 'A rate', fixingDay: PAYMENT_DAY, publisher, spread: 0, ...HALF_YEAR } };
}

const declare: Maker = (scene) => {
  const { instruments } = scene.snapshot;
  const redeemable = instruments.filter(({ value }) => value.maturity !== undefined);
  const row = scene.random.pick(redeemable.length > 0 && scene.chance(0.3) ? redeemable : instruments);
  if (row === undefined) return undefined;
  const [instrument] = row.key;
  // A record would keep it from being split.
  if (isSplitOften(instrument) && scene.chance(0.9)) return undefined;
  const { issuer, currency, nominal, maturity, version, issued, redeemed } = row.value;
  const party = scene.chance(0.95) ? scene.party(issuer) : scene.bank();
  const terms = termsOf(scene, nominal, maturity !== undefined, issuerOf(currency).account);
  const needed = entitlementOf({ ...terms, nominal, maturity, fixing: undefined }, issued - redeemed) ?? 20_000n;
  const spare = BigInt(scene.random.integer(scene.chance(0.05) ? -5 : 0, 50));
  const declared = needed + spare > 0n ? needed + spare : 1n;
  if (declared > scene.balance(currency, party) && scene.chance(0.9)) return undefined;
  const id = `${party.member}-A${scene.memory.next()}`;
  scene.memory.remember(scene.memory.actions, id);
  const recordHeight = scene.chance(0.5) ? undefined : scene.snapshot.height + scene.random.integer(0, 4);
  const deadline = scene.timestamp + scene.random.integer(60_000, 400_000);
  const asset = { id, instrument, issuer: party.account, version, currency };
  const times = { recordHeight, paymentDay: PAYMENT_DAY, deadline, declared };
  return by(party, 'actions.declare', callOf(m.declare, { ...asset, ...times, ...terms }));
};

type Row = Scene['snapshot']['openActions'][number];

function openAction(scene: Scene, fits: (row: Row['value']) => boolean) {
  const rows = scene.snapshot.openActions;
  const fitting = rows.filter(({ value }) => fits(value));
  if (fitting.length === 0 && scene.chance(0.9)) return undefined;
  const row = fitting.length > 0 && scene.chance(0.9) ? scene.one(fitting) : scene.random.pick(rows);
  return row === undefined ? undefined : { id: row.key[0], ...row.value };
}

function isSecured({ snapshot }: Scene, { instrument, record }: Row['value']): boolean {
  const records = snapshot.records.find(({ key }) => key[0] === instrument)?.value ?? [];
  const isFreed = records.some((each) => each.record === record && each.isFreed);
  return isFreed || snapshot.unitLocks.some(({ key }) => key[0] === instrument && SECURING.includes(key[1]));
}

/** When its money goes back. */
function endOf(scene: Scene, row: Row['value']): number {
  const { deadline, stage, redemption } = row;
  const isWhole = redemption !== undefined && redemption.part === redemption.whole;
  const isWaiting =
    redemption === undefined ? stage !== 'computing' : isWhole && stage === 'claiming' && isSecured(scene, row);
  return isWaiting ? deadline + PRESCRIPTION_MS : deadline;
}

function canGoOn(scene: Scene, row: Row['value']): boolean {
  const { snapshot, timestamp } = scene;
  if (row.isCancelled || endOf(scene, row) <= timestamp) return true;
  const isKnown = row.floating === undefined || row.fixing !== undefined;
  return isKnown && row.stage !== 'claiming' && row.recordHeight <= snapshot.height && row.entitled <= row.declared;
}

const proceed: Maker = (scene) => {
  const found = openAction(scene, (row) => canGoOn(scene, row));
  const pages = scene.chance(0.97) ? scene.random.integer(1, 3) : 0;
  return found && by(scene.anybody(), 'actions.proceed', callOf(m.proceed, { id: found.id, pages }));
};

const fix: Maker = (scene) => {
  const found = openAction(scene, ({ floating, fixing }) => floating !== undefined && fixing === undefined);
  if (found === undefined) return undefined;
  const party = scene.party(found.floating?.publisher ?? found.issuer);
  return by(party, 'actions.fix', callOf(m.fix, { id: found.id, rate: scene.random.integer(0, 20_000_000) }));
};

const fund: Maker = (scene) => {
  const found = openAction(scene, ({ entitled, declared }) => entitled > declared);
  if (found === undefined) return undefined;
  const declared = found.entitled + BigInt(scene.random.integer(0, 20));
  return by(scene.party(found.issuer), 'actions.fund', callOf(m.fund, { id: found.id, declared }));
};

const cancel: Maker = (scene) => {
  const found = openAction(scene, ({ recordHeight }) => recordHeight > scene.snapshot.height);
  if (found === undefined) return undefined;
  const isSuspended = scene.snapshot.suspended.has(found.issuer);
  const party = isSuspended ? issuerOf(found.currency) : scene.party(found.issuer);
  return by(party, 'actions.cancel', callOf(m.cancel, { id: found.id }));
};

const claim: Maker = (scene) => {
  const waiting = scene.random.pick(scene.snapshot.claims);
  const whole = openAction(scene, ({ stage }) => stage === 'claiming');
  const [id, account] = waiting !== undefined && scene.chance(0.8) ? waiting.key : [whole?.id, scene.bank().account];
  return id === undefined
    ? undefined
    : by(scene.anybody(), 'actions.claim', callOf(m.claim, { id, account: account ?? scene.bank().account }));
};

export const actionMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [20, declare],
  [40, proceed],
  [12, fix],
  [4, fund],
  [3, cancel],
  [16, claim],
];

/** Comes back to an action that is over, or claims what is another's, or twice in one transaction. */
const comeBack: Maker = (scene) => {
  const open = scene.random.pick(scene.snapshot.openActions)?.key[0];
  const id = open !== undefined && scene.chance(0.5) ? open : scene.random.pick(scene.memory.actions);
  if (id === undefined) return undefined;
  const thief = scene.bank();
  const first = callOf(m.claim, { id, account: thief.account });
  const { kind, order } = by(thief, 'hostile: claim of an action twice', first);
  const second = scene.one([first, callOf(m.cancel, { id }), callOf(m.fund, { id, declared: 1n })]);
  return { kind, order: { ...order, calls: [first, second] } };
};

/** Sells units of a redemption, or locks them so that its money waits. */
const lockRedeemed: Maker = (scene) => {
  const { height, records, holdings } = scene.snapshot;
  const under = records.filter(({ value }) =>
    value.some((each) => each.redeems !== undefined && each.height <= height),
  );
  const instrument = scene.random.pick(under)?.key[0];
  const holder = scene.random.pick(holdings.filter(({ key }) => key[0] === instrument))?.key[1];
  if (instrument === undefined || holder === undefined) return undefined;
  const party = scene.party(holder);
  const kind = 'hostile: lock of what is redeemed';
  const units = scene.amount(scene.holding(instrument, party));
  if (scene.chance(0.4)) {
    const pool = { currency: 'EUR', account: party.account, instrument, units };
    return by(party, kind, callOf(credit.methods.deposit, pool));
  }
  const id = `${party.member}-${scene.memory.next()}`;
  const deadline = scene.timestamp + scene.random.integer(15_000, 150_000);
  const ends = { hash: new Uint8Array(32).fill(7), failureHash: undefined, deadline };
  const parties = { sender: party.account, recipient: scene.other(party).account };
  const terms = { id, currency: undefined, instrument, amount: units, ...parties, ...ends };
  return by(party, kind, callOf(htlc.methods.lock, terms));
};

export const hostileActionMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [10, comeBack],
  // Seldom is anything redeemed.
  [60, lockRedeemed],
];
