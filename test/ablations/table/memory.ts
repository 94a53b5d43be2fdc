import { type Ablation, edit, scenario, simulation } from '../ablation.js';

/** Rules about what a validator remembers, and about what it can show of others. */
export const MEMORY: readonly Ablation[] = [
  {
    name: 'no-journal',
    bug: 'starts without what its journal names',
    rule: 'Journal J5',
    edits: [edit('consensus/enterHeight.js', 'if (record.height === state.current.height)', 'if (false)')],
    caughtBy: [
      scenario('journalLossFork', 'agree with it, because their journals bind them'),
      simulation('crash', ['stop', 'double signature'], { seeds: 20 }),
    ],
  },
  {
    name: 'journal-not-said-again',
    bug: 'does not say again what its journal names',
    rule: 'Journal J5',
    edits: [edit('consensus/enterHeight.js', 'for (const vote of votes)\n        sign(turn, vote);', '')],
    caughtBy: [scenario('proposerCrashAtEachStep', 'it proposes the same block again')],
  },
  {
    name: 'prepared-not-in-the-journal',
    bug: 'leaves the prepared certificate out of its journal',
    rule: 'Journal J1',
    edits: [
      edit(
        'consensus/turn.js',
        'return { height, round, sent, prepared };',
        'return { height, round, sent, prepared: undefined };',
      ),
    ],
    caughtBy: [
      scenario('proposerCrashAtEachStep', 'takes its prepared block into the next round'),
      simulation('crash', ['stop'], { seeds: 5 }),
    ],
  },
  {
    name: 'journal-ahead-of-chain-ignored',
    bug: 'signs below a journal that is beyond its chain',
    rule: 'Journal J6',
    edits: [edit('consensus/state.js', 'state.awaitedRecord === undefined &&\n        ', '')],
    caughtBy: [scenario('claimToBeAhead', 'signs nothing below a journal that is beyond its chain')],
  },
  {
    name: 'signs-without-a-trusted-journal',
    bug: 'signs although its journal cannot be trusted',
    rule: 'Journal J7',
    edits: [edit('consensus/state.js', 'state.isJournaled &&\n        ', '')],
    caughtBy: [scenario('claimToBeAhead', 'signs nothing at all without a journal that it can trust')],
  },
  {
    name: 'signs-while-syncing',
    bug: 'signs for a height that a certificate says is decided',
    rule: 'Consensus rule 8',
    edits: [edit('consensus/state.js', 'state.finalHeight < current.height &&\n        ', '')],
    caughtBy: [scenario('claimToBeAhead', 'signs nothing at a height that a verified certificate says is decided')],
  },
  {
    name: 'next-height-before-the-write',
    bug: 'works at the next height before the block is written',
    rule: 'Consensus rule 4',
    edits: [
      edit(
        'consensus/decide.js',
        "effects.push({ type: 'commitBlock', height, blockHash, certificate });",
        "effects.push({ type: 'commitBlock', height, blockHash, certificate });\n" +
          '        enterHeight(turn, { header: bodies.header(blockHash), blockHash, validators: validatorsOf(state) });\n' +
          '        state.current.isIntervalOver = true;\n        advance(turn);',
      ),
      edit(
        'consensus/decide.js',
        "import { validatorsOf } from './state.js';",
        "import { validatorsOf } from './state.js';\nimport { enterHeight } from './enterHeight.js';\nimport { advance } from './rounds.js';",
      ),
    ],
    caughtBy: [
      scenario('powerLossBetweenDecideAndCommit', 'have said nothing of the next height before the block was written'),
      scenario('powerLossBetweenDecideAndCommit', 'write the block that was decided when they are back'),
    ],
  },
  {
    name: 'newest-vote-counts',
    bug: 'lets the second of two votes take the place of the first',
    rule: 'What is kept K1',
    edits: [
      edit(
        'consensus/voteBook.js',
        "return equalBytes(first.blockHash, vote.blockHash) ? REPEATED : { result: 'conflict', first };",
        'if (equalBytes(first.blockHash, vote.blockHash))\n                return REPEATED;\n' +
          '            this.#remove(vote.sender, vote.round);',
      ),
    ],
    caughtBy: [scenario('votesForTwoBlocks', 'two Commits of one round are evidence')],
  },
  {
    name: 'double-sign-not-seen',
    bug: 'does not report two payloads of one type, height and round',
    rule: 'Evidence E1',
    edits: [edit('primitives/evidence.js', "return isOne ? undefined : 'doubleSign';", 'return undefined;')],
    caughtBy: [scenario('splitPrepare', 'are seen: the first proposal counts')],
  },
  {
    name: 'amnesia-not-seen',
    bug: 'does not report a round change that forgets a Commit',
    rule: 'Evidence E2',
    edits: [
      edit('primitives/evidence.js', "return forgets(second, first) ? 'amnesia' : undefined;", 'return undefined;'),
    ],
    caughtBy: [scenario('votesForTwoBlocks', 'is evidence of amnesia')],
  },
];
