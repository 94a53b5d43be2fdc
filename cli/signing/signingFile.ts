import { addressFromPublicKey, parseAddress, toChecksum } from '../../primitives/address.js';
import { fromHex, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { decodeTransactionBody, encodeTransactionBody, transactionId } from '../../primitives/transaction.js';
import type { Address, SignatureBackend, TransactionBody } from '../../primitives/types.js';
import { CliError } from '../errors.js';

/** A transaction in a file that several sign, one after the other: each signature is over its id, so over every byte of it. */

/** One signature, with the key that it fits. */
export interface FileSignature {
  readonly signer: Address;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** A transaction on its way between those who sign it. */
export interface SigningFile {
  readonly body: TransactionBody;
  readonly id: Hash;
  readonly signatures: readonly FileSignature[];
}

/** The network that the transaction must be for. */
export interface SigningNetwork {
  readonly chainId: string;
  readonly genesisHash: Hash;
}

/** What a kind of file is called, and what it holds beside the transaction. */
export interface SigningFormat {
  readonly format: string;
  readonly version: number;
  readonly further: readonly string[];
}

const FIELDS = ['format', 'version', 'chainId', 'genesisHash', 'transactionId', 'body', 'signatures'];
/** Larger than any of sixteen signatures. */
export const MAX_SIGNING_FILE_BYTES = 4_194_304;

/** A transaction that nobody has signed yet. */
export function unsigned(body: TransactionBody, { genesisHash }: SigningNetwork): SigningFile {
  return { body, id: transactionId(body, genesisHash), signatures: [] };
}

/** The text of the file: readable, with the bytes that are signed beside what they mean. */
export function formatSigningFile(
  { format, version }: SigningFormat,
  { body, id, signatures }: SigningFile,
  network: SigningNetwork,
  further: object = {},
): string {
  const json = {
    format,
    version,
    chainId: network.chainId,
    genesisHash: toHex(network.genesisHash),
    transactionId: toHex(id),
    ...further,
    body: toHex(encodeTransactionBody(body)),
    signatures: signatures.map(({ signer, publicKey, signature }) => ({
      signer: toChecksum(signer),
      publicKey: toHex(publicKey),
      signature: toHex(signature),
    })),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/**
 * Reads a file and believes none of its words: the id must be that of the bytes, each signature must fit.
 *
 * @returns the transaction, and the further fields as they stand there
 * @throws CliError `PROPOSAL_INVALID` naming the field
 */
export function parseSigningFile(
  text: string,
  { format, version, further }: SigningFormat,
  network: SigningNetwork,
  backend: SignatureBackend,
): SigningFile & { readonly further: Readonly<Record<string, unknown>> } {
  const fields = readFields(parseJson(text), 'the file', [...FIELDS, ...further]);
  requireSame('format', format, fields['format']);
  requireSame('version', version, fields['version']);
  requireSame('chainId', network.chainId, fields['chainId']);
  requireSame('genesisHash', toHex(network.genesisHash), fields['genesisHash']);
  const body = readBody(fields['body']);
  requireSame('the body’s chain id', network.chainId, body.chainId);
  const id = transactionId(body, network.genesisHash);
  requireSame('transactionId', toHex(id), fields['transactionId']);
  return { body, id, signatures: readSignatures(fields['signatures'], body, id, backend), further: fields };
}

/** The transaction with further signatures; one that is there already stays. */
export function withSignatures<F extends SigningFile>(file: F, added: readonly FileSignature[]): F {
  const present = new Set(file.signatures.map(({ signer }) => signer));
  const signatures = [...file.signatures, ...added.filter(({ signer }) => !present.has(signer))];
  return { ...file, signatures };
}

/** Signers whose signature is not there yet. */
export function missingSigners({ body, signatures }: SigningFile): readonly Address[] {
  return body.signers.filter((signer) => !signatures.some((present) => present.signer === signer));
}

function readSignatures(
  value: unknown,
  body: TransactionBody,
  id: Hash,
  backend: SignatureBackend,
): readonly FileSignature[] {
  if (!Array.isArray(value) || value.length > body.signers.length) {
    throw invalid('signatures', `a list of at most ${body.signers.length}`, describe(value));
  }
  const signatures = value.map((entry, i) => readSignature(entry, `signatures[${i}]`, body, id, backend));
  if (new Set(signatures.map(({ signer }) => signer)).size === signatures.length) return signatures;
  throw invalid('signatures', 'one for each signer', 'a signer twice');
}

function readSignature(
  entry: unknown,
  place: string,
  body: TransactionBody,
  id: Hash,
  backend: SignatureBackend,
): FileSignature {
  const fields = readFields(entry, place, ['signer', 'publicKey', 'signature']);
  const publicKey = readBytes(fields['publicKey'], `${place}.publicKey`, 33);
  const signature = readBytes(fields['signature'], `${place}.signature`, 64);
  const signer = translate(`${place}.signer`, () => parseAddress(String(fields['signer'])));
  const keyAddress = translate(`${place}.publicKey`, () => addressFromPublicKey(publicKey));
  if (signer !== keyAddress) throw invalid(`${place}.signer`, `the key’s address ${toChecksum(keyAddress)}`, signer);
  if (!body.signers.includes(signer)) throw invalid(`${place}.signer`, 'one of the transaction’s signers', signer);
  if (backend.verify(signature, id, publicKey)) return { signer, publicKey, signature };
  throw invalid(`${place}.signature`, 'a signature of this transaction by this key', 'another one');
}

function readBody(value: unknown): TransactionBody {
  const bytes = readBytes(value, 'body');
  return translate('body', () => decodeTransactionBody(bytes));
}

function readBytes(value: unknown, place: string, lengthBytes?: number): Uint8Array {
  if (typeof value !== 'string') throw invalid(place, 'hexadecimal', describe(value));
  return translate(place, () => fromHex(value as Hex, lengthBytes));
}

export function readFields(value: unknown, place: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(place, 'an object', describe(value));
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields)) {
    if (!names.includes(name)) throw invalid(place, `no fields but ${names.join(', ')}`, `"${name.slice(0, 40)}"`);
  }
  return fields;
}

export function requireSame(place: string, expected: string | number, actual: unknown): void {
  if (expected !== actual) throw invalid(place, String(expected), describe(actual));
}

function translate<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw invalid(place, error.details.expected ?? 'a valid value', error.message);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('the file', 'JSON', 'something else');
  }
}

function describe(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function invalid(place: string, expected: string, actual: string): CliError {
  return new CliError('PROPOSAL_INVALID', `${place}: expected ${expected}, found ${actual}`, {
    path: place,
    expected,
    actual,
    hint: 'sign nothing that you did not agree to; ask for the file again',
  });
}
