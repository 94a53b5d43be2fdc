import { type AbiCodec, apiErrorSchema, type Json } from '../../contracts/api/index.js';
import { KitError } from '../errors.js';

/** An event as a receipt has it, its data as JSON: amounts are decimal strings, bytes hexadecimal. */
export interface TestEvent {
  readonly contract: string;
  readonly name: string;
  readonly data: Json;
}

/** A call that did what it was asked. */
export interface Settled<T> {
  readonly settled: true;
  readonly result: T;
  readonly events: readonly TestEvent[];
  /** Payments of a batch, with a code where one was refused. */
  readonly outcomes: readonly { readonly reference: string; readonly code: string }[];
  /** Units that it used in the sandbox, the transaction's own share for its bytes left out. */
  readonly fuel: number;
}

/** A call that failed; nothing of it remains. */
export interface Refused {
  readonly settled: false;
  readonly code: string;
  readonly data: Json;
  /** `contract.method` that failed. */
  readonly failedCall: string;
  /** For a person: no receipt of a network holds it. Of an exception, with the place in the sources. */
  readonly reason: string;
  readonly fuel: number;
}

export type Receipt<T> = Settled<T> | Refused;

/** Decodes data of any contract of the network. */
export class Decoder {
  readonly #codecs: Map<string, AbiCodec>;

  constructor(codecs: ReadonlyMap<string, AbiCodec>) {
    this.#codecs = new Map(codecs);
  }

  /** Another version's data is read by its own ABI. */
  use(contract: string, codec: AbiCodec): void {
    this.#codecs.set(contract, codec);
  }

  event(contract: string, name: string, data: Uint8Array): TestEvent {
    return { contract, name, data: this.#codecs.get(contract)?.decodeEvent(name, data) ?? null };
  }

  errorData(failedCall: string, code: string, data: Uint8Array): Json {
    const schema = apiErrorSchema(code);
    if (schema !== undefined) return schema.toJson(schema.decode(data));
    return this.#codecs.get(failedCall.split('.')[0] ?? '')?.decodeErrorData(code, data) ?? null;
  }
}

/** The settled receipt. @throws KitError `EXPECTATION_FAILED` that says why it was refused */
export function requireSettled<T>(receipt: Receipt<T>, call: string): Settled<T> {
  if (receipt.settled) return receipt;
  const { code, data, failedCall, reason } = receipt;
  const where = failedCall === call ? '' : ` in ${failedCall}`;
  throw new KitError(
    'EXPECTATION_FAILED',
    `${call} was refused${where} with ${code} ${JSON.stringify(data)}\n  ${reason}`,
    { expected: 'a call that settles', actual: code },
  );
}

/** The refusal, with that code where one is asked for. @throws KitError `EXPECTATION_FAILED` */
export function requireRefused<T>(receipt: Receipt<T>, call: string, code: string | undefined): Refused {
  const expected = code === undefined ? 'a refusal' : `a refusal with ${code}`;
  if (receipt.settled) {
    const message = `${call} settled: expected ${expected}`;
    throw new KitError('EXPECTATION_FAILED', message, { expected, actual: 'settled' });
  }
  if (code === undefined || receipt.code === code) return receipt;
  const message = `${call} was refused with ${receipt.code} ${JSON.stringify(receipt.data)}: expected ${code}\n  ${receipt.reason}`;
  throw new KitError('EXPECTATION_FAILED', message, { expected, actual: receipt.code });
}
