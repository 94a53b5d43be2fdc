import type { DevnetLayout, DevnetNode } from '../../cli/devnet/layout.js';
import { DelayProxy } from './delayProxy.js';
import { validatorsOf } from './layout.js';

/** A delayed line from every validator to every other, whichever of the two dials. */
export class DelayedLines {
  private constructor(private readonly proxies: ReadonlyMap<string, DelayProxy>) {}

  /** @param delayMs of each direction */
  static async open(layout: DevnetLayout, delayMs: number): Promise<DelayedLines> {
    const proxies = new Map<string, DelayProxy>();
    for (const from of validatorsOf(layout)) {
      for (const to of validatorsOf(layout)) {
        if (from !== to) proxies.set(keyOf(from, to), await DelayProxy.open(portOf(to), delayMs));
      }
    }
    return new DelayedLines(proxies);
  }

  /** Where one validator dials another: the beginning of their line. */
  addressOf(from: DevnetNode, to: DevnetNode): string {
    const proxy = this.proxies.get(keyOf(from, to));
    return proxy === undefined ? to.peerAddress : `/ip4/127.0.0.1/tcp/${proxy.port}`;
  }

  async close(): Promise<void> {
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()));
  }
}

function keyOf(from: DevnetNode, to: DevnetNode): string {
  return `${from.member.folder} ${to.member.folder}`;
}

function portOf({ peerAddress }: DevnetNode): number {
  return Number(peerAddress.split('/').at(-1));
}
