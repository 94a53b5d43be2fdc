import { parentPort, workerData } from 'node:worker_threads';
import { createSandboxEngine } from '../../../sandbox/engine.js';
import { GUEST_LIMITS } from '../../../sandbox/limits.js';
import { HOSTILE_PROGRAMS } from './hostilePrograms.js';
import { nestedOutcomes } from './nestedPrograms.js';
import { digestOf, outcomeOf } from './outcomes.js';

const { fuel, runtime } = workerData as { readonly fuel: number; readonly runtime: string };
const engine = createSandboxEngine({ runtime });
const outcomes = HOSTILE_PROGRAMS.map((program) => outcomeOf(engine, program, fuel));
parentPort?.postMessage({ hostile: digestOf(outcomes), nested: nestedOutcomes(engine, GUEST_LIMITS.callDepth) });
