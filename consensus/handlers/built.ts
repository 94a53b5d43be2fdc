import { equalBytes } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { propose } from '../lead.js';
import { isSigning } from '../state.js';
import { noteBody, type Turn } from '../turn.js';
import type { BuildFailedInput, BuiltInput } from '../types.js';

/** A leader's own block: its build here was its execution. Built too late, it is nobody's, and only noted as kept. */
export function onBuilt(turn: Turn, { height, round, blockHash, header }: BuiltInput): void {
  const { state } = turn;
  const { current, head, config } = state;
  const { building } = current;
  if (height !== current.height) return;
  noteBody(turn, { blockHash, header }, true);
  if (building?.round !== round || !isSigning(state)) return;
  const isAsked =
    header.height === height && header.proposer === config.address && equalBytes(header.parentHash, head.blockHash);
  invariant(isAsked, 'a block is built as it was asked for', { expected: `height ${height} on the head` });
  current.building = undefined;
  propose(turn, { blockHash, header }, building.roundChanges, undefined);
}

/** The leader tries again at the next heal, while its round lasts. */
export function onBuildFailed({ state }: Turn, { height, round }: BuildFailedInput): void {
  const { current } = state;
  if (height === current.height && current.building?.round === round) current.building = undefined;
}
