import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { DAY_MS } from '../time/deadline.js';

/** Under which the contract stands, and holds its locks. */
export const NETTING = 'netting';

/** Characters of a cycle's id, so that the name of each of its locks fits an identifier. */
export const MAX_ID = 58;
export const MAX_PARTICIPANTS = 64;
/** Obligations of one cycle; each participant may submit an equal share of them, so that none takes the others' places. */
export const MAX_OBLIGATIONS = 5_000;
/** Obligations of one call. */
export const MAX_SUBMITTED = 500;
/** Rounds that a cycle may take: after the last one it fails. */
export const MAX_ROUNDS = 8;
/** Cycles that the accounts of one member have open. */
export const OPEN_PER_OPERATOR = 16;
/** Members that may open cycles of one currency beside its central bank. */
export const MAX_OPERATORS = 16;
/** How far ahead a cut-off may lie, and how long a round may last. */
export const LONGEST_CUT_OFF_MS = 7 * DAY_MS;
export const LONGEST_ROUND_MS = DAY_MS;

/** Whether whoever pays nothing must say yes, or is taken to agree while it does not object. Append, never move. */
export const CREDITOR_RULES = ['confirm', 'assent'] as const;
export const ANSWERS = ['none', 'confirmed', 'objected'] as const;
/** Why a participant is in the cycle no more. `blocked`: suspended, or orders keep what it has set aside. Append, never move. */
export const EXCLUSIONS = ['objected', 'silent', 'unfunded', 'blocked'] as const;
export const CLOSED_STATUSES = ['settled', 'failed', 'cancelled', 'lapsed'] as const;
export const STATUSES = ['open', 'frozen', ...CLOSED_STATUSES] as const;
export const SIDES = ['debtor', 'creditor'] as const;

export const id = t.id;
export const round = t.uint(MAX_ROUNDS);

export const cycleTerms = {
  id,
  operator: t.address,
  currency: t.currency,
  participants: t.list(t.address, MAX_PARTICIPANTS, 2),
  /** Consensus time from which no obligation comes in or leaves. */
  cutOffAt: t.uint(),
  /** How long a round may take. */
  roundMs: t.uint(LONGEST_ROUND_MS),
  maxRounds: round,
  creditors: t.enum(CREDITOR_RULES),
};

const cycleFields = {
  operator: t.address,
  /** The member whose cycle it is. */
  by: t.bic,
  currency: t.currency,
  participants: cycleTerms.participants,
  cutOffAt: t.uint(),
  roundMs: t.uint(LONGEST_ROUND_MS),
  maxRounds: round,
  creditors: t.enum(CREDITOR_RULES),
  /** The business day that it belongs to. */
  day: t.day,
  status: t.enum(STATUSES),
  /** Obligations that were submitted and not withdrawn, and what they come to: those of excluded participants among them. */
  obligations: t.uint(MAX_OBLIGATIONS),
  gross: t.amount,
  /** Of the nets that are in force; 0 before the set is frozen. */
  round,
  /** Consensus time from which the round takes no answer. */
  roundEndsAt: t.optional(t.uint()),
  closedAt: t.optional(t.struct({ height: t.uint(), timestamp: t.uint() })),
};
export const cycle = t.struct(cycleFields);

/** What a participant pays or receives on balance. */
export const netFields = { isDebit: t.bool, amount: t.amount };
export const net = t.struct({ account: t.address, ...netFields });
export const nets = t.list(net, MAX_PARTICIPANTS);

export const obligationFields = { creditor: t.address, amount: t.amount, reference: t.id };

const participant = t.struct({
  /** Obligations of its own. */
  submitted: t.uint(MAX_OBLIGATIONS),
  answer: t.enum(ANSWERS),
  /** True while an obligation of the set names it. */
  isConcerned: t.bool,
  ...netFields,
  /** The rounds in which it has set something aside: each has a lock of its own. */
  locks: t.list(round, MAX_ROUNDS),
  excluded: t.optional(t.struct({ round, reason: t.enum(EXCLUSIONS) })),
});

/** How the state is laid out, for those who read it. */
export const nettingState = {
  /** Currency, member: who may open cycles beside the central bank. */
  operators: map([t.currency, t.bic], t.bool),
  cycles: map([id], cycle),
  /** Cycle, account; the position in the cycle's list names its locks. */
  participants: map([id, t.address], participant),
  /** Cycle, debtor, reference. */
  obligations: map(
    [id, t.address, t.id],
    t.struct({ creditor: t.address, amount: t.amount, withdrawnBy: t.optional(t.enum(SIDES)) }),
  ),
  /** Cycle, debtor, creditor → what all obligations between the two come to; no entry for nothing. */
  owed: map([id, t.address, t.address], t.struct({ amount: t.amount, count: t.uint(MAX_OBLIGATIONS) })),
  /** Account, cycle: the ones that are open or frozen. */
  ofAccount: map([t.address, id], t.bool),
  /** Member → how many of its cycles are open or frozen; no entry for none. */
  open: map([t.bic], t.uint(), 0),
};

const onAccount = { id, account: t.address };

const events = {
  OperatorAppointed: { currency: t.currency, member: t.bic },
  OperatorDismissed: { currency: t.currency, member: t.bic },
  Opened: { ...cycleTerms, day: t.day },
  Submitted: { id, debtor: t.address, obligations: t.list(t.struct(obligationFields), MAX_SUBMITTED) },
  /** One side wants it withdrawn; it leaves the set once the other does. */
  WithdrawalRequested: { id, debtor: t.address, reference: t.id, by: t.enum(SIDES) },
  Withdrawn: { id, debtor: t.address, reference: t.id },
  /** Nothing comes in or leaves any more but by exclusion. */
  Frozen: { id, obligations: t.uint(), gross: t.amount },
  /** The nets of the participants that are left, in their order. */
  RoundBegun: { id, round, roundEndsAt: t.uint(), nets },
  Confirmed: { ...onAccount, round, setAside: t.amount },
  Objected: { ...onAccount, round },
  /** Its obligations leave the set: they stay owed, and are paid gross. */
  Excluded: { ...onAccount, round, reason: t.enum(EXCLUSIONS) },
  /** What was set aside beyond the net of the next round, or of a cycle that is over. */
  GivenBack: { ...onAccount, amount: t.amount },
  /** `gross` was owed among those who are left, `net` has changed hands for it. */
  Settled: { id, round, gross: t.amount, net: t.amount, payments: t.uint() },
  /** It is over, and nothing is settled: every obligation stays owed. */
  Ended: { id, status: t.enum(['failed', 'cancelled', 'lapsed']) },
};

const errors = {
  /** Neither the central bank of the currency nor an operator that it has appointed; or the cycle of another member. */
  NOT_ENTITLED: { member: t.bic },
  CURRENCY_UNKNOWN: { currency: t.currency },
  MEMBER_UNKNOWN: { member: t.bic },
  OPERATOR_UNCHANGED: { member: t.bic, isOperator: t.bool },
  OPERATORS_TOO_MANY: { limit: t.uint() },
  /** An id begins with the BIC of the operator's member and a dash. */
  ID_INVALID: { prefix: t.text(MAX_ID), limit: t.uint() },
  CYCLE_EXISTS: { id },
  CYCLE_UNKNOWN: { id },
  CYCLES_TOO_MANY: { limit: t.uint() },
  /** It is not in the state that the call is for. */
  CYCLE_STATUS: { id, expected: t.enum(STATUSES), actual: t.enum(STATUSES) },
  /** An account twice, or two of one member. */
  PARTICIPANT_REPEATED: { account: t.address, member: t.bic },
  NOT_A_PARTICIPANT: { account: t.address },
  CUT_OFF_INVALID: { earliest: t.uint(), latest: t.uint() },
  /** No round, or no time for one. */
  ROUNDS_INVALID: { maxRounds: t.uint(), roundMs: t.uint() },
  CUT_OFF_PASSED: { cutOffAt: t.uint() },
  CUT_OFF_AHEAD: { cutOffAt: t.uint() },
  /** The business day of the cycle is not the one that is open. */
  BUSINESS_DAY_OVER: { currency: t.currency, day: t.day },
  /** It can lapse only once its business day is over. */
  BUSINESS_DAY_GOES_ON: { currency: t.currency, day: t.day },
  BUSINESS_DAY_CLOSED: { currency: t.currency },
  AMOUNT_ZERO: { reference: t.id },
  SAME_ACCOUNT: { account: t.address },
  /** A debtor's reference stands once in a cycle; one that was withdrawn is free again. */
  OBLIGATION_EXISTS: { reference: t.id },
  OBLIGATION_UNKNOWN: { reference: t.id },
  /** The debtor has no more places in the cycle. */
  OBLIGATIONS_TOO_MANY: { limit: t.uint() },
  /** All that a debtor owes in a cycle is more than its share of the largest sum. */
  SUM_TOO_LARGE: { limit: t.amount, required: t.amount },
  /** Only its debtor and its creditor withdraw an obligation. */
  NOT_A_PARTY: { account: t.address },
  REQUESTED_ALREADY: { account: t.address },
  /** Other nets are in force than the account was to agree to. */
  ROUND_MISMATCH: { expected: round, actual: round },
  NET_MISMATCH: { expected: t.struct(netFields), actual: t.struct(netFields) },
  ANSWERED_ALREADY: { account: t.address, answer: t.enum(ANSWERS) },
  /** No obligation of the set names it any more. */
  NOT_CONCERNED: { account: t.address },
  ROUND_OVER: { roundEndsAt: t.uint() },
  /** It goes on until everybody has answered, or its time is over. */
  ROUND_GOES_ON: { roundEndsAt: t.uint(), missing: t.uint() },
  /** What a participant has set aside is not there any more, or cannot leave its account. */
  NOT_DELIVERABLE: { account: t.address, reason: t.enum(EXCLUSIONS) },
};

export const contract = defineContract({ name: NETTING, version: 1, state: nettingState, events, errors });

export type NettingView = ViewContext<typeof nettingState, typeof errors>;
export type NettingContext = TxContext<typeof nettingState, typeof events, typeof errors>;
export type Cycle = Infer<typeof cycle>;
export type Participant = Infer<typeof participant>;
export type Status = (typeof STATUSES)[number];
export type Exclusion = (typeof EXCLUSIONS)[number];
export type EndStatus = 'failed' | 'cancelled' | 'lapsed';

/** @throws ContractFailure `CYCLE_UNKNOWN` */
export function requireCycle(ctx: NettingView, of: string): Cycle {
  return ctx.state.cycles.find(of) ?? ctx.fail('CYCLE_UNKNOWN', { id: of });
}

/** A cycle that is at this point of its life. @throws ContractFailure `CYCLE_UNKNOWN`, `CYCLE_STATUS` */
export function requireStatus(ctx: NettingView, of: string, expected: Status): Cycle {
  const found = requireCycle(ctx, of);
  ctx.require(found.status === expected, 'CYCLE_STATUS', { id: of, expected, actual: found.status });
  return found;
}

/** @throws ContractFailure `NOT_A_PARTICIPANT` */
export function requireParticipant(ctx: NettingView, of: string, account: Cycle['operator']): Participant {
  return ctx.state.participants.find(of, account) ?? ctx.fail('NOT_A_PARTICIPANT', { account });
}
