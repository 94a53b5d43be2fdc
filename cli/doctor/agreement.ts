import { describeCatchUp } from '../../api/catchUp.js';
import type { HealthJson, ValidatorHealthJson } from '../../api/health.js';
import { ago, clockTime, enumerate, type Finding, plural } from './finding.js';

/** Time that a machine and its links may take beyond what the protocol itself waits. */
const SLACK_MS = 2_000;
const BEHIND_BLOCKS = 10;
/** A node that only follows asks one validator after the other for signs of life, one a second. */
const QUIET_MS_PER_VALIDATOR = 2_000;

/** Why blocks come, or why none comes, as one node sees it. */
export function explainBlocks(health: HealthJson): readonly Finding[] {
  const subject = health.node;
  const ageMs = Math.max(0, health.nowMs - health.timestamp);
  if (isBehind(health, ageMs)) return [behind(health)];
  const waiting = plural(health.waitingTransactions, 'transaction');
  if (ageMs <= dueMs(health)) {
    const idle = `nothing waits: empty blocks come every ${ago(health.parameters.heartbeatMs)}`;
    const summary = `block ${health.height} is ${ago(ageMs)} old; ${health.waitingTransactions === 0 ? idle : `${waiting} wait`}`;
    return [{ code: 'BLOCKS_COME', severity: 'info', subject, summary, action: '' }];
  }
  const { cause, action } = causeOfStall(health);
  const waits = health.waitingTransactions === 0 ? '' : `${waiting} wait`;
  const parts = [`no block for ${ago(ageMs)}: ${cause}`, whereItStands(health), waits].filter(Boolean);
  return [{ code: 'NO_BLOCK', severity: 'critical', subject, summary: parts.join('; '), action }];
}

/** How old the newest block may be before something is wrong: one round may fail, as with one silent leader. */
function dueMs({ waitingTransactions, parameters }: HealthJson): number {
  const { heartbeatMs, minBlockIntervalMs, roundTimeoutBaseMs } = parameters;
  // Two rounds in a row: the second one takes half as long again.
  const roundsMs = Math.ceil(roundTimeoutBaseMs * 2.5);
  return (waitingTransactions > 0 ? minBlockIntervalMs : heartbeatMs) + roundsMs + SLACK_MS;
}

/** A block or two behind is where every observer is at times. */
function isBehind(health: HealthJson, ageMs: number): boolean {
  const distance = (health.catchUp?.targetHeight ?? health.height) - health.height;
  const isFetching = health.syncing || health.consensus?.syncing === true;
  return isFetching && (distance >= BEHIND_BLOCKS || ageMs > dueMs(health));
}

function behind(health: HealthJson): Finding {
  const { node: subject, height, catchUp } = health;
  const far = catchUp === undefined ? 'others have blocks that it must fetch first' : describeCatchUp(height, catchUp);
  return {
    code: 'NODE_BEHIND',
    severity: 'warning',
    subject,
    summary: `this node is at height ${height} and catches up: ${far}; it signs nothing until then`,
    action: 'wait; if the height does not grow, look for engine.sync_failed in its log',
  };
}

interface Cause {
  readonly cause: string;
  readonly action: string;
}

function causeOfStall(health: HealthJson): Cause {
  const { validators, quorum } = health;
  const others = validators.filter(({ self }) => !self);
  const heard = validators.filter((validator) => validator.heard);
  if (others.length > 0 && others.every((validator) => !validator.heard && !validator.connected)) {
    return {
      cause: `this node hears none of the ${others.length === validators.length ? '' : 'other '}${plural(others.length, 'validator')}`,
      action: 'look at this node’s own network: addresses in network.peers, listening port, firewall, link',
    };
  }
  const counted = `${heard.length} of ${validators.length} validators ${heard.length === 1 ? 'is' : 'are'} heard, ${quorum} are needed`;
  if (heard.length < quorum) {
    const silent = validators.filter((validator) => !validator.heard);
    return {
      cause: `${counted}; ${enumerate(silent.map((validator) => describeSilent(validator, health.nowMs)))} ${silent.length === 1 ? 'is' : 'are'} silent`,
      action: `bring back ${plural(quorum - heard.length, 'validator')}: ${enumerate(silent.map(({ member }) => member))}; blocks come within seconds of that`,
    };
  }
  return causeAmongHeard(health, heard, counted);
}

function causeAmongHeard(
  { consensus, height, quorum, nowMs, validators }: HealthJson,
  heard: readonly ValidatorHealthJson[],
  counted: string,
): Cause {
  const quietMs = validators.length * QUIET_MS_PER_VALIDATOR;
  const quiet = heard.filter((validator) => !validator.self && (validator.heardAgoMs ?? 0) > quietMs);
  if (heard.length - quiet.length < quorum) {
    return {
      cause: `${counted}, but nothing came lately from ${enumerate(quiet.map((validator) => describeSilent(validator, nowMs)))}`,
      action: `see whether ${enumerate(quiet.map(({ member }) => member))} still ${quiet.length === 1 ? 'runs' : 'run'}; ask a validator, which knows sooner than a node that only follows`,
    };
  }
  const workingHeight = consensus?.height ?? height + 1;
  const late = heard.filter((validator) => !validator.self && (validator.height ?? workingHeight) < workingHeight);
  if (heard.length - late.length < quorum) {
    const names = late.map((validator) => `${validator.member} at ${validator.height}`);
    return {
      cause: `${counted}, but ${enumerate(names)} still ${late.length === 1 ? 'works' : 'work'} at a lower height than ${workingHeight}`,
      action: 'wait until they have fetched the blocks that they miss; run vostro doctor on their nodes',
    };
  }
  return {
    cause: `${counted}, and yet they do not agree in time`,
    action:
      'look for engine.block_refused in the logs, and for slow links, busy machines or full disks: rounds end before a block is built, sent and executed',
  };
}

function describeSilent({ member, self, heardAgoMs, connected }: ValidatorHealthJson, nowMs: number): string {
  if (self) return `${member} (this node itself: it takes no part now)`;
  const last =
    heardAgoMs === null ? 'not heard since this node started' : `last heard ${clockTime(nowMs - heardAgoMs, nowMs)}`;
  return `${member} (${last}, ${connected ? 'connected' : 'not connected'})`;
}

function whereItStands({ consensus, validators }: HealthJson): string {
  if (consensus === undefined) return '';
  const { height, round, leader } = consensus;
  const member = validators[leader]?.member ?? `validator ${leader}`;
  return `height ${height} is in round ${round}, which ${member} leads`;
}
