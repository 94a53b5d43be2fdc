import { MAX_AMOUNT } from '../../primitives/limits.js';

/** How often and how much an account may authorise in any stretch of time of one length. */

/** Parts of a window. What was authorised counts for the whole window and for up to one part longer, never less. */
export const WINDOW_PARTS = 12;

export interface Velocity {
  readonly windowMs: number;
  readonly maxCount?: number | undefined;
  readonly maxSum?: bigint | undefined;
}

/** What was authorised in one part of time, numbered from the beginning of time. */
export interface Part {
  readonly part: number;
  readonly count: number;
  readonly sum: bigint;
}

export interface VelocityRefusal {
  readonly code: 'RULE_COUNT' | 'RULE_SUM';
  readonly data: { readonly limit: bigint; readonly used: bigint; readonly required: bigint };
}

function partOf({ windowMs }: Velocity, timestamp: number): number {
  return Math.floor(timestamp / Math.ceil(windowMs / WINDOW_PARTS));
}

/** The parts that count at a time. */
function counting(rule: Velocity, parts: readonly Part[], timestamp: number): readonly Part[] {
  const first = partOf(rule, timestamp) - WINDOW_PARTS;
  return parts.filter(({ part }) => part >= first);
}

/** What counts of what was authorised. */
export function usedIn(rule: Velocity, parts: readonly Part[], timestamp: number): { count: bigint; sum: bigint } {
  let [count, sum] = [0n, 0n];
  for (const each of counting(rule, parts, timestamp)) {
    count += BigInt(each.count);
    sum += each.sum;
  }
  return { count, sum };
}

/** Why so many payments of a sum may not be authorised; undefined where they may. */
export function velocityRefusal(
  rule: Velocity,
  parts: readonly Part[],
  timestamp: number,
  { payments, total }: { readonly payments: number; readonly total: bigint },
): VelocityRefusal | undefined {
  const { count, sum } = usedIn(rule, parts, timestamp);
  const { maxCount, maxSum } = rule;
  const required = BigInt(payments);
  if (maxCount !== undefined && count + required > BigInt(maxCount)) {
    return { code: 'RULE_COUNT', data: { limit: BigInt(maxCount), used: count, required } };
  }
  if (maxSum === undefined || sum + total <= maxSum) return undefined;
  return { code: 'RULE_SUM', data: { limit: maxSum, used: sum < MAX_AMOUNT ? sum : MAX_AMOUNT, required: total } };
}

/** With so many payments of a sum authorised now; parts that are over are forgotten. */
export function counted(
  rule: Velocity,
  parts: readonly Part[],
  timestamp: number,
  { payments, total }: { readonly payments: number; readonly total: bigint },
): readonly Part[] {
  const part = partOf(rule, timestamp);
  const all = counting(rule, parts, timestamp);
  const now = all.find((each) => each.part === part) ?? { part, count: 0, sum: 0n };
  const sum = now.sum + total;
  return [
    ...all.filter((each) => each.part !== part),
    { part, count: now.count + payments, sum: sum < MAX_AMOUNT ? sum : MAX_AMOUNT },
  ];
}
