import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artefactHash } from '../contracts/deployment/artefacts.js';
import { type Hex, toHex } from '../primitives/bytes.js';
import { type Bundle, bundleProject } from './bundle/bundle.js';
import { checkProject } from './check/check.js';
import type { Finding } from './check/finding.js';
import { KitError } from './errors.js';
import { encodeSourceArchive } from './project/archive.js';
import { type Project, readProject } from './project/project.js';
import { installedToolchain, type Toolchain, toolchainDifferences } from './project/toolchain.js';

/** What a project gives: everything that a proposal needs, and that the other banks compare. */
export interface ContractBuild extends Bundle {
  readonly project: Project;
  readonly archive: Uint8Array;
  readonly bundleHash: Hex;
  readonly sourceHash: Hex;
  readonly toolchain: Toolchain;
}

/** Raised with everything that the check found. */
export class CheckFailedError extends KitError {
  readonly findings: readonly Finding[];
  readonly project: Project;

  constructor(project: Project, findings: readonly Finding[]) {
    const { file, line, column, message } = findings[0] as Finding;
    const count = findings.length === 1 ? 'one finding' : `${findings.length} findings`;
    super('LINT_FAILED', `${count}; the first at ${file}:${line}:${column}: ${message}`, {
      expected: 'sources without findings',
      actual: count,
      file,
      line,
      column,
      hint: 'vostro contract check shows all of them',
    });
    this.findings = findings;
    this.project = project;
  }
}

/**
 * Checks and bundles a project. The result depends on the project's files and the toolchain, and on nothing else.
 *
 * @throws KitError `SOURCE_INVALID`, `TOOLCHAIN_MISMATCH`, `BUILD_FAILED`; CheckFailedError
 */
export async function buildContract(directory: string): Promise<ContractBuild> {
  const project = await readProject(directory);
  requireToolchain(project.json);
  const findings = checkProject(project);
  if (findings.length > 0) throw new CheckFailedError(project, findings);
  return bundleOf(project);
}

/** The same without the check, for what has passed it or is compared with what others have built. */
export async function bundleOf(project: Project): Promise<ContractBuild> {
  const bundle = await bundleProject(project);
  const archive = encodeSourceArchive(project.files);
  return {
    ...bundle,
    project,
    archive,
    bundleHash: toHex(artefactHash('bundle', bundle.program)),
    sourceHash: toHex(artefactHash('source', archive)),
    toolchain: installedToolchain(),
  };
}

function requireToolchain(project: Toolchain): void {
  const installed = installedToolchain();
  const differences = toolchainDifferences(project, installed);
  if (differences.length === 0) return;
  throw new KitError('TOOLCHAIN_MISMATCH', `contract.json: ${differences.join('; ')}`, {
    expected: `vostro ${project.vostro}, esbuild ${project.esbuild}`,
    actual: `vostro ${installed.vostro}, esbuild ${installed.esbuild}`,
    hint: `install what it was made for, or write "vostro": "${installed.vostro}", "esbuild": "${installed.esbuild}" into contract.json`,
  });
}

/** Bytes by file name, for the directory `build` of a project. */
export type BuildFiles = ReadonlyMap<string, string | Uint8Array>;

/** Writes `<project>/build`, in the place of an earlier one. @returns the directory */
export async function writeBuild(directory: string, files: BuildFiles): Promise<string> {
  const target = join(directory, 'build');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const [name, content] of files) await writeFile(join(target, name), content);
  return target;
}
