import { callOf } from '../../../contracts/api/method.js';
import { cash, netting } from '../../../contracts/index.js';
import type { Address } from '../../../primitives/types.js';
import { BANKS, CENTRAL_BANKS, issuerOf, type Party } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** Cycles in which banks net what they owe each other. */

const m = netting.methods;
type Row = Scene['snapshot']['cycles'][number];
type Participation = Scene['snapshot']['cycleParticipants'][number];

/** A cycle that goes on; one that it can be done to, where there is any. */
function cycleWhere(scene: Scene, fits: (cycle: Row['value']) => boolean) {
  const rows = scene.snapshot.cycles.filter(({ value }) => value.status === 'open' || value.status === 'frozen');
  const fitting = rows.filter(({ value }) => fits(value));
  if (fitting.length === 0 && scene.chance(0.85)) return undefined;
  const row = fitting.length > 0 && scene.chance(0.93) ? scene.one(fitting) : scene.random.pick(rows);
  return row === undefined ? undefined : { id: row.key[0], ...row.value };
}

/** The business day of a cycle goes on. */
function isOnItsDay(scene: Scene, { currency, day }: Row['value']): boolean {
  return scene.snapshot.days.some(({ key, value }) => key[0] === currency && value.isOpen && value.day === day);
}

/** One account of each bank; now and then two. */
function participants(scene: Scene): readonly Address[] {
  const found = new Map<string, Address>();
  for (let count = scene.random.integer(2, 6); count > 0; count--) {
    const { member, account } = scene.bank();
    found.set(scene.chance(0.98) ? member : account, account);
  }
  return [...found.values()];
}

function operatorFor(scene: Scene, currency: string): Party {
  const appointed = scene.snapshot.operators.filter(({ key }) => key[0] === currency).map(({ key }) => key[1]);
  const parties = BANKS.filter(({ member }) => appointed.includes(member));
  if (parties.length > 0 && scene.chance(0.4)) return scene.one(parties);
  return scene.chance(0.95) ? issuerOf(currency) : scene.anybody();
}

const open: Maker = (scene) => {
  if (scene.snapshot.cycles.filter(({ value }) => value.status === 'open').length >= 6 && scene.chance(0.9))
    return undefined;
  const currency = scene.currency();
  const operator = operatorFor(scene, currency);
  const all = participants(scene);
  if (all.length < 2) return undefined;
  const terms = {
    ...{ id: `${operator.member}-${scene.memory.next()}`, operator: operator.account, currency, participants: all },
    cutOffAt: scene.timestamp + scene.random.integer(scene.chance(0.04) ? -1_000 : 8_000, 25_000),
    ...{ roundMs: scene.random.integer(8_000, 30_000), maxRounds: scene.random.integer(1, 4) },
    creditors: scene.one(['confirm', 'assent'] as const),
  };
  return by(operator, 'netting.open', callOf(m.open, terms));
};

const submit: Maker = (scene) => {
  const found = cycleWhere(
    scene,
    (cycle) => cycle.status === 'open' && cycle.cutOffAt > scene.timestamp + 6_000 && isOnItsDay(scene, cycle),
  );
  if (found === undefined) return undefined;
  const debtor = scene.party(scene.one(found.participants));
  const obligations = Array.from({ length: scene.random.integer(1, 4) }, () => ({
    creditor: scene.chance(0.97) ? scene.one(found.participants) : scene.bank().account,
    amount: scene.amount(scene.balance(found.currency, debtor)),
    reference: scene.chance(0.98) ? `N-${scene.memory.next()}` : 'N-1',
  })).filter(({ creditor }) => creditor !== debtor.account || scene.chance(0.05));
  if (obligations.length === 0) return undefined;
  return by(debtor, 'netting.submit', callOf(m.submit, { id: found.id, debtor: debtor.account, obligations }));
};

const withdraw: Maker = (scene) => {
  const rows = scene.snapshot.netted.filter(({ key }) => takesObligations(scene, key[0]));
  const asked = rows.filter(({ value }) => value.withdrawnBy !== undefined);
  const row = asked.length > 0 && scene.chance(0.6) ? scene.one(asked) : scene.random.pick(rows);
  if (row === undefined) return undefined;
  const [id, debtor, reference] = row.key;
  const sides = row.value.withdrawnBy === 'debtor' ? [row.value.creditor] : [debtor];
  const party = scene.party(scene.chance(0.9) ? scene.one(sides) : row.value.creditor);
  return by(party, 'netting.withdraw', callOf(m.withdraw, { id, debtor, reference, account: party.account }));
};

function takesObligations(scene: Scene, id: string): boolean {
  const found = scene.snapshot.cycles.find(({ key }) => key[0] === id)?.value;
  return found?.status === 'open' && found.cutOffAt > scene.timestamp + 4_000 && isOnItsDay(scene, found);
}

const freeze: Maker = (scene) => {
  const found = cycleWhere(
    scene,
    (cycle) => cycle.status === 'open' && cycle.cutOffAt <= scene.timestamp && isOnItsDay(scene, cycle),
  );
  return found && by(scene.anybody(), 'netting.freeze', callOf(m.freeze, { id: found.id }));
};

/** Somebody who is to answer, in a round that goes on. */
function asked(scene: Scene): Participation | undefined {
  const rounds = new Set(
    scene.snapshot.cycles.flatMap(({ key, value }) =>
      value.status === 'frozen' && (value.roundEndsAt ?? 0) > scene.timestamp + 3_000 && isOnItsDay(scene, value)
        ? [key[0]]
        : [],
    ),
  );
  const rows = scene.snapshot.cycleParticipants.filter(({ key }) => rounds.has(key[0]));
  const waits = rows.filter(
    ({ value }) => value.isConcerned && value.answer === 'none' && value.excluded === undefined,
  );
  return waits.length > 0 && scene.chance(0.92) ? scene.one(waits) : scene.random.pick(rows);
}

function roundOf(scene: Scene, id: string): number {
  return scene.snapshot.cycles.find(({ key }) => key[0] === id)?.value.round ?? 1;
}

const confirm: Maker = (scene) => {
  const found = asked(scene);
  if (found === undefined) return undefined;
  const [id, account] = found.key;
  const { isDebit, amount } = found.value;
  const net = scene.chance(0.95) ? { isDebit, amount } : { isDebit: !isDebit, amount: amount + 1n };
  const round = scene.chance(0.97) ? roundOf(scene, id) : 1;
  return by(scene.party(account), 'netting.confirm', callOf(m.confirm, { id, account, round, net }));
};

const object: Maker = (scene) => {
  const found = asked(scene);
  if (found === undefined) return undefined;
  const [id, account] = found.key;
  return by(scene.party(account), 'netting.object', callOf(m.object, { id, account, round: roundOf(scene, id) }));
};

const endRound: Maker = (scene) => {
  const found = cycleWhere(
    scene,
    (cycle) => cycle.status === 'frozen' && (cycle.roundEndsAt ?? 0) <= scene.timestamp && isOnItsDay(scene, cycle),
  );
  return found && by(scene.anybody(), 'netting.endRound', callOf(m.endRound, { id: found.id }));
};

const lapse: Maker = (scene) => {
  const found = cycleWhere(scene, (cycle) => !isOnItsDay(scene, cycle));
  if (found === undefined) return undefined;
  return by(scene.anybody(), 'netting.lapse', callOf(m.lapse, { id: found.id }));
};

const cancel: Maker = (scene) => {
  const found = cycleWhere(scene, ({ status }) => status === 'open');
  if (found === undefined) return undefined;
  const operator = scene.chance(0.8) ? scene.party(found.operator) : scene.anybody();
  return by(operator, 'netting.cancel', callOf(m.cancel, { id: found.id }));
};

const setOperator: Maker = (scene) => {
  const currency = scene.currency();
  const issuer = scene.chance(0.9) ? issuerOf(currency) : scene.one(CENTRAL_BANKS);
  const { member } = scene.bank();
  const isAppointed = scene.snapshot.operators.some(({ key }) => key[0] === currency && key[1] === member);
  const args = { currency, member };
  if (isAppointed === scene.chance(0.9)) return by(issuer, 'netting.dismissOperator', callOf(m.dismissOperator, args));
  return by(issuer, 'netting.appointOperator', callOf(m.appointOperator, args));
};

export const nettingMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [16, open],
  [60, submit],
  [14, withdraw],
  [40, freeze],
  [150, confirm],
  [6, object],
  [40, endRound],
  [8, lapse],
  [2, cancel],
  [2, setOperator],
];

/** Comes back to a cycle that is frozen or over: with an obligation, with a withdrawal, with an answer, with an end. */
const comeBack: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.cycles.filter(({ value }) => value.status !== 'open'));
  if (row === undefined) return undefined;
  const [id] = row.key;
  const { participants: all, round, status } = row.value;
  const party = scene.party(scene.one(all));
  const { account } = party;
  const own = scene.snapshot.netted.find(({ key }) => key[0] === id && key[1] === account);
  const creditor = all.find((each) => each !== account) ?? account;
  const obligations = [{ creditor, amount: 1n, reference: `N-${scene.memory.next()}` }];
  const net = { isDebit: false, amount: 0n };
  const calls = [
    callOf(m.submit, { id, debtor: account, obligations }),
    ...(own === undefined ? [] : [callOf(m.withdraw, { id, debtor: account, reference: own.key[2], account })]),
    callOf(m.freeze, { id }),
    callOf(m.cancel, { id }),
    ...(status === 'frozen' ? [] : [callOf(m.endRound, { id }), callOf(m.lapse, { id })]),
    callOf(m.confirm, { id, account, round: Math.max(0, round - 1), net }),
  ];
  return by(party, 'hostile: come back to a netting cycle', scene.one(calls));
};

/** Confirms what it pays on balance, and spends the same money in the same transaction. */
const payTwice: Maker = (scene) => {
  const found = asked(scene);
  if (found?.value.isDebit !== true || found.value.answer !== 'none') return undefined;
  const [id, account] = found.key;
  const currency = scene.snapshot.cycles.find(({ key }) => key[0] === id)?.value.currency ?? 'EUR';
  const party = scene.party(account);
  const { isDebit, amount } = found.value;
  const balance = scene.balance(currency, party);
  if (balance < amount || amount === 0n) return undefined;
  const confirming = callOf(m.confirm, { id, account, round: roundOf(scene, id), net: { isDebit, amount } });
  const spent = { currency, debtor: account, creditor: scene.other(party).account, amount: balance };
  const spending = callOf(cash.methods.transfer, spent);
  const { kind, order } = by(party, 'hostile: confirm a net and spend it', confirming);
  return { kind, order: { ...order, calls: scene.chance(0.5) ? [confirming, spending] : [spending, confirming] } };
};

/** Says for somebody else what that one has not signed. */
const speakForAnother: Maker = (scene) => {
  const found = asked(scene);
  if (found === undefined) return undefined;
  const [id, account] = found.key;
  const thief = scene.other(scene.party(account));
  if (thief.account === account) return undefined;
  const { isDebit, amount } = found.value;
  const answer = { id, account, round: roundOf(scene, id) };
  const call = scene.chance(0.5)
    ? callOf(m.confirm, { ...answer, net: { isDebit, amount } })
    : callOf(m.object, answer);
  return by(thief, 'hostile: answer for another bank of a cycle', call);
};

export const hostileNettingMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [12, comeBack],
  [8, payTwice],
  [5, speakForAnother],
];
