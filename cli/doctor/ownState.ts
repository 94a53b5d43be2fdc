import type { HealthJson } from '../../api/health.js';
import { clockTime, enumerate, type Finding, plural } from './finding.js';

const GIB = 1_073_741_824;

/** What keeps this very node from taking part, and what it needs its operator for. */
export function examineOwnState(health: HealthJson): readonly Finding[] {
  return [...mode(health), ...signing(health), ...disk(health), ...evidence(health)];
}

function mode({ mode: state, node: subject, recovery }: HealthJson): Finding[] {
  if (state === 'stopped') {
    const summary = 'the engine has stopped: nothing is signed, decided or fetched any more';
    const action = 'read the last records of its log, repair what they name, start the node again';
    return [{ code: 'ENGINE_STOPPED', severity: 'critical', subject, summary, action }];
  }
  if (state === 'paused') {
    const summary = 'this node signs nothing because free disk space is nearly used up';
    return [
      { code: 'SIGNING_PAUSED', severity: 'critical', subject, summary, action: 'make room; it goes on by itself' },
    ];
  }
  if (state !== 'recovering') return [];
  const { answered = 0, needed = 0 } = recovery ?? {};
  return [
    {
      code: 'JOURNAL_RECOVERING',
      severity: 'warning',
      subject,
      summary: `this node signs nothing: its signing journal was lost, damaged or restored, and ${answered} of ${needed} other validators that must say how far its key may have signed have answered`,
      action: answered < needed ? 'bring the other validators back or connect to them; it goes on by itself' : 'wait',
    },
  ];
}

function signing({ role, mode: state, consensus, validators, node: subject }: HealthJson): Finding[] {
  if (role !== 'validator' || state !== 'validating' || consensus === undefined) return [];
  if (consensus.self === null) {
    const summary = `this node’s validator key is not in the list of ${plural(validators.length, 'validator')}`;
    const action = 'expected before a change of validators takes effect; otherwise check keys.validator';
    return [{ code: 'NOT_IN_SET', severity: 'warning', subject, summary, action }];
  }
  if (consensus.signing || consensus.decided || consensus.syncing) return [];
  const summary = 'this node signs nothing until its chain reaches the height that its journal names';
  const action = 'wait while it fetches blocks; its data directory is older than its journal';
  return [{ code: 'JOURNAL_AHEAD', severity: 'warning', subject, summary, action }];
}

function disk({ disk: { level, freeBytes, watermarkBytes }, node: subject }: HealthJson): Finding[] {
  if (level === 'ok') return [];
  const free = freeBytes === null ? 'little' : `${(freeBytes / GIB).toFixed(1)} GiB`;
  const summary = `${free} of disk are free, below the watermark of ${(watermarkBytes / GIB).toFixed(1)} GiB: new transactions are refused`;
  const action = 'make room before it is half of that: then the node signs nothing';
  return [{ code: 'DISK_LOW', severity: level === 'low' ? 'warning' : 'critical', subject, summary, action }];
}

/** Evidence is kept for good: what nothing was added to for a week is no longer news. */
const EVIDENCE_NEWS_MS = 604_800_000;

function evidence({ evidence: pairs, evidenceSeenMs, nowMs, node: subject }: HealthJson): Finding[] {
  if (pairs === 0) return [];
  const isNews = evidenceSeenMs === undefined || nowMs - evidenceSeenMs < EVIDENCE_NEWS_MS;
  const since = evidenceSeenMs === undefined ? '' : `, the newest from ${clockTime(evidenceSeenMs, nowMs)}`;
  const what = 'that a validator signed two things of which an honest one signs one';
  return [
    {
      code: 'EVIDENCE',
      severity: isNews ? 'critical' : 'info',
      subject,
      summary: `this node keeps ${plural(pairs, 'proof')} ${what}${since}`,
      action: 'see vostro evidence list: whose key it is, and find out whether it runs on two machines',
    },
  ];
}

/** What several nodes say that cannot all be right. */
export function compareNodes(healths: readonly HealthJson[]): readonly Finding[] {
  if (healths.length < 2) return [];
  const subject = 'network';
  const findings: Finding[] = [];
  const said = (read: (health: HealthJson) => string): string =>
    enumerate(healths.map((health) => `${health.node} ${read(health)}`));
  if (new Set(healths.map(({ genesisHash }) => genesisHash)).size > 1) {
    const summary = `these nodes are of different networks: ${said(({ chainId, genesisHash }) => `${chainId} ${genesisHash.slice(0, 12)}…`)}`;
    findings.push({
      code: 'NETWORK_MISMATCH',
      severity: 'critical',
      subject,
      summary,
      action: 'compare genesis files by vostro genesis hash',
    });
    return findings;
  }
  if (new Set(healths.map(({ version }) => version)).size > 1) {
    const summary = `these nodes run different versions: ${said(({ version }) => version)}`;
    findings.push({
      code: 'VERSION_MISMATCH',
      severity: 'warning',
      subject,
      summary,
      action: 'bring them to one version',
    });
  }
  for (const [index, health] of healths.entries()) {
    const other = healths
      .slice(0, index)
      .find(({ height, blockHash }) => height === health.height && blockHash !== health.blockHash);
    if (other === undefined) continue;
    const summary = `${health.node} and ${other.node} have different blocks at height ${health.height}`;
    const action = 'stop settling, keep both data directories as they are and report it: this must never happen';
    findings.push({ code: 'FORKED', severity: 'critical', subject, summary, action });
  }
  return findings;
}
