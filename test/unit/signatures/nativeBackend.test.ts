import { createRequire } from 'node:module';
import { expect } from 'chai';
import { chooseBackend } from '../../../node/signatures/chooseBackend.js';
import { createNativeBackend, type Secp256k1Binding } from '../../../node/signatures/nativeBackend.js';
import { PublicKeyCache } from '../../../node/signatures/publicKeyCache.js';
import { equalBytes } from '../../../primitives/bytes.js';

const binding = createRequire(import.meta.url)('secp256k1/bindings.js') as Secp256k1Binding;

describe('chooseBackend', () => {
  it('takes the native backend where its binary loads, and says so', () => {
    const { backend, reason } = chooseBackend();
    expect(backend.name).to.equal('native');
    expect(reason).to.include('self test');
  });

  it('takes the pure one where the binary does not load, and says why', () => {
    const load = (): Secp256k1Binding => {
      throw new TypeError('No native build was found');
    };
    const { backend, reason } = chooseBackend({ load });
    expect(backend.name).to.equal('noble');
    expect(reason).to.include('No native build was found');
  });

  it('does not trust a binary that accepts what it should refuse', () => {
    const { backend, reason } = chooseBackend({ load: () => ({ ...binding, ecdsaVerify: () => true }) });
    expect(backend.name).to.equal('noble');
    expect(reason).to.include('wrong answers');
  });
});

describe('the cache of decompressed keys', () => {
  const key = (n: number): Uint8Array => new Uint8Array(33).fill(n);

  it('decompresses a key once while it is in use, and stays within its bound', () => {
    const cache = new PublicKeyCache(4);
    const asked: number[] = [];
    const decompress = (compressed: Uint8Array): Uint8Array => {
      asked.push(compressed[0] ?? 0);
      return Uint8Array.of(compressed[0] ?? 0);
    };
    for (let n = 0; n < 50; n++) {
      expect(cache.get(key(n), decompress)).to.deep.equal(Uint8Array.of(n));
      cache.get(key(0), decompress);
      expect(cache.size).to.be.at.most(8);
    }
    expect(asked.filter((n) => n === 0)).to.have.length(1);
  });

  it('tells keys apart that share all but one byte, and reads the key at its offset in a larger buffer', () => {
    const native = createNativeBackend({ cachedKeys: 2 });
    const digest = new Uint8Array(32).fill(3);
    const larger = new Uint8Array(200);
    const keys = [1, 2, 3, 4, 5].map((n) => new Uint8Array(32).fill(n));
    for (const [i, privateKey] of [...keys, ...keys].entries()) {
      const view = larger.subarray(i, i + 33);
      view.set(native.publicKey(privateKey));
      expect(native.verify(native.sign(digest, privateKey), digest, view)).to.equal(true);
      const other = keys[(i + 1) % keys.length] ?? privateKey;
      expect(native.verify(native.sign(digest, other), digest, view)).to.equal(false);
    }
  });

  it('gives signatures that own their bytes', () => {
    const native = createNativeBackend();
    const first = native.sign(new Uint8Array(32).fill(1), new Uint8Array(32).fill(1));
    const copy = Uint8Array.from(first);
    native.sign(new Uint8Array(32).fill(2), new Uint8Array(32).fill(1));
    expect(equalBytes(first, copy)).to.equal(true);
  });
});
