import type { Address } from '../../primitives/types.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import {
  ANSWERS,
  type Cycle,
  contract,
  cycle,
  EXCLUSIONS,
  id,
  MAX_OPERATORS,
  MAX_PARTICIPANTS,
  type NettingView,
  netFields,
  nets,
  obligationFields,
  requireCycle,
  round,
  SIDES,
  STATUSES,
} from './declaration.js';
import { pairNets } from './nets.js';
import { liveOf, type Positions, positionsOf, shownNet } from './positions.js';

/** Cycles that one view gives. */
const PAGE = 100;

/** `unsettled`: it stays owed, and is paid gross. */
const OBLIGATION_STATUSES = ['open', 'frozen', 'settled', 'unsettled'] as const;
type ObligationStatus = (typeof OBLIGATION_STATUSES)[number];

const obligation = {
  debtor: t.address,
  ...obligationFields,
  status: t.enum(OBLIGATION_STATUSES),
  /** The side that wants it withdrawn. */
  withdrawnBy: t.optional(t.enum(SIDES)),
};

/** What an obligation between two participants is, as its cycle stands. */
function statusOf(
  { status }: Cycle,
  isExcluded: (account: Address) => boolean,
  parties: readonly Address[],
): ObligationStatus {
  if (status === 'open') return 'open';
  if (parties.some(isExcluded)) return 'unsettled';
  if (status === 'frozen' || status === 'settled') return status;
  return 'unsettled';
}

/** The positions of those who are left, counted anew from what they owe each other. */
function positions(ctx: NettingView, of: string): Positions {
  const live = liveOf(ctx, of, requireCycle(ctx, of));
  return positionsOf(
    ctx,
    of,
    live.map(({ account }) => account),
  );
}

function isExcludedFrom(ctx: NettingView, of: string): (account: Address) => boolean {
  return (account) => ctx.state.participants.find(of, account)?.excluded !== undefined;
}

export const views = {
  cycle: contract.view({ args: { id }, returns: t.optional(cycle) }, (ctx, a) => ctx.state.cycles.find(a.id)),

  /** Each participant: what it has submitted, its net and answer of the round, and when and why it left. */
  participants: contract.view(
    {
      args: { id },
      returns: t.list(
        t.struct({
          ...{ account: t.address, submitted: t.uint(), isConcerned: t.bool, ...netFields, answer: t.enum(ANSWERS) },
          excluded: t.optional(t.struct({ round, reason: t.enum(EXCLUSIONS) })),
        }),
        MAX_PARTICIPANTS,
      ),
    },
    (ctx, a) =>
      requireCycle(ctx, a.id).participants.map((account) => {
        const { locks: _, ...rest } = ctx.state.participants.get(a.id, account);
        return { account, ...rest };
      }),
  ),

  /** What each of those who are left pays or receives, counted anew; while the set is open, as it stands now. */
  nets: contract.view({ args: { id }, returns: t.struct({ gross: t.amount, net: t.amount, nets }) }, (ctx, a) => {
    const { gross, nets: all } = positions(ctx, a.id);
    const net = [...all.values()].reduce((sum, each) => (each > 0n ? sum + each : sum), 0n);
    return { gross, net, nets: [...all].map(([account, each]) => ({ account, ...shownNet(each) })) };
  }),

  /** Who pays whom how much as the cycle settles by the nets of now. */
  payments: contract.view(
    {
      args: { id },
      returns: t.list(t.struct({ from: t.address, to: t.address, amount: t.amount }), MAX_PARTICIPANTS),
    },
    (ctx, a) => pairNets(positions(ctx, a.id).nets),
  ),

  /** The set, in the order of debtors and references: whoever adds it up comes to the nets. */
  obligations: contract.view(
    {
      args: { id, limit: t.uint(RANGE_LIMIT), after: t.optional(t.struct({ debtor: t.address, reference: t.id })) },
      returns: t.list(t.struct(obligation), RANGE_LIMIT),
    },
    (ctx, a) => {
      const of = requireCycle(ctx, a.id);
      const excluded = new Set(of.participants.filter(isExcludedFrom(ctx, a.id)));
      const after = a.after === undefined ? undefined : ([a.id, a.after.debtor, a.after.reference] as const);
      return ctx.state.obligations
        .entriesUnder([a.id], a.limit, after)
        .map(({ key: [, debtor, reference], value }) => ({
          ...{ debtor, reference, ...value },
          status: statusOf(of, (account) => excluded.has(account), [debtor, value.creditor]),
        }));
    },
  ),

  /** One obligation; none where it never was, or was withdrawn. */
  obligation: contract.view(
    { args: { id, debtor: t.address, reference: t.id }, returns: t.optional(t.struct(obligation)) },
    (ctx, a) => {
      const found = ctx.state.obligations.find(a.id, a.debtor, a.reference);
      if (found === undefined) return undefined;
      const { debtor, reference } = a;
      const parties = [debtor, found.creditor];
      return {
        debtor,
        reference,
        ...found,
        status: statusOf(requireCycle(ctx, a.id), isExcludedFrom(ctx, a.id), parties),
      };
    },
  ),

  /** Cycles that an account takes part in and that go on, in the order of their ids. */
  openOf: contract.view(
    {
      args: { account: t.address, limit: t.uint(PAGE), after: t.optional(id) },
      returns: t.list(
        t.struct({
          ...{
            id,
            currency: t.currency,
            status: t.enum(STATUSES),
            cutOffAt: t.uint(),
            roundEndsAt: t.optional(t.uint()),
          },
          ...{ round, isConcerned: t.bool, ...netFields, answer: t.enum(ANSWERS) },
        }),
        PAGE,
      ),
    },
    (ctx, a) =>
      ctx.state.ofAccount
        .entriesUnder([a.account], a.limit, a.after === undefined ? undefined : [a.account, a.after])
        .map(({ key: [account, of] }) => {
          const { currency, status, cutOffAt, roundEndsAt, round } = requireCycle(ctx, of);
          const { isConcerned, isDebit, amount, answer } = ctx.state.participants.get(of, account);
          return {
            ...{ id: of, currency, status, cutOffAt, roundEndsAt, round },
            ...{ isConcerned, isDebit, amount, answer },
          };
        }),
  ),

  /** Members that may open cycles of a currency beside its central bank. */
  operators: contract.view(
    { args: { currency: t.currency }, returns: t.list(t.bic, MAX_OPERATORS) },
    (ctx, { currency }) =>
      ctx.state.operators.entriesUnder([currency], MAX_OPERATORS).map(({ key: [, member] }) => member),
  ),
};
