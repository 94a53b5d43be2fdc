import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAddress } from '../../primitives/address.js';
import { isCodedError } from '../../primitives/errors.js';
import type { Address, SignatureBackend } from '../../primitives/types.js';
import { KeyError } from './errors.js';
import { errnoOf, readKeyFile, unreadable, writeNewKeyFile } from './keyFiles.js';
import { type Keystore, type KeystoreOptions, parseKeystore, sealKeystore } from './keystore.js';

/** A keystore of a directory. */
export interface KeystoreEntry {
  readonly path: string;
  /** The file's name without `.json`, or the label that it holds. */
  readonly label: string;
  readonly keystore: Keystore;
}

export interface KeystoreListing {
  readonly entries: readonly KeystoreEntry[];
  /** Files that look like keystores and are none: named, never passed over in silence. */
  readonly faults: readonly KeyError[];
}

const MAX_FILES = 10_000;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const STANDARD_NAME = /^UTC--/;

/**
 * Every keystore of a directory, `<label>.json` or `UTC--…`, by label. A directory that does not exist holds none.
 *
 * @throws KeyError `KEYSTORE_UNREADABLE`
 */
export async function listKeystores(directory: string): Promise<KeystoreListing> {
  const entries: KeystoreEntry[] = [];
  const faults: KeyError[] = [];
  for (const name of await keystoreNames(directory)) {
    const path = join(directory, name);
    try {
      const text = await readKeyFile(path);
      if (text === undefined) continue;
      const keystore = parseKeystore(text, path);
      entries.push({ path, label: labelOf(name, keystore), keystore });
    } catch (error) {
      if (!(error instanceof KeyError)) throw error;
      faults.push(error);
    }
  }
  return { entries, faults };
}

/**
 * The one keystore of that label or address.
 *
 * @throws KeyError `KEY_NOT_FOUND`, `KEY_AMBIGUOUS`, and the fault of the file `<label>.json` where it is no keystore
 */
export async function findKeystore(directory: string, labelOrAddress: string): Promise<KeystoreEntry> {
  const { entries, faults } = await listKeystores(directory);
  const address = asAddress(labelOrAddress);
  const found = entries.filter((entry) =>
    address === undefined ? entry.label === labelOrAddress : entry.keystore.address === address,
  );
  if (found.length > 1) {
    throw new KeyError('KEY_AMBIGUOUS', `${found.length} keystores in ${directory} fit "${labelOrAddress}"`, {
      expected: 'one keystore',
      actual: found.map((entry) => entry.path).join(', '),
      hint: 'name it by its address, or move the copy away',
    });
  }
  const entry = found[0];
  if (entry !== undefined) return entry;
  const fault = faults.find((candidate) =>
    candidate.message.startsWith(`${join(directory, `${labelOrAddress}.json`)}:`),
  );
  if (fault !== undefined) throw fault;
  const known = entries.slice(0, 20).map((candidate) => candidate.label);
  throw new KeyError('KEY_NOT_FOUND', `no keystore in ${directory} fits "${labelOrAddress}"`, {
    expected: known.length === 0 ? 'a keystore' : `one of ${known.join(', ')}`,
    actual: labelOrAddress,
    hint: 'list them with `vostro keys list`, make one with `vostro keys new`',
  });
}

/**
 * Encrypts a key into a new file of the directory, which is made where it does not exist.
 *
 * @throws KeyError `KEYSTORE_EXISTS`, `LABEL_INVALID`, `KEYSTORE_UNREADABLE`
 */
export async function addKeystore(
  directory: string,
  privateKey: Uint8Array,
  password: string,
  backend: SignatureBackend,
  options: KeystoreOptions = {},
): Promise<KeystoreEntry> {
  if (options.label !== undefined) requireLabel(options.label);
  const json = await sealKeystore(privateKey, password, backend, options);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unreadable(directory, error);
  }
  const time = new Date().toISOString().replaceAll(':', '-');
  const name = options.label === undefined ? `UTC--${time}--${json.address}` : `${options.label}.json`;
  const path = join(directory, name);
  const text = `${JSON.stringify(json, undefined, 2)}\n`;
  await writeNewKeyFile(path, text);
  const keystore = parseKeystore(text, path);
  return { path, label: labelOf(name, keystore), keystore };
}

/** @throws KeyError `LABEL_INVALID` unless it can be the name of a file anywhere */
export function requireLabel(label: string): void {
  if (LABEL.test(label) && !STANDARD_NAME.test(label)) return;
  throw new KeyError('LABEL_INVALID', `expected a label of letters, digits, ".", "_" and "-", found "${label}"`, {
    expected: '1 to 64 letters, digits, ".", "_" or "-", the first one a letter or digit',
    actual: label.slice(0, 80),
  });
}

function labelOf(name: string, keystore: Keystore): string {
  return keystore.label ?? (name.endsWith('.json') ? name.slice(0, -'.json'.length) : name);
}

function asAddress(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}

async function keystoreNames(directory: string): Promise<readonly string[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unreadable(directory, error);
  }
  const candidates = names.filter((name) => STANDARD_NAME.test(name) || name.endsWith('.json')).sort();
  if (candidates.length <= MAX_FILES) return candidates;
  throw new KeyError('KEYSTORE_UNREADABLE', `${directory}: expected at most ${MAX_FILES} keystores`, {
    expected: `at most ${MAX_FILES}`,
    actual: String(candidates.length),
  });
}
