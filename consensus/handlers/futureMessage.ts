import { refuse, type Turn } from '../turn.js';
import type { SignedMessage } from '../types.js';

/**
 * Messages of the next height wait; of those beyond, only the height is noted. A claim to be ahead asks the host to look
 * for blocks; it silences nothing (PROTOCOL §Consensus rule 8).
 */
export function onFutureMessage(turn: Turn, message: SignedMessage): void {
  const { state } = turn;
  const { height } = state.current;
  const spokenOf = state.ahead.get(message.sender) ?? 0;
  if (message.height > spokenOf) state.ahead.set(message.sender, message.height);
  if (message.height === height + 1) {
    if (message.type !== 'status' && !state.next.add(message)) refuse(turn, 'BUFFER_FULL', message.sender);
    return;
  }
  refuse(turn, 'HEIGHT_TOO_FAR', message.sender);
  // Asked at once where it is news, then at each heal.
  if (spokenOf <= height + 1) {
    turn.effects.push({ type: 'requestSync', height: message.height - 1, from: [message.sender] });
  }
}
