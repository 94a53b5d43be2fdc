import type { AccountView } from '../../contracts/api/host.js';
import { accountAuthorises, accountView, readKey, validatorsOf } from '../../contracts/membership/registry.js';
import { NamespacedReader } from '../../contracts/runtime/namespaces.js';
import { invariant } from '../../primitives/errors.js';
import type { Address, Validator } from '../../primitives/types.js';
import type { StateReader } from '../state/types.js';

/** The contract that keeps the registry. */
export const MEMBERSHIP = 'membership';

/** Addresses that are known; a full cache is emptied, so that no answer depends on what was asked before. */
const MAX_ENTRIES = 400_000;

/** What is known of an address, as an account and as a key: most accounts have the address of a key that signs for them. */
class KnownAddress {
  account: AccountView | undefined;
  /** The newest question about the account, and its answer. */
  signers: readonly Address[] | undefined;
  isAuthorised = false;
  /** As a key. */
  isRegistered = false;
}

/** What the executor asks of the registry, decoded once for each account and key. Forget it when the registry changes. */
export class RegistryCache {
  readonly #read: (key: string) => Uint8Array | undefined;
  readonly #known = new Map<Address, KnownAddress>();

  constructor(state: StateReader) {
    const reader = new NamespacedReader(state, MEMBERSHIP);
    this.#read = (key) => reader.get(key);
  }

  account(account: Address): AccountView | undefined {
    const known = this.#known.get(account)?.account;
    if (known !== undefined) return known;
    const view = accountView(this.#read, account);
    if (view !== undefined) this.#knownAs(account).account = view;
    return view;
  }

  authorises(account: Address, signers: readonly Address[]): boolean {
    const known = this.#known.get(account);
    if (known?.signers !== undefined && sameSigners(known.signers, signers)) return known.isAuthorised;
    const holds = accountAuthorises(this.#read, account, signers);
    // Whoever asks for strangers pushes out nobody.
    if (known === undefined && !holds) return false;
    const entry = known ?? this.#knownAs(account);
    entry.signers = signers;
    entry.isAuthorised = holds;
    return holds;
  }

  /** True for a key that was ever registered, active or not. */
  isRegistered(key: Address): boolean {
    if (this.#known.get(key)?.isRegistered === true) return true;
    if (readKey(this.#read, key) === undefined) return false;
    this.#knownAs(key).isRegistered = true;
    return true;
  }

  /** Who decides the next block. @throws InvariantError for a state without validators */
  validators(): readonly Validator[] {
    const validators = validatorsOf(this.#read);
    invariant(validators.length > 0, 'a state names the validators of the next block');
    return validators;
  }

  forget(): void {
    this.#known.clear();
  }

  #knownAs(address: Address): KnownAddress {
    let known = this.#known.get(address);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_ENTRIES) this.#known.clear();
    known = new KnownAddress();
    this.#known.set(address, known);
    return known;
  }
}

function sameSigners(a: readonly Address[], b: readonly Address[]): boolean {
  return a === b || (a.length === b.length && a.every((signer, index) => signer === b[index]));
}

/**
 * The registry at one position of a block: the committed one until the block changes it, then the overlay's, whose
 * answers are forgotten at every further change and whenever changes are taken back.
 */
export class BlockRegistry {
  readonly #overlay: RegistryCache;
  #current: RegistryCache;

  constructor(committed: RegistryCache, overlay: StateReader) {
    this.#current = committed;
    this.#overlay = new RegistryCache(overlay);
  }

  /** True once a transaction of the block wrote to the registry, even if that was taken back since. */
  get isTouched(): boolean {
    return this.#current === this.#overlay;
  }

  account(account: Address): AccountView | undefined {
    return this.#current.account(account);
  }

  authorises(account: Address, signers: readonly Address[]): boolean {
    return this.#current.authorises(account, signers);
  }

  validators(): readonly Validator[] {
    return this.#current.validators();
  }

  onWrite(contract: string): void {
    if (contract !== MEMBERSHIP) return;
    this.#current = this.#overlay;
    this.#overlay.forget();
  }

  onRollback(): void {
    if (this.isTouched) this.#overlay.forget();
  }
}
