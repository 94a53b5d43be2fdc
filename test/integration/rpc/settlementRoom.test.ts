import { connect } from 'node:net';
import { expect } from 'chai';
import {
  decodeVerdicts,
  encodeSettlementRequest,
  FRAME,
  type Frame,
  FrameReader,
  SETTLEMENT_CONTENT_TYPE,
  SETTLEMENT_PATH,
} from '../../../api/settlement.js';
import { CodedError } from '../../../primitives/errors.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { testValidators } from '../../support/finalityFixture.js';
import { endOf, framesIn, settleAt, until } from '../../support/settlementDoor.js';
import { signedTransaction } from '../../support/signedPayments.js';

const validators = testValidators('settling room', 4);

/** A gate that others wait at until it is opened. */
function gate(): { readonly wait: () => Promise<void>; readonly open: () => void; waiting: number } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const self = {
    waiting: 0,
    open: () => open(),
    wait: () => {
      self.waiting++;
      return opened;
    },
  };
  return self;
}

describe('the room of the settlement door', () => {
  let chain: FakeChain;
  let node: FakeNode;

  beforeEach(async () => {
    chain = new FakeChain(validators);
    node = await startFakeNode(chain, { maxConcurrentWaits: 2, maxWaitedIds: 1_500, readOutMs: 50 });
  });

  afterEach(async () => {
    await node.server.stop();
  });

  async function framesOf(answer: Response | Promise<Response>): Promise<Frame[]> {
    const response = await answer;
    expect(response.status).to.equal(200);
    return framesIn(new Uint8Array(await response.arrayBuffer()));
  }
  async function refusalOf(answer: Response | Promise<Response>) {
    const response = await answer;
    const { error } = (await response.json()) as { error: { code: string } };
    return { status: response.status, code: error.code };
  }
  const isEmpty = () => node.counts.get('vostro_rpc_waits_count') === 0;

  it('is given back whatever a refusal says, and be it no text', async () => {
    chain.refusal = `${'x'.repeat(63)}\ud83d`;
    const [good, bad] = [signedTransaction('good'), signedTransaction('bad', 'refuse')];
    for (let request = 0; request < 4; request++) {
      const answer = settleAt(node.url, [good.hex, bad.hex], { timeoutMs: 5 });
      const [, refused] = decodeVerdicts(((await framesOf(answer))[0] as Frame).payload);
      expect(refused).to.have.nested.property('error.message', `${'x'.repeat(63)}\ufffd`);
    }
    await until(isEmpty);
    expect(node.counts.get('vostro_rpc_waited_ids_count')).to.equal(0);
  });

  it('is kept before anything is taken in: who is refused as a whole has given nothing', async () => {
    const { wait, open } = gate();
    chain.afterAdmission = wait;
    const first = ['a', 'b'].map((name) => settleAt(node.url, [signedTransaction(name).hex], { timeoutMs: 1_000 }));
    await until(() => chain.admitted === 2);
    const third = await refusalOf(settleAt(node.url, [signedTransaction('c').hex]));
    expect(third).to.deep.equal({ status: 429, code: 'TOO_MANY_WAITS' });
    expect(chain.admitted).to.equal(2);
    chain.commit();
    open();
    for (const frames of await Promise.all(first.map(framesOf))) expect(endOf(frames).reason).to.equal('final');
    await until(isEmpty);
    chain.afterAdmission = async () => undefined;
    expect((await settleAt(node.url, [signedTransaction('c').hex], { timeoutMs: 5 })).status).to.equal(200);
  });

  it('is left with the verdicts when the node stops after it has taken them in', async () => {
    const held = gate();
    chain.afterAdmission = held.wait;
    const answer = settleAt(node.url, [signedTransaction('a').hex, signedTransaction('no', 'refuse').hex]);
    await until(() => held.waiting === 1);
    const stopped = node.server.stop();
    held.open();
    const frames = await framesOf(answer);
    expect(decodeVerdicts((frames[0] as Frame).payload)[0]).to.deep.equal({ status: 'accepted' });
    expect(endOf(frames)).to.deep.equal({ reason: 'stopping', unknown: [0] });
    await stopped;
    node = await startFakeNode(chain);
  });

  it('is given back when something breaks after it has taken them in, which is told as no refusal', async () => {
    for (const fault of [new CodedError('POLICY_NOT_MET', 'of one'), new SyntaxError('of ours'), 'anything']) {
      chain.afterAdmission = () => Promise.reject(fault);
      const answer = settleAt(node.url, [signedTransaction(String(fault)).hex]);
      expect(await refusalOf(answer)).to.deep.equal({ status: 500, code: 'INTERNAL' });
    }
    chain.afterAdmission = async () => undefined;
    const frames = await framesOf(settleAt(node.url, [signedTransaction('later').hex], { timeoutMs: 5 }));
    expect(endOf(frames).reason).to.equal('time');
  });

  it('is not taken by more requests in work than there may be, which take nothing in', async () => {
    await node.server.stop();
    node = await startFakeNode(chain, { maxConcurrentRequests: 1, maxConcurrentWaits: 2 });
    const { wait, open } = gate();
    chain.afterAdmission = wait;
    const first = settleAt(node.url, [signedTransaction('a').hex], { timeoutMs: 5 });
    await until(() => chain.admitted === 1);
    for (let request = 0; request < 3; request++) {
      const second = await refusalOf(settleAt(node.url, [signedTransaction('b').hex]));
      expect(second).to.deep.equal({ status: 429, code: 'TOO_MANY_REQUESTS' });
    }
    expect(chain.admitted).to.equal(1);
    open();
    await framesOf(first);
  });

  it('proves what stands in a block that was let go of while the transactions were judged', async () => {
    const [first, second] = [signedTransaction('first'), signedTransaction('second')];
    chain.heldBack.add(second.id);
    chain.afterAdmission = async () => {
      for (let block = 0; block < 260; block++) chain.commit();
    };
    const frames = await framesOf(settleAt(node.url, [first.hex, second.hex], { timeoutMs: 500 }));
    expect(frames.map(({ kind }) => kind)).to.deep.equal([FRAME.verdicts, FRAME.proof, FRAME.end]);
    expect(endOf(frames)).to.deep.equal({ reason: 'time', unknown: [1] });
    expect(chain.askedForProofs).to.equal(1);
  });

  it('tells of a block as it is written while other transactions stay open', async () => {
    const [first, second] = [signedTransaction('first'), signedTransaction('second')];
    chain.heldBack.add(second.id);
    const { body } = await settleAt(node.url, [first.hex, second.hex]);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const frames = new FrameReader();
    const kinds: number[] = [];
    const read = async () => {
      frames.add((await reader.read()).value ?? new Uint8Array());
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) kinds.push(frame.kind);
    };
    await read();
    expect(kinds).to.deep.equal([FRAME.verdicts]);
    chain.commit();
    await read();
    expect(kinds).to.deep.equal([FRAME.verdicts, FRAME.proof]);
    chain.heldBack.clear();
    chain.commit();
    await read();
    expect(kinds).to.deep.equal([FRAME.verdicts, FRAME.proof, FRAME.proof, FRAME.end]);
    await reader.cancel();
  });

  it('names each position of a transaction that stands in a request twice', async () => {
    const [one, other] = [signedTransaction('one'), signedTransaction('other')];
    const frames = await framesOf(settleAt(node.url, [one.hex, other.hex, one.hex], { timeoutMs: 5 }));
    expect(endOf(frames)).to.deep.equal({ reason: 'time', unknown: [0, 1, 2] });
  });

  it('is not held by a client that reads nothing of an answer that has ended', async () => {
    chain.refusal = 'x'.repeat(12_000);
    const transactions = Array.from({ length: 1_000 }, (_, i) => signedTransaction(`no/${i}`, 'refuse').bytes);
    const body = encodeSettlementRequest({ timeoutMs: 0, since: 0, transactions });
    const { hostname, port } = new URL(node.url);
    const silent = connect(Number(port), hostname).pause();
    silent.on('error', () => undefined);
    const head = [
      `POST ${SETTLEMENT_PATH} HTTP/1.1`,
      `host: ${hostname}`,
      `content-type: ${SETTLEMENT_CONTENT_TYPE}`,
      `content-length: ${body.length}`,
    ];
    silent.write(`${head.join('\r\n')}\r\n\r\n`);
    silent.write(body);
    await until(() => node.counts.get('vostro_rpc_requests_total{"method":"settle","status":"200"}') === 1);
    // The door's patience, 50 ms here, is over before this is.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await new Promise((resolve) => silent.once('close', resolve).resume());
    expect(silent.bytesRead).to.be.below(1_000 * 12_000);
  });
});
