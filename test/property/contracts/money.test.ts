import { expect } from 'chai';
import fc from 'fast-check';
import { assets, cash, membership, payments } from '../../../contracts/index.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Address, Call } from '../../../primitives/types.js';
import { assetHolder, cashHolder, madeBy } from '../../support/cashHolder.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

/**
 * Money and units under random transactions in any order, most of them wrong in some way: wrong signers, amounts,
 * accounts, days, references. What was issued and not redeemed is always what all accounts hold.
 */

const accounts = Object.values(ACCOUNTS);
const { alfa, beta, gamma } = ACCOUNTS;
const account = fc.oneof(
  { weight: 7, arbitrary: fc.constantFrom(alfa, beta, gamma) },
  { weight: 1, arbitrary: fc.constantFrom(...accounts) },
);
const currency = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('EUR', 'USD') },
  { weight: 1, arbitrary: fc.constant('CHF') },
);
const instrument = fc.constantFrom('BOND', 'SHARE');
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 400_000n }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, MAX_AMOUNT, MAX_AMOUNT - 1n) },
);
const reference = fc.nat({ max: 30 }).map((index) => `REF-${index}`);
const day = fc.nat({ max: 5 }).map((offset) => TODAY + offset);
/** Contracts that lock and release cash for whoever asks, some of whose locks have the same names. */
const owner = fc.constantFrom('escrow', 'loan');
const lock = fc.constant('L1');
/** About what a part of a lock is. */
const part = fc.bigInt({ min: 0n, max: 60_000n });
const held = (call: Call): fc.Arbitrary<Call> => owner.map((contract) => madeBy(contract, call));
/** Contracts that do the same with units. */
const keeper = fc.constantFrom('vault', 'pledge');
const kept = (call: Call): fc.Arbitrary<Call> => keeper.map((contract) => madeBy(contract, call));
const row = fc.record({ creditor: account, amount, reference });

const member = fc.constantFrom(...Object.values(BANKS));

const moving: fc.Arbitrary<Call> = fc.oneof(
  fc
    .record({ currency, account, amount, reserveReference: reference })
    .chain((a) => fc.constantFrom(callOf(cash.methods.issue, a), callOf(cash.methods.redeem, a))),
  fc.record({ currency, debtor: account, creditor: account, amount }).map((a) => callOf(cash.methods.transfer, a)),
  fc
    .record({
      currency,
      debtor: account,
      credits: fc.array(fc.record({ creditor: account, amount }), { minLength: 1, maxLength: 3 }),
    })
    .map((a) => callOf(cash.methods.transferMany, a)),
  {
    weight: 3,
    arbitrary: fc
      .record({ debtor: account, currency, creditor: account, amount, reference })
      .map((a) => callOf(payments.methods.pay, a)),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        debtor: account,
        currency,
        mode: fc.constantFrom('all' as const, 'each' as const),
        payments: fc.array(row, { minLength: 1, maxLength: 6 }),
      })
      .map((a) => callOf(payments.methods.payBatch, a)),
  },
  {
    weight: 3,
    arbitrary: fc.record({ currency, lock, debtor: account, amount }).chain((a) => held(callOf(cash.methods.lock, a))),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ currency, lock, creditor: account, amount: part })
      .chain((a) => held(callOf(cash.methods.release, a))),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ instrument, lock, holder: account, amount: part })
      .chain((a) => kept(callOf(assets.methods.lock, a))),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ instrument, lock, to: account, amount: part })
      .chain((a) => kept(callOf(assets.methods.release, a))),
  },
  fc
    .record({ instrument, isPaused: fc.boolean() })
    .map(({ instrument: id, isPaused }) =>
      callOf(isPaused ? assets.methods.pause : assets.methods.resume, { instrument: id }),
    ),
  fc.record({ instrument, from: account, to: account, amount }).map((a) => callOf(assets.methods.transfer, a)),
  fc
    .record({ instrument, account, amount })
    .chain((a) => fc.constantFrom(callOf(assets.methods.issue, a), callOf(assets.methods.redeem, a))),
);

const governing: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ currency, day }).map((a) => callOf(cash.methods.openBusinessDay, a)),
  currency.map((of) => callOf(cash.methods.closeBusinessDay, { currency: of })),
  currency.map((of) => callOf(cash.methods.setCutOff, { currency: of, cutOffAt: TODAY_MS + 1 })),
  member.map((of) => callOf(membership.methods.suspendMember, { member: of })),
  member.map((of) => callOf(membership.methods.reinstateMember, { member: of })),
);

const call = fc.oneof({ weight: 9, arbitrary: moving }, { weight: 1, arbitrary: governing });

/** A transaction; most are sent by the central bank and signed by everybody, so that enough of them pass. */
const transaction = fc.record({
  sender: fc.oneof({ weight: 3, arbitrary: fc.constant(ACCOUNTS.central) }, { weight: 1, arbitrary: account }),
  others: fc.oneof({ weight: 3, arbitrary: fc.constant(accounts) }, { weight: 1, arbitrary: fc.subarray(accounts) }),
  calls: fc.oneof(
    { weight: 3, arbitrary: fc.array(call, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(call, { minLength: 2, maxLength: 3 }) },
  ),
});

function totalOf(list: readonly bigint[]): bigint {
  return list.reduce((sum, value) => sum + value, 0n);
}

function expectConserved(network: TestNetwork): void {
  for (const of of ['EUR', 'USD']) {
    const { issued, redeemed, outstanding } = network.view(cash.methods.supply, { currency: of });
    const locks = ['escrow', 'loan'].flatMap((contract) =>
      network.view(cash.methods.locks, { currency: of, contract, limit: 9 }),
    );
    const free = totalOf(accounts.map((holder) => network.balance(holder, of)));
    expect(outstanding, of).to.equal(issued - redeemed);
    expect(free + totalOf(locks.map((held) => held.amount)), of).to.equal(outstanding);
    expectFigures(network, of, outstanding);
    expect(locks.every((held) => held.amount > 0n)).to.equal(true);
    for (const holder of accounts) {
      const own = totalOf(locks.filter(({ debtor }) => debtor === holder).map((held) => held.amount));
      expect(network.view(cash.methods.locked, { currency: of, account: holder }), holder).to.equal(own);
    }
  }
  for (const { instrument: id, issued, redeemed, cap } of network.view(assets.methods.instruments, { limit: 9 })) {
    const held = accounts.map((holder) => network.view(assets.methods.holding, { account: holder, instrument: id }));
    const register = network.view(assets.methods.holders, { instrument: id, limit: 99 });
    expect(totalOf(held), id).to.equal(issued - redeemed);
    expect(totalOf(register.map((entry) => entry.amount)), id).to.equal(issued - redeemed);
    expect(register.every((entry) => entry.amount > 0n)).to.equal(true);
    expect(issued - redeemed <= cap).to.equal(true);
    expectLocksWithin(network, id);
  }
}

/** Each day ends with what it began with, what was issued and less what was redeemed; the newest with what is outstanding. */
function expectFigures(network: TestNetwork, of: string, outstanding: bigint): void {
  const days = network.view(cash.methods.figures, { currency: of, limit: 400 });
  for (const { day: on, outstandingAtOpen, issued, redeemed, outstandingAtClose, closed } of days) {
    const isOpen = network.view(cash.methods.businessDay, { currency: of }).isOpen && on === days.at(-1)?.day;
    expect(closed === undefined, 'a day is closed or the open one').to.equal(isOpen);
    expect(outstandingAtOpen + issued - redeemed).to.equal(isOpen ? outstanding : outstandingAtClose);
  }
}

/** What contracts hold of each holder is the sum of its locks, and a part of its holding. */
function expectLocksWithin(network: TestNetwork, instrument: string): void {
  const locks = ['vault', 'pledge'].flatMap((contract) =>
    network.view(assets.methods.locks, { instrument, contract, limit: 9 }),
  );
  expect(locks.every((each) => each.amount > 0n)).to.equal(true);
  for (const holder of accounts) {
    const { free, locked } = network.view(assets.methods.position, { account: holder, instrument });
    expect(free >= 0n, holder).to.equal(true);
    const own = totalOf(locks.filter((each) => each.holder === holder).map((each) => each.amount));
    expect(locked, holder).to.equal(own);
  }
}

function balances(network: TestNetwork): ReadonlyMap<string, bigint> {
  return new Map(
    accounts.flatMap((holder) => ['EUR', 'USD'].map((of) => [`${of} ${holder}`, network.balance(holder, of)] as const)),
  );
}

function startedNetwork(): TestNetwork {
  const network = TestNetwork.funded([
    cashHolder('escrow'),
    cashHolder('loan'),
    assetHolder('vault'),
    assetHolder('pledge'),
  ]);
  for (const [id, issuer] of [
    ['BOND', ACCOUNTS.alfa],
    ['SHARE', ACCOUNTS.beta],
  ] as const) {
    const terms = { kind: 'bond', issuer, name: id, currency: 'EUR', nominal: 1n, cap: 500_000n } as const;
    network.ok(issuer, [
      callOf(assets.methods.create, { instrument: id, ...terms }),
      callOf(assets.methods.issue, { instrument: id, account: issuer, amount: 100_000n }),
    ]);
  }
  return network;
}

describe('money', () => {
  it('is neither made nor lost by any transactions in any order', () => {
    const codes = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(transaction, { minLength: 5, maxLength: 25 }), (transactions) => {
        const network = startedNetwork();
        for (const { sender, others, calls } of transactions) {
          const signers = [...new Set([sender, ...others])];
          const before = { state: network.ledger.snapshot(), balances: balances(network) };
          const { failure, events } = network.run(sender, calls, signers);
          for (const { contract, name } of events) {
            const event = `${contract}.${name}`;
            codes.set(event, (codes.get(event) ?? 0) + 1);
          }
          const code = failure?.code ?? 'settled';
          codes.set(code, (codes.get(code) ?? 0) + 1);
          expectConserved(network);
          if (failure !== undefined) expect(network.ledger.snapshot()).to.deep.equal(before.state);
          expectOnlySignersDebited(network, before.balances, signers);
        }
      }),
      { numRuns: 60, seed: 20_260_105 },
    );
    // A run in which nothing settles, or nothing is refused, would prove little.
    expect(codes.get('settled')).to.be.greaterThan(100);
    for (const code of [
      'cash.Locked',
      'cash.Released',
      'assets.Locked',
      'assets.Released',
      'LOCK_EXISTS',
      'LOCK_UNKNOWN',
      'LOCK_INSUFFICIENT',
      'UNAUTHORISED',
      'INSUFFICIENT_FUNDS',
      'SUSPENDED',
      'ACCOUNT_UNKNOWN',
      'BUSINESS_DAY_CLOSED',
    ]) {
      expect(codes.get(code), code).to.be.greaterThan(0);
    }
  });

  it('pays each business reference at most once a day, whatever the order of payments and batches', () => {
    const each = fc.array(fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 8 }), isBatch: fc.boolean() }), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(each, (files) => {
        const network = TestNetwork.funded();
        const paid = new Map<string, bigint>();
        const start = network.balance(ACCOUNTS.alfa);
        const note = (
          list: readonly { readonly reference: string; readonly amount: bigint }[],
          codeAt: (i: number) => string,
        ) =>
          list.forEach((payment, index) => {
            if (codeAt(index) !== '') return;
            expect(paid.has(payment.reference), payment.reference).to.equal(false);
            paid.set(payment.reference, payment.amount);
          });
        for (const { rows, isBatch } of files) {
          const header = { debtor: ACCOUNTS.alfa, currency: 'EUR' };
          if (isBatch) {
            const batch = callOf(payments.methods.payBatch, { ...header, mode: 'each', payments: rows });
            const { outcomes } = network.ok(ACCOUNTS.alfa, batch);
            expect(outcomes.map((outcome) => outcome.reference)).to.deep.equal(
              rows.map((payment) => payment.reference),
            );
            note(rows, (index) => outcomes[index]?.code ?? 'missing');
          } else {
            for (const payment of rows) {
              const { failure } = network.run(ACCOUNTS.alfa, [callOf(payments.methods.pay, { ...header, ...payment })]);
              note([payment], () => failure?.code ?? '');
            }
          }
        }
        expect(network.balance(ACCOUNTS.alfa)).to.equal(start - totalOf([...paid.values()]));
      }),
      { numRuns: 25, seed: 20_260_106 },
    );
  });
});

/** No balance falls unless its account's own keys signed; the custodian's keys never suffice here: one of three. */
function expectOnlySignersDebited(
  network: TestNetwork,
  before: ReadonlyMap<string, bigint>,
  signers: readonly Address[],
): void {
  for (const [key, balance] of balances(network)) {
    const holder = key.split(' ')[1] as Address;
    const fell = balance < (before.get(key) ?? 0n);
    if (fell) expect(signers.includes(holder) && holder !== ACCOUNTS.custodian, `${key} was debited`).to.equal(true);
  }
}
