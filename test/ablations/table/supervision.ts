import { type Ablation, edit, test } from '../ablation.js';

const steps = 'contracts/screening/steps.js';
const property = (title: string) => test('property/contracts/supervision', title);
const rules = property('let nothing pass beyond them in any window and on any day');
const entries = property('stop exactly the transactions that ask for one in force');
const unit = (title: string) => test('unit/contracts/supervision', title);
const pilot = (title: string) => test('unit/contracts/pilots', title);
const operations = test('operations/operations', 'leave everything that must hold as it was after every block');

/** Rules that bind accounts, mandates, pilots and identifiers that banks share. */
export const SUPERVISION: readonly Ablation[] = [
  {
    name: 'rule-window-short',
    bug: 'forgets what was authorised before the window is over',
    rule: 'contracts/supervision/velocity.ts: it counts for the whole window',
    edits: [edit('contracts/supervision/velocity.js', '- WINDOW_PARTS;', '- WINDOW_PARTS + 2;')],
    caughtBy: [rules],
  },
  {
    name: 'rule-count-kept',
    bug: 'counts payments of a part of the window once, however many there are',
    rule: 'contracts/supervision/velocity.ts: counted',
    edits: [edit('contracts/supervision/velocity.js', 'count: now.count + payments', 'count: payments')],
    caughtBy: [rules],
  },
  {
    name: 'rule-exposure-forgets',
    bug: 'bounds each payment to a counterparty by itself, and not what went there on the day',
    rule: 'contracts/supervision/exposure.ts: what goes there on a business day',
    edits: [edit('contracts/supervision/exposure.js', 'capped(now.sent + amount)', 'amount')],
    caughtBy: [rules],
  },
  {
    name: 'rule-lessened-by-waiting',
    bug: 'lessens an exposure by what waits in the counterparty’s queue',
    rule: 'contracts/cash/limits.ts: what is submitted is authorised, and not paid',
    edits: [edit('contracts/cash/limits.js', 'payments, false)', 'payments, true)')],
    caughtBy: [unit('are lessened by what named accounts of the counterparty pay')],
  },
  {
    name: 'rule-past-a-lock',
    bug: 'lets money go to a counterparty out of a lock, whatever the account is exposed to it',
    rule: 'contracts/cash/locks.ts: to whom it goes shows as it leaves the lock',
    edits: [
      edit(
        'contracts/cash/locks.js',
        'countRuled(ctx, { currency, account }, controls, leaving, { isNew: false, isOutgoing: true, isPaid: true });',
        '',
      ),
    ],
    caughtBy: [unit('count what was locked as it goes out of the lock'), rules],
  },
  {
    name: 'rule-of-another',
    bug: 'lets an authority change the rule of another',
    rule: 'contracts/supervision/rules.ts: what another authority has set is that one’s',
    edits: [edit('contracts/supervision/rules.js', "ctx.require(isOwn, 'NOT_ENTITLED', { member });", '')],
    caughtBy: [unit('by the central bank of the currency and by supervisors')],
  },
  {
    name: 'mandate-without-end',
    bug: 'lets a supervisor freeze for longer than its mandate says',
    rule: 'contracts/supervision/authority.ts: a freeze ends within the mandate’s duration',
    edits: [edit('contracts/supervision/authority.js', 'freezesUntil > timestamp + maxFreezeMs', 'false')],
    caughtBy: [test('unit/contracts/orders', 'keeps to its members, currencies and duration')],
  },
  {
    name: 'pilot-past-its-end',
    bug: 'gives units of a pilot to named holders after its end',
    rule: 'contracts/assets/declaration.ts: after the end units go to the issuer alone',
    edits: [edit('contracts/assets/declaration.js', 'pilot?.isOver === true', 'false')],
    caughtBy: [pilot('sends units back to the issuer alone after its end')],
  },
  {
    name: 'pilot-holder-unbounded',
    bug: 'bounds what a holder receives at once, and not what it has',
    rule: 'contracts/assets/holdings.ts: no holder but the issuer has more than its bound',
    edits: [edit('contracts/assets/holdings.js', 'held + required <= perHolder', 'required <= perHolder')],
    caughtBy: [pilot('lets only named accounts receive units')],
  },
  {
    name: 'pilot-of-its-issuer',
    bug: 'lets the issuer of an instrument set the bounds of its own pilot',
    rule: 'contracts/pilots/pilots.ts: never the issuer’s own',
    edits: [edit('contracts/pilots/pilots.js', "ctx.require(about !== member, 'NOT_ENTITLED', { member });", '')],
    caughtBy: [pilot('is set, loosened and ended by the authority that has set it')],
  },
  {
    name: 'pilot-split',
    bug: 'lets an issuer loosen the bounds of a pilot by a reverse split',
    rule: 'contracts/assets/split.ts: a pilot is not split',
    edits: [
      edit(
        'contracts/assets/split.js',
        "ctx.require(!ctx.state.pilots.has(id), 'PILOT_RUNS', { instrument: id });",
        '',
      ),
    ],
    caughtBy: [pilot('is not split')],
  },
  {
    name: 'entry-for-ever',
    bug: 'stops payments by an entry whose time is over',
    rule: 'contracts/screening/steps.ts: the first entry in force of an identifier',
    edits: [
      edit(
        steps,
        'if (ctx.timestamp < value.expiresAt)\n            return { member',
        'if (value.expiresAt > 0)\n            return { member',
      ),
    ],
    caughtBy: [entries],
  },
  {
    name: 'appeal-of-its-own',
    bug: 'lets whoever has appealed decide',
    rule: 'contracts/screening/steps.ts: nobody decides on its own entry or appeal',
    edits: [edit(steps, 'by !== member && by !== open.by', 'by !== member')],
    caughtBy: [entries],
  },
  {
    name: 'listed-again-at-once',
    bug: 'lets a member list again at once what an appeal has lifted',
    rule: 'contracts/screening/steps.ts: it is barred for 30 days',
    edits: [edit(steps, "ctx.require(ctx.timestamp >= until, 'BARRED', { until });", '')],
    caughtBy: [test('unit/contracts/screening', 'that a second bank grants lifts the entry')],
  },
  {
    name: 'together-pilot-stranger',
    bug: 'gives units of a pilot to accounts that nobody has named',
    rule: 'contracts/assets/declaration.ts: a pilot is for named holders',
    edits: [edit('contracts/assets/declaration.js', 'pilot?.isNamed === false', 'false')],
    caughtBy: [operations],
  },
  {
    name: 'together-rule-uncounted',
    bug: 'counts what an account pays at once against its rules, and not what it locks',
    rule: 'contracts/cash/charging.ts: rules count what is authorised, in whatever way',
    edits: [
      edit(
        'contracts/cash/ruled.js',
        'if (!isRuled)\n        return;',
        'if (!isRuled || payments.every(({ creditor }) => creditor === undefined))\n        return;',
      ),
    ],
    caughtBy: [operations],
  },
  {
    name: 'exposure-lessened-by-former-accounts',
    bug: 'lets what came from an account that offsets no more lessen an exposure',
    rule: 'contracts/supervision/rules.ts: it counts on only where it came from accounts that lessen still',
    edits: [
      edit(
        'contracts/supervision/rules.js',
        'before.offsetting.every((account) => offsetting.includes(account)) ? before.received : 0n',
        'before.received',
      ),
    ],
    caughtBy: [test('unit/contracts/supervision', 'named no more')],
  },
];
