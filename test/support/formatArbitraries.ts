import fc from 'fast-check';
import { EMPTY_TREE_ROOT } from '../../primitives/merkle.js';
import { publicKeyOf } from '../../primitives/signature.js';
import type {
  Address,
  Block,
  BlockHeader,
  Certificate,
  FinalityProof,
  Outcome,
  Receipt,
  Transaction,
  TransactionBody,
  Validator,
} from '../../primitives/types.js';
import { testKey } from './finalityFixture.js';

/** Values of every format, within its bounds and often at them. */

export const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 });
export const anyBytes = fc.uint8Array({ maxLength: 70 });
export const anyUint = fc.oneof(fc.maxSafeNat(), fc.nat(300));
/** Well-formed text of 1 to 64 bytes, some of it beyond ASCII. */
export const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }).filter((text) => {
  const { length } = new TextEncoder().encode(text);
  return length >= 1 && length <= 64;
});
export const anyAddress = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes): Address => `0x${Buffer.from(bytes).toString('hex')}`);

const anySigners = fc.uniqueArray(anyAddress, { minLength: 1, maxLength: 16 }).map((signers) => signers.toSorted());
const anyCall = fc.record({ contract: anyName, method: anyName, args: anyBytes });

export const anyBody: fc.Arbitrary<TransactionBody> = fc.record({
  chainId: anyName,
  sender: anyAddress,
  signers: anySigners,
  reference: fc.uint8Array({ minLength: 1, maxLength: 32 }),
  expiresAt: anyUint,
  priority: fc.constantFrom('normal', 'urgent'),
  calls: fc.array(anyCall, { minLength: 1, maxLength: 16 }),
});

const anySignature = fc.uint8Array({ minLength: 64, maxLength: 64 });

export const anyTransaction: fc.Arbitrary<Transaction> = anyBody.chain((body) =>
  fc.record({
    body: fc.constant(body),
    signatures: fc.array(fc.record({ suite: fc.constant(1 as const), signature: anySignature }), {
      minLength: body.signers.length,
      maxLength: body.signers.length,
    }),
  }),
);

export const anyHeader: fc.Arbitrary<BlockHeader> = fc.record({
  chainId: anyName,
  height: anyUint,
  parentHash: anyHash,
  proposer: anyAddress,
  timestamp: anyUint,
  txRoot: anyHash,
  stateRoot: anyHash,
  receiptsRoot: anyHash,
  validatorsHash: anyHash,
  nextValidatorsHash: anyHash,
});

export const anyBlock: fc.Arbitrary<Block> = fc.record({
  header: anyHeader,
  transactions: fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 8 }),
});

const anyOutcomes = fc.oneof(
  fc.constant({ outcomesRoot: EMPTY_TREE_ROOT, outcomeCount: 0 }),
  fc.record({ outcomesRoot: anyHash, outcomeCount: fc.integer({ min: 1, max: 20_000 }) }),
);
const anySuccess = fc.record({
  success: fc.constant(true),
  code: fc.constant(''),
  failedCall: fc.constant(''),
  errorData: fc.constant(new Uint8Array()),
  events: fc.array(fc.record({ contract: anyName, name: anyName, data: anyBytes }), { maxLength: 5 }),
  results: fc.array(anyBytes, { maxLength: 16 }),
});
const anyFailure = fc.record({
  success: fc.constant(false),
  code: anyName,
  failedCall: fc.oneof(fc.constant(''), anyName),
  errorData: anyBytes,
  events: fc.constant([]),
  results: fc.constant([]),
});

export const anyReceipt: fc.Arbitrary<Receipt> = fc
  .tuple(fc.oneof(anySuccess, anyFailure), anyOutcomes, anyHash, anyUint)
  .map(([what, outcomes, transactionId, fuelUsed]) => ({ ...what, ...outcomes, transactionId, fuelUsed }));

export const anyOutcome: fc.Arbitrary<Outcome> = fc.record({
  reference: anyName,
  code: fc.oneof(fc.constant(''), anyName),
});

const PUBLIC_KEYS = Array.from({ length: 8 }, (_, index) => publicKeyOf(testKey(`arbitrary/${index}`)));

export const anyValidators: fc.Arbitrary<Validator[]> = fc.uniqueArray(
  fc.record({ address: anyAddress, suite: fc.constant(1 as const), publicKey: fc.constantFrom(...PUBLIC_KEYS) }),
  { minLength: 1, maxLength: 9, selector: (validator) => validator.address },
);

export const anyCertificate: fc.Arbitrary<Certificate> = fc
  .uniqueArray(fc.nat(127), { minLength: 1, maxLength: 12 })
  .chain((indices) => {
    const signerBitmap = new Uint8Array(16);
    for (const index of indices) signerBitmap[index >> 3] = (signerBitmap[index >> 3] as number) | (1 << (index & 7));
    return fc.record({
      type: fc.constantFrom('prepare' as const, 'commit' as const),
      height: anyUint,
      round: fc.nat(1_000_000),
      blockHash: anyHash,
      signerBitmap: fc.constant(signerBitmap),
      signatures: fc.array(anySignature, { minLength: indices.length, maxLength: indices.length }),
    });
  });

const anyPath = fc.array(anyHash, { maxLength: 14 });

export const anyFinalityProof: fc.Arbitrary<FinalityProof> = fc
  .record({
    receipt: anyReceipt,
    index: anyUint,
    count: anyUint,
    path: anyPath,
    header: anyHeader,
    certificate: anyCertificate,
    handovers: fc.array(fc.record({ header: anyHeader, certificate: anyCertificate, nextValidators: anyValidators }), {
      maxLength: 2,
    }),
    outcome: fc.option(fc.record({ outcome: anyOutcome, index: anyUint, path: anyPath }), { nil: undefined }),
  })
  .map(({ outcome, ...proof }) => (outcome === undefined ? proof : { ...proof, outcome }));
