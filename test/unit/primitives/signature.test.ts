import { expect } from 'chai';
import { concatBytes, fromHex, type Hex, toHex } from '../../../primitives/bytes.js';
import { sha256 } from '../../../primitives/hash.js';
import {
  compressPublicKey,
  decompressPublicKey,
  isPublicKey,
  publicKeyOf,
  SignatureError,
  sign,
  verify,
} from '../../../primitives/signature.js';
import { utf8Encode } from '../../../primitives/text.js';

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function word(value: bigint): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(64, '0')}`);
}

/** Private key, message (signed over its SHA-256) and signature: the vectors that Bitcoin wallets share for RFC 6979. */
const RFC6979: readonly (readonly [Hex, string, string])[] = [
  [
    toHex(word(1n)),
    'Satoshi Nakamoto',
    '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
  ],
  [
    toHex(word(1n)),
    'All those moments will be lost in time, like tears in rain. Time to die...',
    '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
  ],
  [
    toHex(word(N - 1n)),
    'Satoshi Nakamoto',
    'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
  ],
  [
    '0xf8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181',
    'Alan Turing',
    '7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea',
  ],
  [
    '0xe91671c46231f833a6406ccbea0e3e392c76c167bac1cb013f6f1013980455c2',
    "There is a computer disease that anybody who works with computers knows about. It's a very serious disease and it interferes completely with the work. The trouble with computers is that you 'play' with them!",
    'b552edd27580141f3b2a5463048cb7cd3e047b97c9f98076c32dbdf85a68718b279fa72dd19bfae05577e06c7c0c1900c371fcd5893f7e1d56a37d30174671f6',
  ],
];

describe('signatures of suite 1', () => {
  const privateKey = word(7n);
  const publicKey = publicKeyOf(privateKey);
  const digest = sha256(utf8Encode('a payment'));
  const signature = sign(digest, privateKey);
  const r = signature.slice(0, 32);
  const s = signature.slice(32);

  for (const [key, message, expected] of RFC6979) {
    it(`signs "${message.slice(0, 30)}" with the nonce of RFC 6979`, () => {
      const signed = sign(sha256(utf8Encode(message)), fromHex(key));
      expect(toHex(signed)).to.equal(`0x${expected}`);
      expect(verify(signed, sha256(utf8Encode(message)), publicKeyOf(fromHex(key)))).to.equal(true);
    });
  }

  it('verifies against the key in 33 and in 65 bytes', () => {
    expect(publicKey).to.have.length(33);
    const uncompressed = decompressPublicKey(publicKey);
    expect(uncompressed).to.have.length(65);
    expect(compressPublicKey(uncompressed)).to.deep.equal(publicKey);
    expect(verify(signature, digest, publicKey)).to.equal(true);
    expect(verify(signature, digest, uncompressed)).to.equal(true);
  });

  it('says false to another digest, another key and any changed byte of the signature', () => {
    expect(verify(signature, sha256(digest), publicKey)).to.equal(false);
    expect(verify(signature, digest, publicKeyOf(word(8n)))).to.equal(false);
    for (let i = 0; i < signature.length; i++) {
      const changed = signature.slice();
      changed[i] = (changed[i] as number) ^ 1;
      expect(verify(changed, digest, publicKey), `byte ${i}`).to.equal(false);
    }
  });

  it('says false to the other, high s of the same signature', () => {
    const high = N - BigInt(toHex(s));
    expect(verify(concatBytes(r, word(high)), digest, publicKey)).to.equal(false);
  });

  it('says false to r or s of zero, of n and above', () => {
    for (const bad of [0n, N, N + 1n, (1n << 256n) - 1n]) {
      expect(verify(concatBytes(word(bad), s), digest, publicKey), `r = ${bad}`).to.equal(false);
      expect(verify(concatBytes(r, word(bad)), digest, publicKey), `s = ${bad}`).to.equal(false);
    }
  });

  it('says false to wrong lengths of signature, digest and key', () => {
    for (const length of [0, 1, 63, 65, 70, 128]) {
      const other = new Uint8Array(length).fill(1);
      expect(verify(other, digest, publicKey), `signature of ${length}`).to.equal(false);
      expect(verify(signature, other, publicKey), `digest of ${length}`).to.equal(false);
      expect(verify(signature, digest, other), `key of ${length}`).to.equal(false);
    }
  });

  it('says false to hybrid keys, keys off the curve and keys with another first byte', () => {
    const uncompressed = decompressPublicKey(publicKey);
    for (const first of [0x00, 0x02, 0x03, 0x05, 0x06, 0x07]) {
      const key = uncompressed.slice();
      key[0] = first;
      expect(verify(signature, digest, key), `first byte ${first}`).to.equal(false);
      expect(isPublicKey(key)).to.equal(false);
    }
    const off = uncompressed.slice();
    off[64] = (off[64] as number) ^ 1;
    expect(verify(signature, digest, off)).to.equal(false);
    expect(isPublicKey(off)).to.equal(false);
    // No point of the curve has x = 5.
    const noPoint = concatBytes(Uint8Array.of(2), word(5n));
    expect(isPublicKey(noPoint)).to.equal(false);
    expect(verify(signature, digest, noPoint)).to.equal(false);
  });

  it('never throws, whatever stands in place of bytes', () => {
    for (const odd of [undefined, null, 'text', 64, {}, [1, 2]]) {
      const value = odd as unknown as Uint8Array;
      expect(verify(value, digest, publicKey)).to.equal(false);
      expect(verify(signature, value, publicKey)).to.equal(false);
      expect(verify(signature, digest, value)).to.equal(false);
    }
  });

  it('refuses private keys of 0, n and above, and of a wrong length, without naming them', () => {
    for (const key of [word(0n), word(N), new Uint8Array(31).fill(1), new Uint8Array(33).fill(1)]) {
      expect(() => sign(digest, key))
        .to.throw(SignatureError)
        .with.property('code', 'PRIVATE_KEY_INVALID');
      expect(() => publicKeyOf(key))
        .to.throw(SignatureError)
        .with.property('code', 'PRIVATE_KEY_INVALID');
    }
    expect(() => sign(new Uint8Array(31), privateKey))
      .to.throw(SignatureError)
      .with.property('code', 'DIGEST_INVALID');
    expect(() => decompressPublicKey(new Uint8Array(33)))
      .to.throw(SignatureError)
      .with.property('code', 'PUBLIC_KEY_INVALID');
  });
});
