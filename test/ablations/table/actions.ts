import { type Ablation, edit, test } from '../ablation.js';

const unit = test('unit/contracts/actions', 'a corporate action');
const records = test('unit/contracts/records', 'a record of holdings');
const holdings = test('property/contracts/actions', 'pays what an independent book says');
const paying = 'contracts/actions/paying.js';
const keeps =
  'if (!ctx.state.kept.has(id, record, account))\n            ctx.state.kept.set(id, record, account, before);';

/** What holders are to have, and no more. */
export const ACTIONS: readonly Ablation[] = [
  {
    name: 'record-last-change',
    bug: 'keeps what an account held before its last change, not before its first one after the record',
    rule: 'contracts/assets/holdings.ts: the first change after a record’s height keeps what there was',
    edits: [edit('contracts/assets/holdings.js', keeps, 'ctx.state.kept.set(id, record, account, before);')],
    caughtBy: [records],
  },
  {
    name: 'record-block-itself',
    bug: 'counts what moves in the record block itself as if it came after it',
    rule: 'contracts/assets/records.ts: what accounts held at the end of the block',
    edits: [edit('contracts/assets/holdings.js', 'ctx.height <= height ||', 'ctx.height < height ||')],
    caughtBy: [records],
  },
  {
    name: 'interest-rounded-up',
    bug: 'rounds what a holder is entitled to up',
    rule: 'contracts/daycount/interest.ts: rounded down once',
    edits: [
      edit(
        'contracts/daycount/interest.js',
        'return (amount * numerator) / denominator;',
        'return (amount * numerator + denominator - 1n) / denominator;',
      ),
    ],
    caughtBy: [holdings],
  },
  {
    name: 'row-paid-twice',
    bug: 'pays a row and leaves it where it was',
    rule: 'contracts/actions/paying.ts: each row is paid once',
    edits: [edit(paying, 'ctx.state.entitlements.delete(id, row.key[1]);', '')],
    caughtBy: [unit],
  },
  {
    name: 'redeemed-below-nominal',
    bug: 'lets an issuer take units for less than they promise',
    rule: 'contracts/actions/terms.ts: a unit is paid its nominal value at least',
    edits: [
      edit(
        'contracts/actions/terms.js',
        "ctx.require(redemption.price >= nominal, 'TERMS_INVALID', { term: 'price' });",
        '',
      ),
    ],
    caughtBy: [unit],
  },
  {
    name: 'frozen-released-many',
    bug: 'pays many out of a lock what an order keeps in the account',
    rule: 'contracts/cash/locks.ts: releaseMany is as many releases',
    edits: [edit('contracts/cash/locks.js', 'requireLeaving(ctx, key, debtor, credits);', 'void 0;')],
    caughtBy: [unit],
  },
];
