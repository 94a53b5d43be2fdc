import { t } from '../api/t.js';

/** What `assets` asks of pilots, without what they ask of it. */

/** How the view `pilots.bounds` is declared. */
export const boundsOptions = {
  args: { instrument: t.id, account: t.address },
  returns: t.optional(t.struct({ isNamed: t.bool, isOver: t.bool, cap: t.amount, perHolder: t.amount })),
};

export const boundsMethod = {
  contract: 'pilots',
  method: 'bounds',
  kind: 'view',
  args: t.struct(boundsOptions.args),
  returns: boundsOptions.returns,
} as const;
