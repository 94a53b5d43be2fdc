import { invariant } from '../../primitives/errors.js';
import type { Block, Certificate } from '../../primitives/types.js';
import type { CertifiedBlock, CommitResult, Executor } from '../execution/types.js';

/** Told of every commit, in order, after it is on the disk. */
export type CommitListener = (result: CommitResult) => void;

/**
 * Commits decided blocks one after the other, whether consensus or sync brought them: a height that is committed already
 * is not committed again.
 */
export class CommitLane {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly modules: {
      readonly executor: Pick<Executor, 'commit' | 'commitAll' | 'head'>;
      /** Everything that follows a write, before the next one: what it committed, in order. */
      readonly onCommitted: (results: readonly CommitResult[]) => void;
      readonly fail: (error: unknown) => void;
    },
  ) {}

  /**
   * Resolves when the block is on the disk.
   *
   * @throws whatever stops the node, after it was told so: also another block of a height that is committed
   */
  commit(block: Block, certificate: Certificate): Promise<void> {
    return this.enqueue(() => this.commitNext(block, certificate));
  }

  /**
   * Resolves when these blocks, or other ways the same heights, are on the disk: in one write where the executor takes
   * them together.
   *
   * @throws whatever stops the node, after it was told so
   */
  commitAll(blocks: readonly CertifiedBlock[]): Promise<void> {
    return this.enqueue(() => this.commitRest(blocks));
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    const turn = this.last.then(work);
    // After a failure nothing is committed any more.
    this.last = turn;
    turn.catch(this.modules.fail);
    return turn;
  }

  /** Resolves when no commit is under way. */
  async idle(): Promise<void> {
    await this.last.catch(() => undefined);
  }

  private async commitNext(block: Block, certificate: Certificate): Promise<void> {
    const { executor, onCommitted } = this.modules;
    const { height } = block.header;
    const headHeight = this.headHeight;
    // Sync may have brought the height already: the executor compares the two.
    if (height > headHeight) requireNext(height, headHeight + 1);
    const result = await executor.commit(block, certificate);
    if (height > headHeight) onCommitted([result]);
  }

  private async commitRest(blocks: readonly CertifiedBlock[]): Promise<void> {
    const { executor, onCommitted } = this.modules;
    for (;;) {
      const headHeight = this.headHeight;
      const rest = blocks.filter(({ block }) => block.header.height > headHeight);
      const [first] = rest;
      if (first === undefined) return;
      requireNext(first.block.header.height, headHeight + 1);
      onCommitted(await executor.commitAll(rest));
    }
  }

  private get headHeight(): number {
    return this.modules.executor.head().header.height;
  }
}

function requireNext(height: number, expected: number): void {
  invariant(height === expected, 'blocks are committed in order', {
    expected: `height ${expected}`,
    actual: `${height}`,
  });
}
