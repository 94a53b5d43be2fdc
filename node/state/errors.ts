import { CodedError } from '../../primitives/errors.js';

export type StateErrorCode =
  /** The tree that the pages make is not the one that the head's header names. */
  | 'STATE_ROOT_MISMATCH'
  /** Pages that no tree of this shape can hold: one above another, too full, out of place. */
  | 'STATE_PAGES_INCONSISTENT';

/** Stored state that is not what the chain says. The node stops on it. */
export class StateError extends CodedError<StateErrorCode> {}
