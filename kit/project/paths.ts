import { posix } from 'node:path';
import { KIT_LIMITS } from './limits.js';

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * True for a path that a project may have: relative, ASCII, with slashes, no segment that begins with a dot, none of
 * `node_modules`. It means the same file on every system, and none outside the project.
 */
export function isSourcePath(path: string): boolean {
  if (path.length === 0 || path.length > KIT_LIMITS.pathCharacters) return false;
  return path
    .split('/')
    .every((segment) => SEGMENT.test(segment) && segment !== 'node_modules' && !isReserved(segment));
}

/** Names that Windows keeps for devices, and names that it would change: such a file cannot be unpacked everywhere. */
function isReserved(segment: string): boolean {
  return segment.endsWith('.') || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment);
}

/** The module that imports `./x.js`, or one that it imports: `x.ts` beside it. Undefined when it is none of a project. */
export function resolveImport(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith('./') && !specifier.startsWith('../')) return undefined;
  if (!specifier.endsWith('.js')) return undefined;
  const path = posix.join(posix.dirname(importer), `${specifier.slice(0, -'.js'.length)}.ts`);
  return isSourcePath(path) ? path : undefined;
}
