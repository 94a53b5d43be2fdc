import type { WireMessage } from '../../../consensus/messageCodec.js';
import type { Random } from '../world/random.js';
import type { Behaviour } from './behaviour.js';
import type { Traitor } from './traitor.js';

/** Behaviours with votes. */

/** Says to some that it votes for another block. */
export function doubleVoter(random: Random): Behaviour {
  const chance = 0.2 + random.next() * 0.6;
  return {
    outgoing: (message, _peerId, traitor) => {
      if ((message.type !== 'prepare' && message.type !== 'commit') || !traitor.random.chance(chance)) return [message];
      const { type, height, round } = message;
      traitor.count('byzantine: double vote');
      const blockHash = otherHash(message.blockHash, traitor);
      const forged = traitor.sign({ type, height, round, blockHash });
      return traitor.random.chance(0.5) ? [forged] : [message, forged];
    },
    // Votes for whatever is proposed, in every round, before anybody could have executed it.
    hears: (message, _peerId, traitor) => {
      if (message.type !== 'proposal' || !traitor.random.chance(chance)) return;
      const { height, round, blockHash } = message;
      for (const peerId of traitor.peers) {
        for (const type of ['prepare', 'commit'] as const) {
          traitor.count('byzantine: double vote');
          traitor.send(peerId, traitor.sign({ type, height, round, blockHash }));
        }
      }
    },
  };
}

function otherHash(blockHash: Uint8Array, traitor: Traitor): Uint8Array {
  const known = [...traitor.hidden.values()].length > 0 && traitor.random.chance(0.5);
  if (!known) return traitor.randomHash();
  const [newest] = [...traitor.hidden.keys()].slice(-1);
  const found = newest === undefined ? blockHash : Uint8Array.from(Buffer.from(newest.slice(2), 'hex'));
  return found;
}

/** Votes in the names of all others, with the only key that it has: for what is proposed, or for another block. */
export function impersonator(random: Random): Behaviour {
  const chance = 0.2 + random.next() * 0.6;
  return {
    hears: (message, _peerId, traitor) => {
      if (message.type !== 'proposal' || !traitor.random.chance(chance)) return;
      const { height, round } = message;
      for (const peerId of traitor.peers) {
        const blockHash = traitor.random.chance(0.5) ? message.blockHash : otherHash(message.blockHash, traitor);
        for (let sender = 0; sender < traitor.validatorCount; sender++) {
          if (sender === traitor.node.options.index) continue;
          for (const type of ['prepare', 'commit'] as const) {
            traitor.count('byzantine: false name');
            traitor.send(peerId, traitor.sign({ type, height, round, blockHash }, sender));
          }
        }
      }
    },
  };
}

/** Keeps its votes from some, of some types: always the same for a height, so that it can starve one peer. */
export function withholder(random: Random): Behaviour {
  const chance = 0.2 + random.next() * 0.7;
  const salt = random.integer(0, 1_000_000);
  const types = (['proposal', 'prepare', 'commit', 'roundChange', 'status'] as const).filter(() => random.chance(0.6));
  return {
    outgoing: (message, peerId, traitor) => {
      if (!(types as readonly string[]).includes(message.type)) return [message];
      const height = 'height' in message ? message.height : 0;
      if (draw(`${salt} ${height} ${message.type} ${peerId}`) >= chance) return [message];
      traitor.count('byzantine: vote withheld');
      return [];
    },
  };
}

/** A number from 0 to 1 that a text decides. */
function draw(text: string): number {
  let mixed = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  mixed ^= mixed >>> 15;
  return (Math.imul(mixed, 0x2c1b3c6d) >>> 0) / 4_294_967_296;
}

/** Asks for rounds as if it had prepared nothing. */
export function amnesiac(): Behaviour {
  return {
    outgoing: (message, _peerId, traitor) => {
      if (message.type !== 'roundChange' || message.preparedRound === undefined) return [message];
      traitor.count('byzantine: amnesia');
      const { type, height, round } = message;
      const nothing = { preparedRound: undefined, preparedHash: undefined, preparedCertificate: undefined };
      return [traitor.sign({ type, height, round, ...nothing })];
    },
  };
}

/** Speaks of rounds and heights that nobody is at. */
export function farFuture(): Behaviour {
  return {
    acts: (traitor) => {
      const { random, workingHeight } = traitor;
      const peerId = random.pick(traitor.peers);
      if (peerId === undefined) return;
      traitor.count('byzantine: far future');
      traitor.send(peerId, futureMessage(traitor, random.pick([0, 1, 2, 100, 1_000_000]) ?? 0, workingHeight));
    },
  };
}

function futureMessage(traitor: Traitor, ahead: number, workingHeight: number): WireMessage {
  const { random } = traitor;
  const height = workingHeight + ahead;
  const round = random.pick([1, 7, 1_000, 1_000_000]) ?? 1;
  switch (random.integer(0, 3)) {
    case 0:
      return traitor.sign({ type: 'status', height, round });
    case 1:
      return traitor.sign({ type: 'prepare', height, round, blockHash: traitor.randomHash() });
    case 2:
      return traitor.sign({ type: 'commit', height, round, blockHash: traitor.randomHash() });
    default: {
      const nothing = { preparedRound: undefined, preparedHash: undefined, preparedCertificate: undefined };
      return traitor.sign({ type: 'roundChange', height, round, ...nothing });
    }
  }
}

/** Says again what others said, later and to others. */
export function replayer(): Behaviour {
  return {
    acts: (traitor) => {
      const { random, heard, peers } = traitor;
      const old = random.pick(heard);
      const peerId = random.pick(peers);
      if (old === undefined || peerId === undefined || !traitor.isAlive) return;
      traitor.count('byzantine: replay');
      traitor.network.sendConsensus(peerId, 'replayed', old.bytes);
    },
  };
}
