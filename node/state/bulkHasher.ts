import { createRequire } from 'node:module';
import { equalBytes } from '../../primitives/bytes.js';
import { type PairHasher, pureHasher } from '../../primitives/merkle.js';

/** The hasher in use and why, for the log and the metrics. */
export interface HasherChoice {
  readonly name: 'native' | 'pure';
  readonly hasher: PairHasher;
  readonly reason: string;
}

/** The part of `@chainsafe/hashtree` that is used: SHA-256 of many 64-byte nodes at once. */
export interface HashtreeBinding {
  hashInto(input: Uint8Array, output: Uint8Array): void;
}

export interface BulkHasherOptions {
  /** Gives the binding; another one only in tests. */
  readonly load?: () => HashtreeBinding;
}

function loadBinding(): HashtreeBinding {
  return createRequire(import.meta.url)('@chainsafe/hashtree') as HashtreeBinding;
}

/** The native hasher where its binary loads and passes its self test, the pure one elsewhere. Never throws. */
export function chooseBulkHasher({ load = loadBinding }: BulkHasherOptions = {}): HasherChoice {
  let binding: HashtreeBinding;
  try {
    binding = load();
    if (!passesSelfTest(binding)) {
      return { name: 'pure', hasher: pureHasher, reason: 'the native binary hashes wrongly on this machine' };
    }
  } catch (error) {
    const reason = `the native binary does not load: ${error instanceof Error ? error.message : String(error)}`;
    return { name: 'pure', hasher: pureHasher, reason };
  }
  const hasher: PairHasher = { hashPairs: (input, output) => input.length > 0 && binding.hashInto(input, output) };
  return { name: 'native', hasher, reason: 'the native binary loads and passes its self test' };
}

/** Counts below, at and above what the library's vector code does at once. */
function passesSelfTest(binding: HashtreeBinding): boolean {
  return [1, 2, 3, 4, 7, 8, 9, 16, 17].every((pairs) => {
    const input = Uint8Array.from({ length: 64 * pairs }, (_, index) => (index * 167 + pairs) & 0xff);
    const [found, expected] = [new Uint8Array(32 * pairs), new Uint8Array(32 * pairs)];
    binding.hashInto(input, found);
    pureHasher.hashPairs(input, expected);
    return equalBytes(found, expected);
  });
}
