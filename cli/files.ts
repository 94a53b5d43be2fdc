import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { isCodedError } from '../primitives/errors.js';
import { utf8Decode } from '../primitives/text.js';
import { CliError } from './errors.js';

/**
 * The whole text of a file that was named on the command line.
 *
 * @throws CliError `FILE_UNREADABLE` when it cannot be read or is larger than `maxBytes`, `FILE_MALFORMED` when it is
 * not UTF-8
 */
export async function readTextFile(path: string, maxBytes: number): Promise<string> {
  const bytes = await readBytesFile(path, maxBytes);
  try {
    return utf8Decode(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw new CliError('FILE_MALFORMED', `${path}: expected text in UTF-8, found other bytes`, {
      expected: 'UTF-8',
      hint: 'save the file as UTF-8',
    });
  }
}

/** The whole content of a file. @throws CliError `FILE_UNREADABLE` */
export async function readBytesFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= maxBytes) return Uint8Array.from(await readFile(path));
  } catch (error) {
    throw unreadable(path, 'a readable file', reasonOf(error));
  }
  throw unreadable(path, `at most ${maxBytes} bytes`, 'more');
}

/**
 * Writes a file that does not exist yet, unless `overwrite`.
 *
 * @throws CliError `FILE_UNWRITABLE`
 */
export async function writeOutputFile(path: string, content: string | Uint8Array, overwrite = false): Promise<void> {
  try {
    if (overwrite) {
      await writeFile(path, content);
      return;
    }
    const file = await open(path, 'wx');
    await file.writeFile(content);
    await file.close();
  } catch (error) {
    const actual = reasonOf(error);
    throw new CliError('FILE_UNWRITABLE', `${path}: cannot be written (${actual})`, {
      expected: overwrite ? 'a file that can be written' : 'a name that is not in use',
      actual,
      hint: 'choose another name with --out, or move the old file away',
    });
  }
}

function unreadable(path: string, expected: string, actual: string): CliError {
  return new CliError('FILE_UNREADABLE', `${path}: expected ${expected}, found ${actual}`, { expected, actual });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return String(error);
}
