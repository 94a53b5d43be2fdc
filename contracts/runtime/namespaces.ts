import type { StateEntry, StateKey } from '../api/host.js';
import type { RunStateReader } from './environment.js';

/**
 * Every contract's keys stand under its name and a slash; a name holds no slash, so no namespace is part of another
 * (PROTOCOL §State keys).
 */
export function namespaceOf(contract: string): StateKey {
  return `${contract}/`;
}

/** A range inside a namespace, with keys as its owner names them. */
export function rangeWithin(
  state: RunStateReader,
  namespace: StateKey,
  prefix: StateKey,
  limit: number,
  after: StateKey | undefined,
): readonly StateEntry[] {
  const start = after === undefined ? undefined : namespace + after;
  const entries = state.range(namespace + prefix, limit, start);
  return entries.map(({ key, value }) => ({ key: key.slice(namespace.length), value }));
}

/** One contract's keys, as it names them itself. */
export class NamespacedReader implements RunStateReader {
  readonly #state: RunStateReader;
  readonly #namespace: StateKey;

  constructor(state: RunStateReader, contract: string) {
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
