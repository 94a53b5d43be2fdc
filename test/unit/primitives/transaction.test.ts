import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { addressFromPublicKey } from '../../../primitives/address.js';
import { concatBytes, toHex } from '../../../primitives/bytes.js';
import { CodedError } from '../../../primitives/errors.js';
import { TAGS } from '../../../primitives/hash.js';
import { LIMITS } from '../../../primitives/limits.js';
import { decode, encode, type RlpInput } from '../../../primitives/rlp.js';
import { publicKeyOf, verify } from '../../../primitives/signature.js';
import {
  assembleTransaction,
  decodeTransaction,
  encodeTransaction,
  encodeTransactionBody,
  signTransaction,
  TransactionError,
  transactionId,
  transactionLeaf,
} from '../../../primitives/transaction.js';
import type { Address, TransactionBody } from '../../../primitives/types.js';
import { CHAIN_ID, GENESIS_HASH, testKey } from '../../support/finalityFixture.js';

const keys = ['maker', 'checker', 'third'].map(testKey);
const addressOf = (key: Uint8Array) => addressFromPublicKey(publicKeyOf(key));
const signers = keys.map(addressOf).toSorted();

const body: TransactionBody = {
  chainId: CHAIN_ID,
  sender: addressOf(keys[0] as Uint8Array),
  signers,
  reference: Uint8Array.of(1, 2, 3),
  expiresAt: 1_790_000_000_000,
  priority: 'normal',
  calls: [{ contract: 'cash', method: 'transfer', args: Uint8Array.of(0xc0) }],
};

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return 'accepted';
}

function refusedBody(change: Partial<TransactionBody>): string {
  return codeOf(() => encodeTransactionBody({ ...body, ...change }));
}

/** The signed bytes with one field of the body replaced: what no encoder of ours would write. */
function forged(field: number, item: RlpInput): Uint8Array {
  const [version, inner, signatures] = decode(encodeTransaction(signTransaction(body, GENESIS_HASH, keys))) as [
    Uint8Array,
    Uint8Array[],
    Uint8Array[],
  ];
  return encode([version, (inner as RlpInput[]).with(field, item), signatures]);
}

const sha = (...parts: Uint8Array[]) =>
  toHex(
    createHash('sha256')
      .update(concatBytes(...parts))
      .digest(),
  );

describe('a transaction', () => {
  const transaction = signTransaction(body, GENESIS_HASH, keys);
  const bytes = encodeTransaction(transaction);
  const decoded = decodeTransaction(bytes, GENESIS_HASH);

  it('is named by the hash of its body under the genesis hash, which every signer signed', () => {
    const id = sha(TAGS.transaction, GENESIS_HASH, encodeTransactionBody(body));
    expect(toHex(transactionId(body, GENESIS_HASH))).to.equal(id);
    expect(toHex(decoded.id)).to.equal(id);
    const publicKeys = new Map(keys.map((key) => [addressOf(key), publicKeyOf(key)]));
    for (const [index, signer] of signers.entries()) {
      const publicKey = publicKeys.get(signer) as Uint8Array;
      const signature = decoded.signatures[index]?.signature as Uint8Array;
      expect(verify(signature, decoded.id, publicKey)).to.equal(true);
    }
  });

  it('has another id on every other network, and the same id under another signature', () => {
    expect(toHex(transactionId(body, TAGS.genesis))).to.not.equal(toHex(decoded.id));
    const [first, ...rest] = transaction.signatures;
    const other = new Uint8Array(64).fill(7);
    const variant = encodeTransaction({ body, signatures: [{ suite: 1, signature: other }, ...rest] });
    const decodedVariant = decodeTransaction(variant, GENESIS_HASH);
    expect(first?.signature).to.not.deep.equal(other);
    expect(toHex(decodedVariant.id)).to.equal(toHex(decoded.id));
    expect(toHex(decodedVariant.leafHash)).to.not.equal(toHex(decoded.leafHash));
  });

  it('stands in the tree by the hash of its full signed bytes', () => {
    expect(toHex(decoded.leafHash)).to.equal(sha(TAGS.transactionLeaf, bytes));
    expect(toHex(transactionLeaf(bytes))).to.equal(toHex(decoded.leafHash));
    expect(decoded.bytes).to.equal(bytes);
  });

  it('gives the same id with a native hash', () => {
    const native = (input: Uint8Array) => new Uint8Array(createHash('sha256').update(input).digest());
    expect(decodeTransaction(bytes, GENESIS_HASH, native)).to.deep.equal(decoded);
  });

  it('refuses fields out of their bounds when it is built', () => {
    expect(refusedBody({ chainId: '' })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ chainId: 'x'.repeat(65) })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ chainId: '\ud800' })).to.equal('TEXT_ILL_FORMED');
    expect(refusedBody({ sender: '0x00' })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ reference: new Uint8Array() })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ reference: new Uint8Array(33) })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ expiresAt: -1 })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ expiresAt: 2 ** 53 })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ priority: 'high' as 'urgent' })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ signers: [] })).to.equal('COUNT_OUT_OF_RANGE');
    expect(refusedBody({ calls: [] })).to.equal('COUNT_OUT_OF_RANGE');
    const call = { contract: 'cash', method: 'm', args: new Uint8Array() };
    expect(refusedBody({ calls: Array.from({ length: 17 }, () => call) })).to.equal('COUNT_OUT_OF_RANGE');
    expect(refusedBody({ calls: [{ ...call, contract: '' }] })).to.equal('VALUE_OUT_OF_RANGE');
    const upper = signers.map((signer) => signer.toUpperCase().replace('X', 'x') as Address);
    expect(refusedBody({ signers: upper })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refusedBody({ signers: signers.toReversed() })).to.equal('NOT_SORTED');
    expect(refusedBody({ signers: [signers[0] as Address, signers[0] as Address] })).to.equal('NOT_SORTED');
  });

  it('is urgent where its sender signed that it is', () => {
    const urgent = { ...body, priority: 'urgent' } as const;
    const signed = encodeTransaction(signTransaction(urgent, GENESIS_HASH, keys));
    expect(decodeTransaction(signed, GENESIS_HASH).body.priority).to.equal('urgent');
    expect(decoded.body.priority).to.equal('normal');
    expect(toHex(transactionId(urgent, GENESIS_HASH))).to.not.equal(toHex(decoded.id));
    expect(signed).to.have.length(bytes.length);
  });

  it('refuses the same when it is read', () => {
    const raw = signers.map((signer) => Buffer.from(signer.slice(2), 'hex'));
    const read = (field: number, item: RlpInput) => codeOf(() => decodeTransaction(forged(field, item), GENESIS_HASH));
    expect(read(1, new Uint8Array())).to.equal('VALUE_OUT_OF_RANGE');
    expect(read(1, new Uint8Array(65).fill(97))).to.equal('RLP_TOO_LARGE');
    expect(read(1, Uint8Array.of(0xff))).to.equal('RLP_ILL_FORMED_TEXT');
    expect(read(2, new Uint8Array(19))).to.equal('RLP_LENGTH_MISMATCH');
    expect(read(3, [])).to.equal('COUNT_OUT_OF_RANGE');
    expect(read(3, raw.toReversed())).to.equal('NOT_SORTED');
    expect(read(3, [raw[0] as Uint8Array, raw[0] as Uint8Array])).to.equal('NOT_SORTED');
    expect(read(3, raw.slice(1))).to.equal('INCONSISTENT');
    expect(
      read(
        3,
        Array.from({ length: 17 }, () => raw[0] as Uint8Array),
      ),
    ).to.equal('COUNT_OUT_OF_RANGE');
    expect(read(4, new Uint8Array())).to.equal('VALUE_OUT_OF_RANGE');
    expect(read(4, new Uint8Array(33))).to.equal('RLP_TOO_LARGE');
    expect(read(5, new Uint8Array(8).fill(1))).to.equal('RLP_TOO_LARGE');
    expect(read(5, Uint8Array.of(0x20, 0, 0, 0, 0, 0, 0))).to.equal('RLP_TOO_LARGE');
    expect(read(6, Uint8Array.of(2))).to.equal('VALUE_OUT_OF_RANGE');
    expect(read(6, Uint8Array.of(0))).to.equal('RLP_NON_CANONICAL');
    expect(read(7, [])).to.equal('COUNT_OUT_OF_RANGE');
    expect(read(7, [[]])).to.equal('RLP_TRUNCATED');
    expect(codeOf(() => decodeTransaction(new Uint8Array(LIMITS.transactionBytes + 1), GENESIS_HASH))).to.equal(
      'INPUT_TOO_LARGE',
    );
  });

  it('needs exactly one signature for each signer, in 64 bytes of suite 1', () => {
    const { signatures } = transaction;
    const encoded = (list: typeof signatures) => codeOf(() => encodeTransaction({ body, signatures: list }));
    expect(encoded(signatures.slice(1))).to.equal('INCONSISTENT');
    expect(encoded([...signatures, ...signatures])).to.equal('INCONSISTENT');
    const odd = { suite: 2 as 1, signature: new Uint8Array(64) };
    expect(encoded([odd, ...signatures.slice(1)])).to.equal('SUITE_UNSUPPORTED');
    expect(encoded([{ suite: 1, signature: new Uint8Array(65) }, ...signatures.slice(1)])).to.equal(
      'VALUE_OUT_OF_RANGE',
    );
  });

  it('is put together from signatures made apart, in any order', () => {
    const apart = new Map(transaction.signatures.map(({ signature }, index) => [signers[index] as Address, signature]));
    const reversed = new Map([...apart].toReversed());
    expect(assembleTransaction(body, reversed)).to.deep.equal(transaction);
    expect(encodeTransaction(signTransaction(body, GENESIS_HASH, keys.toReversed()))).to.deep.equal(bytes);
  });

  it('names the signer whose signature is missing, and one who is none', () => {
    expect(() => signTransaction(body, GENESIS_HASH, keys.slice(1)))
      .to.throw(TransactionError)
      .with.property('code', 'SIGNATURE_MISSING');
    expect(() => signTransaction(body, GENESIS_HASH, [...keys, testKey('stranger')]))
      .to.throw(TransactionError)
      .with.property('code', 'SIGNATURE_SURPLUS');
  });
});
