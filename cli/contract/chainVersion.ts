import { fromHex, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { CliError } from '../errors.js';
import type { Session } from '../session.js';
import { provenCandidate, readCandidates, readStatus } from './registry.js';

/** A version of a contract or a candidate, its hashes proven from the genesis file. */
export interface ChainVersion {
  readonly name: string;
  readonly version: number;
  readonly status: 'in force' | 'no longer in force' | 'candidate';
  readonly bundle: Hash;
  readonly source: Hash;
}

/**
 * Finds what is named: `escrow`, the version in force, or the newest candidate where none is; `escrow@2`; `escrow@0x…`, by
 * the hash of its bundle.
 *
 * @throws CliError `NOT_FOUND`; what `query` throws
 */
export async function findChainVersion(session: Session, named: string): Promise<ChainVersion> {
  const at = named.indexOf('@');
  const [name, selector] = at < 0 ? [named, undefined] : [named.slice(0, at), named.slice(at + 1)];
  const candidates = await readCandidates(session, name);
  if (selector === undefined) {
    const status = await readStatus(session, name);
    const found = status === undefined ? undefined : await provenVersion(session, name, status.version);
    if (found !== undefined) return found;
  } else if (/^[1-9]\d{0,8}$/.test(selector)) {
    const found = await provenVersion(session, name, Number(selector));
    if (found !== undefined) return found;
  }
  const fitting = candidates.filter(({ version, bundle }) => {
    return selector === undefined || selector === `${version}` || selector.toLowerCase() === toHex(bundle);
  });
  const [first, second] = selector === undefined ? [fitting.at(-1)] : fitting;
  if (first === undefined) throw notFound(named);
  if (second !== undefined)
    throw several(
      named,
      fitting.map(({ bundle }) => `${name}@${toHex(bundle)}`),
    );
  const { version, bundle } = first;
  const { source } = await provenCandidate(session, { name, version, bundle });
  return { name, version, status: 'candidate', bundle, source };
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
    expected: 'name, name@version or name@bundle-hash',
    actual: named.slice(0, 160),
    hint: 'vostro contract list and vostro contract status NAME show what there is',
  });
}

function several(named: string, found: readonly string[]): CliError {
  return new CliError('NOT_FOUND', `expected one candidate, found ${found.length} of ${named}: ${found.join(', ')}`, {
    expected: 'one candidate',
    actual: found.join(', '),
    hint: 'name one of them by the hash of its bundle',
  });
}
