import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { type TrustedChain, verifyFinalHeader } from '../../../primitives/finality.js';
import { nobleBackend } from '../../../primitives/signature.js';
import {
  decodeStateFinalityProof,
  encodeStateFinalityProof,
  type StateFact,
  type StateFinalityProof,
  verifyStateEntries,
} from '../../../primitives/stateFinality.js';
import type { SignatureBackend } from '../../../primitives/types.js';
import { decodeValidators } from '../../../primitives/validator.js';
import { PROTOCOL_VECTORS } from '../../support/protocolVectors.js';
import { EXAMPLE_SHAPE } from '../../support/stateVectors.js';

const vector = (name: string): Uint8Array => PROTOCOL_VECTORS.get(name) as Uint8Array;
const bytes = vector('state-finality-proof');
const proof = decodeStateFinalityProof(bytes);
const trusted: TrustedChain = {
  chainId: 'vostro-example',
  genesisHash: vector('genesis-hash'),
  validators: decodeValidators(vector('validators')),
};

/** Checks each signature once: flipping bytes one by one would otherwise repeat the same thousands of checks. */
function cachedBackend(): SignatureBackend {
  const verdicts = new Map<string, boolean>();
  return {
    ...nobleBackend,
    verify(signature, digest, publicKey) {
      const key = toHex(signature) + toHex(digest) + toHex(publicKey);
      const verdict = verdicts.get(key) ?? nobleBackend.verify(signature, digest, publicKey);
      verdicts.set(key, verdict);
      return verdict;
    },
  };
}
const backend = cachedBackend();

function factsOf(changed: StateFinalityProof): readonly StateFact[] {
  const { header } = verifyFinalHeader(changed, trusted, backend);
  return verifyStateEntries(changed.entries, header, EXAMPLE_SHAPE);
}

function codeOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('a proof of the state', () => {
  it('tells what stands under a key, and that nothing does, from the genesis validators on', () => {
    const [present, absent] = factsOf(proof);
    expect(present?.key).to.equal('b');
    expect(new TextDecoder().decode(present?.value)).to.equal('B');
    expect(absent).to.deep.equal({ key: 'i', value: undefined });
  });

  it('has one form only', () => {
    expect(encodeStateFinalityProof(proof)).to.deep.equal(bytes);
  });

  /** PROTOCOL §Proof of the state Q1, Q2. */
  it('is refused after any change of any single bit, or tells what is true of another key', () => {
    const accepted: string[] = [];
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        for (const { key, value } of factsOf(decodeStateFinalityProof(changed))) {
          if (key !== 'b' && key !== 'i') accepted.push(`${key}=${value === undefined ? 'nothing' : 'something'}`);
        }
        if (accepted.length === 0) accepted.push(`bit ${bit}`);
      } catch (error) {
        if (!isCodedError(error)) throw error;
      }
    }
    // Of the five keys of the example, none is among them: that nothing stands there is true.
    expect(accepted.filter((claim) => !/^[^a-e]=nothing$/.test(claim))).to.deep.equal([]);
    expect(accepted.length).to.be.below(8);
  });

  const [present, absent] = proof.entries;
  const lies: Readonly<Record<string, readonly [StateFinalityProof, string]>> = {
    'another value': [
      { ...proof, entries: proof.entries.map((entry) => ({ ...entry, value: Uint8Array.of(1) })) },
      'STATE_VALUE_MISMATCH',
    ],
    'that nothing stands where something does': [
      { ...proof, entries: present === undefined ? [] : [{ ...present, value: undefined }] },
      'STATE_VALUE_MISMATCH',
    ],
    'that something stands where nothing does': [
      { ...proof, entries: absent === undefined ? [] : [{ ...absent, value: Uint8Array.of() }] },
      'STATE_VALUE_MISMATCH',
    ],
    'the state of another block': [
      { ...proof, header: { ...proof.header, stateRoot: new Uint8Array(32) } },
      'PROOF_CERTIFICATE_MISMATCH',
    ],
    'what too few validators signed': [
      { ...proof, certificate: { ...proof.certificate, signatures: proof.certificate.signatures.slice(1) } },
      'PROOF_CERTIFICATE_INVALID',
    ],
  };
  for (const [name, [lie, code]] of Object.entries(lies)) {
    it(`does not hold for ${name}`, () => {
      expect(codeOf(() => factsOf(lie))).to.equal(code);
    });
  }

  it('holds one to sixteen keys', () => {
    const [entry] = proof.entries;
    if (entry === undefined) return expect.fail('the example proves keys');
    expect(codeOf(() => encodeStateFinalityProof({ ...proof, entries: [] }))).to.equal('COUNT_OUT_OF_RANGE');
    const entries = Array.from({ length: 17 }, () => entry);
    expect(codeOf(() => encodeStateFinalityProof({ ...proof, entries }))).to.equal('COUNT_OUT_OF_RANGE');
    const most = encodeStateFinalityProof({ ...proof, entries: entries.slice(1) });
    expect(factsOf(decodeStateFinalityProof(most))).to.have.length(16);
  });
});
