import { exit } from 'node:process';
import { parentPort } from 'node:worker_threads';
import { chooseBackend } from '../../../node/signatures/chooseBackend.js';
import { answerJob } from '../../../node/signatures/packedChecks.js';
import { invariant } from '../../../primitives/errors.js';

// A signature worker that fails when a job starts or ends with a certain key: for the tests of the pool.
const { backend } = chooseBackend();

parentPort?.on('message', (job: Uint8Array) => {
  for (let start = 0; start < job.length; start += 129) {
    const first = job[start];
    invariant(first !== 0xf1, 'poisoned');
    if (first === 0xf2) exit(3);
    if (first === 0xf3) {
      parentPort?.postMessage(new Uint8Array(0));
      return;
    }
  }
  parentPort?.postMessage(answerJob(job, backend));
});
