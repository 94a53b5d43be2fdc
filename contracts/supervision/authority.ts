import type { MethodKind, MethodRef } from '../api/method.js';
import type { Infer } from '../api/schema.js';
import { type mandate, mandateMethod } from './methods.js';

/** Who may order, bind or try out in a currency. */

/** What an order or a rule goes beyond. Append, never move. */
export const MANDATE_FAULTS = ['over', 'currency', 'member', 'duration', 'seizure'] as const;
export type MandateFault = (typeof MANDATE_FAULTS)[number];
type Mandate = Infer<typeof mandate>;

interface Asker {
  readonly timestamp: number;
  view<A, T>(method: MethodRef<A, T, MethodKind & 'view'>, args: A): T;
}

/** What a member wants to do. */
export interface Intent {
  readonly currency: string;
  /** Whom it is about; none: everybody. */
  readonly about?: string | undefined;
  /** A freeze until then; none of another order. */
  readonly freezesUntil?: number | 'always';
  readonly seizes?: boolean;
}

/** What of an intent a mandate does not cover; undefined where it covers all. */
export function beyondMandate(found: Mandate, timestamp: number, intent: Intent): MandateFault | undefined {
  const { currency, about, freezesUntil, seizes = false } = intent;
  const { currencies, members, until, maxFreezeMs, maySeize } = found;
  if (timestamp >= until) return 'over';
  if (currencies.length > 0 && !currencies.includes(currency)) return 'currency';
  if (members.length > 0 && (about === undefined || !members.includes(about))) return 'member';
  if (freezesUntil === 'always') return 'duration';
  if (freezesUntil !== undefined && freezesUntil > timestamp + maxFreezeMs) return 'duration';
  return seizes && !maySeize ? 'seizure' : undefined;
}

/** The same for a supervisor of the network: without a mandate its role alone entitles it. */
export function mandateFault(ctx: Asker, member: string, intent: Intent): MandateFault | undefined {
  const found = ctx.view(mandateMethod, { member });
  return found === undefined ? undefined : beyondMandate(found, ctx.timestamp, intent);
}
