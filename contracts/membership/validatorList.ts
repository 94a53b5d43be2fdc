import type { Hash } from '../../primitives/bytes.js';
import { SUITE_SECP256K1 } from '../../primitives/suite.js';
import type { Address } from '../../primitives/types.js';
import { validatorsHash } from '../../primitives/validator.js';
import type { MembershipContext } from './declaration.js';
import { allEntries } from './paging.js';
import { READY_WINDOW_MS, type ValidatorRecord } from './records.js';
import { requireKey } from './registration.js';

/** Who may stand in the list of validators. */

/** The list of these keys in this order. */
export function validatorList(ctx: MembershipContext, addresses: readonly Address[]): readonly ValidatorRecord[] {
  const seen = new Set<string>();
  return addresses.map((address) => {
    ctx.require(!seen.has(address), 'VALIDATORS_REPEATED', { address });
    seen.add(address);
    const { suite, publicKey } = requireKey(ctx, address);
    return { address, suite, publicKey };
  });
}

/** What a header holds of the list. */
export function validatorListHash(list: readonly ValidatorRecord[]): Hash {
  return validatorsHash(list.map(({ address, publicKey }) => ({ address, suite: SUITE_SECP256K1, publicKey })));
}

/**
 * Every key is active, of a member that is not suspended, has a node to validate with and stands there once; a key that
 * was not listed before has shown lately that its node holds the chain.
 */
export function requireFit(
  ctx: MembershipContext,
  list: readonly ValidatorRecord[],
  listed: ReadonlySet<string>,
): void {
  const nodes = allEntries(ctx.state.nodes).map(({ value }) => value);
  const withNode = new Set(nodes.flatMap(({ role, member }) => (role === 'validator' ? [member] : [])));
  const members = new Set<string>();
  for (const { address: key } of list) {
    const { member, active } = requireKey(ctx, key);
    ctx.require(active, 'KEY_INACTIVE', { key });
    ctx.require(!members.has(member), 'VALIDATOR_MEMBER_REPEATED', { member });
    members.add(member);
    if (listed.has(key)) continue;
    ctx.require(ctx.state.members.find(member)?.suspended === false, 'MEMBER_SUSPENDED', { member });
    ctx.require(withNode.has(member), 'NODE_NEEDED', { member });
    const ready = ctx.state.ready.find(key);
    const isReady = ready !== undefined && ready.timestamp + READY_WINDOW_MS >= ctx.timestamp;
    ctx.require(isReady, 'NOT_READY', { key });
  }
}
