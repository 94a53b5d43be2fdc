import { standardContract } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { BoundAccount } from './boundAccount.js';
import { addressOf, amountOf, type Bookkeeper, type Data, type Event, eventsOf, optionalAmount } from './events.js';
import { type Executed, isDescribed } from './ledger.js';
import type { Snapshot } from './snapshot.js';

/** What accounts authorise on a business day, counted by what transactions tell, against the limits that they have set themselves. */
export class AuthorisationBook implements Bookkeeper {
  /** Currency, account. */
  readonly #accounts = new Map<string, BoundAccount>();
  /** Netting cycle → its currency. */
  readonly #cycles = new Map<string, unknown>();
  readonly #faults: string[] = [];

  note(executed: Executed): void {
    const { order, receipt } = executed;
    if (!receipt.success) return;
    const batches = batchesOf(executed);
    const inBatch = new Set(batches.flatMap(({ debtor, rows }) => rows.map((row) => `${debtor} ${row['reference']}`)));
    for (const event of eventsOf(receipt)) {
      const { name, data } = event;
      if (name === 'payments.BatchPaid' || name === 'queue.BatchSubmitted') {
        for (const row of batches.shift()?.rows ?? [])
          this.#authorise(data['debtor'], { ...data, ...row }, order.signers);
      } else if (name !== 'queue.Queued' || !inBatch.has(`${addressOf(data['debtor'])} ${data['reference']}`)) {
        this.#noteEvent(event, order.signers);
      }
    }
  }

  /** What is in force by what accounts said, and by the state. */
  differences({ cashControls, days }: Snapshot): readonly string[] {
    const newest = new Map(days.map(({ key, value }) => [key[0], value.day ?? 0]));
    const rows = new Map(cashControls.map(({ key, value }) => [key.join(' '), value.limits]));
    const found = [...this.#accounts].flatMap(([name, account]) => {
      const kept = rows.get(name);
      const isOver = kept?.next !== undefined && (newest.get(name.slice(0, 3)) ?? 0) > (kept.changedOn ?? 0);
      const { perPayment, perDay } = (isOver ? kept.next : kept) ?? {};
      const isSame = perPayment === account.perPayment.inForce && perDay === account.perDay.inForce;
      return isSame ? [] : [`limits of ${name}: ${account.describe()}, and kept ${perPayment} and ${perDay}`];
    });
    return [...this.#faults.splice(0), ...found];
  }

  #noteEvent({ name, data }: Event, signers: readonly Address[]): void {
    switch (name) {
      case 'cash.Transferred':
      case 'payments.Paid':
      case 'queue.Settled':
      case 'queue.Queued':
        this.#authorise(data['debtor'], data, signers);
        return;
      case 'cash.Locked':
        // What the queue and netting cycles set aside is counted as it is submitted.
        if (data['contract'] === 'queue' || data['contract'] === 'netting') return;
        this.#authorise(data['debtor'], { currency: data['currency'], amount: data['amount'] }, signers);
        return;
      case 'cash.PaidIn': {
        const isOwn = addressOf(data['debtor']) === addressOf(data['creditor']);
        this.#authorise(data['debtor'], isOwn ? { currency: data['currency'], amount: data['amount'] } : data, signers);
        return;
      }
      case 'netting.Submitted':
        for (const each of data['obligations'] as readonly Data[]) {
          this.#authorise(data['debtor'], { ...each, currency: this.#cycles.get(String(data['id'])) }, signers);
        }
        return;
      case 'netting.Opened':
        this.#cycles.set(String(data['id']), data['currency']);
        return;
      case 'cash.LimitsSet':
        this.#account(data['currency'], data['account']).want({
          perPayment: optionalAmount(data['perPayment']),
          perDay: optionalAmount(data['perDay']),
          keys: (data['keys'] as readonly Data[]).map(({ key, amount }) => [addressOf(key), amountOf(amount)]),
        });
        return;
      case 'cash.CounterpartyLimitSet':
        this.#account(data['currency'], data['account']).wantTowards(
          addressOf(data['creditor']),
          optionalAmount(data['amount']),
        );
        return;
      case 'cash.LimitsCleared':
        this.#accounts.delete(`${data['currency']} ${addressOf(data['account'])}`);
        return;
      case 'cash.BusinessDayOpened':
        for (const [key, account] of this.#accounts) if (key.startsWith(`${data['currency']} `)) account.beginDay();
        return;
    }
  }

  #authorise(debtor: unknown, { currency, creditor, amount }: Data, signers: readonly Address[]): void {
    const name = `${currency} ${addressOf(debtor)}`;
    const towards = creditor === undefined ? undefined : addressOf(creditor);
    const faults = this.#accounts.get(name)?.authorise(amountOf(amount), towards, signers) ?? [];
    this.#faults.push(...faults.map((fault) => `${name} authorises ${amount}: ${fault}`));
  }

  #account(currency: unknown, json: unknown): BoundAccount {
    const account = addressOf(json);
    const name = `${currency} ${account}`;
    const found = this.#accounts.get(name) ?? new BoundAccount(account);
    this.#accounts.set(name, found);
    return found;
  }
}

/** What was taken of each batch of a transaction, whether it settled or waits. */
export function batchesOf({
  order,
  outcomes,
}: Executed): { readonly debtor: Address; readonly rows: readonly Data[] }[] {
  let place = 0;
  return order.calls.flatMap(({ contract, method, args }) => {
    if (!isDescribed(contract) || (method !== 'payBatch' && method !== 'submitBatch')) return [];
    const json = standardContract(contract).codec.decodeArgs(method, args) as Data;
    const rows = (json['payments'] as readonly Data[]).filter(() => {
      const code = outcomes[place++]?.code;
      return code === '' || code === 'QUEUED';
    });
    return [{ debtor: addressOf(json['debtor']), rows }];
  });
}
