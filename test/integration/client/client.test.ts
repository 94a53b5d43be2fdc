import { expect } from 'chai';
import {
  type ClientModules,
  type ClientOptions,
  isCodedError,
  NodeError,
  OutcomeUnknownError,
  VostroClient,
} from '../../../client/index.js';
import { toHex } from '../../../primitives/bytes.js';
import { decodeFinalityProof } from '../../../primitives/finality.js';
import { nobleBackend } from '../../../primitives/signature.js';
import type { SignatureBackend } from '../../../primitives/types.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { CHAIN_ID, GENESIS_HASH, testValidators } from '../../support/finalityFixture.js';
import { signedTransaction, unsignedTransactions } from '../../support/signedPayments.js';

const validators = testValidators('client', 4);
const successors = testValidators('successors', 4);
const trust = { chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators };

/** Counts the checks of signatures: what a proof costs. */
function countingBackend(): SignatureBackend & { checks: number } {
  const backend = {
    ...nobleBackend,
    checks: 0,
    verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array) {
      backend.checks++;
      return nobleBackend.verify(signature, digest, publicKey);
    },
  };
  return backend;
}

async function errorOf(action: Promise<unknown>) {
  try {
    await action;
  } catch (error) {
    if (isCodedError(error)) return error;
    throw error;
  }
  throw new TypeError('expected a refusal');
}

describe('the client', () => {
  let chain: FakeChain;
  let nodes: FakeNode[];
  let timer: NodeJS.Timeout;
  let client: VostroClient;

  beforeEach(async () => {
    chain = new FakeChain(validators);
    nodes = [await startFakeNode(chain), await startFakeNode(chain)];
    timer = setInterval(() => {
      if (chain.pending > 0) chain.commit();
    }, 5);
    client = connect();
  });

  afterEach(async () => {
    clearInterval(timer);
    client.close();
    await Promise.all(nodes.map((node) => node.server.stop()));
  });

  function connect(options: Partial<ClientOptions> = {}, modules: ClientModules = {}): VostroClient {
    const urls = nodes.map(({ url }) => url);
    return new VostroClient({ urls, trust, timeoutMs: 5_000, backoffMs: 10, ...options }, modules);
  }

  it('takes no word of a node of another network, and tells which one it is', async () => {
    const stranger = connect({ trust: { ...trust, genesisHash: new Uint8Array(32).fill(9) } });
    const error = await errorOf(stranger.view('cash', 'supply', { currency: 'EUR' }));
    stranger.close();
    expect(error.code).to.equal('NETWORK_MISMATCH');
    expect(error.details.actual).to.contain(toHex(trust.genesisHash)).and.to.contain(trust.chainId);
    await client.call('status', {});
  });

  it('submits, waits and gives what a proof from the genesis validators says', async () => {
    const final = await client.submitAndWait(signedTransaction('one'));
    expect(final).to.deep.include({ id: signedTransaction('one').id, height: 1, index: 0, success: true, code: '' });
    const failed = await client.submitAndWait(signedTransaction('two', 'fail'));
    expect(failed).to.deep.include({ height: 2, success: false, code: 'AMOUNT_ZERO' });
    expect(client.verifier.newestHeader?.height).to.equal(2);
  });

  it('submits again without doing anything twice', async () => {
    const transaction = signedTransaction('again');
    expect(await client.submit(transaction)).to.equal('accepted');
    await client.wait(transaction.id);
    expect(await client.submit(transaction)).to.equal('known');
    expect((await client.submitAndWait(transaction)).height).to.equal(1);
    expect(chain.admitted).to.equal(1);
  });

  it('settles a thousand payments, each refusal by itself, at the cost of one check for each block', async () => {
    const backend = countingBackend();
    const many = connect({}, { backend });
    const refused = signedTransaction('bad', 'refuse');
    const transactions = [...unsignedTransactions('many', 1_000), refused];
    const seen: string[] = [];
    const turnedAway: string[] = [];
    const outcomes = await many.submitAndWaitMany(transactions, {
      onFinal: (final) => seen.push(...final.map(({ id }) => id)),
      onRefused: (some) => turnedAway.push(...some.map(({ id }) => id)),
    });
    expect(outcomes.map(({ id }) => id)).to.deep.equal(transactions.map(({ id }) => id));
    expect(outcomes.filter(({ status }) => status === 'final')).to.have.length(1_000);
    expect(outcomes.at(-1)).to.have.nested.property('error.code', 'POLICY_NOT_MET');
    expect(new Set(seen).size).to.equal(1_000);
    expect(turnedAway).to.deep.equal([refused.id]);
    const heights = outcomes.map((outcome) => (outcome.status === 'final' ? outcome.final.height : 0));
    expect(backend.checks).to.be.at.most(3 * new Set(heights).size);
    expect(chain.admitted).to.equal(1_000);
  });

  it('asks again for what one answer cannot hold', async () => {
    chain.maxProofs = 3;
    const transactions = unsignedTransactions('large', 20);
    const outcomes = await client.submitAndWaitMany(transactions);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(transactions.map(() => 'final'));
  });

  it('gives a transaction again to a node that was full', async () => {
    chain.busyFor = 5;
    const outcomes = await client.submitAndWaitMany([signedTransaction('patient', 'busy'), signedTransaction('now')]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['final', 'final']);
  });

  it('throws what every node refuses, with the node’s code', async () => {
    const error = await errorOf(client.submit(signedTransaction('no', 'refuse')));
    expect(error).to.be.instanceOf(NodeError);
    expect(error.code).to.equal('POLICY_NOT_MET');
    expect(error.details).to.have.property('expected', 'another transaction');
    expect((await errorOf(client.submitAndWait(signedTransaction('no', 'refuse')))).code).to.equal('POLICY_NOT_MET');
  });

  it('never loses a transaction whose outcome it does not know', async () => {
    clearInterval(timer);
    const transaction = signedTransaction('slow');
    const error = await errorOf(client.submitAndWait(transaction, 50));
    expect(error).to.be.instanceOf(OutcomeUnknownError);
    expect((error as OutcomeUnknownError).transactionId).to.equal(transaction.id);
    chain.commit();
    expect((await client.wait(transaction.id)).height).to.equal(1);
  });

  it('ends its waits when it is closed, with the id of what stays open', async () => {
    clearInterval(timer);
    const waiting = errorOf(client.wait(signedTransaction('open').id, 600_000));
    client.close();
    expect(await waiting).to.be.instanceOf(OutcomeUnknownError);
  });

  it('keeps and verifies the proof of a receipt, and of one payment of a batch', async () => {
    const batch = signedTransaction('batch', 'batch');
    await client.submitAndWait(batch);
    const { bytes, facts } = await client.proof(batch.id, 'E2E-2');
    expect(facts.outcome?.code).to.equal('INSUFFICIENT_FUNDS');
    expect(decodeFinalityProof(bytes).receipt).to.deep.equal(facts.receipt);
    expect((await errorOf(client.proof(batch.id, 'E2E-9'))).code).to.equal('OUTCOME_NOT_FOUND');
  });

  it('follows a change of the validators once, however many proofs carry it', async () => {
    clearInterval(timer);
    chain.commit(successors);
    const backend = countingBackend();
    const following = connect({}, { backend });
    const settle = async (reference: string) => {
      const waiting = following.submitAndWait(signedTransaction(reference));
      while (chain.pending === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      chain.commit();
      return waiting;
    };
    expect((await settle('after')).height).to.equal(2);
    expect(backend.checks).to.equal(3 + 3);
    expect((await settle('later')).height).to.equal(3);
    expect(backend.checks).to.equal(3 + 3 + 3);
    expect(following.verifier.validators.map(({ address }) => address)).to.deep.equal(
      successors.map(({ address }) => address),
    );
  });

  it('stops at a fork: two final blocks of one height', async () => {
    await client.submitAndWait(signedTransaction('here'));
    const twin = new FakeChain(validators);
    const other = await startFakeNode(twin);
    const both = connect({ urls: [other.url] });
    const elsewhere = both.submitAndWait(signedTransaction('there'));
    while (twin.pending === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    twin.commit();
    await elsewhere;
    const { bytes } = await both.proof(signedTransaction('there').id);
    expect(() => client.verifier.verifyProof(bytes))
      .to.throw()
      .with.property('code', 'CHAIN_FORKED');
    await other.server.stop();
  });

  it('asks contracts with typed arguments', async () => {
    const { cash } = await import('../../../contracts/cash/cash.js');
    chain.viewOf = (_contract, method, args) => {
      expect(method).to.equal('balance');
      expect(cash.methods.balance.args.decode(args).currency).to.equal('EUR');
      return cash.methods.balance.returns?.encode(42n) ?? new Uint8Array();
    };
    const account = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf';
    expect(await client.read(cash.methods.balance, { currency: 'EUR', account })).to.equal(42n);
    expect(await client.view('cash', 'balance', { currency: 'EUR', account })).to.equal('42');
  });
});
