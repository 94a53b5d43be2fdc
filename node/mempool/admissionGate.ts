import { busy } from './errors.js';

export interface GateLimits {
  readonly maxTransactions: number;
  readonly maxBytes: number;
  readonly maxTransactionsPerPeer: number;
}

export const DEFAULT_GATE_LIMITS: GateLimits = {
  maxTransactions: 16_384,
  maxBytes: 67_108_864,
  maxTransactionsPerPeer: 8_192,
};

/** Bounds the admissions under way, each of which holds its bytes, in all and of each relaying peer. */
export class AdmissionGate {
  private inside = 0;
  private insideBytes = 0;
  private readonly byPeer = new Map<string, number>();

  constructor(private readonly limits: GateLimits) {}

  /** Lets a transaction in. @throws MempoolError `MEMPOOL_BUSY` when there is no room for it */
  enter(bytes: number, peerId: string | undefined): void {
    const { maxTransactions, maxBytes, maxTransactionsPerPeer } = this.limits;
    const ofPeer = peerId === undefined ? 0 : (this.byPeer.get(peerId) ?? 0);
    if (this.inside >= maxTransactions) throw busy('transactions', maxTransactions);
    if (this.insideBytes + bytes > maxBytes) throw busy('bytes of transactions', maxBytes);
    if (peerId !== undefined && ofPeer >= maxTransactionsPerPeer) {
      throw busy('transactions of one peer', maxTransactionsPerPeer);
    }
    this.inside++;
    this.insideBytes += bytes;
    if (peerId !== undefined) this.byPeer.set(peerId, ofPeer + 1);
  }

  /** Takes leave of so many that were let in together. */
  leave(transactions: number, bytes: number, peerId: string | undefined): void {
    this.inside -= transactions;
    this.insideBytes -= bytes;
    if (peerId === undefined) return;
    const left = (this.byPeer.get(peerId) ?? 0) - transactions;
    if (left <= 0) this.byPeer.delete(peerId);
    else this.byPeer.set(peerId, left);
  }
}
