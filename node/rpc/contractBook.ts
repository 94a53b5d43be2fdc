import { AbiError } from '../../contracts/api/abi.js';
import { parseCanonicalAbi } from '../../contracts/api/abiParse.js';
import { codecFromAbi } from '../../contracts/api/abiSchema.js';
import { isNameOf } from '../../contracts/api/names.js';
import { fromHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { utf8Decode } from '../../primitives/text.js';
import type { Call } from '../../primitives/types.js';
import type { Executor } from '../execution/types.js';
import type { ContractPort } from './ports.js';

export interface ContractBookModules {
  readonly executor: Pick<Executor, 'head' | 'view'>;
  /** The contracts that every network has, by name; the one that keeps the others' ABIs among them, where there is one. */
  readonly standard: ReadonlyMap<string, ContractPort>;
}

/** The standard contract that keeps versions and ABIs of those that banks wrote. */
const REGISTRY = 'contracts';
/** Contracts of one page of the registry's list, and pages: more than may be in force. */
const PAGE = 100;
const MAX_PAGES = 16;
/** ABIs of bank contracts that are kept: each stands for ever under its bundle's hash. */
const KEPT = 256;
/** Arguments of one transaction that are looked at before the executor does: it has a thread of its own, this has not. */
const MAX_CHECKED_BYTES = 65_536;

type Fields = { readonly [name: string]: unknown };

/** Every contract of the network as the RPC needs it: the standard ones, and those of banks by the ABI on the chain. */
export class ContractBook {
  readonly #executor: ContractBookModules['executor'];
  readonly #standard: ContractBookModules['standard'];
  /** By bundle hash, the one that was asked for longest ago first. */
  readonly #kept = new Map<string, ContractPort>();
  /** What names stand for after the height that was asked about last: none changes within one. */
  readonly #named = new Map<string, Promise<ContractPort | undefined>>();
  #namedAt = -1;

  constructor({ executor, standard }: ContractBookModules) {
    this.#executor = executor;
    this.#standard = standard;
  }

  /** Names of the contracts that every network has. */
  get standardNames(): readonly string[] {
    return [...this.#standard.keys()];
  }

  /** The newest version of a contract that is in force or was. */
  async find(name: string): Promise<ContractPort | undefined> {
    const standard = this.#standard.get(name);
    if (standard !== undefined || !this.#standard.has(REGISTRY) || !isNameOf('contract', name)) return standard;
    const { height } = this.#executor.head().header;
    if (height !== this.#namedAt || this.#named.size >= KEPT) this.#named.clear();
    this.#namedAt = height;
    const found = this.#named.get(name) ?? this.#newest(name);
    this.#named.set(name, found);
    return found;
  }

  /**
   * Refuses calls that their contract would refuse for their arguments alone. Calls of contracts that are not known here,
   * and more bytes than this thread has time for, pass on to the executor, which decides.
   *
   * @returns undefined where nothing has to be waited for
   * @throws AbiError `METHOD_UNKNOWN`, `ARGUMENTS_INVALID`; `details.call` is the call's position; at once or later
   */
  requireArguments(calls: readonly Call[]): Promise<void> | undefined {
    let bytes = 0;
    for (const { args } of calls) bytes += args.length;
    if (bytes > MAX_CHECKED_BYTES) return undefined;
    for (const [position, call] of calls.entries()) {
      const port = this.#standard.get(call.contract);
      if (port === undefined) return this.#requireAsked(calls, position);
      requireArgs(port, call, position);
    }
    return undefined;
  }

  /** The same from the first call on whose contract the chain must tell. */
  async #requireAsked(calls: readonly Call[], from: number): Promise<void> {
    for (const [position, call] of calls.entries()) {
      if (position < from) continue;
      const port = this.#standard.get(call.contract) ?? (await this.#findIfAnswered(call.contract));
      if (port !== undefined) requireArgs(port, call, position);
    }
  }

  /** A door stays open while the executor has no answer. */
  async #findIfAnswered(name: string): Promise<ContractPort | undefined> {
    try {
      return await this.find(name);
    } catch (error) {
      if (isCodedError(error)) return undefined;
      throw error;
    }
  }

  async #newest(name: string): Promise<ContractPort | undefined> {
    try {
      const status = await this.#ask('status', { name });
      return status === null ? undefined : await this.#ofBundle(String((status as Fields)['bundle']));
    } catch (error) {
      // The next one asks again.
      this.#named.delete(name);
      throw error;
    }
  }

  /** Those of the names that are contracts of the network. */
  async findAll(names: Iterable<string>): Promise<ReadonlyMap<string, ContractPort>> {
    const found = new Map<string, ContractPort>();
    for (const name of new Set(names)) {
      const port = await this.find(name);
      if (port !== undefined) found.set(name, port);
    }
    return found;
  }

  /** The standard contracts, then those of banks that are in force. */
  async all(): Promise<readonly ContractPort[]> {
    const found = [...this.#standard.values()];
    if (!this.#standard.has(REGISTRY)) return found;
    let after: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const listed = (await this.#ask(
        'list',
        after === undefined ? { limit: PAGE } : { limit: PAGE, after },
      )) as Fields[];
      for (const { active, bundle } of listed) {
        const port = active === true ? await this.#ofBundle(String(bundle)) : undefined;
        if (port !== undefined) found.push(port);
      }
      if (listed.length < PAGE) break;
      after = String(listed.at(-1)?.['name']);
    }
    return found;
  }

  async #ofBundle(bundle: string): Promise<ContractPort | undefined> {
    const known = this.#kept.get(bundle);
    if (known !== undefined) {
      this.#kept.delete(bundle);
      this.#kept.set(bundle, known);
      return known;
    }
    const text = await this.#ask('abi', { bundle });
    if (typeof text !== 'string') return undefined;
    // It was checked by every node when it was registered.
    const abi = parseCanonicalAbi(utf8Decode(fromHex(text)));
    const port: ContractPort = { codec: codecFromAbi(abi), abi: () => abi };
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(bundle, port);
    return port;
  }

  async #ask(method: string, args: object): Promise<unknown> {
    const codec = this.#standard.get(REGISTRY)?.codec;
    if (codec === undefined) return null;
    const answer = await this.#executor.view(REGISTRY, method, codec.encodeArgs(method, args));
    return codec.decodeResult(method, answer);
  }
}

/** @throws AbiError */
function requireArgs(port: ContractPort, { method, args }: Call, position: number): void {
  try {
    port.codec.requireArgs(method, args);
  } catch (error) {
    if (!(error instanceof AbiError)) throw error;
    throw new AbiError(error.code, error.message, { ...error.details, call: position });
  }
}
