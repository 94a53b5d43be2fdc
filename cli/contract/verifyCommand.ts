import type { Command } from 'commander';
import { encodeSourceArchive } from '../../kit/project/archive.js';
import { KIT_LIMITS } from '../../kit/project/limits.js';
import { readProject } from '../../kit/project/project.js';
import { type BundleClaim, type VerifiedBundle, verifyBundle } from '../../kit/verify.js';
import { toHex } from '../../primitives/bytes.js';
import { CliError, usageError } from '../errors.js';
import { readBytesFile } from '../files.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';
import { formatFields } from '../table.js';
import { type ChainVersion, findChainVersion } from './chainVersion.js';
import { formatFindings } from './findings.js';
import { readArtefact } from './registry.js';

export function registerVerify(contract: Command, bind: Bind): void {
  const verify = contract
    .command('verify')
    .description('Build the sources of a contract again and compare the bundle byte by byte.')
    .argument(
      '[contract]',
      'as escrow, the version in force; escrow@2; escrow@0x…, by its bundle; escrow@0x…@ALFADEFF, by its member, too; left out with --bundle',
    )
    .option('--bundle <file>', 'a bundle, instead of the one on chain')
    .option('--source <file>', 'a source archive, instead of the one on chain')
    .option('--source-dir <directory>', 'a project, instead of the sources on chain');
  withExamples(
    withJson(withNetwork(withWallet(verify))),
    'vostro contract verify escrow',
    'vostro contract verify escrow --source-dir reviewed/escrow',
    'vostro contract verify --bundle build/escrow.bundle.js --source build/source.archive',
  ).action(bind(verifyCommand));
}

/** Where the two sides of the comparison come from. */
interface Claim extends BundleClaim {
  /** The version on chain, undefined where the bundle is a file. */
  readonly onChain: ChainVersion | undefined;
}

async function verifyCommand(invocation: Invocation): Promise<CommandResult> {
  const claim = await claimOf(invocation);
  const verified = await verifyBundle(claim);
  requireSame(claim.onChain, verified);
  return { data: describe(verified, claim), text: textOf(verified, claim), warnings: warningsOf(verified, claim) };
}

async function claimOf(invocation: Invocation): Promise<Claim> {
  const [named] = invocation.args;
  const file = invocation.options.text('bundle');
  if ((named === undefined) === (file === undefined)) {
    throw usageError('bundle', 'a contract on chain, or --bundle', named === undefined ? 'neither' : 'both');
  }
  const sources = await sourcesOf(invocation);
  if (file !== undefined) {
    if (sources === undefined) throw usageError('sources', '--source or --source-dir', 'neither');
    return { bundle: await readBytesFile(file, KIT_LIMITS.bundleBytes), archive: sources, onChain: undefined };
  }
  const session = await openSession(invocation);
  const onChain = await findChainVersion(session, named ?? '');
  const { bytes: bundle } = await readArtefact(session, 'bundle', onChain.bundle);
  const archive = sources ?? (await readArtefact(session, 'source', onChain.source)).bytes;
  return { bundle, archive, onChain };
}

/** The chain has it under its own name. @throws CliError `PROOF_REFUSED` */
function requireSame(onChain: ChainVersion | undefined, { project: { json } }: VerifiedBundle): void {
  if (onChain === undefined || (onChain.name === json.name && onChain.version === json.version)) return;
  const [expected, actual] = [`${onChain.name} version ${onChain.version}`, `${json.name} version ${json.version}`];
  throw new CliError('PROOF_REFUSED', `expected the sources of ${expected}, found those of ${actual}`, {
    expected,
    actual,
    hint: 'do not approve it',
  });
}

/** The sources that the command line names, undefined where it names none. */
async function sourcesOf({ options }: Invocation): Promise<Uint8Array | undefined> {
  const [file, directory] = [options.text('source'), options.text('sourceDir')];
  if (file !== undefined && directory !== undefined) throw usageError('sources', '--source or --source-dir', 'both');
  if (file !== undefined) return readBytesFile(file, KIT_LIMITS.archiveBytes);
  return directory === undefined ? undefined : encodeSourceArchive((await readProject(directory)).files);
}

function describe(
  { project, bundleHash, sourceHash, artefacts, findings, differences }: VerifiedBundle,
  claim: Claim,
): object {
  const { name, version, vostro, esbuild } = project.json;
  return {
    verified: true,
    name,
    version,
    status: claim.onChain?.status ?? null,
    bundleHash,
    sourceHash,
    bundleBytes: claim.bundle.length,
    sourceBytes: claim.archive.length,
    files: [...project.files.keys()],
    loadFuel: artefacts.loadFuel,
    engine: artefacts.engine,
    toolchain: { vostro, esbuild },
    differences,
    findings,
  };
}

function textOf(verified: VerifiedBundle, { bundle, archive, onChain }: Claim): string {
  const { project, bundleHash, sourceHash, findings } = verified;
  const { name, version } = project.json;
  const fields = formatFields([
    ['contract', `${name} version ${version}${onChain === undefined ? '' : `, ${onChain.status}`}`],
    ['bundle hash', bundleHash],
    ['source hash', sourceHash],
    ['sizes', `${bundle.length} bytes of bundle, ${archive.length} of sources`],
    ['sources', [...project.files.keys()].join(', ')],
  ]);
  const found = findings.length === 0 ? '' : `\n\n${formatFindings(project, findings)}`;
  return `${fields}\nverified: the sources give exactly this bundle${found}`;
}

function warningsOf({ findings, differences, sourceHash }: VerifiedBundle, { onChain }: Claim): readonly string[] {
  const count = findings.length === 1 ? 'one finding' : `${findings.length} findings`;
  const isOther = onChain !== undefined && toHex(onChain.source) !== sourceHash;
  return [
    ...differences,
    ...(findings.length === 0 ? [] : [`the check has ${count} in these sources`]),
    ...(isOther ? [`the chain names other sources: ${toHex(onChain.source)}`] : []),
  ];
}
