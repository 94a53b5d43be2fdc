import type { Command } from 'commander';
import { encodeSourceArchive } from '../../kit/project/archive.js';
import { KIT_LIMITS } from '../../kit/project/limits.js';
import { readProject } from '../../kit/project/project.js';
import { type BundleClaim, type VerifiedBundle, verifyBundle } from '../../kit/verify.js';
import { toHex } from '../../primitives/bytes.js';
import { usageError } from '../errors.js';
import { readBytesFile } from '../files.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';
import { formatFields } from '../table.js';
import { type ChainContract, fetchArtefact, findContract } from './chainArtefacts.js';
import { formatFindings } from './findings.js';

export function registerVerify(contract: Command, bind: Bind): void {
  const verify = contract
    .command('verify')
    .description('Build the sources of a contract again and compare the bundle byte by byte.')
    .argument('[contract]', 'name of a contract on chain, or the hash of a bundle; left out with --bundle')
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
  readonly onChain: ChainContract | undefined;
}

async function verifyCommand(invocation: Invocation): Promise<CommandResult> {
  const claim = await claimOf(invocation);
  const verified = await verifyBundle(claim);
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
  const { client } = await openSession(invocation);
  const onChain = await findContract(client, named ?? '');
  const bundle = await fetchArtefact(client, 'bundle', onChain.bundleHash);
  const archive = sources ?? (await fetchArtefact(client, 'source', onChain.sourceHash));
  return { bundle, archive, onChain };
}

/** The sources that the command line names, undefined where it names none. */
async function sourcesOf({ options }: Invocation): Promise<Uint8Array | undefined> {
  const [file, directory] = [options.text('source'), options.text('sourceDir')];
  if (file !== undefined && directory !== undefined) throw usageError('sources', '--source or --source-dir', 'both');
  if (file !== undefined) return readBytesFile(file, KIT_LIMITS.archiveBytes);
  return directory === undefined ? undefined : encodeSourceArchive((await readProject(directory)).files);
}

function describe({ project, bundleHash, sourceHash, findings, differences }: VerifiedBundle, claim: Claim): object {
  const { name, version, vostro, esbuild } = project.json;
  return {
    verified: true,
    name,
    version,
    status: claim.onChain?.status ?? null,
    proven: claim.onChain?.proven ?? null,
    bundleHash,
    sourceHash,
    bundleBytes: claim.bundle.length,
    sourceBytes: claim.archive.length,
    files: [...project.files.keys()],
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
  const isOther = onChain !== undefined && toHex(onChain.sourceHash) !== sourceHash;
  return [
    ...differences,
    ...(findings.length === 0 ? [] : [`the check has ${count} in these sources`]),
    ...(onChain?.proven === false ? ['the hashes of a candidate are the word of one node, until it is in force'] : []),
    ...(isOther ? [`the chain names other sources: ${toHex(onChain.sourceHash)}`] : []),
  ];
}
