import type { Hash } from '../../primitives/bytes.js';
import { toHex } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { Address, DecodedTransaction, TimestampMs } from '../../primitives/types.js';
import { ExpiryIndex } from './expiryIndex.js';
import { MemberQueue } from './memberQueue.js';
import type { PendingEntry } from './pendingEntry.js';

/**
 * What waits, found by id, by leaf and by (sender, reference), each at most once, and offered member by member in turn.
 * It holds what it is given: limits and rules are looked at before.
 */
export class PendingPool {
  private readonly byId = new Map<string, PendingEntry>();
  private readonly byLeaf = new Map<string, PendingEntry>();
  private readonly byReference = new Map<string, PendingEntry>();
  private readonly queues = new Map<string, MemberQueue>();
  private readonly expiry = new ExpiryIndex();
  private readonly held = new Map<string, TimestampMs>();
  private bytes = 0;

  add(entry: PendingEntry): void {
    const isNew = !this.byId.has(entry.idKey) && !this.byReference.has(entry.referenceKey);
    invariant(isNew, 'an id and a reference wait once');
    this.byId.set(entry.idKey, entry);
    this.byLeaf.set(entry.leafKey, entry);
    this.byReference.set(entry.referenceKey, entry);
    this.expiry.add(entry);
    this.queueOf(entry.member).push(entry);
    this.bytes += entry.transaction.bytes.length;
  }

  delete(entry: PendingEntry): void {
    if (!this.byId.delete(entry.idKey)) return;
    this.byLeaf.delete(entry.leafKey);
    this.byReference.delete(entry.referenceKey);
    this.expiry.delete(entry);
    this.bytes -= entry.transaction.bytes.length;
    const queue = this.queueOf(entry.member);
    queue.delete(entry);
    if (queue.size === 0) this.queues.delete(entry.member);
  }

  withId(id: Hash): PendingEntry | undefined {
    return this.byId.get(toHex(id));
  }

  /** A look at everything that waits: for what hardly ever happens. */
  ofSender(sender: Address): readonly PendingEntry[] {
    return [...this.byId.values()].filter(({ transaction }) => transaction.body.sender === sender);
  }

  withLeaf(leafKey: string): PendingEntry | undefined {
    return this.byLeaf.get(leafKey);
  }

  withReference(referenceKey: string): PendingEntry | undefined {
    return this.byReference.get(referenceKey);
  }

  expiredBefore(timeMs: TimestampMs): readonly PendingEntry[] {
    return this.expiry.expiredBefore(timeMs);
  }

  /** Offers nothing of a member before this time: its quota is used up until then. */
  hold(member: string, untilMs: TimestampMs): void {
    this.held.set(member, untilMs);
  }

  /** True when something waits that may be offered at this time. */
  hasOffer(nowMs: TimestampMs): boolean {
    for (const member of this.queues.keys()) if (!this.isHeld(member, nowMs)) return true;
    return false;
  }

  /**
   * Members take turns, each with its oldest; who was offered first comes last the next time. Looks at no more than it
   * returns, and one for each member. The first is offered whatever its size, so that none is too large for ever.
   */
  candidates(maxCount: number, maxBytes: number, nowMs: TimestampMs): readonly DecodedTransaction[] {
    const offered: DecodedTransaction[] = [];
    let turn = this.turns(nowMs);
    let room = maxBytes;
    while (turn.length > 0 && offered.length < maxCount) {
      const next: Iterator<PendingEntry>[] = [];
      for (const entries of turn) {
        if (offered.length === maxCount) break;
        const { value, done } = entries.next();
        if (done === true || (value.transaction.bytes.length > room && offered.length > 0)) continue;
        room -= value.transaction.bytes.length;
        offered.push(value.transaction);
        next.push(entries);
      }
      turn = next;
    }
    return offered;
  }

  get memberQueues(): ReadonlyMap<string, MemberQueue> {
    return this.queues;
  }

  get size(): number {
    return this.byId.size;
  }

  /** Bytes of the transactions themselves. */
  get sizeBytes(): number {
    return this.bytes;
  }

  private isHeld(member: string, nowMs: TimestampMs): boolean {
    return nowMs < (this.held.get(member) ?? nowMs);
  }

  private queueOf(member: string): MemberQueue {
    const known = this.queues.get(member);
    if (known !== undefined) return known;
    const queue = new MemberQueue();
    this.queues.set(member, queue);
    return queue;
  }

  /** The members' queues in their order of this time; the first moves to the end for the next. */
  private turns(nowMs: TimestampMs): Iterator<PendingEntry>[] {
    const turns: Iterator<PendingEntry>[] = [];
    for (const [member, queue] of this.queues) {
      if (!this.isHeld(member, nowMs)) turns.push(queue[Symbol.iterator]());
    }
    const [first] = this.queues;
    if (first !== undefined) {
      this.queues.delete(first[0]);
      this.queues.set(first[0], first[1]);
    }
    return turns;
  }
}
