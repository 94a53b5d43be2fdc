import { standardContract } from '../../contracts/index.js';
import type { Address, Receipt } from '../../primitives/types.js';
import { type Executed, isDescribed } from './ledger.js';
import type { Snapshot } from './snapshot.js';

/** What transactions tell, and those who keep books of it beside the contracts. */

export type Data = Readonly<Record<string, unknown>>;

export interface Event {
  /** Contract, dot, event. */
  readonly name: string;
  readonly data: Data;
}

export interface Bookkeeper {
  /** Takes note of one transaction, in the order in which they ran. */
  note(executed: Executed, timestamp: number): void;
  /** Where what was noted since the last time must not be, or the state says otherwise. */
  differences(snapshot: Snapshot): readonly string[];
}

/** The events of a transaction that has succeeded. */
export function eventsOf({ success, events }: Receipt): readonly Event[] {
  if (!success) return [];
  return events.map(({ contract, name, data }): Event => {
    return { name: `${contract}.${name}`, data: isDescribed(contract) ? jsonOf(contract, name, data) : {} };
  });
}

function jsonOf(contract: string, name: string, data: Uint8Array): Data {
  return standardContract(contract).codec.decodeEvent(name, data) as Data;
}

export const addressOf = (json: unknown): Address => String(json).toLowerCase() as Address;
export const amountOf = (json: unknown): bigint => BigInt(String(json));

/** What may be left out. */
export function optionalAmount(json: unknown): bigint | undefined {
  return json === undefined || json === null ? undefined : amountOf(json);
}

/** The money or the units that something is about, as other parts of the books name it. */
export function assetOf({ currency, instrument }: Data): string {
  return typeof currency === 'string' ? `cash ${currency}` : `units ${String(instrument)}`;
}
