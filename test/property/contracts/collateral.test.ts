import { expect } from 'chai';
import fc from 'fast-check';
import { proceedsOf, type SaleTerms, unitsToSell } from '../../../contracts/credit/sale.js';
import { worthOf } from '../../../contracts/credit/valuation.js';
import { assets, cash, credit, membership, repo } from '../../../contracts/index.js';
import { repoTermsHash } from '../../../contracts/repo/terms.js';
import type { Address, Call } from '../../../primitives/types.js';
import { BOND_B, BOND_G, CollateralNetwork, HOUR_MS, RATE } from '../../support/collateralNetwork.js';
import { ACCOUNTS, BANKS, callOf, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

const { central, alfa, beta, gamma } = ACCOUNTS;
const [c, r] = [credit.methods, repo.methods];
const of = { currency: 'EUR', account: alfa };

const terms: fc.Arbitrary<SaleTerms> = fc
  .record({
    units: fc.bigInt({ min: 1n, max: 60n }),
    blocked: fc.bigInt({ min: 0n, max: 20n }),
    price: fc.bigInt({ min: 1n, max: 400n }),
    per: fc.bigInt({ min: 1n, max: 7n }),
    haircutBps: fc.integer({ min: 0, max: 6_000 }),
    sharePercent: fc.bigInt({ min: 0n, max: 100n }),
    owed: fc.bigInt({ min: 1n, max: 12_000n }),
    others: fc.bigInt({ min: 0n, max: 6_000n }),
    cap: fc.option(fc.bigInt({ min: 0n, max: 4_000n }), { nil: undefined }),
    isDue: fc.boolean(),
  })
  .map(({ blocked, price, per, haircutBps, sharePercent, cap, units, ...rest }) => {
    const lowest = (price * BigInt(10_000 - haircutBps) + 9_999n) / 10_000n;
    const sale = lowest + ((price - lowest) * sharePercent) / 100n;
    const deliverable = units > blocked ? units - blocked : 0n;
    return { ...rest, units, deliverable, price: sale, quote: { price, per, haircutBps, cap } };
  });

/** The smallest number of units for which a condition holds, found by trying each. */
function firstThat(limit: bigint, holds: (units: bigint) => boolean): bigint | undefined {
  for (let units = 1n; units <= limit; units++) if (holds(units)) return units;
  return undefined;
}

describe('a sale of collateral', () => {
  it('sells what can leave, and the fewest units that pay what is due', () => {
    fc.assert(
      fc.property(terms, (sale) => {
        const sold = unitsToSell(sale);
        expect(sold >= 0n && sold <= sale.deliverable).to.equal(true);
        const pays = firstThat(sale.deliverable, (units) => proceedsOf(units, sale) >= sale.owed);
        if (pays !== undefined) expect(sold <= pays).to.equal(true);
        if (sale.isDue) expect(sold).to.equal(pays ?? sale.deliverable);
      }),
      { numRuns: 400 },
    );
  });

  it('covers a loan again where any number of units does, and then by no more than that takes', () => {
    fc.assert(
      fc.property(terms, (sale) => {
        const { owed, others, units, quote, isDue } = sale;
        const shortfall = owed - others - worthOf(units, quote);
        fc.pre(!isDue && shortfall > 0n);
        const isCovered = (sold: bigint) => owed - proceedsOf(sold, sale) <= others + worthOf(units - sold, quote);
        const fewest = firstThat(sale.deliverable, isCovered);
        const sold = unitsToSell(sale);
        if (fewest === undefined) return;
        // Rounding may let one unit more or less cover it; nothing else does.
        expect(isCovered(sold) || proceedsOf(sold, sale) >= shortfall).to.equal(true);
        if (isCovered(sale.deliverable) && isCovered(sold)) expect(sold - fewest <= 2n).to.equal(true);
      }),
      { numRuns: 400 },
    );
  });
});

type Kind = 'deposit' | 'withdraw' | 'swap' | 'draw' | 'repay' | 'price' | 'call' | 'sell' | 'night' | 'later';

interface Step {
  readonly kind: Kind;
  readonly instrument: string;
  readonly amount: bigint;
  readonly price: bigint;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Kind>(
    ...(['deposit', 'deposit', 'withdraw', 'swap', 'draw', 'draw', 'repay', 'price', 'price', 'call'] as const),
    ...(['sell', 'night', 'later'] as const),
  ),
  instrument: fc.constantFrom(BOND_G, BOND_B),
  amount: fc.bigInt({ min: 0n, max: 30n }),
  price: fc.bigInt({ min: 4_000n, max: 14_000n }),
});

describe('credit under random steps', () => {
  it('is never more than the pool is worth when something leaves it, and neither makes nor loses money', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const network = CollateralNetwork.lending();
        const money = network.money;
        let day = TODAY;
        for (const { kind, instrument, amount, price } of steps) {
          const before = network.line();
          network.now += 1;
          if (kind === 'price') network.price(instrument, price);
          else if (kind === 'later') network.now += HOUR_MS;
          else if (kind === 'night') {
            day += 1;
            network.nextDay(day);
          } else {
            const isRefused = network.code(...callFor(kind, instrument, amount, price)) !== '';
            if (!isRefused) requireCovered(network, kind, before);
          }
          expect(network.money).to.equal(money);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** What a step sends, and who signs it. */
function callFor(kind: Kind, instrument: string, amount: bigint, price: bigint): [Address, Call, Address[]] {
  const other = instrument === BOND_G ? BOND_B : BOND_G;
  const what = { instrument, units: amount };
  switch (kind) {
    case 'deposit':
      return [alfa, callOf(c.deposit, { ...of, ...what }), [alfa]];
    case 'withdraw':
      return [alfa, callOf(c.withdraw, { ...of, ...what }), [alfa]];
    case 'swap':
      return [
        alfa,
        callOf(c.substitute, { ...of, give: what, take: { instrument: other, units: amount / 2n } }),
        [alfa],
      ];
    case 'draw':
      return [alfa, callOf(c.draw, { ...of, amount: amount * price }), [alfa]];
    case 'repay':
      return [beta, callOf(c.repay, { ...of, payer: beta, amount: amount * 1_000n }), [beta]];
    case 'call':
      return [gamma, callOf(c.callMargin, of), [gamma]];
    default: {
      const sale = { ...of, instrument, buyer: gamma, price, maxUnits: 30n };
      return [central, callOf(c.liquidate, sale), [central, gamma]];
    }
  }
}

function requireCovered(network: CollateralNetwork, kind: Kind, before: ReturnType<CollateralNetwork['line']>): void {
  const { owed, value, positions, interest } = network.line();
  if (kind === 'draw' || (owed > 0n && (kind === 'withdraw' || kind === 'swap'))) {
    expect(owed <= value, `${kind}: ${owed} of ${value}`).to.equal(true);
  }
  if (kind === 'sell') expect(owed < before.owed).to.equal(true);
  if (kind !== 'draw') expect(owed <= before.owed && interest <= before.interest).to.equal(true);
  for (const { instrument, units } of positions) {
    const lock = { instrument, contract: 'credit', lock: alfa };
    expect(network.view(assets.methods.lockOf, lock)?.amount).to.equal(units);
  }
}

const ID = 'ALFADEFF-R1';
const AGREED = {
  ...{ id: ID, seller: alfa, buyer: beta, instrument: BOND_G, units: 10n, currency: 'EUR', cash: 90_000n, rate: RATE },
  ...{ opensBefore: TODAY_MS + HOUR_MS, closesAt: TODAY_MS + HOUR_MS, graceMs: HOUR_MS, haircutBps: 1_000 },
  ...{ marginMs: HOUR_MS, threshold: 0n },
};

const REPO_STEPS = ['close', 'settle', 'takeBack', 'fail', 'revalue', 'margin', 'freeze', 'thaw', 'price'] as const;
const WORLD_STEPS = ['suspend', 'reinstate', 'hour', 'pause', 'resume', 'swap', 'agree'] as const;

describe('a repo under random steps', () => {
  it('is closed all or not at all, and ends once', function () {
    this.timeout(120_000);
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom(...REPO_STEPS, ...REPO_STEPS, ...WORLD_STEPS),
        price: fc.bigInt({ min: 7_000n, max: 13_000n }),
        amount: fc.bigInt({ min: 1n, max: 4_000n }),
      }),
      { minLength: 5, maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const network = new CollateralNetwork();
        network.ok(alfa, callOf(r.offer, AGREED));
        network.ok(beta, callOf(r.accept, { id: ID, buyer: beta, terms: repoTermsHash(AGREED) }));
        const money = network.money;
        for (const one of all) {
          const before = network.view(r.closed, { id: ID });
          take(network, one.kind, one.price, one.amount);
          if (before !== undefined) expect(network.view(r.closed, { id: ID })).to.deep.equal(before);
          expect(network.money).to.equal(money);
          requireWhole(network);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function take(
  network: CollateralNetwork,
  kind: (typeof REPO_STEPS)[number] | (typeof WORLD_STEPS)[number],
  price: bigint,
  amount: bigint,
): void {
  const id = { id: ID };
  const code = (sender: Address, call: Call): void => void network.code(sender, call);
  network.now += 1;
  if (kind === 'price' && isActive(network)) network.price(BOND_G, price);
  if (kind === 'hour') network.now += HOUR_MS;
  if (kind === 'freeze') network.freeze(BOND_G, beta);
  if (kind === 'thaw') network.freeze(BOND_G, beta, 1n);
  if (kind === 'suspend') code(central, callOf(membership.methods.suspendMember, { member: BANKS.beta }));
  if (kind === 'reinstate') code(central, callOf(membership.methods.reinstateMember, { member: BANKS.beta }));
  if (kind === 'pause') code(gamma, callOf(assets.methods.pause, { instrument: BOND_G }));
  if (kind === 'resume') code(gamma, callOf(assets.methods.resume, { instrument: BOND_G }));
  if (kind === 'margin') code(alfa, callOf(r.payMargin, { ...id, amount }));
  if (kind === 'swap') code(alfa, callOf(r.offerSubstitute, { ...id, instrument: BOND_B, units: 11n }));
  if (kind === 'agree') code(beta, callOf(r.acceptSubstitute, { ...id, instrument: BOND_B, units: 11n }));
  if (kind === 'close') code(alfa, callOf(r.close, id));
  if (kind === 'takeBack') code(alfa, callOf(r.takeBack, id));
  if (kind === 'settle') code(gamma, callOf(r.settle, id));
  if (kind === 'revalue') code(gamma, callOf(r.revalue, id));
  if (kind === 'fail') code(beta, callOf(r.fail, id));
}

function isActive(network: CollateralNetwork): boolean {
  return network.view(membership.methods.member, { member: BANKS.beta })?.suspended === false;
}

/** Either the buyer has the units and the seller the cash, or the other way round: what each has by what has become of it. */
function requireWhole(network: CollateralNetwork): void {
  const [open, closed] = [network.view(r.repo, { id: ID }), network.view(r.closed, { id: ID })];
  const held = (account: Address, instrument: string) => network.view(assets.methods.holding, { account, instrument });
  const owns = (account: Address) =>
    network.balance(account) + network.view(cash.methods.locked, { currency: 'EUR', account });
  const [seller, buyer] = [owns(alfa), owns(beta)];
  expect(seller + buyer).to.equal(2_000_000n);
  const instrument = open?.instrument ?? closed?.instrument ?? BOND_G;
  const units = open?.units ?? closed?.units ?? 0n;
  if (closed?.status === 'closed') {
    expect([held(alfa, BOND_G), held(alfa, BOND_B)]).to.deep.equal([1_000n, 1_000n]);
    expect(buyer).to.equal(910_000n + closed.paid);
  } else {
    expect(held(beta, instrument)).to.equal(1_000n + units);
    expect(buyer).to.equal(910_000n + (open?.margin ?? closed?.failure?.margin ?? 0n));
  }
  if (closed === undefined) expect(open).not.to.equal(undefined);
}
