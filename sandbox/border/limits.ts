import { LIMITS } from '../../primitives/limits.js';

/** PROTOCOL §Sandbox Z5, Z10. Bounds of the host's own work at the border, consensus parameters all. */
export const BORDER_LIMITS = {
  /** UTF-16 units of one text that a guest writes: more than any value, event or transaction takes. */
  textCharacters: 1_048_576,
  /** UTF-16 units of the entries that one range answers. */
  answerCharacters: 4_194_304,
  /** UTF-16 units of the data of a failure with a code of the API. */
  failureCharacters: 8_192,
  /** Failures that one call may meet: as many as there may be payments in a batch, each in an attempt. */
  failures: LIMITS.outcomesPerTransaction,
} as const;

/** PROTOCOL §Sandbox Z5, Z10. Units, beside what the operation itself costs. */
export const BORDER_PRICES = {
  /** Of each line that a guest writes as a value: the host makes a value of its own of it. */
  line: 40,
  /** Of keeping a failure: making one takes the host longer than the guest, which need not even look at it. */
  failure: 15_000,
} as const;
