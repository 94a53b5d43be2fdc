/** `critical`: something does not work. `warning`: it works, with less to spare. `info`: how things are. */
export type Severity = 'critical' | 'warning' | 'info';

export type FindingCode =
  | 'BLOCKS_COME'
  /** No block although one is due. */
  | 'NO_BLOCK'
  | 'NODE_UNREACHABLE'
  /** Others have blocks that this node lacks. */
  | 'NODE_BEHIND'
  | 'ENGINE_STOPPED'
  | 'JOURNAL_RECOVERING'
  /** The journal names a height that the chain has not reached. */
  | 'JOURNAL_AHEAD'
  | 'SIGNING_PAUSED'
  /** The node has a validator key that is not in the list. */
  | 'NOT_IN_SET'
  | 'VALIDATOR_SILENT'
  /** One more validator that fails stops the network. */
  | 'NO_SPARE'
  | 'TURNS_MISSED'
  | 'PEER_NOT_CONNECTED'
  | 'PEER_BANNED'
  | 'CLOCK_SKEW'
  | 'OWN_CLOCK'
  | 'DISK_LOW'
  | 'EVIDENCE'
  /** The members have paused contracts. */
  | 'CONTRACTS_PAUSED'
  | 'NETWORK_MISMATCH'
  | 'VERSION_MISMATCH'
  /** Two nodes have different blocks at one height. */
  | 'FORKED'
  | 'CONFIG_INVALID'
  | 'FILE_MISSING'
  | 'FILE_READABLE'
  | 'JOURNAL_MISSING'
  | 'PORT_IN_USE'
  | 'RPC_EXPOSED'
  | 'PEER_WITHOUT_ADDRESS';

/** One thing that the doctor found. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** The node or home that it is about. */
  readonly subject: string;
  /** What was found, in a sentence. */
  readonly summary: string;
  /** What to do; empty where there is nothing. */
  readonly action: string;
}

const ORDER: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** The worst first; among equals as they were found. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}

/** "a", "a and b", "a, b and c". */
export function enumerate(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** A duration as a person says it. */
export function ago(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.floor(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.floor(ms / 60_000)} min`;
  return `${Math.floor(ms / 3_600_000)} h`;
}

/** The time of day of a moment, in UTC; with the day where it is more than a day away from `nowMs`. */
export function clockTime(ms: number, nowMs: number): string {
  const text = new Date(ms).toISOString();
  const isNear = Math.abs(nowMs - ms) < 86_400_000;
  return `${isNear ? text.slice(11, 19) : `${text.slice(0, 10)} ${text.slice(11, 19)}`} UTC`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
