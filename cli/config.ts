import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { CliError } from './errors.js';

/** Settings of the command line itself; a node's own stand in its home. */
export interface CliSettings {
  /** URL of a node's RPC. */
  readonly rpc: string;
  /** Directory with keystores and address book. */
  readonly wallet: string;
  /** Name or address of the account to act for. */
  readonly account: string | undefined;
  /** Genesis file that is trusted. */
  readonly genesis: string | undefined;
  readonly passwordFile: string | undefined;
  /** How long to wait for a transaction to become final. */
  readonly timeoutMs: number;
}

export type SettingOrigin = 'flag' | 'environment' | 'file' | 'default' | 'unset';

export interface ResolvedSetting {
  readonly key: SettingKey;
  readonly value: string | undefined;
  readonly origin: SettingOrigin;
  /** The variable or file that it came from. */
  readonly source: string;
}

interface Setting {
  readonly key: string;
  readonly description: string;
  readonly integer?: { readonly minimum: number; readonly maximum: number };
}

/** Everything that flags, environment and file may set, under one name: `--timeout-ms`, VOSTRO_TIMEOUT_MS, `timeout_ms`. */
export const CLI_SETTINGS = [
  { key: 'rpc', description: 'URL of a node’s RPC' },
  { key: 'wallet', description: 'directory with keystores and the address book accounts.toml' },
  { key: 'account', description: 'account to act for, by its name in the wallet or its address' },
  { key: 'genesis', description: 'genesis file that is trusted' },
  { key: 'password_file', description: 'file whose only line is the keystores’ password' },
  {
    key: 'timeout_ms',
    description: 'how long to wait for finality',
    integer: { minimum: 100, maximum: 3_600_000 },
  },
] as const satisfies readonly Setting[];

export type SettingKey = (typeof CLI_SETTINGS)[number]['key'];

export interface ConfigSources {
  /** By key; undefined where the flag was not given. */
  readonly flags: Readonly<Partial<Record<SettingKey, string | undefined>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the configuration file, as given with --config. */
  readonly configFile?: string | undefined;
  readonly homeDirectory: string;
}

const MAX_CONFIG_BYTES = 65_536;

/**
 * Settles every setting: flags before environment before file before defaults.
 *
 * @throws CliError `CONFIG_INVALID` naming the place, what was expected and what stands there
 */
export async function resolveCliConfig(
  sources: ConfigSources,
): Promise<{ readonly settings: CliSettings; readonly resolved: readonly ResolvedSetting[] }> {
  const file = await readConfigFile(sources);
  const resolved = CLI_SETTINGS.map((setting) => resolveSetting(setting, sources, file));
  const value = (key: SettingKey): string | undefined => resolved.find((setting) => setting.key === key)?.value;
  const settings = {
    rpc: value('rpc') ?? '',
    wallet: value('wallet') ?? '',
    account: value('account'),
    genesis: value('genesis'),
    passwordFile: value('password_file'),
    timeoutMs: Number(value('timeout_ms')),
  };
  return { settings, resolved };
}

/** The environment's name of a setting. */
export function environmentNameOf(key: SettingKey): string {
  return `VOSTRO_${key.toUpperCase()}`;
}

function defaultsOf(homeDirectory: string): Readonly<Partial<Record<SettingKey, string>>> {
  return { rpc: 'http://127.0.0.1:26700', wallet: join(homeDirectory, '.vostro', 'wallet'), timeout_ms: '30000' };
}

interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

function resolveSetting(
  setting: Setting & { key: SettingKey },
  sources: ConfigSources,
  file: ConfigFile,
): ResolvedSetting {
  const { key } = setting;
  const variable = environmentNameOf(key);
  const candidates: readonly (readonly [SettingOrigin, string, unknown])[] = [
    ['flag', `--${key.replaceAll('_', '-')}`, sources.flags[key]],
    ['environment', variable, emptyIsUnset(sources.environment[variable])],
    ['file', file.path, file.values[key]],
    ['default', 'default', defaultsOf(sources.homeDirectory)[key]],
  ];
  const found = candidates.find(([, , value]) => value !== undefined);
  if (found === undefined) return { key, value: undefined, origin: 'unset', source: '' };
  const [origin, source, value] = found;
  return { key, value: checkValue(setting, value, source), origin, source };
}

function checkValue(setting: Setting, value: unknown, source: string): string {
  const place = `${setting.key} (${source})`;
  if (setting.integer === undefined) {
    if (typeof value === 'string' && value !== '') return value;
    throw invalid(place, 'a text', JSON.stringify(value));
  }
  const { minimum, maximum } = setting.integer;
  const text = String(value);
  if (/^\d{1,10}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum) return text;
  throw invalid(place, `a whole number from ${minimum} to ${maximum}`, text);
}

/** A file that was named must exist; the usual one need not. */
async function readConfigFile(sources: ConfigSources): Promise<ConfigFile> {
  const { environment, homeDirectory } = sources;
  const named = sources.configFile ?? emptyIsUnset(environment['VOSTRO_CONFIG']);
  const base = emptyIsUnset(environment['XDG_CONFIG_HOME']) ?? join(homeDirectory, '.config');
  const path = named ?? join(base, 'vostro', 'config.toml');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (named === undefined) return { path, values: {} };
    throw invalid(path, 'a readable configuration file', error instanceof Error ? error.message : String(error));
  }
  if (text.length > MAX_CONFIG_BYTES)
    throw invalid(path, `at most ${MAX_CONFIG_BYTES} characters`, String(text.length));
  return { path, values: parseConfig(text, path) };
}

function parseConfig(text: string, path: string): Readonly<Record<string, unknown>> {
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw invalid(path, 'TOML', `${error.message.split('\n')[0]} (line ${error.line})`);
  }
  const known: readonly string[] = CLI_SETTINGS.map((setting) => setting.key);
  for (const key of Object.keys(values)) {
    if (!known.includes(key)) throw invalid(`${path}: ${key}`, `one of ${known.join(', ')}`, key);
  }
  return values;
}

function emptyIsUnset(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function invalid(place: string, expected: string, actual: string): CliError {
  return new CliError('CONFIG_INVALID', `${place}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: '`vostro config show --origin` shows every setting and where it came from',
  });
}
