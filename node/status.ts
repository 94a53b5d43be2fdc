import type { DiskWatch } from './diskWatch.js';
import type { Engine } from './engine/engine.js';
import type { NodeFacts } from './rpc/ports.js';
import type { Signer } from './signatures/types.js';

/** What a node tells of itself. */
export function nodeFacts(node: {
  readonly name: string;
  readonly version: string;
  readonly signer: Signer | undefined;
  readonly engine: Engine;
}): NodeFacts {
  return {
    node: node.name,
    version: node.version,
    role: node.signer === undefined ? 'observer' : 'validator',
    validator: node.signer?.address,
    peers: node.engine.network.connectedPeers().length,
    syncing: node.engine.status().isBehind,
  };
}

/** Why this node should be sent no requests now. */
export function notReadyReasons({ engine, disk }: { readonly engine: Engine; readonly disk: DiskWatch }): string[] {
  const { mode, isBehind } = engine.status();
  const reasons: string[] = [];
  if (mode === 'recovering' || mode === 'paused' || mode === 'stopped') reasons.push(`the engine is ${mode}`);
  if (isBehind) reasons.push('a peer has blocks that this node is still fetching');
  if (engine.network.connectedPeers().length === 0) reasons.push('no peer is connected');
  if (disk.isLow) reasons.push('free disk space is low');
  return reasons;
}
