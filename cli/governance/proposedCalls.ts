import { callOf } from '../../contracts/api/method.js';
import { MEMBER_ROLES, type MemberRole } from '../../contracts/api/roles.js';
import type { Json } from '../../contracts/api/schema.js';
import { membership, parameters, standardContract } from '../../contracts/index.js';
import { isValidatorLabel, VALIDATOR_LABEL } from '../../contracts/membership/records.js';
import { validatorListHash } from '../../contracts/membership/validatorList.js';
import { GOVERNABLE_PARAMETERS } from '../../contracts/parameters/parameters.js';
import { parseAddress } from '../../primitives/address.js';
import type { Address, Call } from '../../primitives/types.js';
import { CliError, usageError } from '../errors.js';
import type { OptionReader } from '../invocation.js';
import type { Session } from '../session.js';

/** What each kind of proposal is made of. */

const m = membership.methods;

export function memberCall(member: string, options: OptionReader): Call {
  const roles = rolesOf(options);
  return callOf(m.registerMember, { member, lei: options.required('lei'), name: options.required('name'), roles });
}

export function rolesCall(member: string, options: OptionReader): Call {
  return callOf(m.changeRoles, { member, roles: rolesOf(options) });
}

function rolesOf(options: OptionReader): readonly MemberRole[] {
  const named = options.list('role');
  if (named.length === 0) throw usageError('--role', `one or more of ${MEMBER_ROLES.join(', ')}`, 'none');
  return named.map((name) => {
    const role = MEMBER_ROLES.find((candidate) => candidate === name);
    if (role === undefined) throw usageError('--role', `one of ${MEMBER_ROLES.join(', ')}`, `"${name.slice(0, 40)}"`);
    return role;
  });
}

export function nodeCall(member: string, peerId: string, options: OptionReader): Call {
  const role = options.flag('observer') ? 'observer' : 'validator';
  return callOf(m.registerNode, { member, peerId, role, addresses: options.list('address') });
}

/** `heartbeatMs=2000`, one or more. */
export function parameterCall(texts: readonly string[]): Call {
  const changes = texts.map((text) => {
    const [name = '', value = ''] = text.split('=', 2);
    const parameter = GOVERNABLE_PARAMETERS.find((candidate) => candidate === name);
    if (parameter === undefined) {
      throw usageError('parameter', `one of ${GOVERNABLE_PARAMETERS.join(', ')}`, `"${name.slice(0, 40)}"`);
    }
    if (!/^\d{1,15}$/.test(value)) throw usageError(parameter, 'a whole number', `"${value.slice(0, 40)}"`);
    return [parameter, Number(value)] as const;
  });
  if (changes.length === 0) throw usageError('parameter', 'NAME=VALUE', 'none');
  return callOf(parameters.methods.change, Object.fromEntries(changes));
}

/** Any governed method, with its arguments as JSON. */
export function anyCall(name: string, text: string): Call {
  const [contract = '', method = ''] = name.split('.', 2);
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    throw usageError('arguments', 'JSON', `"${text.slice(0, 60)}"`);
  }
  return { contract, method, args: standardContract(contract).codec.encodeArgs(method, json) };
}

/**
 * The list of validators as it becomes: those that are removed are out, those that rotate have another key in the same place,
 * those that are added stand at the end.
 *
 * @throws CliError `USAGE_INVALID`, `ACCOUNT_UNKNOWN`
 */
export async function validatorsCall(session: Session, options: OptionReader): Promise<Call> {
  const before = await session.client.read(m.validators, {});
  const listed = await Promise.all(
    before.map(async ({ address }) => ({
      key: address,
      member: (await session.client.read(m.key, { key: address }))?.member,
    })),
  );
  const removed = options.list('remove').map((bic) => requireListed(listed, bic, '--remove'));
  const rotated = new Map<Address, Address>();
  for (const text of options.list('rotate')) {
    const { bic, key } = await validatorKey(session, text);
    rotated.set(requireListed(listed, bic, '--rotate'), key);
  }
  const added: Address[] = [];
  for (const text of options.list('add')) added.push((await validatorKey(session, text)).key);
  if (removed.length + rotated.size + added.length === 0) {
    throw usageError('validators', '--add, --remove or --rotate', 'none of them');
  }
  const kept = listed.flatMap(({ key }) => (removed.includes(key) ? [] : [rotated.get(key) ?? key]));
  return callOf(m.setValidators, { replaces: validatorListHash(before), validators: [...kept, ...added] });
}

function requireListed(
  listed: readonly { readonly key: Address; readonly member: string | undefined }[],
  bic: string,
  flag: string,
): Address {
  const found = listed.find(({ member }) => member === bic);
  if (found !== undefined) return found.key;
  const expected = `one of ${listed.map(({ member }) => member).join(', ')}`;
  throw usageError(flag, expected, `"${bic.slice(0, 20)}"`);
}

/** `BIC`, or `BIC/label` where the member has several: the account whose id is the address of the key. */
async function validatorKey(session: Session, text: string): Promise<{ readonly bic: string; readonly key: Address }> {
  const [bic = '', label] = text.split('/', 2);
  const { accounts } = await session.client.call('accounts', { member: bic });
  const own = accounts.filter((account) => isValidatorLabel(account.label));
  const [only, ...others] = own;
  const found = label === undefined ? (others.length === 0 ? only : undefined) : own.find((a) => a.label === label);
  if (found !== undefined) return { bic, key: parseAddress(found.account) };
  const expected =
    own.length === 0 ? `an account labelled ${VALIDATOR_LABEL}` : own.map((a) => `${bic}/${a.label}`).join(', ');
  throw new CliError('ACCOUNT_UNKNOWN', `${bic}: expected ${expected}, found ${own.length === 0 ? 'none' : text}`, {
    expected,
    actual: text,
    hint: 'register the key of the member’s new node first: vostro keys register',
  });
}
