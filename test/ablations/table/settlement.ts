import { type Ablation, edit, test } from '../ablation.js';

const steps = 'contracts/settlement/steps.js';
const terms = 'contracts/settlement/terms.js';
const unit = (title: string) => test('unit/contracts/settlement', title);

/** Instructions that settle all their legs or none. */
export const SETTLEMENT: readonly Ablation[] = [
  {
    name: 'instruction-terms-not-compared',
    bug: 'lets a bank agree to other terms than the instruction’s',
    rule: 'contracts/settlement/steps.ts: everybody agrees to one hash',
    edits: [
      edit(steps, "ctx.require(equalBytes(expected, actual), 'TERMS_MISMATCH'", "ctx.require(true, 'TERMS_MISMATCH'"),
    ],
    caughtBy: [unit('are agreed to by their hash')],
  },
  {
    name: 'instruction-settled-after-its-deadline',
    bug: 'settles from the deadline on, when it may also expire',
    rule: 'contracts/settlement/steps.ts: before the deadline it settles, from then on it expires',
    edits: [edit(steps, 'ctx.timestamp < deadline', 'true')],
    caughtBy: [unit('never both settles and expires')],
  },
  {
    name: 'cancellation-waits-for-the-suspended',
    bug: 'waits for a suspended party to agree to a cancellation, which it cannot',
    rule: 'contracts/settlement/steps.ts: the others’ money is not to wait for whoever is suspended',
    edits: [edit(steps, '|| ctx.account(account)?.active === false)', ')')],
    caughtBy: [unit('is cancelled without a party that is suspended')],
  },
  {
    name: 'withdrawn-for-the-suspended-by-anybody',
    bug: 'lets anybody take back what a suspended account has said',
    rule: 'contracts/settlement/steps.ts: for an account that is suspended a central bank',
    edits: [edit(steps, "ctx.require(roles.includes('centralBank'),", 'ctx.require(true,')],
    caughtBy: [unit('is a central bank’s to do for a suspended account')],
  },
  {
    name: 'commitment-withdrawn',
    bug: 'gives a committed allocation back before the deadline',
    rule: 'contracts/settlement/steps.ts: a committed allocation stays',
    edits: [edit(steps, '!isCommitted || ctx.timestamp >= deadline', 'true')],
    caughtBy: [unit('returns nothing of a committed allocation before the deadline')],
  },
  {
    name: 'commitment-cancelled-by-one',
    bug: 'lets the instructor cancel what others are committed to',
    rule: 'contracts/settlement/steps.ts: it takes every party',
    edits: [edit(steps, 'isInstructor && progress.committed === 0', 'isInstructor')],
    caughtBy: [unit('is cancelled by all its parties together')],
  },
  {
    name: 'settled-by-anybody',
    bug: 'lets anybody execute an instruction that has a settler',
    rule: 'contracts/settlement/steps.ts: the settler has it settled',
    edits: [edit(steps, 'ctx.requireAuthorised(instruction.settler)', 'ctx.requireAuthorised(ctx.sender)')],
    caughtBy: [unit('is executed by its settler alone')],
  },
  {
    name: 'intermediary-not-asked',
    bug: 'moves money through an intermediary that is suspended, as nothing of its own moves',
    rule: 'contracts/settlement/steps.ts: whoever stands between may take part',
    edits: [edit(steps, 'for (const account of accountsOf(legs))\n        ctx.requireAccount(account);', '')],
    caughtBy: [unit('stops where an intermediary is suspended')],
  },
  {
    name: 'lock-not-given-back',
    bug: 'cancels an instruction and keeps what was allocated',
    rule: 'contracts/settlement/steps.ts: what is locked goes back to its owner',
    edits: [
      edit(
        steps,
        "if (party.allocation !== 'none')\n            returnAllocation(ctx, id, instruction, account, party);",
        '',
      ),
    ],
    caughtBy: [unit('is cancelled by its instructor while nobody is committed')],
  },
  {
    name: 'cancellation-outlives-a-change-of-mind',
    bug: 'goes on counting a request for a cancellation whose party has allocated since',
    rule: 'contracts/settlement/steps.ts: whoever says anything else takes its request back',
    edits: [edit(steps, 'progress.cancellations - (wantsCancelled ? 1 : 0)', 'progress.cancellations')],
    caughtBy: [unit('is not cancelled by a request whose party has')],
  },
  {
    name: 'rate-not-kept',
    bug: 'takes any amounts for what the agreed rate makes of them',
    rule: 'contracts/settlement/terms.ts: less than a minor unit aside',
    edits: [edit(terms, "ctx.require(isClose, 'RATE_MISMATCH'", "ctx.require(true, 'RATE_MISMATCH'")],
    caughtBy: [unit('has a rate that the amounts keep to')],
  },
  {
    name: 'rate-of-one-side',
    bug: 'takes a rate where one member gives both currencies',
    rule: 'contracts/settlement/terms.ts: the member that gives the base receives what is quoted',
    edits: [edit(terms, 'requireExchange(ctx, legs, base, quote);', '')],
    caughtBy: [unit('has a rate between two sides')],
  },
  {
    name: 'instructed-by-a-node',
    bug: 'lets the account of a validator’s key take ids of its member',
    rule: 'contracts/settlement/terms.ts: it speaks for its node alone',
    edits: [edit(terms, 'roles.length > 0', 'true')],
    caughtBy: [unit('is not instructed by the account of a validator’s key')],
  },
  {
    name: 'net-owed-twice',
    bug: 'pays an account on balance more than it is owed',
    rule: 'contracts/netting/nets.ts: all nets together are nothing',
    edits: [edit('contracts/netting/nets.js', 'creditor.left -= amount;', '')],
    caughtBy: [test('property/contracts/settlement', 'move all their legs or none')],
  },
];
