import type { StateEntry, StateKey } from '../../contracts/api/host.js';
import type { StateReader } from '../state/types.js';

/**
 * Every contract's keys stand under its name and a slash; a name holds no slash, so no namespace is part of another
 * (PROTOCOL §State keys).
 */
export function namespaceOf(contract: string): StateKey {
  return `${contract}/`;
}

/** What the executor itself keeps in the state: no contract's name begins with this character. */
export const SYSTEM_NAMESPACE: StateKey = '$system/';

/** One contract's keys, as it names them itself. */
export class NamespacedReader implements StateReader {
  readonly #state: StateReader;
  readonly #namespace: StateKey;

  constructor(state: StateReader, contract: string) {
    this.#state = state;
    this.#namespace = namespaceOf(contract);
  }

  get(key: StateKey): Uint8Array | undefined {
    return this.#state.get(this.#namespace + key);
  }

  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[] {
    return rangeWithin(this.#state, this.#namespace, prefix, limit, after);
  }
}

/** A range inside a namespace, with keys as its owner names them. */
export function rangeWithin(
  state: StateReader,
  namespace: StateKey,
  prefix: StateKey,
  limit: number,
  after: StateKey | undefined,
): readonly StateEntry[] {
  const start = after === undefined ? undefined : namespace + after;
  const entries = state.range(namespace + prefix, limit, start);
  return entries.map(({ key, value }) => ({ key: key.slice(namespace.length), value }));
}
