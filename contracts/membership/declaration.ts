import type { TxContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { t } from '../api/t.js';
import { accountKeys, identityFields, membershipState, policyFields, suite, threshold } from './records.js';

const events = {
  MemberRegistered: { member: t.bic, ...identityFields },
  MemberSuspended: { member: t.bic },
  MemberReinstated: { member: t.bic },
  KeyRegistered: { member: t.bic, key: t.address, suite },
  KeyDeactivated: { member: t.bic, key: t.address },
  AccountOpened: { member: t.bic, account: t.address, ...policyFields },
  AccountSuspended: { account: t.address },
  AccountReinstated: { account: t.address },
  KeyRotated: { account: t.address, removed: t.address, added: t.address },
};

const errors = {
  MEMBER_EXISTS: { member: t.bic },
  MEMBER_UNKNOWN: { member: t.bic },
  /** The sender's member is not the one concerned, nor a central bank that may act for it. */
  NOT_ENTITLED: { member: t.bic, sender: t.bic },
  /** A central bank is suspended by governance, not by one sender. */
  MEMBER_PROTECTED: { member: t.bic },
  /** It is suspended already, or it is not. */
  STATUS_UNCHANGED: { suspended: t.bool },
  ROLES_REPEATED: {},
  SUITE_UNSUPPORTED: { suite },
  /** The bytes are no point of the suite's curve. */
  KEY_INVALID: {},
  POSSESSION_INVALID: { key: t.address },
  /** An address binds one key of one member for ever. */
  KEY_EXISTS: { key: t.address },
  KEY_UNKNOWN: { key: t.address },
  KEY_INACTIVE: { key: t.address },
  /** The key is another member's. */
  KEY_OF_OTHER_MEMBER: { key: t.address, member: t.bic },
  /** An account's policy or the validator list still names it. */
  KEY_IN_USE: { key: t.address },
  KEY_NOT_IN_ACCOUNT: { key: t.address },
  KEYS_REPEATED: { keys: accountKeys },
  ACCOUNT_EXISTS: { account: t.address },
  LABEL_EXISTS: { label: t.id },
  THRESHOLD_INVALID: { threshold, keys: t.uint(255) },
  VALIDATORS_REPEATED: { address: t.address },
  NODE_EXISTS: { peerId: t.id },
};

/** Members, their keys, accounts and nodes, and who validates. */
export const membershipDeclaration = defineContract({
  name: 'membership',
  version: 1,
  state: membershipState,
  events,
  errors,
});

export type MembershipContext = TxContext<typeof membershipState, typeof events, typeof errors>;
