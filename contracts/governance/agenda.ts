import type { TimestampMs } from '../../primitives/types.js';
import { MapLayout } from '../api/state.js';
import type { GovernanceContext } from './declaration.js';
import { type Agenda, ALL_CONTRACTS, governanceState, NEVER_PAUSED } from './records.js';

/** What the executor asks of governance: whether something is due, and whether a contract is paused. */

/** Notes what is due first. Called after whatever changes it. */
export function updateAgenda(ctx: GovernanceContext): void {
  const { state } = ctx;
  const [due] = state.due.entries(1);
  const [expiring] = state.expiring.entries(1);
  const times = state.pauses.entries(PAUSES).map(({ value }) => value);
  if (expiring !== undefined) times.push(expiring.key[0]);
  const height = due?.key[0];
  const timestamp = times.length === 0 ? undefined : Math.min(...times);
  const before = state.agenda.find();
  if (before?.height === height && before?.timestamp === timestamp) return;
  if (height === undefined && timestamp === undefined) state.agenda.delete();
  else state.agenda.set({ height, timestamp });
}

/** Far more than there are contracts. */
export const PAUSES = 100;

const agenda = new MapLayout('agenda', governanceState.agenda);
const pauses = new MapLayout('pauses', governanceState.pauses);

/** Reads a key of the governance contract's namespace. */
export type GovernanceRead = (key: string) => Uint8Array | undefined;

/** What is due first, undefined when nothing is ever due. */
export function agendaOf(read: GovernanceRead): Agenda | undefined {
  const bytes = read(agenda.key([]));
  return bytes === undefined ? undefined : agenda.decode(bytes);
}

/** True when the end of the block at this height and time has to run `activateDue`. */
export function isDue(entries: Agenda | undefined, height: number, timestamp: TimestampMs): boolean {
  if (entries === undefined) return false;
  const { height: dueHeight, timestamp: dueTime } = entries;
  return (dueHeight !== undefined && dueHeight <= height + 1) || (dueTime !== undefined && dueTime <= timestamp);
}

/** Until when a contract is paused, itself or with all others; 0 when it is not. It is over at that time by itself. */
export function pauseOf(read: GovernanceRead, contract: string): TimestampMs {
  if (NEVER_PAUSED.includes(contract)) return 0;
  return Math.max(readPause(read, contract), readPause(read, ALL_CONTRACTS));
}

function readPause(read: GovernanceRead, scope: string): TimestampMs {
  const bytes = read(pauses.key([scope]));
  return bytes === undefined ? 0 : pauses.decode(bytes);
}
