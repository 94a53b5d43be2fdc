import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { assetFields } from '../locks/asset.js';

/** Under which the contract stands, and holds its locks. */
export const SETTLEMENT = 'settlement';

/** Legs of one instruction. */
export const MAX_LEGS = 64;
/** Each leg may bring two accounts. */
export const MAX_PARTIES = 2 * MAX_LEGS;
/** Instructions of one account that are open. */
export const OPEN_PER_INSTRUCTOR = 1_000;
/** Characters of an instruction's id, so that the name of each of its locks fits an identifier. */
export const MAX_ID = 60;
/** Decimals of an agreed rate. */
const MAX_RATE_DECIMALS = 12;

/**
 * Which legs of an account stand against each other before anything is set aside: none (`gross`, Model 1), those of each
 * currency (`netCash`, Model 2), those of each currency and each instrument (`netBoth`, Model 3). Append, never move.
 */
export const MODELS = ['gross', 'netCash', 'netBoth'] as const;
export const ALLOCATIONS = ['none', 'withdrawable', 'committed'] as const;
export const STATUSES = ['instructed', 'ready', 'settled', 'cancelled', 'expired'] as const;
const CLOSED_STATUSES = ['settled', 'cancelled', 'expired'] as const;

export const hash = t.fixedBytes(32);
export const leg = t.struct({ ...assetFields, amount: t.amount, from: t.address, to: t.address });
/** `price` with `decimals` after its point is what one major unit of `base` costs in major units of `quote`. */
export const rate = t.struct({
  base: t.currency,
  quote: t.currency,
  price: t.amount,
  decimals: t.uint(MAX_RATE_DECIMALS),
});

const detailFields = {
  legs: t.list(leg, MAX_LEGS, 1),
  model: t.enum(MODELS),
  /** Who executes once nothing is missing; without one the last allocation or approval does. */
  settler: t.optional(t.address),
  /** Consensus time from which it can settle no more. */
  deadline: t.uint(),
  rate: t.optional(rate),
};
export const details = t.struct(detailFields);

/** What everybody agrees to: the hash of exactly this is what is allocated to and approved. */
export const termsFields = { id: t.id, instructor: t.address, ...detailFields };
export const terms = t.struct(termsFields);

export const partyFields = {
  /** It sends, on balance where its legs are netted: it must allocate. */
  owes: t.bool,
  /** It receives by a leg: it must approve. */
  receives: t.bool,
  allocation: t.enum(ALLOCATIONS),
  approved: t.bool,
  wantsCancelled: t.bool,
};

export const closedFields = {
  instructor: t.address,
  terms: hash,
  status: t.enum(CLOSED_STATUSES),
  height: t.uint(),
  timestamp: t.uint(),
};

/** How the state is laid out, for those who read it. */
export const settlementState = {
  /** Those that are open. */
  instructions: map([t.id], t.struct({ instructor: t.address, terms: hash, ...detailFields })),
  /** Instruction, account → what it must do and has done; the position names its locks. */
  parties: map([t.id, t.address], t.struct({ ...partyFields, position: t.uint(MAX_PARTIES - 1) })),
  /** How many allocations and approvals are missing; how many parties are committed, and want it cancelled. */
  progress: map(
    [t.id],
    t.struct({ allocations: t.uint(), approvals: t.uint(), committed: t.uint(), cancellations: t.uint() }),
  ),
  /** Account, instruction: each open one that it is a party, the instructor or the settler of. */
  ofAccount: map([t.address, t.id], t.bool),
  /** Account → how many that it instructed are open; no entry for none. */
  open: map([t.address], t.uint(), 0),
  /** What is left of those that are over: an id is used once. */
  closed: map([t.id], t.struct(closedFields)),
};

const onAccount = { id: t.id, account: t.address };

const events = {
  Instructed: { ...termsFields, terms: hash },
  Allocated: { ...onAccount, isCommitted: t.bool },
  Approved: onAccount,
  Withdrawn: onAccount,
  /** Nothing is missing but the settler. */
  Ready: { id: t.id },
  Settled: { id: t.id, terms: hash, movements: t.uint() },
  CancelRequested: onAccount,
  Cancelled: { id: t.id, terms: hash },
  Expired: { id: t.id, terms: hash },
};

const account = { account: t.address };

const errors = {
  /** An id begins with the BIC of the instructing account's member and a dash. */
  ID_INVALID: { prefix: t.text(MAX_ID), limit: t.uint() },
  INSTRUCTION_EXISTS: { id: t.id },
  INSTRUCTION_UNKNOWN: { id: t.id },
  /** It is over. */
  INSTRUCTION_CLOSED: { id: t.id, status: t.enum(CLOSED_STATUSES) },
  INSTRUCTIONS_TOO_MANY: { limit: t.uint() },
  DEADLINE_INVALID: { earliest: t.uint(), latest: t.uint() },
  DEADLINE_PASSED: { deadline: t.uint() },
  /** It can expire only once its deadline has come. */
  DEADLINE_AHEAD: { deadline: t.uint() },
  /** A leg, counted from 0, that names no asset or two. */
  LEG_INVALID: { leg: t.uint() },
  AMOUNT_ZERO: { leg: t.uint() },
  SAME_ACCOUNT: account,
  CURRENCY_UNKNOWN: { currency: t.currency },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  /** A rate of nothing, of a currency against itself, or of one that has no leg. */
  RATE_INVALID: {},
  /** What changes hands of the quoted currency is not what the rate makes of the base. */
  RATE_MISMATCH: { expected: t.amount, actual: t.amount },
  NOT_A_PARTY: account,
  /** The account is suspended, and the sender no central bank. */
  NOT_ENTITLED: account,
  /** The instruction says something else than what was agreed to. */
  TERMS_MISMATCH: { expected: hash, actual: hash },
  NOTHING_TO_ALLOCATE: account,
  ALLOCATED_ALREADY: account,
  NOTHING_TO_APPROVE: account,
  APPROVED_ALREADY: account,
  NOTHING_TO_WITHDRAW: account,
  /** An allocation that is committed stays until settlement, cancellation by all, or the deadline. */
  COMMITTED: { deadline: t.uint() },
  REQUESTED_ALREADY: account,
  NOT_READY: { allocations: t.uint(), approvals: t.uint() },
  BUSINESS_DAY_CLOSED: { currency: t.currency },
  INSTRUMENT_PAUSED: { instrument: t.id },
  /** Orders keep so much of the asset that the account cannot send as the instruction says. */
  FROZEN: { account: t.address, ...assetFields },
};

export const contract = defineContract({ name: SETTLEMENT, version: 1, state: settlementState, events, errors });

export type SettlementView = ViewContext<typeof settlementState, typeof errors>;
export type SettlementContext = TxContext<typeof settlementState, typeof events, typeof errors>;
export type Model = (typeof MODELS)[number];
export type Leg = Infer<typeof leg>;
export type Rate = Infer<typeof rate>;
export type Terms = Infer<typeof terms>;
export type Instruction = Infer<typeof settlementState.instructions.value>;
export type Party = Infer<typeof settlementState.parties.value>;
export type Progress = Infer<typeof settlementState.progress.value>;
export type ClosedStatus = (typeof CLOSED_STATUSES)[number];

/** An instruction that is open. @throws ContractFailure `INSTRUCTION_CLOSED`, `INSTRUCTION_UNKNOWN` */
export function requireOpen(ctx: SettlementView, id: string): Instruction {
  const found = ctx.state.instructions.find(id);
  if (found !== undefined) return found;
  const closed = ctx.state.closed.find(id);
  return closed === undefined
    ? ctx.fail('INSTRUCTION_UNKNOWN', { id })
    : ctx.fail('INSTRUCTION_CLOSED', { id, status: closed.status });
}

/** Every account of its legs, in their order, each once. */
export function accountsOf(legs: readonly Leg[]): readonly Leg['from'][] {
  return [...new Set(legs.flatMap(({ from, to }) => [from, to]))];
}
