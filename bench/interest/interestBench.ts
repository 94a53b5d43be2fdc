import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DevnetLayout } from '../../cli/devnet/layout.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { BenchError } from '../errors.js';
import type { TransactionPreparer } from '../load/preparedTransactions.js';
import { Cluster } from '../network/cluster.js';
import { benchLayout, validatorsOf } from '../network/layout.js';
import { type Preparation, provisionNetwork } from '../network/provision.js';
import type { InterestOptions } from '../options.js';
import { type InterestFigures, type InterestReport, VALIDATORS } from './figures.js';
import { NetworkRun } from './networkRun.js';
import type { Notes } from './notes.js';
import { consensusTimeMs, PreparedNotes } from './preparedNotes.js';

/** Of files that no node is started with. */
const FIRST_PORT = 20_000;

/**
 * A day's interest on very many holdings: in one node's executor, with its database, and on four nodes while payments settle. No figure
 * is given unless the ledger's sums are those that were worked out apart.
 *
 * @throws BenchError; DevnetError
 */
export async function runInterestBench(
  options: InterestOptions,
  note: (text: string) => void,
): Promise<InterestReport> {
  const { backend } = chooseBackend();
  const made: Made = {};
  const preparation = (layout: DevnetLayout): Preparation => ({
    genesisMs: Date.now() - consensusTimeMs(options),
    withObserver: false,
    prepare: async (network, keys) => {
      const directories = validatorsOf(layout).map(({ home }) => join(home, 'data', 'chain'));
      const maker = new PreparedNotes(options, network, keys, note);
      Object.assign(made, await maker.prepare(directories, join(layout.home, 'scratch')));
    },
  });
  if (options.single) {
    await withoutNodes(options, preparation);
    return report(options, made, undefined);
  }
  const cluster = await Cluster.start({ validators: VALIDATORS, accounts: options.holders }, backend, preparation);
  try {
    const { preparer, notes } = requireMade(made);
    return report(options, made, await new NetworkRun(options, cluster, preparer, notes, note).run());
  } finally {
    await cluster.stop();
  }
}

/** What the preparation leaves. */
interface Made {
  readonly preparer?: TransactionPreparer;
  readonly notes?: Notes;
  readonly oneNode?: InterestReport['oneNode'];
}

function requireMade({ preparer, notes, oneNode }: Made): Required<Made> {
  if (preparer !== undefined && notes !== undefined && oneNode !== undefined) return { preparer, notes, oneNode };
  throw new BenchError('SETUP_FAILED', 'there are no notes', {});
}

function sumOf(notes: Notes): bigint {
  return notes.counted.map((each) => notes.expected(each)).reduce((a, b) => a + b, 0n);
}

function report({ changed }: InterestOptions, made: Made, network: InterestReport['network']): InterestReport {
  const { notes, oneNode } = requireMade(made);
  return { notes: notes.count, changed, interest: sumOf(notes).toString(), oneNode, network };
}

/** Makes the files of a network, and starts none of its nodes. */
async function withoutNodes(
  { holders }: InterestOptions,
  preparation: (layout: DevnetLayout) => Preparation,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vostro-bench-'));
  try {
    const layout = benchLayout(home, FIRST_PORT, VALIDATORS);
    await provisionNetwork(layout, holders, chooseBackend(), preparation(layout));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

export function formatInterest({ notes, changed, interest, oneNode, network }: InterestReport): string {
  const line = (where: string, { notesPerSecond, seconds, cpuUsPerNote }: InterestFigures): string =>
    `${where}: ${notesPerSecond.toLocaleString('en')} notes/s (${seconds.toFixed(1)} s, ${cpuUsPerNote.toFixed(1)} us of processor a note)`;
  const lines = [
    `interest on ${notes.toLocaleString('en')} notes, ${changed} % of them changed since they came: ${interest} minor units in all, as worked out apart`,
    `${line('one node, executor and database', oneNode)}, ${oneNode.payments} payments in the same blocks`,
  ];
  if (network !== undefined) {
    const { latency, proven, offered } = network.payments;
    const rooms = Object.entries(network.cpuUsByRoom).sort(([, a], [, b]) => b - a);
    lines.push(`${line('four nodes, each', network)}, ${network.blocks} blocks`);
    lines.push(`processor of a node: ${rooms.map(([room, us]) => `${room} ${us} us`).join(', ')} a note`);
    lines.push(`payments meanwhile: ${proven} of ${offered} proven, p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms`);
  }
  return lines.join('\n');
}
