import type { FinalTransaction } from '../../client/outcomes.js';
import { toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { assembleTransaction, encodeTransaction } from '../../primitives/transaction.js';
import type { Address } from '../../primitives/types.js';
import { confirm } from '../confirm.js';
import { CliError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import { requireSuccess } from '../sending.js';
import type { Session } from '../session.js';
import { type FileSignature, missingSigners, type SigningFile } from './signingFile.js';

/** What of a file's signatures the wallet can make: with `--account`, those of that account's keys. */
async function toBeSigned({ settings, accounts }: Session, file: SigningFile): Promise<readonly Address[]> {
  const missing = missingSigners(file);
  if (settings.account === undefined) return missing;
  const { keys } = await accounts.policy((await accounts.find(settings.account)).account);
  return missing.filter((signer) => keys.includes(signer));
}

/**
 * Shows what will be signed, asks, and signs with the wallet's keys.
 *
 * @throws CliError `SIGNATURES_MISSING` where the wallet holds none of the keys, `PROPOSAL_INVALID` where its time is over
 */
export async function signWithWallet(
  session: Session,
  invocation: Invocation,
  file: SigningFile,
  summary: string,
): Promise<readonly FileSignature[]> {
  const { options, host, output } = invocation;
  requireInTime(file, host.nowMs());
  if (options.flag('yes') || host.terminal === undefined) output.note(summary);
  else await confirm(host.terminal, `${summary}\nSign this with the wallet’s keys?`);
  const signers = await session.keyring.held(await toBeSigned(session, file));
  if (signers.length === 0) throw nothingToSign(file, session);
  return Promise.all(
    signers.map(async (signer) => ({
      signer: signer.address,
      publicKey: signer.publicKey,
      signature: await signer.sign(file.id),
    })),
  );
}

/** Signatures that nobody can use any more are not worth making. */
function requireInTime({ body }: SigningFile, nowMs: number): void {
  if (body.expiresAt >= nowMs) return;
  const [expected, actual] = [new Date(nowMs).toISOString(), new Date(body.expiresAt).toISOString()];
  throw new CliError(
    'PROPOSAL_INVALID',
    `the transaction has expired: expected ${expected} or later, found ${actual}`,
    {
      ...{ path: 'expiresAt', expected: `${expected} or later`, actual, hint: 'have it made anew, and sign that' },
    },
  );
}

/** Sends what everybody has signed. @throws CliError `SIGNATURES_MISSING` */
export async function sendSigned(
  session: Session,
  invocation: Invocation,
  { body, id, signatures: present, ...file }: SigningFile,
  command: string,
): Promise<FinalTransaction> {
  const missing = missingSigners({ body, id, signatures: present, ...file });
  if (missing.length > 0) throw signaturesMissing(session, missing, command);
  const signatures = new Map(present.map(({ signer, signature }) => [signer, signature]));
  const bytes = encodeTransaction(assembleTransaction(body, signatures));
  invocation.output.note(`transaction ${toHex(id)}: waiting until it is final`);
  return requireSuccess(session, await session.client.submitAndWait({ id: toHex(id), bytes }));
}

function signaturesMissing(session: Session, missing: readonly Address[], command: string): CliError {
  const names = missing.map((signer) => session.accounts.shown(signer)).join(', ');
  return new CliError('SIGNATURES_MISSING', `expected a signature of every signer, found none of ${names}`, {
    expected: names,
    actual: 'none',
    hint: `let whoever holds the key run: ${command}`,
  });
}

function nothingToSign(file: SigningFile, session: Session): CliError {
  const missing = missingSigners(file);
  const expected =
    missing.length === 0 ? 'a transaction that lacks a signature' : `a key of ${missing.map(toChecksum).join(', ')}`;
  return new CliError('SIGNATURES_MISSING', `expected ${expected}, found none in ${session.settings.wallet}`, {
    expected,
    actual: 'none',
    hint: missing.length === 0 ? 'it is complete: send it' : 'name the wallet that holds the key with --wallet',
  });
}
