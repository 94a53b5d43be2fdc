import { expect } from 'chai';
import { headerHash } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import {
  decodeFinalityProof,
  encodeFinalityProof,
  type ProofErrorCode,
  type TrustedChain,
  verifyFinalityProof,
} from '../../../primitives/finality.js';
import { nobleBackend } from '../../../primitives/signature.js';
import type { FinalityProof, SignatureBackend } from '../../../primitives/types.js';
import { validatorsHash } from '../../../primitives/validator.js';
import { certify, finalityFixture, handover, testHeader, testValidators } from '../../support/finalityFixture.js';

const { proof, trusted, genesisValidators, validators } = finalityFixture();

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

function codeOf(changed: FinalityProof, trust: TrustedChain = trusted): string {
  try {
    verifyFinalityProof(changed, trust, backend);
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return 'accepted';
}

function expectRefused(changed: FinalityProof, code: ProofErrorCode, trust: TrustedChain = trusted): void {
  expect(codeOf(changed, trust)).to.equal(code);
}

describe('a finality proof', () => {
  it('holds from the genesis validators through every handover, and tells what it proves', () => {
    const facts = verifyFinalityProof(proof, trusted, backend);
    expect(facts.receipt).to.deep.equal(proof.receipt);
    expect(facts.index).to.equal(2);
    expect(facts.header.height).to.equal(20);
    expect(facts.blockHash).to.deep.equal(headerHash(proof.header));
    expect(facts.outcome).to.deep.equal({ reference: 'E2E-2', code: 'INSUFFICIENT_FUNDS' });
    expect(facts.validators.map((v) => v.address)).to.deep.equal(validators.map((v) => v.address));
  });

  it('holds in the form in which it is sent, and has one form only', () => {
    const bytes = encodeFinalityProof(proof);
    const decoded = decodeFinalityProof(bytes);
    expect(decoded).to.deep.equal(proof);
    expect(encodeFinalityProof(decoded)).to.deep.equal(bytes);
    expect(codeOf(decoded)).to.equal('accepted');
    const { outcome: _, ...plain } = proof;
    expect(decodeFinalityProof(encodeFinalityProof(plain))).to.deep.equal(plain);
    expect(verifyFinalityProof(plain, trusted, backend)).to.not.have.property('outcome');
  });

  it('is refused after any change of any single byte', function () {
    this.timeout(60_000);
    const bytes = encodeFinalityProof(proof);
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      try {
        verifyFinalityProof(decodeFinalityProof(changed), trusted, backend);
        accepted.push(at);
      } catch (error) {
        expect(isCodedError(error), `byte ${at}: ${error}`).to.equal(true);
      }
    }
    expect(accepted).to.deep.equal([]);
  });

  it('is refused after any change of the genesis that it is checked against', () => {
    const { genesisHash } = trusted;
    for (let at = 0; at < genesisHash.length; at++) {
      const changed = genesisHash.map((byte, i) => (i === at ? byte ^ 0x10 : byte));
      expectRefused(proof, 'PROOF_CERTIFICATE_INVALID', { ...trusted, genesisHash: changed });
    }
    expectRefused(proof, 'PROOF_CHAIN_MISMATCH', { ...trusted, chainId: 'vostro-tesu' });
    const reordered = genesisValidators.toReversed();
    expectRefused(proof, 'PROOF_VALIDATORS_MISMATCH', { ...trusted, validators: reordered });
    expectRefused(proof, 'PROOF_VALIDATORS_MISMATCH', { ...trusted, validators: genesisValidators.slice(1) });
  });

  // PROTOCOL §Finality proof F1.
  it('is refused without any one of its handovers, with them swapped, repeated or after the block', () => {
    const [first, second] = proof.handovers;
    if (first === undefined || second === undefined) throw new TypeError('the fixture has two handovers');
    expectRefused({ ...proof, handovers: [] }, 'PROOF_VALIDATORS_MISMATCH');
    expectRefused({ ...proof, handovers: [first] }, 'PROOF_VALIDATORS_MISMATCH');
    expectRefused({ ...proof, handovers: [second] }, 'PROOF_VALIDATORS_MISMATCH');
    expectRefused({ ...proof, handovers: [second, first] }, 'PROOF_VALIDATORS_MISMATCH');
    expectRefused({ ...proof, handovers: [first, first, second] }, 'PROOF_HANDOVER_OUT_OF_ORDER');
    const later = handover(20, validators as never, testValidators('d', 4));
    expectRefused({ ...proof, handovers: [first, second, later] }, 'PROOF_HANDOVER_OUT_OF_ORDER');
  });

  it('is refused with a handover that changes nothing: it would be a byte without meaning', () => {
    const [first, second] = proof.handovers;
    if (first === undefined || second === undefined) throw new TypeError('the fixture has two handovers');
    const idle = handover(15, validators as never, validators as never);
    expectRefused({ ...proof, handovers: [first, second, idle] }, 'PROOF_HANDOVER_WITHOUT_CHANGE');
  });

  it('is refused when a handover brings another list than its header names, though that list has sealed the block', () => {
    const [first, second] = proof.handovers;
    if (first === undefined || second === undefined) throw new TypeError('the fixture has two handovers');
    const evil = testValidators('evil', 4);
    const handovers = [first, { ...second, nextValidators: evil }];
    expectRefused({ ...proof, handovers }, 'PROOF_VALIDATORS_MISMATCH');
    const hash = validatorsHash(evil);
    const header = { ...proof.header, validatorsHash: hash, nextValidatorsHash: hash };
    const forged = { ...proof, handovers, header, certificate: certify(header, evil) };
    expectRefused(forged, 'PROOF_VALIDATORS_MISMATCH');
  });

  // PROTOCOL §Finality proof F2.
  it('needs a commit certificate of a quorum over this very header', () => {
    const { header } = proof;
    const sealed = (certificate: FinalityProof['certificate']) => ({ ...proof, certificate });
    expectRefused(sealed(certify(header, validators, { signerCount: 2 })), 'PROOF_CERTIFICATE_INVALID');
    expectRefused(sealed(certify(header, validators, { type: 'prepare' })), 'PROOF_CERTIFICATE_MISMATCH');
    const other = testHeader({ ...header, timestamp: header.timestamp + 1 });
    expectRefused(sealed(certify(other, validators)), 'PROOF_CERTIFICATE_MISMATCH');
    expectRefused(sealed({ ...certify(header, validators), height: 21 }), 'PROOF_CERTIFICATE_MISMATCH');
    expectRefused(sealed(certify(header, genesisValidators)), 'PROOF_CERTIFICATE_INVALID');
    expect(codeOf(sealed(certify(header, validators, { signerCount: 4, round: 7 })))).to.equal('accepted');
  });

  // PROTOCOL §Finality proof F4, F5.
  it('needs the receipt at its index of its block, and the outcome at its index of its receipt', () => {
    expectRefused({ ...proof, index: 3 }, 'PROOF_RECEIPT_NOT_IN_BLOCK');
    expectRefused({ ...proof, count: 6 }, 'PROOF_RECEIPT_NOT_IN_BLOCK');
    expectRefused({ ...proof, receipt: { ...proof.receipt, fuelUsed: 1 } }, 'PROOF_RECEIPT_NOT_IN_BLOCK');
    const { outcome } = proof;
    if (outcome === undefined) throw new TypeError('the fixture proves an outcome');
    const paid = { ...outcome, outcome: { reference: 'E2E-2', code: '' } };
    expectRefused({ ...proof, outcome: paid }, 'PROOF_OUTCOME_NOT_IN_RECEIPT');
    expectRefused({ ...proof, outcome: { ...outcome, index: 0 } }, 'PROOF_OUTCOME_NOT_IN_RECEIPT');
  });

  // PROTOCOL §Finality proof F3.
  it('holds from a newer trusted header without the handovers below it, and not below it', () => {
    const second = proof.handovers.slice(1);
    const firstNext = testValidators('b', 5);
    const newer = { ...trusted, validators: firstNext, height: 6 };
    expect(codeOf({ ...proof, handovers: second }, newer)).to.equal('accepted');
    expectRefused(proof, 'PROOF_HANDOVER_OUT_OF_ORDER', newer);
    expectRefused({ ...proof, handovers: [] }, 'PROOF_HEIGHT_NOT_COVERED', { ...trusted, height: 20, validators });
  });
});
