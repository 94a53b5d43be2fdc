import { lowestThreshold, policyFault } from '../contracts/membership/policy.js';
import { parameterFault } from '../contracts/parameters/rules.js';
import { addressOfKey } from '../primitives/address.js';
import { fromHex } from '../primitives/bytes.js';
import { SUITE_SECP256K1 } from '../primitives/suite.js';
import type { SignatureBackend } from '../primitives/types.js';
import { genesisError } from './errors.js';
import type { Genesis, GenesisAccount, GenesisMember, GenesisParameters } from './types.js';

/** The rules of a genesis file beyond its shape (PROTOCOL §Genesis). */

/** PROTOCOL §What makes a genesis valid G1–G7. @throws GenesisError naming the first rule that the genesis breaks */
export function checkGenesis(genesis: Genesis, backend: SignatureBackend): void {
  if (genesis.version !== 1) throw genesisError('GENESIS_MALFORMED', '$.version', '1', `${genesis.version}`);
  checkParameters(genesis.parameters, genesis.members.length);
  checkUnique('$.members', genesis.members, ({ bic }) => bic, 'each BIC once');
  checkUnique('$.currencies', genesis.currencies, ({ code }) => code, 'each currency once');
  const keys = genesis.members.flatMap((member) => member.keys);
  checkUnique('$.members', keys, ({ address }) => address, 'each key once, in one member');
  const nodes = genesis.members.flatMap((member) => member.nodes);
  checkUnique('$.members', nodes, ({ peerId }) => peerId, 'each peer id once, in one member');
  genesis.members.forEach((member, index) => {
    checkMember(member, `$.members[${index}]`, backend);
  });
  checkCurrencies(genesis);
  checkValidators(genesis);
}

/** PROTOCOL §What makes a genesis valid G2. @throws GenesisError `GENESIS_PARAMETER` */
function checkParameters(parameters: GenesisParameters, memberCount: number): void {
  const fault = parameterFault(parameters, memberCount);
  if (fault === undefined) return;
  throw genesisError('GENESIS_PARAMETER', `$.parameters.${fault.parameter}`, fault.expected, `${fault.actual}`);
}

function inconsistent(path: string, expected: string, actual: string): Error {
  return genesisError('GENESIS_INCONSISTENT', path, expected, actual);
}

function checkUnique<T>(path: string, items: readonly T[], id: (item: T) => string, expected: string): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(id(item))) throw inconsistent(path, expected, `${id(item)} twice`);
    seen.add(id(item));
  }
}

/** PROTOCOL §What makes a genesis valid G3, G4 and G6. */
function checkMember(member: GenesisMember, path: string, backend: SignatureBackend): void {
  checkUnique(`${path}.roles`, member.roles, (role) => role, 'each role once');
  checkUnique(`${path}.accounts`, member.accounts, ({ label }) => label, 'each label once');
  checkUnique(`${path}.accounts`, member.accounts, ({ account }) => account, 'each account once');
  member.keys.forEach((key, index) => {
    const at = `${path}.keys[${index}]`;
    if (key.suite !== SUITE_SECP256K1) throw inconsistent(`${at}.suite`, `${SUITE_SECP256K1}`, `${key.suite}`);
    const publicKey = fromHex(key.publicKey);
    const address = addressOfKey(publicKey, (key) => backend.decompress(key));
    if (address === undefined) throw genesisError('GENESIS_KEY', `${at}.publicKey`, 'a public key', key.publicKey);
    if (address !== key.address) {
      throw genesisError('GENESIS_KEY', `${at}.address`, `${address}, the address of its key`, key.address);
    }
  });
  const own = new Set<string>(member.keys.map(({ address }) => address));
  member.accounts.forEach((account, index) => {
    checkAccount(account, own, `${path}.accounts[${index}]`);
  });
  if (member.validator !== undefined && !own.has(member.validator)) {
    throw inconsistent(`${path}.validator`, 'the address of one of the member’s keys', member.validator);
  }
  const validates = member.nodes.some(({ role }) => role === 'validator');
  if (validates !== (member.validator !== undefined)) {
    const expected = validates ? 'a validator key for its validator node' : 'a node of role validator for its key';
    throw inconsistent(path, expected, 'none');
  }
}

/** PROTOCOL §What makes a genesis valid G5. */
function checkAccount(policy: GenesisAccount, own: ReadonlySet<string>, path: string): void {
  const { account, threshold, keys, checkers } = policy;
  checkUnique(`${path}.keys`, keys, (key) => key, 'each key once');
  const stranger = keys.find((key) => !own.has(key));
  if (stranger !== undefined) throw inconsistent(`${path}.keys`, 'keys of the same member', stranger);
  if (account !== keys[0]) throw inconsistent(`${path}.account`, `its first key (${keys[0]})`, account);
  const fault = policyFault(policy);
  if (fault === 'CHECKERS_INVALID') {
    throw inconsistent(`${path}.checkers`, 'keys of the account, each once and not all of them', checkers.join(', '));
  }
  if (fault === 'THRESHOLD_INVALID') {
    const expected = `${lowestThreshold(checkers)} to ${keys.length}, the number of its keys`;
    throw inconsistent(`${path}.threshold`, expected, `${threshold}`);
  }
}

/** PROTOCOL §What makes a genesis valid G7. A currency that nobody can issue is a mistake that only the first day shows. */
function checkCurrencies({ currencies, members }: Genesis): void {
  currencies.forEach(({ issuer }, index) => {
    const member = members.find(({ bic }) => bic === issuer);
    const canIssue = member?.roles.includes('centralBank') && member.accounts.length > 0;
    if (!canIssue) throw inconsistent(`$.currencies[${index}].issuer`, 'a central bank with an account', issuer);
  });
}

/** PROTOCOL §What makes a genesis valid G6. */
function checkValidators({ validators, members }: Genesis): void {
  checkUnique('$.validators', validators, (bic) => bic, 'each BIC once');
  const validating = new Set(members.filter(({ validator }) => validator !== undefined).map(({ bic }) => bic));
  const stranger = validators.find((bic) => !validating.has(bic));
  if (stranger !== undefined) throw inconsistent('$.validators', 'members with a validator key', stranger);
  const missing = [...validating].find((bic) => !validators.includes(bic));
  if (missing !== undefined)
    throw inconsistent('$.validators', `${missing}, which has a validator key`, 'no such entry');
}
