import { addressOfKey } from '../../primitives/address.js';
import { possessionDigest } from '../../primitives/possession.js';
import { verify } from '../../primitives/signature.js';
import { SUITE_SECP256K1 } from '../../primitives/suite.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import type { AccountView } from '../api/host.js';
import type { MembershipContext } from './declaration.js';
import { lowestThreshold, policyFault, type SigningPolicy } from './policy.js';
import { type AccountRecord, isValidatorLabel, type KeyRecord, type MemberRecord } from './records.js';

/** The rules by which members, keys and accounts come into the registry, in the genesis state and after it. */

/** Deriving an address and checking a signature in JavaScript take about this many nanoseconds. */
const POINT_FUEL = 500_000;
const SIGNATURE_FUEL = 3_000_000;

export function requireMember(ctx: MembershipContext, bic: string): MemberRecord {
  return ctx.state.members.find(bic) ?? ctx.fail('MEMBER_UNKNOWN', { member: bic });
}

export function requireAccountRecord(ctx: MembershipContext, account: Address): AccountRecord {
  return ctx.state.accounts.find(account) ?? ctx.fail('ACCOUNT_UNKNOWN', { account });
}

export function requireKey(ctx: MembershipContext, key: Address): KeyRecord {
  return ctx.state.keys.find(key) ?? ctx.fail('KEY_UNKNOWN', { key });
}

export function addMember(ctx: MembershipContext, bic: string, identity: Omit<MemberRecord, 'suspended'>): void {
  ctx.require(!ctx.state.members.has(bic), 'MEMBER_EXISTS', { member: bic });
  requireRoles(ctx, identity.roles);
  const { lei, name, roles } = identity;
  ctx.state.members.set(bic, { lei, name, roles, suspended: false });
}

export function requireRoles(ctx: MembershipContext, roles: readonly string[]): void {
  ctx.require(new Set(roles).size === roles.length, 'ROLES_REPEATED');
}

/** Binds the key to its address for ever. @returns the address */
export function addKey(ctx: MembershipContext, member: string, suite: number, publicKey: Uint8Array): Address {
  ctx.useFuel(POINT_FUEL);
  ctx.require(suite === SUITE_SECP256K1, 'SUITE_UNSUPPORTED', { suite });
  const key = addressOfKey(publicKey) ?? ctx.fail('KEY_INVALID');
  ctx.require(!ctx.state.keys.has(key), 'KEY_EXISTS', { key });
  ctx.state.keys.set(key, { member, suite, publicKey, active: true });
  return key;
}

/** The signature that shows that the member holds the key. */
export function requirePossession(
  ctx: MembershipContext,
  claim: { readonly member: string; readonly key: Address; readonly publicKey: Uint8Array },
  possession: Uint8Array,
): void {
  ctx.useFuel(SIGNATURE_FUEL);
  const digest = possessionDigest({ chainId: ctx.chainId, member: claim.member, publicKey: claim.publicKey });
  ctx.require(verify(possession, digest, claim.publicKey), 'POSSESSION_INVALID', { key: claim.key });
}

/** A key that the member may put into a policy. */
export function requireOwnActiveKey(ctx: MembershipContext, member: string, key: Address): void {
  const record = requireKey(ctx, key);
  ctx.require(record.member === member, 'KEY_OF_OTHER_MEMBER', { key, member: record.member });
  ctx.require(record.active, 'KEY_INACTIVE', { key });
}

/**
 * Opens the account whose id is the address of its first key, and stays so when that key is rotated out.
 *
 * @param since from when its keys are told to be there, in consensus time
 */
export function addAccount(
  ctx: MembershipContext,
  member: string,
  policy: Pick<AccountRecord, 'label' | 'threshold' | 'keys' | 'checkers'>,
  since: TimestampMs,
): Address {
  const { label, threshold, keys, checkers } = policy;
  const account = keys[0] as Address;
  requireSoundPolicy(ctx, policy);
  ctx.require(!ctx.state.accounts.has(account), 'ACCOUNT_EXISTS', { account });
  ctx.require(!ctx.state.labels.has(member, label), 'LABEL_EXISTS', { label });
  for (const key of keys) {
    requireOwnActiveKey(ctx, member, key);
    ctx.state.uses.set(key, account, since);
  }
  ctx.state.accounts.set(account, { member, label, threshold, keys, checkers, suspended: false });
  ctx.state.labels.set(member, label, account);
  return account;
}

function requireSoundPolicy(ctx: MembershipContext, policy: SigningPolicy): void {
  const { threshold, keys, checkers } = policy;
  const fault = policyFault(policy);
  ctx.require(fault !== 'KEYS_REPEATED', 'KEYS_REPEATED', { keys });
  ctx.require(fault !== 'CHECKERS_INVALID', 'CHECKERS_INVALID', { checkers });
  const lowest = lowestThreshold(checkers);
  ctx.require(fault === undefined, 'THRESHOLD_INVALID', { threshold, lowest, keys: keys.length });
}

/**
 * Puts another policy in the place of an account's, which keeps its id. The index of keys in use follows.
 *
 * @param since from when keys that come in are told to have been there, in consensus time
 */
export function replacePolicy(
  ctx: MembershipContext,
  account: Address,
  { threshold, keys, checkers }: SigningPolicy,
  since: TimestampMs,
): void {
  const record = requireAccountRecord(ctx, account);
  requireSoundPolicy(ctx, { threshold, keys, checkers });
  for (const key of keys) requireOwnActiveKey(ctx, record.member, key);
  for (const key of record.keys) if (!keys.includes(key)) ctx.state.uses.delete(key, account);
  for (const key of keys) if (!record.keys.includes(key)) ctx.state.uses.set(key, account, since);
  ctx.state.accounts.set(account, { ...record, threshold, keys, checkers });
}

/** The account of a validator's key is its member's, and speaks for the node alone. */
function speaksFor(sender: AccountView, member: string): boolean {
  return sender.member === member && sender.roles.length > 0;
}

/** Accounts of a member that are looked through for one that can speak for it. */
const FIRST_ACCOUNTS = 100;

/** The member's own sender may act for it; a central bank may, until the member has its first account that can. */
export function requireEntitledToRegister(ctx: MembershipContext, member: string): void {
  requireMember(ctx, member);
  const sender = ctx.requireAccount(ctx.sender);
  const isFirst = () =>
    ctx.state.labels.entriesUnder([member], FIRST_ACCOUNTS).every(({ key: [, label] }) => isValidatorLabel(label));
  const entitled = speaksFor(sender, member) || (sender.roles.includes('centralBank') && isFirst());
  ctx.require(entitled, 'NOT_ENTITLED', { member, sender: sender.member });
}

/** The member itself or a central bank may take its rights away. */
export function requireEntitledToRestrict(ctx: MembershipContext, member: string): void {
  const sender = ctx.requireAccount(ctx.sender);
  const entitled = speaksFor(sender, member) || sender.roles.includes('centralBank');
  ctx.require(entitled, 'NOT_ENTITLED', { member, sender: sender.member });
}

/** A suspension of the central bank would leave nobody to lift it. */
export function requireSuspendable(ctx: MembershipContext, bic: string, member: MemberRecord): void {
  ctx.require(!member.roles.includes('centralBank'), 'MEMBER_PROTECTED', { member: bic });
}
