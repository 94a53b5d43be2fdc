import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { utf8Decode } from '../../primitives/text.js';
import type { ContractAbi } from '../api/abi.js';
import { compatibility, type StateChange } from '../api/compatibility.js';
import { type DeploymentContext, MAX_NAMED_CHANGES } from './declaration.js';
import { isFreeName } from './names.js';
import { MAX_CANDIDATES } from './records.js';
import { inspectMethod } from './sandboxContract.js';
import { memberOf, releaseArtefact, takeArtefact } from './uploads.js';

export interface Registration {
  readonly name: string;
  readonly version: number;
  readonly bundle: Hash;
  readonly source: Hash;
  readonly engine: Hash;
}

/**
 * PROTOCOL §Deployment T4. Makes a candidate of a bundle and its source: every node loads the bundle here, under the
 * transaction's fuel, and judges what it is.
 */
export function register(ctx: DeploymentContext, registration: Registration): void {
  const { name, version, bundle, source, engine } = registration;
  const member = memberOf(ctx);
  requireEngine(ctx, engine);
  ctx.require(isFreeName(name), 'NAME_INVALID', { name });
  const expected = nextVersion(ctx, name);
  ctx.require(version === expected, 'VERSION_INVALID', { expected, actual: version });
  const isKnown = ctx.state.candidates.has(name, version, bundle, member);
  ctx.require(!isKnown, 'CANDIDATE_EXISTS', { name, version, bundle });
  const waiting = ctx.state.waiting.get(member);
  ctx.require(waiting < MAX_CANDIDATES, 'CANDIDATES_TOO_MANY', { limit: MAX_CANDIDATES });
  const program = takeArtefact(ctx, 'bundle', member, bundle);
  takeArtefact(ctx, 'source', member, source);
  const { abi, loadFuel } = inspect(ctx, registration, program);
  const declared = { name: abi.name, version: abi.version };
  ctx.require(declared.name === name && declared.version === version, 'ABI_MISMATCH', declared);
  requireCompatible(ctx, name, abi);
  ctx.state.candidates.set(name, version, bundle, member, { source, engine, registeredAt: ctx.height, loadFuel });
  ctx.state.waiting.set(member, waiting + 1);
  ctx.emit('Registered', { ...registration, member });
}

/** Has the sandbox load the program, and keeps its ABI for whoever reads it: it is one for all who register the bundle. */
function inspect(
  ctx: DeploymentContext,
  { engine, bundle }: Registration,
  program: Uint8Array,
): { readonly abi: ContractAbi; readonly loadFuel: number } {
  const found = ctx.call(inspectMethod, { engine, bundle: program });
  if (found.abi === undefined) return ctx.fail('BUNDLE_REFUSED', { reason: found.refusal ?? 'abi' });
  const known = ctx.state.abis.find(bundle);
  if (known === undefined) ctx.state.abis.set(bundle, found.abi);
  else ctx.require(equalBytes(known, found.abi), 'BUNDLE_REFUSED', { reason: 'abi' });
  return { abi: parseStored(found.abi), loadFuel: found.fuelUsed };
}

/** It was checked before it was stored. */
function parseStored(text: Uint8Array): ContractAbi {
  return JSON.parse(utf8Decode(text)) as ContractAbi;
}

/** The ABI of a bundle that was registered. */
export function abiOf(ctx: DeploymentContext, bundle: Hash): ContractAbi {
  return parseStored(ctx.state.abis.get(bundle));
}

/** The version that may be registered, and activated, next: a contract that is retired goes on from where it was. */
export function nextVersion(ctx: DeploymentContext, name: string): number {
  return (ctx.state.contracts.find(name)?.version ?? 0) + 1;
}

export function requireEngine(ctx: DeploymentContext, engine: Hash): void {
  const isAllowed = ctx.state.engines.get().some(({ hash }) => equalBytes(hash, engine));
  ctx.require(isAllowed, 'ENGINE_UNKNOWN', { engine });
}

/** PROTOCOL §Deployment T5. What the version before it has written, it reads in the same way, or takes over by a migration. */
function requireCompatible(ctx: DeploymentContext, name: string, after: ContractAbi): void {
  const current = ctx.state.contracts.find(name);
  if (current === undefined) return;
  const from = current.version;
  const changes = openChanges(abiOf(ctx, current.bundle), after).slice(0, MAX_NAMED_CHANGES);
  ctx.require(changes.length === 0, 'INCOMPATIBLE', { from, changes });
}

/** Changes that no migration looks at, and maps that a migration would read in another way than they were written. */
function openChanges(before: ContractAbi, after: ContractAbi): readonly StateChange[] {
  const migration = Object.hasOwn(after.migrations, `${before.version}`)
    ? after.migrations[`${before.version}`]
    : undefined;
  const reads = migration?.reads ?? {};
  const isRead = ({ map }: StateChange) => Object.hasOwn(reads, map);
  const unread = compatibility(before, after).filter((change) => !isRead(change));
  const misread = compatibility(before, { ...after, state: reads }).filter(isRead);
  return [...unread, ...misread];
}

/** A candidate: what stands in its key. */
export interface CandidateKey {
  readonly name: string;
  readonly version: number;
  readonly bundle: Hash;
  readonly member: string;
}

/** Takes a candidate away: its member's, or anybody's for a version that can be activated no more. */
export function withdraw(ctx: DeploymentContext, key: CandidateKey): void {
  const { name, version, bundle, member } = key;
  const candidate = ctx.state.candidates.find(name, version, bundle, member);
  const { source } = candidate ?? ctx.fail('CANDIDATE_UNKNOWN', { name, version, bundle });
  const isOver = version !== nextVersion(ctx, name);
  ctx.require(isOver || memberOf(ctx) === member, 'NOT_ENTITLED', { member });
  endCandidate(ctx, key);
  releaseArtefact(ctx, bundle);
  releaseArtefact(ctx, source);
  ctx.emit('Withdrawn', key);
}

/** It waits no more: its member may register another one. */
export function endCandidate(ctx: DeploymentContext, { name, version, bundle, member }: CandidateKey): void {
  ctx.state.candidates.delete(name, version, bundle, member);
  const waiting = ctx.state.waiting.get(member) - 1;
  if (waiting === 0) ctx.state.waiting.delete(member);
  else ctx.state.waiting.set(member, waiting);
}
