import { callOf } from '../../contracts/api/method.js';
import { assets, cash } from '../../contracts/index.js';
import { BANKS, CURRENCIES, issuerOf } from './cast.js';
import type { Order } from './ledger.js';
import { creditOpening } from './makers/credit.js';
import { by } from './scene.js';

const FIRST_DAY = 20_260_105;
const FUNDS = 100_000n;
/** It alone has a maturity, and can be redeemed. */
const BOND = 'B-1';

/** What a network has before anything happens: open days, money in each account, and an instrument of each bank. */
export function opening(): readonly (readonly Order[])[] {
  const days = CURRENCIES.map((currency) =>
    by(issuerOf(currency), '', callOf(cash.methods.openBusinessDay, { currency, day: FIRST_DAY })),
  );
  const funds = CURRENCIES.flatMap((currency) =>
    BANKS.map(({ account, name }) => {
      const terms = { currency, account, amount: FUNDS, reserveReference: `OPENING ${name}`.slice(0, 35) };
      return by(issuerOf(currency), '', callOf(cash.methods.issue, terms));
    }),
  );
  const instruments = BANKS.slice(0, 4).map((issuer, index) => {
    const kind = index % 2 === 0 ? 'share' : 'fundUnit';
    const terms = { name: 'An instrument', currency: CURRENCIES[index % 3] ?? 'EUR', nominal: 1_000n, cap: 100_000n };
    const create = { instrument: `I-${index + 1}`, kind, issuer: issuer.account, ...terms } as const;
    return by(issuer, '', callOf(assets.methods.create, create));
  });
  const bond = {
    name: 'A bond',
    currency: 'EUR',
    nominal: 10n,
    cap: 100_000n,
    maturity: 20_310_105,
    callableFrom: 20_260_101,
  };
  const borrower = BANKS[1] ?? issuerOf('EUR');
  const terms = { instrument: BOND, kind: 'bond', issuer: borrower.account, ...bond } as const;
  instruments.push(by(borrower, '', callOf(assets.methods.create, terms)));
  const units = BANKS.slice(0, 4).flatMap((issuer, index) =>
    BANKS.map(({ account }) =>
      by(issuer, '', callOf(assets.methods.issue, { instrument: `I-${index + 1}`, account, amount: 1_000n })),
    ),
  );
  for (const { account } of BANKS) {
    units.push(by(borrower, '', callOf(assets.methods.issue, { instrument: BOND, account, amount: 1_000n })));
  }
  return [[...days, ...instruments], [...funds, ...units], ...creditOpening()].map((block) =>
    block.map(({ order }) => order),
  );
}
