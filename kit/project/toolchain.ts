import { version as esbuildVersion } from 'esbuild';
import { VERSION } from '../../primitives/version.js';

/** What turns sources into a bundle: other versions may give other bytes. */
export interface Toolchain {
  readonly vostro: string;
  readonly esbuild: string;
}

/** The tools of this installation. */
export function installedToolchain(): Toolchain {
  return { vostro: VERSION, esbuild: esbuildVersion };
}

/** Each tool of the project that is installed in another version, as a sentence. */
export function toolchainDifferences(project: Toolchain, installed: Toolchain): readonly string[] {
  return (['vostro', 'esbuild'] as const)
    .filter((tool) => project[tool] !== installed[tool])
    .map((tool) => `made for ${tool} ${project[tool]}, here is ${tool} ${installed[tool]}`);
}
