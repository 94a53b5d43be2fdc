import type { Hash } from '../../primitives/bytes.js';
import { TAGS, taggedHash } from '../../primitives/hash.js';

/** What a bank brings onto the chain: the program that runs, and the sources that it was built from. */
export const ARTEFACT_KINDS = ['bundle', 'source'] as const;
export type ArtefactKind = (typeof ARTEFACT_KINDS)[number];

/** Most bytes of each. */
export const ARTEFACT_BYTES: Readonly<Record<ArtefactKind, number>> = { bundle: 131_072, source: 524_288 };

/** Bytes of one chunk in which an artefact is uploaded: the last may be shorter. */
export const CHUNK_BYTES = 49_152;

/** PROTOCOL §Deployment T1: the name of a bundle, or of a source archive. */
export function artefactHash(kind: ArtefactKind, bytes: Uint8Array): Hash {
  return taggedHash(kind === 'bundle' ? TAGS.contractBundle : TAGS.contractSource, bytes);
}

/** The chunks in which an artefact is uploaded, in their order. */
export function chunksOf(bytes: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES)
    chunks.push(bytes.subarray(start, start + CHUNK_BYTES));
  return chunks;
}
