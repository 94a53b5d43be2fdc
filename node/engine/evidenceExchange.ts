import type { Hash } from '../../primitives/bytes.js';
import { type Evidence, evidenceId, signedVoteDigest } from '../../primitives/evidence.js';
import type { Address, Validator } from '../../primitives/types.js';
import type { Network } from '../network/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { EngineError } from './errors.js';
import type { EvidenceLog, KeptEvidence } from './evidence.js';
import { METRIC } from './metrics.js';
import type { Outbound } from './outbound.js';
import { PeerRates } from './peerRates.js';
import type { SignatureChecker } from './signatureChecker.js';
import type { Timers } from './timers.js';

export interface EvidenceExchangeOptions {
  readonly genesisHash: Hash;
  /** New pairs of one peer that are checked in each `windowMs`; and pairs that a peer is shown when it connects. */
  readonly perPeer: number;
  readonly windowMs: number;
}

export interface EvidenceExchangeModules {
  readonly log: EvidenceLog;
  readonly checker: SignatureChecker;
  readonly network: Pick<Network, 'connectedPeers'>;
  readonly outbound: Pick<Outbound, 'showEvidence'>;
  readonly timers: Pick<Timers, 'now' | 'monotonic'>;
  readonly memberOf: (validator: Address) => string | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type EvidenceListener = (kept: KeptEvidence) => void;

/** Validators of earlier lists against whom peers may still bring evidence. */
const MAX_VALIDATORS = 1_024;

/**
 * Keeps evidence, whoever found it, and shows it to every peer: what one node alone saw is soon known to all. PROTOCOL
 * §Evidence E7 and E8.
 */
export class EvidenceExchange {
  private readonly validators = new Map<Address, Uint8Array>();
  private readonly listeners = new Set<EvidenceListener>();
  private readonly rates: PeerRates;
  private newestList: readonly Validator[] = [];

  constructor(
    private readonly options: EvidenceExchangeOptions,
    private readonly modules: EvidenceExchangeModules,
  ) {
    this.rates = new PeerRates({ perWindow: options.perPeer, windowMs: options.windowMs }, modules.timers);
    modules.metrics.gauge(METRIC.keptEvidence, modules.log.size);
  }

  /** Who may be accused by peers: those who validate, or did since this node started. */
  learn(validators: readonly Validator[]): void {
    if (validators === this.newestList) return;
    this.newestList = validators;
    for (const { address, publicKey } of validators) {
      if (this.validators.has(address) || this.validators.size < MAX_VALIDATORS)
        this.validators.set(address, publicKey);
    }
  }

  all(): readonly KeptEvidence[] {
    return this.modules.log.all();
  }

  /** Calls back for whatever is kept from now on. */
  onKept(listener: EvidenceListener): void {
    this.listeners.add(listener);
  }

  /** What this node's own consensus found; shown to all peers once it is on the disk. @throws EngineError */
  async found(evidence: Evidence): Promise<void> {
    const kept = await this.keep(evidence, 'own');
    if (kept === undefined) return;
    for (const peerId of this.modules.network.connectedPeers()) this.modules.outbound.showEvidence(peerId, kept);
  }

  /**
   * What a peer shows: checked before it is kept, and not passed on, since whoever found it shows it to everybody.
   *
   * @throws EngineError `EVIDENCE_INVALID`, `EVIDENCE_LIMIT`, `SENDER_UNKNOWN`, `EVIDENCE_FAILED`
   */
  async receive(peerId: string, evidence: Evidence): Promise<void> {
    const { log, checker } = this.modules;
    if (log.has(evidenceId(evidence))) return;
    if (!this.rates.take(peerId)) throw tooMuch();
    const publicKey = this.validators.get(evidence.validator);
    if (publicKey === undefined) throw unknownValidator(evidence.validator);
    const { genesisHash } = this.options;
    const checks = [evidence.first, evidence.second].map((vote) => ({
      publicKey,
      digest: signedVoteDigest(genesisHash, vote),
      signature: vote.signature,
    }));
    if (!(await checker.areValid(checks))) throw forged(evidence.validator);
    await this.keep(evidence, 'peer');
  }

  /** Shows a peer that connects the newest of what is kept. */
  show(peerId: string): void {
    for (const kept of this.all().slice(-this.options.perPeer)) this.modules.outbound.showEvidence(peerId, kept);
  }

  forget(peerId: string): void {
    this.rates.forget(peerId);
  }

  private async keep(evidence: Evidence, source: 'own' | 'peer'): Promise<KeptEvidence | undefined> {
    const { log, timers, metrics, logger, memberOf } = this.modules;
    const result = await log.add(evidence, timers.now());
    if (result !== 'added') {
      if (result === 'full') metrics.count(METRIC.dropped, 1, { reason: 'EVIDENCE_FULL' });
      return undefined;
    }
    const { kind, validator, second } = evidence;
    metrics.count(METRIC.evidence, 1, { source });
    metrics.gauge(METRIC.keptEvidence, log.size);
    logger.error(
      {
        event: 'engine.evidence',
        ...{ kind, validator, source, height: second.height, round: second.round },
        member: memberOf(validator) ?? null,
      },
      'a validator signed two things of which an honest one signs one',
    );
    const id = evidenceId(evidence);
    const kept = log.find(id);
    if (kept !== undefined) for (const listener of this.listeners) listener(kept);
    return kept;
  }
}

function tooMuch(): EngineError {
  return new EngineError('EVIDENCE_LIMIT', 'a peer shows more evidence at a time than is looked at', {
    hint: 'what is left out is shown again when the peer connects',
  });
}

function unknownValidator(validator: Address): EngineError {
  return new EngineError('SENDER_UNKNOWN', `expected evidence against a validator, found it against ${validator}`, {
    expected: 'the address of a validator of this network',
    actual: validator,
  });
}

function forged(validator: Address): EngineError {
  return new EngineError('EVIDENCE_INVALID', `a peer shows evidence that ${validator} did not sign`, {
    expected: `two signatures of ${validator}`,
    actual: 'another value',
  });
}
