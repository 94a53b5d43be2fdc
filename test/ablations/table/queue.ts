import { type Ablation, edit, test } from '../ablation.js';

const folder = 'contracts/queue';
const unit = (title: string) => test('unit/contracts/queue', title);
const runs = (title: string) => test('unit/contracts/queueRuns', title);

/** Payments that wait, and the runs that settle them. */
export const QUEUE: readonly Ablation[] = [
  {
    name: 'queue-passes-earlier',
    bug: 'settles a payment at once although an earlier one of its debtor waits',
    rule: 'contracts/queue/submission.ts: nothing of the debtor’s waits that goes before it',
    edits: [
      edit(
        `${folder}/submission.js`,
        'return this.book.activeOn(this.day, this.#debtor, priority) > 0;',
        'return false;',
      ),
    ],
    caughtBy: [unit('waits where it is not funded')],
  },
  {
    name: 'queue-urgent-behind-normal',
    bug: 'lets an urgent payment wait behind normal ones',
    rule: 'contracts/queue/submission.ts: an urgent one passes normals if no other urgent waits',
    edits: [
      edit(
        `${folder}/submission.js`,
        'this.book.activeOn(this.day, this.#debtor, priority) > 0',
        'this.book.activeOn(this.day, this.#debtor) > 0',
      ),
      edit(
        `${folder}/submission.js`,
        'this.book.activeOn(this.day, this.#debtor, priority) === 0',
        'this.book.activeOn(this.day, this.#debtor) === 0',
      ),
    ],
    caughtBy: [unit('passes normal payments where it is urgent')],
  },
  {
    name: 'queue-reference-unused',
    bug: 'queues a payment without using its reference up',
    rule: 'contracts/queue/submission.ts: its reference is used up unless it is refused',
    edits: [edit(`${folder}/submission.js`, '!ctx.call(payments.methods.useReference, key)', 'false')],
    caughtBy: [unit('uses its reference up')],
  },
  {
    name: 'queue-held-runs',
    bug: 'lets a held payment take part in runs',
    rule: 'contracts/queue/room.ts: one that is held takes up no room',
    edits: [edit(`${folder}/room.js`, 'if (isHeld)', 'if (false)')],
    caughtBy: [unit('is held, stands in nobody’s way')],
  },
  {
    name: 'queue-suspended-runs',
    bug: 'lets payments of suspended accounts take part in runs',
    rule: 'contracts/queue/room.ts: nor one of a suspended account',
    edits: [edit(`${folder}/room.js`, 'view?.active === true ? view.member : undefined', 'view?.member')],
    caughtBy: [runs('leaves payments of suspended accounts where they are')],
  },
  {
    name: 'queue-share-by-account',
    bug: 'gives each account of a member a share of a run of its own',
    rule: 'contracts/queue/room.ts: no member takes more than a share, however many accounts it has',
    edits: [
      edit(`${folder}/room.js`, 'this.#takenOf(waiting).get(member)', 'this.#takenOf(waiting).get(waiting.debtor)'),
    ],
    caughtBy: [runs('however many accounts it sends them from')],
  },
  {
    name: 'queue-room-by-account',
    bug: 'lets each account of a member have as many waiting as the member may have',
    rule: 'contracts/queue/records.ts: of them those of one member',
    edits: [edit(`${folder}/submission.js`, 'this.book.member(this.#debtor)', 'this.book.account(this.#debtor)')],
    caughtBy: [unit('is refused where as many wait as one bank may have')],
  },
  {
    name: 'queue-expired-settles',
    bug: 'settles a payment whose time is over',
    rule: 'contracts/queue/window.ts: stalenessOf',
    edits: [edit(`${folder}/window.js`, 'expiresAt <= ctx.timestamp', 'expiresAt < ctx.timestamp')],
    caughtBy: [unit('never settles once its time is over')],
  },
  {
    name: 'queue-day-forgotten',
    bug: 'settles on one business day what was submitted on another',
    rule: 'contracts/queue/window.ts: settles on this business day or never',
    edits: [edit(`${folder}/window.js`, 'businessDay !== openDay', 'openDay === undefined')],
    caughtBy: [unit('ends with its business day')],
  },
  {
    name: 'queue-net-without-limits',
    bug: 'does not count what settles towards bilateral limits',
    rule: 'contracts/queue/bilateral.ts: counts a payment that settles towards the limits of both',
    edits: [edit(`${folder}/bilateral.js`, 'paid: own.paid + amount', 'paid: own.paid')],
    caughtBy: [runs('keeps normal payments within what its debtor pays net')],
  },
  {
    name: 'queue-reservation-for-all',
    bug: 'counts all that is reserved in a run, however little waits above normal',
    rule: 'contracts/queue/window.ts: what is reserved counts as far as payments above normal wait',
    edits: [edit(`${folder}/window.js`, 'reserved < above ? reserved : above', 'reserved')],
    caughtBy: [runs('counts in a run no further than urgent payments wait')],
  },
  {
    name: 'queue-begins-late',
    bug: 'goes on behind the payments of a run although it has settled some',
    rule: 'contracts/queue/run.ts: as soon as any money has moved it begins at the head again',
    edits: [edit(`${folder}/run.js`, 'if (hasSettled)', 'if (false)')],
    caughtBy: [runs('begins behind what cannot settle')],
  },
  {
    name: 'queue-steered-by-small-runs',
    bug: 'lets a run of one payment decide where the runs of others begin',
    rule: 'contracts/queue/run.ts: isThorough',
    edits: [edit(`${folder}/run.js`, 'if (!isThorough(options))', 'if (false)')],
    caughtBy: [runs('begins behind what cannot settle')],
  },
  {
    name: 'queue-window-taken-by-one',
    bug: 'lets the payments of one debtor take all accounts and all room of a run',
    rule: 'contracts/queue/room.ts: isWithinShares',
    edits: [edit(`${folder}/room.js`, 'this.#isWithinShares(waiting, member)', 'this.#fits(waiting)')],
    caughtBy: [runs('reaches others behind urgent payments of one debtor'), runs('reaches others behind ten thousand')],
  },
  {
    name: 'queue-passes-what-is-left-out',
    bug: 'takes a payment of a debtor although an earlier one of it had no room',
    rule: 'contracts/queue/room.ts: of a debtor nothing is taken behind a payment that was not',
    edits: [edit(`${folder}/room.js`, 'shut.add(debtor);', '')],
    caughtBy: [runs('leaves out all that a debtor sends behind')],
  },
  {
    name: 'queue-dead-day-stands-before',
    bug: 'lets payments of an earlier business day stand before those of today',
    rule: 'contracts/queue/book.ts: what is left of an earlier business day goes before nothing',
    edits: [edit(`${folder}/book.js`, 'activeDay === day ?', 'true ?')],
    caughtBy: [unit('settles at once where what waits of its debtor is of an earlier business day')],
  },
  {
    name: 'queue-run-beyond-its-fuel',
    bug: 'lets a submission fail for the run that it would begin',
    rule: 'contracts/queue/submission.ts: where there is fuel for it, a run follows',
    edits: [edit(`${folder}/submission.js`, 'MethodContext.fuelLeft(this.#ctx) <', '0 >')],
    caughtBy: [unit('waits for the next run where no fuel is left for one of its own')],
  },
  {
    name: 'queue-net-unbalanced',
    bug: 'settles net positions that make money',
    rule: 'contracts/cash/cash.ts: settleNet',
    edits: [
      edit('contracts/cash/cash.js', "ctx.require(sum === 0n, 'NET_UNBALANCED'", "ctx.require(true, 'NET_UNBALANCED'"),
    ],
    caughtBy: [unit('is settled for the queue alone, balanced')],
  },
  {
    name: 'queue-active-miscounted',
    bug: 'goes on counting a held payment among those that go before others',
    rule: 'contracts/queue/book.ts: payments that it sends and does not hold',
    edits: [edit(`${folder}/book.js`, 'if (!item.isHeld)\n            this.#countActive(item, -1);', '')],
    caughtBy: [unit('is held, stands in nobody’s way')],
  },
];
