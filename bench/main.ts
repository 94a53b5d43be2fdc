import { isCodedError } from '../primitives/errors.js';
import { formatCatchUp, runCatchUpBench } from './catchUp/catchUpBench.js';
import { measureContracts } from './contracts.js';
import { BenchError } from './errors.js';
import { measureExecution } from './execution.js';
import { formatInterest, runInterestBench } from './interest/interestBench.js';
import { circumstances } from './load/circumstances.js';
import { formatFailover, runFailover } from './load/failover.js';
import { formatLoadReport } from './load/formatReport.js';
import { runLoadBench } from './load/loadBench.js';
import { measureMicro } from './micro/micro.js';
import {
  readCatchUpOptions,
  readFailoverOptions,
  readInterestOptions,
  readLoadOptions,
  readReportOptions,
} from './options.js';
import { measurePostgres } from './peer/postgres.js';
import { REPORT_VERSION, type StoredReport } from './report/storedReport.js';
import { tabulate, writeReport } from './report/writeReport.js';
import { measureSandbox } from './sandbox.js';
import { measureStateTree } from './stateTree.js';

/**
 * The one entry of all measurements:
 *
 *   bench [load] [--rate N] [--seconds S] [--warm-up S] [--bound-seconds S] [--repeats N] [--half-of-saturation]
 *                [--validators N] [--accounts N] [--mix uniform|hot] [--mode single|batch|idle|all] [--batch-size N]
 *                [--idle-payments N] [--workers N] [--generators N] [--delay-ms N] [--dead N] [--full] [--out DIR] [--json]
 *   bench failover [--rate N] [--kills N] [--json]
 *   bench report [--into PAGE] DIR…
 *   bench catch-up [--blocks N] [--payments N] [--rate N] [--json]
 *   bench interest [--instruments N] [--holders N] [--changed PERCENT] [--rate N] [--single] [--json]
 *   bench execution [blocks] [accounts]
 *   bench --peer postgres [--seconds S] [--warm-up S] [--accounts N] [--clients N] [--batch-clients N] [--batch-size N]
 *                         [--mix uniform|hot|all] [--json]
 *   bench micro [codec|signatures|frames|proofs|storage|journal]
 *   bench contracts [thousands of transfers]
 *   bench sandbox [calls]
 *   bench state-tree [keys,keys,…] [changes a block] [blocks] [depth] [entries a page] [flush]
 */
async function main(args: readonly string[]): Promise<void> {
  const [first = '', ...rest] = args;
  if (first === 'contracts') return measureContracts(rest);
  if (first === 'execution') return measureExecution(rest);
  if (first === 'micro') return measureMicro(rest);
  if (first === 'sandbox') return measureSandbox(rest);
  if (first === 'state-tree') return measureStateTree(rest);
  if (first === 'catch-up') return measureCatchUp(rest);
  if (first === 'interest') return measureInterest(rest);
  if (first === 'failover') return measureFailover(rest);
  if (first === '--peer') return measurePeer(rest);
  if (first === 'report') return report(rest);
  return measureLoad(first === 'load' ? rest : args);
}

async function measurePeer([peer = '', ...rest]: readonly string[]): Promise<void> {
  if (peer !== 'postgres') {
    throw new BenchError('OPTION_INVALID', `--peer: expected postgres, found "${peer}"`, { expected: 'postgres' });
  }
  process.stdout.write(`${await measurePostgres(rest, note)}\n`);
}

async function measureFailover(args: readonly string[]): Promise<void> {
  const options = readFailoverOptions(args);
  const around = circumstances(['npm run bench -- failover', ...args].join(' '));
  const report = await runFailover(options, note);
  const text = options.json
    ? JSON.stringify({ ...around, options, ...report }, undefined, 2)
    : `${formatFailover(report)}\n${around.command}, commit ${around.commit}, ${around.cores} cores`;
  process.stdout.write(`${text}\n`);
}

async function measureInterest(args: readonly string[]): Promise<void> {
  const options = readInterestOptions(args);
  const around = circumstances(['npm run bench -- interest', ...args].join(' '));
  const report = await runInterestBench(options, note);
  const text = options.json
    ? JSON.stringify({ ...around, options, ...report }, undefined, 2)
    : `${formatInterest(report)}\n${around.command}, commit ${around.commit}, ${around.cores} cores`;
  process.stdout.write(`${text}\n`);
}

function note(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

async function measureLoad(args: readonly string[]): Promise<void> {
  const options = readLoadOptions(args);
  const around = circumstances(['npm run bench --', ...args].join(' '));
  const measured = await runLoadBench(options, note);
  const stored: StoredReport = { version: REPORT_VERSION, circumstances: around, options, report: measured };
  if (options.out !== undefined) await writeReport(options.out, stored);
  const text = options.json ? JSON.stringify(stored, undefined, 2) : formatLoadReport(measured, around);
  process.stdout.write(`${text}\n`);
}

async function report(args: readonly string[]): Promise<void> {
  const { into, directories } = readReportOptions(args);
  process.stdout.write(`${await tabulate(directories, into)}\n`);
}

async function measureCatchUp(args: readonly string[]): Promise<void> {
  const options = readCatchUpOptions(args);
  const around = circumstances(['npm run bench -- catch-up', ...args].join(' '));
  const report = await runCatchUpBench(options, note);
  const text = options.json
    ? JSON.stringify({ ...around, ...report }, undefined, 2)
    : `${formatCatchUp(report)}\n${around.command}, commit ${around.commit}, ${around.cores} cores`;
  process.stdout.write(`${text}\n`);
}

// Whoever reads may stop early, as `head` does: what runs goes on, and ends what it has started.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  const text = isCodedError(error) ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`bench: ${text}\n`);
  process.exitCode = isCodedError(error) && error.code === 'OPTION_INVALID' ? 2 : 1;
}
