import { FinalityVerifier } from '../client/verifier.js';
import { chooseBackend } from '../node/signatures/chooseBackend.js';
import type { Invocation } from './invocation.js';
import { loadVerifiedNetwork, type TrustedNetwork } from './trustedNetwork.js';
import { TrustStore } from './trustStore.js';

/** What proofs are verified against without a node. */
export interface OfflineVerification {
  readonly network: TrustedNetwork;
  readonly verifier: FinalityVerifier;
  /** Of the newest header that the wallet trusts, which no proof may contradict; null where it has none. */
  readonly trustedHeight: number | null;
  /** Says so, where there is one; empty otherwise. */
  readonly agreement: string;
}

/** Loads the genesis file, checked in full, and what the wallet verified before. @throws CliError, GenesisError, ClientError */
export async function openOfflineVerification(invocation: Invocation): Promise<OfflineVerification> {
  const { settings } = await invocation.config();
  const { backend } = chooseBackend();
  const network = await loadVerifiedNetwork(settings, backend);
  const saved = await new TrustStore(settings.wallet, network.genesisHash).load();
  const verifier = new FinalityVerifier(network, { backend }, saved);
  const trustedHeight = saved?.header.height ?? null;
  const agreement =
    trustedHeight === null
      ? ''
      : `and in agreement with the header of height ${trustedHeight}, which this wallet trusts`;
  return { network, verifier, trustedHeight, agreement };
}
