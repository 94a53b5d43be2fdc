import { type Ablation, edit, test } from '../ablation.js';

const credit = (title: string) => test('unit/contracts/credit', title);
const prices = (title: string) => test('unit/contracts/prices', title);
const repo = (title: string) => test('unit/contracts/repo', title);
const property = test('property/contracts/collateral', 'is never more than the pool is worth');
const operations = test('operations/operations', 'leave everything that must hold as it was after every block');

/** Collateral, credit and repo. */
export const COLLATERAL: readonly Ablation[] = [
  {
    name: 'price-walked',
    bug: 'measures the band from the newest price, so that one oracle goes as far as it likes in small steps',
    rule: 'contracts/prices/publishing.ts: the price that was in force when the window began',
    edits: [edit('contracts/prices/publishing.js', ': { anchor, anchoredAt }', ': { anchor: price, anchoredAt }')],
    caughtBy: [prices('are moved no further by many small steps')],
  },
  {
    name: 'price-confirmed-by-its-own-member',
    bug: 'lets a member confirm with a second account what it has proposed',
    rule: 'contracts/prices/publishing.ts: another member than the one that proposed',
    edits: [edit('contracts/prices/publishing.js', '?.member !== member,', '?.member !== undefined,')],
    caughtBy: [prices('take a second member')],
  },
  {
    name: 'draw-beyond-the-pool',
    bug: 'lends more than the collateral is worth',
    rule: 'contracts/credit/drawing.ts: owed ≤ value',
    edits: [edit('contracts/credit/drawing.js', 'ctx.require(owed <= value,', 'ctx.require(true,')],
    caughtBy: [credit('is drawn up to what the pool is worth'), property, operations],
  },
  {
    name: 'withdrawn-from-under-a-loan',
    bug: 'hands collateral out that a loan needs',
    rule: 'contracts/credit/pools.ts: whoever owes takes nothing out but what fresh prices do not need',
    edits: [edit('contracts/credit/pools.js', 'ctx.require(owed <= value,', 'ctx.require(true,')],
    caughtBy: [credit('gives back what fresh prices do not need'), property, operations],
  },
  {
    name: 'one-unit-too-many',
    bug: 'sells a unit more than what is short takes',
    rule: 'contracts/credit/sale.ts: the fewest units after which the pool covers the loan again',
    edits: [edit('contracts/credit/sale.js', 'return low;', 'return low < limit ? low + 1n : low;')],
    caughtBy: [
      credit('by exactly what covers it again'),
      test('property/contracts/collateral', 'sells what can leave'),
    ],
  },
  {
    name: 'loan-never-overnight',
    bug: 'lets a loan stay free of interest when its day has ended',
    rule: 'contracts/credit/loans.ts: one that is open when its day closes is a loan overnight',
    edits: [edit('contracts/credit/loans.js', 'today.day !== kept.day || !today.isOpen', 'false')],
    caughtBy: [credit('is a loan overnight, with interest by ACT/360')],
  },
  {
    name: 'repo-of-other-terms',
    bug: 'opens a repo on terms that the buyer has not signed',
    rule: 'contracts/repo/opening.ts: the hash of the terms is what the buyer accepts',
    edits: [edit('contracts/repo/opening.js', 'equalBytes(expected, terms)', 'true')],
    caughtBy: [repo('takes exactly the terms that both have signed')],
  },
  {
    name: 'repo-closed-for-less',
    bug: 'counts margin twice when a repo closes',
    rule: 'contracts/repo/closing.ts: what is owed less the margin',
    edits: [
      edit(
        'contracts/repo/closing.js',
        'owed > open.margin ? owed - open.margin : 0n',
        'owed > 2n * open.margin ? owed - 2n * open.margin : 0n',
      ),
    ],
    caughtBy: [repo('calls for margin beyond the threshold'), operations],
  },
  {
    name: 'repo-failed-in-the-night',
    bug: 'counts time towards a seller’s failure in which no business day was open',
    rule: 'contracts/repo/failing.ts: the seller has a while of each open business day',
    edits: [
      edit(
        'contracts/repo/failing.js',
        'Math.max(closesAt + graceMs, openedAt + Math.min(graceMs, LEAST_OPEN_MS))',
        'closesAt + graceMs',
      ),
    ],
    caughtBy: [repo('counts no time in which no business day is open')],
  },
  {
    name: 'repo-failed-though-paid',
    bug: 'lets a buyer keep the units of a seller whose price is set aside',
    rule: 'contracts/repo/failing.ts: a seller that has done its part does not fail',
    edits: [edit('contracts/repo/failing.js', 'requireUntendered(ctx, open);', '')],
    caughtBy: [repo('sets the price aside where an order keeps')],
  },
  {
    name: 'price-of-other-units',
    bug: 'takes a price for fresh that is one of units before they were split',
    rule: 'contracts/prices/views.ts: neither too old nor of other units',
    edits: [edit('contracts/prices/views.js', 'splits === splitsNow && ', '')],
    caughtBy: [prices('of units that were split since')],
  },
];
