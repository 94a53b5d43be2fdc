import { callOf } from '../../../contracts/api/method.js';
import { assets, cash } from '../../../contracts/index.js';
import { byOrders } from '../../support/cashHolder.js';
import { CENTRAL_BANKS } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** What authorities order: freezes of money and units, and seizures. */

type Freezes = Scene['snapshot']['cashControls'][number]['value']['freezes'];

/** One more, one less, or none at all. */
function changed(scene: Scene, freezes: Freezes, held: bigint): Freezes {
  if (scene.chance(0.4)) return [];
  const left = scene.chance(0.5) ? freezes.slice(1) : freezes;
  const amount = scene.chance(0.7) ? { amount: (held * BigInt(scene.random.integer(0, 130))) / 100n } : {};
  const until = scene.chance(0.5) ? { until: scene.timestamp + scene.random.integer(1_000, 200_000) } : {};
  return [...left, { order: `F-${scene.memory.next()}`, ...amount, ...until }].slice(-16);
}

const freezeCash: Maker = (scene) => {
  const [party, currency] = [scene.bank(), scene.currency()];
  const { account } = party;
  const row = scene.snapshot.cashControls.find(({ key }) => key[0] === currency && key[1] === account);
  const freezes = changed(scene, row?.value.freezes ?? [], scene.balance(currency, party));
  const call = byOrders(callOf(cash.methods.setFreezes, { currency, account, freezes }));
  return by(scene.one(CENTRAL_BANKS), 'orders: freeze money', call);
};

const freezeUnits: Maker = (scene) => {
  const [party, instrument] = [scene.bank(), scene.one(scene.snapshot.instruments).key[0]];
  const { account } = party;
  const row = scene.snapshot.unitControls.find(({ key }) => key[0] === instrument && key[1] === account);
  const freezes = changed(scene, row?.value.freezes ?? [], scene.holding(instrument, party));
  const call = byOrders(callOf(assets.methods.setFreezes, { instrument, account, freezes }));
  return by(scene.one(CENTRAL_BANKS), 'orders: freeze units', call);
};

/** Lifts what has been ordered, so that something goes on. */
const lift: Maker = (scene) => {
  const cashRow = scene.random.pick(scene.snapshot.cashControls);
  const unitRow = scene.random.pick(scene.snapshot.unitControls);
  const sender = scene.one(CENTRAL_BANKS);
  if (cashRow !== undefined && (unitRow === undefined || scene.chance(0.5))) {
    const [currency, account] = cashRow.key;
    return by(sender, 'orders: lift', byOrders(callOf(cash.methods.setFreezes, { currency, account, freezes: [] })));
  }
  if (unitRow === undefined) return undefined;
  const [instrument, account] = unitRow.key;
  return by(sender, 'orders: lift', byOrders(callOf(assets.methods.setFreezes, { instrument, account, freezes: [] })));
};

const seize: Maker = (scene) => {
  const [party, sender] = [scene.bank(), scene.one(CENTRAL_BANKS)];
  const terms = { from: party.account, to: scene.other(party).account, order: `S-${scene.memory.next()}` };
  if (scene.chance(0.5)) {
    const instrument = scene.one(scene.snapshot.instruments).key[0];
    const amount = scene.amount(scene.holding(instrument, party));
    return by(sender, 'orders: seize units', byOrders(callOf(assets.methods.seize, { instrument, ...terms, amount })));
  }
  const currency = scene.currency();
  const amount = scene.amount(scene.balance(currency, party));
  return by(sender, 'orders: seize money', byOrders(callOf(cash.methods.seize, { currency, ...terms, amount })));
};

export const orderMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [5, freezeCash],
  [4, freezeUnits],
  [8, lift],
  [4, seize],
];
