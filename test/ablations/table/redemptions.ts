import { type Ablation, edit, test } from '../ablation.js';

const attacks = test('unit/contracts/actionsAttacks', 'a corporate action under attack');
const paying = 'contracts/actions/paying.js';
const declaring = 'contracts/actions/declaring.js';

/** What orders, issuers and locks take from nobody. */
export const REDEMPTIONS: readonly Ablation[] = [
  {
    name: 'redemption-counted-by-pages',
    bug: 'counts what a redemption owes page by page, although an order has moved units between two of them',
    rule: 'contracts/actions/paying.ts: each unit that is left waits with its price',
    edits: [edit(paying, 'outstandingIn(ctx, next, redemption.price)', 'next')],
    caughtBy: [attacks],
  },
  {
    name: 'part-of-present-holdings',
    bug: 'redeems a part of what holders have when their page comes',
    rule: 'contracts/actions/paying.ts: a part is one of what each held at the record',
    edits: [
      edit(
        paying,
        'isPart ? recordedHolders(ctx, action) : presentHolders(ctx, action)',
        'presentHolders(ctx, action)',
      ),
    ],
    caughtBy: [attacks],
  },
  {
    name: 'issued-before-record',
    bug: 'lets an issuer make units that share in what is set aside for others',
    rule: 'contracts/assets/holdings.ts: none are issued until the block of a record is over',
    edits: [edit('contracts/assets/holdings.js', 'requireNoRecordAhead(ctx, id);', '')],
    caughtBy: [attacks],
  },
  {
    name: 'interest-lapses',
    bug: 'gives an issuer back at the deadline what was worked out for holders',
    rule: 'contracts/actions/book.ts: what was worked out is paid for years more',
    edits: [edit('contracts/actions/book.js', 'deadline + PRESCRIPTION_MS', 'deadline')],
    caughtBy: [attacks],
  },
  {
    name: 'called-early',
    bug: 'lets an issuer redeem at any time before the maturity',
    rule: 'contracts/actions/declaring.ts: not before the day that the terms name',
    edits: [edit(declaring, 'requireCallable(ctx, declaration, callableFrom);', '')],
    caughtBy: [attacks],
  },
  {
    name: 'cancelled-and-held',
    bug: 'cancels a redemption and holds its units until somebody goes on with it',
    rule: 'contracts/actions/declaring.ts: the units change hands again at once',
    edits: [edit(declaring, '(dropPage(ctx, id, cancelled) ?? cancelled)', 'cancelled')],
    caughtBy: [attacks],
  },
  {
    name: 'redeemed-collateral-stuck',
    bug: 'keeps units that are redeemed from whom they secure',
    rule: 'contracts/assets/holdings.ts: or to whom they secure',
    edits: [
      edit(
        'contracts/assets/holdings.js',
        'if (callerContract !== undefined && SECURING.includes(callerContract))',
        'if (callerContract === "nobody")',
      ),
    ],
    caughtBy: [test('unit/contracts/repo', 'delivers units that are redeemed, with what is paid for them')],
  },
  {
    name: 'redeemed-collateral-unpaid',
    bug: 'gives the money of a redemption back to the issuer while units of it secure a claim',
    rule: 'contracts/actions/book.ts: the money waits for units that secure a claim',
    edits: [
      edit('contracts/actions/book.js', 'return SECURING.every((contract) =>', 'return SECURING.some((contract) =>'),
    ],
    caughtBy: [test('unit/contracts/credit', 'loses nothing by a redemption whose deadline comes')],
  },
];
