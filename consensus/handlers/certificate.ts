import { invariant } from '../../primitives/errors.js';
import { decide } from '../decide.js';
import { validatorsOf } from '../state.js';
import { reportEvidence, stopTimer, type Turn } from '../turn.js';
import type { CertificateInput } from '../types.js';

/**
 * PROTOCOL §Consensus rule 8: a verified certificate of this height decides it; one of a later height says that this
 * one is decided, so that nothing is signed until sync has passed it.
 */
export function onCertificate(turn: Turn, { certificate, from }: CertificateInput): void {
  const { state } = turn;
  invariant(certificate.type === 'commit', 'a height is final by a commit certificate', { actual: certificate.type });
  reportEvidence(turn, state.watch.noteCertificate(certificate, validatorsOf(state), state.current));
  if (certificate.height < state.current.height || certificate.height <= state.finalHeight) return;
  if (certificate.height === state.current.height) {
    decide(turn, certificate);
    return;
  }
  state.finalHeight = certificate.height;
  stopTimer(turn);
  state.current.candidate = undefined;
  state.current.building = undefined;
  turn.effects.push({ type: 'requestSync', height: certificate.height, from: from === undefined ? [] : [from] });
}
