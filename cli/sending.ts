import type { FinalTransaction } from '../client/outcomes.js';
import type { TransactionRequest } from '../client/transactions.js';
import type { Hex } from '../primitives/bytes.js';
import { CodedError } from '../primitives/errors.js';
import type { Address, Call } from '../primitives/types.js';
import { codecsOf, contractsOf, errorData } from './decoding.js';
import type { Invocation } from './invocation.js';
import { priorityOf } from './options.js';
import type { CommandResult } from './output.js';
import type { Session } from './session.js';
import { draftPath, draftResult } from './signing/draft.js';
import { isSimulated, simulationResult } from './simulation.js';
import { formatFields } from './table.js';
import type { WalletAccount } from './wallet.js';

/** A transaction that is final and did nothing: its code says why, its details what the contract told. */
export class TransactionFailedError extends CodedError {}

export interface SendRequest {
  readonly account: WalletAccount;
  readonly calls: readonly Call[];
  /** Derived from the business event where running twice must not send twice. */
  readonly reference?: Uint8Array;
  /** Further accounts whose signers must sign, too: of an account that is debited by another's transaction. */
  readonly alsoSigned?: readonly WalletAccount[];
}

/**
 * Signs, submits, waits for the proof, and describes what is final. With `--simulate` it shows what would be done instead, with
 * `--unsigned` it writes that to a file; then it opens no key and sends nothing.
 *
 * @throws TransactionFailedError when it is final and failed; NodeError when it was refused; ClientError
 */
export async function transact(
  session: Session,
  invocation: Invocation,
  request: SendRequest,
  describe: (final: FinalTransaction) => CommandResult | Promise<CommandResult>,
): Promise<CommandResult> {
  const draft = draftPath(invocation);
  if (draft === undefined && !isSimulated(invocation)) return describe(await send(session, invocation, request));
  const { client, keyring } = session;
  const signers: Address[] = [];
  for (const account of [request.account, ...(request.alsoSigned ?? [])]) {
    signers.push(...(await keyring.addressesOf(account)));
  }
  const body = client.buildTransaction(transactionRequest(invocation, request, signers));
  return draft === undefined ? simulationResult(session, body) : draftResult(session, body, draft);
}

function transactionRequest(
  { options }: Invocation,
  { account, calls, reference }: SendRequest,
  signers: readonly Address[],
): TransactionRequest {
  const priority = priorityOf(options);
  return { sender: account.account, signers, calls, priority, ...(reference === undefined ? {} : { reference }) };
}

/** @throws TransactionFailedError, NodeError, ClientError */
export async function send(session: Session, invocation: Invocation, request: SendRequest): Promise<FinalTransaction> {
  const { client, keyring } = session;
  const signers = [...(await keyring.signersOf(request.account))];
  for (const account of request.alsoSigned ?? []) signers.push(...(await keyring.signersOf(account)));
  const unique = [
    ...new Map(signers.map((signer): [Address, (typeof signers)[number]] => [signer.address, signer])).values(),
  ];
  const addresses = unique.map(({ address }) => address);
  const body = client.buildTransaction(transactionRequest(invocation, request, addresses));
  const signed = await client.sign(body, unique);
  invocation.output.note(`transaction ${signed.id}: waiting until it is final`);
  return requireSuccess(session, await client.submitAndWait(signed));
}

/** @throws TransactionFailedError unless it did what it should */
export async function requireSuccess(
  session: Pick<Session, 'client'>,
  final: FinalTransaction,
): Promise<FinalTransaction> {
  if (final.success) return final;
  const { id, height, receipt } = final;
  const data = errorData(receipt, await codecsOf(session, contractsOf(receipt)));
  const why = data === null || data === undefined ? '' : ` ${JSON.stringify(data)}`;
  throw new TransactionFailedError(final.code, `${receipt.failedCall} refused it: ${final.code}${why}`, {
    transactionId: id,
    height,
    failedCall: receipt.failedCall,
    ...(data === undefined ? {} : { data: JSON.stringify(data) }),
    hint: 'nothing was changed; mend what the code names and send again',
  });
}

/** What every transaction tells when it is final. */
export interface FinalData {
  readonly transactionId: Hex;
  readonly height: number;
  readonly blockHash: Hex;
  readonly timestamp: string;
}

export function finalData({ id, height, blockHash, timestamp }: FinalTransaction): FinalData {
  return { transactionId: id, height, blockHash, timestamp: new Date(timestamp).toISOString() };
}

/** A final transaction as a result: a sentence of what was done, then where it stands. */
export function finalResult(final: FinalTransaction, sentence: string, data: object = {}): CommandResult {
  const { transactionId, height, timestamp } = finalData(final);
  const text = formatFields([
    ['transaction', transactionId],
    ['block', String(height)],
    ['final since', timestamp],
  ]);
  return { data: { ...finalData(final), ...data }, text: `${sentence}\n${text}` };
}
