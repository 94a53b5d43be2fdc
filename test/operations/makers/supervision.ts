import { callOf } from '../../../contracts/api/method.js';
import { assets, cash, payments, pilots, queue, screening, supervision } from '../../../contracts/index.js';
import { KINDS } from '../../../contracts/screening/declaration.js';
import type { Hex } from '../../../primitives/bytes.js';
import type { Call } from '../../../primitives/types.js';
import { desk } from '../../support/sandbox/standardTraffic.js';
import { AUTHORITIES, BANKS, issuerOf, type Party } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** Rules by which authorities bind accounts, pilots of instruments, identifiers that banks share, and who looks for a way past them. */

const su = supervision.methods;
const pi = pilots.methods;
const sc = screening.methods;
const SUPERVISORS = AUTHORITIES.filter(({ role }) => role === 'supervisor');
const paper = new Uint8Array(32).fill(9);

/** The central bank of the currency, or a supervisor; now and then another. */
function authority(scene: Scene, currency: string, setBy?: string): Party {
  const own = AUTHORITIES.filter(({ member }) => member === setBy);
  if (own.length > 0 && scene.chance(0.85)) return scene.one(own);
  if (scene.chance(0.05)) return scene.one(AUTHORITIES);
  return scene.chance(0.6) ? issuerOf(currency) : scene.one(SUPERVISORS);
}

const setVelocity: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.velocities);
  const isChange = row !== undefined && scene.chance(0.4);
  const currency = isChange ? row.key[0] : scene.currency();
  const party = isChange ? scene.party(row.key[1]) : scene.bank();
  const maxSum = scene.chance(0.7) ? scene.balance(currency, party) / BigInt(scene.random.integer(1, 12)) : undefined;
  const maxCount = maxSum === undefined || scene.chance(0.4) ? scene.random.integer(1, 12) : undefined;
  const windowMs = isChange && scene.chance(0.7) ? row.value.windowMs : scene.random.integer(5_000, 90_000);
  const rule = { currency, account: party.account, windowMs, maxCount, maxSum };
  const by_ = authority(scene, currency, isChange ? row.value.by : undefined);
  return by(by_, 'supervision.setVelocity', callOf(su.setVelocity, rule));
};

const endVelocity: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.velocities);
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  return by(
    authority(scene, currency, row.value.by),
    'supervision.endVelocity',
    callOf(su.endVelocity, { currency, account }),
  );
};

const setExposure: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.exposures);
  const isChange = row !== undefined && scene.chance(0.4);
  const currency = isChange ? row.key[0] : scene.currency();
  const party = isChange ? scene.party(row.key[1]) : scene.bank();
  const counterparty = isChange ? row.key[2] : scene.other(party).member;
  const accounts = BANKS.filter(({ member }) => member === counterparty).map(({ account }) => account);
  const offsetting = scene.chance(0.5) ? [] : scene.chance(0.95) ? accounts.slice(0, 1) : [scene.bank().account];
  const limit = scene.balance(currency, party) / BigInt(scene.random.integer(1, 20));
  const rule = { currency, account: party.account, counterparty, limit, offsetting };
  const by_ = authority(scene, currency, isChange ? row.value.by : undefined);
  return by(by_, 'supervision.setExposure', callOf(su.setExposure, rule));
};

const endExposure: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.exposures);
  if (row === undefined) return undefined;
  const [currency, account, counterparty] = row.key;
  const call = callOf(su.endExposure, { currency, account, counterparty });
  return by(authority(scene, currency, row.value.by), 'supervision.endExposure', call);
};

const setPilot: Maker = (scene) => {
  const instrument = scene.random.pick(scene.snapshot.instruments)?.key[0];
  if (instrument === undefined) return undefined;
  const terms = scene.snapshot.instruments.find(({ key }) => key[0] === instrument)?.value;
  const outstanding = (terms?.issued ?? 0n) - (terms?.redeemed ?? 0n);
  const setBy = scene.snapshot.pilots.find(({ key }) => key[0] === instrument)?.value.by;
  const bounds = {
    cap: (outstanding * BigInt(scene.random.integer(80, 150))) / 100n + 1n,
    perHolder: outstanding / BigInt(scene.random.integer(2, 12)) + 1n,
    sunsetAt: scene.timestamp + scene.random.integer(scene.chance(0.05) ? -1_000 : 10_000, 90_000),
  };
  const call = callOf(pi.set, { instrument, ...bounds });
  return by(authority(scene, terms?.currency ?? 'EUR', setBy), 'pilots.set', call);
};

const nameHolder: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.pilots);
  if (row === undefined) return undefined;
  const args = { instrument: row.key[0], account: scene.bank().account };
  const party = authority(scene, 'EUR', row.value.by);
  const isNamed = scene.snapshot.pilotHolders.some(({ key }) => key[0] === args.instrument && key[1] === args.account);
  if (isNamed && scene.chance(0.8)) return by(party, 'pilots.remove', callOf(pi.remove, args));
  return by(party, 'pilots.name', callOf(pi.name, args));
};

const endPilot: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.pilots);
  if (row === undefined) return undefined;
  return by(authority(scene, 'EUR', row.value.by), 'pilots.end', callOf(pi.end, { instrument: row.key[0] }));
};

const hashOf = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`;

const list: Maker = (scene) => {
  const kind = scene.one(KINDS);
  const expiresAt = scene.timestamp + scene.random.integer(scene.chance(0.05) ? -1_000 : 5_000, 120_000);
  const entry = { hash: hashOf(scene.random.integer(1, 12)), kind, reason: 'officialList', expiresAt } as const;
  return by(scene.anybody(), 'screening.list', callOf(sc.list, entry));
};

const onEntry: Maker = (scene) => {
  const inForce = scene.snapshot.entries.filter(({ value }) => value.expiresAt > scene.timestamp + 5_000);
  const row = scene.random.pick(scene.chance(0.9) ? inForce : scene.snapshot.entries);
  if (row === undefined) return undefined;
  const [hash, member] = row.key;
  const lister = BANKS.find((party) => party.member === member) ?? scene.bank();
  if (scene.chance(0.2)) return by(lister, 'screening.lift', callOf(sc.lift, { hash }));
  if (row.value.appeal === undefined || scene.chance(0.1)) {
    return by(scene.anybody(), 'screening.appeal', callOf(sc.appeal, { hash, member, document: paper }));
  }
  const judge = scene.chance(0.5) ? scene.one(AUTHORITIES) : scene.bank();
  const decision = { hash, member, isGranted: scene.chance(0.5), document: paper };
  return by(judge, 'screening.decide', callOf(sc.decide, decision));
};

/** A payment behind the question whether what it is about is listed. */
const screened: Maker = (scene) => {
  const [party, currency] = [scene.bank(), scene.currency()];
  const [debtor, creditor] = [party.account, scene.other(party).account];
  const amount = scene.amount(scene.balance(currency, party));
  const hashes = [hashOf(scene.random.integer(1, 40))];
  const paying = { debtor, creditor, currency, amount, reference: scene.reference(party) };
  const { kind, order } = by(party, 'screening.requireClear', callOf(sc.requireClear, { hashes }));
  return { kind, order: { ...order, calls: [...order.calls, callOf(payments.methods.pay, paying)] } };
};

export const supervisionMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [5, setVelocity],
  [4, endVelocity],
  [5, setExposure],
  [4, endExposure],
  [2, setPilot],
  [8, nameHolder],
  [3, endPilot],
  [6, list],
  [8, onEntry],
  [6, screened],
];

/** More than a rule leaves, in one way or several at once: each contract by itself would let its part pass. */
const pastRule: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.velocities);
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  const { maxSum } = row.value;
  if (maxSum === undefined) return undefined;
  const party = scene.party(account);
  const amount = maxSum / 2n + 1n;
  const ways = Array.from({ length: 2 }, () => waysOut(scene, party, { currency, amount })).map((all) =>
    scene.one(all),
  );
  const [first, second] = ways as [Call, Call];
  const { kind, order } = by(party, 'hostile: past the velocity of an account', first);
  return { kind, order: { ...order, calls: [first, second] } };
};

/** More towards a counterparty than a rule lets go, by any of its accounts and any contract. */
const pastExposure: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.exposures);
  if (row === undefined) return undefined;
  const [currency, account, counterparty] = row.key;
  const party = scene.party(account);
  const others = BANKS.filter(({ member }) => member === counterparty);
  if (others.length === 0) return undefined;
  const { limit, received } = row.value;
  const amount = limit + received + 1n;
  const creditor = scene.one(others).account;
  const debtor = account;
  const reference = scene.reference(party);
  const calls = [
    callOf(cash.methods.transfer, { currency, debtor, creditor, amount }),
    callOf(payments.methods.pay, { currency, debtor, creditor, amount, reference }),
    callOf(queue.methods.submit, { currency, debtor, creditor, amount, reference }),
  ];
  return by(party, 'hostile: past the exposure to a counterparty', scene.one(calls));
};

function waysOut(
  scene: Scene,
  party: Party,
  { currency, amount }: { currency: string; amount: bigint },
): readonly Call[] {
  const [debtor, creditor] = [party.account, scene.other(party).account];
  const paying = { debtor, creditor, currency, amount };
  return [
    callOf(cash.methods.transfer, paying),
    callOf(payments.methods.pay, { ...paying, reference: scene.reference(party) }),
    callOf(queue.methods.submit, { ...paying, reference: scene.reference(party) }),
    callOf(desk.methods.hold, { currency, lock: `V${scene.memory.next()}`, account: debtor, amount }),
  ];
}

/** Units of a pilot for somebody who is not named: by transfer, or out of a lock of a bank's contract. */
const pastPilot: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.pilots);
  if (row === undefined) return undefined;
  const [instrument] = row.key;
  const holding = scene.random.pick(scene.snapshot.holdings.filter(({ key }) => key[0] === instrument));
  if (holding === undefined) return undefined;
  const named = new Set(scene.snapshot.pilotHolders.flatMap(({ key }) => (key[0] === instrument ? [key[1]] : [])));
  const strangers = BANKS.filter(({ account }) => !named.has(account));
  if (strangers.length === 0) return undefined;
  const party = scene.party(holding.key[1]);
  const to = scene.one(strangers).account;
  const moving = callOf(assets.methods.transfer, { instrument, from: party.account, to, amount: 1n });
  if (scene.chance(0.5)) return by(party, 'hostile: units of a pilot for a stranger', moving);
  const lock = `P${scene.memory.next()}`;
  const keep = callOf(desk.methods.keep, { instrument, lock, account: party.account, amount: 1n });
  const deliver = callOf(desk.methods.deliver, { instrument, lock, account: to, amount: 1n });
  const { kind, order } = by(party, 'hostile: units of a pilot for a stranger', keep);
  return { kind, order: { ...order, calls: [keep, deliver] } };
};

export const hostileSupervisionMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [10, pastRule],
  [8, pastExposure],
  [8, pastPilot],
];
