import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import type { NodeReport } from '../../../cli/devnet/nodeProcess.js';
import { startNode } from '../../../node/node.js';
import { resolveConfig } from '../../../node/ops/config.js';
import { systemDisk } from '../../../node/storage/disk.js';
import { isCodedError } from '../../../primitives/errors.js';
import { SentLog, sentLogFile } from '../signing/sentLog.js';
import { failingDisk } from './failingDisk.js';
import { FAILPOINT_CHANNEL } from './failpointChannel.js';
import { Failpoints, failpointFile } from './failpoints.js';
import { WatchedNetwork } from './watchedNetwork.js';

/**
 * A node of the drill, called as `vostro node start --home DIR` is: the product's own parts, put together by its own
 * composition root, over a disk, a database and a network at whose edges it can be killed. It writes down every vote
 * that leaves it. SIGUSR2 makes it read what to die of.
 */

const home = process.argv[process.argv.indexOf('--home') + 1] ?? '';
const report = (message: NodeReport): void => void process.send?.(message);

async function start(): Promise<{ stop(): Promise<void> }> {
  const file = await readFile(join(home, 'config.toml'), 'utf8');
  const { settings } = resolveConfig({ home, file, environment: {}, flags: {} });
  const password = (await readFile(settings.passwordFile ?? '', 'utf8')).trim();
  const failpoints = new Failpoints(failpointFile(home));
  const channel = new BroadcastChannel(FAILPOINT_CHANNEL);
  channel.unref();
  process.on('SIGUSR2', () => channel.postMessage(failpoints.read()));
  const sent = new SentLog(sentLogFile(home));
  const node = await startNode(
    { settings, password, version: 'drill', onFatal: () => process.exit(1) },
    {
      disk: failingDisk(systemDisk, failpoints),
      executorUrl: new URL('./executorWorker.js', import.meta.url),
      overNetwork: (network) => new WatchedNetwork(network, { sent, failpoints }),
    },
  );
  report({ type: 'ready', rpcUrl: node.rpcUrl, height: node.height });
  return node;
}

try {
  const node = await start();
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    node.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  process.once('disconnect', stop);
} catch (error) {
  const { code, message } = isCodedError(error) ? error : { code: 'INTERNAL', message: String(error) };
  report({ type: 'failed', code, message });
  process.exit(1);
}
