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

/**
 * Who may still put something in. Half of the room is split evenly and kept for each member, whatever the others do; the
 * other half is for whoever comes first. So a flood of one member, or of many, never shuts out another, and nothing that
 * was taken in is thrown out for it.
 */
export class Shares {
  constructor(private readonly limits: PoolLimits) {}

  /** @param memberCount members that may come, at least those that have something here */
  findNoRoom(
    queues: ReadonlyMap<string, MemberQueue>,
    memberCount: number,
    member: string,
    sizeBytes: number,
  ): NoRoom | undefined {
    const { maxTransactions, maxBytes } = this.limits;
    if (!hasRoom(maxTransactions, memberCount, member, 1, queues, ({ size }) => size)) {
      return { what: 'number', share: guaranteed(maxTransactions, memberCount) };
    }
    if (!hasRoom(maxBytes, memberCount, member, sizeBytes, queues, (queue) => queue.sizeBytes)) {
      return { what: 'bytes', share: guaranteed(maxBytes, memberCount) };
    }
    return undefined;
  }
}

function guaranteed(limit: number, memberCount: number): number {
  return Math.floor(limit / 2 / Math.max(1, memberCount));
}

function hasRoom(
  limit: number,
  memberCount: number,
  member: string,
  added: number,
  queues: ReadonlyMap<string, MemberQueue>,
  usage: (queue: MemberQueue) => number,
): boolean {
  const share = guaranteed(limit, memberCount);
  let total = 0;
  let shared = 0;
  let own = added;
  for (const [name, queue] of queues) {
    const used = usage(queue);
    total += used;
    if (name === member) own += used;
    else shared += Math.max(0, used - share);
  }
  // More members than before make each one's share smaller: then others may still sit on what is now kept for it.
  if (total + added > limit) return false;
  return own <= share || shared + own - share <= limit - share * Math.max(1, memberCount);
}
