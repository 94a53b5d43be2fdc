import { type Ablation, edit, scenario, test } from '../ablation.js';

const overlay = 'node/state/overlay.js';

/** Rules about what a block may hold, how it is fetched, and how it is written. */
export const BLOCKS: readonly Ablation[] = [
  {
    name: 'sync-without-signatures',
    bug: 'does not check the signatures of fetched blocks',
    rule: 'What is asked N2',
    edits: [edit('node/engine/certifiedChain.js', 'if (!isProven)', 'if (!isProven && answers.length < 0)')],
    caughtBy: [test('unit/engine/sync', 'commits nothing of a signature that is not valid')],
  },
  {
    name: 'sync-without-quorum',
    bug: 'takes fetched blocks with the certificate of too few',
    rule: 'What is asked N2',
    edits: [
      edit(
        'node/engine/certifiedChain.js',
        'const fault = certificateShapeFault(certificate, parent.validators.length);',
        'const fault = certificate.signatures.length === 0 ? certificateShapeFault(certificate, parent.validators.length) : undefined;',
      ),
    ],
    caughtBy: [test('unit/engine/sync', 'commits nothing of a certificate of too few')],
  },
  {
    name: 'sync-with-prepares',
    bug: 'takes the certificate that a block was prepared for one that it is decided',
    rule: 'What is asked N2',
    edits: [edit('node/engine/certifiedChain.js', "certificate.type === 'commit' && ", '')],
    caughtBy: [test('unit/engine/sync', 'commits nothing of a prepare certificate')],
  },
  {
    name: 'sync-on-any-parent',
    bug: 'takes fetched blocks that stand on another parent',
    rule: 'What is asked N2',
    edits: [
      edit('node/engine/certifiedChain.js', 'if (!equalBytes(header.parentHash, parent.blockHash))', 'if (false)'),
    ],
    caughtBy: [test('unit/engine/sync', 'commits nothing of a decided block on another parent')],
  },
  {
    name: 'sync-of-another-body',
    bug: 'takes fetched blocks with other transactions than their header names',
    rule: 'What is asked N2',
    edits: [
      edit(
        'node/engine/certifiedChain.js',
        '!hasCommittedRoot(header, leafHashes(block.transactions), hasher)',
        'false',
      ),
    ],
    caughtBy: [test('unit/engine/sync', 'commits nothing of a body that the header does not name')],
  },
  {
    name: 'sync-over-a-handover',
    bug: 'checks fetched blocks against the validators of the head, also after the list has changed',
    rule: 'What is asked N2',
    edits: [edit('node/engine/certifiedChain.js', 'if (tip.isHandover)', 'if (tip === undefined)')],
    caughtBy: [test('unit/engine/sync', 'reaches the claimed head over a change of validators')],
  },
  {
    name: 'never-fetches',
    bug: 'hears that others are further and fetches nothing',
    rule: 'Consensus rule 8',
    edits: [edit('node/engine/sync.js', 'this.plan.peers.claim(peerId, headHeight, this.nowMs);', '')],
    caughtBy: [scenario('catchUpUnderLoad', 'joins with an empty chain')],
  },
  {
    name: 'follows-a-root-not-its-own',
    bug: 'goes on when a decided block is not valid here',
    rule: 'Safety, Validity',
    edits: [
      edit('node/engine/commitLane.js', 'turn.catch(this.modules.fail);', 'turn.catch(() => undefined);'),
      edit('node/engine/validating.js', 'effect.catch(this.parts.fail);', 'effect.catch(() => undefined);'),
    ],
    caughtBy: [scenario('blockExecutedDifferentlyByOne', 'stops that node when it is decided')],
  },
  {
    name: 'refused-block-prepared',
    bug: 'prepares a block that its executor refuses',
    rule: 'Consensus rule 2',
    edits: [edit('node/engine/blockJobs.js', 'if (result.valid)\n', 'if (result.valid || !result.valid)\n')],
    caughtBy: [scenario('blockExecutedDifferentlyByOne', 'gets no Prepare of it')],
  },
  {
    name: 'transactions-root-ignored',
    bug: 'executes other transactions than the header names',
    rule: 'Block validity B8',
    edits: [edit('node/execution/blockRules.js', 'if (!equalBytes(root, header.txRoot))', 'if (false)')],
    caughtBy: [test('unit/execution/blockRules', 'refuses other transactions than its root names')],
  },
  {
    name: 'one-transaction-twice',
    bug: 'lets a block hold a transaction twice',
    rule: 'Block validity B9',
    edits: [edit('node/execution/blockRules.js', 'if (ids.has(name))', 'if (false)')],
    caughtBy: [test('unit/execution/blockRules', 'refuses one transaction twice')],
  },
  {
    name: 'roots-ignored',
    bug: 'accepts a block whatever roots its header claims',
    rule: 'Block validity B12',
    edits: [edit('node/execution/blockRules.js', 'if (!equalBytes(header[field], executed[field]))', 'if (false)')],
    caughtBy: [test('unit/execution/blockRules', 'refuses with STATE_ROOT_MISMATCH')],
  },
  {
    name: 'expired-included',
    bug: 'includes a transaction that has expired',
    rule: 'Includable transactions I2',
    edits: [
      edit('node/execution/inclusion.js', 'if (timestamp > body.expiresAt)', 'if (timestamp > body.expiresAt + 1)'),
    ],
    caughtBy: [test('unit/execution/blockRules', 'includes up to the moment of expiry')],
  },
  {
    name: 'expiry-beyond-the-window',
    bug: 'includes a transaction that outlives the memory of its reference',
    rule: 'Includable transactions I2',
    edits: [edit('node/execution/inclusion.js', 'if (body.expiresAt > latest)', 'if (body.expiresAt > latest + 1)')],
    caughtBy: [test('unit/execution/blockRules', 'includes nothing that expires later than the window')],
  },
  {
    name: 'reference-window-one-less',
    bug: 'forgets a reference a millisecond too early',
    rule: 'Includable transactions I6',
    edits: [
      edit(
        'node/state/referenceSet.js',
        'timestamp <= position.timestamp + this.#windowMs ?',
        'timestamp < position.timestamp + this.#windowMs ?',
      ),
    ],
    caughtBy: [test('unit/execution/transactions', 'holds its reference until the window has passed')],
  },
  {
    name: 'reference-used-twice',
    bug: 'lets two transactions of one block use one reference',
    rule: 'Includable transactions I6',
    edits: [
      edit('node/execution/inclusion.js', 'if (!context.references.isFree(body.sender, body.reference))', 'if (false)'),
      edit(
        'node/execution/blockExecution.js',
        "invariant(isUsed, 'a reference stays free from the check to the use');",
        '',
      ),
    ],
    caughtBy: [test('unit/execution/blockRules', 'refuses a reference that another transaction of the block holds')],
  },
  {
    name: 'policy-not-met',
    bug: 'includes a transaction that its account’s policy does not allow',
    rule: 'Includable transactions I5',
    edits: [edit('node/execution/inclusion.js', 'if (!registry.authorises(body.sender, body.signers))', 'if (false)')],
    caughtBy: [test('unit/execution/blockRules', 'refuses signers that do not meet the policy of the sender')],
  },
  {
    name: 'no-quota',
    bug: 'lets a member fill the window alone',
    rule: 'Includable transactions I7',
    edits: [edit('node/execution/inclusion.js', 'if (!context.quotas.hasRoom(sender.member))', 'if (false)')],
    caughtBy: [test('unit/execution/blockRules', 'gives each member a quota in each window')],
  },
  {
    name: 'failure-keeps-its-writes',
    bug: 'keeps what a failed transaction wrote',
    rule: 'Running a transaction R1',
    edits: [edit('contracts/runtime/runCalls.js', 'run.takeBack(mark);', 'run.keep(mark);')],
    caughtBy: [test('unit/execution/transactions', 'keeps nothing of a failure but its receipt and its reference')],
  },
  {
    name: 'poison-proposed-again',
    bug: 'goes on proposing a transaction that broke its executor',
    rule: 'Running a transaction R3',
    edits: [edit('node/mempool/quarantine.js', 'this.ids.add(key);', '')],
    caughtBy: [scenario('poisonousTransaction', 'is refused where a leader proposes it all the same')],
  },
  {
    name: 'height-in-two-writes',
    bug: 'writes the head of a height after its state, in a write of its own',
    rule: 'Consensus rule 4',
    edits: [
      edit(
        'node/execution/writeBlock.js',
        'database.putHead(batch, { height, blockHash });\n    await batch.write();',
        'await batch.write();\n    const second = database.batch();\n' +
          '    database.putHead(second, { height, blockHash });\n    await second.write();',
      ),
    ],
    caughtBy: [test('unit/execution/commit', 'is one write'), scenario('powerLossAtEveryPoint', '(power')],
  },
  {
    name: 'writes-not-synced',
    bug: 'does not sync what it writes to the database',
    rule: 'Consensus rule 4',
    edits: [edit('node/storage/levelEngine.js', 'batch.write({ sync: true })', 'batch.write({ sync: false })')],
    caughtBy: [test('unit/storage/levelEngine', 'syncs every batch')],
  },
  {
    name: 'storage-goes-on-after-a-failed-write',
    bug: 'goes on after a write to the database has failed',
    rule: 'Consensus rule 4',
    edits: [edit('node/storage/rowStore.js', 'this.#failure ??= error;', '')],
    caughtBy: [test('unit/storage/failStop', 'nothing is acknowledged any more')],
  },
  {
    name: 'values-without-checksum',
    bug: 'believes whatever value the disk gives',
    rule: 'node/storage/rowStore.ts',
    edits: [
      edit(
        'node/storage/checksum.js',
        'return crc32(value, crc32(key)) === stored ? value : undefined;',
        'return stored >= 0 ? value : undefined;',
      ),
    ],
    caughtBy: [test('unit/storage/damage', 'is noticed when it gives another value')],
  },
  {
    name: 'overlay-walks-each-time',
    bug: 'walks over all that a block has deleted for each range of one entry',
    rule: 'node/state/overlay.ts: a range costs what it gives',
    edits: [edit(overlay, 'walked.length >= JUMP_LENGTH', 'false')],
    caughtBy: [test('property/state/overlay', 'walks over it once')],
  },
  {
    name: 'overlay-keeps-jumps',
    bug: 'goes on jumping over what a failed transaction had deleted',
    rule: 'node/state/overlay.ts: a jump over a fresh key may have to be taken back',
    edits: [edit(overlay, 'if (isFresh) {', 'if (false) {')],
    caughtBy: [test('property/state/overlay', 'shows again what was deleted')],
  },
  {
    name: 'overlay-keeps-jumps-onto-jumps',
    bug: 'keeps a jump that goes on by one which is taken back',
    rule: 'node/state/overlay.ts: freshJumps',
    edits: [edit(overlay, ' || this.#freshJumps.has(key)', '')],
    caughtBy: [test('property/state/overlay', 'shows it again behind what was hidden before')],
  },
  {
    name: 'head-start-counts-for-another',
    bug: 'takes whatever it has executed ahead for the block that is proposed',
    rule: 'PROTOCOL §Consensus, Outline: what was executed counts where the proposal is of that very block',
    edits: [
      edit(
        'node/engine/headStart.js',
        'executed === undefined || !equalBytes(executed, blockHash)',
        'executed === undefined',
      ),
    ],
    caughtBy: [test('unit/engine/blockJobs', 'where it is of another block')],
  },
  {
    name: 'outline-of-anybody',
    bug: 'follows outlines of whoever sends them',
    rule: 'PROTOCOL §Consensus, Outline: one that comes from the leader of its own round',
    edits: [edit('node/engine/validating.js', 'directory.peersOf(leader).includes(peerId)', 'true')],
    caughtBy: [test('unit/engine/outlines', 'no other validator, observer or round')],
  },
  {
    name: 'outline-names-twice',
    bug: 'builds of an outline that names one transaction again and again',
    rule: 'PROTOCOL §Consensus, Outline: one that names a transaction twice is passed over',
    edits: [edit('node/engine/headStart.js', ' || transactions.has(bytes)', '')],
    caughtBy: [test('unit/engine/blockJobs', 'pass over what is missing')],
  },
  {
    name: 'outlines-go-on-after-a-break',
    bug: 'follows the next outline at once after one that broke the executor',
    rule: 'PROTOCOL §Consensus, Outline: none for a minute after one that broke the executor',
    edits: [edit('node/engine/headStart.js', 'timers.monotonic() >= this.restsUntilMs', 'true')],
    caughtBy: [test('unit/engine/blockJobs', 'follow none for a minute')],
  },
  {
    name: 'key-of-another-row',
    bug: 'keeps a key of rows for a range, which is written over by the next one',
    rule: 'node/storage/repository.ts: a key is good until the next one is made',
    edits: [edit('node/storage/repository.js', 'this.#rowKey(range.from).slice()', 'this.#rowKey(range.from)')],
    caughtBy: [test('unit/storage/rows', 'come in the order of their bytes')],
  },
  {
    name: 'log-over-large-value',
    bug: 'starts with what an older row of the log says of a key whose large value stands in its own row',
    rule: 'node/state/valueStore.ts: the log says so, lest an older row of it counts',
    edits: [edit('node/state/valueStore.js', 'known.value = this.#modules.values.get(key)', 'void 0')],
    caughtBy: [test('property/state/authenticatedState', 'after a restart')],
  },
  {
    name: 'large-value-verified-by-log',
    bug: 'verifies a large value by what an older row of the log says',
    rule: 'node/state/valueStore.ts: the log says so, lest an older row of it counts',
    edits: [edit('node/state/valueStore.js', 'newest.delete(key)', 'void 0')],
    caughtBy: [test('property/state/authenticatedState', 'after a restart')],
  },
  {
    name: 'forgotten-value-written',
    bug: 'writes a value to what memory has forgotten and read again since',
    rule: 'node/state/knownValues.ts: whoever still has a forgotten one must ask again',
    edits: [edit('node/state/valueStore.js', ' || known.isForgotten', '')],
    caughtBy: [test('unit/state/authenticatedState', 'forgotten and read again')],
  },
  {
    name: 'unwritten-value-forgotten',
    bug: 'forgets values that wait to be written, and reads older ones from their rows',
    rule: 'node/state/knownValues.ts: those that wait to be written stay',
    edits: [
      edit('node/state/knownValues.js', 'known === undefined || known.since !== undefined', 'known === undefined'),
    ],
    caughtBy: [test('unit/state/structures', 'keeps what waits to be written')],
  },
];
