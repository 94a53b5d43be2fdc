import { RANKS } from '../../contracts/gridlock/input.js';
import { partyOf } from './cast.js';
import { type Snapshot, Sums } from './snapshot.js';

type Waiting = Snapshot['order'][number];

/** The queue’s own figures, counted anew from what waits. */
export function queueFaults(snapshot: Snapshot): readonly string[] {
  return [
    ...orderFaults(snapshot),
    ...figureFaults(snapshot),
    ...activeFaults(snapshot),
    ...reservationFaults(snapshot),
  ];
}

/** Whatever waits stands in the order, and nothing else does. */
function orderFaults({ items, order }: Snapshot): readonly string[] {
  const rows = new Map(order.map(({ key, value }) => [`${key[0]} ${key[2]}`, { priority: key[1], ...value }]));
  const faults: string[] = [];
  let waiting = 0;
  for (const { key, value } of items) {
    if (value.status !== 'queued') continue;
    waiting += 1;
    const row = rows.get(key.join(' '));
    const fields = ['debtor', 'creditor', 'amount', 'businessDay', 'expiresAt', 'isHeld', 'priority'] as const;
    if (fields.some((field) => row?.[field] !== value[field]))
      faults.push(`payment ${key.join(' ')} stands elsewhere in the order`);
  }
  if (waiting !== order.length) faults.push(`${waiting} payments wait, ${order.length} stand in the order`);
  return faults;
}

/** Counts by currency, account and member, and what they owe and expect. */
function figureFaults({ order, queues, queueAccounts, queueMembers, limits }: Snapshot): readonly string[] {
  const [counted, told] = [new Sums(), new Sums()];
  for (const { key, value } of order) {
    const [currency, priority] = key;
    const { debtor, creditor, amount, isHeld } = value;
    counted.add(`waiting ${currency} ${priority}`, 1n);
    if (!isHeld) counted.add(`active ${currency}`, 1n);
    counted.add(`outgoing ${currency} ${debtor}`, 1n);
    counted.add(`outgoing amount ${currency} ${debtor}`, amount);
    counted.add(`incoming amount ${currency} ${creditor}`, amount);
    counted.add(`member ${currency} ${partyOf(debtor)?.member}`, 1n);
  }
  for (const { key } of limits) {
    const [currency, debtor] = key;
    counted.add(`limits ${currency}`, 1n);
    counted.add(`limits ${currency} ${debtor}`, 1n);
    counted.add(`limits of member ${currency} ${partyOf(debtor)?.member}`, 1n);
  }
  for (const { key, value } of queues) {
    for (const rank of RANKS) told.add(`waiting ${key[0]} ${rank}`, BigInt(value.waiting[rank]));
    told.add(`active ${key[0]}`, BigInt(value.active));
    told.add(`limits ${key[0]}`, BigInt(value.limits));
  }
  for (const { key, value } of queueAccounts) {
    const name = key.join(' ');
    told.add(`outgoing ${name}`, BigInt(value.outgoing));
    told.add(`outgoing amount ${name}`, value.outgoingAmount);
    told.add(`incoming amount ${name}`, value.incomingAmount);
    told.add(`limits ${name}`, BigInt(value.limits));
  }
  for (const { key, value } of queueMembers) {
    told.add(`member ${key.join(' ')}`, BigInt(value.outgoing));
    told.add(`limits of member ${key.join(' ')}`, BigInt(value.limits));
  }
  return counted.differences(told).map((text) => `queue, counted and kept: ${text}`);
}

/** What of an account goes before others: its payments of the newest day that are not held. */
function activeFaults({ order, queueAccounts }: Snapshot): readonly string[] {
  return queueAccounts.flatMap(({ key, value }) => {
    const own = order.filter(
      (row: Waiting) =>
        row.key[0] === key[0] && row.value.debtor === key[1] && row.value.businessDay === value.activeDay,
    );
    return RANKS.flatMap((rank) => {
      const count = own.filter((row) => row.key[1] === rank && !row.value.isHeld).length;
      return count === value.active[rank]
        ? []
        : [`queue ${key.join(' ')}: ${count} ${rank} are active, ${value.active[rank]} kept`];
    });
  });
}

/** The queue holds money as a reservation of its own owner's, and in no other way. */
function reservationFaults({ cashLocks, unitLocks }: Snapshot): readonly string[] {
  const cash = cashLocks.filter(({ key, value }) => key[1] === 'queue' && key[2] !== `reserved.${value.debtor}`);
  const units = unitLocks.filter(({ key }) => key[1] === 'queue');
  return [...cash, ...units].map(({ key }) => `lock ${key.join(' ')} is no reservation`);
}
