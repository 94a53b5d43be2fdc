import type { ExecutableContract } from '../../contracts/api/index.js';
import type { Call } from '../../primitives/types.js';

/** A contract that passes its calls on to cash, under its own name. */
export function cashHolder(name: string): ExecutableContract {
  return { name, version: 1, dispatch: (host, method, args) => host.call('cash', method, args) };
}

/** The same for assets. */
export function assetHolder(name: string): ExecutableContract {
  return { name, version: 1, dispatch: (host, method, args) => host.call('assets', method, args) };
}

/** In the place of the contract `orders`: passes on what `byOrders` makes, to cash and to assets. */
export const ordersHolder: ExecutableContract = {
  name: 'orders',
  version: 1,
  dispatch: (host, method, args) => {
    const [contract = '', name = ''] = method.split('.');
    return host.call(contract, name, args);
  },
};

/** A call that `ordersHolder` passes on. */
export function byOrders({ contract, method, args }: Call): Call {
  return { contract: 'orders', method: `${contract}.${method}`, args };
}

/** A call that a contract passes on. */
export function madeBy(contract: string, { method, args }: Call): Call {
  return { contract, method, args };
}
