import { expect } from 'chai';
import type { MethodRef } from '../../contracts/api/index.js';
import { assets, cash, credit, prices } from '../../contracts/index.js';
import type { MemoryReceipt } from '../../contracts/testing/memoryLedger.js';
import type { Address, Call } from '../../primitives/types.js';
import { byOrders, ordersHolder } from './cashHolder.js';
import { ACCOUNTS, callOf, TestNetwork, TODAY_MS } from './settlementNetwork.js';

const { central, alfa, beta, gamma, custodian } = ACCOUNTS;
const CUSTODIANS = [ACCOUNTS.custodian];

/** A bond of gamma's and one of beta's: alfa holds a thousand of each, beta too. */
export const [BOND_G, BOND_B, BOND_A] = ['BOND-G', 'BOND-B', 'BOND-A'] as const;
export const HOUR_MS = 3_600_000;
export const MAX_AGE_MS = 30 * HOUR_MS;
export const PRICE = 10_000n;
export const RATE = 36_000_000;
export const MARGIN_MS = HOUR_MS;

/** A network whose time goes on as a test says: bonds with prices, a facility of half a million, and a line of alfa's. */
export class CollateralNetwork {
  readonly network = TestNetwork.funded([ordersHolder]);
  now = TODAY_MS;

  constructor() {
    for (const [issuer, instrument] of [
      [gamma, BOND_G],
      [beta, BOND_B],
      [alfa, BOND_A],
    ] as const) {
      const terms = { kind: 'bond', issuer, name: 'Bond', currency: 'EUR', nominal: 10_000n, cap: 100_000n } as const;
      this.ok(issuer, callOf(assets.methods.create, { instrument, ...terms }));
      for (const account of [alfa, beta, gamma]) {
        this.ok(issuer, callOf(assets.methods.issue, { instrument, account, amount: 1_000n }));
      }
    }
    for (const instrument of [BOND_G, BOND_B, BOND_A]) {
      this.ok(central, callOf(prices.methods.setFeed, feedOf(instrument)));
      this.price(instrument, PRICE);
    }
  }

  /** With a facility, a schedule and a line of alfa's. */
  static lending(): CollateralNetwork {
    const network = new CollateralNetwork();
    network.issue(central, 1_000_000n, 'R-CENTRAL');
    const facility = { currency: 'EUR', funder: central, rate: RATE, marginMs: MARGIN_MS };
    network.ok(central, callOf(credit.methods.setFacility, facility));
    network.ok(central, callOf(credit.methods.fund, { currency: 'EUR', amount: 900_000n }));
    for (const instrument of [BOND_G, BOND_B, BOND_A]) network.eligible(instrument, 1_000);
    network.ok(central, callOf(credit.methods.setLine, { currency: 'EUR', account: alfa, limit: 800_000n }));
    return network;
  }

  issue(account: Address, amount: bigint, reserveReference: string): void {
    this.ok(central, callOf(cash.methods.issue, { currency: 'EUR', account, amount, reserveReference }));
  }

  eligible(instrument: string, haircutBps: number, cap?: bigint): void {
    this.ok(central, callOf(credit.methods.setEligible, { currency: 'EUR', instrument, haircutBps, cap }));
  }

  /** Puts a price in force, whatever it is: proposed by beta, confirmed by the central bank where it takes that. */
  price(instrument: string, price: bigint, pricedAt = this.now): void {
    const observation = { instrument, price, pricedAt };
    this.ok(beta, callOf(prices.methods.publish, { ...observation, oracle: beta }));
    const waiting = this.view(prices.methods.feed, { instrument })?.proposed ?? [];
    if (!waiting.some(({ oracle }) => oracle === beta)) return;
    this.ok(central, callOf(prices.methods.confirm, { ...observation, account: central }));
  }

  run(sender: Address, call: Call | readonly Call[], signers: readonly Address[] = [sender]): MemoryReceipt {
    const calls = Array.isArray(call) ? (call as readonly Call[]) : [call as Call];
    return this.network.ledger.run({ sender, signers, calls, height: 7, timestamp: this.now });
  }

  ok(sender: Address, call: Call | readonly Call[], signers?: readonly Address[]): MemoryReceipt {
    const receipt = this.run(sender, call, signers);
    expect(receipt.failure?.code, receipt.failure?.failedCall).to.equal(undefined);
    return receipt;
  }

  /** The code of a refusal that changes nothing; empty where there is none. */
  code(sender: Address, call: Call | readonly Call[], signers?: readonly Address[]): string {
    const before = this.network.ledger.snapshot();
    const { failure } = this.run(sender, call, signers);
    if (failure === undefined) return '';
    expect(this.network.ledger.snapshot()).to.deep.equal(before);
    this.network.codesSeen.add(`${failure.failedCall.split('.')[0]}.${failure.code}`);
    return failure.code;
  }

  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T {
    const result = this.network.ledger.view(callOf(method, args), { timestamp: this.now });
    return (method.returns as NonNullable<typeof method.returns>).decode(result);
  }

  balance(account: Address): bigint {
    return this.view(cash.methods.balance, { currency: 'EUR', account });
  }

  free(account: Address, instrument = BOND_G as string): bigint {
    return this.view(assets.methods.position, { account, instrument }).free;
  }

  line(account = alfa) {
    const found = this.view(credit.methods.line, { currency: 'EUR', account });
    expect(found).not.to.equal(undefined);
    return found as NonNullable<typeof found>;
  }

  /** Every unit of the currency, free and locked: what was issued. */
  get money(): bigint {
    const all = [central, alfa, beta, gamma, custodian, ACCOUNTS.alfaSecond];
    return all.reduce(
      (sum, account) => sum + this.balance(account) + this.view(cash.methods.locked, { currency: 'EUR', account }),
      0n,
    );
  }

  /** Has an order keep units of an account, or all where none are said. */
  freeze(instrument: string, account: Address, amount?: bigint): void {
    const freezes = [{ order: 'O-1', amount }];
    this.ok(central, byOrders(callOf(assets.methods.setFreezes, { instrument, account, freezes })));
  }

  closeDay(): void {
    this.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
  }

  /** Closes the day where it is open, and opens another; prices are published anew. */
  nextDay(day: number): void {
    if (this.view(cash.methods.businessDay, { currency: 'EUR' }).isOpen) this.closeDay();
    this.now += 24 * HOUR_MS;
    this.ok(central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day }));
    for (const instrument of [BOND_G, BOND_B, BOND_A]) {
      const price = this.view(prices.methods.quote, { instrument })?.price ?? PRICE;
      this.price(instrument, price);
    }
  }
}

export function feedOf(instrument: string) {
  return { instrument, oracles: [beta, gamma, ...CUSTODIANS], per: 1n, maxAgeMs: MAX_AGE_MS, bandBps: 500 };
}
