import type { Address } from '../../primitives/types.js';
import type { StructOf } from '../api/composites.js';
import type { SupervisionContext, SupervisionView } from './declaration.js';
import { exposureOn, exposureRefusal, withReceived, withSent } from './exposure.js';
import { type countArgs, type leftOptions, MAX_EXPOSURES } from './methods.js';
import { counted, usedIn, velocityRefusal } from './velocity.js';

/** About what one creditor takes, in nanoseconds. */
const CREDITOR_FUEL = 500;

type Counted = StructOf<typeof countArgs>;

/**
 * Counts what an account that rules look at authorises or pays: `cash` calls it of those accounts, and of no other.
 *
 * @throws ContractFailure `RULE_COUNT`, `RULE_SUM`, `RULE_EXPOSURE`
 */
export function count(ctx: SupervisionContext, a: Counted): void {
  ctx.useFuel(CREDITOR_FUEL * a.towards.length);
  if (a.payments > 0) countVelocity(ctx, a);
  const sums = byCreditor(a.towards);
  if (a.isOutgoing) countExposures(ctx, a, sums);
  if (a.isPaid) lessenExposures(ctx, a, sums);
}

function byCreditor(towards: Counted['towards']): ReadonlyMap<Address, bigint> {
  const sums = new Map<Address, bigint>();
  for (const { creditor, amount } of towards) sums.set(creditor, (sums.get(creditor) ?? 0n) + amount);
  return sums;
}

function countVelocity(ctx: SupervisionContext, { currency, account, payments, total }: Counted): void {
  const found = ctx.state.velocities.find(currency, account);
  if (found === undefined) return;
  const now = { payments, total };
  const refusal = velocityRefusal(found, found.parts, ctx.timestamp, now);
  if (refusal !== undefined) ctx.fail(refusal.code, refusal.data);
  ctx.state.velocities.set(currency, account, { ...found, parts: counted(found, found.parts, ctx.timestamp, now) });
}

/** All accounts of a counterparty are one: whoever pays another of them is exposed to it as well. */
function countExposures(
  ctx: SupervisionContext,
  { currency, account, day }: Counted,
  sums: ReadonlyMap<Address, bigint>,
): void {
  const rows = ctx.state.exposures.entriesUnder([currency, account], MAX_EXPOSURES);
  if (rows.length === 0) return;
  const towards = new Map<string, bigint>();
  for (const [creditor, amount] of sums) {
    const member = ctx.account(creditor)?.member ?? '';
    towards.set(member, (towards.get(member) ?? 0n) + amount);
  }
  for (const { key, value } of rows) {
    const amount = towards.get(key[2]);
    if (amount === undefined) continue;
    const refusal = exposureRefusal(value, day, amount);
    if (refusal !== undefined) ctx.fail(refusal.code, refusal.data);
    ctx.state.exposures.set(...key, withSent(value, day, amount));
  }
}

/** What the account pays lessens what its creditors are exposed to, where it was named for that. */
function lessenExposures(
  ctx: SupervisionContext,
  { currency, account, day }: Counted,
  sums: ReadonlyMap<Address, bigint>,
): void {
  const member = ctx.account(account)?.member ?? '';
  for (const [creditor, amount] of sums) {
    if (!ctx.state.offsets.has(currency, account, creditor)) continue;
    const found = ctx.state.exposures.get(currency, creditor, member);
    ctx.state.exposures.set(currency, creditor, member, withReceived(found, day, amount));
  }
}

/** What rules leave an account now. */
export function left(ctx: SupervisionView, { currency, account, day }: StructOf<typeof leftOptions.args>) {
  const velocity = ctx.state.velocities.find(currency, account);
  const used = velocity === undefined ? { count: 0n, sum: 0n } : usedIn(velocity, velocity.parts, ctx.timestamp);
  const { maxCount, maxSum } = velocity ?? {};
  return {
    count: maxCount === undefined ? undefined : { limit: BigInt(maxCount), used: used.count },
    sum: maxSum === undefined ? undefined : { limit: maxSum, used: used.sum },
    exposures: ctx.state.exposures
      .entriesUnder([currency, account], MAX_EXPOSURES)
      .map(({ key, value }) => ({ counterparty: key[2], ...exposureOn(value, day) })),
  };
}
