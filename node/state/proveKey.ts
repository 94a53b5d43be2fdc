import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { StateProof } from '../../primitives/stateProof.js';
import { stateBit } from '../../primitives/stateTree.js';
import { pooledSha256 } from '../nativeSha256.js';
import { bucketOf, type PageTree } from './pageTree.js';
import { entriesOf, type Page } from './treeHash.js';

/** The page on the key's way and the siblings of that way, from the page up. The page is checked against the tree. */
export function proveKey(tree: PageTree, keyHash: Hash): StateProof {
  const { treeDepth } = tree.shape;
  const bucket = bucketOf(keyHash, treeDepth);
  const siblings: Hash[] = [];
  for (let index = tree.bucketCount + bucket; index > 1; index >>>= 1) {
    siblings.push(tree.upperHash(index ^ 1).slice());
  }
  const root = tree.bucketRoot(bucket);
  if (root === undefined) {
    const page = tree.bucketPage(bucket, keyHash);
    return proofOf(page, treeDepth, tree.upperHash(tree.bucketCount + bucket), siblings);
  }
  let node = root;
  let depth = treeDepth;
  for (; !tree.pool.isPage(node); depth++) {
    const [left, right] = [tree.pool.left(node), tree.pool.right(node)];
    const goesRight = stateBit(keyHash, depth) === 1;
    siblings.unshift(tree.pool.hash(goesRight ? left : right).slice());
    node = goesRight ? right : left;
  }
  return proofOf(tree.poolPage(node, depth, keyHash), depth, tree.pool.hash(node), siblings);
}

function proofOf(page: Page, depth: number, hash: Hash, siblings: Hash[]): StateProof {
  invariant(equalBytes(pooledSha256(page), hash), 'a page has the hash that the tree holds', {
    hint: 'the database is damaged: run `vostro node verify`',
  });
  return { entries: entriesOf(page, depth).slice(), siblings };
}
