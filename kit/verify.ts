import { artefactHash } from '../contracts/deployment/artefacts.js';
import { type Hex, toHex } from '../primitives/bytes.js';
import { type Artefacts, artefactsOf } from './artefacts.js';
import { bundleOf } from './build.js';
import { checkProject } from './check/check.js';
import type { Finding } from './check/finding.js';
import { KitError } from './errors.js';
import { projectFromArchive } from './project/archive.js';
import type { Project } from './project/project.js';
import { installedToolchain, toolchainDifferences } from './project/toolchain.js';

/** A bundle that was proven to be what its sources give. */
export interface VerifiedBundle {
  readonly project: Project;
  readonly bundleHash: Hex;
  readonly sourceHash: Hex;
  /** What the sandbox loads of it: a contract of the name and version that `contract.json` says. */
  readonly artefacts: Artefacts;
  /** What the check of this installation finds in the sources: a bundle may be honest and still be none to approve. */
  readonly findings: readonly Finding[];
  /** Tools of other versions than those that the sources name; they gave the same bytes. */
  readonly differences: readonly string[];
}

/** A program and the sources that are said to give it. */
export interface BundleClaim {
  readonly bundle: Uint8Array;
  readonly archive: Uint8Array;
}

/**
 * Builds the archived sources again and compares the bundle byte by byte. Nothing of the archive reaches the disk, and no
 * code of it runs but in the sandbox, and there only what the sources give.
 *
 * @throws KitError `SOURCE_INVALID` for an archive that is no project, `SOURCE_MISMATCH` that says where they part,
 *   `BUILD_FAILED` where the chain would not load it, or `contract.json` names another contract
 */
export async function verifyBundle({ bundle, archive }: BundleClaim): Promise<VerifiedBundle> {
  const project = await projectFromArchive(archive);
  const differences = toolchainDifferences(project.json, installedToolchain());
  const rebuilt = await bundleOf(project);
  const at = firstDifference(bundle, rebuilt.program);
  if (at !== undefined) throw mismatch(bundle, rebuilt.program, at, differences);
  return {
    project,
    bundleHash: toHex(artefactHash('bundle', bundle)),
    sourceHash: toHex(artefactHash('source', archive)),
    artefacts: artefactsOf(rebuilt),
    findings: checkProject(project),
    differences,
  };
}

/** Where two byte strings part, undefined when they are the same. */
function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : length;
}

function mismatch(claimed: Uint8Array, rebuilt: Uint8Array, offset: number, differences: readonly string[]): KitError {
  const { vostro, esbuild } = installedToolchain();
  const tools =
    differences.length === 0 ? `with the same tools (vostro ${vostro}, esbuild ${esbuild})` : differences.join('; ');
  const message = `the bundle is not what the sources give: they part at byte ${offset} (${claimed.length} and ${rebuilt.length} bytes), ${tools}`;
  return new KitError('SOURCE_MISMATCH', message, {
    expected: `bundle ${toHex(artefactHash('bundle', rebuilt))}, ${rebuilt.length} bytes, built from the sources`,
    actual: `bundle ${toHex(artefactHash('bundle', claimed))}, ${claimed.length} bytes`,
    offset,
    expectedExcerpt: excerpt(rebuilt, offset),
    actualExcerpt: excerpt(claimed, offset),
    vostro,
    esbuild,
    differences,
    hint:
      differences.length === 0
        ? 'do not approve it: ask its proposer for the sources that were built'
        : 'verify it again with the tools that contract.json names before you judge',
  });
}

const EXCERPT_BYTES = 40;

/** Printable text around an offset; a bundle is ASCII, anything else shows as a dot. */
function excerpt(bytes: Uint8Array, offset: number): string {
  const from = Math.max(0, offset - EXCERPT_BYTES / 2);
  const shown = [...bytes.subarray(from, from + EXCERPT_BYTES)].map((byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  );
  return `${from > 0 ? '…' : ''}${shown.join('')}${from + EXCERPT_BYTES < bytes.length ? '…' : ''}`;
}
