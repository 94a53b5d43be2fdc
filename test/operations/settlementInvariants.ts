import type { Leg } from '../../contracts/settlement/declaration.js';
import { type Snapshot, Sums } from './snapshot.js';

/** What the settlement contract keeps of its instructions, counted anew from their legs and parties. */
export function settlementFaults(snapshot: Snapshot): readonly string[] {
  return [...progressFaults(snapshot), ...indexFaults(snapshot), ...lockFaults(snapshot)];
}

/** What an account sends of an asset, less what it receives where that is netted: never less than nothing. */
function owed(legs: readonly Leg[], model: string): Sums {
  const sums = new Sums();
  const due = new Sums();
  for (const { currency, instrument, from, to, amount } of legs) {
    const asset = currency === undefined ? `units ${instrument}` : `cash ${currency}`;
    const isNetted = model === 'netBoth' || (model === 'netCash' && currency !== undefined);
    sums.add(`${from} ${asset}`, amount);
    if (isNetted) sums.add(`${to} ${asset}`, -amount);
  }
  for (const [key, amount] of sums.entries()) if (amount > 0n) due.add(key, amount);
  return due;
}

function progressFaults({ instructions, parties, progress }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of parties) {
    const [id] = key;
    if (value.owes && value.allocation === 'none') counted.add(`allocations ${id}`, 1n);
    if (value.receives && !value.approved) counted.add(`approvals ${id}`, 1n);
    if (value.allocation === 'committed') counted.add(`committed ${id}`, 1n);
    if (value.wantsCancelled) counted.add(`cancellations ${id}`, 1n);
  }
  for (const { key, value } of progress) {
    for (const name of ['allocations', 'approvals', 'committed', 'cancellations'] as const) {
      told.add(`${name} ${key[0]}`, BigInt(value[name]));
    }
  }
  const faults = counted.differences(told).map((text) => `settlement, counted and kept: ${text}`);
  const open = new Set(instructions.map(({ key }) => key[0]));
  const strays = [...parties, ...progress].filter(({ key }) => !open.has(key[0]));
  return [...faults, ...strays.map(({ key }) => `${key.join(' ')} is left of an instruction that is over`)];
}

function indexFaults({ instructions, ofAccount, openCount }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of instructions) {
    const { instructor, settler, legs } = value;
    const named = [
      instructor,
      ...(settler === undefined ? [] : [settler]),
      ...legs.flatMap(({ from, to }) => [from, to]),
    ];
    for (const account of new Set(named)) counted.add(`of ${account} ${key[0]}`, 1n);
    counted.add(`open ${instructor}`, 1n);
  }
  for (const { key } of ofAccount) told.add(`of ${key.join(' ')}`, 1n);
  for (const { key, value } of openCount) told.add(`open ${key[0]}`, BigInt(value));
  return counted.differences(told).map((text) => `settlement, indexes: ${text}`);
}

/** Every lock is of a party of an open instruction that has allocated, and as much as it owes. */
function lockFaults({ instructions, parties, cashLocks, unitLocks }: Snapshot): readonly string[] {
  const allocated = new Map(
    parties.flatMap(({ key, value }) =>
      value.allocation === 'none' ? [] : [[key.join(' '), value.position] as const],
    ),
  );
  const due = new Map<string, bigint>();
  for (const { key, value } of instructions) {
    for (const [name, amount] of owed(value.legs, value.model).entries()) {
      const [account, kind, asset] = name.split(' ');
      const position = allocated.get(`${key[0]} ${account}`);
      if (position !== undefined) due.set(`${kind} ${asset} ${key[0]}.${position} ${account}`, amount);
    }
  }
  const locks = [
    ...cashLocks.map(({ key, value }) => ({ kind: 'cash', key, owner: value.debtor, amount: value.amount })),
    ...unitLocks.map(({ key, value }) => ({ kind: 'units', key, owner: value.holder, amount: value.amount })),
  ];
  return locks.flatMap(({ kind, key, owner, amount }) => {
    if (key[1] !== 'settlement') return [];
    const expected = due.get(`${kind} ${key[0]} ${key[2]} ${owner}`);
    return expected === amount ? [] : [`lock ${key.join(' ')} of ${amount}: expected ${expected ?? 'none'}`];
  });
}
