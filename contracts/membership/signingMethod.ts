import { t } from '../api/t.js';
import { checkers, MAX_ACCOUNT_KEYS, threshold } from './records.js';

/** Who signs for an account now. */
export const signing = t.struct({
  threshold,
  /** Those of its keys that are active, and since when its policy names each, in consensus time; 0: the genesis or the members put it in. */
  keys: t.list(t.struct({ key: t.address, since: t.uint() }), MAX_ACCOUNT_KEYS),
  checkers,
  /** When its own keys loosened the policy last, in consensus time; none: never, or before the members put keys in. */
  loosenedAt: t.optional(t.uint()),
});

const args = { account: t.address };
const returns = t.optional(signing);

/** How the view `membership.signing` is declared. */
export const signingOptions = { args, returns };

/** The same view, for contracts that need nothing else of the registry. */
export const signingMethod = {
  contract: 'membership',
  method: 'signing',
  kind: 'view',
  args: t.struct(args),
  returns,
} as const;
