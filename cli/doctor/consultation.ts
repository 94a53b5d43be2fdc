import type { HealthJson } from '../../api/health.js';
import { NodeConnection } from '../../client/connection.js';
import { ALL_CONTRACTS } from '../../contracts/governance/records.js';
import { isCodedError } from '../../primitives/errors.js';
import { explainBlocks } from './agreement.js';
import { bySeverity, clockTime, type Finding, type Severity } from './finding.js';
import type { HomeReport } from './homeCheck.js';
import { compareNodes, examineOwnState } from './ownState.js';
import { examineParticipants } from './participants.js';

/** What one node answered. */
export type NodeAnswer =
  | { readonly url: string; readonly health: HealthJson; readonly pauses: readonly Pause[] }
  | { readonly url: string; readonly fault: { readonly code: string; readonly message: string } };

/** A contract that the members have paused, and until when at the latest. */
export interface Pause {
  readonly scope: string;
  readonly untilMs: number;
}

/** Asks every node at once. */
export async function askNodes(
  urls: readonly string[],
  fetch: typeof globalThis.fetch,
  timeoutMs: number,
): Promise<readonly NodeAnswer[]> {
  const closed = new AbortController();
  return Promise.all(
    urls.map(async (url) => {
      try {
        const node = new NodeConnection(url, fetch, closed.signal);
        return { url, health: await node.call('health', {}, timeoutMs), pauses: await readPauses(node, timeoutMs) };
      } catch (error) {
        if (!isCodedError(error)) throw error;
        return { url, fault: { code: error.code, message: error.message } };
      }
    }),
  );
}

async function readPauses(node: NodeConnection, timeoutMs: number): Promise<readonly Pause[]> {
  try {
    const { value } = await node.call('view', { contract: 'governance', method: 'pauses' }, timeoutMs);
    if (!Array.isArray(value)) return [];
    return value.map((pause) => {
      const { scope, untilMs } = pause as { readonly scope: string; readonly untilMs: number | string };
      return { scope, untilMs: Number(untilMs) };
    });
  } catch (error) {
    // A node that is busy or of another build has still told how it is.
    if (isCodedError(error)) return [];
    throw error;
  }
}

/** Everything that the answers and the home's files show, the worst first. */
export function diagnose(answers: readonly NodeAnswer[], home: HomeReport | undefined): readonly Finding[] {
  const healths = answers.flatMap((answer) => ('health' in answer ? [answer.health] : []));
  const findings = answers.flatMap((answer) =>
    'health' in answer ? examine(answer.health, answer.pauses) : [unreachable(answer)],
  );
  const foreign =
    home?.genesisHash === undefined ? [] : healths.filter((health) => health.genesisHash !== home.genesisHash);
  return bySeverity([
    ...findings,
    ...compareNodes(healths),
    ...foreign.map((health) => otherNetwork(health, home?.genesisHash ?? '')),
    ...(home?.findings ?? []),
  ]);
}

function examine(health: HealthJson, pauses: readonly Pause[]): readonly Finding[] {
  return [
    ...examineOwnState(health),
    ...explainBlocks(health),
    ...pauses.filter(({ untilMs }) => untilMs > health.nowMs).map((pause) => paused(pause, health)),
    ...examineParticipants(health),
  ];
}

function paused({ scope, untilMs }: Pause, { node: subject, nowMs }: HealthJson): Finding {
  const what = scope === ALL_CONTRACTS ? 'all contracts' : `the contract ${scope}`;
  return {
    code: 'CONTRACTS_PAUSED',
    severity: 'warning',
    subject,
    summary: `the members have paused ${what} until ${clockTime(untilMs, nowMs)} at the latest: what calls it does not succeed, while blocks go on`,
    action: 'see vostro governance list; a quorum of members lifts a pause, and it ends by itself',
  };
}

function unreachable({ url, fault }: Extract<NodeAnswer, { fault: unknown }>): Finding {
  return {
    code: 'NODE_UNREACHABLE',
    severity: 'critical',
    subject: url,
    summary: `${fault.message} (${fault.code})`,
    action: 'start the node, or name its RPC with --rpc; its log says why it stopped',
  };
}

function otherNetwork({ node, chainId, genesisHash }: HealthJson, expected: string): Finding {
  return {
    code: 'NETWORK_MISMATCH',
    severity: 'critical',
    subject: node,
    summary: `the node that answers is of ${chainId}, genesis ${genesisHash}; the genesis file of the home is ${expected}`,
    action: 'ask the right node with --rpc, or look into the home of this one with --home',
  };
}

const TITLES: Readonly<Record<Severity, string>> = { critical: 'CRITICAL', warning: 'WARNING', info: 'OK' };

/** The report for people. */
export function formatConsultation(answers: readonly NodeAnswer[], findings: readonly Finding[]): string {
  const heads = answers.flatMap((answer) => ('health' in answer ? [headline(answer.health)] : []));
  const lines = findings.flatMap(({ code, severity, subject, summary, action }) => [
    `${TITLES[severity].padEnd(8)}  ${code}  ${subject}`,
    `          ${summary}`,
    ...(action === '' ? [] : [`          → ${action}`]),
  ]);
  return [...heads, ...(heads.length === 0 ? [] : ['']), ...lines].join('\n');
}

function headline({ node, role, mode, chainId, height, nowMs, version }: HealthJson): string {
  return `${node}: ${role}, ${mode}, on ${chainId} at height ${height}, ${clockTime(nowMs, nowMs)}, version ${version}`;
}
