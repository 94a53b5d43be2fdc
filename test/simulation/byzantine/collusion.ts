import type { Random } from '../world/random.js';
import type { Behaviour } from './behaviour.js';
import { equivocator } from './proposals.js';
import type { Traitor } from './traitor.js';

/**
 * More than f traitors who work together: whoever of them leads shows one half of the honest validators one block and the
 * other half another, and each of them gives each half its votes. With f + 1 of them both halves may decide.
 */
export function colluder(random: Random, traitors: ReadonlySet<string>, honest: readonly string[]): Behaviour {
  const half = new Set(honest.slice(0, Math.floor(honest.length / 2)));
  const leads = equivocator(random, (peerId) => half.has(peerId));
  const voteFor = (traitor: Traitor, group: readonly string[], message: Vote): void => {
    const { height, round, blockHash } = message;
    for (const peerId of group) {
      for (const type of ['prepare', 'commit'] as const) {
        traitor.count('byzantine: collusion');
        traitor.send(peerId, traitor.sign({ type, height, round, blockHash }));
      }
    }
  };
  const others = honest.filter((peerId) => !half.has(peerId));
  return {
    outgoing: (message, peerId, traitor) => {
      if (message.type === 'proposal' && traitors.has(peerId)) return [message];
      return leads.outgoing?.(message, peerId, traitor) ?? [message];
    },
    // A vote of an honest one shows which block its half was shown.
    hears: (message, peerId, traitor) => {
      if (message.type !== 'prepare' || traitors.has(peerId)) return;
      voteFor(traitor, half.has(peerId) ? [...half] : others, message);
    },
  };
}

interface Vote {
  readonly height: number;
  readonly round: number;
  readonly blockHash: Uint8Array;
}
