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
    name: 'price-dropped-by-another',
    bug: 'lets one oracle drop a lower price that another one has seen',
    rule: 'contracts/prices/publishing.ts: an oracle drops nothing but its own proposal',
    edits: [
      edit(
        'contracts/prices/publishing.js',
        'ctx.state.proposed.delete(instrument, oracle);',
        'for (const one of feed.oracles) ctx.state.proposed.delete(instrument, one);',
      ),
    ],
    caughtBy: [prices('of one oracle are dropped by no other one'), credit('is not drawn after another oracle')],
  },
  {
    name: 'price-of-the-borrower',
    bug: 'lends to a bank by what it says itself that its collateral is worth',
    rule: 'contracts/credit/valuation.ts: a member is lent nothing by what it says alone',
    edits: [edit('contracts/credit/valuation.js', "isOwn ? 'PRICE_OWN' : undefined", 'undefined')],
    caughtBy: [credit('lends nothing by a price that its own oracle alone')],
  },
  {
    name: 'drawn-on-what-orders-keep',
    bug: 'lends against units that an order keeps and nobody can sell',
    rule: 'contracts/credit/valuation.ts: for those units alone that could be sold now',
    edits: [
      edit('contracts/credit/valuation.js', "basis === 'price' ? units : deliverableOf(ctx, account, held)", 'units'),
    ],
    caughtBy: [credit('lends nothing on what orders keep')],
  },
  {
    name: 'sold-before-breakfast',
    bug: 'sells collateral in the first step of the day for a call that ran out in the night',
    rule: 'contracts/credit/liquidation.ts: of each business day a bank has a while',
    edits: [
      edit('contracts/credit/liquidation.js', 'Math.max(called.deadline, timeToPay(ctx, currency))', 'called.deadline'),
    ],
    caughtBy: [credit('has a while of the day to meet a call')],
  },
  {
    name: 'repo-failed-without-notice',
    bug: 'ends a repo at once whose seller could not pay while the contract was paused',
    rule: 'contracts/repo/failing.ts: a notice runs for a while',
    edits: [
      edit('contracts/repo/failing.js', 'const until = ctx.timestamp + noticeMs;', 'const until = ctx.timestamp;'),
    ],
    caughtBy: [repo('takes a notice, by which the seller performs')],
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
    edits: [edit('contracts/repo/failing.js', 'requireUntendered(ctx, open);', 'void 0;')],
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
