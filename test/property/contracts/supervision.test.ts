import { expect } from 'chai';
import fc from 'fast-check';
import { cash, payments, queue, screening, supervision } from '../../../contracts/index.js';
import type { Hex } from '../../../primitives/bytes.js';
import type { Address, Call } from '../../../primitives/types.js';
import { cashHolder, madeBy } from '../../support/cashHolder.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

/** Models that know every payment by itself with its time, and every entry with its end. */

const { central, alfa, beta, gamma } = ACCOUNTS;
const EUR = 'EUR';
const WINDOW_MS = 1_200;
/** Of what is refused, the rest of a part of the window may still count. */
const OVER_MS = WINDOW_MS / 12;
const MAX_COUNT = 5;
const MAX_SUM = 1_000n;
const LIMIT = 700n;

interface Step {
  readonly way: 'transfer' | 'pay' | 'submit' | 'batch' | 'lock' | 'release' | 'back';
  readonly amount: bigint;
  readonly toBeta: boolean;
  readonly passes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  way: fc.constantFrom('transfer', 'pay', 'submit', 'batch', 'lock', 'release', 'back'),
  amount: fc.bigInt(1n, 400n),
  toBeta: fc.boolean(),
  passes: fc.constantFrom(0, 10, 100, 150, 700),
});

describe('rules of authorities, with payments in any order and way', () => {
  it('let nothing pass beyond them in any window and on any day, and refuse nothing that is well within', () => {
    const tally = { passed: 0, count: 0, sum: 0, exposure: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const network = TestNetwork.funded([cashHolder('escrow')]);
        const velocity = { windowMs: WINDOW_MS, maxCount: MAX_COUNT, maxSum: MAX_SUM };
        network.ok(central, [
          callOf(supervision.methods.setVelocity, { currency: EUR, account: alfa, ...velocity }),
          callOf(supervision.methods.setExposure, {
            ...{ currency: EUR, account: alfa, counterparty: BANKS.beta, limit: LIMIT, offsetting: [beta] },
          }),
        ]);
        const authorised: { readonly at: number; readonly amount: bigint }[] = [];
        let [now, sent, received, held] = [TODAY_MS, 0n, 0n, 0n];
        const within = (lengthMs: number) => authorised.filter(({ at }) => at > now - lengthMs);
        const sumOf = (list: readonly { readonly amount: bigint }[]) =>
          list.reduce((sum, { amount }) => sum + amount, 0n);
        steps.forEach(({ way, amount, toBeta, passes }, index) => {
          now += passes;
          const creditor = toBeta ? beta : gamma;
          const paying = { debtor: alfa, creditor, currency: EUR, amount };
          const reference = `R-${index}`;
          const release = { currency: EUR, lock: 'L', creditor, amount };
          const calls: Readonly<Record<Step['way'], readonly [Address, Call]>> = {
            transfer: [alfa, callOf(cash.methods.transfer, paying)],
            pay: [alfa, callOf(payments.methods.pay, { ...paying, reference })],
            submit: [alfa, callOf(queue.methods.submit, { ...paying, reference })],
            batch: [
              alfa,
              callOf(payments.methods.payBatch, {
                ...{ debtor: alfa, currency: EUR, mode: 'all', payments: [{ creditor, amount, reference }] },
              }),
            ],
            lock: [
              alfa,
              madeBy('escrow', callOf(cash.methods.lock, { currency: EUR, lock: 'L', debtor: alfa, amount })),
            ],
            release: [alfa, madeBy('escrow', callOf(cash.methods.release, release))],
            back: [beta, callOf(cash.methods.transfer, { debtor: beta, creditor: alfa, currency: EUR, amount })],
          };
          const [sender, call] = calls[way];
          const { failure } = network.ledger.run({
            sender,
            signers: [sender],
            calls: [call],
            height: 2,
            timestamp: now,
          });
          const isNew = way !== 'release' && way !== 'back';
          const goesOut = toBeta && way !== 'lock' && way !== 'back';
          if (failure === undefined) {
            tally.passed += 1;
            if (isNew) authorised.push({ at: now, amount });
            if (way === 'lock') held = amount;
            if (way === 'release') held -= amount;
            if (way === 'back') received += amount;
            if (goesOut) sent += amount;
            expect(within(WINDOW_MS).length).to.be.at.most(MAX_COUNT);
            expect(sumOf(within(WINDOW_MS)) <= MAX_SUM).to.equal(true);
            if (goesOut) expect(sent - received <= LIMIT).to.equal(true);
            return;
          }
          const longest = within(WINDOW_MS + OVER_MS);
          switch (failure.code) {
            case 'RULE_COUNT':
              tally.count += 1;
              expect(isNew && longest.length + 1 > MAX_COUNT).to.equal(true);
              return;
            case 'RULE_SUM':
              tally.sum += 1;
              expect(isNew && sumOf(longest) + amount > MAX_SUM).to.equal(true);
              return;
            case 'RULE_EXPOSURE':
              tally.exposure += 1;
              expect(goesOut && sent + amount - received > LIMIT).to.equal(true);
              return;
            default:
              expect(`${way} ${failure.code}`).to.be.oneOf([
                'lock LOCK_EXISTS',
                'release LOCK_UNKNOWN',
                'release LOCK_INSUFFICIENT',
              ]);
              expect(way === 'lock' ? held > 0n : held < amount).to.equal(true);
          }
        });
      }),
      // Enough that what is counted below does not depend on chance.
      { numRuns: 240 },
    );
    for (const [name, count] of Object.entries(tally)) expect(count, name).to.be.greaterThan(20);
  }).timeout(60_000);
});

interface Move {
  readonly kind: 'list' | 'lift' | 'appeal' | 'grant' | 'refuse' | 'ask';
  readonly bank: number;
  readonly lister: number;
  readonly identifier: number;
  readonly lasts: number;
  readonly passes: number;
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom('list', 'list', 'lift', 'appeal', 'appeal', 'grant', 'refuse', 'ask'),
  bank: fc.nat(3),
  lister: fc.nat(2),
  identifier: fc.nat(1),
  lasts: fc.integer({ min: 1, max: 30 }),
  passes: fc.nat(4),
});

interface Listed {
  readonly until: number;
  appealedBy: number | undefined;
  refused: 'no' | 'byBank' | 'finally';
  isSecond: boolean;
}

describe('shared identifiers, with entries and appeals in any order', () => {
  it('stop exactly the transactions that ask for one in force', () => {
    const banks = [alfa, beta, gamma, central];
    const members = [BANKS.alfa, BANKS.beta, BANKS.gamma];
    const document = new Uint8Array(32).fill(1);
    const s = screening.methods;
    fc.assert(
      fc.property(fc.array(move, { minLength: 10, maxLength: 40 }), (moves) => {
        const network = new TestNetwork();
        const entries = new Map<string, Listed>();
        const barred = new Set<string>();
        let now = TODAY_MS;
        for (const { kind, bank, lister, identifier, lasts, passes } of moves) {
          now += passes;
          const hash: Hex = `0x${String(identifier).repeat(64)}`;
          const member = members[lister] as string;
          const own = `${bank} ${identifier}`;
          const key = `${lister} ${identifier}`;
          const inForce = (of: string) => {
            const found = entries.get(of);
            return found !== undefined && now < found.until ? found : undefined;
          };
          const entry = inForce(key);
          const isAuthority = bank === 3;
          const decide = (isGranted: boolean) => callOf(s.decide, { hash, member, isGranted, document });
          const calls: Readonly<Record<Move['kind'], () => readonly [Call, boolean, () => void]>> = {
            list: () => [
              callOf(s.list, { hash, kind: 'fraud', reason: 'moneyMule', expiresAt: now + lasts }),
              !barred.has(own),
              () => {
                const { appealedBy, refused = 'no', isSecond = false } = inForce(own) ?? {};
                entries.set(own, {
                  until: now + lasts,
                  appealedBy,
                  refused: refused === 'finally' ? 'no' : refused,
                  isSecond,
                });
              },
            ],
            lift: () => [callOf(s.lift, { hash }), inForce(own) !== undefined, () => entries.delete(own)],
            appeal: () => [
              callOf(s.appeal, { hash, member, document }),
              entry !== undefined && bank !== lister && entry.appealedBy === undefined && entry.refused !== 'finally',
              () => Object.assign(entry as Listed, { appealedBy: bank, isSecond: entry?.refused === 'byBank' }),
            ],
            grant: () => [
              decide(true),
              entry?.appealedBy !== undefined &&
                bank !== lister &&
                bank !== entry.appealedBy &&
                (isAuthority || !entry.isSecond),
              () => {
                entries.delete(key);
                barred.add(key);
              },
            ],
            refuse: () => [
              decide(false),
              entry?.appealedBy !== undefined &&
                bank !== lister &&
                bank !== entry.appealedBy &&
                (isAuthority || !entry.isSecond),
              () =>
                Object.assign(entry as Listed, { appealedBy: undefined, refused: isAuthority ? 'finally' : 'byBank' }),
            ],
            ask: () => [
              callOf(s.requireClear, { hashes: [hash] }),
              banks.every((_, index) => inForce(`${index} ${identifier}`) === undefined),
              () => undefined,
            ],
          };
          const [call, isExpected, apply] = calls[kind]();
          const sender = banks[bank] as Address;
          const { failure } = network.ledger.run({
            sender,
            signers: [sender],
            calls: [call],
            height: 2,
            timestamp: now,
          });
          expect(failure === undefined, `${kind} by ${bank} of ${key}: ${failure?.code}`).to.equal(isExpected);
          if (isExpected) apply();
        }
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);
});
