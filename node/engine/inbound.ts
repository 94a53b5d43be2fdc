import {
  type CertificateMessage,
  decodeMessage,
  type OutlineMessage,
  type SignedWireMessage,
  type WireMessage,
} from '../../consensus/messageCodec.js';
import { messageDigest } from '../../consensus/messageDigest.js';
import type { InputBody, SignedMessage } from '../../consensus/types.js';
import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { certificateShapeFault } from '../../primitives/certificate.js';
import { type CodedError, isCodedError } from '../../primitives/errors.js';
import type { Certificate, Validator } from '../../primitives/types.js';
import type { Network } from '../network/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import type { SignatureCheck } from '../signatures/types.js';
import type { BodyAssembly } from './bodyAssembly.js';
import { certificateChecks } from './certificateChecks.js';
import type { ConsensusHost } from './consensusHost.js';
import { EngineError } from './errors.js';
import type { EvidenceExchange } from './evidenceExchange.js';
import type { KeyWatch } from './keyWatch.js';
import { METRIC } from './metrics.js';
import { PeerRates } from './peerRates.js';
import type { SignatureChecker } from './signatureChecker.js';
import type { Timers } from './timers.js';

/** Who takes what was checked. */
export type CheckedInputs = Pick<ConsensusHost, 'workingHeight' | 'headHash' | 'validators' | 'giveChecked'>;

export interface InboundModules {
  readonly genesisHash: Hash;
  readonly checker: SignatureChecker;
  readonly assembly: Pick<BodyAssembly, 'offer'>;
  readonly keyWatch: Pick<KeyWatch, 'message' | 'certificate'>;
  readonly evidence: Pick<EvidenceExchange, 'receive'>;
  /** Told of what a peer is about to propose, which nobody signed. */
  readonly outlined: (peerId: string, outline: OutlineMessage) => void;
  readonly network: Pick<Network, 'penalise'>;
  /** Undefined while this node only follows. */
  readonly host: () => CheckedInputs | undefined;
  /** A peer that speaks of a height has the one before it. */
  readonly claim: (peerId: string, headHeight: number) => void;
  /** Told of everything that could be read, before it is checked. */
  readonly heard: (peerId: string, message: WireMessage) => void;
  readonly timers: Pick<Timers, 'monotonic'>;
  readonly fail: (error: unknown) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface InboundOptions {
  /** Messages of one peer that may be under way. */
  readonly maxCheckingPerPeer: number;
  /** Unknown signatures that are checked for one peer each second: a faulty validator can sign more than all can check. */
  readonly checksPerPeer: number;
}

const CHECK_WINDOW_MS = 1_000;

/**
 * Consensus messages from the network: decoded, and everything in them that is signed checked, before the state machine
 * sees any of it. PROTOCOL §Consensus, Messages.
 */
export class Inbound {
  /** Messages of each peer that are being checked; a peer that has none is not in it. */
  private readonly checking = new Map<string, number>();

  private readonly checkRates: PeerRates;

  constructor(
    private readonly options: InboundOptions,
    private readonly modules: InboundModules,
  ) {
    this.checkRates = new PeerRates({ perWindow: options.checksPerPeer, windowMs: CHECK_WINDOW_MS }, modules.timers);
  }

  /** A peer has left. */
  forget(peerId: string): void {
    this.checkRates.forget(peerId);
  }

  receive(peerId: string, bytes: Uint8Array): void {
    const count = this.checking.get(peerId) ?? 0;
    if (count >= this.options.maxCheckingPerPeer) {
      this.drop('PEER_TOO_FAST');
      return;
    }
    this.checking.set(peerId, count + 1);
    this.handle(peerId, bytes)
      .catch((error: unknown) => this.refuse(peerId, error))
      .finally(() => this.done(peerId));
  }

  private done(peerId: string): void {
    const count = (this.checking.get(peerId) ?? 1) - 1;
    if (count > 0) this.checking.set(peerId, count);
    else this.checking.delete(peerId);
  }

  private async handle(peerId: string, bytes: Uint8Array): Promise<void> {
    const message = readable(bytes);
    this.note(peerId, message, bytes.length);
    if (message.type === 'evidence') {
      await this.modules.evidence.receive(peerId, message.evidence);
      return;
    }
    if (message.type === 'outline') {
      this.modules.outlined(peerId, message);
      return;
    }
    const host = this.modules.host();
    const headHeight = message.type === 'certificate' ? message.certificate.height : message.height - 1;
    if (host === undefined) {
      this.modules.claim(peerId, headHeight);
      return;
    }
    const { workingHeight, validators } = host;
    if (headHeight > workingHeight) {
      // The next height is what consensus itself waits for; beyond it, blocks are needed.
      this.modules.claim(peerId, headHeight);
      return;
    }
    if (message.type === 'certificate') await this.takeCertificate(peerId, message, host, validators);
    else
      await this.takeMessage(peerId, message, host, validators).catch((error) =>
        this.learnFrom(peerId, headHeight, error),
      );
  }

  /**
   * A message of the next height that is not from our own list: perhaps the block of this one names another list, which
   * its sender has and we miss. Consensus hears of it only by such messages, so the block is asked for.
   */
  private learnFrom(peerId: string, headHeight: number, error: unknown): never {
    const isFromOthers = isCodedError(error) && error.code === 'SENDER_UNKNOWN';
    if (isFromOthers && headHeight === this.modules.host()?.workingHeight) this.modules.claim(peerId, headHeight);
    throw error;
  }

  private note(peerId: string, message: WireMessage, sizeBytes: number): void {
    const { metrics, heard } = this.modules;
    metrics.count(METRIC.messages, 1, { type: message.type });
    metrics.count(METRIC.messageBytes, sizeBytes, { type: message.type });
    heard(peerId, message);
  }

  private async takeCertificate(
    peerId: string,
    { certificate }: CertificateMessage,
    host: CheckedInputs,
    validators: readonly Validator[],
  ): Promise<void> {
    const isOfWorkingHeight = certificate.height === host.workingHeight;
    // Another block of the newest height proves faults of those who signed both: consensus finds whose.
    const isOfFork = certificate.height === host.workingHeight - 1 && !equalBytes(certificate.blockHash, host.headHash);
    if (certificate.type !== 'commit' || !(isOfWorkingHeight || isOfFork)) return;
    await this.check(peerId, this.certificateChecks(certificate, validators, isOfWorkingHeight), isOfWorkingHeight);
    this.modules.keyWatch.certificate(certificate, validators);
    this.give(host, { type: 'certificate', certificate, from: undefined }, validators);
  }

  private async takeMessage(
    peerId: string,
    message: SignedWireMessage,
    host: CheckedInputs,
    validators: readonly Validator[],
  ): Promise<void> {
    const { workingHeight } = host;
    if (message.height < 1 || message.sender >= validators.length) throw senderUnknown(message.sender);
    const checks = this.messageChecks(message, validators, workingHeight);
    await this.check(peerId, checks, message.height === workingHeight);
    if (message.height >= workingHeight) this.modules.keyWatch.message(message, validators);
    if (message.type === 'proposal') {
      const { leafHashes, ...proposal } = message;
      this.modules.assembly.offer(message.header, message.blockHash, leafHashes, peerId);
      this.give(host, { type: 'message', message: proposal }, validators);
      return;
    }
    this.give(host, { type: 'message', message }, validators);
  }

  private give(host: CheckedInputs, input: InputBody, validators: readonly Validator[]): void {
    if (!host.giveChecked(input, validators)) this.drop('QUEUE_FULL');
  }

  /**
   * Validators of other heights than the working one may be others, with other keys: then nobody lied.
   *
   * @throws EngineError `MESSAGE_SIGNATURE_INVALID`, `SENDER_UNKNOWN`, `PEER_TOO_FAST`
   */
  private async check(peerId: string, checks: readonly SignatureCheck[], isOfWorkingHeight: boolean): Promise<void> {
    const unknown = this.modules.checker.countUnknown(checks);
    if (unknown > 0 && !this.checkRates.take(peerId, unknown)) throw tooFast(unknown);
    if (await this.modules.checker.areValid(checks)) return;
    throw notTheirs(isOfWorkingHeight, 'a signature that is not valid');
  }

  private messageChecks(
    message: SignedMessage,
    validators: readonly Validator[],
    workingHeight: number,
  ): SignatureCheck[] {
    const checks = [this.messageCheck(message, validators)];
    // Of a height that was decided just now everything is looked at for evidence; of those before, nothing.
    if (message.height < workingHeight - 1) return checks;
    if (message.type === 'proposal') {
      for (const roundChange of message.roundChanges) {
        if (roundChange.sender >= validators.length) throw senderUnknown(roundChange.sender);
        checks.push(this.messageCheck(roundChange, validators));
      }
    }
    if (message.type === 'proposal' || message.type === 'roundChange') {
      const certificate = message.preparedCertificate;
      if (certificate !== undefined)
        checks.push(...this.certificateChecks(certificate, validators, message.height === workingHeight));
    }
    return checks;
  }

  private messageCheck(message: SignedMessage, validators: readonly Validator[]): SignatureCheck {
    return {
      publicKey: (validators[message.sender] as Validator).publicKey,
      digest: messageDigest(this.modules.genesisHash, message),
      signature: message.signature,
    };
  }

  /** @throws EngineError as `check` */
  private certificateChecks(
    certificate: Certificate,
    validators: readonly Validator[],
    isOfWorkingHeight: boolean,
  ): SignatureCheck[] {
    const fault = certificateShapeFault(certificate, validators.length);
    if (fault !== undefined) throw notTheirs(isOfWorkingHeight, fault.message);
    return certificateChecks(certificate, validators, this.modules.genesisHash);
  }

  private refuse(peerId: string, error: unknown): void {
    if (!isCodedError(error)) {
      this.modules.fail(error);
      return;
    }
    this.drop(error.code);
    this.modules.logger.debug(
      { event: 'engine.message_refused', peerId, code: error.code, reason: error.message },
      'a consensus message was refused',
    );
    if (PENALISED.has(error.code)) this.modules.network.penalise(peerId, error);
  }

  private drop(reason: string): void {
    this.modules.metrics.count(METRIC.dropped, 1, { reason });
  }
}

/** What no honest node sends, whatever it knows. */
const PENALISED: ReadonlySet<string> = new Set(['MESSAGE_MALFORMED', 'MESSAGE_SIGNATURE_INVALID', 'EVIDENCE_INVALID']);

/** @throws EngineError `MESSAGE_MALFORMED`, or `MESSAGE_TYPE_UNKNOWN`: while nodes are upgraded one after the other, some say more */
function readable(bytes: Uint8Array): WireMessage {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw error.code === 'TYPE_UNKNOWN' ? typeUnknown(error) : malformed(error);
  }
}

function senderUnknown(sender: number): EngineError {
  return new EngineError('SENDER_UNKNOWN', `expected a validator of this height, found index ${sender}`, {
    expected: 'an index in the list of validators, and a height from 1',
    actual: `${sender}`,
  });
}

function malformed(cause: CodedError): EngineError {
  return new EngineError('MESSAGE_MALFORMED', `a consensus message is none of ours: ${cause.message}`, {
    expected: 'a message of docs/PROTOCOL.md §Network',
    actual: cause.message,
  });
}

function typeUnknown({ message, details: { expected = '', actual = '' } }: CodedError): EngineError {
  return new EngineError('MESSAGE_TYPE_UNKNOWN', `a consensus message of another version: ${message}`, {
    expected,
    actual,
    hint: 'upgrade this node where its peers run a later version',
  });
}

function tooFast(count: number): EngineError {
  return new EngineError('PEER_TOO_FAST', `a peer asks for ${count} more checks of signatures than it has left`, {
    hint: 'what was not looked at is sent again',
  });
}

function notTheirs(isOfWorkingHeight: boolean, actual: string): EngineError {
  const code = isOfWorkingHeight ? 'MESSAGE_SIGNATURE_INVALID' : 'SENDER_UNKNOWN';
  return new EngineError(code, `a consensus message is not its validators': ${actual}`, {
    expected: 'signatures of the validators of its height',
    actual,
  });
}
