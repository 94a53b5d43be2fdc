import type { Command } from 'commander';
import { finalTransaction } from '../../client/outcomes.js';
import type { Json } from '../../contracts/api/schema.js';
import { toChecksum } from '../../primitives/address.js';
import { fromHex, type Hex, toHex } from '../../primitives/bytes.js';
import { decodeTransaction } from '../../primitives/transaction.js';
import { codecsOf, contractsOf, describeCall, errorData } from '../decoding.js';
import { CliError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalData, finalResult, requireSuccess } from '../sending.js';
import { openSession } from '../session.js';
import { registerSigning } from '../signing/txSigning.js';
import { simulationResult } from '../simulation.js';
import { formatFields } from '../table.js';
import { readTransactionFile } from '../transactionFile.js';
import { parseTransactionId } from '../values.js';

export function register(program: Command, bind: Bind): void {
  const tx = program
    .command('tx')
    .description('Transactions: what they did, whether they are final, and those that several sign.');
  const show = tx
    .command('show')
    .description('Show a final transaction: its calls, whether it succeeded, and its block. Verified from the genesis.')
    .argument('<id>', 'transaction id');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro tx show 0x3f…').action(bind(showTransaction));
  const wait = tx
    .command('wait')
    .description('Wait until a transaction is final and its proof is verified.')
    .argument('<id>', 'transaction id');
  withExamples(withJson(withNetwork(withWallet(wait))), 'vostro tx wait 0x3f… --timeout-ms 60000').action(
    bind(waitForTransaction),
  );
  registerSigning(tx, bind);
  const simulate = tx
    .command('simulate')
    .description(
      'Show what a transaction would do on the newest state, before anybody signs it: a node’s word, nothing is sent.',
    )
    .argument('<file>', 'a transaction or its body: bytes, hexadecimal, or JSON with `transaction` or `body`');
  withExamples(
    withJson(withNetwork(withWallet(simulate))),
    'vostro tx simulate bond.dvp.json',
    'vostro pay --account AURLDEFF --to BORLFRPP --amount 1250.00 --reference INV-1 --simulate',
  ).action(bind(simulateTransaction));
}

async function simulateTransaction(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'file');
  const session = await openSession(invocation);
  return simulationResult(session, await readTransactionFile(path, session.network.genesisHash));
}

async function waitForTransaction(invocation: Invocation): Promise<CommandResult> {
  const id = parseTransactionId(argument(invocation, 0, 'id'));
  const session = await openSession(invocation);
  invocation.output.note(`transaction ${id}: waiting until it is final`);
  return finalResult(await requireSuccess(session, await session.client.wait(id)), 'final, and it did what it should');
}

async function showTransaction(invocation: Invocation): Promise<CommandResult> {
  const id = parseTransactionId(argument(invocation, 0, 'id'));
  const session = await openSession(invocation);
  const final = finalTransaction((await session.client.proof(id)).facts);
  const answer = await session.client.call('transaction', { id });
  const { body, id: actual } = decodeTransaction(fromHex(answer.bytes), session.network.genesisHash);
  if (final.id !== id || toHex(actual) !== id) throw anotherTransaction(id, toHex(actual));
  const codecs = await codecsOf(session, [
    ...contractsOf(final.receipt),
    ...body.calls.map(({ contract }) => contract),
  ]);
  const calls = body.calls.map((call) => describeCall(call, codecs));
  const failure = final.success ? undefined : errorData(final.receipt, codecs);
  const data = {
    ...finalData(final),
    success: final.success,
    code: final.code,
    ...(final.success ? {} : { failedCall: final.receipt.failedCall, error: failure ?? null }),
    sender: toChecksum(body.sender),
    signers: body.signers.map(toChecksum),
    reference: toHex(body.reference),
    expiresAt: new Date(body.expiresAt).toISOString(),
    priority: body.priority,
    calls,
    payments: final.receipt.outcomeCount,
  };
  const state = final.success
    ? 'succeeded'
    : `failed: ${final.code}${failure === undefined ? '' : ` ${JSON.stringify(failure)}`}`;
  const text = formatFields([
    ['transaction', id],
    ['result', state],
    ['block', `${final.height}, ${new Date(final.timestamp).toISOString()}`],
    ['sender', session.accounts.shown(body.sender)],
    ['signers', body.signers.map((signer) => session.accounts.shown(signer)).join(', ')],
    ['priority', body.priority],
    ...calls.map(({ call, args }, i): [string, string] => [`call ${i + 1}`, `${call} ${shownArgs(args)}`]),
  ]);
  return { data, text };
}

function shownArgs(args: Json): string {
  const text = JSON.stringify(args);
  return text.length > 400 ? `${text.slice(0, 400)}… (all of it with --json)` : text;
}

function anotherTransaction(expected: Hex, actual: Hex): CliError {
  return new CliError('PROOF_REFUSED', `the node answered for another transaction than ${expected}`, {
    expected,
    actual,
    hint: 'ask another node with --rpc',
  });
}
