import type { KeyOf, KeySchemas, MapEntry, PrefixOf, ReadonlyStateMap } from '../api/state.js';

/** Entries that are read at once: few enough for any transaction's fuel. */
const PAGE = 100;

/** All entries of a map, page by page: for maps that grow with the number of members only. */
export function allEntries<K extends KeySchemas, V>(entries: ReadonlyStateMap<K, V>): readonly MapEntry<K, V>[] {
  return pages((after) => entries.entries(PAGE, after));
}

/** The same of the entries whose key begins with these parts. */
export function allEntriesUnder<K extends KeySchemas, V>(
  entries: ReadonlyStateMap<K, V>,
  prefix: PrefixOf<KeyOf<K>>,
): readonly MapEntry<K, V>[] {
  return pages((after) => entries.entriesUnder(prefix, PAGE, after));
}

function pages<K extends KeySchemas, V>(
  read: (after: KeyOf<K> | undefined) => readonly MapEntry<K, V>[],
): readonly MapEntry<K, V>[] {
  const found: MapEntry<K, V>[] = [];
  for (let after: KeyOf<K> | undefined; ; ) {
    const page = read(after);
    for (const entry of page) found.push(entry);
    after = page.at(-1)?.key;
    if (page.length < PAGE) return found;
  }
}
