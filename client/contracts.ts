import { type AbiCodec, AbiError, type ContractAbi } from '../contracts/api/abi.js';
import { parseCanonicalAbi } from '../contracts/api/abiParse.js';
import { codecFromAbi } from '../contracts/api/abiSchema.js';
import type { Json } from '../contracts/api/schema.js';
import { standardContracts } from '../contracts/index.js';
import { fromHex, type Hex } from '../primitives/bytes.js';
import { utf8Decode } from '../primitives/text.js';
import type { Call, ContractEvent, Receipt } from '../primitives/types.js';
import { type QueriedState, queryState, type StateSource } from './stateQuery.js';

/** A contract as its ABI describes it: arguments as JSON in, calls out; results, events and failures as JSON. */
export class ContractClient {
  readonly abi: ContractAbi;
  readonly codec: AbiCodec;
  /** Of a bank's contract: the bundle under which the state keeps its ABI. */
  readonly bundle: Hex | undefined;
  readonly #ask: (method: string, args: Json) => Promise<Json>;

  constructor(
    abi: ContractAbi,
    codec: AbiCodec,
    ask: (method: string, args: Json) => Promise<Json>,
    bundle: Hex | undefined = undefined,
  ) {
    this.abi = abi;
    this.codec = codec;
    this.bundle = bundle;
    this.#ask = ask;
  }

  get name(): string {
    return this.abi.name;
  }

  /** A call for a transaction. @throws AbiError `METHOD_UNKNOWN`, `ARGUMENTS_INVALID` */
  encode(method: string, args: Json = {}): Call {
    return { contract: this.name, method, args: this.codec.encodeArgs(method, args) };
  }

  /** Runs a view. A node's word: it carries no proof. @throws NodeError; AbiError `METHOD_UNKNOWN`, `ARGUMENTS_INVALID` */
  async view(method: string, args: Json = {}): Promise<Json> {
    // What the node would refuse is refused here, with the place.
    this.codec.encodeArgs(method, args);
    return this.#ask(method, args);
  }

  /** The data of an event of this contract. @throws AbiError `EVENT_UNKNOWN`, `EVENT_INVALID` */
  decodeEvent({ name, data }: Pick<ContractEvent, 'name' | 'data'>): Json {
    return this.codec.decodeEvent(name, data);
  }

  /** The data of a receipt whose failed call is this contract's. @throws AbiError `ERROR_UNKNOWN`, `ERROR_DATA_INVALID` */
  decodeError({ code, errorData }: Pick<Receipt, 'code' | 'errorData'>): Json {
    return this.codec.decodeErrorData(code, errorData);
  }
}

export interface ContractSource extends StateSource {
  view(contract: string, method: string, args?: Json): Promise<Json>;
}

/** The contract that keeps versions and their ABIs, and its maps. */
const REGISTRY = 'contracts';
const NEWEST = 'contracts';
const VERSIONS = 'versions';
const ABIS = 'abis';

/** ABIs of bank contracts that are kept: each stands for ever under its bundle's hash. */
const KEPT_ABIS = 256;

/** Finds contracts: those that every network has are known here, what banks wrote is proven from the state. */
export class ContractBook {
  readonly #source: ContractSource;
  readonly #standard: ReadonlyMap<string, ContractClient>;
  readonly #byBundle = new Map<string, ContractClient>();

  constructor(source: ContractSource) {
    this.#source = source;
    this.#standard = new Map(standardContracts().map((one) => [one.name, this.#client(one.abi(), one.codec)]));
  }

  /**
   * The contract of that name: its newest version, or the one that is named. A bank's ABI is what the state proves, not
   * what a node says: whoever signs arguments must know what their bytes mean.
   *
   * @throws AbiError `CONTRACT_UNKNOWN`, `ABI_INVALID`; what `stateProof` throws
   */
  async find(name: string, version?: number): Promise<ContractClient> {
    const standard = this.#standard.get(name);
    if (standard !== undefined && (version === undefined || version === standard.abi.version)) return standard;
    if (standard !== undefined) throw this.#unknown(name, version);
    const row = await (version === undefined ? this.#row(NEWEST, [name]) : this.#row(VERSIONS, [name, version]));
    const bundle = row.isAbsent ? undefined : (row.value as { readonly bundle: Hex }).bundle;
    if (bundle === undefined) throw this.#unknown(name, version);
    const known = this.#byBundle.get(bundle);
    if (known !== undefined) return known;
    const text = await this.#row(ABIS, [bundle]);
    if (text.isAbsent) throw this.#unknown(name, version);
    const abi = parseCanonicalAbi(utf8Decode(fromHex(text.value as string)));
    const found = this.#client(abi, codecFromAbi(abi), bundle);
    if (this.#byBundle.size >= KEPT_ABIS) this.#byBundle.delete([...this.#byBundle.keys()][0] ?? '');
    this.#byBundle.set(bundle, found);
    return found;
  }

  /** Those of the names that are contracts of the network. */
  async findAll(names: Iterable<string>): Promise<ReadonlyMap<string, ContractClient>> {
    const found = new Map<string, ContractClient>();
    for (const name of new Set(names)) {
      try {
        found.set(name, await this.find(name));
      } catch (error) {
        if (!(error instanceof AbiError)) throw error;
      }
    }
    return found;
  }

  async #row(map: string, key: readonly Json[]): Promise<QueriedState> {
    const abi = this.#standard.get(REGISTRY)?.abi;
    const row = abi === undefined ? undefined : await queryState(this.#source, { abi }, map, key);
    if (row === undefined) throw this.#unknown(REGISTRY, undefined);
    return row;
  }

  #client(abi: ContractAbi, codec: AbiCodec, bundle?: Hex): ContractClient {
    return new ContractClient(abi, codec, (method, args) => this.#source.view(abi.name, method, args), bundle);
  }

  #unknown(name: string, version: number | undefined): AbiError {
    const expected = `a contract of the network (${[...this.#standard.keys()].join(', ')}, or a bank’s)`;
    const actual = `${name.slice(0, 64)}${version === undefined ? '' : ` of version ${version}`}`;
    return new AbiError('CONTRACT_UNKNOWN', `expected ${expected}, found "${actual}"`, { expected, actual });
  }
}
