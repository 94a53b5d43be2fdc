import { callOf } from '../contracts/api/method.js';
import { membership } from '../contracts/index.js';
import { addressFromPublicKey, toChecksum } from '../primitives/address.js';
import { fromHex, type Hex } from '../primitives/bytes.js';
import { COMPRESSED_KEY_BYTES, isPublicKey, SIGNATURE_BYTES } from '../primitives/signature.js';
import { SUITE_SECP256K1 } from '../primitives/suite.js';
import { usageError } from './errors.js';
import { argument, type Invocation } from './invocation.js';
import type { CommandResult } from './output.js';
import { finalResult, transact } from './sending.js';
import { openSession } from './session.js';

/** Registers a key of a member with its proof of possession, and opens the account whose only key it is. */
export async function registerKey(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const publicKey = hexBytes(argument(invocation, 0, 'public-key'), 'public-key', COMPRESSED_KEY_BYTES);
  if (!isPublicKey(publicKey)) throw usageError('public-key', 'a compressed point of secp256k1', 'another value');
  const possession = hexBytes(options.required('possession'), '--possession', SIGNATURE_BYTES);
  const label = options.required('label');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const member = options.text('member') ?? (await session.client.call('account', { account: account.account })).member;
  const address = addressFromPublicKey(publicKey);
  const { registerKey: register, openAccount } = membership.methods;
  const calls = [
    callOf(register, { member, suite: SUITE_SECP256K1, publicKey, possession }),
    callOf(openAccount, { member, label, threshold: 1, keys: [address] }),
  ];
  const sentence = `registered ${toChecksum(address)} as ${member}/${label}`;
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, sentence, { member, label, account: toChecksum(address) }),
  );
}

function hexBytes(text: string, what: string, length: number): Uint8Array {
  if (new RegExp(`^0x[0-9a-fA-F]{${length * 2}}$`).test(text)) return fromHex(text.toLowerCase() as Hex);
  throw usageError(what, `0x and ${length * 2} digits of hexadecimal`, `"${text.slice(0, 80)}"`);
}
