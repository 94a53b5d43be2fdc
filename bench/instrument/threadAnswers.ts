import fs, { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

/**
 * The part of an instrument that runs inside a node. Node.js loads an instrument with `--import` into every thread of the
 * process; SIGUSR2 asks all of them, and the main thread writes their answers down beside the files of the node's home.
 */

export type ThreadName = 'main' | 'executor' | 'signatures' | 'other';

/** What one thread answers to the n-th question. */
export interface ThreadAnswer {
  readonly thread: ThreadName;
  /** Of the operating system; 0 where it does not tell. */
  readonly tid: number;
  /** JSON. */
  readonly value: unknown;
}

/** All answers to one question. */
export interface NodeAnswer {
  readonly threads: readonly ThreadAnswer[];
  /** Processor time in microseconds of each thread of the process by its id, also of those without JavaScript. */
  readonly cpuUsByTid: Readonly<Record<number, number>>;
}

/** As they are before an instrument watches them: what an answer takes is no work of the node. */
const { renameSync, writeFileSync } = fs;

/** Where a node's answer to the n-th question stands. */
export function answerFile(home: string, question: number): string {
  return join(home, `answer-${question}.json`);
}

type Message =
  | { readonly kind: 'hello'; readonly from: number }
  | { readonly kind: 'question'; readonly question: number }
  | { readonly kind: 'answer'; readonly question: number; readonly from: number; readonly answer: ThreadAnswer };

const CHANNEL = 'vostro-instrument';

/**
 * Answers from now on. Called once in each thread.
 *
 * @param answer what this thread answers to the n-th question, counted from 1
 */
export function answerQuestions(answer: (question: number) => unknown): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.unref();
  const own = async (question: number): Promise<ThreadAnswer> => {
    const value = await answer(question);
    return { thread: nameOfThread(), tid: ownTid(), value };
  };
  if (isMainThread) collect(channel, own);
  else reply(channel, own);
}

type Own = (question: number) => Promise<ThreadAnswer>;

function reply(channel: BroadcastChannel, own: Own): void {
  channel.postMessage({ kind: 'hello', from: threadId } satisfies Message);
  channel.onmessage = async (event): Promise<void> => {
    const message = (event as { data: Message }).data;
    if (message.kind !== 'question') return;
    const { question } = message;
    channel.postMessage({ kind: 'answer', question, from: threadId, answer: await own(question) } satisfies Message);
  };
}

function collect(channel: BroadcastChannel, own: Own): void {
  const home = process.argv[process.argv.indexOf('--home') + 1] ?? '.';
  const workers = new Set<number>();
  let question = 0;
  let answers: ThreadAnswer[] = [];
  let cpuUsByTid: Record<number, number> = {};
  const note = (answer: ThreadAnswer): void => {
    answers.push(answer);
    if (answers.length === workers.size + 1) write(answerFile(home, question), { threads: answers, cpuUsByTid });
  };
  channel.onmessage = (event): void => {
    const message = (event as { data: Message }).data;
    if (message.kind === 'hello') workers.add(message.from);
    if (message.kind === 'answer' && message.question === question) note(message.answer);
  };
  process.on('SIGUSR2', async () => {
    question++;
    answers = [];
    cpuUsByTid = threadTimes();
    channel.postMessage({ kind: 'question', question } satisfies Message);
    note(await own(question));
  });
}

function write(path: string, answer: NodeAnswer): void {
  writeFileSync(`${path}.new`, JSON.stringify(answer));
  renameSync(`${path}.new`, path);
}

function nameOfThread(): ThreadName {
  if (isMainThread) return 'main';
  const entry = basename(process.argv[1] ?? '');
  if (/executorWorker/i.test(entry)) return 'executor';
  return /signatureWorker/i.test(entry) ? 'signatures' : 'other';
}

function ownTid(): number {
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return 0;
  }
}

/** The scheduler's own account, in nanoseconds on Linux; nothing elsewhere. */
function threadTimes(): Record<number, number> {
  try {
    const tids = readdirSync('/proc/self/task');
    return Object.fromEntries(
      tids.map((tid) => [tid, Number(readFileSync(`/proc/self/task/${tid}/schedstat`, 'utf8').split(' ')[0]) / 1_000]),
    );
  } catch {
    return {};
  }
}
