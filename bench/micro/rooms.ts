import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJournal } from '../../node/engine/journal.js';
import { pooledSha256 } from '../../node/nativeSha256.js';
import { encodeFrame, FRAMES, FrameDecoder } from '../../node/network/frame.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { SignaturePool } from '../../node/signatures/signaturePool.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { openLevelEngine } from '../../node/storage/levelEngine.js';
import { addressFromPublicKey } from '../../primitives/address.js';
import { decodeCertificate, encodeCertificate } from '../../primitives/certificate.js';
import { merkleTree, verifyMerkleProof, verifyMultiproof } from '../../primitives/merkle.js';
import { decodeReceipt, encodeReceipt } from '../../primitives/receipt.js';
import { decodeTransaction, encodeTransaction } from '../../primitives/transaction.js';
import { accountOf } from '../network/accounts.js';
import type { Operation } from './harness.js';
import * as samples from './samples.js';

/** Measures what it is given; resources of a room are there while it does. */
export type Measuring = (operations: readonly Operation[]) => Promise<void>;
export type Room = (measuring: Measuring) => Promise<void>;

function codec(measuring: Measuring): Promise<void> {
  const kinds = [
    { what: 'transaction of one payment', transaction: samples.singlePayment(), payments: 1 },
    { what: 'transaction of 1,000 payments', transaction: samples.batchOfPayments(1_000), payments: 1_000 },
  ];
  const receipt = samples.receiptOf(1);
  const receiptBytes = encodeReceipt(receipt);
  const certificate = samples.certificate();
  const certificateBytes = encodeCertificate(certificate);
  return measuring([
    ...kinds.flatMap(({ what, transaction, payments }): Operation[] => {
      const bytes = encodeTransaction(transaction);
      const counts = { bytes: bytes.length, payments };
      return [
        { name: `encode a ${what}`, counts, run: () => encodeTransaction(transaction) },
        { name: `decode a ${what}`, counts, run: () => decodeTransaction(bytes, samples.GENESIS_HASH, pooledSha256) },
      ];
    }),
    { name: 'encode a receipt', counts: { bytes: receiptBytes.length }, run: () => encodeReceipt(receipt) },
    { name: 'decode a receipt', counts: { bytes: receiptBytes.length }, run: () => decodeReceipt(receiptBytes) },
    {
      name: 'encode a certificate',
      counts: { bytes: certificateBytes.length },
      run: () => encodeCertificate(certificate),
    },
    {
      name: 'decode a certificate',
      counts: { bytes: certificateBytes.length },
      run: () => decodeCertificate(certificateBytes),
    },
  ]);
}

async function signatures(measuring: Measuring): Promise<void> {
  const { backend } = chooseBackend();
  const checks = samples.signatureChecks(512);
  const [first] = checks;
  const { privateKey } = accountOf('signer 0', backend);
  const pool = new SignaturePool({ workers: 1, jobChecks: 512 });
  let next = 0;
  try {
    await measuring([
      {
        name: 'check one inline',
        run: () => {
          const check = checks[next++ % checks.length];
          return check !== undefined && backend.verify(check.signature, check.digest, check.publicKey);
        },
      },
      { name: 'make one inline', run: () => backend.sign(first?.digest ?? samples.hashOf(0), privateKey) },
      ...[1, 64, 512].map((count): Operation => {
        const job = checks.slice(0, count);
        return { name: `check one in jobs of ${count}`, operations: count, run: () => pool.verifyMany(job) };
      }),
    ]);
  } finally {
    await pool.stop();
  }
}

function frames(measuring: Measuring): Promise<void> {
  const vote = [samples.bytesOf(180, 1)];
  const relayed = Array.from({ length: 100 }, (_, index) => samples.bytesOf(250, index));
  const kinds = [
    { what: 'a vote', messages: vote, limits: FRAMES.consensus },
    { what: '100 transactions', messages: relayed, limits: FRAMES.transactions },
  ];
  return measuring(
    kinds.flatMap(({ what, messages, limits }): Operation[] => {
      const frame = encodeFrame(messages);
      const counts = { bytes: frame.length };
      const decoder = new FrameDecoder(limits);
      return [
        { name: `encode a frame with ${what}`, counts, run: () => encodeFrame(messages) },
        { name: `decode a frame with ${what}`, counts, run: () => decoder.push(frame) },
      ];
    }),
  );
}

function proofs(measuring: Measuring): Promise<void> {
  const { hasher } = chooseBulkHasher();
  const count = 1_000;
  const leaves = Array.from({ length: count }, (_, index) => samples.hashOf(index));
  const tree = merkleTree(leaves, hasher);
  const path = tree.path(7);
  const claim = { leaf: leaves[7] as Uint8Array, index: 7, count, path, root: tree.root };
  const indices = Array.from({ length: 100 }, (_, index) => index * 10);
  const nodes = tree.multiproof(indices);
  const proven = Buffer.concat(indices.map((index) => leaves[index] as Uint8Array));
  const together = { leaves: new Uint8Array(proven), indices, count, nodes, root: tree.root };
  return measuring([
    { name: 'build a tree of 1,000 leaves, each leaf', operations: count, run: () => merkleTree(leaves, hasher) },
    { name: 'take a path out of it', counts: { bytes: path.length * 32 }, run: () => tree.path(7) },
    { name: 'verify a path', run: () => verifyMerkleProof(claim, pooledSha256) },
    {
      name: 'take a proof of 100 leaves, each leaf',
      operations: indices.length,
      counts: { bytes: nodes.length / indices.length },
      run: () => tree.multiproof(indices),
    },
    {
      name: 'verify a proof of 100 leaves, each leaf',
      operations: indices.length,
      run: () => verifyMultiproof(together, hasher),
    },
  ]);
}

/** Rows of a block of 500 single payments: three of each transaction, two balances, a dozen of the block. */
async function storage(measuring: Measuring): Promise<void> {
  await inDirectory(async (directory) => {
    const options = { cacheSizeBytes: 2 ** 26, writeBufferBytes: 2 ** 25, compression: true, create: true };
    const engine = await openLevelEngine(join(directory, 'rows'), options);
    const rows = 500 * 5 + 12;
    const value = samples.bytesOf(60, 3);
    let block = 0;
    const key = new Uint8Array(41);
    const write = (count: number): Promise<void> => {
      const batch = engine.batch();
      const view = new DataView(key.buffer);
      block++;
      for (let row = 0; row < count; row++) {
        view.setUint32(1, Math.imul(row + block * 4_096, 2_654_435_761));
        batch.put(key, value);
      }
      return batch.write();
    };
    try {
      await measuring([
        { name: 'commit 1 row, synced', run: () => write(1) },
        { name: `commit ${rows} rows, synced, each row`, operations: rows, run: () => write(rows) },
      ]);
    } finally {
      await engine.close();
    }
  });
}

async function journal(measuring: Measuring): Promise<void> {
  await inDirectory(async (directory) => {
    const { backend } = chooseBackend();
    const address = addressFromPublicKey(accountOf('signer 0', backend).publicKey);
    const options = { directory: join(directory, 'journal'), genesisHash: samples.GENESIS_HASH, address };
    const record = samples.bytesOf(600, 5);
    const opened = await createJournal(options, record);
    try {
      await measuring([
        { name: 'write a record, synced', counts: { bytes: record.length }, run: () => opened.write(record) },
      ]);
    } finally {
      await opened.close();
    }
  });
}

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vostro-micro-'));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** By the name under which they are asked for. */
export const ROOMS: Readonly<Record<string, Room>> = { codec, signatures, frames, proofs, storage, journal };
