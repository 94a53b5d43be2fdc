import type { AccountView, ExecutableContract } from '../../contracts/api/index.js';
import { standardContracts } from '../../contracts/index.js';
import { type MemoryDirectory, MemoryLedger } from '../../contracts/testing/memoryLedger.js';
import type { Address } from '../../primitives/types.js';

/** A ledger on which every account exists, more of them than anybody wants to register. */

/** The account of a number, in no order. */
export function accountOf(number: number): Address {
  const mixed = BigInt.asUintN(64, BigInt(number + 1) * 0x9e3779b97f4a7c15n);
  return `0x${mixed.toString(16).padStart(16, '0').repeat(3).slice(0, 40)}` as Address;
}

/** Accounts that are suspended may be added. */
export function openDirectory(suspended: ReadonlySet<Address>, central: Address): MemoryDirectory {
  const account = (of: Address): AccountView => ({
    ...{ account: of, member: of === central ? 'CENBDEFF' : 'ALFADEFF' },
    ...{ roles: [of === central ? 'centralBank' : 'bank'], active: !suspended.has(of) },
  });
  return { account, authorises: (of, signers) => signers.includes(of), pausedUntil: () => 0 };
}

/** @param others contracts that stand in the place of standard ones of their names, or beside them */
export function openLedger(
  suspended: ReadonlySet<Address>,
  central: Address,
  others: readonly ExecutableContract[] = [],
): MemoryLedger {
  const contracts = new Map([...standardContracts(), ...others].map((contract) => [contract.name, contract]));
  return new MemoryLedger({
    contracts: [...contracts.values()],
    directory: () => openDirectory(suspended, central),
  });
}
