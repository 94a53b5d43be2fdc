import type { ContractAbi } from '../contracts/api/abi.js';
import { parseCanonicalAbi } from '../contracts/api/abiParse.js';
import { MapCodec, StateCodec } from '../contracts/api/mapFromAbi.js';
import type { Json } from '../contracts/api/schema.js';
import { MapLayout } from '../contracts/api/state.js';
import { deploymentState } from '../contracts/deployment/records.js';
import { standardAbis } from '../contracts/index.js';
import { fromHex, type Hex, toHex } from '../primitives/bytes.js';
import { isCodedError } from '../primitives/errors.js';
import { type StateFact, stateKeyBytes } from '../primitives/stateFinality.js';
import { utf8Decode } from '../primitives/text.js';
import { ClientError } from './errors.js';
import type { VerifiedState } from './verifier.js';

/** A contract, and a key of its own: a character a byte. */
export interface StateKeyRequest {
  readonly contract: string;
  readonly key: string;
}

/** Keys of the state, proven: bytes to keep, and what they prove. */
export interface StateProofResult {
  readonly bytes: Uint8Array;
  readonly facts: VerifiedState;
}

/** An entry of a contract's state as its ABI reads it. */
export interface DescribedFact {
  readonly contract: string;
  /** Undefined where no ABI that is known here says what the key means. */
  readonly map: string | undefined;
  /** The parts of the key; its bytes alone where no ABI is known. */
  readonly key: readonly Json[];
  readonly isAbsent: boolean;
  /** Null where there is none; its bytes in hexadecimal where no ABI is known. */
  readonly value: Json;
}

export interface QueriedState extends DescribedFact {
  /** After which the state is so, and its consensus time. */
  readonly height: number;
  readonly timestamp: number;
  readonly blockHash: Hex;
  /** Validators that signed for it, of how many. */
  readonly signers: number;
  readonly validators: number;
  /** What proves it, to keep and to verify offline. */
  readonly proof: Uint8Array;
}

export interface StateSource {
  stateProof(keys: readonly StateKeyRequest[]): Promise<StateProofResult>;
}

/** What of a contract is read, by its ABI. */
export interface ReadAbi {
  readonly abi: ContractAbi;
  /** Of a bank's contract: where its ABI stands in the state, so that it is proven beside what is read by it. */
  readonly bundle?: Hex | undefined;
}

/** @returns undefined where the contract has another version in that state than the one whose ABI is given */
export async function queryState(
  client: StateSource,
  { abi, bundle }: ReadAbi,
  map: string,
  key: readonly Json[],
): Promise<QueriedState | undefined> {
  const own = { contract: abi.name, key: new MapCodec(abi, map).encodeKey(key) };
  const { bytes, facts } = await client.stateProof([own, ...(bundle === undefined ? [] : abiKeys(abi.name, bundle))]);
  if (bundle !== undefined && !provenAbis(facts.entries).has(abi.name)) return undefined;
  const [described] = describeFacts(facts.entries, [abi]);
  if (described === undefined) throw notAsked('an entry', 'none');
  const { header, blockHash, signers, validators } = facts;
  const { height, timestamp } = header;
  const seal = { height, timestamp, blockHash: toHex(blockHash), signers, validators: validators.length };
  return { ...described, ...seal, proof: bytes };
}

const REGISTRY = 'contracts';
const NEWEST = new MapLayout('contracts', deploymentState.contracts);
const ABIS = new MapLayout('abis', deploymentState.abis);

/** Under which the state says what version of a bank's contract is the newest, and what its ABI is. */
function abiKeys(name: string, bundle: Hex): readonly StateKeyRequest[] {
  return [
    { contract: REGISTRY, key: NEWEST.key([name]) },
    { contract: REGISTRY, key: ABIS.key([fromHex(bundle, 32)]) },
  ];
}

/** ABIs of banks' contracts that proven entries hold, each with the entry that says that it is the newest, by name. */
export function provenAbis(entries: readonly StateFact[]): ReadonlyMap<string, ContractAbi> {
  const texts = new Map<Hex, string>();
  const bundles = new Map<string, Hex>();
  for (const { key, value } of entries) {
    if (value === undefined || !key.startsWith(`${REGISTRY}/`)) continue;
    const own = key.slice(REGISTRY.length + 1);
    if (ABIS.owns(own)) texts.set(toHex(ABIS.keyParts(own)[0]), utf8Decode(ABIS.decode(value)));
    if (NEWEST.owns(own)) bundles.set(NEWEST.keyParts(own)[0], toHex(NEWEST.decode(value).bundle));
  }
  const found = new Map<string, ContractAbi>();
  for (const [name, bundle] of bundles) {
    const text = texts.get(bundle);
    if (text !== undefined) found.set(name, parseCanonicalAbi(text));
  }
  return found;
}

/** Reads proven entries by the ABIs of their contracts: the given ones, or the standard ones and those among the entries. */
export function describeFacts(
  entries: readonly StateFact[],
  abis: readonly ContractAbi[] = [...standardAbis(), ...provenAbis(entries).values()],
): readonly DescribedFact[] {
  const byName = new Map(abis.map((abi) => [abi.name, abi]));
  return entries.map((entry) => describeFact(entry, (contract) => byName.get(contract)));
}

function describeFact(
  { key: full, value }: StateFact,
  abiOf: (name: string) => ContractAbi | undefined,
): DescribedFact {
  const slash = full.indexOf('/');
  const [contract, own] = [full.slice(0, slash), full.slice(slash + 1)];
  const bare: DescribedFact = {
    contract,
    map: undefined,
    key: [toHex(stateKeyBytes(own))],
    isAbsent: value === undefined,
    value: value === undefined ? null : toHex(value),
  };
  const abi = abiOf(contract);
  const map = abi === undefined ? undefined : new StateCodec(abi).mapOf(own);
  if (map === undefined) return bare;
  try {
    return {
      ...bare,
      map: map.name,
      key: map.decodeKey(own),
      value: value === undefined ? null : map.decodeValue(value),
    };
  } catch (error) {
    // What is proven stays proven, whatever the ABI makes of it: its bytes are shown.
    if (isCodedError(error)) return bare;
    throw error;
  }
}

export function keyToJson({ contract, key }: StateKeyRequest): { readonly contract: string; readonly key: Hex } {
  return { contract, key: toHex(stateKeyBytes(key)) };
}

/** A proof of other keys than those that were asked for answers nothing. @throws ClientError `STATE_UNPROVEN` */
export function requireAsked({ entries }: VerifiedState, keys: readonly StateKeyRequest[]): void {
  const shown = (key: string | undefined): string => (key === undefined ? 'nothing' : toHex(stateKeyBytes(key)));
  for (let index = 0; index < Math.max(entries.length, keys.length); index++) {
    const asked = keys[index];
    const expected = asked === undefined ? undefined : `${asked.contract}/${asked.key}`;
    const actual = entries[index]?.key;
    if (actual !== expected) throw notAsked(shown(expected), shown(actual));
  }
}

export function notAsked(expected: string, actual: string): ClientError {
  return new ClientError('STATE_UNPROVEN', `a proof of the state: expected the key ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'believe nothing of it, and ask another node',
  });
}
