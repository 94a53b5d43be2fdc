import { join, resolve } from 'node:path';
import { DEVNET_MEMBERS, type DevnetMember } from './members.js';

/** Distance between the port of a node's peers and that of its RPC. */
const RPC_PORT_OFFSET = 100;
export const DEFAULT_BASE_PORT = 26_600;

/** Where everything of the local network stands. */
export interface DevnetLayout {
  readonly home: string;
  readonly genesisFile: string;
  readonly passwordFile: string;
  /** One wallet with the keys of all members: this machine plays them all. */
  readonly wallet: string;
  /** Written last: a home without it was not finished, and is made anew. */
  readonly readyFile: string;
  readonly nodes: readonly DevnetNode[];
}

export interface DevnetNode {
  readonly member: DevnetMember;
  readonly home: string;
  readonly peerAddress: string;
  readonly rpcPort: number;
  readonly rpcUrl: string;
}

/** Paths and ports of a local network. */
export function devnetLayout(homeDirectory: string, basePort: number): DevnetLayout {
  const home = resolve(homeDirectory);
  return {
    home,
    genesisFile: join(home, 'genesis.json'),
    passwordFile: join(home, 'password.txt'),
    wallet: join(home, 'wallet'),
    readyFile: join(home, 'devnet.json'),
    nodes: DEVNET_MEMBERS.map((member, index) => ({
      member,
      home: join(home, 'nodes', member.folder),
      peerAddress: `/ip4/127.0.0.1/tcp/${basePort + index}`,
      rpcPort: basePort + RPC_PORT_OFFSET + index,
      rpcUrl: `http://127.0.0.1:${basePort + RPC_PORT_OFFSET + index}`,
    })),
  };
}
