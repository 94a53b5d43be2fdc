import { expect } from 'chai';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import { governance, membership, parameters } from '../../../contracts/index.js';
import { validatorListHash } from '../../../contracts/membership/validatorList.js';
import { genesisValidators } from '../../../genesis/genesis.js';
import { SYSTEM_NAMESPACE } from '../../../node/execution/namespaces.js';
import type { Executor } from '../../../node/execution/types.js';
import { verifyDatabase } from '../../../node/state/verifyDatabase.js';
import { openChainDatabase } from '../../../node/storage/openChainDatabase.js';
import { equalBytes } from '../../../primitives/bytes.js';
import { verifyFinalityProof } from '../../../primitives/finality.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { systemCallId } from '../../../primitives/systemCall.js';
import type { Call, Receipt } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { labCall, labContract } from '../../support/labContract.js';
import { ACCOUNTS, BANKS, CHAIN_ID, callOf, keyOf, possessionOf } from '../../support/settlementNetwork.js';

const g = governance.methods;
const m = membership.methods;
const VOTERS = [ACCOUNTS.alfa, ACCOUNTS.beta];

describe('governance in the executor', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  let executor: Executor;
  let nextId: number;
  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    chain = await network.funded('one');
    executor = chain.executor;
    nextId = 1;
  });
  afterEach(() => network.remove());

  /** Proposes at the next height and approves at the one after it. @returns the activation height */
  async function decide(calls: readonly Call[], { blocksAhead = 5 } = {}): Promise<number> {
    const activateAt = chain.height + blocksAhead;
    const expiresAt = chain.timestamp + 100_000;
    const payload = { calls, activateAt, expiresAt, description: 'as agreed', document: undefined };
    await chain.settle([network.transaction([callOf(g.propose, payload)], { sender: ACCOUNTS.central })]);
    const approve = callOf(g.approve, { id: nextId, hash: payloadHash(payload) });
    nextId += 1;
    const { receipts } = await chain.settle(VOTERS.map((sender) => network.transaction([approve], { sender })));
    expect(receipts.map(({ code }) => code)).to.deep.equal(['', '']);
    return activateAt;
  }

  /** Empty blocks until the head is at the height. */
  async function advanceTo(height: number): Promise<void> {
    while (chain.height < height) await chain.settle([]);
  }

  const systemReceipt = async (height: number): Promise<Receipt | undefined> =>
    (await executor.receipt(systemCallId(network.genesisHash, height)))?.receipt;
  const heartbeat = (heartbeatMs: number) => callOf(parameters.methods.change, { heartbeatMs });
  const eventsOf = (receipt: Receipt | undefined) => receipt?.events.map(({ name }) => name);

  // PROTOCOL §System calls Y1, Y3.
  it('puts what is due at a height into force from that height on, in a receipt of its own', async () => {
    const activateAt = await decide([callOf(parameters.methods.change, { maxBlockTransactions: 1 })]);
    const pay = () => [network.payment(`A-${chain.height}`), network.payment(`B-${chain.height}`)];
    await advanceTo(activateAt - 2);
    expect(executor.head().parameters.maxBlockTransactions).to.equal(10_000);
    expect(await systemReceipt(activateAt - 2)).to.equal(undefined);

    const two = pay();
    const { block } = await chain.settle(two);
    expect(chain.height).to.equal(activateAt - 1);
    expect(executor.head().parameters.maxBlockTransactions).to.equal(1);
    expect(eventsOf(await systemReceipt(activateAt - 1))).to.deep.equal(['ParameterChanged', 'Activated']);
    const next = await chain.build(pay());
    expect(next.block.transactions).to.have.lengthOf(1);
    expect(block.transactions).to.have.lengthOf(2);
  });

  // PROTOCOL §System calls Y2.
  it('proves the receipt of the end of a block like any other, and those of its transactions beside it', async () => {
    const activateAt = await decide([heartbeat(2_000)]);
    await advanceTo(activateAt - 2);
    const payment = network.payment('P-1');
    await chain.settle([payment]);
    const trusted = {
      chainId: CHAIN_ID,
      genesisHash: network.genesisHash,
      validators: genesisValidators(network.genesis),
    };
    for (const [index, id] of [payment.id, systemCallId(network.genesisHash, activateAt - 1)].entries()) {
      const proof = (await executor.proof(id)) ?? expect.fail('expected a proof');
      expect([proof.index, proof.count]).to.deep.equal([index, 2]);
      const facts = verifyFinalityProof(proof, trusted, nobleBackend);
      expect(equalBytes(facts.receipt.transactionId, id)).to.equal(true);
    }
    const id = systemCallId(network.genesisHash, activateAt - 1);
    expect(await executor.transaction(id)).to.equal(undefined);
    expect(await executor.outcomes(id)).to.deep.equal([]);
    expect(await executor.proofs([id])).to.have.lengthOf(1);
  });

  it('gives every replica that executes the blocks the same roots, and a database that checks', async () => {
    const activateAt = await decide([heartbeat(2_000)]);
    await advanceTo(activateAt);
    const replica = await network.started('two');
    for (const { block, certificate } of await executor.blocks(1, 100, 1_000_000)) {
      expect(await replica.execute(block)).to.deep.equal({ valid: true });
      await replica.commit(block, certificate);
    }
    expect(replica.head()).to.deep.equal(executor.head());
    await network.stop(replica);
    const { stateTreeDepth: treeDepth, statePageEntries: pageEntries } = network.genesis.parameters;
    const database = await openChainDatabase({ path: network.databasePath('two'), genesisHash: network.genesisHash });
    const isOrdered = (key: string) => !key.startsWith(SYSTEM_NAMESPACE);
    const modules = { database, hasher: pureHasher, signatures: nobleBackend };
    const { faults } = await verifyDatabase({ treeDepth, pageEntries, isOrdered }, modules);
    await database.close();
    expect(faults).to.deep.equal([]);
  });

  // PROTOCOL §Block validity B11.
  it('refuses a block whose header leaves out what was due', async () => {
    const activateAt = await decide([heartbeat(2_000)]);
    await advanceTo(activateAt - 2);
    const { block } = await chain.build([]);
    const { receiptsRoot, stateRoot } = executor.head().header;
    expect((await chain.refusal({ ...block, header: { ...block.header, receiptsRoot } })).code).to.equal(
      'RECEIPTS_ROOT_MISMATCH',
    );
    expect((await chain.refusal({ ...block, header: { ...block.header, stateRoot } })).code).to.equal(
      'STATE_ROOT_MISMATCH',
    );
  });

  it('remembers over a restart what is due and what is in force', async () => {
    const first = await decide([heartbeat(2_000)]);
    await advanceTo(first);
    const second = await decide([heartbeat(3_000)]);
    await network.stop(executor);
    executor = await network.started('one');
    chain = new TestChain(network, executor);
    expect(executor.head().parameters.heartbeatMs).to.equal(2_000);
    await advanceTo(second - 1);
    expect(executor.head().parameters.heartbeatMs).to.equal(3_000);
  });

  it('goes on when a proposal fails, and keeps nothing of it', async () => {
    const activateAt = await decide([heartbeat(2_000), callOf(m.removeNode, { peerId: 'none' })]);
    await advanceTo(activateAt - 1);
    expect(eventsOf(await systemReceipt(activateAt - 1))).to.deep.equal(['Failed']);
    expect(executor.head().parameters.heartbeatMs).to.equal(1_000);
    await chain.settle([network.payment('P-AFTER')]);
  });

  it('stops what the members pause at that position of the block, and goes on when the time is over', async () => {
    const vote = callOf(g.pause, { scope: 'payments', untilMs: chain.timestamp + 3_000 });
    const votes = VOTERS.map((sender) => network.transaction([vote], { sender }));
    const { receipts } = await chain.settle([network.payment('P-1'), ...votes, network.payment('P-2')]);
    expect(receipts.map(({ code }) => code)).to.deep.equal(['', '', '', 'PAUSED']);
    const during = await chain.settle([network.payment('P-3')]);
    expect(during.receipts.map(({ code }) => code)).to.deep.equal(['PAUSED']);
    const after = await chain.settle([network.payment('P-4')]);
    expect(after.receipts.map(({ code }) => code)).to.deep.equal(['']);
    expect(eventsOf(await systemReceipt(chain.height))).to.deep.equal(['PauseLifted']);
  });

  it('takes back a pause with the transaction that made it', async () => {
    const vote = callOf(g.pause, { scope: 'payments', untilMs: chain.timestamp + 9_000 });
    const [first, second] = VOTERS;
    await chain.settle([network.transaction([vote], { sender: first as typeof ACCOUNTS.alfa })]);
    const failing = network.transaction([vote, callOf(g.lift, { scope: 'none' })], {
      sender: second as typeof ACCOUNTS.alfa,
    });
    const { receipts } = await chain.settle([failing, network.payment('P-1')]);
    expect(receipts.map(({ code }) => code)).to.deep.equal(['NOT_PAUSED', '']);
  });

  // PROTOCOL §Governance V7.
  it('hands over to the validators that the members decided, once a new key has shown that its node is ready', async () => {
    const node = keyOf('betaNode');
    const register = {
      member: BANKS.beta,
      suite: 1,
      publicKey: node.publicKey,
      possession: possessionOf(node, BANKS.beta),
    };
    const account = { member: BANKS.beta, label: 'validator', threshold: 1, keys: [node.address], checkers: [] };
    await chain.settle([
      network.transaction([callOf(m.registerKey, register), callOf(m.openAccount, account)], { sender: ACCOUNTS.beta }),
    ]);
    const before = executor.head().validators;
    const replaces = validatorListHash(before);
    const validators = before.map(({ address }) => (address === ACCOUNTS.beta ? node.address : address));
    const rotate = callOf(m.setValidators, { replaces, validators });
    const tooEarly = await decide([rotate]);
    await advanceTo(tooEarly - 1);
    expect(eventsOf(await systemReceipt(tooEarly - 1))).to.deep.equal(['Failed']);

    const { height, stateRoot } = executor.head().header;
    const ready = (root: Uint8Array) =>
      network.transaction([callOf(m.ready, { height, stateRoot: root })], { sender: node.address });
    const { receipts } = await chain.settle([ready(new Uint8Array(32)), ready(stateRoot)]);
    expect(receipts.map(({ code }) => code)).to.deep.equal(['STATE_ROOT_MISMATCH', '']);
    const activateAt = await decide([rotate]);
    await advanceTo(activateAt - 1);
    const { header, validators: next } = executor.head();
    expect(next.map(({ address }) => address)).to.deep.equal(validators);

    // A node that catches up writes many blocks as one, and finds the roots of those that are not on its disk yet.
    const late = await network.started('late');
    await late.commitAll(await executor.blocks(1, 100, 1_000_000));
    expect(late.head()).to.deep.equal(executor.head());
    expect(equalBytes(header.validatorsHash, header.nextValidatorsHash)).to.equal(false);
    await chain.settle([network.payment('P-1')]);
  });

  it('tells a contract the state roots of the newest 256 heights and of no other', async function () {
    this.timeout(60_000);
    const roots: string[] = [];
    const lab = labContract('lab', {
      ask: (host) => {
        const known = [0, 1, 2, 257, 258].map((height) => host.stateRoot(height) !== undefined);
        roots.push(known.join());
      },
    });
    const other = await ExecutionNetwork.create({ contracts: [lab] });
    const asked = new TestChain(other, await other.started('one'));
    while (asked.height < 257) await asked.settle([]);
    await asked.settle([other.transaction([labCall('lab', 'ask')])]);
    await other.remove();
    expect(roots).to.deep.equal(['false,false,true,true,false']);
  });
});
