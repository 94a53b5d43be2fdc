import { CodedError } from '../../primitives/errors.js';
import { LIMITS } from '../../primitives/limits.js';
import { type Fields, type StructOf, StructSchema } from './composites.js';
import type { ContractFailureData } from './host.js';
import { t } from './t.js';

/** What an authorisation lacks. */
export const AUTH_RULES = ['account', 'role', 'contract', 'genesis', 'system', 'any', 'inMethod'] as const;

/** Room for what each of several alternatives lacks. */
export const UNAUTHORISED_SUBJECT_CHARACTERS = 512;

/** What a sandboxed program can do wrong that is nobody else's fault; attempts that are not ended, any contract. */
export const CONTRACT_FAULTS = ['memory', 'depth', 'exception', 'answer', 'attempts'] as const;

export type ContractFault = (typeof CONTRACT_FAULTS)[number];

const name = t.text(LIMITS.nameBytes);

/**
 * Codes that every contract may end with, beside those that it declares, and the fields of their data. `OUT_OF_FUEL`,
 * the limits and those of calls are the host's to raise.
 */
export const API_ERRORS = {
  /** The contract has no such method. */
  METHOD_UNKNOWN: {},
  /** No such contract is deployed. */
  CONTRACT_UNKNOWN: {},
  /** The arguments' bytes are not the canonical encoding of what the method takes. */
  ARGUMENTS_INVALID: {},
  /** The signers do not authorise the account, the sender's member lacks the role, or the caller is another. */
  UNAUTHORISED: { rule: t.enum(AUTH_RULES), subject: t.text(UNAUTHORISED_SUBJECT_CHARACTERS) },
  /** An account that takes part is not registered. */
  ACCOUNT_UNKNOWN: { account: t.address },
  /** An account that takes part is suspended, or its member is. */
  SUSPENDED: { account: t.address },
  /** A write, an event or a transaction's method inside a view. */
  READ_ONLY: {},
  /** An amount left the range from 0 to 2^128 - 1. */
  AMOUNT_OVERFLOW: {},
  /** A value that its schema does not allow was to be written, emitted or returned. */
  VALUE_INVALID: {},
  /** A state map holds nothing under a key that was read as if it did. */
  NOT_FOUND: { map: name },
  /** A contract called itself, directly or through others. */
  REENTRANCY_REFUSED: {},
  /** Calls inside calls went deeper than allowed. */
  CALL_DEPTH_EXCEEDED: {},
  /** More bytes, events, outcomes or entries than allowed. */
  LIMIT_EXCEEDED: { limit: t.uint() },
  OUT_OF_FUEL: {},
  /**
   * The contract's program broke: its memory or its calls inside each other ran out, it threw what is no failure, it gave
   * what is no answer, or it ended with attempts that were still open.
   */
  CONTRACT_FAULT: { reason: t.enum(CONTRACT_FAULTS) },
  /** The members have paused the contract, until that consensus time at the latest. */
  PAUSED: { contract: name, untilMs: t.uint() },
} as const satisfies Record<string, Fields>;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** A failure that ends the call with a code: all of it that is deterministic reaches the receipt, and nothing else. */
export class ContractFailure extends CodedError implements ContractFailureData {
  readonly data: Uint8Array;
  readonly failedCall: string;

  /** `reason` is for a person who debugs; no receipt holds it. */
  constructor(code: string, data: Uint8Array, failedCall: string, reason?: string) {
    super(code, reason ?? `${failedCall} failed with ${code}`);
    this.data = data;
    this.failedCall = failedCall;
  }
}

const apiSchemas: Readonly<Record<string, StructSchema<Fields>>> = Object.fromEntries(
  Object.entries(API_ERRORS).map(([code, fields]) => [code, new StructSchema<Fields>(fields)]),
);

/** The schema of an API code's data, undefined for a code that is not the API's. */
export function apiErrorSchema(code: string): StructSchema<Fields> | undefined {
  return Object.hasOwn(apiSchemas, code) ? apiSchemas[code] : undefined;
}

/** A failure with a code of the API; `failedCall` is the `contract.method` that ran. */
export function apiFailure<C extends ApiErrorCode>(
  failedCall: string,
  code: C,
  data: StructOf<(typeof API_ERRORS)[C]>,
  reason?: string,
): ContractFailure {
  const schema = apiSchemas[code] as StructSchema<Fields>;
  return new ContractFailure(code, schema.encode(data), failedCall, reason);
}
