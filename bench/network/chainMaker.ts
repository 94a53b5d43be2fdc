import type { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { headerHash } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import { buildCertificate } from '../../primitives/certificate.js';
import { commitDigest } from '../../primitives/message.js';
import type { Block, Certificate } from '../../primitives/types.js';
import { quorum } from '../../primitives/validator.js';
import { BenchError } from '../errors.js';
import type { PreparedTransaction } from '../load/preparedTransactions.js';
import type { LoadAccount } from './accounts.js';

/** Puts block upon block, each signed by a quorum. */
export class ChainMaker {
  constructor(
    private readonly executor: ChainExecutor,
    private readonly hash: Hash,
    private readonly keys: readonly LoadAccount[],
  ) {}

  get height(): number {
    return this.executor.head().header.height;
  }

  /** @throws BenchError `SETUP_FAILED` where a transaction does not what it should */
  async append(transactions: readonly PreparedTransaction[], timestamp: number): Promise<void> {
    const { header, blockHash, validators } = this.executor.head();
    const height = header.height + 1;
    const { block, leftOut } = await this.executor.build({
      height,
      parentHash: blockHash,
      proposer: (validators[height % validators.length] ?? (this.keys[0] as LoadAccount)).address,
      timestamp,
      transactions: transactions.map(({ bytes }) => bytes),
    });
    const { included } = await this.executor.commit(block, this.certify(block));
    const failed = [...leftOut, ...included.filter(({ success }) => !success)][0];
    if (failed === undefined) return;
    throw new BenchError('SETUP_FAILED', `a transaction of block ${height} failed: ${failed.code}`, {
      actual: failed.code,
    });
  }

  private certify({ header }: Block): Certificate {
    const { validators } = this.executor.head();
    const vote = { height: header.height, round: 0, blockHash: headerHash(header) };
    const digest = commitDigest(this.hash, vote);
    const { backend } = chooseBackend();
    const signatures = new Map<number, Uint8Array>();
    for (const [index, { address }] of validators.entries()) {
      const key = this.keys.find((candidate) => candidate.address === address);
      if (key !== undefined && signatures.size < quorum(validators.length)) {
        signatures.set(index, backend.sign(digest, key.privateKey));
      }
    }
    return buildCertificate('commit', vote, validators.length, signatures);
  }
}
