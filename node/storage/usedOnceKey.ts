import { utf8Encode } from '../../primitives/text.js';
import { requireRange, writeUint } from './rowCodec.js';

/** Bytes of a scope, and of a business reference, at most. */
export const MAX_USED_ONCE_TEXT_BYTES = 255;

/**
 * The key of a business reference's row: day in four bytes, length of the scope in one, scope, reference; so that all of
 * a day stand together.
 */
export function usedOnceKey(scope: string, reference: string, day: number): Uint8Array {
  requireRange('a day', day, 0, 0xffffffff);
  return asciiKey(scope, reference, day) ?? unicodeKey(scope, reference, day);
}

/** Without an encoder, which costs more than everything else of a short key. Undefined when it is not all ASCII. */
function asciiKey(scope: string, reference: string, day: number): Uint8Array | undefined {
  const key = keyWithRoom(scope.length, reference.length, day);
  let offset = 5;
  for (let i = 0; i < scope.length; i++) {
    const code = scope.charCodeAt(i);
    if (code >= 0x80) return undefined;
    key[offset++] = code;
  }
  for (let i = 0; i < reference.length; i++) {
    const code = reference.charCodeAt(i);
    if (code >= 0x80) return undefined;
    key[offset++] = code;
  }
  return key;
}

function unicodeKey(scope: string, reference: string, day: number): Uint8Array {
  const [scopeBytes, referenceBytes] = [utf8Encode(scope), utf8Encode(reference)];
  const key = keyWithRoom(scopeBytes.length, referenceBytes.length, day);
  key.set(scopeBytes, 5);
  key.set(referenceBytes, 5 + scopeBytes.length);
  return key;
}

function keyWithRoom(scopeBytes: number, referenceBytes: number, day: number): Uint8Array {
  requireRange('the length of a scope', scopeBytes, 0, MAX_USED_ONCE_TEXT_BYTES);
  requireRange('the length of a business reference', referenceBytes, 0, MAX_USED_ONCE_TEXT_BYTES);
  // From shared memory: arrays of their own of this length stand outside of the JavaScript heap, one allocation each.
  const key = Buffer.allocUnsafe(5 + scopeBytes + referenceBytes);
  key[writeUint(key, 0, day, 4)] = scopeBytes;
  return key;
}
