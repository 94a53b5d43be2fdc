import type { Command } from 'commander';
import { openKeystore } from '../../node/keys/keystore.js';
import { addKeystore, findKeystore, type KeystoreEntry, listKeystores } from '../../node/keys/keystoreDirectory.js';
import { newPrivateKey } from '../../node/keys/privateKey.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { keyPassword } from '../keyPassword.js';
import { withExamples, withJson, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { proveKeystore } from '../possession.js';
import { formatFields, formatTable } from '../table.js';

/** Below it a keystore is quick to open and quick to guess: for local networks only. */
const STRONG_LOG_N = 18;

export function register(program: Command, bind: Bind): void {
  const keys = program.command('keys').description('Make and look at keys: V3 keystores in the wallet’s directory.');
  const create = keys
    .command('new')
    .description('Make a key and encrypt it under a password.')
    .argument('[label]', 'name of the key and its file')
    .option('--log-n <n>', 'base-2 logarithm of scrypt’s cost, 10 to 19 (default 18; less only for local tests)');
  withExamples(
    withJson(withWallet(create)),
    'vostro keys new treasury',
    'vostro keys new treasury --password-file ~/.vostro/password --json',
  ).action(bind(newKey));
  const list = keys.command('list').description('List the keys of the wallet.');
  withExamples(withJson(withWallet(list)), 'vostro keys list --wallet ./wallet').action(bind(listKeys));
  const show = keys
    .command('show')
    .description('Show one key: address, public key, file. Never the private key.')
    .argument('<key>', 'label or address')
    .option('--check', 'open it, to see that the password fits');
  withExamples(withJson(withWallet(show)), 'vostro keys show treasury', 'vostro keys show treasury --check').action(
    bind(showKey),
  );
  const prove = keys
    .command('prove')
    .description('Prove that the member holds a key: the entry for the description of a genesis.')
    .argument('<key>', 'label or address')
    .requiredOption('--chain-id <id>', 'the network’s chain id')
    .requiredOption('--member <bic>', 'BIC of the member that the key belongs to');
  withExamples(withJson(withWallet(prove)), 'vostro keys prove treasury --chain-id euro-1 --member AURLDEFF').action(
    bind(proveKey),
  );
  const registerCommand = keys
    .command('register')
    .description('Register a key on the chain with its proof of possession, and open an account under it.')
    .argument(
      '<key>',
      'a public key as vostro node init or vostro keys prove printed it, or a key of the wallet by its label',
    )
    .option(
      '--possession <signature>',
      'the proof that was printed with a public key; made here for a key of the wallet',
    )
    .option('--key-only', 'open no account: for a key that is to sign for one that there is')
    .option('--label <label>', 'name of the account; validator or validator-… for the key of a node', 'validator')
    .option('--member <bic>', 'its member; the account’s own when left out');
  withExamples(
    withJson(withSending(registerCommand)),
    'vostro keys register 0x02… --possession 0x… --account AURLDEFF',
    'vostro keys register maker --key-only --account AURLDEFF',
    'vostro keys register 0x02… --possession 0x… --member ECHOGB2L --label settlement --account CBVODEFF',
  ).action(bind(async (invocation) => (await import('../keyRegistration.js')).registerKey(invocation)));
}

/** What `genesis build` takes as one key of a member. */
async function proveKey(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const chainId = options.required('chainId');
  const member = options.required('member');
  const { settings } = await invocation.config();
  const entry = await findKeystore(settings.wallet, argument(invocation, 0, 'key'));
  const password = await keyPassword(host, settings.passwordFile, `the key ${entry.label}`);
  const proven = await proveKeystore(entry.keystore, password, { chainId, member }, chooseBackend().backend);
  const data = { publicKey: toHex(proven.publicKey), possession: toHex(proven.possession) };
  return { data, text: JSON.stringify(data, undefined, 2) };
}

async function newKey(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const logN = options.integer('logN', 10, 19) ?? STRONG_LOG_N;
  const { settings } = await invocation.config();
  const label = invocation.args[0];
  const purpose = label === undefined ? 'the new key' : `the new key ${label}`;
  const password = await keyPassword(host, settings.passwordFile, purpose, true);
  const { backend } = chooseBackend();
  const privateKey = newPrivateKey(backend);
  const entry = await addKeystore(settings.wallet, privateKey, password, backend, {
    logN,
    ...(label === undefined ? {} : { label }),
  });
  privateKey.fill(0);
  const weak = `its scrypt cost is 2^${logN}, which is for local tests; the standard is 2^${STRONG_LOG_N}`;
  return { ...describeKey(entry), warnings: logN < STRONG_LOG_N ? [weak] : [] };
}

async function listKeys(invocation: Invocation): Promise<CommandResult> {
  const { settings } = await invocation.config();
  const { entries, faults } = await listKeystores(settings.wallet);
  const rows = entries.map((entry) => [entry.label, shownAddress(entry), entry.path]);
  const columns = [{ title: 'LABEL' }, { title: 'ADDRESS' }, { title: 'FILE' }];
  const none = `no keys in ${settings.wallet}; make one with: vostro keys new LABEL`;
  return {
    data: { directory: settings.wallet, keys: entries.map(keyData) },
    text: rows.length === 0 ? none : formatTable(columns, rows),
    warnings: faults.map((fault) => fault.message),
  };
}

async function showKey(invocation: Invocation): Promise<CommandResult> {
  const { settings } = await invocation.config();
  const { host, options } = invocation;
  const entry = await findKeystore(settings.wallet, argument(invocation, 0, 'key'));
  if (!options.flag('check')) return describeKey(entry);
  const password = await keyPassword(host, settings.passwordFile, `the key ${entry.label}`);
  const privateKey = await openKeystore(entry.keystore, password, chooseBackend().backend);
  privateKey.fill(0);
  const shown = describeKey(entry);
  return { data: { ...keyData(entry), opens: true }, text: `${shown.text}\nThe password opens it.` };
}

function describeKey(entry: KeystoreEntry): { readonly data: object; readonly text: string } {
  const text = formatFields([
    ['label', entry.label],
    ['address', shownAddress(entry)],
    ['public key', entry.keystore.publicKey ?? 'not in the file'],
    ['file', entry.path],
    ['encryption', encryptionOf(entry)],
  ]);
  return { data: keyData(entry), text };
}

function keyData(entry: KeystoreEntry) {
  return {
    label: entry.label,
    address: entry.keystore.address === undefined ? null : toChecksum(entry.keystore.address),
    publicKey: entry.keystore.publicKey ?? null,
    file: entry.path,
    encryption: encryptionOf(entry),
  };
}

function shownAddress(entry: KeystoreEntry): string {
  return entry.keystore.address === undefined ? 'not in the file' : toChecksum(entry.keystore.address);
}

function encryptionOf(entry: KeystoreEntry): string {
  const { kdf } = entry.keystore.box;
  if (kdf.kdf === 'pbkdf2') return `pbkdf2, ${kdf.iterations} iterations`;
  return `scrypt, n ${kdf.n}, r ${kdf.r}, p ${kdf.p}`;
}
