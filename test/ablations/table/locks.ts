import { type Ablation, edit, test } from '../ablation.js';

const locks = 'contracts/cash/locks.js';
const unit = (title: string) => test('unit/contracts/locks', title);
const property = test('property/contracts/money', 'is neither made nor lost by any transactions');

/** Money that contracts hold, and bundles that others approve. */
export const LOCKS: readonly Ablation[] = [
  {
    name: 'lock-of-anybody',
    bug: 'locks the money of an account that has not authorised it',
    rule: 'contracts/cash/locks.ts: the debtor authorises',
    edits: [
      edit(
        locks,
        'debtor: t.address, amount: t.amount },\n        auth: { byContract: true, accounts: (a) => [a.debtor] }',
        'debtor: t.address, amount: t.amount },\n        auth: { byContract: true }',
      ),
    ],
    caughtBy: [unit('needs its debtor’s authorisation')],
  },
  {
    name: 'lock-by-transaction',
    bug: 'lets any call pass that must come from a contract',
    rule: 'Authorisation A10',
    edits: [
      edit(
        'contracts/api/authorise.js',
        "host.context.callerContract === undefined ? no('contract', 'transaction') : undefined",
        'undefined',
      ),
    ],
    caughtBy: [test('unit/contracts/conditions', 'let any contract pass, and no transaction')],
  },
  {
    name: 'release-beyond-the-lock',
    bug: 'releases more than a lock holds',
    rule: 'contracts/cash/locks.ts: a lock gives what it was made with',
    edits: [edit(locks, 'ctx.require(a.amount <= held.amount,', 'ctx.require(true,')],
    caughtBy: [unit('it is not made twice, and gives no more')],
  },
  {
    name: 'lock-made-twice',
    bug: 'makes a lock again over the one that is there, whose money is lost',
    rule: 'contracts/cash/locks.ts: a lock is made once',
    edits: [edit(locks, '!ctx.state.locks.has(key.currency, key.contract, key.lock)', 'true')],
    caughtBy: [unit('it is not made twice, and gives no more')],
  },
  {
    name: 'locked-total-not-kept',
    bug: 'forgets to take what is released out of the sum of an account’s locks',
    rule: 'contracts/locks/lockBook.ts: locked is the sum of an account’s locks',
    edits: [edit('contracts/locks/lockBook.js', 'locked.get(key[0], owner) - amount', 'locked.get(key[0], owner)')],
    caughtBy: [unit('which the contract pays out in parts'), property],
  },
  {
    name: 'release-of-a-suspended-debtor',
    bug: 'pays out the lock of a suspended account',
    rule: 'contracts/cash/locks.ts: while the debtor is suspended, nothing leaves',
    edits: [edit(locks, 'ctx.requireAccount(held.debtor);', '')],
    caughtBy: [unit('is not released while its debtor is suspended')],
  },
  {
    name: 'bundle-not-compared',
    bug: 'takes any bundle for what the sources give',
    rule: 'kit/verify.ts: compared byte by byte',
    edits: [edit('kit/verify.js', 'if (at !== undefined)', 'if (at === -1)')],
    caughtBy: [test('unit/kit/build', 'says where a changed bundle parts from its sources')],
  },
  {
    name: 'archive-with-idle-files',
    bug: 'takes an archive with files that no build looks at',
    rule: 'kit/project/archive.ts: exactly what the entry reaches',
    edits: [edit('kit/project/archive.js', 'if (idle.length > 0)', 'if (idle.length > 999)')],
    caughtBy: [test('unit/kit/build', 'refuses an archive that is none')],
  },
  {
    name: 'executors-not-compared',
    bug: 'does not look whether sandbox and native run have left the same state',
    rule: 'kit/testing/lane.ts: the same state',
    edits: [
      edit('kit/testing/lane.js', 'left.filter((row) => !right.includes(row))', '[]'),
      edit('kit/testing/lane.js', 'right.filter((row) => !left.includes(row))', '[]'),
    ],
    caughtBy: [test('unit/kit/testing', 'throws where the sandbox and the native run differ')],
  },
];
