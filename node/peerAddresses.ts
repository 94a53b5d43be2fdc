import { ConfigError } from './ops/config.js';

/**
 * Where this node's configuration says that peers are to be dialled; others are where the chain's registry says.
 *
 * @param configured `PEER_ID=/ip4/…/tcp/…` each
 * @throws ConfigError `CONFIG_VALUE_INVALID`
 */
export function peerAddresses(configured: readonly string[]): ReadonlyMap<string, readonly string[]> {
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
  return own;
}
