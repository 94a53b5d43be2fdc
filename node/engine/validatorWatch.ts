import type { ConsensusStatus } from '../../consensus/consensus.js';
import type { WireMessage } from '../../consensus/messageCodec.js';
import { certificateSigners } from '../../primitives/certificate.js';
import type { Address, Certificate, Validator } from '../../primitives/types.js';
import { leaderIndex } from '../../primitives/validator.js';
import type { ChainHead } from '../execution/types.js';
import type { Network } from '../network/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { METRIC } from './metrics.js';
import type { PeerDirectory } from './peerDirectory.js';
import type { TimerHandle, Timers } from './timers.js';
import type { ValidatorHealth } from './validatorHealth.js';

export interface ValidatorWatchOptions {
  /** This node's own validator; undefined for an observer. */
  readonly self: Address | undefined;
  /** Between two looks at who is silent: as often as validators repeat their Status. */
  readonly intervalMs: number;
  /** A validator that says nothing for so long is silent. */
  readonly silentMs: number;
  /** A validator that lets so many turns in a row go by is silent, whatever else it says. */
  readonly missedTurns: number;
  /** Newest certificates of which signatures are counted. */
  readonly certificates: number;
}

export interface ValidatorWatchModules {
  readonly directory: PeerDirectory;
  readonly network: Pick<Network, 'connectedPeers'>;
  readonly timers: Timers;
  /** Undefined while this node takes no part: it hears less then. */
  readonly consensus: () => ConsensusStatus | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Observation {
  heardAtMs: number | undefined;
  height: number | undefined;
  round: number | undefined;
  missedTurns: number;
  clockOffsetMs: number | undefined;
  isSilent: boolean;
}

/**
 * Watches the validators of the working height, for people: who is heard, who misses turns, who signs. It believes what
 * a validator's own node says of itself over its connection, decides nothing, and tells the log once when a validator
 * becomes silent and once when it is back.
 */
export class ValidatorWatch {
  private validators: readonly Validator[] = [];
  private readonly observed = new Map<Address, Observation>();
  /** Signers of the newest certificates, the oldest first. */
  private readonly signers: (readonly Address[])[] = [];
  /** The height that is being decided, and the lowest of its rounds that is not known to have failed. */
  private turn = { height: 1, round: 0 };
  /** Since when this node could hear others: a while in which it was stopped itself says nothing of them. */
  private listeningSinceMs: number;
  private lookedAtMs: number;
  private timer: TimerHandle | undefined;

  constructor(
    private readonly options: ValidatorWatchOptions,
    private readonly modules: ValidatorWatchModules,
  ) {
    this.listeningSinceMs = this.lookedAtMs = modules.timers.monotonic();
  }

  start(): void {
    const { timers } = this.modules;
    this.listeningSinceMs = this.lookedAtMs = timers.monotonic();
    this.schedule();
  }

  stop(): void {
    if (this.timer !== undefined) this.modules.timers.clear(this.timer);
    this.timer = undefined;
  }

  /** A validator's own node said something of consensus. */
  heard(peerId: string, message: WireMessage): void {
    const observation = this.of(peerId);
    if (observation === undefined) return;
    if (message.type === 'evidence') return;
    if (message.type === 'certificate') {
      this.note(observation, message.certificate.height + 1, undefined);
      return;
    }
    this.note(observation, message.height, message.round);
    // A block that was prepared before keeps the time of its first proposal.
    if (message.type !== 'proposal' || message.round > 0) return;
    observation.clockOffsetMs = message.header.timestamp - this.modules.timers.now();
  }

  /** A validator's own node said how far it is. */
  heardHead(peerId: string, headHeight: number): void {
    const observation = this.of(peerId);
    if (observation !== undefined) this.note(observation, headHeight + 1, undefined);
  }

  /** A block was committed; its certificate says who signed and which turns before it were missed. */
  committed({ header, certificate, validators }: ChainHead): void {
    const isNext = header.height === this.turn.height && this.validators.length > 0;
    if (certificate !== undefined && isNext) this.settle(certificate);
    this.turn = { height: header.height + 1, round: 0 };
    this.replace(validators);
  }

  /** In the order of the list that decides the working height. */
  health(): readonly ValidatorHealth[] {
    const nowMs = this.modules.timers.monotonic();
    const connected = new Set(this.modules.network.connectedPeers());
    const isTakingPart = this.modules.consensus() !== undefined;
    const patienceMs = this.patienceMs();
    return this.validators.map((validator) => {
      const { address } = validator;
      const { heardAtMs, ...known } = this.observed.get(address) ?? nothingObserved();
      const isSelf = address === this.options.self;
      return {
        ...known,
        address,
        member: this.memberOf(address),
        isSelf,
        isHeard: isSelf ? isTakingPart : heardAtMs !== undefined && nowMs - heardAtMs <= patienceMs,
        isConnected: this.modules.directory.peersOf(validator).some((peerId) => connected.has(peerId)),
        heardAgoMs: heardAtMs === undefined ? undefined : Math.max(0, Math.floor(nowMs - heardAtMs)),
        signed: this.signers.filter((addresses) => addresses.includes(address)).length,
        certificates: this.signers.length,
      };
    });
  }

  private schedule(): void {
    this.timer = this.modules.timers.set(() => {
      this.look();
      this.schedule();
    }, this.options.intervalMs);
  }

  private look(): void {
    const { timers, consensus } = this.modules;
    const nowMs = timers.monotonic();
    if (nowMs - this.lookedAtMs > 2 * this.options.intervalMs) this.listeningSinceMs = nowMs;
    this.lookedAtMs = nowMs;
    const status = consensus();
    if (status?.height === this.turn.height) this.missUpTo(status.round);
    for (const { address } of this.validators) this.judge(address, nowMs);
    this.show();
  }

  private settle(certificate: Certificate): void {
    this.missUpTo(certificate.round);
    const leader = this.leaderOf(certificate.round);
    if (leader !== undefined) leader.missedTurns = 0;
    const addresses = certificateSigners(certificate).flatMap((index) => this.validators[index]?.address ?? []);
    this.signers.push(addresses);
    if (this.signers.length > this.options.certificates) this.signers.shift();
  }

  /** Rounds below this one of the height that is being decided failed. */
  private missUpTo(round: number): void {
    // Of very many rounds the newest say enough: each leads again after n of them.
    const first = Math.max(this.turn.round, round - this.validators.length);
    for (let failed = first; failed < round; failed++) {
      const leader = this.leaderOf(failed);
      if (leader === undefined) continue;
      leader.missedTurns++;
      const address = this.validators[this.leaderIndex(failed)]?.address;
      if (address !== undefined) this.modules.metrics.count(METRIC.missedTurns, 1, this.labels(address));
    }
    this.turn = { ...this.turn, round: Math.max(this.turn.round, round) };
  }

  private leaderIndex(round: number): number {
    return leaderIndex(this.turn.height, round, this.validators.length);
  }

  private leaderOf(round: number): Observation | undefined {
    const address = this.validators[this.leaderIndex(round)]?.address;
    return address === undefined ? undefined : this.observed.get(address);
  }

  private of(peerId: string): Observation | undefined {
    const index = this.modules.directory.indexOf(peerId, this.validators);
    const address = index === undefined ? undefined : this.validators[index]?.address;
    return address === undefined ? undefined : this.observed.get(address);
  }

  private note(observation: Observation, height: number, round: number | undefined): void {
    const nowMs = this.modules.timers.monotonic();
    // What it missed while it was away says nothing of whoever is back.
    if (nowMs - (observation.heardAtMs ?? Number.NEGATIVE_INFINITY) > this.patienceMs()) observation.missedTurns = 0;
    observation.heardAtMs = nowMs;
    observation.height = height;
    observation.round = round;
  }

  private judge(address: Address, nowMs: number): void {
    const observation = this.observed.get(address);
    if (observation === undefined || address === this.options.self) return;
    const { heardAtMs, missedTurns } = observation;
    const quietMs = nowMs - Math.max(heardAtMs ?? this.listeningSinceMs, this.listeningSinceMs);
    const isUnheard = quietMs > this.patienceMs();
    const isSilent = isUnheard || missedTurns >= this.options.missedTurns;
    if (isSilent === observation.isSilent) return;
    observation.isSilent = isSilent;
    const fields = { validator: address, member: this.memberOf(address), missedTurns, quietMs: Math.floor(quietMs) };
    const { logger } = this.modules;
    if (isSilent) {
      const reason = isUnheard ? 'nothing is heard of it' : 'its turns to propose go by';
      logger.warn({ event: 'engine.validator_silent', reason, ...fields }, 'a validator is silent');
    } else {
      logger.warn({ event: 'engine.validator_back', ...fields }, 'a validator that was silent is back');
    }
  }

  /** Whoever takes no part is told of blocks only, and asks one validator after the other. */
  private patienceMs(): number {
    const { silentMs } = this.options;
    return this.modules.consensus() === undefined ? silentMs * Math.max(1, this.validators.length) : silentMs;
  }

  private replace(validators: readonly Validator[]): void {
    const known = new Set(validators.map(({ address }) => address));
    for (const address of this.observed.keys()) {
      if (known.has(address)) continue;
      this.showOne(address, nothingObserved());
      this.observed.delete(address);
    }
    for (const address of known) if (!this.observed.has(address)) this.observed.set(address, nothingObserved());
    this.validators = validators;
  }

  private show(): void {
    for (const [address, observation] of this.observed) this.showOne(address, observation);
  }

  private showOne(address: Address, { isSilent, missedTurns, height, heardAtMs }: Observation): void {
    const { metrics, timers } = this.modules;
    const labels = this.labels(address);
    metrics.gauge(METRIC.silentValidator, isSilent ? 1 : 0, labels);
    metrics.gauge(METRIC.missedTurnsInARow, missedTurns, labels);
    metrics.gauge(METRIC.validatorHeight, height ?? 0, labels);
    const signed = this.signers.filter((addresses) => addresses.includes(address)).length;
    metrics.gauge(METRIC.signedShare, this.signers.length === 0 ? 0 : signed / this.signers.length, labels);
    if (heardAtMs !== undefined) {
      metrics.gauge(METRIC.validatorQuiet, Math.max(0, timers.monotonic() - heardAtMs) / 1_000, labels);
    }
  }

  private labels(address: Address): { readonly validator: string; readonly member: string } {
    return { validator: address, member: this.memberOf(address) };
  }

  private memberOf(address: Address): string {
    return this.modules.directory.memberOf(address) ?? 'unknown';
  }
}

function nothingObserved(): Observation {
  return {
    heardAtMs: undefined,
    height: undefined,
    round: undefined,
    missedTurns: 0,
    clockOffsetMs: undefined,
    isSilent: false,
  };
}
