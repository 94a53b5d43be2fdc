import { LIMITS } from '../../primitives/limits.js';
import { MEMBER_ROLES } from '../api/roles.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';

/** What the registry keeps: the records of the state, and the maps that hold them. */

/** Keys that one account's policy may name. */
export const MAX_ACCOUNT_KEYS = 16;

/** Characters of a member's name, as ISO 20022 bounds it. */
const MAX_NAME = 140;
const MAX_DIAL_ADDRESSES = 8;
const COMPRESSED_KEY_BYTES = 33;

export const roleList = t.list(t.enum(MEMBER_ROLES), MEMBER_ROLES.length, 1);
export const publicKey = t.fixedBytes(COMPRESSED_KEY_BYTES);
export const suite = t.uint(255);
export const threshold = t.uint(MAX_ACCOUNT_KEYS);
export const accountKeys = t.list(t.address, MAX_ACCOUNT_KEYS, 1);
export const checkers = t.list(t.address, MAX_ACCOUNT_KEYS);
/** Characters of the reason for which an account gets new keys. */
const MAX_REASON = 500;
export const reason = t.text(MAX_REASON);
export const NODE_ROLES = ['validator', 'observer'] as const;

export const identityFields = { lei: t.lei, name: t.text(MAX_NAME), roles: roleList };
export const memberRecord = t.struct({ ...identityFields, suspended: t.bool });
export const keyRecord = t.struct({ member: t.bic, suite, publicKey, active: t.bool });
/** Who signs for an account. */
export const signingFields = { threshold, keys: accountKeys, checkers };
export const policyFields = { label: t.id, ...signingFields };
export const accountRecord = t.struct({ member: t.bic, ...policyFields, suspended: t.bool });
export const nodeFields = { role: t.enum(NODE_ROLES), addresses: t.list(t.text(256), MAX_DIAL_ADDRESSES) };
export const nodeRecord = t.struct({ member: t.bic, ...nodeFields });
export const validatorRecord = t.struct({ address: t.address, suite, publicKey });

/** Nodes that a member may have. */
export const MAX_NODES = 64;

/** How long a validator's word that its node holds the chain counts, in consensus time. */
export const READY_WINDOW_MS = 3_600_000;

/** Who has a vote in governance. */
export const VOTING_ROLES: readonly string[] = ['centralBank', 'bank'];

/** Label of the account of a validator's key. */
export const VALIDATOR_LABEL = 'validator';

/**
 * The account under which a validator's key itself speaks: `validator`, or `validator-…` for a further key. It is as safe
 * as the machine of the node, so it has none of its member's roles and does nothing on its behalf.
 */
export function isValidatorLabel(label: string): boolean {
  return label === VALIDATOR_LABEL || label.startsWith(`${VALIDATOR_LABEL}-`);
}

export const validatorAddresses = t.list(t.address, LIMITS.validators, 1);

/** Members by BIC, keys and accounts by address, nodes by peer id; the rest are indexes. */
export const membershipState = {
  members: map([t.bic], memberRecord),
  keys: map([t.address], keyRecord),
  accounts: map([t.address], accountRecord),
  /** Member, label → account. */
  labels: map([t.bic, t.id], t.address),
  /** Key, account whose policy names it → since when, in consensus time; 0 where the genesis or the members have put it in. */
  uses: map([t.address, t.address], t.uint()),
  nodes: map([t.id], nodeRecord),
  /** The ordered list that decides the next block. */
  validators: map([], t.list(validatorRecord, LIMITS.validators, 1)),
  /** Key → when it showed last that its node holds the chain. */
  ready: map([t.address], t.struct({ height: t.uint(), timestamp: t.uint() })),
  /** Account → when its own keys loosened its policy last, in consensus time; no entry for never, or before the members put keys in. */
  loosened: map([t.address], t.uint()),
};

export type MemberRecord = Infer<typeof memberRecord>;
export type KeyRecord = Infer<typeof keyRecord>;
export type AccountRecord = Infer<typeof accountRecord>;
export type NodeRecord = Infer<typeof nodeRecord>;
export type ValidatorRecord = Infer<typeof validatorRecord>;
