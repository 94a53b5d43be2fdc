import { SUITE_SECP256K1 } from '../../primitives/suite.js';
import type { Address, Validator } from '../../primitives/types.js';
import type { AccountView, StateKey } from '../api/host.js';
import { MapLayout } from '../api/state.js';
import { policyShortfall } from './policy.js';
import { type AccountRecord, isValidatorLabel, type KeyRecord, type MemberRecord, membershipState } from './records.js';

/**
 * The registry as others read it: pure functions over a reader of the membership contract's own keys. The executor
 * answers `account` and `authorises` with them, and tells who decides the next block.
 */

/** Reads a key of the membership contract's namespace. */
export type RegistryRead = (key: StateKey) => Uint8Array | undefined;

const members = new MapLayout('members', membershipState.members);
const keys = new MapLayout('keys', membershipState.keys);
const accounts = new MapLayout('accounts', membershipState.accounts);
const validators = new MapLayout('validators', membershipState.validators);

export function readMember(read: RegistryRead, bic: string): MemberRecord | undefined {
  const bytes = read(members.key([bic]));
  return bytes === undefined ? undefined : members.decode(bytes);
}

/** The key of an address, active or not: an address binds one key for ever. */
export function readKey(read: RegistryRead, address: Address): KeyRecord | undefined {
  const bytes = read(keys.key([address]));
  return bytes === undefined ? undefined : keys.decode(bytes);
}

export function readAccount(read: RegistryRead, account: Address): AccountRecord | undefined {
  const bytes = read(accounts.key([account]));
  return bytes === undefined ? undefined : accounts.decode(bytes);
}

/** What `ContractHost.account` answers: active unless the account or its member is suspended. */
export function accountView(read: RegistryRead, account: Address): AccountView | undefined {
  const record = readAccount(read, account);
  if (record === undefined) return undefined;
  const member = readMember(read, record.member);
  if (member === undefined) return undefined;
  const active = !record.suspended && !member.suspended;
  const roles = isValidatorLabel(record.label) ? [] : member.roles;
  return { account, member: record.member, roles, active };
}

/** What `ContractHost.authorises` answers: those of the account's keys that signed and are active satisfy its policy. */
export function accountAuthorises(read: RegistryRead, account: Address, signers: readonly Address[]): boolean {
  const record = readAccount(read, account);
  if (record === undefined) return false;
  return policyShortfall(record, signers, (key) => readKey(read, key)?.active === true) === undefined;
}

/** The validators of height h + 1, in their order: a function of the state after h. Empty before the genesis state. */
export function validatorsOf(read: RegistryRead): readonly Validator[] {
  const bytes = read(validators.key([]));
  if (bytes === undefined) return [];
  return validators.decode(bytes).map(({ address, publicKey }) => ({ address, suite: SUITE_SECP256K1, publicKey }));
}
