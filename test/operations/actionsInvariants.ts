import { AccountPage } from '../../contracts/assets/accountPage.js';
import { type Snapshot, Sums } from './snapshot.js';

/** What the contract of corporate actions keeps of them, counted anew from those that are open. */
export function actionFaults(snapshot: Snapshot): readonly string[] {
  return [...lockFaults(snapshot), ...rowFaults(snapshot), ...recordFaults(snapshot)];
}

/** What is set aside for each is declared - paid - residual, unless the members have given it back; and there is no other lock. */
function lockFaults({ openActions, cashLocks, returned }: Snapshot): readonly string[] {
  const [recorded, held] = [new Sums(), new Sums()];
  for (const { key, value } of openActions) {
    const { currency, issuer, declared, paid, residual } = value;
    if (!returned.has(`actions ${key[0]}`)) recorded.add(`${currency} ${key[0]} ${issuer}`, declared - paid - residual);
  }
  for (const { key, value } of cashLocks) {
    if (key[1] === 'actions') held.add(`${key[0]} ${key[2]} ${value.debtor}`, value.amount);
  }
  return recorded.differences(held).map((text) => `actions, recorded and locked: ${text}`);
}

/** Entitled is paid, unclaimed, and what stands in rows; unclaimed is what stands in claims. */
function rowFaults({ openActions, entitlements, claims }: Snapshot): readonly string[] {
  const [expected, found] = [new Sums(), new Sums()];
  for (const { key, value } of openActions) {
    const { entitled, paid, unclaimed, isCancelled, redemption } = value;
    if (isCancelled) continue;
    expected.add(`rows of ${key[0]}`, entitled - paid - unclaimed);
    if (redemption === undefined || redemption.part < redemption.whole) expected.add(`claims of ${key[0]}`, unclaimed);
  }
  const ending = new Set(openActions.flatMap(({ key, value }) => (value.isCancelled ? [key[0]] : [])));
  for (const { key, value } of entitlements) {
    if (ending.has(key[0])) continue;
    for (const { amount } of new AccountPage(value).items()) found.add(`rows of ${key[0]}`, amount);
  }
  for (const { key, value } of claims) if (!ending.has(key[0])) found.add(`claims of ${key[0]}`, value.amount);
  return expected.differences(found).map((text) => `actions, told and kept: ${text}`);
}

/** A record is open for each action that has one, and for nothing else; what is kept is kept for one that is. */
function recordFaults({ openActions, records, kept, actionsOf, actionCount }: Snapshot): readonly string[] {
  const [expected, found] = [new Sums(), new Sums()];
  for (const { key, value } of openActions) {
    expected.add(`of ${value.instrument} ${key[0]}`, 1n);
    expected.add(`open ${value.issuer}`, 1n);
    if (value.record !== undefined) {
      expected.add(`record ${value.instrument} ${value.record} at ${value.recordHeight}`, 1n);
    }
  }
  for (const { key } of actionsOf) found.add(`of ${key.join(' ')}`, 1n);
  for (const { key, value } of actionCount) found.add(`open ${key[0]}`, BigInt(value));
  const open = new Set<string>();
  for (const { key, value } of records) {
    for (const { record, height } of value) {
      found.add(`record ${key[0]} ${record} at ${height}`, 1n);
      open.add(`${key[0]} ${record}`);
    }
  }
  const strange = kept.filter(({ key }) => !open.has(`${key[0]} ${key[1]}`));
  return [
    ...expected.differences(found).map((text) => `actions, indexes and records: ${text}`),
    ...strange.map(({ key }) => `assets keeps ${key.join(' ')} for no record`),
  ];
}
