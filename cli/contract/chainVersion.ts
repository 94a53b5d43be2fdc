import { equalBytes, fromHex, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { CliError } from '../errors.js';
import type { Session } from '../session.js';
import { type Candidate, provenCandidate, readCandidates, readStatus } from './registry.js';

/** A version of a contract or a candidate, its hashes proven from the genesis file. */
export interface ChainVersion {
  readonly name: string;
  readonly version: number;
  readonly status: 'in force' | 'no longer in force' | 'candidate';
  readonly bundle: Hash;
  readonly source: Hash;
}

/**
 * Finds what is named: `escrow`, the version in force, or the candidate of the newest version where none is; `escrow@2`;
 * `escrow@0x…`, by the hash of its bundle; `escrow@0x…@ALFADEFF`, by its member, too, where others have registered that
 * bundle with other sources.
 *
 * @throws CliError `NOT_FOUND`; what `query` throws
 */
export async function findChainVersion(session: Session, named: string): Promise<ChainVersion> {
  const [name = '', selector, member] = named.split('@', 3);
  const candidates = await readCandidates(session, name);
  if (selector === undefined) {
    const status = await readStatus(session, name);
    const found = status === undefined ? undefined : await provenVersion(session, name, status.version);
    if (found !== undefined) return found;
  } else if (member === undefined && /^[1-9]\d{0,8}$/.test(selector)) {
    const found = await provenVersion(session, name, Number(selector));
    if (found !== undefined) return found;
  }
  const wanted = selector?.toLowerCase() ?? `${candidates.at(-1)?.version}`;
  const fitting = candidates.filter((candidate) => {
    const isNamed = wanted === `${candidate.version}` || wanted === toHex(candidate.bundle);
    return isNamed && (member === undefined || member === candidate.member);
  });
  const [first, ...others] = fitting;
  if (first === undefined) throw notFound(named);
  if (others.some((other) => !isSameProgram(first, other))) throw several(name, named, fitting);
  const { version, bundle, source } = await provenCandidate(session, name, first);
  return { name, version, status: 'candidate', bundle, source };
}

/** Several members may register the same. */
function isSameProgram(one: Candidate, other: Candidate): boolean {
  return equalBytes(one.bundle, other.bundle) && equalBytes(one.source, other.source);
}

async function provenVersion({ client }: Session, name: string, version: number): Promise<ChainVersion | undefined> {
  const { isAbsent, value } = await client.query('contracts', 'versions', [name, version]);
  if (isAbsent) return undefined;
  const fields = value as { readonly bundle: Hex; readonly source: Hex; readonly untilHeight?: number | null };
  const isInForce = fields.untilHeight === undefined || fields.untilHeight === null;
  const [bundle, source] = [fromHex(fields.bundle, 32), fromHex(fields.source, 32)];
  return { name, version, status: isInForce ? 'in force' : 'no longer in force', bundle, source };
}

function notFound(named: string): CliError {
  return new CliError('NOT_FOUND', `expected a contract of the chain or a candidate, found no ${named.slice(0, 160)}`, {
    expected: 'name, name@version, name@bundle-hash or name@bundle-hash@member',
    actual: named.slice(0, 160),
    hint: 'vostro contract list and vostro contract status NAME show what there is',
  });
}

function several(name: string, named: string, fitting: readonly Candidate[]): CliError {
  const found = fitting.map(({ bundle, member }) => `${name}@${toHex(bundle)}@${member}`);
  return new CliError('NOT_FOUND', `expected one candidate, found ${found.length} of ${named}: ${found.join(', ')}`, {
    expected: 'one candidate',
    actual: found.join(', '),
    hint: 'name one of them by the hash of its bundle and the member that registered it',
  });
}
