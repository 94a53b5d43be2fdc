import { join } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { parseAddress } from '../primitives/address.js';
import { isCodedError } from '../primitives/errors.js';
import type { Address } from '../primitives/types.js';
import { CliError } from './errors.js';
import { readTextFile } from './files.js';

/** An account of the address book: ours where the wallet holds its keys, another's otherwise. */
export interface WalletAccount {
  /** How this wallet calls it: `AURLDEFF`, `treasury`. */
  readonly name: string;
  readonly account: Address;
  /** Labels or addresses of the keystores that sign for it; undefined: those of its policy that the wallet holds. */
  readonly signers: readonly string[] | undefined;
  /** Password of those keystores where it differs from the wallet's, an absolute path. */
  readonly passwordFile: string | undefined;
}

/** A wallet: a directory with keystores and the address book `accounts.toml`. */
export interface Wallet {
  readonly directory: string;
  readonly accounts: readonly WalletAccount[];
}

export const ADDRESS_BOOK = 'accounts.toml';
const MAX_BOOK_BYTES = 4_194_304;
const MAX_ACCOUNTS = 10_000;
const FIELDS = ['account', 'signers', 'password_file'];

/**
 * Reads a wallet's address book; a wallet without one has keystores only.
 *
 * @throws CliError `WALLET_INVALID`
 */
export async function openWallet(directory: string): Promise<Wallet> {
  const path = join(directory, ADDRESS_BOOK);
  const text = await readBook(path);
  if (text === undefined) return { directory, accounts: [] };
  const table = parseBook(text, path);
  const entries = Object.entries(table);
  if (entries.length > MAX_ACCOUNTS) throw invalid(path, `at most ${MAX_ACCOUNTS} accounts`, String(entries.length));
  return { directory, accounts: entries.map(([name, value]) => readAccount(directory, path, name, value)) };
}

/**
 * The account of that name or address, as far as the wallet knows it.
 *
 * @throws CodedError `ADDRESS_CHECKSUM_MISMATCH` where an address was mistyped
 */
export function findWalletAccount(wallet: Wallet, nameOrAddress: string): WalletAccount | undefined {
  const named = wallet.accounts.find((account) => account.name === nameOrAddress);
  if (named !== undefined || !nameOrAddress.startsWith('0x')) return named;
  const address = parseAddress(nameOrAddress);
  const known = wallet.accounts.find((account) => account.account === address);
  return known ?? { name: address, account: address, signers: undefined, passwordFile: undefined };
}

/** The name under which the wallet knows an account, or the address itself. */
export function nameOfAccount(wallet: Wallet, address: Address): string {
  return wallet.accounts.find((account) => account.account === address)?.name ?? address;
}

/** The address book's text for these accounts, as `openWallet` reads it. */
export function formatAddressBook(accounts: readonly WalletAccount[]): string {
  const lines = accounts.map(({ name, account, signers, passwordFile }) => {
    const fields = [`account = "${account}"`];
    if (signers !== undefined) fields.push(`signers = ${JSON.stringify(signers)}`);
    if (passwordFile !== undefined) fields.push(`password_file = ${JSON.stringify(passwordFile)}`);
    return `${JSON.stringify(name)} = { ${fields.join(', ')} }`;
  });
  return `# Names of accounts for this wallet's commands. Add those of other banks as you like.\n${lines.join('\n')}\n`;
}

async function readBook(path: string): Promise<string | undefined> {
  try {
    return await readTextFile(path, MAX_BOOK_BYTES);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    if (error.details.actual === 'ENOENT') return undefined;
    throw invalid(path, 'a readable address book', error.message);
  }
}

function parseBook(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw invalid(path, 'TOML', `${error.message.split('\n')[0]} (line ${error.line})`);
  }
}

function readAccount(directory: string, path: string, name: string, value: unknown): WalletAccount {
  const place = `${path}: ${name}`;
  if (name.startsWith('0x')) throw invalid(place, 'a name that is no address', name);
  if (typeof value === 'string') {
    const account = readAddress(value, place);
    return { name, account, signers: undefined, passwordFile: undefined };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(place, 'an address, or a table with account, signers and password_file', JSON.stringify(value));
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw invalid(`${place}.${unknown}`, `one of ${FIELDS.join(', ')}`, unknown);
  const account = readAddress(fields['account'], `${place}.account`);
  const signers = fields['signers'];
  if (signers !== undefined && !isNameList(signers)) {
    throw invalid(`${place}.signers`, 'a list of keystores by label or address', JSON.stringify(signers));
  }
  const passwordFile = fields['password_file'];
  if (passwordFile !== undefined && typeof passwordFile !== 'string') {
    throw invalid(`${place}.password_file`, 'a path', JSON.stringify(passwordFile));
  }
  const absolute =
    passwordFile === undefined || passwordFile.startsWith('/') ? passwordFile : join(directory, passwordFile);
  return { name, account, signers, passwordFile: absolute };
}

function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string');
}

function readAddress(value: unknown, place: string): Address {
  if (typeof value !== 'string') throw invalid(place, 'an address', JSON.stringify(value) ?? 'nothing');
  try {
    return parseAddress(value);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw invalid(place, 'an address', error.message);
  }
}

function invalid(place: string, expected: string, actual: string): CliError {
  return new CliError('WALLET_INVALID', `${place}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'a line of the address book is: NAME = "0x…", or NAME = { account = "0x…", signers = ["label"] }',
  });
}
