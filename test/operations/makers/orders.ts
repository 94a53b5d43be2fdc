import { callOf } from '../../../contracts/api/method.js';
import { orders } from '../../../contracts/index.js';
import type { Asset } from '../../../contracts/locks/asset.js';
import type { Terms } from '../../../contracts/orders/declaration.js';
import { orderTermsHash } from '../../../contracts/orders/proposals.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Call } from '../../../primitives/types.js';
import { AUTHORITIES, CENTRAL_BANKS, ISSUERS, type Party } from '../cast.js';
import { by, type Maker, type Operation, type Scene } from '../scene.js';

/** What authorities order, one person after the other: freezes of money and units, seizures, and defaults. */

const m = orders.methods;
const ground = { authority: 'A court, file 7', document: sha256(utf8Encode('the document of an order')) };

/** Somebody who may order in it, mostly. */
function authority(scene: Scene, { currency, instrument }: Asset): Party {
  const row = scene.snapshot.instruments.find(({ key }) => key[0] === instrument);
  const of = currency ?? row?.value.currency ?? '';
  const entitled = AUTHORITIES.filter(({ role, member }) => role === 'supervisor' || ISSUERS[of] === member);
  return scene.one(scene.chance(0.93) ? entitled : AUTHORITIES);
}

function asset(scene: Scene, share: number): Asset {
  const instrument = scene.random.pick(scene.snapshot.instruments)?.key[0];
  return instrument !== undefined && scene.chance(share) ? { instrument } : { currency: scene.currency() };
}

function heldOf(scene: Scene, { currency, instrument }: Asset, party: Party): bigint {
  return currency === undefined ? scene.holding(instrument ?? '', party) : scene.balance(currency, party);
}

/** The proposal of an order, with what a second person needs to confirm it. */
function proposal(scene: Scene, kind: string, proposer: Party, terms: Terms, call: Call): Operation {
  scene.memory.orders.set(terms.id, { terms: orderTermsHash(terms), proposer });
  return by(proposer, `orders.${kind}`, call);
}

function idOf(scene: Scene, { member }: Party): string {
  return `${scene.chance(0.98) ? member : scene.bank().member}-${scene.memory.next()}`;
}

/** Money of one of which contracts hold a part, as often as anything else. */
function target(scene: Scene): { readonly party: Party; readonly of: Asset } {
  const lock = scene.chance(0.4) ? scene.random.pick(scene.snapshot.cashLocks) : undefined;
  if (lock !== undefined) return { party: scene.party(lock.value.debtor), of: { currency: lock.key[0] } };
  return { party: scene.bank(), of: asset(scene, 0.5) };
}

export const proposeFreeze: Maker = (scene) => {
  const { party, of } = target(scene);
  const proposer = authority(scene, of);
  const held = heldOf(scene, of, party);
  const amount = scene.chance(0.75) ? (held * BigInt(scene.random.integer(0, 120))) / 100n : undefined;
  const until = scene.chance(0.7)
    ? scene.timestamp + scene.random.integer(scene.chance(0.05) ? -500 : 30_000, 200_000)
    : undefined;
  const args = { ...ground, id: idOf(scene, proposer), ...of, account: party.account, amount, until };
  return proposal(scene, 'proposeFreeze', proposer, { ...args, kind: 'freeze' }, callOf(m.proposeFreeze, args));
};

/** Freezes that orders keep in accounts, and go on to. */
function freezes(scene: Scene) {
  const { cashControls, unitControls } = scene.snapshot;
  const rows = [
    ...cashControls.map(({ key, value }) => ({ of: { currency: key[0] }, account: key[1], value })),
    ...unitControls.map(({ key, value }) => ({ of: { instrument: key[0] }, account: key[1], value })),
  ];
  return rows.flatMap(({ of, account, value }) =>
    value.freezes
      .filter(({ until = Infinity }) => until > scene.timestamp)
      .map((freeze) => ({ of: of as Asset, account, ...freeze, by: freeze.order.slice(0, 8) })),
  );
}

const proposeSeizure: Maker = (scene) => {
  const { party, of } = target(scene);
  const proposer = authority(scene, of);
  const own = freezes(scene).find(
    (row) =>
      row.account === party.account &&
      row.by === proposer.member &&
      row.of.currency === of.currency &&
      row.of.instrument === of.instrument,
  );
  const freeze = scene.chance(0.7) ? own?.order : undefined;
  const parties = { account: party.account, to: scene.other(party).account };
  const amount = scene.amount(heldOf(scene, of, party));
  const args = { ...ground, id: idOf(scene, proposer), ...of, ...parties, amount, freeze };
  return proposal(scene, 'proposeSeizure', proposer, { ...args, kind: 'seize' }, callOf(m.proposeSeizure, args));
};

const proposeLift: Maker = (scene) => {
  const found = scene.random.pick(freezes(scene));
  const known = scene.memory.orders.get(found?.order ?? '');
  if (found === undefined || known === undefined) return undefined;
  const own = AUTHORITIES.filter(({ member }) => member === found.by);
  const proposer = scene.one(scene.chance(0.93) ? own : AUTHORITIES);
  const part = found.amount === undefined ? 1n : (found.amount * BigInt(scene.random.integer(1, 110))) / 100n;
  const amount = scene.chance(0.3) ? part : undefined;
  const args = { ...ground, id: idOf(scene, proposer), freeze: found.order, freezeTerms: known.terms, amount };
  return proposal(scene, 'proposeLift', proposer, { ...args, kind: 'lift' }, callOf(m.proposeLift, args));
};

const declareDefault: Maker = (scene) => {
  const proposer = scene.one(scene.chance(0.95) ? CENTRAL_BANKS : AUTHORITIES);
  const args = { ...ground, id: idOf(scene, proposer), member: scene.anybody().member };
  return proposal(scene, 'declareDefault', proposer, { ...args, kind: 'default' }, callOf(m.declareDefault, args));
};

/** An open proposal, most often one of the newest. */
function openProposal(scene: Scene) {
  const rows = [...scene.snapshot.proposals].sort((a, b) => b.value - a.value);
  const id = scene.random.pick(scene.chance(0.8) ? rows.slice(0, 6) : rows)?.key[1];
  const known = scene.memory.orders.get(id ?? '');
  return id === undefined || known === undefined ? undefined : { id, ...known };
}

/** Another person of the member; now and then the same one, or one of another member. */
function confirmer(scene: Scene, proposer: Party): Party {
  if (scene.chance(0.08)) return scene.one([proposer, ...AUTHORITIES]);
  return AUTHORITIES.find((party) => party !== proposer && party.member === proposer.member) ?? proposer;
}

const confirm: Maker = (scene) => {
  const found = openProposal(scene);
  if (found === undefined) return undefined;
  const terms = scene.chance(0.96) ? found.terms : new Uint8Array(32);
  return by(confirmer(scene, found.proposer), 'orders.confirm', callOf(m.confirm, { id: found.id, terms }));
};

const withdraw: Maker = (scene) => {
  const id = scene.random.pick(scene.snapshot.proposals)?.key[1];
  const proposer = scene.memory.orders.get(id ?? '')?.proposer;
  if (id === undefined || proposer === undefined) return undefined;
  return by(confirmer(scene, proposer), 'orders.withdraw', callOf(m.withdraw, { id }));
};

export const orderMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [11, proposeFreeze],
  [8, proposeSeizure],
  [12, proposeLift],
  [1, declareDefault],
  [30, confirm],
  [7, withdraw],
];

/** A person who confirms what the same person proposed: alone, or with another who signs both. */
const onePerson: Maker = (scene) => {
  const proposed = proposeFreeze(scene);
  const [call] = proposed?.order.calls ?? [];
  if (proposed === undefined || call === undefined) return undefined;
  const [id, { terms, proposer }] = [...scene.memory.orders].at(-1) ?? [
    '',
    { terms: ground.document, proposer: scene.bank() },
  ];
  const others = scene.chance(0.5) ? [] : AUTHORITIES;
  const { order } = by(proposer, '', call, ...others);
  const kind = 'hostile: an order of one person';
  return { kind, order: { ...order, calls: [call, callOf(m.confirm, { id, terms })] } };
};

/** Comes back to an order, often one that is over. */
const comeBack: Maker = (scene) => {
  const known = scene.random.pick([...scene.memory.orders].slice(-100));
  if (known === undefined) return undefined;
  const [id, { terms, proposer }] = known;
  const call = scene.chance(0.8) ? callOf(m.confirm, { id, terms }) : callOf(m.withdraw, { id });
  return by(confirmer(scene, proposer), 'hostile: come back to an order', call);
};

export const hostileOrderMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [6, onePerson],
  [10, comeBack],
];
