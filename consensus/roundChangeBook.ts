import { equalBytes } from '../primitives/bytes.js';
import type { PreparedClaim, RoundChange, Signed } from './types.js';

export type RoundChangeAddition =
  | { readonly result: 'added' | 'repeated' | 'older' }
  | { readonly result: 'conflict'; readonly first: Signed<RoundChange> };

const ADDED = { result: 'added' } as const;
const REPEATED = { result: 'repeated' } as const;
const OLDER = { result: 'older' } as const;

export function equalClaims(a: PreparedClaim, b: PreparedClaim): boolean {
  if (a.preparedRound !== b.preparedRound) return false;
  if (a.preparedHash === undefined || b.preparedHash === undefined) return a.preparedHash === b.preparedHash;
  return equalBytes(a.preparedHash, b.preparedHash);
}

/** PROTOCOL §What is kept K1. The RoundChange of the highest round from each validator, at one height. */
export class RoundChangeBook {
  readonly #bySender = new Map<number, Signed<RoundChange>>();

  add(message: Signed<RoundChange>): RoundChangeAddition {
    const known = this.#bySender.get(message.sender);
    if (known !== undefined && message.round < known.round) return OLDER;
    if (known !== undefined && message.round === known.round) {
      if (!equalClaims(known, message)) return { result: 'conflict', first: known };
      // The one that came inside a proposal had no certificate of its own.
      if (known.preparedCertificate !== undefined || message.preparedCertificate === undefined) return REPEATED;
    }
    this.#bySender.set(message.sender, message);
    return ADDED;
  }

  get(sender: number): Signed<RoundChange> | undefined {
    return this.#bySender.get(sender);
  }

  /** How many validators are at this round or beyond. */
  countFrom(round: number): number {
    let count = 0;
    for (const message of this.#bySender.values()) if (message.round >= round) count++;
    return count;
  }

  /** The RoundChanges for exactly this round, by ascending sender. */
  ofRound(round: number): Signed<RoundChange>[] {
    return [...this.#bySender.values()]
      .filter((message) => message.round === round)
      .sort((a, b) => a.sender - b.sender);
  }

  /** The highest round that at least `count` validators have reached; undefined while fewer sent a RoundChange. */
  roundReachedBy(count: number): number | undefined {
    const rounds = [...this.#bySender.values()].map((message) => message.round).sort((a, b) => b - a);
    return rounds[count - 1];
  }
}
