import type { ContractAbi } from '../../contracts/api/abi.js';
import {
  compatibility,
  type InterfaceChange,
  interfaceChanges,
  type StateChange,
} from '../../contracts/api/compatibility.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import type { Session } from '../session.js';
import { type ApprovedCandidate, isActivationOf } from './activations.js';
import { provenAbi, provenCandidate, readCandidates, readStatus } from './registry.js';

/** What activating a candidate changes, for those who decide about it. Candidate and ABIs are proven from the genesis file. */
export interface ContractChange {
  readonly name: string;
  readonly version: number;
  readonly bundle: Hash;
  readonly source: Hash;
  readonly engine: Hash;
  /** BIC of the member that registered it. */
  readonly member: string;
  readonly registeredAt: number;
  readonly loadFuel: number;
  readonly abi: ContractAbi;
  /** Undefined for a contract that never was in force. */
  readonly before: { readonly version: number; readonly isActive: boolean } | undefined;
  /** True when what the version before has written is taken over by a migration. */
  readonly migrates: boolean;
  readonly interface: readonly InterfaceChange[];
  /** Maps whose entries the migration takes over, or nobody does. */
  readonly state: readonly StateChange[];
}

/**
 * What activating would change: by the candidate that the chain would take, or by another one of the bundle where none is
 * what was approved.
 *
 * @returns undefined where no candidate of that contract has the bundle
 */
export async function contractChange(
  session: Session,
  approved: ApprovedCandidate,
): Promise<ContractChange | undefined> {
  const { name, bundle } = approved;
  const candidates = (await readCandidates(session, name)).filter((told) => equalBytes(told.bundle, bundle));
  const told = candidates.find((candidate) => isActivationOf(approved, { name, ...candidate })) ?? candidates[0];
  if (told === undefined) return undefined;
  const candidate = await provenCandidate(session, name, told);
  const abi = await provenAbi(session, name, bundle);
  const status = await readStatus(session, name);
  const old = status === undefined ? undefined : await provenAbi(session, name, status.bundle);
  return {
    ...{ name, abi, ...candidate },
    before: status === undefined ? undefined : { version: status.version, isActive: status.active },
    migrates: status !== undefined && Object.hasOwn(abi.migrations, `${status.version}`),
    interface: old === undefined ? [] : interfaceChanges(old, abi),
    state: old === undefined ? [] : compatibility(old, abi),
  };
}

type Field = readonly [string, string];

/** What a person reads before approving. */
export function changeFields(change: ContractChange, migrationFuel: number | undefined): readonly Field[] {
  const { name, version, before, member, registeredAt, loadFuel } = change;
  const replaces =
    before === undefined
      ? 'nothing: it is new'
      : `version ${before.version}, ${before.isActive ? 'in force' : 'in force no more'}`;
  return [
    ['contract', `${name}, version ${version}`],
    ['replaces', replaces],
    ['bundle', toHex(change.bundle)],
    ['source', toHex(change.source)],
    ['engine', toHex(change.engine)],
    ['registered by', `${member} at height ${registeredAt}, loaded with ${formatFuel(loadFuel)}`],
    ['methods', methodNames(change.abi)],
    ...(before === undefined ? [] : interfaceFields(change)),
    ['state', stateWords(change, migrationFuel)],
  ];
}

function methodNames({ methods }: ContractAbi): string {
  return Object.entries(methods)
    .map(([name, { kind }]) => (kind === 'view' ? `${name} (view)` : name))
    .join(', ');
}

function interfaceFields({ interface: changes }: ContractChange): readonly Field[] {
  if (changes.length === 0) return [['interface', 'unchanged']];
  return changes.map(({ kind, name, change }, index): Field => {
    return [index === 0 ? 'interface' : '', `${kind} ${name}: ${WORDS[change]}`];
  });
}

const WORDS: Readonly<Record<InterfaceChange['change'], string>> = {
  removed: 'removed',
  added: 'new',
  kindChanged: 'a view becomes a transaction, or the other way',
  authChanged: 'other parties may call it',
  argumentsChanged: 'takes other arguments',
  resultChanged: 'gives another result',
  dataChanged: 'carries other data',
};

function stateWords({ before, migrates, state }: ContractChange, migrationFuel: number | undefined): string {
  if (before === undefined) return 'none yet';
  if (!migrates) return `read as version ${before.version} wrote it`;
  const maps = state.map(({ map }) => map).join(', ');
  const fuel = migrationFuel === undefined ? '' : `, with at most ${formatFuel(migrationFuel)}`;
  return `taken over from version ${before.version} by a migration (${maps === '' ? 'no map changes its form' : maps})${fuel}`;
}

export function formatFuel(units: number): string {
  return `${String(units).replace(/\B(?=(?:\d{3})+$)/g, ',')} fuel`;
}

/** The same for programs. */
export function changeData(change: ContractChange): object {
  const { abi, bundle, source, engine, before, ...rest } = change;
  return {
    ...rest,
    bundle: toHex(bundle),
    source: toHex(source),
    engine: toHex(engine),
    replaces: before ?? null,
    methods: Object.keys(abi.methods),
  };
}
