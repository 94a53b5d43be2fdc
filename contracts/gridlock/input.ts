import { LIMITS, MAX_AMOUNT } from '../../primitives/limits.js';
import { isWellFormed } from '../../primitives/text.js';
import { inputError } from './errors.js';

/** What a payment may claim, the highest first. */
export const RANKS = ['centralBank', 'clearing', 'urgent', 'normal'] as const;
export type Rank = (typeof RANKS)[number];

/** Index of the one rank whose payments may be given up for others, and that limits bind. */
export const NORMAL = RANKS.indexOf('normal');

/** Bounds of one run. */
export const GRIDLOCK_LIMITS = {
  banks: 256,
  payments: 50_000,
  limits: 4_096,
  /** Characters of the name of a bank or payment. */
  nameCharacters: 128,
} as const;

/** What a bank may spend: balance and credit line together, in minor units, from 0 to 2^128 - 1. */
export interface BankPosition {
  readonly bank: string;
  readonly available: bigint;
}

/** A payment that waits. */
export interface QueuedPayment {
  readonly id: string;
  readonly debtor: string;
  readonly creditor: string;
  /** Minor units, from 1 to 2^128 - 1. */
  readonly amount: bigint;
  readonly rank: Rank;
  /** Takes no part in the run and stands in nobody's way; its place in the queue stays. */
  readonly isHeld: boolean;
}

/**
 * A bilateral limit: what the debtor's payments to the creditor may exceed the creditor's payments to the debtor by. It
 * binds payments of rank normal: where the net is over it, none of them settles. As TARGET services have it, the net counts
 * payments of every rank.
 */
export interface BilateralLimit {
  readonly debtor: string;
  readonly creditor: string;
  /** Minor units that are left of it, from -(2^128 - 1) to 2^128 - 1; negative where it was overdrawn by higher ranks. */
  readonly net: bigint;
}

/** All that a run depends on. */
export interface GridlockInput {
  readonly banks: readonly BankPosition[];
  /** In the order of their creation, the oldest first. */
  readonly payments: readonly QueuedPayment[];
  readonly limits: readonly BilateralLimit[];
}

/** @throws GridlockError naming the first place that no run can take */
export function requireInput({ banks, payments, limits }: GridlockInput): void {
  requireCount('banks', banks.length, GRIDLOCK_LIMITS.banks);
  requireCount('payments', payments.length, GRIDLOCK_LIMITS.payments);
  requireCount('limits', limits.length, GRIDLOCK_LIMITS.limits);
  const known = new Set<string>();
  for (const [at, { bank, available }] of banks.entries()) {
    requireNew(known, `banks[${at}].bank`, bank);
    requireAmount(`banks[${at}].available`, available, 0n);
  }
  const ids = new Set<string>();
  for (const [at, payment] of payments.entries()) {
    const path = `payments[${at}]`;
    requireNew(ids, `${path}.id`, payment.id);
    requireTwoBanks(known, path, payment);
    requireAmount(`${path}.amount`, payment.amount, 1n);
  }
  const pairs = new Set<string>();
  for (const [at, limit] of limits.entries()) {
    const path = `limits[${at}]`;
    requireTwoBanks(known, path, limit);
    const pair = pairKey(limit.debtor, limit.creditor);
    if (pairs.has(pair)) throw inputError('REPEATED', path, 'one limit for each debtor and creditor', 'another');
    pairs.add(pair);
    requireAmount(`${path}.net`, limit.net, -MAX_AMOUNT);
  }
}

/** One text for an ordered pair of names, whatever characters they have. */
export function pairKey(debtor: string, creditor: string): string {
  return `${debtor.length}:${debtor}${creditor}`;
}

function requireCount(path: string, count: number, max: number): void {
  if (count > max) throw inputError('COUNT_OUT_OF_RANGE', path, `at most ${max}`, String(count));
}

function requireNew(known: Set<string>, path: string, name: string): void {
  if (name === '' || name.length > GRIDLOCK_LIMITS.nameCharacters) {
    throw inputError('NAME_INVALID', path, `1 to ${GRIDLOCK_LIMITS.nameCharacters} characters`, String(name.length));
  }
  if (!isWellFormed(name)) throw inputError('NAME_INVALID', path, 'well-formed Unicode', 'half a surrogate pair');
  if (known.has(name)) throw inputError('REPEATED', path, 'a name that is not taken', `"${shown(name)}" again`);
  known.add(name);
}

interface Parties {
  readonly debtor: string;
  readonly creditor: string;
}

function requireTwoBanks(known: ReadonlySet<string>, path: string, { debtor, creditor }: Parties): void {
  for (const [field, bank] of [
    ['debtor', debtor],
    ['creditor', creditor],
  ] as const) {
    if (!known.has(bank)) throw inputError('BANK_UNKNOWN', `${path}.${field}`, 'a bank with a balance', shown(bank));
  }
  if (debtor === creditor) throw inputError('SAME_BANK', path, 'two banks', `"${shown(debtor)}" twice`);
}

function requireAmount(path: string, amount: bigint, min: bigint): void {
  if (amount >= min && amount <= MAX_AMOUNT) return;
  throw inputError('AMOUNT_OUT_OF_RANGE', path, `from ${min} to 2^128 - 1`, amount < min ? 'less' : 'more');
}

function shown(name: string): string {
  return name.slice(0, LIMITS.nameBytes);
}
