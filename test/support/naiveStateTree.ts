import { compareBytes, concatBytes, type Hash } from '../../primitives/bytes.js';
import { sha256 } from '../../primitives/hash.js';
import {
  type StateTreeShape,
  stateBit,
  stateKeyHash,
  statePageHash,
  statePath,
  stateRootHash,
  stateValueHash,
} from '../../primitives/stateTree.js';

interface Entry {
  readonly keyHash: Hash;
  readonly valueHash: Hash;
}

/** The root of PROTOCOL §State tree, computed anew from all keys, as the text reads: slow, and obviously right. */
export function naiveStateRoot(values: ReadonlyMap<string, Uint8Array>, shape: StateTreeShape): Hash {
  const entries = [...values]
    .map(([key, value]) => ({ keyHash: stateKeyHash(bytesOf(key)), valueHash: stateValueHash(value) }))
    .sort((a, b) => compareBytes(a.keyHash, b.keyHash));
  return stateRootHash(shape, naiveNode(entries, new Uint8Array(32), 0, shape));
}

function naiveNode(entries: readonly Entry[], way: Hash, depth: number, shape: StateTreeShape): Hash {
  if (depth >= shape.treeDepth && entries.length <= shape.pageEntries) {
    const packed = concatBytes(...entries.flatMap(({ keyHash, valueHash }) => [keyHash, valueHash]));
    return statePageHash(statePath(way, depth), depth, packed);
  }
  const right = way.slice();
  right[depth >> 3] = (right[depth >> 3] as number) | (0x80 >> (depth & 7));
  const goesRight = (entry: Entry) => stateBit(entry.keyHash, depth) === 1;
  return sha256(
    concatBytes(
      naiveNode(
        entries.filter((entry) => !goesRight(entry)),
        way,
        depth + 1,
        shape,
      ),
      naiveNode(entries.filter(goesRight), right, depth + 1, shape),
    ),
  );
}

export function bytesOf(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}
