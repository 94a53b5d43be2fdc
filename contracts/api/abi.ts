import { CodedError } from '../../primitives/errors.js';
import { RlpError } from '../../primitives/rlp.js';
import type { MethodAuthAbi } from './auth.js';
import type { Fields, StructSchema } from './composites.js';
import { apiErrorSchema } from './failure.js';
import type { MethodKind } from './method.js';
import { type Json, type JsonSchema, mismatch, type Schema, SchemaError } from './schema.js';

export interface MethodAbi {
  readonly kind: MethodKind;
  /** Who may call it; null for a view, which anybody may call. */
  readonly auth: MethodAuthAbi | null;
  /** JSON Schema of an object with one property for each argument. */
  readonly args: JsonSchema;
  /** Null when it returns nothing. */
  readonly returns: JsonSchema | null;
}

/** A map of the state: its key's parts in their order, and its value. */
export interface MapAbi {
  readonly keys: readonly JsonSchema[];
  readonly value: JsonSchema;
}

/** What a step from an earlier version reads of the state as that version left it. */
export interface MigrationAbi {
  readonly reads: Readonly<Record<string, MapAbi>>;
}

/** What a contract takes and gives, as plain JSON: RPC, CLI and clients need nothing else of it. */
export interface ContractAbi {
  readonly name: string;
  readonly version: number;
  readonly methods: Readonly<Record<string, MethodAbi>>;
  readonly events: Readonly<Record<string, JsonSchema>>;
  /** The codes that the contract declares; those of the API may end a call, too. */
  readonly errors: Readonly<Record<string, JsonSchema>>;
  /** How its state is laid out, for those who prove it. */
  readonly state: Readonly<Record<string, MapAbi>>;
  /** By the version, in decimal digits, from which it can take the state over. */
  readonly migrations: Readonly<Record<string, MigrationAbi>>;
}

interface MethodParts {
  readonly kind: MethodKind;
  readonly args: Schema<unknown>;
  readonly returns: Schema<unknown> | undefined;
}

/** The schema values of everything that a contract takes and gives. */
export interface ContractParts<M extends MethodParts = MethodParts> {
  readonly name: string;
  readonly version: number;
  readonly methods: ReadonlyMap<string, M>;
  readonly events: ReadonlyMap<string, StructSchema<Fields>>;
  readonly errors: ReadonlyMap<string, StructSchema<Fields>>;
}

export type AbiErrorCode =
  | 'CONTRACT_UNKNOWN'
  | 'METHOD_UNKNOWN'
  | 'MAP_UNKNOWN'
  | 'EVENT_UNKNOWN'
  | 'ERROR_UNKNOWN'
  | 'ARGUMENTS_INVALID'
  | 'RESULT_INVALID'
  | 'EVENT_INVALID'
  | 'ERROR_DATA_INVALID'
  | 'ABI_INVALID'
  | 'ABI_TOO_LARGE';

/** Names or values that a contract's ABI does not allow; `details.path` says where, when it was JSON. */
export class AbiError extends CodedError<AbiErrorCode> {}

/** JSON ↔ canonical bytes of one contract. Every method throws AbiError. */
export interface AbiCodec {
  readonly contract: string;
  /** Canonical bytes of arguments given as JSON: amounts as decimal strings, addresses in any form, bytes in hex. */
  encodeArgs(method: string, json: unknown): Uint8Array;
  decodeArgs(method: string, args: Uint8Array): Json;
  /** Refuses what `decodeArgs` refuses, at a fraction of its cost: nothing is made of the values. */
  requireArgs(method: string, args: Uint8Array): void;
  /** Null for a method that returns nothing. */
  decodeResult(method: string, result: Uint8Array): Json;
  decodeEvent(event: string, data: Uint8Array): Json;
  /** Data of a declared code or of one of the API's. */
  decodeErrorData(code: string, data: Uint8Array): Json;
}

/** The ABI of a contract's parts. */
export function describeContract(
  parts: ContractParts<MethodParts & { readonly authAbi: MethodAuthAbi | null }>,
  { state, migrations }: Pick<ContractAbi, 'state' | 'migrations'>,
): ContractAbi {
  const schemas = (declared: ReadonlyMap<string, StructSchema<Fields>>): Record<string, JsonSchema> =>
    Object.fromEntries([...declared].map(([name, schema]) => [name, schema.schema()]));
  const methods = [...parts.methods].map(([name, { kind, authAbi, args, returns }]): [string, MethodAbi] => [
    name,
    { kind, auth: authAbi, args: args.schema(), returns: returns?.schema() ?? null },
  ]);
  return {
    name: parts.name,
    version: parts.version,
    methods: Object.fromEntries(methods),
    events: schemas(parts.events),
    errors: schemas(parts.errors),
    state,
    migrations,
  };
}

export function createAbiCodec(parts: ContractParts): AbiCodec {
  const method = (name: string): MethodParts => {
    const found = parts.methods.get(name);
    if (found === undefined) throw unknown('METHOD_UNKNOWN', `a method of ${parts.name}`, name, parts.methods);
    return found;
  };
  return {
    contract: parts.name,
    encodeArgs: (name, json) => {
      const { args } = method(name);
      return translate('ARGUMENTS_INVALID', `${parts.name}.${name}`, () => args.encode(args.parseJson(json)));
    },
    decodeArgs: (name, bytes) => {
      const { args } = method(name);
      return translate('ARGUMENTS_INVALID', `${parts.name}.${name}`, () => args.toJson(args.decode(bytes)));
    },
    requireArgs: (name, bytes) => {
      const { args } = method(name);
      translate('ARGUMENTS_INVALID', `${parts.name}.${name}`, () => args.decode(bytes));
    },
    decodeResult: (name, bytes) => {
      const { returns } = method(name);
      return translate('RESULT_INVALID', `${parts.name}.${name}`, () => {
        if (returns !== undefined) return returns.toJson(returns.decode(bytes));
        if (bytes.length > 0) throw mismatch('no bytes', bytes);
        return null;
      });
    },
    decodeEvent: (name, bytes) => {
      const schema = parts.events.get(name);
      if (schema === undefined) throw unknown('EVENT_UNKNOWN', `an event of ${parts.name}`, name, parts.events);
      return translate('EVENT_INVALID', `${parts.name}.${name}`, () => schema.toJson(schema.decode(bytes)));
    },
    decodeErrorData: (code, bytes) => {
      const schema = parts.errors.get(code) ?? apiErrorSchema(code);
      if (schema === undefined) throw unknown('ERROR_UNKNOWN', `a code of ${parts.name}`, code, parts.errors);
      return translate('ERROR_DATA_INVALID', `${parts.name}.${code}`, () => schema.toJson(schema.decode(bytes)));
    },
  };
}

function unknown(code: AbiErrorCode, what: string, name: string, known: ReadonlyMap<string, unknown>): AbiError {
  const expected = [...known.keys()].join(', ');
  return new AbiError(code, `expected ${what} (${expected}), found "${name}"`, { expected, actual: name });
}

function translate<T>(code: AbiErrorCode, subject: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof RlpError) && !(error instanceof SchemaError)) throw error;
    throw new AbiError(code, `${subject}: ${error.message}`, error.details);
  }
}
