import type { HealthJson } from '../../api/health.js';
import { cash } from '../../contracts/cash/cash.js';
import { membership } from '../../contracts/membership/membership.js';
import type { KeptEvidence } from '../../node/engine/evidence.js';
import type { ContractPort, RpcOptions } from '../../node/rpc/ports.js';
import { RpcServer } from '../../node/rpc/server.js';
import type { FakeChain } from './fakeChain.js';
import { CHAIN_ID, GENESIS_HASH } from './finalityFixture.js';
import { healthOfFour } from './health.js';

export interface FakeNode {
  readonly server: RpcServer;
  readonly url: string;
  /** Counts by `name{label="value"}`. */
  readonly counts: Map<string, number>;
  readonly logged: string[];
  notReady: readonly string[];
  /** What it says of its network. */
  health: HealthJson;
  /** What it keeps. */
  evidence: readonly KeptEvidence[];
}

/** A node's doors over a chain in memory, on a free port of loopback. */
export async function startFakeNode(chain: FakeChain, options: Partial<RpcOptions> = {}): Promise<FakeNode> {
  const counts = new Map<string, number>();
  const logged: string[] = [];
  const log = (_fields: unknown, message: string): void => {
    logged.push(message);
  };
  const state: Pick<FakeNode, 'notReady' | 'health' | 'evidence'> = {
    notReady: [],
    health: healthOfFour(),
    evidence: [],
  };
  const server = new RpcServer(
    { host: '127.0.0.1', port: 0, chainId: CHAIN_ID, genesisHash: GENESIS_HASH, ...options },
    {
      executor: chain.executor,
      mempool: chain.mempool,
      commits: chain,
      status: {
        facts: () => ({
          node: 'alpha',
          version: '0.0.0',
          role: 'validator',
          validator: chain.validators[0]?.address,
          peers: 3,
          syncing: false,
          catchUp: undefined,
        }),
        health: () => state.health,
        notReadyReasons: () => state.notReady,
      },
      evidence: () => state.evidence,
      contracts: new Map<string, ContractPort>([
        ['membership', membership],
        ['cash', cash],
      ]),
      nowMs: () => Date.now(),
      metrics: {
        count: (name, by = 1, labels = {}) => {
          const key = `${name}${JSON.stringify(labels)}`;
          counts.set(key, (counts.get(key) ?? 0) + by);
        },
        gauge: (name, value) => counts.set(name, value),
      },
      metricsText: { text: async () => 'vostro_up 1\n', contentType: 'text/plain; version=0.0.4' },
      logger: { debug: () => undefined, info: log, warn: log, error: log },
    },
  );
  await server.start();
  return {
    server,
    url: server.url,
    counts,
    logged,
    get notReady() {
      return state.notReady;
    },
    set notReady(reasons) {
      state.notReady = reasons;
    },
    get health() {
      return state.health;
    },
    set health(health) {
      state.health = health;
    },
    get evidence() {
      return state.evidence;
    },
    set evidence(evidence) {
      state.evidence = evidence;
    },
  };
}
