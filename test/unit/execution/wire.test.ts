import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect } from 'chai';
import type { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import { builtFromWire, builtToWire, type ReplyMessage } from '../../../node/execution/executorProtocol.js';
import { serveExecutor } from '../../../node/execution/executorServer.js';
import type { CommitResult, IncludedTransaction } from '../../../node/execution/types.js';
import { packIncluded, packReferences, unpackIncluded, unpackReferences } from '../../../node/execution/wire.js';
import type { Hash } from '../../../primitives/bytes.js';
import { encodeCertificate } from '../../../primitives/certificate.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';

const HASH_BYTES = 32;

function included(change: Partial<IncludedTransaction> = {}): IncludedTransaction {
  const id = new Uint8Array(HASH_BYTES).fill(7);
  const about = {
    id,
    sender: ACCOUNTS.alfa,
    reference: Uint8Array.of(1, 2),
    priority: 'normal',
    sizeBytes: 250,
  } as const;
  return { ...about, expiresAt: 1_767_600_000_001, success: true, code: '', fuelUsed: 1, ...change };
}

describe('what crosses the border of the executor’s thread', () => {
  describe('the transactions of a committed block', () => {
    it('come out as they went in, in one buffer that stands for none but them', () => {
      const block = [
        included(),
        included({ id: new Uint8Array(HASH_BYTES).fill(255), sender: ACCOUNTS.beta, priority: 'urgent' }),
        included({ reference: new Uint8Array(32).fill(9), success: false, code: 'INSUFFICIENT_FUNDS' }),
        included({ expiresAt: Number.MAX_SAFE_INTEGER, fuelUsed: 2 ** 40 + 1, sizeBytes: 2 ** 32 - 1 }),
        included({ reference: Uint8Array.of(0), success: false, code: 'INSUFFICIENT_FUNDS' }),
        included({ success: false, code: 'OUT_OF_FUEL' }),
      ];
      const packed = packIncluded(block);
      expect(packed.codes).to.deep.equal(['', 'INSUFFICIENT_FUNDS', 'OUT_OF_FUEL']);
      expect(packed.rows.byteLength).to.equal(packed.rows.buffer.byteLength);
      expect(unpackIncluded(structuredClone(packed))).to.deep.equal(block);
    });

    it('may be none', () => {
      expect(unpackIncluded(packIncluded([]))).to.deep.equal([]);
    });
  });

  it('brings references in their order, each with its sender', () => {
    const asked = [
      { sender: ACCOUNTS.beta, reference: Uint8Array.of(1) },
      { sender: ACCOUNTS.alfa, reference: new Uint8Array(32).fill(2) },
      { sender: ACCOUNTS.beta, reference: Uint8Array.of(3, 4) },
    ];
    expect(unpackReferences(structuredClone(packReferences(asked)))).to.deep.equal(asked);
    expect(unpackReferences(packReferences([]))).to.deep.equal([]);
  });

  describe('of a block', () => {
    let network: ExecutionNetwork;
    let chain: TestChain;
    let executor: ChainExecutor;
    beforeEach(async () => {
      network = await ExecutionNetwork.create();
      executor = await network.started('one');
      chain = new TestChain(network, executor);
    });
    afterEach(async () => {
      await network.remove();
    });

    it('brings no byte of its transactions back to who had them: it is made of the very candidates', async () => {
      const late = network.payment('P-1', { expiresAt: 1 });
      const payments = [network.payment('P-2'), late, network.payment('P-3')];
      const built = await chain.build(payments);
      const candidates = payments.map(({ bytes }) => bytes);
      const wire = builtToWire(built, candidates);
      expect([...wire.positions]).to.have.members([0, 2]);
      const { block } = builtFromWire(structuredClone(wire), candidates);
      expect(block).to.deep.equal(built.block);
      for (const bytes of block.transactions) expect(candidates.includes(bytes)).to.equal(true);
    });

    it('needs no more than its hash and its certificate to be committed, once it was executed', async () => {
      const { block, blockHash } = await chain.build([network.payment('P-1')]);
      const certificate = network.certify(block);
      const answer = await served(executor, (port) => {
        port.postMessage({ id: 1, method: 'commitExecuted', args: [blockHash, encodeCertificate(certificate)] });
      });
      const { head } = resultOf<CommitResult>(answer);
      expect(head.blockHash).to.deep.equal(blockHash);
      expect(chain.executor.head().header).to.deep.equal(block.header);
    });

    it('has to come whole where it was not executed, and nothing is written before', async () => {
      const unknown: Hash = new Uint8Array(HASH_BYTES).fill(3);
      const certificate = network.certify((await chain.build([])).block);
      const before = chain.executor.head();
      const answer = await served(executor, (port) => {
        port.postMessage({ id: 1, method: 'commitExecuted', args: [unknown, encodeCertificate(certificate)] });
      });
      expect(resultOf(answer)).to.equal(undefined);
      expect(chain.executor.head()).to.deep.equal(before);
    });

    it('is not committed under the certificate of another', async () => {
      const { blockHash } = await chain.build([network.payment('P-1')]);
      const certificate = network.certify((await chain.build([network.payment('P-2')])).block);
      const answer = await served(executor, (port) => {
        port.postMessage({ id: 1, method: 'commitExecuted', args: [blockHash, encodeCertificate(certificate)] });
      });
      expect(answer.kind === 'error' && answer.error.code).to.equal('CERTIFICATE_MISMATCH');
    });
  });
});

/** The one answer to what is asked. */
async function served(executor: ChainExecutor, ask: (port: MessagePort) => void): Promise<ReplyMessage> {
  const { port1, port2 } = new MessageChannel();
  try {
    serveExecutor(executor, port2, () => undefined);
    const answer = new Promise<ReplyMessage>((resolve) => port1.once('message', resolve));
    ask(port1);
    return await answer;
  } finally {
    port1.close();
  }
}

function resultOf<R>(answer: ReplyMessage): R {
  if (answer.kind !== 'result') throw new Error(`expected a result, found ${JSON.stringify(answer)}`);
  return answer.result as R;
}
