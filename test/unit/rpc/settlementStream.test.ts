import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { FRAME } from '../../../api/settlement.js';
import type { ReceiptsProofsAnswer } from '../../../node/execution/receiptsProofs.js';
import type { CommitResult } from '../../../node/execution/types.js';
import { FinalityWaiter } from '../../../node/rpc/finalityWaiter.js';
import { SettlementStream } from '../../../node/rpc/settlementStream.js';
import type { Hash } from '../../../primitives/bytes.js';
import { domainTag } from '../../../primitives/hash.js';
import { testHeader } from '../../support/finalityFixture.js';
import { endOf, framesIn } from '../../support/settlementDoor.js';

/** A client that takes what is written only when it is told to. */
class SlowClient extends EventEmitter {
  readonly written: Uint8Array[] = [];
  hasEnded = false;
  takes = true;

  writeHead(): void {}

  write(bytes: Uint8Array): boolean {
    this.written.push(bytes);
    return this.takes;
  }

  end(bytes: Uint8Array): void {
    this.written.push(bytes);
    this.hasEnded = true;
    this.emit('close');
  }

  destroy(): void {
    this.emit('close');
  }

  get frames() {
    return framesIn(Buffer.concat(this.written));
  }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the answer of the settlement door', () => {
  const ids = ['a', 'b', 'c', 'd'].map((name) => domainTag(`test/answer/${name}`));
  let tellOf: (result: CommitResult) => void;
  let client: SlowClient;
  let answer: (asked: readonly Hash[]) => ReceiptsProofsAnswer;

  /** Begins with all of them, taken in just now. */
  function begin(): void {
    const metrics = { count: () => undefined, gauge: () => undefined };
    const commits = {
      subscribe: (tell: (result: CommitResult) => void) => {
        tellOf = tell;
        return () => undefined;
      },
    };
    const limits = { maxBlocks: 4, maxTransactions: 100, maxReceiptBytes: 1_000, maxWaits: 1, maxWaitedIds: 10 };
    const waiter = new FinalityWaiter(limits, { commits, metrics });
    waiter.start();
    const log = () => undefined;
    const modules = {
      waiter,
      metrics,
      logger: { debug: log, info: log, warn: log, error: log },
      executor: { receiptsProofs: async (asked: readonly Hash[]) => answer(asked) },
    };
    const options = { timeoutMs: 5_000, since: 0, mark: 0 };
    const stream = new SettlementStream(client as unknown as ServerResponse, options, modules);
    stream.begin(
      ids.map(() => ({ status: 'accepted' })),
      ids.map((id, position) => ({ id, position, isKnown: false })),
      waiter.reserve(ids.length),
    );
  }

  /** A block without receipts, so that the executor is asked for them. */
  function block(height: number, included: readonly Hash[]): CommitResult {
    const result = { head: { header: testHeader({ height }) }, included: included.map((id) => ({ id })) };
    return result as unknown as CommitResult;
  }

  beforeEach(() => {
    client = new SlowClient();
  });

  it('goes on with every block whose proofs are read in parts, once a slow client takes more', async () => {
    client.takes = false;
    answer = (asked) => ({ covered: 1, proofs: [{ bytes: new Uint8Array(10), ids: asked.slice(0, 1) }] });
    begin();
    tellOf(block(1, ids.slice(0, 2)));
    tellOf(block(2, ids.slice(2)));
    await turns();
    expect(client.hasEnded).to.equal(false);
    client.takes = true;
    client.emit('drain');
    await turns();
    expect(client.hasEnded).to.equal(true);
    expect(client.frames.filter(({ kind }) => kind === FRAME.proof)).to.have.length(4);
    expect(endOf(client.frames)).to.deep.equal({ reason: 'final', unknown: [] });
  });

  it('is written in parts, and never held as a whole, where its proofs are large together', async () => {
    const bytes = new Uint8Array(600_000);
    answer = (asked) => ({ covered: asked.length, proofs: asked.map((id) => ({ bytes, ids: [id] })) });
    begin();
    tellOf(block(1, ids));
    await turns();
    expect(client.hasEnded).to.equal(true);
    expect(client.written.map(({ length }) => length).filter((length) => length > 1_300_000)).to.deep.equal([]);
    expect(client.frames.filter(({ kind }) => kind === FRAME.proof)).to.have.length(4);
  });
});
