import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../primitives/errors.js';
import { systemTimers } from '../engine/timers.js';
import { ChainExecutor } from './chainExecutor.js';
import { type ExecutorWorkerData, type ReplyMessage, toWireError } from './executorProtocol.js';
import { serveExecutor } from './executorServer.js';
import { ExecutionNews } from './news.js';
import { RunningWork } from './runningWork.js';

/** Entry of the executor's thread: it owns the chain's database, and nothing else of the process. */

const port = parentPort;
invariant(port !== null, 'this module is the entry of a worker thread');
const { genesis, databasePath, workMemory } = workerData as ExecutorWorkerData;
const onFatal = (error: unknown) => {
  const message: ReplyMessage = { kind: 'fatal', error: toWireError(error) };
  port.postMessage(message);
};
const news = new ExecutionNews();
const modules = { work: new RunningWork(workMemory), timers: systemTimers, news };
const executor = new ChainExecutor({ genesis, databasePath, onFatal }, modules);
serveExecutor(executor, port, () => port.close(), news);
