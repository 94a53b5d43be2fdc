import { equalBytes } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { requireConfig } from '../config.js';
import { enterHeight } from '../enterHeight.js';
import { advance } from '../rounds.js';
import type { Turn } from '../turn.js';
import type { CommittedInput } from '../types.js';
import { onMessage } from './message.js';

/** PROTOCOL §Consensus rule 4: the next height begins when the block is on disk, whoever decided it. */
export function onCommitted(turn: Turn, { head, config }: Pick<CommittedInput, 'head' | 'config'>): void {
  const { state } = turn;
  const { current } = state;
  const { height, nextValidatorsHash } = head.header;
  if (height < current.height) return;
  const { decision } = current;
  const isDecided =
    height !== current.height || decision === undefined || equalBytes(decision.certificate.blockHash, head.blockHash);
  invariant(isDecided, 'what is committed is what was decided', { height });
  const isSameList = equalBytes(state.head.header.nextValidatorsHash, nextValidatorsHash);
  const buffered = state.next.take();
  if (config !== undefined) state.config = requireConfig(config);
  enterHeight(turn, head);
  if (!isSameList) {
    // The indices in them are those of the list before.
    state.ahead.clear();
    state.answered.clear();
  } else if (height === current.height) {
    for (const message of buffered) onMessage(turn, message);
  }
  advance(turn);
}
