import { callOf } from '../../../contracts/api/method.js';
import { repo } from '../../../contracts/index.js';
import { repoTermsHash } from '../../../contracts/repo/terms.js';
import { CENTRAL_BANKS } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** Units sold and bought back. */

const r = repo.methods;

const offer: Maker = (scene) => {
  const seller = scene.bank();
  const held = scene.snapshot.holdings.filter(({ key }) => key[1] === seller.account).map(({ key }) => key[0]);
  const steady = held.filter((id) => Number(id.slice(2)) % 2 === 1);
  const instrument = scene.random.pick(steady.length > 0 && scene.chance(0.9) ? steady : held);
  if (instrument === undefined) return undefined;
  const currency = scene.snapshot.instruments.find(({ key }) => key[0] === instrument)?.value.currency ?? 'EUR';
  const opensBefore = scene.timestamp + scene.random.integer(40_000, 200_000);
  const units = scene.amount(scene.holding(instrument, seller));
  const terms = {
    ...{ id: `${scene.chance(0.97) ? seller.member : scene.bank().member}-R${scene.memory.next()}` },
    ...{ seller: seller.account, buyer: scene.other(seller).account, instrument, units, currency },
    ...{ cash: (units * BigInt(scene.random.integer(60, 110))) / 1n + 1n, rate: scene.random.integer(0, 90_000_000) },
    ...{ opensBefore, closesAt: opensBefore + scene.random.integer(scene.chance(0.03) ? -500 : 0, 60_000) },
    ...{ graceMs: scene.random.integer(1_000, 30_000), haircutBps: scene.random.integer(0, 2_000) },
    ...{ marginMs: scene.random.integer(1_000, 20_000), threshold: BigInt(scene.random.integer(0, 50)) },
  };
  return by(seller, 'repo.offer', callOf(r.offer, terms));
};

const accept: Maker = (scene) => {
  const timely = scene.snapshot.repoOffers.filter(({ value }) => value.opensBefore > scene.timestamp + 7_000);
  const row = scene.random.pick(timely.length > 0 && scene.chance(0.95) ? timely : scene.snapshot.repoOffers);
  if (row === undefined) return undefined;
  const [id] = row.key;
  const { terms: _, ...details } = row.value;
  const change = scene.chance(0.04) ? { cash: details.cash + 1n } : {};
  const buyer = scene.chance(0.95) ? scene.party(details.buyer) : scene.bank();
  const terms = repoTermsHash({ id, ...details, ...change });
  return by(buyer, 'repo.accept', callOf(r.accept, { id, buyer: buyer.account, terms }));
};

const cancel: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.repoOffers);
  if (row === undefined) return undefined;
  const isLate = row.value.opensBefore <= scene.timestamp;
  const seller = scene.party(row.value.seller);
  const who = isLate || scene.chance(0.15) ? scene.one([scene.anybody(), ...CENTRAL_BANKS]) : seller;
  return by(who, 'repo.cancel', callOf(r.cancel, { id: row.key[0] }));
};

type Row = Scene['snapshot']['repoOpen'][number];

function open(scene: Scene, fits: (row: Row['value']) => boolean = () => true) {
  const fitting = scene.snapshot.repoOpen.filter(({ value }) => fits(value));
  const row = scene.random.pick(fitting.length > 0 && scene.chance(0.9) ? fitting : scene.snapshot.repoOpen);
  if (row === undefined) return undefined;
  const { key, value } = row;
  return { id: key[0], value, seller: scene.party(value.seller), buyer: scene.party(value.buyer) };
}

const close: Maker = (scene) => {
  const isKept = (buyer: string): boolean => scene.snapshot.unitControls.some(({ key }) => key[1] === buyer);
  const isDue = ({ closesAt, isEarly }: Row['value']): boolean => closesAt <= scene.timestamp || isEarly;
  const found = open(scene, (row) => isDue(row) && (isKept(row.buyer) || scene.chance(0.5)));
  return found && by(found.seller, 'repo.close', callOf(r.close, { id: found.id }));
};

const allowEarly: Maker = (scene) => {
  const found = open(scene);
  return (
    found && by(found.buyer, 'repo.allowEarly', callOf(r.allowEarly, { id: found.id, isEarly: scene.chance(0.7) }))
  );
};

const onTender: Maker = (scene) => {
  const isAny = scene.snapshot.repoOpen.some(({ value }) => value.tender !== undefined);
  if (!isAny && scene.chance(0.97)) return undefined;
  const found = open(scene, ({ tender }) => tender !== undefined);
  if (found === undefined) return undefined;
  const { id, seller } = found;
  if (scene.chance(0.7)) return by(scene.anybody(), 'repo.settle', callOf(r.settle, { id }));
  return by(seller, 'repo.takeBack', callOf(r.takeBack, { id }));
};

const revalue: Maker = (scene) => {
  const found = open(scene);
  return found && by(scene.anybody(), 'repo.revalue', callOf(r.revalue, { id: found.id }));
};

const payMargin: Maker = (scene) => {
  const found = open(scene, ({ call }) => call !== undefined);
  if (found === undefined) return undefined;
  const due = found.value.call?.amount ?? 100n;
  const amount = scene.chance(0.6) ? due : scene.amount(due);
  return by(found.seller, 'repo.payMargin', callOf(r.payMargin, { id: found.id, amount }));
};

const offerSubstitute: Maker = (scene) => {
  const found = open(scene, ({ substitute }) => substitute === undefined);
  const own = scene.snapshot.instruments.filter(({ value }) => value.currency === found?.value.currency);
  const instrument = scene.chance(0.9) ? scene.random.pick(own)?.key[0] : scene.instrument();
  if (found === undefined || instrument === undefined) return undefined;
  const units = scene.amount(scene.holding(instrument, found.seller));
  return by(found.seller, 'repo.offerSubstitute', callOf(r.offerSubstitute, { id: found.id, instrument, units }));
};

const answerSubstitute: Maker = (scene) => {
  const found = open(scene, ({ substitute }) => substitute !== undefined);
  const substitute = found?.value.substitute;
  if (found === undefined || substitute === undefined) return undefined;
  const { id, seller, buyer } = found;
  if (scene.chance(0.3)) return by(seller, 'repo.dropSubstitute', callOf(r.dropSubstitute, { id }));
  return by(buyer, 'repo.acceptSubstitute', callOf(r.acceptSubstitute, { id, ...substitute }));
};

const fail: Maker = (scene) => {
  const found = open(scene, ({ closesAt, graceMs }) => closesAt + graceMs <= scene.timestamp);
  if (found === undefined) return undefined;
  const who = scene.chance(0.9) ? found.buyer : scene.one(CENTRAL_BANKS);
  return by(who, 'repo.fail', callOf(r.fail, { id: found.id }));
};

const collect: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.uncollected);
  return (
    row && by(scene.one([scene.anybody(), ...CENTRAL_BANKS]), 'repo.collect', callOf(r.collect, { id: row.key[0] }))
  );
};

export const repoMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [26, offer],
  [30, accept],
  [5, cancel],
  [16, close],
  [3, allowEarly],
  [20, onTender],
  [12, revalue],
  [8, payMargin],
  [5, offerSubstitute],
  [6, answerSubstitute],
  [7, fail],
  [2, collect],
];

/** One repo in two ways in one transaction. Of notice and a closing that meets it nothing is wrong. */
const bothWays: Maker = (scene) => {
  const found = open(scene);
  if (found === undefined) return undefined;
  const { id, seller, buyer } = found;
  const [closing, failing, settling] = [callOf(r.close, { id }), callOf(r.fail, { id }), callOf(r.settle, { id })];
  const first = scene.one([closing, failing, settling]);
  const others = first === failing ? [settling] : [closing, failing, settling].filter((way) => way !== first);
  const { kind, order } = by(seller, 'hostile: one repo in two ways', first, buyer);
  return { kind, order: { ...order, calls: [first, scene.one(others)] } };
};

/** The buyer's units, spent or locked elsewhere while the repo is open. */
const spendUnits: Maker = (scene) => {
  const found = open(scene);
  if (found === undefined) return undefined;
  const { buyer, value, id } = found;
  const terms = {
    ...{ id: `${buyer.member}-R${scene.memory.next()}`, seller: buyer.account, buyer: value.seller },
    ...{ instrument: value.instrument, units: scene.holding(value.instrument, buyer), currency: value.currency },
    ...{ cash: 1n, rate: 0, opensBefore: scene.timestamp + 30_000, closesAt: scene.timestamp + 30_000 },
    ...{ graceMs: 1_000, haircutBps: 0, marginMs: 1_000, threshold: 0n },
  };
  const { kind, order } = by(buyer, 'hostile: sell all units of a repo that is open', callOf(r.offer, terms));
  return {
    kind,
    order: { ...order, calls: [callOf(r.revalue, { id }), ...order.calls].slice(scene.chance(0.5) ? 0 : 1) },
  };
};

export const hostileRepoMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [8, bothWays],
  [5, spendUnits],
];
