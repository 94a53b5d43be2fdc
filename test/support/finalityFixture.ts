import { addressFromPublicKey } from '../../primitives/address.js';
import { headerHash } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import { buildCertificate } from '../../primitives/certificate.js';
import type { TrustedChain } from '../../primitives/finality.js';
import { domainTag } from '../../primitives/hash.js';
import { EMPTY_TREE_ROOT, merkleProof, merkleRoot } from '../../primitives/merkle.js';
import { commitDigest, prepareDigest } from '../../primitives/message.js';
import { encodeOutcome, encodeReceipt, outcomeLeaf, outcomesRoot, receiptLeaf } from '../../primitives/receipt.js';
import { publicKeyOf, sign } from '../../primitives/signature.js';
import type {
  BlockHeader,
  Certificate,
  CertificateType,
  FinalityProof,
  Handover,
  Outcome,
  Receipt,
  Validator,
} from '../../primitives/types.js';
import { quorum, validatorsHash } from '../../primitives/validator.js';

/** A validator with its private key: tests sign as any of them. */
export interface TestValidator extends Validator {
  readonly privateKey: Uint8Array;
}

export const GENESIS_HASH: Hash = domainTag('test/genesis');
export const CHAIN_ID = 'vostro-test';

/** A private key that is the same in every run. */
export function testKey(name: string): Uint8Array {
  return domainTag(`test/key/${name}`);
}

export function testValidators(prefix: string, count: number): TestValidator[] {
  return Array.from({ length: count }, (_, index) => {
    const privateKey = testKey(`${prefix}/${index}`);
    const publicKey = publicKeyOf(privateKey);
    return { address: addressFromPublicKey(publicKey), suite: 1, publicKey, privateKey };
  });
}

export function testReceipt(name: string, change: Partial<Receipt> = {}): Receipt {
  return {
    transactionId: domainTag(`test/transaction/${name}`),
    success: true,
    code: '',
    failedCall: '',
    errorData: new Uint8Array(),
    fuelUsed: 1234,
    events: [{ contract: 'cash', name: 'Transferred', data: Uint8Array.of(1, 2, 3) }],
    results: [Uint8Array.of(0x80)],
    outcomesRoot: EMPTY_TREE_ROOT,
    outcomeCount: 0,
    ...change,
  };
}

export function testHeader(change: Partial<BlockHeader> = {}): BlockHeader {
  return {
    chainId: CHAIN_ID,
    height: 10,
    parentHash: domainTag('test/parent'),
    proposer: '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf',
    timestamp: 1_790_000_000_000,
    txRoot: domainTag('test/txRoot'),
    stateRoot: domainTag('test/stateRoot'),
    receiptsRoot: EMPTY_TREE_ROOT,
    validatorsHash: domainTag('test/validators'),
    nextValidatorsHash: domainTag('test/validators'),
    ...change,
  };
}

/** A certificate over the header by the first `signerCount` of the set: a quorum unless told otherwise. */
export function certify(
  header: BlockHeader,
  validators: readonly TestValidator[],
  change: { readonly round?: number; readonly type?: CertificateType; readonly signerCount?: number } = {},
): Certificate {
  const vote = { height: header.height, round: change.round ?? 0, blockHash: headerHash(header) };
  // A Prepare is signed as one: a certificate of another type is true, and of no use where a commit certificate is due.
  const digest = (change.type === 'prepare' ? prepareDigest : commitDigest)(GENESIS_HASH, vote);
  const signers = validators.slice(0, change.signerCount ?? quorum(validators.length));
  const signatures = new Map(signers.map((validator, index) => [index, sign(digest, validator.privateKey)]));
  return buildCertificate(change.type ?? 'commit', vote, validators.length, signatures);
}

export function handover(
  height: number,
  validators: readonly TestValidator[],
  next: readonly TestValidator[],
): Handover {
  const header = testHeader({
    height,
    validatorsHash: validatorsHash(validators),
    nextValidatorsHash: validatorsHash(next),
  });
  const nextValidators = next.map(({ address, suite, publicKey }) => ({ address, suite, publicKey }));
  return { header, certificate: certify(header, validators, { round: 1 }), nextValidators };
}

export interface FinalityFixture {
  readonly proof: FinalityProof;
  readonly trusted: TrustedChain;
  /** The genesis validators, and those of the proven block. */
  readonly genesisValidators: readonly TestValidator[];
  readonly validators: readonly TestValidator[];
}

/** A batch's receipt among five, in a block after two changes of the validators, with the proof of one payment. */
export function finalityFixture(): FinalityFixture {
  const sets = [testValidators('a', 4), testValidators('b', 5), testValidators('c', 4)] as const;
  const outcomes: Outcome[] = ['E2E-1', 'E2E-2', 'E2E-3'].map((reference, index) => ({
    reference,
    code: index === 1 ? 'INSUFFICIENT_FUNDS' : '',
  }));
  const batch = testReceipt('batch', { outcomesRoot: outcomesRoot(outcomes), outcomeCount: outcomes.length });
  const receipts = ['0', '1', '2', '3'].map((name) => testReceipt(name)).toSpliced(2, 0, batch);
  const leaves = receipts.map((receipt) => receiptLeaf(encodeReceipt(receipt)));
  const outcomeLeaves = outcomes.map((outcome) => outcomeLeaf(encodeOutcome(outcome)));
  const hash = validatorsHash(sets[2]);
  const header = testHeader({
    height: 20,
    receiptsRoot: merkleRoot(leaves),
    validatorsHash: hash,
    nextValidatorsHash: hash,
  });
  return {
    proof: {
      receipt: batch,
      index: 2,
      count: receipts.length,
      path: merkleProof(leaves, 2),
      header,
      certificate: certify(header, sets[2], { round: 2 }),
      handovers: [handover(5, sets[0], sets[1]), handover(12, sets[1], sets[2])],
      outcome: { outcome: outcomes[1] as Outcome, index: 1, path: merkleProof(outcomeLeaves, 1) },
    },
    trusted: { chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators: sets[0] },
    genesisValidators: sets[0],
    validators: sets[2],
  };
}
