import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Member, ProcessNetwork } from '../../support/processes/processNetwork.js';
import { TcpProxy } from './tcpProxy.js';

interface Cable {
  readonly dialler: string;
  readonly target: string;
  readonly proxy: TcpProxy;
}

/** Proxies between all nodes of a network: whoever dials whom, dials one of them. */
export class ProxyMesh {
  private constructor(private readonly cables: readonly Cable[]) {}

  /** Makes the proxies and writes their addresses into the settings of the nodes, which must not run yet. */
  static async between({ members }: ProcessNetwork): Promise<ProxyMesh> {
    const cables: Cable[] = [];
    for (const dialler of members) {
      const path = join(dialler.node.home, 'config.toml');
      let config = await readFile(path, 'utf8');
      for (const target of members) {
        if (target === dialler) continue;
        const proxy = await TcpProxy.to(peerPort(target));
        config = config.replace(`=${target.node.peerAddress}"`, `=/ip4/127.0.0.1/tcp/${proxy.port}"`);
        cables.push({ dialler: bicOf(dialler), target: bicOf(target), proxy });
      }
      await writeFile(path, config);
    }
    return new ProxyMesh(cables);
  }

  /** Cuts a node off from all others. */
  isolate(bic: string): void {
    for (const { proxy } of this.touching(bic)) proxy.cut();
  }

  /** Cuts two nodes off from each other alone. */
  cut(one: string, other: string): void {
    for (const { proxy } of this.betweenTwo(one, other)) proxy.cut();
  }

  /** What this node says arrives nowhere, while it hears everything. */
  mute(bic: string): void {
    for (const { dialler, proxy } of this.touching(bic)) proxy.stall(dialler === bic ? 'forward' : 'backward');
  }

  /** This node hears nothing, while what it says arrives. */
  deafen(bic: string): void {
    for (const { dialler, proxy } of this.touching(bic)) proxy.stall(dialler === bic ? 'backward' : 'forward');
  }

  /** Everything from and to this node arrives so much later. */
  slow(bic: string, delayMs: number): void {
    for (const { proxy } of this.touching(bic)) proxy.delay(delayMs);
  }

  mend(bic: string): void {
    for (const { proxy } of this.touching(bic)) proxy.mend();
  }

  async close(): Promise<void> {
    await Promise.all(this.cables.map(({ proxy }) => proxy.close()));
  }

  private touching(bic: string): readonly Cable[] {
    return this.cables.filter(({ dialler, target }) => dialler === bic || target === bic);
  }

  private betweenTwo(one: string, other: string): readonly Cable[] {
    return this.touching(one).filter(({ dialler, target }) => dialler === other || target === other);
  }
}

export function bicOf({ node }: Member): string {
  return node.member.bic;
}

function peerPort({ node }: Member): number {
  return Number(node.peerAddress.split('/').at(-1));
}
