import type { Json } from '../../../contracts/api/schema.js';
import { buildGenesis, genesisHash, parseGenesisDescription } from '../../../genesis/genesis.js';
import type { Genesis, GenesisParameters } from '../../../genesis/types.js';
import { chooseBackend } from '../../../node/signatures/chooseBackend.js';
import { addressFromPublicKey } from '../../../primitives/address.js';
import { type Hash, toHex } from '../../../primitives/bytes.js';
import { sha256 } from '../../../primitives/hash.js';
import { possessionDigest } from '../../../primitives/possession.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address } from '../../../primitives/types.js';
import { ENGINE_PIN } from '../../../sandbox/enginePin.js';
import type { KeyPair } from './signatures.js';

/** The settlement network of a world: a central bank, and one bank for each validator. */

export const CHAIN_ID = 'simulated-1';
/** 2026-01-05T08:00Z: when the genesis was made. */
const GENESIS_MS = 1_767_600_000_000;
/** When the world begins, as a right clock shows it. */
export const START_MS = GENESIS_MS + 5_000;
export const CURRENCY = 'EUR';
const LEI = '5299000J2N45DDNE4Y28';
const LETTERS = 'ABCDEFGHIJKLMNOP';

export interface SimulatedKey extends KeyPair {
  readonly address: Address;
}

/** A bank that validates, and settles on one account with the same key. */
export interface SimulatedBank {
  readonly bic: string;
  readonly key: SimulatedKey;
  /** Two nodes are registered; the second is used by twins only. */
  readonly peerIds: readonly [string, string];
}

/** Everything of a network that does not depend on a seed. */
export interface Settlement {
  readonly genesis: Genesis;
  readonly central: SimulatedKey;
  readonly banks: readonly SimulatedBank[];
}

function keyOf(name: string): SimulatedKey {
  const { backend } = chooseBackend();
  const privateKey = sha256(utf8Encode(`vostro simulation key ${name}`));
  const publicKey = Uint8Array.from(backend.publicKey(privateKey));
  return { privateKey, publicKey, address: addressFromPublicKey(publicKey) };
}

function possessionOf({ publicKey, privateKey }: SimulatedKey, member: string): string {
  const digest = possessionDigest({ chainId: CHAIN_ID, member, publicKey });
  return toHex(chooseBackend().backend.sign(digest, privateKey));
}

function memberJson(bic: string, role: string, key: SimulatedKey, peerIds: readonly string[]): Json {
  return {
    bic,
    lei: LEI,
    name: `Member ${bic}`,
    roles: [role],
    keys: [{ publicKey: toHex(key.publicKey), possession: possessionOf(key, bic) }],
    accounts: [{ label: 'settlement', keys: [key.address] }],
    nodes: peerIds.map((peerId) => ({ peerId, role: 'validator', addresses: ['/ip4/127.0.0.1/tcp/1'] })),
    ...(peerIds.length === 0 ? {} : { validator: key.address }),
  };
}

/** Makes the network of so many validators: some milliseconds, so make it once for all seeds. */
export function createSettlement(validatorCount: number): Settlement {
  const central = keyOf('central');
  const banks = Array.from({ length: validatorCount }, (_, index): SimulatedBank => {
    const bic = `SIM${LETTERS[index]}DEFF`;
    return { bic, key: keyOf(bic), peerIds: [`peer-${index}`, `peer-${index}-twin`] };
  });
  const description = parseGenesisDescription({
    chainId: CHAIN_ID,
    timestamp: GENESIS_MS,
    parameters: { stateTreeDepth: 2, statePageEntries: 8 },
    currencies: [{ code: CURRENCY, decimals: 2, issuer: 'CENBDEFF' }],
    members: [
      memberJson('CENBDEFF', 'centralBank', central, []),
      ...banks.map(({ bic, key, peerIds }) => memberJson(bic, 'bank', key, peerIds)),
    ],
  });
  return { genesis: buildGenesis(description, ENGINE_PIN), central, banks };
}

/** The same network with the parameters of one seed. */
export function withParameters(
  { genesis }: Settlement,
  parameters: Partial<GenesisParameters>,
): { readonly genesis: Genesis; readonly genesisHash: Hash } {
  const changed = { ...genesis, parameters: { ...genesis.parameters, ...parameters } };
  return { genesis: changed, genesisHash: genesisHash(changed) };
}
