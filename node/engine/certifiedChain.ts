import { headerHash } from '../../primitives/block.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { certificateShapeFault } from '../../primitives/certificate.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { BlockHeader, Validator } from '../../primitives/types.js';
import type { CertifiedBlock } from '../execution/types.js';
import type { SignatureVerifier } from '../signatures/types.js';
import { hasCommittedRoot, leafHashes } from './blockBody.js';
import { certificateChecks } from './certificateChecks.js';
import { EngineError } from './errors.js';

/** PROTOCOL §What is asked N2. Proves fetched blocks before any of them is committed: header chain, bodies, and certificates of their validators. */

export interface ChainCheckModules {
  readonly genesisHash: Hash;
  readonly hasher: PairHasher;
  readonly verifier: SignatureVerifier;
}

/** What the next block is proven upon: committed, or proven to be final. */
export interface ProvenTip {
  readonly header: BlockHeader;
  readonly blockHash: Hash;
  /** Who decides the next block; those before them where `isHandover`. */
  readonly validators: readonly Validator[];
  /** The header hands over to other validators, whom only the state after it names: it must be committed first. */
  readonly isHandover: boolean;
}

export interface ProvenBlocks {
  readonly proven: readonly CertifiedBlock[];
  readonly tip: ProvenTip;
}

/**
 * The blocks of the front that the parent's own validators decide: all of them, or up to the first that hands over to
 * other validators, whom the state after it must name. Every signature of each is checked, all of them at once.
 *
 * @returns at least one block unless there is none
 * @throws EngineError `ANSWER_UNPROVEN`; SignatureServiceError
 */
export async function proveBlocks(
  blocks: readonly CertifiedBlock[],
  parent: ProvenTip,
  modules: ChainCheckModules,
): Promise<ProvenBlocks> {
  const { validators } = parent;
  const { nextValidatorsHash } = parent.header;
  const proven: CertifiedBlock[] = [];
  let tip = parent;
  for (const certified of blocks) {
    if (tip.isHandover) break;
    const { header } = certified.block;
    const blockHash = checkBlock(certified, tip, modules);
    tip = { header, blockHash, validators, isHandover: !equalBytes(header.nextValidatorsHash, nextValidatorsHash) };
    proven.push(certified);
  }
  const checks = proven.flatMap(({ certificate }) => certificateChecks(certificate, validators, modules.genesisHash));
  const answers = await modules.verifier.verifyMany(checks, 'urgent');
  const isProven = checks.every((_, position) => answers[position] === true);
  if (!isProven) throw unproven('signatures', 'those of the validators', 'another value');
  return { proven, tip };
}

/** Everything but the signatures. @returns the block's hash */
function checkBlock({ block, certificate }: CertifiedBlock, parent: ProvenTip, { hasher }: ChainCheckModules): Hash {
  const { header } = block;
  const expectedHeight = parent.header.height + 1;
  if (header.chainId !== parent.header.chainId) throw unproven('chainId', parent.header.chainId, header.chainId);
  if (header.height !== expectedHeight) throw unproven('height', `${expectedHeight}`, `${header.height}`);
  if (!equalBytes(header.parentHash, parent.blockHash)) {
    throw unproven('parentHash', toHex(parent.blockHash), toHex(header.parentHash));
  }
  const hash = headerHash(header);
  const isOfBlock = certificate.type === 'commit' && certificate.height === header.height;
  if (!isOfBlock || !equalBytes(certificate.blockHash, hash)) {
    throw unproven('certificate', `the commit certificate of ${toHex(hash)}`, `one of ${toHex(certificate.blockHash)}`);
  }
  const fault = certificateShapeFault(certificate, parent.validators.length);
  if (fault !== undefined) throw unproven('certificate', 'a quorum of the validators', fault.message);
  if (!hasCommittedRoot(header, leafHashes(block.transactions), hasher)) {
    throw unproven('transactions', `those of the root ${toHex(header.txRoot)}`, 'others');
  }
  return hash;
}

function unproven(field: string, expected: string, actual: string): EngineError {
  return new EngineError('ANSWER_UNPROVEN', `a fetched block's ${field}: expected ${expected}, found ${actual}`, {
    field,
    expected,
    actual,
    hint: 'another peer is asked',
  });
}
