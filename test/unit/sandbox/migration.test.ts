import { expect } from 'chai';
import { defineContract } from '../../../contracts/api/define.js';
import type { ExecutableContract } from '../../../contracts/api/host.js';
import { callOf, MIGRATE_METHOD } from '../../../contracts/api/method.js';
import { migrateArgs } from '../../../contracts/api/migration.js';
import { loadContract } from '../../../sandbox/border/loadContract.js';
import { createStandardEngine } from '../../../sandbox/standardEngine.js';
import type { SandboxEngine } from '../../../sandbox/types.js';
import { bundleContract } from '../../support/sandbox/bundle.js';
import * as notes from '../../support/sandbox/contracts/notes.js';
import { accountOf, openDirectory } from '../../support/sandbox/directory.js';
import { TwoLedgers } from '../../support/sandbox/twoLedgers.js';

const FUEL = 100_000_000;
const TRANSACTION_FUEL = 10_000_000;
const SENDER = accountOf(1);

const { first, second, secondForever, secondFails, secondUnmigrated } = notes;
const NATIVE = { first, second, secondForever, secondFails, secondUnmigrated };
type Version = keyof typeof NATIVE;

const definition = defineContract({ name: 'contracts', version: 1, state: {}, events: {}, errors: {} });
const migrate = {
  contract: 'notes',
  method: MIGRATE_METHOD,
  kind: 'tx',
  args: migrateArgs,
  returns: undefined,
} as const;

/** Puts versions in force, as far as a contract of its name is needed for it. */
const activation = definition.build({
  takeOver: definition.tx({ args: migrateArgs.fields, auth: { sender: true } }, (ctx, a) => ctx.call(migrate, a)),
});

describe('the migration of a sandboxed contract', () => {
  let engine: SandboxEngine;
  const bundles = new Map<string, string>();

  before(async () => {
    engine = createStandardEngine();
    for (const version of Object.keys(NATIVE)) {
      bundles.set(version, await bundleContract('test/support/sandbox/contracts/notes.ts', version));
    }
  });

  /** Two notes of the first version, and the later version in force. */
  function upgradedTo(version: Version): TwoLedgers {
    const inForce = { version: 'first' as Version };
    const sandboxed = new Map(
      ['first', version].map((each) => [each, loadContract(engine, bundles.get(each) ?? '', FUEL).contract]),
    );
    const directory = (running: () => ExecutableContract | undefined) => () => ({
      get: (name: string) => (name === 'notes' ? running() : activation),
    });
    const ledgers = new TwoLedgers(
      directory(() => NATIVE[inForce.version]),
      directory(() => sandboxed.get(inForce.version)),
      { directory: openDirectory },
    );
    for (const [id, text] of Object.entries({ one: 'first text', two: 'ünï "text"' })) {
      const args = first.codec.encodeArgs('write', { id, text });
      ledgers.run({ sender: SENDER, calls: [{ contract: 'notes', method: 'write', args }] });
    }
    inForce.version = version;
    return ledgers;
  }

  const migration = (from = 1) => ({
    sender: SENDER,
    calls: [callOf(activation.methods.takeOver, { from })],
    maxFuel: TRANSACTION_FUEL,
  });

  it('takes the state over as the native contract does, or none of it', () => {
    const codes = (['second', 'secondFails', 'secondForever'] as const).map((version) => {
      const ledgers = upgradedTo(version);
      const { failure } = ledgers.run(migration(), version);
      ledgers.expectSameState(version);
      return failure?.code;
    });
    expect(codes).to.deep.equal([undefined, 'CANNOT_MIGRATE', 'OUT_OF_FUEL']);
  });

  it('is the deployment’s to run, and from a version that there is a step for', () => {
    const ledgers = upgradedTo('second');
    expect(ledgers.run(migration(7)).failure?.code).to.equal('ARGUMENTS_INVALID');
    const { failure } = ledgers.run({ sender: SENDER, calls: [callOf(migrate, { from: 1 })] });
    expect(failure?.code).to.equal('UNAUTHORISED');
    expect(ledgers.run(migration()).failure).to.equal(undefined);
    const read = { contract: 'notes', method: 'read', args: second.codec.encodeArgs('read', { id: 'two' }) };
    const seen = ledgers.sandboxed.view(read);
    expect(seen).to.deep.equal(ledgers.native.view(read));
    expect(second.codec.decodeResult('read', seen)).to.deep.equal({ text: 'ünï "text"', length: 10 });
  });

  it('that was forgotten is a failure of the contract’s calls, and stops no node. PROTOCOL §Sandbox Z1', () => {
    const { sandboxed } = upgradedTo('secondUnmigrated');
    const args = secondUnmigrated.codec.encodeArgs('read', { id: 'one' });
    const { failure } = sandboxed.run({ sender: SENDER, calls: [{ contract: 'notes', method: 'read', args }] });
    expect([failure?.code, failure?.failedCall]).to.deep.equal(['VALUE_INVALID', 'notes.read']);
  });
});
