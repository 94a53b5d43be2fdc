import type { AbiCodec } from '../../contracts/api/abi.js';
import type { Json } from '../../contracts/api/schema.js';
import { membership, standardContract } from '../../contracts/index.js';
import { addressOfKey, parseAddress, toChecksum } from '../../primitives/address.js';
import { fromHex, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { Address, Call } from '../../primitives/types.js';
import { policyWords } from '../account/policyOptions.js';
import type { Session } from '../session.js';

type Fields = { readonly [name: string]: Json };

/** A call of a proposal: its arguments as JSON, and what it does in words. */
export interface DescribedCall {
  readonly call: string;
  readonly arguments: Json;
  readonly words: string;
}

/** What calls of a proposal do. What the ABI does not know is shown as it stands. */
export async function describeCalls(session: Session, calls: readonly Call[]): Promise<readonly DescribedCall[]> {
  const described: DescribedCall[] = [];
  for (const call of calls) described.push(await describeCall(session, call));
  return described;
}

async function describeCall(session: Session, { contract, method, args }: Call): Promise<DescribedCall> {
  const name = `${contract}.${method}`;
  const json = decodeArguments(contract, method, args);
  if (json === undefined) {
    return {
      call: name,
      arguments: toHex(args),
      words: `${name} with ${args.length} bytes that this version cannot read`,
    };
  }
  const words = await wordsOf(session, name, json as Fields);
  return { call: name, arguments: json, words: words ?? `${name} ${JSON.stringify(json)}` };
}

function decodeArguments(contract: string, method: string, args: Uint8Array): Json | undefined {
  try {
    const codec: AbiCodec = standardContract(contract).codec;
    return codec.decodeArgs(method, args);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}

async function wordsOf(session: Session, name: string, a: Fields): Promise<string | undefined> {
  switch (name) {
    case 'membership.registerMember':
      return `make ${a['member']} (${a['name']}, LEI ${a['lei']}) a member with the roles ${listed(a['roles'])}`;
    case 'membership.changeRoles':
      return `give ${a['member']} the roles ${listed(a['roles'])} and no others`;
    case 'membership.setSuspended':
      return `${a['suspended'] === true ? 'suspend' : 'reinstate'} ${a['member']} with all of its accounts`;
    case 'membership.registerKey':
      return `register the key ${keyOf(a['publicKey'])} of ${a['member']}`;
    case 'membership.recoverAccount':
      return recoveryWords(session, a);
    case 'cash.clearLimits':
      return `end at once the limits of ${await accountWords(session, a)} in ${a['currency']}`;
    case 'membership.registerNode':
      return `let the ${a['role']} node ${a['peerId']} of ${a['member']} connect${at(a['addresses'])}`;
    case 'membership.removeNode':
      return `let the node ${a['peerId']} connect no more`;
    case 'membership.setValidators':
      return validatorWords(session, a['validators'] as readonly Address[]);
    case 'contracts.activate':
      return `put ${a['name']} in force, bundle ${a['bundle']} of the sources ${a['source']} on the engine ${a['engine']}, with at most ${a['migrationFuel']} fuel for its migration`;
    case 'contracts.retire':
      return `take ${a['name']} out of force`;
    case 'parameters.change':
      return `set ${Object.entries(a)
        .filter(([, value]) => value !== null)
        .map(([parameter, value]) => `${parameter} to ${value}`)
        .join(', ')}`;
    default:
      return undefined;
  }
}

function keyOf(publicKey: Json | undefined): string {
  const address = addressOfKey(fromHex(publicKey as Hex));
  return address === undefined ? `${publicKey}, which is no point of the curve,` : toChecksum(address);
}

async function accountWords(session: Session, a: Fields): Promise<string> {
  const account = parseAddress(a['account'] as string);
  const record = await session.client.read(membership.methods.account, { account });
  return record === undefined ? toChecksum(account) : `${record.member}/${record.label} (${toChecksum(account)})`;
}

async function recoveryWords(session: Session, a: Fields): Promise<string> {
  const addresses = (values: Json | undefined): readonly Address[] => (values as readonly string[]).map(parseAddress);
  const name = await accountWords(session, a);
  const policy = { keys: addresses(a['keys']), threshold: Number(a['threshold']), checkers: addresses(a['checkers']) };
  return `give ${name} other keys: ${policyWords(policy)}, because: ${a['reason']}`;
}

function listed(values: Json | undefined): string {
  return Array.isArray(values) ? values.join(', ') : '-';
}

function at(addresses: Json | undefined): string {
  return Array.isArray(addresses) && addresses.length > 0 ? `, at ${addresses.join(', ')}` : '';
}

/** The change against the list of now, and the whole of what it becomes. */
async function validatorWords(session: Session, next: readonly Address[]): Promise<string> {
  const now = (await session.client.read(membership.methods.validators, {})).map(({ address }) => address);
  const lower = next.map((address) => address.toLowerCase() as Address);
  const added = lower.filter((address) => !now.includes(address));
  const removed = now.filter((address) => !lower.includes(address));
  const names = await Promise.all(lower.map((address) => validatorName(session, address)));
  const changes = [
    ...(await Promise.all(added.map(async (address) => `add ${await validatorName(session, address)}`))),
    ...(await Promise.all(removed.map(async (address) => `remove ${await validatorName(session, address)}`))),
  ];
  const what = changes.length === 0 ? 'order the validators anew' : changes.join(', ');
  return `${what}: then ${lower.length} validate, in this order: ${names.join(', ')}`;
}

/** The member that a validator's key belongs to, with the key. */
async function validatorName({ client }: Session, key: Address): Promise<string> {
  const record = await client.read(membership.methods.key, { key });
  return `${record?.member ?? 'nobody'} (${toChecksum(key)})`;
}
