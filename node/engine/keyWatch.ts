import { isSignedElsewhere, type VotePayload } from '../../consensus/ownVotes.js';
import type { SigningState } from '../../consensus/signingGuard.js';
import type { SignedMessage } from '../../consensus/types.js';
import { certificateSigners } from '../../primitives/certificate.js';
import type { Address, Certificate, Validator } from '../../primitives/types.js';

export interface KeyWatchModules {
  /** Undefined for an observer. */
  readonly self: Address | undefined;
  /** What this node may have signed; undefined while it signs nothing. */
  readonly signingState: () => SigningState | undefined;
  /** Told of a vote that is not this node's own, though its key signed it. */
  readonly onElsewhere: (vote: VotePayload) => void;
}

/**
 * Looks for this node's own signature under votes that it did not give: its key is in use on another machine, or its
 * journal is older than the key's last use. Two that are alive at once cannot be prevented by either of them alone, but
 * whoever sees the other stops. Everything that is looked at has been verified before. PROTOCOL §Journal J8.
 */
export class KeyWatch {
  constructor(private readonly modules: KeyWatchModules) {}

  /** @param validators the list of the message's height, against which its signatures were checked */
  message(message: SignedMessage, validators: readonly Validator[]): void {
    const self = this.positionIn(validators);
    if (self === undefined) return;
    if (message.sender === self && message.type !== 'status') this.judge(message);
    if (message.type === 'proposal') {
      for (const roundChange of message.roundChanges) if (roundChange.sender === self) this.judge(roundChange);
    }
    if (message.type !== 'proposal' && message.type !== 'roundChange') return;
    const { preparedCertificate } = message;
    if (preparedCertificate !== undefined) this.certificate(preparedCertificate, validators);
  }

  certificate(certificate: Certificate, validators: readonly Validator[]): void {
    const self = this.positionIn(validators);
    if (self === undefined || !certificateSigners(certificate).includes(self)) return;
    const { type, height, round, blockHash } = certificate;
    this.judge({ type, height, round, blockHash });
  }

  /** Votes of evidence against a validator. */
  votes(validator: Address, votes: readonly VotePayload[]): void {
    if (validator === this.modules.self) for (const vote of votes) this.judge(vote);
  }

  private positionIn(validators: readonly Validator[]): number | undefined {
    const { self } = this.modules;
    const position = self === undefined ? -1 : validators.findIndex(({ address }) => address === self);
    return position < 0 ? undefined : position;
  }

  private judge(vote: VotePayload): void {
    const state = this.modules.signingState();
    if (state !== undefined && isSignedElsewhere(state, vote)) this.modules.onElsewhere(vote);
  }
}
