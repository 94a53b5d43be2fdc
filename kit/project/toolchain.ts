import { readFileSync } from 'node:fs';
import { version as esbuildVersion } from 'esbuild';

/** What turns sources into a bundle: other versions may give other bytes. */
export interface Toolchain {
  readonly vostro: string;
  readonly esbuild: string;
}

/** The tools of this installation. */
export function installedToolchain(): Toolchain {
  const file = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return { vostro: version, esbuild: esbuildVersion };
}

/** Each tool of the project that is installed in another version, as a sentence. */
export function toolchainDifferences(project: Toolchain, installed: Toolchain): readonly string[] {
  return (['vostro', 'esbuild'] as const)
    .filter((tool) => project[tool] !== installed[tool])
    .map((tool) => `made for ${tool} ${project[tool]}, here is ${tool} ${installed[tool]}`);
}
