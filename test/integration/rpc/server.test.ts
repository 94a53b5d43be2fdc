import { expect } from 'chai';
import { parseResult } from '../../../api/methods.js';
import { cash } from '../../../contracts/cash/cash.js';
import { membership } from '../../../contracts/membership/membership.js';
import { toHex } from '../../../primitives/bytes.js';
import { decodeFinalityProof, verifyFinalityProof } from '../../../primitives/finality.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { CHAIN_ID, GENESIS_HASH, testValidators } from '../../support/finalityFixture.js';
import { BANK, signedTransaction } from '../../support/signedPayments.js';

const validators = testValidators('rpc', 4);

describe('a node’s doors', () => {
  let chain: FakeChain;
  let node: FakeNode;

  beforeEach(async () => {
    chain = new FakeChain(validators);
    node = await startFakeNode(chain);
  });

  afterEach(async () => {
    await node.server.stop();
  });

  async function rest(verb: 'GET' | 'POST', path: string, body?: unknown) {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${node.url}${path}`, { method: verb, ...init });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function rpc(method: string, params?: unknown) {
    const { body } = await rest('POST', '/rpc', { jsonrpc: '2.0', id: 1, method, params });
    return body as { readonly result?: Readonly<Record<string, unknown>> };
  }

  it('take a transaction in, once, by either door', async () => {
    const { hex, id } = signedTransaction('r1');
    expect(await rest('POST', '/v1/transactions', { transaction: hex })).to.deep.equal({
      status: 200,
      body: { id, status: 'accepted' },
    });
    expect(await rpc('submit', { transaction: hex })).to.deep.equal({
      jsonrpc: '2.0',
      id: 1,
      result: { id, status: 'known' },
    });
    expect(chain.admitted).to.equal(1);
  });

  it('take many in, each by itself', async () => {
    const good = signedTransaction('g');
    const bad = signedTransaction('b', 'refuse');
    const { result } = await rpc('submitMany', { transactions: [good.hex, bad.hex, '0xc0'] });
    const results = result?.['results'] as { id: string | null; error?: { code: string } }[];
    expect(results[0]).to.deep.equal({ id: good.id, status: 'accepted' });
    expect(results[1]?.error?.code).to.equal('POLICY_NOT_MET');
    expect(results[2]?.error?.code).to.match(/^RLP_/);
  });

  it('show a receipt, the transaction, its proof and its reference', async () => {
    const batch = signedTransaction('batch', 'batch');
    await rpc('submit', { transaction: batch.hex });
    chain.commit();
    const receipt = (await rest('GET', `/v1/transactions/${batch.id}/receipt`)).body;
    expect(receipt).to.deep.include({ id: batch.id, height: 1, index: 0, success: true, outcomeCount: 2 });
    const transaction = (await rest('GET', `/v1/transactions/${batch.id}`)).body;
    expect(transaction).to.deep.include({ id: batch.id, reference: toHex(new TextEncoder().encode('batch')) });
    const { body } = await rest('GET', `/v1/transactions/${batch.id}/proof?outcome=E2E-2`);
    const proof = decodeFinalityProof(Buffer.from((body['proof'] as string).slice(2), 'hex'));
    const facts = verifyFinalityProof(proof, { chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators });
    expect(facts.outcome).to.deep.equal({ reference: 'E2E-2', code: 'INSUFFICIENT_FUNDS' });
    const reference = toHex(new TextEncoder().encode('batch'));
    expect((await rest('GET', `/v1/references/${BANK}/${reference}`)).body).to.deep.equal({ id: batch.id });
  });

  it('page outcomes and ids of a block by an opaque cursor', async () => {
    const sent = ['a', 'b', 'c'].map((reference) => signedTransaction(reference, 'batch'));
    await rpc('submitMany', { transactions: sent.map(({ hex }) => hex) });
    chain.commit();
    const id = sent[0]?.id;
    const first = (await rest('GET', `/v1/transactions/${id}/outcomes?limit=1`)).body;
    expect(first['outcomes']).to.deep.equal([{ reference: 'E2E-1', code: '' }]);
    const second = (await rest('GET', `/v1/transactions/${id}/outcomes?limit=1&cursor=${first['nextCursor']}`)).body;
    expect(second).to.deep.equal({ outcomes: [{ reference: 'E2E-2', code: 'INSUFFICIENT_FUNDS' }] });
    const page = (await rest('GET', '/v1/blocks/1/transactions?limit=2')).body;
    const rest2 = (await rest('GET', `/v1/blocks/1/transactions?limit=2&cursor=${page['nextCursor']}`)).body;
    expect([...(page['ids'] as string[]), ...(rest2['ids'] as string[])]).to.deep.equal(sent.map((one) => one.id));
    // A cursor belongs to its method.
    const foreign = await rest('GET', `/v1/blocks/1/transactions?cursor=${first['nextCursor']}`);
    expect(foreign.body).to.have.nested.property('error.code', 'CURSOR_INVALID');
  });

  it('show blocks, validators and status', async () => {
    const { header } = chain.commit();
    const block = (await rest('GET', '/v1/blocks/1')).body;
    expect(block).to.deep.include({ height: 1, stateRoot: toHex(header.stateRoot), signers: [0, 1, 2] });
    expect((await rest('GET', '/v1/validators')).body).to.deep.include({ height: 2, quorum: 3 });
    const status = (await rest('GET', '/v1/status')).body;
    expect(status).to.deep.include({ chainId: CHAIN_ID, node: 'alpha', height: 1, peers: 3 });
    expect((await rest('GET', '/v1/health')).body).to.deep.equal(node.health);
    expect(parseResult('health', node.health)).to.deep.equal(node.health);
  });

  it('ask contracts through their ABI, with accounts and members beside', async () => {
    const account = {
      member: 'BANKDEFF',
      label: 'main',
      threshold: 1,
      keys: [BANK],
      checkers: [],
      suspended: false,
    } as const;
    chain.viewOf = (contract, method) => {
      if (contract === 'cash')
        return cash.methods.balances.returns?.encode([{ currency: 'EUR', balance: 5n }]) as never;
      if (method === 'account') return membership.methods.account.returns?.encode(account) as never;
      const lei = '529900T8BM49AURSDO55';
      const member = { member: 'BANKDEFF', lei, name: 'Bank', roles: ['bank' as const], suspended: false };
      return membership.methods.members.returns?.encode([member]) as never;
    };
    const { body } = await rest('GET', `/v1/accounts/${BANK}`);
    expect(body).to.deep.include({ member: 'BANKDEFF', balances: [{ currency: 'EUR', balance: '5' }] });
    const view = await rest('POST', '/v1/contracts/cash/views/balances', { args: { account: BANK } });
    expect(view.body).to.deep.equal({ value: [{ currency: 'EUR', balance: '5' }] });
    const members = (await rest('GET', '/v1/members?limit=1')).body;
    const again = await rest('GET', `/v1/members?cursor=${members['nextCursor']}`);
    expect(again.body['members']).to.have.length(1);
    const { contracts } = (await rest('GET', '/v1/contracts')).body;
    expect((contracts as { name: string }[]).map(({ name }) => name)).to.deep.equal(['membership', 'cash']);
  });

  it('say nothing of the node’s inside when it fails', async () => {
    const answer = await rest('POST', '/v1/transactions', { transaction: signedTransaction('x', 'crash').hex });
    expect(answer.status).to.equal(500);
    expect(answer.body).to.have.nested.property('error.code', 'INTERNAL');
    expect(JSON.stringify(answer.body)).to.not.contain('secret');
    expect(node.logged).to.include('A request failed for a reason of this node’s own');
  });

  it('tell whether the node lives, is ready, and what it counts', async () => {
    expect(await rest('GET', '/livez')).to.deep.equal({ status: 200, body: { live: true } });
    expect(await rest('GET', '/readyz')).to.deep.equal({ status: 200, body: { ready: true, reasons: [] } });
    node.notReady = ['syncing'];
    expect(await rest('GET', '/readyz')).to.deep.equal({ status: 503, body: { ready: false, reasons: ['syncing'] } });
    const metrics = await fetch(`${node.url}/metrics`);
    expect(await metrics.text()).to.equal('vostro_up 1\n');
    expect(metrics.headers.get('content-type')).to.contain('version=0.0.4');
  });

  it('say which address they could not open', async () => {
    const port = Number(new URL(node.url).port);
    let refusal: unknown;
    await startFakeNode(chain, { port }).catch((error: unknown) => {
      refusal = error;
    });
    expect(refusal).to.have.property('code', 'RPC_LISTEN_FAILED');
    expect(refusal).to.have.property('message').that.contains(`127.0.0.1:${port}`);
  });

  it('describe every method in OpenAPI 3.1', async () => {
    const { body } = await rest('GET', '/v1/openapi.json');
    expect(body['openapi']).to.equal('3.1.0');
    const paths = body['paths'] as Record<string, Record<string, { operationId: string }>>;
    expect(paths['/v1/transactions/{id}/proof']?.['get']?.operationId).to.equal('proof');
    expect(paths['/v1/settlements']?.['post']?.operationId).to.equal('settle');
  });
});
