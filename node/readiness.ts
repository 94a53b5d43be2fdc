import { callOf } from '../contracts/api/method.js';
import { governance, membership } from '../contracts/index.js';
import { READY_WINDOW_MS } from '../contracts/membership/records.js';
import { isCodedError } from '../primitives/errors.js';
import { encode, encodeUint } from '../primitives/rlp.js';
import type { Engine } from './engine/engine.js';
import type { TimerHandle } from './engine/timers.js';
import type { NodeAccountUse } from './nodeAccount.js';
import type { MetricDefinition } from './ops/ports.js';

export interface ReadinessOptions {
  /** The network's: no transaction may live longer. */
  readonly referenceWindowMs: number;
  /** Between two looks at the chain. */
  readonly intervalMs: number;
}

export const READINESS_INTERVAL_MS = 2_000;

export interface ReadinessModules extends NodeAccountUse {
  readonly engine: Pick<Engine, 'status'>;
}

const METRIC = { ready: 'vostro_governance_ready_total' } as const;

export const READINESS_METRICS: Readonly<Record<(typeof METRIC)['ready'], MetricDefinition>> = {
  [METRIC.ready]: {
    kind: 'counter',
    help: 'Times that this node told the chain that it holds it, so that its key may validate',
    labels: ['result'],
  },
};

/** How long a transaction waits to be included: the root that it names is one of the newest only for a while. */
const LIFE_MS = 20_000;
/** One word counts for the whole window; it is given again well before that is over. */
const RENEWAL_MS = Math.floor(READY_WINDOW_MS / 3);

/**
 * A node whose key does not validate yet tells the chain that it holds it, once a proposal would make it a validator's: without
 * that word the proposal fails (docs/CONTRACTS.md, membership). It looks now and then, and says it again while it is not
 * on the chain.
 */
export class ReadinessReporter {
  private timer: TimerHandle | undefined;
  private isStopped = false;
  private waitUntilMs = 0;

  constructor(
    private readonly options: ReadinessOptions,
    private readonly modules: ReadinessModules,
  ) {}

  start(): void {
    if (this.isStopped) return;
    this.timer = this.modules.timers.set(() => {
      this.look()
        .catch((error: unknown) => {
          if (!this.isStopped) this.modules.onFatal(error);
        })
        .finally(() => this.start());
    }, this.options.intervalMs);
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== undefined) this.modules.timers.clear(this.timer);
  }

  private async look(): Promise<void> {
    const { engine, executor, account, timers, logger, metrics } = this.modules;
    const { validators } = executor.head();
    const isListed = validators.some(({ address }) => address === account.address);
    const { mode, isBehind } = engine.status();
    if (isListed || isBehind || mode !== 'validating' || timers.now() < this.waitUntilMs) return;
    try {
      if (!(await this.isAwaited())) return;
      await this.say();
      metrics.count(METRIC.ready, 1, { result: 'submitted' });
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { code, message: reason } = error;
      metrics.count(METRIC.ready, 1, { result: 'refused' });
      const hint = `the key needs an account of its own, labelled validator, on the chain: ${account.address}`;
      logger.warn(
        { event: 'governance.ready_refused', code, reason, hint },
        'the chain does not hear that it is ready',
      );
    }
    this.waitUntilMs = timers.now() + LIFE_MS;
  }

  /** A proposal names the key, and the chain has no word of it that is new enough. */
  private async isAwaited(): Promise<boolean> {
    const { executor, account } = this.modules;
    const key = account.address;
    const { awaits } = governance.methods;
    const awaited = await executor.view(governance.name, awaits.method, awaits.args.encode({ key }));
    if (awaits.returns?.decode(awaited) !== true) return false;
    const { readiness } = membership.methods;
    const answer = await executor.view(membership.name, readiness.method, readiness.args.encode({ key }));
    const said = readiness.returns?.decode(answer);
    return said === undefined || said.timestamp + RENEWAL_MS < executor.head().header.timestamp;
  }

  private async say(): Promise<void> {
    const { executor, account, mempool, timers, logger } = this.modules;
    const { height, stateRoot } = executor.head().header;
    const expiresAt = timers.now() + Math.min(LIFE_MS, Math.floor(this.options.referenceWindowMs / 2));
    const call = callOf(membership.methods.ready, { height, stateRoot });
    const reference = encode([encodeUint(height), encodeUint(expiresAt)]);
    await mempool.admit(await account.transaction([call], { reference, expiresAt }));
    logger.info({ event: 'governance.ready_said', height }, 'tells the chain that this node is ready to validate');
  }
}
