import { payloadHash } from '../../contracts/governance/proposals.js';
import type { ProposalRecord } from '../../contracts/governance/records.js';
import { governance } from '../../contracts/index.js';
import { equalBytes, toHex } from '../../primitives/bytes.js';
import { CliError } from '../errors.js';
import type { Session } from '../session.js';

/** A proposal by its number. */
export type Proposal = ProposalRecord & { readonly id: number };

const PAGE = 10;
const MAX_PAGES = 100;

/**
 * One proposal, as a node tells it, and hashed here: who approves the hash approves exactly what is shown.
 *
 * @throws CliError `NOT_FOUND`, `PROPOSAL_INVALID`
 */
export async function readProposal({ client }: Session, id: number): Promise<Proposal> {
  const found = await client.read(governance.methods.proposal, { id });
  if (found === undefined) {
    throw new CliError('NOT_FOUND', `expected a proposal ${id}, found none`, {
      expected: 'the number of a proposal',
      actual: `${id}`,
      hint: 'vostro governance list shows all of them',
    });
  }
  return requireHashed({ id, ...found });
}

/** All proposals, or those that are open or accepted, in the order of their numbers. @throws CliError `PROPOSAL_INVALID` */
export async function readProposals({ client }: Session, isAll: boolean): Promise<readonly Proposal[]> {
  const found: Proposal[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const last = found.at(-1);
    const next = isAll
      ? await client.read(governance.methods.proposals, { limit: PAGE, after: last?.id })
      : await client.read(governance.methods.live, {
          limit: PAGE,
          after: last === undefined ? undefined : { activateAt: last.activateAt, id: last.id },
        });
    found.push(...next);
    if (next.length < PAGE) break;
  }
  return found.map(requireHashed).toSorted((a, b) => a.id - b.id);
}

function requireHashed(proposal: Proposal): Proposal {
  const { calls, activateAt, expiresAt, description, document } = proposal;
  const hash = payloadHash({ calls, activateAt, expiresAt, description, document });
  if (equalBytes(hash, proposal.hash)) return proposal;
  const [expected, actual] = [toHex(proposal.hash), toHex(hash)];
  throw new CliError('PROPOSAL_INVALID', `proposal ${proposal.id}: expected the hash ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'the node tells something else than the chain holds: ask another one',
  });
}
