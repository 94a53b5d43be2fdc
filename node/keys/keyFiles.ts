import { randomBytes } from 'node:crypto';
import { link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeyError } from './errors.js';

/** Larger than any keystore; what exceeds it is refused unread. */
const MAX_FILE_BYTES = 16_384;
const OWNER_ONLY = 0o600;

/**
 * Writes a new file that its owner alone may read: complete and synced under its name, or not there. Never overwrites.
 *
 * @throws KeyError `KEYSTORE_EXISTS`, `KEYSTORE_UNREADABLE`
 */
export async function writeNewKeyFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(temporary, path);
    } finally {
      await unlink(temporary);
    }
    await syncDirectory(dirname(path));
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Reads a key file, or undefined where there is none.
 *
 * @throws KeyError `KEYSTORE_UNREADABLE`, `KEYSTORE_MALFORMED` when it is too large
 */
export async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = new Uint8Array(MAX_FILE_BYTES + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      if (bytesRead <= MAX_FILE_BYTES) return Buffer.from(bytes.buffer, 0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
  throw new KeyError('KEYSTORE_MALFORMED', `${path}: expected a keystore, found more than ${MAX_FILE_BYTES} bytes`, {
    expected: `at most ${MAX_FILE_BYTES} bytes`,
  });
}

/** The system's code of a failed call (`ENOENT`, …), empty where the error is of another kind. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** @returns the error to throw for a file or directory that the system does not let us read */
export function unreadable(path: string, error: unknown): KeyError {
  const actual = errnoOf(error) || String(error);
  return new KeyError('KEYSTORE_UNREADABLE', `${path}: cannot be read (${actual})`, {
    expected: 'a readable file',
    actual,
    hint: 'check the path and its permissions',
  });
}

function writeError(path: string, error: unknown): KeyError {
  const actual = errnoOf(error) || String(error);
  if (actual === 'EEXIST') {
    return new KeyError(
      'KEYSTORE_EXISTS',
      `${path}: there is a file of this name already; keys are never overwritten`,
      {
        expected: 'a name that is not in use',
        actual: path,
        hint: 'choose another label, or move the old file away',
      },
    );
  }
  return new KeyError('KEYSTORE_UNREADABLE', `${path}: cannot be written (${actual})`, {
    expected: 'a directory that can be written to',
    actual,
    hint: 'check that the directory exists and its permissions',
  });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
