import { headerHash } from '../primitives/block.js';
import { equalBytes } from '../primitives/bytes.js';
import type { BlockHeader, Certificate } from '../primitives/types.js';
import { quorum } from '../primitives/validator.js';
import type { ConsensusConfig, ConsensusHead, PreparedClaim, Proposal, RoundChange, Signed } from './types.js';

/** PROTOCOL §Consensus rule 2: which proposals are justified, without regard to the state of a round. */

/** `fresh`: no block had to be proposed again. `prepared`: exactly this one had to be. */
export type Justification = 'fresh' | 'prepared';

/** True when the message holds together: a round to change to, and a claim of an earlier round, whole or absent. */
export function isConsistent({ round, preparedRound, preparedHash }: Signed<RoundChange>): boolean {
  if (round < 1 || (preparedRound === undefined) !== (preparedHash === undefined)) return false;
  return preparedRound === undefined || preparedRound < round;
}

/** True when the certificate is what the claim says; its signatures are checked already. */
export function provesClaim(certificate: Certificate | undefined, height: number, claim: PreparedClaim): boolean {
  if (claim.preparedHash === undefined) return certificate === undefined;
  return (
    certificate !== undefined &&
    certificate.type === 'prepare' &&
    certificate.height === height &&
    certificate.round === claim.preparedRound &&
    equalBytes(certificate.blockHash, claim.preparedHash)
  );
}

/** The claim of the highest prepared round; undefined when none claims one. */
export function highestClaim<Claim extends PreparedClaim>(claims: readonly Claim[]): Claim | undefined {
  let highest: Claim | undefined;
  for (const claim of claims) {
    if (claim.preparedRound !== undefined && claim.preparedRound > (highest?.preparedRound ?? -1)) highest = claim;
  }
  return highest;
}

/** How a proposal is justified; undefined when it is not. */
export function justify(proposal: Proposal, validatorCount: number): Justification | undefined {
  const { round, roundChanges, preparedCertificate } = proposal;
  if (round === 0) return roundChanges.length === 0 && preparedCertificate === undefined ? 'fresh' : undefined;
  if (!isQuorumFor(proposal, validatorCount)) return undefined;
  const highest = highestClaim(roundChanges);
  if (highest === undefined) return preparedCertificate === undefined ? 'fresh' : undefined;
  const isAgreed = roundChanges.every(
    (claim) =>
      claim.preparedRound !== highest.preparedRound || provesClaim(preparedCertificate, proposal.height, claim),
  );
  const isSameBlock =
    preparedCertificate !== undefined && equalBytes(preparedCertificate.blockHash, proposal.blockHash);
  return isAgreed && isSameBlock ? 'prepared' : undefined;
}

/** q distinct RoundChanges for exactly the proposal's height and round, by ascending sender. */
function isQuorumFor({ height, round, roundChanges }: Proposal, validatorCount: number): boolean {
  if (roundChanges.length < quorum(validatorCount) || roundChanges.length > validatorCount) return false;
  return roundChanges.every((message, position) => {
    const previous = roundChanges[position - 1]?.sender ?? -1;
    return message.height === height && message.round === round && message.sender > previous && isConsistent(message);
  });
}

/** True when the proposal's header is that of its block hash and extends the head. */
export function extendsHead({ height, blockHash, header }: Proposal, chainId: string, head: ConsensusHead): boolean {
  return (
    header.chainId === chainId &&
    header.height === height &&
    equalBytes(header.parentHash, head.blockHash) &&
    equalBytes(header.validatorsHash, head.header.nextValidatorsHash) &&
    equalBytes(headerHash(header), blockHash)
  );
}

/** A fresh block's timestamp: after its parent's, and not ahead of this node's clock by more than the drift. */
export function isTimely(
  header: BlockHeader,
  parent: BlockHeader,
  { maxClockDriftMs }: Pick<ConsensusConfig, 'maxClockDriftMs'>,
  nowMs: number,
): boolean {
  return header.timestamp > parent.timestamp && header.timestamp <= nowMs + maxClockDriftMs;
}
