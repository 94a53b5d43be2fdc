import type { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  ChainHead,
  CommitResult,
  ExecuteResult,
  Executor,
  Rehearsal,
} from '../../../node/execution/types.js';
import { invariant } from '../../../primitives/errors.js';
import type { Block, Certificate } from '../../../primitives/types.js';
import { type Life, never } from './life.js';
import type { VirtualTime } from './virtualTime.js';

export interface RemoteExecutorModules {
  readonly inner: ChainExecutor;
  readonly life: Life;
  readonly time: VirtualTime;
  /** How long the next piece of work takes, in milliseconds. */
  readonly workMs: () => number;
}

/** The executor as the engine meets it, behind a thread: work takes time, and its head is the one of the newest answer. */
export class RemoteExecutor implements Executor {
  #head: ChainHead | undefined;
  #working = 0;

  constructor(private readonly modules: RemoteExecutorModules) {}

  async start(): Promise<CommitResult> {
    return this.#follow(await this.modules.inner.start());
  }

  async stop(): Promise<void> {
    await this.modules.inner.stop();
  }

  build(request: BuildRequest): Promise<BuildResult> {
    return this.#later((inner) => inner.build(request));
  }

  rehearse(request: BuildRequest): Promise<Rehearsal> {
    return this.#later((inner) => inner.rehearse(request));
  }

  execute(block: Block): Promise<ExecuteResult> {
    return this.#later((inner) => inner.execute(block));
  }

  async commit(block: Block, certificate: Certificate): Promise<CommitResult> {
    return this.#follow(await this.#later((inner) => inner.commit(block, certificate)));
  }

  async commitAll(blocks: readonly CertifiedBlock[]): Promise<readonly CommitResult[]> {
    const results = await this.#later((inner) => inner.commitAll(blocks));
    return results.map((result) => this.#follow(result));
  }

  /** False while it is at work that takes its disk's time: until then nobody's question is answered. */
  get isIdle(): boolean {
    return this.#working === 0;
  }

  head(): ChainHead {
    invariant(this.#head !== undefined, 'the executor has started before its head is asked for');
    return this.#head;
  }

  #follow(result: CommitResult): CommitResult {
    this.#head = result.head;
    return result;
  }

  async #later<T>(work: (inner: ChainExecutor) => Promise<T>): Promise<T> {
    const { inner, life, time, workMs } = this.modules;
    await time.sleep(workMs());
    if (!life.isAlive) return never();
    this.#working++;
    const result = await work(inner).finally(() => {
      this.#working--;
    });
    return life.isAlive ? result : never();
  }

  blocks: Executor['blocks'] = (...asked) => this.modules.inner.blocks(...asked);
  blockHash: Executor['blockHash'] = (...asked) => this.modules.inner.blockHash(...asked);
  receipt: Executor['receipt'] = (...asked) => this.modules.inner.receipt(...asked);
  proof: Executor['proof'] = (...asked) => this.modules.inner.proof(...asked);
  proofs: Executor['proofs'] = (...asked) => this.modules.inner.proofs(...asked);
  receiptsProofs: Executor['receiptsProofs'] = (...asked) => this.modules.inner.receiptsProofs(...asked);
  transaction: Executor['transaction'] = (...asked) => this.modules.inner.transaction(...asked);
  outcomes: Executor['outcomes'] = (...asked) => this.modules.inner.outcomes(...asked);
  referenceOwner: Executor['referenceOwner'] = (...asked) => this.modules.inner.referenceOwner(...asked);
  referenceOwners: Executor['referenceOwners'] = (...asked) => this.modules.inner.referenceOwners(...asked);
  view: Executor['view'] = (...asked) => this.modules.inner.view(...asked);
  finalityUpdate: Executor['finalityUpdate'] = (...asked) => this.modules.inner.finalityUpdate(...asked);
  stateProof: Executor['stateProof'] = (...asked) => this.modules.inner.stateProof(...asked);
  simulate: Executor['simulate'] = (...asked) => this.modules.inner.simulate(...asked);
}
