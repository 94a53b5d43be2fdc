import type { Turn } from '../turn.js';
import type { SignedMessage } from '../types.js';

/** Past heights about which one validator is answered between two heals. */
export const ANSWERS_PER_VALIDATOR = 4;

/**
 * PROTOCOL §Consensus rule 8: who is still at a past height is given its commit certificate, once between two heals.
 * A Prepare or Commit of the head's own height is as a rule only late; who sent it and is stuck says so by its Status.
 */
export function onPastMessage({ state, effects }: Turn, { type, sender, height }: SignedMessage): void {
  if (sender === state.self || height < 1) return;
  const isLate =
    height === state.head.header.height && (type === 'prepare' || type === 'commit' || type === 'proposal');
  if (isLate) return;
  const answered = state.answered.get(sender) ?? [];
  if (answered.includes(height) || answered.length >= ANSWERS_PER_VALIDATOR) return;
  state.answered.set(sender, [...answered, height]);
  effects.push({ type: 'sendCertificate', to: sender, height });
}
