import {
  type ContractBuilder,
  defineContract,
  map,
  type StandardContract,
  t,
} from '../../../../contracts/api/index.js';

/** A bank's contract in several versions: it keeps a text under each id. */

const oldNote = t.text(100);
const oldState = { notes: map([t.id], oldNote), count: map([], t.uint(), 0) };
const newNote = t.struct({ text: t.text(100), length: t.uint() });
const newState = { notes: map([t.id], newNote), count: map([], t.uint(), 0) };
const events = { Migrated: { count: t.uint() } };
const errors = { CANNOT_MIGRATE: {} };
const writeArgs = { id: t.id, text: t.text(100) };
const bySender = { sender: true } as const;
const byGovernance = { contracts: ['governance'] } as const;

export function firstVersion(name = 'notes', version = 1): StandardContract {
  const notes = defineContract({ name, version, state: oldState, events: {}, errors: {} });
  return notes.build({
    write: notes.tx({ args: writeArgs, auth: bySender }, (ctx, a) => ctx.state.notes.set(a.id, a.text)),
    read: notes.view({ args: { id: t.id }, returns: oldNote }, (ctx, a) => ctx.state.notes.get(a.id)),
    erase: notes.tx({ args: { id: t.id }, auth: byGovernance }, (ctx, a) => ctx.state.notes.delete(a.id)),
    spin: notes.tx({ args: {}, auth: byGovernance }, (ctx) => {
      // More than any part of the fuel holds, and an end: where nothing bounds it, a test must fail and not hang.
      for (let time = 0; time < 200; time++) ctx.useFuel(1_000_000);
    }),
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

const versionTwo = { name: 'notes', version: 2, state: newState, events, errors } as const;

function migrating(how: 'well' | 'forever' | 'fails', name = 'notes'): StandardContract {
  return withLengths(
    defineContract({
      ...versionTwo,
      name,
      migrations: {
        1: {
          reads: { notes: oldState.notes },
          run: (ctx, old) => {
            const entries = old.notes.entries(100);
            for (const { key, value } of entries) ctx.state.notes.set(...key, { text: value, length: value.length });
            if (how === 'fails') ctx.fail('CANNOT_MIGRATE');
            while (how === 'forever') ctx.useFuel(1_000);
            ctx.emit('Migrated', { count: entries.length });
          },
        },
      },
    }),
  );
}

export const first = firstVersion();
export const second = migrating('well');
export const secondForever = migrating('forever');
export const secondFails = migrating('fails');
/** Changes what is stored, and takes nothing over. */
export const secondUnmigrated = withLengths(defineContract(versionTwo));
/** Has a step that does not look at what has changed. */
export const secondBlind = withLengths(
  defineContract({ ...versionTwo, migrations: { 1: { reads: { count: oldState.count }, run: () => undefined } } }),
);
/** Would read what is stored as something else. */
export const secondMisreads = withLengths(
  defineContract({
    ...versionTwo,
    migrations: { 1: { reads: { notes: map([t.id], t.uint()) }, run: () => undefined } },
  }),
);
/** Reads everything as it stands. */
export const secondSame = firstVersion('notes', 2);
export const third = firstVersion('notes', 3);
export const other = firstVersion('other');
export const otherSecond = migrating('well', 'other');
