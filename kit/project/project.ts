import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { isCodedError } from '../../primitives/errors.js';
import { utf8Decode } from '../../primitives/text.js';
import { invalidSource } from '../errors.js';
import { CONTRACT_JSON, type ContractJson, parseContractJson } from './contractJson.js';
import { KIT_LIMITS } from './limits.js';
import { resolveImport } from './paths.js';

/** The contract's own sources and nothing else: what is reviewed, archived, checked and bundled. */
export interface Project {
  readonly json: ContractJson;
  /** Bytes by path, `contract.json` among them, in the order of the paths. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The TypeScript modules as text, by path, in the order of the paths. */
  readonly modules: ReadonlyMap<string, string>;
}

/** Gives a file's bytes, undefined where there is none. */
export type ReadSource = (path: string) => Promise<Uint8Array | undefined>;

/** Reads `contract.json` and every module that its entry reaches. @throws KitError `SOURCE_INVALID` */
export function readProject(directory: string): Promise<Project> {
  return collectProject((path) => readWithin(directory, path));
}

/**
 * Collects a project out of any store of files. Files that no import reaches (tests, notes, builds) stay out.
 *
 * @throws KitError `SOURCE_INVALID`
 */
export async function collectProject(read: ReadSource): Promise<Project> {
  const manifest = await read(CONTRACT_JSON);
  if (manifest === undefined) {
    const hint = 'name the directory of the contract, or make one with vostro contract new';
    throw invalidSource(CONTRACT_JSON, 'a file at the root of the project', 'none', hint);
  }
  const json = parseContractJson(decodeText(CONTRACT_JSON, manifest));
  const files = new Map<string, Uint8Array>([[CONTRACT_JSON, manifest]]);
  const modules = new Map<string, string>();
  let bytes = manifest.length;
  const waiting = [json.entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (modules.has(path)) continue;
    const content = await read(path);
    // The type check says where a module is imported that is not there; the entry is imported by nobody.
    if (content === undefined && path !== json.entry) continue;
    if (content === undefined) throw invalidSource(CONTRACT_JSON, 'an entry that exists', `"${path}"`);
    const text = decodeText(path, content);
    files.set(path, content);
    modules.set(path, text);
    bytes += content.length;
    requireSize(files.size, bytes);
    waiting.push(...importsOf(path, text));
  }
  requireDistinct([...files.keys()]);
  return { json, files: sorted(files), modules: sorted(modules) };
}

function requireSize(files: number, bytes: number): void {
  if (files > KIT_LIMITS.files) throw invalidSource('project', `at most ${KIT_LIMITS.files} files`, 'more');
  if (bytes <= KIT_LIMITS.archiveBytes) return;
  throw invalidSource('project', `at most ${KIT_LIMITS.archiveBytes} bytes of sources`, 'more');
}

/** Where letters' cases do not tell files apart, one of two would be lost. */
function requireDistinct(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const other = seen.get(path.toLowerCase());
    if (other !== undefined) throw invalidSource(path, 'a name of its own', `"${other}", which differs in case alone`);
    seen.set(path.toLowerCase(), path);
  }
}

function importsOf(path: string, text: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.flatMap(({ fileName }) => resolveImport(path, fileName) ?? []);
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw invalidSource(path, 'text in UTF-8', 'other bytes', 'save the file as UTF-8');
  }
}

/** A regular file within the directory, through no symbolic link. */
async function readWithin(directory: string, path: string): Promise<Uint8Array | undefined> {
  const segments = path.split('/');
  for (let count = 1; count <= segments.length; count++) {
    const part = segments.slice(0, count).join('/');
    const found = await lstat(join(directory, part)).catch(() => undefined);
    if (found === undefined) return undefined;
    if (found.isSymbolicLink()) {
      throw invalidSource(part, 'a file of the project itself', 'a symbolic link', 'put the file where the link is');
    }
    const isLast = count === segments.length;
    if (isLast && !found.isFile()) return undefined;
    if (isLast && found.size > KIT_LIMITS.archiveBytes) requireSize(0, found.size);
  }
  return Uint8Array.from(await readFile(join(directory, ...segments)));
}

function sorted<V>(map: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
