import { deployment } from '../../contracts/index.js';
import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { CliError } from '../errors.js';
import { type Proposal, readProposal, readProposals } from '../governance/proposalBook.js';
import { parseProposalId } from '../governance/terms.js';
import type { Session } from '../session.js';

/** A proposal to put a candidate in force. */
export interface Activation {
  readonly proposal: Proposal;
  readonly name: string;
  readonly bundle: Hash;
  readonly source: Hash;
  readonly engine: Hash;
  readonly migrationFuel: number;
}

/** What a proposal would put in force: the first of its calls that does. */
export function activationOf(proposal: Proposal): Activation | undefined {
  for (const { contract, method, args } of proposal.calls) {
    if (contract !== 'contracts' || method !== 'activate') continue;
    try {
      return { proposal, ...deployment.methods.activate.args.decode(args) };
    } catch (error) {
      if (!isCodedError(error)) throw error;
    }
  }
  return undefined;
}

/** Open and accepted proposals that put something of this contract in force. */
export async function liveActivations(session: Session, name: string): Promise<readonly Activation[]> {
  const proposals = await readProposals(session, false);
  return proposals.flatMap((proposal) => activationOf(proposal) ?? []).filter((found) => found.name === name);
}

/** What of a candidate a proposal approves. */
export type ApprovedCandidate = Pick<Activation, 'name' | 'bundle' | 'source' | 'engine'>;

/** True when the proposal would put exactly this candidate in force. */
export function isActivationOf(activation: ApprovedCandidate, candidate: ApprovedCandidate): boolean {
  const hasName = activation.name === candidate.name;
  return (
    hasName && (['bundle', 'source', 'engine'] as const).every((hash) => equalBytes(activation[hash], candidate[hash]))
  );
}

/** The live proposal of exactly this bundle, with its sources and engine. */
export async function liveActivation(session: Session, candidate: ApprovedCandidate): Promise<Activation | undefined> {
  return (await liveActivations(session, candidate.name)).find((found) => isActivationOf(found, candidate));
}

/**
 * The activation that is meant: by the number of its proposal, or by its contract where one is open.
 *
 * @throws CliError `NOT_FOUND`, `USAGE_INVALID`
 */
export async function findActivation(session: Session, named: string): Promise<Activation> {
  if (/^\d+$/.test(named)) {
    const found = activationOf(await readProposal(session, parseProposalId(named)));
    if (found !== undefined) return found;
    throw notFound(`proposal ${named} to put a contract in force`, 'something else', `vostro governance show ${named}`);
  }
  const found = (await liveActivations(session, named)).filter(({ proposal }) => proposal.status === 'open');
  const [only, ...others] = found;
  if (only === undefined) throw notFound(`an open proposal for ${named}`, 'none', `vostro contract status ${named}`);
  if (others.length === 0) return only;
  const numbers = found.map(({ proposal }) => proposal.id).join(', ');
  throw new CliError('USAGE_INVALID', `${named}: expected one open proposal, found ${numbers}: name it by its number`, {
    expected: 'the number of a proposal',
    actual: numbers,
  });
}

function notFound(expected: string, actual: string, command: string): CliError {
  return new CliError('NOT_FOUND', `expected ${expected}, found ${actual}`, { expected, actual, hint: command });
}
