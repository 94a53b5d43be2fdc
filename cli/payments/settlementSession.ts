import type { VostroClient } from '../../client/client.js';
import type { Keyring } from '../keyring.js';
import type { Session } from '../session.js';

/** What settling payments needs of a session. */
export interface SettlementSession {
  readonly settings: Pick<Session['settings'], 'timeoutMs'>;
  readonly network: Pick<Session['network'], 'genesisHash'>;
  readonly keyring: Pick<Keyring, 'signersOf'>;
  readonly client: Pick<VostroClient, 'buildTransaction' | 'sign' | 'submitAndWaitMany' | 'waitMany' | 'call'>;
}
