import { leafHash } from '../../../../node/engine/blockBody.js';
import type { CommitResult } from '../../../../node/execution/types.js';
import type { CandidateOffer, LeftOutCandidate, Mempool } from '../../../../node/mempool/types.js';
import { type Hash, toHex } from '../../../../primitives/bytes.js';
import { sha256 } from '../../../../primitives/hash.js';
import type { DecodedTransaction } from '../../../../primitives/types.js';

/** Keeps whatever bytes it is given; bytes that begin with 0xff have no valid signature. */
export class FakeMempool implements Mempool {
  private readonly waiting = new Map<string, DecodedTransaction>();
  readonly rejected: LeftOutCandidate[] = [];
  private readonly quarantined = new Set<string>();
  onPending: (pending: boolean) => void = () => {};

  add(bytes: Uint8Array): void {
    const wasEmpty = this.waiting.size === 0;
    const transaction = { bytes, id: sha256(bytes), leafHash: leafHash(bytes) } as unknown as DecodedTransaction;
    this.waiting.set(toHex(transaction.leafHash), transaction);
    if (wasEmpty) this.onPending(true);
  }

  async admit(bytes: Uint8Array): Promise<{ id: Hash; status: 'accepted' }> {
    this.add(bytes);
    return { id: sha256(bytes), status: 'accepted' };
  }

  async admitMany(transactions: readonly Uint8Array[]): Promise<readonly { id: Hash; status: 'accepted' }[]> {
    return Promise.all(transactions.map((bytes) => this.admit(bytes)));
  }

  async admitRelayed(transactions: readonly Uint8Array[]): Promise<number> {
    for (const bytes of transactions) this.add(bytes);
    return transactions.length;
  }

  offer(maxCount: number): CandidateOffer {
    return { transactions: [...this.waiting.values()].slice(0, maxCount), leads: [] };
  }

  byLeafHash(leaf: Hash): DecodedTransaction | undefined {
    return this.waiting.get(toHex(leaf));
  }

  async verifyProposed(transactions: readonly Uint8Array[]): Promise<{ code: string; message: string } | undefined> {
    const isBad = transactions.some(([first]) => first === 0xff);
    return isBad ? { code: 'SIGNATURE_INVALID', message: 'a signature is not valid' } : undefined;
  }

  onCommitted({ included }: CommitResult): void {
    this.remove(new Set(included.map(({ id }) => toHex(id))));
  }

  reject(leftOut: readonly LeftOutCandidate[]): void {
    this.rejected.push(...leftOut);
    this.remove(new Set(leftOut.filter(({ retry }) => retry !== true).map(({ id }) => toHex(id))));
  }

  quarantine(id: Hash): void {
    this.quarantined.add(toHex(id));
    this.reject([{ id, code: 'HOST_EXCEPTION' }]);
  }

  findQuarantined(transactions: readonly Uint8Array[]): Hash | undefined {
    return transactions.find((bytes) => this.quarantined.has(toHex(bytes)));
  }

  private remove(ids: ReadonlySet<string>): void {
    const before = this.waiting.size;
    for (const [key, { id }] of this.waiting) if (ids.has(toHex(id))) this.waiting.delete(key);
    if (before > 0 && this.waiting.size === 0) this.onPending(false);
  }

  get size(): number {
    return this.waiting.size;
  }

  get sizeBytes(): number {
    return [...this.waiting.values()].reduce((total, { bytes }) => total + bytes.length, 0);
  }
}
