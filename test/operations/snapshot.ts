import { actionsState } from '../../contracts/actions/declaration.js';
import { assetsState } from '../../contracts/assets/declaration.js';
import { cashState } from '../../contracts/cash/state.js';
import { creditState } from '../../contracts/credit/declaration.js';
import { governanceState } from '../../contracts/governance/records.js';
import { htlcState } from '../../contracts/htlc/declaration.js';
import { membershipState } from '../../contracts/membership/records.js';
import { nettingState } from '../../contracts/netting/declaration.js';
import { ordersState } from '../../contracts/orders/declaration.js';
import { pilotsState } from '../../contracts/pilots/pilots.js';
import { pricesState } from '../../contracts/prices/declaration.js';
import { queueState } from '../../contracts/queue/records.js';
import { repoState } from '../../contracts/repo/declaration.js';
import { screeningState } from '../../contracts/screening/declaration.js';
import { settlementState } from '../../contracts/settlement/declaration.js';
import { subscriptionsState } from '../../contracts/subscriptions/declaration.js';
import { supervisionState } from '../../contracts/supervision/declaration.js';
import type { Address } from '../../primitives/types.js';
import type { OperationsLedger } from './ledger.js';

/**
 * Everything about money and units that the state holds after a block, read from its entries and through no contract.
 *
 * @param returned locks that the members have given back to their owners, as contract and lock
 */
export function takeSnapshot(ledger: OperationsLedger, returned: ReadonlySet<string>) {
  const { members, accounts } = membershipState;
  const {
    supply,
    days,
    balances,
    locks: cashLocks,
    locked: cashLocked,
    controls: cashControls,
    counterparties,
  } = cashState;
  const { instruments, holdings, heldBy, locks: unitLocks, locked: unitLocked, admitted, splits } = assetsState;
  const { controls: unitControls } = assetsState;
  const { items, order, queues, accounts: queueAccounts, members: queueMembers, limits } = queueState;
  const { instructions, parties, progress, ofAccount, open } = settlementState;
  const suspendedMembers = new Set(
    ledger.entries('membership', 'members', members).flatMap(({ key: [bic], value }) => (value.suspended ? [bic] : [])),
  );
  const suspended = ledger
    .entries('membership', 'accounts', accounts)
    .flatMap(({ key: [account], value }) => (value.suspended || suspendedMembers.has(value.member) ? [account] : []));
  return {
    height: ledger.height,
    timestamp: ledger.timestamp,
    returned,
    /** Proposals to the members. */
    decisions: ledger.entries('governance', 'proposals', governanceState.proposals),
    /** Those who approved each. */
    approvals: new Map(
      ledger.entries('governance', 'approvals', governanceState.approvals).map(({ key: [id], value }) => [id, value]),
    ),
    pauseVotes: ledger.entries('governance', 'pauseVotes', governanceState.pauseVotes),
    /** Members, and accounts that are suspended or whose member is. */
    suspendedMembers,
    suspended: new Set<Address>(suspended),
    supply: ledger.entries('cash', 'supply', supply),
    days: ledger.entries('cash', 'days', days),
    balances: ledger.entries('cash', 'balances', balances),
    cashLocks: ledger.entries('cash', 'locks', cashLocks),
    cashLocked: ledger.entries('cash', 'locked', cashLocked),
    cashControls: ledger.entries('cash', 'controls', cashControls),
    counterparties: ledger.entries('cash', 'counterparties', counterparties),
    unitControls: ledger.entries('assets', 'controls', unitControls),
    instruments: ledger.entries('assets', 'instruments', instruments),
    holdings: ledger.entries('assets', 'holdings', holdings),
    heldBy: ledger.entries('assets', 'heldBy', heldBy),
    unitLocks: ledger.entries('assets', 'locks', unitLocks),
    unitLocked: ledger.entries('assets', 'locked', unitLocked),
    admitted: ledger.entries('assets', 'admitted', admitted),
    splits: ledger.entries('assets', 'splits', splits),
    subscriptions: ledger.entries('subscriptions', 'open', subscriptionsState.open),
    subscriptionsOf: ledger.entries('subscriptions', 'ofAccount', subscriptionsState.ofAccount),
    subscriptionsTo: ledger.entries('subscriptions', 'toInstrument', subscriptionsState.toInstrument),
    items: ledger.entries('queue', 'items', items),
    order: ledger.entries('queue', 'order', order),
    queues: ledger.entries('queue', 'queues', queues),
    queueAccounts: ledger.entries('queue', 'accounts', queueAccounts),
    queueMembers: ledger.entries('queue', 'members', queueMembers),
    limits: ledger.entries('queue', 'limits', limits),
    instructions: ledger.entries('settlement', 'instructions', instructions),
    parties: ledger.entries('settlement', 'parties', parties),
    progress: ledger.entries('settlement', 'progress', progress),
    ofAccount: ledger.entries('settlement', 'ofAccount', ofAccount),
    proposals: ledger.entries('orders', 'open', ordersState.open),
    openActions: ledger.entries('actions', 'open', actionsState.open),
    entitlements: ledger.entries('actions', 'entitlements', actionsState.entitlements),
    claims: ledger.entries('actions', 'claims', actionsState.claims),
    actionsOf: ledger.entries('actions', 'ofInstrument', actionsState.ofInstrument),
    actionCount: ledger.entries('actions', 'count', actionsState.count),
    records: ledger.entries('assets', 'records', assetsState.records),
    kept: ledger.entries('assets', 'kept', assetsState.kept),
    keyedLocks: ledger.entries('htlc', 'open', htlcState.open),
    keyedOf: ledger.entries('htlc', 'ofAccount', htlcState.ofAccount),
    keyedCount: ledger.entries('htlc', 'count', htlcState.count),
    cycles: ledger.entries('netting', 'cycles', nettingState.cycles),
    cycleParticipants: ledger.entries('netting', 'participants', nettingState.participants),
    netted: ledger.entries('netting', 'obligations', nettingState.obligations),
    owed: ledger.entries('netting', 'owed', nettingState.owed),
    cyclesOf: ledger.entries('netting', 'ofAccount', nettingState.ofAccount),
    cyclesOpen: ledger.entries('netting', 'open', nettingState.open),
    operators: ledger.entries('netting', 'operators', nettingState.operators),
    feeds: ledger.entries('prices', 'feeds', pricesState.feeds),
    prices: ledger.entries('prices', 'prices', pricesState.prices),
    proposedPrices: ledger.entries('prices', 'proposed', pricesState.proposed),
    eligible: ledger.entries('credit', 'eligible', creditState.eligible),
    lines: ledger.entries('credit', 'lines', creditState.lines),
    lineOf: ledger.entries('credit', 'lineOf', creditState.lineOf),
    lent: ledger.entries('credit', 'lent', creditState.lent),
    positions: ledger.entries('credit', 'positions', creditState.positions),
    loans: ledger.entries('credit', 'loans', creditState.loans),
    marginCalls: ledger.entries('credit', 'calls', creditState.calls),
    repoOffers: ledger.entries('repo', 'offers', repoState.offers),
    repoOpen: ledger.entries('repo', 'open', repoState.open),
    repoOf: ledger.entries('repo', 'ofAccount', repoState.ofAccount),
    repoCount: ledger.entries('repo', 'count', repoState.count),
    /** Repos that are closed, and whose buyers were suspended then. */
    uncollected: ledger.entries('repo', 'closed', repoState.closed).filter(({ value }) => value.isUncollected),
    velocities: ledger.entries('supervision', 'velocities', supervisionState.velocities),
    exposures: ledger.entries('supervision', 'exposures', supervisionState.exposures),
    offsets: ledger.entries('supervision', 'offsets', supervisionState.offsets),
    uses: ledger.entries('supervision', 'uses', supervisionState.uses),
    pilots: ledger.entries('pilots', 'pilots', pilotsState.pilots),
    pilotHolders: ledger.entries('pilots', 'holders', pilotsState.holders),
    entries: ledger.entries('screening', 'entries', screeningState.entries),
    entriesOf: ledger.entries('screening', 'ofMember', screeningState.ofMember),
    entryCounts: ledger.entries('screening', 'counts', screeningState.counts),
    openCount: ledger.entries('settlement', 'open', open),
  };
}

export type Snapshot = ReturnType<typeof takeSnapshot>;

/** Sums by name. */
export class Sums {
  readonly #sums = new Map<string, bigint>();

  add(key: string, amount: bigint): void {
    const sum = (this.#sums.get(key) ?? 0n) + amount;
    if (sum === 0n) this.#sums.delete(key);
    else this.#sums.set(key, sum);
  }

  get(key: string): bigint {
    return this.#sums.get(key) ?? 0n;
  }

  set(key: string, amount: bigint): void {
    this.add(key, amount - this.get(key));
  }

  entries(): Iterable<readonly [string, bigint]> {
    return this.#sums;
  }

  /** Names at which the two differ, with what each says. */
  differences(other: Sums): readonly string[] {
    const keys = new Set([...this.#sums.keys(), ...other.#sums.keys()]);
    return [...keys].flatMap((key) =>
      this.get(key) === other.get(key) ? [] : [`${key}: ${this.get(key)} and ${other.get(key)}`],
    );
  }
}

/** What each account owns of each currency and instrument, free and locked. */
export function wealthOf({ balances, cashLocks, holdings }: Snapshot): Sums {
  const wealth = new Sums();
  for (const { key, value } of balances) wealth.add(`${key[1]} cash ${key[0]}`, value);
  for (const { key, value } of cashLocks) wealth.add(`${value.debtor} cash ${key[0]}`, value.amount);
  for (const { key, value } of holdings) wealth.add(`${key[1]} units ${key[0]}`, value);
  return wealth;
}
