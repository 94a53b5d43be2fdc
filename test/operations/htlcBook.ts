import { createHash } from 'node:crypto';
import { addressOf, type Bookkeeper, type Data, type Event, eventsOf } from './events.js';
import type { Executed } from './ledger.js';
import { type Snapshot, Sums } from './snapshot.js';

/** What may become of a lock that a key or time opens, by what was said when it was made: each ends once, in one of three ways. */

interface Lock {
  readonly terms: Data;
  readonly isClaimed: boolean;
}

export class HtlcBook implements Bookkeeper {
  readonly #open = new Map<string, Lock>();
  readonly #used = new Set<string>();
  /** Given back by the members. */
  readonly #returned = new Set<string>();
  readonly #faults: string[] = [];

  note({ receipt }: Executed, timestamp: number): void {
    for (const event of eventsOf(receipt)) this.#noteEvent(event, timestamp);
  }

  differences({ keyedLocks }: Snapshot): readonly string[] {
    const [noted, kept] = [new Sums(), new Sums()];
    for (const [id, { isClaimed }] of this.#open) noted.add(`${id}, claimed: ${isClaimed}`, 1n);
    for (const { key, value } of keyedLocks) kept.add(`${key[0]}, claimed: ${value.claimKey !== undefined}`, 1n);
    return [...this.#faults.splice(0), ...noted.differences(kept).map((text) => `htlc, told and kept: ${text}`)];
  }

  #noteEvent({ name, data }: Event, timestamp: number): void {
    const id = String(data['id']);
    switch (name) {
      case 'htlc.Locked':
        this.#require(!this.#used.has(id), `the id ${id} is used again`);
        this.#used.add(id);
        this.#open.set(id, { terms: data, isClaimed: false });
        return;
      case 'htlc.Claimed':
        this.#claim(id, data, timestamp);
        return;
      case 'htlc.Paid':
        this.#end(id, ({ isClaimed }) => isClaimed, 'is paid without a key');
        return;
      case 'cash.LockReturned':
      case 'assets.LockReturned':
        if (data['contract'] === 'htlc') this.#returned.add(String(data['lock']));
        return;
      case 'htlc.Returned':
        this.#end(
          id,
          (lock) => this.#returned.has(id) && (lock.isClaimed || isReclaimable(lock, timestamp)),
          'is told to be given back that nobody gave back',
        );
        return;
      case 'htlc.Refunded':
        this.#end(id, (lock) => this.#isKey(lock, 'failureHash', data, timestamp), 'is refunded without its key');
        return;
      case 'htlc.Reclaimed':
        this.#end(id, (lock) => isReclaimable(lock, timestamp), 'is reclaimed that was claimed, or before its time');
        return;
      case 'cash.Released':
      case 'assets.Released':
        if (data['contract'] === 'htlc') this.#release(String(data['lock']), addressOf(data['creditor'] ?? data['to']));
        return;
    }
  }

  #claim(id: string, data: Data, timestamp: number): void {
    const lock = this.#open.get(id);
    const isDue = lock !== undefined && this.#isKey(lock, 'hash', data, timestamp);
    this.#require(isDue, `lock ${id} is claimed that is over, claimed, out of time or has another key`);
    if (lock !== undefined) this.#open.set(id, { ...lock, isClaimed: true });
  }

  #end(id: string, isDue: (lock: Lock) => boolean, fault: string): void {
    const lock = this.#open.get(id);
    this.#require(lock !== undefined && isDue(lock), `lock ${id} ${fault}`);
    this.#open.delete(id);
  }

  /** To the recipient once it is claimed, until then to the sender. */
  #release(id: string, to: string): void {
    const lock = this.#open.get(id);
    const due = addressOf(lock?.terms[lock.isClaimed ? 'recipient' : 'sender']);
    this.#require(to === due, `lock ${id} goes to ${to} instead of ${due}`);
  }

  /** The key of a hash, shown once and in time. */
  #isKey({ terms, isClaimed }: Lock, hash: 'hash' | 'failureHash', data: Data, timestamp: number): boolean {
    const deadline = deadlineOf(terms);
    const isInTime = deadline === undefined || timestamp < deadline;
    return !isClaimed && isInTime && digestOf(data['key']) === String(terms[hash]).toLowerCase();
  }

  #require(holds: boolean, fault: string): void {
    if (!holds) this.#faults.push(`htlc: ${fault}`);
  }
}

function isReclaimable({ terms, isClaimed }: Lock, timestamp: number): boolean {
  const deadline = deadlineOf(terms);
  return !isClaimed && deadline !== undefined && timestamp >= deadline;
}

function deadlineOf({ deadline }: Data): number | undefined {
  return deadline === undefined || deadline === null ? undefined : Number(deadline);
}

function digestOf(key: unknown): string {
  const bytes = Buffer.from(String(key).replace(/^0x/, ''), 'hex');
  return `0x${createHash('sha256').update(bytes).digest('hex')}`;
}
