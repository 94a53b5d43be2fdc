import { parentPort } from 'node:worker_threads';
import { invariant } from '../../primitives/errors.js';
import { chooseBackend } from './chooseBackend.js';
import { answerJob } from './packedChecks.js';

// Entry of a worker thread: packed jobs in, one byte for each check out, in the order in which they came.
const port = parentPort;
invariant(port !== null, 'signatureWorker runs as a worker thread only');
const { backend } = chooseBackend();

port.on('message', (job: Uint8Array) => {
  const answers = answerJob(job, backend);
  port.postMessage(answers, [answers.buffer]);
});
