import { decodeMessage, isSigned } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { SignedMessage } from '../../../consensus/types.js';
import { type Hash, toHex } from '../../../primitives/bytes.js';
import type { SignatureBackend } from '../../../primitives/types.js';
import type { Violations } from './violations.js';

/** What one key has let out for one height, over all lives of its node. */
interface Released {
  /** Payload by type and round. */
  readonly payloads: Map<string, string>;
  readonly commits: number[];
  readonly roundChanges: { readonly round: number; readonly claim: number }[];
}

/**
 * Stands where messages leave honest nodes and remembers all of them, over every crash: no key may ever sign two things
 * for one type, height and round, or deny in a later round what it committed to.
 */
export class ReleasedVotesChecker {
  readonly #released = new Map<string, Released>();

  constructor(
    private readonly genesisHash: Hash,
    private readonly modules: { readonly backend: SignatureBackend; readonly violations: Violations },
  ) {}

  released(node: string, publicKey: Uint8Array, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (!isSigned(message) || message.type === 'status') return;
    const { height, round, type } = message;
    const key = `${toHex(publicKey)} ${height}`;
    const released: Released = this.#released.get(key) ?? { payloads: new Map(), commits: [], roundChanges: [] };
    this.#released.set(key, released);
    const place = `${type} ${round}`;
    const payload = payloadOf(message);
    const earlier = released.payloads.get(place);
    if (earlier === payload) return;
    const say = (what: string): void =>
      this.modules.violations.add('double signature', `${node} at height ${height}, round ${round}: ${what}`);
    if (earlier !== undefined) say(`${type} for ${payload} after ${earlier}`);
    released.payloads.set(place, payload);
    if (!this.modules.backend.verify(message.signature, messageDigest(this.genesisHash, message), publicKey)) {
      say(`${type} with a signature that is not its own`);
    }
    if (type === 'commit') released.commits.push(round);
    if (type === 'roundChange') released.roundChanges.push({ round, claim: message.preparedRound ?? -1 });
    const denied = released.roundChanges.find((change) =>
      released.commits.some((committed) => change.round > committed && change.claim < committed),
    );
    if (denied !== undefined) say(`its round change for ${denied.round} denies a commit of it`);
  }
}

function payloadOf(message: Exclude<SignedMessage, { type: 'status' }>): string {
  if (message.type !== 'roundChange') return toHex(message.blockHash);
  return message.preparedHash === undefined ? 'nothing' : `${message.preparedRound} ${toHex(message.preparedHash)}`;
}
