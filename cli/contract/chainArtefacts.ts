import type { MethodRef } from '../../contracts/api/index.js';
import type { Json } from '../../contracts/api/schema.js';
import { type ArtefactKind, artefactHash } from '../../contracts/deployment/artefacts.js';
import { deployment } from '../../contracts/index.js';
import { concatBytes, equalBytes, fromHex, toHex } from '../../primitives/bytes.js';
import { CliError } from '../errors.js';

/** What of a client is needed to look at deployed contracts. */
export interface ArtefactSource {
  /** A proven entry of the state. */
  query(
    contract: string,
    map: string,
    key: readonly Json[],
  ): Promise<{ readonly isAbsent: boolean; readonly value: Json }>;
  read<A, T>(method: MethodRef<A, T, 'view'>, args: A): Promise<T>;
}

/** A version of a contract, as the chain has it. */
export interface ChainContract {
  readonly name: string;
  readonly version: number;
  readonly status: 'in force' | 'earlier version' | 'candidate';
  readonly bundleHash: Uint8Array;
  readonly sourceHash: Uint8Array;
  /** True when the quorum's certificates prove the hashes, false for the word of a node. */
  readonly proven: boolean;
}

const CONTRACTS = 'contracts';
const PAGE = 100;

/**
 * Finds what `escrow` (the version in force, otherwise the newest candidate), `escrow@2` or `escrow@0x…` (a bundle's hash)
 * names.
 *
 * @throws CliError `NOT_FOUND`
 */
export async function findContract(source: ArtefactSource, named: string): Promise<ChainContract> {
  const at = named.indexOf('@');
  const [name, selector] = at < 0 ? [named, undefined] : [named.slice(0, at), named.slice(at + 1)];
  const found = selector === undefined ? await newest(source, name) : await selected(source, name, selector);
  if (found !== undefined) return found;
  throw new CliError('NOT_FOUND', `expected a contract on chain or a candidate, found no ${named}`, {
    expected: 'name, name@version or name@bundle-hash',
    actual: named,
    hint: 'vostro view contracts list --arg limit=100 and vostro view contracts candidates show what there is',
  });
}

async function newest(source: ArtefactSource, name: string): Promise<ChainContract | undefined> {
  const { value } = await source.query(CONTRACTS, 'contracts', [name]);
  const version = numberOf(value, 'version');
  if (version !== undefined) return versionOf(source, name, version);
  const candidates = await candidatesOf(source, name);
  return candidates.at(-1);
}

async function selected(source: ArtefactSource, name: string, selector: string): Promise<ChainContract | undefined> {
  if (/^\d{1,9}$/.test(selector)) {
    const version = Number(selector);
    const found = await versionOf(source, name, version);
    if (found !== undefined) return found;
    const waiting = (await candidatesOf(source, name)).filter((one) => one.version === version);
    if (waiting.length <= 1) return waiting[0];
    const hashes = waiting.map((one) => `${name}@${toHex(one.bundleHash)}`).join(', ');
    throw new CliError('NOT_FOUND', `expected one candidate of ${name} version ${version}, found several: ${hashes}`);
  }
  const isBundle = (one: ChainContract): boolean => toHex(one.bundleHash) === selector.toLowerCase();
  const waiting = (await candidatesOf(source, name)).find(isBundle);
  if (waiting !== undefined) return waiting;
  const versions = await source.read(deployment.methods.versions, { name, limit: PAGE });
  const found = versions.find(({ bundle }) => toHex(bundle) === selector.toLowerCase());
  return found === undefined ? undefined : versionOf(source, name, found.version);
}

async function versionOf(source: ArtefactSource, name: string, version: number): Promise<ChainContract | undefined> {
  const { isAbsent, value } = await source.query(CONTRACTS, 'versions', [name, version]);
  if (isAbsent) return undefined;
  const [bundleHash, sourceHash] = [hashOf(value, 'bundle'), hashOf(value, 'source')];
  if (bundleHash === undefined || sourceHash === undefined) return undefined;
  const status = numberOf(value, 'untilHeight') === undefined ? 'in force' : 'earlier version';
  return { name, version, status, bundleHash, sourceHash, proven: true };
}

async function candidatesOf(source: ArtefactSource, name: string): Promise<readonly ChainContract[]> {
  const rows = await source.read(deployment.methods.candidates, { name, limit: PAGE });
  return rows.map(({ version, bundle, source: sourceHash }) => {
    return { name, version, status: 'candidate', bundleHash: bundle, sourceHash, proven: false };
  });
}

/**
 * The bytes of a bundle or a source archive. Whoever gives them, they are those of the hash.
 *
 * @throws CliError `NOT_FOUND`, `PROOF_REFUSED` where a node gives other bytes
 */
export async function fetchArtefact(source: ArtefactSource, kind: ArtefactKind, hash: Uint8Array): Promise<Uint8Array> {
  const shown = toHex(hash);
  const artefact = await source.read(deployment.methods.artefact, { hash });
  if (artefact === undefined) throw new CliError('NOT_FOUND', `expected the ${kind} ${shown} on chain, found none`);
  const chunks: Uint8Array[] = [];
  for (let index = 0; index < artefact.total; index++) {
    const chunk = await source.read(deployment.methods.chunk, { hash, index });
    if (chunk === undefined)
      throw new CliError('NOT_FOUND', `expected chunk ${index} of the ${kind} ${shown}, found none`);
    chunks.push(chunk);
  }
  const bytes = concatBytes(...chunks);
  const actual = artefactHash(kind, bytes);
  if (equalBytes(actual, hash)) return bytes;
  throw new CliError('PROOF_REFUSED', `expected the ${kind} ${shown}, found bytes with the hash ${toHex(actual)}`, {
    expected: shown,
    actual: toHex(actual),
    hint: 'this node gives other bytes than the chain has: ask another one',
  });
}

function fieldOf(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as { readonly [field: string]: Json })[name] : undefined;
}

function numberOf(value: Json, name: string): number | undefined {
  const field = fieldOf(value, name);
  return typeof field === 'number' ? field : undefined;
}

function hashOf(value: Json, name: string): Uint8Array | undefined {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? fromHex(field, 32) : undefined;
}
