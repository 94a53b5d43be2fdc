import { LIMITS } from '../../primitives/limits.js';

/** What may be called how. PROTOCOL §Contracts ABI, Methods */
export const NAME_PATTERNS = {
  contract: /^[a-z][a-zA-Z0-9]*$/,
  method: /^[a-z][a-zA-Z0-9]*$/,
  event: /^[A-Z][a-zA-Z0-9]*$/,
  error: /^[A-Z][A-Z0-9_]*$/,
  map: /^[a-zA-Z][a-zA-Z0-9]*$/,
} as const;

export type NamedKind = keyof typeof NAME_PATTERNS;

/** True for a name of its kind, at most 64 characters long. */
export function isNameOf(kind: NamedKind, name: string): boolean {
  return name.length <= LIMITS.nameBytes && NAME_PATTERNS[kind].test(name);
}
