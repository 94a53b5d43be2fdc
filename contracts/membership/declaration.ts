import type { TxContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { t } from '../api/t.js';
import {
  accountKeys,
  checkers,
  identityFields,
  membershipState,
  nodeFields,
  policyFields,
  reason,
  roleList,
  signingFields,
  suite,
  threshold,
  validatorAddresses,
} from './records.js';

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
  PolicyChanged: { account: t.address, ...signingFields },
  /** The members have put other keys in the place of an account's. */
  AccountRecovered: { account: t.address, ...signingFields, reason },
  RolesChanged: { member: t.bic, roles: roleList },
  NodeRegistered: { member: t.bic, peerId: t.id, ...nodeFields },
  NodeRemoved: { member: t.bic, peerId: t.id },
  ValidatorsChanged: { validators: validatorAddresses },
  /** A validator's key says that its node holds the state of that height. */
  Ready: { key: t.address, height: t.uint() },
};

const errors = {
  MEMBER_EXISTS: { member: t.bic },
  MEMBER_UNKNOWN: { member: t.bic },
  MEMBER_SUSPENDED: { member: t.bic },
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
  /** No number of signers that its keys could bring, or fewer than a maker and a checker. */
  THRESHOLD_INVALID: { threshold, lowest: t.uint(255), keys: t.uint(255) },
  /** Checkers are keys of the account, each once, and not all of them. */
  CHECKERS_INVALID: { checkers },
  POLICY_UNCHANGED: { account: t.address },
  /** The account's policy is not the one that the proposal was made for. */
  POLICY_MOVED: { account: t.address, expected: t.fixedBytes(32), actual: t.fixedBytes(32) },
  VALIDATORS_REPEATED: { address: t.address },
  NODE_EXISTS: { peerId: t.id },
  NODE_UNKNOWN: { peerId: t.id },
  /** The member has as many nodes as it may have. */
  NODES_TOO_MANY: { member: t.bic, limit: t.uint() },
  /** The member validates, and would have no node for it. */
  NODE_NEEDED: { member: t.bic },
  /** The list is not the one that the proposal was made for. */
  VALIDATORS_MOVED: { expected: t.fixedBytes(32), actual: t.fixedBytes(32) },
  /** A member validates with one key. */
  VALIDATOR_MEMBER_REPEATED: { member: t.bic },
  /** The key has not shown lately that its node holds the chain. */
  NOT_READY: { key: t.address },
  /** The root is not that of this height, or the height is not one of the newest 256. */
  STATE_ROOT_MISMATCH: { height: t.uint() },
  /** Not the account of a validator's key, signed by that key. */
  NOT_VALIDATOR_ACCOUNT: { account: t.address },
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
