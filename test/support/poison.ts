import type { ContractHost, ExecutableContract } from '../../contracts/api/host.js';
import { labContract } from './labContract.js';

const VALUE = Uint8Array.of(1);

/** Ways of a contract to break the executor that runs it. */
export const POISONS = ['overflow', 'overflowReading', 'exhaust', 'vanish'] as const;

/** A contract `poison` that breaks its executor, or one of the same name that only pretends to. */
export function poisonContract(isHarmless = false): ExecutableContract {
  const poison = (spoil: (host: ContractHost) => void) => (host: ContractHost) => {
    host.put('written', VALUE);
    if (!isHarmless) spoil(host);
  };
  return labContract('poison', {
    overflow: poison(() => void overflow(0)),
    overflowReading: poison((host) => void overflowReading(host, 0)),
    exhaust: poison(exhaust),
    vanish: poison(() => process.exit(7)),
  });
}

/** Deeper than any stack. */
function overflow(depth: number): number {
  return 1 + overflow(depth + 1);
}

/** The same, where the stack ends anywhere below the host. */
function overflowReading(host: ContractHost, depth: number): number {
  try {
    host.get(`key ${depth}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1 + overflowReading(host, depth + 1);
}

function exhaust(): void {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array<number>(10_000).fill(kept.length));
}
