import type { Infer, Json } from '../../../contracts/api/schema.js';
import type { Rank } from '../../../contracts/gridlock/input.js';
import { payments, queue } from '../../../contracts/index.js';
import type { Address } from '../../../primitives/types.js';
import type { DrillPayment } from './replay.js';

/** A transaction of the day as a node tells of it. */
export interface DayTransaction {
  readonly id: string;
  readonly calls: readonly { readonly contract: string; readonly method: string; readonly args: Json }[];
  readonly results: readonly { readonly value: Json }[];
  readonly events: readonly { readonly contract: string; readonly name: string; readonly data: Json }[];
  /** Codes of the payments of its batches, in their order: empty where one settled. */
  readonly outcomes: readonly string[];
}

interface Row {
  readonly creditor: Address;
  readonly amount: bigint;
  readonly priority?: Rank | undefined;
}

type SubmitBatchResult = Infer<NonNullable<typeof queue.methods.submitBatch.returns>>;

/** What became of one payment of a transaction. */
interface Fate {
  readonly isSettled: boolean;
  /** Under which it waited. */
  readonly queueId?: number | undefined;
}

/**
 * Collects the payments of a currency from a day's transactions, in their order: those of `payments` and of the queue. What banks'
 * own contracts have paid inside a call is none of them.
 */
export class DayPayments {
  readonly #found: (Omit<DrillPayment, 'isSettled'> & Fate)[] = [];
  /** What has left the queue: settled by a run, or not to be paid any more. */
  readonly #settled = new Set<number>();
  readonly #gone = new Set<number>();

  constructor(private readonly currency: string) {}

  add({ id, calls, results, events, outcomes }: DayTransaction): void {
    const codes = [...outcomes];
    calls.forEach((call, at) => {
      const value = results[at]?.value ?? null;
      if (call.contract === 'payments') this.#addPayments(`${id}.${at}`, call, codes);
      if (call.contract === 'queue') this.#addQueued(`${id}.${at}`, call, value, codes);
    });
    for (const { contract, name, data } of events) if (contract === 'queue') this.#note(name, data);
  }

  /** In the order of their submission; those that were refused, cancelled or dropped are not among them. */
  all(): readonly DrillPayment[] {
    return this.#found.flatMap(({ queueId, isSettled, ...payment }) => {
      if (queueId === undefined) return isSettled ? [{ ...payment, isSettled }] : [];
      if (this.#gone.has(queueId)) return [];
      return [{ ...payment, isSettled: this.#settled.has(queueId) }];
    });
  }

  #addPayments(id: string, { method, args }: DayTransaction['calls'][number], codes: string[]): void {
    if (method === 'pay') {
      const a = payments.methods.pay.args.parseJson(args);
      this.#push(id, a, [[a, { isSettled: true }]]);
    }
    if (method === 'payBatch') {
      const a = payments.methods.payBatch.args.parseJson(args);
      const own = codes.splice(0, a.payments.length);
      this.#push(
        id,
        a,
        a.payments.map((row, index) => [row, { isSettled: own[index] === '' }]),
      );
    }
  }

  #addQueued(id: string, { method, args }: DayTransaction['calls'][number], value: Json, codes: string[]): void {
    if (method === 'submit') {
      const a = queue.methods.submit.args.parseJson(args);
      const result = queue.methods.submit.returns?.parseJson(value);
      this.#push(id, a, [[a, { isSettled: result?.status === 'settled', queueId: result?.id }]]);
    }
    if (method === 'submitBatch') {
      const a = queue.methods.submitBatch.args.parseJson(args);
      const result: SubmitBatchResult | undefined = queue.methods.submitBatch.returns?.parseJson(value);
      codes.splice(0, a.payments.length);
      const fates = a.payments.map((row, index): readonly [Row, Fate] => {
        const outcome = result?.outcomes[index];
        return [row, { isSettled: outcome?.status === 'settled', queueId: outcome?.id }];
      });
      this.#push(id, a, fates);
    }
  }

  #push(
    id: string,
    { debtor, currency }: { readonly debtor: Address; readonly currency: string },
    rows: readonly (readonly [Row, Fate])[],
  ): void {
    if (currency !== this.currency) return;
    rows.forEach(([{ creditor, amount, priority = 'normal' }, fate], index) => {
      this.#found.push({ id: `${id}.${index}`, debtor, creditor, amount, rank: priority, ...fate });
    });
  }

  #note(name: string, data: Json): void {
    const { currency, id, settled } = data as {
      readonly currency?: string;
      readonly id?: number;
      readonly settled?: readonly number[];
    };
    if (currency !== this.currency) return;
    if (name === 'Resolved') for (const each of settled ?? []) this.#settled.add(each);
    if ((name === 'Cancelled' || name === 'Dropped') && id !== undefined) this.#gone.add(id);
  }
}
