import type { Hash } from '../../primitives/bytes.js';
import type { Address, DecodedTransaction, TimestampMs } from '../../primitives/types.js';
import { byteString } from '../storage/rowCodec.js';
import { RecentKeys } from './recentKeys.js';

export interface QuarantineLimits {
  /** Transactions that are remembered, and senders. */
  readonly maxKeys: number;
  /** Transactions of one sender after which all of the sender's are held. */
  readonly senderStrikes: number;
  /** For how long after its last one. */
  readonly senderMs: number;
}

interface Strikes {
  readonly count: number;
  readonly untilMs: TimestampMs;
}

/**
 * Transactions that broke the executor here, and senders of several such: this node proposes none of theirs. A client that
 * sends the same poison again and again under new references must not stop every node that tries it.
 */
export class Quarantine {
  private readonly ids: RecentKeys;
  private readonly senders = new Map<Address, Strikes>();
  private isEmpty = true;

  constructor(private readonly limits: QuarantineLimits) {
    this.ids = new RecentKeys(limits.maxKeys);
  }

  /** @param sender whose it is, where that is known */
  add(id: Hash, sender: Address | undefined, nowMs: TimestampMs): void {
    this.isEmpty = false;
    const key = byteString(id);
    if (this.ids.has(key)) return;
    this.ids.add(key);
    if (sender === undefined) return;
    const known = this.senders.get(sender);
    const count = known !== undefined && known.untilMs > nowMs ? known.count + 1 : 1;
    this.senders.delete(sender);
    this.senders.set(sender, { count, untilMs: nowMs + this.limits.senderMs });
    for (const oldest of this.senders.keys()) {
      if (this.senders.size <= this.limits.maxKeys) break;
      this.senders.delete(oldest);
    }
  }

  /** True without a look at any transaction. */
  get holdsNothing(): boolean {
    return this.isEmpty;
  }

  holds({ id, body }: DecodedTransaction, nowMs: TimestampMs): boolean {
    return !this.isEmpty && (this.ids.has(byteString(id)) || this.holdsSender(body.sender, nowMs));
  }

  holdsSender(sender: Address, nowMs: TimestampMs): boolean {
    const strikes = this.senders.get(sender);
    return strikes !== undefined && strikes.count >= this.limits.senderStrikes && strikes.untilMs > nowMs;
  }
}
