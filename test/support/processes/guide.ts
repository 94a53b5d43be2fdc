import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../../primitives/errors.js';
import { repositoryRoot } from '../repositoryRoot.js';
import type { ProcessNetwork } from './processNetwork.js';

/** Output that a failure shows. */
const SHOWN_CHARACTERS = 4_000;

/** The shell blocks of one section of a page, in their order. */
export async function shellBlocks(page: string, section: string): Promise<readonly string[]> {
  const text = await readFile(join(repositoryRoot(), 'docs', page), 'utf8');
  const part = text.split(/^## /m).find((one) => one.startsWith(`${section}\n`)) ?? '';
  return [...part.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block as string);
}

/** Commands of a page, and what it says that they print. */
export interface GuideStep {
  readonly commands: string;
  /** Each line stands in the output of the commands, perhaps with more around it. */
  readonly prints: readonly string[];
}

/** The shell blocks of one section of a page, each with the block of text behind it, where one follows. */
export async function guideSteps(page: string, section: string): Promise<readonly GuideStep[]> {
  const text = await readFile(join(repositoryRoot(), 'docs', page), 'utf8');
  const part = text.split(/^## /m).find((one) => one.startsWith(`${section}\n`)) ?? '';
  return [...part.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(([, commands, prints]) => ({
    commands: commands as string,
    prints: (prints ?? '').split('\n').filter((line) => line !== ''),
  }));
}

/** A second network of a guide: where the guide keeps it, and the URL that it has there. */
export interface FurtherNetwork {
  readonly folder: string;
  readonly rpcUrl: string;
  readonly network: ProcessNetwork;
}

/**
 * A directory that is to a guide what the clone is: its examples, its network under `.vostro/devnet`, and `npx vostro`, which is
 * this build and asks this network, wherever the guide says that it is.
 */
export class GuideShell {
  readonly #directory: string;
  readonly #environment: NodeJS.ProcessEnv;
  /** Lines that hold for all blocks after them. */
  readonly #exports: string[] = [];

  private constructor(directory: string, environment: NodeJS.ProcessEnv) {
    this.#directory = directory;
    this.#environment = environment;
  }

  static async create(
    { directory, layout, observer }: ProcessNetwork,
    further: readonly FurtherNetwork[] = [],
  ): Promise<GuideShell> {
    const clone = join(directory, 'clone');
    const tools = join(directory, 'tools');
    for (const made of [join(clone, '.vostro'), tools]) await mkdir(made, { recursive: true });
    await symlink(join(repositoryRoot(), 'examples'), join(clone, 'examples'));
    await symlink(join(layout.wallet, '..'), join(clone, '.vostro', 'devnet'));
    for (const { folder, network } of further) {
      await symlink(join(network.layout.wallet, '..'), join(clone, '.vostro', folder));
    }
    const main = fileURLToPath(new URL('../../../cli/main.js', import.meta.url));
    const npx = join(tools, 'npx');
    const script = [
      '#!/bin/bash',
      '[ "$1" = vostro ] || exit 64',
      'shift',
      `export VOSTRO_RPC=${observer.node.rpcUrl}`,
      ...further.flatMap(({ rpcUrl, network }) => [
        `from=${rpcUrl} to=${network.observer.node.rpcUrl}`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
        'set -- "${@/#$from/$to}"',
      ]),
      `exec "${process.execPath}" "${main}" "$@"`,
    ];
    await writeFile(npx, `${script.join('\n')}\n`);
    await chmod(npx, 0o755);
    return new GuideShell(clone, { ...process.env, PATH: `${tools}:${process.env['PATH'] ?? ''}` });
  }

  /** Runs a block as it stands. @returns what it printed. @throws CodedError `COMMAND_FAILED` at the first line that fails */
  async run(block: string): Promise<string> {
    const script = ['set -euo pipefail', ...this.#exports, block].join('\n');
    const child = spawn('bash', ['-c', script], {
      cwd: this.#directory,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    this.#exports.push(...block.split('\n').filter((line) => line.startsWith('export ')));
    if (exitCode === 0) return output;
    throw new CodedError(
      'COMMAND_FAILED',
      `a block of the guide ended with ${exitCode}:\n${block}\n${output.slice(-SHOWN_CHARACTERS)}`,
    );
  }
}
