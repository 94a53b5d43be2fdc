import { encode, encodeUint, RlpReader } from '../../primitives/rlp.js';
import type { TimestampMs } from '../../primitives/types.js';
import type { StateReader, WritableState } from '../state/types.js';
import { SYSTEM_NAMESPACE } from './namespaces.js';

export interface QuotaParameters {
  readonly quotaTransactions: number;
  readonly quotaWindowMs: number;
}

interface MemberCount {
  readonly inParent: number;
  inBlock: number;
}

/**
 * How many transactions of each member a window may include (PROTOCOL §Block validity, quotas). The count stands in the
 * state, one row a member, and is written once for each block and member.
 */
export class BlockQuotas {
  readonly #state: StateReader;
  readonly #limit: number;
  readonly #window: number;
  readonly #counts = new Map<string, MemberCount>();

  constructor(state: StateReader, parameters: QuotaParameters, timestamp: TimestampMs) {
    this.#state = state;
    this.#limit = parameters.quotaTransactions;
    this.#window = Math.floor(timestamp / parameters.quotaWindowMs);
  }

  hasRoom(member: string): boolean {
    const { inParent, inBlock } = this.#countOf(member);
    return inParent + inBlock < this.#limit;
  }

  count(member: string): void {
    this.#countOf(member).inBlock += 1;
  }

  /** Writes the new counts: once, after the block's last transaction. */
  write(state: WritableState): void {
    for (const [member, { inParent, inBlock }] of this.#counts) {
      if (inBlock > 0) state.put(quotaKey(member), encode([encodeUint(this.#window), encodeUint(inParent + inBlock)]));
    }
  }

  #countOf(member: string): MemberCount {
    const known = this.#counts.get(member);
    if (known !== undefined) return known;
    const count = { inParent: this.#read(member), inBlock: 0 };
    this.#counts.set(member, count);
    return count;
  }

  /** An older window's count is none. */
  #read(member: string): number {
    const bytes = this.#state.get(quotaKey(member));
    if (bytes === undefined) return 0;
    const row = new RlpReader(bytes).list('quota');
    const window = row.uint();
    const count = row.uint();
    row.done('quota');
    return window === this.#window ? count : 0;
  }
}

/** A member's id is a BIC: letters and digits, so that its characters are its bytes. */
function quotaKey(member: string): string {
  return `${SYSTEM_NAMESPACE}quota/${member}`;
}
