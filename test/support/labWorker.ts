import { parentPort, workerData } from 'node:worker_threads';
import type { ExecutableContract } from '../../contracts/api/host.js';
import { standardContracts } from '../../contracts/index.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { type ExecutorWorkerData, toWireError } from '../../node/execution/executorProtocol.js';
import { serveExecutor } from '../../node/execution/executorServer.js';
import { RunningWork } from '../../node/execution/runningWork.js';
import type { BuildRequest } from '../../node/execution/types.js';
import { invariant } from '../../primitives/errors.js';

/** More candidates in one build break the executor, and no transaction is to blame. */
const TOO_MANY = 5;

/**
 * Serves the executor's thread with a contract of a laboratory beside the standard ones. It breaks by itself in a build of
 * too many candidates, and ends while it has nothing to do when it is asked for a block that cannot be.
 */
export function serveLab(contract: ExecutableContract): void {
  const port = parentPort;
  invariant(port !== null, 'this module is the entry of a worker thread');
  const { genesis, databasePath, workMemory } = workerData as ExecutorWorkerData;
  const work = new RunningWork(workMemory);
  const onFatal = (error: unknown): void => port.postMessage({ kind: 'fatal', error: toWireError(error) });
  const modules = { work, contracts: [...standardContracts(), contract] };
  const executor = new FragileExecutor({ genesis, databasePath, onFatal }, modules);
  serveExecutor(executor, port, () => port.close());
  port.on('message', ({ method, args }: { method: string; args: readonly unknown[] }) => {
    if (method === 'blockHash' && args[0] === Number.MAX_SAFE_INTEGER) setTimeout(() => process.exit(9), 10);
  });
}

class FragileExecutor extends ChainExecutor {
  override build(request: BuildRequest) {
    if (request.transactions.length > TOO_MANY) {
      const { workMemory } = workerData as ExecutorWorkerData;
      new RunningWork(workMemory).begin('undecided');
      process.exit(8);
    }
    return super.build(request);
  }
}
