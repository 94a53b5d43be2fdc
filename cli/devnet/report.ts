import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatAmountForPeople } from '../amounts.js';
import { formatFields, formatTable } from '../table.js';
import type { SettledDay, SettledFile } from './businessDay.js';
import type { DevnetLayout } from './layout.js';
import { DEVNET_CURRENCY } from './members.js';
import type { NodeState } from './network.js';

/** What became of a day, and whether it is what had to become of it. */
export interface DayReport {
  readonly day: SettledDay;
  readonly states: readonly NodeState[];
  readonly blocks: number;
  readonly held: bigint;
  readonly outstanding: bigint;
  /** Empty when everything is as it should be. */
  readonly faults: readonly string[];
}

interface Expectation {
  readonly settled: number;
  readonly refused: readonly { readonly line: number; readonly code: string }[];
}

/** Compares files, roots and money with what they must be. @returns a sentence for each difference */
export async function findFaults(report: Omit<DayReport, 'faults'>): Promise<readonly string[]> {
  const path = fileURLToPath(new URL('../../../examples/expected.json', import.meta.url));
  const expected = JSON.parse(await readFile(path, 'utf8')) as Readonly<Record<string, Expectation>>;
  const faults = report.day.files.flatMap((file) => fileFaults(file, expected[basename(file.report.file)]));
  const roots = new Set(report.states.map(({ stateRoot }) => stateRoot));
  if (roots.size !== 1) faults.push(`the nodes have ${roots.size} different state roots at one height`);
  if (report.held !== report.outstanding) {
    faults.push(`accounts hold ${report.held} minor units, but ${report.outstanding} are outstanding`);
  }
  return faults;
}

function fileFaults({ report }: SettledFile, expected: Expectation | undefined): string[] {
  if (expected === undefined) return [];
  const faults: string[] = [];
  if (report.settled.count !== expected.settled) {
    faults.push(`${report.file}: ${expected.settled} payments should settle, ${report.settled.count} did`);
  }
  const key = ({ line, code }: { line: number; code: string }): string => `line ${line} ${code}`;
  const refused = new Set(report.refused.map(key));
  const due = new Set(expected.refused.map(key));
  for (const row of due) if (!refused.has(row)) faults.push(`${report.file}: ${row} was not refused as it should be`);
  for (const row of refused) if (!due.has(row)) faults.push(`${report.file}: ${row} was refused but is good`);
  return faults;
}

/** The report for people. */
export function formatReport(report: DayReport): string {
  const { day, states, blocks, held, outstanding, faults } = report;
  const equal = new Set(states.map(({ stateRoot }) => stateRoot)).size === 1;
  const { decimals, code } = DEVNET_CURRENCY;
  const whereMoneyIs =
    held === outstanding ? 'all of it in accounts' : `but accounts hold ${formatAmountForPeople(held, decimals)}`;
  const fields = formatFields([
    ['business day', day.day],
    ...day.files.flatMap(fileFields),
    [
      'bond',
      `${day.bond.units} × ${day.bond.instrument}: ${day.bond.seller} → ${day.bond.buyer} against ${day.bond.price} ${code}`,
    ],
    ['blocks', `${blocks} since the start, height ${states[0]?.height ?? 0}`],
    ['state root', `${states[0]?.stateRoot ?? 'none'}, ${equal ? 'equal' : 'NOT EQUAL'} on all ${states.length} nodes`],
    ['money', `${formatAmountForPeople(outstanding, decimals)} ${code} issued and not redeemed, ${whereMoneyIs}`],
  ]);
  const rows = day.files.flatMap(({ report: { refused } }) =>
    refused.map(({ line, reference, code: why, message }) => [String(line), reference, why, message]),
  );
  const columns = [
    { title: 'LINE', align: 'right' },
    { title: 'REFERENCE' },
    { title: 'CODE' },
    { title: 'WHY' },
  ] as const;
  const table =
    rows.length === 0 ? [] : [`Refused, as they should be, and nothing else lost:\n${formatTable(columns, rows)}`];
  const verdict =
    faults.length === 0 ? [] : [`NOT AS IT SHOULD BE:\n${faults.map((fault) => `  ${fault}`).join('\n')}`];
  return [fields, ...table, ...verdict].join('\n\n');
}

function fileFields({ report, durationMs }: SettledFile): (readonly [string, string])[] {
  const { decimals } = DEVNET_CURRENCY;
  const value = report.settled.value
    .map(({ amount, currency }) => `${formatAmountForPeople(BigInt(amount.replace('.', '')), decimals)} ${currency}`)
    .join(', ');
  const speed = report.timeToFinality;
  const latency = speed === undefined ? '' : `; time to a verified proof p50 ${speed.p50Ms} ms, p99 ${speed.p99Ms} ms`;
  const seconds = (durationMs / 1_000).toFixed(1);
  return [
    [basename(report.file), `${report.settled.count} of ${report.payments} payments final, ${value}`],
    ['', `in ${seconds} s from reading the file to the last proof${latency}`],
  ];
}

/** Where to look next. */
export function formatNextSteps(layout: DevnetLayout): string {
  const columns = [{ title: 'NODE' }, { title: 'ROLE' }, { title: 'RPC' }, { title: 'LOG' }] as const;
  const rows = layout.nodes.map(({ member, home, rpcUrl }) => [
    `${member.name} (${member.bic})`,
    member.validates ? 'validator' : 'observer, issues the cash',
    rpcUrl,
    `${home}/node.log`,
  ]);
  const observer = layout.nodes.find(({ member }) => !member.validates);
  return [
    formatTable(columns, rows),
    [
      'Try, in another terminal:',
      `  export VOSTRO_WALLET=${layout.wallet}`,
      `  export VOSTRO_RPC=${observer?.rpcUrl ?? ''}`,
      '  npx vostro balance',
      '  npx vostro pay --account AURLDEFF --to BORLFRPP --amount 1250.00 --reference HELLO-1',
      '  npx vostro --help',
    ].join('\n'),
  ].join('\n\n');
}
