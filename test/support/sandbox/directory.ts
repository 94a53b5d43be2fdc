import type { MemoryDirectory } from '../../../contracts/testing/memoryLedger.js';
import type { Address } from '../../../primitives/types.js';

/** Every account is a bank's and authorises by its own signature; those that end with `dead` are suspended, with `0000` unknown. */
export function openDirectory(): MemoryDirectory {
  return {
    account: (account: Address) =>
      account.endsWith('0000')
        ? undefined
        : { account, member: 'BANKDEFF', roles: ['bank'], active: !account.endsWith('dead') },
    authorises: (account, signers) => signers.includes(account),
    pausedUntil: () => 0,
  };
}

/** The account of that number. */
export function accountOf(number: number): Address {
  return `0x${(number + 1).toString(16).padStart(40, '0')}` as Address;
}
