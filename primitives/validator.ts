import type { Hash } from './bytes.js';
import { invariant } from './errors.js';
import {
  addressItem,
  formatError,
  openFormat,
  readAddress,
  readFormat,
  readItems,
  readSuite,
  requireCount,
  requireSuite,
  VERSION_ITEM,
} from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { LIMITS } from './limits.js';
import { encode, encodeUint, type RlpReader } from './rlp.js';
import { COMPRESSED_KEY_BYTES, hasKeyForm } from './signature.js';
import type { Validator } from './types.js';

/** PROTOCOL §Formats, Validators. */

const MAX_VALIDATORS_BYTES = LIMITS.validators * 64 + 16;
const BOUNDS = { min: 1, max: LIMITS.validators, field: 'validators' } as const;

/** The ordered list: its order decides who leads. @throws FormatError */
export function encodeValidators(validators: readonly Validator[]): Uint8Array {
  requireCount(validators.length, BOUNDS.min, BOUNDS.max, BOUNDS.field);
  requireDistinct(validators);
  return encode([
    VERSION_ITEM,
    validators.map(({ address, suite, publicKey }) => [
      addressItem(address, 'address'),
      encodeUint(requireSuite(suite, 'suite')),
      requireCompressed(publicKey),
    ]),
  ]);
}

/** @throws RlpError, FormatError */
export function decodeValidators(bytes: Uint8Array): Validator[] {
  return readValidatorsFields(openFormat(bytes, MAX_VALIDATORS_BYTES, 'validators'));
}

/** A validator list inside another format. */
export function readValidators(reader: RlpReader): Validator[] {
  return readValidatorsFields(readFormat(reader, 'validators'));
}

function readValidatorsFields(list: RlpReader): Validator[] {
  const validators = readItems(list, BOUNDS, readValidator);
  list.done('validators');
  requireDistinct(validators);
  return validators;
}

function readValidator(reader: RlpReader): Validator {
  const item = reader.list('validator');
  const address = readAddress(item, 'address');
  const suite = readSuite(item, 'suite');
  const publicKey = requireCompressed(item.fixed(COMPRESSED_KEY_BYTES, 'publicKey'));
  item.done('validator');
  return { address, suite, publicKey };
}

function requireCompressed(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== COMPRESSED_KEY_BYTES || !hasKeyForm(publicKey)) {
    throw formatError('VALUE_OUT_OF_RANGE', 'publicKey', '33 bytes from 0x02 or 0x03', `${publicKey.length} bytes`);
  }
  return publicKey;
}

function requireDistinct(validators: readonly Validator[]): void {
  if (new Set(validators.map((validator) => validator.address)).size !== validators.length) {
    throw formatError('INCONSISTENT', 'validators', 'each address once', 'a repeat');
  }
}

/** What a header holds of its validators: H(tag ‖ list). */
export function validatorsHash(validators: readonly Validator[]): Hash {
  return taggedHash(TAGS.validators, encodeValidators(validators));
}

/** f = floor((n - 1) / 3): how many of n may be faulty. */
export function faultTolerance(validatorCount: number): number {
  invariant(Number.isSafeInteger(validatorCount) && validatorCount >= 1, 'a set has validators', {
    actual: `${validatorCount}`,
  });
  return Math.floor((validatorCount - 1) / 3);
}

/** q = floor((2n - 1) / 3) + 1: any two quorums share an honest validator (4 → 3, 5 → 4, 6 → 4, 7 → 5, 50 → 34). */
export function quorum(validatorCount: number): number {
  invariant(Number.isSafeInteger(validatorCount) && validatorCount >= 1, 'a set has validators', {
    actual: `${validatorCount}`,
  });
  return Math.floor((2 * validatorCount - 1) / 3) + 1;
}

/** Leader of (h, r) = validators[(h + r) mod n]. */
export function leaderIndex(height: number, round: number, validatorCount: number): number {
  invariant(validatorCount >= 1, 'a set has validators', { actual: `${validatorCount}` });
  return ((height % validatorCount) + (round % validatorCount)) % validatorCount;
}
