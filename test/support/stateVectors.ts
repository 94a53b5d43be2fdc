import { concatBytes, type Hash } from '../../primitives/bytes.js';
import { sha256 } from '../../primitives/hash.js';
import { encodeStateProof } from '../../primitives/stateProof.js';
import {
  type StateTreeShape,
  stateKeyHash,
  statePageHash,
  statePath,
  stateValueHash,
} from '../../primitives/stateTree.js';
import { utf8Encode } from '../../primitives/text.js';
import { naiveStateRoot } from './naiveStateTree.js';

/** The example of docs/PROTOCOL.md §State tree, computed: five keys, `a` to `e`, each with its capital as value. */

export const EXAMPLE_SHAPE: StateTreeShape = { treeDepth: 1, pageEntries: 2 };
export const EXAMPLE_STATE: ReadonlyMap<string, Uint8Array> = new Map(
  ['a', 'b', 'c', 'd', 'e'].map((key) => [key, utf8Encode(key.toUpperCase())]),
);

/** The entry of a key, as a page holds it. */
function entryOf(key: string): Uint8Array {
  return concatBytes(stateKeyHash(utf8Encode(key)), stateValueHash(utf8Encode(key.toUpperCase())));
}

function pageOf(way: string, depth: number, keys: readonly string[]): Hash {
  const path = statePath(Uint8Array.of(Number.parseInt(way.padEnd(8, '0'), 2)), depth);
  return statePageHash(path, depth, concatBytes(...keys.map(entryOf)));
}

function bitsOf(key: string): string {
  return (stateKeyHash(utf8Encode(key))[0] as number).toString(2).padStart(8, '0');
}

/** The keys below a way of bits, in the order of their hashes. */
export function keysBelow(way: string): string[] {
  return [...EXAMPLE_STATE.keys()]
    .filter((key) => bitsOf(key).startsWith(way))
    .sort((a, b) => (bitsOf(a) < bitsOf(b) ? -1 : 1));
}

/** The node at the end of a way. */
function nodeAt(way: string): Hash {
  const keys = keysBelow(way);
  if (way.length >= EXAMPLE_SHAPE.treeDepth && keys.length <= EXAMPLE_SHAPE.pageEntries) {
    return pageOf(way, way.length, keys);
  }
  return sha256(concatBytes(nodeAt(`${way}0`), nodeAt(`${way}1`)));
}

/** The bits that lead to the page on a key's way. */
export function wayTo(key: string): string {
  const bits = bitsOf(key);
  let depth = EXAMPLE_SHAPE.treeDepth;
  while (keysBelow(bits.slice(0, depth)).length > EXAMPLE_SHAPE.pageEntries) depth++;
  return bits.slice(0, depth);
}

function proofOf(key: string): Uint8Array {
  const way = wayTo(key);
  const siblings = Array.from({ length: way.length }, (_, index) => {
    const above = way.slice(0, way.length - 1 - index);
    return nodeAt(above + (way[above.length] === '0' ? '1' : '0'));
  });
  return encodeStateProof({ entries: concatBytes(...keysBelow(way).map(entryOf)), siblings });
}

/** Every example of §State tree by its name. */
export const STATE_VECTORS: ReadonlyMap<string, Uint8Array> = new Map([
  ['state-key-hash', stateKeyHash(utf8Encode('a'))],
  ['state-value-hash', stateValueHash(utf8Encode('A'))],
  ['state-page-empty', statePageHash(Uint8Array.of(0x80), 1, new Uint8Array())],
  ['state-root-empty', naiveStateRoot(new Map(), EXAMPLE_SHAPE)],
  ['state-root', naiveStateRoot(EXAMPLE_STATE, EXAMPLE_SHAPE)],
  ['state-proof', proofOf('b')],
  ['state-proof-absent', proofOf('i')],
]);
