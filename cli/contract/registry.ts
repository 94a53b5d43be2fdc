import type { ContractAbi } from '../../contracts/api/abi.js';
import { parseCanonicalAbi } from '../../contracts/api/abiParse.js';
import { type ArtefactKind, artefactHash } from '../../contracts/deployment/artefacts.js';
import { deployment } from '../../contracts/index.js';
import { concatBytes, equalBytes, fromHex, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { utf8Decode } from '../../primitives/text.js';
import { CliError } from '../errors.js';
import type { Session } from '../session.js';

/** What the chain keeps of contracts that banks wrote. */

const d = deployment.methods;
const PAGE = 100;
const MAX_PAGES = 64;

/** A program and the sources that it was built from. */
export interface Artefact {
  readonly kind: ArtefactKind;
  readonly hash: Hash;
  readonly bytes: Uint8Array;
}

/** The newest version of a contract that is in force, or was; a node's word. */
export function readStatus({ client }: Session, name: string) {
  return client.read(d.status, { name });
}

export type ContractStatus = NonNullable<Awaited<ReturnType<typeof readStatus>>>;

/** Every candidate of a contract, the oldest version first; a node's word. */
export async function readCandidates({ client }: Session, name: string) {
  const page = (after?: { readonly version: number; readonly bundle: Hash; readonly member: string }) =>
    client.read(d.candidates, { name, limit: PAGE, after });
  const found: Awaited<ReturnType<typeof page>>[number][] = [];
  for (let count = 0; count < MAX_PAGES; count++) {
    const last = found.at(-1);
    const next = await page(last && { version: last.version, bundle: last.bundle, member: last.member });
    found.push(...next);
    if (next.length < PAGE) break;
  }
  return found;
}

export type Candidate = Awaited<ReturnType<typeof readCandidates>>[number];

/** What the chain says of a candidate, proven from the genesis file. @throws CliError `NOT_FOUND`; what `query` throws */
export async function provenCandidate(
  { client }: Session,
  name: string,
  { version, bundle, member }: Pick<Candidate, 'version' | 'bundle' | 'member'>,
): Promise<Candidate> {
  const { isAbsent, value } = await client.query('contracts', 'candidates', [name, version, toHex(bundle), member]);
  if (isAbsent) throw candidateNotFound(name, toHex(bundle));
  const fields = value as { readonly source: Hex; readonly engine: Hex } & Readonly<
    Record<'registeredAt' | 'loadFuel', number>
  >;
  const [source, engine] = [fromHex(fields.source, 32), fromHex(fields.engine, 32)];
  return { ...fields, version, bundle, member, source, engine };
}

/** The ABI of a bundle that was registered, proven from the genesis file. @throws CliError `NOT_FOUND`; AbiError */
export async function provenAbi({ client }: Session, name: string, bundle: Hash): Promise<ContractAbi> {
  const { isAbsent, value } = await client.query('contracts', 'abis', [toHex(bundle)]);
  if (isAbsent) throw candidateNotFound(name, toHex(bundle));
  return parseCanonicalAbi(utf8Decode(fromHex(value as Hex)));
}

/** The bytes of a bundle or a source archive, which have the hash that they are asked for by. @throws CliError `NOT_FOUND`, `ARTEFACT_INVALID` */
export async function readArtefact({ client }: Session, kind: ArtefactKind, hash: Hash): Promise<Artefact> {
  const record = await client.read(d.artefact, { hash });
  if (record === undefined) {
    throw new CliError('NOT_FOUND', `expected the ${kind} ${toHex(hash)} on the chain, found none`, {
      expected: `a ${kind} that was registered`,
      actual: toHex(hash),
    });
  }
  const chunks: Uint8Array[] = [];
  for (let index = 0; index < record.total; index++) {
    chunks.push((await client.read(d.chunk, { hash, index })) ?? new Uint8Array());
  }
  const bytes = concatBytes(...chunks);
  const actual = artefactHash(kind, bytes);
  if (equalBytes(actual, hash)) return { kind, hash, bytes };
  throw new CliError('ARTEFACT_INVALID', `the ${kind}: expected bytes of hash ${toHex(hash)}, found ${toHex(actual)}`, {
    expected: toHex(hash),
    actual: toHex(actual),
    hint: 'the node tells something else than the chain holds: ask another one',
  });
}

/** The newest engine of the network. @throws CliError `ENGINE_UNKNOWN` where there is none */
export async function newestEngine({ client }: Session): Promise<Hash> {
  const engine = (await client.read(d.engines, {})).at(-1);
  if (engine !== undefined) return engine.hash;
  throw new CliError('ENGINE_UNKNOWN', 'expected a network that runs contracts of banks, found one without an engine', {
    expected: 'an engine',
    actual: 'none',
    hint: 'the members allow one: vostro governance propose call contracts.allowEngine …',
  });
}

export function candidateNotFound(name: string, actual: string): CliError {
  return new CliError('NOT_FOUND', `expected a candidate of ${name}, found none of bundle ${actual}`, {
    expected: `a bundle of ${name} that was registered`,
    actual,
    hint: `vostro contract status ${name} shows what there is`,
  });
}
