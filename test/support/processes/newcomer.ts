import { join } from 'node:path';
import { NodeProcess } from '../../../cli/devnet/nodeProcess.js';
import { createNodeKeys, formatNodeConfig, joinNetwork } from '../../../node/home.js';
import { type Hex, toHex } from '../../../primitives/bytes.js';
import { invariant } from '../../../primitives/errors.js';
import { possessionDigest } from '../../../primitives/possession.js';
import type { Address } from '../../../primitives/types.js';
import { backend, type ProcessNetwork } from './processNetwork.js';

/** Keystores of a test open fast. */
const LOG_N = 14;

/** A node that the genesis does not know: made, joined and started like any other. */
export class Newcomer {
  readonly process: NodeProcess;

  private constructor(
    readonly bic: string,
    readonly peerId: string,
    readonly peerAddress: string,
    readonly rpcUrl: string,
    /** Of its validator key. */
    readonly key: { readonly address: Address; readonly publicKey: Hex; readonly possession: Hex },
    home: string,
  ) {
    this.process = new NodeProcess({ name: `${bic}-new`, home, startTimeoutMs: 90_000, stopTimeoutMs: 90_000 });
  }

  /** Makes its home with keys, journal and configuration. `seat` tells its ports from those of the others. */
  static async create(network: ProcessNetwork, bic: string, seat: number): Promise<Newcomer> {
    const [first] = network.layout.nodes;
    invariant(first !== undefined, 'a network has nodes');
    const home = join(network.directory, `new-${bic}-${seat}`);
    const password = await network.password();
    const identity = await createNodeKeys({ home, password, validates: true, logN: LOG_N }, backend);
    const { validator, peerId } = identity;
    invariant(validator !== undefined, 'a validator has a key');
    const publicKey = backend.publicKey(validator.privateKey);
    const { chainId } = network.genesis;
    const possession = backend.sign(possessionDigest({ chainId, member: bic, publicKey }), validator.privateKey);
    validator.privateKey.fill(0);
    const peerPort = Number(first.peerAddress.split('/').at(-1)) + seat;
    const peerAddress = `/ip4/127.0.0.1/tcp/${peerPort}`;
    const rpcPort = first.rpcPort + seat;
    const config = formatNodeConfig({
      name: `new-${bic}`,
      validates: true,
      listen: [peerAddress],
      peers: [],
      rpcPort,
      passwordFile: network.layout.passwordFile,
      logFile: 'node.log',
    });
    await joinNetwork({ home, genesis: network.genesis, config, validates: true }, backend);
    const key = { address: validator.address, publicKey: toHex(publicKey), possession: toHex(possession) };
    return new Newcomer(bic, peerId, peerAddress, `http://127.0.0.1:${rpcPort}`, key, home);
  }
}
