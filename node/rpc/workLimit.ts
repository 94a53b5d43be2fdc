import { ApiError } from '../../api/errors.js';

/** Bounds the requests that are in work at once, over all doors. */
export class WorkLimit {
  readonly #max: number;
  #running = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws ApiError `TOO_MANY_REQUESTS`; what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#max) {
      throw new ApiError('TOO_MANY_REQUESTS', `expected at most ${this.#max} requests at once`, {
        expected: `at most ${this.#max} at once`,
        actual: 'one more',
        hint: 'ask again a little later, or another node',
      });
    }
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
    }
  }
}
