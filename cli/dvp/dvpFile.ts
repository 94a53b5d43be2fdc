import { addressFromPublicKey, parseAddress, toChecksum } from '../../primitives/address.js';
import { fromHex, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { decodeTransactionBody, encodeTransactionBody, transactionId } from '../../primitives/transaction.js';
import type { Address, SignatureBackend, TransactionBody } from '../../primitives/types.js';
import { CliError } from '../errors.js';
import { type DvpSummary, summariseDvp } from './dvpTerms.js';

/** One signature of a proposal, with the key that it fits. */
export interface DvpSignature {
  readonly signer: Address;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** A delivery versus payment on its way between two banks. */
export interface DvpProposal {
  readonly body: TransactionBody;
  readonly id: Hash;
  readonly summary: DvpSummary;
  readonly signatures: readonly DvpSignature[];
}

/** The network that a proposal must be for, and what is needed to read it. */
export interface DvpNetwork {
  readonly chainId: string;
  readonly genesisHash: Hash;
  decimalsOf(currency: string): number;
}

const FORMAT = 'vostro-dvp';
const VERSION = 1;
const FIELDS = ['format', 'version', 'chainId', 'genesisHash', 'transactionId', 'summary', 'body', 'signatures'];
/** Larger than any proposal with sixteen signatures. */
export const MAX_DVP_FILE_BYTES = 262_144;

/** A proposal that nobody has signed yet. */
export function createProposal(body: TransactionBody, network: DvpNetwork): DvpProposal {
  const id = transactionId(body, network.genesisHash);
  return { body, id, summary: summariseDvp(body, network.decimalsOf), signatures: [] };
}

/** The text of a proposal's file: readable, with the bytes that are signed beside what they mean. */
export function formatProposal(proposal: DvpProposal, network: DvpNetwork): string {
  const json = {
    format: FORMAT,
    version: VERSION,
    chainId: network.chainId,
    genesisHash: toHex(network.genesisHash),
    transactionId: toHex(proposal.id),
    summary: proposal.summary,
    body: toHex(encodeTransactionBody(proposal.body)),
    signatures: proposal.signatures.map(({ signer, publicKey, signature }) => ({
      signer: toChecksum(signer),
      publicKey: toHex(publicKey),
      signature: toHex(signature),
    })),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/**
 * Reads a proposal and believes none of its words: the summary must be what the bytes say, each signature must fit.
 *
 * @throws CliError `PROPOSAL_INVALID` naming the field
 */
export function parseProposal(text: string, network: DvpNetwork, backend: SignatureBackend): DvpProposal {
  const fields = readFields(parseJson(text), 'the file', FIELDS);
  requireSame('format', FORMAT, fields['format']);
  requireSame('version', VERSION, fields['version']);
  requireSame('chainId', network.chainId, fields['chainId']);
  requireSame('genesisHash', toHex(network.genesisHash), fields['genesisHash']);
  const body = readBody(fields['body']);
  requireSame('the body’s chain id', network.chainId, body.chainId);
  const id = transactionId(body, network.genesisHash);
  requireSame('transactionId', toHex(id), fields['transactionId']);
  const summary = summariseDvp(body, network.decimalsOf);
  const claimed = readFields(fields['summary'], 'summary', Object.keys(summary));
  for (const [name, value] of Object.entries(summary)) {
    requireSame(`summary.${name}`, JSON.stringify(value), JSON.stringify(claimed[name]));
  }
  return { body, id, summary, signatures: readSignatures(fields['signatures'], body, id, backend) };
}

/** The proposal with further signatures; one that is there already stays. */
export function withSignatures(proposal: DvpProposal, added: readonly DvpSignature[]): DvpProposal {
  const present = new Set(proposal.signatures.map(({ signer }) => signer));
  const signatures = [...proposal.signatures, ...added.filter(({ signer }) => !present.has(signer))];
  return { ...proposal, signatures };
}

/** Signers whose signature is not there yet. */
export function missingSigners({ body, signatures }: DvpProposal): readonly Address[] {
  return body.signers.filter((signer) => !signatures.some((present) => present.signer === signer));
}

function readSignatures(
  value: unknown,
  body: TransactionBody,
  id: Hash,
  backend: SignatureBackend,
): readonly DvpSignature[] {
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
): DvpSignature {
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

function readFields(value: unknown, place: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(place, 'an object', describe(value));
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields)) {
    if (!names.includes(name)) throw invalid(place, `no fields but ${names.join(', ')}`, `"${name.slice(0, 40)}"`);
  }
  return fields;
}

function requireSame(place: string, expected: string | number, actual: unknown): void {
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
    hint: 'sign nothing that you did not agree to; ask the other bank for the file again',
  });
}
