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
    rule: 'contracts/assets/holdings.ts: to whom they secure',
    edits: [
      edit(
        'contracts/assets/holdings.js',
        'if (callerContract !== undefined && DELIVERING.includes(callerContract))',
        'if (callerContract === "nobody")',
      ),
    ],
    caughtBy: [test('unit/contracts/repo', 'delivers units that are redeemed, with what is paid for them')],
  },
  {
    name: 'redeemed-collateral-unpaid',
    bug: 'gives the money of a redemption back to the issuer while units of it secure a claim',
    rule: 'contracts/actions/book.ts: the money waits for units that secure a claim',
    edits: [edit('contracts/assets/records.js', '|| SECURING.some((owner) =>', '|| SECURING.every((owner) =>')],
    caughtBy: [test('unit/contracts/credit', 'loses nothing by a redemption whose deadline comes')],
  },
  {
    name: 'freed-collateral-forgotten',
    bug: 'gives the money of a redemption back to the issuer as soon as its units have left what they secured',
    rule: 'contracts/actions/book.ts: whoever has them next may be suspended by then',
    edits: [edit('contracts/assets/records.js', 'return found.isFreed || ', 'return ')],
    caughtBy: [
      test('unit/contracts/credit', 'loses nothing by a redemption whose deadline comes'),
      test('unit/contracts/credit', 'is paid beyond the deadline where the members have given the units back'),
    ],
  },
  {
    name: 'redeemed-money-kept-for-ever',
    bug: 'keeps the money of an issuer as long as anybody has units of a redemption locked',
    rule: 'contracts/actions/book.ts: the money waits as long as what was worked out',
    edits: [
      edit(
        'contracts/actions/book.js',
        'ctx.timestamp >= action.deadline && ctx.timestamp >=',
        '!isSecured(ctx, action) && ctx.timestamp >=',
      ),
    ],
    caughtBy: [test('unit/contracts/credit', 'no longer than three years after the deadline')],
  },
  {
    name: 'redeemed-locked-anew',
    bug: 'sells units that are redeemed by offers of repos, and locks them as collateral',
    rule: 'contracts/assets/holdings.ts: no lock is made anew that delivers units while they are redeemed',
    edits: [edit('contracts/assets/holdings.js', 'if (DELIVERING.includes(owner))', 'if (owner === "nobody")')],
    caughtBy: [
      attacks,
      test('unit/contracts/credit', 'takes no more of them, and others in their place'),
      test('unit/contracts/repo', 'sells no units by an offer that are being redeemed'),
    ],
  },
  {
    name: 'redeemed-key-shown-for-nothing',
    bug: 'keeps units that are redeemed from who has shown the key to them',
    rule: 'contracts/locks/securing.ts: the recipient of an htlc cannot take its key back',
    edits: [edit('contracts/locks/securing.js', "[...SECURING, 'htlc']", 'SECURING')],
    caughtBy: [test('unit/contracts/actions', 'a corporate action')],
  },
  {
    name: 'bounded-creditor-stops-a-page',
    bug: 'pays nobody of a page while a supervisor bounds what one of them is paid',
    rule: 'contracts/actions/paying.ts: singly, where a bound keeps one of them back',
    edits: [edit(paying, 'failure.code !== BOUND_BETWEEN_TWO', 'true')],
    caughtBy: [attacks],
  },
];
