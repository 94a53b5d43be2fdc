import type { Hash } from '../primitives/bytes.js';
import type { Address } from '../primitives/types.js';
import type { Executor, SenderReference } from './execution/types.js';
import { type NextTurn, systemTurn } from './ops/nextTurn.js';

interface Question extends SenderReference {
  resolve(owner: Hash | undefined): void;
  reject(error: unknown): void;
}

/** Questions in one request to the executor: a few milliseconds of its time. */
const MAX_QUESTIONS = 2_048;

/**
 * Asks the executor who holds references: those that come in together, or while a request is under way, share the next
 * request. Only admissions ask, and the mempool bounds how many of them are under way.
 */
export class ReferenceLookup {
  private readonly waiting: Question[] = [];
  private isAsking = false;

  /** @param nextTurn the runtime's unless told */
  constructor(
    private readonly executor: Pick<Executor, 'referenceOwners'>,
    private readonly nextTurn: NextTurn = systemTurn,
  ) {}

  /** The transaction that holds the reference on the chain, within the window. @throws what the executor throws */
  ownerOf(sender: Address, reference: Uint8Array): Promise<Hash | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ sender, reference, resolve, reject });
      if (this.isAsking) return;
      this.isAsking = true;
      void this.nextTurn().then(() => this.askAll());
    });
  }

  private async askAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const questions = this.waiting.splice(0, MAX_QUESTIONS);
      try {
        const references = questions.map(({ sender, reference }) => ({ sender, reference }));
        const owners = await this.executor.referenceOwners(references);
        for (const [index, question] of questions.entries()) question.resolve(owners[index]);
      } catch (error) {
        for (const question of questions) question.reject(error);
      }
    }
    this.isAsking = false;
  }
}
