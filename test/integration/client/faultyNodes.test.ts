import { expect } from 'chai';
import {
  encodeFrame,
  encodeVerdicts,
  FRAME,
  type Frame,
  FrameReader,
  SETTLEMENT_PATH,
} from '../../../api/settlement.js';
import type { Fetch } from '../../../client/connection.js';
import { ClientError, isCodedError, OutcomeUnknownError, VostroClient } from '../../../client/index.js';
import { concatBytes } from '../../../primitives/bytes.js';
import { decodeReceipt, encodeReceipt } from '../../../primitives/receipt.js';
import { decodeReceiptsProof, encodeReceiptsProof, encodeSeal } from '../../../primitives/receiptsProof.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { CHAIN_ID, GENESIS_HASH, testValidators } from '../../support/finalityFixture.js';
import { signedTransaction, unsignedTransactions } from '../../support/signedPayments.js';

const validators = testValidators('faulty', 4);
const twoVerdicts = encodeFrame(FRAME.verdicts, encodeVerdicts([{ status: 'accepted' }, { status: 'accepted' }]));

function framesOf(bytes: Uint8Array): Frame[] {
  const reader = new FrameReader();
  reader.add(bytes);
  const frames: Frame[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  return frames;
}

/** A proof whose receipts say that the transaction failed. */
function withFailure(payload: Uint8Array): Uint8Array {
  const proof = decodeReceiptsProof(payload);
  const receipts = proof.receipts.map((bytes) => {
    const failure = { success: false, code: 'AMOUNT_ZERO', events: [], results: [] };
    return encodeReceipt({ ...decodeReceipt(bytes), ...failure });
  });
  return encodeReceiptsProof(encodeSeal(proof), { ...proof, receipts });
}

/** Takes a transaction in, says that it does not, and nothing more. */
function refusing({ kind, payload }: Frame): Uint8Array {
  if (kind === FRAME.proof) return new Uint8Array();
  const error = { code: 'POLICY_NOT_MET', message: 'no', details: {} };
  return encodeFrame(kind, kind === FRAME.verdicts ? encodeVerdicts([{ error }]) : payload);
}
const trust = { chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators };
const LIAR = 'http://liar.example';
const SILENT = 'http://silent.example';

type Answer = Record<string, unknown>;

describe('among nodes that fail or lie, the client', () => {
  let chain: FakeChain;
  let node: FakeNode;
  let timer: NodeJS.Timeout;
  const clients: VostroClient[] = [];
  /** Where a node was. */
  const dead: string[] = [];

  before(async () => {
    for (let i = 0; i < 2; i++) {
      const gone = await startFakeNode(new FakeChain(validators));
      await gone.server.stop();
      dead.push(gone.url);
    }
  });

  beforeEach(async () => {
    chain = new FakeChain(validators);
    node = await startFakeNode(chain);
    timer = setInterval(() => {
      if (chain.pending > 0) chain.commit();
    }, 5);
  });

  afterEach(async () => {
    clearInterval(timer);
    for (const client of clients.splice(0)) client.close();
    await node.server.stop();
  });

  /** The liar passes everything on and changes what comes back; the silent one never answers. */
  function world(lie: (answer: Answer, method: string) => Answer, lieInBytes: (frame: Frame) => Uint8Array): Fetch {
    return async (input, init) => {
      const url = String(input);
      if (url.startsWith(SILENT)) {
        return new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new TypeError('aborted')));
        });
      }
      if (!url.startsWith(LIAR)) return globalThis.fetch(input, init);
      const response = await globalThis.fetch(url.replace(LIAR, node.url), init);
      if (url.endsWith(SETTLEMENT_PATH)) {
        const frames = framesOf(new Uint8Array(await response.arrayBuffer())).map(lieInBytes);
        return new Response(concatBytes(...frames) as Uint8Array<ArrayBuffer>);
      }
      const { method } = JSON.parse(String(init?.body)) as { method: string };
      return new Response(JSON.stringify(lie((await response.json()) as Answer, method)));
    };
  }

  const honest = ({ kind, payload }: Frame): Uint8Array => encodeFrame(kind, payload);
  function connect(
    urls: readonly string[],
    lie: (answer: Answer, method: string) => Answer = (answer) => answer,
    lieInBytes: (frame: Frame) => Uint8Array = honest,
  ) {
    const options = { urls, trust, timeoutMs: 4_000, requestTimeoutMs: 150, backoffMs: 5 };
    const client = new VostroClient(options, { fetch: world(lie, lieInBytes) });
    clients.push(client);
    return client;
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

  it('settles with two of them dead and one silent', async () => {
    const client = connect([...dead, SILENT, node.url]);
    const transactions = unsignedTransactions('faulty', 30);
    const outcomes = await client.submitAndWaitMany(transactions);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(transactions.map(() => 'final'));
  });

  it('believes no receipt that was changed on its way', async () => {
    const inJson = (answer: Answer, method: string): Answer => {
      if (method !== 'waitMany') return answer;
      const result = answer['result'] as { proofs: { receipts: { receipt: string }[] }[] };
      for (const { receipts } of result.proofs) {
        // The byte that says success.
        for (const entry of receipts) entry.receipt = entry.receipt.replace(/^(0x.{72})01/, '$180');
      }
      return answer;
    };
    const inBytes = ({ kind, payload }: Frame) =>
      encodeFrame(kind, kind === FRAME.proof ? withFailure(payload) : payload);
    const final = await connect([LIAR, node.url], inJson, inBytes).submitAndWait(signedTransaction('honest'));
    expect(final.success).to.equal(true);
    const noProof = (answer: Answer, method: string) => (method === 'waitMany' ? { ...answer, result: {} } : answer);
    const alone = connect([LIAR], noProof, inBytes);
    const error = await errorOf(alone.submitAndWait(signedTransaction('alone'), 200));
    expect(error).to.be.instanceOf(OutcomeUnknownError);
  });

  it('does not take a claim without a proof for final', async () => {
    const { id } = signedTransaction('claimed');
    const claim = { id, height: 1, index: 0, success: true, code: '' };
    const client = connect([LIAR], (answer, method) => {
      return method === 'waitMany' ? { ...answer, result: { final: [claim], proofs: [], unknown: [] } } : answer;
    });
    expect(await errorOf(client.wait(id, 100))).to.be.instanceOf(OutcomeUnknownError);
  });

  it('takes a refusal for none while another node may have the transaction', async () => {
    clearInterval(timer);
    const client = connect([LIAR, SILENT], undefined, refusing);
    const error = await errorOf(client.submit(signedTransaction('refused by one')));
    expect(error).to.be.instanceOf(OutcomeUnknownError);
  });

  it('goes on when one node refuses what the others take', async () => {
    const client = connect([LIAR, node.url], undefined, refusing);
    expect((await client.submitAndWait(signedTransaction('slandered'))).success).to.equal(true);
  });

  it('asks another node where a stream is cut, says something else, or ends without a proof', async () => {
    const lies: [string, (frame: Frame) => Uint8Array][] = [
      ['cut before the verdicts', () => new Uint8Array()],
      ['cut after the verdicts', (frame) => (frame.kind === FRAME.verdicts ? honest(frame) : new Uint8Array())],
      ['cut within a proof', (frame) => (frame.kind === FRAME.proof ? honest(frame).slice(0, -9) : honest(frame))],
      ['without a proof', (frame) => (frame.kind === FRAME.proof ? new Uint8Array() : honest(frame))],
      ['a frame of no kind', (frame) => honest(frame).map((byte, index) => (index === 0 ? 9 : byte))],
      ['a frame of any length', (frame) => honest(frame).map((byte, index) => (index === 1 ? 255 : byte))],
      ['verdicts for more', (frame) => (frame.kind === FRAME.verdicts ? twoVerdicts : honest(frame))],
      [
        'bytes behind the end',
        (frame) => (frame.kind === FRAME.end ? concatBytes(honest(frame), Uint8Array.of(3)) : honest(frame)),
      ],
      ['no end', (frame) => (frame.kind === FRAME.end ? new Uint8Array() : honest(frame))],
    ];
    for (const [what, lie] of lies) {
      const client = connect([LIAR, node.url], undefined, lie);
      expect((await client.submitAndWait(signedTransaction(what))).success, what).to.equal(true);
    }
  });

  it('says that nothing was delivered when no node is there', async () => {
    const client = connect(dead);
    const error = await errorOf(client.submit(signedTransaction('nobody')));
    expect(error).to.be.instanceOf(ClientError);
    expect(error.code).to.equal('UNREACHABLE');
  });

  it('refuses answers that are none', async () => {
    const odd: readonly Answer[] = [{}, { result: 5 }, { error: 'x' }, { error: { code: 1 } }, []] as never;
    for (const answer of odd) {
      const client = connect([LIAR], () => answer);
      expect((await errorOf(client.call('status', {}))).code).to.equal('RESPONSE_INVALID');
    }
  });

  it('needs a node to be told', () => {
    expect(() => connect([])).to.throw(ClientError, 'at least one node');
  });
});
