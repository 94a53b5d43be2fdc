import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { type CodedError, isCodedError } from '../../primitives/errors.js';
import type { Sha256 } from '../../primitives/hash.js';
import type { Address, DecodedTransaction, TimestampMs } from '../../primitives/types.js';
import type { CommitResult } from '../execution/types.js';
import type { Metrics } from '../ops/ports.js';
import type { SignatureVerifier } from '../signatures/types.js';
import { AdmissionGate, type GateLimits } from './admissionGate.js';
import {
  type ChainRules,
  decodeOwned,
  liveRules,
  requireChain,
  requireIncludable,
  signatureChecks,
} from './admissionRules.js';
import { Directory } from './directory.js';
import {
  busy,
  full,
  isRelayerFault,
  quarantined,
  referenceConflict,
  signatureInvalid,
  spaceLow,
  urgentQuotaExceeded,
} from './errors.js';
import { METRIC } from './metrics.js';
import { type PendingEntry, pendingEntry, referenceKey } from './pendingEntry.js';
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
  readonly sha256: Sha256;
  readonly metrics: Metrics;
  /** Wall clock, milliseconds since 1970. */
  readonly nowMs: () => TimestampMs;
  /** Who holds a reference on the chain, within the window: asked only when it may be held. */
  readonly referenceOwner: (sender: Address, reference: Uint8Array) => Promise<Hash | undefined>;
  /** Told when the first transaction that may be offered comes, and when the last goes. */
  readonly onPending: (hasPending: boolean) => void;
  /** Given each transaction that was submitted here and taken in: it goes to the other validators, one hop. */
  readonly relay: (transaction: Uint8Array) => void;
  /** False while the disk is too full for new work: what is known already is still answered. */
  readonly hasSpace: () => boolean;
  /** A peer relayed what it must have known to be wrong. */
  readonly onRelayerFault: (peerId: string, fault: CodedError) => void;
}

/** Leaves whose signatures were checked: those of the blocks that may be proposed before one is decided. */
const CHECKED_LEAVES = 65_536;
const QUARANTINE: QuarantineLimits = { maxKeys: 4_096, senderStrikes: 3, senderMs: 600_000 };
/** Looks for the owner of a reference, each with a commit in between, before we give up. */
const MAX_LOOKS = 8;

type Source = 'submitted' | 'relayed';

/**
 * The transactions that wait here. Cheap rules are looked at before signatures, and everything that may have changed
 * while signatures were checked is looked at again in the same turn in which a transaction is kept.
 */
export class TransactionMempool implements Mempool {
  private readonly pool = new PendingPool();
  private readonly directory = new Directory();
  private readonly shares: Shares;
  private readonly gate: AdmissionGate;
  private readonly recent: RecentReferences;
  private readonly urgentQuota: UrgentQuota;
  private readonly checkedLeaves = new RecentKeys(CHECKED_LEAVES);
  private readonly checkedBytes = new WeakSet<Uint8Array>();
  private readonly quarantined = new Quarantine(QUARANTINE);
  /** By leaf: the same bytes that come again while they are checked wait for the one answer. */
  private readonly running = new Map<string, Promise<Admission>>();
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
    this.gate = new AdmissionGate(admissions);
    this.urgentQuota = new UrgentQuota(rules.quotaWindowMs);
    this.recent = new RecentReferences(rules.referenceWindowMs, fingerprintSeed);
  }

  async admit(bytes: Uint8Array, requireCalls?: RequireCalls): Promise<Admission> {
    try {
      return await this.gate.run(bytes.length, () => this.admitOne(bytes, 'submitted', requireCalls));
    } catch (error) {
      this.countRefusal('submitted', error);
      throw error;
    }
  }

  admitMany(transactions: readonly Uint8Array[], requireCalls?: RequireCalls): Promise<readonly AdmissionResult[]> {
    return Promise.all(
      transactions.map(async (bytes) => {
        try {
          return await this.admit(bytes, requireCalls);
        } catch (error) {
          if (isCodedError(error)) return { error };
          throw error;
        }
      }),
    );
  }

  async admitRelayed(transactions: readonly Uint8Array[], peerId = ''): Promise<number> {
    const kept = await Promise.all(transactions.map((bytes) => this.admitOneRelayed(bytes, peerId)));
    return kept.filter(Boolean).length;
  }

  candidates(maxCount: number, maxBytes: number): readonly DecodedTransaction[] {
    return this.offer(maxCount, maxBytes).transactions;
  }

  offer(maxCount: number, maxBytes: number): CandidateOffer {
    const { maxBlockBytes, urgentBlockPercent } = this.rules;
    const bounds = { maxCount, maxBytes, maxBlockBytes, urgentBlockPercent };
    const { transactions, leads, limit } = this.pool.offer(bounds, this.nextBlockMs());
    if (limit !== undefined) this.modules.metrics.count(METRIC.shareLimits, 1, { resource: limit });
    return { transactions, leads };
  }

  byLeafHash(leafHash: Hash): DecodedTransaction | undefined {
    return this.pool.withLeaf(toHex(leafHash))?.transaction;
  }

  verifyProposed(transactions: readonly Uint8Array[]): Promise<ProposalFault | undefined> {
    const { rules } = this;
    const { verifier, sha256, metrics } = this.modules;
    return checkProposal(transactions, {
      directory: this.directory,
      verifier,
      onChecks: (count) => metrics.count(METRIC.checked, count, { purpose: 'proposal' }),
      known: {
        decode: (bytes) => decodeOwned(bytes, rules, sha256),
        isChecked: (bytes) => this.checkedBytes.has(bytes),
        isLeafChecked: (leafKey) => this.checkedLeaves.has(leafKey) || this.pool.withLeaf(leafKey) !== undefined,
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
    const keys = result.included.map(({ sender, reference }) => referenceKey(sender, reference));
    this.recent.addBlock(timestamp, keys);
    for (const [index, { id }] of result.included.entries()) {
      this.drop(this.pool.withId(id), 'included');
      // Another body under the same reference can only expire.
      this.drop(this.pool.withReference(keys[index] ?? ''), 'reference_used');
    }
    for (const entry of this.pool.expiredBefore(timestamp + 1)) this.drop(entry, 'expired');
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
    const decoded = transactions.map((bytes) => decodeOwned(bytes, rules, this.modules.sha256));
    this.hold(id, decoded.find((transaction) => equalBytes(transaction.id, id))?.body.sender);
    this.drop(this.pool.withId(id), 'HOST_EXCEPTION');
    this.announce();
  }

  findQuarantined(transactions: readonly Uint8Array[]): Hash | undefined {
    if (this.quarantined.holdsNothing) return undefined;
    const nowMs = this.modules.nowMs();
    const decoded = transactions.map((bytes) => decodeOwned(bytes, this.rules, this.modules.sha256));
    return decoded.find((transaction) => this.quarantined.holds(transaction, nowMs))?.id;
  }

  get size(): number {
    return this.pool.size;
  }

  get sizeBytes(): number {
    return this.pool.sizeBytes;
  }

  private async admitOneRelayed(bytes: Uint8Array, peerId: string): Promise<boolean> {
    try {
      const admission = await this.gate.run(bytes.length, () => this.admitOne(bytes, 'relayed'), peerId);
      return admission.status === 'accepted';
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.countRefusal('relayed', error);
      if (isRelayerFault(error.code)) this.modules.onRelayerFault(peerId, error);
      return false;
    }
  }

  private async admitOne(bytes: Uint8Array, source: Source, requireCalls?: RequireCalls): Promise<Admission> {
    const transaction = decodeOwned(bytes, this.rules, this.modules.sha256);
    requireChain(transaction, this.rules);
    if (this.quarantined.holds(transaction, this.modules.nowMs())) throw quarantined(transaction.id);
    const admission = await this.joinOrCheck(transaction, requireCalls);
    this.modules.metrics.count(METRIC.admitted, 1, { source, status: admission.status });
    if (admission.status === 'accepted' && source === 'submitted') this.modules.relay(transaction.bytes);
    return admission;
  }

  private async joinOrCheck(transaction: DecodedTransaction, requireCalls?: RequireCalls): Promise<Admission> {
    const leafKey = toHex(transaction.leafHash);
    const running = this.running.get(leafKey);
    if (running !== undefined) return { ...(await running), status: 'known' };
    const admission = this.check(transaction, leafKey, requireCalls);
    this.running.set(leafKey, admission);
    try {
      return await admission;
    } finally {
      this.running.delete(leafKey);
    }
  }

  private async check(transaction: DecodedTransaction, leafKey: string, ask?: RequireCalls): Promise<Admission> {
    const known = await this.findKnown(transaction);
    if (known !== undefined) return known;
    if (!this.modules.hasSpace()) throw spaceLow();
    this.requireRoom(transaction);
    await this.requireSignatures(transaction, leafKey);
    // Only of who has signed: an answer may have to be waited for.
    await ask?.(transaction.body.calls);
    for (let look = 0; look < MAX_LOOKS; look++) {
      const { commits } = this;
      const settled = await this.findKnown(transaction);
      if (settled !== undefined) return settled;
      // A commit meanwhile may have used the reference: only a look that none came between is believed.
      if (commits === this.commits) return this.keep(transaction);
    }
    throw busy('looks at a reference between two commits', MAX_LOOKS);
  }

  /** The admission of one that waits or is on the chain already. @throws MempoolError `REFERENCE_CONFLICT` */
  private async findKnown(transaction: DecodedTransaction): Promise<Admission | undefined> {
    const { sender, reference } = transaction.body;
    const key = referenceKey(sender, reference);
    const waiting = this.pool.withReference(key);
    if (waiting !== undefined) return sameOrConflict(waiting.transaction.id, transaction.id);
    if (!this.recent.mayHold(key)) return undefined;
    return sameOrConflict(await this.modules.referenceOwner(sender, reference), transaction.id);
  }

  /** Keeps it, without a pause between the last look and the deed. */
  private keep(transaction: DecodedTransaction): Admission {
    const waiting = this.pool.withReference(referenceKey(transaction.body.sender, transaction.body.reference));
    const known = sameOrConflict(waiting?.transaction.id, transaction.id);
    if (known !== undefined) return known;
    this.pool.add(this.requireRoom(transaction));
    this.checkedBytes.add(transaction.bytes);
    this.announce();
    return { id: transaction.id, status: 'accepted' };
  }

  /** What may be kept of it by the rules and the member's share. @throws MempoolError */
  private requireRoom(transaction: DecodedTransaction): PendingEntry {
    const member = requireIncludable(transaction, this.rules, this.directory, this.nextBlockMs());
    if (transaction.body.priority === 'urgent') this.requireUrgentRoom(member);
    const entry = pendingEntry(transaction, member, this.modules.nowMs());
    const { memberQueues } = this.pool;
    const noRoom = this.shares.findNoRoom(memberQueues, this.directory.memberCount, member, entry.sizeBytes);
    if (noRoom !== undefined) throw full(member, noRoom.what, noRoom.share);
    return entry;
  }

  /** PROTOCOL §Includable transactions I8, with what waits. @throws MempoolError `URGENT_QUOTA_EXCEEDED` */
  private requireUrgentRoom(member: string): void {
    const { urgentQuotaTransactions } = this.rules;
    const nowMs = this.nextBlockMs();
    const waiting = this.pool.memberQueues.get(member)?.of('urgent').size ?? 0;
    if (this.urgentQuota.used(member, nowMs) + waiting < urgentQuotaTransactions) return;
    throw urgentQuotaExceeded(member, urgentQuotaTransactions, this.urgentQuota.nextWindowMs(nowMs));
  }

  private async requireSignatures(transaction: DecodedTransaction, leafKey: string): Promise<void> {
    if (this.checkedLeaves.has(leafKey)) return;
    const checks = signatureChecks(transaction, this.directory);
    this.modules.metrics.count(METRIC.checked, checks.length, { purpose: 'admission' });
    const answers = await this.modules.verifier.verifyMany(checks);
    const invalid = transaction.body.signers.find((_, index) => answers[index] !== true);
    if (invalid !== undefined) throw signatureInvalid(invalid);
    this.checkedLeaves.add(leafKey);
  }

  /** Keeps it, and what else its sender has waiting after several such, out of own proposals. */
  private hold(id: Hash, sender: Address | undefined): void {
    const nowMs = this.modules.nowMs();
    this.quarantined.add(id, sender, nowMs);
    if (sender === undefined || !this.quarantined.holdsSender(sender, nowMs)) return;
    for (const entry of this.pool.ofSender(sender)) this.drop(entry, 'QUARANTINED_SENDER');
  }

  private drop(entry: PendingEntry | undefined, reason: string): void {
    if (entry === undefined) return;
    this.pool.delete(entry);
    this.modules.metrics.count(METRIC.dropped, 1, { reason });
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

  /** Keeps count of what each member had of the block. */
  private account({ head, included }: CommitResult): void {
    const { maxBlockFuel, maxBlockBytes, maxBlockTransactions } = this.rules;
    const uses = included.map(({ sender, priority, fuelUsed, sizeBytes }) => {
      const member = this.directory.account(sender)?.member ?? '';
      return { member, priority, fuel: fuelUsed, bytes: sizeBytes, transactions: 1 };
    });
    const urgent = uses.filter(({ priority }) => priority === 'urgent');
    this.urgentQuota.onBlock(
      head.header.timestamp,
      urgent.map(({ member }) => member),
    );
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

  private countRefusal(source: Source, error: unknown): void {
    const code = isCodedError(error) ? error.code : 'UNKNOWN';
    this.modules.metrics.count(METRIC.refused, 1, { source, code });
  }
}

/** @throws MempoolError `REFERENCE_CONFLICT` when another transaction holds the reference */
function sameOrConflict(owner: Hash | undefined, id: Hash): Admission | undefined {
  if (owner === undefined) return undefined;
  if (!equalBytes(owner, id)) throw referenceConflict(owner, id);
  return { id, status: 'known' };
}
