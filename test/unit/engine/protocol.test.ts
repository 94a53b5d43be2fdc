import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { REQUEST_LIMITS } from '../../../node/engine/limits.js';
import { encodeRequest } from '../../../node/engine/requestCodec.js';
import { toHex } from '../../../primitives/bytes.js';
import { domainTag } from '../../../primitives/hash.js';

/** The section of docs/PROTOCOL.md: the nearest folder above the compiled test that holds package.json has it. */
function section(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const text = readFileSync(join(folder, 'docs', 'PROTOCOL.md'), 'utf8');
  return text.split(/^### /m).find((part) => part.startsWith('What is asked\n')) ?? '';
}

const VECTORS = new Map([
  ['blocks-request', encodeRequest({ type: 'blocks', fromHeight: 7, maxCount: 256, maxBytes: 4_194_304 })],
  [
    'transactions-request',
    encodeRequest({
      type: 'transactions',
      blockHash: domainTag('example/block'),
      leafHashes: [domainTag('example/leaf')],
    }),
  ],
]);

describe('docs/PROTOCOL.md §Network, What is asked', () => {
  const text = section();

  for (const [name, bytes] of VECTORS) {
    it(`shows the bytes of ${name}`, () => {
      const [, shown] = new RegExp(`^\`\`\`vector ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text) ?? [];
      expect(shown?.replace(/\s/g, '')).to.equal(toHex(bytes));
    });
  }

  it('has the limits that the code has', () => {
    expect(text).to.include(`maxCount ≤ ${REQUEST_LIMITS.blocks}`);
    const { answerBytes, transactions } = REQUEST_LIMITS;
    expect(text).to.include(`maxBytes ≤ ${answerBytes.toLocaleString('en-US')}`);
    expect(text).to.include(`1 to ${transactions.toLocaleString('en-US')} leafHashes`);
  });
});
