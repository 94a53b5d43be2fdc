import type { Address } from '../../primitives/types.js';
import { cash } from '../cash/cash.js';
import { membership } from '../membership/membership.js';
import { beyondMandate } from './authority.js';
import type { SupervisionContext } from './declaration.js';
import { MAX_EXPOSURES } from './methods.js';
import type { Velocity } from './velocity.js';

/** Rules that authorities bind accounts by: who may set them, change them and end them. */

interface Owner {
  readonly currency: string;
  readonly account: Address;
}

/**
 * The sender's member, where it may bind the account: the central bank of the currency, or a supervisor within its mandate. What
 * another authority has set is that one's, unless it can change nothing any more.
 *
 * @throws ContractFailure `CURRENCY_UNKNOWN`, `ACCOUNT_UNKNOWN`, `NOT_ENTITLED`, `MANDATE_EXCEEDED`
 */
function requireAuthority(ctx: SupervisionContext, { currency, account }: Owner, setBy: string | undefined): string {
  const found = ctx.view(cash.methods.currency, { currency }) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
  const about = ctx.account(account)?.member ?? ctx.fail('ACCOUNT_UNKNOWN', { account });
  const { member, roles } = ctx.requireAccount(ctx.sender);
  const isIssuer = roles.includes('centralBank') && found.issuer === member;
  if (!isIssuer) {
    ctx.require(roles.includes('supervisor'), 'NOT_ENTITLED', { member });
    const mandate = ctx.state.mandates.find(member);
    const fault = mandate && beyondMandate(mandate, ctx.timestamp, { currency, about });
    if (fault !== undefined) ctx.fail('MANDATE_EXCEEDED', { member, fault });
  }
  const isOwn = setBy === undefined || setBy === member || (isIssuer && isGone(ctx, setBy));
  ctx.require(isOwn, 'NOT_ENTITLED', { member });
  return member;
}

function isGone(ctx: SupervisionContext, member: string): boolean {
  const record = ctx.view(membership.methods.member, { member });
  return record === undefined || record.suspended || !record.roles.includes('supervisor');
}

/** `cash` counts for an account from its first rule on, and no more from the end of its last. */
function use(ctx: SupervisionContext, { currency, account }: Owner, change: 1 | -1): void {
  const before = ctx.state.uses.get(currency, account);
  const after = before + change;
  if (after === 0) ctx.state.uses.delete(currency, account);
  else ctx.state.uses.set(currency, account, after);
  if (before === 0 || after === 0) ctx.call(cash.methods.setRuled, { currency, account, isRuled: after > 0 });
}

/** Bounds how often and how much an account authorises in any stretch of time. What it has authorised counts on where the window stays. */
export function setVelocity(ctx: SupervisionContext, { currency, account, ...rule }: Owner & Velocity): void {
  const before = ctx.state.velocities.find(currency, account);
  const by = requireAuthority(ctx, { currency, account }, before?.by);
  const { windowMs, maxCount, maxSum } = rule;
  ctx.require(windowMs > 0 && (maxCount !== undefined || maxSum !== undefined), 'RULE_EMPTY');
  const parts = before?.windowMs === windowMs ? before.parts : [];
  ctx.state.velocities.set(currency, account, { by, windowMs, maxCount, maxSum, parts });
  if (before === undefined) use(ctx, { currency, account }, 1);
  ctx.emit('VelocitySet', { currency, account, windowMs, maxCount, maxSum, by });
}

export function endVelocity(ctx: SupervisionContext, { currency, account }: Owner): void {
  const before = ctx.state.velocities.find(currency, account) ?? ctx.fail('RULE_UNKNOWN', { account });
  const by = requireAuthority(ctx, { currency, account }, before.by);
  ctx.state.velocities.delete(currency, account);
  use(ctx, { currency, account }, -1);
  ctx.emit('VelocityEnded', { currency, account, by });
}

interface ExposureTerms extends Owner {
  readonly counterparty: string;
  readonly limit: bigint;
  readonly offsetting: readonly Address[];
}

/** Bounds what an account sends to a counterparty on a business day, less what named accounts of that one have paid it. */
export function setExposure(ctx: SupervisionContext, terms: ExposureTerms): void {
  const { currency, account, counterparty, limit, offsetting } = terms;
  const before = ctx.state.exposures.find(currency, account, counterparty);
  const by = requireAuthority(ctx, terms, before?.by);
  if (ctx.view(membership.methods.member, { member: counterparty }) === undefined) {
    ctx.fail('MEMBER_UNKNOWN', { member: counterparty });
  }
  ctx.require(ctx.account(account)?.member !== counterparty, 'SAME_MEMBER', { member: counterparty });
  requireOffsetting(ctx, terms);
  if (before === undefined) {
    const count = ctx.state.exposures.entriesUnder([currency, account], MAX_EXPOSURES).length;
    ctx.require(count < MAX_EXPOSURES, 'RULES_TOO_MANY', { limit: MAX_EXPOSURES });
    use(ctx, terms, 1);
  } else {
    forgetOffsets(ctx, terms, before.offsetting);
  }
  for (const from of offsetting) {
    ctx.state.offsets.set(currency, from, account, true);
    use(ctx, { currency, account: from }, 1);
  }
  const { day, sent = 0n } = before ?? {};
  const received = before === undefined ? 0n : receivedUnder(before, offsetting);
  ctx.state.exposures.set(currency, account, counterparty, { by, limit, offsetting, day, sent, received });
  ctx.emit('ExposureSet', { currency, account, counterparty, limit, offsetting, by });
}

/** What has come counts on only where it came from accounts that lessen still: the sum does not say from which. */
function receivedUnder(
  before: { readonly offsetting: readonly Address[]; readonly received: bigint },
  offsetting: readonly Address[],
): bigint {
  return before.offsetting.every((account) => offsetting.includes(account)) ? before.received : 0n;
}

function requireOffsetting(ctx: SupervisionContext, { counterparty, offsetting }: ExposureTerms): void {
  offsetting.forEach((account, index) => {
    const isOfCounterparty = ctx.account(account)?.member === counterparty;
    ctx.require(isOfCounterparty && offsetting.indexOf(account) === index, 'OFFSETTING_INVALID', { account });
  });
}

function forgetOffsets(ctx: SupervisionContext, { currency, account }: Owner, offsetting: readonly Address[]): void {
  for (const from of offsetting) {
    ctx.state.offsets.delete(currency, from, account);
    use(ctx, { currency, account: from }, -1);
  }
}

export function endExposure(
  ctx: SupervisionContext,
  { currency, account, counterparty }: Owner & { readonly counterparty: string },
): void {
  const before = ctx.state.exposures.find(currency, account, counterparty) ?? ctx.fail('RULE_UNKNOWN', { account });
  const by = requireAuthority(ctx, { currency, account }, before.by);
  forgetOffsets(ctx, { currency, account }, before.offsetting);
  ctx.state.exposures.delete(currency, account, counterparty);
  use(ctx, { currency, account }, -1);
  ctx.emit('ExposureEnded', { currency, account, counterparty, by });
}
