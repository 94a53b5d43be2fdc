import type { Command } from 'commander';
import { toHex } from '../../primitives/bytes.js';
import type { TransactionBody } from '../../primitives/types.js';
import { writeOutputFile } from '../files.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import type { Session } from '../session.js';
import { formatSigningFile, missingSigners, type SigningFile, type SigningFormat, unsigned } from './signingFile.js';

/** A transaction of any calls. */
export const TRANSACTION_FORMAT: SigningFormat = { format: 'vostro-transaction', version: 1, further: [] };

/** `--unsigned`, of commands whose transaction several people sign, each with a wallet of their own. */
export function withDraft(command: Command): Command {
  return command.option(
    '--unsigned <file>',
    'write the transaction to a file that several sign with vostro tx sign, and send nothing',
  );
}

export function draftPath({ options }: Invocation): string | undefined {
  return options.text('unsigned');
}

/** Writes a transaction that nobody has signed yet. */
export async function draftResult(session: Session, body: TransactionBody, path: string): Promise<CommandResult> {
  const file = unsigned(body, session.network);
  await writeOutputFile(path, formatSigningFile(TRANSACTION_FORMAT, file, session.network));
  return {
    data: { file: path, transactionId: toHex(file.id), ...signatureData(session, file) },
    text: `written to ${path}, unsigned, until ${new Date(body.expiresAt).toISOString()}\n${nextStep(session, file, path)}`,
  };
}

/** What is left to do with the file. */
export function nextStep(session: Session, file: SigningFile, path: string): string {
  const missing = missingSigners(file).map((signer) => session.accounts.shown(signer));
  return missing.length === 0
    ? `complete: vostro tx send ${path}`
    : `still to sign, with vostro tx sign ${path}: ${missing.join(', ')}`;
}

export function signatureData(session: Session, file: SigningFile) {
  const shown = session.accounts.shown.bind(session.accounts);
  return { signedBy: file.signatures.map(({ signer }) => shown(signer)), missing: missingSigners(file).map(shown) };
}
