import { pauseOf } from '../governance/agenda.js';
import { accountAuthorises, accountView } from '../membership/registry.js';
import type { MemoryDirectory, StateRead } from './memoryLedger.js';

/** Answers from the membership contract's own state, as a node does. */
export function registryDirectory(read: StateRead): MemoryDirectory {
  return {
    account: (account) => accountView((key) => read('membership', key), account),
    authorises: (account, signers) => accountAuthorises((key) => read('membership', key), account, signers),
    pausedUntil: (contract) => pauseOf((key) => read('governance', key), contract),
  };
}
