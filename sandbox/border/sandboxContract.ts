import type { AbiCodec, ContractAbi } from '../../contracts/api/abi.js';
import { codecFromAbi } from '../../contracts/api/abiSchema.js';
import { authorise } from '../../contracts/api/authorise.js';
import { asFailure } from '../../contracts/api/context.js';
import type { StandardContract } from '../../contracts/api/define.js';
import { apiFailure, type ContractFault } from '../../contracts/api/failure.js';
import type { ContractHost } from '../../contracts/api/host.js';
import type { MethodSchemas } from '../../contracts/api/method.js';
import { SchemaError } from '../../contracts/api/schema.js';
import { RlpError } from '../../primitives/rlp.js';
import { GuestFault, type GuestFaultReason } from '../errors.js';
import { METHOD_BASE } from '../guest/operations.js';
import type { GuestMeter, GuestOperation, LoadedGuest } from '../types.js';
import { BorderBreach } from './breach.js';
import { CallState } from './callState.js';
import { CodecCache } from './codecCache.js';
import { answer, resultOf } from './guestCall.js';
import { type BorderLayout, type BorderMethod, layoutOf } from './layout.js';

/** Sees what a guest ended with, for a person who debugs it: never a result. */
export type FaultObserver = (call: string, fault: GuestFault | BorderBreach) => void;

/**
 * A contract that runs in a sandbox. To an executor it is as any other: the same refusals before the method runs, the
 * same host, the same codes after it. PROTOCOL §Sandbox Z1–Z9
 */
export class SandboxContract implements StandardContract {
  readonly name: string;
  readonly version: number;
  readonly codec: AbiCodec;
  readonly #abi: ContractAbi;
  readonly #guest: LoadedGuest;
  readonly #layout: BorderLayout;
  readonly #codecs = new CodecCache();
  readonly #onFault: FaultObserver | undefined;

  /** @throws SchemaError for an ABI that is none of ours */
  constructor(abi: ContractAbi, guest: LoadedGuest, onFault?: FaultObserver) {
    this.name = abi.name;
    this.version = abi.version;
    this.codec = codecFromAbi(abi);
    this.#abi = abi;
    this.#guest = guest;
    this.#layout = layoutOf(abi);
    this.#onFault = onFault;
  }

  abi(): ContractAbi {
    return this.#abi;
  }

  schemasOf(method: string): MethodSchemas | undefined {
    return this.#layout.methods.get(method)?.schemas;
  }

  /** @throws ContractFailure with a code that the contract or the API declares; what ends the transaction */
  dispatch(host: ContractHost, methodName: string, args: Uint8Array): Uint8Array {
    const method = this.#layout.methods.get(methodName);
    if (method === undefined) throw apiFailure(`${this.name}.${methodName}`, 'METHOD_UNKNOWN', {});
    if (method.kind === 'tx' && host.context.readOnly) throw apiFailure(method.call, 'READ_ONLY', {});
    const input = inputOf(method, args);
    const state = new CallState(this.#layout, method, host, this.#codecs);
    try {
      if (method.auth !== null && method.accountFunctions === 0) authorise(method.auth, [], host, method.call);
      const operation: GuestOperation = (code, first, second) => answer(state, code, first, second);
      return resultOf(state, this.#guest.run(input, operation, new HostMeter(host)));
    } catch (error) {
      throw this.#failure(error, method.call);
    }
  }

  #failure(error: unknown, call: string): unknown {
    if (!(error instanceof GuestFault) && !(error instanceof BorderBreach)) return asFailure(error, call);
    this.#onFault?.(call, error);
    const reason = error instanceof GuestFault ? FAULTS[error.reason] : 'answer';
    return apiFailure(call, 'CONTRACT_FAULT', { reason }, error.message);
  }
}

/** PROTOCOL §Sandbox Z8. What of a guest's end a receipt says. */
const FAULTS: Readonly<Record<GuestFaultReason, ContractFault>> = {
  loadFuel: 'exception',
  callDepth: 'depth',
  memory: 'memory',
  exception: 'exception',
  result: 'answer',
  text: 'answer',
  trap: 'exception',
};

/** What the guest's entry takes. @throws ContractFailure `ARGUMENTS_INVALID` */
function inputOf({ number, args: codec, call }: BorderMethod, args: Uint8Array): string {
  try {
    return String.fromCharCode(METHOD_BASE + number) + codec.textOf(args);
  } catch (error) {
    if (!(error instanceof RlpError) && !(error instanceof SchemaError)) throw error;
    throw apiFailure(call, 'ARGUMENTS_INVALID', {}, error.message);
  }
}

/** The transaction's fuel and depth as the engine counts them. */
class HostMeter implements GuestMeter {
  readonly #host: ContractHost;

  constructor(host: ContractHost) {
    this.#host = host;
  }

  get fuelLeft(): number {
    return this.#host.fuelLeft;
  }
  get depthLeft(): number {
    return this.#host.guestDepthLeft;
  }
  set depthLeft(depth: number) {
    this.#host.guestDepthLeft = depth;
  }
  charge(units: number): void {
    this.#host.useFuel(units);
  }
}
