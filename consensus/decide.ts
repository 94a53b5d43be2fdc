import type { Hash } from '../primitives/bytes.js';
import { buildCertificate, certificateSigners } from '../primitives/certificate.js';
import type { Certificate } from '../primitives/types.js';
import { quorum } from '../primitives/validator.js';
import { validatorsOf } from './state.js';
import { stopTimer, type Turn } from './turn.js';

/** PROTOCOL §Consensus rule 4: q Commits for one (round, hash), of any round. */
export function decideIfCommitted(turn: Turn, round: number, blockHash: Hash): void {
  const { current } = turn.state;
  const validatorCount = validatorsOf(turn.state).length;
  const signatures = current.commits.signatures(round, blockHash);
  if (current.decision !== undefined || signatures.size < quorum(validatorCount)) return;
  const vote = { height: current.height, round, blockHash };
  decide(turn, buildCertificate('commit', vote, validatorCount, signatures));
}

/** The height is decided: nothing of it is signed any more, and the block is written as soon as its body is here. */
export function decide(turn: Turn, certificate: Certificate): void {
  const { current } = turn.state;
  if (current.decision !== undefined) return;
  current.decision = { certificate, isHandedOver: false };
  current.candidate = undefined;
  current.building = undefined;
  current.missingBodies.clear();
  stopTimer(turn);
  handOverDecision(turn);
}

/** Hands the decided block over, once, or asks for its body. */
export function handOverDecision(turn: Turn): void {
  const { state, effects } = turn;
  const { height, decision, bodies } = state.current;
  if (decision === undefined || decision.isHandedOver) return;
  const { certificate } = decision;
  const { blockHash } = certificate;
  if (bodies.isHeld(blockHash)) {
    decision.isHandedOver = true;
    effects.push({ type: 'commitBlock', height, blockHash, certificate });
    return;
  }
  const from = certificateSigners(certificate).filter((signer) => signer !== state.self);
  effects.push({ type: 'fetchBody', height, blockHash, from });
}
