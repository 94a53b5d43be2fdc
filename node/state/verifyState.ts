import { equalBytes, toHex } from '../../primitives/bytes.js';
import { TAGS } from '../../primitives/hash.js';
import { STATE_ENTRY_BYTES } from '../../primitives/stateTree.js';
import type { FaultList } from '../storage/faultList.js';
import { stateKeyCodec } from '../storage/rowCodec.js';
import type { ChainDatabase } from '../storage/types.js';
import type { Listing } from './chunkEdit.js';
import { findEntry } from './pageEdit.js';
import { type PageTree, pageOnTheWayTo } from './pageTree.js';
import { entriesOf, TaggedHasher } from './treeHash.js';
import { currentValues } from './valueStore.js';

/** What every key of the state is checked against. */
export interface VerifyStateModules {
  readonly database: ChainDatabase;
  readonly tree: PageTree;
  readonly isOrdered: (key: string) => boolean;
}

/**
 * Checks every value against the hash that its page holds, that no page holds a key without a value, and that the
 * ordered index names exactly the keys that there are. The tree itself is checked against the head when it is opened.
 *
 * @returns how many keys there are
 */
export async function verifyState(
  { database, tree, isOrdered }: VerifyStateModules,
  faults: FaultList,
): Promise<number> {
  const keyHasher = new TaggedHasher(TAGS.stateKey);
  const valueHasher = new TaggedHasher(TAGS.stateValue);
  const indexed = indexedKeys(database)[Symbol.asyncIterator]();
  let next = await indexed.next();
  let keys = 0;
  const rows = { values: database.stateValues, log: database.valueLog };
  for await (const [key, { value, isListed }] of currentValues(rows)) {
    keys++;
    const shown = toHex(stateKeyCodec.encode(key));
    const keyHash = keyHasher.hash(stateKeyCodec.encode(key));
    const { page, depth } = pageOnTheWayTo(tree, keyHash);
    const entries = entriesOf(page, depth);
    const at = findEntry(entries, 0, entries.length / STATE_ENTRY_BYTES, keyHash) * STATE_ENTRY_BYTES;
    if (at < 0) faults.add({ code: 'STATE_KEY_UNKNOWN', message: `the tree does not hold the key ${shown}` });
    else if (!equalBytes(entries.subarray(at + 32, at + 64), valueHasher.hash(value))) {
      faults.add({ code: 'STATE_VALUE_MISMATCH', message: `the value of ${shown} is not the one in the tree` });
    }
    if (isOrdered(key)) {
      if (next.done === true || next.value.key !== key) {
        faults.add({ code: 'STATE_INDEX_MISMATCH', message: `the ordered index does not follow at ${shown}` });
      } else {
        const message = `the ordered index does not have the value of ${shown} as its own row says`;
        const listed = next.value.value;
        const fits = isListed ? listed !== undefined && equalBytes(listed, value) : listed === undefined;
        if (!fits) faults.add({ code: 'STATE_INDEX_MISMATCH', message });
        next = await indexed.next();
      }
    }
    if (faults.isFull) return keys;
  }
  if (next.done !== true) {
    faults.add({ code: 'STATE_INDEX_MISMATCH', message: 'the ordered index names keys that have no value' });
  }
  if (keys !== tree.entryCount()) {
    const message = `expected ${tree.entryCount()} values for the entries of the tree, found ${keys}`;
    faults.add({ code: 'STATE_COUNT_MISMATCH', message });
  }
  return keys;
}

async function* indexedKeys(database: ChainDatabase): AsyncGenerator<Listing> {
  for await (const [, { keys, values }] of database.orderedKeys.entries()) {
    for (const [index, key] of keys.entries()) yield { key, value: values[index] };
  }
}
