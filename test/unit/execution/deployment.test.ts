import { expect } from 'chai';
import { StructSchema } from '../../../contracts/api/composites.js';
import { t } from '../../../contracts/api/t.js';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import { deployment, governance } from '../../../contracts/index.js';
import type { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import { isCodedError } from '../../../primitives/errors.js';
import { systemCallId } from '../../../primitives/systemCall.js';
import { utf8Decode } from '../../../primitives/text.js';
import type { Call, Receipt } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import { labCall } from '../../support/labContract.js';
import { approvalOf, bundleHash, NOTES_PROGRAMS, registerCalls } from '../../support/notesContract.js';
import { ACCOUNTS, callOf } from '../../support/settlementNetwork.js';

const d = deployment.methods;
const g = governance.methods;
const VOTERS = [ACCOUNTS.alfa, ACCOUNTS.beta];
const writeArgs = new StructSchema({ id: t.id, text: t.text(100) });
const idArgs = new StructSchema({ id: t.id });

const write = (id: string, text: string): Call => labCall('notes', 'write', writeArgs.encode({ id, text }));
const activation = (program: string): Call =>
  callOf(d.activate, { ...approvalOf(bundleHash(program)), migrationFuel: 10_000_000 });

describe('contracts of banks in the executor', () => {
  let network: ExecutionNetwork;
  let sandbox: FakeSandbox;
  let chain: TestChain;
  let nextId: number;

  const open = async (name: string, own = new FakeSandbox(NOTES_PROGRAMS)): Promise<ChainExecutor> => {
    const executor = network.executor(name, { sandboxes: [own] });
    await executor.start();
    return executor;
  };

  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    sandbox = new FakeSandbox(NOTES_PROGRAMS);
    chain = new TestChain(network, await open('one', sandbox));
    nextId = 1;
  });
  afterEach(() => network.remove());

  async function run(...calls: readonly Call[]): Promise<string> {
    const { receipts } = await chain.settle([network.transaction(calls)]);
    return receipts[0]?.code ?? 'none';
  }

  /** Proposes at the next height and approves at the one after it. @returns the activation height */
  async function decide(...calls: readonly Call[]): Promise<number> {
    const activateAt = chain.height + 4;
    const payload = { calls, activateAt, expiresAt: chain.timestamp + 100_000, description: 'x', document: undefined };
    await chain.settle([network.transaction([callOf(g.propose, payload)], { sender: ACCOUNTS.central })]);
    const approve = callOf(g.approve, { id: nextId, hash: payloadHash(payload) });
    nextId += 1;
    await chain.settle(VOTERS.map((sender) => network.transaction([approve], { sender })));
    return activateAt;
  }

  async function advanceTo(height: number): Promise<void> {
    while (chain.height < height) await chain.settle([]);
  }

  const eventsOf = async (height: number): Promise<readonly string[]> => {
    const record = await chain.executor.receipt(systemCallId(network.genesisHash, height));
    const receipt: Receipt | undefined = record?.receipt;
    return receipt?.events.map(({ contract, name }) => `${contract}.${name}`) ?? [];
  };

  async function deploy(program: string, version = 1): Promise<number> {
    expect(await run(...registerCalls(program, version))).to.equal('');
    const activateAt = await decide(activation(program));
    await advanceTo(activateAt - 1);
    return activateAt;
  }

  const noteOf = async (id: string): Promise<string> =>
    utf8Decode((await chain.executor.view('notes', 'read', idArgs.encode({ id }))).slice(1));
  const lengthOf = async (id: string): Promise<number> =>
    (await chain.executor.view('notes', 'length', idArgs.encode({ id })))[0] ?? 0;

  async function restart(own = sandbox): Promise<void> {
    await network.stop(chain.executor);
    chain = new TestChain(network, await open('one', own));
  }

  /** Another node executes every block, and catches up with many at once after the first half. */
  async function expectReplicas(): Promise<void> {
    const blocks = await chain.executor.blocks(1, 1_000, 16_000_000);
    const replica = await open('two');
    for (const { block, certificate } of blocks) {
      expect(await replica.execute(block)).to.deep.equal({ valid: true });
      await replica.commit(block, certificate);
    }
    expect(replica.head()).to.deep.equal(chain.executor.head());
    const late = await open('late');
    await late.commitAll(blocks);
    expect(late.head()).to.deep.equal(chain.executor.head());
  }

  // PROTOCOL §Deployment T6, T7.
  it('go from upload to a version in force, and to its successor with what it has stored, on every node', async () => {
    const activateAt = await deploy('first');
    expect(await eventsOf(activateAt - 1)).to.deep.equal(['contracts.Activated', 'governance.Activated']);
    expect(await run(write('a', 'one'), write('b', 'three'))).to.equal('');
    expect(await noteOf('a')).to.equal('one');

    const upgradeAt = await deploy('second', 2);
    expect(await eventsOf(upgradeAt - 1)).to.deep.equal([
      'notes.Migrated',
      'contracts.Activated',
      'governance.Activated',
    ]);
    expect([await lengthOf('a'), await lengthOf('b')]).to.deep.equal([3, 5]);
    expect(await run(write('c', 'after'))).to.equal('');
    await expectReplicas();
  });

  it('cannot be called in the blocks before their height', async () => {
    expect(await run(...registerCalls('first'))).to.equal('');
    const activateAt = await decide(activation('first'));
    await advanceTo(activateAt - 2);
    expect(await run(write('a', 'too early'))).to.equal('CONTRACT_UNKNOWN');
    expect(chain.height).to.equal(activateAt - 1);
    expect(await run(write('a', 'in time'))).to.equal('');
  });

  it('stay as they were when a migration fails, and the chain goes on', async () => {
    await deploy('first');
    expect(await run(write('a', 'one'))).to.equal('');
    for (const program of ['secondFails', 'secondForever']) {
      const activateAt = await deploy(program, 2);
      expect(await eventsOf(activateAt - 1)).to.deep.equal(['governance.Failed']);
      expect(await noteOf('a')).to.equal('one');
    }
    expect(await run(write('b', 'goes on'))).to.equal('');
    await expectReplicas();
  });

  it('go on over restarts, at every step of their way', async () => {
    const [bundle, source, register] = registerCalls('first');
    for (const call of [bundle, source, register]) {
      expect(await run(call as Call)).to.equal('');
      await restart();
    }
    const activateAt = await decide(activation('first'));
    await restart();
    await advanceTo(activateAt - 1);
    await restart();
    expect(await run(write('a', 'one'))).to.equal('');
    expect(await run(...registerCalls('second', 2))).to.equal('');
    const upgradeAt = await decide(activation('second'));
    await restart();
    await advanceTo(upgradeAt - 1);
    expect(await lengthOf('a')).to.equal(3);
    await restart();
    expect(await run(write('b', 'three'))).to.equal('');
    await expectReplicas();
  });

  it('cost the same fuel whether or not their program is loaded', async () => {
    await deploy('first');
    const fuelOf = async () => {
      const { receipts } = await chain.settle([network.transaction([write('a', 'one')])]);
      return receipts[0]?.fuelUsed;
    };
    const before = await fuelOf();
    await restart(new FakeSandbox(NOTES_PROGRAMS));
    expect(await fuelOf()).to.equal(before);
    expect(sandbox.loads).to.deep.equal(['first', 'first']);
  });

  it('are loaded before the first block that calls them, and after a restart at once', async () => {
    expect(sandbox.prepared).to.equal(0);
    await run(...registerCalls('first').slice(0, 1));
    expect(sandbox.prepared).to.equal(1);
    await deploy('first');
    expect(sandbox.loads).to.deep.equal(['first', 'first']);
    const fresh = new FakeSandbox(NOTES_PROGRAMS);
    await restart(fresh);
    expect([fresh.prepared, fresh.loads]).to.deep.equal([1, ['first']]);
    expect(await run(write('a', 'one'))).to.equal('');
    expect(fresh.loads).to.deep.equal(['first']);
  });

  it('are stopped by a pause, and go on when it is over', async () => {
    await deploy('first');
    const vote = callOf(g.pause, { scope: 'notes', untilMs: chain.timestamp + 3_000 });
    const votes = VOTERS.map((sender) => network.transaction([vote], { sender }));
    const { receipts } = await chain.settle([...votes, network.transaction([write('a', 'one')])]);
    expect(receipts.map(({ code }) => code)).to.deep.equal(['', '', 'PAUSED']);
    await restart();
    expect(await run(write('a', 'one'))).to.equal('PAUSED');
    expect(await run(write('a', 'one'))).to.equal('');
  });

  it('are out of force again with the transaction, or the block, that would have put them there', async () => {
    await deploy('first');
    const activateAt = await decide(callOf(d.retire, { name: 'notes' }));
    await advanceTo(activateAt - 2);
    // Built and executed, and never decided: nothing of it may be remembered.
    const abandoned = await chain.build([network.payment('P-1')]);
    expect(await chain.executor.execute(abandoned.block)).to.deep.equal({ valid: true });
    expect(await run(write('a', 'still there'))).to.equal('');
    expect(await run(write('b', 'gone'))).to.equal('CONTRACT_UNKNOWN');
  });

  // PROTOCOL §Deployment T1.
  describe('on a node without the engine that the chain names', () => {
    const other = { version: 2, hash: new Uint8Array(32).fill(9) };
    const codeOf = (error: unknown) => (isCodedError(error) ? error.code : String(error));

    it('keep it from starting', async () => {
      await network.stop(chain.executor);
      const started = open('one', new FakeSandbox(NOTES_PROGRAMS, other));
      expect(await started.then(() => 'started', codeOf)).to.equal('ENGINE_MISMATCH');
      chain = new TestChain(network, await open('one'));
    });

    it('stop it after the block that allows another, and let one with both go on', async () => {
      const activateAt = await decide(callOf(d.allowEngine, other));
      await advanceTo(activateAt - 2);
      const { block } = await chain.build([]);
      expect(await chain.commit(block).then(() => 'went on', codeOf)).to.equal('ENGINE_MISMATCH');
      expect(network.fatal).to.have.lengthOf(1);
      network.fatal.length = 0;
      await network.stop(chain.executor);
      const executor = network.executor('one', { sandboxes: [new FakeSandbox({}, other), new FakeSandbox({})] });
      await executor.start();
      expect(executor.head().header.height).to.equal(activateAt - 1);
      chain = new TestChain(network, executor);
      await chain.settle([]);
      expect(TEST_ENGINE.version).to.equal(1);
    });
  });
});
