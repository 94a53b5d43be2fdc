import { resendable } from '../resend.js';
import type { Turn } from '../turn.js';

/** PROTOCOL §Consensus rule 8: whoever was away hears this round's messages at once. */
export function onPeerConnected({ state, effects }: Turn, validator: number): void {
  const messages = resendable(state);
  if (validator !== state.self && messages.length > 0) effects.push({ type: 'sendTo', to: validator, messages });
}
