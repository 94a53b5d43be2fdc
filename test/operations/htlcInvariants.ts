import { type Snapshot, Sums } from './snapshot.js';

/** What the contract of locks that keys open keeps of them, counted anew from those that are open. */
export function htlcFaults(snapshot: Snapshot): readonly string[] {
  return [...lockFaults(snapshot), ...indexFaults(snapshot)];
}

/** Each open record has a lock of its sender's that holds its amount, unless the members have given it back; and there is no lock that no open record has. */
function lockFaults({ keyedLocks, cashLocks, unitLocks, returned }: Snapshot): readonly string[] {
  const [recorded, held] = [new Sums(), new Sums()];
  for (const { key, value } of keyedLocks) {
    const { currency, instrument, sender, amount } = value;
    if (returned.has(`htlc ${key[0]}`)) continue;
    recorded.add(`${currency === undefined ? 'units' : 'cash'} ${currency ?? instrument} ${key[0]} ${sender}`, amount);
  }
  for (const { key, value } of cashLocks) {
    if (key[1] === 'htlc') held.add(`cash ${key[0]} ${key[2]} ${value.debtor}`, value.amount);
  }
  for (const { key, value } of unitLocks) {
    if (key[1] === 'htlc') held.add(`units ${key[0]} ${key[2]} ${value.holder}`, value.amount);
  }
  return recorded.differences(held).map((text) => `htlc, recorded and locked: ${text}`);
}

function indexFaults({ keyedLocks, keyedOf, keyedCount }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of keyedLocks) {
    for (const account of [value.sender, value.recipient]) counted.add(`of ${account} ${key[0]}`, 1n);
    counted.add(`open ${value.sender}`, 1n);
  }
  for (const { key } of keyedOf) told.add(`of ${key.join(' ')}`, 1n);
  for (const { key, value } of keyedCount) told.add(`open ${key[0]}`, BigInt(value));
  return counted.differences(told).map((text) => `htlc, indexes: ${text}`);
}
