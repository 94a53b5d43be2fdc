import { decodeHeader, encodeHeader, headerHash } from '../primitives/block.js';
import { equalBytes, type Hash, type Hex, toHex } from '../primitives/bytes.js';
import { type FinalHeader, type TrustedChain, verifyFinalHeader } from '../primitives/finality.js';
import { LIMITS } from '../primitives/limits.js';
import { nobleBackend } from '../primitives/signature.js';
import type { BlockHeader, FinalityUpdate, Handover, SignatureBackend, Validator } from '../primitives/types.js';
import { validatorsHash } from '../primitives/validator.js';
import { ClientError } from './errors.js';

/** A change of validators that was verified. */
export interface TrustedHandover {
  readonly height: number;
  readonly blockHash: Hash;
  /** The ordered list from the next height on. */
  readonly validators: readonly Validator[];
}

/** What a light client has come to trust, beyond what it was given: to be kept, and to begin from again. */
export interface TrustedState {
  readonly genesisHash: Hash;
  /** Where the handovers begin: genesis, or a handover before which everything was forgotten. */
  readonly base: Omit<TrustedHandover, 'blockHash'>;
  /** Ascending; at most `LIMITS.handoversPerProof`. */
  readonly handovers: readonly TrustedHandover[];
  /** The newest header that was verified. */
  readonly header: BlockHeader;
}

/** Verified headers that are remembered, so that a certificate is checked once and a fork is seen. */
const MAX_HEADERS = 4_096;

/**
 * Follows a chain's headers and the changes of its validators by certificates alone, from genesis or from a header that
 * was trusted before. Two final headers of one height, and a change of validators that a newer header does not know, are
 * a fork, and refused: what is trusted never goes back. Bounded in memory. No IO: whoever runs it fetches the updates.
 */
export class LightClient {
  readonly #genesisHash: Hash;
  readonly #backend: SignatureBackend;
  /** From where the handovers in `#handovers` lead on. */
  #base: TrustedChain;
  readonly #handovers: TrustedHandover[] = [];
  /** By height, in the order in which they were verified. */
  readonly #headers = new Map<number, FinalHeader>();
  #newest: FinalHeader | undefined;

  /**
   * @param saved what an earlier light client of this chain gave
   * @throws ClientError `TRUSTED_STATE_INVALID` where that does not fit the chain
   */
  constructor(trusted: TrustedChain, modules: { readonly backend?: SignatureBackend } = {}, saved?: TrustedState) {
    this.#base = trusted;
    this.#genesisHash = trusted.genesisHash;
    this.#backend = modules.backend ?? nobleBackend;
    if (saved !== undefined) this.#restore(saved);
  }

  /** Of the newest header that is trusted; that of what was trusted from the start before any. */
  get height(): number {
    return this.#newest?.header.height ?? this.#base.height ?? 0;
  }

  /** The newest header that was verified. */
  get newest(): FinalHeader | undefined {
    return this.#newest;
  }

  /** The newest validators that are trusted: those after the last change that was seen. */
  get validators(): readonly Validator[] {
    return this.#handovers.at(-1)?.validators ?? this.#base.validators;
  }

  /** Every change of validators that was verified, ascending; the oldest are forgotten beyond a bound. */
  get handovers(): readonly TrustedHandover[] {
    return this.#handovers;
  }

  /** The height to ask updates from: that of the last change of validators that is known. */
  get updateFrom(): number {
    return this.#handovers.at(-1)?.height ?? this.#base.height ?? 0;
  }

  /** What to keep; undefined before anything was verified. */
  get state(): TrustedState | undefined {
    if (this.#newest === undefined) return undefined;
    const base = { height: this.#base.height ?? 0, validators: this.#base.validators };
    return { genesisHash: this.#genesisHash, base, handovers: [...this.#handovers], header: this.#newest.header };
  }

  /**
   * Takes a later header, with the changes of validators since `updateFrom`. An older one that is known, or of which
   * nothing follows, changes nothing.
   *
   * @returns whether the newest trusted header is another one now
   * @throws ProofError naming the part that does not hold; ClientError `CHAIN_FORKED`
   */
  advance(update: FinalityUpdate): boolean {
    const { height } = this;
    this.#verify(update, this.#handovers.length);
    return this.height > height;
  }

  /**
   * Verifies a header with the changes of validators since genesis, or since what was trusted from the start. One that is
   * known to be final costs no check of signatures, unless the certificate itself is to be judged.
   *
   * @param since height up to which the proof leaves out the changes of validators: `updateFrom` when it was asked for
   * @throws ProofError; ClientError `CHAIN_FORKED`
   */
  verifyHeader(proof: FinalityUpdate, mayUseKnown: boolean, since = 0): FinalHeader {
    const known = this.#headers.get(proof.header.height);
    if (mayUseKnown && known !== undefined && equalBytes(headerHash(proof.header), known.blockHash)) return known;
    const start = this.#base.height ?? 0;
    const handovers = proof.handovers.filter(({ header }) => start === 0 || header.height > start);
    const { height } = proof.header;
    const omitted = this.#handovers.filter((known) => known.height <= since && known.height < height).length;
    let shared = omitted;
    for (const { header } of handovers) {
      const trusted = this.#handovers[shared];
      if (trusted === undefined || !equalBytes(trusted.blockHash, headerHash(header))) break;
      shared++;
    }
    return this.#verify({ ...proof, handovers: handovers.slice(shared - omitted) }, shared);
  }

  /** @param from how many of the known changes of validators come before those of the proof */
  #verify(proof: FinalityUpdate, from: number): FinalHeader {
    const start = this.#handovers[from - 1] ?? this.#base;
    const trusted = { ...this.#base, validators: start.validators, height: start.height ?? 0 };
    const final = verifyFinalHeader(proof, trusted, this.#backend);
    this.#requireNoFork(final, proof.handovers, from);
    for (const handover of proof.handovers) this.#follow(handover);
    this.#remember(final);
    return final;
  }

  /** Everything in it was signed by the validators of its height: what contradicts what is known shows a fork. */
  #requireNoFork(final: FinalHeader, handovers: readonly Handover[], from: number): void {
    const { height } = final.header;
    const known = this.#headers.get(height);
    if (known !== undefined && !equalBytes(known.blockHash, final.blockHash)) {
      throw forked(height, known.blockHash, final.blockHash);
    }
    const other = this.#handovers[from];
    const [first] = handovers;
    const firstHash = first === undefined ? final.blockHash : headerHash(first.header);
    const isOther = other?.height === height && equalBytes(other.blockHash, final.blockHash);
    // Final under a set that had been replaced by then, or that was replaced by two different ones.
    if (other !== undefined && height >= other.height && !isOther)
      throw forked(other.height, other.blockHash, firstHash);
    const newest = this.#newest;
    if (first === undefined || newest === undefined || first.header.height > newest.header.height) return;
    const isNewest = first.header.height === newest.header.height && equalBytes(firstHash, newest.blockHash);
    // The newest header was decided by those who would have handed over before it.
    if (!isNewest) throw forked(newest.header.height, newest.blockHash, firstHash);
  }

  #follow({ header, nextValidators }: Handover): void {
    this.#handovers.push({ height: header.height, blockHash: headerHash(header), validators: nextValidators });
    if (this.#handovers.length <= LIMITS.handoversPerProof) return;
    const [oldest] = this.#handovers.splice(0, 1);
    if (oldest !== undefined) this.#base = { ...this.#base, validators: oldest.validators, height: oldest.height };
  }

  #remember(final: FinalHeader): void {
    this.#headers.set(final.header.height, final);
    if (this.#newest === undefined || final.header.height > this.#newest.header.height) this.#newest = final;
    const [oldest] = this.#headers.keys();
    if (this.#headers.size > MAX_HEADERS && oldest !== undefined) this.#headers.delete(oldest);
  }

  /** What was kept is believed, as far as it can be of this chain at all. */
  #restore({ genesisHash, base, header, handovers }: TrustedState): void {
    requireState(equalBytes(genesisHash, this.#genesisHash), 'genesis hash', this.#genesisHash, genesisHash);
    requireState(header.chainId === this.#base.chainId, 'chain', this.#base.chainId, header.chainId);
    const { height: trustedHeight = 0, validators: trustedValidators } = this.#base;
    requireState(base.height >= trustedHeight, 'first height', `${trustedHeight} or above`, `${base.height}`);
    if (base.height === trustedHeight) {
      const [expected, actual] = [validatorsHash(trustedValidators), validatorsHash(base.validators)];
      requireState(equalBytes(expected, actual), 'first validators', expected, actual);
    }
    this.#base = { ...this.#base, ...base };
    let last = base.height;
    for (const { height } of handovers) {
      requireState(height > last && height < header.height, 'handover', `a height above ${last}`, `${height}`);
      last = height;
    }
    const validators = handovers.at(-1)?.validators ?? base.validators;
    const hash = validatorsHash(validators);
    requireState(equalBytes(hash, header.validatorsHash), 'validators', header.validatorsHash, hash);
    requireState(header.height > base.height, 'height', `above ${base.height}`, `${header.height}`);
    this.#handovers.push(...handovers);
    // A copy: what the caller holds may change.
    this.#remember({ header: decodeHeader(encodeHeader(header)), blockHash: headerHash(header), validators });
  }
}

function requireState(holds: boolean, what: string, expected: Hash | string, actual: Hash | string): void {
  if (holds) return;
  const [wanted, found] = [text(expected), text(actual)];
  throw new ClientError('TRUSTED_STATE_INVALID', `the kept state: expected ${what} ${wanted}, found ${found}`, {
    part: what,
    expected: wanted,
    actual: found,
    hint: 'let go of what was kept: everything can be verified anew from the genesis file',
  });
}

function text(value: Hash | string): string {
  return typeof value === 'string' ? value : toHex(value);
}

function forked(height: number, expected: Hash, actual: Hash): ClientError {
  const [known, other]: [Hex, Hex] = [toHex(expected), toHex(actual)];
  return new ClientError('CHAIN_FORKED', `two final blocks stand at height ${height}: ${known} and ${other}`, {
    expected: known,
    actual: other,
    hint: 'settle nothing more on this network: more validators than it tolerates have signed two blocks',
  });
}
