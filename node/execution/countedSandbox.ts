import type { ContractAbi } from '../../contracts/api/abi.js';
import { apiErrorSchema, ContractFailure } from '../../contracts/api/failure.js';
import type { ContractHost, ExecutableContract } from '../../contracts/api/host.js';
import type { MethodSchemas } from '../../contracts/api/method.js';
import { BundleRefusal, type LoadedBundle, Programs, type Sandbox } from '../../contracts/deployment/programs.js';
import type { Hash } from '../../primitives/bytes.js';
import { METRIC } from './metrics.js';
import type { ExecutionNews } from './news.js';

/** Characters of what a program said of its fault: it is a stranger's text. */
const MAX_DETAIL = 400;
const FAULT = 'CONTRACT_FAULT';

/** The same sandbox, with what happens in it counted and noted. */
export function countedSandbox(sandbox: Sandbox, news: ExecutionNews): Sandbox {
  return {
    engine: sandbox.engine,
    load: (bundle, fuelLimit) => load(sandbox, bundle, fuelLimit, news),
    prepare: () => sandbox.prepare?.(),
  };
}

function load(sandbox: Sandbox, bundle: Uint8Array, fuelLimit: number, news: ExecutionNews): LoadedBundle {
  try {
    const loaded = sandbox.load(bundle, fuelLimit);
    const { name: contract, version, loadFuel } = loaded;
    news.count(METRIC.sandboxLoads, 1, { result: 'loaded' });
    news.note({ event: 'sandbox.program_loaded', fields: { contract, version, loadFuel } });
    return new CountedBundle(loaded, news);
  } catch (error) {
    if (error instanceof BundleRefusal) {
      news.count(METRIC.sandboxLoads, 1, { result: 'refused' });
      news.note({ event: 'sandbox.program_refused', fields: { reason: error.reason } });
    }
    throw error;
  }
}

class CountedBundle implements LoadedBundle {
  readonly #loaded: LoadedBundle;
  readonly #news: ExecutionNews;

  constructor(loaded: LoadedBundle, news: ExecutionNews) {
    this.#loaded = loaded;
    this.#news = news;
  }

  get name(): string {
    return this.#loaded.name;
  }

  get version(): number {
    return this.#loaded.version;
  }

  get loadFuel(): number {
    return this.#loaded.loadFuel;
  }

  abi(): ContractAbi {
    return this.#loaded.abi();
  }

  schemasOf(method: string): MethodSchemas | undefined {
    return this.#loaded.schemasOf?.(method);
  }

  /** One call: its fuel, that of what it calls included, and how it ended where the program was at fault. */
  dispatch(host: ContractHost, method: string, args: Uint8Array): Uint8Array {
    const before = host.fuelLeft;
    try {
      return this.#loaded.dispatch(host, method, args);
    } catch (error) {
      if (error instanceof ContractFailure) this.#noteFault(error, `${this.name}.${method}`);
      throw error;
    } finally {
      this.#news.count(METRIC.sandboxCalls);
      this.#news.count(METRIC.sandboxFuel, before - host.fuelLeft);
    }
  }

  /** A fault of its own, not one of what it has called. */
  #noteFault({ code, failedCall, data, message }: ContractFailure, call: string): void {
    if (code !== FAULT || failedCall !== call) return;
    const reason = reasonOf(data);
    this.#news.count(METRIC.sandboxFaults, 1, { reason });
    this.#news.note({
      event: 'sandbox.contract_faulted',
      fields: { call, reason, detail: message.slice(0, MAX_DETAIL) },
    });
  }
}

function reasonOf(data: Uint8Array): string {
  const fields = apiErrorSchema(FAULT)?.decode(data);
  return String(fields?.['reason'] ?? 'unknown');
}

/** The programs of a node, with what was found loaded counted. */
export class CountedPrograms extends Programs {
  readonly #news: ExecutionNews;

  constructor(sandboxes: readonly Sandbox[], news: ExecutionNews) {
    super(sandboxes.map((sandbox) => countedSandbox(sandbox, news)));
    this.#news = news;
  }

  override program(engine: Hash, bundle: Hash, bytes: () => Uint8Array): ExecutableContract {
    let isLoaded = true;
    const program = super.program(engine, bundle, () => {
      isLoaded = false;
      return bytes();
    });
    this.#news.count(METRIC.sandboxPrograms, 1, { result: isLoaded ? 'hit' : 'miss' });
    return program;
  }
}
