import { equalBytes, type Hash } from '../primitives/bytes.js';

/** What the book needs of a Prepare or Commit. */
export interface CountedVote {
  readonly round: number;
  readonly blockHash: Hash;
  readonly sender: number;
  readonly signature: Uint8Array;
}

/** `repeated` and `forgotten` change nothing; with `conflict` the first vote stays. */
export type VoteAddition<Vote> =
  | { readonly result: 'added' | 'repeated' | 'forgotten' }
  | { readonly result: 'conflict'; readonly first: Vote };

/** Rounds of one validator that are kept: it can only push out its own votes. */
export const ROUNDS_PER_VALIDATOR = 8;

interface Ballot {
  readonly blockHash: Hash;
  readonly signatures: Map<number, Uint8Array>;
}

interface RoundVotes<Vote> {
  readonly bySender: Map<number, Vote>;
  /** One for each block voted for: one, unless somebody is faulty. */
  readonly ballots: Ballot[];
}

const ADDED = { result: 'added' } as const;
const REPEATED = { result: 'repeated' } as const;
const FORGOTTEN = { result: 'forgotten' } as const;
const NOBODY: ReadonlyMap<number, Uint8Array> = new Map();

/** PROTOCOL §What is kept K1. The Prepares, or the Commits, of one height: one of each validator and round, the newest. */
export class VoteBook<Vote extends CountedVote> {
  readonly #rounds = new Map<number, RoundVotes<Vote>>();
  readonly #roundsBySender = new Map<number, number[]>();

  add(vote: Vote): VoteAddition<Vote> {
    const first = this.#rounds.get(vote.round)?.bySender.get(vote.sender);
    if (first !== undefined) {
      return equalBytes(first.blockHash, vote.blockHash) ? REPEATED : { result: 'conflict', first };
    }
    if (!this.#makeRoom(vote)) return FORGOTTEN;
    this.#insert(vote);
    return ADDED;
  }

  /** Signatures for one block of one round, by validator. */
  signatures(round: number, blockHash: Hash): ReadonlyMap<number, Uint8Array> {
    const ballots = this.#rounds.get(round)?.ballots;
    return ballots?.find((ballot) => equalBytes(ballot.blockHash, blockHash))?.signatures ?? NOBODY;
  }

  /** Votes of one validator, at most `ROUNDS_PER_VALIDATOR`. */
  ofSender(sender: number): Vote[] {
    const rounds = this.#roundsBySender.get(sender) ?? [];
    return rounds.flatMap((round) => this.#rounds.get(round)?.bySender.get(sender) ?? []);
  }

  #insert(vote: Vote): void {
    let votes = this.#rounds.get(vote.round);
    if (votes === undefined) {
      votes = { bySender: new Map(), ballots: [] };
      this.#rounds.set(vote.round, votes);
    }
    votes.bySender.set(vote.sender, vote);
    let ballot = votes.ballots.find(({ blockHash }) => equalBytes(blockHash, vote.blockHash));
    if (ballot === undefined) {
      ballot = { blockHash: vote.blockHash, signatures: new Map() };
      votes.ballots.push(ballot);
    }
    ballot.signatures.set(vote.sender, vote.signature);
  }

  /** Forgets the sender's lowest round where it has too many; false when that is the one to be added. */
  #makeRoom({ sender, round }: Vote): boolean {
    const rounds = this.#roundsBySender.get(sender) ?? [];
    if (rounds.length >= ROUNDS_PER_VALIDATOR) {
      const lowest = Math.min(...rounds);
      if (round < lowest) return false;
      rounds.splice(rounds.indexOf(lowest), 1);
      this.#remove(sender, lowest);
    }
    rounds.push(round);
    this.#roundsBySender.set(sender, rounds);
    return true;
  }

  #remove(sender: number, round: number): void {
    const votes = this.#rounds.get(round);
    if (votes === undefined) return;
    votes.bySender.delete(sender);
    for (const ballot of votes.ballots) ballot.signatures.delete(sender);
    if (votes.bySender.size === 0) this.#rounds.delete(round);
  }
}
