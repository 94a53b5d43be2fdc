import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { assetFields } from '../locks/asset.js';
import {
  ALLOCATIONS,
  accountsOf,
  contract,
  details,
  hash,
  type Instruction,
  leg,
  MAX_LEGS,
  MAX_PARTIES,
  partyFields,
  requireOpen,
  type SettlementView,
  STATUSES,
} from './declaration.js';
import { frozenSenders } from './frozenSenders.js';
import { legsByAsset, movementsOf, obligationsOf } from './netting.js';

/** Instructions that one view gives. */
const PAGE = 100;

const id = t.id;
const status = t.enum(STATUSES);
const amounts = t.list(t.struct({ ...assetFields, amount: t.amount }), MAX_LEGS);
const accounts = t.list(t.address, MAX_PARTIES);

function statusOf(ctx: SettlementView, of: string): 'instructed' | 'ready' {
  const { allocations, approvals } = ctx.state.progress.get(of);
  return allocations === 0 && approvals === 0 ? 'ready' : 'instructed';
}

function amountsOwed({ legs, model }: Instruction, account: Address) {
  return obligationsOf(legs, model)
    .filter((each) => each.account === account)
    .map(({ asset, amount }) => ({ ...asset, amount }));
}

/** What would keep the legs from moving now, whoever has agreed. */
function obstacles(ctx: SettlementView, instruction: Instruction) {
  const { legs, settler, deadline } = instruction;
  const all = legsByAsset(legs).map(({ asset }) => asset);
  const closedDays = all.flatMap(({ currency }) =>
    currency !== undefined && !ctx.view(cash.methods.businessDay, { currency }).isOpen ? [currency] : [],
  );
  const paused = all.flatMap(({ instrument }) =>
    instrument !== undefined && ctx.view(assets.methods.instrument, { instrument })?.paused === true
      ? [instrument]
      : [],
  );
  const involved = [...accountsOf(legs), ...(settler === undefined ? [] : [settler])];
  const suspended = [...new Set(involved)].filter((account) => ctx.account(account)?.active !== true);
  const frozen = [...new Set(frozenSenders(ctx, instruction).map(({ account }) => account))];
  return { closedDays, paused, suspended, isPastDeadline: ctx.timestamp >= deadline, frozen };
}

export const views = {
  /** An instruction with its details while it is open, a line of what became of it afterwards. */
  instruction: contract.view(
    {
      args: { id },
      returns: t.optional(
        t.struct({
          instructor: t.address,
          terms: hash,
          status,
          details: t.optional(details),
          /** When it settled, was cancelled or expired. */
          closedAt: t.optional(t.struct({ height: t.uint(), timestamp: t.uint() })),
        }),
      ),
    },
    (ctx, a) => {
      const open = ctx.state.instructions.find(a.id);
      if (open !== undefined) {
        const { instructor, terms, ...rest } = open;
        return { instructor, terms, status: statusOf(ctx, a.id), details: rest };
      }
      const closed = ctx.state.closed.find(a.id);
      if (closed === undefined) return undefined;
      const { height, timestamp, ...rest } = closed;
      return { ...rest, closedAt: { height, timestamp } };
    },
  ),

  /** What each party of an open instruction must do and has done, in the order of the legs. */
  parties: contract.view(
    {
      args: { id },
      returns: t.list(t.struct({ account: t.address, ...partyFields, obligations: amounts }), MAX_PARTIES),
    },
    (ctx, a) => {
      const instruction = requireOpen(ctx, a.id);
      return accountsOf(instruction.legs).map((account) => {
        const { position: _, ...party } = ctx.state.parties.get(a.id, account);
        return { account, ...party, obligations: amountsOwed(instruction, account) };
      });
    },
  ),

  /** Why an open instruction is not settled yet: who has to do what, and what else stands in its way now. */
  missing: contract.view(
    {
      args: { id },
      returns: t.struct({
        allocations: accounts,
        approvals: accounts,
        /** The settler, where it alone is waited for. */
        settler: t.optional(t.address),
        closedDays: t.list(t.currency, MAX_LEGS),
        paused: t.list(t.id, MAX_LEGS),
        suspended: accounts,
        isPastDeadline: t.bool,
        /** Senders of whose money or units orders keep too much. */
        frozen: accounts,
      }),
    },
    (ctx, a) => {
      const instruction = requireOpen(ctx, a.id);
      const parties = accountsOf(instruction.legs).map((account) => ({
        account,
        ...ctx.state.parties.get(a.id, account),
      }));
      const allocations = parties.filter(({ owes, allocation }) => owes && allocation === 'none');
      const approvals = parties.filter(({ receives, approved }) => receives && !approved);
      return {
        allocations: allocations.map(({ account }) => account),
        approvals: approvals.map(({ account }) => account),
        settler: statusOf(ctx, a.id) === 'ready' ? instruction.settler : undefined,
        ...obstacles(ctx, instruction),
      };
    },
  ),

  /** What changes hands when an open instruction settles: its legs, netted as its model says. */
  movements: contract.view({ args: { id }, returns: t.list(leg, MAX_PARTIES) }, (ctx, a) => {
    const { legs, model } = requireOpen(ctx, a.id);
    return movementsOf(legs, model).map(({ asset, ...rest }) => ({ ...asset, ...rest }));
  }),

  /** Open instructions that an account is a party, the instructor or the settler of, in the order of their ids. */
  openOf: contract.view(
    {
      args: { account: t.address, limit: t.uint(PAGE), after: t.optional(id) },
      returns: t.list(
        t.struct({
          id,
          instructor: t.address,
          terms: hash,
          status,
          deadline: t.uint(),
          mustAllocate: t.bool,
          mustApprove: t.bool,
          allocation: t.enum(ALLOCATIONS),
        }),
        PAGE,
      ),
    },
    (ctx, a) =>
      ctx.state.ofAccount
        .entriesUnder([a.account], a.limit, a.after === undefined ? undefined : [a.account, a.after])
        .map(({ key: [account, of] }) => {
          const { instructor, terms, deadline } = ctx.state.instructions.get(of);
          const party = ctx.state.parties.find(of, account);
          const allocation = party?.allocation ?? ('none' as const);
          return {
            ...{ id: of, instructor, terms, deadline, status: statusOf(ctx, of), allocation },
            mustAllocate: party?.owes === true && allocation === 'none',
            mustApprove: party?.receives === true && !party.approved,
          };
        }),
  ),
};
