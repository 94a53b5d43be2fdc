import { invariant } from '../../primitives/errors.js';
import { validatorsOf } from '../state.js';
import { reportEvidence, type Turn } from '../turn.js';
import type { SignedMessage } from '../types.js';
import { isSamePayload } from '../votePayload.js';
import { onCommit } from './commit.js';
import { onFutureMessage } from './futureMessage.js';
import { onPastMessage } from './pastMessage.js';
import { onPrepare } from './prepare.js';
import { onProposal } from './proposal.js';
import { onRoundChange } from './roundChange.js';

/** Sends a message to the handler of its height and type. */
export function onMessage(turn: Turn, message: SignedMessage): void {
  const { state } = turn;
  invariant(message.sender < validatorsOf(state).length, 'a sender is one of the set', { actual: `${message.sender}` });
  reportEvidence(turn, state.watch.noteMessage(message, validatorsOf(state), state.current));
  if (message.height < state.current.height) {
    onPastMessage(turn, message);
    return;
  }
  if (message.height > state.current.height) {
    onFutureMessage(turn, message);
    return;
  }
  if (message.sender === state.self) rememberOwn(turn, message);
  if (state.current.decision !== undefined) return;
  switch (message.type) {
    case 'proposal':
      onProposal(turn, message);
      break;
    case 'prepare':
      onPrepare(turn, message);
      break;
    case 'commit':
      onCommit(turn, message);
      break;
    case 'roundChange':
      onRoundChange(turn, message);
      break;
    case 'status':
      return;
  }
}

/** Keeps an own vote as it was signed, to be sent again (rule 8). Where it is not the newest of its type it is late. */
function rememberOwn({ state }: Turn, message: SignedMessage): void {
  if (message.type === 'status') return;
  const { own, sent } = state.current;
  const newest = sent[message.type];
  if (newest !== undefined && isSamePayload(newest, message)) Object.assign(own, { [message.type]: message });
}
