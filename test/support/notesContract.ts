import type { StandardContract } from '../../contracts/api/index.js';
import { type ArtefactKind, artefactHash, chunksOf } from '../../contracts/deployment/artefacts.js';
import { deployment } from '../../contracts/index.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Call } from '../../primitives/types.js';
import { bundleOf, TEST_ENGINE } from './fakeSandbox.js';
import * as notes from './sandbox/contracts/notes.js';
import { callOf } from './settlementNetwork.js';

/** A bank's contract on its way onto the chain, for a fake sandbox: a bundle is the name of a version in notes.ts. */

const { firstVersion: _, ...versions } = notes;

/** By the name that stands in the bundle; `firstAgain` is another program of the same version. */
export const NOTES_PROGRAMS: Readonly<Record<string, StandardContract>> = { ...versions, firstAgain: notes.first };

export const NOTES_SOURCE = utf8Encode('the sources of notes');
export const sourceHash = artefactHash('source', NOTES_SOURCE);

export function bundleHash(program: string): Uint8Array {
  return artefactHash('bundle', bundleOf(program));
}

/** The calls that bring an artefact onto the chain, one for each chunk. */
export function uploadCalls(kind: ArtefactKind, bytes: Uint8Array): readonly Call[] {
  const chunks = chunksOf(bytes);
  const [hash, total] = [artefactHash(kind, bytes), chunks.length];
  return chunks.map((data, index) => callOf(deployment.methods.upload, { hash, index, total, data }));
}

/** Uploads a bundle with the source of the notes, and registers it. */
export function registerBundle(bundle: Uint8Array, version = 1, name = 'notes'): readonly Call[] {
  const hash = artefactHash('bundle', bundle);
  const registration = { name, version, bundle: hash, source: sourceHash, engine: TEST_ENGINE.hash };
  return [
    ...uploadCalls('bundle', bundle),
    ...uploadCalls('source', NOTES_SOURCE),
    callOf(deployment.methods.register, registration),
  ];
}

/** What members approve of it: what `contracts.activate` names, but for the fuel. */
export function approvalOf(bundle: Uint8Array, name = 'notes') {
  return { name, bundle, source: sourceHash, engine: TEST_ENGINE.hash };
}

/** The same of a program of `NOTES_PROGRAMS`. */
export function registerCalls(program: string, version = 1, name = 'notes'): readonly Call[] {
  return registerBundle(bundleOf(program), version, name);
}
