import { dirname } from 'node:path';
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads';
import { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import { type ExecutorWorkerData, type ReplyMessage, toWireError } from '../../../node/execution/executorProtocol.js';
import { serveExecutor } from '../../../node/execution/executorServer.js';
import { type KeyValueEngine, type OpenEngine, openLevelEngine } from '../../../node/storage/levelEngine.js';
import { invariant } from '../../../primitives/errors.js';
import { FAILPOINT_CHANNEL } from './failpointChannel.js';
import { type ArmedFailpoint, die, Failpoints, failpointFile } from './failpoints.js';

/** Entry of the executor's thread in a node of the drill: the product's own executor over a database that may die. */

const port = parentPort;
invariant(port !== null, 'this module is the entry of a worker thread');
const { genesis, databasePath } = workerData as ExecutorWorkerData;
// The database is data/chain in a node's home.
const failpoints = new Failpoints(failpointFile(dirname(dirname(databasePath))));
const channel = new BroadcastChannel(FAILPOINT_CHANNEL);
channel.onmessage = (event): void => failpoints.arm((event as { data: ArmedFailpoint }).data);
channel.unref();

let writes = 0;

const openEngine: OpenEngine = async (path, options) => {
  const inner = await openLevelEngine(path, options);
  const engine: KeyValueEngine = {
    ...inner,
    batch: () => {
      const batch = inner.batch();
      const write = async (): Promise<void> => {
        failpoints.pass('commit.before');
        const written = batch.write();
        // At another moment of the write each time.
        if (failpoints.isDue('commit.during')) die(writes % 4);
        await written;
        writes++;
        failpoints.pass('commit.after');
      };
      return { ...batch, write };
    },
  };
  return engine;
};

const onFatal = (error: unknown) => {
  const message: ReplyMessage = { kind: 'fatal', error: toWireError(error) };
  port.postMessage(message);
};
serveExecutor(new ChainExecutor({ genesis, databasePath, onFatal }, { openEngine }), port, () => port.close());
