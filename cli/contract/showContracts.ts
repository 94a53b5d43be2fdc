import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deployment } from '../../contracts/index.js';
import { type Hash, toHex } from '../../primitives/bytes.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';
import { CliError } from '../errors.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { liveActivations } from './activations.js';
import { findChainVersion } from './chainVersion.js';
import { type Candidate, readArtefact, readCandidates, readStatus } from './registry.js';

const d = deployment.methods;
/** Of a page of the contract's own. */
const PAGE = 100;

/** What is in force of one contract, which versions came before, what waits. */
export async function showStatus(invocation: Invocation): Promise<CommandResult> {
  const name = argument(invocation, 0, 'name');
  const session = await openSession(invocation);
  const status = await readStatus(session, name);
  const candidates = await readCandidates(session, name);
  if (status === undefined && candidates.length === 0) throw unknownContract(name);
  const versions =
    status === undefined ? [] : await session.client.read(d.versions, { name, limit: PAGE, after: undefined });
  const proposals = await liveActivations(session, name);
  const rows = versions.map(({ version, fromHeight, untilHeight, member, bundle }) => {
    return [`${version}`, `${fromHeight}`, untilHeight === undefined ? '-' : `${untilHeight}`, member, toHex(bundle)];
  });
  const columns = [
    { title: 'VERSION', align: 'right' },
    { title: 'FROM', align: 'right' },
    { title: 'UNTIL', align: 'right' },
    { title: 'MEMBER' },
    { title: 'BUNDLE' },
  ] as const;
  const waiting = candidates.map((candidate) => candidateLine(candidate));
  const open = proposals.map(({ proposal, bundle }) => {
    return `proposal ${proposal.id}, ${proposal.status}: in force from height ${proposal.activateAt}, bundle ${toHex(bundle)}`;
  });
  return {
    data: {
      name,
      inForce: status?.active === true ? status.version : null,
      pausedUntilMs: status?.pausedUntilMs ?? null,
      versions: versions.map((version) => ({
        ...version,
        ...hashesOf(version),
        untilHeight: version.untilHeight ?? null,
      })),
      candidates: candidates.map((candidate) => ({ ...candidate, ...hashesOf(candidate) })),
      proposals: proposals.map(({ proposal: { id, status: state, activateAt }, bundle, migrationFuel }) => {
        return { id, status: state, activateAt, bundle: toHex(bundle), migrationFuel };
      }),
    },
    text: [
      formatFields([
        ['contract', name],
        ['in force', stateWords(status)],
      ]),
      ...(rows.length === 0 ? [] : [formatTable(columns, rows)]),
      ...waiting,
      ...open,
    ].join('\n'),
  };
}

function stateWords(status: Awaited<ReturnType<typeof readStatus>>): string {
  if (status === undefined) return 'no, and never was';
  const { active, version, pausedUntilMs } = status;
  const paused = pausedUntilMs === undefined ? '' : `, paused until ${new Date(pausedUntilMs).toISOString()}`;
  return active ? `version ${version}${paused}` : `no; version ${version} was the newest`;
}

function candidateLine({ version, bundle, member, registeredAt }: Candidate): string {
  return `candidate version ${version} of ${member}, registered at height ${registeredAt}, bundle ${toHex(bundle)}`;
}

function hashesOf({ bundle, source, engine }: { readonly bundle: Hash; readonly source: Hash; readonly engine: Hash }) {
  return { bundle: toHex(bundle), source: toHex(source), engine: toHex(engine) };
}

/** Every contract of banks that is in force or was. */
export async function listContracts(invocation: Invocation): Promise<CommandResult> {
  const { client } = await openSession(invocation);
  const page = (last?: { readonly name: string }) => client.read(d.list, { limit: PAGE, after: last?.name });
  const found: Awaited<ReturnType<typeof page>>[number][] = [];
  for (let next = await page(); ; next = await page(found.at(-1))) {
    found.push(...next);
    if (next.length < PAGE) break;
  }
  const columns = [
    { title: 'CONTRACT' },
    { title: 'VERSION', align: 'right' },
    { title: 'IN FORCE' },
    { title: 'BUNDLE' },
  ] as const;
  const rows = found.map(({ name, version, active, bundle }) => [
    name,
    `${version}`,
    active ? 'yes' : 'no',
    toHex(bundle),
  ]);
  return {
    data: {
      contracts: found.map(({ bundle, engine, ...rest }) => ({
        ...rest,
        bundle: toHex(bundle),
        engine: toHex(engine),
      })),
    },
    text: rows.length === 0 ? 'no contract of a bank was ever in force' : formatTable(columns, rows),
  };
}

/** The engines that the chain allows, the newest last, and the one of this version of Vostro. */
export async function showEngines(invocation: Invocation): Promise<CommandResult> {
  const { client } = await openSession(invocation);
  const engines = (await client.read(d.engines, {})).map(({ version, hash }) => {
    return { version, hash: toHex(hash), isOwn: toHex(hash) === ENGINE_PIN.hash };
  });
  const columns = [{ title: 'ENGINE', align: 'right' }, { title: 'HASH' }, { title: 'THIS VERSION' }] as const;
  const rows = engines.map(({ version, hash, isOwn }) => [`${version}`, hash, isOwn ? 'has it' : 'lacks it']);
  const own = `this version has engine ${ENGINE_PIN.version}, ${ENGINE_PIN.hash}`;
  return { data: { engines, own: ENGINE_PIN }, text: `${formatTable(columns, rows)}\n${own}` };
}

/** Fetches the sources of a version, or of a candidate, and writes them out; their hash is what the chain names. */
export async function writeSource(invocation: Invocation): Promise<CommandResult> {
  const named = argument(invocation, 0, 'name');
  const out = invocation.options.required('out');
  const session = await openSession(invocation);
  const { name, version, source, bundle } = await findChainVersion(session, named);
  const { bytes } = await readArtefact(session, 'source', source);
  const { decodeSourceArchive } = await import('../../kit/project/archive.js');
  const files = decodeSourceArchive(bytes);
  for (const [path, content] of files) {
    const target = join(out, path);
    await mkdir(dirname(target), { recursive: true });
    await writeNew(target, content);
  }
  const data = { name, version, bundle: toHex(bundle), source: toHex(source), out, files: [...files.keys()] };
  return {
    data,
    text: `${files.size} files of ${name} version ${version}, source ${toHex(source)}, written to ${out}`,
  };
}

async function writeNew(path: string, content: Uint8Array): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    const actual = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError('FILE_UNWRITABLE', `${path}: cannot be written (${actual})`, {
      expected: 'a directory without these files',
      actual,
      hint: 'name an empty directory with --out',
    });
  }
}

function unknownContract(name: string): CliError {
  return new CliError('NOT_FOUND', `expected a contract of a bank, found none called "${name.slice(0, 64)}"`, {
    expected: 'a contract that was registered',
    actual: name.slice(0, 64),
    hint: '`vostro contract list` shows those that are in force',
  });
}
