import { roundTimeoutMs } from '../../../consensus/roundTimeout.js';
import type { Effect, Vote } from '../../../consensus/types.js';
import { faultTolerance } from '../../../primitives/validator.js';
import { certify } from './fixture.js';
import { HONEST, type NodeOptions } from './node.js';

/** Bugs put into every honest node from outside, to see that the simulator and its checkers find them. */
export interface PlantedBug {
  readonly name: string;
  readonly node: NodeOptions;
  /** What the checker says of it. */
  readonly finding: RegExp;
}

function changeVotes(effects: readonly Effect[], change: (vote: Vote) => Vote): Effect[] {
  return effects.map((effect) =>
    effect.type === 'persist' ? { ...effect, thenSend: effect.thenSend.map(change) } : effect,
  );
}

const forgetClaim = (vote: Vote): Vote =>
  vote.type === 'roundChange'
    ? { ...vote, preparedRound: undefined, preparedHash: undefined, preparedCertificate: undefined }
    : vote;

/** Decides as soon as f + 1 validators have sent a Commit. */
const impatient: NodeOptions = {
  ...HONEST,
  changeInput: (input, node) => {
    const { state } = node;
    if (input.type !== 'message' || input.message.type !== 'commit' || state === undefined) return input;
    const { height, round, blockHash, sender } = input.message;
    const count = state.head.validators.length;
    const signers = new Set([...state.current.commits.signatures(round, blockHash).keys(), sender]);
    if (height !== state.current.height || signers.size !== faultTolerance(count) + 1) return input;
    const certificate = certify('commit', { height, round, blockHash }, [...signers], count);
    return { type: 'certificate', certificate, from: undefined, nowMs: input.nowMs };
  },
};

/** Timers of later rounds that wait for nobody. */
export const SOLO_TIMERS: NodeOptions = {
  ...HONEST,
  changeInput: (input, { state }) => {
    if (input.type === 'timeout' && state !== undefined) state.current.isTimerRunning = true;
    return input;
  },
  changeEffects: (effects, { config }) =>
    effects.flatMap((effect): readonly Effect[] => {
      const vote = effect.type === 'persist' ? effect.thenSend.find(({ type }) => type === 'roundChange') : undefined;
      if (effect.type === 'scheduleTimer' && effect.round > 0) return [];
      if (vote === undefined) return [effect];
      const { height, round } = vote;
      return [effect, { type: 'scheduleTimer', height, round, durationMs: roundTimeoutMs(config, round) }];
    }),
};

export const PLANTED_BUGS: readonly PlantedBug[] = [
  { name: 'forgets its journal', node: { ...HONEST, hasJournal: false }, finding: /SIGNING_|double sign|fork/ },
  { name: 'sends before it writes', node: { ...HONEST, sendsFirst: true }, finding: /SIGNING_|double sign|fork/ },
  {
    name: 'forgets in a round change what it prepared',
    node: { ...HONEST, changeEffects: (effects) => changeVotes(effects, forgetClaim) },
    finding: /SIGNING_UNJUSTIFIED/,
  },
  { name: 'decides with f + 1 Commits', node: impatient, finding: /unproven|fork/ },
  {
    name: 'never says anything again',
    node: {
      ...HONEST,
      changeInput: (input) => (input.type === 'heal' || input.type === 'peerConnected' ? undefined : input),
    },
    finding: /stuck/,
  },
  {
    name: 'has no timer after round 0',
    node: {
      ...HONEST,
      changeEffects: (effects) => effects.filter((effect) => effect.type !== 'scheduleTimer' || effect.round === 0),
    },
    finding: /stuck/,
  },
];
