import type { WireMessage } from '../../../consensus/messageCodec.js';
import type { PeerRequest } from '../../../node/engine/requestCodec.js';
import type { Traitor } from './traitor.js';

/** One way to be faulty. A traitor has several. */
export interface Behaviour {
  /** What a peer gets in the place of a message that the engine sends it; nothing to keep it back. */
  outgoing?(message: WireMessage, peerId: string, traitor: Traitor): readonly WireMessage[];
  /** A message of a peer has come; the engine gets it, too. */
  hears?(message: WireMessage, peerId: string, traitor: Traitor): void;
  /** An answer in the place of the engine's; undefined to let the engine answer. */
  answers?(request: PeerRequest, peerId: string, traitor: Traitor): Promise<Uint8Array> | undefined;
  /** Time passes. */
  acts?(traitor: Traitor): void;
}
