import { handOverDecision } from '../decide.js';
import { leadIfDue } from '../lead.js';
import { resendable } from '../resend.js';
import { isSigning } from '../state.js';
import type { Turn } from '../turn.js';

/** PROTOCOL §Consensus rule 8: what may have been lost is said, and asked for, again. */
export function onHeal(turn: Turn): void {
  const { state, effects } = turn;
  state.answered.clear();
  if (state.self !== undefined) {
    const { height, round } = state.current;
    effects.push({ type: 'sendStatus', status: { type: 'status', height, round } });
    const messages = resendable(state);
    if (messages.length > 0) effects.push({ type: 'resend', messages });
  }
  askForBodies(turn);
  askForBlocks(turn);
  if (isSigning(state)) leadIfDue(turn);
  state.healedHeight = state.current.height;
}

function askForBodies(turn: Turn): void {
  const { height, missingBodies } = turn.state.current;
  for (const body of missingBodies.values()) turn.effects.push({ type: 'fetchBody', height, ...body });
  handOverDecision(turn);
}

/**
 * Asks for sync where a whole interval went by while others spoke of later heights, or while a later one is final; also
 * where this height is decided: its body may be lost to the host, and who commits a height twice commits it once.
 */
function askForBlocks({ state, effects }: Turn): void {
  const { height, decision } = state.current;
  const claims = [...state.ahead].filter(([, claimed]) => claimed > height);
  state.ahead.clear();
  if (state.finalHeight > height || (state.finalHeight === height && decision === undefined)) {
    effects.push({ type: 'requestSync', height: state.finalHeight, from: claims.map(([validator]) => validator) });
    return;
  }
  if (claims.length === 0 || state.healedHeight !== height) return;
  const claimed = Math.max(...claims.map(([, claim]) => claim));
  effects.push({ type: 'requestSync', height: claimed - 1, from: claims.map(([validator]) => validator) });
}
