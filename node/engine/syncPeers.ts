/** How peers may be asked for ranges of blocks. Times are milliseconds. */
export interface SyncPeersOptions {
  /** Ranges that one peer is asked for at once; a slow one, or one that is not known yet, gets one. */
  readonly requestsPerPeer: number;
  /** Failures in a row after which a peer's word about its height counts for nothing, until it gives it again. */
  readonly attempts: number;
  /** How long a peer is left alone after a failure: doubled for each further one in a row, up to the cap. */
  readonly retryMs: number;
  readonly retryCapMs: number;
  /** The same for a peer that gave what it could not prove. */
  readonly liarMs: number;
  readonly liarCapMs: number;
}

/**
 * What became of a question: no answer or a refusal; no blocks where the peer said that it has some; an answer that no
 * honest peer gives.
 */
export type SyncFault = 'unavailable' | 'absent' | 'lie';

/** A peer as others may see it. */
export interface SyncPeerStatus {
  readonly peerId: string;
  /** The height that it says it has. */
  readonly headHeight: number;
  /** Ranges that it is being asked for. */
  readonly asked: number;
  /** Blocks that it gave. */
  readonly blocks: number;
  /** It failed, and is not asked for a while. */
  readonly isBenched: boolean;
}

interface Peer {
  headHeight: number;
  inFlight: number;
  failures: number;
  benchedUntilMs: number;
  /** Microseconds that a block took, averaged over its newest answers; undefined before the first. */
  usPerBlock: number | undefined;
  lastAsked: number;
  blocks: number;
}

/** Lies are remembered when a peer comes back: of so many peers at most. */
const REMEMBERED_LIARS = 256;
/** An answer's share in the average, as 1 / 2^n. */
const AVERAGE_SHIFT = 2;
/** So many times slower than the fastest is slow. */
const SLOW_FACTOR = 4;
const MAX_DOUBLINGS = 20;

/** Who says to have which height, how fast each answers, and who is left alone for now. No IO, no clock of its own. */
export class SyncPeers {
  private readonly peers = new Map<string, Peer>();
  private readonly lies = new Map<string, { count: number; benchedUntilMs: number }>();
  private asked = 0;

  constructor(private readonly options: SyncPeersOptions) {}

  /** A peer says that it has a height. The word of one that lied counts for nothing while it is left alone. */
  claim(peerId: string, headHeight: number, nowMs: number): void {
    const lied = this.lies.get(peerId);
    if (lied !== undefined && nowMs < lied.benchedUntilMs) return;
    const peer = this.peers.get(peerId);
    if (peer !== undefined) {
      peer.headHeight = Math.max(peer.headHeight, headHeight);
      return;
    }
    this.peers.set(peerId, {
      ...{ headHeight, inFlight: 0, failures: 0, lastAsked: 0, blocks: 0, usPerBlock: undefined },
      benchedUntilMs: Number.NEGATIVE_INFINITY,
    });
  }

  forget(peerId: string): void {
    this.peers.delete(peerId);
  }

  /** The highest height that somebody says to have; 0 when nobody says anything. */
  get highestClaim(): number {
    return Math.max(0, ...[...this.peers.values()].map(({ headHeight }) => headHeight));
  }

  /** The highest height that more than so many peers say to have, or that all of them do where there are fewer. */
  claimBeyond(doubted: number): number {
    const claims = [...this.peers.values()].map(({ headHeight }) => headHeight).sort((a, b) => b - a);
    return claims[Math.min(doubted, claims.length - 1)] ?? 0;
  }

  headHeightOf(peerId: string): number {
    return this.peers.get(peerId)?.headHeight ?? 0;
  }

  /** The peer that would answer soonest for blocks from a height on: of equals the one whose turn is longest ago. */
  choose(fromHeight: number, nowMs: number, except: ReadonlySet<string>): string | undefined {
    const fastest = Math.min(
      ...[...this.peers.values()].map(({ usPerBlock }) => usPerBlock ?? Number.POSITIVE_INFINITY),
    );
    let best: { readonly peerId: string; readonly peer: Peer } | undefined;
    for (const [peerId, peer] of this.peers) {
      if (peer.headHeight < fromHeight || nowMs < peer.benchedUntilMs || except.has(peerId)) continue;
      if (peer.inFlight >= this.share(peer, fastest)) continue;
      if (best === undefined || isBetter(peer, best.peer)) best = { peerId, peer };
    }
    return best?.peerId;
  }

  private share({ usPerBlock, failures }: Peer, fastest: number): number {
    const isProven = usPerBlock !== undefined && failures === 0 && usPerBlock <= fastest * SLOW_FACTOR;
    return isProven ? this.options.requestsPerPeer : 1;
  }

  asking(peerId: string): void {
    const peer = this.peers.get(peerId);
    if (peer === undefined) return;
    peer.inFlight++;
    peer.lastAsked = ++this.asked;
  }

  /** A peer gave blocks, after so long. Whether they hold is not known yet. */
  answered(peerId: string, blockCount: number, tookMs: number): void {
    const peer = this.peers.get(peerId);
    if (peer === undefined) return;
    peer.inFlight = Math.max(0, peer.inFlight - 1);
    peer.failures = 0;
    peer.blocks += blockCount;
    const usPerBlock = Math.ceil((tookMs * 1_000) / Math.max(1, blockCount));
    const known = peer.usPerBlock ?? usPerBlock;
    peer.usPerBlock = known + Math.trunc((usPerBlock - known) / 2 ** AVERAGE_SHIFT);
  }

  /** A question ended without blocks that could be used. */
  failed(peerId: string, fault: SyncFault, fromHeight: number, nowMs: number): void {
    const peer = this.peers.get(peerId);
    if (peer !== undefined) peer.inFlight = Math.max(0, peer.inFlight - 1);
    this.blame(peerId, fault, fromHeight, nowMs);
  }

  /** The same for what was found out about an answer later. */
  blame(peerId: string, fault: SyncFault, fromHeight: number, nowMs: number): void {
    const { attempts, retryMs, retryCapMs } = this.options;
    const peer = this.peers.get(peerId);
    const untilMs =
      fault === 'lie' ? this.countLie(peerId, nowMs) : nowMs + doubled(retryMs, peer?.failures ?? 0, retryCapMs);
    if (peer === undefined) return;
    peer.failures++;
    peer.benchedUntilMs = Math.max(peer.benchedUntilMs, untilMs);
    if (fault === 'unavailable' && peer.failures < attempts) return;
    peer.headHeight = Math.min(peer.headHeight, fromHeight - 1);
  }

  private countLie(peerId: string, nowMs: number): number {
    const count = (this.lies.get(peerId)?.count ?? 0) + 1;
    const benchedUntilMs = nowMs + doubled(this.options.liarMs, count - 1, this.options.liarCapMs);
    this.lies.delete(peerId);
    this.lies.set(peerId, { count, benchedUntilMs });
    const [oldest] = this.lies.keys();
    if (this.lies.size > REMEMBERED_LIARS && oldest !== undefined) this.lies.delete(oldest);
    return benchedUntilMs;
  }

  /** When the next of those who have the height may be asked again; undefined when none of them is left alone. */
  nextReturnMs(fromHeight: number, nowMs: number): number | undefined {
    const returns = [...this.peers.values()]
      .filter(({ headHeight, benchedUntilMs }) => headHeight >= fromHeight && benchedUntilMs > nowMs)
      .map(({ benchedUntilMs }) => benchedUntilMs);
    return returns.length === 0 ? undefined : Math.min(...returns);
  }

  status(nowMs: number): readonly SyncPeerStatus[] {
    return [...this.peers].map(([peerId, { headHeight, inFlight, blocks, benchedUntilMs }]) => ({
      ...{ peerId, headHeight, blocks },
      asked: inFlight,
      isBenched: benchedUntilMs > nowMs,
    }));
  }
}

function isBetter(a: Peer, b: Peer): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures;
  const [costA, costB] = [(a.inFlight + 1) * (a.usPerBlock ?? 0), (b.inFlight + 1) * (b.usPerBlock ?? 0)];
  return costA === costB ? a.lastAsked < b.lastAsked : costA < costB;
}

function doubled(baseMs: number, times: number, capMs: number): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(times, MAX_DOUBLINGS));
}
