import type { StateKey } from '../../contracts/api/host.js';

/** What the executor itself keeps in the state: no contract's name begins with this character. */
export const SYSTEM_NAMESPACE: StateKey = '$system/';
