import { type Ablation, edit, scenario, simulation } from '../ablation.js';

/** Rules without which the network would stand still. */
export const PROGRESS: readonly Ablation[] = [
  {
    name: 'solo-timers',
    bug: 'starts the timer of a later round without a quorum in it',
    rule: 'Consensus rule 5',
    edits: [
      edit(
        'consensus/rounds.js',
        'current.roundChanges.countFrom(round) >= quorum(validatorsOf(state).length)',
        'true',
      ),
    ],
    caughtBy: [scenario('soloRunnerLivelock', 'waits in round 1 and is joined within a second')],
  },
  {
    name: 'stale-timer',
    bug: 'obeys a timer of a height or round that is over',
    rule: 'Consensus rule 5',
    edits: [
      edit(
        'consensus/handlers/timeout.js',
        'height !== current.height || round !== current.round || !current.isTimerRunning || ',
        '',
      ),
    ],
    caughtBy: [scenario('twoBlocksByTimerRace', 'of a round or height that is over counts for nothing')],
  },
  {
    name: 'timer-runs-on-after-decision',
    bug: 'lets the timer of a decided height run on and change its round',
    rule: 'Consensus rule 4',
    edits: [
      edit(
        'consensus/decide.js',
        'current.missingBodies.clear();\n    stopTimer(turn);',
        'current.missingBodies.clear();',
      ),
      edit('consensus/state.js', ' &&\n        current.decision === undefined', ''),
    ],
    caughtBy: [scenario('twoBlocksByTimerRace', 'after the decision, while the block is being written')],
  },
  {
    name: 'late-build-proposed',
    bug: 'proposes a block whose round ended while it was built',
    rule: 'Consensus rule 5',
    edits: [
      edit('consensus/rounds.js', 'current.building = undefined;', ''),
      edit('consensus/handlers/built.js', 'building?.round !== round ||', 'building === undefined ||'),
    ],
    caughtBy: [scenario('twoBlocksByTimerRace', 'of the leader while it builds')],
  },
  {
    name: 'late-execution-accepted',
    bug: 'prepares a block whose round ended while it was executed',
    rule: 'Consensus rule 2',
    edits: [edit('consensus/rounds.js', 'current.candidate = undefined;', '')],
    caughtBy: [scenario('twoBlocksByTimerRace', 'while the proposal executes')],
  },
  {
    name: 'no-jump',
    bug: 'stays in its round although f + 1 validators are beyond it',
    rule: 'Consensus rule 6',
    edits: [edit('consensus/rounds.js', 'reached !== undefined && reached > state.current.round', 'false')],
    caughtBy: [scenario('roundChangeStorm', 'to the round that f + 1 have reached')],
  },
  {
    name: 'jump-with-f',
    bug: 'goes wherever f validators say that they are',
    rule: 'Consensus rule 6',
    edits: [
      edit(
        'consensus/rounds.js',
        'roundReachedBy(faultTolerance(validatorsOf(state).length) + 1)',
        'roundReachedBy(faultTolerance(validatorsOf(state).length))',
      ),
    ],
    caughtBy: [scenario('roundChangeStorm', 'of one faulty validator')],
  },
  {
    name: 'round-changes-of-a-proposal-ignored',
    bug: 'does not count the round changes inside a proposal',
    rule: 'Consensus rule 2',
    edits: [
      edit(
        'consensus/handlers/proposal.js',
        'for (const roundChange of roundChanges)\n        noteRoundChange(turn, roundChange);',
        'if (roundChanges.length > 0 && roundChanges[0].round > turn.state.current.round)\n' +
          '        turn.state.current.round = roundChanges[0].round;',
      ),
    ],
    caughtBy: [scenario('proposalShownToOneAlone', 'does not halt the others')],
  },
  {
    name: 'round-entered-without-round-change',
    bug: 'enters the round of a proposal without a round change of its own',
    rule: 'Consensus rule 5',
    edits: [
      edit(
        'consensus/handlers/proposal.js',
        'receiveRoundChanges(turn, message);\n    if (message',
        'for (const item of message.roundChanges)\n        noteRoundChange(turn, item);\n' +
          '    if (message.round > state.current.round)\n' +
          '        Object.assign(state.current, { round: message.round, acceptedHash: undefined, isTimerRunning: false });\n' +
          '    startTimerIfDue(turn);\n    if (message',
      ),
    ],
    caughtBy: [scenario('proposalShownToOneAlone', 'when all restart at that moment')],
  },
  {
    name: 'idle-validators-wait',
    bug: 'starts no timer for a height for which it has no payment itself',
    rule: 'Consensus rule 5',
    edits: [edit('consensus/rounds.js', 'state.isWorkPending || current.isActive || ', 'state.isWorkPending || ')],
    caughtBy: [scenario('lonePaymentUnderDeadLeader', 'settles although the leader is dead')],
  },
  {
    name: 'idle-leader-waits',
    bug: 'does not propose in round 0 although somebody asks for another round',
    rule: 'Consensus rule 1',
    edits: [edit('consensus/lead.js', ' || current.roundChanges.countFrom(1) > 0', '')],
    caughtBy: [scenario('lonePaymentUnderDeadLeader', 'where the leader is merely idle')],
  },
  {
    name: 'no-heartbeat',
    bug: 'proposes no empty block',
    rule: 'Consensus rule 1',
    edits: [edit('consensus/handlers/work.js', 'current.isHeartbeatDue = true;', '')],
    caughtBy: [scenario('lonePaymentUnderDeadLeader', 'the heartbeat brings a block')],
  },
  {
    name: 'claim-counted-without-body',
    bug: 'counts a claim of a block whose body it does not hold',
    rule: 'Consensus rule 7',
    edits: [
      edit('consensus/lead.js', 'if (bodies.isHeld(preparedHash))', 'if (preparedHash !== undefined)'),
      edit(
        'consensus/lead.js',
        "invariant(header !== undefined, 'a prepared round change counts only with its body');",
        'if (header === undefined)\n        return;',
      ),
    ],
    caughtBy: [scenario('withheldPreparedBody', 'spoils no round')],
  },
  {
    name: 'body-let-go-with-its-round',
    bug: 'drops the body of a block that it prepared when the round ends',
    rule: 'What is kept K2',
    edits: [
      edit(
        'consensus/rounds.js',
        'current.acceptedHash = undefined;',
        'if (current.acceptedHash !== undefined)\n' +
          "        turn.effects.push({ type: 'releaseBody', blockHash: current.acceptedHash });\n" +
          '    current.acceptedHash = undefined;',
      ),
    ],
    caughtBy: [scenario('withheldPreparedBody', 'is kept by every validator that signed a Prepare')],
  },
  {
    name: 'locked-on-its-own-block',
    bug: 'refuses every block but the one that it prepared itself, as IBFT 1.0 does',
    rule: 'Consensus rule 2',
    edits: [
      edit(
        'consensus/accept.js',
        'candidate === undefined || current',
        'candidate === undefined || (current.prepared !== undefined && ' +
          'String(current.prepared.blockHash) !== String(candidate.blockHash)) || current',
      ),
    ],
    caughtBy: [scenario('ibft1Deadlock', 'agree on the one of the later round')],
  },
  {
    name: 'clock-of-a-prepared-block',
    bug: 'looks at proposer and timestamp of a prepared block again',
    rule: 'Consensus rule 2',
    edits: [
      edit('consensus/handlers/proposal.js', "if (justification === 'prepared')", "if (justification === 'none')"),
    ],
    caughtBy: [scenario('preparedBlockUnderOtherClocks', 'is proposed again with its old proposer')],
  },
  {
    name: 'clock-of-a-fresh-block',
    bug: 'does not look at the timestamp of a fresh block',
    rule: 'Consensus rule 2',
    edits: [
      edit(
        'consensus/justification.js',
        'return header.timestamp > parent.timestamp && header.timestamp <= nowMs + maxClockDriftMs;',
        'return header.timestamp + parent.timestamp + nowMs + maxClockDriftMs > 0;',
      ),
    ],
    caughtBy: [scenario('preparedBlockUnderOtherClocks', 'a fresh block of another proposer')],
  },
  {
    name: 'decides-in-its-round-only',
    bug: 'ignores Commits of a round that it has left',
    rule: 'Consensus rule 4',
    edits: [
      edit(
        'consensus/decide.js',
        'current.decision !== undefined || signatures',
        'round !== current.round || current.decision !== undefined || signatures',
      ),
    ],
    caughtBy: [scenario('decideInPastRound', 'decide at a validator that has left the round')],
  },
  {
    name: 'commit-said-once',
    bug: 'does not repeat its Commit in later rounds',
    rule: 'Consensus rule 8',
    edits: [edit('consensus/resend.js', " || vote.type === 'commit'", '')],
    caughtBy: [scenario('decideInPastRound', 'are said again in later rounds')],
  },
  {
    name: 'heal-repeats-nothing',
    bug: 'never says anything again',
    rule: 'Consensus rule 8',
    edits: [edit('consensus/handlers/heal.js', 'if (messages.length > 0)', 'if (messages.length < 0)')],
    caughtBy: [
      scenario('firstStartOfAllNodes', 'although the first proposal and the first votes reach nobody'),
      simulation('network', ['liveness'], { seeds: 40 }),
    ],
  },
  {
    name: 'heights-left-behind',
    bug: 'gives no certificate to whoever is still at a past height',
    rule: 'Consensus rule 8',
    edits: [
      edit('consensus/handlers/pastMessage.js', "effects.push({ type: 'sendCertificate', to: sender, height });", ''),
    ],
    caughtBy: [scenario('claimToBeAhead', 'is given the certificate of its height')],
  },
  {
    name: 'never-asks-for-blocks',
    bug: 'does not ask for blocks when it hears of a later height',
    rule: 'Consensus rule 8',
    edits: [
      edit('consensus/handlers/futureMessage.js', 'if (spokenOf <= height + 1)', 'if (spokenOf < 0)'),
      edit('consensus/handlers/heal.js', 'if (claims.length === 0 || ', 'if (claims.length >= 0 || '),
    ],
    caughtBy: [scenario('claimToBeAhead', 'asks for blocks when it hears of a height beyond the next')],
  },
  {
    name: 'silenced-by-a-claim',
    bug: 'stops signing because somebody says that he is further',
    rule: 'Consensus rule 8',
    edits: [
      edit(
        'consensus/handlers/futureMessage.js',
        "refuse(turn, 'HEIGHT_TOO_FAR', message.sender);",
        'state.finalHeight = Math.max(state.finalHeight, message.height - 1);',
      ),
    ],
    caughtBy: [scenario('claimToBeAhead', 'goes on signing whatever height others merely claim')],
  },
  {
    name: 'buffer-outlives-its-list',
    bug: 'counts messages that waited for a height whose list has changed',
    rule: 'Consensus rule 4',
    edits: [
      edit(
        'consensus/handlers/committed.js',
        'state.answered.clear();\n    }\n    else if',
        'state.answered.clear();\n    }\n    if',
      ),
    ],
    caughtBy: [scenario('validatorSetChangeAtTimedOutHeight', 'drops what was kept of the next height')],
  },
  {
    name: 'buffer-without-limit',
    bug: 'keeps every message of the next height',
    rule: 'What is kept K1',
    edits: [edit('consensus/nextHeightBuffer.js', 'messages.size <= BUFFERED_PER_VALIDATOR', 'messages.size > 0')],
    caughtBy: [scenario('claimToBeAhead', 'keeps only so much of the next height')],
  },
  {
    name: 'timeouts-do-not-grow',
    bug: 'gives every round the time of round 0',
    rule: 'Consensus rule 5',
    edits: [edit('consensus/rounds.js', 'roundTimeoutMs(config, round)', 'roundTimeoutMs(config, 0)')],
    caughtBy: [scenario('roundChangeStorm', 'grows its timeouts by half a round')],
  },
  {
    name: 'away-leaders-waited-for',
    bug: 'gives a leader that is not connected the whole round',
    rule: 'Consensus rule 5',
    edits: [edit('node/engine/leaderLinks.js', 'if (peers.length === 0 ||', 'if (peers.length >= 0 ||')],
    caughtBy: [scenario('turnsOfADisconnectedLeader', 'take less than half of a round timeout')],
  },
];
