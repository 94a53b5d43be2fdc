import type { Result } from '../api/methods.js';
import type { VostroClient } from '../client/client.js';
import type { SigningPolicy } from '../contracts/membership/policy.js';
import { isValidatorLabel } from '../contracts/membership/records.js';
import { parseAddress, toChecksum } from '../primitives/address.js';
import { isCodedError } from '../primitives/errors.js';
import type { Address } from '../primitives/types.js';
import { CliError, usageError } from './errors.js';
import { findWalletAccount, nameOfAccount, type Wallet, type WalletAccount } from './wallet.js';

/** Label of the account that a bank's BIC alone means. */
const SETTLEMENT_LABEL = 'settlement';
/** ISO 9362, perhaps with an account's label behind a slash: `AURLDEFF/custody`. */
const MEMBER_NAME = /^([A-Z0-9]{8}|[A-Z0-9]{11})(?:\/([A-Za-z0-9._-]{1,64}))?$/;

type MemberAccounts = Result<'accounts'>['accounts'];

/** Finds accounts by name: the wallet's own names first, then addresses, then BICs of the network's members. */
export class AccountBook {
  private readonly members = new Map<string, Promise<MemberAccounts>>();
  private readonly policies = new Map<Address, Promise<SigningPolicy>>();

  constructor(
    readonly wallet: Wallet,
    private readonly client: VostroClient,
  ) {}

  /** @throws CliError `ACCOUNT_UNKNOWN`, `ACCOUNT_AMBIGUOUS`; AddressError for an address that was mistyped */
  async find(name: string): Promise<WalletAccount> {
    const known = findWalletAccount(this.wallet, name);
    if (known !== undefined) return known;
    const match = MEMBER_NAME.exec(name);
    if (match === null) throw unknownAccount(name, this.wallet);
    const account = await this.memberAccount(name, match[1] ?? '', match[2]);
    return { name, account, signers: undefined, passwordFile: undefined };
  }

  async address(name: string): Promise<Address> {
    return (await this.find(name)).account;
  }

  /** The account of that name, or the only one of the wallet. @throws CliError `USAGE_INVALID` */
  async own(name: string | undefined): Promise<WalletAccount> {
    if (name !== undefined) return this.find(name);
    const [only, ...others] = this.wallet.accounts;
    if (only !== undefined && others.length === 0) return only;
    const names = this.wallet.accounts.slice(0, 20).map((account) => account.name);
    const expected = names.length === 0 ? 'the account to act for' : `one of ${names.join(', ')}`;
    throw usageError('--account', expected, 'none', 'name it with --account or VOSTRO_ACCOUNT');
  }

  /** Who signs for an account, as the network has it. @throws NodeError `ACCOUNT_NOT_FOUND` */
  policy(account: Address): Promise<SigningPolicy> {
    const known = this.policies.get(account) ?? this.askPolicy(account);
    this.policies.set(account, known);
    return known;
  }

  /** The wallet's name of an account and its address, or the address alone. */
  shown(address: Address): string {
    const name = nameOfAccount(this.wallet, address);
    return name === address ? toChecksum(address) : `${name} (${toChecksum(address)})`;
  }

  private async askPolicy(account: Address): Promise<SigningPolicy> {
    const { keys, threshold, checkers } = await this.client.call('account', { account });
    return { keys: keys.map(parseAddress), threshold, checkers: checkers.map(parseAddress) };
  }

  private async memberAccount(name: string, bic: string, label: string | undefined): Promise<Address> {
    const known = this.members.get(bic) ?? this.askMember(bic);
    this.members.set(bic, known);
    // The account of a validator's key is never meant unless it is named.
    const accounts = label === undefined ? (await known).filter((own) => !isValidatorLabel(own.label)) : await known;
    const [only, ...others] = accounts;
    const wanted = label ?? (others.length === 0 ? only?.label : SETTLEMENT_LABEL);
    const found = accounts.find((account) => account.label === wanted);
    if (found !== undefined) return parseAddress(found.account);
    if (only === undefined) throw unknownAccount(name, this.wallet);
    const labels = accounts.slice(0, 20).map((account) => `${bic}/${account.label}`);
    throw new CliError('ACCOUNT_AMBIGUOUS', `expected one of ${labels.join(', ')}, found "${name}"`, {
      expected: labels.join(', '),
      actual: name,
    });
  }

  /** Every account of a member, in pages; none where there is no such member. */
  private async askMember(member: string): Promise<MemberAccounts> {
    const accounts: MemberAccounts[number][] = [];
    let cursor: string | undefined;
    try {
      do {
        const page = await this.client.call('accounts', cursor === undefined ? { member } : { member, cursor });
        accounts.push(...page.accounts);
        cursor = page.nextCursor;
      } while (cursor !== undefined && accounts.length < MAX_MEMBER_ACCOUNTS);
    } catch (error) {
      if (isCodedError(error) && error.code === 'MEMBER_NOT_FOUND') return [];
      this.members.delete(member);
      throw error;
    }
    return accounts;
  }
}

const MAX_MEMBER_ACCOUNTS = 10_000;

function unknownAccount(name: string, wallet: Wallet): CliError {
  const known = wallet.accounts.slice(0, 20).map((account) => account.name);
  return new CliError('ACCOUNT_UNKNOWN', `no account is known as "${name.slice(0, 80)}", here or on the network`, {
    expected: ['an address', 'a member’s BIC', ...known].join(', '),
    actual: name.slice(0, 80),
    hint: `add it to ${wallet.directory}/accounts.toml, or give its address`,
  });
}
