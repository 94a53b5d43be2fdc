import type {
  CommitBlockEffect,
  JournalRecord,
  RequestSyncEffect,
  SendCertificateEffect,
} from '../../consensus/types.js';
import { certificateSigners } from '../../primitives/certificate.js';
import type { Address } from '../../primitives/types.js';
import { isFatal } from '../execution/errors.js';
import type { CertifiedBlock, Executor } from '../execution/types.js';
import type { Network } from '../network/types.js';
import type { Signer } from '../signatures/types.js';
import { BlockJobs } from './blockJobs.js';
import { BlockSizer, type BlockSizerOptions } from './blockSizer.js';
import type { BodyAssembly } from './bodyAssembly.js';
import type { BodyStore } from './bodyStore.js';
import type { CommitLane } from './commitLane.js';
import { ConsensusHost } from './consensusHost.js';
import { consensusConfig, type EngineModules, type EngineOptions } from './engineOptions.js';
import type { EvidenceExchange } from './evidenceExchange.js';
import { HeadStart } from './headStart.js';
import { HostTimers } from './hostTimers.js';
import type { SigningJournal } from './journal.js';
import { LeaderLinks } from './leaderLinks.js';
import type { EngineLimits } from './limits.js';
import { Outbound } from './outbound.js';
import type { PeerDirectory } from './peerDirectory.js';
import { ProposalPace, type ProposalPaceOptions } from './proposalPace.js';
import { RoundTimer } from './roundTimer.js';
import type { SignatureChecker } from './signatureChecker.js';
import type { Synchroniser } from './sync.js';
import { VoteRelease } from './voteRelease.js';

/** A block should be decided in a third of its round: what is left is for links and machines that are slower at times. */
const ROUND_SHARE = 3;
/** What a leader may wait for larger blocks is little of its round: a fifth of a second with the default timeout. */
const WAITING_SHARE = 8;

/** What the engine has, whether or not it validates now. */
export interface EngineParts {
  readonly options: EngineOptions;
  readonly limits: EngineLimits;
  readonly modules: EngineModules;
  readonly network: Network;
  readonly directory: PeerDirectory;
  readonly bodies: BodyStore;
  readonly assembly: BodyAssembly;
  readonly checker: SignatureChecker;
  readonly sync: Synchroniser;
  readonly lane: CommitLane;
  readonly evidence: EvidenceExchange;
  readonly fail: (error: unknown) => void;
}

/**
 * Puts together what takes part in consensus: everything that ends when signing is paused. `record` is the journal's
 * newest: what it names is bound already.
 */
export function createConsensusHost(
  parts: EngineParts,
  signer: Signer,
  journal: SigningJournal,
  record: JournalRecord,
): ConsensusHost {
  const { options, limits, modules, network, directory, bodies, assembly, checker, fail } = parts;
  const { executor, mempool, timers, logger, metrics } = modules;
  const { genesisHash, chainId } = options;
  const outbound = new Outbound({ network, bodies, directory, metrics });
  const release = new VoteRelease({ genesisHash, journal, signer, checker, bodies, outbound, metrics }, record);
  const give: ConsensusHost['give'] = (input) => host.give(input);
  const effects = new SlowEffects(parts, outbound, () => host);
  const pace = new ProposalPace(paceBounds(executor), timers);
  const sizer = new BlockSizer(blockBounds(executor), timers);
  const leaderBehind = (peerId: string, height: number, round: number): Address | undefined => {
    const leader = host.awaitedLeader(height, round);
    return leader !== undefined && directory.peersOf(leader).includes(peerId) ? leader.address : undefined;
  };
  const headStart = new HeadStart({ executor, mempool, sizer, leaderBehind, timers, fail, logger, metrics });
  const jobs = new BlockJobs(
    { outlineBytes: limits.outlineBytes },
    {
      executor,
      mempool,
      bodies,
      assembly,
      sizer,
      pace,
      headStart,
      timers,
      sendOutline: (outline) => outbound.sendOutline(outline),
      peersOf: (validators) => validators.flatMap((position) => directory.peersOf(host.validator(position))),
      give,
      fail,
      logger,
      metrics,
    },
  );
  const leaders = new LeaderLinks({ self: signer.address }, { network, directory, validators: () => host.validators });
  const isProposed: ConsensusHost['isProposed'] = (height, round) => host.isProposed(height, round);
  const round = new RoundTimer(limits, { timers, leaders, isProposed, give, metrics });
  const head = executor.head();
  const host: ConsensusHost = new ConsensusHost(
    { config: consensusConfig(chainId, head.parameters, signer.address), maxQueuedInputs: limits.queuedInputs },
    {
      timers,
      hostTimers: new HostTimers({ healMs: limits.healMs }, { timers, round, give }),
      pace,
      release,
      outbound,
      jobs,
      bodies,
      metrics,
      commit: (effect) => effects.run(effects.commit(effect)),
      sendCertificate: (effect) => effects.run(effects.sendCertificate(effect)),
      requestSync: (effect) => effects.requestSync(effect),
      reportEvidence: ({ evidence }) => effects.run(parts.evidence.found(evidence)),
      fail,
    },
    { head, record, bodies: bodies.held(), workPending: mempool.size > 0 },
  );
  return host;
}

/** Bounds of the next block, as the parameters in force say. */
function blockBounds(executor: Pick<Executor, 'head'>): BlockSizerOptions {
  return {
    get max() {
      const { maxBlockBytes, maxBlockFuel } = executor.head().parameters;
      return { bytes: maxBlockBytes, fuel: maxBlockFuel };
    },
    get transactionFuel() {
      return executor.head().parameters.maxTransactionFuel;
    },
    get targetMs() {
      return Math.floor(executor.head().parameters.roundTimeoutBaseMs / ROUND_SHARE);
    },
  };
}

function paceBounds(executor: Pick<Executor, 'head'>): ProposalPaceOptions {
  return {
    get longestMs() {
      return Math.floor(executor.head().parameters.roundTimeoutBaseMs / WAITING_SHARE);
    },
  };
}

/** Effects that nothing waits for. */
class SlowEffects {
  constructor(
    private readonly parts: EngineParts,
    private readonly outbound: Outbound,
    private readonly host: () => ConsensusHost,
  ) {}

  run(effect: Promise<void>): void {
    effect.catch(this.parts.fail);
  }

  async commit({ height, blockHash, certificate }: CommitBlockEffect): Promise<void> {
    const { assembly, lane, sync, modules } = this.parts;
    const peers = certificateSigners(certificate).flatMap((position) => this.peersOf(position));
    const isNeeded = (): boolean => modules.executor.head().header.height < height;
    const body = await assembly.obtain({ height, blockHash, peers, isNeeded });
    if (body !== undefined) {
      await lane.commit(body.block, certificate);
      return;
    }
    for (const peerId of peers) sync.claim(peerId, height);
  }

  async sendCertificate({ to, height }: SendCertificateEffect): Promise<void> {
    const { executor } = this.parts.modules;
    const validator = this.host().validator(to);
    const head = executor.head();
    const isHead = height === head.header.height;
    const [committed] = isHead ? [head] : await executor.blocks(height, 1, 1).catch(whereRefused);
    if (committed?.certificate !== undefined) this.outbound.sendDecision(validator, committed.certificate);
  }

  requestSync({ height, from }: RequestSyncEffect): void {
    const peers =
      from.length > 0 ? from.flatMap((position) => this.peersOf(position)) : this.parts.network.connectedPeers();
    for (const peerId of peers) this.parts.sync.claim(peerId, height);
  }

  private peersOf(position: number): readonly string[] {
    return this.parts.directory.peersOf(this.host().validator(position));
  }
}

/** A query that finds no room is no reason to stop: who is behind says so again. */
function whereRefused(error: unknown): readonly CertifiedBlock[] {
  if (isFatal(error)) throw error;
  return [];
}
