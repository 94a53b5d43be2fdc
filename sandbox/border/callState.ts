import { apiFailure, type ContractFailure } from '../../contracts/api/failure.js';
import type { ContractHost } from '../../contracts/api/host.js';
import { BorderBreach } from './breach.js';
import type { BorderCodec } from './codec.js';
import type { CodecCache } from './codecCache.js';
import type { BorderLayout, BorderMethod } from './layout.js';
import { BORDER_LIMITS, BORDER_PRICES } from './limits.js';
import { linesOf } from './lines.js';

const MAX_FAILURES = BORDER_LIMITS.failures;

/** One call of a guest as the host sees it. */
export class CallState {
  readonly layout: BorderLayout;
  readonly method: BorderMethod;
  readonly host: ContractHost;
  readonly codecs: CodecCache;
  /** `contract.method`. */
  readonly call: string;
  /** The accounts that the guest works out have authorised, or there are none. */
  isAuthorised: boolean;
  /** An account that the method asked for has authorised. */
  hasAsked = false;
  /** What the guest says that its call ends with. */
  ending: ContractFailure | undefined;
  readonly #failures: ContractFailure[] = [];

  constructor(layout: BorderLayout, method: BorderMethod, host: ContractHost, codecs: CodecCache) {
    this.layout = layout;
    this.method = method;
    this.host = host;
    this.codecs = codecs;
    this.call = method.call;
    this.isAuthorised = method.accountFunctions === 0;
  }

  /** @throws ContractFailure `READ_ONLY` in a view, whoever called it */
  requireWritable(): void {
    if (this.method.kind === 'view') throw apiFailure(this.call, 'READ_ONLY', {});
  }

  /** Canonical bytes of a value that the guest wrote, paid for by its lines. @throws SchemaError, OutOfFuel */
  encoded(codec: BorderCodec, text: string): Uint8Array {
    this.host.useFuel(BORDER_PRICES.line * linesOf(text));
    return codec.bytesOf(text);
  }

  /** Keeps a failure under a number: what the guest may name it by. PROTOCOL §Sandbox Z5. @throws OutOfFuel, BorderBreach */
  record(failure: ContractFailure): number {
    this.host.useFuel(BORDER_PRICES.failure);
    if (this.#failures.length === MAX_FAILURES) throw new BorderBreach(`at most ${MAX_FAILURES} failures`, 'more');
    return this.#failures.push(failure) - 1;
  }

  /** The failure of that number. A guest can name none that it has not met. */
  failure(number: string): ContractFailure {
    const failure = /^(?:0|[1-9][0-9]{0,5})$/.test(number) ? this.#failures[Number(number)] : undefined;
    if (failure === undefined) throw new BorderBreach('the number of a failure of this call', number.slice(0, 16));
    return failure;
  }
}
