import { type ContractBuilder, defineContract, map, type StandardContract, t } from '../../contracts/api/index.js';
import { type ArtefactKind, artefactHash, chunksOf } from '../../contracts/deployment/artefacts.js';
import { deployment } from '../../contracts/index.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Call } from '../../primitives/types.js';
import { bundleOf, TEST_ENGINE } from './fakeSandbox.js';
import { callOf } from './settlementNetwork.js';

/** A bank's contract in several versions, whose programs a fake sandbox loads by their names. */

const oldNote = t.text(100);
const oldState = { notes: map([t.id], oldNote), count: map([], t.uint(), 0) };
const newNote = t.struct({ text: t.text(100), length: t.uint() });
const newState = { notes: map([t.id], newNote), count: map([], t.uint(), 0) };
const events = { Migrated: { count: t.uint() } };
const errors = { CANNOT_MIGRATE: {} };
const writeArgs = { id: t.id, text: t.text(100) };
const bySender = { sender: true } as const;

/** Keeps a text under each id. */
export function firstVersion(name = 'notes', version = 1): StandardContract {
  const notes = defineContract({ name, version, state: oldState, events: {}, errors: {} });
  return notes.build({
    write: notes.tx({ args: writeArgs, auth: bySender }, (ctx, a) => ctx.state.notes.set(a.id, a.text)),
    read: notes.view({ args: { id: t.id }, returns: oldNote }, (ctx, a) => ctx.state.notes.get(a.id)),
  });
}

/** Keeps with every note how long it is. */
function withLengths(notes: ContractBuilder<typeof newState, typeof events, typeof errors>): StandardContract {
  return notes.build({
    write: notes.tx({ args: writeArgs, auth: bySender }, (ctx, { id, text }) =>
      ctx.state.notes.set(id, { text, length: text.length }),
    ),
    read: notes.view({ args: { id: t.id }, returns: newNote }, (ctx, a) => ctx.state.notes.get(a.id)),
    length: notes.view({ args: { id: t.id }, returns: t.uint() }, (ctx, a) => ctx.state.notes.get(a.id).length),
  });
}

const second = { name: 'notes', version: 2, state: newState, events, errors } as const;

function migrating(how: 'well' | 'forever' | 'fails', name = 'notes'): StandardContract {
  const migration = {
    reads: { notes: oldState.notes },
    run(ctx: Parameters<Step['run']>[0], old: Parameters<Step['run']>[1]) {
      const entries = old.notes.entries(100);
      for (const { key, value } of entries) ctx.state.notes.set(...key, { text: value, length: value.length });
      if (how === 'fails') ctx.fail('CANNOT_MIGRATE');
      while (how === 'forever') ctx.useFuel(1_000);
      ctx.emit('Migrated', { count: entries.length });
    },
  };
  return withLengths(defineContract({ ...second, name, migrations: { 1: migration } }));
}

type Step = import('../../contracts/api/migration.js').Migration<
  typeof newState,
  typeof events,
  typeof errors,
  { readonly notes: typeof oldState.notes }
>;

/** By the name that stands in the bundle. */
export const NOTES_PROGRAMS: Readonly<Record<string, StandardContract>> = {
  first: firstVersion(),
  /** Another program of the same version. */
  firstAgain: firstVersion(),
  second: migrating('well'),
  secondForever: migrating('forever'),
  secondFails: migrating('fails'),
  /** Changes what is stored, and takes nothing over. */
  secondUnmigrated: withLengths(defineContract(second)),
  /** Has a step that does not look at what has changed. */
  secondBlind: withLengths(
    defineContract({ ...second, migrations: { 1: { reads: { count: oldState.count }, run: () => undefined } } }),
  ),
  /** Would read what is stored as something else. */
  secondMisreads: withLengths(
    defineContract({
      ...second,
      migrations: { 1: { reads: { notes: map([t.id], t.uint()) }, run: () => undefined } },
    }),
  ),
  /** Reads everything as it stands. */
  secondSame: firstVersion('notes', 2),
  third: firstVersion('notes', 3),
  other: firstVersion('other'),
  otherSecond: migrating('well', 'other'),
};

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

/** Uploads a program of `NOTES_PROGRAMS` with its source and registers it. */
export function registerCalls(program: string, version = 1, name = 'notes'): readonly Call[] {
  const registration = { name, version, bundle: bundleHash(program), source: sourceHash, engine: TEST_ENGINE.hash };
  return [
    ...uploadCalls('bundle', bundleOf(program)),
    ...uploadCalls('source', NOTES_SOURCE),
    callOf(deployment.methods.register, registration),
  ];
}
