import { invariant } from '../../primitives/errors.js';
import type { Block, Certificate } from '../../primitives/types.js';
import type { CommitResult, Executor } from '../execution/types.js';

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
      readonly executor: Pick<Executor, 'commit' | 'head'>;
      /** Everything that follows a commit, before the next one. */
      readonly onCommitted: (result: CommitResult) => void;
      readonly fail: (error: unknown) => void;
    },
  ) {}

  /**
   * Resolves when the block, or another way the same height, is on the disk.
   *
   * @throws whatever stops the node, after it was told so
   */
  commit(block: Block, certificate: Certificate): Promise<void> {
    const turn = this.last.then(() => this.commitNext(block, certificate));
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
    const headHeight = executor.head().header.height;
    if (height <= headHeight) return;
    invariant(height === headHeight + 1, 'blocks are committed in order', {
      expected: `height ${headHeight + 1}`,
      actual: `${height}`,
    });
    onCommitted(await executor.commit(block, certificate));
  }
}
