import { RlpError } from '../../primitives/rlp.js';
import { AbiError, type ContractAbi } from './abi.js';
import { schemaFromJson } from './abiSchema.js';
import type { StateKey } from './host.js';
import { type Json, KeySchema, type Schema, SchemaError } from './schema.js';
import { MapLayout } from './state.js';

/** Keys and values of one map of the state, for who knows nothing of the contract but its ABI. */
export class MapCodec {
  readonly name: string;
  readonly #contract: string;
  readonly #keys: readonly KeySchema<unknown>[];
  readonly #value: Schema<unknown>;
  readonly #layout: MapLayout<readonly KeySchema<unknown>[], unknown>;

  /** @throws AbiError `MAP_UNKNOWN`; SchemaError where the ABI is none */
  constructor(abi: ContractAbi, map: string) {
    const found = Object.hasOwn(abi.state, map) ? abi.state[map] : undefined;
    if (found === undefined) throw unknownMap(abi, map);
    this.name = map;
    this.#contract = abi.name;
    this.#keys = found.keys.map(keySchema);
    this.#value = schemaFromJson(found.value);
    this.#layout = new MapLayout(map, { keys: this.#keys, value: this.#value, absent: undefined });
  }

  /** The contract's own key of these parts, each as JSON. @throws AbiError `ARGUMENTS_INVALID` */
  encodeKey(parts: readonly unknown[]): StateKey {
    const where = `${this.#contract}.${this.name}`;
    if (parts.length !== this.#keys.length) {
      const [expected, actual] = [`${this.#keys.length} parts of the key`, `${parts.length}`];
      throw new AbiError('ARGUMENTS_INVALID', `${where}: expected ${expected}, found ${actual}`, { expected, actual });
    }
    try {
      return this.#layout.key(this.#keys.map((schema, index) => schema.parseJson(parts[index], `$.key[${index}]`)));
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      throw new AbiError('ARGUMENTS_INVALID', `${where}: ${error.message}`, error.details);
    }
  }

  /** True for a key of this map. */
  owns(key: StateKey): boolean {
    return this.#layout.owns(key);
  }

  /** The parts of a key that the map owns. @throws AbiError `RESULT_INVALID` */
  decodeKey(key: StateKey): readonly Json[] {
    return this.#read(() => {
      const parts = this.#layout.keyParts(key);
      if (this.#layout.key(parts) !== key) throw new SchemaError('VALUE_INVALID', 'more than the parts of the key');
      return this.#keys.map((schema, index) => schema.toJson(parts[index]));
    });
  }

  /** @throws AbiError `RESULT_INVALID` */
  decodeValue(bytes: Uint8Array): Json {
    return this.#read(() => this.#value.toJson(this.#value.decode(bytes)));
  }

  #read<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof SchemaError) && !(error instanceof RlpError)) throw error;
      throw new AbiError('RESULT_INVALID', `${this.#contract}.${this.name}: ${error.message}`, error.details);
    }
  }
}

function keySchema(json: Json): KeySchema<unknown> {
  const schema = schemaFromJson(json);
  if (schema instanceof KeySchema) return schema;
  throw new SchemaError('VALUE_INVALID', 'expected schemas whose values may stand in a key, found another', {
    expected: 'a schema of a key',
    actual: JSON.stringify(json).slice(0, 64),
  });
}

function unknownMap({ name, state }: ContractAbi, map: string): AbiError {
  const expected = Object.keys(state).join(', ');
  return new AbiError('MAP_UNKNOWN', `expected a map of ${name} (${expected}), found "${map.slice(0, 64)}"`, {
    expected,
    actual: map.slice(0, 64),
  });
}

/** Reads every map of one contract's state. */
export class StateCodec {
  readonly #maps: readonly MapCodec[];

  /** @throws SchemaError where the ABI is none */
  constructor(abi: ContractAbi) {
    this.#maps = Object.keys(abi.state).map((name) => new MapCodec(abi, name));
  }

  /** The map that owns a key of the contract's own; undefined where none does. */
  mapOf(key: StateKey): MapCodec | undefined {
    return this.#maps.find((map) => map.owns(key));
  }
}
