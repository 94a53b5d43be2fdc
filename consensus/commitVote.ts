import { buildCertificate } from '../primitives/certificate.js';
import { quorum } from '../primitives/validator.js';
import { validatorsOf } from './state.js';
import { sign, type Turn } from './turn.js';

/** PROTOCOL §Consensus rule 3: q Prepares for the accepted block in this round. */
export function commitIfPrepared(turn: Turn): void {
  const { current } = turn.state;
  const { height, round, acceptedHash, sent } = current;
  if (acceptedHash === undefined || sent.commit?.round === round) return;
  const validatorCount = validatorsOf(turn.state).length;
  const signatures = current.prepares.signatures(round, acceptedHash);
  if (signatures.size < quorum(validatorCount)) return;
  const vote = { height, round, blockHash: acceptedHash };
  current.prepared = buildCertificate('prepare', vote, validatorCount, signatures);
  sign(turn, { type: 'commit', ...vote });
}
