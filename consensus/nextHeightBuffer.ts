import type { SignedMessage } from './types.js';

/** PROTOCOL §What is kept K1. Messages of the next height that are kept for one validator: four types, a few rounds. */
export const BUFFERED_PER_VALIDATOR = 16;

/** Messages of the height after the working one: one for each validator, type and round, the newest kept. */
export class NextHeightBuffer {
  readonly #bySender = new Map<number, Map<string, SignedMessage>>();

  /** @returns false when the sender's oldest message had to make room. */
  add(message: SignedMessage): boolean {
    const messages = this.#bySender.get(message.sender) ?? new Map<string, SignedMessage>();
    this.#bySender.set(message.sender, messages);
    const key = `${message.type} ${message.round}`;
    if (messages.has(key)) return true;
    messages.set(key, message);
    if (messages.size <= BUFFERED_PER_VALIDATOR) return true;
    const [oldest] = messages.keys();
    if (oldest !== undefined) messages.delete(oldest);
    return false;
  }

  /** All of them, each validator's in the order of arrival; the buffer is empty afterwards. */
  take(): SignedMessage[] {
    const taken = [...this.#bySender.values()].flatMap((messages) => [...messages.values()]);
    this.#bySender.clear();
    return taken;
  }
}
