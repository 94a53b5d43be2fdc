const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARDS = ['0.0.0.0', '::'];

/** The name of a Host header without its port. */
function nameOf(header: string): string {
  return header.replace(/:\d+$/, '').toLowerCase();
}

/**
 * True when the Host header names this node: by loopback, by the address that it listens on, or by a name that its
 * operator allowed. A node that listens everywhere has left that to whoever stands before it.
 */
export function isAllowedHost(header: string | undefined, host: string, allowedHosts: readonly string[]): boolean {
  if (WILDCARDS.includes(host)) return true;
  if (header === undefined) return false;
  const name = nameOf(header);
  return [...LOOPBACK_NAMES, host.toLowerCase(), ...allowedHosts.map((allowed) => allowed.toLowerCase())].includes(
    name,
  );
}
