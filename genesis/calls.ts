import { callOf } from '../contracts/api/method.js';
import { cash } from '../contracts/cash/cash.js';
import { deployment } from '../contracts/deployment/deployment.js';
import { GENESIS_ROWS, membership } from '../contracts/membership/membership.js';
import { parameters } from '../contracts/parameters/parameters.js';
import { fromHex } from '../primitives/bytes.js';
import type { Address, Call } from '../primitives/types.js';
import { genesisValidators } from './genesis.js';
import type { Genesis, GenesisMember } from './types.js';

/**
 * The calls that make the state of height 0, in their order: members with keys, accounts and nodes, then validators,
 * then currencies, parameters and the engine. The executor runs each of them without sender or signers; a failure is a mistake in this program.
 */
export function genesisCalls(genesis: Genesis): readonly Call[] {
  return [
    ...genesis.members.flatMap(memberCalls),
    callOf(membership.methods.genesisValidators, { validators: genesisValidators(genesis).map(addressOf) }),
    ...genesis.currencies.map(({ code, decimals, issuer }) =>
      callOf(cash.methods.genesisCurrency, { currency: code, decimals, issuer }),
    ),
    callOf(parameters.methods.genesisParameters, genesis.parameters),
    callOf(deployment.methods.genesisEngine, { version: genesis.engine.version, hash: fromHex(genesis.engine.hash) }),
  ];
}

function memberCalls({ bic: member, lei, name, roles, keys, accounts, nodes }: GenesisMember): readonly Call[] {
  const publicKeys = keys.map(({ suite, publicKey }) => ({ suite, publicKey: fromHex(publicKey) }));
  return [
    callOf(membership.methods.genesisMember, { member, lei, name, roles }),
    ...chunks(publicKeys).map((chunk) => callOf(membership.methods.genesisKeys, { member, keys: chunk })),
    ...chunks(accounts).map((chunk) => callOf(membership.methods.genesisAccounts, { member, accounts: chunk })),
    ...chunks(nodes).map((chunk) => callOf(membership.methods.genesisNodes, { member, nodes: chunk })),
  ];
}

function addressOf({ address }: { readonly address: Address }): Address {
  return address;
}

function chunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += GENESIS_ROWS) parts.push(items.slice(start, start + GENESIS_ROWS));
  return parts;
}
