import { defineContract, type Infer, map, type TxContext, t, type ViewContext } from 'vostro/contract';

/** Lenders of one facility. */
export const MAX_LENDERS = 16;

/** Characters of a facility's id: with the numbers of drawing and lender it names a lock. */
export const MAX_FACILITY_ID = 40;

/** ACT/360 in basis points: interest is outstanding × rate × days ÷ this. */
export const INTEREST_DIVISOR = 3_600_000n;

const lender = t.struct({
  account: t.address,
  commitment: t.amount,
  /** Of what is drawn, the part that this lender has lent. */
  outstanding: t.amount,
});

const facility = t.struct({
  agent: t.address,
  borrower: t.address,
  currency: t.currency,
  /** A year's interest in basis points, hundredths of a per cent. */
  rateBps: t.uint(10_000),
  lenders: t.list(lender, MAX_LENDERS, 1),
  /** Days since 1970 up to which interest has been counted. */
  countedTo: t.uint(),
  /** Interest that has been counted and not paid, times INTEREST_DIVISOR: nothing is lost by rounding before it is due. */
  interest: t.amount,
  drawings: t.uint(),
});

/** A drawing that the lenders are funding. */
const pending = t.struct({
  number: t.uint(),
  amount: t.amount,
  shares: t.list(t.struct({ amount: t.amount, funded: t.bool }), MAX_LENDERS, 1),
});

export const state = { facilities: map([t.id], facility), pending: map([t.id], pending) };

const drawing = { facility: t.id, number: t.uint(), amount: t.amount };

export const events = {
  Arranged: { facility: t.id, agent: t.address, borrower: t.address, currency: t.currency, total: t.amount },
  Requested: drawing,
  Funded: { facility: t.id, number: t.uint(), lender: t.address, amount: t.amount },
  Drawn: drawing,
  Cancelled: drawing,
  Repaid: { facility: t.id, interest: t.amount, principal: t.amount, outstanding: t.amount },
};

export const errors = {
  FACILITY_EXISTS: { facility: t.id },
  FACILITY_UNKNOWN: { facility: t.id },
  FACILITY_ID_TOO_LONG: { limit: t.uint() },
  LENDERS_REPEATED: { lender: t.address },
  COMMITMENT_ZERO: { lender: t.address },
  AMOUNT_ZERO: {},
  NOT_THE_BORROWER: { borrower: t.address },
  NOT_A_LENDER: { lender: t.address },
  DRAWING_PENDING: { number: t.uint() },
  NOTHING_PENDING: { facility: t.id },
  FUNDED_ALREADY: { lender: t.address },
  COMMITMENT_EXCEEDED: { available: t.amount, required: t.amount },
  OVERPAID: { owed: t.amount, paid: t.amount },
};

export type Facility = Infer<typeof facility>;
export type Pending = Infer<typeof pending>;
export type View = ViewContext<typeof state, typeof errors>;
export type Tx = TxContext<typeof state, typeof events, typeof errors>;

export const schemas = { facility, pending };
export const declaration = defineContract({ name: 'loan', version: 1, state, events, errors });
