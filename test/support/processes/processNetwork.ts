import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevnetLayout, type DevnetNode, devnetLayout } from '../../../cli/devnet/layout.js';
import { NodeProcess } from '../../../cli/devnet/nodeProcess.js';
import { Operator } from '../../../cli/devnet/operator.js';
import { provision } from '../../../cli/devnet/provision.js';
import { VostroClient } from '../../../client/client.js';
import { parseGenesis, trustedChain } from '../../../genesis/genesis.js';
import type { Genesis } from '../../../genesis/types.js';
import { openKeystore, parseKeystore } from '../../../node/keys/keystore.js';
import { findKeystore } from '../../../node/keys/keystoreDirectory.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import { chooseBackend } from '../../../node/signatures/chooseBackend.js';
import { invariant } from '../../../primitives/errors.js';
import type { TrustedChain } from '../../../primitives/finality.js';
import { until } from './until.js';

const TIMEOUT_MS = 90_000;
/** Where bases of ports are looked for: below the ports that the system gives to clients. */
const BASE_PORTS = { first: 20_000, last: 31_000, step: 10, attempts: 100 } as const;
/**
 * Processes of tests that run side by side look at bases of their own: a port that is free is not taken at once. A network's second
 * range of ports lies ten steps behind its first one, in the same lane.
 */
const PORT_LANES = 5;

export const { backend } = chooseBackend();

/** One node of the network: its process and where it stands. */
export interface Member {
  readonly node: DevnetNode;
  readonly process: NodeProcess;
  /** Position in the ordered list of validators; -1 for the observer. */
  readonly seat: number;
}

/** Four validators and an observer on this machine, each a process of its own with its own disk, keys and ports. */
export class ProcessNetwork {
  readonly members: readonly Member[];
  readonly trusted: TrustedChain;
  private readonly clients: VostroClient[] = [];

  private constructor(
    readonly directory: string,
    readonly layout: DevnetLayout,
    readonly genesis: Genesis,
    program: string | undefined,
  ) {
    this.trusted = trustedChain(genesis);
    this.members = layout.nodes.map((node) => ({
      node,
      process: new NodeProcess({
        name: node.member.folder,
        home: node.home,
        startTimeoutMs: TIMEOUT_MS,
        stopTimeoutMs: TIMEOUT_MS,
        ...(program === undefined ? {} : { program }),
      }),
      seat: genesis.validators.indexOf(node.member.bic),
    }));
  }

  /**
   * A new network in a temporary directory, with nothing running yet; `program` runs its nodes instead of `vostro`, `further` are
   * codes of currencies beside its own.
   */
  static async create(program?: string, further: readonly string[] = []): Promise<ProcessNetwork> {
    const directory = await mkdtemp(join(tmpdir(), 'vostro-processes-'));
    const layout = devnetLayout(join(directory, 'network'), await freeBasePort());
    await provision(layout, backend, Date.now(), further);
    const genesis = parseGenesis(JSON.parse(await readFile(layout.genesisFile, 'utf8')));
    return new ProcessNetwork(directory, layout, genesis, program);
  }

  /** The four that decide. */
  get validators(): readonly Member[] {
    return this.members.filter(({ node }) => node.member.validates);
  }

  get observer(): Member {
    return this.member('CBVODEFF');
  }

  member(bic: string): Member {
    const found = this.members.find(({ node }) => node.member.bic === bic);
    invariant(found !== undefined, 'the network has this member', { expected: bic });
    return found;
  }

  async start(): Promise<void> {
    await Promise.all(this.members.map(({ process }) => process.start()));
    await Promise.all(this.members.map((member) => this.untilReady(member)));
  }

  untilReady({ node }: Member): Promise<true> {
    return until(`${node.member.bic} ready`, async () => {
      const answer = await fetch(`${node.rpcUrl}/readyz`).catch(() => undefined);
      return answer?.ok === true;
    });
  }

  /** Ends every process that still runs, by its own handle, and removes the directory. Never throws half-way. */
  async remove(): Promise<void> {
    for (const client of this.clients) client.close();
    await Promise.allSettled(this.members.map(({ process }) => process.kill()));
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A client of these members; it is closed with the network. */
  client(members: readonly Member[], submitTo?: number): VostroClient {
    const urls = members.map(({ node }) => node.rpcUrl);
    const options = submitTo === undefined ? {} : { submitTo };
    const client = new VostroClient(
      { urls, trust: this.trusted, timeoutMs: TIMEOUT_MS, ttlMs: 300_000, requestTimeoutMs: 10_000, ...options },
      { backend },
    );
    this.clients.push(client);
    return client;
  }

  /** Somebody at the keyboard, who asks this member. */
  operator({ node }: Member): Operator {
    return new Operator(this.layout, node.rpcUrl);
  }

  /** The key of a member's settlement account. */
  async signer(bic: string): Promise<LocalSigner> {
    const { keystore } = await findKeystore(this.layout.wallet, bic);
    return LocalSigner.fromKeystore(keystore, await this.password(), backend);
  }

  /** The private key behind a node's peer id. */
  async networkKey({ node }: Member): Promise<Uint8Array> {
    const path = join(node.home, 'keys', 'network.json');
    return openKeystore(parseKeystore(await readFile(path, 'utf8'), path), await this.password(), backend);
  }

  /** Bytes that a node keeps of conflicting signatures. */
  async evidenceBytes({ node }: Member): Promise<number> {
    return (await stat(join(node.home, 'data', 'evidence.log'))).size;
  }

  /** A counter of a node, by its name and labels as they are shown; 0 where it counted nothing yet. */
  async metric({ node }: Member, name: string, label = ''): Promise<number> {
    const text = await (await fetch(`${node.rpcUrl}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Of every keystore of the network. */
  async password(): Promise<string> {
    return (await readFile(this.layout.passwordFile, 'utf8')).trim();
  }
}

/** The first port of a local network of which every one is free now. */
export async function freeBasePort(): Promise<number> {
  const { first, last, step, attempts } = BASE_PORTS;
  const lane = Number(process.env['MOCHA_WORKER_ID'] ?? 0) % PORT_LANES;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const basePort = first + step * (PORT_LANES * randomInt((last - first) / step / PORT_LANES) + lane);
    const ports = devnetLayout('.', basePort).nodes.flatMap(({ peerAddress, rpcPort }) => [
      Number(peerAddress.split('/').at(-1)),
      rpcPort,
    ]);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return basePort;
  }
  return invariant(false, 'some ports of this machine are free', { expected: `within ${attempts} attempts` }) as never;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
