import type { MemberQueue } from './memberQueue.js';

export interface PoolLimits {
  readonly maxTransactions: number;
  /** Bytes with what is kept beside each transaction. */
  readonly maxBytes: number;
}

/** Which bound left no room. */
export interface NoRoom {
  readonly what: 'number' | 'bytes';
  /** The member's guaranteed share of it. */
  readonly share: number;
}

/** What waits, all together and by member. */
export interface Waiting {
  readonly size: number;
  readonly keptBytes: number;
  readonly memberQueues: ReadonlyMap<string, MemberQueue>;
}

/**
 * Who may still put something in. Half of the room is split evenly and kept for each member, whatever the others do; the
 * other half is for whoever comes first. So a flood of one member, or of many, never shuts out another, and nothing that
 * was taken in is thrown out for it.
 */
export class Shares {
  constructor(private readonly limits: PoolLimits) {}

  /**
   * A member within its own share, while there is room at all, costs no look at the others.
   *
   * @param memberCount members that may come, at least those that have something here
   */
  findNoRoom(waiting: Waiting, memberCount: number, member: string, sizeBytes: number): NoRoom | undefined {
    const { maxTransactions, maxBytes } = this.limits;
    const own = waiting.memberQueues.get(member);
    const number = { limit: maxTransactions, memberCount, added: 1, total: waiting.size, own: own?.size ?? 0 };
    if (!hasRoom(number, waiting.memberQueues, ({ size }) => size)) {
      return { what: 'number', share: guaranteed(maxTransactions, memberCount) };
    }
    const bytes = {
      limit: maxBytes,
      memberCount,
      added: sizeBytes,
      total: waiting.keptBytes,
      own: own?.sizeBytes ?? 0,
    };
    if (!hasRoom(bytes, waiting.memberQueues, (queue) => queue.sizeBytes)) {
      return { what: 'bytes', share: guaranteed(maxBytes, memberCount) };
    }
    return undefined;
  }
}

function guaranteed(limit: number, memberCount: number): number {
  return Math.floor(limit / 2 / Math.max(1, memberCount));
}

/** How much of one resource there is, is used, and is wanted by one member. */
interface Demand {
  readonly limit: number;
  readonly memberCount: number;
  readonly added: number;
  readonly total: number;
  /** What the member has of it. */
  readonly own: number;
}

function hasRoom(
  { limit, memberCount, added, total, own }: Demand,
  queues: ReadonlyMap<string, MemberQueue>,
  usage: (queue: MemberQueue) => number,
): boolean {
  // More members than before make each one's share smaller: then others may still sit on what is now kept for it.
  if (total + added > limit) return false;
  const share = guaranteed(limit, memberCount);
  if (own + added <= share) return true;
  let shared = own + added - Math.max(share, own);
  for (const queue of queues.values()) shared += Math.max(0, usage(queue) - share);
  return shared <= limit - share * Math.max(1, memberCount);
}
