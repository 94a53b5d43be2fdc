import { createHmac } from 'node:crypto';
import type { Hex } from '../../primitives/bytes.js';
import { CliError, usageError } from '../errors.js';
import { readTextFile } from '../files.js';
import type { OptionReader } from '../invocation.js';

const MAX_KEY_FILE_BYTES = 1_024;
const MIN_KEY_CHARACTERS = 32;
const MAX_IDENTIFIER_CHARACTERS = 256;
const DOMAIN = 'vostro-screening-v1\0';

/** An identifier as all banks write it: Unicode NFKC, upper case, no white space, no dashes, no dots. */
export function normalised(identifier: string): string {
  return identifier
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s.\-–—]/gu, '');
}

/** HMAC-SHA-256, by the key that the banks share, of the domain and the normalised identifier in UTF-8. */
export function identifierHash(identifier: string, key: string): Hex {
  const text = normalised(identifier);
  if (text === '' || text.length > MAX_IDENTIFIER_CHARACTERS) {
    throw usageError('identifier', `1 to ${MAX_IDENTIFIER_CHARACTERS} characters`, `${text.length}`);
  }
  return `0x${createHmac('sha256', key).update(DOMAIN).update(text).digest('hex')}`;
}

/** The banks' key: the only line of a file that nobody else reads. @throws CliError `FILE_UNREADABLE`, `FILE_MALFORMED` */
export async function screeningKey(options: OptionReader): Promise<string> {
  const path = options.required('screeningKey');
  const key = (await readTextFile(path, MAX_KEY_FILE_BYTES)).trim();
  if (key.length >= MIN_KEY_CHARACTERS && !key.includes('\n')) return key;
  const expected = `one line of at least ${MIN_KEY_CHARACTERS} characters`;
  throw new CliError('FILE_MALFORMED', `${path}: expected ${expected}, found something else`, {
    expected,
    actual: 'other',
  });
}

/** The hashes of identifiers, or hashes that are given as they are. */
export async function hashesOf(identifiers: readonly string[], options: OptionReader): Promise<readonly Hex[]> {
  const isHash = (text: string): text is Hex => /^0x[0-9a-f]{64}$/.test(text);
  if (identifiers.every(isHash)) return identifiers;
  const key = await screeningKey(options);
  return identifiers.map((identifier) => (isHash(identifier) ? identifier : identifierHash(identifier, key)));
}
