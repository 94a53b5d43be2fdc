import type { MetricDefinition } from '../ops/ports.js';

/** Names of what the engine counts. */
export const METRIC = {
  height: 'vostro_engine_height_count',
  round: 'vostro_engine_round_count',
  inputs: 'vostro_engine_inputs_total',
  earlyTimeouts: 'vostro_engine_early_timeouts_total',
  queued: 'vostro_engine_queued_inputs_count',
  dropped: 'vostro_engine_dropped_messages_total',
  persisted: 'vostro_engine_persisted_records_total',
  committed: 'vostro_engine_committed_blocks_total',
  transactions: 'vostro_engine_committed_transactions_total',
  pulled: 'vostro_engine_pulled_transactions_total',
  refusedBlocks: 'vostro_engine_refused_blocks_total',
  headStarts: 'vostro_engine_head_starts_total',
  syncedBlocks: 'vostro_engine_synced_blocks_total',
  syncRequests: 'vostro_engine_sync_requests_total',
  syncBehind: 'vostro_sync_behind_blocks_count',
  syncRate: 'vostro_sync_rate_blocks_per_second',
  syncBytes: 'vostro_sync_fetched_bytes_count',
  served: 'vostro_engine_served_requests_total',
  evidence: 'vostro_engine_evidence_total',
  sent: 'vostro_engine_sent_messages_total',
  sentBytes: 'vostro_engine_sent_bytes_total',
  messages: 'vostro_engine_received_messages_total',
  messageBytes: 'vostro_engine_received_bytes_total',
  silentValidator: 'vostro_validator_silent_count',
  validatorQuiet: 'vostro_validator_quiet_seconds',
  validatorHeight: 'vostro_validator_height_count',
  missedTurnsInARow: 'vostro_validator_missed_turns_count',
  missedTurns: 'vostro_validator_missed_turns_total',
  signedShare: 'vostro_validator_signed_ratio',
  keptEvidence: 'vostro_engine_kept_evidence_count',
} as const;

export type EngineMetric = (typeof METRIC)[keyof typeof METRIC];

/** For whoever shows them. */
export const ENGINE_METRICS: Readonly<Record<EngineMetric, MetricDefinition>> = {
  [METRIC.height]: { kind: 'gauge', help: 'Height of the newest committed block', labels: [] },
  [METRIC.round]: { kind: 'gauge', help: 'Round of the height that is being decided', labels: [] },
  [METRIC.inputs]: { kind: 'counter', help: 'Inputs handled by consensus, by kind', labels: ['kind'] },
  [METRIC.earlyTimeouts]: {
    kind: 'counter',
    help: 'Rounds that were ended early because no connection to their leader stood',
    labels: [],
  },
  [METRIC.queued]: { kind: 'gauge', help: 'Inputs that wait to be handled', labels: [] },
  [METRIC.dropped]: { kind: 'counter', help: 'Messages of peers not handled, by reason', labels: ['reason'] },
  [METRIC.persisted]: { kind: 'counter', help: 'Records synced to the signing journal', labels: [] },
  [METRIC.committed]: { kind: 'counter', help: 'Blocks committed, decided here or fetched', labels: [] },
  [METRIC.transactions]: { kind: 'counter', help: 'Transactions in committed blocks', labels: [] },
  [METRIC.pulled]: { kind: 'counter', help: 'Transactions of proposals fetched from peers', labels: [] },
  [METRIC.refusedBlocks]: { kind: 'counter', help: 'Proposed blocks that got no Prepare, by code', labels: ['code'] },
  [METRIC.headStarts]: {
    kind: 'counter',
    help: 'Outlines of leaders: begun to be executed ahead of the proposal, used for it, or passed over',
    labels: ['result'],
  },
  [METRIC.syncedBlocks]: { kind: 'counter', help: 'Blocks fetched from peers with their certificates', labels: [] },
  [METRIC.syncRequests]: { kind: 'counter', help: 'Requests for ranges of blocks, by result', labels: ['result'] },
  [METRIC.syncBehind]: { kind: 'gauge', help: 'Blocks that peers have and this node does not', labels: [] },
  [METRIC.syncRate]: { kind: 'gauge', help: 'Blocks a second while catching up', labels: [] },
  [METRIC.syncBytes]: { kind: 'gauge', help: 'Bytes of blocks expected and held while catching up', labels: [] },
  [METRIC.served]: { kind: 'counter', help: 'Requests of peers, by type and result', labels: ['type', 'result'] },
  [METRIC.sent]: {
    kind: 'counter',
    help: 'Consensus messages for each peer that they were given to the network for, by type',
    labels: ['type'],
  },
  [METRIC.sentBytes]: { kind: 'counter', help: 'Bytes of the same, by type', labels: ['type'] },
  [METRIC.messages]: { kind: 'counter', help: 'Consensus messages of peers that were read, by type', labels: ['type'] },
  [METRIC.messageBytes]: { kind: 'counter', help: 'Bytes of the same, by type', labels: ['type'] },
  [METRIC.silentValidator]: validatorGauge('1 while nothing is heard of a validator, or its turns to propose go by'),
  [METRIC.validatorQuiet]: validatorGauge('Seconds since a validator was heard last, as of the last look'),
  [METRIC.validatorHeight]: validatorGauge('Height of which a validator spoke last'),
  [METRIC.missedTurnsInARow]: validatorGauge('Rounds in a row that failed while a validator led them'),
  [METRIC.missedTurns]: {
    kind: 'counter',
    help: 'Rounds that failed, by the validator that led them',
    labels: ['validator', 'member'],
  },
  [METRIC.signedShare]: validatorGauge('Share of the newest certificates that a validator signed'),
  [METRIC.evidence]: {
    kind: 'counter',
    help: 'Pairs of conflicting signatures of a validator kept since the start, by who found them',
    labels: ['source'],
  },
  [METRIC.keptEvidence]: { kind: 'gauge', help: 'Pairs of conflicting signatures of validators kept', labels: [] },
};

function validatorGauge(help: string): MetricDefinition {
  return { kind: 'gauge', help, labels: ['validator', 'member'] };
}
