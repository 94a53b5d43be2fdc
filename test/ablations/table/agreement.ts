import { type Ablation, edit, scenario, simulation } from '../ablation.js';

export const AMNESIA = [
  edit('consensus/rounds.js', 'preparedRound: current.prepared?.round', 'preparedRound: undefined'),
  edit('consensus/rounds.js', 'preparedHash: current.prepared?.blockHash', 'preparedHash: undefined'),
  edit('consensus/rounds.js', 'preparedCertificate: current.prepared,', 'preparedCertificate: undefined,'),
];

/** Rules for which two blocks of one height would be decided, or one without proof. */
export const AGREEMENT: readonly Ablation[] = [
  {
    name: 'quorum-one-less',
    bug: 'takes floor((2n − 1) / 3) votes for a quorum',
    rule: 'Consensus, Terms',
    edits: [
      edit(
        'primitives/validator.js',
        'return Math.floor((2 * validatorCount - 1) / 3) + 1;',
        'return Math.max(1, Math.floor((2 * validatorCount - 1) / 3));',
      ),
    ],
    caughtBy: [
      scenario('evenSplit', 'a network that falls into two halves'),
      simulation('crash', ['certificate', 'agreement'], { seeds: 5 }),
    ],
  },
  {
    name: 'more-than-f-cheat',
    bug: 'is one of f + 1 that work together against the others: nothing is promised then, and the checker says so',
    rule: 'Safety, Beyond f',
    edits: [
      edit('test/simulation/world/profiles.js', "profile === 'beyond' ? f + 1", "profile === 'byzantine' ? f + 1"),
    ],
    caughtBy: [simulation('byzantine', ['agreement'])],
  },
  {
    name: 'quorum-2f-plus-1',
    bug: 'takes 2f + 1 votes for a quorum, three of six',
    rule: 'Consensus, Terms',
    edits: [
      edit(
        'primitives/validator.js',
        'return Math.floor((2 * validatorCount - 1) / 3) + 1;',
        'return 2 * Math.floor((validatorCount - 1) / 3) + 1;',
      ),
    ],
    caughtBy: [scenario('evenSplit', '6 validators')],
  },
  {
    name: 'commit-with-one-prepare',
    bug: 'sends its Commit as soon as it has one Prepare',
    rule: 'Consensus rule 3',
    edits: [edit('consensus/commitVote.js', 'signatures.size < quorum(validatorCount)', 'signatures.size < 1')],
    caughtBy: [
      scenario('votesOfAnotherPlace', 'prepare when they are a quorum, and not one earlier'),
      simulation('crash', ['stop'], { seeds: 5 }),
    ],
  },
  {
    name: 'decide-with-f-plus-1-commits',
    bug: 'decides with the Commits of f + 1 validators',
    rule: 'Consensus rule 4',
    edits: [
      edit(
        'consensus/decide.js',
        'signatures.size < quorum(validatorCount)',
        'signatures.size < Math.floor((validatorCount - 1) / 3) + 1',
      ),
    ],
    caughtBy: [
      scenario('votesOfAnotherPlace', 'decide when they are a quorum, and not one earlier'),
      simulation('crash', ['stop', 'certificate'], { seeds: 5 }),
    ],
  },
  {
    name: 'prepares-of-any-round',
    bug: 'counts Prepares and Commits of all rounds together',
    rule: 'Consensus rule 3 and 4',
    edits: [
      edit(
        'consensus/voteBook.js',
        'const ballots = this.#rounds.get(round)?.ballots;',
        'const all = new Map([...this.#rounds.values()].flatMap(({ ballots }) => ballots)' +
          '.filter((ballot) => equalBytes(ballot.blockHash, blockHash)).flatMap((ballot) => [...ballot.signatures]));' +
          'const ballots = [{ blockHash, signatures: all }];',
      ),
    ],
    caughtBy: [
      scenario('votesOfAnotherPlace', 'of another round prepare nothing'),
      simulation('network', ['stop'], { seeds: 20 }),
    ],
  },
  {
    name: 'commits-of-two-rounds-add-up',
    bug: 'decides with Commits of several rounds taken together',
    rule: 'Consensus rule 4',
    edits: [
      edit(
        'consensus/decide.js',
        'const signatures = current.commits.signatures(round, blockHash);',
        'const signatures = new Map([0, 1, 2, 3].flatMap((r) => [...current.commits.signatures(r, blockHash)]));',
      ),
    ],
    caughtBy: [scenario('decideInPastRound', 'of two rounds do not add up')],
  },
  {
    name: 'votes-of-the-next-height',
    bug: 'counts votes of the next height at this one',
    rule: 'Consensus rule 4',
    edits: [edit('consensus/handlers/message.js', 'if (message.height > state.current.height)', 'if (false)')],
    caughtBy: [scenario('votesOfAnotherPlace', 'of another height decide nothing')],
  },
  {
    name: 'prepare-before-execution',
    bug: 'sends its Prepare without having executed the block',
    rule: 'Consensus rule 2',
    edits: [edit('consensus/accept.js', 'if (!current.bodies.isExecuted(candidate.blockHash))', 'if (false)')],
    caughtBy: [scenario('votesOfAnotherPlace', 'for a block that executes to other roots')],
  },
  {
    name: 'second-proposal-accepted',
    bug: 'takes another block of the same leader and round in the place of the first',
    rule: 'Consensus rule 2',
    edits: [
      edit('consensus/handlers/proposal.js', 'if (isSecond(turn, message))', 'if (false)'),
      edit(
        'consensus/accept.js',
        'candidate === undefined || current.acceptedHash !== undefined',
        'candidate === undefined',
      ),
    ],
    caughtBy: [scenario('splitPrepare', 'are seen: the first proposal counts')],
  },
  {
    name: 'amnesia',
    bug: 'forgets in a round change what it prepared',
    rule: 'Consensus rule 5',
    edits: AMNESIA,
    caughtBy: [
      scenario('hiddenPreparedBlock', 'is decided by whoever saw the Commits'),
      simulation('network', ['stop'], { seeds: 20 }),
    ],
  },
  {
    name: 'any-claim-will-do',
    bug: 'lets a proposal rest on an old claim although a higher one is among its round changes',
    rule: 'Consensus rule 2',
    edits: [
      edit(
        'consensus/justification.js',
        'const isAgreed = roundChanges.every((claim) => claim.preparedRound !== highest.preparedRound || provesClaim(',
        'const isAgreed = roundChanges.some((claim) => claim.preparedRound !== undefined && provesClaim(',
      ),
    ],
    caughtBy: [scenario('hiddenPreparedBlock', 'does not come back over what a later round prepared')],
  },
  {
    name: 'lowest-claim-proposed',
    bug: 'takes the lowest claim for the highest, as leader and as judge',
    rule: 'Consensus rule 7',
    edits: [
      edit(
        'consensus/justification.js',
        'claim.preparedRound > (highest?.preparedRound ?? -1)',
        'claim.preparedRound < (highest?.preparedRound ?? Number.POSITIVE_INFINITY)',
      ),
    ],
    caughtBy: [scenario('ibft1Deadlock', 'agree on the one of the later round')],
  },
  {
    name: 'no-justification',
    bug: 'accepts a proposal of a later round for no reason',
    rule: 'Consensus rule 2',
    edits: [
      edit(
        'consensus/handlers/proposal.js',
        'const justification = justify(message, validatorsOf(state).length);',
        "const justification = justify(message, validatorsOf(state).length) ?? 'fresh';",
      ),
    ],
    caughtBy: [scenario('forgedJustification', 'with the round changes of fewer than a quorum')],
  },
  {
    name: 'justified-by-too-few',
    bug: 'accepts a proposal on the round changes of fewer than a quorum',
    rule: 'Consensus rule 2',
    edits: [edit('consensus/justification.js', 'roundChanges.length < quorum(validatorCount) || ', '')],
    caughtBy: [scenario('forgedJustification', 'with the round changes of fewer than a quorum')],
  },
  {
    name: 'justified-by-one-twice',
    bug: 'counts a round change twice when it stands twice in a proposal',
    rule: 'Consensus rule 2',
    edits: [edit('consensus/justification.js', ' && message.sender > previous', ' && previous < validatorCount')],
    caughtBy: [scenario('forgedJustification', 'with one round change twice')],
  },
  {
    name: 'another-block-under-the-claim',
    bug: 'accepts another block than the one that its certificate names',
    rule: 'Consensus rule 2',
    edits: [edit('consensus/justification.js', 'return isAgreed && isSameBlock ?', 'return isAgreed ?')],
    caughtBy: [scenario('forgedJustification', 'with a claim of another block than its own')],
  },
  {
    name: 'claim-without-proof',
    bug: 'believes what a round change claims without its certificate',
    rule: 'Consensus, Messages',
    edits: [
      edit(
        'consensus/handlers/roundChange.js',
        ' || !provesClaim(message.preparedCertificate, message.height, message)',
        '',
      ),
    ],
    caughtBy: [scenario('forgedJustification', 'is refused whichever part of it is not true')],
  },
  {
    name: 'anybody-leads',
    bug: 'accepts a proposal of a validator that does not lead the round',
    rule: 'Consensus rule 2',
    edits: [
      edit('consensus/handlers/proposal.js', 'if (!isLeader(state, message.sender, message.round))', 'if (false)'),
    ],
    caughtBy: [scenario('forgedJustification', 'does not help who does not lead the round')],
  },
  {
    name: 'any-parent',
    bug: 'accepts a block that stands on another parent',
    rule: 'Consensus rule 2',
    edits: [
      edit(
        'consensus/justification.js',
        'equalBytes(header.parentHash, head.blockHash) &&\n        equalBytes(header.validatorsHash, head.header.nextValidatorsHash) &&\n        equalBytes(headerHash(header), blockHash));',
        'equalBytes(header.validatorsHash, head.header.nextValidatorsHash));',
      ),
    ],
    caughtBy: [scenario('forgedJustification', 'does not help a block that stands on another parent')],
  },
];
