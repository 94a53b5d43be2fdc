import { expect } from 'chai';
import { cash, membership, payments, queue } from '../../../contracts/index.js';
import type { SigningPolicy } from '../../../contracts/membership/policy.js';
import { policyHash } from '../../../contracts/membership/policyHash.js';
import type { Address, Call } from '../../../primitives/types.js';
import { cashHolder, madeBy } from '../../support/cashHolder.js';
import {
  ACCOUNTS,
  BANKS,
  CUSTODIAN,
  callOf,
  KEYS,
  keyOf,
  possessionOf,
  TestNetwork,
  TODAY,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const { alfa, alfaSecond, beta, central, custodian, gamma, unknown } = ACCOUNTS;
const m = cash.methods;
const EUR = 'EUR';
const codes = new Set<string>();
let references = 0;

interface Values {
  readonly perPayment?: bigint;
  readonly perDay?: bigint;
  readonly keys?: readonly { readonly key: Address; readonly amount: bigint }[];
}

/** A network whose business days follow each other. */
class Bank {
  readonly network = TestNetwork.funded([cashHolder('escrow')]);
  #day = TODAY;
  #now = TODAY_MS;

  /** The code of a refusal, of which nothing remains; `ok` where there is none. */
  run(sender: Address, call: Call | readonly Call[], signers: readonly Address[] = [sender]): string {
    const before = this.network.ledger.snapshot();
    const calls = Array.isArray(call) ? call : [call as Call];
    const { failure } = this.network.ledger.run({ sender, signers, calls, height: 1, timestamp: this.#now });
    if (failure === undefined) return 'ok';
    expect(this.network.ledger.snapshot()).to.deep.equal(before);
    const [contract = ''] = failure.failedCall.split('.');
    codes.add(`${contract}.${failure.code}`);
    return failure.code;
  }

  set(values: Values, account = alfa, signers = [account]): string {
    const { perPayment, perDay, keys = [] } = values;
    return this.run(account, callOf(m.setLimits, { currency: EUR, account, perPayment, perDay, keys }), signers);
  }

  towards(creditor: Address, amount?: bigint, account = alfa): string {
    return this.run(account, callOf(m.setCounterpartyLimit, { currency: EUR, account, creditor, amount }));
  }

  nextDay(): void {
    this.#day += 1;
    this.#now += 1_000;
    const close = callOf(m.closeBusinessDay, { currency: EUR });
    expect(this.run(central, [close, callOf(m.openBusinessDay, { currency: EUR, day: this.#day })])).to.equal('ok');
  }

  policy(account: Address) {
    return policyHash(this.network.view(membership.methods.account, { account }) as SigningPolicy);
  }

  limits(account = alfa) {
    return this.network.view(m.limits, { currency: EUR, account });
  }
}

const reference = () => `L-${++references}`;
const pay = (amount: bigint, creditor = beta, debtor = alfa) =>
  callOf(payments.methods.pay, { debtor, creditor, currency: EUR, amount, reference: reference() });
const batch = (mode: 'all' | 'each', ...amounts: readonly bigint[]) =>
  callOf(payments.methods.payBatch, {
    ...{ debtor: alfa, currency: EUR, mode },
    payments: amounts.map((amount) => ({ creditor: beta, amount, reference: reference() })),
  });
const transfer = (amount: bigint, creditor = beta) =>
  callOf(m.transfer, { currency: EUR, debtor: alfa, creditor, amount });
const submit = (amount: bigint, creditor = beta) =>
  callOf(queue.methods.submit, { debtor: alfa, creditor, currency: EUR, amount, reference: reference() });
const hold = (amount: bigint) =>
  madeBy('escrow', callOf(m.lock, { currency: EUR, lock: `lock-${++references}`, debtor: alfa, amount }));

/** Each way in which an account authorises an amount. */
const ways: Readonly<Record<string, (amount: bigint) => Call>> = {
  pay,
  batch: (amount) => batch('all', amount),
  transfer,
  submit,
  submitBatch: (amount) =>
    callOf(queue.methods.submitBatch, {
      ...{ debtor: alfa, currency: EUR, mode: 'all' },
      payments: [{ creditor: beta, amount, reference: reference() }],
    }),
  lock: hold,
};

describe('the limits of an account', () => {
  it('bound one payment and a business day, whichever way the account authorises', () => {
    for (const [name, way] of Object.entries(ways)) {
      const bank = new Bank();
      expect(bank.limits()).to.equal(undefined);
      expect(bank.run(alfa, way(600n)), name).to.equal('ok');
      expect(bank.set({ perPayment: 100n, perDay: 250n })).to.equal('ok');
      expect(bank.run(alfa, way(101n)), name).to.equal('LIMIT_PER_PAYMENT');
      expect(bank.run(alfa, way(100n)), name).to.equal('ok');
      expect(bank.run(alfa, way(100n)), name).to.equal('ok');
      expect(bank.run(alfa, way(51n)), name).to.equal('LIMIT_PER_DAY');
      expect(bank.run(alfa, way(50n)), name).to.equal('ok');
      expect(bank.limits()).to.deep.include({ perPayment: 100n, perDay: 250n, used: 250n, left: 0n });
      bank.nextDay();
      expect(bank.limits()).to.deep.include({ used: 0n, left: 250n });
      expect(bank.run(alfa, way(100n)), name).to.equal('ok');
    }
  });

  it('say what is bounded, what is used and what was asked for', () => {
    const bank = new Bank();
    bank.set({ perDay: 250n });
    bank.run(alfa, pay(200n));
    for (const call of [pay(51n), transfer(51n), submit(51n)]) {
      const { code, data } = bank.network.refused(alfa, call);
      expect([code, data]).to.deep.equal(['LIMIT_PER_DAY', { limit: '250', used: '200', required: '51' }]);
    }
  });

  it('count what was submitted to the queue once: then, and not when a run settles it', () => {
    const bank = new Bank();
    bank.set({ perDay: 2_000_000n });
    expect(bank.run(alfa, submit(1_500_000n)), 'waits for money').to.equal('ok');
    expect(bank.limits()?.used).to.equal(1_500_000n);
    expect(bank.run(alfa, submit(600_000n))).to.equal('LIMIT_PER_DAY');
    expect(
      bank.run(beta, callOf(m.transfer, { currency: EUR, debtor: beta, creditor: alfa, amount: 500_000n })),
    ).to.equal('ok');
    expect(bank.run(beta, callOf(queue.methods.resolve, { currency: EUR }))).to.equal('ok');
    expect(bank.network.balance(alfa)).to.equal(0n);
    expect(bank.limits()?.used).to.equal(1_500_000n);
    bank.run(gamma, callOf(m.transfer, { currency: EUR, debtor: gamma, creditor: alfa, amount: 500_000n }));
    expect(bank.run(alfa, submit(500_000n)), 'settles at once, and counts once').to.equal('ok');
    expect(bank.limits()).to.deep.include({ used: 2_000_000n, left: 0n });
  });

  it('refuse in a batch the payments that do not keep to them, and settle the others', () => {
    const bank = new Bank();
    bank.set({ perPayment: 100n, perDay: 250n });
    bank.towards(gamma, 10n);
    const rows = [
      [beta, 101n],
      [beta, 100n],
      [gamma, 11n],
      [gamma, 10n],
      [gamma, 1n],
      [beta, 100n],
      [beta, 41n],
      [beta, 40n],
    ] as const;
    const each = rows.map(([creditor, amount]) => ({ creditor, amount, reference: reference() }));
    const header = { debtor: alfa, currency: EUR, mode: 'each' } as const;
    const settledAndRefused = [
      'LIMIT_PER_PAYMENT',
      '',
      'LIMIT_COUNTERPARTY',
      '',
      'LIMIT_COUNTERPARTY',
      '',
      'LIMIT_PER_DAY',
      '',
    ];
    const paid = bank.network.ok(alfa, callOf(payments.methods.payBatch, { ...header, payments: each }));
    expect(paid.outcomes.map(({ code }) => code)).to.deep.equal(settledAndRefused);
    expect(bank.network.balance(alfa)).to.equal(1_000_000n - 250n);
    bank.nextDay();
    const again = bank.network.ok(alfa, callOf(queue.methods.submitBatch, { ...header, payments: each }));
    expect(again.outcomes.map(({ code }) => code)).to.deep.equal(settledAndRefused);
    expect(bank.network.balance(alfa)).to.equal(1_000_000n - 500n);
    expect(bank.limits()).to.deep.include({ used: 250n, left: 0n });
    expect(bank.run(alfa, batch('all', 1n)), 'all or none').to.equal('LIMIT_PER_DAY');
  });

  it('let a refused payment be sent again under the same reference', () => {
    const bank = new Bank();
    bank.set({ perPayment: 100n });
    const terms = { debtor: alfa, creditor: beta, currency: EUR, amount: 101n, reference: 'AGAIN' };
    expect(bank.run(alfa, callOf(payments.methods.pay, terms))).to.equal('LIMIT_PER_PAYMENT');
    expect(bank.run(alfa, callOf(queue.methods.submit, terms))).to.equal('LIMIT_PER_PAYMENT');
    expect(bank.run(alfa, callOf(payments.methods.pay, { ...terms, amount: 100n }))).to.equal('ok');
  });

  it('count at once where they tighten, and from the next business day on where they loosen', () => {
    const bank = new Bank();
    expect(bank.set({ perPayment: 100n })).to.equal('ok');
    expect(bank.set({ perPayment: 500n, perDay: 50n })).to.equal('ok');
    expect(bank.limits()).to.deep.include({
      perPayment: 100n,
      perDay: 50n,
      next: { perPayment: 500n, perDay: 50n, keys: [] },
    });
    expect(bank.set({})).to.equal('ok');
    expect(bank.set({})).to.equal('LIMITS_UNCHANGED');
    expect(bank.run(alfa, pay(51n))).to.equal('LIMIT_PER_DAY');
    expect(bank.run(alfa, pay(101n))).to.equal('LIMIT_PER_PAYMENT');
    const closed = [callOf(m.closeBusinessDay, { currency: EUR })];
    bank.network.ok(central, closed);
    expect(bank.limits(), 'a day that is closed is not the next').to.deep.include({ perDay: 50n });
    bank.network.ok(central, callOf(m.openBusinessDay, { currency: EUR, day: TODAY + 1 }));
    expect(bank.run(alfa, pay(500n))).to.equal('ok');
    expect(bank.limits(), 'nothing is left of them').to.equal(undefined);
  });

  it('bound what is authorised towards one creditor, and forget limits that are over', () => {
    const bank = new Bank();
    expect(bank.towards(beta, 100n)).to.equal('ok');
    expect(bank.run(alfa, pay(60n))).to.equal('ok');
    expect(bank.run(alfa, transfer(41n))).to.equal('LIMIT_COUNTERPARTY');
    expect(bank.run(alfa, [transfer(20n), pay(21n)])).to.equal('LIMIT_COUNTERPARTY');
    expect(bank.run(alfa, pay(900n, gamma))).to.equal('ok');
    expect(bank.run(alfa, hold(900n)), 'a lock has no creditor').to.equal('ok');
    expect(bank.towards(beta, 500n)).to.equal('ok');
    expect(bank.towards(beta, 500n)).to.equal('LIMITS_UNCHANGED');
    expect(bank.run(alfa, submit(41n))).to.equal('LIMIT_COUNTERPARTY');
    const view = () => bank.network.view(m.counterpartyLimits, { currency: EUR, account: alfa, limit: 64 });
    expect(view()).to.deep.equal([{ creditor: beta, amount: 100n, next: { amount: 500n }, used: 60n, left: 40n }]);
    bank.nextDay();
    expect(bank.run(alfa, pay(500n))).to.equal('ok');
    expect(bank.towards(beta)).to.equal('ok');
    expect(bank.run(alfa, pay(1n))).to.equal('LIMIT_COUNTERPARTY');
    bank.nextDay();
    expect(bank.run(alfa, pay(9_000n))).to.equal('ok');
    expect([view(), bank.limits()]).to.deep.equal([[], undefined]);
    expect(bank.towards(alfa, 1n)).to.equal('SAME_ACCOUNT');
    expect(bank.towards(unknown, 1n)).to.equal('ACCOUNT_UNKNOWN');
  });

  it('are the account’s own to set, in each currency apart', () => {
    const bank = new Bank();
    const of = { currency: EUR, account: alfa };
    expect(bank.run(alfaSecond, callOf(m.setLimits, { ...of, keys: [] }))).to.equal('UNAUTHORISED');
    expect(bank.run(central, callOf(m.setCounterpartyLimit, { ...of, creditor: beta, amount: 1n }))).to.equal(
      'UNAUTHORISED',
    );
    expect(bank.run(alfa, callOf(m.setLimits, { ...of, currency: 'CHF', keys: [] }))).to.equal('CURRENCY_UNKNOWN');
    expect(bank.set({})).to.equal('LIMITS_UNCHANGED');
    bank.set({ perDay: 0n });
    expect(bank.run(alfa, pay(1n))).to.equal('LIMIT_PER_DAY');
    const usd = { debtor: alfa, creditor: beta, currency: 'USD', amount: 1n, reference: 'USD' };
    expect(bank.run(alfa, callOf(payments.methods.pay, usd))).to.equal('ok');
    expect(bank.run(alfaSecond, pay(1n, beta, alfaSecond))).to.equal('INSUFFICIENT_FUNDS');
    for (const call of [
      callOf(m.allowance, { currency: EUR, debtor: alfa }),
      callOf(m.countSubmitted, { currency: EUR, debtor: alfa, payments: [{ creditor: beta, amount: 1n }] }),
    ]) {
      expect(bank.run(alfa, call)).to.equal('UNAUTHORISED');
    }
  });

  it('do not count what is reserved in the queue, but what is submitted to it', () => {
    const bank = new Bank();
    const reserve = (amount: bigint) => callOf(queue.methods.reserve, { currency: EUR, account: alfa, amount });
    bank.set({ perPayment: 700n, perDay: 1_000n });
    for (const amount of [600n, 601n, 2_000n]) expect(bank.run(alfa, reserve(amount))).to.equal('ok');
    expect(bank.limits()?.used).to.equal(0n);
    expect(bank.run(alfa, submit(700n))).to.equal('ok');
    expect(bank.limits()?.used).to.equal(700n);
    expect(bank.run(alfa, submit(301n))).to.equal('LIMIT_PER_DAY');
  });

  it('end at once where the members clear them, whoever has set them, and nothing else of the account does', () => {
    const bank = new Bank();
    const clear = (change: object = {}) => callOf(m.clearLimits, { currency: EUR, account: alfa, ...change });
    expect(bank.set({ perDay: 5_000n })).to.equal('ok');
    expect(bank.set({ perDay: 0n, perPayment: 0n, keys: [{ key: alfa, amount: 0n }] })).to.equal('ok');
    expect(bank.set({ perDay: 1n })).to.equal('ok');
    for (const creditor of [beta, gamma]) expect(bank.towards(creditor, 0n)).to.equal('ok');
    expect(bank.run(alfa, pay(1n))).to.equal('LIMIT_PER_PAYMENT');
    expect(bank.run(alfa, clear())).to.equal('UNAUTHORISED');
    expect(bank.network.govern(clear({ currency: 'USD' }))).to.equal('');
    expect(bank.run(alfa, pay(1n)), 'in one currency').to.equal('LIMIT_PER_PAYMENT');
    expect(bank.network.govern(clear({ currency: 'CHF' }))).to.equal('CURRENCY_UNKNOWN');
    expect(bank.network.govern(clear({ account: unknown }))).to.equal('ACCOUNT_UNKNOWN');
    expect(bank.network.govern(clear())).to.equal('');
    expect(bank.limits()).to.equal(undefined);
    expect(bank.network.view(m.counterpartyLimits, { currency: EUR, account: alfa, limit: 9 })).to.deep.equal([]);
    expect(bank.run(alfa, pay(10_000n))).to.equal('ok');
    bank.nextDay();
    expect(bank.run(alfa, pay(10_000n)), 'what waited for the next day is gone').to.equal('ok');
  });

  it('are as many as a row holds, and no more', () => {
    const bank = new Bank();
    const { registerKey, openAccount, changePolicy } = membership.methods;
    const keys = Array.from({ length: 65 }, (_, index) => keyOf(`many ${index}`));
    const addresses = keys.map(({ address }) => address);
    for (const key of keys) {
      const possession = possessionOf(key, BANKS.alfa);
      const registration = { member: BANKS.alfa, suite: 1, publicKey: key.publicKey, possession };
      const account = { member: BANKS.alfa, label: key.address, threshold: 1, keys: [key.address], checkers: [] };
      expect(bank.run(alfa, [callOf(registerKey, registration), callOf(openAccount, account)])).to.equal('ok');
    }
    for (const creditor of addresses.slice(0, 64)) expect(bank.towards(creditor, 1n)).to.equal('ok');
    const last = addresses[64] as Address;
    expect(bank.towards(last, 1n)).to.equal('LIMITS_TOO_MANY');
    expect(bank.towards(addresses[7] as Address), 'it is over, but not today').to.equal('ok');
    expect(bank.towards(last, 1n)).to.equal('LIMITS_TOO_MANY');
    bank.nextDay();
    expect(bank.towards(last, 1n)).to.equal('ok');
    expect(bank.limits()?.counterparties).to.equal(64);

    const account = addresses[0] as Address;
    for (let first = 0; first < 65; first += 16) {
      const own = addresses.slice(first, first + 16);
      const signers = addresses.slice(Math.max(0, first - 16), Math.max(1, first));
      const policy = callOf(changePolicy, { account, threshold: 1, keys: own, checkers: [] });
      expect(bank.run(account, policy, signers)).to.equal('ok');
      const outcome = bank.set({ keys: own.map((key) => ({ key, amount: 1n })) }, account, own);
      expect(outcome).to.equal(first < 64 ? 'ok' : 'LIMITS_TOO_MANY');
    }
    expect(bank.set({ keys: [{ key: beta, amount: 1n }] })).to.equal('KEY_NOT_IN_ACCOUNT');
    const twice = [1n, 2n].map((amount) => ({ key: alfa, amount }));
    expect(bank.set({ keys: twice })).to.equal('KEYS_REPEATED');
  });
});

describe('the limits of keys', () => {
  const [one, two, three] = [KEYS.custodianOne, KEYS.custodianTwo, KEYS.custodianThree].map(
    ({ address }) => address,
  ) as [Address, Address, Address];
  const spend = (amount: bigint) =>
    callOf(payments.methods.pay, { debtor: custodian, creditor: beta, currency: EUR, amount, reference: reference() });
  const held = () => {
    const bank = new Bank();
    // The keys are older than the business day: whoever came in later counts least.
    bank.nextDay();
    const keys = [
      { key: one, amount: 100n },
      { key: two, amount: 500n },
    ];
    expect(bank.set({ keys }, custodian, [one, two])).to.equal('ok');
    return bank;
  };

  it('let a key count up to its amount, and one that is not named for any', () => {
    const bank = held();
    const by = (amount: bigint, ...signers: readonly Address[]) => bank.run(custodian, spend(amount), signers);
    expect(by(100n, one, two)).to.equal('ok');
    expect(by(101n, one, two)).to.equal('LIMIT_OF_KEY');
    expect(by(500n, two, three)).to.equal('ok');
    expect(by(501n, two, three)).to.equal('LIMIT_OF_KEY');
    expect(by(500n, one, two, three), 'two of the three may').to.equal('ok');
    expect(by(100n, one, three)).to.equal('ok');
    expect(by(100n, one)).to.equal('UNAUTHORISED');
    const submitted = { debtor: custodian, creditor: beta, currency: EUR, amount: 501n, reference: reference() };
    expect(bank.run(custodian, callOf(queue.methods.submit, submitted), [two, three])).to.equal('LIMIT_OF_KEY');
    const moved = callOf(m.transfer, { currency: EUR, debtor: custodian, creditor: beta, amount: 501n });
    expect(bank.run(custodian, moved, [two, three])).to.equal('LIMIT_OF_KEY');
    const { failure } = bank.network.run(custodian, [spend(501n)], [two, three]);
    const data = payments.codec.decodeErrorData('LIMIT_OF_KEY', failure?.data ?? new Uint8Array());
    expect(data).to.deep.equal({ limit: '500', used: '0', required: '501' });
  });

  it('are not got rid of today by a rotation, a new policy or a new setting', () => {
    const bank = held();
    const fresh = KEYS.custodianThree.address;
    expect(bank.set({}, custodian, [one, two])).to.equal('ok');
    expect(bank.run(custodian, spend(101n), [one, two])).to.equal('LIMIT_OF_KEY');
    const { changePolicy } = membership.methods;
    const policy = { account: custodian, threshold: 1, keys: [fresh], checkers: [] };
    expect(bank.run(custodian, callOf(changePolicy, policy), [one, two])).to.equal('ok');
    expect(bank.run(custodian, spend(101n), [fresh]), 'fewer must sign since today').to.equal('LIMIT_OF_KEY');
    const back = { ...policy, keys: [two] };
    expect(bank.run(custodian, callOf(changePolicy, back), [fresh])).to.equal('ok');
    expect(bank.run(custodian, spend(501n), [two]), 'its limit waits for it').to.equal('LIMIT_OF_KEY');
    const again = { ...policy, keys: [fresh] };
    expect(bank.run(custodian, callOf(changePolicy, again), [two])).to.equal('ok');
    expect(bank.run(custodian, spend(101n), [fresh]), 'it has come in today').to.equal('LIMIT_OF_KEY');
    expect(bank.run(custodian, spend(100n), [fresh])).to.equal('ok');
    bank.nextDay();
    expect(bank.run(custodian, spend(501n), [fresh])).to.equal('ok');
  });

  it('count for a key that comes in today as the lowest of them, whatever limit it is given or had', () => {
    const bank = held();
    const { registerKey, rotateKey } = membership.methods;
    const fresh = keyOf('fresh of the custodian');
    const { publicKey, address: added } = fresh;
    const possession = possessionOf(fresh, CUSTODIAN);
    const registration = callOf(registerKey, { member: CUSTODIAN, suite: 1, publicKey, possession });
    const rotate = (remove: Address, add: Address) => callOf(rotateKey, { account: custodian, remove, add });
    expect(bank.run(custodian, [registration, rotate(one, added)], [one, two])).to.equal('ok');
    const keys = [{ key: added, amount: 900_000n }];
    expect(bank.set({ keys }, custodian, [added, two])).to.equal('ok');
    expect(bank.run(custodian, spend(101n), [added, three])).to.equal('LIMIT_OF_KEY');
    expect(bank.run(custodian, spend(500n), [two, three]), 'it has been there all day').to.equal('ok');
    expect(bank.run(custodian, rotate(two, one), [two, three])).to.equal('ok');
    expect(bank.run(custodian, rotate(one, two), [one, three])).to.equal('ok');
    expect(bank.run(custodian, spend(101n), [two, three]), 'it has come back today').to.equal('LIMIT_OF_KEY');
    expect(bank.run(custodian, spend(100n), [two, three])).to.equal('ok');
    bank.nextDay();
    expect(bank.run(custodian, spend(900_000n), [added, three])).to.equal('ok');
  });

  it('do not let a policy that was loosened today help today', () => {
    const { changePolicy } = membership.methods;
    const change = (threshold: number, keys: readonly Address[], checkers: readonly Address[] = []) =>
      callOf(changePolicy, { account: custodian, threshold, keys, checkers });
    const all = [one, two, three];
    const fewer = held();
    expect(fewer.run(custodian, change(3, all), [one, two]), 'tightened').to.equal('ok');
    expect(fewer.run(custodian, spend(100n), all)).to.equal('ok');
    expect(fewer.run(custodian, change(1, [two, three]), all)).to.equal('ok');
    expect(fewer.run(custodian, spend(101n), [three])).to.equal('LIMIT_OF_KEY');
    expect(fewer.run(custodian, spend(100n), [three])).to.equal('ok');
    fewer.nextDay();
    expect(fewer.run(custodian, spend(501n), [three])).to.equal('ok');

    for (const loosened of [change(2, all), change(2, all, [three])]) {
      const bank = held();
      expect(bank.run(custodian, change(2, all, [one]), [one, two])).to.equal('ok');
      expect(bank.run(custodian, spend(501n), [two, three]), 'no checker').to.equal('UNAUTHORISED');
      bank.nextDay();
      expect(bank.run(custodian, loosened, [one, two])).to.equal('ok');
      expect(bank.run(custodian, spend(101n), [two, three]), 'other checkers').to.equal('LIMIT_OF_KEY');
      bank.nextDay();
      expect(bank.run(custodian, spend(500n), [two, three])).to.equal('ok');
    }

    const bank = held();
    expect(bank.run(custodian, change(2, [two, three]), [one, two])).to.equal('ok');
    expect(bank.run(custodian, spend(500n), [two, three]), 'nothing was loosened').to.equal('ok');
  });

  it('do not hold up keys that the members have put in', () => {
    const bank = held();
    const { recoverAccount } = membership.methods;
    const recovery = (keys: readonly Address[]) =>
      callOf(recoverAccount, {
        ...{ account: custodian, threshold: 1, checkers: [], reason: 'lost', keys },
        replaces: bank.policy(custodian),
      });
    expect(bank.network.govern(recovery([three]))).to.equal('');
    expect(bank.run(custodian, spend(501n), [three])).to.equal('ok');
    const loosened = { account: custodian, threshold: 1, keys: [one, three], checkers: [] };
    const { changePolicy } = membership.methods;
    expect(bank.run(custodian, callOf(changePolicy, { ...loosened, threshold: 2 }), [three])).to.equal('ok');
    expect(bank.run(custodian, callOf(changePolicy, loosened), [one, three])).to.equal('ok');
    expect(bank.run(custodian, spend(501n), [three])).to.equal('LIMIT_OF_KEY');
    expect(bank.network.govern(recovery([three]))).to.equal('');
    expect(bank.run(custodian, spend(501n), [three])).to.equal('ok');
  });
});

describe('the codes of limits', () => {
  it('are all reached', () => {
    const limited = (contract: string, abi: { readonly errors: object }) =>
      Object.keys(abi.errors)
        .filter((code) => code.startsWith('LIMIT_') || (contract === 'cash' && /^(LIMITS_|KEY)/.test(code)))
        .map((code) => `${contract}.${code}`);
    const declared = [
      ...limited('cash', cash.abi()),
      ...limited('payments', payments.abi()),
      ...limited('queue', queue.abi()),
    ];
    expect(declared.filter((code) => !codes.has(code))).to.deep.equal([]);
  });
});
