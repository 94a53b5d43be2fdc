import { type Ablation, edit, test } from '../ablation.js';

const cycles = 'contracts/netting/cycles.js';
const rounds = 'contracts/netting/rounds.js';
const settling = 'contracts/netting/settling.js';
const model = test('property/contracts/netting', 'pay what all obligations of those who are left come to, or nothing');
const unit = (title: string) => test('unit/contracts/netting', title);
const operations = test('operations/operations', 'leave everything that must hold as it was after every block');

/** Cycles in which banks net what they owe each other. */
export const NETTING: readonly Ablation[] = [
  {
    name: 'netting-excluded-counts',
    bug: 'counts obligations of banks that have left',
    rule: 'contracts/netting/positions.ts: what those who are left owe each other',
    edits: [edit('contracts/netting/positions.js', 'live.has(debtor) && live.has(creditor)', 'live.has(debtor)')],
    caughtBy: [model],
  },
  {
    name: 'netting-excess-kept',
    bug: 'keeps what a bank has set aside beyond what it owes without those who have left',
    rule: 'contracts/netting/rounds.ts: what was set aside beyond the next nets goes back',
    edits: [edit(rounds, 'participant, kept: owed }', 'participant, kept: owed + 1000000000n }')],
    caughtBy: [model],
  },
  {
    name: 'netting-answer-for-another-net',
    bug: 'lets the answer of a bank stand that is owed something else than it has confirmed',
    rule: 'contracts/netting/rounds.ts: an answer stands where the net is the same',
    edits: [edit(rounds, '(!net.isDebit && isSameNet(net, participant))', '!net.isDebit')],
    caughtBy: [model],
  },
  {
    name: 'netting-funded-anew',
    bug: 'has a bank set aside all that it owes again, beside what it has set aside',
    rule: 'contracts/netting/rounds.ts: confirm sets aside what is missing',
    edits: [edit(rounds, 'isDebit ? amount - held : 0n', 'isDebit ? amount : 0n')],
    caughtBy: [unit('excludes who does not fund')],
  },
  {
    name: 'netting-any-net',
    bug: 'takes the agreement to another net than the one in force',
    rule: 'contracts/netting/rounds.ts: confirm names the net that it agrees to',
    edits: [edit(rounds, 'isSameNet(net, participant), ', 'true, ')],
    caughtBy: [unit('excludes who does not fund')],
  },
  {
    name: 'netting-withdrawn-by-one',
    bug: 'lets the creditor alone take an obligation out of the set',
    rule: 'contracts/netting/cycles.ts: once its debtor and its creditor have both said so',
    edits: [edit(cycles, 'if (withdrawnBy === undefined) {', 'if (withdrawnBy === undefined && by === "debtor") {')],
    caughtBy: [unit('loses an obligation once debtor and creditor have both said so')],
  },
  {
    name: 'netting-late-obligation',
    bug: 'takes an obligation after the cut-off',
    rule: 'contracts/netting/cycles.ts: until the cut-off',
    edits: [edit(cycles, "ctx.require(ctx.timestamp < cutOffAt, 'CUT_OFF_PASSED', { cutOffAt });", '')],
    caughtBy: [unit('takes nothing, and lets nothing go, from the cut-off on')],
  },
  {
    name: 'netting-places-of-others',
    bug: 'lets one bank fill all places of a cycle',
    rule: 'contracts/netting/cycles.ts: an equal share of the places',
    edits: [edit(cycles, 'Math.floor(MAX_OBLIGATIONS / cycle.participants.length)', 'MAX_OBLIGATIONS')],
    caughtBy: [unit('gives each participant an equal share of the places')],
  },
  {
    name: 'netting-two-accounts',
    bug: 'takes two accounts of one bank into a cycle',
    rule: 'contracts/netting/cycles.ts: one account of each member',
    edits: [edit(cycles, '!members.has(member)', '!members.has(account)')],
    caughtBy: [unit('takes only terms that can end')],
  },
  {
    name: 'netting-another-day',
    bug: 'settles a cycle on another business day than its own',
    rule: 'contracts/netting/day.ts: a cycle lives on the business day on which it was opened',
    edits: [edit('contracts/netting/day.js', 'newest.isOpen && newest.day === day', 'newest.isOpen')],
    caughtBy: [unit('lapses with its business day, and everything goes back')],
  },
  {
    name: 'netting-frozen-debtor',
    bug: 'holds a cycle up for a bank of whose money orders keep too much',
    rule: 'contracts/netting/settling.ts: who cannot pay leaves as the round ends',
    edits: [
      edit(
        settling,
        "return isFrozen(ctx, cycle, account, isDebit ? amount : 0n) ? 'blocked' : undefined;",
        'return undefined;',
      ),
    ],
    caughtBy: [unit('excludes of whom orders keep what was set aside')],
  },
  {
    name: 'together-netting-last-lock',
    bug: 'pays a creditor out of the first lock of its debtor alone, and leaves the rest in place',
    rule: 'contracts/netting/settling.ts: pays an amount out of locks, the oldest first',
    edits: [
      edit(
        settling,
        'sources.set(from, payFrom(ctx, cycle, sources.get(from) ?? [], to, amount))',
        'payFrom(ctx, cycle, (sources.get(from) ?? []).slice(0, 1), to, amount)',
      ),
    ],
    caughtBy: [unit('pays out of what was set aside in several rounds')],
  },
  {
    name: 'together-netting-withdrawn-sum',
    bug: 'leaves what was withdrawn in the sum that a bank owes another',
    rule: 'contracts/netting/cycles.ts: withdraw takes an obligation out of the set',
    edits: [edit(cycles, 'amount: owed.amount - amount, count', 'amount: owed.amount, count')],
    caughtBy: [model],
  },
  {
    name: 'together-netting-unpaid',
    bug: 'gives a bank back what it has set aside and settles without it',
    rule: 'contracts/netting/settling.ts: pays all nets of those who are left, or none',
    edits: [
      edit(
        settling,
        'if (part > 0n)\n            handOver(ctx, cycle, source.lock, to, part);',
        'if (part > 1n)\n            handOver(ctx, cycle, source.lock, to, part - 1n);',
      ),
    ],
    caughtBy: [operations],
  },
  {
    name: 'netting-past-a-freeze',
    bug: 'pays by what a bank owes of whom orders keep everything, where its net is nothing',
    rule: 'contracts/netting/settling.ts: whoever owes anything could pay it',
    edits: [edit(settling, 'if (!debtors.has(account))', 'if (!isDebit)')],
    caughtBy: [unit('pays nobody by an obligation of whom orders keep more than it has')],
  },
  {
    name: 'netting-past-limits',
    bug: 'counts no obligation against the limits of its debtor',
    rule: 'contracts/netting/cycles.ts: submit',
    edits: [
      edit(
        cycles,
        'ctx.call(cash.methods.countSubmitted, { currency: cycle.currency, debtor, payments: obligations });',
        '',
      ),
    ],
    caughtBy: [unit('counts each obligation against its debtor’s limits')],
  },
];
