import { expect } from 'chai';
import {
  decodeVerdicts,
  encodeSettlementRequest,
  FRAME,
  type Frame,
  SETTLEMENT_CONTENT_TYPE,
  SETTLEMENT_PATH,
  type SettlementRequest,
} from '../../../api/settlement.js';
import { FinalityVerifier } from '../../../client/verifier.js';
import { fromHex, toHex } from '../../../primitives/bytes.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { CHAIN_ID, GENESIS_HASH, testValidators } from '../../support/finalityFixture.js';
import { endOf, framesIn, settleAt, until } from '../../support/settlementDoor.js';
import { signedTransaction, unsignedTransactions } from '../../support/signedPayments.js';

const validators = testValidators('settling', 4);

describe('the settlement door', () => {
  let chain: FakeChain;
  let node: FakeNode;

  beforeEach(async () => {
    chain = new FakeChain(validators);
    node = await startFakeNode(chain, { maxConcurrentWaits: 2, maxWaitedIds: 1_500 });
  });

  afterEach(async () => {
    await node.server.stop();
  });

  /** @param type none where it is null */
  function post(
    body: Uint8Array<ArrayBuffer> | Blob | null,
    type: string | null = SETTLEMENT_CONTENT_TYPE,
    signal?: AbortSignal,
  ) {
    return fetch(`${node.url}${SETTLEMENT_PATH}`, {
      method: 'POST',
      body,
      headers: type === null ? {} : { 'content-type': type },
      ...(signal === undefined ? {} : { signal }),
    });
  }
  const send = (hexes: readonly string[], change: Partial<SettlementRequest> = {}, signal?: AbortSignal) =>
    settleAt(node.url, hexes, change, signal);
  async function framesOf(answer: Response | Promise<Response>): Promise<Frame[]> {
    const response = await answer;
    expect(response.status).to.equal(200);
    return framesIn(new Uint8Array(await response.arrayBuffer()));
  }
  function verified(frames: readonly Frame[], since = 0) {
    const verifier = new FinalityVerifier({
      chainId: CHAIN_ID,
      genesisHash: GENESIS_HASH,
      validators: chain.validators,
    });
    const proofs = frames.filter(({ kind }) => kind === FRAME.proof);
    return proofs.map(({ payload }) =>
      verifier.verifyReceipts(payload, since).map(({ receipt }) => toHex(receipt.transactionId)),
    );
  }
  const waits = (count: number) => until(() => node.counts.get('vostro_rpc_waits_count') === count);

  it('judges each transaction by itself, and proves the blocks that hold them as they are written', async () => {
    const [good, bad, refused] = [
      signedTransaction('good'),
      signedTransaction('bad', 'fail'),
      signedTransaction('no', 'refuse'),
    ];
    const answer = send([good.hex, refused.hex, bad.hex]);
    await waits(1);
    chain.commit();
    const frames = await framesOf(answer);
    expect(frames.map(({ kind }) => kind)).to.deep.equal([FRAME.verdicts, FRAME.proof, FRAME.end]);
    const [first, second, third] = decodeVerdicts((frames[0] as Frame).payload);
    expect([first, third]).to.deep.equal([{ status: 'accepted' }, { status: 'accepted' }]);
    expect(second).to.have.nested.property('error.code', 'POLICY_NOT_MET');
    expect(second).to.have.nested.property('error.details.actual', 'refuse');
    expect(verified(frames)).to.deep.equal([[good.id, bad.id]]);
    expect(endOf(frames)).to.deep.equal({ reason: 'final', unknown: [] });
    expect(chain.askedForProofs).to.equal(0);
    expect(node.counts.get('vostro_rpc_waited_ids_count')).to.equal(0);
  });

  it('tells at once what became of transactions that were final before, whether this server saw it or not', async () => {
    const [seen, unseen] = [signedTransaction('seen'), signedTransaction('unseen')];
    await framesOf(send([unseen.hex], { timeoutMs: 0 }));
    chain.commit();
    await node.server.stop();
    node = await startFakeNode(chain);
    await framesOf(send([seen.hex], { timeoutMs: 0 }));
    chain.commit();
    const frames = await framesOf(send([seen.hex, unseen.hex]));
    expect(verified(frames).flat()).to.have.members([seen.id, unseen.id]);
    expect(endOf(frames).reason).to.equal('final');
    expect(chain.askedForProofs).to.equal(1);
  });

  it('asks the executor where a commit brought no receipts, or the client does not know the validators', async () => {
    const other = testValidators('settling/others', 4);
    chain.givesReceipts = false;
    const first = signedTransaction('first');
    const answer = send([first.hex]);
    await waits(1);
    const trusted = [...chain.validators];
    chain.commit(other);
    const verifier = new FinalityVerifier({ chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators: trusted });
    const [, proof] = await framesOf(answer);
    expect(verifier.verifyReceipts((proof as Frame).payload, 0)).to.have.length(1);
    expect(chain.askedForProofs).to.equal(1);
    chain.givesReceipts = true;
    for (const [since, asked] of [
      [0, 2],
      [1, 2],
    ] as const) {
      const next = signedTransaction(`next/${since}`);
      const later = send([next.hex], { since });
      await waits(1);
      chain.commit();
      const [, found] = await framesOf(later);
      expect(verifier.verifyReceipts((found as Frame).payload, since)).to.have.length(1);
      expect(chain.askedForProofs, `since ${since}`).to.equal(asked);
    }
  });

  it('names what it did not prove when the time is over, and when the node stops', async () => {
    const [first, second] = [signedTransaction('first'), signedTransaction('second')];
    const frames = await framesOf(send([first.hex, second.hex], { timeoutMs: 30 }));
    expect(endOf(frames)).to.deep.equal({ reason: 'time', unknown: [0, 1] });
    const stopped = send([first.hex]);
    await waits(1);
    await node.server.stop();
    expect(endOf(await framesOf(stopped))).to.deep.equal({ reason: 'stopping', unknown: [0] });
    node = await startFakeNode(chain);
  });

  it('waits for nothing when it is asked to, nor when nothing was taken in', async () => {
    const frames = await framesOf(send([signedTransaction('one').hex], { timeoutMs: 0 }));
    expect(endOf(frames)).to.deep.equal({ reason: 'time', unknown: [0] });
    const none = await framesOf(send([signedTransaction('two', 'refuse').hex]));
    expect(endOf(none)).to.deep.equal({ reason: 'final', unknown: [] });
  });

  it('proves a transaction that stands twice in a request once', async () => {
    const one = signedTransaction('one');
    const answer = send([one.hex, one.hex]);
    await waits(1);
    expect(node.counts.get('vostro_rpc_waited_ids_count')).to.equal(1);
    chain.commit();
    const frames = await framesOf(answer);
    expect(verified(frames)).to.deep.equal([[one.id]]);
    expect(endOf(frames).reason).to.equal('final');
  });

  it('forgets a client that is gone', async () => {
    const gone = new AbortController();
    const answer = send([signedTransaction('one').hex], {}, gone.signal).catch(() => undefined);
    await waits(1);
    gone.abort();
    await answer;
    await waits(0);
    expect(node.counts.get('vostro_rpc_waited_ids_count')).to.equal(0);
  });

  it('refuses more streams, and more transactions in them, than it holds, before it takes any in', async () => {
    const open = [send([signedTransaction('a').hex]), send([signedTransaction('b').hex])];
    await waits(2);
    const third = await send([signedTransaction('c').hex]);
    expect([third.status, await third.json()]).to.have.nested.property('1.error.code', 'TOO_MANY_WAITS');
    expect(third.status).to.equal(429);
    chain.commit();
    await Promise.all(open);
    await waits(0);
    const many = send(unsignedTransactions('many', 1_000).map(({ hex }) => hex));
    await waits(1);
    expect((await send(unsignedTransactions('more', 600).map(({ hex }) => hex))).status).to.equal(429);
    chain.commit();
    await many;
    expect(chain.admitted).to.equal(1_002);
  });

  it('takes bytes of its own type only, so that no page of a browser can send any unasked', async () => {
    const request = encodeSettlementRequest({
      timeoutMs: 0,
      since: 0,
      transactions: [fromHex(signedTransaction('x').hex)],
    });
    const body = request as Uint8Array<ArrayBuffer>;
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await post(body, type)).status, type).to.equal(415);
    }
    // A page's blob without a type is sent without one.
    expect((await post(new Blob([body]), null)).status).to.equal(415);
    expect((await post(null, null)).status).to.equal(415);
    const elsewhere = await fetch(`${node.url}/v1/transactions`, {
      method: 'POST',
      body,
      headers: { 'content-type': SETTLEMENT_CONTENT_TYPE },
    });
    expect(elsewhere.status).to.equal(415);
    const asked = await fetch(`${node.url}${SETTLEMENT_PATH}`, { method: 'OPTIONS' });
    expect(asked.status).to.equal(404);
    expect(asked.headers.get('access-control-allow-origin')).to.equal(null);
    expect(chain.admitted).to.equal(0);
  });

  it('refuses what is no request of bytes', async () => {
    const good = encodeSettlementRequest({ timeoutMs: 0, since: 0, transactions: [Uint8Array.of(1, 2, 3)] });
    const wrong: [string, Uint8Array][] = [
      ['empty', new Uint8Array([0xc0])],
      ['cut', good.slice(0, -1)],
      ['surplus', new Uint8Array([...good, 0])],
      ['another version', good.map((byte, index) => (index === 1 ? 2 : byte))],
      ['no transactions', encodeSettlementRequest({ timeoutMs: 0, since: 0, transactions: [] })],
    ];
    for (const [what, bytes] of wrong) {
      const answer = await post(bytes as Uint8Array<ArrayBuffer>);
      expect(answer.status, what).to.equal(400);
      const { error } = (await answer.json()) as { error: { code: string } };
      expect(error.code, what).to.equal('REQUEST_MALFORMED');
    }
    expect((await post(new Uint8Array(3_000_000))).status).to.equal(413);
  });
});
