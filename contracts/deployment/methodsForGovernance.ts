import { t } from '../api/t.js';
import { abiText, name } from './records.js';

/** Views of the contract `contracts` as governance names them, which is built before it. */

/** Whether a bank's contract of this name is in force. */
export const isActiveMethod = {
  contract: 'contracts',
  method: 'isActive',
  kind: 'view',
  args: t.struct({ name }),
  returns: t.bool,
} as const;

/** The ABI of a bank's contract that is in force. */
export const abiInForceMethod = {
  contract: 'contracts',
  method: 'abiInForce',
  kind: 'view',
  args: t.struct({ name }),
  returns: t.optional(abiText),
} as const;
