import type { Address } from '../../primitives/types.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { type Cycle, MAX_PARTICIPANTS, type NettingView, type Participant } from './declaration.js';
import { netsOf, type Owed } from './nets.js';

/** What the participants that are left owe each other, read from the state. */

/** A participant that no round has excluded. */
export interface Live {
  readonly account: Address;
  readonly participant: Participant;
}

/** What a participant pays or receives on balance. */
export interface Net {
  readonly isDebit: boolean;
  readonly amount: bigint;
}

/** The nets of some participants, in the order of the cycle, whom of them an obligation names, and as its debtor. */
export interface Positions {
  readonly nets: ReadonlyMap<Address, bigint>;
  readonly concerned: ReadonlySet<Address>;
  readonly debtors: ReadonlySet<Address>;
  readonly gross: bigint;
}

/** Those who are in the cycle still, in its order. */
export function liveOf(ctx: NettingView, id: string, { participants }: Cycle): readonly Live[] {
  return participants
    .map((account) => ({ account, participant: ctx.state.participants.get(id, account) }))
    .filter(({ participant }) => participant.excluded === undefined);
}

/** Works the nets out of what these accounts owe each other. */
export function positionsOf(ctx: NettingView, id: string, accounts: readonly Address[]): Positions {
  const owed = owedAmong(ctx, id, accounts);
  return {
    nets: netsOf(accounts, owed),
    concerned: new Set(owed.flatMap(({ debtor, creditor }) => [debtor, creditor])),
    debtors: new Set(owed.map(({ debtor }) => debtor)),
    gross: owed.reduce((sum, { amount }) => sum + amount, 0n),
  };
}

function owedAmong(ctx: NettingView, id: string, accounts: readonly Address[]): readonly Owed[] {
  const live = new Set(accounts);
  const owed: Owed[] = [];
  let after: readonly [string, Address, Address] | undefined;
  // There are at most as many as ordered pairs of participants.
  for (let read = 0; read < MAX_PARTICIPANTS * MAX_PARTICIPANTS; read += RANGE_LIMIT) {
    const rows = ctx.state.owed.entriesUnder([id], RANGE_LIMIT, after);
    for (const { key, value } of rows) {
      const [, debtor, creditor] = key;
      if (live.has(debtor) && live.has(creditor)) owed.push({ debtor, creditor, amount: value.amount });
    }
    after = rows.at(-1)?.key;
    if (rows.length < RANGE_LIMIT) break;
  }
  return owed;
}

export function shownNet(net: bigint): Net {
  return net < 0n ? { isDebit: true, amount: -net } : { isDebit: false, amount: net };
}

export function isSameNet(one: Net, other: Net): boolean {
  return one.isDebit === other.isDebit && one.amount === other.amount;
}
