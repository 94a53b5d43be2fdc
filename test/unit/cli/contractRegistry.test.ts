import { expect } from 'chai';
import { readArtefact } from '../../../cli/contract/registry.js';
import type { Session } from '../../../cli/session.js';
import { artefactHash, chunksOf } from '../../../contracts/deployment/artefacts.js';
import { toHex } from '../../../primitives/bytes.js';
import { rejectionOf } from '../../support/rejection.js';

const BYTES = new Uint8Array(100_000).map((_, index) => index % 251);
const HASH = artefactHash('source', BYTES);

/** A session with a node that keeps these chunks under every hash. */
function nodeWith(chunks: readonly Uint8Array[] | undefined): Session {
  const client = {
    read: async ({ method }: { readonly method: string }, { index = 0 }: { readonly index?: number }) => {
      if (method === 'chunk') return chunks?.[index];
      return chunks === undefined ? undefined : { kind: 'source', total: chunks.length, sizeBytes: 0 };
    },
  };
  return { client } as unknown as Session;
}

describe('the sources and bundles that a node gives', () => {
  it('are put together from their chunks', async () => {
    expect((await readArtefact(nodeWith(chunksOf(BYTES)), 'source', HASH)).bytes).to.deep.equal(BYTES);
  });

  it('are not other bytes than those of their hash', async () => {
    const other = BYTES.slice();
    other[70_000] = 255;
    for (const chunks of [chunksOf(other), chunksOf(BYTES).slice(1), chunksOf(BYTES).toReversed(), []]) {
      const error = await rejectionOf(readArtefact(nodeWith(chunks), 'source', HASH));
      expect(error.code).to.equal('ARTEFACT_INVALID');
      expect(error.details.expected).to.equal(toHex(HASH));
    }
  });

  it('are not what has that hash as another kind', async () => {
    expect((await rejectionOf(readArtefact(nodeWith(chunksOf(BYTES)), 'bundle', HASH))).code).to.equal(
      'ARTEFACT_INVALID',
    );
  });

  it('are none where nothing was registered', async () => {
    expect((await rejectionOf(readArtefact(nodeWith(undefined), 'source', HASH))).code).to.equal('NOT_FOUND');
  });
});
