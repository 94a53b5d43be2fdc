import { expect } from 'chai';
import fc from 'fast-check';
import { actions, assets, cash } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { accountOf, openLedger } from '../../support/manyHolders.js';
import { callOf } from '../../support/settlementNetwork.js';

/**
 * Interest on an instrument of up to several pages of holders, while units move and accounts are suspended, against books of its own: what
 * each account held at the record, what that earns, and what it was paid.
 */

const m = actions.methods;
const a = assets.methods;
const NOTE = 'NOTE';
const ID = 'ALFADEFF-C';
const CENTRAL = accountOf(9_001);
const ISSUER = accountOf(9_002);
const NOW = 1_767_600_000_000;
const TODAY = 20_260_105;
const DECLARED = 10n ** 12n;
const MAX_PAGES = 6;

interface Scenario {
  readonly holders: number;
  /** Of 1,000 minor units: 0.001 to 1.0 minor units a unit. */
  readonly perUnit: bigint;
  readonly moves: readonly (readonly [from: number, to: number, amount: bigint])[];
  /** How many of the moves come before the record's block has ended. */
  readonly early: number;
  /** Moves between two pages. */
  readonly between: number;
  readonly suspended: readonly number[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  holders: fc.constantFrom(1, 3, 255, 256, 257, 600),
  perUnit: fc.bigInt({ min: 1_000_000n, max: 1_000_000_000n }),
  moves: fc.array(fc.tuple(fc.nat({ max: 700 }), fc.nat({ max: 700 }), fc.bigInt({ min: 1n, max: 3_000n })), {
    maxLength: 60,
  }),
  early: fc.nat({ max: 20 }),
  between: fc.nat({ max: 20 }),
  suspended: fc.array(fc.nat({ max: 700 }), { maxLength: 5 }),
});

class World {
  readonly suspended = new Set<Address>();
  readonly ledger = openLedger(this.suspended, CENTRAL);
  height = 1;

  run(sender: Address, calls: readonly Call[]): string {
    const { failure } = this.ledger.run({ sender, signers: [sender], calls, height: this.height, timestamp: NOW });
    return failure?.code ?? '';
  }

  must(sender: Address, ...calls: readonly Call[]): void {
    expect(this.run(sender, calls)).to.equal('');
  }

  balance(account: Address): bigint {
    const bytes = this.ledger.view(callOf(cash.methods.balance, { currency: 'EUR', account }));
    return cash.methods.balance.returns?.decode(bytes) ?? 0n;
  }
}

function prepared({ holders, perUnit }: Scenario): { readonly world: World; readonly book: Map<Address, bigint> } {
  const world = new World();
  const genesis = callOf(cash.methods.genesisCurrency, { currency: 'EUR', decimals: 2, issuer: 'CENBDEFF' });
  expect(world.ledger.run({ calls: [genesis], height: 0 }).failure).to.equal(undefined);
  const money = { currency: 'EUR', account: ISSUER, amount: DECLARED, reserveReference: 'R' };
  world.must(CENTRAL, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: TODAY }));
  world.must(CENTRAL, callOf(cash.methods.issue, money));
  const note = {
    kind: 'deposit',
    issuer: ISSUER,
    name: 'Note',
    currency: 'EUR',
    nominal: 100n,
    cap: 10n ** 9n,
  } as const;
  world.must(ISSUER, callOf(a.create, { instrument: NOTE, ...note }));
  const book = new Map<Address, bigint>();
  for (let index = 0; index < holders; index++) {
    const amount = BigInt(1 + ((index * 7_919) % 2_500));
    world.must(ISSUER, callOf(a.issue, { instrument: NOTE, account: accountOf(index), amount }));
    book.set(accountOf(index), amount);
  }
  const terms = { id: ID, instrument: NOTE, issuer: ISSUER, version: 1, currency: 'EUR', paymentDay: TODAY };
  const rest = { declared: DECLARED, deadline: NOW + 86_400_000, distribution: { perUnit } };
  world.must(ISSUER, callOf(m.declare, { ...terms, ...rest }));
  return { world, book };
}

describe('interest on many holdings', () => {
  it('pays what an independent book says, each once, and returns the rest, exactly', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { world, book } = prepared(given);
        const moves = [...given.moves];
        const recordBook = new Map(book);
        const move = (isRecorded: boolean): void => {
          const [from = 0, to = 0, amount = 0n] = moves.shift() ?? [];
          const [sender, receiver] = [accountOf(from), accountOf(to)];
          const code = world.run(sender, [
            callOf(a.transfer, { instrument: NOTE, from: sender, to: receiver, amount }),
          ]);
          if (code !== '' || !isRecorded) return;
          recordBook.set(sender, (recordBook.get(sender) ?? 0n) - amount);
          recordBook.set(receiver, (recordBook.get(receiver) ?? 0n) + amount);
        };
        for (let i = 0; i < given.early && moves.length > 0; i++) move(true);
        for (let page = 0, goesOn = true; goesOn && page < MAX_PAGES; page++) {
          world.height++;
          for (let i = 0; i < given.between && moves.length > 0; i++) move(false);
          if (page === 1) for (const number of given.suspended) world.suspended.add(accountOf(number));
          goesOn = world.run(CENTRAL, [callOf(m.proceed, { id: ID, pages: 1 })]) === '';
        }
        world.run(CENTRAL, [callOf(m.proceed, { id: ID, pages: 16 })]);
        world.suspended.clear();
        for (const number of given.suspended)
          world.run(CENTRAL, [callOf(m.claim, { id: ID, account: accountOf(number) })]);
        let paid = 0n;
        for (const [account, units] of recordBook) {
          const due = (units * given.perUnit) / 1_000_000_000n;
          expect(world.balance(account), `${account} held ${units}`).to.equal(due);
          paid += due;
        }
        expect(world.balance(ISSUER)).to.equal(DECLARED - paid);
        const left = world.ledger
          .snapshot()
          .filter((row) => /assets.(kept|records)|actions.(open|entitlements|claims)/.test(row));
        expect(left).to.deep.equal([]);
      }),
      { numRuns: 40 },
    );
  }).timeout(120_000);
});
