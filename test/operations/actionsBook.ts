import type { Address } from '../../primitives/types.js';
import { addressOf, amountOf, type Bookkeeper, type Data, type Event, eventsOf } from './events.js';
import type { Executed } from './ledger.js';
import type { Movement } from './movement.js';
import type { Snapshot } from './snapshot.js';

/**
 * What holders are to have of each corporate action, by what they held in the state at the end of its record block: worked out by other
 * code, and compared with what is paid, account by account.
 */

interface Action {
  readonly terms: Data;
  readonly nominal: bigint;
  /** Holdings at the end of the record block; none before it. */
  holdings: ReadonlyMap<Address, bigint> | undefined;
  rate: bigint | undefined;
  isComputed: boolean;
  declared: bigint;
  /** Accounts that were paid, or whose claim was told. */
  readonly told: Map<Address, bigint>;
  /** Units of a whole have secured a claim since the record; set once all holders of it were looked at. */
  isSecured: boolean;
  isWaiting: boolean;
  isCancelled: boolean;
  readonly paid: Set<Address>;
  sum: bigint;
}

const BILLION = 1_000_000_000n;
const PRESCRIPTION_MS = 3 * 366 * 86_400_000;
/** They deliver units that are being redeemed, out of locks that they had before. */
const DELIVERING = ['credit', 'repo', 'htlc'];
/** 30E/360 from 5 January to 5 July. */
const [HALF, YEAR] = [180n, 360n];

export class ActionsBook implements Bookkeeper {
  readonly #open = new Map<string, Action>();
  readonly #used = new Set<string>();
  readonly #faults: string[] = [];
  readonly #nominals = new Map<string, bigint>();
  /** Instrument and number of each record that redeems, whose block was over before this one began. */
  #redeemed = new Set<string>();
  /** Instruments of which one that delivers has locked units in this block. */
  readonly #locked = new Set<string>();

  note({ receipt }: Executed, timestamp: number): void {
    for (const event of eventsOf(receipt)) {
      this.#noteEvent(event, timestamp);
      const isDelivering = event.name === 'assets.Locked' && DELIVERING.includes(String(event.data['contract']));
      if (isDelivering) this.#locked.add(String(event.data['instrument']));
    }
  }

  /** Takes holdings where a record's block has just ended. */
  differences(snapshot: Snapshot): readonly string[] {
    const { height, holdings, instruments } = snapshot;
    this.#noteRedeemed(snapshot);
    this.#noteSecured(snapshot);
    for (const { key, value } of instruments) this.#nominals.set(key[0], value.nominal);
    for (const action of this.#open.values()) {
      if (action.holdings !== undefined || Number(action.terms['recordHeight']) > height) continue;
      const rows = holdings.filter(({ key }) => key[0] === action.terms['instrument']);
      action.holdings = new Map(rows.map(({ key, value }) => [key[1], value]));
    }
    return this.#faults.splice(0);
  }

  /** A record that is under way before a block and after it was so for each lock that was made in between. */
  #noteRedeemed({ height, records }: Snapshot): void {
    const redeemed = new Set<string>();
    for (const { key, value } of records) {
      for (const { record, height: of, redeems } of value) {
        if (redeems === undefined || of > height) continue;
        const name = `${key[0]} ${record} ${of}`;
        redeemed.add(name);
        const isHeld = this.#redeemed.has(name) && this.#locked.has(key[0]);
        this.#require(!isHeld, `${key[0]} is locked anew while it is redeemed`);
      }
    }
    this.#redeemed = redeemed;
    this.#locked.clear();
  }

  #noteSecured({ height, openActions, unitLocks }: Snapshot): void {
    const secured = new Set(unitLocks.flatMap(({ key }) => (['credit', 'repo'].includes(key[1]) ? [key[0]] : [])));
    for (const { key, value } of openActions) {
      const action = this.#open.get(key[0]);
      const { redemption, recordHeight, instrument, stage } = value;
      if (action === undefined || redemption === undefined || redemption.part < redemption.whole) continue;
      if (height >= recordHeight && secured.has(instrument)) action.isSecured = true;
      action.isWaiting = action.isSecured && stage === 'claiming';
    }
  }

  #noteEvent({ name, data }: Event, timestamp: number): void {
    if (!name.startsWith('actions.')) return;
    const id = String(data['id']);
    if (name === 'actions.Declared') {
      this.#declare(id, data);
      return;
    }
    const action = this.#open.get(id);
    if (action === undefined) {
      this.#faults.push(`actions: ${name} of ${id}, which is not open`);
      return;
    }
    switch (name) {
      case 'actions.Funded':
        action.declared = amountOf(data['declared']);
        return;
      case 'actions.Fixed':
        // Until anything is worked out publisher and issuer together put a wrong one right.
        this.#require(action.rate === undefined || !action.isComputed, `${id} has two rates`);
        action.rate = amountOf(data['rate']);
        return;
      case 'actions.Computed':
        action.isComputed = true;
        return;
      case 'actions.Paid':
        for (const row of data['payments'] as readonly Data[]) this.#pay(id, action, row, true);
        return;
      case 'actions.Refused':
        for (const row of data['claims'] as readonly Data[]) this.#pay(id, action, row, false);
        return;
      case 'actions.Claimed':
        this.#claim(id, action, data);
        return;
      case 'actions.Cancelled':
        action.isCancelled = true;
        return;
      case 'actions.Closed':
        this.#requireTimely(id, action, data, timestamp);
        this.#close(id, action, data);
        return;
    }
  }

  #declare(id: string, terms: Data): void {
    this.#require(!this.#used.has(id), `the id ${id} is used again`);
    this.#used.add(id);
    const nominal = this.#nominals.get(String(terms['instrument'])) ?? 0n;
    const none = { isComputed: false, isSecured: false, isWaiting: false, isCancelled: false };
    const book = { holdings: undefined, rate: undefined, told: new Map(), paid: new Set<Address>(), sum: 0n, ...none };
    this.#open.set(id, { terms, nominal, declared: amountOf(terms['declared']), ...book });
  }

  #pay(id: string, action: Action, { account: json, amount }: Data, isPaid: boolean): void {
    const account = addressOf(json);
    this.#require(!action.told.has(account), `${account} is told twice of ${id}`);
    action.told.set(account, amountOf(amount));
    if (isPaid) this.#settle(id, action, account, amountOf(amount));
    if (action.terms['redemption'] !== null && action.terms['redemption'] !== undefined) return;
    const due = dueOf(action, account);
    this.#require(due === amountOf(amount), `${account} has ${amount} of ${id} instead of ${due}`);
  }

  #settle(id: string, action: Action, account: Address, amount: bigint): void {
    this.#require(!action.paid.has(account), `${account} is paid twice of ${id}`);
    action.paid.add(account);
    action.sum += amount;
  }

  #claim(id: string, action: Action, data: Data): void {
    const account = addressOf(data['account']);
    // Of a redemption of all units whoever holds them claims, and in parts.
    const { part, whole } = (action.terms['redemption'] ?? {}) as Data;
    if (part !== undefined && part === whole) {
      action.sum += amountOf(data['amount']);
      return;
    }
    const [told, amount] = [action.told.get(account) ?? 0n, amountOf(data['amount'])];
    if (part === undefined) {
      this.#require(told === amount, `${account} claims of ${id} what it was not told`);
      this.#settle(id, action, account, amount);
      return;
    }
    // Of a part it claims what it has available, and the rest later.
    this.#require(amount > 0n && amount <= told && !action.paid.has(account), `${account} claims too much of ${id}`);
    action.told.set(account, told - amount);
    action.sum += amount;
  }

  /** What waits for units that secured a claim lapses years after the deadline, anything else at it or after. */
  #requireTimely(id: string, { terms, isWaiting, isCancelled }: Action, data: Data, timestamp: number): void {
    if (data['status'] !== 'lapsed' || isCancelled) return;
    const end = Number(terms['deadline']) + (isWaiting ? PRESCRIPTION_MS : 0);
    this.#require(timestamp >= end, `${id} lapses at ${timestamp}, before ${end}`);
  }

  #close(id: string, action: Action, data: Data): void {
    this.#open.delete(id);
    const [paid, residual] = [amountOf(data['paid']), amountOf(data['residual'])];
    this.#require(paid === action.sum, `${id} tells of ${paid} paid, and has paid ${action.sum}`);
    if (data['status'] === 'returned') return;
    const { declared } = action;
    this.#require(paid + residual === declared, `${id}: ${paid} paid and ${residual} back are not ${declared}`);
    if (data['status'] !== 'paid' || isRedemption(action)) return;
    const due = [...(action.holdings ?? new Map()).keys()].reduce((sum, each) => sum + (dueOf(action, each) ?? 0n), 0n);
    this.#require(due === paid, `${id} is over with ${paid} paid of ${due} that are due`);
  }

  #require(holds: boolean, fault: string): void {
    if (!holds) this.#faults.push(`actions: ${fault}`);
  }
}

function isRedemption({ terms }: Action): boolean {
  return terms['redemption'] !== null && terms['redemption'] !== undefined;
}

/** Units at the record × what one of them earns, rounded down. */
function dueOf({ terms, nominal, holdings, rate }: Action, account: Address): bigint | undefined {
  const units = holdings?.get(account) ?? 0n;
  const distribution = terms['distribution'] as Data | null | undefined;
  if (distribution !== null && distribution !== undefined) return (units * amountOf(distribution['perUnit'])) / BILLION;
  const coupon = terms['coupon'] as Data | null | undefined;
  const percent = coupon === null || coupon === undefined ? rate : amountOf(coupon['rate']);
  return percent === undefined ? undefined : (units * nominal * percent * HALF) / (BILLION * YEAR);
}

/** What an event of a payment moves, for the books of all money. */
export class ActionPayments {
  readonly #terms = new Map<string, Data>();

  note(name: string, data: Data): readonly Movement[] {
    const id = String(data['id']);
    if (name === 'actions.Declared') this.#terms.set(id, data);
    const terms = this.#terms.get(id);
    if (terms === undefined) return [];
    const move = (row: Data): Movement => ({
      ...{ asset: `cash ${terms['currency']}`, from: addressOf(terms['issuer']), to: addressOf(row['account']) },
      amount: amountOf(row['amount']),
    });
    if (name === 'actions.Paid') return (data['payments'] as readonly Data[]).map(move);
    return name === 'actions.Claimed' ? [move(data)] : [];
  }
}
