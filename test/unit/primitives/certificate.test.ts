import { expect } from 'chai';
import { headerHash } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import {
  buildCertificate,
  certificateId,
  certificateSigners,
  encodeCertificate,
  verifyCertificate,
} from '../../../primitives/certificate.js';
import { FormatError } from '../../../primitives/format.js';
import { domainTag } from '../../../primitives/hash.js';
import { commitDigest, prepareDigest } from '../../../primitives/message.js';
import { sign } from '../../../primitives/signature.js';
import type { Certificate } from '../../../primitives/types.js';
import { certify, GENESIS_HASH, testHeader, testValidators } from '../../support/finalityFixture.js';

const validators = testValidators('certificate', 4);
const header = testHeader();
const certificate = certify(header, validators);

function verdict(change: Partial<Certificate>): string | undefined {
  return verifyCertificate({ ...certificate, ...change }, validators, GENESIS_HASH)?.code;
}

describe('a certificate', () => {
  it('holds with the signatures of any quorum, and of all', () => {
    expect(verdict({})).to.equal(undefined);
    expect(verifyCertificate(certify(header, validators, { signerCount: 4 }), validators, GENESIS_HASH)).to.equal(
      undefined,
    );
    const vote = { height: 10, round: 3, blockHash: headerHash(header) };
    const digest = prepareDigest(GENESIS_HASH, vote);
    const signatures = new Map([3, 1, 2].map((i) => [i, sign(digest, validators[i]?.privateKey as Uint8Array)]));
    const prepare = buildCertificate('prepare', vote, 4, signatures);
    expect(certificateSigners(prepare)).to.deep.equal([1, 2, 3]);
    expect(toHex(prepare.signerBitmap)).to.equal('0x0e');
    expect(verifyCertificate(prepare, validators, GENESIS_HASH)).to.equal(undefined);
  });

  // PROTOCOL §Certificate C2.
  it('needs q signers: one fewer is none', () => {
    const two = certify(header, validators, { signerCount: 2 });
    expect(verifyCertificate(two, validators, GENESIS_HASH)?.code).to.equal('CERTIFICATE_NO_QUORUM');
  });

  it('counts nobody twice: a bit is a signer, and each signature belongs to its own', () => {
    const [first, , third] = certificate.signatures;
    const signatures = [first, first, third] as Uint8Array[];
    expect(verdict({ signatures })).to.equal('CERTIFICATE_SIGNATURE_INVALID');
  });

  // PROTOCOL §Certificate C1.
  it('refuses bits beyond the set, a bitmap of another length and a wrong number of signatures', () => {
    expect(verdict({ signerBitmap: Uint8Array.of(0x13) })).to.equal('CERTIFICATE_BITMAP_INVALID');
    expect(verdict({ signerBitmap: Uint8Array.of(0x07, 0) })).to.equal('CERTIFICATE_BITMAP_INVALID');
    expect(verdict({ signerBitmap: new Uint8Array() })).to.equal('CERTIFICATE_BITMAP_INVALID');
    expect(verdict({ signerBitmap: Uint8Array.of(0x0f) })).to.equal('CERTIFICATE_SIGNATURE_COUNT');
    expect(verdict({ signatures: certificate.signatures.slice(1) })).to.equal('CERTIFICATE_SIGNATURE_COUNT');
  });

  it('refuses another type, height, round, block or genesis than was signed', () => {
    expect(verdict({ type: 'prepare' })).to.equal('CERTIFICATE_SIGNATURE_INVALID');
    expect(verdict({ height: 11 })).to.equal('CERTIFICATE_SIGNATURE_INVALID');
    expect(verdict({ round: 1 })).to.equal('CERTIFICATE_SIGNATURE_INVALID');
    expect(verdict({ blockHash: domainTag('other') })).to.equal('CERTIFICATE_SIGNATURE_INVALID');
    expect(verifyCertificate(certificate, validators, domainTag('other'))?.code).to.equal(
      'CERTIFICATE_SIGNATURE_INVALID',
    );
    expect(verifyCertificate(certificate, validators.toReversed(), GENESIS_HASH)?.code).to.equal(
      'CERTIFICATE_SIGNATURE_INVALID',
    );
  });

  // PROTOCOL §Certificate C3.
  it('refuses one bad signature among enough good ones: no byte is without meaning', () => {
    const all = certify(header, validators, { signerCount: 4 });
    const last = sign(commitDigest(GENESIS_HASH, { ...all, round: 9 }), validators[3]?.privateKey as Uint8Array);
    const spoiled = { ...all, signatures: [...all.signatures.slice(0, 3), last] };
    expect(verifyCertificate(spoiled, validators, GENESIS_HASH)?.code).to.equal('CERTIFICATE_SIGNATURE_INVALID');
  });

  it('has an identity of its own for each set of signers', () => {
    const all = certify(header, validators, { signerCount: 4 });
    expect(toHex(certificateId(all))).to.not.equal(toHex(certificateId(certificate)));
    expect(all.blockHash).to.deep.equal(certificate.blockHash);
  });

  it('is not encoded with a bitmap and signatures that disagree', () => {
    const signatures = certificate.signatures.slice(1);
    expect(() => encodeCertificate({ ...certificate, signatures })).to.throw(FormatError);
    expect(() => buildCertificate('commit', certificate, 4, new Map([[4, new Uint8Array(64)]]))).to.throw(
      'a signer is one of the set',
    );
  });
});
