import type { Proposal, RoundChange, Signed } from '../../../consensus/types.js';
import { headerHash } from '../../../primitives/block.js';
import type { Address, Certificate } from '../../../primitives/types.js';
import { childHeader, signAs } from './fixture.js';
import type { SimulatedNode } from './node.js';
import type { TestBody } from './world.js';

/** Messages that a faulty validator makes by hand. */

/** A block on top of a node's head. */
export function forgeBlock(
  on: SimulatedNode,
  fields: { readonly proposer: Address | undefined; readonly content: number; readonly timestamp?: number },
): TestBody {
  const { proposer, content, timestamp } = fields;
  if (proposer === undefined) throw new Error('a block has a proposer');
  const parent = on.head;
  const header = childHeader(parent, { proposer, content, timestamp: timestamp ?? parent.header.timestamp + 1_000 });
  return { header, blockHash: headerHash(header), isValid: true };
}

export function forgeRoundChange(
  sender: number,
  position: { readonly height: number; readonly round: number },
  prepared?: Certificate,
): Signed<RoundChange> {
  return signAs(sender, {
    type: 'roundChange',
    ...position,
    preparedRound: prepared?.round,
    preparedHash: prepared?.blockHash,
    preparedCertificate: prepared,
  });
}

export function forgeProposal(
  sender: number,
  round: number,
  { blockHash, header }: Pick<TestBody, 'blockHash' | 'header'>,
  justification: Partial<Pick<Proposal, 'roundChanges' | 'preparedCertificate'>> = {},
): Signed<Proposal> {
  const roundChanges = (justification.roundChanges ?? []).map((message) => ({
    ...message,
    preparedCertificate: undefined,
  }));
  const { preparedCertificate } = justification;
  const { height } = header;
  return signAs(sender, { type: 'proposal', height, round, blockHash, header, roundChanges, preparedCertificate });
}
