import { fromHex, toHex } from './bytes.js';
import { CodedError, invariant } from './errors.js';
import { keccak256 } from './hash.js';
import { decompressPublicKey, SignatureError } from './signature.js';
import { utf8Encode } from './text.js';
import type { Address } from './types.js';

export type AddressErrorCode = 'ADDRESS_INVALID' | 'ADDRESS_CHECKSUM_MISMATCH';

export class AddressError extends CodedError<AddressErrorCode> {}

export const ADDRESS_BYTES = 20;

/** Nobody's address: the proposer of the header at height 0. */
export const ZERO_ADDRESS: Address = `0x${'0'.repeat(40)}`;

const LOWER = /^0x[0-9a-f]{40}$/;
const UPPER = /^0x[0-9A-F]{40}$/;
const MIXED = /^0x[0-9a-fA-F]{40}$/;

/**
 * Last 20 bytes of the Keccak-256 of the uncompressed key without its first byte.
 *
 * @param decompress of a signature backend: the pure one takes about 300 µs a key, the native one 5
 * @throws SignatureError `PUBLIC_KEY_INVALID`
 */
export function addressFromPublicKey(publicKey: Uint8Array, decompress = decompressPublicKey): Address {
  return addressFromBytes(keccak256(decompress(publicKey).subarray(1)).subarray(12));
}

/** The address of a public key, undefined for what is none. */
export function addressOfKey(publicKey: Uint8Array, decompress = decompressPublicKey): Address | undefined {
  try {
    return addressFromPublicKey(publicKey, decompress);
  } catch (error) {
    if (error instanceof SignatureError) return undefined;
    throw error;
  }
}

/** The address of exactly 20 bytes. */
export function addressFromBytes(bytes: Uint8Array): Address {
  invariant(bytes.length === ADDRESS_BYTES, 'an address takes 20 bytes', { actual: `${bytes.length}` });
  return toHex(bytes);
}

export function addressToBytes(address: Address): Uint8Array {
  return fromHex(address, ADDRESS_BYTES);
}

/** True for the one form that addresses have in code: `0x` and 40 lower-case digits. */
export function isAddress(text: string): text is Address {
  return LOWER.test(text);
}

/** The form for people, with a checksum in the case of its letters (EIP-55). */
export function toChecksum(address: Address): string {
  const digits = address.slice(2);
  const hash = keccak256(utf8Encode(digits));
  let text = '0x';
  for (let i = 0; i < digits.length; i++) {
    const nibble = ((hash[i >> 1] as number) >> (i % 2 === 0 ? 4 : 0)) & 0xf;
    const code = digits.charCodeAt(i);
    const isLetter = code >= 97 && code <= 102;
    text += isLetter && nibble >= 8 ? String.fromCharCode(code - 32) : digits.charAt(i);
  }
  return text;
}

function lowered(text: string): Address {
  let digits = '';
  for (let i = 2; i < text.length; i++) {
    const code = text.charCodeAt(i);
    digits += code >= 65 && code <= 70 ? String.fromCharCode(code + 32) : text.charAt(i);
  }
  return `0x${digits}`;
}

/**
 * Reads an address as a person may give it: all lower case, all upper case, or mixed with the right checksum.
 *
 * @throws AddressError `ADDRESS_INVALID`, `ADDRESS_CHECKSUM_MISMATCH`
 */
export function parseAddress(text: string): Address {
  if (!MIXED.test(text)) {
    const actual = text.length > 64 ? `${text.slice(0, 64)}…` : text;
    throw new AddressError('ADDRESS_INVALID', `expected 0x and 40 digits of hexadecimal, found "${actual}"`, {
      expected: '0x and 40 digits of hexadecimal',
      actual,
    });
  }
  const address = lowered(text);
  if (LOWER.test(text) || UPPER.test(text)) return address;
  const expected = toChecksum(address);
  if (expected !== text) {
    throw new AddressError('ADDRESS_CHECKSUM_MISMATCH', `the letters' case is no valid checksum in "${text}"`, {
      expected,
      actual: text,
      hint: 'check the address for a typing error, or give it in lower case only',
    });
  }
  return address;
}
