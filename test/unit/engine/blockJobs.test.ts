import { expect } from 'chai';
import type { OutlineMessage } from '../../../consensus/messageCodec.js';
import type { ExecuteBlockEffect, InputBody } from '../../../consensus/types.js';
import { leafHash } from '../../../node/engine/blockBody.js';
import { BlockJobs } from '../../../node/engine/blockJobs.js';
import { BlockSizer } from '../../../node/engine/blockSizer.js';
import type { BodyAssembly } from '../../../node/engine/bodyAssembly.js';
import type { BodyStore, UndecidedBody } from '../../../node/engine/bodyStore.js';
import { EngineError } from '../../../node/engine/errors.js';
import { HeadStart } from '../../../node/engine/headStart.js';
import { ProposalPace } from '../../../node/engine/proposalPace.js';
import type { BuildRequest, ExecuteResult } from '../../../node/execution/types.js';
import { headerHash } from '../../../primitives/block.js';
import type { Hash } from '../../../primitives/bytes.js';
import { EMPTY_TREE_ROOT } from '../../../primitives/merkle.js';
import type { Address } from '../../../primitives/types.js';
import { testHeader, testValidators } from '../../support/finalityFixture.js';
import { genesisHead } from './support/chain.js';
import { FakeMempool } from './support/fakeMempool.js';
import { ManualTimers, settle } from './support/manualTimers.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const HEIGHT = 7;
const LEADER: Address = `0x${'0a'.repeat(20)}`;

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
  readonly builds: BuildRequest[] = [];
  readonly outlines: OutlineMessage[] = [];
  readonly mempool = new FakeMempool();
  readonly rehearsed: BuildRequest[] = [];
  readonly timers = new ManualTimers();
  poisonous: readonly Hash[] = [];
  hold: Promise<void> = Promise.resolve();
  isFull = false;
  readonly jobs: BlockJobs;

  constructor(bodies: readonly UndecidedBody[]) {
    const { timers } = this;
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
    const executor = {
      head: () => genesisHead([{ fromHeight: 1, validators: testValidators('jobs', 4) }]),
      build: async (request: BuildRequest) => {
        this.builds.push(request);
        const [first] = bodies;
        if (first === undefined) throw new EngineError('BODY_STORE_FULL', 'no body');
        return { block: first.block, blockHash: first.blockHash, leftOut: [] };
      },
      rehearse: async (request: BuildRequest) => {
        this.rehearsed.push(request);
        await this.hold;
        const [first] = bodies;
        if (first === undefined) throw new EngineError('BODY_STORE_FULL', 'no body');
        return { blockHash: this.poisonous.length > 0 ? undefined : first.blockHash, poisonous: this.poisonous };
      },
      execute: () => new Promise<ExecuteResult>((end) => this.ends.push(end)),
    };
    const sizer = new BlockSizer({ max: { bytes: 100, fuel: 1_000 }, transactionFuel: 500, targetMs: 500 }, timers);
    const ground = { executor, mempool: this.mempool, sizer, timers, logger: silentLogger, metrics: silentMetrics };
    const fail = (error: unknown): void => void this.failures.push(error);
    const leaderBehind = (peerId: string): Address | undefined => (peerId === 'v0' ? LEADER : undefined);
    this.jobs = new BlockJobs(
      { outlineBytes: 4 },
      {
        ...{ ...ground, fail, headStart: new HeadStart({ ...ground, fail, leaderBehind }) },
        bodies: store as unknown as BodyStore,
        assembly: assembly as unknown as BodyAssembly,
        pace: new ProposalPace({ longestMs: 0 }, timers),
        sendOutline: (outline) => void this.outlines.push(outline),
        peersOf: () => ['v0'],
        give: (input) => void this.given.push(input),
      },
    );
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

  describe('of an outline', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const outline = (changes: Partial<OutlineMessage> = {}): OutlineMessage => {
      const { parentHash, timestamp } = older.block.header;
      const of = { height: HEIGHT, round: 0, parentHash, timestamp, maxBytes: 9_000, maxFuel: 4_000 };
      const leads = [{ member: 'BANKAAAA', millionths: 250_000 }];
      return { type: 'outline', ...of, leads, leafHashes: [leafHash(bytes)], ...changes };
    };
    const built = (scene: Scene): number => scene.rehearsed.length;

    it('build what its leader builds meanwhile, and find its proposal executed', async () => {
      const scene = new Scene([older]);
      scene.mempool.add(bytes);
      scene.jobs.outlined('v0', outline());
      await settle(5);
      const { parentHash, timestamp } = older.block.header;
      const leads = [{ member: 'BANKAAAA', lead: 0.25 }];
      const asked = { height: HEIGHT, parentHash, timestamp, proposer: LEADER, maxBytes: 9_000, maxFuel: 4_000, leads };
      expect(scene.rehearsed).to.deep.equal([{ ...asked, transactions: [bytes] }]);
      scene.jobs.execute(effect(0, older));
      await settle(5);
      expect(scene.shown()).to.deep.equal(['valid 0']);
      expect(scene.ends, 'not executed again').to.deep.equal([]);
    });

    it('execute the proposal where it is of another block, or of another height', async () => {
      const scene = new Scene([older, newer]);
      scene.mempool.add(bytes);
      scene.jobs.outlined('v0', outline());
      scene.jobs.execute(effect(0, newer));
      await settle(5);
      expect(scene.ends.length).to.equal(1);
      scene.ends[0]?.({ valid: false, code: 'STATE_ROOT_MISMATCH', message: 'another state' });
      await settle(5);
      expect(scene.shown()).to.deep.equal(['invalid 0']);
      scene.jobs.enterHeight(HEIGHT + 1);
      scene.jobs.execute(effect(0, older));
      await settle(5);
      expect(scene.ends.length, 'what was executed at the height before').to.equal(2);
    });

    it('check and refuse the proposal as any other', async () => {
      const forged = Uint8Array.of(0xff, 2, 3, 4);
      const header = { ...older.block.header, timestamp: older.block.header.timestamp + 9 };
      const block = { header, transactions: [forged] };
      const body = { block, blockHash: headerHash(header), leafHashes: [leafHash(forged)] };
      const scene = new Scene([body]);
      scene.mempool.add(forged);
      scene.jobs.outlined('v0', outline({ leafHashes: [leafHash(forged)] }));
      scene.jobs.execute(effect(0, body));
      await settle(5);
      expect(scene.shown()).to.deep.equal(['invalid 0']);
    });

    it('look at it from the leader alone, once a round, and of this height', async () => {
      const scene = new Scene([older]);
      scene.mempool.add(bytes);
      scene.jobs.outlined('v1', outline());
      scene.jobs.outlined('v0', outline({ height: HEIGHT - 1 }));
      scene.jobs.outlined('v0', outline({ height: HEIGHT + 2 }));
      expect(built(scene)).to.equal(0);
      scene.jobs.outlined('v0', outline());
      scene.jobs.outlined('v0', outline({ timestamp: 7 }));
      expect(built(scene)).to.equal(1);
      scene.jobs.outlined('v0', outline({ round: 1, leafHashes: [leafHash(Uint8Array.of(7))] }));
      scene.jobs.outlined('v0', outline({ round: 1 }));
      expect(built(scene), 'what is missing comes no second time').to.equal(1);
      scene.jobs.outlined('v0', outline({ round: 2 }));
      expect(built(scene)).to.equal(2);
    });

    it('pass over what is missing, comes twice, is more than a block holds, or of a time that no proposal has', async () => {
      const { parameters } = genesisHead([{ fromHeight: 1, validators: testValidators('jobs', 4) }]);
      const many = Array.from({ length: 5 }, (_, index) => new Uint8Array(100).fill(index));
      const leaves = many.map(leafHash);
      const begins = (changes: Partial<OutlineMessage>): boolean => {
        const scene = new Scene([older]);
        for (const transaction of [bytes, ...many]) scene.mempool.add(transaction);
        scene.jobs.outlined('v0', outline(changes));
        return built(scene) === 1;
      };
      expect(begins({ leafHashes: [leafHash(bytes), leafHash(Uint8Array.of(7))] }), 'missing').to.equal(false);
      expect(begins({ leafHashes: [leafHash(bytes), leafHash(bytes)] }), 'twice').to.equal(false);
      expect(begins({ leafHashes: leaves.slice(0, 4) }), 'four times as large as our own').to.equal(true);
      expect(begins({ leafHashes: leaves }), 'larger').to.equal(false);
      expect(begins({ maxFuel: 9_000_000 }), 'of a leader whose blocks may take longer').to.equal(true);
      const tooMany = Array<Hash>(parameters.maxBlockTransactions + 1).fill(leafHash(bytes));
      expect(begins({ leafHashes: tooMany }), 'too many').to.equal(false);
      const latest = new Scene([]).timers.now() + parameters.maxClockDriftMs;
      expect(begins({ timestamp: latest })).to.equal(true);
      expect(begins({ timestamp: latest + 1 })).to.equal(false);
    });

    it('tell nothing of what ends when its height is over', async () => {
      const scene = new Scene([older]);
      scene.mempool.add(bytes);
      let end = (): void => undefined;
      scene.hold = new Promise((resolve) => {
        end = resolve;
      });
      scene.jobs.outlined('v0', outline());
      scene.jobs.enterHeight(HEIGHT + 1);
      scene.jobs.execute(effect(0, older));
      end();
      await settle(5);
      expect(scene.ends.length).to.equal(1);
    });

    it('keep one for the next height until that begins: a leader may be there before them', async () => {
      const scene = new Scene([older]);
      scene.mempool.add(bytes);
      scene.jobs.outlined('v1', outline({ height: HEIGHT + 1 }));
      scene.jobs.enterHeight(HEIGHT + 1);
      expect(built(scene), 'of another peer').to.equal(0);
      scene.jobs.outlined('v0', outline({ height: HEIGHT + 2, timestamp: 5 }));
      scene.jobs.outlined('v0', outline({ height: HEIGHT + 2, timestamp: 6 }));
      expect(built(scene)).to.equal(0);
      scene.jobs.enterHeight(HEIGHT + 2);
      expect(scene.rehearsed.map(({ timestamp }) => timestamp)).to.deep.equal([6]);
      scene.jobs.enterHeight(HEIGHT + 3);
      expect(built(scene)).to.equal(1);
    });

    it('go on where it comes to nothing', async () => {
      const scene = new Scene([]);
      scene.mempool.add(bytes);
      scene.jobs.outlined('v0', outline());
      await settle(5);
      expect(scene.failures).to.deep.equal([]);
    });

    it('are not offered again what broke the executor in it, and follow none for a minute then', async () => {
      const scene = new Scene([older]);
      scene.mempool.add(bytes);
      scene.poisonous = [leafHash(bytes)];
      scene.jobs.outlined('v0', outline());
      await settle(5);
      expect(scene.mempool.rejected.map(({ code }) => code)).to.deep.equal(['HOST_EXCEPTION']);
      scene.poisonous = [];
      scene.jobs.outlined('v0', outline({ round: 1 }));
      await scene.timers.advance(59_999);
      scene.jobs.outlined('v0', outline({ round: 2 }));
      expect(built(scene)).to.equal(1);
      scene.jobs.execute(effect(2, older));
      await settle(5);
      expect(scene.ends.length, 'the proposal is executed when it comes').to.equal(1);
      await scene.timers.advance(1);
      scene.jobs.outlined('v0', outline({ round: 3 }));
      expect(built(scene)).to.equal(2);
    });

    it('are said by a leader before it builds, of what is large, with leads that both begin with', async () => {
      const scene = new Scene([older]);
      const { parentHash, timestamp } = older.block.header;
      const build = { type: 'buildBlock', height: HEIGHT, round: 0, parentHash, proposer: LEADER, timestamp } as const;
      scene.mempool.add(Uint8Array.of(9));
      scene.jobs.build(build);
      await settle(5);
      expect([scene.outlines.length, scene.builds.length], 'of little').to.deep.equal([0, 1]);
      scene.jobs.execute(effect(0, older));
      await settle(5);
      await scene.timers.advance(20);
      scene.ends[0]?.({ valid: true });
      await settle(5);
      scene.jobs.build(build);
      await settle(5);
      expect(scene.outlines.length, 'of what takes long').to.equal(1);
      scene.jobs.build(build);
      await settle(5);
      expect(scene.outlines.length, 'and of little again').to.equal(1);
      scene.outlines.length = scene.builds.length = 0;
      const leads = [
        { member: 'BANKAAAA', lead: 1 / 3 },
        { member: 'BANKBBBB', lead: 1e-9 },
      ];
      const [transaction] = scene.mempool.offer(1).transactions;
      scene.mempool.offer = () => ({ transactions: Array(4).fill(transaction), leads });
      scene.jobs.build(build);
      await settle(5);
      const [said] = scene.outlines;
      expect(said).to.deep.include({ type: 'outline', height: HEIGHT, round: 0, parentHash, timestamp });
      expect(said?.leads).to.deep.equal([{ member: 'BANKAAAA', millionths: 333_333 }]);
      expect(said?.leafHashes.length).to.equal(4);
      expect(scene.builds[0]).to.deep.include({ leads: [{ member: 'BANKAAAA', lead: 333_333 / 1_000_000 }] });
      expect([scene.builds[0]?.maxBytes, scene.builds[0]?.maxFuel]).to.deep.equal([said?.maxBytes, said?.maxFuel]);
      expect([said?.maxBytes, said?.maxFuel]).to.deep.equal([100, 1_000]);
    });
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
      proposer: LEADER,
      timestamp: 1,
    });
    await settle(5);
    scene.ends[0]?.({ valid: true });
    await settle(5);
    expect(scene.shown()).to.have.members(['buildFailed', 'unavailable 0']);
    expect(scene.failures).to.deep.equal([]);
  });
});
