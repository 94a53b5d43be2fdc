import { type Ablation, edit, test } from '../ablation.js';

const contract = 'contracts/deployment';
const unit = (title: string) => test('unit/contracts/deployment', title);
const onChain = (title: string) => test('unit/execution/deployment', title);

/** Rules about how contracts of banks come onto the chain and into force. */
export const DEPLOYMENT: readonly Ablation[] = [
  {
    name: 'deployment-any-engine',
    bug: 'opens a chain whose bank contracts run on an engine that it does not have',
    rule: 'Deployment T1',
    edits: [
      edit('node/execution/blockContracts.js', 'if (programs.has(hash))', 'if (programs.has(hash) || version > 0)'),
    ],
    caughtBy: [onChain('keep it from starting'), onChain('stop it after the block that allows another')],
  },
  {
    name: 'deployment-unknown-engine',
    bug: 'registers a contract for an engine that the chain does not name',
    rule: 'Deployment T4',
    edits: [edit(`${contract}/registration.js`, "ctx.require(isAllowed, 'ENGINE_UNKNOWN', { engine });", '')],
    caughtBy: [unit('registers nothing for one that the chain does not name')],
  },
  {
    name: 'deployment-bytes-unchecked',
    bug: 'takes the bytes of an upload for those of its hash',
    rule: 'Deployment T3',
    edits: [
      edit(
        `${contract}/uploads.js`,
        "ctx.require(equalBytes(actual, hash), 'HASH_MISMATCH', ",
        "ctx.require(true, 'HASH_MISMATCH', ",
      ),
    ],
    caughtBy: [unit('refuses bytes that are not what their hash says'), unit('does not take a source for a bundle')],
  },
  {
    name: 'deployment-shared-uploads',
    bug: 'lets a member write into the upload of another',
    rule: 'Deployment T2',
    edits: [
      edit(
        `${contract}/uploads.js`,
        'const member = memberOf(ctx);\n    const known',
        "const member = 'ALFADEFF';\n    const known",
      ),
    ],
    caughtBy: [unit('keeps those of one member apart from those of another')],
  },
  {
    name: 'deployment-loading-for-nothing',
    bug: 'does not charge for loading a bundle',
    rule: 'Deployment T4',
    edits: [edit(`${contract}/sandboxContract.js`, 'ctx.useFuel(fuelUsed);', '')],
    caughtBy: [unit('charges for loading')],
  },
  {
    name: 'deployment-loading-beyond-the-fuel',
    bug: 'loads a bundle with more fuel than the transaction can pay for',
    rule: 'Deployment T4',
    edits: [edit(`${contract}/sandboxContract.js`, 'Math.min(LOAD_FUEL, MethodContext.fuelLeft(ctx))', 'LOAD_FUEL')],
    caughtBy: [unit('loads with no more fuel than there is left')],
  },
  {
    name: 'deployment-squatting',
    bug: 'lets whoever registers a bundle first keep all others from it',
    rule: 'Deployment T4',
    edits: [
      edit(
        `${contract}/registration.js`,
        'ctx.state.candidates.has(name, version, bundle, member);',
        'ctx.state.candidates.entriesUnder([name, version, bundle], 1).length > 0;',
      ),
    ],
    caughtBy: [
      unit('lets each member register a bundle, whoever has done so before'),
      unit('though a stranger has registered the bundle before'),
    ],
  },
  {
    name: 'deployment-first-candidate',
    bug: 'looks for what was approved among the candidates of one member alone',
    rule: 'Deployment T6',
    edits: [
      edit(`${contract}/activation.js`, 'const found = registered.find(', 'const found = registered.slice(0, 1).find('),
    ],
    caughtBy: [unit('though a stranger has registered the bundle before')],
  },
  {
    name: 'deployment-abi-of-another',
    bug: 'forgets the ABI of a bundle that others have registered, too',
    rule: 'Deployment T3',
    edits: [
      edit(
        `${contract}/registration.js`,
        'releaseArtefact(ctx, bundle);',
        'ctx.state.abis.delete(bundle); releaseArtefact(ctx, bundle);',
      ),
    ],
    caughtBy: [unit('lets each member register a bundle, whoever has done so before')],
  },
  {
    name: 'deployment-another-name',
    bug: 'registers a program that says that it is another contract',
    rule: 'Deployment T4',
    edits: [
      edit(
        `${contract}/registration.js`,
        "ctx.require(declared.name === name && declared.version === version, 'ABI_MISMATCH', declared);",
        '',
      ),
    ],
    caughtBy: [unit('or that is another than it is registered as')],
  },
  {
    name: 'deployment-incompatible',
    bug: 'registers a version that reads what is stored as something else',
    rule: 'Deployment T5',
    edits: [
      edit(`${contract}/registration.js`, "ctx.require(changes.length === 0, 'INCOMPATIBLE', { from, changes });", ''),
    ],
    caughtBy: [unit('refuses one that would read what is stored as something else: secondUnmigrated')],
  },
  {
    name: 'deployment-misread-migration',
    bug: 'registers a migration that reads what is stored as something else',
    rule: 'Deployment T5',
    edits: [edit(`${contract}/registration.js`, 'return [...unread, ...misread];', 'return unread;')],
    caughtBy: [unit('refuses one that would read what is stored as something else: secondMisreads')],
  },
  {
    name: 'deployment-without-migration',
    bug: 'puts a version in force and does not take over what the one before has stored',
    rule: 'Deployment T6',
    edits: [edit(`${contract}/activation.js`, 'ctx.call(method, { from }, fuelLimit);', '')],
    caughtBy: [
      unit('takes over once what the version before has stored'),
      onChain('to its successor with what it has stored'),
    ],
  },
  {
    name: 'deployment-migrates-twice',
    bug: 'runs a migration twice',
    rule: 'Deployment T6',
    edits: [
      edit(
        `${contract}/activation.js`,
        'ctx.call(method, { from }, fuelLimit);',
        'ctx.call(method, { from }, fuelLimit); ctx.call(method, { from }, fuelLimit);',
      ),
    ],
    caughtBy: [onChain('to its successor with what it has stored')],
  },
  {
    name: 'deployment-endless-migration',
    bug: 'gives a migration all the fuel that there is',
    rule: 'Deployment T6',
    edits: [
      edit(
        `${contract}/activation.js`,
        "ctx.require(units <= limit, 'MIGRATION_FUEL_EXCEEDED', ",
        "ctx.require(true, 'MIGRATION_FUEL_EXCEEDED', ",
      ),
    ],
    caughtBy: [unit('no more fuel for migrations than one height has')],
  },
  {
    name: 'deployment-paused-for-good',
    bug: 'does not let a paused contract be replaced',
    rule: 'Deployment T6',
    edits: [
      edit(
        'contracts/runtime/contractHost.js',
        'if (!isMigration(callerContract, method))',
        'if (method !== undefined)',
      ),
    ],
    caughtBy: [unit('still puts a better version in force')],
  },
  {
    name: 'deployment-remembers-what-was-taken-back',
    bug: 'goes on to call a version that was taken back',
    rule: 'Deployment T7',
    edits: [edit(`${contract}/directory.js`, 'onRollback() {\n        this.forget();', 'onRollback() {')],
    caughtBy: [unit('keeps the version before, and its state, when the migration fails')],
  },
  {
    name: 'deployment-remembers-the-block-before',
    bug: 'calls the contracts of the state that it had when it started',
    rule: 'Deployment T7',
    edits: [edit('node/execution/chain.js', 'this.#deployed.forget();', '')],
    caughtBy: [onChain('are out of force again')],
  },
  {
    name: 'deployment-of-the-parent',
    bug: 'does not see what the block itself has put in force',
    rule: 'Deployment T7',
    edits: [edit('node/execution/blockContracts.js', 'this.#current = this.#overlay;', '')],
    caughtBy: [onChain('to its successor with what it has stored')],
  },
  {
    name: 'part-beyond-the-part',
    bug: 'lets a call inside a call with a part of the fuel have more than that part',
    rule: 'Running a transaction R2',
    edits: [
      edit(
        'contracts/runtime/fuelMeter.js',
        'Math.max(this.#floor, this.#left - units)',
        'Math.max(0, this.#left - units)',
      ),
    ],
    caughtBy: [test('unit/runtime/fuelMeter', 'bounds a part of a part')],
  },
  {
    name: 'taken-back-bytes-counted',
    bug: 'counts what was taken back against the bytes of a receipt',
    rule: 'Running a transaction R1',
    edits: [edit('contracts/runtime/transactionRun.js', 'this.receiptBytes = mark.receiptBytes;', '')],
    caughtBy: [test('unit/runtime/contractHost', 'gives back the room that events took')],
  },
  {
    name: 'pauses-of-a-dropped-transaction',
    bug: 'goes on with the pauses of a transaction that did not fit into the block',
    rule: 'Block validity B10',
    edits: [edit('node/execution/blockExecution.js', 'governance.onRollback();', '')],
    caughtBy: [test('unit/execution/blockRules', 'forgets pauses, members and references')],
  },
  {
    name: 'deployment-fuel-of-all-heights',
    bug: 'counts the fuel of migrations over all heights',
    rule: 'Deployment T6',
    edits: [edit(`${contract}/activation.js`, 'given?.height === ctx.height ? given.units : 0', 'given?.units ?? 0')],
    caughtBy: [unit('counts the fuel for migrations of one height alone')],
  },
  {
    name: 'deployment-back-and-not-counted',
    bug: 'does not count a contract that comes back among those in force',
    rule: 'Deployment T6',
    edits: [edit(`${contract}/activation.js`, 'if (before?.active !== true)', 'if (before === undefined)')],
    caughtBy: [unit('out of force, with the state kept')],
  },
];
