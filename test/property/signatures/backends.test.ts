import { expect } from 'chai';
import fc from 'fast-check';
import { createNativeBackend, SELF_TEST } from '../../../node/signatures/nativeBackend.js';
import { fromHex, toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { decompressPublicKey, nobleBackend } from '../../../primitives/signature.js';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const RUNS = 120;

const bytes32 = (value: bigint): Uint8Array => fromHex(`0x${value.toString(16).padStart(64, '0')}`);
const number = (bytes: Uint8Array): bigint => BigInt(toHex(bytes));
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Numbers where the two libraries could differ: around zero, the order, its half, and the field's prime. */
const EDGES = [0n, 1n, 2n, ORDER / 2n, ORDER / 2n + 1n, ORDER - 1n, ORDER, ORDER + 1n, FIELD - 1n, FIELD, FIELD + 1n]
  .concat((1n << 256n) - 1n)
  .map(bytes32);

const edgeOrAny = fc.oneof(fc.constantFrom(...EDGES), fc.uint8Array({ minLength: 32, maxLength: 32 }));
const privateKeys = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(bytes32);

/** Changes to one part of a valid triple, each of which must get the same answer from both. */
const changes = fc.oneof(
  fc.record({ kind: fc.constant('none' as const) }),
  fc.record({ kind: fc.constant('flip' as const), bit: fc.nat(64 * 8 - 1) }),
  fc.record({ kind: fc.constant('truncate' as const), length: fc.nat(70) }),
  fc.record({ kind: fc.constant('half' as const), high: fc.boolean(), value: edgeOrAny }),
  fc.record({ kind: fc.constant('highS' as const) }),
);
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

function applyChange(bytes: Uint8Array, change: Change): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (change.kind === 'flip') {
    const index = (change.bit >> 3) % copy.length;
    copy[index] = (copy[index] ?? 0) ^ (1 << (change.bit & 7));
  }
  if (change.kind === 'truncate') return Uint8Array.from({ length: change.length }, (_, i) => copy[i] ?? 0);
  if (change.kind === 'half') copy.set(change.value.subarray(0, copy.length), change.high || copy.length < 64 ? 0 : 32);
  if (change.kind === 'highS' && copy.length === 64)
    return join(copy.subarray(0, 32), bytes32(ORDER - number(copy.subarray(32))));
  return copy;
}

function outcome(run: () => Uint8Array): string {
  try {
    return toHex(run());
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}

describe('the native signature backend and the pure one', () => {
  const native = createNativeBackend();

  it('make the same bytes from the same key and digest, and each accepts them', () => {
    fc.assert(
      fc.property(privateKeys, edgeOrAny, (privateKey, digest) => {
        const signature = native.sign(digest, privateKey);
        expect(toHex(signature)).to.equal(toHex(nobleBackend.sign(digest, privateKey)));
        const publicKey = native.publicKey(privateKey);
        expect(toHex(publicKey)).to.equal(toHex(nobleBackend.publicKey(privateKey)));
        expect(native.verify(signature, digest, publicKey)).to.equal(true);
        expect(nobleBackend.verify(signature, digest, publicKey)).to.equal(true);
      }),
      { numRuns: RUNS, seed: 20_240_901 },
    );
  });

  it('are held to what the pure one makes by the self test of the native one', () => {
    const { privateKey, digest, publicKey, signature } = SELF_TEST;
    expect(toHex(publicKey)).to.equal(toHex(nobleBackend.publicKey(privateKey)));
    expect(toHex(signature)).to.equal(toHex(nobleBackend.sign(digest, privateKey)));
  });

  it('refuse the same private keys and digests with the same code', () => {
    const oddBytes = fc.oneof(edgeOrAny, fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(oddBytes, oddBytes, (privateKey, digest) => {
        expect(outcome(() => native.sign(digest, privateKey))).to.equal(
          outcome(() => nobleBackend.sign(digest, privateKey)),
        );
        expect(outcome(() => native.publicKey(privateKey))).to.equal(outcome(() => nobleBackend.publicKey(privateKey)));
      }),
      { numRuns: RUNS, seed: 20_240_902 },
    );
  });

  it('decompress the same keys to the same bytes, and refuse the same others with the same code', () => {
    const agree = (key: Uint8Array): void => {
      expect(outcome(() => native.decompress(key))).to.equal(outcome(() => nobleBackend.decompress(key)));
    };
    for (let first = 0; first < 256; first++) {
      for (const rest of [...EDGES, ...EDGES.map((x) => join(x, x))]) agree(join(Uint8Array.of(first), rest));
    }
    fc.assert(
      fc.property(privateKeys, fc.boolean(), changes, (privateKey, uncompressed, change) => {
        const publicKey = native.publicKey(privateKey);
        agree(applyChange(uncompressed ? decompressPublicKey(publicKey) : publicKey, change));
      }),
      { numRuns: RUNS, seed: 20_240_906 },
    );
    agree(new Uint8Array(0));
  });

  it('give the same verdict on every signature, digest and key, however they were changed', () => {
    fc.assert(
      fc.property(
        privateKeys,
        edgeOrAny,
        fc.boolean(),
        fc.constantFrom('signature', 'digest', 'publicKey'),
        changes,
        (privateKey, digest, uncompressed, part, change) => {
          const publicKey = native.publicKey(privateKey);
          const parts = {
            signature: native.sign(digest, privateKey),
            digest,
            publicKey: uncompressed ? decompressPublicKey(publicKey) : publicKey,
          };
          parts[part] = applyChange(parts[part], change);
          const verdict = native.verify(parts.signature, parts.digest, parts.publicKey);
          expect(verdict).to.equal(nobleBackend.verify(parts.signature, parts.digest, parts.publicKey));
          if (change.kind === 'none') expect(verdict).to.equal(true);
        },
      ),
      { numRuns: 3 * RUNS, seed: 20_240_903 },
    );
  });

  it('agree on every pair of edge values as r and s, and on every first byte of a key', () => {
    const privateKey = bytes32(7n);
    const digest = bytes32(99n);
    const publicKey = native.publicKey(privateKey);
    const point = decompressPublicKey(publicKey);
    const signature = native.sign(digest, privateKey);
    for (const r of EDGES) {
      for (const s of EDGES) {
        const odd = join(r, s);
        expect(native.verify(odd, digest, publicKey), toHex(odd)).to.equal(nobleBackend.verify(odd, digest, publicKey));
      }
    }
    for (let first = 0; first < 256; first++) {
      for (const key of [publicKey, point]) {
        const odd = join(Uint8Array.of(first), key.subarray(1));
        const verdict = native.verify(signature, digest, odd);
        expect(verdict, `first byte ${first}, ${odd.length} bytes`).to.equal(
          nobleBackend.verify(signature, digest, odd),
        );
        if (first === 6 || first === 7) expect(verdict, 'a hybrid key').to.equal(false);
      }
    }
    for (const x of EDGES) {
      const odd = join(Uint8Array.of(2), x);
      expect(native.verify(signature, digest, odd)).to.equal(nobleBackend.verify(signature, digest, odd));
    }
  });

  it('agree on a signature of which the point’s x exceeds the order', () => {
    // r = x − n for a point with n ≤ x < p: only wrong reductions accept or refuse it differently.
    for (let x = ORDER; x < ORDER + 40n; x++) {
      const odd = join(bytes32(x - ORDER), bytes32(1n));
      const key = join(Uint8Array.of(2), bytes32(x));
      for (const digest of [bytes32(0n), bytes32(5n)]) {
        expect(native.verify(odd, digest, key)).to.equal(nobleBackend.verify(odd, digest, key));
      }
    }
  });

  it('never throw from verify, whatever they are given', () => {
    const odd = fc.anything({ withTypedArray: true, withBigInt: true });
    fc.assert(
      fc.property(odd, odd, odd, (a, b, c) => {
        const [signature, digest, key] = [a, b, c] as Uint8Array[];
        expect(native.verify(signature as Uint8Array, digest as Uint8Array, key as Uint8Array)).to.equal(false);
        expect(nobleBackend.verify(signature as Uint8Array, digest as Uint8Array, key as Uint8Array)).to.equal(false);
      }),
      { numRuns: 2_000, seed: 20_240_904 },
    );
  });
});
