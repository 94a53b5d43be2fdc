import { expect } from 'chai';
import { StructSchema } from '../../../contracts/api/composites.js';
import { t } from '../../../contracts/api/t.js';
import { artefactHash } from '../../../contracts/deployment/artefacts.js';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import { deployment, governance } from '../../../contracts/index.js';
import { ExecutorClient } from '../../../node/execution/executorClient.js';
import { isCodedError } from '../../../primitives/errors.js';
import { systemCallId } from '../../../primitives/systemCall.js';
import { utf8Decode, utf8Encode } from '../../../primitives/text.js';
import type { Call, Receipt } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { labCall } from '../../support/labContract.js';
import { approvalOf, registerBundle } from '../../support/notesContract.js';
import { bundleContract } from '../../support/sandbox/bundle.js';
import { ACCOUNTS, callOf } from '../../support/settlementNetwork.js';

const d = deployment.methods;
const g = governance.methods;
const VOTERS = [ACCOUNTS.alfa, ACCOUNTS.beta];
const writeArgs = new StructSchema({ id: t.id, text: t.text(100) });
const idArgs = new StructSchema({ id: t.id });
const PROGRAMS = ['first', 'second', 'secondFails', 'secondForever', 'secondUnmigrated'] as const;

const write = (id: string, text: string): Call => labCall('notes', 'write', writeArgs.encode({ id, text }));

/** The whole way, with the engine of this version and programs that it loads. */
describe('contracts of banks in the sandbox of an executor', function () {
  this.timeout(60_000);
  const bundles = new Map<string, Uint8Array>();
  let network: ExecutionNetwork;
  let chain: TestChain;
  let away: ExecutorClient | undefined;
  let nextId: number;

  before(async () => {
    for (const name of PROGRAMS) {
      bundles.set(name, utf8Encode(await bundleContract('test/support/sandbox/contracts/notes.ts', name)));
    }
  });
  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    chain = new TestChain(network, await network.started('one'));
    nextId = 1;
  });
  afterEach(async () => {
    await away?.stop();
    away = undefined;
    await network.remove();
  });

  const bundleOf = (name: string): Uint8Array => bundles.get(name) ?? expect.fail(`no program ${name}`);

  async function run(...calls: readonly Call[]): Promise<Receipt> {
    const { receipts } = await chain.settle([network.transaction(calls)]);
    return receipts[0] ?? expect.fail('expected a receipt');
  }

  /** Proposes, approves and waits for the end of the block before. @returns the events of that end, by name */
  async function decide(...calls: readonly Call[]): Promise<readonly string[]> {
    const activateAt = chain.height + 4;
    const payload = { calls, activateAt, expiresAt: chain.timestamp + 100_000, description: 'x', document: undefined };
    await chain.settle([network.transaction([callOf(g.propose, payload)], { sender: ACCOUNTS.central })]);
    const approve = callOf(g.approve, { id: nextId, hash: payloadHash(payload) });
    nextId += 1;
    await chain.settle(VOTERS.map((sender) => network.transaction([approve], { sender })));
    while (chain.height < activateAt - 1) await chain.settle([]);
    const record = await chain.executor.receipt(systemCallId(network.genesisHash, activateAt - 1));
    return record?.receipt.events.map(({ contract, name }) => `${contract}.${name}`) ?? [];
  }

  async function deploy(program: string, version: number): Promise<readonly string[]> {
    const bundle = bundleOf(program);
    expect((await run(...registerBundle(bundle, version))).code).to.equal('');
    const hash = artefactHash('bundle', bundle);
    return decide(callOf(d.activate, { ...approvalOf(hash), migrationFuel: 50_000_000 }));
  }

  const noteOf = async (id: string): Promise<string> =>
    utf8Decode((await chain.executor.view('notes', 'read', idArgs.encode({ id }))).slice(1));
  const lengthOf = async (id: string): Promise<number> =>
    (await chain.executor.view('notes', 'length', idArgs.encode({ id })))[0] ?? 0;

  async function restart(): Promise<void> {
    await network.stop(chain.executor);
    chain = new TestChain(network, await network.started('one'));
  }

  /** A thread with the stack of a real node executes every block from the genesis on, as a node that joins does. */
  async function expectReplica(): Promise<void> {
    away = new ExecutorClient({
      ...{ genesis: network.genesis, databasePath: network.databasePath('away') },
      onFatal: (error) => network.fatal.push(error),
    });
    await away.start();
    for (const { block, certificate } of await chain.executor.blocks(1, 1_000, 16_000_000)) {
      expect(await away.execute(block)).to.deep.equal({ valid: true });
      await away.commit(block, certificate);
    }
    expect(away.head()).to.deep.equal(chain.executor.head());
    expect(network.fatal).to.deep.equal([]);
  }

  it('are registered, put in force, called, replaced with what they have stored, and the same on a node that joins', async () => {
    expect(await deploy('first', 1)).to.deep.equal(['contracts.Activated', 'governance.Activated']);
    expect((await run(write('a', 'one'), write('b', 'three'))).code).to.equal('');
    expect(await noteOf('a')).to.equal('one');
    await restart();
    for (const program of ['secondFails', 'secondForever']) {
      expect(await deploy(program, 2), program).to.deep.equal(['governance.Failed']);
      expect(await noteOf('a')).to.equal('one');
    }
    const refused = await run(...registerBundle(bundleOf('secondUnmigrated'), 2));
    expect(refused.code).to.equal('INCOMPATIBLE');
    expect(await deploy('second', 2)).to.deep.equal([
      ...['notes.Migrated', 'contracts.Activated', 'governance.Activated'],
    ]);
    await restart();
    expect([await lengthOf('a'), await lengthOf('b')]).to.deep.equal([3, 5]);
    expect((await run(write('c', 'after'))).code).to.equal('');
    expect(await lengthOf('c')).to.equal(5);
    await expectReplica();
  });

  it('cost the same fuel on a node that has just started as on one that has called them before', async () => {
    await deploy('first', 1);
    const fuel = [];
    for (let i = 0; i < 3; i++) fuel.push((await run(write('a', 'one'))).fuelUsed);
    await restart();
    fuel.push((await run(write('a', 'one'))).fuelUsed);
    expect(new Set(fuel.slice(1)).size).to.equal(1);
    await expectReplica();
  });

  it('are refused when they do not load, in one word and for all of the fuel of loading', async () => {
    const refusals: readonly [string, string][] = [
      ['for (;;);', 'loadFuel'],
      ['nothing.at.all;', 'exception'],
      ['"no contract";', 'exception'],
      ['"\u00e9";', 'text'],
    ];
    for (const [program, reason] of refusals) {
      const { code, errorData, fuelUsed } = await run(...registerBundle(utf8Encode(program)));
      expect(code).to.equal('BUNDLE_REFUSED');
      expect(deployment.codec.decodeErrorData(code, errorData), program).to.deep.equal({ reason });
      expect(fuelUsed).to.be.above(100_000_000);
    }
    const view = chain.executor.view('notes', 'read', idArgs.encode({ id: 'a' }));
    expect(await view.then(String, (error) => (isCodedError(error) ? error.code : error))).to.equal('CONTRACT_UNKNOWN');
  });
});
