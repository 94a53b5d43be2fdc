import { callOf } from '../contracts/api/method.js';
import { evidence as contract } from '../contracts/index.js';
import { type Hex, toHex } from '../primitives/bytes.js';
import { isCodedError } from '../primitives/errors.js';
import type { TimestampMs } from '../primitives/types.js';
import type { Engine } from './engine/engine.js';
import type { KeptEvidence } from './engine/evidence.js';
import type { TimerHandle } from './engine/timers.js';
import type { NodeAccountUse } from './nodeAccount.js';
import type { MetricDefinition } from './ops/ports.js';

export interface EvidenceReporterOptions {
  /** The network's: no transaction may live longer. */
  readonly referenceWindowMs: number;
  /** Between two looks at what is not recorded yet. */
  readonly intervalMs: number;
  /** So much later than the one before it each validator reports what is not recorded by then. */
  readonly staggerMs: number;
  /** Transactions that are tried for one pair; a restart begins anew. */
  readonly attempts: number;
}

export const DEFAULT_REPORTER_OPTIONS: Omit<EvidenceReporterOptions, 'referenceWindowMs'> = {
  intervalMs: 1_000,
  staggerMs: 3_000,
  attempts: 5,
};

export interface EvidenceReporterModules extends NodeAccountUse {
  readonly engine: Pick<Engine, 'evidence' | 'onEvidence'>;
}

/** Names of what the reporter counts. */
const METRIC = {
  reports: 'vostro_evidence_reports_total',
  unrecorded: 'vostro_evidence_unrecorded_count',
} as const;

export const EVIDENCE_METRICS: Readonly<Record<(typeof METRIC)[keyof typeof METRIC], MetricDefinition>> = {
  [METRIC.reports]: {
    kind: 'counter',
    help: 'Evidence that this node brings to the chain, by what became of it',
    labels: ['result'],
  },
  [METRIC.unrecorded]: { kind: 'gauge', help: 'Kept evidence that this node still means to report', labels: [] },
};

/** How long a report waits to be included before the next one is made. */
const REPORT_LIFE_MS = 60_000;
/** Reports under way at a look: the rest comes at the next one. */
const REPORTS_PER_LOOK = 4;

interface Unrecorded {
  readonly kept: KeptEvidence;
  dueMs: TimestampMs;
  attempts: number;
}

/**
 * Brings the evidence that this node keeps to the chain, from the account of its validator. Validators take turns, by
 * their position in the list, so that as a rule one of them reports and the others find it recorded.
 */
export class EvidenceReporter {
  private readonly unrecorded = new Map<Hex, Unrecorded>();
  private timer: TimerHandle | undefined;
  private isStopped = false;

  constructor(
    private readonly options: EvidenceReporterOptions,
    private readonly modules: EvidenceReporterModules,
  ) {}

  start(): void {
    const { engine } = this.modules;
    engine.onEvidence((kept) => this.note(kept));
    for (const kept of engine.evidence()) this.note(kept);
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== undefined) this.modules.timers.clear(this.timer);
  }

  private note(kept: KeptEvidence): void {
    if (this.isStopped) return;
    const dueMs = this.modules.timers.now() + this.turn(kept) * this.options.staggerMs;
    this.unrecorded.set(toHex(kept.id), { kept, dueMs, attempts: 0 });
    this.look();
  }

  /** 0 for the validator that reports first. Which one that is changes with the height; the accused comes last. */
  private turn({ evidence }: KeptEvidence): number {
    const { validators } = this.modules.executor.head();
    const own = validators.findIndex(({ address }) => address === this.modules.account.address);
    if (own < 0 || evidence.validator === this.modules.account.address) return validators.length;
    const first = evidence.second.height % validators.length;
    return (own - first + validators.length) % validators.length;
  }

  /** Looks again after the interval, while there is something to look at. */
  private look(): void {
    this.modules.metrics.gauge(METRIC.unrecorded, this.unrecorded.size);
    if (this.timer !== undefined || this.isStopped || this.unrecorded.size === 0) return;
    this.timer = this.modules.timers.set(() => {
      this.report()
        .catch((error: unknown) => this.fail(error))
        .finally(() => {
          this.timer = undefined;
          this.look();
        });
    }, this.options.intervalMs);
  }

  private fail(error: unknown): void {
    if (!this.isStopped) this.modules.onFatal(error);
  }

  private async report(): Promise<void> {
    const nowMs = this.modules.timers.now();
    const due = [...this.unrecorded.values()].filter(({ dueMs }) => dueMs <= nowMs);
    for (const entry of due.slice(0, REPORTS_PER_LOOK)) {
      if (this.isStopped) return;
      await this.reportOne(entry, nowMs);
    }
  }

  private async reportOne(entry: Unrecorded, nowMs: TimestampMs): Promise<void> {
    const { intervalMs, staggerMs, attempts } = this.options;
    const { kept } = entry;
    entry.dueMs = nowMs + intervalMs;
    // What is above the block that may hold it is refused; it waits for the chain.
    if (kept.evidence.second.height > this.modules.executor.head().header.height) return;
    try {
      if (await this.isRecorded(kept)) this.end(entry, 'recorded');
      else if (entry.attempts >= attempts) this.end(entry, 'given_up');
      else {
        entry.attempts++;
        const expiresAt = await this.submit(entry, nowMs);
        entry.dueMs = expiresAt + staggerMs;
      }
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.count('refused');
      entry.dueMs = nowMs + staggerMs * 2 ** entry.attempts;
      const { code, message: reason } = error;
      this.modules.logger.warn({ event: 'evidence.report_refused', id: toHex(kept.id), code, reason }, 'not reported');
    }
  }

  private async isRecorded({ id }: KeptEvidence): Promise<boolean> {
    const { args, returns, method } = contract.methods.get;
    const answer = await this.modules.executor.view(contract.name, method, args.encode({ id }));
    return returns?.decode(answer) !== undefined;
  }

  /** @returns when the transaction can no longer be included */
  private async submit({ kept, attempts }: Unrecorded, nowMs: TimestampMs): Promise<TimestampMs> {
    const { account, mempool, logger } = this.modules;
    const reference = Uint8Array.from([...kept.id.subarray(0, 31), attempts]);
    // The chain's time may be behind this node's: half of the window is left for that.
    const lifeMs = Math.min(REPORT_LIFE_MS, Math.floor(this.options.referenceWindowMs / 2));
    const expiresAt = nowMs + lifeMs;
    const call = callOf(contract.methods.report, { evidence: kept.bytes });
    await mempool.admit(await account.transaction([call], { reference, expiresAt }));
    this.count('submitted');
    logger.info({ event: 'evidence.reported', id: toHex(kept.id), attempts }, 'evidence goes to the chain');
    return expiresAt;
  }

  private end({ kept }: Unrecorded, result: 'recorded' | 'given_up'): void {
    this.unrecorded.delete(toHex(kept.id));
    this.count(result);
    if (result === 'recorded') return;
    this.modules.logger.error(
      {
        event: 'evidence.not_recorded',
        id: toHex(kept.id),
        hint: 'it is kept here, see vostro evidence show; the next start tries again',
      },
      'evidence could not be brought to the chain',
    );
  }

  private count(result: 'submitted' | 'refused' | 'recorded' | 'given_up'): void {
    this.modules.metrics.count(METRIC.reports, 1, { result });
  }
}
