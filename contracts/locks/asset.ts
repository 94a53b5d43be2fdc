import { t } from '../api/t.js';

/** Money of one currency, or units of one instrument: one of the two. */
export interface Asset {
  readonly currency?: string | undefined;
  readonly instrument?: string | undefined;
}

export const assetFields = { currency: t.optional(t.currency), instrument: t.optional(t.id) };
