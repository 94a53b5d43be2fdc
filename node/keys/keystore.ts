import { randomUUID } from 'node:crypto';
import { addressFromPublicKey, parseAddress } from '../../primitives/address.js';
import { type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { Address, SignatureBackend } from '../../primitives/types.js';
import { KeyError } from './errors.js';
import { JsonFields } from './jsonFields.js';
import {
  type EncryptOptions,
  openSecret,
  readSecretBox,
  type SecretBox,
  type SecretBoxJson,
  sealSecret,
} from './secretBox.js';

/** A Web3 Secret Storage file of version 3; `label` and `publicKey` are ours, and other tools pass over them. */
export interface KeystoreJson {
  readonly version: 3;
  readonly id: string;
  /** Without `0x`, as the standard has it. */
  readonly address: string;
  readonly label?: string;
  /** Compressed, 33 bytes. */
  readonly publicKey: Hex;
  readonly crypto: SecretBoxJson;
}

/** What a keystore tells without its password. */
export interface Keystore {
  /** The file's name, for errors. */
  readonly where: string;
  /** Undefined where the file does not say; never taken on trust once the key is open. */
  readonly address: Address | undefined;
  readonly label: string | undefined;
  readonly publicKey: Hex | undefined;
  readonly box: SecretBox;
}

export interface KeystoreOptions extends EncryptOptions {
  readonly label?: string;
}

const PRIVATE_KEY_BYTES = 32;
const PUBLIC_KEY_BYTES = 33;
const VERSION = 3;

/**
 * Encrypts a private key.
 *
 * @throws CodedError `PRIVATE_KEY_INVALID` unless it is one of the curve
 */
export async function sealKeystore(
  privateKey: Uint8Array,
  password: string,
  backend: SignatureBackend,
  options: KeystoreOptions = {},
): Promise<KeystoreJson> {
  const publicKey = backend.publicKey(privateKey);
  return {
    version: VERSION,
    id: randomUUID(),
    address: addressFromPublicKey(publicKey).slice(2),
    ...(options.label === undefined ? {} : { label: options.label }),
    publicKey: toHex(publicKey),
    crypto: await sealSecret(privateKey, password, options),
  };
}

/**
 * Reads a keystore's text without opening it. `where` names the file in errors.
 *
 * @throws KeyError `KEYSTORE_MALFORMED`, `KEYSTORE_UNSUPPORTED`
 */
export function parseKeystore(text: string, where: string): Keystore {
  const fields = JsonFields.of(parseJson(text, where), where);
  const version = fields.count('version');
  if (version !== VERSION) {
    throw new KeyError('KEYSTORE_UNSUPPORTED', `${fields.path('version')}: expected 3, found ${version}`, {
      expected: '3',
      actual: String(version),
    });
  }
  return {
    where,
    address: fields.has('address') ? readAddress(fields) : undefined,
    label: fields.has('label') ? fields.string('label') : undefined,
    publicKey: fields.has('publicKey') ? toHex(fields.bytes('publicKey', PUBLIC_KEY_BYTES)) : undefined,
    box: readSecretBox(fields.object('crypto'), PRIVATE_KEY_BYTES),
  };
}

/**
 * Opens a keystore and checks that the key inside is the one that the file names.
 *
 * @returns the private key; the caller clears it when done
 * @throws KeyError `PASSWORD_WRONG`, `KEYSTORE_MALFORMED`, `KEYSTORE_TOO_COSTLY`
 */
export async function openKeystore(
  keystore: Keystore,
  password: string,
  backend: SignatureBackend,
): Promise<Uint8Array> {
  const privateKey = await openSecret(keystore.box, password, keystore.where);
  const publicKey = backend.publicKey(privateKey);
  requireSame(keystore, 'address', keystore.address, addressFromPublicKey(publicKey));
  requireSame(keystore, 'publicKey', keystore.publicKey, toHex(publicKey));
  return privateKey;
}

/** Parses JSON of a key file. @throws KeyError `KEYSTORE_MALFORMED` */
function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw new KeyError('KEYSTORE_MALFORMED', `${where}: expected JSON, found something else`, { expected: 'JSON' });
  }
}

function requireSame(keystore: Keystore, field: string, named: string | undefined, actual: string): void {
  if (named === undefined || named === actual) return;
  throw new KeyError(
    'KEYSTORE_MALFORMED',
    `${keystore.where}: ${field} says ${named}, but the key inside is ${actual}`,
    {
      expected: named,
      actual,
      hint: 'the file was changed by hand or damaged: restore it from its backup',
    },
  );
}

function readAddress(fields: JsonFields): Address {
  const text = fields.string('address');
  try {
    return parseAddress(text.startsWith('0x') ? text : `0x${text}`);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const expected = '40 digits of hexadecimal';
    throw new KeyError(
      'KEYSTORE_MALFORMED',
      `${fields.path('address')}: expected ${expected}, found "${text.slice(0, 60)}"`,
      {
        expected,
        actual: text.slice(0, 60),
      },
    );
  }
}
