import { equalBytes } from '../primitives/bytes.js';
import { equalClaims } from './roundChangeBook.js';
import type { Vote } from './types.js';

/** True when both sign the same: type, height, round, and the block or the claim. Attachments are not signed. */
export function isSamePayload(a: Vote, b: Vote): boolean {
  if (a.height !== b.height || a.round !== b.round) return false;
  if (a.type === 'roundChange') return b.type === 'roundChange' && equalClaims(a, b);
  return a.type === b.type && equalBytes(a.blockHash, b.blockHash);
}
