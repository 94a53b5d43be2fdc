import { KeyError } from './errors.js';
import { JsonFields } from './jsonFields.js';
import { readKeyFile, writeNewKeyFile } from './keyFiles.js';
import { parseJson } from './keystore.js';
import { type EncryptOptions, openSecret, readSecretBox, sealSecret } from './secretBox.js';

/** A secret that is no key of suite 1, as the network's identity: the same encryption as a keystore, named for its use. */
export interface SecretFileHeader {
  /** What it is for: `network`. A file made for one purpose is not opened for another. */
  readonly purpose: string;
  /** What others know it by, as the peer id; shown without the password. */
  readonly publicId: string;
}

export interface OpenedSecret extends SecretFileHeader {
  readonly secret: Uint8Array;
}

const VERSION = 1;
const MAX_SECRET_BYTES = 1_024;

/** Encrypts a secret into a new file. @throws KeyError `KEYSTORE_EXISTS`, `KEYSTORE_UNREADABLE` */
export async function writeSecretFile(
  path: string,
  header: SecretFileHeader,
  secret: Uint8Array,
  password: string,
  options: EncryptOptions = {},
): Promise<void> {
  if (secret.length === 0 || secret.length > MAX_SECRET_BYTES) throw sizeError(path, secret.length);
  const { purpose, publicId } = header;
  const json = { version: VERSION, purpose, publicId, crypto: await sealSecret(secret, password, options) };
  await writeNewKeyFile(path, `${JSON.stringify(json, undefined, 2)}\n`);
}

/**
 * Opens a secret file. `publicId` is what the file claims: the caller checks it against the secret.
 *
 * @throws KeyError `KEY_NOT_FOUND`, `KEYSTORE_MALFORMED`, `KEYSTORE_UNSUPPORTED`, `PASSWORD_WRONG`
 */
export async function openSecretFile(path: string, purpose: string, password: string): Promise<OpenedSecret> {
  const text = await readKeyFile(path);
  if (text === undefined) {
    throw new KeyError('KEY_NOT_FOUND', `${path}: there is no such file`, {
      expected: `the ${purpose} key`,
      hint: '`vostro node init` makes a node’s home with its keys',
    });
  }
  const fields = JsonFields.of(parseJson(text, path), path);
  const version = fields.count('version');
  const found = fields.string('purpose');
  if (version !== VERSION || found !== purpose) {
    const expected = `version ${VERSION}, purpose "${purpose}"`;
    const actual = `version ${version}, purpose "${found.slice(0, 40)}"`;
    throw new KeyError('KEYSTORE_UNSUPPORTED', `${path}: expected ${expected}, found ${actual}`, { expected, actual });
  }
  const box = readSecretBox(fields.object('crypto'), undefined);
  if (box.ciphertext.length === 0 || box.ciphertext.length > MAX_SECRET_BYTES)
    throw sizeError(path, box.ciphertext.length);
  return { purpose, publicId: fields.string('publicId'), secret: await openSecret(box, password, path) };
}

function sizeError(path: string, sizeBytes: number): KeyError {
  const expected = `a secret of 1 to ${MAX_SECRET_BYTES} bytes`;
  return new KeyError('KEYSTORE_MALFORMED', `${path}: expected ${expected}, found ${sizeBytes}`, {
    expected,
    actual: String(sizeBytes),
  });
}
