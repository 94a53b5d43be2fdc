import { LIMITS } from '../../primitives/limits.js';
import { invalidSource } from '../errors.js';
import { isSourcePath } from './paths.js';
import type { Toolchain } from './toolchain.js';

export const CONTRACT_JSON = 'contract.json';

/** What `contract.json` says: it is part of the source archive, so the approving banks read it, too. */
export interface ContractJson extends Toolchain {
  /** The contract's name on chain; the same stands in `defineContract`. */
  readonly name: string;
  /** The version, from 1; the same stands in `defineContract`. */
  readonly version: number;
  /** The module that exports `contract`, relative to the project. */
  readonly entry: string;
}

const FIELDS = ['name', 'version', 'entry', 'vostro', 'esbuild'] as const;
const NAME = /^[a-z][a-zA-Z0-9]*$/;
const TOOL_VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]{1,40})?$/;

/** @throws KitError `SOURCE_INVALID` */
export function parseContractJson(text: string): ContractJson {
  const json = parseObject(text);
  for (const field of Object.keys(json)) {
    if (!FIELDS.some((name) => name === field)) {
      throw invalidSource(CONTRACT_JSON, `only the fields ${FIELDS.join(', ')}`, `"${field}"`);
    }
  }
  return {
    name: requireText(json, 'name', `a name as ${NAME.source}`, (name) => NAME.test(name) && isNameSize(name)),
    version: requireVersion(json['version']),
    entry: requireText(json, 'entry', 'the relative path of a .ts file', (path) => isSourcePath(path) && isTs(path)),
    vostro: requireText(json, 'vostro', 'a version as 1.2.3', (version) => TOOL_VERSION.test(version)),
    esbuild: requireText(json, 'esbuild', 'a version as 1.2.3', (version) => TOOL_VERSION.test(version)),
  };
}

/** The file as `vostro contract new` writes it. */
export function formatContractJson(json: ContractJson): string {
  const { name, version, entry, vostro, esbuild } = json;
  return `${JSON.stringify({ name, version, entry, vostro, esbuild }, undefined, 2)}\n`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalidSource(CONTRACT_JSON, 'JSON', error instanceof Error ? error.message : 'something else');
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw invalidSource(CONTRACT_JSON, 'an object', 'another value');
}

function requireText(
  json: Readonly<Record<string, unknown>>,
  field: (typeof FIELDS)[number],
  expected: string,
  accepts: (text: string) => boolean,
): string {
  const value = json[field];
  if (typeof value === 'string' && accepts(value)) return value;
  const actual = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
  throw invalidSource(CONTRACT_JSON, `${field}: ${expected}`, value === undefined ? 'none' : actual);
}

function requireVersion(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw invalidSource(CONTRACT_JSON, 'version: a whole number from 1', JSON.stringify(value) ?? 'none');
}

const isNameSize = (name: string): boolean => name.length <= LIMITS.nameBytes;
const isTs = (path: string): boolean => path.endsWith('.ts') && !path.endsWith('.d.ts');
