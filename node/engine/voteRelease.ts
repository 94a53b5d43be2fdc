import { encodeJournalRecord } from '../../consensus/journalRecord.js';
import { messageDigest } from '../../consensus/messageDigest.js';
import { checkSigning, type SigningState, signingStateOf } from '../../consensus/signingGuard.js';
import type { JournalRecord, PersistEffect, SignedMessage, Status, Vote } from '../../consensus/types.js';
import { isSamePayload } from '../../consensus/votePayload.js';
import type { Hash } from '../../primitives/bytes.js';
import { certificateShapeFault } from '../../primitives/certificate.js';
import { invariant } from '../../primitives/errors.js';
import type { Certificate, Validator } from '../../primitives/types.js';
import type { Metrics } from '../ops/ports.js';
import type { Signer } from '../signatures/types.js';
import type { BodyStore } from './bodyStore.js';
import { certificateChecks } from './certificateChecks.js';
import type { SigningJournal } from './journal.js';
import { METRIC } from './metrics.js';
import type { Outbound } from './outbound.js';
import type { SignatureChecker } from './signatureChecker.js';

export interface VoteReleaseModules {
  readonly genesisHash: Hash;
  readonly journal: Pick<SigningJournal, 'write'>;
  readonly signer: Signer;
  readonly checker: SignatureChecker;
  readonly bodies: BodyStore;
  readonly outbound: Outbound;
  readonly metrics: Metrics;
}

/**
 * Bodies to the disk, guard, record to the disk, signature, network: in this order and in no other. PROTOCOL §Journal
 * J1, J2 and §Signer. What the guard refuses is never written: a record is what was signed for whoever starts next. Any
 * failure is the end of this validator until it is started again.
 */
export class VoteRelease {
  private guard: SigningState;

  /** @param record the newest of the journal: what may have been signed before */
  constructor(
    private readonly modules: VoteReleaseModules,
    record: JournalRecord,
  ) {
    this.guard = signingStateOf(record);
  }

  /** What may have been signed. */
  get signingState(): SigningState {
    return this.guard;
  }

  /**
   * @returns the votes, signed and sent
   * @throws JournalError, EngineError `BODY_STORE_FAILED`, SigningError, InvariantError
   */
  async release({ record, thenSend }: PersistEffect, validators: readonly Validator[]): Promise<SignedMessage[]> {
    const { journal, outbound, metrics } = this.modules;
    await this.requireBodies(record, thenSend);
    const valid = await this.validCertificates(record, thenSend, validators);
    const { prepared } = record;
    const isValid = (certificate: Certificate): boolean => valid.has(certificate);
    const guard = thenSend.reduce((state, vote) => checkSigning(state, vote, { prepared, isValid }), this.guard);
    requireWhole(record, guard);
    await journal.write(encodeJournalRecord(record));
    this.guard = guard;
    metrics.count(METRIC.persisted);
    const signed: SignedMessage[] = [];
    for (const vote of thenSend) {
      const message = { ...vote, ...(await this.signature(vote, validators)) };
      await outbound.broadcast(message);
      signed.push(message);
    }
    return signed;
  }

  /** Signs and sends what binds nobody. */
  async sendStatus(status: Status, validators: readonly Validator[]): Promise<void> {
    await this.modules.outbound.broadcast({ ...status, ...(await this.signature(status, validators)) });
  }

  private async signature(message: Vote | Status, validators: readonly Validator[]) {
    const { signer, genesisHash } = this.modules;
    const sender = validators.findIndex(({ address }) => address === signer.address);
    invariant(sender >= 0, 'a node signs only where it validates', { actual: signer.address });
    return { sender, signature: await signer.sign(messageDigest(genesisHash, message)) };
  }

  /** A body that a vote of an earlier run names may have been damaged since; one that is signed for now may not. */
  private async requireBodies({ sent }: JournalRecord, thenSend: readonly Vote[]): Promise<void> {
    for (const vote of [sent.prepare, sent.proposal]) {
      if (vote === undefined) continue;
      const isKept = await this.modules.bodies.isWritten(vote.blockHash);
      const isNew = thenSend.includes(vote) && this.guard.sent[vote.type] !== vote;
      invariant(isKept || !isNew, 'a body is on the disk before it is signed for', {
        vote: vote.type,
        height: vote.height,
        round: vote.round,
      });
    }
  }

  /** Of those that the votes rest on, the ones that the validators of this height gave. */
  private async validCertificates(
    record: JournalRecord,
    votes: readonly Vote[],
    validators: readonly Validator[],
  ): Promise<ReadonlySet<Certificate>> {
    const named = votes.map((vote) => {
      if (vote.type === 'commit') return record.prepared;
      return vote.type === 'roundChange' ? vote.preparedCertificate : undefined;
    });
    const valid = new Set<Certificate>();
    for (const certificate of new Set(named)) {
      if (certificate === undefined || certificateShapeFault(certificate, validators.length) !== undefined) continue;
      const checks = certificateChecks(certificate, validators, this.modules.genesisHash);
      if (await this.modules.checker.areValid(checks)) valid.add(certificate);
    }
    return valid;
  }
}

/** The record names everything that was signed at its height, and nothing else: whoever starts from it is bound by all. */
function requireWhole({ height, sent }: JournalRecord, guard: SigningState): void {
  invariant(height === guard.height, 'a record is of the height that is signed for', {
    expected: `${guard.height}`,
    actual: `${height}`,
  });
  for (const type of ['proposal', 'prepare', 'commit', 'roundChange'] as const) {
    const [named, signed] = [sent[type], guard.sent[type]];
    const isNamed = named === undefined || signed === undefined ? named === signed : isSamePayload(named, signed);
    invariant(isNamed, 'a record names the newest vote of each type that was signed', {
      vote: type,
      expected: `round ${signed?.round ?? 'none'}`,
      actual: `round ${named?.round ?? 'none'}`,
    });
  }
}
