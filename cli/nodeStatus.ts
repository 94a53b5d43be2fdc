import { describeCatchUp } from '../api/catchUp.js';
import type { HealthJson, ValidatorHealthJson } from '../api/health.js';
import type { Result } from '../api/methods.js';
import { NodePool } from '../client/nodePool.js';
import { ago, enumerate } from './doctor/finding.js';
import type { Invocation } from './invocation.js';
import type { CommandResult } from './output.js';
import { formatFields, formatTable } from './table.js';

/** Pages of members that are read for their names. */
const MAX_MEMBER_PAGES = 16;

/** Where a node stands, and what it sees of each validator. */
export async function showNodeStatus(invocation: Invocation): Promise<CommandResult> {
  const { host } = invocation;
  const { settings } = await invocation.config();
  const pool = new NodePool(
    { urls: settings.rpc.split(','), requestTimeoutMs: settings.timeoutMs, attempts: 2, backoffMs: 200 },
    { fetch: globalThis.fetch, now: host.nowMs, sleep: (ms) => new Promise((done) => setTimeout(done, ms)) },
  );
  const status: Result<'status'> = await pool.callAny('status', {});
  // Whoever has answered is asked first.
  const health = await pool.callAny('health', {});
  const names = await memberNames(pool);
  const { consensus, validators } = health;
  const fields = formatFields([
    ['node', `${status.node}, ${status.role}, ${health.mode}, version ${status.version}`],
    ['network', `${status.chainId}, genesis ${status.genesisHash}`],
    ['height', `${status.height}, ${new Date(status.timestamp).toISOString()}`],
    ['block', status.blockHash],
    ['state root', status.stateRoot],
    ['round', describeRound(health)],
    ['peers', `${status.peers} connected`],
    ...catchUpFields(status),
    ['waiting', `${status.waitingTransactions} transactions, ${status.waitingBytes} bytes`],
    ['validators', describeHeard(health)],
  ]);
  const data = { ...status, mode: health.mode, consensus: consensus ?? null, quorum: health.quorum, validators };
  return { data, text: `${fields}\n\n${formatValidators(health, names)}` };
}

function catchUpFields({ height, catchUp }: Result<'status'>): [string, string][] {
  if (catchUp === undefined) return [];
  const givers = catchUp.sources.filter(({ asked, blocks }) => asked > 0 || blocks > 0);
  const from = givers.map(({ peerId, blocks }) => `${peerId} ${blocks} blocks`);
  return [
    ['catching up', describeCatchUp(height, catchUp)],
    ['from', from.length === 0 ? 'nobody yet' : from.join(', ')],
  ];
}

async function memberNames(pool: NodePool): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_MEMBER_PAGES; page++) {
    const { members, nextCursor } = await pool.callAny('members', cursor === undefined ? {} : { cursor });
    for (const { member, name } of members) names.set(member, name);
    cursor = nextCursor;
    if (cursor === undefined) break;
  }
  return names;
}

function describeRound({ consensus, validators, mode }: HealthJson): string {
  if (consensus === undefined) return `none: this node is ${mode}`;
  const leader = validators[consensus.leader]?.member ?? '?';
  return `${consensus.round} of height ${consensus.height}, led by ${leader}`;
}

function describeHeard({ validators, quorum }: HealthJson): string {
  const heard = validators.filter((validator) => validator.heard).length;
  const silent = validators.filter(({ silent }) => silent).map(({ member }) => member);
  const counted = `${heard} of ${validators.length} heard, ${quorum} decide`;
  return silent.length === 0 ? counted : `${counted}; silent: ${enumerate(silent)}`;
}

const COLUMNS = [
  { title: 'VALIDATOR' },
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'HEARD' },
  { title: 'HEIGHT', align: 'right' },
  { title: 'ROUND', align: 'right' },
  { title: 'MISSED TURNS', align: 'right' },
  { title: 'SIGNED', align: 'right' },
] as const;

function formatValidators({ validators }: HealthJson, names: ReadonlyMap<string, string>): string {
  const rows = validators.map((validator) => [
    validator.member,
    names.get(validator.member) ?? '-',
    stateOf(validator),
    heardOf(validator),
    String(validator.height ?? '-'),
    String(validator.round ?? '-'),
    String(validator.missedTurns),
    `${validator.signed} of ${validator.certificates}`,
  ]);
  return formatTable(COLUMNS, rows);
}

function stateOf({ self, silent, connected }: ValidatorHealthJson): string {
  if (self) return 'this node';
  if (silent) return connected ? 'SILENT, connected' : 'SILENT';
  return connected ? 'connected' : 'not connected';
}

function heardOf({ self, heardAgoMs }: ValidatorHealthJson): string {
  if (self) return '-';
  return heardAgoMs === null ? 'never' : `${ago(heardAgoMs)} ago`;
}
