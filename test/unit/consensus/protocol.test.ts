import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { MAX_MESSAGE_BYTES } from '../../../consensus/messageCodec.js';
import { toHex } from '../../../primitives/bytes.js';
import { CONSENSUS_VECTORS } from './consensusVectors.js';

/** The section of docs/PROTOCOL.md: the nearest folder above the compiled test that holds package.json has it. */
function section(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const text = readFileSync(join(folder, 'docs', 'PROTOCOL.md'), 'utf8');
  return text.split(/^## /m).find((part) => part.startsWith('Consensus\n')) ?? '';
}

describe('docs/PROTOCOL.md §Consensus', () => {
  const text = section();
  const shown = new Map(
    [...text.matchAll(/^```vector (\S+)\n([\s\S]*?)^```$/gm)].map(([, name, bytes]) => [
      name as string,
      (bytes as string).replace(/\s/g, ''),
    ]),
  );

  it('shows every example that is computed, and no other', () => {
    expect([...shown.keys()].toSorted()).to.deep.equal([...CONSENSUS_VECTORS.keys()].toSorted());
  });

  for (const [name, bytes] of CONSENSUS_VECTORS) {
    it(`shows the bytes of ${name}`, () => {
      expect(shown.get(name)).to.equal(toHex(bytes));
    });
  }

  it('has eight rules, and the limits that the code has', () => {
    expect([...text.matchAll(/^(\d)\. \*\*/gm)].map(([, number]) => number)).to.deep.equal([...'12345678']);
    expect(text).to.include(`at most ${MAX_MESSAGE_BYTES.toLocaleString('en-US')} bytes`);
  });
});
