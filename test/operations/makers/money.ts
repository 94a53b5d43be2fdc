import { callOf } from '../../../contracts/api/method.js';
import { cash, membership, payments } from '../../../contracts/index.js';
import { desk } from '../../support/sandbox/standardTraffic.js';
import { CENTRAL_BANKS, issuerOf } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** Money, the business day, who may take part, and a contract of a bank that holds money. */

const transfer: Maker = (scene) => {
  const [debtor, currency] = [scene.bank(), scene.currency()];
  const amount = scene.amount(scene.balance(currency, debtor));
  const terms = { currency, debtor: debtor.account, creditor: scene.other(debtor).account, amount };
  return by(debtor, 'cash.transfer', callOf(cash.methods.transfer, terms));
};

const pay: Maker = (scene) => {
  const [debtor, currency] = [scene.bank(), scene.currency()];
  const amount = scene.amount(scene.balance(currency, debtor));
  const creditor = scene.other(debtor).account;
  const terms = { debtor: debtor.account, creditor, currency, amount, reference: scene.reference(debtor) };
  return by(debtor, 'payments.pay', callOf(payments.methods.pay, terms));
};

const payBatch: Maker = (scene) => {
  const [debtor, currency] = [scene.bank(), scene.currency()];
  const available = scene.balance(currency, debtor) / 4n;
  const rows = Array.from({ length: scene.random.integer(1, 8) }, () => ({
    creditor: scene.other(debtor).account,
    amount: scene.amount(available),
    reference: scene.chance(0.9) ? scene.reference(debtor) : 'the same',
  }));
  const mode = scene.one(['all', 'each'] as const);
  const terms = { debtor: debtor.account, currency, mode, payments: rows };
  return by(debtor, 'payments.payBatch', callOf(payments.methods.payBatch, terms));
};

/** So much that payments have something to move, and not so much that they never wait. */
const issue: Maker = (scene) => {
  const currency = scene.currency();
  const issuer = scene.chance(0.85) ? issuerOf(currency) : scene.one(CENTRAL_BANKS);
  const terms = { currency, account: scene.anybody().account, amount: BigInt(scene.random.integer(0, 20_000)) };
  const reserveReference = scene.chance(0.9) ? `S-${scene.memory.next()}` : 'S-1';
  return by(issuer, 'cash.issue', callOf(cash.methods.issue, { ...terms, reserveReference }));
};

const redeem: Maker = (scene) => {
  const [account, currency] = [scene.anybody(), scene.currency()];
  const amount = scene.amount(scene.balance(currency, account));
  const reserveReference = scene.chance(0.9) ? `S-${scene.memory.next()}` : 'S-1';
  const terms = { currency, account: account.account, amount, reserveReference };
  return by(issuerOf(currency), 'cash.redeem', callOf(cash.methods.redeem, terms), account);
};

/** The day after a day of the calendar, both as YYYYMMDD. */
function nextDay(day: number): number {
  const [year, month, date] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100];
  const next = new Date(Date.UTC(year, month - 1, date + 1));
  return next.getUTCFullYear() * 10_000 + (next.getUTCMonth() + 1) * 100 + next.getUTCDate();
}

export const openDay: Maker = ({ snapshot, random }) => {
  const closed = snapshot.days.filter(({ value }) => !value.isOpen);
  const found = random.pick(closed.length > 0 && random.chance(0.9) ? closed : snapshot.days);
  if (found === undefined) return undefined;
  const { key, value } = found;
  const [currency] = key;
  const day = nextDay(value.day ?? 20_260_104);
  return by(issuerOf(currency), 'cash.openBusinessDay', callOf(cash.methods.openBusinessDay, { currency, day }));
};

const closeDay: Maker = (scene) => {
  const { days } = scene.snapshot;
  const open = days.filter(({ value }) => value.isOpen);
  const [currency] = scene.one(open.length > 0 ? open : days).key;
  return by(
    scene.chance(0.7) ? issuerOf(currency) : scene.one(CENTRAL_BANKS),
    'cash.closeBusinessDay',
    callOf(cash.methods.closeBusinessDay, { currency }),
  );
};

/** A day whose cut-off has come is closed before long, so that another one begins. */
export const closeLateDay: Maker = ({ snapshot, random, timestamp }) => {
  const late = snapshot.days.filter(({ value }) => value.isOpen && (value.cutOffAt ?? timestamp) < timestamp);
  const currency = random.pick(late)?.key[0];
  if (currency === undefined) return undefined;
  const call = callOf(cash.methods.closeBusinessDay, { currency });
  return by(issuerOf(currency), 'cash.closeBusinessDay', call);
};

/** Soon, or never: payments go on for a while, and then none begins until the next day. */
const cutOff: Maker = (scene) => {
  const open = scene.snapshot.days.filter(({ value }) => value.isOpen);
  const row = scene.random.pick(open);
  if (row === undefined) return undefined;
  const [currency] = row.key;
  const cutOffAt = scene.chance(0.6) ? {} : { cutOffAt: scene.timestamp + scene.random.integer(-5_000, 40_000) };
  const sender = scene.chance(0.9) ? issuerOf(currency) : scene.one(CENTRAL_BANKS);
  return by(sender, 'cash.setCutOff', callOf(cash.methods.setCutOff, { currency, ...cutOffAt }));
};

/** Most suspensions are lifted soon, so that something goes on. */
const suspend: Maker = (scene) => {
  const party = scene.bank();
  const sender = scene.one([...CENTRAL_BANKS, party, scene.bank()]);
  const { suspendMember, suspendAccount } = membership.methods;
  return scene.chance(0.3)
    ? by(sender, 'membership.suspendMember', callOf(suspendMember, { member: party.member }))
    : by(sender, 'membership.suspendAccount', callOf(suspendAccount, { account: party.account }));
};

const reinstateMember: Maker = (scene) => {
  const suspended = [...scene.snapshot.suspendedMembers];
  if (suspended.length === 0 && !scene.chance(0.1)) return undefined;
  const member = suspended.length === 0 ? scene.bank().member : scene.one(suspended);
  const call = callOf(membership.methods.reinstateMember, { member });
  return by(scene.one(CENTRAL_BANKS), 'membership.reinstateMember', call);
};

const reinstateAccount: Maker = (scene) => {
  const suspended = [...scene.snapshot.suspended];
  if (suspended.length === 0 && !scene.chance(0.1)) return undefined;
  const account = suspended.length === 0 ? scene.bank().account : scene.one(suspended);
  const call = callOf(membership.methods.reinstateAccount, { account });
  return by(scene.one(CENTRAL_BANKS), 'membership.reinstateAccount', call);
};

const LOCKS = Array.from({ length: 20 }, (_, index) => `L${index}`);

/** A name that no lock of the contract has for the asset, mostly. */
function lockName(scene: Scene, contract: 'cashLocks' | 'unitLocks', asset: string): string {
  const taken = new Set<string>(
    scene.snapshot[contract].flatMap(({ key }) => (key[0] === asset && key[1] === 'desk' ? [key[2]] : [])),
  );
  const free = LOCKS.filter((name) => !taken.has(name));
  return scene.one(free.length > 0 && scene.chance(0.9) ? free : LOCKS);
}

/** All of what a lock holds, or something else. */
const partOf = (scene: Scene, held: bigint): bigint => (scene.chance(0.4) ? held : scene.amount(held * 4n));

function deskLock(scene: Scene, contract: 'cashLocks' | 'unitLocks') {
  const own = scene.snapshot[contract].filter(({ key }) => key[1] === 'desk');
  return own.length === 0 ? undefined : scene.one<(typeof own)[number]>(own);
}

const hold: Maker = (scene) => {
  const [debtor, currency] = [scene.bank(), scene.currency()];
  const amount = scene.amount(scene.balance(currency, debtor));
  const terms = { currency, lock: lockName(scene, 'cashLocks', currency), account: debtor.account, amount };
  return by(debtor, 'cash.lock', callOf(desk.methods.hold, terms));
};

const payOut: Maker = (scene) => {
  const found = deskLock(scene, 'cashLocks');
  if (found === undefined) return undefined;
  const [currency, , lock] = found.key;
  const creditor = scene.anybody();
  const terms = { currency, lock, account: creditor.account, amount: partOf(scene, found.value.amount) };
  return by(scene.anybody(), 'cash.release', callOf(desk.methods.pay, terms));
};

const keep: Maker = (scene) => {
  const holder = scene.bank();
  const instrument = scene.instrument();
  if (instrument === undefined) return undefined;
  const terms = { instrument, lock: lockName(scene, 'unitLocks', instrument), account: holder.account };
  const amount = scene.amount(scene.holding(instrument, holder));
  return by(holder, 'assets.lock', callOf(desk.methods.keep, { ...terms, amount }));
};

const deliver: Maker = (scene) => {
  const found = deskLock(scene, 'unitLocks');
  if (found === undefined) return undefined;
  const [instrument, , lock] = found.key;
  const terms = { instrument, lock, account: scene.anybody().account, amount: partOf(scene, found.value.amount) };
  return by(scene.anybody(), 'assets.release', callOf(desk.methods.deliver, terms));
};

/** With how often each is chosen. */
export const moneyMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [30, transfer],
  [60, pay],
  [25, payBatch],
  [25, issue],
  [10, redeem],
  [4, closeDay],
  [3, cutOff],
  [4, suspend],
  [16, reinstateMember],
  [8, reinstateAccount],
  [20, hold],
  [20, payOut],
  [15, keep],
  [15, deliver],
  [4, openDay],
];
