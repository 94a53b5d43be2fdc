import type { Profiler } from 'node:inspector';
import { setTimeout as sleep } from 'node:timers/promises';
import { invariant } from '../../primitives/errors.js';
import { InstrumentedLoad } from '../instrument/instrumentedLoad.js';
import type { NodeAnswer } from '../instrument/threadAnswers.js';
import { readNodeCounters } from '../network/nodeCounters.js';
import type { LoadMode } from '../options.js';
import { recordKernel } from './perfRecord.js';
import type { ProfileInput } from './profileReport.js';
import { readThreadProfile } from './threadProfile.js';

export interface ProfileOptions {
  readonly mode: LoadMode;
  /** Payments a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly accounts: number;
  /** Payments under one signature in batch mode. */
  readonly batchSize: number;
  /** Whether the system's profiler is asked as well. */
  readonly withPerf: boolean;
}

const ANSWER_TIMEOUT_MS = 30_000;
const AFTER_SECONDS = 2;
const MODULE = new URL('./profileAgent.js', import.meta.url);

/** What ran in one of four validators under a steady load, start-up and warm-up left out. */
export interface ProfiledLoad {
  readonly input: Omit<ProfileInput, 'command'>;
  /** What the system's profiler says, as Markdown. */
  readonly kernel: string | undefined;
}

/** @throws BenchError; DevnetError */
export async function profileLoad(options: ProfileOptions, note: (text: string) => void): Promise<ProfiledLoad> {
  note(`making four validators and ${options.accounts} accounts`);
  const load = await InstrumentedLoad.start(options, { module: MODULE, nodes: 1 });
  const failed = load.cluster.failure();
  const work = profileRunning(load, options, note);
  for (const promise of [failed, work]) promise.catch(() => undefined);
  try {
    return await Promise.race([failed, work]);
  } finally {
    await load.stop();
  }
}

async function profileRunning(
  load: InstrumentedLoad,
  { mode, rate, seconds, warmUpSeconds, batchSize, withPerf }: ProfileOptions,
  note: (text: string) => void,
): Promise<ProfiledLoad> {
  const [node] = load.cluster.instrumented(1);
  const [connection] = load.cluster.connections;
  invariant(node !== undefined && connection !== undefined, 'a network has a first node');
  const running = load.run(mode, rate, warmUpSeconds + seconds + AFTER_SECONDS);
  running.catch(() => undefined);
  note(`${mode} ${rate}/s: warming up for ${warmUpSeconds} s`);
  await sleep(warmUpSeconds * 1_000);
  note(`profiling for ${seconds} s`);
  const before = await readNodeCounters(connection.url);
  const began = await node.ask(ANSWER_TIMEOUT_MS);
  const [kernel] = await Promise.all([withPerf ? recordKernel(node.pid, seconds) : undefined, sleep(seconds * 1_000)]);
  const ended = await node.ask(ANSWER_TIMEOUT_MS);
  const after = await readNodeCounters(connection.url);
  const proven = await running;
  note(`${proven} payments proven in all`);
  const grown = (key: string): number => (after.get(key) ?? 0) - (before.get(key) ?? 0);
  const payments = grown('transactions') * (mode === 'batch' ? batchSize : 1);
  return { input: { payments, blocks: grown('blocks'), ...threadsOf(began, ended) }, kernel };
}

const ORDER = ['main', 'executor', 'signatures', 'other'];

function threadsOf(began: NodeAnswer, ended: NodeAnswer): Pick<ProfileInput, 'threads' | 'otherCpuUs'> {
  const spent = (tid: number): number | undefined => {
    const us = ended.cpuUsByTid[tid];
    return us === undefined ? undefined : us - (began.cpuUsByTid[tid] ?? 0);
  };
  const threads = ended.threads
    .map(({ thread, tid, value }) => readThreadProfile(thread, value as Profiler.Profile, spent(tid)))
    .sort((a, b) => ORDER.indexOf(a.thread) - ORDER.indexOf(b.thread));
  const withJavaScript = new Set(ended.threads.map(({ tid }) => tid));
  const others = Object.keys(ended.cpuUsByTid)
    .map(Number)
    .filter((tid) => !withJavaScript.has(tid));
  const otherCpuUs = others.reduce((sum, tid) => sum + (spent(tid) ?? 0), 0);
  return { threads, otherCpuUs: others.length === 0 ? undefined : otherCpuUs };
}
