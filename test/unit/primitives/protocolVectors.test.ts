import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { decodeFinalityProof, verifyFinalityProof } from '../../../primitives/finality.js';
import { decodeValidators } from '../../../primitives/validator.js';
import { PROTOCOL_VECTORS } from '../../support/protocolVectors.js';

/** The nearest folder above the compiled test that holds package.json. */
function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The fenced examples of §Formats: name → bytes in hexadecimal, whitespace left out. */
function documented(): Map<string, string> {
  const text = readFileSync(join(repositoryRoot(), 'docs', 'PROTOCOL.md'), 'utf8');
  const formats = (text.split(/^## /m).find((section) => section.startsWith('Formats')) ?? '').matchAll(
    /^```vector (\S+)\n([\s\S]*?)^```$/gm,
  );
  return new Map([...formats].map(([, name, bytes]) => [name as string, (bytes as string).replace(/\s/g, '')]));
}

function vector(name: string): Uint8Array {
  return PROTOCOL_VECTORS.get(name) ?? new Uint8Array();
}

describe('docs/PROTOCOL.md §Formats', () => {
  const examples = documented();

  it('shows every example that is computed, and no other', () => {
    expect([...examples.keys()].toSorted()).to.deep.equal([...PROTOCOL_VECTORS.keys()].toSorted());
  });

  for (const [name, bytes] of PROTOCOL_VECTORS) {
    it(`shows the bytes of ${name}`, () => {
      expect(examples.get(name)).to.equal(toHex(bytes));
    });
  }

  it('shows a proof that holds for the network of the example', () => {
    const facts = verifyFinalityProof(decodeFinalityProof(vector('finality-proof')), {
      chainId: 'vostro-example',
      genesisHash: vector('genesis-hash'),
      validators: decodeValidators(vector('validators')),
    });
    expect(toHex(facts.receipt.transactionId)).to.equal(toHex(vector('transaction-id')));
    expect(toHex(facts.blockHash)).to.equal(toHex(vector('block-hash')));
    expect(facts.outcome?.code).to.equal('INSUFFICIENT_FUNDS');
  });
});
