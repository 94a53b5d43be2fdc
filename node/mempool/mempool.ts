import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { type CodedError, invariant } from '../../primitives/errors.js';
import type { TransactionHasher } from '../../primitives/transaction.js';
import type { Address, DecodedTransaction, TimestampMs } from '../../primitives/types.js';
import type { CommitResult, SenderReference } from '../execution/types.js';
import type { Metrics } from '../ops/ports.js';
import type { SignatureVerifier } from '../signatures/types.js';
import { byteString } from '../storage/rowCodec.js';
import { AdmissionGate, type GateLimits } from './admissionGate.js';
import {
  type ChainRules,
  decodeWithin,
  liveRules,
  requireChain,
  requireIncludable,
  signatureChecks,
} from './admissionRules.js';
import { type AdmissionRoom, Admissions } from './admissions.js';
import { blockUses } from './blockUses.js';
import { Directory } from './directory.js';
import { full, quarantined, urgentQuotaExceeded } from './errors.js';
import { METRIC } from './metrics.js';
import { keptBytes, type PendingEntry, pendingEntry, referenceKey } from './pendingEntry.js';
import { PendingPool } from './pendingPool.js';
import { checkProposal, type ProposalFault } from './proposalChecks.js';
import { Quarantine, type QuarantineLimits } from './quarantine.js';
import { RecentKeys } from './recentKeys.js';
import { RecentReferences } from './recentReferences.js';
import { type PoolLimits, Shares } from './shares.js';
import type { Admission, AdmissionResult, CandidateOffer, LeftOutCandidate, Mempool, RequireCalls } from './types.js';
import { UrgentQuota } from './urgentQuota.js';

export interface MempoolOptions {
  readonly rules: ChainRules;
  readonly limits: PoolLimits;
  /** Admissions under way at once, of all callers and of each relaying peer; what is more is not looked at. */
  readonly admissions: GateLimits;
  /** Chosen at random for each run: keeps fingerprints of references from being chosen by others. */
  readonly fingerprintSeed: number;
}

export interface MempoolModules {
  readonly verifier: SignatureVerifier;
  readonly hasher: TransactionHasher;
  readonly metrics: Metrics;
  /** Wall clock, milliseconds since 1970. */
  readonly nowMs: () => TimestampMs;
  /** Who holds references on the chain, within the window: asked only of those that may be held. */
  readonly referenceOwners: (references: readonly SenderReference[]) => Promise<readonly (Hash | undefined)[]>;
  /** Told when the first transaction that may be offered comes, and when the last goes. */
  readonly onPending: (hasPending: boolean) => void;
  /** Given transactions that were submitted here and taken in: they go to the other validators, one hop. */
  readonly relay: (transactions: readonly Uint8Array[]) => void;
  /** False while the disk is too full for new work: what is known already is still answered. */
  readonly hasSpace: () => boolean;
  /** A peer relayed what it must have known to be wrong. */
  readonly onRelayerFault: (peerId: string, fault: CodedError) => void;
}

/** Leaves whose signatures were checked: those of the blocks that may be proposed before one is decided. */
const CHECKED_LEAVES = 65_536;
const QUARANTINE: QuarantineLimits = { maxKeys: 4_096, senderStrikes: 3, senderMs: 600_000 };

/** The transactions that wait here, and the one way in. */
export class TransactionMempool implements Mempool {
  private readonly pool = new PendingPool();
  private readonly directory = new Directory();
  private readonly shares: Shares;
  private readonly admissions: Admissions;
  private readonly recent: RecentReferences;
  private readonly urgentQuota: UrgentQuota;
  private readonly checkedLeaves = new RecentKeys(CHECKED_LEAVES);
  private readonly quarantined = new Quarantine(QUARANTINE);
  private rules: ChainRules;
  private headTimestampMs: TimestampMs = 0;
  private commits = 0;
  private announced = false;

  constructor(
    options: MempoolOptions,
    private readonly modules: MempoolModules,
  ) {
    const { limits, rules, fingerprintSeed, admissions } = options;
    this.rules = rules;
    this.shares = new Shares(limits);
    this.admissions = new Admissions({ ...modules, gate: new AdmissionGate(admissions), room: this.admissionRoom() });
    this.urgentQuota = new UrgentQuota(rules.quotaWindowMs);
    this.recent = new RecentReferences(rules.referenceWindowMs, fingerprintSeed);
  }

  async admit(bytes: Uint8Array, requireCalls?: RequireCalls): Promise<Admission> {
    const [result] = await this.admitMany([bytes], requireCalls);
    invariant(result !== undefined, 'each transaction has a result');
    if ('error' in result) throw result.error;
    return result;
  }

  admitMany(transactions: readonly Uint8Array[], requireCalls?: RequireCalls): Promise<readonly AdmissionResult[]> {
    return this.admissions.admit(transactions, {
      name: 'submitted',
      ...(requireCalls === undefined ? {} : { requireCalls }),
    });
  }

  async admitRelayed(transactions: readonly Uint8Array[], peerId = ''): Promise<number> {
    const results = await this.admissions.admit(transactions, { name: 'relayed', peerId });
    let kept = 0;
    for (const result of results) if (!('error' in result) && result.status === 'accepted') kept++;
    return kept;
  }

  offer(maxCount: number, maxBytes: number, maxFuel = this.rules.maxBlockFuel): CandidateOffer {
    const { maxBlockBytes, maxBlockFuel, urgentBlockPercent } = this.rules;
    const blockPart = Math.min(Math.max(1, maxBytes) / maxBlockBytes, Math.max(1, maxFuel) / maxBlockFuel);
    const bounds = { maxCount, maxBytes, blockPart, urgentBlockPercent };
    const { transactions, leads, limit } = this.pool.offer(bounds, this.nextBlockMs());
    if (limit !== undefined) this.modules.metrics.count(METRIC.shareLimits, 1, { resource: limit });
    return { transactions, leads };
  }

  byLeafHash(leafHash: Hash): DecodedTransaction | undefined {
    return this.pool.withLeaf(byteString(leafHash))?.transaction;
  }

  verifyProposed(transactions: readonly Uint8Array[], leafHashes: readonly Hash[]): Promise<ProposalFault | undefined> {
    const { rules } = this;
    const { verifier, hasher, metrics } = this.modules;
    return checkProposal(transactions, leafHashes, {
      directory: this.directory,
      verifier,
      onChecks: (count) => metrics.count(METRIC.checked, count, { purpose: 'proposal' }),
      known: {
        decode: (bytes) => decodeWithin(bytes, rules, hasher),
        isChecked: (leafKey) => this.checkedLeaves.has(leafKey) || this.pool.withLeaf(leafKey) !== undefined,
        onChecked: (leafKey) => this.checkedLeaves.add(leafKey),
      },
    });
  }

  onCommitted(result: CommitResult): void {
    const { header, parameters } = result.head;
    const { timestamp } = header;
    this.rules = { ...this.rules, ...liveRules(parameters) };
    this.commits++;
    this.headTimestampMs = timestamp;
    this.directory.update(result.directory);
    if (header.height === 0) this.recent.beginAtGenesis();
    this.dropIncluded(result);
    this.dropAll(this.pool.expiredBefore(timestamp + 1), 'expired');
    this.account(result);
    this.announce();
    this.showAges();
  }

  reject(leftOut: readonly LeftOutCandidate[]): void {
    for (const { id, code, retry } of leftOut) {
      const entry = this.pool.withId(id);
      if (code === 'HOST_EXCEPTION') this.hold(id, entry?.transaction.body.sender);
      if (retry !== true) this.drop(entry, code);
      else if (entry !== undefined) this.holdFor(code, entry);
    }
    this.announce();
  }

  quarantine(id: Hash, transactions: readonly Uint8Array[]): void {
    const { rules } = this;
    const decoded = transactions.map((bytes) => decodeWithin(bytes, rules, this.modules.hasher));
    this.hold(id, decoded.find((transaction) => equalBytes(transaction.id, id))?.body.sender);
    this.drop(this.pool.withId(id), 'HOST_EXCEPTION');
    this.announce();
  }

  findQuarantined(transactions: readonly Uint8Array[]): Hash | undefined {
    if (this.quarantined.holdsNothing) return undefined;
    const nowMs = this.modules.nowMs();
    const decoded = transactions.map((bytes) => decodeWithin(bytes, this.rules, this.modules.hasher));
    return decoded.find((transaction) => this.quarantined.holds(transaction, nowMs))?.id;
  }

  get size(): number {
    return this.pool.size;
  }

  get sizeBytes(): number {
    return this.pool.sizeBytes;
  }

  /** What admission asks of what waits here. */
  private admissionRoom(): AdmissionRoom {
    const mempool = this;
    return {
      get commits() {
        return mempool.commits;
      },
      decode: (bytes) => this.decoded(bytes),
      waitingId: (key) => this.pool.withReference(key)?.transaction.id,
      mayBeUsed: (key) => this.recent.mayHold(key),
      requireRoom: (transaction) => void this.requireRoom(transaction),
      isChecked: (leafKey) => this.checkedLeaves.has(leafKey),
      onChecked: (leafKey) => this.checkedLeaves.add(leafKey),
      signatureChecks: (transaction) => signatureChecks(transaction, this.directory),
      keep: (transaction, keys) => {
        const member = this.requireRoom(transaction);
        this.pool.add(pendingEntry(transaction, { ...keys, member, sinceMs: this.modules.nowMs() }));
      },
      onKept: () => this.announce(),
    };
  }

  /** @throws MempoolError for what a transaction says by itself */
  private decoded(bytes: Uint8Array): DecodedTransaction {
    const transaction = decodeWithin(bytes, this.rules, this.modules.hasher);
    requireChain(transaction, this.rules);
    if (this.quarantined.holds(transaction, this.modules.nowMs())) throw quarantined(transaction.id);
    return transaction;
  }

  /** What may be kept by the rules and the member's share. @returns the member @throws MempoolError */
  private requireRoom(transaction: DecodedTransaction): string {
    const member = requireIncludable(transaction, this.rules, this.directory, this.nextBlockMs());
    if (transaction.body.priority === 'urgent') this.requireUrgentRoom(member);
    const noRoom = this.shares.findNoRoom(this.pool, this.directory.memberCount, member, keptBytes(transaction));
    if (noRoom !== undefined) throw full(member, noRoom.what, noRoom.share);
    return member;
  }

  /** PROTOCOL §Includable transactions I8, with what waits. @throws MempoolError `URGENT_QUOTA_EXCEEDED` */
  private requireUrgentRoom(member: string): void {
    const { urgentQuotaTransactions } = this.rules;
    const nowMs = this.nextBlockMs();
    const waiting = this.pool.memberQueues.get(member)?.of('urgent').size ?? 0;
    if (this.urgentQuota.used(member, nowMs) + waiting < urgentQuotaTransactions) return;
    throw urgentQuotaExceeded(member, urgentQuotaTransactions, this.urgentQuota.nextWindowMs(nowMs));
  }

  /** Keeps it, and what else its sender has waiting after several such, out of own proposals. */
  private hold(id: Hash, sender: Address | undefined): void {
    const nowMs = this.modules.nowMs();
    this.quarantined.add(id, sender, nowMs);
    if (sender === undefined || !this.quarantined.holdsSender(sender, nowMs)) return;
    this.dropAll(this.pool.ofSender(sender), 'QUARANTINED_SENDER');
  }

  private drop(entry: PendingEntry | undefined, reason: string): void {
    if (entry !== undefined) this.dropAll([entry], reason);
  }

  private dropAll(entries: readonly PendingEntry[], reason: string): void {
    for (const entry of entries) this.pool.delete(entry);
    if (entries.length > 0) this.modules.metrics.count(METRIC.dropped, entries.length, { reason });
  }

  /** A quota of the member is used up until the next window begins, or the block had no more fuel. */
  private holdFor(code: string, { member }: PendingEntry): void {
    const nowMs = this.nextBlockMs();
    const nextWindowMs = this.urgentQuota.nextWindowMs(nowMs);
    if (code === 'QUOTA_EXCEEDED') this.pool.hold(member, nextWindowMs);
    if (code === 'BLOCK_FUEL_EXCEEDED') this.modules.metrics.count(METRIC.shareLimits, 1, { resource: 'fuel' });
    if (code !== 'URGENT_QUOTA_EXCEEDED') return;
    this.pool.holdUrgent(member, nextWindowMs);
    this.urgentQuota.exhaust(member, nowMs);
  }

  private dropIncluded({ head, included }: CommitResult): void {
    const keys = included.map(({ sender, reference }) => referenceKey(sender, reference));
    this.recent.addBlock(head.header.timestamp, keys);
    const [same, others]: [PendingEntry[], PendingEntry[]] = [[], []];
    for (const [index, { id }] of included.entries()) {
      const entry = this.pool.withReference(keys[index] as string);
      // Another body under the same reference can only expire.
      if (entry !== undefined) (entry.idKey === byteString(id) ? same : others).push(entry);
    }
    this.dropAll(same, 'included');
    this.dropAll(others, 'reference_used');
  }

  /** Keeps count of what each member had of the block. */
  private account({ head, included }: CommitResult): void {
    const { maxBlockFuel, maxBlockBytes, maxBlockTransactions } = this.rules;
    const { uses, urgent } = blockUses(included, this.directory);
    this.urgentQuota.onBlock(head.header.timestamp, urgent);
    const room = { fuel: maxBlockFuel, bytes: maxBlockBytes, transactions: maxBlockTransactions };
    this.pool.onBlock(uses, room, this.nextBlockMs());
  }

  private showAges(): void {
    const { metrics, nowMs } = this.modules;
    for (const priority of ['urgent', 'normal'] as const) {
      const { count, oldestMs } = this.pool.depth(priority);
      metrics.gauge(METRIC.queued, count, { priority });
      metrics.gauge(METRIC.oldest, oldestMs === undefined ? 0 : Math.max(0, nowMs() - oldestMs) / 1_000, { priority });
    }
  }

  /** The earliest time that the next block can have. */
  private nextBlockMs(): TimestampMs {
    return Math.max(this.headTimestampMs + 1, this.modules.nowMs());
  }

  private announce(): void {
    const { metrics, onPending } = this.modules;
    metrics.gauge(METRIC.waiting, this.pool.size);
    metrics.gauge(METRIC.waitingBytes, this.pool.sizeBytes);
    const hasPending = this.pool.hasOffer(this.nextBlockMs());
    if (hasPending === this.announced) return;
    this.announced = hasPending;
    onPending(hasPending);
  }
}
