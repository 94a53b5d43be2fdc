import { addressFromPublicKey } from '../../primitives/address.js';
import { type Hex, toHex } from '../../primitives/bytes.js';
import { publicKeyOf } from '../../primitives/signature.js';
import { utf8Encode } from '../../primitives/text.js';
import { encodeTransaction, signTransaction, transactionId } from '../../primitives/transaction.js';
import type { TransactionBody } from '../../primitives/types.js';
import { CHAIN_ID, GENESIS_HASH, testKey } from './finalityFixture.js';

export const BANK_KEY = testKey('bank');
export const BANK = addressFromPublicKey(publicKeyOf(BANK_KEY));

/** A contract that no ABI describes, so that nobody judges its arguments. */
const FATE = 'fate';

export interface TestTransaction {
  readonly id: Hex;
  readonly bytes: Uint8Array;
  readonly hex: Hex;
}

export function testBody(reference: string, method = 'transfer', chainId = CHAIN_ID): TransactionBody {
  return {
    chainId,
    sender: BANK,
    signers: [BANK],
    reference: utf8Encode(reference),
    expiresAt: 1_790_000_060_000,
    priority: 'normal',
    calls: [{ contract: FATE, method, args: Uint8Array.of(0xc0) }],
  };
}

/** A signed transaction whose method decides its fate on a FakeChain. */
export function signedTransaction(reference: string, method?: string, chainId?: string): TestTransaction {
  const body = testBody(reference, method, chainId);
  const bytes = encodeTransaction(signTransaction(body, GENESIS_HASH, [BANK_KEY]));
  return { id: toHex(transactionId(body, GENESIS_HASH)), bytes, hex: toHex(bytes) };
}

/** The same without the cost of a signature each: for tests where nobody checks them. */
export function unsignedTransactions(prefix: string, count: number): TestTransaction[] {
  return Array.from({ length: count }, (_, index) => {
    const body = testBody(`${prefix}-${index}`);
    const bytes = encodeTransaction({ body, signatures: [{ suite: 1, signature: new Uint8Array(64).fill(1) }] });
    return { id: toHex(transactionId(body, GENESIS_HASH)), bytes, hex: toHex(bytes) };
  });
}
