import type { Turn } from './turn.js';
import type { Commit, EvidenceKind, RoundChange, Signed, SignedMessage } from './types.js';

/** Reports two messages that an honest validator never signs both; once of a kind for each validator and height. */
export function reportEvidence(turn: Turn, kind: EvidenceKind, first: SignedMessage, second: SignedMessage): void {
  const { reported } = turn.state.current;
  const key = `${kind} ${first.sender}` as const;
  if (reported.has(key)) return;
  reported.add(key);
  turn.effects.push({ type: 'reportEvidence', kind, validator: first.sender, first, second });
}

/**
 * Amnesia: Commit(r) and a RoundChange for a later round that claims nothing prepared in r or since. PROTOCOL
 * §Consensus, Evidence.
 */
export function isAmnesia(commit: Signed<Commit>, roundChange: Signed<RoundChange>): boolean {
  return roundChange.round > commit.round && (roundChange.preparedRound ?? -1) < commit.round;
}
