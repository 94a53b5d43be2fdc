import { calendarDayOf } from '../../contracts/api/calendar.js';
import { callOf } from '../../contracts/api/method.js';
import { actions, assets } from '../../contracts/index.js';
import type { Call } from '../../primitives/types.js';
import { CURRENCY, type PreparedTransaction, type TransactionPreparer } from '../load/preparedTransactions.js';
import type { LoadAccount } from '../network/accounts.js';

/** Notes are holdings: so many instruments, each held by so many accounts. */
export interface NotesSize {
  readonly instruments: number;
  readonly holders: number;
  /** Percent of the holdings that have changed since they came. */
  readonly changed: number;
}

/** Holders are told apart by their numbers, of a hundred in turn. Their accounts, which registers are in the order of, are hashes. */
const PERCENT = 100;

/** Of instruments that count, for each one that is worked out before them, so that code is compiled. */
const COUNTED_PER_WARM_UP = 4;

const DAY_MS = 86_400_000;
const NOMINAL = 100_000n;
/** 3.65 % ACT/365F, for one day: 10 minor units on a unit. What is odd about a holding makes rests. */
const RATE = 36_512_345;
const RATE_SCALE = 1_000_000_000n;
const DAYS_PER_YEAR = 365n;
const MAX_UNITS = 9_973;
/** That a holding changes by, where it does. */
const UNITS_SINCE = 1n;
/** Far more than a day's interest on all holdings of one instrument. */
const SET_ASIDE = 1_000_000_000n;
export const CALLS_PER_TRANSACTION = 16;
/** Accounts that one step of an action works through, and steps of one call. */
const PAGE = 256;
const PAGES_PER_CALL = 16;

/** Instruments, what every account holds of each of them, and one day's interest on it. */
export class Notes {
  constructor(
    private readonly size: NotesSize,
    private readonly accounts: readonly LoadAccount[],
    private readonly preparer: TransactionPreparer,
  ) {}

  /** That count. */
  get count(): number {
    return this.size.instruments * this.size.holders;
  }

  /** Instruments that count, by their numbers. */
  get counted(): readonly number[] {
    return Array.from({ length: this.size.instruments }, (_, instrument) => instrument);
  }

  /** Those behind them, which are worked out first. */
  get warmUp(): readonly number[] {
    const count = Math.ceil(this.size.instruments / COUNTED_PER_WARM_UP);
    return Array.from({ length: count }, (_, index) => this.size.instruments + index);
  }

  get all(): readonly number[] {
    return [...this.counted, ...this.warmUp];
  }

  /** The action on an instrument: its id begins with the BIC of its issuer's member. */
  idOf(instrument: number): string {
    return `HLDRDE00-I${instrument}`;
  }

  /** All of them are issued by accounts of one member. */
  #issuerOf(instrument: number): LoadAccount {
    return this.accounts[instrument % Math.min(this.accounts.length, 100)] as LoadAccount;
  }

  #unitsAtFirst(instrument: number, holder: number): bigint {
    return BigInt(1 + ((instrument * 7_919 + holder * 104_729) % MAX_UNITS));
  }

  #unitsSince(holder: number): bigint {
    return holder % PERCENT < this.size.changed ? UNITS_SINCE : 0n;
  }

  /** Creates an instrument, and issues a holding to each account. */
  issue(instrument: number): readonly PreparedTransaction[] {
    const issuer = this.#issuerOf(instrument);
    const name = nameOf(instrument);
    const terms = { kind: 'deposit', issuer: issuer.address, name, currency: CURRENCY, nominal: NOMINAL } as const;
    const create = callOf(assets.methods.create, { instrument: name, ...terms, cap: 1n << 60n });
    return this.#parts(instrument, [
      create,
      ...this.#issues(instrument, (holder) => this.#unitsAtFirst(instrument, holder)),
    ]);
  }

  /** Issues more to the holders whose holdings change. */
  change(instrument: number): readonly PreparedTransaction[] {
    return this.#parts(
      instrument,
      this.#issues(instrument, (holder) => this.#unitsSince(holder)),
    );
  }

  #issues(instrument: number, unitsOf: (holder: number) => bigint): readonly Call[] {
    const calls: Call[] = [];
    for (let holder = 0; holder < this.size.holders; holder++) {
      const amount = unitsOf(holder);
      const { address: account } = this.accounts[holder] as LoadAccount;
      if (amount > 0n) calls.push(callOf(assets.methods.issue, { instrument: nameOf(instrument), account, amount }));
    }
    return calls;
  }

  #parts(instrument: number, calls: readonly Call[]): readonly PreparedTransaction[] {
    const parts = Math.ceil(calls.length / CALLS_PER_TRANSACTION);
    return Array.from({ length: parts }, (_, part) =>
      this.preparer.calls(
        this.#issuerOf(instrument),
        calls.slice(part * CALLS_PER_TRANSACTION, (part + 1) * CALLS_PER_TRANSACTION),
      ),
    );
  }

  /** One day's interest on an instrument, with the record of the block that takes it; paid on another day. */
  declare(instrument: number, nowMs: number): PreparedTransaction {
    const issuer = this.#issuerOf(instrument);
    const [from, to] = [calendarDayOf(nowMs), calendarDayOf(nowMs + DAY_MS)];
    return this.preparer.call(issuer, actions.methods.declare, {
      ...{ id: this.idOf(instrument), instrument: nameOf(instrument), issuer: issuer.address, version: 1 },
      ...{ currency: CURRENCY, paymentDay: to, deadline: nowMs + 30 * DAY_MS, declared: SET_ASIDE },
      coupon: { rate: RATE, dayCount: 'ACT/365F', from, to },
    });
  }

  /** Works out what every holder of an instrument has earned; any account may. */
  accrue(instrument: number): PreparedTransaction {
    const id = this.idOf(instrument);
    const calls: Call[] = [];
    for (let pages = Math.floor(this.size.holders / PAGE) + 1; pages > 0; pages -= PAGES_PER_CALL) {
      calls.push(callOf(actions.methods.proceed, { id, pages: Math.min(pages, PAGES_PER_CALL) }));
    }
    return this.preparer.calls(this.accounts[this.accounts.length - 1] as LoadAccount, calls);
  }

  /** What the holders of an instrument have earned, worked out apart: each rounded down. */
  expected(instrument: number): bigint {
    let sum = 0n;
    for (let holder = 0; holder < this.size.holders; holder++) {
      const principal = (this.#unitsAtFirst(instrument, holder) + this.#unitsSince(holder)) * NOMINAL;
      sum += (principal * BigInt(RATE)) / (RATE_SCALE * DAYS_PER_YEAR);
    }
    return sum;
  }
}

function nameOf(instrument: number): string {
  return `NOTE-${instrument}`;
}
