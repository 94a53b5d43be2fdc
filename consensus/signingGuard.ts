import type { Certificate } from '../primitives/types.js';
import { SigningError, type SigningErrorCode } from './errors.js';
import { NOTHING_SENT } from './heightState.js';
import { provesClaim } from './justification.js';
import type { Commit, JournalRecord, RoundChange, SentVotes, Vote } from './types.js';
import { isSamePayload } from './votePayload.js';

/**
 * PROTOCOL §Signer: what a validator's key enforces by itself, whatever the state machine asks of it. A local
 * key's state is the journal's record; a remote signer keeps its own, which is why the guard trusts nothing but the
 * votes that it passed before.
 */
export interface SigningState {
  readonly height: number;
  readonly sent: SentVotes;
}

/** What the guard cannot tell from the vote alone. */
export interface SigningProof {
  /** The certificate of q Prepares that a Commit needs; the record's `prepared`. */
  readonly prepared: Certificate | undefined;
  /** Whether the validators of its height gave the certificate: quorum and signatures (`verifyCertificate`). */
  readonly isValid: (certificate: Certificate) => boolean;
}

/** What a record says was signed, or may have been. */
export function signingStateOf({ height, sent }: JournalRecord): SigningState {
  return { height, sent };
}

/**
 * Passes a vote that may be signed and gives the state after it; a payload that was signed before always passes.
 * PROTOCOL §Signer S1–S6.
 *
 * @throws SigningError when it may not
 */
export function checkSigning(state: SigningState, vote: Vote, proof: SigningProof): SigningState {
  if (vote.height < state.height) {
    throw refuse('SIGNING_HEIGHT_DECREASES', vote, `a height from ${state.height}`, `${vote.height}`);
  }
  const sent = vote.height > state.height ? NOTHING_SENT : state.sent;
  const earlier = sent[vote.type];
  if (earlier !== undefined && isSamePayload(earlier, vote)) return state;
  if (earlier !== undefined && vote.round <= earlier.round) {
    const isConflict = vote.round === earlier.round;
    const code = isConflict ? 'SIGNING_CONFLICT' : 'SIGNING_ROUND_DECREASES';
    throw refuse(code, vote, `what was signed for round ${earlier.round}, or a later round`, `round ${vote.round}`);
  }
  requireRound(sent, vote);
  if (vote.type === 'commit') requirePrepared(vote, proof);
  if (vote.type === 'roundChange') requireClaim(sent, vote, proof);
  return { height: vote.height, sent: { ...sent, [vote.type]: vote } };
}

/** PROTOCOL §Signer S4. A RoundChange only above every round signed, everything else not below the highest RoundChange. */
function requireRound({ proposal, prepare, commit, roundChange }: SentVotes, vote: Vote): void {
  const votes = vote.type === 'roundChange' ? [proposal, prepare, commit, roundChange] : [roundChange];
  const highest = Math.max(-1, ...votes.map((sent) => sent?.round ?? -1));
  const least = vote.type === 'roundChange' ? highest + 1 : highest;
  if (vote.round >= least) return;
  throw refuse('SIGNING_ROUND_DECREASES', vote, `a round from ${least}`, `${vote.round}`);
}

/** PROTOCOL §Signer S5. */
function requirePrepared(vote: Commit, { prepared, isValid }: SigningProof): void {
  const claim = { preparedRound: vote.round, preparedHash: vote.blockHash };
  if (prepared !== undefined && provesClaim(prepared, vote.height, claim) && isValid(prepared)) return;
  throw refuse('SIGNING_UNJUSTIFIED', vote, 'a certificate of Prepares for its block in its round', 'none that holds');
}

/** PROTOCOL §Signer S6. The claim is of an earlier round, proven, and forgets no Commit. */
function requireClaim({ commit }: SentVotes, vote: RoundChange, { isValid }: SigningProof): void {
  const { preparedRound, preparedHash, preparedCertificate } = vote;
  const isWhole = (preparedRound === undefined) === (preparedHash === undefined) && (preparedRound ?? -1) < vote.round;
  if (!isWhole || (preparedRound ?? -1) < (commit?.round ?? -1)) {
    const least = commit === undefined ? 'none or a prepared round' : `a prepared round from ${commit.round}`;
    throw refuse('SIGNING_UNJUSTIFIED', vote, `${least}, below ${vote.round}`, `${preparedRound ?? 'none'}`);
  }
  if (!provesClaim(preparedCertificate, vote.height, vote)) {
    throw refuse('SIGNING_UNJUSTIFIED', vote, 'the certificate of its claim', 'another one or none');
  }
  if (preparedCertificate !== undefined && !isValid(preparedCertificate)) {
    throw refuse('SIGNING_UNJUSTIFIED', vote, 'a valid certificate', 'one that its validators did not give');
  }
}

function refuse(code: SigningErrorCode, vote: Vote, expected: string, actual: string): SigningError {
  const what = `${vote.type} for height ${vote.height}, round ${vote.round}`;
  return new SigningError(code, `${what} is not signed: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    vote: vote.type,
    height: vote.height,
    round: vote.round,
    hint: 'the node stops; keep its journal and report this',
  });
}
