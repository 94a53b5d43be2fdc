import { decodeMessage, isSigned } from '../../../consensus/messageCodec.js';
import { toHex } from '../../../primitives/bytes.js';

/** Every vote that leaves a node of a network, whatever its engine remembers of it. */
export class VoteWatch {
  /** Two payloads of one sender, type, height and round: what must never be seen. */
  readonly conflicts: string[] = [];
  readonly #payloads = new Map<string, string>();
  readonly #heights = new Map<string, number[]>();

  note(from: string, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (!isSigned(message) || message.type === 'status') return;
    const hash = message.type === 'roundChange' ? message.preparedHash : message.blockHash;
    const place = `${from} ${message.type} ${message.height} ${message.round}`;
    const payload = hash === undefined ? 'none' : toHex(hash);
    const first = this.#payloads.get(place) ?? payload;
    this.#payloads.set(place, first);
    if (first !== payload) this.conflicts.push(place);
    this.#heights.set(from, [...(this.#heights.get(from) ?? []), message.height]);
  }

  /** Heights for which a node has voted since it was last forgotten, each as often as it did. */
  heightsOf(from: string): readonly number[] {
    return this.#heights.get(from) ?? [];
  }

  /** Begins to collect a node's heights anew; what it signed is not forgotten. */
  forgetHeightsOf(from: string): void {
    this.#heights.delete(from);
  }

  hasSeen(from: string, type: string): boolean {
    return [...this.#payloads.keys()].some((place) => place.startsWith(`${from} ${type} `));
  }
}
