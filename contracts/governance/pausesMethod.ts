import { t } from '../api/t.js';
import { scope } from './records.js';

/** Scopes that one answer names: far more than there are contracts. */
export const MAX_PAUSES = 100;

export const pauseList = t.list(t.struct({ scope, untilMs: t.uint() }), MAX_PAUSES);

/** The view `governance.pauses`, for contracts that governance itself calls. */
export const pausesMethod = {
  contract: 'governance',
  method: 'pauses',
  kind: 'view',
  args: t.struct({}),
  returns: pauseList,
} as const;
