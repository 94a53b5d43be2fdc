import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTable } from '../../cli/table.js';
import { BenchError } from '../errors.js';
import { type Circumstances, circumstances } from '../load/circumstances.js';
import { type PeerOptions, readPeerOptions } from './options.js';
import { PostgresCluster } from './postgresCluster.js';

/** In minor units: enough that nobody runs out. */
const OPENING_BALANCE = 1_000_000_000_000n;
/** Percent of the payments that touch the hot accounts, and percent of the accounts that these are. */
const HOT = { paymentsPercent: 80, accountsPercent: 1 } as const;

export interface PeerWindow {
  readonly mode: 'single' | 'batch';
  readonly mix: 'uniform' | 'hot';
  readonly paymentsPerTransaction: number;
  readonly clients: number;
  readonly paymentsPerSecond: number;
  readonly latency: { readonly p50Ms: number; readonly p99Ms: number };
}

export interface PeerReport extends Circumstances {
  readonly peer: string;
  readonly seconds: number;
  readonly accounts: number;
  readonly windows: readonly PeerWindow[];
}

/**
 * The same payments on PostgreSQL with a synchronous standby: two servers that trust each other, no signatures, a row and
 * a unique reference for each payment, both balances changed and never below zero. Clients wait for each answer before they
 * send the next (closed loop), by `pgbench` with prepared statements, one call of a stored function for each transaction:
 * the least that PostgreSQL can be asked for.
 *
 * @throws BenchError `PEER_MISSING`, `NETWORK_NOT_READY`; `LEDGER_WRONG` when money was lost or the standby differs
 */
export async function measurePostgres(args: readonly string[], note: (text: string) => void): Promise<string> {
  const options = readPeerOptions(args);
  const around = circumstances(['npm run bench -- --peer postgres', ...args].join(' '));
  note('starting a primary and its synchronous standby');
  const cluster = await PostgresCluster.start();
  try {
    await cluster.sql(schema(options.accounts));
    const windows: PeerWindow[] = [];
    for (const mix of options.mixes) {
      for (const mode of ['single', 'batch'] as const) {
        const window = await measure(cluster, options, mode, mix);
        note(
          `${mode} ${mix}: ${window.paymentsPerSecond}/s, p50 ${window.latency.p50Ms} ms, p99 ${window.latency.p99Ms} ms`,
        );
        windows.push(window);
      }
    }
    await requireMoneyConserved(cluster, options.accounts);
    const { accounts, seconds } = options;
    const report = {
      ...around,
      peer: `PostgreSQL ${cluster.version}, synchronous standby`,
      seconds,
      accounts,
      windows,
    };
    return options.json ? JSON.stringify(report, undefined, 2) : format(report);
  } finally {
    await cluster.stop();
  }
}

async function measure(
  cluster: PostgresCluster,
  options: PeerOptions,
  mode: PeerWindow['mode'],
  mix: PeerWindow['mix'],
): Promise<PeerWindow> {
  const paymentsPerTransaction = mode === 'single' ? 1 : options.batchSize;
  const clients = mode === 'single' ? options.clients : options.batchClients;
  const directory = await cluster.directory(`${mode}-${mix}`);
  const script = join(directory, 'script.sql');
  await writeFile(script, scriptOf(mode, mix, options), { mode: 0o644 });
  const load = (seconds: number): readonly string[] => [
    ...['-n', '-M', 'prepared', '-c', `${clients}`, '-j', '1', '-T', `${seconds}`, '-f', script],
  ];
  await cluster.bench(load(options.warmUpSeconds), directory);
  const printed = await cluster.bench([...load(options.seconds), '-l', '--log-prefix=window'], directory);
  const transactionsPerSecond = Number(/tps = ([\d.]+)/.exec(printed)?.[1]);
  const latenciesUs = await readLatencies(directory);
  if (!(transactionsPerSecond > 0) || latenciesUs.length === 0) {
    throw new BenchError('NETWORK_NOT_READY', `expected transactions in a window of ${options.seconds} s, found none`, {
      actual: printed.trim().slice(-1_000),
      hint: 'the machine is busy with something else: try again when it is not, or with longer windows',
    });
  }
  const percentileMs = (share: number): number =>
    Math.round((latenciesUs[Math.min(latenciesUs.length - 1, Math.floor(latenciesUs.length * share))] ?? 0) / 100) / 10;
  return {
    ...{ mode, mix, paymentsPerTransaction, clients },
    paymentsPerSecond: Math.round(transactionsPerSecond * paymentsPerTransaction),
    latency: { p50Ms: percentileMs(0.5), p99Ms: percentileMs(0.99) },
  };
}

/** Ascending. The third field of each line of pgbench's log is the transaction's time in microseconds. */
async function readLatencies(directory: string): Promise<Float64Array> {
  const names = (await readdir(directory)).filter((name) => name.startsWith('window.'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  return Float64Array.from(lines, (line) => Number(line.split(' ')[2])).sort();
}

function schema(accounts: number): string {
  return `
    CREATE TABLE account (id int PRIMARY KEY, balance numeric(38) NOT NULL CHECK (balance >= 0));
    CREATE TABLE payment (
      debtor int NOT NULL, reference text NOT NULL, creditor int NOT NULL, amount numeric(38) NOT NULL,
      at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (debtor, reference)
    );
    INSERT INTO account SELECT id, ${OPENING_BALANCE} FROM generate_series(1, ${accounts}) AS id;
    CREATE SEQUENCE reference;
    CREATE FUNCTION pay(from_id int, to_id int, value numeric) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO payment (debtor, reference, creditor, amount) VALUES (from_id, 'P-' || nextval('reference'), to_id, value);
      -- In one order everywhere, so that no two transactions wait for each other.
      IF from_id < to_id THEN
        UPDATE account SET balance = balance - value WHERE id = from_id;
        UPDATE account SET balance = balance + value WHERE id = to_id;
      ELSE
        UPDATE account SET balance = balance + value WHERE id = to_id;
        UPDATE account SET balance = balance - value WHERE id = from_id;
      END IF;
    END $$;
    CREATE FUNCTION pay_batch(from_id int, creditors int[], value numeric) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE batch bigint := nextval('reference');
    BEGIN
      PERFORM 1 FROM account WHERE id = from_id OR id = ANY(creditors) ORDER BY id FOR UPDATE;
      INSERT INTO payment (debtor, reference, creditor, amount)
        SELECT from_id, 'B-' || batch || '-' || number, creditor, value
        FROM unnest(creditors) WITH ORDINALITY AS row(creditor, number);
      UPDATE account SET balance = balance + change.total
        FROM (SELECT creditor, count(*) * value AS total FROM unnest(creditors) AS creditor GROUP BY creditor) AS change
        WHERE id = change.creditor;
      UPDATE account SET balance = balance - cardinality(creditors) * value WHERE id = from_id;
    END $$;
    ANALYZE;`;
}

/** A creditor that is not the debtor: the server draws those of a batch, so that the client costs next to nothing. */
function scriptOf(mode: PeerWindow['mode'], mix: PeerWindow['mix'], { accounts, batchSize }: PeerOptions): string {
  const hot = Math.max(2, Math.floor((accounts * HOT.accountsPercent) / 100));
  const bound =
    mix === 'uniform'
      ? [`\\set bound ${accounts}`]
      : [
          '\\set draw random(1, 100)',
          `\\set bound case when :draw <= ${HOT.paymentsPercent} then ${hot} else ${accounts} end`,
        ];
  const debtor = '\\set debtor random(1, :bound)';
  if (mode === 'single') {
    const creditor = '\\set creditor (:debtor + random(1, :bound - 1) - 1) % :bound + 1';
    return [...bound, debtor, creditor, 'SELECT pay(:debtor, :creditor, 1);', ''].join('\n');
  }
  const creditors = `ARRAY(SELECT (:debtor + floor(random() * (:bound - 1))::int) % :bound + 1 FROM generate_series(1, ${batchSize}))`;
  return [...bound, debtor, `SELECT pay_batch(:debtor, ${creditors}, 1);`, ''].join('\n');
}

/** @throws BenchError `LEDGER_WRONG` */
async function requireMoneyConserved(cluster: PostgresCluster, accounts: number): Promise<void> {
  await cluster.caughtUp();
  const expected = `${OPENING_BALANCE * BigInt(accounts)}`;
  for (const server of ['primary', 'standby'] as const) {
    const actual = await cluster.sql('SELECT sum(balance) FROM account', server);
    if (actual === expected) continue;
    throw new BenchError('LEDGER_WRONG', `expected balances of ${expected} on the ${server}, found ${actual}`, {
      expected,
      actual,
    });
  }
}

const COLUMNS = [
  { title: 'MODE' },
  { title: 'MIX' },
  { title: 'PAYMENTS/TX', align: 'right' },
  { title: 'CLIENTS', align: 'right' },
  { title: 'PAYMENTS/S', align: 'right' },
  { title: 'P50 MS', align: 'right' },
  { title: 'P99 MS', align: 'right' },
] as const;

function format(report: PeerReport): string {
  const rows = report.windows.map(({ mode, mix, paymentsPerTransaction, clients, paymentsPerSecond, latency }) => [
    ...[mode, mix, `${paymentsPerTransaction}`, `${clients}`, `${paymentsPerSecond}`, `${latency.p50Ms}`],
    `${latency.p99Ms}`,
  ]);
  return [
    formatTable(COLUMNS, rows),
    '',
    `${report.peer}; ${report.accounts} accounts, windows of ${report.seconds} s; money conserved on both servers`,
    `machine: ${report.cores} cores, ${report.processor}, load before the run ${report.loadBefore}`,
    `commit: ${report.commit}`,
    `command: ${report.command}`,
  ].join('\n');
}
