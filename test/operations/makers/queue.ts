import { callOf } from '../../../contracts/api/method.js';
import { RANKS } from '../../../contracts/gridlock/input.js';
import { queue } from '../../../contracts/index.js';
import { issuerOf, type Party } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** Payments that wait. */

const m = queue.methods;

function payment(scene: Scene, debtor: Party, available: bigint) {
  // A little more than there is: most of it waits.
  const amount = scene.chance(0.4) ? available + BigInt(scene.random.integer(1, 3_000)) : scene.amount(available);
  const priority = scene.chance(0.6) ? {} : { priority: scene.one(['urgent', 'urgent', 'normal', ...RANKS] as const) };
  const expiresAt = scene.chance(0.2) ? { expiresAt: scene.timestamp + scene.random.integer(0, 60_000) } : {};
  const creditor = scene.other(debtor).account;
  return { creditor, amount, reference: scene.reference(debtor), ...priority, ...expiresAt };
}

const submit: Maker = (scene) => {
  const [debtor, currency] = [scene.bank(), scene.currency()];
  const terms = { debtor: debtor.account, currency, ...payment(scene, debtor, scene.balance(currency, debtor)) };
  return by(debtor, 'queue.submit', callOf(m.submit, terms));
};

const submitBatch: Maker = (scene) => {
  const [debtor, currency] = [scene.bank(), scene.currency()];
  const available = scene.balance(currency, debtor) / 3n;
  const payments = Array.from({ length: scene.random.integer(1, 6) }, () => payment(scene, debtor, available));
  const mode = scene.one(['all', 'each'] as const);
  const terms = { debtor: debtor.account, currency, mode, payments };
  return by(debtor, 'queue.submitBatch', callOf(m.submitBatch, terms));
};

type Row = Scene['snapshot']['order'][number];

/** Something that waits; now and then one that has left the queue already, or never was in it. */
function waiting(scene: Scene, fits: (row: Row) => boolean) {
  const rows = scene.snapshot.order;
  const fitting = rows.filter(fits);
  const row = fitting.length > 0 && scene.chance(0.85) ? scene.one(fitting) : scene.random.pick(rows);
  if (row === undefined) return undefined;
  const [currency, , id] = row.key;
  const over = scene.chance(0.08) ? scene.random.integer(1, id) : id;
  return { debtor: scene.party(row.value.debtor), key: { currency, id: over } };
}

const hold: Maker = (scene) => {
  const found = waiting(scene, ({ value }) => !value.isHeld);
  return found && by(found.debtor, 'queue.hold', callOf(m.hold, found.key));
};

const release: Maker = (scene) => {
  const found = waiting(scene, ({ value }) => value.isHeld);
  return found && by(found.debtor, 'queue.release', callOf(m.release, found.key));
};

const reprioritise: Maker = (scene) => {
  const found = waiting(scene, () => true);
  const priority = scene.one(['urgent', 'normal', 'urgent', 'normal', 'clearing'] as const);
  return found && by(found.debtor, 'queue.reprioritise', callOf(m.reprioritise, { ...found.key, priority }));
};

const cancel: Maker = (scene) => {
  const found = waiting(scene, () => true);
  if (found === undefined) return undefined;
  const who = scene.chance(0.7) ? found.debtor : scene.one([issuerOf(found.key.currency), scene.bank()]);
  return by(who, 'queue.cancel', callOf(m.cancel, found.key));
};

const setLimit: Maker = (scene) => {
  const [debtor, currency] = [scene.bank(), scene.currency()];
  const amount = scene.chance(0.4) ? {} : { amount: BigInt(scene.random.integer(0, 40_000)) };
  const terms = { currency, debtor: debtor.account, creditor: scene.other(debtor).account, ...amount };
  return by(debtor, 'queue.setLimit', callOf(m.setLimit, terms));
};

const reserve: Maker = (scene) => {
  const [account, currency] = [scene.bank(), scene.currency()];
  const amount = scene.chance(0.4) ? 0n : scene.amount(scene.balance(currency, account));
  return by(account, 'queue.reserve', callOf(m.reserve, { currency, account: account.account, amount }));
};

const resolve: Maker = (scene) => {
  const options = scene.chance(0.5)
    ? {}
    : { stages: scene.one(['fifo', 'all'] as const), maxPayments: scene.random.integer(0, 40) };
  const terms = { currency: scene.currency(), searchSteps: 2_000, ...options };
  return by(scene.anybody(), 'queue.resolve', callOf(m.resolve, terms));
};

const sweep: Maker = (scene) => {
  const terms = { currency: scene.currency(), limit: scene.random.integer(1, 1_000) };
  return by(scene.anybody(), 'queue.sweep', callOf(m.sweep, terms));
};

export const queueMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [60, submit],
  [15, submitBatch],
  [12, hold],
  [12, release],
  [10, reprioritise],
  [14, cancel],
  [10, setLimit],
  [12, reserve],
  [14, resolve],
  [8, sweep],
];
