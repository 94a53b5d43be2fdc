import { toHex } from '../../primitives/bytes.js';
import { handOverDecision } from '../decide.js';
import { leadIfDue } from '../lead.js';
import { noteBody, type Turn } from '../turn.js';
import type { BodyAvailableInput } from '../types.js';

/** PROTOCOL §Consensus rules 4 and 7: a missing body came. */
export function onBodyAvailable(turn: Turn, { blockHash, header }: BodyAvailableInput): void {
  const { current } = turn.state;
  if (header.height !== current.height) return;
  noteBody(turn, { blockHash, header }, false);
  current.missingBodies.delete(toHex(blockHash));
  handOverDecision(turn);
  leadIfDue(turn);
}
