/** What one node has counted since it started, by `name label`: `sync journal`, `sent prepare`, `sent bytes`. */
export type NodeCounters = ReadonlyMap<string, number>;

const REQUEST_TIMEOUT_MS = 10_000;

/** Series that are read, and the label that tells their values apart; undefined adds all of them up. */
const SERIES: Readonly<Record<string, { readonly as: string; readonly label: string | undefined }>> = {
  vostro_storage_syncs_total: { as: 'sync', label: 'file' },
  vostro_engine_sent_messages_total: { as: 'sent', label: 'type' },
  vostro_engine_received_messages_total: { as: 'received', label: 'type' },
  vostro_engine_sent_bytes_total: { as: 'sent bytes', label: undefined },
  vostro_engine_received_bytes_total: { as: 'received bytes', label: undefined },
  vostro_network_frames_total: { as: 'frames', label: undefined },
  vostro_network_bytes_total: { as: 'network bytes', label: 'direction' },
  vostro_network_messages_total: { as: 'network messages', label: 'direction' },
  vostro_mempool_checked_signatures_total: { as: 'checked', label: 'purpose' },
  vostro_engine_committed_blocks_total: { as: 'blocks', label: undefined },
  vostro_engine_committed_transactions_total: { as: 'transactions', label: undefined },
};

/** Reads the counters that a node shows to Prometheus. */
export async function readNodeCounters(url: string): Promise<NodeCounters> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  return parseCounters(await response.text());
}

/** The counters in the text that Prometheus scrapes. */
export function parseCounters(text: string): NodeCounters {
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value] = /^(\w+)(?:\{([^}]*)\})? (\S+)$/.exec(line) ?? [];
    const series = SERIES[name];
    if (series === undefined) continue;
    const kind = series.label === undefined ? undefined : new RegExp(`${series.label}="([^"]*)"`).exec(labels)?.[1];
    const key = kind === undefined ? series.as : `${series.as} ${kind}`;
    counters.set(key, (counters.get(key) ?? 0) + Number(value));
  }
  return counters;
}

/** What a block cost one node, on average over nodes and blocks. */
export interface BlockCost {
  /** Blocks of one node. */
  readonly blocks: number;
  /** Times that the disk was waited for, by file. */
  readonly syncs: Readonly<Record<string, number>>;
  /** Consensus messages to and from peers, by type. */
  readonly sent: Readonly<Record<string, number>>;
  readonly received: Readonly<Record<string, number>>;
  /** Of consensus messages. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Each node's counters before and after, in the same order. */
export function blockCost(before: readonly NodeCounters[], after: readonly NodeCounters[]): BlockCost {
  const grown = (key: string): number =>
    after.reduce((sum, counters, index) => sum + (counters.get(key) ?? 0) - (before[index]?.get(key) ?? 0), 0);
  const blocks = grown('blocks');
  const perBlock = (key: string): number => Math.round((grown(key) / Math.max(1, blocks)) * 100) / 100;
  const byKind = (as: string): Record<string, number> => {
    const keys = new Set(after.flatMap((counters) => [...counters.keys()]).filter((key) => key.startsWith(`${as} `)));
    const kinds = [...keys]
      .filter((key) => key !== `${as} bytes`)
      .map((key) => [key.slice(as.length + 1), perBlock(key)] as const);
    return Object.fromEntries(kinds.filter(([, count]) => count > 0));
  };
  return {
    blocks: Math.round(blocks / Math.max(1, after.length)),
    syncs: byKind('sync'),
    sent: byKind('sent'),
    received: byKind('received'),
    sentBytes: Math.round(perBlock('sent bytes')),
    receivedBytes: Math.round(perBlock('received bytes')),
  };
}

/** One line for people. */
export function describeBlockCost({ blocks, syncs, sent, received, sentBytes, receivedBytes }: BlockCost): string {
  const listed = (counts: Readonly<Record<string, number>>): string => {
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const parts = Object.entries(counts).sort(([, a], [, b]) => b - a);
    return `${total.toFixed(1)} (${parts.map(([kind, count]) => `${kind} ${count.toFixed(1)}`).join(', ')})`;
  };
  return [
    `fsyncs ${listed(syncs)}`,
    `consensus messages sent ${listed(sent)}, ${sentBytes} bytes`,
    `received ${listed(received)}, ${receivedBytes} bytes`,
    `over ${blocks} blocks`,
  ].join('; ');
}
