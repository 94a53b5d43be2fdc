import { certificateSigners } from '../primitives/certificate.js';
import { type Evidence, proveFault, type SignedVote } from '../primitives/evidence.js';
import type { Address, Certificate, Validator } from '../primitives/types.js';
import type { SignedMessage } from './types.js';

/** Votes of one validator, type and height that are remembered: those of the rounds nearest to the working one. */
export const WATCHED_ROUNDS = 16;

/** Pairs that are reported of one validator and height: a double sign of each type, and an amnesia. */
export const REPORTS_PER_VALIDATOR = 5;

type VoteType = SignedVote['type'];

/** What one validator signed for one height. */
interface Record {
  readonly votes: { readonly [Type in VoteType]: Map<number, SignedVote> };
  readonly reported: Set<string>;
}

/**
 * PROTOCOL §Evidence E6: remembers what validators signed for the working height and its two neighbours, and finds the
 * pairs that prove a fault. It looks at every vote that the host has checked, whether or not the protocol still needs it:
 * of past rounds, after the decision, inside proposals and certificates, and under this node's own key, which another
 * machine may have.
 */
export class EvidenceWatch {
  readonly #heights = new Map<number, Map<Address, Record>>();

  /** Forgets what is further than one height away. */
  enterHeight(height: number): void {
    for (const watched of this.#heights.keys()) {
      if (Math.abs(watched - height) > 1) this.#heights.delete(watched);
    }
  }

  /** Everything that a message proves its signer, and those of its attachments, to have signed. */
  noteMessage(message: SignedMessage, validators: readonly Validator[], at: WatchedPosition): Evidence[] {
    if (message.type === 'status' || Math.abs(message.height - at.height) > 1) return [];
    const found = this.#note(validators[message.sender], signedVote(message), at);
    if (message.type === 'proposal') {
      for (const roundChange of message.roundChanges) {
        found.push(...this.#note(validators[roundChange.sender], signedVote(roundChange), at));
      }
    }
    if ((message.type === 'proposal' || message.type === 'roundChange') && message.preparedCertificate !== undefined) {
      found.push(...this.noteCertificate(message.preparedCertificate, validators, at));
    }
    return found;
  }

  /** A certificate holds a vote of each of its signers. */
  noteCertificate(certificate: Certificate, validators: readonly Validator[], at: WatchedPosition): Evidence[] {
    const { type, height, round, blockHash, signatures } = certificate;
    if (Math.abs(height - at.height) > 1) return [];
    return certificateSigners(certificate).flatMap((signer, position) => {
      const signature = signatures[position];
      if (signature === undefined) return [];
      return this.#note(validators[signer], { type, height, round, blockHash, signature }, at);
    });
  }

  #note(validator: Validator | undefined, vote: SignedVote, at: WatchedPosition): Evidence[] {
    if (validator === undefined) return [];
    const record = this.#record(vote.height, validator.address);
    const known = record.votes[vote.type].get(vote.round);
    const suspects = known === undefined ? forgetful(record, vote) : [known];
    const found: Evidence[] = [];
    for (const suspect of suspects) {
      const evidence = proveFault(validator, suspect, vote);
      if (evidence !== undefined && isNews(record, evidence)) found.push(evidence);
    }
    if (known === undefined) remember(record.votes[vote.type], vote, vote.height === at.height ? at.round : 0);
    return found;
  }

  #record(height: number, validator: Address): Record {
    const records = this.#heights.get(height) ?? new Map<Address, Record>();
    this.#heights.set(height, records);
    const record = records.get(validator) ?? newRecord();
    records.set(validator, record);
    return record;
  }
}

/** The height and round at which this node works. */
export interface WatchedPosition {
  readonly height: number;
  readonly round: number;
}

function newRecord(): Record {
  const votes = { proposal: new Map(), prepare: new Map(), commit: new Map(), roundChange: new Map() };
  return { votes, reported: new Set() };
}

/** The votes of another type that this one may contradict. */
function forgetful({ votes }: Record, { type }: SignedVote): Iterable<SignedVote> {
  if (type === 'commit') return votes.roundChange.values();
  return type === 'roundChange' ? votes.commit.values() : [];
}

/** One pair of each kind, and each type of a double sign, proves as much as the next. */
function isNews({ reported }: Record, { kind, first }: Evidence): boolean {
  const key = `${kind} ${first.type}`;
  if (reported.has(key) || reported.size >= REPORTS_PER_VALIDATOR) return false;
  reported.add(key);
  return true;
}

/** A validator that signs for many rounds pushes out its own votes, and those far from where the others work first. */
function remember(votes: Map<number, SignedVote>, vote: SignedVote, round: number): void {
  votes.set(vote.round, vote);
  if (votes.size <= WATCHED_ROUNDS) return;
  let farthest = vote.round;
  for (const watched of votes.keys()) {
    if (Math.abs(watched - round) > Math.abs(farthest - round)) farthest = watched;
  }
  votes.delete(farthest);
}

/** Only what was signed: a proposal's block and justification are let go. */
function signedVote(message: Exclude<SignedMessage, { type: 'status' }>): SignedVote {
  const { height, round, signature } = message;
  if (message.type === 'roundChange') {
    const { type, preparedRound, preparedHash } = message;
    return { type, height, round, preparedRound, preparedHash, signature };
  }
  const { type, blockHash } = message;
  return { type, height, round, blockHash, signature };
}
