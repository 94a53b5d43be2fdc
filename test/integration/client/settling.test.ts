import { expect } from 'chai';
import { encodeEnd, encodeFrame, encodeVerdicts, FRAME, SETTLEMENT_PATH } from '../../../api/settlement.js';
import type { Fetch } from '../../../client/connection.js';
import { type ClientOptions, isCodedError, VostroClient } from '../../../client/index.js';
import { concatBytes } from '../../../primitives/bytes.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { CHAIN_ID, GENESIS_HASH, testValidators } from '../../support/finalityFixture.js';
import { framesIn, settleAt, until } from '../../support/settlementDoor.js';
import { signedTransaction } from '../../support/signedPayments.js';

const validators = testValidators('settling client', 4);
const trust = { chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators };
const [FIRST, SECOND] = ['http://first.example', 'http://second.example'];

/** What a door, or what stands before it, may say instead of verdicts, and what that means for the transactions. */
const WHOLE: readonly (readonly [status: number, body: unknown, outcome: string])[] = [
  [400, 'REQUEST_MALFORMED', 'rejected'],
  [403, 'HOST_NOT_ALLOWED', 'rejected'],
  [404, 'ROUTE_NOT_FOUND', 'rejected'],
  [413, 'BODY_TOO_LARGE', 'rejected'],
  [415, 'MEDIA_TYPE_UNSUPPORTED', 'rejected'],
  [429, 'TOO_MANY_REQUESTS', 'busy'],
  [429, 'TOO_MANY_WAITS', 'busy'],
  [503, 'SHUTTING_DOWN', 'busy'],
  [500, 'INTERNAL', 'unknown'],
  [504, 'REQUEST_TIMEOUT', 'unknown'],
  [422, 'POLICY_NOT_MET', 'unknown'],
  [503, 'EXECUTOR_RESTARTED', 'unknown'],
  [429, { message: 'a proxy' }, 'unknown'],
  [502, '<html>', 'unknown'],
  [503, { error: 'Service Unavailable', code: 'FST_ERR', statusCode: 503 }, 'unknown'],
];

function refusal(status: number, body: unknown): Response {
  const isCode = typeof body === 'string' && /^[A-Z_]+$/.test(body);
  const json = isCode ? { error: { code: body, message: 'no', details: {} } } : body;
  return new Response(typeof json === 'string' ? json : JSON.stringify(json), { status });
}

describe('a client at the settlement door', () => {
  let chain: FakeChain;
  let node: FakeNode;
  const clients: VostroClient[] = [];

  beforeEach(async () => {
    chain = new FakeChain(validators);
    node = await startFakeNode(chain, { maxConcurrentWaits: 1 });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await node.server.stop();
  });

  function connect(
    urls: readonly string[],
    fetch: Fetch = (input, init) => globalThis.fetch(input, init),
    options: Partial<ClientOptions> = {},
  ) {
    const all = { urls, trust, timeoutMs: 4_000, requestTimeoutMs: 1_000, backoffMs: 5, attempts: 2, ...options };
    const client = new VostroClient(all, { fetch });
    clients.push(client);
    return client;
  }

  /** Commits whatever waits, again and again, while something goes on. */
  async function committing<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => chain.pending > 0 && chain.commit(), 5);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }

  for (const [status, body, outcome] of WHOLE) {
    const what = typeof body === 'string' ? body : JSON.stringify(body);
    it(`takes ${status} ${what} in place of verdicts for ${outcome}`, async () => {
      let asked = 0;
      const client = connect([FIRST, SECOND], async () => {
        asked++;
        return refusal(status, body);
      });
      const [submission] = await client.submitMany([signedTransaction('one')]);
      expect(submission?.status).to.equal(outcome);
      // Two nodes; again only where nothing was taken in and a little later is another time.
      expect(asked).to.equal(outcome === 'busy' ? 4 : 2);
    });
  }

  it('takes a transaction for rejected by no node alone while the other has not judged it', async () => {
    const nobody = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    const no = encodeVerdicts([{ error: { code: 'POLICY_NOT_MET', message: 'no', details: {} } }]);
    const end = encodeEnd({ reason: 'final', unknown: [] });
    const refuses = async (): Promise<Response> => {
      const frames = concatBytes(encodeFrame(FRAME.verdicts, no), encodeFrame(FRAME.end, end));
      return new Response(frames as Uint8Array<ArrayBuffer>);
    };
    const others: [() => Promise<Response>, string, string][] = [
      [async () => refusal(429, 'TOO_MANY_REQUESTS'), 'busy', 'TOO_MANY_REQUESTS'],
      [() => Promise.reject(nobody), 'busy', 'UNREACHABLE'],
      [refuses, 'rejected', 'POLICY_NOT_MET'],
    ];
    for (const [other, status, code] of others) {
      const client = connect([FIRST, SECOND], (input) => (String(input).startsWith(FIRST) ? other() : refuses()));
      const [submission] = await client.submitMany([signedTransaction('one')]);
      expect(submission).to.have.property('status', status);
      expect(submission).to.have.nested.property('error.code', code);
    }
  });

  it('waits its turn at a door without room, which has taken nothing in, and settles then', async () => {
    const gone = new AbortController();
    const other = settleAt(node.url, [signedTransaction('other').hex], {}, gone.signal).catch(() => undefined);
    await until(() => node.counts.get('vostro_rpc_waits_count') === 1);
    const client = connect([node.url]);
    const [refused] = await client.submitAndWaitMany([signedTransaction('one')], { timeoutMs: 100 });
    expect(refused).to.deep.include({ status: 'unknown' });
    expect(refused).to.have.nested.property('error.code', 'TOO_MANY_WAITS');
    expect(chain.admitted).to.equal(1);
    const settling = client.submitAndWait(signedTransaction('one'));
    gone.abort();
    await other;
    expect((await committing(settling)).success).to.equal(true);
  });

  it('follows up what a door has taken in and then failed to answer for', async () => {
    chain.afterAdmission = async () => {
      chain.afterAdmission = async () => undefined;
      throw new TypeError('a bug');
    };
    const [outcome] = await committing(connect([node.url]).submitAndWaitMany([signedTransaction('one')]));
    expect(outcome?.status).to.equal('final');
    expect(chain.admitted).to.equal(1);
  });

  it('has settled once everything is proven, whatever a node still holds open', async () => {
    let cancelled = false;
    const client = connect(
      [node.url],
      async (input, init) => {
        const response = await globalThis.fetch(input, init);
        const frames = framesIn(new Uint8Array(await response.arrayBuffer())).slice(0, -1);
        const body = new ReadableStream<Uint8Array>({
          start: (control) => {
            for (const { kind, payload } of frames) control.enqueue(encodeFrame(kind, payload));
          },
          cancel: () => {
            cancelled = true;
          },
        });
        return new Response(body as never);
      },
      { timeoutMs: 60_000, requestTimeoutMs: 60_000 },
    );
    expect((await committing(client.submitAndWait(signedTransaction('one')))).success).to.equal(true);
    expect(cancelled).to.equal(true);
  });

  it('stops at a fork that one answer tells of while another request is under way', async () => {
    const other = new FakeChain(validators);
    const forked = await startFakeNode(other);
    const never = new Promise<Response>((_, reject) => {
      setTimeout(() => reject(new TypeError('no answer')), 300);
    });
    never.catch(() => undefined);
    const answers: ((init: RequestInit | undefined) => Promise<Response>)[] = [
      (init) => globalThis.fetch(`${forked.url}${SETTLEMENT_PATH}`, init),
      (init) => globalThis.fetch(`${node.url}${SETTLEMENT_PATH}`, init),
      () => {
        chain.commit();
        return never;
      },
    ];
    const client = connect([FIRST], async (input, init) => {
      const answer = String(input).endsWith(SETTLEMENT_PATH) ? answers.shift() : undefined;
      if (answer === undefined) throw new TypeError('nobody is there');
      return answer(init);
    });
    const first = client.submitAndWait(signedTransaction('on the other chain'));
    await until(() => other.pending === 1);
    other.commit();
    await first;
    chain.busyFor = 1;
    const both = [signedTransaction('one'), signedTransaction('patient', 'busy')];
    const fault: unknown = await client.submitAndWaitMany(both, { timeoutMs: 2_000 }).catch((error: unknown) => error);
    expect(isCodedError(fault) ? fault.code : fault).to.equal('CHAIN_FORKED');
    await forked.server.stop();
  });
});
