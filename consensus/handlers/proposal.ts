import { equalBytes } from '../../primitives/bytes.js';
import { certificateSigners } from '../../primitives/certificate.js';
import type { Certificate } from '../../primitives/types.js';
import { consider } from '../accept.js';
import { extendsHead, isTimely, type Justification, justify } from '../justification.js';
import type { RefusalCode } from '../refusalCode.js';
import { advance, startTimerIfDue } from '../rounds.js';
import { isLeader, isSigning, validatorsOf } from '../state.js';
import { refuse, type Turn } from '../turn.js';
import type { Proposal, Signed } from '../types.js';
import { noteRoundChange } from './roundChange.js';

/** PROTOCOL §Consensus rule 2, up to the execution of the block. */
export function onProposal(turn: Turn, message: Signed<Proposal>): void {
  const { state } = turn;
  if (!isSigning(state) || message.round < state.current.round || isKnown(turn, message)) return;
  if (!isLeader(state, message.sender, message.round)) {
    refuse(turn, 'NOT_LEADER', message.sender);
    return;
  }
  if (isSecond(turn, message)) return;
  if (!extendsHead(message, state.config.chainId, state.head)) {
    refuse(turn, 'HEADER_MISMATCH', message.sender);
    return;
  }
  const justification = justify(message, validatorsOf(state).length);
  if (justification === undefined) {
    refuse(turn, 'NOT_JUSTIFIED', message.sender);
    return;
  }
  receiveRoundChanges(turn, message);
  if (message.round !== state.current.round) return;
  const fault = freshnessFault(turn, message, justification);
  if (fault !== undefined) {
    refuse(turn, fault, message.sender);
    return;
  }
  makeCandidate(turn, message);
}

/** True for the block that this round is busy with already. */
function isKnown({ state }: Turn, { round, blockHash }: Proposal): boolean {
  const { current } = state;
  const hash = current.acceptedHash ?? current.candidate?.blockHash;
  return round === current.round && hash !== undefined && equalBytes(hash, blockHash);
}

/** One candidate for each round: another one from the same leader is evidence, and nothing else. */
function isSecond(turn: Turn, message: Signed<Proposal>): boolean {
  const { current } = turn.state;
  if (message.round !== current.round) return false;
  const first = current.seenProposal;
  if (first !== undefined && !equalBytes(first.blockHash, message.blockHash)) {
    refuse(turn, 'CONFLICTING', message.sender);
    return true;
  }
  return current.acceptedHash !== undefined;
}

/**
 * Round changes inside a justified proposal count as received, before the block is executed: they are a quorum, so that
 * whoever is in a lower round goes to the proposal's (rule 6) and its timer starts at once (rule 5). A leader that shows
 * its proposal to one validator alone, or withholds the body, stops nobody.
 */
function receiveRoundChanges(turn: Turn, { roundChanges }: Proposal): void {
  for (const roundChange of roundChanges) noteRoundChange(turn, roundChange);
  if (roundChanges.length > 0) advance(turn);
}

/** The clock and the proposer of a block that was prepared before are not checked again: that would halt the chain. */
function freshnessFault(turn: Turn, message: Proposal, justification: Justification): RefusalCode | undefined {
  if (justification === 'prepared') return undefined;
  const { config, head } = turn.state;
  const leader = validatorsOf(turn.state).find((_, index) => isLeader(turn.state, index, message.round));
  if (message.header.proposer !== leader?.address) return 'PROPOSER_MISMATCH';
  return isTimely(message.header, head.header, config, turn.nowMs) ? undefined : 'TIMESTAMP_OUT_OF_RANGE';
}

function makeCandidate(turn: Turn, message: Signed<Proposal>): void {
  const { current } = turn.state;
  const { round, blockHash, header, sender, preparedCertificate } = message;
  current.seenProposal = message;
  current.isActive = true;
  startTimerIfDue(turn);
  const isPrepared = preparedCertificate !== undefined;
  consider(turn, { round, blockHash, header, isPrepared, from: holders(turn, sender, preparedCertificate) });
}

/** The proposer, then those who prepared the block before; never this node. */
function holders({ state }: Turn, sender: number, certificate: Certificate | undefined): number[] {
  const signers = certificate === undefined ? [] : certificateSigners(certificate);
  return [sender, ...signers.filter((signer) => signer !== sender)].filter((index) => index !== state.self);
}
