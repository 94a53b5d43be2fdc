import { decodeJournalRecord } from '../../consensus/journalRecord.js';
import type { VotePayload } from '../../consensus/ownVotes.js';
import { invariant } from '../../primitives/errors.js';
import type { Validator } from '../../primitives/types.js';
import type { CommitResult } from '../execution/types.js';
import type { Network, NetworkHandlers } from '../network/types.js';
import { METRIC as STORAGE_METRIC } from '../storage/metrics.js';
import { NO_BLOCK, sizeOfBlock } from './blockSizer.js';
import { BodyAssembly } from './bodyAssembly.js';
import { BodyStore } from './bodyStore.js';
import { CommitLane, type CommitListener } from './commitLane.js';
import { CommitListeners } from './commitListeners.js';
import type { ConsensusHost } from './consensusHost.js';
import { committedInput, type EngineModules, type EngineOptions } from './engineOptions.js';
import type { EngineMode, EngineStatus } from './engineStatus.js';
import { EvidenceLog, type KeptEvidence } from './evidence.js';
import { EvidenceExchange, type EvidenceListener } from './evidenceExchange.js';
import { Inbound } from './inbound.js';
import type { JournalOptions, SigningJournal } from './journal.js';
import { JournalRecovery } from './journalRecovery.js';
import { endWithNotice } from './keyUseNotice.js';
import { KeyWatch } from './keyWatch.js';
import { DEFAULT_ENGINE_LIMITS } from './limits.js';
import { METRIC } from './metrics.js';
import { Outbound } from './outbound.js';
import { PeerDirectory } from './peerDirectory.js';
import { PeerRates } from './peerRates.js';
import { Responder } from './responder.js';
import { SignatureChecker } from './signatureChecker.js';
import { StatusWatch } from './statusWatch.js';
import { Synchroniser } from './sync.js';
import { syncOptions } from './syncOptions.js';
import { createConsensusHost, type EngineParts } from './validating.js';
import type { ValidatorHealth } from './validatorHealth.js';
import { openValidatorJournal, recoverValidatorJournal, type ValidatorJournal } from './validatorJournal.js';
import { ValidatorWatch } from './validatorWatch.js';

/**
 * The host of consensus: carries out its effects and keeps its word on disk, gets blocks decided or fetched, and answers
 * peers. It stops at the first failed write or broken invariant and sends nothing after it.
 */
export class Engine {
  private readonly parts: EngineParts;
  private readonly inbound: Inbound;
  private readonly responder: Responder;
  private readonly rates: PeerRates;
  private readonly watch: StatusWatch;
  private readonly validatorWatch: ValidatorWatch;
  private readonly log: EvidenceLog;
  private readonly keyWatch: KeyWatch;
  /** Speaks to observers, in every mode. */
  private readonly announcer: Outbound;
  private readonly listeners: CommitListeners;
  private mode: EngineMode = 'following';
  private host: ConsensusHost | undefined;
  /** The list of the height after the newest. */
  private deciders: readonly Validator[] = [];
  private journal: SigningJournal | undefined;
  private recovery: JournalRecovery | undefined;

  private constructor(
    options: EngineOptions,
    modules: EngineModules,
    stores: { readonly bodies: BodyStore; readonly log: EvidenceLog },
  ) {
    const limits = { ...DEFAULT_ENGINE_LIMITS, ...options.limits };
    const { timers, logger, metrics, executor, hasher, verifier, mempool } = modules;
    const { genesisHash } = options;
    const { requestTimeoutMs, attempts } = limits;
    this.listeners = new CommitListeners(limits.commitListeners, { logger, metrics });
    const network = modules.createNetwork(this.handlers());
    const fail = (error: unknown): void => this.fail(error);
    const claim = (peerId: string, headHeight: number): void => sync.claim(peerId, headHeight);
    const lane = new CommitLane({ executor, fail, onCommitted: (results) => this.onCommitted(results) });
    const sync: Synchroniser = new Synchroniser(syncOptions(limits), {
      ...{ network, timers, genesisHash, hasher, verifier, logger, metrics },
      head: () => executor.head(),
      commit: (blocks) => lane.commitAll(blocks),
    });
    const directory = new PeerDirectory({ peerId: options.peerId, addresses: options.peerAddresses });
    const checker = new SignatureChecker(
      { remembered: limits.verifiedSignatures },
      { backend: modules.backend, verifier },
    );
    const { bodies } = stores;
    this.log = stores.log;
    const assembly = new BodyAssembly(
      { requestTimeoutMs, attempts, patienceMs: limits.bodyPatienceMs },
      { bodies, mempool, network, hasher, timers, logger, metrics },
    );
    this.announcer = new Outbound({ network, bodies, directory, metrics });
    const { silentMs, missedTurns, countedCertificates: certificates, healMs: intervalMs } = limits;
    const self = modules.signer?.address;
    this.validatorWatch = new ValidatorWatch(
      { self, intervalMs, silentMs, missedTurns, certificates },
      { directory, network, timers, consensus: () => this.host?.status(), logger, metrics },
    );
    this.keyWatch = new KeyWatch({
      self,
      signingState: () => this.host?.signingState,
      onElsewhere: (vote) => void this.endForTwin(vote),
    });
    const heard: ValidatorWatch['heard'] = (peerId, message) => this.validatorWatch.heard(peerId, message);
    const evidence = new EvidenceExchange(
      { genesisHash, perPeer: limits.evidencePerPeer, windowMs: limits.answerWindowMs },
      {
        ...{ log: stores.log, checker, network, outbound: this.announcer, timers, logger, metrics },
        memberOf: (validator) => directory.memberOf(validator),
      },
    );
    evidence.onKept(({ evidence: { validator, first, second } }) => this.keyWatch.votes(validator, [first, second]));
    const decided = { bodies, assembly, sync, lane };
    this.parts = { options, limits, modules, network, directory, checker, evidence, fail, ...decided };
    this.inbound = new Inbound(
      { maxCheckingPerPeer: limits.queuedMessagesPerPeer, checksPerPeer: limits.signatureChecksPerPeer },
      {
        ...{ genesisHash, checker, assembly, evidence, network, timers, fail, logger, metrics },
        ...{ host: () => this.host, claim, heard, keyWatch: this.keyWatch },
        outlined: (peerId, outline) => this.host?.outlined(peerId, outline),
      },
    );
    this.rates = new PeerRates({ perWindow: limits.answersPerPeer, windowMs: limits.answerWindowMs }, timers);
    const isRecovering = (): boolean => this.mode === 'recovering';
    this.responder = new Responder({ executor, bodies, mempool, network, rates: this.rates, metrics, isRecovering });
    const headHeight = (): number => executor.head().header.height;
    const isFollowing = (): boolean => this.host === undefined;
    const claimAndNote = (peerId: string, height: number): void => {
      this.validatorWatch.heardHead(peerId, height);
      claim(peerId, height);
    };
    this.watch = new StatusWatch(
      { intervalMs: limits.healMs, requestTimeoutMs },
      { network, directory, timers, headHeight, isFollowing, claim: claimAndNote, fail, logger },
    );
  }

  /**
   * Opens journal and bodies, starts the network and takes part, or follows where there is no signer.
   *
   * @param first what the executor's start gave
   * @throws JournalError, EngineError, NetworkError
   */
  static async start(options: EngineOptions, modules: EngineModules, first: CommitResult): Promise<Engine> {
    const limits = { ...DEFAULT_ENGINE_LIMITS, ...options.limits };
    const { hasher, logger, signer, disk } = modules;
    const bodies = await BodyStore.open(
      { directory: options.bodiesDirectory, maxBodies: limits.undecidedBodies },
      { hasher, logger, disk },
      first.head.header.height,
    );
    const log = await EvidenceLog.open(
      {
        path: options.evidenceFile,
        maxBytes: limits.evidenceBytes,
        maxPerValidator: limits.evidencePerValidator,
        maxPerValidatorAndHeight: limits.evidencePerValidatorAndHeight,
      },
      disk,
    );
    const engine = new Engine(options, modules, { bodies, log });
    try {
      engine.learn(first);
      if (signer !== undefined) await engine.openJournal();
      await engine.network.start();
    } catch (error) {
      await engine.stop();
      throw error;
    }
    engine.watch.start();
    engine.validatorWatch.start();
    engine.host?.start();
    return engine;
  }

  get network(): Network {
    return this.parts.network;
  }

  status(): EngineStatus {
    const { header, blockHash } = this.parts.modules.executor.head();
    const { mode } = this;
    return {
      mode,
      height: header.height,
      blockHash,
      isBehind: this.parts.sync.isBehind,
      sync: this.parts.sync.status(),
      consensus: this.host?.status(),
      recovery: this.mode === 'recovering' ? this.recovery?.progress() : undefined,
    };
  }

  /** What is known of each validator of the working height, in the order of their list. */
  validators(): readonly ValidatorHealth[] {
    return this.validatorWatch.health();
  }

  /** What proves faults of validators, and is kept here, in the order in which it was seen. */
  evidence(): readonly KeptEvidence[] {
    return this.parts.evidence.all();
  }

  onEvidence(listener: EvidenceListener): void {
    this.parts.evidence.onKept(listener);
  }

  /** Whether the mempool holds what could be included; told when it changes. */
  onPending(pending: boolean): void {
    this.host?.give({ type: 'workPending', pending });
  }

  /**
   * Calls back after each commit, in order, once it is on disk. @returns what ends it
   *
   * @throws EngineError `ENGINE_OVERLOADED` when too many listen
   */
  onCommit(listener: CommitListener): () => void {
    return this.listeners.add(listener);
  }

  /** Signs nothing more until it is told to go on: for a disk that is nearly full. What is decided is still followed. */
  async pauseSigning(): Promise<void> {
    if (this.mode !== 'validating') return;
    this.mode = 'paused';
    const { host } = this;
    // It is there until its last vote is out: what that names is not deleted meanwhile.
    await host?.stop();
    if (this.host === host) this.host = undefined;
  }

  resumeSigning(): void {
    const { journal } = this;
    if (this.mode !== 'paused' || journal === undefined) return;
    this.validate({ journal, record: decodeJournalRecord(journal.payload) });
    this.host?.start();
  }

  /** Ends in good order: nothing is sent after the call, and everything is closed when it resolves. */
  async stop(): Promise<void> {
    const { host } = this;
    this.halt();
    await host?.stop();
    await this.parts.lane.idle();
    await this.parts.network.stop();
    await this.journal?.close();
    await this.parts.bodies.close();
    await this.log.close();
  }

  private halt(): void {
    this.mode = 'stopped';
    this.host = undefined;
    this.announcer.close();
    this.recovery?.stop();
    this.watch.stop();
    this.validatorWatch.stop();
    this.parts.sync.stop();
  }

  private fail(error: unknown): void {
    if (this.mode === 'stopped') return;
    const { host } = this;
    this.halt();
    // It waits for the failed step itself; nothing is sent from here on.
    void host?.stop();
    const reason = error instanceof Error ? error.message : String(error);
    this.parts.modules.logger.error({ event: 'engine.failed', reason }, 'the engine cannot go on and has stopped');
    this.parts.modules.onFatal(error);
  }

  /** Somebody else has this node's key: it signs nothing more, and does not start again by itself. */
  private async endForTwin(vote: VotePayload): Promise<void> {
    const { host } = this;
    const { options, modules } = this.parts;
    if (host === undefined || modules.signer === undefined) return;
    this.halt();
    void host.stop();
    const journalHeight = host.signingState.height;
    const notice = { validator: modules.signer.address, seenAtMs: modules.timers.now(), vote, journalHeight };
    await endWithNotice(options.journalDirectory, notice, modules);
  }

  private handlers(): NetworkHandlers {
    return {
      onConsensus: (peerId, message) => {
        if (this.mode !== 'stopped') this.inbound.receive(peerId, message);
      },
      onTransactions: (peerId, transactions) => {
        if (this.mode === 'stopped') return;
        this.parts.modules.mempool.admitRelayed(transactions, peerId).catch(this.parts.fail);
      },
      onRequest: (peerId, request) => this.responder.answer(peerId, request),
      onConnected: (peerId) => this.onConnected(peerId),
      onDisconnected: (peerId) => {
        this.parts.sync.forget(peerId);
        this.rates.forget(peerId);
        this.inbound.forget(peerId);
        this.parts.evidence.forget(peerId);
        this.host?.linksChanged();
      },
    };
  }

  private onConnected(peerId: string): void {
    if (this.mode === 'stopped') return;
    this.watch.ask(peerId);
    this.parts.evidence.show(peerId);
    const { host } = this;
    host?.linksChanged();
    const validator = host && this.parts.directory.indexOf(peerId, host.validators);
    if (validator !== undefined) host?.giveChecked({ type: 'peerConnected', validator }, host.validators);
  }

  /** Everything that follows a write; the next height begins before anybody else is told. */
  private onCommitted(results: readonly CommitResult[]): void {
    const last = results.at(-1);
    invariant(last !== undefined, 'a write commits at least one block');
    for (const result of results) this.learn(result);
    if (this.mode === 'stopped') return;
    const { head } = last;
    const { host } = this;
    if (host === undefined) this.parts.bodies.removeDecided(head.header.height).catch(this.parts.fail);
    else host.committed(committedInput(this.parts, head), results.length === 1 ? sizeOfBlock(last.included) : NO_BLOCK);
    if (head.certificate !== undefined) this.announcer.announce(head.certificate);
    const { metrics } = this.parts.modules;
    metrics.count(STORAGE_METRIC.syncs, 1, { file: 'chain' });
    metrics.gauge(METRIC.height, head.header.height);
    for (const result of results) this.listeners.tell(result);
  }

  private learn(result: CommitResult): void {
    const { directory, modules, network, assembly, evidence } = this.parts;
    const { certificate, validators } = result.head;
    if (certificate !== undefined) this.keyWatch.certificate(certificate, this.deciders);
    this.deciders = validators;
    modules.mempool.onCommitted(result);
    evidence.learn(validators);
    assembly.removeDecided(result.head.header.height);
    const peers = directory.update(result.directory);
    if (peers !== undefined) network.setPeers(peers);
    this.validatorWatch.committed(result.head);
  }

  private async openJournal(): Promise<void> {
    const { logger } = this.parts.modules;
    const opened = await openValidatorJournal(this.journalOptions(), (reason) => {
      logger.error({ event: 'engine.journal_untrusted', reason: reason.message }, 'the signing journal is not trusted');
    });
    if (opened !== undefined) this.validate(opened);
    else this.recoverJournal().catch(this.parts.fail);
  }

  private async recoverJournal(): Promise<void> {
    const { limits, network, directory, sync, modules } = this.parts;
    const { timers, executor, logger } = modules;
    const { requestTimeoutMs, retryMs } = limits;
    this.mode = 'recovering';
    this.recovery = new JournalRecovery(
      { address: this.journalOptions().address, requestTimeoutMs, retryMs },
      {
        ...{ network, directory, timers, logger },
        head: () => executor.head(),
        claim: (peerId, headHeight) => sync.claim(peerId, headHeight),
      },
    );
    const lowestSafeHeight = await this.recovery.lowestSafeHeight();
    if (lowestSafeHeight === undefined) return;
    const recovered = await recoverValidatorJournal(this.journalOptions(), lowestSafeHeight);
    this.journal = recovered.journal;
    if (this.mode !== 'recovering') return;
    logger.warn(
      { event: 'engine.journal_recovered', lowestSafeHeight },
      'signing begins anew at a height that is safe',
    );
    this.validate(recovered);
    this.host?.start();
  }

  private validate({ journal, record }: ValidatorJournal): void {
    const { signer } = this.parts.modules;
    invariant(signer !== undefined, 'only a node with a signer validates');
    this.journal = journal;
    this.mode = 'validating';
    this.host = createConsensusHost(this.parts, signer, journal, record);
  }

  private journalOptions(): JournalOptions {
    const { options, modules } = this.parts;
    const { signer, disk, randomBytes } = modules;
    invariant(signer !== undefined, 'only a node with a signer has a journal');
    return {
      directory: options.journalDirectory,
      genesisHash: options.genesisHash,
      address: signer.address,
      disk,
      randomBytes,
    };
  }
}
