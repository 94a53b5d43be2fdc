import { LOG_LEVELS, type LogLevel } from './logging.js';

/** Every setting of a node. Directories are absolute once resolved. */
export interface NodeSettings {
  /** Shown in logs and metrics. */
  readonly name: string;
  readonly genesisFile: string;
  readonly dataDirectory: string;
  readonly journalDirectory: string;
  /** Undefined for an observer. */
  readonly validatorKeystore: string | undefined;
  readonly networkKeystore: string;
  /** Holds the password of both keystores; the environment's VOSTRO_PASSWORD wins over it. */
  readonly passwordFile: string | undefined;
  readonly listenAddresses: readonly string[];
  /** `PEER_ID=/ip4/…/tcp/…`: where to dial a peer, before the addresses of the genesis file. */
  readonly peerAddresses: readonly string[];
  readonly rpcHost: string;
  readonly rpcPort: number;
  readonly logLevel: LogLevel;
  /** Standard error when undefined. */
  readonly logFile: string | undefined;
  readonly signatureWorkers: number;
  readonly mempoolTransactions: number;
  readonly mempoolBytes: number;
  /** Below it the node takes no transactions; below half of it, it stops signing. */
  readonly freeSpaceWatermarkBytes: number;
}

/** One setting as files, environment and flags name it. */
export interface SettingDefinition {
  /** Dotted name in the TOML file: `rpc.port`. The environment's is VOSTRO_RPC_PORT. */
  readonly key: string;
  readonly field: keyof NodeSettings;
  readonly kind: 'text' | 'integer' | 'list' | 'path';
  /** Paths are relative to the node's home. Undefined: the setting may be absent. */
  readonly fallback: string | number | readonly string[] | undefined;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  readonly description: string;
}

/** The one table: the file's template, the environment's names, the checks and the documentation come from it. */
export const SETTINGS: readonly SettingDefinition[] = [
  { key: 'name', field: 'name', kind: 'text', fallback: 'node', description: 'Name of this node in logs and metrics.' },
  {
    key: 'genesis',
    field: 'genesisFile',
    kind: 'path',
    fallback: 'genesis.json',
    description: 'The genesis file of the network.',
  },
  {
    key: 'storage.data',
    field: 'dataDirectory',
    kind: 'path',
    fallback: 'data',
    description: 'Directory of the chain database.',
  },
  {
    key: 'storage.journal',
    field: 'journalDirectory',
    kind: 'path',
    fallback: 'journal',
    description: 'Directory of the signing journal. Never restore it from a backup.',
  },
  {
    key: 'storage.free_space_watermark_bytes',
    field: 'freeSpaceWatermarkBytes',
    kind: 'integer',
    fallback: 268_435_456,
    minimum: 16_777_216,
    description: 'Below it the node takes no transactions; below half of it, it stops signing.',
  },
  {
    key: 'keys.validator',
    field: 'validatorKeystore',
    kind: 'path',
    fallback: undefined,
    description: 'Keystore of the validator key. Leave it out for an observer.',
  },
  {
    key: 'keys.network',
    field: 'networkKeystore',
    kind: 'path',
    fallback: 'keys/network.json',
    description: 'Keystore of the key behind this node’s peer id.',
  },
  {
    key: 'keys.password_file',
    field: 'passwordFile',
    kind: 'path',
    fallback: undefined,
    description: 'File with the password of both keystores; VOSTRO_PASSWORD wins over it.',
  },
  {
    key: 'network.listen',
    field: 'listenAddresses',
    kind: 'list',
    fallback: ['/ip4/127.0.0.1/tcp/26600'],
    description: 'Multiaddresses to listen on for peers.',
  },
  {
    key: 'network.peers',
    field: 'peerAddresses',
    kind: 'list',
    fallback: [],
    description: 'Where to dial peers, as PEER_ID=/ip4/…/tcp/…; these win over the genesis file’s hints.',
  },
  { key: 'rpc.host', field: 'rpcHost', kind: 'text', fallback: '127.0.0.1', description: 'Address of the RPC.' },
  {
    key: 'rpc.port',
    field: 'rpcPort',
    kind: 'integer',
    fallback: 26_700,
    minimum: 0,
    maximum: 65_535,
    description: 'Port of the RPC; 0 takes a free one.',
  },
  {
    key: 'log.level',
    field: 'logLevel',
    kind: 'text',
    fallback: 'info',
    choices: LOG_LEVELS,
    description: 'Quietest level that is written.',
  },
  {
    key: 'log.file',
    field: 'logFile',
    kind: 'path',
    fallback: undefined,
    description: 'File to append the log to; standard error when left out.',
  },
  {
    key: 'limits.signature_workers',
    field: 'signatureWorkers',
    kind: 'integer',
    fallback: 1,
    minimum: 1,
    maximum: 64,
    description: 'Threads that check signatures.',
  },
  {
    key: 'limits.mempool_transactions',
    field: 'mempoolTransactions',
    kind: 'integer',
    fallback: 100_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Transactions that may wait here.',
  },
  {
    key: 'limits.mempool_bytes',
    field: 'mempoolBytes',
    kind: 'integer',
    fallback: 134_217_728,
    minimum: 1_048_576,
    maximum: 4_294_967_296,
    description: 'Bytes of all waiting transactions together.',
  },
];
