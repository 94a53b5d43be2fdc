import { callOf } from '../../contracts/api/method.js';
import { payments } from '../../contracts/index.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import type { SignatureCheck } from '../../node/signatures/types.js';
import { buildCertificate } from '../../primitives/certificate.js';
import { sha256 } from '../../primitives/hash.js';
import { EMPTY_TREE_ROOT } from '../../primitives/merkle.js';
import { SUITE_SECP256K1 } from '../../primitives/suite.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Call, Certificate, Receipt, Transaction } from '../../primitives/types.js';
import { accountOf } from '../network/accounts.js';

/** What the rooms are given: of the shapes and sizes that a network under load has. */

export const GENESIS_HASH = sha256(utf8Encode('bench micro'));
const { backend } = chooseBackend();
const [debtor, creditor] = [accountOf('debtor', backend), accountOf('creditor', backend)];
const NO_SIGNATURE = new Uint8Array(64).fill(1);

export function bytesOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 3)) & 0xff);
}

export function hashOf(seed: number): Uint8Array {
  return sha256(utf8Encode(`bench micro ${seed}`));
}

function transactionOf(call: Call): Transaction {
  return {
    body: {
      chainId: 'vostro-bench-00000000',
      sender: debtor.address,
      signers: [debtor.address],
      reference: utf8Encode('bench-1'),
      expiresAt: 1_800_000_000_000,
      priority: 'normal',
      calls: [call],
    },
    signatures: [{ suite: SUITE_SECP256K1, signature: NO_SIGNATURE }],
  };
}

export function singlePayment(): Transaction {
  const args = { debtor: debtor.address, creditor: creditor.address, currency: 'EUR', amount: 1n, reference: 'P-1' };
  return transactionOf(callOf(payments.methods.pay, args));
}

export function batchOfPayments(size: number): Transaction {
  const rows = Array.from({ length: size }, (_, index) => ({
    creditor: creditor.address,
    amount: 1n,
    reference: `B-1-${index}`,
  }));
  const args = { debtor: debtor.address, currency: 'EUR', mode: 'each', payments: rows } as const;
  return transactionOf(callOf(payments.methods.payBatch, args));
}

export function receiptOf(seed: number): Receipt {
  return {
    transactionId: hashOf(seed),
    success: true,
    code: '',
    failedCall: '',
    errorData: new Uint8Array(),
    fuelUsed: 21_000,
    events: [
      { contract: 'cash', name: 'Transferred', data: bytesOf(64, seed) },
      { contract: 'payments', name: 'Paid', data: bytesOf(80, seed) },
    ],
    results: [bytesOf(1, seed)],
    outcomesRoot: EMPTY_TREE_ROOT,
    outcomeCount: 0,
  };
}

export function certificate(): Certificate {
  const vote = { height: 1_000, round: 0, blockHash: hashOf(1) };
  const signatures = new Map([0, 1, 2].map((index) => [index, NO_SIGNATURE]));
  return buildCertificate('commit', vote, 4, signatures);
}

/** Signed by as many different keys, as in a block. */
export function signatureChecks(count: number): SignatureCheck[] {
  return Array.from({ length: count }, (_, index) => {
    const { publicKey, privateKey } = accountOf(`signer ${index}`, backend);
    const digest = hashOf(index);
    return { publicKey, digest, signature: backend.sign(digest, privateKey) };
  });
}
