import { type Ablation, edit, test } from '../ablation.js';

const policy = 'contracts/membership/policy.js';
const registration = 'contracts/membership/registration.js';
const cash = 'contracts/cash/cash.js';
const limitBook = 'contracts/cash/limitBook.js';
const property = (file: string, title: string) => test(`property/contracts/${file}`, title);
const unit = (file: string, title: string) => test(`unit/contracts/${file}`, title);

/** Who signs for an account, for how much, and until when on a business day. */
export const ACCOUNTS: readonly Ablation[] = [
  {
    name: 'maker-checks-alone',
    bug: 'lets checkers alone satisfy a policy, so that two of them make and check what they like',
    rule: 'contracts/membership/policy.ts: at least one who signs is no checker',
    edits: [edit(policy, 'checkers.length > 0 && checking === all', 'false')],
    caughtBy: [property('policies', 'are satisfied by exactly the sets of signers')],
  },
  {
    name: 'nobody-checks',
    bug: 'lets makers alone satisfy a policy with checkers',
    rule: 'contracts/membership/policy.ts: at least one who signs is a checker',
    edits: [edit(policy, 'checkers.length > 0 && checking === 0', 'false')],
    caughtBy: [
      property('policies', 'are satisfied by exactly the sets of signers'),
      unit('membership', 'has makers and checkers, of whom each must sign'),
    ],
  },
  {
    name: 'ended-keys-count',
    bug: 'counts signatures of keys that have ended',
    rule: 'contracts/membership/registry.ts: keys that signed and are active',
    edits: [edit(policy, '|| !counts(key)', '')],
    caughtBy: [property('policies', 'count no key that has ended'), unit('membership', 'counts active keys only')],
  },
  {
    name: 'keys-of-others-in-a-policy',
    bug: 'puts keys of another member into a policy that is changed',
    rule: 'contracts/membership/registration.ts: keys of the same member, active',
    edits: [edit(registration, 'requireOwnActiveKey(ctx, record.member, key);', ';')],
    caughtBy: [unit('membership', 'is changed whole by the policy of now')],
  },
  {
    name: 'recovery-reinstates',
    bug: 'lets a suspended account act again once it has new keys',
    rule: 'contracts/membership/governed.ts: it stays suspended if it is',
    edits: [
      edit(
        registration,
        '{ ...record, threshold, keys, checkers }',
        '{ ...record, threshold, keys, checkers, suspended: false }',
      ),
    ],
    caughtBy: [unit('membership', 'becomes another by the members')],
  },
  {
    name: 'recovery-of-another-policy',
    bug: 'lets a recovery replace a policy that the owner has set since the members approved it',
    rule: 'contracts/membership/governed.ts: only the policy that the proposal was made for is replaced',
    edits: [edit('contracts/membership/governed.js', 'equalBytes(actual, replaces)', 'true')],
    caughtBy: [unit('membership', 'replaces the policy that the members approved it for')],
  },
  {
    name: 'payment-at-the-cut-off',
    bug: 'takes a payment in a block of the cut-off’s millisecond',
    rule: 'contracts/cash/cash.ts: from the cut-off on no new payments',
    edits: [edit(cash, 'ctx.timestamp >= cutOffAt', 'ctx.timestamp > cutOffAt')],
    caughtBy: [unit('businessDay', 'ends new payments')],
  },
  {
    name: 'limit-loosened-at-once',
    bug: 'lets whoever holds the keys raise the limit of a day and use it on the same day',
    rule: 'contracts/cash/limitBook.ts: what loosens a limit counts from the next business day on',
    edits: [edit(limitBook, 'perDay: tighter(now.perDay, wanted.perDay)', 'perDay: wanted.perDay')],
    caughtBy: [
      property('limits', 'let pass exactly what keeps to them'),
      unit('limits', 'count at once where they tighten'),
    ],
  },
  {
    name: 'limits-do-not-bind-locks',
    bug: 'counts no locks, so that a contract takes beyond the limits what a payment may not',
    rule: 'contracts/cash/locks.ts: a lock is authorised by the account',
    edits: [
      edit('contracts/cash/locks.js', 'charge(ctx, { currency: a.currency, account: a.debtor }', '(() => {})(ctx, {}'),
    ],
    caughtBy: [
      property('limits', 'let pass exactly what keeps to them'),
      unit('limits', 'bound one payment and a business day'),
    ],
  },
  {
    name: 'queue-counted-twice',
    bug: 'counts what was submitted to the queue again as it settles at once',
    rule: 'contracts/cash/cash.ts: it was counted as it was submitted',
    edits: [edit(cash, "const isQueue = ctx.callerContract === 'queue'", 'const isQueue = false')],
    caughtBy: [
      property('limits', 'let pass exactly what keeps to them'),
      unit('limits', 'count what was submitted to the queue once'),
    ],
  },
  {
    name: 'fresh-keys-unbounded',
    bug: 'lets bounded keys put an unbounded one in their place and pay with it today',
    rule: 'contracts/cash/charging.ts: a key that has come in today counts as the one that is bounded most',
    edits: [edit('contracts/cash/charging.js', 'isLoosened || since >= opened', 'isLoosened')],
    caughtBy: [unit('limits', 'count for a key that comes in today as the lowest of them')],
  },
  {
    name: 'loosened-policy-helps-today',
    bug: 'lets bounded keys lower the threshold and one key pay anything today',
    rule: 'contracts/cash/charging.ts: once the policy was loosened today every key counts as the one that is bounded most',
    edits: [edit('contracts/cash/charging.js', 'isLoosened || since >= opened', 'since >= opened')],
    caughtBy: [unit('limits', 'do not let a policy that was loosened today help today')],
  },
  {
    name: 'creditor-not-counted',
    bug: 'counts within a batch nothing towards each creditor',
    rule: 'contracts/cash/allowance.ts: what is authorised towards one creditor on a business day',
    edits: [edit('contracts/cash/allowance.js', '[this.#perDay, towards, ', '[this.#perDay, ')],
    caughtBy: [
      property('limits', 'let pass exactly what keeps to them'),
      unit('limits', 'refuse in a batch the payments that do not keep to them'),
    ],
  },
];
