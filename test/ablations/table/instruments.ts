import { type Ablation, edit, test } from '../ablation.js';

const subscriptions = 'contracts/subscriptions/subscriptions.js';
const versions = 'contracts/assets/versions.js';
const split = 'contracts/assets/split.js';
const unit = (title: string) => test('unit/contracts/instruments', title);
const offer = (title: string) => test('unit/contracts/subscriptions', title);
const property = test('property/contracts/instruments', 'has as many units as were issued and not redeemed');

/** What holders and investors rely on. */
export const INSTRUMENTS: readonly Ablation[] = [
  {
    name: 'units-for-anybody',
    bug: 'gives units to whoever may not have them',
    rule: 'contracts/assets/holdings.ts: credit',
    edits: [edit('contracts/assets/holdings.js', 'requireEligible(ctx, id, account);\n    give(', 'give(')],
    caughtBy: [unit('is asked by issue, transfer and release'), property],
  },
  {
    name: 'moved-in-the-middle-of-a-split',
    bug: 'lets units move while an instrument is being split',
    rule: 'contracts/assets/declaration.ts: requireWhole',
    edits: [
      edit(
        'contracts/assets/declaration.js',
        "ctx.require(!ctx.state.splits.has(id), 'SPLIT_UNDER_WAY', { instrument: id });",
        '',
      ),
    ],
    caughtBy: [unit('lets nothing else change the instrument until it has ended')],
  },
  {
    name: 'split-with-locks',
    bug: 'splits an instrument of which contracts hold units',
    rule: 'contracts/assets/split.ts: nothing is locked',
    edits: [edit(split, 'if (lock !== undefined) {', "if (lock !== undefined && id === '') {")],
    caughtBy: [unit('begins only when nothing of the instrument moves or is locked')],
  },
  {
    name: 'split-drops-the-rest',
    bug: 'rounds holdings down that a split does not divide',
    rule: 'contracts/assets/split.ts: exactly, or not at all',
    edits: [
      edit(
        split,
        'return product % BigInt(to) === 0n ? product / BigInt(to) : undefined;',
        'return product / BigInt(to);',
      ),
    ],
    caughtBy: [unit('is refused before it writes anything where one holding would leave a rest')],
  },
  {
    name: 'split-of-what-orders-count',
    bug: 'splits units of which an order keeps a number',
    rule: 'contracts/assets/split.ts: requireUncounted',
    edits: [edit(split, "if (found !== undefined)\n        ctx.fail('UNITS_FROZEN', { account: found.key[1] });", '')],
    caughtBy: [unit('waits for orders that keep a number of units')],
  },
  {
    name: 'cap-below-outstanding',
    bug: 'lets a cap be amended below what is outstanding',
    rule: 'contracts/assets/versions.ts: requireAmendable',
    edits: [edit(versions, 'next.cap >= outstanding', 'true')],
    caughtBy: [unit('never bring the cap below what is outstanding'), property],
  },
  {
    name: 'nominal-under-holders',
    bug: 'lets an issuer change the nominal value of a bond that others hold',
    rule: 'contracts/assets/versions.ts: requireAmendable',
    edits: [edit(versions, "const isSameNominal = kind === 'fundUnit' ||", 'const isSameNominal = true ||')],
    caughtBy: [unit('keep what holders rely on while anybody holds a unit')],
  },
  {
    name: 'allotted-under-other-terms',
    bug: 'allots under other terms than those that were subscribed to',
    rule: 'contracts/subscriptions/subscriptions.ts: allot',
    edits: [
      edit(subscriptions, ' requireVersion(ctx, subscription);\n        ctx.require(units', ' ctx.require(units'),
    ],
    caughtBy: [offer('is not allotted under other terms')],
  },
  {
    name: 'allotted-too-late',
    bug: 'allots after the deadline',
    rule: 'contracts/subscriptions/subscriptions.ts: allot',
    edits: [edit(subscriptions, "ctx.require(ctx.timestamp < deadline, 'DEADLINE_PASSED', { deadline });", '')],
    caughtBy: [offer('is allotted before its deadline, and expires from it on')],
  },
  {
    name: 'allotted-more-than-subscribed',
    bug: 'allots more units than were subscribed',
    rule: 'contracts/subscriptions/subscriptions.ts: allot',
    edits: [edit(subscriptions, 'const isSubscribed = units <= subscription.units;', 'const isSubscribed = true;')],
    caughtBy: [offer('is allotted in part')],
  },
  {
    name: 'subscribed-again',
    bug: 'takes the id of a subscription again that is over',
    rule: 'contracts/subscriptions/subscriptions.ts: an id is used once',
    edits: [edit(subscriptions, "ctx.require(ctx.once('subscription', id, 0), 'SUBSCRIPTION_EXISTS', { id });", '')],
    caughtBy: [offer('is allotted in part')],
  },
];
