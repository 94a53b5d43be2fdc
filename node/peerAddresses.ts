import type { Genesis } from '../genesis/types.js';
import { ConfigError } from './ops/config.js';

/**
 * Where to dial each peer: what this node's configuration says, or else the genesis file's hints.
 *
 * @param configured `PEER_ID=/ip4/…/tcp/…` each
 * @throws ConfigError `CONFIG_VALUE_INVALID`
 */
export function peerAddresses(genesis: Genesis, configured: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const hints = new Map<string, readonly string[]>();
  for (const { nodes } of genesis.members) for (const { peerId, addresses } of nodes) hints.set(peerId, addresses);
  const own = new Map<string, string[]>();
  for (const entry of configured) {
    const at = entry.indexOf('=');
    const [peerId, address] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
    if (peerId === '' || !address.startsWith('/')) {
      throw new ConfigError('CONFIG_VALUE_INVALID', `network.peers must hold PEER_ID=/ip4/…/tcp/…, found "${entry}"`, {
        expected: 'PEER_ID=/ip4/…/tcp/…',
        actual: entry,
      });
    }
    own.set(peerId, [...(own.get(peerId) ?? []), address]);
  }
  return new Map([...hints, ...own]);
}
