import type { Address } from '../../primitives/types.js';
import { batchesOf } from './authorisations.js';
import { partyOf } from './cast.js';
import { addressOf, amountOf, type Bookkeeper, type Data, type Event, eventsOf, optionalAmount } from './events.js';
import type { Executed } from './ledger.js';

/** What accounts authorise against the rules of authorities, kept payment by payment with its time, and by no parts of a window. */

interface Rule {
  readonly windowMs: number;
  readonly maxCount: bigint | undefined;
  readonly maxSum: bigint | undefined;
}

interface Authorised {
  readonly at: number;
  readonly amount: bigint;
}

interface Bound {
  readonly limit: bigint;
  sent: bigint;
}

export class SupervisionBook implements Bookkeeper {
  readonly #rules = new Map<string, Rule>();
  /** Since there is a rule. */
  readonly #authorised = new Map<string, Authorised[]>();
  /** Currency, account, counterparty: those that nothing lessens. */
  readonly #exposures = new Map<string, Bound>();
  /** Netting cycle → its currency. */
  readonly #cycles = new Map<string, unknown>();
  readonly #faults: string[] = [];

  note(executed: Executed, timestamp: number): void {
    const { receipt } = executed;
    if (!receipt.success) return;
    const batches = batchesOf(executed);
    const inBatch = new Set(batches.flatMap(({ debtor, rows }) => rows.map((row) => `${debtor} ${row['reference']}`)));
    for (const event of eventsOf(receipt)) {
      const { name, data } = event;
      if (name === 'payments.BatchPaid' || name === 'queue.BatchSubmitted') {
        for (const row of batches.shift()?.rows ?? []) this.#pay(data, { ...data, ...row }, timestamp);
      } else if (name !== 'queue.Queued' || !inBatch.has(`${addressOf(data['debtor'])} ${data['reference']}`)) {
        this.#noteEvent(event, timestamp);
      }
    }
  }

  differences(): readonly string[] {
    return this.#faults.splice(0);
  }

  #noteEvent({ name, data }: Event, timestamp: number): void {
    const name_ = `${data['currency']} ${addressOf(data['account'])}`;
    switch (name) {
      case 'supervision.VelocitySet': {
        const windowMs = Number(data['windowMs']);
        const maxCount =
          data['maxCount'] === undefined || data['maxCount'] === null ? undefined : BigInt(String(data['maxCount']));
        if (this.#rules.get(name_)?.windowMs !== windowMs) this.#authorised.set(name_, []);
        this.#rules.set(name_, { windowMs, maxCount, maxSum: optionalAmount(data['maxSum']) });
        return;
      }
      case 'supervision.VelocityEnded':
        this.#rules.delete(name_);
        this.#authorised.delete(name_);
        return;
      case 'supervision.ExposureSet': {
        const key = `${name_} ${data['counterparty']}`;
        const isPlain = (data['offsetting'] as readonly unknown[]).length === 0;
        const sent = this.#exposures.get(key)?.sent ?? 0n;
        if (isPlain) this.#exposures.set(key, { limit: amountOf(data['limit']), sent });
        else this.#exposures.delete(key);
        return;
      }
      case 'supervision.ExposureEnded':
        this.#exposures.delete(`${name_} ${data['counterparty']}`);
        return;
      case 'cash.BusinessDayOpened':
        for (const [key, bound] of this.#exposures) if (key.startsWith(`${data['currency']} `)) bound.sent = 0n;
        return;
      case 'cash.Transferred':
      case 'payments.Paid':
      case 'queue.Settled':
      case 'queue.Queued':
        this.#pay(data, data, timestamp);
        return;
      case 'cash.Locked':
        // What the queue and netting cycles set aside is counted as it is submitted.
        if (data['contract'] !== 'queue' && data['contract'] !== 'netting') this.#authorise(data, timestamp);
        return;
      case 'cash.Released':
        if (data['contract'] !== 'netting') this.#send(data);
        return;
      case 'netting.Opened':
        this.#cycles.set(String(data['id']), data['currency']);
        return;
      case 'netting.Submitted': {
        const header = { debtor: data['debtor'], currency: this.#cycles.get(String(data['id'])) };
        for (const each of data['obligations'] as readonly Data[]) this.#pay(header, each, timestamp);
        return;
      }
    }
  }

  #pay(header: Data, row: Data, timestamp: number): void {
    const payment = {
      currency: header['currency'],
      debtor: header['debtor'],
      creditor: row['creditor'],
      amount: row['amount'],
    };
    this.#authorise(payment, timestamp);
    this.#send(payment);
  }

  #authorise({ currency, debtor, amount }: Data, at: number): void {
    const name = `${currency} ${addressOf(debtor)}`;
    const rule = this.#rules.get(name);
    if (rule === undefined) return;
    const all = [...(this.#authorised.get(name) ?? []), { at, amount: amountOf(amount) }];
    const within = all.filter((each) => each.at > at - rule.windowMs);
    this.#authorised.set(name, within);
    const sum = within.reduce((total, each) => total + each.amount, 0n);
    const isBeyond =
      (rule.maxCount !== undefined && BigInt(within.length) > rule.maxCount) ||
      (rule.maxSum !== undefined && sum > rule.maxSum);
    if (isBeyond) this.#faults.push(`${name} authorises ${within.length} payments of ${sum} within its window`);
  }

  #send({ currency, debtor, creditor, amount }: Data): void {
    const member = partyOf(addressOf(creditor) as Address)?.member;
    const key = `${currency} ${addressOf(debtor)} ${member}`;
    const bound = this.#exposures.get(key);
    if (bound === undefined || addressOf(debtor) === addressOf(creditor)) return;
    bound.sent += amountOf(amount);
    if (bound.sent > bound.limit)
      this.#faults.push(`${key}: ${bound.sent} sent on the day, where ${bound.limit} may be`);
  }
}
