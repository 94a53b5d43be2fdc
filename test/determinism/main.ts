import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runBattery } from './battery.js';
import type { BatteryOptions, BatteryResult } from './results.js';

/** Of the thread that executes blocks. */
const EXECUTOR_STACK_MB = 8;

/**
 * `node dist/test/determinism/main.js OPTIONS [worker]`: the battery of these options, as JSON, under this Node.js and its
 * flags, on the main thread or in a worker as the executor's, as one line of JSON.
 */
async function main([text = '', thread]: readonly string[]): Promise<void> {
  const options: BatteryOptions = JSON.parse(text);
  const result = thread === 'worker' ? await inWorker(options) : await runBattery(options);
  const { node, v8 } = process.versions;
  process.stdout.write(`${JSON.stringify({ node, v8, arch: process.arch, ...result })}\n`);
}

function inWorker(options: BatteryOptions): Promise<BatteryResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), {
      workerData: options,
      resourceLimits: { stackSizeMb: EXECUTOR_STACK_MB },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

if (isMainThread) await main(process.argv.slice(2));
else parentPort?.postMessage(await runBattery(workerData as BatteryOptions));
