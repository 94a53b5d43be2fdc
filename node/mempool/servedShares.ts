import { type BlockRoom, dominantShare } from '../execution/fairOrder.js';

/** What an included transaction took, and whose it was. */
export interface BlockUse extends BlockRoom {
  readonly member: string;
}

/**
 * What each member had of the blocks so far, whoever proposed them, so that the next block makes up for what the last one
 * could not divide (PROTOCOL §Shares of a block O3). It is start-time fair queueing over blocks: a member that begins to
 * wait begins at the level of those who wait, and so has no claim from a time in which it asked for nothing.
 */
export class ServedShares {
  private readonly served = new Map<string, number>();
  /** What every member that waits has had, at least. */
  private level = 0;

  /** A member that had nothing waiting has something. */
  join(member: string): void {
    this.served.set(member, Math.max(this.servedOf(member), this.level));
  }

  /** @param waiting members that still have something which may be offered, after this block */
  onBlock(uses: readonly BlockUse[], room: BlockRoom, waiting: readonly string[]): void {
    const byMember = new Map<string, BlockRoom>();
    for (const { member, fuel, bytes, transactions } of uses) {
      const used = byMember.get(member) ?? { fuel: 0, bytes: 0, transactions: 0 };
      byMember.set(member, {
        fuel: used.fuel + fuel,
        bytes: used.bytes + bytes,
        transactions: used.transactions + transactions,
      });
    }
    for (const [member, used] of byMember) {
      this.served.set(member, Math.max(this.servedOf(member), this.level) + dominantShare(used, room));
    }
    const reached = waiting.length === 0 ? [...this.served.values()] : waiting.map((member) => this.servedOf(member));
    const next = waiting.length === 0 ? Math.max(this.level, ...reached) : Math.min(...reached);
    this.level = Math.max(this.level, next);
    for (const [member, served] of this.served) if (served <= this.level) this.served.delete(member);
  }

  /** How far a member is ahead of those who had least, in blocks. */
  leadOf(member: string): number {
    return Math.max(0, this.servedOf(member) - this.level);
  }

  private servedOf(member: string): number {
    return this.served.get(member) ?? this.level;
  }
}
