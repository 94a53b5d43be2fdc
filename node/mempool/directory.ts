import { type PolicyShortfall, policyShortfall } from '../../contracts/membership/policy.js';
import type { Address } from '../../primitives/types.js';
import type { DirectoryAccount, DirectoryKey, DirectoryUpdate } from '../execution/types.js';

/** Keys and accounts as of the head, learnt from each commit, so that admission asks no other thread. */
export class Directory {
  private readonly keys = new Map<Address, DirectoryKey>();
  private readonly accounts = new Map<Address, DirectoryAccount>();
  private readonly members = new Set<string>();

  update(update: Pick<DirectoryUpdate, 'keys' | 'accounts'>): void {
    for (const key of update.keys) this.keys.set(key.address, key);
    for (const account of update.accounts) {
      this.accounts.set(account.account, account);
      this.members.add(account.member);
    }
  }

  key(address: Address): DirectoryKey | undefined {
    return this.keys.get(address);
  }

  account(account: Address): DirectoryAccount | undefined {
    return this.accounts.get(account);
  }

  /** What the signers lack of the account's policy, undefined when they satisfy it. */
  shortfall(account: DirectoryAccount, signers: readonly Address[]): PolicyShortfall | undefined {
    return policyShortfall(account, signers, (key) => this.keys.get(key)?.active === true);
  }

  /** Members that have an account. */
  get memberCount(): number {
    return this.members.size;
  }
}
