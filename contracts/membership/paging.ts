import type { KeyOf, KeySchemas, MapEntry, ReadonlyStateMap } from '../api/state.js';

/** Entries that are read at once: few enough for any transaction's fuel. */
const PAGE = 100;

/** All entries of a map, page by page: for maps that grow with the number of members only. */
export function allEntries<K extends KeySchemas, V>(entries: ReadonlyStateMap<K, V>): readonly MapEntry<K, V>[] {
  const found: MapEntry<K, V>[] = [];
  for (let after: KeyOf<K> | undefined; ; ) {
    const page = entries.entries(PAGE, after);
    for (const entry of page) found.push(entry);
    after = page.at(-1)?.key;
    if (page.length < PAGE) return found;
  }
}
