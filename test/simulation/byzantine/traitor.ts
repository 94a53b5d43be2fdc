import { decodeMessage, encodeMessage, type WireMessage } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { Signed, UnsignedMessage } from '../../../consensus/types.js';
import type { Network } from '../../../node/network/types.js';
import { type Hash, type Hex, toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import type { Block } from '../../../primitives/types.js';
import type { Fault } from '../world/faults.js';
import type { SimulatedNode } from '../world/node.js';

/** A body that this traitor proposed besides its engine. */
interface HiddenBody {
  readonly block: Block;
  readonly leafHashes: readonly Hash[];
}

const MAX_HIDDEN_BODIES = 64;
const MAX_HEARD = 100;

/**
 * A validator whose holder is faulty: the real engine, and beside it a hand that has its key. What the hand says goes
 * straight to the network.
 */
export class Traitor {
  /** What peers said, as it came. */
  readonly heard: { readonly peerId: string; readonly bytes: Uint8Array }[] = [];
  readonly hidden = new Map<Hex, HiddenBody>();

  constructor(
    readonly node: SimulatedNode,
    readonly network: Network,
  ) {}

  get isAlive(): boolean {
    return this.node.core !== undefined;
  }

  get random() {
    return this.node.random;
  }

  get peers(): readonly string[] {
    return this.network.connectedPeers();
  }

  /** The height at which its engine works. */
  get workingHeight(): number {
    return this.node.height + 1;
  }

  get validatorCount(): number {
    return this.node.ground.genesis.validators.length;
  }

  count(fault: Fault): void {
    this.node.ground.faults.count(fault);
  }

  /** Signs with its own key, as the validator that it is unless told. */
  sign<Message extends UnsignedMessage>(message: Message, sender: number = this.node.options.index): Signed<Message> {
    const { backend, genesisHash } = this.node.ground;
    const digest = messageDigest(genesisHash, message);
    return { ...message, sender, signature: backend.sign(digest, this.node.options.bank.key.privateKey) };
  }

  send(peerId: string, message: WireMessage): void {
    if (this.isAlive) this.network.sendConsensus(peerId, `forged:${message.type}`, encodeMessage(message));
  }

  hear(peerId: string, bytes: Uint8Array): void {
    this.heard.push({ peerId, bytes });
    if (this.heard.length > MAX_HEARD) this.heard.shift();
  }

  /** Keeps a body so that peers can fetch it. */
  hide(blockHash: Hash, body: HiddenBody): void {
    this.hidden.set(toHex(blockHash), body);
    const [oldest] = this.hidden.keys();
    if (this.hidden.size > MAX_HIDDEN_BODIES && oldest !== undefined) this.hidden.delete(oldest);
  }

  randomHash(): Hash {
    return Uint8Array.from({ length: 32 }, () => this.random.integer(0, 255));
  }
}

/** Undefined for what is no message. */
export function readMessage(bytes: Uint8Array): WireMessage | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}
