import type { Address } from '../../primitives/types.js';
import { AccountPage } from '../assets/accountPage.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { giveIssuer } from './book.js';
import { type ActionsContext, type Entitlement, type OpenAction, ROW } from './declaration.js';
import { entitlementOf, redeemedOf, redeemsOf } from './terms.js';

/** About what it takes to look at one holder who is to be paid, in nanoseconds. */
const HOLDER_FUEL = 500;
/** Holders of one step that redeems: each of them is a call to another contract. */
const REDEMPTION_PAGE = 64;

/** Money goes out on the first open business day of its currency that may pay, or a later one. */
export function requirePaymentDay(ctx: ActionsContext, { currency, paymentDay }: OpenAction): void {
  const { day, isOpen } = ctx.view(cash.methods.businessDay, { currency });
  const pays = isOpen && day !== undefined && day >= paymentDay;
  ctx.require(pays, 'PAYMENT_DAY_AHEAD', { paymentDay, day: isOpen ? day : undefined });
}

/** Pays one row. Whoever cannot be paid now, because it is suspended or a supervisor bounds what it is paid, keeps no other holder waiting. */
export function payRow(ctx: ActionsContext, id: string, action: OpenAction): OpenAction {
  const { declared, entitled } = action;
  ctx.require(entitled <= declared, 'UNDERFUNDED', { declared, required: entitled });
  const [row] = ctx.state.entitlements.entriesUnder([id], 1);
  if (row === undefined) return endPaying(ctx, id, action);
  const due = new AccountPage(row.value).items().map((each) => ({ ...each, units: 0n }));
  ctx.useFuel(HOLDER_FUEL * due.length);
  ctx.state.entitlements.delete(id, row.key[1]);
  const page = settlePage(ctx, id, action, due);
  keepClaims(ctx, id, page);
  return noted(ctx, id, action, page);
}

interface Due extends Entitlement {
  /** What it gives for it. */
  readonly units: bigint;
}

interface Page {
  readonly paid: readonly Due[];
  readonly refused: readonly Due[];
}

/** What a bound between the issuer and one of its creditors is refused with, whoever else is paid in the same step. */
const BOUND_BETWEEN_TWO = 'RULE_EXPOSURE';

/** Pays all that can be paid of a page together; singly, where a bound keeps one of them back, so that it keeps nobody else waiting. */
function settlePage(ctx: ActionsContext, id: string, action: OpenAction, due: readonly Due[]): Page {
  const pages: Page[] = [];
  const failure = ctx.attempt(() => pages.push(payTogether(ctx, id, action, due)));
  // Anything else keeps all of them waiting: the same again fails the call, and says why.
  if (failure !== undefined && failure.code !== BOUND_BETWEEN_TWO) return payTogether(ctx, id, action, due);
  if (failure !== undefined && due.length === 1) return { paid: [], refused: due };
  if (failure !== undefined) pages.push(...due.map((each) => settlePage(ctx, id, action, [each])));
  return { paid: pages.flatMap(({ paid }) => paid), refused: pages.flatMap(({ refused }) => refused) };
}

/** Takes what they give, and pays for it: both or neither. Passed over is who may not be paid, or does not have it to give. */
function payTogether(ctx: ActionsContext, id: string, action: OpenAction, due: readonly Due[]): Page {
  const { currency, instrument } = action;
  const page = { paid: [] as Due[], refused: [] as Due[] };
  for (const each of due) (isGiven(ctx, instrument, each) ? page.paid : page.refused).push(each);
  const credits = page.paid.map(({ account: creditor, amount }) => ({ creditor, amount }));
  if (credits.length > 0) ctx.call(cash.methods.releaseMany, { currency, lock: id, credits });
  return page;
}

/** Who is not paid now claims it later. */
function keepClaims(ctx: ActionsContext, id: string, { refused }: Page): void {
  for (const { account, amount, units } of refused) ctx.state.claims.set(id, account, { amount, units });
}

/** Tells what was paid, and what could not be. */
function noted(ctx: ActionsContext, id: string, action: OpenAction, { paid, refused }: Page): OpenAction {
  const [amount, unclaimed] = [sumOf(paid), sumOf(refused)];
  if (paid.length > 0) ctx.emit('Paid', { id, amount, payments: paid.map(entitlementIn) });
  if (refused.length > 0) ctx.emit('Refused', { id, claims: refused.map(entitlementIn) });
  return { ...action, paid: action.paid + amount, unclaimed: action.unclaimed + unclaimed };
}

function entitlementIn({ account, amount }: Due): Entitlement {
  return { account, amount };
}

function sumOf(entitlements: readonly Entitlement[]): bigint {
  return entitlements.reduce((sum, { amount }) => sum + amount, 0n);
}

/** All that could be paid is paid: what nobody is entitled to goes back to the issuer at once. */
function endPaying(ctx: ActionsContext, id: string, action: OpenAction): OpenAction {
  const residual = action.declared - action.entitled;
  giveIssuer(ctx, id, action, residual);
  return { ...action, stage: 'claiming', residual };
}

/** Redeems units of the holders of one page: they are destroyed as their price is paid, or neither happens. */
export function redeemPage(ctx: ActionsContext, id: string, action: OpenAction): OpenAction {
  const { recordHeight, redemption, after } = action;
  if (redemption === undefined) return ctx.fail('TERMS_INVALID', { term: 'redemption' });
  ctx.require(ctx.height > recordHeight, 'RECORD_AHEAD', { recordHeight });
  requireRedemptionFunded(ctx, action);
  const isPart = redeemsOf(action) === 'part';
  const { holders, isOver } = isPart ? recordedHolders(ctx, action) : presentHolders(ctx, action);
  ctx.useFuel(HOLDER_FUEL * holders.length);
  const due = holders.flatMap(({ account, amount: held }) => {
    const units = redeemedOf(held, redemption);
    return units === 0n ? [] : [{ account, units, amount: units * redemption.price }];
  });
  const page = settlePage(ctx, id, action, due);
  if (isPart) keepClaims(ctx, id, page);
  const next = {
    ...noted(ctx, id, action, page),
    holders: action.holders + holders.length,
    entitled: action.entitled + sumOf(due),
    after: holders.at(-1)?.account ?? after,
  };
  if (!isOver) return next;
  return endPaying(ctx, id, isPart ? { ...next, record: undefined } : outstandingIn(ctx, next, redemption.price));
}

interface Holders {
  readonly holders: readonly Entitlement[];
  readonly isOver: boolean;
}

/** Of a part: what each of them held at the record, whatever orders have moved since. With the last of them the record ends. */
function recordedHolders(ctx: ActionsContext, { instrument, record }: OpenAction): Holders {
  if (record === undefined) return { holders: [], isOver: true };
  const told = ctx.call(assets.methods.takeRecorded, { instrument, record, limit: REDEMPTION_PAGE });
  return { holders: new AccountPage(told.holders).items(), isOver: told.isOver };
}

/** Of a whole: what each of them holds now; nothing changes hands until it is over, but by an order. */
function presentHolders(ctx: ActionsContext, { instrument, after }: OpenAction): Holders {
  const holders = ctx.view(assets.methods.holders, { instrument, limit: REDEMPTION_PAGE, after });
  return { holders, isOver: holders.length < REDEMPTION_PAGE };
}

/** Of a whole each unit that is left waits with its price, wherever orders have sent it between two pages. */
function outstandingIn(ctx: ActionsContext, action: OpenAction, price: bigint): OpenAction {
  const { issued, redeemed } = ctx.view(assets.methods.supply, { instrument: action.instrument });
  const unclaimed = (issued - redeemed) * price;
  return { ...action, unclaimed, entitled: action.paid + unclaimed };
}

/** Nothing is redeemed that is not paid for: before the first unit goes, the money for all of them is there. */
function requireRedemptionFunded(ctx: ActionsContext, action: OpenAction): void {
  if (action.after !== undefined) return;
  const { issued, redeemed } = ctx.view(assets.methods.supply, { instrument: action.instrument });
  const required = entitlementOf(action, issued - redeemed) ?? 0n;
  ctx.require(required <= action.declared, 'UNDERFUNDED', { declared: action.declared, required });
}

/** Destroys units that are paid for, where the account is active and has them free, with no order that keeps them. */
function isGiven(ctx: ActionsContext, instrument: string, { account, units: amount }: Due): boolean {
  if (ctx.account(account)?.active !== true) return false;
  if (amount === 0n) return true;
  return ctx.attempt(() => ctx.call(assets.methods.surrender, { instrument, account, amount })) === undefined;
}

/** Pays singly what could not be paid with the others: to its holder, whoever calls. */
export function claim(ctx: ActionsContext, id: string, action: OpenAction, account: Address): OpenAction {
  requirePaymentDay(ctx, action);
  const { currency, instrument, redemption } = action;
  const open = claimOf(ctx, id, action, account);
  const { amount, units } = open ?? ctx.fail('CLAIM_UNKNOWN', { id, account });
  if (redemption !== undefined) ctx.call(assets.methods.surrender, { instrument, account, amount: units });
  ctx.call(cash.methods.release, { currency, lock: id, creditor: account, amount });
  lessen(ctx, id, account, { amount, units });
  ctx.emit('Claimed', { id, account, amount });
  return { ...action, paid: action.paid + amount, unclaimed: action.unclaimed - amount };
}

/** What an account may claim: of units that are redeemed, as many as it has free and no order keeps; the others wait. */
function claimOf(ctx: ActionsContext, id: string, action: OpenAction, account: Address) {
  const { redemption, instrument, stage } = action;
  const waiting = ctx.state.claims.find(id, account);
  if (redemption === undefined) return waiting;
  const isWhole = redeemsOf(action) === 'whole';
  if (isWhole && stage !== 'claiming') return undefined;
  const most = isWhole ? ctx.view(assets.methods.position, { account, instrument }).free : waiting?.units;
  if (most === undefined || most === 0n) return undefined;
  const { available } = ctx.view(assets.methods.freezes, { account, instrument });
  // With nothing available, giving them up says why.
  const units = available > 0n && available < most ? available : most;
  return { amount: units * redemption.price, units };
}

/** What an account could not claim yet waits still. */
function lessen(ctx: ActionsContext, id: string, account: Address, { amount, units }: Claim): void {
  const waiting = ctx.state.claims.find(id, account);
  if (waiting === undefined) return;
  if (waiting.amount === amount) ctx.state.claims.delete(id, account);
  else ctx.state.claims.set(id, account, { amount: waiting.amount - amount, units: waiting.units - units });
}

interface Claim {
  readonly amount: bigint;
  readonly units: bigint;
}

/** Takes one step of what it takes to end without paying: a page of a record, a row, claims. @returns none once nothing is left */
export function dropPage(ctx: ActionsContext, id: string, action: OpenAction): OpenAction | undefined {
  const { instrument, record, recordHeight } = action;
  if (record !== undefined) {
    if (redeemsOf(action) !== 'whole' && ctx.height > recordHeight) {
      const { isOver } = ctx.call(assets.methods.takeRecorded, { instrument, record, limit: ROW });
      return isOver ? { ...action, record: undefined } : action;
    }
    ctx.call(assets.methods.dropRecord, { instrument, record });
    return { ...action, record: undefined };
  }
  const [row] = ctx.state.entitlements.entriesUnder([id], 1);
  if (row !== undefined) {
    ctx.state.entitlements.delete(...row.key);
    return action;
  }
  const claims = ctx.state.claims.entriesUnder([id], ROW);
  for (const { key } of claims) ctx.state.claims.delete(...key);
  return claims.length === 0 ? undefined : action;
}
