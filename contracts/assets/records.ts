import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { SECURING } from '../locks/securing.js';
import { type AccountAmount, AccountPage } from './accountPage.js';
import { type AssetsContext, type AssetsView, contract, requireInstrument, requireWhole } from './declaration.js';
import { requireFree, take } from './holdings.js';
import { MAX_RECORDS, RECORD_PAGE, REDEMPTIONS, recordNumber, type records } from './recordBook.js';

/** For corporate actions: who held how many units at the end of a block, while units keep changing hands. */

/** About what it takes to tell one holder, in nanoseconds. */
const HOLDER_FUEL = 1_000;

const byActions = { contracts: ['actions'] } as const;
const onRecord = { instrument: t.id, record: recordNumber };

/** Two lists in the order of their accounts as one of at most so many; where both have an account, what was kept counts. */
function merged(
  kept: readonly AccountAmount[],
  held: readonly AccountAmount[],
  limit: number,
): readonly AccountAmount[] {
  const page: AccountAmount[] = [];
  let [k, h] = [0, 0];
  while (page.length < limit) {
    const [one, other] = [kept[k], held[h]];
    if (one === undefined && other === undefined) break;
    if (other === undefined || (one !== undefined && one.account <= other.account)) {
      if (one !== undefined) page.push(one);
      k++;
      if (one?.account === other?.account) h++;
    } else {
      page.push(other);
      h++;
    }
  }
  return page;
}

interface Place {
  readonly record: number;
  readonly after?: Address | undefined;
}

/** Some of a record's accounts, in their order. */
interface Recorded {
  readonly holders: AccountPage;
  /** With those who held nothing then. */
  readonly count: number;
  readonly last: Address | undefined;
  /** Of those what was kept. */
  readonly kept: readonly Address[];
}

/** The next accounts of a record: no more than so many of each list can be among them. */
function nextRecorded(ctx: AssetsView, id: string, { record, after }: Place, limit: number): Recorded {
  const kept = ctx.state.kept
    .entriesUnder([id, record], limit, after === undefined ? undefined : [id, record, after])
    .map(({ key: [, , account], value }) => ({ account, amount: value }));
  const held = AccountPage.ofRows(
    ctx.state.holdings.rowsUnder([id], limit, after === undefined ? undefined : [id, after]),
  );
  if (kept.length === 0) return { holders: held, count: held.count, last: held.last, kept: [] };
  const page = merged(kept, held.items(), limit);
  const last = page.at(-1)?.account;
  return {
    holders: AccountPage.of(page.filter(({ amount }) => amount > 0n)),
    count: page.length,
    last,
    kept: kept.flatMap(({ account }) => (last !== undefined && account <= last ? [account] : [])),
  };
}

type Records = Infer<typeof records>;

function freeNumber(open: Records): number | undefined {
  const numbers = Array.from({ length: MAX_RECORDS }, (_, number) => number);
  return numbers.find((number) => !open.some(({ record }) => record === number));
}

/** Where none is open, no entry stays. */
function putRecords(ctx: AssetsContext, id: string, open: Records): void {
  if (open.length === 0) ctx.state.records.delete(id);
  else ctx.state.records.set(id, open);
}

function requireRecord(ctx: AssetsView, id: string, number: number) {
  const open = ctx.state.records.get(id);
  const found = open.find(({ record }) => record === number);
  return { open, found: found ?? ctx.fail('RECORD_UNKNOWN', { instrument: id, record: number }) };
}

export const recordMethods = {
  /**
   * From the end of the block of that height on, what each account held then is kept until it is taken. Where units are to be
   * redeemed, they change hands by orders, and out of locks made before, until the record ends.
   */
  openRecord: contract.tx(
    {
      args: { instrument: t.id, height: t.uint(), redeems: t.optional(t.enum(REDEMPTIONS)) },
      returns: t.struct({ record: recordNumber }),
      auth: byActions,
    },
    (ctx, { instrument: id, height, redeems }) => {
      requireInstrument(ctx, id);
      requireWhole(ctx, id);
      const open = ctx.state.records.get(id);
      const record = freeNumber(open) ?? ctx.fail('RECORDS_TOO_MANY', { limit: MAX_RECORDS });
      ctx.state.records.set(id, [...open, { record, height, redeems, isFreed: false }]);
      return { record };
    },
  ),

  /** The next accounts of a record and what each of them held: they are told once, and the record ends with the last of them. */
  takeRecorded: contract.tx(
    {
      args: { ...onRecord, limit: t.uint(RECORD_PAGE) },
      /** `AccountPage` says how the holders stand in their bytes. */
      returns: t.struct({ holders: t.bytes(AccountPage.maxBytes(RECORD_PAGE)), isOver: t.bool }),
      auth: byActions,
    },
    (ctx, { instrument: id, record, limit }) => {
      ctx.require(limit > 0, 'LIMIT_ZERO');
      const { open, found } = requireRecord(ctx, id, record);
      ctx.require(ctx.height > found.height, 'RECORD_AHEAD', { height: found.height });
      const { holders, count, last, kept } = nextRecorded(ctx, id, found, limit);
      const isOver = count < limit;
      for (const account of kept) ctx.state.kept.delete(id, record, account);
      putRecords(
        ctx,
        id,
        open.flatMap((each) => (each !== found ? [each] : isOver ? [] : [{ ...each, after: last }])),
      );
      ctx.useFuel(HOLDER_FUEL * count);
      return { holders: holders.bytes, isOver };
    },
  ),

  /** Ends a record of which nothing was kept: its height has not passed, or all units were to be redeemed. */
  dropRecord: contract.tx({ args: onRecord, auth: byActions }, (ctx, { instrument: id, record }) => {
    const { open, found } = requireRecord(ctx, id, record);
    ctx.require(found.redeems === 'whole' || ctx.height <= found.height, 'RECORD_PASSED', { height: found.height });
    putRecords(
      ctx,
      id,
      open.filter((each) => each !== found),
    );
  }),

  /** Destroys units that the account has free and no order keeps: what is paid for them goes out in the same step. */
  surrender: contract.tx(
    { args: { instrument: t.id, account: t.address, amount: t.amount }, auth: byActions },
    (ctx, a) => {
      const record = requireInstrument(ctx, a.instrument);
      ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
      requireFree(ctx, a.account, a.instrument, a.amount);
      take(ctx, a.account, a.instrument, a.amount);
      ctx.state.instruments.set(a.instrument, { ...record, redeemed: record.redeemed + a.amount });
      ctx.emit('Redeemed', a);
    },
  ),
};

export const recordViews = {
  /** Whether units secure a claim, or have left what they secured since the height of an open record under which all are redeemed. */
  secured: contract.view({ args: onRecord, returns: t.bool }, (ctx, { instrument: id, record }) => {
    const { found } = requireRecord(ctx, id, record);
    return found.isFreed || SECURING.some((owner) => ctx.state.locks.entriesUnder([id, owner], 1).length > 0);
  }),

  /**
   * A redemption of the instrument, under way or announced: its record's block, and whether units change hands no more but by an order.
   * None where no unit is to be redeemed.
   */
  redemption: contract.view(
    { args: { instrument: t.id }, returns: t.optional(t.struct({ height: t.uint(), isUnderWay: t.bool })) },
    (ctx, { instrument: id }) => {
      const heights = ctx.state.records
        .get(id)
        .flatMap(({ redeems, height }) => (redeems === undefined ? [] : [height]));
      if (heights.length === 0) return undefined;
      const height = Math.min(...heights);
      return { height, isUnderWay: ctx.height > height };
    },
  ),

  /** What an account held at the height of an open record; none once it has been told. */
  recorded: contract.view(
    { args: { ...onRecord, account: t.address }, returns: t.optional(t.amount) },
    (ctx, { instrument: id, record, account }) => {
      const { found } = requireRecord(ctx, id, record);
      if (found.after !== undefined && account <= found.after) return undefined;
      return ctx.state.kept.find(id, record, account) ?? ctx.state.holdings.get(id, account);
    },
  ),
};
