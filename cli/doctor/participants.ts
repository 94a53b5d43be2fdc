import type { HealthJson, PeerHealthJson, ValidatorHealthJson } from '../../api/health.js';
import { ago, clockTime, enumerate, type Finding, plural } from './finding.js';

/** What is wrong with single validators, peers and clocks, as one node sees them. */
export function examineParticipants(health: HealthJson): readonly Finding[] {
  return [...silentValidators(health), ...margin(health), ...peers(health), ...clocks(health)];
}

function silentValidators(health: HealthJson): Finding[] {
  return health.validators
    .filter(({ self, heard, silent, missedTurns }) => !self && ((silent && !heard) || missedTurns > 1))
    .map((validator) => (validator.heard ? missesTurns(validator, health) : isSilent(validator, health)));
}

function isSilent({ member, heardAgoMs, connected, missedTurns }: ValidatorHealthJson, health: HealthJson): Finding {
  const { nowMs, node: subject, parameters } = health;
  const last =
    heardAgoMs === null
      ? 'nothing was heard of it since this node started'
      : `last heard ${clockTime(nowMs - heardAgoMs, nowMs)}, ${ago(heardAgoMs)} ago`;
  const missed =
    missedTurns === 0
      ? ''
      : `; ${plural(missedTurns, 'turn')} to propose went by, each for a round timeout of ${ago(parameters.roundTimeoutBaseMs)}`;
  return {
    code: 'VALIDATOR_SILENT',
    severity: 'warning',
    subject,
    summary: `${member} is silent: ${last}, ${connected ? 'connected' : 'not connected'}${missed}`,
    action: connected
      ? `its node runs but takes no part: ask ${member} to run vostro doctor there`
      : `ask ${member} whether its node runs and reaches this one`,
  };
}

function missesTurns({ member, missedTurns }: ValidatorHealthJson, { node: subject, parameters }: HealthJson): Finding {
  return {
    code: 'TURNS_MISSED',
    severity: 'warning',
    subject,
    summary: `${member} is heard but let its last ${plural(missedTurns, 'turn')} to propose go by; each costs a round timeout of ${ago(parameters.roundTimeoutBaseMs)}`,
    action: `ask ${member} whether its machine is overloaded or its link slow; blocks that it proposes come too late or are refused`,
  };
}

function margin({ validators, quorum, node: subject }: HealthJson): Finding[] {
  const heard = validators.filter((validator) => validator.heard).length;
  if (heard !== quorum || heard === validators.length) return [];
  const summary = `${heard} of ${validators.length} validators are heard and ${quorum} are needed: one more that fails stops the network`;
  return [{ code: 'NO_SPARE', severity: 'warning', subject, summary, action: 'bring back whoever is silent' }];
}

function peers({ peers: all, validators, node: subject }: HealthJson): Finding[] {
  const silent = new Set(validators.filter(({ heard, silent }) => silent && !heard).map(({ member }) => member));
  const expected = all.filter(({ role }) => role === 'validator');
  const away = expected.filter(({ connected }) => !connected);
  const connected = expected.length - away.length;
  return away.map((peer) => ({
    code: peer.banned ? ('PEER_BANNED' as const) : ('PEER_NOT_CONNECTED' as const),
    // Who is silent anyway stands above with its own finding.
    severity: silent.has(peer.member) && !peer.banned ? ('info' as const) : ('warning' as const),
    subject,
    summary: `${peer.member} is not connected (${connected} of ${expected.length} are)${whyNot(peer)}`,
    action: whatToDo(peer),
  }));
}

function whyNot({ banned, dialFailure, endedWith }: PeerHealthJson): string {
  const reasons = [
    ...(banned ? ['it is refused for a while because it broke the protocol'] : []),
    ...(dialFailure === null ? [] : [`dialling it failed with ${dialFailure}`]),
    ...(endedWith === null ? [] : [`its last connection ended with ${endedWith}`]),
  ];
  return reasons.length === 0 ? '' : `: ${reasons.join(', ')}`;
}

function whatToDo({ member, banned, endedWith }: PeerHealthJson): string {
  if (banned) return `compare version and genesis hash with ${member}; the refusal ends by itself`;
  if (endedWith === 'STREAM_FAILED')
    return `compare versions with ${member}, and ask it whether this node’s peer id is on its chain`;
  return `check the address of ${member} in network.peers, and that its port can be reached from here`;
}

/** A proposal says when its leader began it: building and sending make every estimate a little too small. */
function clocks({ validators, parameters, node: subject }: HealthJson): Finding[] {
  const limitMs = Math.max(2_000, Math.floor(parameters.maxClockDriftMs / 4));
  const estimates = validators.flatMap(({ self, member, clockOffsetMs }) =>
    self || clockOffsetMs === null || Math.abs(clockOffsetMs) <= limitMs ? [] : [{ member, clockOffsetMs }],
  );
  const others = validators.filter(({ self, clockOffsetMs }) => !self && clockOffsetMs !== null).length;
  if (estimates.length === 0) return [];
  const names = enumerate(estimates.map(({ member, clockOffsetMs }) => `${member} by ${signed(clockOffsetMs)}`));
  const drift = `beyond ${ago(parameters.maxClockDriftMs)} ahead, fresh proposals are refused`;
  const isOwn =
    others > 1 &&
    estimates.length === others &&
    new Set(estimates.map(({ clockOffsetMs }) => Math.sign(clockOffsetMs))).size === 1;
  return [
    {
      code: isOwn ? 'OWN_CLOCK' : 'CLOCK_SKEW',
      severity: 'warning',
      subject,
      summary: isOwn
        ? `this node’s clock differs from all others: ${names}; ${drift}`
        : `clocks differ from this node’s: ${names}; ${drift}`,
      action: isOwn ? 'set this machine’s clock by NTP' : 'ask them to set their clocks by NTP',
    },
  ];
}

function signed(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${ago(Math.abs(ms))}`;
}
