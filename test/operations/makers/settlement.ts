import { callOf } from '../../../contracts/api/method.js';
import { settlement } from '../../../contracts/index.js';
import type { Leg, Terms } from '../../../contracts/settlement/declaration.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import type { Hash } from '../../../primitives/bytes.js';
import type { Address } from '../../../primitives/types.js';
import { CENTRAL_BANKS, type Party } from '../cast.js';
import { by, type Maker, type Operation, type Scene } from '../scene.js';

/** Instructions of several legs, in all models. */

const s = settlement.methods;

function legOf(scene: Scene, from: Party, to: Party): Leg {
  const instrument = scene.instrument();
  if (instrument !== undefined && scene.chance(0.4)) {
    const amount = scene.amount(scene.holding(instrument, from) / 4n);
    return { instrument, currency: undefined, amount, from: from.account, to: to.account };
  }
  const currency = scene.currency();
  const amount = scene.amount(scene.balance(currency, from) / 6n);
  return { currency, instrument: undefined, amount, from: from.account, to: to.account };
}

/** A sale and its price, a ring that nets to little, or anything. */
function legsOf(scene: Scene, first: Party): readonly Leg[] {
  const second = scene.other(first);
  if (scene.chance(0.4)) return [legOf(scene, first, second), legOf(scene, second, first)];
  if (scene.chance(0.4)) {
    const third = scene.other(second);
    return [legOf(scene, first, second), legOf(scene, second, third), legOf(scene, third, first)];
  }
  return Array.from({ length: scene.random.integer(1, 4) }, () => {
    const from = scene.one([first, second, scene.bank()]);
    return legOf(scene, from, scene.other(from));
  });
}

const instruct: Maker = (scene) => {
  const instructor = scene.bank();
  const terms: Terms = {
    id: `${instructor.member}-${scene.memory.next()}`,
    instructor: instructor.account,
    legs: legsOf(scene, instructor),
    model: scene.one(['gross', 'netCash', 'netBoth'] as const),
    settler: scene.chance(0.45) ? scene.anybody().account : undefined,
    deadline: scene.timestamp + scene.random.integer(scene.chance(0.03) ? -1_000 : 20_000, 300_000),
    rate: undefined,
  };
  scene.memory.remember(scene.memory.instructions, { terms, hash: termsHash(terms) });
  return by(instructor, 'settlement.instruct', callOf(s.instruct, terms));
};

type Row = Scene['snapshot']['parties'][number];

interface Duty {
  readonly id: string;
  readonly terms: Hash;
  readonly party: Party;
}

/** Ids of instructions that can still settle when the next block comes. */
function beforeDeadline({ snapshot, timestamp }: Scene): ReadonlySet<string> {
  const open = snapshot.instructions.filter(({ value }) => value.deadline > timestamp + 5_000);
  return new Set(open.map(({ key }) => key[0]));
}

/** A party of an open instruction; one that still has to do it, where there is any. */
function duty(scene: Scene, isDue: (row: Row) => boolean): Duty | undefined {
  const { parties, instructions } = scene.snapshot;
  const open = beforeDeadline(scene);
  const due = parties.filter((row) => open.has(row.key[0]) && isDue(row));
  const row = due.length > 0 && scene.chance(0.85) ? scene.one(due) : scene.random.pick(parties);
  const instruction = instructions.find(({ key }) => key[0] === row?.key[0]);
  if (row === undefined || instruction === undefined) return undefined;
  const terms = scene.chance(0.97) ? instruction.value.terms : new Uint8Array(32);
  return { id: row.key[0], terms, party: scene.party(row.key[1]) };
}

function step(
  kind: string,
  found: Duty | undefined,
  call: (id: string, account: Address, terms: Hash) => Operation['order']['calls'][number],
) {
  return found && by(found.party, kind, call(found.id, found.party.account, found.terms));
}

const allocate: Maker = (scene) =>
  step(
    'settlement.allocate',
    duty(scene, ({ value }) => value.owes && value.allocation === 'none'),
    (id, account, terms) => callOf(s.allocate, { id, account, terms, isCommitted: scene.chance(0.3) }),
  );

const approve: Maker = (scene) =>
  step(
    'settlement.approve',
    duty(scene, ({ value }) => value.receives && !value.approved),
    (id, account, terms) => callOf(s.approve, { id, account, terms }),
  );

const withdraw: Maker = (scene) => {
  const found = duty(scene, ({ value }) => value.allocation === 'withdrawable' || value.approved);
  if (found === undefined) return undefined;
  const who = scene.chance(0.8) ? found.party : scene.one([...CENTRAL_BANKS, scene.bank()]);
  return by(who, 'settlement.withdraw', callOf(s.withdraw, { id: found.id, account: found.party.account }));
};

const execute: Maker = (scene) => {
  const { progress, instructions } = scene.snapshot;
  const open = beforeDeadline(scene);
  const ready = progress.filter(
    ({ key, value }) => open.has(key[0]) && value.allocations === 0 && value.approvals === 0,
  );
  if (ready.length === 0 && scene.chance(0.7)) return undefined;
  const id = (ready.length > 0 && scene.chance(0.85) ? scene.one(ready) : scene.random.pick(progress))?.key[0];
  const instruction = instructions.find(({ key }) => key[0] === id)?.value;
  if (id === undefined || instruction === undefined) return undefined;
  const who = scene.party(instruction.settler ?? instruction.instructor);
  return by(who, 'settlement.execute', callOf(s.execute, { id }));
};

const cancel: Maker = (scene) => {
  const found = duty(scene, () => scene.chance(0.2));
  if (found === undefined) return undefined;
  const instruction = scene.snapshot.instructions.find(({ key }) => key[0] === found.id)?.value;
  const who = scene.chance(0.5) ? found.party : scene.party(instruction?.instructor ?? found.party.account);
  return by(who, 'settlement.cancel', callOf(s.cancel, { id: found.id, account: who.account }));
};

const expire: Maker = (scene) => {
  const { instructions } = scene.snapshot;
  const over = instructions.filter(({ value }) => value.deadline <= scene.timestamp);
  const id = (over.length > 0 && scene.chance(0.9) ? scene.one(over) : scene.random.pick(instructions))?.key[0];
  return id === undefined ? undefined : by(scene.anybody(), 'settlement.expire', callOf(s.expire, { id }));
};

export const settlementMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [24, instruct],
  [70, allocate],
  [70, approve],
  [14, withdraw],
  [16, execute],
  [10, cancel],
  [22, expire],
];
