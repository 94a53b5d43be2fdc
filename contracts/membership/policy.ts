import type { Address } from '../../primitives/types.js';

/** How signatures of keys become the word of an account: the one place that decides it. */
export interface SigningPolicy {
  readonly keys: readonly Address[];
  /** Keys that must sign. */
  readonly threshold: number;
  /** Those of the keys that check what the others make; none: every key does both. */
  readonly checkers: readonly Address[];
}

/** What signatures lack of a policy. */
export interface PolicyShortfall {
  readonly signatures: number;
  /** None of the signers is a checker, where the policy has some. */
  readonly checker: boolean;
  /** All of the signers are checkers. */
  readonly maker: boolean;
}

/**
 * Undefined when the signers satisfy the policy: at least `threshold` of its keys that count are among them and, where it
 * has checkers, at least one of those and at least one other key.
 *
 * @param counts whether a key of the policy that has signed counts: it is active
 */
export function policyShortfall(
  { keys, threshold, checkers }: SigningPolicy,
  signers: readonly Address[],
  counts: (key: Address) => boolean,
): PolicyShortfall | undefined {
  let all = 0;
  let checking = 0;
  for (const key of keys) {
    if (!signers.includes(key) || !counts(key)) continue;
    all += 1;
    if (checkers.includes(key)) checking += 1;
  }
  const checker = checkers.length > 0 && checking === 0;
  const maker = checkers.length > 0 && checking === all;
  if (all >= threshold && !checker && !maker) return undefined;
  return { signatures: Math.max(0, threshold - all), checker, maker };
}

export type PolicyFault = 'KEYS_REPEATED' | 'THRESHOLD_INVALID' | 'CHECKERS_INVALID';

/** Why no signers could ever satisfy a policy as it is meant, undefined for one that is sound. */
export function policyFault({ keys, threshold, checkers }: SigningPolicy): PolicyFault | undefined {
  if (new Set(keys).size !== keys.length) return 'KEYS_REPEATED';
  const areKeys = checkers.every((checker) => keys.includes(checker));
  const areSound = areKeys && new Set(checkers).size === checkers.length && checkers.length < keys.length;
  if (!areSound) return 'CHECKERS_INVALID';
  return threshold >= lowestThreshold(checkers) && threshold <= keys.length ? undefined : 'THRESHOLD_INVALID';
}

/** A maker and a checker are two keys. */
export function lowestThreshold(checkers: readonly Address[]): number {
  return checkers.length > 0 ? 2 : 1;
}

export function isSamePolicy(a: SigningPolicy, b: SigningPolicy): boolean {
  const isSameList = (left: readonly Address[], right: readonly Address[]): boolean => left.join() === right.join();
  return a.threshold === b.threshold && isSameList(a.keys, b.keys) && isSameList(a.checkers, b.checkers);
}

/**
 * True where keys that stay could satisfy the policy after a change, and could not before it: fewer must sign, or other ones of
 * them are the checkers.
 */
export function isLoosened(before: SigningPolicy, after: SigningPolicy): boolean {
  if (after.threshold < before.threshold) return true;
  if (before.checkers.length === 0) return false;
  const stays = (key: Address): boolean =>
    !after.keys.includes(key) || before.checkers.includes(key) === after.checkers.includes(key);
  return after.checkers.length === 0 || !before.keys.every(stays);
}

/**
 * As few of these keys as satisfy the policy, those that come first before others; all that help where they do not satisfy it.
 *
 * @param candidates keys of the policy in the order in which they are wanted
 */
export function chooseSigners(policy: SigningPolicy, candidates: readonly Address[]): readonly Address[] {
  const { threshold, checkers } = policy;
  const own = [...new Set(candidates)].filter((key) => policy.keys.includes(key));
  const chosen = own.slice(0, threshold);
  const shortfall = policyShortfall(policy, chosen, () => true);
  if (shortfall === undefined || !(shortfall.checker || shortfall.maker)) return chosen;
  const other = own.slice(threshold).find((key) => checkers.includes(key) === shortfall.checker);
  return other === undefined ? chosen : [...chosen.slice(0, threshold - 1), other];
}
