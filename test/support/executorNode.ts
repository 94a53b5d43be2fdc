import { standardContracts } from '../../contracts/index.js';
import type { Executor } from '../../node/execution/types.js';
import type { Mempool } from '../../node/mempool/types.js';
import type { RpcModules } from '../../node/rpc/ports.js';
import { RpcServer } from '../../node/rpc/server.js';
import type { ExecutionNetwork } from './executionNetwork.js';
import { healthOfFour } from './health.js';

/** A node's doors over a real executor, on a free port of loopback: it serves what is committed and takes nothing in. */
export async function startExecutorNode(
  network: ExecutionNetwork,
  executor: Executor,
  change: Partial<RpcModules> = {},
): Promise<RpcServer> {
  const { genesis, genesisHash } = network;
  const server = new RpcServer(
    { host: '127.0.0.1', port: 0, chainId: genesis.chainId, genesisHash },
    {
      executor,
      mempool: { size: 0, sizeBytes: 0 } as Mempool,
      evidence: () => [],
      commits: { subscribe: () => () => undefined },
      status: {
        facts: () => ({
          ...{ node: 'alfa', version: '0.0.0', role: 'observer', validator: undefined, peers: 0, syncing: false },
          catchUp: undefined,
        }),
        health: () => healthOfFour(),
        notReadyReasons: () => [],
      },
      contracts: new Map(standardContracts().map((contract) => [contract.name, contract])),
      nowMs: () => executor.head().header.timestamp,
      metrics: { count() {}, gauge() {} },
      metricsText: { text: async () => '', contentType: 'text/plain' },
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      ...change,
    },
  );
  await server.start();
  return server;
}
