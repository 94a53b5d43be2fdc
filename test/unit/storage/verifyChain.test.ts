import { expect } from 'chai';
import type { LevelChainDatabase } from '../../../node/storage/chainDatabase.js';
import { FaultList } from '../../../node/storage/faultList.js';
import type { HeightBatch } from '../../../node/storage/types.js';
import { verifyChain } from '../../../node/storage/verifyChain.js';
import { headerHash, transactionsRoot } from '../../../primitives/block.js';
import { merkleRoot, pureHasher } from '../../../primitives/merkle.js';
import { encodeOutcomes, encodeReceipt, outcomesRoot, receiptLeaf } from '../../../primitives/receipt.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { encodeTransaction, signTransaction, transactionId, transactionLeaf } from '../../../primitives/transaction.js';
import type { Outcome, TransactionBody } from '../../../primitives/types.js';
import { validatorsHash } from '../../../primitives/validator.js';
import {
  CHAIN_ID,
  certify,
  GENESIS_HASH,
  testHeader,
  testReceipt,
  testValidators,
} from '../../support/finalityFixture.js';
import { TemporaryChain } from '../../support/temporaryChain.js';

const FIRST = testValidators('first', 4);
const SECOND = testValidators('second', 4);
const HEIGHTS = 4;
const OUTCOMES: Outcome[] = [{ reference: 'E2E-1', code: '' }];

/** One signed transaction of a height, with its receipt. */
function content(height: number) {
  const sender = FIRST[0] as (typeof FIRST)[number];
  const body: TransactionBody = {
    chainId: CHAIN_ID,
    sender: sender.address,
    signers: [sender.address],
    reference: Uint8Array.of(height),
    expiresAt: 1_800_000_000_000,
    priority: 'normal',
    calls: [{ contract: 'cash', method: 'transfer', args: Uint8Array.of(0xc0) }],
  };
  const id = transactionId(body, GENESIS_HASH);
  const change = { transactionId: id, outcomesRoot: outcomesRoot(OUTCOMES), outcomeCount: OUTCOMES.length };
  const transaction = encodeTransaction(signTransaction(body, GENESIS_HASH, [sender.privateKey]));
  return { id, transaction, receipt: encodeReceipt(testReceipt('any', change)) };
}

/** A chain whose third block hands over to other validators. */
async function writeChain(database: LevelChainDatabase): Promise<void> {
  let parentHash = GENESIS_HASH;
  const batch = database.batch();
  for (let height = 0; height < HEIGHTS; height++) {
    const current = height <= 2 ? FIRST : SECOND;
    const next = height < 2 ? FIRST : SECOND;
    const { id, transaction, receipt } = content(height);
    const transactions = height === 0 ? [] : [transaction];
    const receipts = height === 0 ? [] : [receipt];
    const header = testHeader({
      height,
      parentHash,
      timestamp: 1_000 * (height + 1),
      txRoot: transactionsRoot(transactions.map((bytes) => transactionLeaf(bytes))),
      receiptsRoot: merkleRoot(receipts.map((bytes) => receiptLeaf(bytes))),
      validatorsHash: validatorsHash(current),
      nextValidatorsHash: validatorsHash(next),
    });
    parentHash = headerHash(header);
    database.headers.put(batch, height, header);
    database.heights.put(batch, parentHash, height);
    database.bodies.put(batch, height, transactions);
    database.receipts.put(batch, height, receipts);
    if (height === 0 || height === 2) database.handovers.put(batch, height, next);
    if (height > 0) {
      database.certificates.put(batch, height, certify(header, current));
      database.positions.put(batch, id, { height, index: 0 });
      database.outcomes.put(batch, { height, index: 0 }, encodeOutcomes(OUTCOMES));
    }
    database.putHead(batch, { height, blockHash: parentHash });
  }
  await batch.write();
}

describe('verification of the chain', () => {
  let chain: TemporaryChain;
  let database: LevelChainDatabase;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
    database = await chain.open({ genesisHash: GENESIS_HASH });
    await writeChain(database);
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function codesAfter(damage: (batch: HeightBatch) => void): Promise<string[]> {
    const batch = database.batch();
    damage(batch);
    await batch.write();
    const faults = new FaultList(10);
    verifyChain({ database, hasher: pureHasher, signatures: nobleBackend }, faults);
    return [...new Set(faults.faults.map(({ code }) => code))];
  }

  it('finds nothing wrong with a chain that changes its validators', async () => {
    const faults = new FaultList(10);
    expect(verifyChain({ database, hasher: pureHasher, signatures: nobleBackend }, faults)).to.equal(HEIGHTS);
    expect(faults.faults).to.deep.equal([]);
  });

  const damages: readonly [string, string, (batch: HeightBatch) => void][] = [
    ['a header that is gone', 'HEADER_MISSING', (batch) => database.headers.delete(batch, 1)],
    [
      'a header of another height',
      'HEADER_MISMATCH',
      (batch) => database.headers.put(batch, 1, testHeader({ height: 9 })),
    ],
    ['a body that is gone', 'BODY_MISSING', (batch) => batch.deleteRow(Uint8Array.of(4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0))],
    [
      'another transaction',
      'TRANSACTIONS_MISMATCH',
      (batch) => database.bodies.put(batch, 2, [content(3).transaction]),
    ],
    ['another receipt', 'RECEIPTS_MISMATCH', (batch) => database.receipts.put(batch, 2, [content(3).receipt])],
    [
      'a receipt too many',
      'RECEIPTS_MISMATCH',
      (b) => database.receipts.put(b, 1, [content(1).receipt, content(1).receipt]),
    ],
    [
      'other outcomes',
      'OUTCOMES_MISMATCH',
      (b) => database.outcomes.put(b, { height: 1, index: 0 }, encodeOutcomes([])),
    ],
    ['an id that leads nowhere', 'INDEX_MISMATCH', (batch) => database.positions.delete(batch, content(1).id)],
    ['a certificate that is gone', 'CERTIFICATE_MISSING', (batch) => database.certificates.delete(batch, 3)],
    [
      'the certificate of another height',
      'CERTIFICATE_MISMATCH',
      (batch) => database.certificates.put(batch, 3, certify(testHeader({ height: 2 }), SECOND)),
    ],
    [
      'a certificate that others signed',
      'CERTIFICATE_SIGNATURE_INVALID',
      (batch) => {
        const header = database.headers.get(3);
        if (header !== undefined) database.certificates.put(batch, 3, certify(header, FIRST));
      },
    ],
    ['a handover that is gone', 'VALIDATORS_MISMATCH', (batch) => database.handovers.delete(batch, 2)],
    [
      'a head of another hash',
      'HEAD_MISMATCH',
      (b) => database.putHead(b, { height: 3, blockHash: new Uint8Array(32) }),
    ],
  ];
  for (const [what, code, damage] of damages) {
    it(`finds ${what}`, async () => {
      expect(await codesAfter(damage)).to.include(code);
    });
  }

  it('stops at its limit of faults', async () => {
    const batch = database.batch();
    for (let height = 0; height < HEIGHTS; height++) database.headers.delete(batch, height);
    await batch.write();
    const faults = new FaultList(2);
    verifyChain({ database, hasher: pureHasher, signatures: nobleBackend }, faults);
    expect(faults.faults).to.have.length(2);
  });
});
