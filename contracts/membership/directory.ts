import { invariant } from '../../primitives/errors.js';
import type { Address } from '../../primitives/types.js';
import type { StateEntry, StateKey } from '../api/host.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { type KeySchemas, MapLayout } from '../api/state.js';
import { membershipState, type NodeRecord } from './records.js';
import { readAccount, readKey, readMember } from './registry.js';

/** Reads and ranges over the membership contract's own keys. */
export interface RegistryView {
  get(key: StateKey): Uint8Array | undefined;
  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[];
}

export interface DirectoryKeyEntry {
  readonly address: Address;
  readonly publicKey: Uint8Array;
  readonly member: string;
  readonly active: boolean;
}

export interface DirectoryAccountEntry {
  readonly account: Address;
  readonly member: string;
  readonly threshold: number;
  readonly keys: readonly Address[];
  readonly checkers: readonly Address[];
  /** False while the account or its member is suspended. */
  readonly active: boolean;
}

export interface DirectoryNodeEntry {
  readonly peerId: string;
  readonly member: string;
  readonly role: NodeRecord['role'];
  /** Where its member says that it can be dialled. */
  readonly addresses: readonly string[];
}

/** The registry, or what changed in it, for those who admit transactions and connections. */
export interface DirectoryEntries {
  readonly keys: readonly DirectoryKeyEntry[];
  readonly accounts: readonly DirectoryAccountEntry[];
  /** The whole list, undefined when it did not change. */
  readonly nodes: readonly DirectoryNodeEntry[] | undefined;
}

const members = new MapLayout('members', membershipState.members);
const keys = new MapLayout('keys', membershipState.keys);
const accounts = new MapLayout('accounts', membershipState.accounts);
const labels = new MapLayout('labels', membershipState.labels);
const nodes = new MapLayout('nodes', membershipState.nodes);

/** Everything that is registered. */
export function wholeDirectory(view: RegistryView): DirectoryEntries {
  return {
    keys: scan(view, keys, []).map(({ key }) => keyEntry(view, keys.keyParts(key)[0])),
    accounts: scan(view, accounts, []).map(({ key }) => accountEntry(view, accounts.keyParts(key)[0])),
    nodes: nodeEntries(view),
  };
}

/**
 * What these changed keys of the membership contract mean, read from the state after the change. A member's suspension
 * is a change of each of its accounts.
 */
export function changedDirectory(view: RegistryView, changed: Iterable<StateKey>): DirectoryEntries {
  const changedKeys = new Set<Address>();
  const changedAccounts = new Set<Address>();
  let nodesChanged = false;
  for (const key of changed) {
    if (keys.owns(key)) changedKeys.add(keys.keyParts(key)[0]);
    else if (accounts.owns(key)) changedAccounts.add(accounts.keyParts(key)[0]);
    else if (nodes.owns(key)) nodesChanged = true;
    else if (members.owns(key)) {
      for (const row of scan(view, labels, members.keyParts(key))) changedAccounts.add(labels.decode(row.value));
    }
  }
  return {
    keys: [...changedKeys].map((address) => keyEntry(view, address)),
    accounts: [...changedAccounts].map((account) => accountEntry(view, account)),
    nodes: nodesChanged ? nodeEntries(view) : undefined,
  };
}

/** All entries under a prefix, page by page. */
function scan<K extends KeySchemas, V>(
  view: RegistryView,
  layout: MapLayout<K, V>,
  prefix: readonly unknown[],
): readonly StateEntry[] {
  const rows: StateEntry[] = [];
  for (;;) {
    const page = view.range(layout.key(prefix), RANGE_LIMIT, rows.at(-1)?.key);
    for (const row of page) rows.push(row);
    if (page.length < RANGE_LIMIT) return rows;
  }
}

function keyEntry(view: RegistryView, address: Address): DirectoryKeyEntry {
  const record = readKey((key) => view.get(key), address);
  invariant(record !== undefined, 'a registered key is never removed', { actual: address });
  const { publicKey, member, active } = record;
  return { address, publicKey, member, active };
}

function accountEntry(view: RegistryView, account: Address): DirectoryAccountEntry {
  const record = readAccount((key) => view.get(key), account);
  invariant(record !== undefined, 'an account is never removed', { actual: account });
  const member = readMember((key) => view.get(key), record.member);
  const active = !record.suspended && member?.suspended === false;
  const { threshold, keys: policyKeys, checkers } = record;
  return { account, member: record.member, threshold, keys: policyKeys, checkers, active };
}

function nodeEntries(view: RegistryView): readonly DirectoryNodeEntry[] {
  return scan(view, nodes, []).map((row) => {
    const { member, role, addresses } = nodes.decode(row.value);
    return { peerId: nodes.keyParts(row.key)[0], member, role, addresses };
  });
}
