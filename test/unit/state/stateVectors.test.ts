import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { decodeStateProof, verifyStateProof } from '../../../primitives/stateProof.js';
import { stateValueHash } from '../../../primitives/stateTree.js';
import { utf8Encode } from '../../../primitives/text.js';
import { EXAMPLE_SHAPE, STATE_VECTORS } from '../../support/stateVectors.js';

/** The nearest folder above the compiled test that holds package.json. */
function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The fenced examples of §State tree: name → bytes in hexadecimal, whitespace left out. */
function documented(): Map<string, string> {
  const text = readFileSync(join(repositoryRoot(), 'docs', 'PROTOCOL.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith('State tree')) ?? '';
  const examples = section.matchAll(/^```vector (\S+)\n([\s\S]*?)^```$/gm);
  return new Map([...examples].map(([, name, bytes]) => [name as string, (bytes as string).replace(/\s/g, '')]));
}

describe('docs/PROTOCOL.md §State tree', () => {
  const examples = documented();
  const bytes = (name: string) => STATE_VECTORS.get(name) as Uint8Array;
  const verify = (name: string, key: string) =>
    verifyStateProof(decodeStateProof(bytes(name)), utf8Encode(key), bytes('state-root'), EXAMPLE_SHAPE);

  it('shows every example that is computed, and no other', () => {
    expect([...examples.keys()].toSorted()).to.deep.equal([...STATE_VECTORS.keys()].toSorted());
  });

  for (const [name, expected] of STATE_VECTORS) {
    it(`shows the bytes of ${name}`, () => {
      expect(examples.get(name)).to.equal(toHex(expected));
    });
  }

  it('shows proofs that hold', () => {
    expect(toHex(verify('state-proof', 'b') as Uint8Array)).to.equal(toHex(stateValueHash(utf8Encode('B'))));
    expect(verify('state-proof-absent', 'i')).to.equal(undefined);
  });
});
