import { rangeToHex } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { Address } from '../../primitives/types.js';
import type { MapRow } from '../api/state.js';

const ADDRESS_BYTES = 20;
const AMOUNT_BYTES = 16;
const ITEM_BYTES = ADDRESS_BYTES + AMOUNT_BYTES;
/** First byte of an item of no bytes, and of one of the longest amount. */
const EMPTY_ITEM = 0x80;
const MAX_ITEM = EMPTY_ITEM + AMOUNT_BYTES;
const LOW = 64n;
const LOW_MASK = (1n << LOW) - 1n;

/** An account, and what it has or is to have. */
export interface AccountAmount {
  readonly account: Address;
  readonly amount: bigint;
}

/**
 * Accounts and amounts, 20 and 16 bytes each, one after the other: as a register of very many holders passes from one contract to another and
 * into one row of state, without a value of its own for each of them.
 */
export class AccountPage {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #count: number;

  /** @param bytes of which the page may change the first ones */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#count = Math.floor(bytes.length / ITEM_BYTES);
  }

  static of(items: readonly AccountAmount[]): AccountPage {
    const page = new AccountPage(new Uint8Array(items.length * ITEM_BYTES));
    items.forEach(({ account, amount }, index) => {
      page.#putAccount(index, account);
      page.#putAmount(index, amount);
    });
    return page;
  }

  /** Of a map from accounts to amounts. @throws InvariantError where they are something else */
  static ofRows(rows: readonly MapRow[]): AccountPage {
    const bytes = new Uint8Array(rows.length * ITEM_BYTES);
    let at = 0;
    for (const { key, value } of rows) {
      const length = amountLength(value);
      const isAmount = key.length === ADDRESS_BYTES && length !== undefined;
      if (!isAmount) invariant(false, 'a register has an account and an amount in each of its rows');
      for (let byte = 0; byte < ADDRESS_BYTES; byte++) bytes[at + byte] = key.charCodeAt(byte);
      at += ITEM_BYTES;
      for (let byte = 1; byte <= (length ?? 0); byte++) bytes[at - byte] = value[value.length - byte] as number;
    }
    return new AccountPage(bytes);
  }

  static maxBytes(count: number): number {
    return count * ITEM_BYTES;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#count * ITEM_BYTES);
  }

  get last(): Address | undefined {
    return this.#count === 0 ? undefined : this.#account(this.#count - 1);
  }

  items(): readonly AccountAmount[] {
    return Array.from({ length: this.#count }, (_, index) => ({
      account: this.#account(index),
      amount: this.#amount(index),
    }));
  }

  /** Puts another amount in the place of each; who is left with nothing leaves the page. @returns the sum of them */
  replace(amountOf: (amount: bigint) => bigint): bigint {
    let kept = 0;
    let sum = 0n;
    for (let index = 0; index < this.#count; index++) {
      const amount = amountOf(this.#amount(index));
      if (amount === 0n) continue;
      sum += amount;
      if (kept !== index) {
        this.#bytes.copyWithin(kept * ITEM_BYTES, index * ITEM_BYTES, index * ITEM_BYTES + ADDRESS_BYTES);
      }
      this.#putAmount(kept++, amount);
    }
    this.#count = kept;
    return sum;
  }

  #account(index: number): Address {
    return rangeToHex(this.#bytes, index * ITEM_BYTES, index * ITEM_BYTES + ADDRESS_BYTES);
  }

  #amount(index: number): bigint {
    const at = index * ITEM_BYTES + ADDRESS_BYTES;
    const high = this.#view.getBigUint64(at);
    const low = this.#view.getBigUint64(at + AMOUNT_BYTES / 2);
    return high === 0n ? low : (high << LOW) | low;
  }

  #putAmount(index: number, amount: bigint): void {
    const at = index * ITEM_BYTES + ADDRESS_BYTES;
    this.#view.setBigUint64(at, amount >> LOW);
    this.#view.setBigUint64(at + AMOUNT_BYTES / 2, amount & LOW_MASK);
  }

  #putAccount(index: number, account: Address): void {
    const at = index * ITEM_BYTES;
    for (let byte = 0; byte < ADDRESS_BYTES; byte++) {
      const digits = 2 + 2 * byte;
      this.#bytes[at + byte] = (digitOf(account.charCodeAt(digits)) << 4) | digitOf(account.charCodeAt(digits + 1));
    }
  }
}

/** Bytes of an amount in its canonical item (RLP): a small one stands for itself, and zero for none. */
function amountLength(item: Uint8Array): number | undefined {
  const [first = 0, second = 0] = item;
  if (item.length === 1 && first <= EMPTY_ITEM) return first === EMPTY_ITEM ? 0 : first === 0 ? undefined : 1;
  const isCanonical = item.length === 2 ? second >= EMPTY_ITEM : second > 0;
  return first <= MAX_ITEM && item.length === 1 + first - EMPTY_ITEM && isCanonical ? first - EMPTY_ITEM : undefined;
}

/** Of a lower-case hexadecimal digit by its character code. */
function digitOf(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
