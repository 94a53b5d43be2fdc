import { CodedError } from '../../primitives/errors.js';

export type StorageErrorCode =
  /** A write failed or a row was damaged before: nothing that this database says can be trusted any more. */
  | 'STORAGE_FAILED'
  /** A row does not carry its own checksum. */
  | 'VALUE_CORRUPT'
  /** LevelDB could not read. */
  | 'READ_FAILED'
  /** The database that the marker speaks of is gone, or empty. */
  | 'DATABASE_LOST'
  /** Another process, or another part of this one, has it open. */
  | 'DATABASE_LOCKED'
  | 'DATABASE_UNOPENABLE'
  /** The database is another chain's. */
  | 'GENESIS_MISMATCH'
  /** The database was written by another version of its layout. */
  | 'SCHEMA_UNSUPPORTED'
  /** The newest blocks are not all there, or do not follow each other. */
  | 'CHAIN_BROKEN'
  | 'MARKER_INVALID'
  | 'DATABASE_CLOSED';

/** Raised by the storage room. The node stops on it. */
export class StorageError extends CodedError<StorageErrorCode> {}
