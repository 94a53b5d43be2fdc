import { callOf } from '../contracts/api/method.js';
import { membership } from '../contracts/index.js';
import { findKeystore } from '../node/keys/keystoreDirectory.js';
import { addressFromPublicKey, toChecksum } from '../primitives/address.js';
import { fromHex, type Hex } from '../primitives/bytes.js';
import { COMPRESSED_KEY_BYTES, isPublicKey, SIGNATURE_BYTES } from '../primitives/signature.js';
import { SUITE_SECP256K1 } from '../primitives/suite.js';
import { usageError } from './errors.js';
import { argument, type Invocation } from './invocation.js';
import { keyPassword } from './keyPassword.js';
import type { CommandResult } from './output.js';
import { type ProvenKey, proveKeystore } from './possession.js';
import { finalResult, transact } from './sending.js';
import { openSession, type Session } from './session.js';

/** Registers a key of a member with its proof of possession, and opens the account whose only key it is, unless it is wanted alone. */
export async function registerKey(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const given = givenKey(invocation);
  const label = options.required('label');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const member = options.text('member') ?? (await session.client.call('account', { account: account.account })).member;
  const { publicKey, possession } = given ?? (await ownKey(session, invocation, member));
  const address = addressFromPublicKey(publicKey);
  const shown = toChecksum(address);
  const { registerKey: register, openAccount } = membership.methods;
  const registration = callOf(register, { member, suite: SUITE_SECP256K1, publicKey, possession });
  if (options.flag('keyOnly')) {
    return transact(session, invocation, { account, calls: [registration] }, (final) =>
      finalResult(final, `registered ${shown} of ${member}`, { member, key: shown }),
    );
  }
  const calls = [registration, callOf(openAccount, { member, label, threshold: 1, keys: [address], checkers: [] })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `registered ${shown} as ${member}/${label}`, { member, label, account: shown }),
  );
}

/** A public key with its proof, as they were printed elsewhere; undefined for a key of the wallet. */
function givenKey(invocation: Invocation): ProvenKey | undefined {
  const key = argument(invocation, 0, 'key');
  const possession = invocation.options.text('possession');
  if (possession === undefined && !key.startsWith('0x')) return undefined;
  return provenKey(key, possession ?? '', 'key', '--possession');
}

/** @throws CliError `USAGE_INVALID` */
export function provenKey(key: string, proof: string, keyName: string, proofName: string): ProvenKey {
  const publicKey = hexBytes(key, keyName, COMPRESSED_KEY_BYTES);
  if (!isPublicKey(publicKey)) throw usageError(keyName, 'a compressed point of secp256k1', 'another value');
  return { publicKey, possession: hexBytes(proof, proofName, SIGNATURE_BYTES) };
}

async function ownKey({ settings, network, backend }: Session, invocation: Invocation, member: string) {
  const { keystore, label } = await findKeystore(settings.wallet, argument(invocation, 0, 'key'));
  const password = await keyPassword(invocation.host, settings.passwordFile, `the key ${label}`);
  return proveKeystore(keystore, password, { chainId: network.genesis.chainId, member }, backend);
}

function hexBytes(text: string, what: string, length: number): Uint8Array {
  if (new RegExp(`^0x[0-9a-fA-F]{${length * 2}}$`).test(text)) return fromHex(text.toLowerCase() as Hex);
  throw usageError(what, `0x and ${length * 2} digits of hexadecimal`, `"${text.slice(0, 80)}"`);
}
