import { basename, dirname, resolve } from 'node:path';
import { callOf } from '../../contracts/api/method.js';
import { MAX_MIGRATION_FUEL } from '../../contracts/deployment/records.js';
import { payloadHash } from '../../contracts/governance/proposals.js';
import { MAX_DESCRIPTION } from '../../contracts/governance/records.js';
import { deployment, governance } from '../../contracts/index.js';
import { equalBytes, fromHex, type Hash, toHex } from '../../primitives/bytes.js';
import { usageError } from '../errors.js';
import { parseDuration, parseHeight } from '../governance/terms.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, send, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { isSimulated } from '../simulation.js';
import { formatFields } from '../table.js';
import type { WalletAccount } from '../wallet.js';
import { type Activation, liveActivation } from './activations.js';
import { type ContractChange, changeData, changeFields, contractChange, formatFuel } from './change.js';
import {
  type Artefact,
  type Candidate,
  candidateNotFound,
  newestEngine,
  readCandidates,
  readStatus,
} from './registry.js';
import { type UploadStep, upload, uploadSteps } from './uploadArtefacts.js';

/** For a migration whose fuel nobody has named: a quarter of what all migrations of one height may use. */
const DEFAULT_MIGRATION_FUEL = MAX_MIGRATION_FUEL / 4;
export const DEFAULT_OPEN_FOR = '7d';

/** A built contract on its way onto the chain. */
interface Delivery {
  readonly name: string;
  readonly version: number;
  readonly bundle: Artefact;
  readonly source: Artefact;
}

/** What this run spent, step by step. */
interface Spent {
  readonly uploadFuel: number;
  readonly registerFuel: number;
}

/**
 * Builds a project and brings it before the members: uploads what the chain lacks, registers the bundle as a candidate, and
 * proposes to put it in force. Each step that an earlier run has done is passed over.
 */
export async function proposeContract(invocation: Invocation): Promise<CommandResult> {
  const { options, output } = invocation;
  const delivery = await build(argument(invocation, 0, 'project'));
  const { name, version, bundle, source } = delivery;
  const wantedFuel = options.integer('migrationFuel', 0, MAX_MIGRATION_FUEL);
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const { member } = await session.client.call('account', { account: account.account });
  await requireNextVersion(session, delivery);
  const registered = await ownCandidate(session, delivery, member);
  const isRegistered = registered !== undefined;
  const steps = isRegistered ? [] : await uploadSteps(session, member, [bundle, source]);
  if (isSimulated(invocation)) return plan(delivery, steps, isRegistered);
  const uploadFuel = await upload(session, invocation, account, steps);
  const { engine } = registered ?? { engine: await newestEngine(session) };
  const registerFuel = isRegistered ? 0 : await register(session, invocation, account, delivery, engine);
  const change = await contractChange(session, { name, bundle: bundle.hash, source: source.hash, engine });
  if (change === undefined) throw candidateNotFound(name, toHex(bundle.hash));
  const live = await liveActivation(session, change);
  const spent = { uploadFuel, registerFuel };
  if (live !== undefined) return proposedAlready(live, change, spent);
  const migrationFuel = wantedFuel ?? (change.migrates ? DEFAULT_MIGRATION_FUEL : 0);
  output.note(`proposing ${name} version ${version}`);
  return propose(session, invocation, account, { change, migrationFuel, spent });
}

/** Built from the sources here and now, so that what is proposed is what they give. */
async function build(path: string): Promise<Delivery> {
  const directory = basename(resolve(path)) === 'build' ? dirname(resolve(path)) : path;
  const { buildContract } = await import('../../kit/build.js');
  const { project, program, archive, bundleHash, sourceHash } = await buildContract(directory);
  const { name, version } = project.json;
  return {
    name,
    version,
    bundle: { kind: 'bundle', hash: fromHex(bundleHash, 32), bytes: program },
    source: { kind: 'source', hash: fromHex(sourceHash, 32), bytes: archive },
  };
}

/** @throws CliError `USAGE_INVALID` */
async function requireNextVersion(session: Session, { name, version }: Delivery): Promise<void> {
  const status = await readStatus(session, name);
  const next = (status?.version ?? 0) + 1;
  if (version === next) return;
  const hint = 'write the next version into contract.json and into defineContract';
  throw usageError(`${name}: version`, `${next}`, `${version}`, hint);
}

/**
 * What the member itself has registered: another's may be taken back at any time. The same bundle with other sources is none:
 * the chain refuses a member's second candidate of a bundle, and says so.
 */
async function ownCandidate(
  session: Session,
  { name, version, bundle, source }: Delivery,
  member: string,
): Promise<Candidate | undefined> {
  const candidates = await readCandidates(session, name);
  return candidates.find(
    (candidate) =>
      candidate.member === member &&
      candidate.version === version &&
      equalBytes(candidate.bundle, bundle.hash) &&
      equalBytes(candidate.source, source.hash),
  );
}

/** @returns the fuel that it took */
async function register(
  session: Session,
  invocation: Invocation,
  account: WalletAccount,
  { name, version, bundle, source }: Delivery,
  engine: Hash,
): Promise<number> {
  invocation.output.note(`registering ${name} version ${version}: every node loads it`);
  const registration = { name, version, bundle: bundle.hash, source: source.hash, engine };
  const calls = [callOf(deployment.methods.register, registration)];
  return (await send(session, invocation, { account, calls })).receipt.fuelUsed;
}

async function propose(
  session: Session,
  { options, host, ...invocation }: Invocation,
  account: WalletAccount,
  { change, migrationFuel, spent }: { change: ContractChange; migrationFuel: number; spent: Spent },
): Promise<CommandResult> {
  const { name, version, bundle, source, engine } = change;
  const { height } = await session.client.call('status', {});
  const words = options.text('description') ?? `put ${name} version ${version} in force`;
  const payload = {
    calls: [callOf(deployment.methods.activate, { name, bundle, source, engine, migrationFuel })],
    activateAt: parseHeight(options.required('activateAt'), height),
    expiresAt: host.nowMs() + parseDuration(options.text('openFor') ?? DEFAULT_OPEN_FOR, '--open-for'),
    description: [...words].slice(0, MAX_DESCRIPTION).join(''),
    document: undefined,
  };
  const { propose: method } = governance.methods;
  const request = { account, calls: [callOf(method, payload)] };
  return transact(session, { options, host, ...invocation }, request, (final) => {
    const [result] = final.receipt.results;
    const id = result === undefined ? undefined : method.returns?.decode(result).id;
    const hash = toHex(payloadHash(payload));
    const fuel = { ...spent, proposeFuel: final.receipt.fuelUsed };
    const data = { id, hash, activateAt: payload.activateAt, migrationFuel, ...fuel, contract: changeData(change) };
    const shown = finalResult(final, `proposed number ${id}: ${payload.description}`, data);
    const fields = formatFields([
      ...changeFields(change, migrationFuel),
      ['in force from', `height ${payload.activateAt}`],
      ...fuelFields(fuel),
    ]);
    const next = `the others look at it and approve it with: vostro contract approve ${id} --verify --hash ${hash}`;
    return { ...shown, text: `${shown.text}\n${fields}\n${next}` };
  });
}

function fuelFields(fuel: Spent & { readonly proposeFuel: number }): readonly (readonly [string, string])[] {
  const { uploadFuel, registerFuel, proposeFuel } = fuel;
  const parts = `upload ${formatFuel(uploadFuel)}, registration ${formatFuel(registerFuel)}, proposal ${formatFuel(proposeFuel)}`;
  return [['spent', parts]];
}

function proposedAlready({ proposal }: Activation, change: ContractChange, spent: Spent): CommandResult {
  const { id, status, activateAt } = proposal;
  const hash = toHex(proposal.hash);
  return {
    data: { id, hash, activateAt, status, ...spent, proposeFuel: 0, contract: changeData(change) },
    text: `${change.name} version ${change.version} is proposed already: number ${id}, ${status}, in force from height ${activateAt}`,
  };
}

/** What a run would do, without doing it. */
function plan(
  { name, version, bundle, source }: Delivery,
  steps: readonly UploadStep[],
  isRegistered: boolean,
): CommandResult {
  const chunks = steps.reduce((count, { indices }) => count + indices.length, 0);
  const register = isRegistered ? 'registered already' : 'would register it';
  const data = {
    ...{ simulated: true, name, version, bundle: toHex(bundle.hash), source: toHex(source.hash) },
    ...{ bundleBytes: bundle.bytes.length, sourceBytes: source.bytes.length },
    ...{ transactions: steps.length, chunks, isRegistered },
  };
  const text = formatFields([
    ['contract', `${name}, version ${version}`],
    ['bundle', `${toHex(bundle.hash)}, ${bundle.bytes.length} bytes`],
    ['source', `${toHex(source.hash)}, ${source.bytes.length} bytes`],
    ['upload', `${chunks} chunks in ${steps.length} transactions are missing on the chain`],
    ['registration', register],
  ]);
  return { data, text: `${text}\nnothing was signed or sent` };
}
