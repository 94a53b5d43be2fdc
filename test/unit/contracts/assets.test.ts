import { expect } from 'chai';
import { assets, cash } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, callOf, KEYS, TestNetwork } from '../../support/settlementNetwork.js';

const m = assets.methods;
const { alfa, beta, gamma, custodian, unknown } = ACCOUNTS;
const BOND = 'XS-BOND-2030';

const terms = (change: object = {}) => ({
  instrument: BOND,
  kind: 'bond' as const,
  issuer: alfa,
  name: 'Alfa 3 % 2030',
  isin: 'US0378331005',
  currency: 'EUR',
  nominal: 100_000n,
  maturity: 20_300_115,
  cap: 1_000n,
  ...change,
});
const units = (change: object = {}) => ({ instrument: BOND, account: alfa, amount: 600n, ...change });
const move = (change: object = {}) =>
  callOf(m.transfer, { instrument: BOND, from: alfa, to: beta, amount: 10n, ...change });

/** Codes of issue, transfer and redemption; those of locks and of what else an instrument has are other files'. */
const CODES = [
  ...['INSTRUMENT_EXISTS', 'INSTRUMENT_UNKNOWN', 'INSTRUMENT_PAUSED', 'STATUS_UNCHANGED'],
  ...['CAP_EXCEEDED', 'AMOUNT_ZERO', 'SAME_ACCOUNT', 'INSUFFICIENT_UNITS'],
];

describe('an instrument', () => {
  const network = TestNetwork.funded();
  const holding = (account: Address) => network.view(m.holding, { account, instrument: BOND });
  const holders = () =>
    network.view(m.holders, { instrument: BOND, limit: 9 }).map(({ account, amount }) => [account, amount]);

  it('is tokenised by its issuer, with its terms as data', () => {
    expect(network.refused(beta, callOf(m.create, terms())).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(network.refused(alfa, callOf(m.create, terms({ cap: 0n }))).code).to.equal('AMOUNT_ZERO');
    expect(network.refused(alfa, callOf(m.create, terms({ nominal: 0n }))).code).to.equal('AMOUNT_ZERO');
    network.ok(alfa, callOf(m.create, terms()));
    expect(network.refused(alfa, callOf(m.create, terms())).code).to.equal('INSTRUMENT_EXISTS');
    expect(network.view(m.instrument, { instrument: BOND })).to.deep.include({
      cap: 1_000n,
      issued: 0n,
      paused: false,
    });
    expect(network.view(m.instruments, { limit: 9 }).map(({ instrument }) => instrument)).to.deep.equal([BOND]);
    expect(network.view(m.instruments, { limit: 9, after: BOND })).to.deep.equal([]);
  });

  it('is issued by its issuer alone, up to its cap', () => {
    expect(network.refused(beta, callOf(m.issue, units())).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(network.refused(alfa, callOf(m.issue, units({ instrument: 'none' }))).code).to.equal('INSTRUMENT_UNKNOWN');
    expect(network.refused(alfa, callOf(m.issue, units({ amount: 0n }))).code).to.equal('AMOUNT_ZERO');
    expect(network.refused(alfa, callOf(m.issue, units({ account: unknown }))).code).to.equal('ACCOUNT_UNKNOWN');
    network.ok(alfa, callOf(m.issue, units()));
    expect(network.refused(alfa, callOf(m.issue, units({ amount: 401n })))).to.deep.include({
      code: 'CAP_EXCEEDED',
      data: { cap: '1000', outstanding: '600' },
    });
    network.ok(alfa, callOf(m.issue, units({ account: gamma, amount: 400n })));
    expect(network.view(m.supply, { instrument: BOND })).to.deep.equal({ issued: 1_000n, redeemed: 0n, splits: 0 });
  });

  it('is transferred by its holder, to an account that may take it', () => {
    expect(network.refused(beta, move()).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(network.refused(alfa, move({ amount: 601n }))).to.deep.include({
      code: 'INSUFFICIENT_UNITS',
      data: { available: '600', required: '601' },
    });
    expect(network.refused(alfa, move({ amount: 0n })).code).to.equal('AMOUNT_ZERO');
    expect(network.refused(alfa, move({ to: alfa })).code).to.equal('SAME_ACCOUNT');
    expect(network.refused(alfa, move({ to: unknown })).code).to.equal('ACCOUNT_UNKNOWN');
    expect(network.refused(alfa, move({ instrument: 'none' })).code).to.equal('INSTRUMENT_UNKNOWN');
    network.ok(alfa, move());
    expect([holding(alfa), holding(beta)]).to.deep.equal([590n, 10n]);
  });

  it('keeps a register of those who hold, and of them only', () => {
    network.ok(alfa, move({ amount: 590n, to: gamma }));
    expect(holders()).to.have.deep.members([
      [beta, 10n],
      [gamma, 990n],
    ]);
    expect(network.view(m.holdings, { account: alfa, limit: 9 })).to.deep.equal([]);
    expect(network.view(m.holdings, { account: beta, limit: 9 })).to.deep.equal([
      { instrument: BOND, amount: 10n, locked: 0n },
    ]);
    expect(network.view(m.holdings, { account: beta, limit: 9, after: BOND })).to.deep.equal([]);
    const [first] = holders();
    expect(network.view(m.holders, { instrument: BOND, limit: 9, after: first?.[0] as Address })).to.have.lengthOf(1);
  });

  it('is paused by its issuer: transfers wait, redemption goes on', () => {
    expect(network.refused(beta, callOf(m.pause, { instrument: BOND })).code).to.equal('UNAUTHORISED');
    expect(network.refused(alfa, callOf(m.resume, { instrument: BOND })).code).to.equal('STATUS_UNCHANGED');
    network.ok(alfa, callOf(m.pause, { instrument: BOND }));
    expect(network.refused(alfa, callOf(m.pause, { instrument: BOND })).code).to.equal('STATUS_UNCHANGED');
    expect(network.refused(gamma, move({ from: gamma })).code).to.equal('INSTRUMENT_PAUSED');
    network.ok(gamma, callOf(m.redeem, units({ account: gamma, amount: 90n })), [alfa, gamma]);
    network.ok(alfa, callOf(m.resume, { instrument: BOND }));
    network.ok(gamma, move({ from: gamma, amount: 1n }));
  });

  it('is redeemed when issuer and holder both sign', () => {
    const redeem = callOf(m.redeem, units({ account: beta, amount: 11n }));
    expect(network.refused(beta, redeem).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(network.refused(alfa, redeem).data).to.deep.equal({ rule: 'account', subject: beta });
    expect(network.refused(beta, callOf(m.redeem, units({ account: beta, amount: 0n })), [alfa, beta]).code).to.equal(
      'AMOUNT_ZERO',
    );
    expect(network.refused(beta, callOf(m.redeem, units({ account: beta, amount: 12n })), [alfa, beta]).code).to.equal(
      'INSUFFICIENT_UNITS',
    );
    network.ok(beta, redeem, [alfa, beta]);
    expect(network.view(m.supply, { instrument: BOND })).to.deep.equal({ issued: 1_000n, redeemed: 101n, splits: 0 });
    expect(holders()).to.deep.equal([[gamma, 899n]]);
  });

  it('does not move while its issuer, for what is the issuer’s, or a party is suspended', () => {
    network.suspend(BANKS.alfa);
    expect(
      network.refused(gamma, callOf(m.redeem, units({ account: gamma, amount: 1n })), [alfa, gamma]).code,
    ).to.equal('SUSPENDED');
    expect(network.refused(gamma, move({ from: gamma, to: alfa })).code).to.equal('SUSPENDED');
    network.ok(gamma, move({ from: gamma, to: beta }));
  });

  it('has no code that nothing reaches', () => {
    const missing = network.missingCodes('assets');
    for (const code of CODES) expect(missing, code).not.to.include(code);
  });
});

describe('delivery versus payment', () => {
  const legs = (price: bigint, amount = 10n): readonly [Call, Call] => [
    move({ amount }),
    callOf(cash.methods.transfer, { currency: 'EUR', debtor: beta, creditor: alfa, amount: price }),
  ];
  const started = (): TestNetwork => {
    const network = TestNetwork.funded();
    network.ok(alfa, [callOf(m.create, terms()), callOf(m.issue, units())]);
    return network;
  };

  it('settles both legs in one transaction that both banks signed', () => {
    const network = started();
    network.ok(alfa, legs(990_000n), [alfa, beta]);
    expect(network.view(m.holding, { account: beta, instrument: BOND })).to.equal(10n);
    expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([1_990_000n, 10_000n]);
  });

  it('settles neither leg when either fails, in either order', () => {
    const network = started();
    for (const order of [(calls: readonly Call[]) => calls, (calls: readonly Call[]) => [...calls].reverse()]) {
      expect(network.refused(alfa, order(legs(1_000_001n)), [alfa, beta]).code).to.equal('INSUFFICIENT_FUNDS');
      expect(network.refused(alfa, order(legs(1n, 601n)), [alfa, beta]).code).to.equal('INSUFFICIENT_UNITS');
    }
  });

  it('debits no account that did not sign for its own leg', () => {
    const network = started();
    expect(network.refused(alfa, legs(1n), [alfa]).data).to.deep.equal({ rule: 'account', subject: beta });
    expect(network.refused(beta, legs(1n), [beta]).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(network.refused(gamma, legs(1n), [gamma, alfa]).data).to.deep.equal({ rule: 'account', subject: beta });
    network.ok(gamma, legs(1n), [alfa, beta, gamma]);
  });

  it('respects a policy of two out of three on either leg', () => {
    const network = started();
    const sale = [
      move({ to: custodian }),
      callOf(cash.methods.transfer, { currency: 'EUR', debtor: custodian, creditor: alfa, amount: 5n }),
    ];
    const [one, two] = [KEYS.custodianOne.address, KEYS.custodianTwo.address];
    expect(network.refused(alfa, sale, [alfa, one]).data).to.deep.equal({ rule: 'account', subject: custodian });
    network.ok(alfa, sale, [alfa, one, two]);
  });
});
