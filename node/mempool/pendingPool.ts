import type { Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { Address, DecodedTransaction, TimestampMs, TransactionPriority } from '../../primitives/types.js';
import { type Attempt, type BlockRoom, fillFairly } from '../execution/fairOrder.js';
import type { MemberLead } from '../execution/types.js';
import { byteString } from '../storage/rowCodec.js';
import { ExpiryIndex } from './expiryIndex.js';
import { MemberQueue } from './memberQueue.js';
import type { PendingEntry } from './pendingEntry.js';
import { type BlockUse, ServedShares } from './servedShares.js';

/** What the next block may hold, as far as it is known before anything is executed. */
export interface OfferBounds {
  readonly maxCount: number;
  readonly maxBytes: number;
  /** Above 0: how large a part it is of what the network lets a block have. */
  readonly blockPart: number;
  readonly urgentBlockPercent: number;
}

/** What is offered for a block, and what its members had of earlier ones. */
export interface Offer {
  readonly transactions: readonly DecodedTransaction[];
  readonly leads: readonly MemberLead[];
  /** Bound that left some waiting, where one did. */
  readonly limit: 'bytes' | 'transactions' | undefined;
}

/**
 * What waits, found by id, by leaf and by (sender, reference), each at most once, and offered in fair shares.
 * It holds what it is given: limits and rules are looked at before.
 */
export class PendingPool {
  private readonly byId = new Map<string, PendingEntry>();
  private readonly byLeaf = new Map<string, PendingEntry>();
  private readonly byReference = new Map<string, PendingEntry>();
  private readonly queues = new Map<string, MemberQueue>();
  private readonly expiry = new ExpiryIndex();
  private readonly held = new Map<string, TimestampMs>();
  private readonly heldUrgent = new Map<string, TimestampMs>();
  private readonly served = new ServedShares();
  private bytes = 0;
  private kept = 0;

  add(entry: PendingEntry): void {
    const isNew = !this.byId.has(entry.idKey) && !this.byReference.has(entry.referenceKey);
    invariant(isNew, 'an id and a reference wait once');
    this.byId.set(entry.idKey, entry);
    this.byLeaf.set(entry.leafKey, entry);
    this.byReference.set(entry.referenceKey, entry);
    this.expiry.add(entry);
    this.queueOf(entry.member).push(entry);
    this.bytes += entry.transaction.bytes.length;
    this.kept += entry.sizeBytes;
  }

  delete(entry: PendingEntry): void {
    if (!this.byId.delete(entry.idKey)) return;
    this.byLeaf.delete(entry.leafKey);
    this.byReference.delete(entry.referenceKey);
    this.expiry.delete(entry);
    this.bytes -= entry.transaction.bytes.length;
    this.kept -= entry.sizeBytes;
    const queue = this.queues.get(entry.member);
    queue?.delete(entry);
    if (queue?.size === 0) this.queues.delete(entry.member);
  }

  withId(id: Hash): PendingEntry | undefined {
    return this.byId.get(byteString(id));
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

  /** The same for what is urgent of it. */
  holdUrgent(member: string, untilMs: TimestampMs): void {
    this.heldUrgent.set(member, untilMs);
  }

  /** True when something waits that may be offered at this time. */
  hasOffer(nowMs: TimestampMs): boolean {
    for (const [member, queue] of this.queues) if (this.isOffered(member, queue, nowMs)) return true;
    return false;
  }

  /** A block holds these; those that it held are deleted already. */
  onBlock(uses: readonly BlockUse[], room: BlockRoom, nowMs: TimestampMs): void {
    const waiting = [...this.queues].filter(([member, queue]) => this.isOffered(member, queue, nowMs));
    this.served.onBlock(
      uses,
      room,
      waiting.map(([member]) => member),
    );
  }

  /**
   * Members take turns by what each has so far, whoever had least of the blocks before first; among equals, who was offered
   * first comes last the next time. The first is offered whatever its size, so that none is too large for ever.
   */
  offer(bounds: OfferBounds, nowMs: TimestampMs): Offer {
    const { maxCount, maxBytes, urgentBlockPercent } = bounds;
    const members = this.membersInTurn(nowMs);
    const leads = this.leads(members, bounds);
    const transactions: DecodedTransaction[] = [];
    let left = maxBytes;
    let limit: Offer['limit'];
    const attempt = ({ transaction }: PendingEntry): Attempt => {
      const bytes = transaction.bytes.length;
      if (transactions.length === maxCount) limit ??= 'transactions';
      if (transactions.length === maxCount) return 'blockEnds';
      if (bytes > left && transactions.length > 0) {
        limit ??= 'bytes';
        return 'listEnds';
      }
      left -= bytes;
      transactions.push(transaction);
      return { fuel: 0, bytes, transactions: 1 };
    };
    const waiting = members.map(([member, queue], index) => ({
      urgent: this.isHeldUrgent(member, nowMs) ? [] : queue.of('urgent'),
      normal: queue.of('normal'),
      lead: leads[index]?.lead ?? 0,
    }));
    const room = { fuel: Number.POSITIVE_INFINITY, bytes: maxBytes, transactions: maxCount };
    const sizeBytes = ({ transaction }: PendingEntry): number => transaction.bytes.length;
    fillFairly(waiting, { room, urgentBlockPercent, sizeBytes, attempt });
    return { transactions, leads: leads.filter(({ lead }) => lead > 0), limit };
  }

  /** How many wait, and since when the oldest of them does. */
  depth(priority: TransactionPriority): { readonly count: number; readonly oldestMs: TimestampMs | undefined } {
    let count = 0;
    let oldestMs: TimestampMs | undefined;
    for (const queue of this.queues.values()) {
      const entries = queue.of(priority);
      count += entries.size;
      const [first] = entries;
      if (first !== undefined && (oldestMs === undefined || first.sinceMs < oldestMs)) oldestMs = first.sinceMs;
    }
    return { count, oldestMs };
  }

  get memberQueues(): ReadonlyMap<string, MemberQueue> {
    return this.queues;
  }

  get size(): number {
    return this.byId.size;
  }

  /** The same bytes with what is kept beside each. */
  get keptBytes(): number {
    return this.kept;
  }

  /** Bytes of the transactions themselves. */
  get sizeBytes(): number {
    return this.bytes;
  }

  private isOffered(member: string, queue: MemberQueue, nowMs: TimestampMs): boolean {
    if (this.isHeld(member, nowMs)) return false;
    return queue.of('normal').size > 0 || (queue.of('urgent').size > 0 && !this.isHeldUrgent(member, nowMs));
  }

  private isHeld(member: string, nowMs: TimestampMs): boolean {
    return nowMs < (this.held.get(member) ?? nowMs);
  }

  private isHeldUrgent(member: string, nowMs: TimestampMs): boolean {
    return nowMs < (this.heldUrgent.get(member) ?? nowMs);
  }

  private queueOf(member: string): MemberQueue {
    const known = this.queues.get(member);
    if (known !== undefined) return known;
    const queue = new MemberQueue();
    this.queues.set(member, queue);
    this.served.join(member);
    return queue;
  }

  /** Members with an offer, from the one that had least; the first in the order of equals moves to the end for the next time. */
  private membersInTurn(nowMs: TimestampMs): readonly (readonly [string, MemberQueue])[] {
    const members = [...this.queues].filter(([member, queue]) => this.isOffered(member, queue, nowMs));
    const [first] = members;
    if (first !== undefined) {
      this.queues.delete(first[0]);
      this.queues.set(first[0], first[1]);
    }
    return members.toSorted(([a], [b]) => this.served.leadOf(a) - this.served.leadOf(b));
  }

  /**
   * As shares of the block that is to be filled. At most a member's even share of it: so whoever is ahead still comes in at
   * the end of the same block, and nobody is shut out of one for what happened before.
   */
  private leads(members: readonly (readonly [string, MemberQueue])[], bounds: OfferBounds): readonly MemberLead[] {
    return members.map(([member]) => ({
      member,
      lead: Math.min(this.served.leadOf(member) / bounds.blockPart, 1 / (members.length + 1)),
    }));
  }
}
