import { encode, encodeUint, RlpReader } from '../../primitives/rlp.js';
import type { TimestampMs, TransactionPriority } from '../../primitives/types.js';
import type { StateReader, WritableState } from '../state/types.js';
import { SYSTEM_NAMESPACE } from './namespaces.js';

export interface QuotaParameters {
  readonly quotaTransactions: number;
  readonly urgentQuotaTransactions: number;
  readonly quotaWindowMs: number;
}

/** Transactions of a window. */
interface Count {
  readonly all: number;
  readonly urgent: number;
}

const NONE: Count = { all: 0, urgent: 0 };

interface MemberCount {
  readonly inParent: Count;
  all: number;
  urgent: number;
}

/**
 * How many transactions of each member a window may include, and how many urgent ones (PROTOCOL §Block validity, quotas). The count stands in the
 * state, one row a member, and is written once for each block and member.
 */
export class BlockQuotas {
  readonly #state: StateReader;
  readonly #parameters: QuotaParameters;
  readonly #window: number;
  readonly #counts = new Map<string, MemberCount>();

  constructor(state: StateReader, parameters: QuotaParameters, timestamp: TimestampMs) {
    this.#state = state;
    this.#parameters = parameters;
    this.#window = Math.floor(timestamp / parameters.quotaWindowMs);
  }

  hasRoom(member: string): boolean {
    const { inParent, all } = this.#countOf(member);
    return inParent.all + all < this.#parameters.quotaTransactions;
  }

  hasUrgentRoom(member: string): boolean {
    const { inParent, urgent } = this.#countOf(member);
    return inParent.urgent + urgent < this.#parameters.urgentQuotaTransactions;
  }

  count(member: string, priority: TransactionPriority): void {
    const count = this.#countOf(member);
    count.all += 1;
    if (priority === 'urgent') count.urgent += 1;
  }

  /** Writes the new counts: once, after the block's last transaction. */
  write(state: WritableState): void {
    for (const [member, { inParent, all, urgent }] of this.#counts) {
      if (all === 0) continue;
      const row = [this.#window, inParent.all + all, inParent.urgent + urgent];
      state.put(quotaKey(member), encode(row.map(encodeUint)));
    }
  }

  #countOf(member: string): MemberCount {
    const known = this.#counts.get(member);
    if (known !== undefined) return known;
    const count = { inParent: this.#read(member), all: 0, urgent: 0 };
    this.#counts.set(member, count);
    return count;
  }

  /** An older window's count is none. */
  #read(member: string): Count {
    const bytes = this.#state.get(quotaKey(member));
    if (bytes === undefined) return NONE;
    const row = new RlpReader(bytes).list('quota');
    const window = row.uint();
    const count = { all: row.uint(), urgent: row.uint() };
    row.done('quota');
    return window === this.#window ? count : NONE;
  }
}

/** A member's id is a BIC: letters and digits, so that its characters are its bytes. */
function quotaKey(member: string): string {
  return `${SYSTEM_NAMESPACE}quota/${member}`;
}
