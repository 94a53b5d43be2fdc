import { type Ablation, edit, test } from '../ablation.js';

const folder = 'contracts/gridlock';
const stageOne = (title: string) => test('unit/contracts/gridlock/stageOne', title);
const bypass = (title: string) => test('unit/contracts/gridlock/bypass', title);
const run = (title: string) => test('unit/contracts/gridlock/run', title);

/** Sets of queued payments that settle together. */
export const GRIDLOCK: readonly Ablation[] = [
  {
    name: 'gridlock-first-goes-first',
    bug: 'takes back a bank’s first payment where the last should go',
    rule: 'contracts/gridlock/retreat.ts: that bank’s last payment',
    edits: [
      edit(
        `${folder}/retreat.js`,
        'for (let last = list.pop(); last !== undefined; last = list.pop())',
        'for (let last = list.shift(); last !== undefined; last = list.shift())',
      ),
    ],
    caughtBy: [stageOne('takes the higher rank first')],
  },
  {
    name: 'gridlock-creditor-forgotten',
    bug: 'does not look again at a bank that no longer receives what was taken back',
    rule: 'contracts/gridlock/retreat.ts: while a bank’s position is broken',
    edits: [edit(`${folder}/retreat.js`, 'rules.push(limitCount + (network.creditor[taken] ?? 0));', '')],
    caughtBy: [stageOne('leaves the whole ring')],
  },
  {
    name: 'gridlock-banks-before-limits',
    bug: 'looks at a broken limit only after the banks',
    rule: 'contracts/gridlock/retreat.ts: broken limits come before broken banks',
    edits: [edit(`${folder}/retreat.js`, 'for (const limit of order.limits)', 'for (const limit of [])')],
    caughtBy: [stageOne('takes back for a limit before')],
  },
  {
    name: 'gridlock-rank-passed',
    bug: 'spends on a payment what one of a higher rank waits for',
    rule: 'contracts/gridlock/selection.ts: rule 3',
    edits: [edit(`${folder}/ruleState.js`, 'return passing <= (this.received[bank] ?? 0n);', 'return true;')],
    caughtBy: [bypass('let a payment pass one of a higher rank')],
  },
  {
    name: 'gridlock-rank-given-up',
    bug: 'gives up an urgent payment that stage one settles',
    rule: 'contracts/gridlock/search.ts: what stage one settles of a higher rank stays settled',
    edits: [edit(`${folder}/search.js`, '!selection.has(payment) || isNormal(network, payment)', 'true')],
    caughtBy: [bypass('give up payments of rank normal')],
  },
  {
    name: 'gridlock-search-ignores-limits',
    bug: 'takes a better set that breaks limits and ranks',
    rule: 'contracts/gridlock/exactSearch.ts: a bank could not keep the rules',
    edits: [edit(`${folder}/exactSearch.js`, 'this.rules.keepsRanks(bank) && this.rules.keepsLimit(limit)', 'true')],
    caughtBy: [bypass('take no set of more value that breaks a limit')],
  },
  {
    name: 'gridlock-bound-too-tight',
    bug: 'gives up parts of the search that may hold a better set',
    rule: 'contracts/gridlock/exactSearch.ts: what each bank may still pay',
    edits: [
      edit(
        `${folder}/exactSearch.js`,
        'this.value + this.potential <= this.bestValue',
        'this.value + this.potential <= this.bestValue + 1n',
      ),
    ],
    caughtBy: [bypass('settle the optimum of 60 fixed networks')],
  },
  {
    name: 'gridlock-worse-from-above',
    bug: 'keeps the set that was made from everything where it is worth less',
    rule: 'contracts/gridlock/search.ts: never worth less than it was',
    edits: [edit(`${folder}/search.js`, '!isSound || selection.value < value', '!isSound')],
    caughtBy: [run('is worth no less after the search')],
  },
  {
    name: 'gridlock-held-active',
    bug: 'settles payments that are held',
    rule: 'contracts/gridlock/network.ts: payments that are not held',
    edits: [edit(`${folder}/network.js`, '.filter((at) => isHeld[at] === 0)', '')],
    caughtBy: [stageOne('leaves held payments out')],
  },
];
