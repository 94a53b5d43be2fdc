import { createHash } from 'node:crypto';
import { VostroClient } from '../client/client.js';
import { chooseBackend } from '../node/signatures/chooseBackend.js';
import type { SignatureBackend } from '../primitives/types.js';
import { AccountBook } from './accountBook.js';
import type { CliSettings } from './config.js';
import type { Invocation } from './invocation.js';
import { Keyring } from './keyring.js';
import { loadTrustedNetwork, type TrustedNetwork } from './trustedNetwork.js';
import { TrustStore } from './trustStore.js';
import { openWallet } from './wallet.js';

/** Everything that a command of the network works with: what is trusted, whom to ask, and whose keys are here. */
export interface Session {
  readonly settings: CliSettings;
  readonly network: TrustedNetwork;
  readonly client: VostroClient;
  readonly accounts: AccountBook;
  readonly keyring: Keyring;
  readonly backend: SignatureBackend;
  /** Keeps the newest verified header in the wallet; done by itself when the command ends. */
  keepTrust(): Promise<void>;
}

/** Share of the network's window that a transaction's life may take, so that clocks may differ a little. */
const WINDOW_SHARE_PERCENT = 80;

/**
 * Opens wallet, trusted genesis and client, which goes on from the newest header that the wallet verified; asks no node
 * and opens no key yet.
 */
export async function openSession(invocation: Invocation): Promise<Session> {
  const { settings } = await invocation.config();
  const network = await loadTrustedNetwork(settings);
  const { backend } = chooseBackend();
  const trust = new TrustStore(settings.wallet, network.genesisHash);
  const trustedState = await trust.load();
  const client = new VostroClient(
    {
      ...(trustedState === undefined ? {} : { trustedState }),
      urls: settings.rpc.split(',').map((url) => url.trim()),
      trust: network,
      timeoutMs: settings.timeoutMs,
      ttlMs: transactionLifeMs(network),
    },
    { backend, sha256: (bytes) => createHash('sha256').update(bytes).digest() },
  );
  const accounts = new AccountBook(await openWallet(settings.wallet), client);
  const passwordFile = invocation.options.text('passwordFile');
  const keys = { wallet: settings.wallet, passwordFile, defaultPasswordFile: settings.passwordFile };
  const keyring = new Keyring(keys, invocation.host, backend, accounts);
  const keepTrust = async (): Promise<void> => {
    const warning = await trust.save(client.light);
    if (warning !== undefined) invocation.output.note(warning);
  };
  invocation.atEnd(keepTrust);
  return { settings, network, client, accounts, backend, keyring, keepTrust };
}

/** How long a transaction of this network may wait to be included. */
export function transactionLifeMs({ genesis }: TrustedNetwork): number {
  return Math.floor((genesis.parameters.referenceWindowMs * WINDOW_SHARE_PERCENT) / 100);
}
