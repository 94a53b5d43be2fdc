import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { createSandboxEngine } from '../../../sandbox/engine.js';
import { engineHash } from '../../../sandbox/engineHash.js';
import { SandboxError } from '../../../sandbox/errors.js';
import { QUICKJS_SHA256, readQuickjsBinary, requireKnownBinary } from '../../../sandbox/quickjsBinary.js';

describe('the identity of an engine', () => {
  it('begins with one file, byte for byte (PROTOCOL §Sandbox H1)', () => {
    const bytes = readQuickjsBinary();
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    expect(() => requireKnownBinary(bytes))
      .to.throw(SandboxError, QUICKJS_SHA256)
      .with.property('code', 'ENGINE_BINARY_UNKNOWN');
  });

  it('covers version, module and runtime (PROTOCOL §Sandbox H2)', () => {
    const parts = { version: 1, module: Uint8Array.of(1), runtime: 'a' };
    const hashes = [
      parts,
      { ...parts, version: 2 },
      { ...parts, module: Uint8Array.of(2) },
      { ...parts, runtime: 'b' },
    ].map((each) => toHex(engineHash(each)));
    expect(new Set(hashes).size).to.equal(4);
  });

  it('is the same for every engine that is made of the same parts (PROTOCOL §Sandbox H2)', () => {
    const hashes = ['', '', '1;'].map((runtime) => toHex(createSandboxEngine({ runtime }).hash));
    expect(hashes[0]).to.equal(hashes[1]);
    expect(hashes[2]).not.to.equal(hashes[0]);
  });

  it('is refused a runtime that does not run', () => {
    expect(() => createSandboxEngine({ runtime: 'throw new TypeError("broken")' }))
      .to.throw(SandboxError, /runtime.js does not run: TypeError: broken/)
      .with.property('code', 'ENGINE_BROKEN');
  });
});
