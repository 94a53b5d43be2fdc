import { type Snapshot, Sums } from './snapshot.js';

/** What the netting contract keeps of its cycles, counted anew from every obligation by itself. */
export function nettingFaults(snapshot: Snapshot): readonly string[] {
  return [...sumFaults(snapshot), ...netFaults(snapshot), ...lockFaults(snapshot), ...indexFaults(snapshot)];
}

function goesOn(status: string): boolean {
  return status === 'open' || status === 'frozen';
}

/** The sums of pairs, of debtors and of cycles are those of the obligations. */
function sumFaults({ cycles, cycleParticipants, netted, owed }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of netted) {
    const [id, debtor] = key;
    counted.add(`owed ${id} ${debtor} ${value.creditor}`, value.amount);
    counted.add(`count ${id} ${debtor} ${value.creditor}`, 1n);
    counted.add(`submitted ${id} ${debtor}`, 1n);
    counted.add(`obligations ${id}`, 1n);
    counted.add(`gross ${id}`, value.amount);
  }
  for (const { key, value } of owed) {
    told.add(`owed ${key.join(' ')}`, value.amount);
    told.add(`count ${key.join(' ')}`, BigInt(value.count));
  }
  for (const { key, value } of cycleParticipants) told.add(`submitted ${key.join(' ')}`, BigInt(value.submitted));
  for (const { key, value } of cycles) {
    told.add(`obligations ${key[0]}`, BigInt(value.obligations));
    told.add(`gross ${key[0]}`, value.gross);
  }
  return counted.differences(told).map((text) => `netting, obligations and sums: ${text}`);
}

/** The nets of a cycle that is frozen are those of the obligations among who is left, and together nothing. */
function netFaults({ cycles, cycleParticipants, netted }: Snapshot): readonly string[] {
  const frozen = new Set(cycles.flatMap(({ key, value }) => (value.status === 'frozen' ? [key[0]] : [])));
  const left = new Set(
    cycleParticipants.flatMap(({ key, value }) => (value.excluded === undefined ? [key.join(' ')] : [])),
  );
  const [counted, told, total] = [new Sums(), new Sums(), new Sums()];
  for (const { key, value } of netted) {
    const [id, debtor] = key;
    const isLeft = left.has(`${id} ${debtor}`) && left.has(`${id} ${value.creditor}`);
    if (!frozen.has(id) || !isLeft) continue;
    counted.add(`${id} ${debtor}`, -value.amount);
    counted.add(`${id} ${value.creditor}`, value.amount);
  }
  for (const { key, value } of cycleParticipants) {
    if (!frozen.has(key[0]) || value.excluded !== undefined) continue;
    const net = value.isDebit ? -value.amount : value.amount;
    told.add(key.join(' '), net);
    total.add(key[0], net);
  }
  return [
    ...counted.differences(told).map((text) => `netting, obligations and nets: ${text}`),
    ...total.differences(new Sums()).map((text) => `netting, all nets together: ${text}`),
  ];
}

/** Locks are those of participants of frozen cycles that are left: as much as each that has confirmed pays, and never more. */
function lockFaults({ cycles, cycleParticipants, cashLocks, returned }: Snapshot): readonly string[] {
  const faults: string[] = [];
  const held = new Sums();
  const rows = new Map(cycles.map(({ key, value }) => [key[0], value]));
  const parts = new Map(cycleParticipants.map(({ key, value }) => [key.join(' '), value]));
  for (const { key, value } of cashLocks) {
    if (key[1] !== 'netting') continue;
    const [id = '', position = '', round = ''] = /^(.*)\.(\d+)\.(\d+)$/.exec(key[2])?.slice(1) ?? [];
    const cycle = rows.get(id);
    const account = cycle?.participants[Number(position)] ?? '';
    const part = parts.get(`${id} ${account}`);
    const isOwn = cycle?.status === 'frozen' && account === value.debtor && cycle.currency === key[0];
    const isKnown = part?.excluded === undefined && part?.locks.includes(Number(round)) === true;
    if (!isOwn || !isKnown) faults.push(`lock ${key.join(' ')} is of no participant of a frozen cycle`);
    held.add(`${id} ${account}`, value.amount);
  }
  for (const [name, part] of parts) {
    const owes = part.isDebit ? part.amount : 0n;
    const sum = held.get(name);
    if (sum > owes) faults.push(`${name} has set ${sum} aside, and pays ${owes}`);
    const [id = '', account = ''] = name.split(' ');
    const cycle = rows.get(id);
    const isFrozen = cycle?.status === 'frozen';
    const position = cycle?.participants.map(String).indexOf(account);
    if (part.locks.some((round) => returned.has(`netting ${id}.${position}.${round}`))) continue;
    if (isFrozen && part.answer === 'confirmed' && part.excluded === undefined && sum < owes) {
      faults.push(`${name} has confirmed ${owes}, and set ${sum} aside`);
    }
  }
  return faults;
}

function indexFaults({ cycles, cyclesOf, cyclesOpen }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of cycles) {
    if (!goesOn(value.status)) continue;
    for (const account of value.participants) counted.add(`of ${account} ${key[0]}`, 1n);
    counted.add(`open ${value.by}`, 1n);
  }
  for (const { key } of cyclesOf) told.add(`of ${key.join(' ')}`, 1n);
  for (const { key, value } of cyclesOpen) told.add(`open ${key[0]}`, BigInt(value));
  return counted.differences(told).map((text) => `netting, indexes: ${text}`);
}
