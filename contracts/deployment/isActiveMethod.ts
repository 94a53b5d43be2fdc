import { t } from '../api/t.js';

/** The view `contracts.isActive`: whether a bank's contract of this name is in force. */
export const isActiveMethod = {
  contract: 'contracts',
  method: 'isActive',
  kind: 'view',
  args: t.struct({ name: t.id }),
  returns: t.bool,
} as const;
