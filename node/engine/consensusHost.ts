import { type ConsensusStatus, consensusStatus, startConsensus, step } from '../../consensus/consensus.js';
import type { OutlineMessage } from '../../consensus/messageCodec.js';
import type { SigningState } from '../../consensus/signingGuard.js';
import type { ConsensusState } from '../../consensus/state.js';
import type {
  CommitBlockEffect,
  CommittedInput,
  ConsensusConfig,
  ConsensusHead,
  Effect,
  HeldBody,
  InputBody,
  JournalRecord,
  ReportEvidenceEffect,
  RequestSyncEffect,
  ScheduleProposalEffect,
  SendCertificateEffect,
  SignedMessage,
} from '../../consensus/types.js';
import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { Validator } from '../../primitives/types.js';
import { leaderIndex } from '../../primitives/validator.js';
import type { Metrics } from '../ops/ports.js';
import type { BlockJobs } from './blockJobs.js';
import { type BlockSize, NO_BLOCK } from './blockSizer.js';
import type { BodyStore } from './bodyStore.js';
import type { HostTimers } from './hostTimers.js';
import { METRIC } from './metrics.js';
import type { Outbound } from './outbound.js';
import type { ProposalPace } from './proposalPace.js';
import type { Timers } from './timers.js';
import type { VoteRelease } from './voteRelease.js';

export interface ConsensusHostOptions {
  readonly config: ConsensusConfig;
  /** Messages of peers that may wait; own inputs always find room. */
  readonly maxQueuedInputs: number;
}

/** What the reducer's effects are carried out with. */
export interface ConsensusHostModules {
  readonly timers: Timers;
  readonly hostTimers: HostTimers;
  readonly pace: ProposalPace;
  readonly release: VoteRelease;
  readonly outbound: Outbound;
  readonly jobs: BlockJobs;
  readonly bodies: BodyStore;
  readonly metrics: Metrics;
  readonly commit: (effect: CommitBlockEffect) => void;
  readonly sendCertificate: (effect: SendCertificateEffect) => void;
  readonly requestSync: (effect: RequestSyncEffect) => void;
  readonly reportEvidence: (effect: ReportEvidenceEffect) => void;
  /** Called once, with whatever makes going on impossible. */
  readonly fail: (error: unknown) => void;
}

/** The list against which a message was checked, or nothing where the input names no validator. */
interface QueuedInput {
  readonly input: InputBody;
  readonly checkedAgainst: readonly Validator[] | undefined;
  /** Of the block that was written. */
  readonly size?: BlockSize;
}

const NO_BYTES = new Uint8Array();

/**
 * Runs the state machine: inputs strictly one at a time, the effects of each carried out in their order before the next
 * is taken. Only the disk is waited for; everything slower runs beside it and comes back as an input.
 */
export class ConsensusHost {
  private readonly state: ConsensusState;
  private readonly queue: QueuedInput[] = [];
  private startEffects: readonly Effect[];
  private draining: Promise<void> | undefined;
  private isStopped = false;
  private currentValidators: readonly Validator[];

  constructor(
    private readonly options: ConsensusHostOptions,
    private readonly modules: ConsensusHostModules,
    start: {
      readonly head: ConsensusHead;
      readonly record: JournalRecord;
      readonly bodies: readonly HeldBody[];
      readonly workPending: boolean;
    },
  ) {
    const { state, effects } = startConsensus(options.config, { nowMs: modules.timers.now(), ...start });
    this.state = state;
    this.startEffects = effects;
    this.currentValidators = start.head.validators;
    modules.jobs.enterHeight(start.head.header.height + 1);
  }

  /** Says again what the journal names, and takes part from then on. */
  start(): void {
    this.modules.hostTimers.startHealing();
    this.drain();
  }

  /** Returns when nothing is under way any more; nothing leaves the node after the call. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.modules.outbound.close();
    this.modules.hostTimers.stop();
    this.modules.jobs.enterHeight(Number.POSITIVE_INFINITY);
    await this.draining;
  }

  /** Validators of the working height: the same array while the list is the same. */
  get validators(): readonly Validator[] {
    return this.currentValidators;
  }

  /** What this node's key may have signed. */
  get signingState(): SigningState {
    return this.modules.release.signingState;
  }

  get workingHeight(): number {
    return this.state.current.height;
  }

  /** Of the newest committed block. */
  get headHash(): Hash {
    return this.state.head.blockHash;
  }

  status(): ConsensusStatus {
    return consensusStatus(this.state);
  }

  /** Whether a proposal of a round is being executed here, or has been accepted. */
  isProposed(height: number, round: number): boolean {
    const { current } = this.state;
    const isHere = current.acceptedHash !== undefined || current.candidate !== undefined;
    return isHere && current.height === height && current.round === round;
  }

  /**
   * Who leads this round, where it is the one in which this node waits for a proposal to sign for, or the first of the height after:
   * of that, by the list of this height.
   */
  awaitedLeader(height: number, round: number): Validator | undefined {
    const { current } = this.state;
    const isNow = height === current.height && round === current.round && !this.isProposed(height, round);
    const isNext = height === current.height + 1 && round === 0;
    if (!(isNow && this.status().isSigning) && !isNext) return undefined;
    return this.validator(leaderIndex(height, round, this.currentValidators.length));
  }

  /** What a peer is about to propose, as it says. */
  outlined(peerId: string, outline: OutlineMessage): void {
    if (!this.isStopped) this.modules.jobs.outlined(peerId, outline);
  }

  /** A connection to a peer was made, or ended. */
  linksChanged(): void {
    if (!this.isStopped) this.modules.hostTimers.round.linksChanged();
  }

  /** Takes an input of this node's own. */
  give(input: InputBody): void {
    if (this.isStopped) return;
    this.queue.push({ input, checkedAgainst: undefined });
    this.drain();
  }

  /** A block of this size is written: the next height begins. */
  committed(input: CommittedInput, size: BlockSize): void {
    if (this.isStopped) return;
    this.queue.push({ input, checkedAgainst: undefined, size });
    this.drain();
  }

  /** Takes what was checked against a list of validators. @returns false when too many wait already */
  giveChecked(input: InputBody, checkedAgainst: readonly Validator[]): boolean {
    if (this.queue.length >= this.options.maxQueuedInputs) return false;
    if (this.isStopped) return true;
    this.queue.push({ input, checkedAgainst });
    this.drain();
    return true;
  }

  private drain(): void {
    if (this.draining !== undefined || this.isStopped) return;
    this.draining = this.handleAll().then(
      () => {
        this.draining = undefined;
        // What came between the last look at the queue and now found it being drained.
        if (this.queue.length > 0) this.drain();
      },
      (error: unknown) => {
        this.draining = undefined;
        this.modules.fail(error);
      },
    );
  }

  private async handleAll(): Promise<void> {
    const startEffects = this.startEffects;
    this.startEffects = [];
    for (const effect of startEffects) await this.perform(effect);
    for (let next = this.queue.shift(); next !== undefined && !this.isStopped; next = this.queue.shift()) {
      // What was checked against a list that changed meanwhile comes again.
      const { input, checkedAgainst, size } = next;
      if (checkedAgainst === undefined || checkedAgainst === this.currentValidators) await this.handle(input, size);
    }
  }

  private async handle(input: InputBody, size = NO_BLOCK): Promise<void> {
    const { metrics, timers, jobs, bodies } = this.modules;
    metrics.count(METRIC.inputs, 1, { kind: input.type });
    if (input.type === 'heal') this.showGauges();
    const height = this.state.current.height;
    const effects = step(this.state, { ...input, nowMs: timers.now() });
    if (this.state.current.height !== height) {
      this.updateValidators(this.state.head.validators);
      jobs.enterHeight(this.state.current.height, size);
      // Not when the block is written: until here a vote of the height before may still be on its way to the disk.
      bodies.removeDecided(this.state.current.height - 1).catch(this.modules.fail);
    }
    for (const effect of effects) {
      const pending = this.perform(effect);
      if (pending !== undefined) await pending;
      if (this.isStopped) return;
    }
  }

  private showGauges(): void {
    this.modules.metrics.gauge(METRIC.round, this.state.current.round);
    this.modules.metrics.gauge(METRIC.queued, this.queue.length);
  }

  private updateValidators(validators: readonly Validator[]): void {
    const known = this.currentValidators;
    const isSame =
      known.length === validators.length &&
      known.every(({ publicKey }, position) => equalBytes(publicKey, validators[position]?.publicKey ?? NO_BYTES));
    if (!isSame) this.currentValidators = validators;
  }

  /** @returns a promise only where the next effect must wait */
  private perform(effect: Effect): Promise<void> | undefined {
    const { hostTimers, release, outbound, jobs, bodies, metrics } = this.modules;
    switch (effect.type) {
      case 'persist':
        return release.release(effect, this.currentValidators).then((signed) => this.giveBack(signed));
      case 'sendStatus':
        return release.sendStatus(effect.status, this.currentValidators);
      case 'resend':
        return this.resend(effect.messages);
      case 'sendTo':
        return outbound.send(this.validator(effect.to), effect.messages);
      case 'sendCertificate':
        this.modules.sendCertificate(effect);
        return undefined;
      case 'scheduleTimer':
        hostTimers.round.schedule(effect);
        return undefined;
      case 'cancelTimer':
        hostTimers.round.cancel();
        return undefined;
      case 'scheduleProposal':
        hostTimers.scheduleProposal(this.paced(effect));
        return undefined;
      case 'buildBlock':
        jobs.build(effect);
        return undefined;
      case 'executeBlock':
        jobs.execute(effect);
        return undefined;
      case 'fetchBody':
        jobs.fetch(effect);
        return undefined;
      case 'releaseBody':
        return bodies.release(effect.blockHash);
      case 'commitBlock':
        this.modules.commit(effect);
        return undefined;
      case 'requestSync':
        this.modules.requestSync(effect);
        return undefined;
      case 'reportEvidence':
        this.modules.reportEvidence(effect);
        return undefined;
      case 'refused':
        metrics.count(METRIC.dropped, 1, { reason: effect.code });
        return undefined;
    }
  }

  /** A leader may wait longer than it must. */
  private paced(effect: ScheduleProposalEffect): ScheduleProposalEffect {
    const { intervalMs, heartbeatMs } = effect;
    const remainingMs = this.modules.pace.remainingMs(this.state.head.header.timestamp);
    return { ...effect, intervalMs: Math.min(heartbeatMs, Math.max(intervalMs, remainingMs)) };
  }

  /** Own votes are inputs like everybody's, before anything that came meanwhile. */
  private giveBack(signed: readonly SignedMessage[]): void {
    const inputs = signed.map((message) => ({
      input: { type: 'message', message } as const,
      checkedAgainst: undefined,
    }));
    this.queue.unshift(...inputs);
  }

  private async resend(messages: readonly SignedMessage[]): Promise<void> {
    for (const message of messages) await this.modules.outbound.broadcast(message);
  }

  validator(position: number): Validator {
    const validator = this.currentValidators[position];
    invariant(validator !== undefined, 'a validator is named by its index', { actual: `${position}` });
    return validator;
  }
}
