import { expect } from 'chai';
import type { ExecuteBlockEffect, InputBody } from '../../../consensus/types.js';
import { BlockJobs } from '../../../node/engine/blockJobs.js';
import { BlockSizer } from '../../../node/engine/blockSizer.js';
import type { BodyAssembly } from '../../../node/engine/bodyAssembly.js';
import type { BodyStore, UndecidedBody } from '../../../node/engine/bodyStore.js';
import { EngineError } from '../../../node/engine/errors.js';
import { ProposalPace } from '../../../node/engine/proposalPace.js';
import type { ExecuteResult } from '../../../node/execution/types.js';
import { headerHash } from '../../../primitives/block.js';
import { EMPTY_TREE_ROOT } from '../../../primitives/merkle.js';
import { testHeader, testValidators } from '../../support/finalityFixture.js';
import { genesisHead } from './support/chain.js';
import { FakeMempool } from './support/fakeMempool.js';
import { ManualTimers, settle } from './support/manualTimers.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const HEIGHT = 7;

function body(content: number): UndecidedBody {
  const header = testHeader({ height: HEIGHT, timestamp: 1_790_000_000_000 + content, txRoot: EMPTY_TREE_ROOT });
  return { block: { header, transactions: [] }, blockHash: headerHash(header), leafHashes: [] };
}

const effect = (round: number, { blockHash, block }: UndecidedBody): ExecuteBlockEffect => ({
  type: 'executeBlock',
  height: HEIGHT,
  round,
  blockHash,
  header: block.header,
  isPrepared: false,
  from: [0],
});

/** Jobs whose executions end when the test says so. */
class Scene {
  readonly given: InputBody[] = [];
  readonly failures: unknown[] = [];
  readonly ends: ((result: ExecuteResult) => void)[] = [];
  isFull = false;
  readonly jobs: BlockJobs;

  constructor(bodies: readonly UndecidedBody[]) {
    const timers = new ManualTimers();
    const store = {
      has: () => false,
      put: async () => {
        if (this.isFull) throw new EngineError('BODY_STORE_FULL', 'no room');
      },
      release: async () => undefined,
    };
    const assembly = {
      obtain: async ({ blockHash }: { readonly blockHash: Uint8Array }) =>
        bodies.find((known) => known.blockHash === blockHash),
    };
    this.jobs = new BlockJobs({
      executor: {
        head: () => genesisHead([{ fromHeight: 1, validators: testValidators('jobs', 4) }]),
        build: async () => {
          const [first] = bodies;
          if (first === undefined) throw new EngineError('BODY_STORE_FULL', 'no body');
          return { block: first.block, blockHash: first.blockHash, leftOut: [] };
        },
        execute: () => new Promise((end) => this.ends.push(end)),
      },
      mempool: new FakeMempool(),
      bodies: store as unknown as BodyStore,
      assembly: assembly as unknown as BodyAssembly,
      sizer: new BlockSizer({ maxBytes: 1_000_000, targetMs: 500 }, timers),
      pace: new ProposalPace({ longestMs: 0 }, timers),
      peersOf: () => ['v0'],
      give: (input) => void this.given.push(input),
      fail: (error) => void this.failures.push(error),
      logger: silentLogger,
      metrics: silentMetrics,
    });
    this.jobs.enterHeight(HEIGHT);
  }

  shown(): string[] {
    return this.given.map((input) => (input.type === 'executed' ? `${input.outcome} ${input.round}` : input.type));
  }
}

describe('the jobs of blocks', () => {
  const [older, newer] = [body(1), body(2)];

  it('tell of a block that executed although its round is over, for it is kept and may be proposed again', async () => {
    const scene = new Scene([older, newer]);
    scene.jobs.execute(effect(0, older));
    await settle(5);
    scene.jobs.execute(effect(1, newer));
    await settle(5);
    scene.ends[0]?.({ valid: true });
    scene.ends[1]?.({ valid: true });
    await settle(5);
    expect(scene.shown()).to.deep.equal(['valid 0', 'valid 1']);
  });

  it('say nothing of an older block that did not, nor of one whose height is over', async () => {
    const scene = new Scene([older, newer]);
    scene.jobs.execute(effect(0, older));
    await settle(5);
    scene.jobs.execute(effect(1, newer));
    await settle(5);
    scene.ends[0]?.({ valid: false, code: 'STATE_ROOT_MISMATCH', message: 'another state' });
    await settle(5);
    scene.jobs.enterHeight(HEIGHT + 1);
    scene.ends[1]?.({ valid: true });
    await settle(5);
    expect(scene.given).to.deep.equal([]);
  });

  it('stop nothing where there is no room for a body', async () => {
    const scene = new Scene([older]);
    scene.isFull = true;
    const { blockHash } = older;
    scene.jobs.fetch({ type: 'fetchBody', height: HEIGHT, blockHash, from: [0] });
    scene.jobs.execute(effect(0, older));
    scene.jobs.build({
      type: 'buildBlock',
      height: HEIGHT,
      round: 0,
      parentHash: blockHash,
      proposer: `0x${'0a'.repeat(20)}`,
      timestamp: 1,
    });
    await settle(5);
    scene.ends[0]?.({ valid: true });
    await settle(5);
    expect(scene.shown()).to.have.members(['buildFailed', 'unavailable 0']);
    expect(scene.failures).to.deep.equal([]);
  });
});
