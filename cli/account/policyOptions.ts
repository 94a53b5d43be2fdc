import type { Command } from 'commander';
import { lowestThreshold, policyFault, type SigningPolicy } from '../../contracts/membership/policy.js';
import { findKeystore } from '../../node/keys/keystoreDirectory.js';
import { parseAddress, toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { CliError, usageError } from '../errors.js';
import type { OptionReader } from '../invocation.js';
import { repeated } from '../options.js';
import type { Session } from '../session.js';

/** How a policy is written on a command line, and shown. */

export function withPolicy(command: Command): Command {
  return command
    .option('--key <key>', 'a registered key, by address or label in the wallet; one for each', repeated, [])
    .option('--checker <key>', 'the same of one that checks what the others make', repeated, [])
    .option('--threshold <number>', 'how many must sign; 1, or 2 where there are checkers, when left out');
}

/** @throws CliError `USAGE_INVALID` unless some signers satisfy the policy; KeyError `KEY_NOT_FOUND` */
export async function policyOf(session: Session, options: OptionReader): Promise<SigningPolicy> {
  const named = options.list('key');
  const checkers = await addressesOf(session, options.list('checker'));
  const keys = [...(await addressesOf(session, named)), ...checkers];
  if (keys.length === 0) throw usageError('--key', 'one or more keys', 'none');
  const threshold = options.integer('threshold', 1, keys.length) ?? lowestThreshold(checkers);
  const policy = { keys, threshold, checkers };
  switch (policyFault(policy)) {
    case 'KEYS_REPEATED':
      throw usageError('--key and --checker', 'each key once', 'one twice');
    case 'CHECKERS_INVALID':
      throw usageError('--key', 'at least one key that is no checker', 'none');
    case 'THRESHOLD_INVALID':
      throw usageError('--threshold', `${lowestThreshold(checkers)} to ${keys.length}`, `${threshold}`);
    default:
      return policy;
  }
}

function addressesOf(session: Session, names: readonly string[]): Promise<readonly Address[]> {
  return Promise.all(names.map((name) => keyAddress(session, name)));
}

/** The address of a key, by itself or by its label in the wallet. */
export async function keyAddress({ settings }: Session, name: string): Promise<Address> {
  if (name.startsWith('0x')) return parseAddress(name);
  const { keystore } = await findKeystore(settings.wallet, name);
  if (keystore.address !== undefined) return keystore.address;
  throw new CliError('WALLET_INVALID', `${name}: expected a keystore with its address, found one without`, {
    expected: 'a keystore with its address',
    actual: 'one without',
  });
}

/** `2 of 0x…, 0x… and, as checkers, 0x…` */
export function policyWords({ keys, threshold, checkers }: SigningPolicy): string {
  const makers = keys.filter((key) => !checkers.includes(key));
  const shown = (addresses: readonly Address[]): string => addresses.map(toChecksum).join(', ');
  const checking = checkers.length === 0 ? '' : ` and, as checkers, ${shown(checkers)}`;
  return `${threshold} of ${shown(makers)}${checking}`;
}

/** The same for programs. */
export function policyData({ keys, threshold, checkers }: SigningPolicy) {
  return { threshold, keys: keys.map(toChecksum), checkers: checkers.map(toChecksum) };
}
