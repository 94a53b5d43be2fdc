import { expect } from 'chai';
import type { ContractHost } from '../../../contracts/api/host.js';
import { MapLayout } from '../../../contracts/api/state.js';
import { cash, membership } from '../../../contracts/index.js';
import { membershipState } from '../../../contracts/membership/records.js';
import { genesisValidators } from '../../../genesis/genesis.js';
import type { Executor } from '../../../node/execution/types.js';
import { headerHash } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import { verifyFinalityProof, verifyReceiptInHeader } from '../../../primitives/finality.js';
import { decodeReceipt } from '../../../primitives/receipt.js';
import { decodeReceiptsProof, verifyReceiptsInHeader } from '../../../primitives/receiptsProof.js';
import { verifyStateEntries } from '../../../primitives/stateFinality.js';
import type { Validator } from '../../../primitives/types.js';
import { loadContract } from '../../../sandbox/border/loadContract.js';
import { createStandardEngine } from '../../../sandbox/standardEngine.js';
import { ExecutionNetwork, type TestChain } from '../../support/executionNetwork.js';
import { labCall } from '../../support/labContract.js';
import { rejectionOf } from '../../support/rejection.js';
import { hostileProgram } from '../../support/sandbox/hostileContracts.js';
import { ACCOUNTS, BANKS, CHAIN_ID, callOf, KEYS, keyOf, possessionOf } from '../../support/settlementNetwork.js';

const NO_HASH = new Uint8Array(32);

/** The standard registry with a way to change the validators, which only governance will have. */
const governed = {
  name: membership.name,
  version: membership.version,
  dispatch(host: ContractHost, method: string, args: Uint8Array): Uint8Array {
    if (method !== 'dropLastValidator') return membership.dispatch(host, method, args);
    const layout = new MapLayout('validators', membershipState.validators);
    const bytes = host.get(layout.key([])) ?? expect.fail('expected validators');
    host.put(layout.key([]), layout.encode(layout.decode(bytes).slice(0, -1)));
    return new Uint8Array(0);
  },
};

describe('the queries', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  let executor: Executor;
  beforeEach(async () => {
    network = await ExecutionNetwork.create({ contracts: [governed] });
    chain = await network.funded('one');
    executor = chain.executor;
  });
  afterEach(() => network.remove());

  const trusted = (validators: readonly Validator[] = genesisValidators(network.genesis)) => ({
    chainId: CHAIN_ID,
    genesisHash: network.genesisHash,
    validators,
  });

  it('give blocks with their certificates, ascending, within the bytes that are asked for', async () => {
    await chain.settle([network.payment('P-1')]);
    const all = await executor.blocks(0, 100, 1_000_000);
    expect(all.map(({ block }) => block.header.height)).to.deep.equal([1, 2, 3]);
    for (const { block, certificate } of all) expect(certificate.blockHash).to.deep.equal(headerHash(block.header));
    const heights = async (from: number, count: number, bytes: number) =>
      (await executor.blocks(from, count, bytes)).map(({ block }) => block.header.height);
    expect(await heights(2, 1, 1_000_000)).to.deep.equal([2]);
    expect(await heights(1, 3, 1), 'one at least').to.deep.equal([1]);
    expect(await heights(4, 3, 1_000_000)).to.deep.equal([]);
    expect(await heights(1, 0, 1_000_000)).to.deep.equal([]);
  });

  it('name a block by its height', async () => {
    expect(await executor.blockHash(2)).to.deep.equal(executor.head().blockHash);
    expect(await executor.blockHash(1)).to.deep.equal(executor.head().header.parentHash);
    expect(await executor.blockHash(3)).to.equal(undefined);
    expect(await executor.blockHash(-1)).to.equal(undefined);
  });

  it('give nothing for what is not on the chain', async () => {
    expect(await executor.receipt(NO_HASH)).to.equal(undefined);
    expect(await executor.proof(NO_HASH)).to.equal(undefined);
    expect(await executor.proofs([NO_HASH])).to.deep.equal([]);
    expect(await executor.transaction(NO_HASH)).to.equal(undefined);
    expect(await executor.outcomes(NO_HASH)).to.equal(undefined);
  });

  it('give a transaction back as it came', async () => {
    const payment = network.payment('P-1');
    await chain.settle([network.payment('P-0'), payment]);
    const record = await executor.transaction(payment.id);
    expect(record).to.include({ height: 3, index: 1 });
    expect(toHex(record?.bytes ?? NO_HASH)).to.equal(toHex(payment.bytes));
  });

  it('prove many receipts of several blocks, each block once', async () => {
    const first = ['P-0', 'P-1', 'P-2'].map((name) => network.payment(name));
    const second = ['P-3', 'P-4'].map((name) => network.payment(name));
    await chain.settle(first);
    await chain.settle(second);
    const ids = [second[1], first[2], first[0], second[1]].map((payment) => payment?.id ?? NO_HASH);
    const proofs = await executor.proofs([...ids, NO_HASH]);
    expect(proofs.map(({ header, count }) => [header.height, count])).to.deep.equal([
      [3, 3],
      [4, 2],
    ]);
    expect(proofs.map(({ receipts }) => receipts.map(({ index }) => index))).to.deep.equal([[0, 2], [1]]);
    for (const { header, count, receipts } of proofs) {
      for (const receipt of receipts) verifyReceiptInHeader({ ...receipt, count }, header);
    }
    const error = await executor
      .proofs(Array.from({ length: 1_001 }, () => NO_HASH))
      .catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'QUERY_TOO_LARGE' });
  });

  it('prove receipts of several blocks as bytes, those of a block together', async () => {
    const first = ['P-0', 'P-1', 'P-2'].map((name) => network.payment(name));
    const second = ['P-3', 'P-4'].map((name) => network.payment(name));
    await chain.settle(first);
    await chain.settle(second);
    const ids = [second[1], first[2], first[0], second[1]].map((payment) => payment?.id ?? NO_HASH);
    const { covered, proofs } = await executor.receiptsProofs([...ids, NO_HASH], 0);
    expect(covered).to.equal(5);
    expect(proofs.map((proof) => proof.ids)).to.deep.equal([[first[0]?.id, first[2]?.id], [second[1]?.id]]);
    for (const { bytes, ids: proven } of proofs) {
      const proof = decodeReceiptsProof(bytes);
      verifyReceiptsInHeader(proof, proof.header);
      expect(proof.receipts.map((receipt) => decodeReceipt(receipt).transactionId)).to.deep.equal(proven);
    }
    const many = Array.from({ length: 1_001 }, () => NO_HASH);
    expect(await executor.receiptsProofs(many, 0)).to.deep.equal({ covered: 1_000, proofs: [] });
  });

  it('prove keys of the state, and that there is none, all of one height', async () => {
    const { stateTreeDepth: treeDepth, statePageEntries: pageEntries } = network.genesis.parameters;
    const validators = new MapLayout('validators', membershipState.validators).key([]);
    const answer = await executor.stateProof([
      { contract: 'membership', key: validators },
      { contract: 'cash', key: validators },
    ]);
    expect(answer.header).to.deep.equal(executor.head().header);
    const [present, absent] = verifyStateEntries(answer.entries, answer.header, { treeDepth, pageEntries });
    expect(present?.key).to.equal(`membership/${validators}`);
    expect(present?.value).not.to.equal(undefined);
    expect(absent).to.deep.equal({ key: `cash/${validators}`, value: undefined });
  });

  it('prove at most 16 keys of the state at once', async () => {
    const keys = Array.from({ length: 17 }, (_, index) => ({ contract: 'cash', key: `${index}` }));
    expect((await executor.stateProof(keys.slice(1))).entries).to.have.length(16);
    const error = await executor.stateProof(keys).catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'QUERY_TOO_LARGE' });
  });

  it('prove across changes of the validators, restarted too', async () => {
    const before = network.payment('P-0');
    const handover = network.transaction([labCall('membership', 'dropLastValidator')]);
    const { result, block } = await chain.settle([before, handover]);
    expect(result.head.validators).to.have.length(3);
    expect(block.header.nextValidatorsHash).not.to.deep.equal(block.header.validatorsHash);
    const after = network.payment('P-1');
    const next = (await chain.build([after])).block;
    const ofFour = network.certify(next, { validatorCount: 4, signers: 4 });
    const refused = await rejectionOf(executor.commit(next, ofFour));
    expect(refused.code, 'four validators are no longer those of this height').to.equal('CERTIFICATE_MISMATCH');
    await executor.commit(next, network.certify(next, { signers: 3, validatorCount: 3 }));
    const proof = (await executor.proof(after.id)) ?? expect.fail('expected a proof');
    expect(proof.handovers.map(({ header }) => header.height)).to.deep.equal([3]);
    expect(verifyFinalityProof(proof, trusted()).receipt.transactionId).to.deep.equal(after.id);
    await network.stop(executor);
    const reopened = await network.started('one');
    expect(reopened.head().validators).to.deep.equal(result.head.validators);
    expect(await reopened.proof(after.id)).to.deep.equal(proof);
    const sinceGenesis = (await reopened.finalityUpdate(0)) ?? expect.fail('expected an update');
    expect(sinceGenesis.header.height).to.equal(4);
    expect(sinceGenesis.handovers).to.deep.equal(proof.handovers);
    expect((await reopened.finalityUpdate(3))?.handovers).to.deep.equal([]);
    expect(await reopened.finalityUpdate(4)).to.equal(undefined);
    const old = (await reopened.proof(before.id)) ?? expect.fail('expected a proof');
    expect(old.handovers).to.deep.equal([]);
    expect(verifyFinalityProof(old, trusted()).receipt.transactionId).to.deep.equal(before.id);
  });

  it('tell after each commit what changed in the registry, and nothing else', async () => {
    const { result: payment } = await chain.settle([network.payment('P-1')]);
    expect(payment.directory).to.deep.equal({ keys: [], accounts: [], nodes: undefined });
    const key = keyOf('new at alfa');
    const registration = {
      member: BANKS.alfa,
      suite: 1,
      publicKey: key.publicKey,
      possession: possessionOf(key, BANKS.alfa),
    };
    const change = { account: ACCOUNTS.alfa, remove: KEYS.alfa.address, add: key.address };
    const { result } = await chain.settle([
      network.transaction([callOf(membership.methods.registerKey, registration)]),
      network.transaction([callOf(membership.methods.rotateKey, change)]),
    ]);
    const { keys, accounts, nodes } = result.directory;
    expect(keys.map(({ address, member, active }) => [address, member, active])).to.deep.equal([
      [key.address, BANKS.alfa, true],
    ]);
    expect(accounts.map(({ account, keys: used }) => [account, used])).to.deep.equal([[ACCOUNTS.alfa, [key.address]]]);
    expect(nodes).to.equal(undefined);
    const { result: suspended } = await chain.settle([
      network.transaction([callOf(membership.methods.suspendMember, { member: BANKS.beta })], {
        sender: ACCOUNTS.central,
      }),
    ]);
    expect(suspended.directory.accounts.map(({ account, active }) => [account, active])).to.deep.equal([
      [ACCOUNTS.beta, false],
    ]);
  });

  it('run at the height and time of the head, with bounded fuel', async () => {
    const { args, returns } = cash.methods.balances;
    const answer = await executor.view('cash', 'balances', args.encode({ account: ACCOUNTS.beta }));
    expect(returns?.decode(answer)).to.have.length(2);
  });

  it('end the view of a bank’s contract that does not end, as used-up fuel', async () => {
    const spin = { name: 'spin', kind: 'view', returns: 't.bool', body: 'for (;;);', code: '' } as const;
    const { contract } = loadContract(createStandardEngine(), hostileProgram([spin]), 100_000_000);
    const own = await ExecutionNetwork.create({ contracts: [contract] });
    try {
      const spinning = (await own.started('one')).view('hostile', 'spin', Uint8Array.of(0xc0));
      expect((await rejectionOf(spinning)).code).to.equal('OUT_OF_FUEL');
    } finally {
      await own.remove();
    }
  });
});
