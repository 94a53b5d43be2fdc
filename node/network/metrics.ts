import type { MetricDefinition } from '../ops/ports.js';

/** Names of what the network counts. */
export const METRIC = {
  peers: 'vostro_network_peers_count',
  connections: 'vostro_network_connections_total',
  refused: 'vostro_network_refused_total',
  dials: 'vostro_network_dials_total',
  frames: 'vostro_network_frames_total',
  messages: 'vostro_network_messages_total',
  bytes: 'vostro_network_bytes_total',
  replaced: 'vostro_network_replaced_messages_total',
  dropped: 'vostro_network_dropped_messages_total',
  waiting: 'vostro_network_outbox_bytes',
  throttled: 'vostro_network_throttled_total',
  faults: 'vostro_network_faults_total',
  bans: 'vostro_network_bans_total',
  requests: 'vostro_network_requests_total',
} as const;

export type NetworkMetric = (typeof METRIC)[keyof typeof METRIC];

/** For whoever shows them. */
export const NETWORK_METRICS: Readonly<Record<NetworkMetric, MetricDefinition>> = {
  [METRIC.peers]: { kind: 'gauge', help: 'Peers with a usable connection, by role', labels: ['role'] },
  [METRIC.connections]: {
    kind: 'counter',
    help: 'Connections that became usable, and that ended, by reason',
    labels: ['event', 'reason'],
  },
  [METRIC.refused]: { kind: 'counter', help: 'Connections refused before any stream, by reason', labels: ['reason'] },
  [METRIC.dials]: { kind: 'counter', help: 'Dials, by result', labels: ['result'] },
  [METRIC.frames]: { kind: 'counter', help: 'Frames sent, by protocol', labels: ['protocol'] },
  [METRIC.messages]: {
    kind: 'counter',
    help: 'Messages sent and received, by protocol',
    labels: ['protocol', 'direction'],
  },
  [METRIC.bytes]: { kind: 'counter', help: 'Bytes sent and received, by protocol', labels: ['protocol', 'direction'] },
  [METRIC.replaced]: {
    kind: 'counter',
    help: 'Consensus messages that a newer one replaced before they were sent',
    labels: [],
  },
  [METRIC.dropped]: {
    kind: 'counter',
    help: 'Messages not sent for want of room in the outbox of a peer',
    labels: ['protocol'],
  },
  [METRIC.waiting]: { kind: 'gauge', help: 'Bytes that wait in the outboxes of all peers', labels: [] },
  [METRIC.throttled]: { kind: 'counter', help: 'Times that a peer over its rate was read later', labels: ['protocol'] },
  [METRIC.faults]: { kind: 'counter', help: 'Faults of peers, by code', labels: ['code'] },
  [METRIC.bans]: { kind: 'counter', help: 'Bans of peers', labels: [] },
  [METRIC.requests]: {
    kind: 'counter',
    help: 'Requests, ours (out) and those of peers (in), by result',
    labels: ['direction', 'result'],
  },
};
