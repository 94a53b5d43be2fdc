import { isAbsolute, join } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { CodedError } from '../../primitives/errors.js';
import { type NodeSettings, SETTINGS, type SettingDefinition } from './settings.js';

export type ConfigErrorCode = 'CONFIG_SYNTAX' | 'CONFIG_KEY_UNKNOWN' | 'CONFIG_VALUE_INVALID';

/** A setting that is wrong, with the place where it was found. */
export class ConfigError extends CodedError<ConfigErrorCode> {}

/** Where a value came from. Flags win over the environment, that over the file, that over defaults. */
export type Origin = 'flag' | 'environment' | 'file' | 'default';

export interface ResolvedSetting {
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
}

export interface ConfigSources {
  readonly home: string;
  /** Text of `config.toml`; undefined when there is none. */
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By dotted key. */
  readonly flags: Readonly<Record<string, string | undefined>>;
}

/** The environment's name of a setting: `rpc.port` is VOSTRO_RPC_PORT. */
export function environmentName(key: string): string {
  return `VOSTRO_${key.replaceAll('.', '_').toUpperCase()}`;
}

/**
 * Settles every setting from flags, environment, file and defaults.
 *
 * @throws ConfigError naming the key, where it was found, what was expected and what stands there
 */
export function resolveConfig(sources: ConfigSources): {
  readonly settings: NodeSettings;
  readonly resolved: readonly ResolvedSetting[];
} {
  const file = flatten(parseFile(sources.file));
  const known = new Map(SETTINGS.map((setting) => [setting.key, setting]));
  for (const [origin, keys] of [
    ['config.toml', file.keys()],
    ['flags', Object.keys(sources.flags)],
  ] as const) {
    for (const key of keys) if (!known.has(key)) throw unknownKey(key, origin);
  }
  const resolved = SETTINGS.map((setting) => resolveSetting(setting, sources, file));
  const fields = resolved.map(({ key, value }) => [(known.get(key) as SettingDefinition).field, value]);
  return { settings: Object.fromEntries(fields) as unknown as NodeSettings, resolved };
}

function resolveSetting(
  setting: SettingDefinition,
  sources: ConfigSources,
  file: ReadonlyMap<string, unknown>,
): ResolvedSetting {
  const flag = sources.flags[setting.key];
  const variable = sources.environment[environmentName(setting.key)];
  const candidates: readonly [Origin, unknown][] = [
    ['flag', flag],
    ['environment', variable],
    ['file', file.get(setting.key)],
    ['default', setting.fallback],
  ];
  const [origin, raw] = candidates.find(([, value]) => value !== undefined) ?? (['default', undefined] as const);
  const value = raw === undefined ? undefined : checkValue(setting, raw, origin);
  const isPath = setting.kind === 'path' && typeof value === 'string';
  return { key: setting.key, value: isPath ? absolute(sources.home, value) : value, origin };
}

function absolute(home: string, path: string): string {
  return isAbsolute(path) ? path : join(home, path);
}

function checkValue(setting: SettingDefinition, raw: unknown, origin: Origin): unknown {
  const fromText = origin === 'flag' || origin === 'environment';
  switch (setting.kind) {
    case 'integer': {
      const value = fromText && typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw;
      const low = setting.minimum ?? 0;
      const high = setting.maximum ?? Number.MAX_SAFE_INTEGER;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= low && value <= high) return value;
      throw invalidValue(setting, raw, origin, `an integer from ${low} to ${high}`);
    }
    case 'list': {
      const value = fromText && typeof raw === 'string' ? raw.split(',').filter((part) => part !== '') : raw;
      if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
      throw invalidValue(setting, raw, origin, 'a list of strings');
    }
    default: {
      const allowed = setting.choices;
      if (typeof raw === 'string' && raw !== '' && (allowed === undefined || allowed.includes(raw))) return raw;
      throw invalidValue(setting, raw, origin, allowed === undefined ? 'a string' : `one of ${allowed.join(', ')}`);
    }
  }
}

function invalidValue(setting: SettingDefinition, raw: unknown, origin: Origin, expected: string): ConfigError {
  const actual = JSON.stringify(raw) ?? String(raw);
  const place = origin === 'environment' ? environmentName(setting.key) : `${setting.key} (${origin})`;
  return new ConfigError('CONFIG_VALUE_INVALID', `${place} must be ${expected}, found ${actual}`, {
    key: setting.key,
    expected,
    actual,
  });
}

function unknownKey(key: string, origin: string): ConfigError {
  const close = SETTINGS.find((setting) => setting.key.split('.').at(-1) === key.split('.').at(-1));
  return new ConfigError('CONFIG_KEY_UNKNOWN', `${origin} sets "${key}", which is no setting of a node`, {
    actual: key,
    hint: close === undefined ? 'run `vostro node config` for the list' : `did you mean ${close.key}?`,
  });
}

function parseFile(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new ConfigError('CONFIG_SYNTAX', `config.toml is not TOML: ${error.message}`, {
      line: error.line,
      column: error.column,
    });
  }
}

/** Tables become dotted keys. */
function flatten(table: Record<string, unknown>, prefix = ''): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [name, value] of Object.entries(table)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
      for (const [inner, leaf] of flatten(value as Record<string, unknown>, key)) flat.set(inner, leaf);
    } else {
      flat.set(key, value);
    }
  }
  return flat;
}
