import { BANKS } from './cast.js';
import type { Executed } from './ledger.js';
import { type Snapshot, Sums, wealthOf } from './snapshot.js';

/** What the contracts of supervision keep, counted anew, and who has received units of a pilot. */
export function supervisionFaults(before: Snapshot, after: Snapshot, executed: readonly Executed[]): readonly string[] {
  return [...useFaults(after), ...screeningFaults(after), ...pilotFaults(before, after, executed)];
}

/** `cash` counts for exactly those accounts that rules look at. */
function useFaults({ velocities, exposures, offsets, uses, cashControls }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key } of velocities) counted.add(`${key[0]} ${key[1]}`, 1n);
  for (const { key, value } of exposures) {
    counted.add(`${key[0]} ${key[1]}`, 1n);
    for (const account of value.offsetting) counted.add(`${key[0]} ${account}`, 1n);
  }
  for (const { key, value } of uses) told.add(key.join(' '), BigInt(value));
  const named = exposures.reduce((sum, { value }) => sum + value.offsetting.length, 0);
  const ruled = new Set(cashControls.flatMap(({ key, value }) => (value.isRuled ? [key.join(' ')] : [])));
  const asked = uses.map(({ key }) => key.join(' '));
  return [
    ...counted.differences(told).map((text) => `supervision, rules and uses: ${text}`),
    ...(named === offsets.length ? [] : [`${offsets.length} offsets, where rules name ${named}`]),
    ...asked.filter((key) => !ruled.has(key)).map((key) => `cash does not count for ${key}, which has rules`),
    ...(ruled.size === asked.length ? [] : ['cash counts for an account without rules']),
  ];
}

function screeningFaults({ entries, entriesOf, entryCounts }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of entries) {
    counted.add(`${key[1]} ${value.expiresAt} ${key[0]}`, 1n);
    counted.add(`of ${key[1]}`, 1n);
  }
  for (const { key } of entriesOf) told.add(key.join(' '), 1n);
  for (const { key, value } of entryCounts) told.add(`of ${key[0]}`, BigInt(value));
  return counted.differences(told).map((text) => `screening, entries and indexes: ${text}`);
}

/** Units of a pilot come to nobody but its issuer and those who are named, within the bound of a holder and its time. */
function pilotFaults(before: Snapshot, after: Snapshot, executed: readonly Executed[]): readonly string[] {
  const isSeized = executed.some(({ receipt }) =>
    receipt.events.some(({ contract, name }) => contract === 'assets' && name === 'Seized'),
  );
  if (isSeized) return [];
  const [owned, now] = [wealthOf(before), wealthOf(after)];
  return after.pilots.flatMap(({ key: [id], value }) => {
    const earlier = before.pilots.find(({ key }) => key[0] === id)?.value;
    // Judged only where the block has not changed it.
    if (earlier === undefined || earlier.sunsetAt !== value.sunsetAt || earlier.perHolder !== value.perHolder)
      return [];
    const issuer = after.instruments.find(({ key }) => key[0] === id)?.value.issuer;
    return BANKS.flatMap(({ account, name }) => {
      const units = `${account} units ${id}`;
      if (account === issuer || now.get(units) <= owned.get(units)) return [];
      const isNamed = [before, after].some(({ pilotHolders }) =>
        pilotHolders.some(({ key }) => key[0] === id && key[1] === account),
      );
      const isWithin = now.get(units) <= value.perHolder && after.timestamp < value.sunsetAt;
      return isNamed && isWithin
        ? []
        : [`${name} has received units of the pilot ${id}, and may not have ${now.get(units)}`];
    });
  });
}
