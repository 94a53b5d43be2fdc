import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { MIGRATE_METHOD } from '../api/method.js';
import { migrateArgs } from '../api/migration.js';
import { allEntriesUnder } from '../membership/paging.js';
import type { DeploymentContext } from './declaration.js';
import { type EnginePin, MAX_CONTRACTS, MAX_ENGINES, MAX_MIGRATION_FUEL } from './records.js';
import { abiOf, endCandidate, nextVersion, requireEngine } from './registration.js';

/** What only the members together do: engines, and which version of which contract is in force. */

/** PROTOCOL §Deployment T1. */
export function allowEngine(ctx: DeploymentContext, engine: EnginePin): void {
  const engines = ctx.state.engines.get();
  const isKnown = engines.some(({ hash }) => equalBytes(hash, engine.hash));
  ctx.require(!isKnown, 'ENGINE_EXISTS', { engine: engine.hash });
  ctx.require(engines.length < MAX_ENGINES, 'ENGINES_TOO_MANY', { limit: MAX_ENGINES });
  ctx.state.engines.set([...engines, engine]);
  ctx.emit('EngineAllowed', engine);
}

/** Candidates that were registered with it can be activated no more. */
export function retireEngine(ctx: DeploymentContext, engine: Hash): void {
  requireEngine(ctx, engine);
  const engines = ctx.state.engines.get();
  const isUsed = ctx.state.active.get().some((name) => equalBytes(ctx.state.contracts.get(name).engine, engine));
  ctx.require(!isUsed && engines.length > 1, 'ENGINE_IN_USE', { engine });
  ctx.state.engines.set(engines.filter(({ hash }) => !equalBytes(hash, engine)));
  const { version = 0 } = engines.find(({ hash }) => equalBytes(hash, engine)) ?? {};
  ctx.emit('EngineRetired', { version, hash: engine });
}

/** What the members have approved: a bundle with its sources and its engine, under whatever candidate they stand. */
interface Approved {
  readonly name: string;
  readonly bundle: Hash;
  readonly source: Hash;
  readonly engine: Hash;
  readonly migrationFuel: number;
}

/**
 * PROTOCOL §Deployment T6. Puts a candidate in force from the next height on: governance calls it at the end of a block. What
 * the version before it has left is taken over once, here; when that fails, so does the proposal, and nothing changes.
 */
export function activate(ctx: DeploymentContext, approved: Approved): void {
  const { name, bundle, source, engine, migrationFuel } = approved;
  const version = nextVersion(ctx, name);
  const member = registrantOf(ctx, version, approved);
  requireEngine(ctx, engine);
  const before = ctx.state.contracts.find(name);
  if (before?.active !== true) addActive(ctx, name);
  const fromHeight = ctx.height + 1;
  endCandidate(ctx, { name, version, bundle, member });
  endVersion(ctx, name, before);
  ctx.state.versions.set(name, version, { bundle, source, engine, member, fromHeight, untilHeight: undefined });
  ctx.state.contracts.set(name, { active: true, version, bundle, engine });
  const migratedFrom = before === undefined ? undefined : migrate(ctx, name, bundle, before.version, migrationFuel);
  ctx.emit('Activated', { name, version, bundle, fromHeight, migratedFrom });
}

/** The first member, by its BIC, that has registered exactly what is approved: all of these are the same. */
function registrantOf(ctx: DeploymentContext, version: number, approved: Approved): string {
  const { name, bundle, source, engine } = approved;
  const registered = allEntriesUnder(ctx.state.candidates, [name, version, bundle]);
  const found = registered.find(({ value }) => equalBytes(value.source, source) && equalBytes(value.engine, engine));
  if (found !== undefined) return found.key[3];
  const code = registered.length === 0 ? 'CANDIDATE_UNKNOWN' : 'CANDIDATE_CHANGED';
  return ctx.fail(code, { name, version, bundle });
}

/** @returns the version from which the state was taken over, undefined where the new one reads it as it stands */
function migrate(
  ctx: DeploymentContext,
  name: string,
  bundle: Hash,
  from: number,
  fuelLimit: number,
): number | undefined {
  if (!Object.hasOwn(abiOf(ctx, bundle).migrations, `${from}`)) return undefined;
  const given = ctx.state.migrationFuel.find();
  const units = (given?.height === ctx.height ? given.units : 0) + fuelLimit;
  const limit = MAX_MIGRATION_FUEL;
  ctx.require(units <= limit, 'MIGRATION_FUEL_EXCEEDED', { limit, actual: units });
  ctx.state.migrationFuel.set({ height: ctx.height, units });
  const method = {
    contract: name,
    method: MIGRATE_METHOD,
    kind: 'tx',
    args: migrateArgs,
    returns: undefined,
  } as const;
  ctx.call(method, { from }, fuelLimit);
  return from;
}

/** Takes a contract out of force from the next height on. Its state stays for a later version. */
export function retire(ctx: DeploymentContext, name: string): void {
  const record = ctx.state.contracts.find(name) ?? ctx.fail('CONTRACT_INACTIVE', { name });
  ctx.require(record.active, 'CONTRACT_INACTIVE', { name });
  ctx.state.active.set(ctx.state.active.get().filter((active) => active !== name));
  endVersion(ctx, name, record);
  ctx.state.contracts.set(name, { ...record, active: false });
  ctx.emit('Retired', { name, version: record.version });
}

function endVersion(
  ctx: DeploymentContext,
  name: string,
  record: { readonly active: boolean; readonly version: number } | undefined,
): void {
  if (record?.active !== true) return;
  const ended = ctx.state.versions.get(name, record.version);
  ctx.state.versions.set(name, record.version, { ...ended, untilHeight: ctx.height + 1 });
}

function addActive(ctx: DeploymentContext, name: string): void {
  const active = ctx.state.active.get();
  ctx.require(active.length < MAX_CONTRACTS, 'CONTRACTS_TOO_MANY', { limit: MAX_CONTRACTS });
  ctx.state.active.set([...active, name]);
}
