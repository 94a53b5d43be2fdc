import { callOf } from '../../contracts/api/method.js';
import { governance } from '../../contracts/index.js';
import { equalBytes, fromHex, toHex } from '../../primitives/bytes.js';
import { CliError, usageError } from '../errors.js';
import { requireYes } from '../governance/consent.js';
import { readProposal } from '../governance/proposalBook.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatFields } from '../table.js';
import { type Activation, findActivation, isActivationOf } from './activations.js';
import { type ContractChange, changeData, changeFields, contractChange } from './change.js';
import { candidateNotFound, readArtefact } from './registry.js';

/** What rebuilding found. */
interface Verification {
  /** Findings of this installation's check, as people read them. */
  readonly findings: readonly string[];
  /** Tools of other versions, which gave the same bytes. */
  readonly differences: readonly string[];
}

/** Shows exactly what would be put in force, rebuilds it where that is wanted, and approves the proposal by its hash. */
export async function approveContract(invocation: Invocation): Promise<CommandResult> {
  const { options, output } = invocation;
  const session = await openSession(invocation);
  const activation = await findActivation(session, argument(invocation, 0, 'proposal'));
  const { proposal, name, bundle, migrationFuel } = activation;
  const wanted = options.text('hash');
  if (wanted !== undefined && !equalBytes(fromHex(wanted), proposal.hash)) {
    throw usageError('--hash', wanted, toHex(proposal.hash), 'this is not the proposal that the other channel told of');
  }
  const change = await contractChange(session, activation);
  if (change === undefined) throw candidateNotFound(name, toHex(bundle));
  if (!isActivationOf(activation, change)) throw candidateChanged(activation, change);
  if (options.flag('verify')) output.note('fetching the sources and building them again');
  const verification = options.flag('verify') ? await verify(session, change) : undefined;
  const account = await session.accounts.own(session.settings.account);
  const { id, hash } = proposal;
  const summary = formatFields([
    ['proposal', `${id}, ${proposal.status}, of ${proposal.proposer}`],
    ...changeFields(change, migrationFuel),
    ['in force from', `height ${proposal.activateAt}`],
    ...verificationFields(verification),
    ['hash', toHex(hash)],
  ]);
  await requireYes(invocation, summary, 'Approve this?');
  const calls = [callOf(governance.methods.approve, { id, hash })];
  return transact(session, invocation, { account, calls }, async (final) => {
    const { status } = await readProposal(session, id);
    const data = { id, status, hash: toHex(hash), migrationFuel, contract: changeData(change) };
    const verified = verification === undefined ? { verified: false } : { verified: true, ...verification };
    const sentence = `approved ${name} version ${change.version} (proposal ${id}), which is ${status}`;
    return finalResult(final, sentence, { ...data, ...verified });
  });
}

/** The proposal names other sources, or another engine, than anybody has registered its bundle with. */
function candidateChanged(proposed: Activation, registered: ContractChange): CliError {
  const words = ({ source, engine }: Activation | ContractChange) =>
    `sources ${toHex(source)}, engine ${toHex(engine)}`;
  const [expected, actual] = [words(proposed), words(registered)];
  return new CliError('CANDIDATE_CHANGED', `expected the bundle with ${expected}, found it with ${actual}`, {
    expected,
    actual,
    hint: 'do not approve it: what was proposed is registered no more, or never was',
  });
}

/**
 * Builds the sources that the chain keeps and compares the bundle with the one that would run.
 *
 * @throws KitError `SOURCE_MISMATCH`, `SOURCE_INVALID`; CliError `NOT_FOUND`, `ARTEFACT_INVALID`
 */
async function verify(session: Session, { bundle, source }: ContractChange): Promise<Verification> {
  const program = await readArtefact(session, 'bundle', bundle);
  const archive = await readArtefact(session, 'source', source);
  const { verifyBundle } = await import('../../kit/verify.js');
  const { findings, differences } = await verifyBundle({ bundle: program.bytes, archive: archive.bytes });
  return {
    findings: findings.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
    differences,
  };
}

function verificationFields(verification: Verification | undefined): readonly (readonly [string, string])[] {
  if (verification === undefined) {
    return [['verified', 'no: nobody here has rebuilt the sources (--verify does)']];
  }
  const { findings, differences } = verification;
  return [
    [
      'verified',
      `yes: the sources give this bundle, byte for byte${differences.length === 0 ? '' : `; ${differences.join('; ')}`}`,
    ],
    ...findings.map((finding, index) => [index === 0 ? 'findings' : '', finding] as const),
  ];
}
