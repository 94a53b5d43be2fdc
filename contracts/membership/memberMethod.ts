import { t } from '../api/t.js';
import { memberRecord } from './records.js';

const args = { member: t.bic };
const returns = t.optional(memberRecord);

/** How the view `membership.member` is declared. */
export const memberOptions = { args, returns };

/** The same view, for contracts that need nothing else of the registry. */
export const memberMethod = {
  contract: 'membership',
  method: 'member',
  kind: 'view',
  args: t.struct(args),
  returns,
} as const;
