import { isCodedError } from '../../primitives/errors.js';
import { encode, RlpReader } from '../../primitives/rlp.js';
import { utf8Encode } from '../../primitives/text.js';
import { invalidSource, type KitError } from '../errors.js';
import { CONTRACT_JSON } from './contractJson.js';
import { KIT_LIMITS } from './limits.js';
import { isSourcePath } from './paths.js';
import { collectProject, type Project } from './project.js';

/**
 * A source archive: the canonical RLP list of [path, bytes], in the order of the paths, each once. One project has one
 * archive; time stamps, permissions and the order of a directory are not in it.
 */
export function encodeSourceArchive(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const paths = [...files.keys()].sort();
  const archive = encode(paths.map((path) => [utf8Encode(path), files.get(path) as Uint8Array]));
  if (archive.length <= KIT_LIMITS.archiveBytes) return archive;
  throw refused(`at most ${KIT_LIMITS.archiveBytes} bytes`, `${archive.length}`);
}

/** The files of an archive that a stranger gave. @throws KitError `SOURCE_INVALID` */
export function decodeSourceArchive(archive: Uint8Array): ReadonlyMap<string, Uint8Array> {
  if (archive.length > KIT_LIMITS.archiveBytes) {
    throw refused(`at most ${KIT_LIMITS.archiveBytes} bytes`, `${archive.length}`);
  }
  try {
    return readFiles(archive);
  } catch (error) {
    if (!isCodedError(error) || error.name !== 'RlpError') throw error;
    throw refused('a canonical list of paths and bytes', error.message);
  }
}

function readFiles(archive: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const reader = new RlpReader(archive);
  const rows = reader.list('archive');
  reader.done('archive');
  const files = new Map<string, Uint8Array>();
  let last = '';
  while (rows.hasMore()) {
    if (files.size === KIT_LIMITS.files) throw refused(`at most ${KIT_LIMITS.files} files`, 'more');
    const row = rows.list('file');
    const path = row.string(KIT_LIMITS.pathCharacters, 'path');
    if (!isSourcePath(path)) throw refused('relative paths of plain names', JSON.stringify(path));
    if (path <= last) throw refused('each path once, in their order', `"${path}" after "${last}"`);
    files.set(path, Uint8Array.from(row.bytes(KIT_LIMITS.archiveBytes, 'content')));
    row.done('file');
    last = path;
  }
  return files;
}

/**
 * The project in an archive. It holds exactly what its entry reaches, so that nothing stands in it that no build looks at.
 *
 * @throws KitError `SOURCE_INVALID`
 */
export async function projectFromArchive(archive: Uint8Array): Promise<Project> {
  const files = decodeSourceArchive(archive);
  const project = await collectProject((path) => Promise.resolve(files.get(path)));
  const idle = [...files.keys()].filter((path) => !project.files.has(path));
  if (idle.length > 0) throw refused(`${CONTRACT_JSON} and what its entry imports`, idle.join(', '));
  return project;
}

function refused(expected: string, actual: string): KitError {
  return invalidSource('source archive', expected, actual);
}
