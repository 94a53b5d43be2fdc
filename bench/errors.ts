import { CodedError } from '../primitives/errors.js';

export type BenchErrorCode =
  | 'OPTION_INVALID'
  | 'NETWORK_NOT_READY'
  /** A set-up transaction did not become final as it should. */
  | 'SETUP_FAILED'
  /** The ledger is not what the committed payments make of it: no figure of such a run counts. */
  | 'LEDGER_WRONG'
  /** What the peer needs is not installed. */
  | 'PEER_MISSING'
  | 'GENERATOR_FAILED'
  /** A file that is no report, or of another version. */
  | 'REPORT_INVALID'
  | 'INTERRUPTED';

/** Why a measurement gives no figures. */
export class BenchError extends CodedError<BenchErrorCode> {}
