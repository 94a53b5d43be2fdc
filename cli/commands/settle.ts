import type { Command } from 'commander';
import type { QueuedReason } from '../../contracts/gridlock/explain.js';
import { type GridlockRun, requiredSteps, resolveGridlock } from '../../contracts/gridlock/gridlock.js';
import type { GridlockInput } from '../../contracts/gridlock/input.js';
import { hashGridlockInput } from '../../contracts/gridlock/inputHash.js';
import { toHex } from '../../primitives/bytes.js';
import { readTextFile } from '../files.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson } from '../options.js';
import type { CommandResult } from '../output.js';
import { inWordsOfFile, MAX_CASE_FILE_BYTES, parseCase } from '../settle/caseFile.js';
import { formatFields, formatTable } from '../table.js';

/** Steps that a treasurer may spend: some minutes. */
const MAX_STEPS = 1_000_000_000;
/** Queued payments that a person is shown; programs see all. */
const MAX_SHOWN = 200;

export function register(program: Command, bind: Bind): void {
  const settle = program.command('settle').description('The queue of payments, and how a gridlock of it is resolved.');
  const simulate = settle
    .command('simulate')
    .description(
      'Resolve the queue of a file offline: what would settle, what stays and why, and how each bank closes.',
    )
    .requiredOption('--file <case.json>', 'balances and queue; docs/settlement/gridlock.md shows one')
    .option('--fifo', 'stage one alone: no payment passes an earlier one of the same bank')
    .option('--steps <number>', 'how much the run may work; more steps search further');
  withExamples(
    withJson(simulate),
    'vostro settle simulate --file case.json',
    'vostro settle simulate --file case.json --fifo --json',
  ).action(bind(simulateCommand));
}

async function simulateCommand({ options }: Invocation): Promise<CommandResult> {
  const path = options.required('file');
  const input = parseCase(await readTextFile(path, MAX_CASE_FILE_BYTES), path);
  const maxSteps = options.integer('steps', requiredSteps(input), MAX_STEPS);
  const stages = options.flag('fifo') ? 'fifo' : 'all';
  const run = runCase(input, path, { stages, ...(maxSteps === undefined ? {} : { maxSteps }) });
  return { data: describeRun(run, input), text: formatRun(run, input) };
}

function runCase(input: GridlockInput, path: string, options: Parameters<typeof resolveGridlock>[1]): GridlockRun {
  try {
    return resolveGridlock(input, options);
  } catch (error) {
    throw inWordsOfFile(error, path);
  }
}

/** Closing balances in the order of the file. */
function describeRun(run: GridlockRun, input: GridlockInput): object {
  const positions = new Map(run.positions.map((position) => [position.bank, position]));
  return {
    settled: run.settled,
    queued: run.queued.map(({ id }) => id),
    closing: Object.fromEntries(input.banks.map(({ bank }) => [bank, positions.get(bank)?.closing ?? 0n])),
    value: run.value,
    reasons: Object.fromEntries(run.queued.map(({ id, reason }) => [id, reason])),
    receipt: {
      inputHash: toHex(hashGridlockInput(input)),
      stages: run.stages,
      maxSteps: run.maxSteps,
      steps: run.steps,
      outcome: run.outcome,
      isBest: run.isBest,
      stageValues: run.stageValues,
      net: Object.fromEntries(input.banks.map(({ bank }) => [bank, positions.get(bank)?.net ?? 0n])),
    },
  };
}

function formatRun(run: GridlockRun, input: GridlockInput): string {
  const amounts = new Map(input.payments.map((payment) => [payment.id, payment]));
  const payment = (id: string, outcome: string): readonly string[] => {
    const found = amounts.get(id);
    return [id, found?.debtor ?? '', found?.creditor ?? '', String(found?.amount ?? ''), found?.rank ?? '', outcome];
  };
  const banks = formatTable(
    [
      { title: 'bank' },
      { title: 'opening', align: 'right' },
      { title: 'net', align: 'right' },
      { title: 'closing', align: 'right' },
    ],
    run.positions.map(({ bank, opening, net, closing }) => [bank, ...[opening, net, closing].map(String)]),
  );
  const rows = [
    ...run.settled.map((id) => payment(id, 'settles')),
    ...run.queued.map(({ id, reason }) => payment(id, reasonInWords(reason))),
  ];
  const payments = formatTable(
    [
      { title: 'payment' },
      { title: 'from' },
      { title: 'to' },
      { title: 'amount', align: 'right' },
      { title: 'priority' },
      { title: 'outcome' },
    ],
    rows.slice(0, MAX_SHOWN),
  );
  const more = rows.length > MAX_SHOWN ? [`and ${rows.length - MAX_SHOWN} more: --json shows all`] : [];
  const summary = formatFields([
    ['settles', `${run.settled.length} of ${input.payments.length} payments, together ${run.value}`],
    ['stage one', `${run.stageValues.fifo}`],
    ['result', OUTCOMES[run.outcome] + (run.isBest && run.outcome === 'settled' ? '; no set is worth more' : '')],
  ]);
  return [payments, ...more, '', banks, '', summary].join('\n');
}

const OUTCOMES: Readonly<Record<GridlockRun['outcome'], string>> = {
  settled: 'settles as one set, by net position',
  noneEligible: 'nothing to settle: no payment waits that is not held',
  deadlocked: 'deadlock: no set of these payments can settle without new money',
  unsettled: 'no set was found; not proven that there is none',
};

function reasonInWords(reason: QueuedReason): string {
  switch (reason.code) {
    case 'HELD':
      return 'queued: held';
    case 'LIMIT':
      return `queued: bilateral limit ${reason.limit}, net ${reason.net}`;
    case 'NOT_FUNDED':
      return `queued: needs ${reason.needed}, available ${reason.available}, waiting to come in ${reason.incoming}`;
    case 'BEHIND':
      return `queued: behind ${reason.payment}`;
    case 'NEXT_RUN':
      return 'queued: fits now, the next run takes it';
  }
}
