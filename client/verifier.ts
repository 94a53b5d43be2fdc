import type { BlockProofsJson, HandoverJson } from '../api/values.js';
import { decodeHeader } from '../primitives/block.js';
import { fromHex } from '../primitives/bytes.js';
import { certificateSigners, decodeCertificate } from '../primitives/certificate.js';
import {
  decodeFinalityProof,
  type FinalHeader,
  type TrustedChain,
  type VerifiedFinality,
  verifyReceiptInHeader,
} from '../primitives/finality.js';
import { type Sha256, sha256 } from '../primitives/hash.js';
import { type PairHasher, pureHasher } from '../primitives/merkle.js';
import { decodeReceipt } from '../primitives/receipt.js';
import { decodeReceiptsProof, verifyReceiptsInHeader } from '../primitives/receiptsProof.js';
import { decodeStateFinalityProof, type StateFact, verifyStateEntries } from '../primitives/stateFinality.js';
import type { StateTreeShape } from '../primitives/stateTree.js';
import type { BlockHeader, FinalityUpdate, SignatureBackend, Validator } from '../primitives/types.js';
import { decodeValidators } from '../primitives/validator.js';
import { ClientError } from './errors.js';
import { LightClient, type TrustedState } from './lightClient.js';

/** What may be done natively; JavaScript where it is left out. */
export interface VerifierModules {
  readonly backend?: SignatureBackend;
  readonly sha256?: Sha256;
  /** Hashes many nodes of a tree at once. */
  readonly hasher?: PairHasher;
}

/**
 * Verifies proofs against what is trusted from the start, and remembers what it has verified: handovers are followed
 * once, a block's certificate is checked once, however many of its receipts are proven. Two final headers of one height
 * are a fork, and refused.
 */
export class FinalityVerifier {
  /** What is trusted, and grows with each proof. */
  readonly light: LightClient;
  readonly #sha256: Sha256;
  readonly #hasher: PairHasher;
  readonly #stateShape: StateTreeShape | undefined;

  /** @param saved what an earlier light client of this chain gave. @throws ClientError `TRUSTED_STATE_INVALID` */
  constructor(trusted: TrustedChain, modules: VerifierModules = {}, saved?: TrustedState) {
    this.light = new LightClient(trusted, modules, saved);
    this.#sha256 = modules.sha256 ?? sha256;
    this.#hasher = modules.hasher ?? pureHasher;
    this.#stateShape = trusted.stateShape;
  }

  /** The newest header that was verified. */
  get newestHeader(): BlockHeader | undefined {
    return this.light.newest?.header;
  }

  /** The newest validators that are trusted. */
  get validators(): readonly Validator[] {
    return this.light.validators;
  }

  /** @throws ProofError, RlpError, FormatError; ClientError `CHAIN_FORKED` */
  verifyProof(bytes: Uint8Array): VerifiedFinality {
    const proof = decodeFinalityProof(bytes);
    const final = this.light.verifyHeader(proof, false);
    verifyReceiptInHeader(proof, final.header, this.#sha256);
    const facts = { ...final, receipt: proof.receipt, index: proof.index };
    return proof.outcome === undefined ? facts : { ...facts, outcome: proof.outcome.outcome };
  }

  /** The same for receipts of one block, as a wait gives them. */
  verifyBlock(json: BlockProofsJson): VerifiedFinality[] {
    const final = this.light.verifyHeader(readUpdate(json), true);
    const { count } = json;
    return json.receipts.map((entry) => {
      const { index } = entry;
      const receipt = decodeReceipt(fromHex(entry.receipt));
      const path = entry.path.map((node) => fromHex(node, 32));
      verifyReceiptInHeader({ receipt, index, count, path }, final.header, this.#sha256);
      return { ...final, receipt, index };
    });
  }

  /**
   * The same for receipts of one block, as the settlement door gives them together.
   *
   * @param since height up to which the proof leaves out the changes of validators, as it was asked for
   */
  verifyReceipts(bytes: Uint8Array, since: number): VerifiedFinality[] {
    const proof = decodeReceiptsProof(bytes);
    const final = this.light.verifyHeader(proof, true, since);
    verifyReceiptsInHeader(proof, final.header, { sha256: this.#sha256, hasher: this.#hasher });
    return proof.receipts.map((receipt, position) => ({
      ...final,
      receipt: decodeReceipt(receipt),
      index: proof.indices[position] as number,
    }));
  }

  /**
   * What the state holds under some keys, as of a header that a quorum sealed. PROTOCOL §Proof of the state Q1, Q2.
   *
   * @param mayUseKnown whether a header that is known to be final costs no check of its certificate
   * @throws ProofError, StateProofError, StateFinalityError, RlpError, FormatError; ClientError `STATE_UNPROVEN`, `CHAIN_FORKED`
   */
  verifyState(bytes: Uint8Array, mayUseKnown = false): VerifiedState {
    const shape = this.#stateShape;
    if (shape === undefined) throw unproven('the shape of the state tree, from genesis', 'none');
    const proof = decodeStateFinalityProof(bytes);
    const final = this.light.verifyHeader(proof, mayUseKnown);
    const entries = verifyStateEntries(proof.entries, final.header, shape, this.#sha256);
    return { ...final, entries, signers: certificateSigners(proof.certificate).length };
  }
}

/** Keys of the state and what stands under them, proven. */
export interface VerifiedState extends FinalHeader {
  /** In the order in which they were asked for. */
  readonly entries: readonly StateFact[];
  /** Validators whose signatures stand in the certificate. */
  readonly signers: number;
}

/** What a key holds; undefined where the state holds nothing under it. */
export interface ProvenValue {
  readonly value: Uint8Array | undefined;
  /** After which the state is so. */
  readonly header: BlockHeader;
}

/** A header with its certificate, and the changes of validators before it, from the JSON of whatever carries them. */
export function readUpdate(json: {
  readonly header: string;
  readonly certificate: string;
  readonly handovers: readonly HandoverJson[];
}): FinalityUpdate {
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

function unproven(expected: string, actual: string): ClientError {
  return new ClientError('STATE_UNPROVEN', `a proof of the state: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'believe nothing of it, and ask another node',
  });
}
