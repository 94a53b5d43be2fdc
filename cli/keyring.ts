import { chooseSigners, policyShortfall, type SigningPolicy } from '../contracts/membership/policy.js';
import { KeyError } from '../node/keys/errors.js';
import { findKeystore, type KeystoreEntry, listKeystores } from '../node/keys/keystoreDirectory.js';
import { LocalSigner } from '../node/keys/localSigner.js';
import { toChecksum } from '../primitives/address.js';
import type { Address, SignatureBackend } from '../primitives/types.js';
import type { AccountBook } from './accountBook.js';
import type { CliHost } from './host.js';
import { keyPassword } from './keyPassword.js';
import type { WalletAccount } from './wallet.js';

export interface KeyringOptions {
  /** Directory with the keystores. */
  readonly wallet: string;
  /** `--password-file`: it opens every key, whatever the address book says. */
  readonly passwordFile: string | undefined;
  /** Where neither the flag nor the address book names one. */
  readonly defaultPasswordFile: string | undefined;
}

/** The wallet's keys, each opened once, when it is first needed. */
export class Keyring {
  private readonly signers = new Map<string, Promise<LocalSigner>>();
  private readonly signersByAccount = new Map<Address, Promise<readonly LocalSigner[]>>();

  constructor(
    private readonly options: KeyringOptions,
    private readonly host: CliHost,
    private readonly backend: SignatureBackend,
    private readonly accounts: AccountBook,
  ) {}

  /**
   * Signers that satisfy an account's policy: those that the address book names, or as few of the policy's keys as it
   * takes, of those that the wallet holds.
   *
   * @throws KeyError `KEY_NOT_FOUND` where the wallet holds too few, `PASSWORD_WRONG`, …
   */
  signersOf(account: WalletAccount): Promise<readonly LocalSigner[]> {
    const known = this.signersByAccount.get(account.account) ?? this.findSigners(account);
    this.signersByAccount.set(account.account, known);
    return known;
  }

  private async findSigners(account: WalletAccount): Promise<readonly LocalSigner[]> {
    const { wallet } = this.options;
    if (account.signers !== undefined) {
      const entries = await Promise.all(account.signers.map((name) => findKeystore(wallet, name)));
      return this.openAll(entries);
    }
    const policy = await this.accounts.policy(account.account);
    const { entries } = await listKeystores(wallet);
    const held = policy.keys.flatMap((key) => entries.find((entry) => entry.keystore.address === key) ?? []);
    const inOrder = held.flatMap(({ keystore }) => keystore.address ?? []);
    const chosen = chooseSigners(policy, inOrder);
    const isMet = policyShortfall(policy, chosen, () => true) === undefined;
    if (!isMet) throw tooFewKeys(account, policy, inOrder, wallet);
    return this.openAll(
      held.filter(({ keystore }) => keystore.address !== undefined && chosen.includes(keystore.address)),
    );
  }

  /**
   * Addresses of the keys that sign for an account, without opening one: as few of its policy as it takes, first those that
   * the address book names, then those that the wallet holds.
   */
  async addressesOf(account: WalletAccount): Promise<readonly Address[]> {
    const policy = await this.accounts.policy(account.account);
    const { keys } = policy;
    const named = await this.namedSigners(account);
    const { entries } = await listKeystores(this.options.wallet);
    const isHeld = (key: Address): boolean => entries.some(({ keystore }) => keystore.address === key);
    const inOrder = [...keys.filter((key) => named.includes(key)), ...keys.filter(isHeld), ...keys];
    return chooseSigners(policy, inOrder);
  }

  /** Addresses of the keys that the address book names for an account; none where it leaves that to the policy. */
  async namedSigners({ signers = [] }: WalletAccount): Promise<readonly Address[]> {
    const entries = await Promise.all(signers.map((name) => findKeystore(this.options.wallet, name)));
    return entries.flatMap(({ keystore }) => keystore.address ?? []);
  }

  /** Those of the addresses whose keys are in the wallet. */
  async held(addresses: readonly Address[]): Promise<readonly LocalSigner[]> {
    const { entries } = await listKeystores(this.options.wallet);
    return this.openAll(
      entries.filter(({ keystore }) => keystore.address !== undefined && addresses.includes(keystore.address)),
    );
  }

  private async openAll(entries: readonly KeystoreEntry[]): Promise<readonly LocalSigner[]> {
    const opened: LocalSigner[] = [];
    // One after the other: each takes the memory of its scrypt, and may ask for a password.
    for (const entry of entries) opened.push(await this.open(entry));
    return opened;
  }

  private open(entry: KeystoreEntry): Promise<LocalSigner> {
    const known = this.signers.get(entry.path) ?? this.unlock(entry);
    this.signers.set(entry.path, known);
    return known;
  }

  private async unlock(entry: KeystoreEntry): Promise<LocalSigner> {
    const { passwordFile: named, defaultPasswordFile } = this.options;
    const passwordFile = named ?? this.passwordFileOf(entry) ?? defaultPasswordFile;
    const password = await keyPassword(this.host, passwordFile, `the key ${entry.label}`);
    return LocalSigner.fromKeystore(entry.keystore, password, this.backend);
  }

  /** What the address book says of the account that the key is, or signs for. */
  private passwordFileOf({ label, keystore }: KeystoreEntry): string | undefined {
    const { address } = keystore;
    const account = this.accounts.wallet.accounts.find(
      ({ account, signers }) =>
        account === address || signers?.some((signer) => signer === label || signer.toLowerCase() === address),
    );
    return account?.passwordFile;
  }
}

function tooFewKeys(
  account: WalletAccount,
  { keys, threshold, checkers }: SigningPolicy,
  held: readonly Address[],
  wallet: string,
): KeyError {
  const named = (addresses: readonly Address[]): string => addresses.map(toChecksum).join(', ');
  const checked =
    checkers.length === 0 ? '' : `, at least one of the checkers ${named(checkers)} and one other among them`;
  const expected = `${threshold} of ${named(keys)}${checked}`;
  const checking = held.filter((key) => checkers.includes(key)).length;
  const actual = checkers.length === 0 ? `${held.length}` : `${held.length}, of them ${checking} checkers`;
  return new KeyError(
    'KEY_NOT_FOUND',
    `${account.name} is signed for by ${expected}; the wallet ${wallet} holds ${actual}`,
    {
      expected,
      actual,
      hint: 'name the wallet that holds them with --wallet, or let those who hold them sign',
    },
  );
}
