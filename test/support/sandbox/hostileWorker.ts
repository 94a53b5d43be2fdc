import { parentPort, workerData } from 'node:worker_threads';
import { createSandboxEngine } from '../../../sandbox/engine.js';
import { HOSTILE_PROGRAMS } from './hostilePrograms.js';
import { digestOf, outcomeOf } from './outcomes.js';

const { fuel, runtime } = workerData as { readonly fuel: number; readonly runtime: string };
const engine = createSandboxEngine({ runtime });
parentPort?.postMessage(digestOf(HOSTILE_PROGRAMS.map((program) => outcomeOf(engine, program, fuel))));
