import type { HealthJson } from '../../api/health.js';
import { NodeConnection } from '../../client/connection.js';
import { isCodedError } from '../../primitives/errors.js';
import { explainBlocks } from './agreement.js';
import { bySeverity, clockTime, type Finding, type Severity } from './finding.js';
import type { HomeReport } from './homeCheck.js';
import { compareNodes, examineOwnState } from './ownState.js';
import { examineParticipants } from './participants.js';

/** What one node answered. */
export type NodeAnswer =
  | { readonly url: string; readonly health: HealthJson }
  | { readonly url: string; readonly fault: { readonly code: string; readonly message: string } };

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
        return { url, health: await new NodeConnection(url, fetch, closed.signal).call('health', {}, timeoutMs) };
      } catch (error) {
        if (!isCodedError(error)) throw error;
        return { url, fault: { code: error.code, message: error.message } };
      }
    }),
  );
}

/** Everything that the answers and the home's files show, the worst first. */
export function diagnose(answers: readonly NodeAnswer[], home: HomeReport | undefined): readonly Finding[] {
  const healths = answers.flatMap((answer) => ('health' in answer ? [answer.health] : []));
  const findings = answers.flatMap((answer) => ('health' in answer ? examine(answer.health) : [unreachable(answer)]));
  const foreign =
    home?.genesisHash === undefined ? [] : healths.filter((health) => health.genesisHash !== home.genesisHash);
  return bySeverity([
    ...findings,
    ...compareNodes(healths),
    ...foreign.map((health) => otherNetwork(health, home?.genesisHash ?? '')),
    ...(home?.findings ?? []),
  ]);
}

function examine(health: HealthJson): readonly Finding[] {
  return [...examineOwnState(health), ...explainBlocks(health), ...examineParticipants(health)];
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
