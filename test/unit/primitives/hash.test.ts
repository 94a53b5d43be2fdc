import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { keccak256, sha256, TAGS, taggedHash } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';

describe('hashes', () => {
  it('computes SHA-256 as FIPS 180-4 gives it', () => {
    expect(toHex(sha256(utf8Encode('abc')))).to.equal(
      '0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(toHex(sha256(new Uint8Array()))).to.equal(
      '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('computes Keccak-256 with the original padding, not SHA3-256', () => {
    expect(toHex(keccak256(new Uint8Array()))).to.equal(
      '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    );
    expect(toHex(keccak256(utf8Encode('abc')))).to.equal(
      '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
    );
  });

  it('sets each use apart by the SHA-256 of its name', () => {
    const expected = createHash('sha256').update('vostro/v1/transaction').digest();
    expect(toHex(TAGS.transaction)).to.equal(toHex(expected));
    const values = Object.values(TAGS).map(toHex);
    expect(new Set(values).size).to.equal(values.length);
    const whole = createHash('sha256').update(expected).update('ab').digest();
    expect(toHex(taggedHash(TAGS.transaction, utf8Encode('a'), utf8Encode('b')))).to.equal(toHex(whole));
  });
});
