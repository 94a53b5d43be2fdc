import { type Ablation, edit, scenario, simulation, test } from '../ablation.js';
import { AMNESIA } from './agreement.js';

const WRITE = 'await journal.write(encodeJournalRecord(record));';

const UNGUARDED = edit(
  'node/engine/voteRelease.js',
  'checkSigning(state, vote, { prepared, isValid })',
  '({ height: vote.height, sent: { ...(vote.height === state.height ? state.sent : {}), [vote.type]: vote } })',
);

/** Rules about the disk, the key, and the messages that reach the state machine. */
export const SIGNING: readonly Ablation[] = [
  {
    name: 'send-before-journal',
    bug: 'signs and sends before its journal is written',
    rule: 'Journal J1',
    edits: [
      edit('node/engine/voteRelease.js', WRITE, ''),
      edit('node/engine/voteRelease.js', 'return signed;', `${WRITE}\n        return signed;`),
    ],
    caughtBy: [
      scenario('powerLossAroundTheJournal', 'before anything is written'),
      scenario('powerLossAtEveryPoint', '(power'),
    ],
  },
  {
    name: 'send-while-journal-is-written',
    bug: 'does not wait for its journal before it signs and sends',
    rule: 'Journal J1',
    edits: [
      edit('node/engine/voteRelease.js', WRITE, 'journal.write(encodeJournalRecord(record)).catch(() => undefined);'),
    ],
    caughtBy: [scenario('powerLossAroundTheJournal', 'with the first sectors written')],
  },
  {
    name: 'journal-not-synced',
    bug: 'writes the records of its journal and does not sync them',
    rule: 'Journal J1',
    edits: [
      edit(
        'node/engine/journal.js',
        'const file = await disk.openDurable(journalPath(directory));',
        "const opened = await disk.open(journalPath(directory), 'existing');\n" +
          '    let isRenewed = false;\n' +
          '    const file = {\n' +
          '        writeDurably: async (bytes, position) => {\n' +
          '            await opened.write(bytes, position);\n' +
          '            if (!isRenewed)\n                await opened.sync();\n' +
          '            isRenewed = true;\n' +
          '        },\n' +
          '        close: () => opened.close(),\n' +
          '    };',
      ),
    ],
    caughtBy: [scenario('powerLossAtEveryPoint', '(power')],
  },
  {
    name: 'journal-goes-on-after-a-failed-write',
    bug: 'writes its journal again after a write has failed',
    rule: 'Journal J1',
    edits: [edit('node/engine/journal.js', 'if (this.failed)', 'if (false)')],
    caughtBy: [test('unit/engine/journal', 'writes nothing more once a write has failed')],
  },
  {
    name: 'restored-journal-trusted',
    bug: 'trusts a journal that was brought back from a backup',
    rule: 'Journal J7',
    edits: [
      edit(
        'node/engine/journal.js',
        'if (sessions.some((session) => equalBytes(session, reading.entry.session)))',
        'if (sessions.length >= 0)',
      ),
    ],
    caughtBy: [
      test('unit/engine/journal', 'knows a copy that was brought back from a backup of an earlier run'),
      scenario('restoredBackup', 'signs at no height at which it may have signed since'),
    ],
  },
  {
    name: 'twin-not-noticed',
    bug: 'goes on although its key has signed what it did not sign',
    rule: 'Journal J8',
    edits: [
      edit(
        'consensus/ownVotes.js',
        'if (vote.height !== height)',
        'if (height >= 0)\n        return false;\n    if (vote.height !== height)',
      ),
    ],
    caughtBy: [scenario('twinStopsItself', 'stops itself, does not start again by itself')],
  },
  {
    name: 'lost-journal-starts-at-once',
    bug: 'begins a new journal where it finds none, and signs',
    rule: 'Journal J7',
    edits: [
      edit(
        'node/engine/engine.js',
        'this.recoverJournal().catch(this.parts.fail);',
        'this.validate(await recoverValidatorJournal(this.journalOptions(), 0));',
      ),
    ],
    caughtBy: [scenario('emptyDirectory', 'signs at no height at which it may have signed before')],
  },
  {
    name: 'recovery-asks-nobody',
    bug: 'takes its own height for the highest, after its journal was lost',
    rule: 'Journal J7',
    edits: [
      edit('node/engine/journalRecovery.js', 'if (heights.length >= needed)', 'if (heights.length >= 0)'),
      edit('node/engine/journalRecovery.js', 'Math.max(header.height + 1, ...heights) + 2', 'header.height + 1'),
    ],
    caughtBy: [scenario('emptyDirectory', 'signs at no height at which it may have signed before')],
  },
  {
    name: 'recovery-with-one-answer',
    bug: 'is content with the answer of one other validator, after its journal was lost',
    rule: 'Journal J7',
    edits: [edit('node/engine/journalRecovery.js', 'if (heights.length >= needed)', 'if (heights.length >= 1)')],
    caughtBy: [scenario('emptyDirectory', 'waits while too few others answer')],
  },
  {
    name: 'recovering-ones-believed',
    bug: 'tells its working height while its own journal is under recovery',
    rule: 'Journal J7',
    edits: [edit('node/engine/responder.js', 'if (this.modules.isRecovering())', 'if (false)')],
    caughtBy: [scenario('moreJournalsLostThanQuorumCanSpare', 'wait, sign nothing')],
  },
  {
    name: 'recovery-one-height-too-low',
    bug: 'signs again one height too early, after its journal was lost',
    rule: 'Journal J7',
    edits: [edit('node/engine/journalRecovery.js', '...heights) + 2', '...heights) + 1')],
    caughtBy: [scenario('emptyDirectory', 'signs at no height at which it may have signed before')],
  },
  {
    name: 'unguarded-key',
    bug: 'signs whatever its state machine asks for',
    rule: 'Signer S3',
    edits: [UNGUARDED],
    caughtBy: [test('unit/engine/voteRelease', 'refuses a second block in one round')],
  },
  {
    name: 'amnesia-and-an-unguarded-key',
    bug: 'forgets in a round change what it prepared, and its key lets it',
    rule: 'Consensus rule 5, Signer S6',
    edits: [...AMNESIA, UNGUARDED],
    caughtBy: [simulation('network', ['double signature', 'agreement', 'evidence'], { seeds: 20 })],
  },
  {
    name: 'no-journal-and-an-unguarded-key',
    bug: 'starts without what its journal names, and its key lets it',
    rule: 'Journal J5, Signer S3',
    edits: [
      UNGUARDED,
      edit('consensus/enterHeight.js', 'if (record.height === state.current.height)', 'if (false)'),
      edit(
        'node/engine/voteRelease.js',
        'this.guard = signingStateOf(record);',
        'this.guard = { height: 0, sent: {} };',
      ),
    ],
    caughtBy: [simulation('crash', ['double signature', 'agreement', 'evidence'], { seeds: 20 })],
  },
  {
    name: 'key-forgets-its-commit',
    bug: 'signs a round change that forgets its Commit',
    rule: 'Signer S6',
    edits: [edit('consensus/signingGuard.js', '!isWhole || (preparedRound ?? -1) < (commit?.round ?? -1)', '!isWhole')],
    caughtBy: [test('unit/engine/voteRelease', 'refuses a RoundChange that forgets a Commit')],
  },
  {
    name: 'body-not-on-disk',
    bug: 'signs for a block whose body is not on its disk',
    rule: 'Journal J1',
    edits: [edit('node/engine/voteRelease.js', 'invariant(isKept || !isNew,', 'invariant(isKept || isNew || true,')],
    caughtBy: [test('unit/engine/voteRelease', 'signs for no block whose body is not on the disk')],
  },
  {
    name: 'body-never-served',
    bug: 'gives nobody the body of an undecided block',
    rule: 'What is kept K2',
    edits: [edit('node/engine/responder.js', 'if (undecided !== undefined)', 'if (undecided === null)')],
    caughtBy: [test('unit/engine/responder', 'give an undecided body by its hash')],
  },
  {
    name: 'signatures-not-checked',
    bug: 'does not check who signed a message',
    rule: 'Consensus, Messages',
    edits: [
      edit('node/engine/inbound.js', 'if (await this.modules.checker.areValid(checks))', 'if (checks.length >= 0)'),
    ],
    caughtBy: [test('unit/engine/inbound', 'cost their sender a vote signed by a stranger')],
  },
  {
    name: 'inner-signatures-not-checked',
    bug: 'does not check the signatures of round changes inside a proposal',
    rule: 'Consensus, Messages',
    edits: [edit('node/engine/inbound.js', 'checks.push(this.messageCheck(roundChange, validators));', '')],
    caughtBy: [test('unit/engine/inbound', 'cost their sender a proposal with a forged round change in it')],
  },
  {
    name: 'certificate-of-one-signer-thrice',
    bug: 'counts the signatures of a certificate, not those who gave them',
    rule: 'Formats, Certificate',
    edits: [
      edit('primitives/certificate.js', 'if (signatures.length !== signers.length)', 'if (false)'),
      edit('primitives/certificate.js', 'if (signers.length < needed)', 'if (signatures.length < needed)'),
    ],
    caughtBy: [test('unit/primitives/certificate', 'a wrong number of signatures')],
  },
  {
    name: 'certificate-without-quorum',
    bug: 'takes any signatures for a certificate, however few',
    rule: 'Formats, Certificate',
    edits: [edit('primitives/certificate.js', 'if (signers.length < needed)', 'if (signers.length < 1)')],
    caughtBy: [test('unit/engine/inbound', 'cost their sender a certificate without a quorum')],
  },
];
