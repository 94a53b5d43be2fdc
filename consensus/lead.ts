import { toHex } from '../primitives/bytes.js';
import { certificateSigners } from '../primitives/certificate.js';
import { invariant } from '../primitives/errors.js';
import { quorum } from '../primitives/validator.js';
import { consider } from './accept.js';
import { highestClaim } from './justification.js';
import { isLeader, isSigning, validatorsOf } from './state.js';
import { sign, type Turn } from './turn.js';
import type { HeldBody, Proposal, RoundChange, Signed } from './types.js';

/** PROTOCOL §Consensus rules 1 and 7: what the leader of this round owes, once a round. */
export function leadIfDue(turn: Turn): void {
  const { state } = turn;
  const { round, sent, building } = state.current;
  if (!isSigning(state) || !isLeader(state, state.self, round)) return;
  if (sent.proposal?.round === round || building !== undefined) return;
  if (round === 0) proposeFirst(turn);
  else proposeAgain(turn);
}

/** PROTOCOL §Consensus rule 1. */
function proposeFirst(turn: Turn): void {
  const { isWorkPending, current } = turn.state;
  const isWanted = isWorkPending || current.isHeartbeatDue || current.roundChanges.countFrom(1) > 0;
  if (current.isIntervalOver && isWanted) build(turn, []);
}

/** PROTOCOL §Consensus rule 7: any quorum of counted round changes does; who claims a body that nobody shows is left out. */
function proposeAgain(turn: Turn): void {
  const { current } = turn.state;
  const atRound = current.roundChanges.ofRound(current.round);
  const counted = atRound.filter((message) => isCounted(turn, message));
  if (counted.length < quorum(validatorsOf(turn.state).length)) return;
  const highest = highestClaim(counted);
  if (highest?.preparedHash === undefined) {
    build(turn, counted);
    return;
  }
  const header = current.bodies.header(highest.preparedHash);
  invariant(header !== undefined, 'a prepared round change counts only with its body');
  propose(turn, { blockHash: highest.preparedHash, header }, counted, highest.preparedCertificate);
}

/** A prepared round change counts while its body is here; where it is not, it is asked for. */
function isCounted({ state, effects }: Turn, message: Signed<RoundChange>): boolean {
  const { preparedHash, preparedCertificate, sender } = message;
  if (preparedHash === undefined) return true;
  if (preparedCertificate === undefined) return false;
  const { height, bodies, missingBodies } = state.current;
  if (bodies.isHeld(preparedHash)) return true;
  const key = toHex(preparedHash);
  const known = missingBodies.get(key)?.from;
  if (known !== undefined && (sender === state.self || known.includes(sender))) return false;
  // Whoever claims it later is asked as well: the first may be faulty, and the certificate's signers, too.
  const from = [...new Set([sender, ...(known ?? certificateSigners(preparedCertificate))])];
  const others = from.filter((index) => index !== state.self);
  missingBodies.set(key, { blockHash: preparedHash, from: others });
  effects.push({ type: 'fetchBody', height, blockHash: preparedHash, from: others });
  return false;
}

function build({ state, nowMs, effects }: Turn, roundChanges: readonly Signed<RoundChange>[]): void {
  const { current, head, config } = state;
  const { height, round } = current;
  invariant(config.address !== undefined, 'a leader has an address');
  current.building = { round, roundChanges };
  const timestamp = Math.max(nowMs, head.header.timestamp + 1);
  const { blockHash: parentHash } = head;
  effects.push({ type: 'buildBlock', height, round, parentHash, proposer: config.address, timestamp });
}

/** Signs the proposal, and the leader's own Prepare with it where the block has executed here. */
export function propose(
  turn: Turn,
  body: HeldBody,
  roundChanges: readonly Signed<RoundChange>[],
  preparedCertificate: Proposal['preparedCertificate'],
): void {
  const { height, round } = turn.state.current;
  const { blockHash, header } = body;
  // The certificate stands once in a proposal, beside the claims.
  const claims = roundChanges.map((message) => ({ ...message, preparedCertificate: undefined }));
  sign(turn, { type: 'proposal', height, round, blockHash, header, roundChanges: claims, preparedCertificate });
  consider(turn, { round, blockHash, header, isPrepared: preparedCertificate !== undefined, from: [] });
}
