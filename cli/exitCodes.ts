import { isCodedError } from '../primitives/errors.js';
import { CliError, type CliErrorCode } from './errors.js';

/** What a command's exit code says; the same in every command. */
export const EXIT = {
  ok: 0,
  /** A bug of ours. */
  bug: 1,
  /** The command was called wrongly: nothing was sent. */
  usage: 2,
  /** Configuration, wallet or genesis file is wrong: nothing was sent. */
  config: 3,
  /** No answer: the outcome is unknown, ask again with the transaction's id. */
  unreachable: 4,
  /** The network, or the check that was asked for, said no. */
  rejected: 5,
  notFound: 6,
  /** A key or password is missing or wrong, or the caller may not do this. */
  key: 7,
} as const;

const CLI_EXIT: Readonly<Record<CliErrorCode, number>> = {
  USAGE_INVALID: EXIT.usage,
  AMOUNT_MALFORMED: EXIT.usage,
  FILE_UNREADABLE: EXIT.usage,
  FILE_UNWRITABLE: EXIT.usage,
  FILE_MALFORMED: EXIT.usage,
  CONFIG_INVALID: EXIT.config,
  WALLET_INVALID: EXIT.config,
  ACCOUNT_UNKNOWN: EXIT.notFound,
  ACCOUNT_AMBIGUOUS: EXIT.usage,
  CURRENCY_UNKNOWN: EXIT.notFound,
  BUSINESS_DAY_CLOSED: EXIT.rejected,
  ROWS_REFUSED: EXIT.rejected,
  PROPOSAL_INVALID: EXIT.rejected,
  SIGNATURES_MISSING: EXIT.rejected,
  GENESIS_REFUSED: EXIT.rejected,
  PROOF_REFUSED: EXIT.rejected,
  ARTEFACT_INVALID: EXIT.rejected,
  CANDIDATE_CHANGED: EXIT.rejected,
  ENGINE_UNKNOWN: EXIT.rejected,
  NOT_FOUND: EXIT.notFound,
  SPLIT_REFUSED: EXIT.rejected,
  DATABASE_DAMAGED: EXIT.rejected,
  NOT_WELL: EXIT.rejected,
  NODE_UNREACHABLE: EXIT.unreachable,
};

/** Of other rooms' errors, by the name of their class, so that no command loads a room for the sake of its errors. */
const CLASS_EXIT: Readonly<Record<string, number>> = {
  InvariantError: EXIT.bug,
  KeyError: EXIT.key,
  SignatureError: EXIT.key,
  ConfigError: EXIT.config,
  GenesisError: EXIT.config,
  NodeHomeError: EXIT.config,
  JournalError: EXIT.config,
  AddressError: EXIT.usage,
  AmountError: EXIT.usage,
  SchemaError: EXIT.usage,
  AbiError: EXIT.usage,
  GridlockError: EXIT.usage,
  ClientError: EXIT.unreachable,
  TransportError: EXIT.unreachable,
  OutcomeUnknownError: EXIT.unreachable,
};

/** Codes that say more than their class does. */
const CODE_EXIT: Readonly<Record<string, number>> = {
  KEY_NOT_FOUND: EXIT.notFound,
  TRANSACTION_NOT_FOUND: EXIT.notFound,
  BLOCK_NOT_FOUND: EXIT.notFound,
  ACCOUNT_NOT_FOUND: EXIT.notFound,
  MEMBER_NOT_FOUND: EXIT.notFound,
  CONTRACT_NOT_FOUND: EXIT.notFound,
  OUTCOME_NOT_FOUND: EXIT.notFound,
  EVIDENCE_NOT_FOUND: EXIT.notFound,
  PARAMS_INVALID: EXIT.usage,
  ARGUMENTS_INVALID: EXIT.usage,
  METHOD_UNKNOWN: EXIT.usage,
  MAP_UNKNOWN: EXIT.usage,
  CONTRACT_UNKNOWN: EXIT.notFound,
  OPTIONS_INVALID: EXIT.usage,
  CHAIN_FORKED: EXIT.rejected,
  NETWORK_MISMATCH: EXIT.config,
  TRUSTED_STATE_INVALID: EXIT.config,
  STATE_UNPROVEN: EXIT.rejected,
  STATE_UNSEALED: EXIT.notFound,
  SIGNER_UNKNOWN: EXIT.key,
  SENDER_UNKNOWN: EXIT.key,
  SENDER_SUSPENDED: EXIT.key,
  POLICY_NOT_MET: EXIT.key,
  UNAUTHORISED: EXIT.key,
  NOT_A_VOTER: EXIT.key,
  NOT_ENTITLED: EXIT.key,
  PROPOSAL_UNKNOWN: EXIT.notFound,
  SHUTTING_DOWN: EXIT.unreachable,
  SOURCE_INVALID: EXIT.usage,
  TOOLCHAIN_MISMATCH: EXIT.config,
};

/** The exit code of an error, whichever room raised it. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return CLI_EXIT[error.code];
  if (isCodedError(error)) return CODE_EXIT[error.code] ?? CLASS_EXIT[error.name] ?? EXIT.rejected;
  return EXIT.bug;
}
