import { expect } from 'chai';
import fc from 'fast-check';
import { REQUEST_LIMITS } from '../../../node/engine/limits.js';
import {
  type ChainClaim,
  decodeBlocks,
  decodeClaim,
  decodeRequest,
  decodeTransactions,
  encodeBlocks,
  encodeClaim,
  encodeRequest,
  encodeTransactions,
  type PeerRequest,
} from '../../../node/engine/requestCodec.js';
import type { CertifiedBlock } from '../../../node/execution/types.js';
import { toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { encode, encodeUint } from '../../../primitives/rlp.js';
import type { BlockHeader, Certificate } from '../../../primitives/types.js';

const SEED = { seed: 20_260_101 };
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const height = fc.nat(2 ** 31 - 1);

const request: fc.Arbitrary<PeerRequest> = fc.oneof(
  fc.record({ type: fc.constant('status' as const) }),
  fc.record({ type: fc.constant('workingHeight' as const) }),
  fc.record({ type: fc.constant('body' as const), height, blockHash: hash }),
  fc.record({
    type: fc.constant('transactions' as const),
    blockHash: hash,
    leafHashes: fc.array(hash, { minLength: 1, maxLength: 20 }),
  }),
  fc.record({
    type: fc.constant('blocks' as const),
    fromHeight: height,
    maxCount: fc.nat(REQUEST_LIMITS.blocks),
    maxBytes: fc.nat(REQUEST_LIMITS.answerBytes),
  }),
);

function certificate(certificateHeight: number, blockHash: Uint8Array): Certificate {
  const signatures = [1, 2, 3].map((fill) => new Uint8Array(64).fill(fill));
  return {
    type: 'commit',
    height: certificateHeight,
    round: 2,
    blockHash,
    signerBitmap: Uint8Array.of(0b0111),
    signatures,
  };
}

const claim: fc.Arbitrary<ChainClaim> = fc.tuple(height, hash).map(([headHeight, headHash]) => ({
  headHeight,
  headHash,
  certificate: headHeight === 0 ? undefined : certificate(headHeight, headHash),
}));

function header(blockHeight: number, fill: number): BlockHeader {
  const root = new Uint8Array(32).fill(fill);
  return {
    chainId: 'test-1',
    height: blockHeight,
    parentHash: root,
    proposer: `0x${'0a'.repeat(20)}`,
    timestamp: 1_700_000_000_000,
    txRoot: root,
    stateRoot: root,
    receiptsRoot: root,
    validatorsHash: root,
    nextValidatorsHash: root,
  };
}

const certifiedBlock: fc.Arbitrary<CertifiedBlock> = fc
  .tuple(height, fc.nat(255), fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }))
  .map(([blockHeight, fill, transactions]) => ({
    block: { header: header(blockHeight, fill), transactions },
    certificate: certificate(blockHeight, new Uint8Array(32).fill(fill)),
  }));

/** Decodes, or says with which code the bytes were refused; anything else that is thrown fails the test. */
function outcome(decode: () => unknown): string {
  try {
    decode();
    return 'decoded';
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
}

describe('the codec of requests between nodes', () => {
  it('gives every request back as it was asked', () => {
    fc.assert(
      fc.property(request, (asked) => {
        expect(decodeRequest(encodeRequest(asked))).to.deep.equal(asked);
      }),
      SEED,
    );
  });

  it('gives every claim of a head back with its certificate', () => {
    fc.assert(
      fc.property(claim, (claimed) => {
        expect(decodeClaim(encodeClaim(claimed))).to.deep.equal(claimed);
      }),
      SEED,
    );
  });

  it('gives certified blocks back in their order', () => {
    fc.assert(
      fc.property(fc.array(certifiedBlock, { maxLength: 4 }), (blocks) => {
        expect(decodeBlocks(encodeBlocks(blocks))).to.deep.equal(blocks);
      }),
      SEED,
    );
  });

  it('gives transactions back where they were asked for, and holes as holes', () => {
    const transactions = fc.array(fc.option(fc.uint8Array({ minLength: 1, maxLength: 100 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(transactions, (sent) => {
        expect(decodeTransactions(encodeTransactions(sent), sent.length)).to.deep.equal(sent);
      }),
      SEED,
    );
  });

  it('reads only the one canonical encoding: whatever decodes encodes to the same bytes', () => {
    const mutated = fc.tuple(request, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([asked, position, flip]) => {
      const bytes = encodeRequest(asked);
      const at = position % bytes.length;
      bytes[at] = (bytes[at] as number) ^ flip;
      return bytes;
    });
    fc.assert(
      fc.property(mutated, (bytes) => {
        if (outcome(() => decodeRequest(bytes)) !== 'decoded') return;
        expect(toHex(encodeRequest(decodeRequest(bytes)))).to.equal(toHex(bytes));
      }),
      { ...SEED, numRuns: 500 },
    );
  });

  it('refuses arbitrary bytes with a code, never another way', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, (input) => {
        for (const decode of [decodeRequest, decodeClaim, decodeBlocks]) outcome(() => decode(input));
        outcome(() => decodeTransactions(input, 3));
      }),
      { ...SEED, numRuns: 1_000 },
    );
  });

  it('refuses every cut and every byte too many', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const bytes = encodeRequest(asked);
        expect(outcome(() => decodeRequest(Uint8Array.of(...bytes, 0)))).not.to.equal('decoded');
        expect(outcome(() => decodeRequest(bytes.subarray(0, -1)))).not.to.equal('decoded');
      }),
      SEED,
    );
  });

  it('refuses to ask for, and to be asked for, more than an answer may hold', () => {
    const tooMany = { type: 'blocks', fromHeight: 1, maxCount: REQUEST_LIMITS.blocks + 1, maxBytes: 1 } as const;
    const tooLarge = { ...tooMany, maxCount: 1, maxBytes: REQUEST_LIMITS.answerBytes + 1 };
    expect(outcome(() => encodeRequest(tooMany))).to.equal('VALUE_OUT_OF_RANGE');
    expect(outcome(() => encodeRequest(tooLarge))).to.equal('VALUE_OUT_OF_RANGE');
    const asked = encode([1, 2, 1, REQUEST_LIMITS.blocks + 1, 1].map(encodeUint));
    expect(outcome(() => decodeRequest(asked))).to.equal('VALUE_OUT_OF_RANGE');
  });

  it('refuses a claim whose certificate is of another head, or absent', () => {
    const headHash = new Uint8Array(32).fill(1);
    const good = certificate(5, headHash);
    const claims: readonly ChainClaim[] = [
      { headHeight: 5, headHash, certificate: undefined },
      { headHeight: 6, headHash, certificate: good },
      { headHeight: 5, headHash: new Uint8Array(32), certificate: good },
      { headHeight: 5, headHash, certificate: { ...good, type: 'prepare' } },
      { headHeight: 0, headHash, certificate: certificate(0, headHash) },
    ];
    for (const wrong of claims) expect(outcome(() => decodeClaim(encodeClaim(wrong)))).to.equal('INCONSISTENT');
  });

  it('refuses an answer with more or fewer transactions than were asked for', () => {
    const answer = encodeTransactions([Uint8Array.of(1), undefined]);
    expect(outcome(() => decodeTransactions(answer, 1))).to.equal('COUNT_OUT_OF_RANGE');
    expect(outcome(() => decodeTransactions(answer, 3))).to.equal('COUNT_OUT_OF_RANGE');
  });
});
