import { cp, link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Edit } from './ablation.js';

/** A copy of the compiled program with edits in it. It stands inside the repository, so that packages are found. */
export interface MutatedBuild {
  /** The folder that stands for `dist/`. */
  readonly directory: string;
  remove(): Promise<void>;
}

/** How often the text stands in the file. */
export function occurrences(text: string, find: string): number {
  return text.split(find).length - 1;
}

/** What is wrong with the edits, in words; nothing where each text stands exactly once. */
export async function misplaced(dist: string, edits: readonly Edit[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { file, find, replace } of edits) {
    const text = await readFile(join(dist, file), 'utf8').catch(() => undefined);
    const count = text === undefined ? 0 : occurrences(text, find);
    if (count !== 1) faults.push(`${file}: expected the text once, found it ${count} times: ${find}`);
    if (find === replace) faults.push(`${file}: the edit changes nothing: ${find}`);
  }
  return faults;
}

/** Links every compiled file and writes the edited ones anew: the program itself is not touched. */
export async function mutate(dist: string, directory: string, edits: readonly Edit[]): Promise<MutatedBuild> {
  await rm(directory, { recursive: true, force: true });
  const names = await readdir(dist, { recursive: true });
  // Types too: contracts are compiled against those of the program that runs.
  const files = names.filter((name) => /\.(js|json|d\.ts)$/.test(name));
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    await mkdir(join(directory, folder), { recursive: true });
  }
  await Promise.all(files.map((file) => linkOrCopy(join(dist, file), join(directory, file))));
  for (const { file, find, replace } of edits) {
    const path = join(directory, file);
    const text = await readFile(path, 'utf8');
    await rm(path);
    await writeFile(
      path,
      text.replace(find, () => replace),
    );
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => cp(from, to));
}
