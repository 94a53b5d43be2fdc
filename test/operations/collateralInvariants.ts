import { type Snapshot, Sums } from './snapshot.js';

/** What `credit` and `repo` keep, counted anew from what the state holds for them. */
export function collateralFaults(snapshot: Snapshot): readonly string[] {
  return [...creditFaults(snapshot), ...repoFaults(snapshot)];
}

/** What is lent is the principal of all loans; each lock is that of a position, and each line that of one account of its member. */
function creditFaults({ lent, loans, positions, unitLocks, lines, lineOf }: Snapshot): readonly string[] {
  const [sums, told] = [new Sums(), new Sums()];
  const faults: string[] = [];
  for (const { key, value } of loans) {
    sums.add(key[0], value.principal);
    if (value.principal + value.interest === 0n) faults.push(`loan ${key.join(' ')} of nothing`);
  }
  for (const { key, value } of lent) told.add(key[0], value);
  const [listed, locked] = [new Sums(), new Sums()];
  for (const { key } of positions) listed.add(`${key[1]} ${key[2]}`, 1n);
  for (const { key } of unitLocks) if (key[1] === 'credit') locked.add(`${key[2]} ${key[0]}`, 1n);
  const [owners, indexed] = [new Sums(), new Sums()];
  for (const { key, value } of lines) owners.add(`${key[0]} ${value.member} ${key[1]}`, 1n);
  for (const { key, value } of lineOf) indexed.add(`${key[0]} ${key[1]} ${value}`, 1n);
  return [
    ...faults,
    ...sums.differences(told).map((text) => `credit, loans and what is lent: ${text}`),
    ...listed.differences(locked).map((text) => `credit, positions and locks: ${text}`),
    ...owners.differences(indexed).map((text) => `credit, lines and their index: ${text}`),
  ];
}

/** Each lock of a repo is what its record says, and there is no other. */
function repoFaults(snapshot: Snapshot): readonly string[] {
  const { repoOffers, repoOpen, uncollected, cashLocks, unitLocks, returned } = snapshot;
  const [recorded, held] = [new Sums(), new Sums()];
  /** What the members have given back once is not looked at again, under whatever name. */
  const isKept = (lock: string): boolean => !returned.has(`repo ${lock}`);
  for (const { key, value } of repoOffers) {
    const lock = `${key[0]}.offer`;
    if (isKept(lock)) recorded.add(`units ${value.instrument} ${lock} ${value.seller}`, value.units);
  }
  for (const { key, value } of repoOpen) {
    const [id] = key;
    const { buyer, seller, currency, margin, tender } = value;
    if (isKept(`${id}.units`)) recorded.add(`units ${value.instrument} ${id}.units ${buyer}`, value.units);
    if (isKept(`${id}.margin`)) recorded.add(`cash ${currency} ${id}.margin ${buyer}`, margin);
    if (isKept(`${id}.price`)) recorded.add(`cash ${currency} ${id}.price ${seller}`, tender?.price ?? 0n);
    const { substitute } = value;
    if (substitute !== undefined && isKept(`${id}.new`)) {
      recorded.add(`units ${substitute.instrument} ${id}.new ${seller}`, substitute.units);
    }
  }
  for (const { key, value } of uncollected) {
    const lock = `${key[0]}.margin`;
    if (isKept(lock)) recorded.add(`cash ${value.currency} ${lock} ${value.buyer}`, value.paid);
  }
  for (const { key, value } of cashLocks) {
    if (key[1] === 'repo' && isKept(key[2])) held.add(`cash ${key[0]} ${key[2]} ${value.debtor}`, value.amount);
  }
  for (const { key, value } of unitLocks) {
    if (key[1] === 'repo' && isKept(key[2])) held.add(`units ${key[0]} ${key[2]} ${value.holder}`, value.amount);
  }
  return [...recorded.differences(held).map((text) => `repo, recorded and locked: ${text}`), ...indexFaults(snapshot)];
}

function indexFaults({ repoOffers, repoOpen, repoOf, repoCount }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of [...repoOffers, ...repoOpen]) {
    for (const account of [value.seller, value.buyer]) counted.add(`of ${account} ${key[0]}`, 1n);
    counted.add(`open ${value.seller}`, 1n);
  }
  for (const { key } of repoOf) told.add(`of ${key.join(' ')}`, 1n);
  for (const { key, value } of repoCount) told.add(`open ${key[0]}`, BigInt(value));
  return counted.differences(told).map((text) => `repo, indexes: ${text}`);
}
