import { standardContract } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { actionFaults } from './actionsInvariants.js';
import { BANKS } from './cast.js';
import { collateralFaults } from './collateralInvariants.js';
import { htlcFaults } from './htlcInvariants.js';
import type { Executed } from './ledger.js';
import { nettingFaults } from './nettingInvariants.js';
import { queueFaults } from './queueInvariants.js';
import { settlementFaults } from './settlementInvariants.js';
import { type Snapshot, Sums, wealthOf } from './snapshot.js';
import { supervisionFaults } from './supervisionInvariants.js';

/** What must hold after every block, counted anew from the entries of the state. */

/** Money: what was issued and not redeemed is what is free and what is locked; sums of locks are the sums of the locks. */
function cashFaults({ supply, balances, cashLocks, cashLocked }: Snapshot): readonly string[] {
  const [all, outstanding, locks, sums] = [new Sums(), new Sums(), new Sums(), new Sums()];
  const faults: string[] = [];
  for (const { key, value } of balances) {
    all.add(key[0], value);
    if (value < 0n) faults.push(`balance ${key.join(' ')} is ${value}`);
  }
  for (const { key, value } of cashLocks) {
    all.add(key[0], value.amount);
    locks.add(`${key[0]} ${value.debtor}`, value.amount);
    if (value.amount <= 0n) faults.push(`lock ${key.join(' ')} holds ${value.amount}`);
  }
  for (const { key, value } of supply) outstanding.add(key[0], value.issued - value.redeemed);
  for (const { key, value } of cashLocked) sums.add(key.join(' '), value);
  return [
    ...faults,
    ...all.differences(outstanding).map((text) => `free and locked, issued - redeemed: ${text}`),
    ...locks.differences(sums).map((text) => `locks, and their sum: ${text}`),
  ];
}

/** Units: the same, and locks are a part of the holding; the register lists whoever holds; nothing is above the cap. */
function unitFaults(snapshot: Snapshot): readonly string[] {
  const { instruments, holdings, heldBy, unitLocks, unitLocked, splits } = snapshot;
  const [all, outstanding, locks, sums, held] = [new Sums(), new Sums(), new Sums(), new Sums(), new Sums()];
  const faults: string[] = [];
  for (const { key, value } of holdings) {
    all.add(key[0], value);
    held.set(key.join(' '), value);
    if (value <= 0n) faults.push(`holding ${key.join(' ')} is ${value}`);
  }
  for (const { key, value } of unitLocks) locks.add(`${key[0]} ${value.holder}`, value.amount);
  for (const { key, value } of unitLocked) sums.add(key.join(' '), value);
  for (const [key, amount] of locks.entries()) {
    if (amount > held.get(key)) faults.push(`${key} holds ${held.get(key)}, of it ${amount} locked`);
  }
  for (const { key, value } of instruments) {
    outstanding.add(key[0], value.issued - value.redeemed);
    const split = splits.find((each) => each.key[0] === key[0])?.value;
    const after = split === undefined ? 0n : (value.cap * BigInt(split.numerator)) / BigInt(split.denominator);
    const cap = after > value.cap ? after : value.cap;
    if (value.issued - value.redeemed > cap) faults.push(`${key[0]}: more than ${cap} units are outstanding`);
  }
  const register = new Set(heldBy.map(({ key }) => key.join(' ')));
  if (register.size !== holdings.length || holdings.some(({ key }) => !register.has(`${key[1]} ${key[0]}`))) {
    faults.push('the register does not list those who hold');
  }
  return [
    ...faults,
    ...all.differences(outstanding).map((text) => `holdings, issued - redeemed: ${text}`),
    ...locks.differences(sums).map((text) => `locks of units, and their sum: ${text}`),
  ];
}

/** Every lock of a subscription is that of one that is open, and the other way round unless the members gave it back. */
function subscriptionFaults(snapshot: Snapshot): readonly string[] {
  const { subscriptions, subscriptionsOf, subscriptionsTo, cashLocks, returned } = snapshot;
  const faults: string[] = [];
  const open = new Map(subscriptions.map(({ key, value }) => [key[0], value]));
  for (const { key, value } of cashLocks) {
    if (key[1] !== 'subscriptions') continue;
    const subscription = open.get(key[2]);
    const isOwn = subscription?.account === value.debtor && subscription.units * subscription.price === value.amount;
    if (!isOwn) faults.push(`lock ${key.join(' ')} of ${value.amount} is that of no open subscription`);
    open.delete(key[2]);
  }
  for (const id of open.keys()) {
    if (!returned.has(`subscriptions ${id}`)) faults.push(`subscription ${id} has nothing locked`);
  }
  const expected = (names: readonly string[]): string => [...names].sort().join();
  const own = expected(subscriptions.map(({ key, value }) => `${value.account} ${value.instrument} ${key[0]}`));
  const byInstrument = expected(subscriptions.map(({ key, value }) => `${value.instrument} ${key[0]}`));
  if (own !== expected(subscriptionsOf.map(({ key }) => key.join(' ')))) faults.push('subscriptions by account differ');
  if (byInstrument !== expected(subscriptionsTo.map(({ key }) => key.join(' '))))
    faults.push('subscriptions by instrument differ');
  return faults;
}

/** What authorities have taken in a block, by account and asset. */
function seizedIn(executed: readonly Executed[]): Sums {
  const seized = new Sums();
  for (const { contract, name, data } of executed.flatMap(({ receipt }) => receipt.events)) {
    if (name !== 'Seized') continue;
    const event = standardContract(contract).codec.decodeEvent(name, data) as Readonly<Record<string, string>>;
    const asset = contract === 'cash' ? `cash ${event['currency']}` : `units ${event['instrument']}`;
    seized.add(`${event['from']?.toLowerCase()} ${asset}`, BigInt(event['amount'] ?? 0));
  }
  return seized;
}

/** Units and money that secured a claim, and went to whom it is owed though their holder may be suspended. */
function securedIn(executed: readonly Executed[]): Sums {
  const secured = new Sums();
  for (const { contract, name, data } of executed.flatMap(({ receipt }) => receipt.events)) {
    if ((contract !== 'assets' && contract !== 'cash') || name !== 'Released') continue;
    const event = standardContract(contract).codec.decodeEvent(name, data) as Readonly<Record<string, string>>;
    const isSecured = event['contract'] === 'credit' || event['contract'] === 'repo';
    const holder = (event['holder'] ?? event['debtor'])?.toLowerCase();
    const asset = contract === 'cash' ? `cash ${event['currency']}` : `units ${event['instrument']}`;
    if (isSecured && holder !== (event['to'] ?? event['creditor'])?.toLowerCase()) {
      secured.add(`${holder} ${asset}`, BigInt(event['amount'] ?? 0));
    }
  }
  return secured;
}

/** What an account owns does not shrink while it is suspended, whatever contract holds it, but by an order, or as collateral; a split changes no worth. */
function suspensionFaults(before: Snapshot, after: Snapshot, executed: readonly Executed[]): readonly string[] {
  const touched = executed.some(({ order }) => order.calls.some(({ contract }) => contract === 'membership'));
  if (touched) return [];
  const [owned, now, seized, secured] = [wealthOf(before), wealthOf(after), seizedIn(executed), securedIn(executed)];
  const isSplit = new Set([...before.splits, ...after.splits].map(({ key }) => `units ${key[0]}`));
  const still = [...before.suspended].filter((account) => after.suspended.has(account));
  return still.flatMap((account) =>
    [...owned.entries()].flatMap(([key, amount]) => {
      const asset = key.slice(account.length + 1);
      if (!key.startsWith(`${account} `) || isSplit.has(asset)) return [];
      if (now.get(key) + seized.get(key) + secured.get(key) >= amount) return [];
      return [`${key} fell from ${amount} to ${now.get(key)} while its account is suspended`];
    }),
  );
}

/** What orders keep in an account stays there, free or locked, unless it is seized; who has less keeps what it has. */
function freezeFaults(before: Snapshot, after: Snapshot, executed: readonly Executed[]): readonly string[] {
  const [owned, now, seized] = [wealthOf(before), wealthOf(after), seizedIn(executed)];
  const isSplit = new Set([...before.splits, ...after.splits].map(({ key }) => key[0]));
  const later = new Map(rowsOf(after).map(({ name, orders }) => [name, orders]));
  return rowsOf(before).flatMap(({ name, instrument, freezes, orders }) => {
    if (isSplit.has(instrument) || later.get(name) !== orders || seized.get(name) > 0n) return [];
    const inForce = freezes.filter(({ until }) => until === undefined || after.timestamp < until);
    const isAll = inForce.some(({ amount }) => amount === undefined);
    const sum = inForce.reduce((total, { amount = 0n }) => total + amount, 0n);
    const kept = isAll || sum > owned.get(name) ? owned.get(name) : sum;
    return now.get(name) >= kept
      ? []
      : [`${name} fell from ${owned.get(name)} to ${now.get(name)}, of it ${kept} frozen`];
  });
}

function rowsOf({ cashControls, unitControls }: Snapshot) {
  const named = (freezes: (typeof cashControls)[number]['value']['freezes']) =>
    freezes.map(({ order, amount }) => `${order} ${amount}`).join();
  return [
    ...cashControls.map(({ key, value: { freezes } }) => {
      return { name: `${key[1]} cash ${key[0]}`, instrument: '', freezes, orders: named(freezes) };
    }),
    ...unitControls.map(({ key, value: { freezes } }) => {
      return { name: `${key[1]} units ${key[0]}`, instrument: key[0], freezes, orders: named(freezes) };
    }),
  ];
}

/** Units come to nobody who may not have them; what is judged by stands in the state before or after the block. */
function eligibilityFaults(before: Snapshot, after: Snapshot, executed: readonly Executed[]): readonly string[] {
  // An order says itself to whom what it seizes goes.
  const isSeized = ({ contract, name }: { readonly contract: string; readonly name: string }) =>
    contract === 'assets' && name === 'Seized';
  if (executed.some(({ receipt }) => receipt.events.some(isSeized))) return [];
  const [owned, now] = [wealthOf(before), wealthOf(after)];
  const touched = new Set([...before.splits, ...after.splits].map(({ key }) => key[0]));
  return after.instruments.flatMap(({ key: [id], value }) => {
    const earlier = before.instruments.find(({ key }) => key[0] === id)?.value;
    if (touched.has(id) || earlier?.version !== value.version) return [];
    return BANKS.filter((party) => {
      const key = `${party.account} units ${id}`;
      return now.get(key) > owned.get(key) && !mayHold(before, after, id, party.account, party.member, party.role);
    }).map(({ name }) => `${name} received units of ${id} and may not have them`);
  });
}

function mayHold(
  before: Snapshot,
  after: Snapshot,
  id: string,
  account: Address,
  member: string,
  role: string,
): boolean {
  const terms = after.instruments.find(({ key }) => key[0] === id)?.value;
  const rule = terms?.eligibility;
  if (rule === undefined || terms?.issuer === account) return true;
  if (rule.roles.length > 0 && !rule.roles.some((each) => each === role)) return false;
  const isListed = ({ admitted }: Snapshot) => admitted.some(({ key }) => key[0] === id && key[1] === member);
  return !rule.admittedOnly || isListed(before) || isListed(after);
}

/** Everything that does not hold. */
export function faultsOf(before: Snapshot, after: Snapshot, executed: readonly Executed[]): readonly string[] {
  return [
    ...cashFaults(after),
    ...unitFaults(after),
    ...subscriptionFaults(after),
    ...queueFaults(after),
    ...settlementFaults(after),
    ...htlcFaults(after),
    ...collateralFaults(after),
    ...actionFaults(after),
    ...nettingFaults(after),
    ...supervisionFaults(before, after, executed),
    ...suspensionFaults(before, after, executed),
    ...freezeFaults(before, after, executed),
    ...eligibilityFaults(before, after, executed),
  ];
}
