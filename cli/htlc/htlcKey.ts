import { randomBytes } from 'node:crypto';
import { writeNewKeyFile } from '../../node/keys/keyFiles.js';
import { fromHex, type Hash, toHex } from '../../primitives/bytes.js';
import { sha256 } from '../../primitives/hash.js';
import { usageError } from '../errors.js';
import { readTextFile } from '../files.js';
import type { OptionReader } from '../invocation.js';

/** `0x`, 64 digits, and room for the end of a line. */
const KEY_FILE_BYTES = 128;
const HEX_32 = /^0x[0-9a-f]{64}$/i;

/** Makes a key that nobody knows, in a new file that its owner alone may read. @returns its hash. @throws KeyError */
export async function makeKeyFile(path: string): Promise<Hash> {
  const key = Uint8Array.from(randomBytes(32));
  await writeNewKeyFile(path, `${toHex(key)}\n`);
  return sha256(key);
}

/** The key of `--key` or `--key-file`. @throws CliError `USAGE_INVALID`, `FILE_UNREADABLE` */
export async function keyOf(options: OptionReader): Promise<Hash> {
  const [text, file] = [options.text('key'), options.text('keyFile')];
  if (text !== undefined && file === undefined) return parse32(text, '--key');
  if (file !== undefined && text === undefined) return parse32((await readTextFile(file, KEY_FILE_BYTES)).trim(), file);
  throw usageError('--key and --key-file', 'one of them', text === undefined ? 'none' : 'both');
}

/** Reads 32 bytes. @throws CliError `USAGE_INVALID` */
export function parse32(text: string, what: string): Hash {
  if (HEX_32.test(text)) return fromHex(text.toLowerCase());
  throw usageError(what, '0x and 64 digits of hexadecimal', `${text.length} other characters`);
}
