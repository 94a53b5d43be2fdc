import { agendaOf, isDue, pauseOf } from '../../contracts/governance/agenda.js';
import type { Agenda } from '../../contracts/governance/records.js';
import { parametersOf } from '../../contracts/parameters/parameters.js';
import type { NetworkParameters } from '../../contracts/parameters/rules.js';
import { NamespacedReader } from '../../contracts/runtime/namespaces.js';
import { invariant } from '../../primitives/errors.js';
import type { TimestampMs } from '../../primitives/types.js';
import type { StateReader } from '../state/types.js';

/** The contract that keeps proposals and pauses. */
export const GOVERNANCE = 'governance';
/** The contract that keeps the constants of the network. */
export const PARAMETERS = 'parameters';

/** What the executor asks of governance and of the parameters, decoded once. Forget it when they change. */
export class GovernanceCache {
  readonly #governance: NamespacedReader;
  readonly #parameters: NamespacedReader;
  readonly #pauses = new Map<string, TimestampMs>();
  #agenda: { readonly entries: Agenda | undefined } | undefined;
  #current: NetworkParameters | undefined;

  constructor(state: StateReader) {
    this.#governance = new NamespacedReader(state, GOVERNANCE);
    this.#parameters = new NamespacedReader(state, PARAMETERS);
  }

  /** True when the end of the block at this height and time has something to do. */
  isDue(height: number, timestamp: TimestampMs): boolean {
    this.#agenda ??= { entries: agendaOf((key) => this.#governance.get(key)) };
    return isDue(this.#agenda.entries, height, timestamp);
  }

  /** Until when a contract is paused; 0 when it is not. There are as many answers as contracts. */
  pausedUntil(contract: string): TimestampMs {
    const known = this.#pauses.get(contract);
    if (known !== undefined) return known;
    const untilMs = pauseOf((key) => this.#governance.get(key), contract);
    this.#pauses.set(contract, untilMs);
    return untilMs;
  }

  /** The constants of the block that follows. @throws InvariantError for a state without them */
  parameters(): NetworkParameters {
    this.#current ??= parametersOf((key) => this.#parameters.get(key));
    invariant(this.#current !== undefined, 'a state names the parameters of the next block');
    return this.#current;
  }

  forget(): void {
    this.#pauses.clear();
    this.#agenda = undefined;
    this.#current = undefined;
  }
}

/** Governance at one position of a block: the committed state until the block changes it, then the overlay's. */
export class BlockGovernance {
  readonly #overlay: GovernanceCache;
  #current: GovernanceCache;

  constructor(committed: GovernanceCache, overlay: StateReader) {
    this.#current = committed;
    this.#overlay = new GovernanceCache(overlay);
  }

  /** True once the block wrote to governance or the parameters, even if that was taken back since. */
  get isTouched(): boolean {
    return this.#current === this.#overlay;
  }

  isDue(height: number, timestamp: TimestampMs): boolean {
    return this.#current.isDue(height, timestamp);
  }

  pausedUntil(contract: string): TimestampMs {
    return this.#current.pausedUntil(contract);
  }

  onWrite(contract: string): void {
    if (contract !== GOVERNANCE && contract !== PARAMETERS) return;
    this.#current = this.#overlay;
    this.#overlay.forget();
  }

  onRollback(): void {
    if (this.isTouched) this.#overlay.forget();
  }
}
