import { request } from 'node:http';
import { expect } from 'chai';
import { API_LIMITS } from '../../../api/limits.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { testValidators } from '../../support/finalityFixture.js';
import { BANK, signedTransaction } from '../../support/signedPayments.js';

const ID = `0x${'ab'.repeat(32)}`;
const JSON_TYPE = 'application/json';

interface Refusal {
  readonly name: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly code: string;
  /** Stands in the message: what was expected or found. */
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    name: 'an id of another length',
    path: '/v1/transactions/0xab/receipt',
    status: 400,
    code: 'PARAMS_INVALID',
    says: '$path.id: expected 0x and 64 lower-case digits, found "0xab"',
  },
  {
    name: 'an id that is not on the chain',
    path: `/v1/transactions/${ID}/receipt`,
    status: 404,
    code: 'TRANSACTION_NOT_FOUND',
    says: ID,
  },
  {
    name: 'a height that is none',
    path: '/v1/blocks/-1',
    status: 400,
    code: 'PARAMS_INVALID',
    says: 'expected an integer from 1',
  },
  { name: 'a height to come', path: '/v1/blocks/99', status: 404, code: 'BLOCK_NOT_FOUND', says: 'found 99' },
  {
    name: 'an unknown name in the query',
    path: '/v1/members?limt=3',
    status: 400,
    code: 'PARAMS_INVALID',
    says: 'found "limt"',
  },
  {
    name: 'a name twice in the query',
    path: '/v1/members?limit=3&limit=4',
    status: 400,
    code: 'PARAMS_INVALID',
    says: 'expected one value',
  },
  {
    name: 'a page beyond the limit',
    path: '/v1/members?limit=251',
    status: 400,
    code: 'PARAMS_INVALID',
    says: '$query.limit: expected an integer from 1 to 250',
  },
  {
    name: 'a cursor of nobody',
    path: '/v1/members?cursor=AAAA',
    status: 400,
    code: 'CURSOR_INVALID',
    says: 'a cursor that members gave',
  },
  {
    name: 'an address with a wrong checksum',
    path: `/v1/accounts/${BANK.slice(0, -1)}${BANK.endsWith('A') ? 'B' : 'A'}`,
    status: 422,
    code: 'ADDRESS_CHECKSUM_MISMATCH',
    says: 'checksum',
  },
  { name: 'a path of nothing', path: '/v2/anything', status: 404, code: 'ROUTE_NOT_FOUND', says: 'GET /v2/anything' },
  {
    name: 'no transaction',
    path: '/v1/transactions',
    body: {},
    status: 400,
    code: 'PARAMS_INVALID',
    says: '$.transaction: expected 0x',
  },
  {
    name: 'a transaction in upper case',
    path: '/v1/transactions',
    body: { transaction: '0xAB' },
    status: 400,
    code: 'PARAMS_INVALID',
    says: 'lower-case hexadecimal, found "0xAB"',
  },
  {
    name: 'bytes that are no transaction',
    path: '/v1/transactions',
    body: { transaction: '0x8100' },
    status: 422,
    code: 'RLP_NON_CANONICAL',
    says: 'without prefix',
  },
  {
    name: 'a transaction of another chain',
    path: '/v1/transactions',
    body: { transaction: signedTransaction('o', 'transfer', 'other').hex },
    status: 422,
    code: 'CHAIN_ID_MISMATCH',
    says: 'another chain',
  },
  {
    name: 'a body that is a list',
    path: '/v1/transactions',
    body: [1],
    status: 400,
    code: 'PARAMS_INVALID',
    says: 'expected an object, found a list of 1',
  },
  {
    name: 'too many transactions',
    path: '/v1/transactions/batch',
    body: { transactions: Array.from({ length: 1001 }, () => '0x') },
    status: 400,
    code: 'PARAMS_INVALID',
    says: 'expected a list of 1 to 1000, found a list of 1001',
  },
  {
    name: 'a wait beyond the limit',
    path: '/v1/transactions/wait',
    body: { ids: [ID], timeoutMs: 30_001 },
    status: 400,
    code: 'PARAMS_INVALID',
    says: '$.timeoutMs: expected an integer from 0 to 30000, found 30001',
  },
  {
    name: 'a view of an unknown contract',
    path: '/v1/contracts/gold/views/balance',
    body: {},
    status: 404,
    code: 'CONTRACT_NOT_FOUND',
    says: 'found "gold"',
  },
  {
    name: 'a view with a wrong argument',
    path: '/v1/contracts/cash/views/balance',
    body: { args: { currency: 'EURO', account: BANK } },
    status: 400,
    code: 'ARGUMENTS_INVALID',
    says: '"EURO"',
  },
  {
    name: 'a view that writes',
    path: '/v1/contracts/cash/views/transfer',
    body: { args: {} },
    status: 400,
    code: 'PARAMS_INVALID',
    says: 'expected a view',
  },
  {
    name: 'a parameter of the path in the body',
    path: '/v1/contracts/cash/views/balances',
    body: { contract: 'assets' },
    status: 400,
    code: 'PARAMS_INVALID',
    says: '$body.contract',
  },
];

describe('the RPC refuses', () => {
  let node: FakeNode;

  before(async () => {
    node = await startFakeNode(new FakeChain(testValidators('refusals', 4)));
  });

  after(async () => {
    await node.server.stop();
  });

  async function post(path: string, text: string, type = JSON_TYPE) {
    const response = await fetch(`${node.url}${path}`, {
      method: 'POST',
      body: text,
      headers: { 'content-type': type },
    });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  }

  for (const { name, path, body, status, code, says } of REFUSALS) {
    it(`${name}, by a code, with what was expected and found`, async () => {
      const response = await (body === undefined
        ? fetch(`${node.url}${path}`)
        : fetch(`${node.url}${path}`, {
            method: 'POST',
            body: JSON.stringify(body),
            headers: { 'content-type': JSON_TYPE },
          }));
      const { error } = (await response.json()) as { error: { code: string; message: string; details: object } };
      expect(error.code).to.equal(code);
      expect(error.message).to.contain(says);
      expect(error.details).to.be.an('object');
      expect(response.status).to.equal(status);
    });
  }

  it('a body that is larger than any request may be', async () => {
    const { status, body } = await post('/v1/transactions', `"${'a'.repeat(API_LIMITS.bodyBytes)}"`);
    expect(status).to.equal(413);
    expect(body).to.have.nested.property('error.code', 'BODY_TOO_LARGE');
  });

  it('a body of another type, so that no page of a browser can send one unasked', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const { status, body } = await post('/v1/transactions', '{}', type);
      expect(status).to.equal(415);
      expect(body).to.have.nested.property('error.code', 'MEDIA_TYPE_UNSUPPORTED');
    }
  });

  it('a request for another host’s name, to which a stranger’s page could have pointed a browser', async () => {
    const { port } = new URL(node.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request({ port, path: '/v1/status', headers: { host: 'evil.example:80' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.on('error', reject).end();
    });
    expect(status).to.equal(403);
  });

  describe('in JSON-RPC', () => {
    const call = (body: unknown) => post('/rpc', JSON.stringify(body));

    it('text that is no JSON, as a parse error', async () => {
      const { body } = await post('/rpc', '{"jsonrpc":');
      expect(body).to.have.nested.property('error.code', -32700);
      expect(body).to.have.nested.property('error.data.code', 'REQUEST_MALFORMED');
    });

    it('what is no request, as an invalid request', async () => {
      for (const odd of [1, 'x', {}, { jsonrpc: '1.0', id: 7, method: 'status' }, { jsonrpc: '2.0', id: 7 }, []]) {
        const { body } = await call(odd);
        expect(body, JSON.stringify(odd)).to.have.nested.property('error.code', -32600);
      }
    });

    it('an unknown method, and one of every object', async () => {
      for (const method of ['fly', 'toString', '__proto__', 'constructor']) {
        const { body } = await call({ jsonrpc: '2.0', id: 'a', method });
        expect(body).to.have.nested.property('error.code', -32601);
        expect(body).to.have.property('id', 'a');
      }
    });

    it('parameters by position and unknown names, as invalid parameters', async () => {
      for (const params of [[1], { hight: 1 }, 'x', null, { height: '1' }]) {
        const { body } = await call({ jsonrpc: '2.0', id: 1, method: 'block', params });
        expect(body).to.have.nested.property('error.code', -32602);
        expect(body).to.have.nested.property('error.data.code', 'PARAMS_INVALID');
      }
    });

    it('what a rule of ours refuses, with our code in data', async () => {
      const { body } = await call({ jsonrpc: '2.0', id: 1, method: 'receipt', params: { id: ID } });
      expect(body).to.have.nested.property('error.code', -32000);
      expect(body).to.have.nested.property('error.data.code', 'TRANSACTION_NOT_FOUND');
      expect(body).to.have.nested.property('error.data.details.actual', ID);
    });

    it('a batch beyond the limit, and answers one within it in order, notifications left out', async () => {
      const status = { jsonrpc: '2.0', method: 'status' };
      const { body } = await call(Array.from({ length: 51 }, (_, id) => ({ ...status, id })));
      expect(body).to.have.nested.property('error.code', -32600);
      const answers = (await call([{ ...status, id: 1 }, status, { ...status, id: 2 }, 5])).body as unknown as {
        id: number;
      }[];
      expect(answers.map(({ id }) => id)).to.deep.equal([1, 2, null]);
      const silent = await fetch(`${node.url}/rpc`, {
        method: 'POST',
        body: JSON.stringify(status),
        headers: { 'content-type': JSON_TYPE },
      });
      expect(silent.status).to.equal(204);
    });
  });
});
