import { type Ablation, edit, test } from '../ablation.js';

const operations = test('operations/operations', 'leave everything that must hold as it was after every block');
const book = 'contracts/queue/book.js';
const steps = 'contracts/settlement/steps.js';
const htlc = 'contracts/htlc/steps.js';
const settles = 'if (isDebit)\n                debit(ctx, currency, account, amount);';

/** What only the contracts together can lose: each is seen by random operations of all of them, and the state after each block. */
export const OPERATIONS: readonly Ablation[] = [
  {
    name: 'together-locked-total',
    bug: 'leaves what is released in the sum of an account’s locks',
    rule: 'contracts/locks/lockBook.ts: locked is the sum of an account’s locks',
    edits: [edit('contracts/locks/lockBook.js', 'locked.get(key[0], owner) - amount', 'locked.get(key[0], owner)')],
    caughtBy: [operations],
  },
  {
    name: 'together-frozen-lock',
    bug: 'pays out of a lock what an order keeps in the account',
    rule: 'contracts/cash/locks.ts: while orders keep as much as it has, nothing leaves',
    edits: [edit('contracts/cash/locks.js', 'requireLeaving(ctx, key, held.debtor, [a]);', 'void 0;')],
    caughtBy: [operations],
  },
  {
    name: 'together-suspended-lock',
    bug: 'pays out the lock of an account that is suspended',
    rule: 'contracts/cash/locks.ts: while the debtor is suspended, nothing leaves',
    edits: [edit('contracts/cash/locks.js', 'ctx.requireAccount(held.debtor);', '')],
    caughtBy: [operations],
  },
  {
    name: 'together-net-without-funds',
    bug: 'lets a run settle by net position what the accounts do not have',
    rule: 'contracts/cash/cash.ts: settleNet debits what there is',
    edits: [
      edit(
        'contracts/cash/cash.js',
        settles,
        'if (isDebit)\n                ctx.state.balances.set(currency, account, ctx.state.balances.get(currency, account) < amount ? 0n : ctx.state.balances.get(currency, account) - amount);',
      ),
      edit('contracts/queue/window.js', 'available: available + reserved', 'available: available + reserved + 1000n'),
      edit('contracts/queue/run.js', 'if (amount === 0n)', 'if (amount >= 0n)'),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-credits-of-one-creditor',
    bug: 'credits a creditor of several payments with the last of them alone',
    rule: 'contracts/cash/cash.ts: transferMany',
    edits: [edit('contracts/cash/cash.js', '(byCreditor.get(creditor) ?? 0n) + amount', 'amount')],
    caughtBy: [operations],
  },
  {
    name: 'together-order-kept',
    bug: 'leaves a payment in the order that has left the queue',
    rule: 'contracts/queue/book.ts: finish',
    edits: [edit(book, 'this.#ctx.state.order.delete(this.currency, waiting.priority, waiting.id);', '')],
    caughtBy: [operations],
  },
  {
    name: 'together-held-counted',
    bug: 'counts a held payment that is cancelled as one that went before others',
    rule: 'contracts/queue/book.ts: finish',
    edits: [
      edit(
        book,
        'if (!waiting.isHeld)\n            this.#countActive(waiting, -1);',
        'this.#countActive(waiting, -1);',
      ),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-lock-forgotten',
    bug: 'forgets an allocation that is withdrawn, and keeps what it had locked',
    rule: 'contracts/settlement/steps.ts: withdraw gives back',
    edits: [edit(steps, 'if (isAllocated)\n        returnAllocation(ctx, id, instruction, account, party);', '')],
    caughtBy: [operations],
  },
  {
    name: 'together-leg-left-out',
    bug: 'settles all legs but the last',
    rule: 'contracts/settlement/steps.ts: every leg or none',
    edits: [edit(steps, 'of movements) {', 'of movements.length > 1 ? movements.slice(1) : movements) {')],
    caughtBy: [operations],
  },
  {
    name: 'together-allotted-for-nothing',
    bug: 'allots units and gives all the money back',
    rule: 'contracts/subscriptions/subscriptions.ts: allot',
    edits: [
      edit(
        'contracts/subscriptions/subscriptions.js',
        'ctx.call(cash.methods.release, { currency, lock: id, creditor: issuer, amount: paid });',
        '',
      ),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-not-eligible',
    bug: 'gives units to whoever may not have them',
    rule: 'contracts/assets/holdings.ts: credit',
    edits: [edit('contracts/assets/holdings.js', 'requireEligible(ctx, id, account);\n    give(', 'give(')],
    caughtBy: [operations],
  },
  {
    name: 'together-split-figures',
    bug: 'splits holdings and forgets what is outstanding',
    rule: 'contracts/assets/split.ts: holdings are issued - redeemed at every step',
    edits: [edit('contracts/assets/split.js', 'ctx.state.instruments.set(id, { ...record, ...figures });', '')],
    caughtBy: [operations],
  },
  {
    name: 'together-failure-remains',
    bug: 'keeps what a transaction has written that fails later on',
    rule: 'Execution: a transaction that fails changes nothing',
    edits: [
      edit(
        'contracts/runtime/transactionRun.js',
        'this.environment.state.rollback(mark.state);',
        'this.environment.state.release(mark.state);',
      ),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-claim-too-late',
    bug: 'takes the key of a lock when its deadline has passed',
    rule: 'contracts/htlc/steps.ts: claim shows the key in time',
    edits: [
      edit(htlc, 'requireInTime(ctx, open);\n    requireKey(ctx, open.hash, key);', 'requireKey(ctx, open.hash, key);'),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-claimed-reclaimed',
    bug: 'gives a lock back to its sender whose key was shown in time',
    rule: 'contracts/htlc/steps.ts: reclaim gives back what nobody has claimed',
    edits: [
      edit(htlc, 'requireUnclaimed(ctx, id, open);\n    const { deadline } = open;', 'const { deadline } = open;'),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-lock-uncounted',
    bug: 'leaves locks out of what an account authorises on a day',
    rule: 'contracts/cash/locks.ts: a lock counts against the limits of the account',
    edits: [
      edit(
        'contracts/cash/locks.js',
        'charge(ctx, { currency: a.currency, account: a.debtor }, controls, [{ amount: a.amount }], false);',
        'void 0;',
      ),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-loosened-today',
    bug: 'lets a limit that is loosened be in force at once',
    rule: 'contracts/cash/limitBook.ts: what loosens a limit counts from the next business day on',
    edits: [edit('contracts/cash/limitBook.js', 'return a < b ? a : b;', 'return b;')],
    caughtBy: [operations],
  },
  {
    name: 'together-one-person',
    bug: 'carries an order out that whoever proposed it has confirmed',
    rule: 'contracts/orders/proposals.ts: none of the keys that signed the proposal may have signed the confirmation',
    edits: [edit('contracts/orders/proposals.js', 'if (key !== undefined)', 'if (key === undefined && id === "")')],
    caughtBy: [operations],
  },
  {
    name: 'together-paused',
    bug: 'executes calls of a contract that the members have paused',
    rule: 'contracts/runtime/contractHost.ts: a paused contract is not called',
    edits: [
      edit('contracts/runtime/contractHost.js', 'if (untilMs > environment.timestamp)', 'if (untilMs > untilMs)'),
    ],
    caughtBy: [operations],
  },
  {
    name: 'together-limits-cleared',
    bug: 'keeps the limits of an account that the members have ended',
    rule: 'contracts/cash/limits.ts: clearLimits',
    edits: [edit('contracts/cash/limits.js', 'keepLimits(ctx, currency, account, NO_LIMITS);', '')],
    caughtBy: [operations],
  },
];
