import type { Command } from 'commander';
import { finalTransaction } from '../../client/outcomes.js';
import type { VerifiedFinality } from '../../primitives/finality.js';
import { LIMITS } from '../../primitives/limits.js';
import { describeEvent, standardCodecs } from '../decoding.js';
import { CliError } from '../errors.js';
import { readBytesFile, writeOutputFile } from '../files.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { openOfflineVerification } from '../offlineVerification.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalData } from '../sending.js';
import { openSession } from '../session.js';
import { formatFields } from '../table.js';
import { parseTransactionId } from '../values.js';

/** Events of a batch's transaction are one for the batch; a proof of thousands is not for reading. */
const MAX_SHOWN_EVENTS = 100;

export function register(program: Command, bind: Bind): void {
  const proof = program
    .command('proof')
    .description('Proofs of finality: kept as files, verified by anybody, offline.');
  const save = proof
    .command('save')
    .description('Save the proof that a transaction is final; it is verified before it is written.')
    .argument('<id>', 'transaction id')
    .option('--payment <reference>', 'also prove one payment of a batch, by its business reference')
    .requiredOption('--out <file>', 'where to write the proof');
  withExamples(
    withJson(withNetwork(withWallet(save))),
    'vostro proof save 0x3f… --out payment.proof',
    'vostro proof save 0x3f… --payment INV-2026-0001 --out payment.proof',
  ).action(bind(saveProof));
  const verify = proof
    .command('verify')
    .description('Verify a proof offline, from the genesis file alone. Asks no node.')
    .argument('<file>', 'the proof')
    .option('--transaction <id>', 'transaction that it must prove')
    .option('--payment <reference>', 'payment of a batch that it must prove')
    .option('--genesis <file>', 'genesis file that is trusted (VOSTRO_GENESIS; the wallet’s when left out)')
    .option('--wallet <directory>', 'directory with genesis.json (VOSTRO_WALLET)');
  withExamples(withJson(verify), 'vostro proof verify payment.proof --genesis genesis.json').action(bind(verifyProof));
}

async function saveProof(invocation: Invocation): Promise<CommandResult> {
  const id = parseTransactionId(argument(invocation, 0, 'id'));
  const out = invocation.options.required('out');
  const session = await openSession(invocation);
  const { bytes, facts } = await session.client.proof(id, invocation.options.text('payment'));
  requireClaims(invocation, facts, id);
  await writeOutputFile(out, bytes);
  const described = describeFacts(facts);
  return {
    data: { file: out, sizeBytes: bytes.length, ...described.data },
    text: `${described.text}\nproof of ${bytes.length} bytes written to ${out}`,
  };
}

async function verifyProof(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'file');
  const named = invocation.options.text('transaction');
  const { network, verifier, trustedHeight, agreement } = await openOfflineVerification(invocation);
  const facts = verifier.verifyProof(await readBytesFile(path, LIMITS.proofBytes));
  requireClaims(invocation, facts, named === undefined ? undefined : parseTransactionId(named));
  const described = describeFacts(facts);
  return {
    data: {
      valid: true,
      chainId: network.chainId,
      genesis: network.path,
      trustedHeight,
      ...described.data,
    },
    text: `${described.text}\nproven by the validators of ${network.chainId}, from ${network.path} alone${agreement === '' ? '' : `\n${agreement}`}`,
  };
}

/** The proof must be of what was asked for, not merely of something. */
function requireClaims(invocation: Invocation, facts: VerifiedFinality, id: string | undefined): void {
  const proven = finalTransaction(facts).id;
  if (id !== undefined && proven !== id) throw refused('transaction', id, proven);
  const payment = invocation.options.text('payment');
  if (payment === undefined || facts.outcome?.reference === payment) return;
  throw refused('payment', payment, facts.outcome?.reference ?? 'a proof of no single payment');
}

function refused(what: string, expected: string, actual: string): CliError {
  return new CliError('PROOF_REFUSED', `expected a proof of ${what} ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'the proof is genuine, but of something else',
  });
}

function describeFacts(facts: VerifiedFinality): { readonly data: object; readonly text: string } {
  const final = finalTransaction(facts);
  const { transactionId, height, blockHash, timestamp } = finalData(final);
  const { outcome } = facts;
  const events = final.receipt.events.slice(0, MAX_SHOWN_EVENTS).map((event) => describeEvent(event, standardCodecs()));
  const result = final.success ? 'succeeded' : `failed: ${final.code}`;
  const payment = outcome === undefined ? undefined : outcome.code === '' ? 'settled' : `refused: ${outcome.code}`;
  const text = formatFields([
    ['transaction', transactionId],
    ['result', result],
    ['block', `${height}, ${blockHash}`],
    ['final since', timestamp],
    ...events.map(({ event, data }): [string, string] => ['event', `${event} ${JSON.stringify(data)}`]),
    ...(outcome === undefined ? [] : [['payment', `${outcome.reference} ${payment}`] as const]),
  ]);
  const data = { transactionId, success: final.success, code: final.code, height, blockHash, timestamp, events };
  const proven =
    outcome === undefined
      ? {}
      : { payment: { reference: outcome.reference, settled: outcome.code === '', code: outcome.code } };
  return { data: { ...data, ...proven }, text };
}
