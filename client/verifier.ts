import type { BlockProofsJson } from '../api/values.js';
import { decodeHeader, headerHash } from '../primitives/block.js';
import { fromHex, type Hex, toHex } from '../primitives/bytes.js';
import { decodeCertificate } from '../primitives/certificate.js';
import {
  decodeFinalityProof,
  type FinalHeader,
  type TrustedChain,
  type VerifiedFinality,
  verifyFinalHeader,
  verifyReceiptInHeader,
} from '../primitives/finality.js';
import { type Sha256, sha256 } from '../primitives/hash.js';
import { decodeReceipt } from '../primitives/receipt.js';
import { nobleBackend } from '../primitives/signature.js';
import type { BlockHeader, FinalityProof, Handover, SignatureBackend, Validator } from '../primitives/types.js';
import { decodeValidators } from '../primitives/validator.js';
import { ClientError } from './errors.js';

/** Verified headers that are remembered. */
const MAX_HEADERS = 4_096;

interface Step {
  readonly handoverHash: Hex;
  readonly height: number;
  readonly validators: readonly Validator[];
}

/** What may be done natively; JavaScript where it is left out. */
export interface VerifierModules {
  readonly backend?: SignatureBackend;
  readonly sha256?: Sha256;
}

type HeaderProof = Pick<FinalityProof, 'header' | 'certificate' | 'handovers'>;

/**
 * Verifies proofs against what is trusted from the start, and remembers what it has verified: handovers are followed
 * once, a block's certificate is checked once, however many of its receipts are proven. Two final headers of one height
 * are a fork, and refused.
 */
export class FinalityVerifier {
  readonly #trusted: TrustedChain;
  readonly #backend: SignatureBackend;
  readonly #sha256: Sha256;
  /** The verified handovers, in order: what is trusted before them stands in `#trusted`. */
  readonly #steps: Step[] = [];
  readonly #headers = new Map<number, FinalHeader>();
  #newest: BlockHeader | undefined;

  constructor(trusted: TrustedChain, modules: VerifierModules = {}) {
    this.#trusted = trusted;
    this.#backend = modules.backend ?? nobleBackend;
    this.#sha256 = modules.sha256 ?? sha256;
  }

  /** The newest header that was verified. */
  get newestHeader(): BlockHeader | undefined {
    return this.#newest;
  }

  /** The newest validators that are trusted. */
  get validators(): readonly Validator[] {
    return this.#steps.at(-1)?.validators ?? this.#trusted.validators;
  }

  /** @throws ProofError, RlpError, FormatError; ClientError `CHAIN_FORKED` */
  verifyProof(bytes: Uint8Array): VerifiedFinality {
    const proof = decodeFinalityProof(bytes);
    const final = this.#verifyHeader(proof, false);
    verifyReceiptInHeader(proof, final.header, this.#sha256);
    const facts = { ...final, receipt: proof.receipt, index: proof.index };
    return proof.outcome === undefined ? facts : { ...facts, outcome: proof.outcome.outcome };
  }

  /** The same for receipts of one block, as a wait gives them. */
  verifyBlock(json: BlockProofsJson): VerifiedFinality[] {
    const final = this.#verifyHeader(readHeaderProof(json), true);
    const { count } = json;
    return json.receipts.map((entry) => {
      const { index } = entry;
      const receipt = decodeReceipt(fromHex(entry.receipt));
      const path = entry.path.map((node) => fromHex(node, 32));
      verifyReceiptInHeader({ receipt, index, count, path }, final.header, this.#sha256);
      return { ...final, receipt, index };
    });
  }

  /** A header that is known to be final needs no certificate, unless the certificate itself is to be judged. */
  #verifyHeader(proof: HeaderProof, mayUseCache: boolean): FinalHeader {
    const { height } = proof.header;
    const known = this.#headers.get(height);
    if (known !== undefined) {
      const isSame = toHex(headerHash(proof.header)) === toHex(known.blockHash);
      if (isSame && mayUseCache) return known;
    }
    const final = this.#followAndVerify(proof);
    if (known !== undefined && toHex(final.blockHash) !== toHex(known.blockHash)) {
      throw forked(height, toHex(known.blockHash), toHex(final.blockHash));
    }
    this.#remember(final);
    return final;
  }

  /** Starts after those handovers that were verified before. */
  #followAndVerify(proof: HeaderProof): FinalHeader {
    const hashes = proof.handovers.map((handover) => toHex(headerHash(handover.header)));
    let shared = 0;
    while (shared < hashes.length && this.#steps[shared]?.handoverHash === hashes[shared]) shared++;
    const step = this.#steps[shared - 1];
    const start =
      step === undefined ? this.#trusted : { ...this.#trusted, validators: step.validators, height: step.height };
    const rest = proof.handovers.slice(shared);
    const final = verifyFinalHeader({ ...proof, handovers: rest }, start, this.#backend);
    const other = this.#steps[shared];
    if (other !== undefined && final.header.height > other.height) {
      // Final under a set that had been replaced by then, or that was replaced by two different ones.
      throw forked(other.height, other.handoverHash, hashes[shared] ?? toHex(final.blockHash));
    }
    rest.forEach((handover, position) => {
      this.#steps.push(stepOf(handover, hashes[shared + position] as Hex));
    });
    return final;
  }

  #remember(final: FinalHeader): void {
    this.#headers.set(final.header.height, final);
    if (this.#newest === undefined || final.header.height > this.#newest.height) this.#newest = final.header;
    const [oldest] = this.#headers.keys();
    if (this.#headers.size > MAX_HEADERS && oldest !== undefined) this.#headers.delete(oldest);
  }
}

function stepOf({ header, nextValidators }: Handover, handoverHash: Hex): Step {
  return { handoverHash, height: header.height, validators: nextValidators };
}

function readHeaderProof(json: BlockProofsJson): HeaderProof {
  return {
    header: decodeHeader(fromHex(json.header)),
    certificate: decodeCertificate(fromHex(json.certificate)),
    handovers: json.handovers.map((handover) => ({
      header: decodeHeader(fromHex(handover.header)),
      certificate: decodeCertificate(fromHex(handover.certificate)),
      nextValidators: decodeValidators(fromHex(handover.validators)),
    })),
  };
}

function forked(height: number, expected: string, actual: string): ClientError {
  return new ClientError('CHAIN_FORKED', `two final blocks stand at height ${height}: ${expected} and ${actual}`, {
    expected,
    actual,
    hint: 'settle nothing more on this network: more validators than it tolerates have signed two blocks',
  });
}
