import type { Command } from 'commander';
import { toHex } from '../../primitives/bytes.js';
import { codecsOf, describeCall } from '../decoding.js';
import { readTextFile, writeOutputFile } from '../files.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withAccount, withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatFields } from '../table.js';
import { sendSigned, signWithWallet } from './addSignatures.js';
import { nextStep, signatureData, TRANSACTION_FORMAT } from './draft.js';
import {
  formatSigningFile,
  MAX_SIGNING_FILE_BYTES,
  parseSigningFile,
  type SigningFile,
  withSignatures,
} from './signingFile.js';

/** Characters of a call's arguments that people are shown; `--json` has all. */
const MAX_SHOWN = 2_000;

export function registerSigning(tx: Command, bind: Bind): void {
  const sign = tx
    .command('sign')
    .description('Check a transaction that several sign, show what it does, and sign it with the wallet’s keys.')
    .argument('<file>', 'as --unsigned wrote it; the signature is added to it')
    .option('--yes', 'sign without asking on the terminal');
  withExamples(withJson(withAccount(sign)), 'vostro tx sign payment.json --wallet ./checker --yes').action(
    bind(signTransaction),
  );
  const send = tx.command('send').description('Send a transaction that everybody has signed.').argument('<file>', 'it');
  withExamples(withJson(withNetwork(withWallet(send))), 'vostro tx send payment.json').action(bind(sendTransaction));
}

async function signTransaction(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'file');
  const session = await openSession(invocation);
  const file = await readFile(session, path);
  const calls = await callsOf(session, file);
  const added = await signWithWallet(session, invocation, file, summary(session, file, calls));
  const signed = withSignatures(file, added);
  await writeOutputFile(path, formatSigningFile(TRANSACTION_FORMAT, signed, session.network), true);
  const signedAs = added.map(({ signer }) => session.accounts.shown(signer)).join(', ');
  return {
    data: { file: path, transactionId: toHex(file.id), calls, ...signatureData(session, signed) },
    text: `signed as ${signedAs} in ${path}\n${nextStep(session, signed, path)}`,
  };
}

async function sendTransaction(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'file');
  const session = await openSession(invocation);
  const file = await readFile(session, path);
  const calls = await callsOf(session, file);
  const final = await sendSigned(session, invocation, file, `vostro tx sign ${path}`);
  return finalResult(final, `done, signed by all: ${calls.map(({ call }) => call).join(', ')}`, { calls });
}

async function readFile({ network, backend }: Session, path: string): Promise<SigningFile> {
  const text = await readTextFile(path, MAX_SIGNING_FILE_BYTES);
  const { body, id, signatures } = parseSigningFile(text, TRANSACTION_FORMAT, network, backend);
  return { body, id, signatures };
}

type Calls = readonly ReturnType<typeof describeCall>[];

async function callsOf(session: Session, { body }: SigningFile): Promise<Calls> {
  const codecs = await codecsOf(
    session,
    body.calls.map(({ contract }) => contract),
  );
  return body.calls.map((call) => describeCall(call, codecs));
}

function summary({ accounts }: Session, { body, id }: SigningFile, calls: Calls): string {
  return formatFields([
    ['transaction', toHex(id)],
    ['sender', accounts.shown(body.sender)],
    ['signers', body.signers.map((signer) => accounts.shown(signer)).join(', ')],
    ['expires', new Date(body.expiresAt).toISOString()],
    ...calls.map(({ call, args }, index): [string, string] => {
      return [`call ${index + 1}`, `${call} ${JSON.stringify(args).slice(0, MAX_SHOWN)}`];
    }),
  ]);
}
