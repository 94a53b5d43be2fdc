import { type Ablation, edit, test } from '../ablation.js';

/** Rules about who has how much of a block, and how soon. */
export const SHARES: readonly Ablation[] = [
  {
    name: 'no-fair-share',
    bug: 'fills its blocks with the first member’s transactions for as long as it has some',
    rule: 'Shares of a block O1',
    edits: [
      edit(
        'node/execution/fairOrder.js',
        'if (next !== undefined && lane.share >= next.share)',
        'if (next !== undefined)',
      ),
    ],
    caughtBy: [
      test('unit/execution/fairOrder', 'is divided by number where all are small'),
      test('unit/mempool/fairShares', 'delay nobody’s payment beyond the next block'),
    ],
  },
  {
    name: 'shares-without-fuel',
    bug: 'divides its blocks by number and bytes and does not look at fuel',
    rule: 'Shares of a block O1',
    edits: [edit('node/execution/fairOrder.js', 'Math.max(used.fuel / room.fuel, ', 'Math.max(')],
    caughtBy: [test('unit/execution/blockShares', 'divides its block by the fuel that was really used')],
  },
  {
    name: 'no-urgent-part',
    bug: 'fills whole blocks with urgent transactions',
    rule: 'Shares of a block O2',
    edits: [
      edit(
        'node/execution/fairOrder.js',
        'partOf(options.room, options.urgentBlockPercent)',
        'partOf(options.room, 100)',
      ),
    ],
    caughtBy: [test('unit/execution/fairOrder', 'come first, up to their part of the block')],
  },
  {
    name: 'nothing-carried-over',
    bug: 'forgets with each block what its members had of the last one',
    rule: 'Shares of a block O3',
    edits: [
      edit('node/mempool/servedShares.js', 'return Math.max(0, this.servedOf(member) - this.level);', 'return 0;'),
    ],
    caughtBy: [test('unit/mempool/fairShares', 'makes up for a block that a proposer gave to one bank alone')],
  },
  {
    name: 'no-urgent-quota',
    bug: 'includes urgent transactions of a member without a bound',
    rule: 'Includable transactions I8',
    edits: [
      edit(
        'node/execution/inclusion.js',
        "if (body.priority === 'urgent' && !context.quotas.hasUrgentRoom(sender.member))",
        'if (false)',
      ),
    ],
    caughtBy: [test('unit/execution/blockRules', 'gives each member a part of it for urgent ones')],
  },
  {
    name: 'no-urgent-quota-at-the-door',
    bug: 'takes in more urgent transactions of a member than a window may hold',
    rule: 'Includable transactions I8',
    edits: [
      edit(
        'node/mempool/mempool.js',
        'this.urgentQuota.used(member, nowMs) + waiting < urgentQuotaTransactions',
        'waiting < Number.MAX_SAFE_INTEGER',
      ),
    ],
    caughtBy: [test('unit/mempool/fairShares', 'counts what waits and what the window holds')],
  },
];
