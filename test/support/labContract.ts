import { apiFailure } from '../../contracts/api/failure.js';
import type { ContractHost, ExecutableContract } from '../../contracts/api/host.js';
import type { Call } from '../../primitives/types.js';

export type LabMethods = Readonly<Record<string, (host: ContractHost, args: Uint8Array) => unknown>>;

const NO_BYTES = new Uint8Array(0);

/** A contract of plain functions over the host itself: for what no well-behaved contract does. */
export function labContract(name: string, methods: LabMethods): ExecutableContract {
  return {
    name,
    version: 1,
    dispatch(host, method, args) {
      const run = methods[method];
      if (run === undefined) throw apiFailure(`${name}.${method}`, 'METHOD_UNKNOWN', {});
      const result = run(host, args);
      return result instanceof Uint8Array ? result : NO_BYTES;
    },
  };
}

export function labCall(contract: string, method: string, args: Uint8Array = NO_BYTES): Call {
  return { contract, method, args };
}
