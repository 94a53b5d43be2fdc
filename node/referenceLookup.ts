import type { Hash } from '../primitives/bytes.js';
import type { Executor, SenderReference } from './execution/types.js';
import { type NextTurn, systemTurn } from './ops/nextTurn.js';

interface Question {
  readonly references: readonly SenderReference[];
  resolve(owners: readonly (Hash | undefined)[]): void;
  reject(error: unknown): void;
}

/** References in one request to the executor, beside those of its first question: a few milliseconds of its time. */
const MAX_REFERENCES = 512;

/**
 * Asks the executor who holds references: questions that come in together, or while a request is under way, share the next
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

  /** The transactions that hold the references on the chain, within the window. @throws what the executor throws */
  ownersOf(references: readonly SenderReference[]): Promise<readonly (Hash | undefined)[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ references, resolve, reject });
      if (this.isAsking) return;
      this.isAsking = true;
      void this.nextTurn().then(() => this.askAll());
    });
  }

  private async askAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const questions = this.takeQuestions();
      try {
        const owners = await this.executor.referenceOwners(questions.flatMap(({ references }) => references));
        let from = 0;
        for (const { references, resolve } of questions) {
          resolve(owners.slice(from, from + references.length));
          from += references.length;
        }
      } catch (error) {
        for (const question of questions) question.reject(error);
      }
    }
    this.isAsking = false;
  }

  /** The oldest questions, at least one, up to the references of one request. */
  private takeQuestions(): readonly Question[] {
    let count = 0;
    let references = 0;
    for (const question of this.waiting) {
      references += question.references.length;
      if (count > 0 && references > MAX_REFERENCES) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }
}
