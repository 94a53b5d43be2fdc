import { expect } from 'chai';
import { MAX_VERSIONS } from '../../../contracts/assets/declaration.js';
import { assets, cash, settlement } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Address, Call } from '../../../primitives/types.js';
import { amend, BOND, bondNetwork, bondTerms, DEADLINE, holding } from '../../support/bondNetwork.js';
import { byOrders, madeBy } from '../../support/cashHolder.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  CUSTODIAN,
  callOf,
  KEYS,
  TestNetwork,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const m = assets.methods;
const { alfa, alfaSecond, beta, gamma, central, custodian } = ACCOUNTS;
const CUSTODY = [KEYS.custodianOne.address, KEYS.custodianTwo.address];
const codesSeen = new Set<string>();

function refused(network: TestNetwork, sender: Address, call: Call | readonly Call[], signers?: readonly Address[]) {
  const refusal = network.refused(sender, call, signers);
  codesSeen.add(refusal.failedCall.split('.')[0] === 'assets' ? refusal.code : '');
  return refusal;
}

const versionOf = (network: TestNetwork) => network.view(m.instrument, { instrument: BOND })?.version;
const move = (from: Address, to: Address, amount = 1n) => callOf(m.transfer, { instrument: BOND, from, to, amount });

describe('terms of an instrument', () => {
  it('are in a currency that the network has', () => {
    const network = TestNetwork.funded();
    const create = callOf(m.create, { instrument: BOND, ...bondTerms, currency: 'XXX' });
    expect(refused(network, alfa, create)).to.deep.include({ code: 'CURRENCY_UNKNOWN', data: { currency: 'XXX' } });
  });

  it('are amended by the issuer alone, under the version that it has seen; every version stays readable', () => {
    const network = bondNetwork();
    expect(refused(network, beta, amend({ cap: 900n })).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(refused(network, alfa, amend({ cap: 900n }, 2))).to.deep.include({
      code: 'VERSION_MISMATCH',
      data: { expected: 2, actual: 1 },
    });
    expect(refused(network, alfa, amend()).code).to.equal('TERMS_UNCHANGED');
    network.ok(alfa, amend({ cap: 900n, name: 'Alfa three' }));
    expect(versionOf(network)).to.equal(2);
    const list = network.view(m.versions, { instrument: BOND, limit: 9 });
    expect(list[0]).to.deep.include({ name: 'Alfa 3 % 2030', nominal: 1_000n, timestamp: TODAY_MS });
    expect(network.view(m.instrument, { instrument: BOND })).to.deep.include({ name: 'Alfa three', version: 2 });
    expect(list.map(({ version, cap }) => [version, cap])).to.deep.equal([
      [1, 1_000n],
      [2, 900n],
    ]);
    expect(network.view(m.versions, { instrument: BOND, limit: 9, after: 1 })).to.have.lengthOf(1);
  });

  it('never bring the cap below what is outstanding', () => {
    const network = bondNetwork();
    expect(refused(network, alfa, amend({ cap: 629n }))).to.deep.include({
      code: 'CAP_EXCEEDED',
      data: { cap: '629', outstanding: '630' },
    });
    network.ok(alfa, amend({ cap: 630n }));
    expect(refused(network, alfa, callOf(m.issue, { instrument: BOND, account: beta, amount: 1n })).code).to.equal(
      'CAP_EXCEEDED',
    );
  });

  it('keep what holders rely on while anybody holds a unit', () => {
    const network = bondNetwork({ isin: 'US0378331005' });
    const same = { isin: 'US0378331005' };
    for (const [change, term] of [
      [{ ...same, nominal: 2_000n }, 'nominal'],
      [{ ...same, maturity: 20_310_115 }, 'maturity'],
      [{ ...same, maturity: undefined }, 'maturity'],
      [{ isin: 'DE0001102580' }, 'isin'],
      [{ isin: undefined }, 'isin'],
    ] as const) {
      const { code, data } = refused(network, alfa, amend(change));
      expect([code, data]).to.deep.equal(['TERM_FIXED', { term, outstanding: '630' }]);
    }
    for (const [account, amount] of [
      [beta, 600n],
      [gamma, 30n],
    ] as const) {
      network.ok(account, callOf(m.redeem, { instrument: BOND, account, amount }), [account, alfa]);
    }
    network.ok(alfa, amend({ nominal: 2_000n, maturity: 20_310_115, isin: 'DE0001102580' }));
  });

  it('let a fund unit follow its fund, and an ISIN be given later', () => {
    const network = bondNetwork({ kind: 'fundUnit' });
    network.ok(alfa, amend({ nominal: 1_234n, isin: 'US0378331005' }));
    expect(
      refused(network, alfa, amend({ nominal: 1_234n, isin: 'US0378331005', maturity: 20_310_115 }, 2)).code,
    ).to.equal('TERM_FIXED');
  });

  it('name a rule of eligibility that keeps somebody out, each role once', () => {
    const network = bondNetwork();
    for (const eligibility of [
      { roles: [], admittedOnly: false },
      { roles: ['bank', 'bank'] as const, admittedOnly: false },
    ]) {
      expect(refused(network, alfa, amend({ eligibility })).code).to.equal('ELIGIBILITY_INVALID');
    }
  });

  it('have a bounded number of versions', () => {
    const network = bondNetwork();
    for (let version = 1; version < MAX_VERSIONS; version++) network.ok(alfa, amend({ name: `V${version}` }, version));
    expect(refused(network, alfa, amend({ name: 'one more' }, MAX_VERSIONS)).data).to.deep.equal({
      limit: MAX_VERSIONS,
    });
    codesSeen.add('VERSIONS_TOO_MANY');
  }).timeout(20_000);
});

describe('a redemption', () => {
  it('at maturity is paid in the same transaction, or does not happen', () => {
    const network = bondNetwork();
    const redemption = (amount: bigint): readonly Call[] => [
      callOf(m.redeem, { instrument: BOND, account: gamma, amount: 30n }),
      callOf(cash.methods.transfer, { currency: 'EUR', debtor: alfa, creditor: gamma, amount }),
    ];
    expect(network.refused(alfa, redemption(1_000_001n), [alfa, gamma]).code).to.equal('INSUFFICIENT_FUNDS');
    network.ok(alfa, redemption(30_000n), [alfa, gamma]);
    expect([holding(network, gamma), network.balance(gamma)]).to.deep.equal([0n, 1_030_000n]);
  });
});

describe('a split', () => {
  const paused = (change: object = {}) => {
    const network = bondNetwork(change);
    network.ok(alfa, callOf(m.pause, { instrument: BOND }));
    return network;
  };
  const begin = (numerator: number, denominator: number, expectedVersion = 1) =>
    callOf(m.beginSplit, { instrument: BOND, expectedVersion, numerator, denominator });
  const go = (limit: number) => callOf(m.continueSplit, { instrument: BOND, limit });
  const figures = (network: TestNetwork) => {
    const { issued, redeemed, cap, nominal, version } = network.view(m.instrument, { instrument: BOND }) ?? {};
    return [issued, redeemed, cap, nominal, version];
  };

  it('multiplies every holding and divides the nominal value, by pages, whoever goes on with it', () => {
    const network = paused();
    expect(refused(network, beta, begin(2, 1)).data).to.deep.equal({ rule: 'account', subject: alfa });
    network.ok(alfa, begin(2, 1));
    expect(network.view(m.split, { instrument: BOND })).to.equal('applying');
    network.ok(gamma, go(1));
    const [issued = 0n, redeemed = 0n] = figures(network) as bigint[];
    expect(holding(network, beta) + holding(network, gamma)).to.equal(issued - redeemed);
    network.ok(gamma, go(1));
    network.ok(gamma, go(1));
    expect(figures(network)).to.deep.equal([1_260n, 0n, 2_000n, 500n, 2]);
    expect([holding(network, beta), holding(network, gamma)]).to.deep.equal([1_200n, 60n]);
    expect(network.view(m.versions, { instrument: BOND, limit: 1 })[0]?.nominal).to.equal(1_000n);
    expect(refused(network, gamma, go(1)).code).to.equal('SPLIT_UNKNOWN');
    network.ok(alfa, callOf(m.resume, { instrument: BOND }));
    network.ok(beta, move(beta, gamma));
  });

  it('takes units together where every holding divides, and redeems what it takes away', () => {
    const network = paused();
    network.ok(alfa, begin(1, 15));
    expect(network.view(m.split, { instrument: BOND })).to.equal('checking');
    network.ok(alfa, [go(9), go(9)]);
    expect(figures(network)).to.deep.equal([630n, 588n, 66n, 15_000n, 2]);
    expect([holding(network, beta), holding(network, gamma)]).to.deep.equal([40n, 2n]);
  });

  it('is refused before it writes anything where one holding would leave a rest', () => {
    const network = paused();
    // 630 units divide by 9, what beta and gamma have of them does not.
    network.ok(alfa, begin(1, 9));
    const { events } = network.ok(gamma, go(9));
    expect(events.map(({ name }) => name)).to.deep.equal(['SplitRefused']);
    expect(network.view(m.split, { instrument: BOND })).to.equal(undefined);
    expect(figures(network)).to.deep.equal([630n, 0n, 1_000n, 1_000n, 1]);
    network.ok(alfa, callOf(m.resume, { instrument: BOND }));
  });

  it('begins only when nothing of the instrument moves or is locked, and nothing would leave a rest', () => {
    const network = bondNetwork();
    expect(refused(network, alfa, begin(2, 1)).code).to.equal('INSTRUMENT_NOT_PAUSED');
    network.ok(beta, madeBy('vault', callOf(m.lock, { instrument: BOND, lock: 'L', holder: beta, amount: 1n })));
    network.ok(alfa, callOf(m.pause, { instrument: BOND }));
    expect(refused(network, alfa, begin(2, 1))).to.deep.include({
      code: 'UNITS_LOCKED',
      data: { contract: 'vault', lock: 'L' },
    });
    network.ok(beta, madeBy('vault', callOf(m.release, { instrument: BOND, lock: 'L', to: beta, amount: 1n })));
    for (const [numerator, denominator, code] of [
      [0, 1, 'SPLIT_INVALID'],
      [1, 0, 'SPLIT_INVALID'],
      [3, 3, 'SPLIT_INVALID'],
      [3, 1, 'SPLIT_FRACTION'],
      [1, 4, 'SPLIT_FRACTION'],
    ] as const) {
      expect(refused(network, alfa, begin(numerator, denominator)).code, `${numerator}:${denominator}`).to.equal(code);
    }
    expect(refused(network, alfa, begin(2, 1, 2)).code).to.equal('VERSION_MISMATCH');
    const big = paused({ cap: MAX_AMOUNT });
    expect(refused(big, alfa, begin(2, 1)).code).to.equal('AMOUNT_OVERFLOW');
  });

  it('is refused before it begins where the nominal value of its end would be no amount', () => {
    const network = paused({ kind: 'fundUnit', nominal: MAX_AMOUNT });
    expect(refused(network, alfa, begin(1, 2)).code).to.equal('AMOUNT_OVERFLOW');
    expect(network.view(m.split, { instrument: BOND })).to.equal(undefined);
    const half = paused({ kind: 'fundUnit', nominal: MAX_AMOUNT / 2n });
    half.ok(alfa, [begin(1, 2), go(9), go(9)]);
    expect(half.view(m.instrument, { instrument: BOND })?.nominal).to.equal((MAX_AMOUNT / 2n) * 2n);
    half.ok(alfa, callOf(m.resume, { instrument: BOND }));
  });

  it('lets nothing else change the instrument until it has ended', () => {
    const network = paused();
    network.ok(alfa, begin(2, 1));
    for (const [signers, call] of [
      [[alfa], callOf(m.issue, { instrument: BOND, account: beta, amount: 1n })],
      [[alfa, beta], callOf(m.redeem, { instrument: BOND, account: beta, amount: 1n })],
      [[alfa], amend({ cap: 5_000n })],
      [[alfa], begin(2, 1)],
      [[alfa], callOf(m.resume, { instrument: BOND })],
    ] as const) {
      expect(refused(network, signers[0], call, signers).code).to.equal('SPLIT_UNDER_WAY');
    }
    expect(network.refused(beta, move(beta, gamma)).code).to.equal('INSTRUMENT_PAUSED');
    const keep = callOf(m.lock, { instrument: BOND, lock: 'L', holder: beta, amount: 1n });
    expect(network.refused(beta, madeBy('vault', keep)).code).to.equal('INSTRUMENT_PAUSED');
    expect(refused(network, alfa, go(0)).code).to.equal('LIMIT_ZERO');
  });

  it('waits for orders that keep a number of units, and for none that keeps all of them', () => {
    const frozen = (freezes: readonly { order: string; amount?: bigint; until?: number }[], account = beta) =>
      byOrders(callOf(m.setFreezes, { instrument: BOND, account, freezes }));
    const network = paused();
    network.ok(central, frozen([{ order: 'F-1', amount: 5n }]));
    expect(refused(network, alfa, begin(2, 1)).code).to.equal('UNITS_FROZEN');
    network.ok(central, frozen([{ order: 'F-1', amount: 5n, until: TODAY_MS }]));
    network.ok(central, frozen([{ order: 'F-2' }], gamma));
    network.ok(alfa, begin(2, 1));
    expect(network.refused(central, frozen([{ order: 'F-3', amount: 5n }])).code).to.equal('SPLIT_UNDER_WAY');
    network.ok(central, frozen([{ order: 'F-3' }]));
    const seize = { instrument: BOND, from: beta, to: central, amount: 1n, order: 'S-1' };
    expect(network.refused(central, byOrders(callOf(m.seize, seize))).code).to.equal('SPLIT_UNDER_WAY');
    network.ok(central, [go(9), byOrders(callOf(m.seize, seize))]);
    expect([holding(network, beta), holding(network, central)]).to.deep.equal([1_199n, 1n]);
  });
});

describe('eligibility', () => {
  const listed = { eligibility: { roles: [], admittedOnly: true } };
  const admit = (member: string) => callOf(m.admit, { instrument: BOND, member });
  const closed = () => {
    const network = bondNetwork();
    network.ok(alfa, [amend(listed), admit(BANKS.gamma)]);
    return network;
  };
  const NOT_LISTED = { code: 'NOT_ELIGIBLE', data: { member: BANKS.beta, rule: 'admission' } };

  it('is a list that the issuer keeps', () => {
    const network = closed();
    expect(refused(network, beta, admit(BANKS.beta)).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(refused(network, alfa, admit(BANKS.gamma))).to.deep.include({
      code: 'ADMISSION_UNCHANGED',
      data: { member: BANKS.gamma, admitted: true },
    });
    expect(refused(network, alfa, admit('NOSUCHXX'))).to.deep.include({
      code: 'MEMBER_UNKNOWN',
      data: { member: 'NOSUCHXX' },
    });
    network.ok(alfa, admit(CUSTODIAN));
    const list = (after?: string) => network.view(m.admitted, { instrument: BOND, limit: 9, after });
    expect([list(), list(CUSTODIAN)]).to.deep.equal([[CUSTODIAN, BANKS.gamma], [BANKS.gamma]]);
    network.ok(alfa, callOf(m.exclude, { instrument: BOND, member: CUSTODIAN }));
    network.ok(alfa, callOf(m.exclude, { instrument: BOND, member: BANKS.gamma }));
    expect(list()).to.deep.equal([]);
    expect(refused(network, alfa, callOf(m.exclude, { instrument: BOND, member: BANKS.gamma })).code).to.equal(
      'ADMISSION_UNCHANGED',
    );
  });

  it('is asked by issue, transfer and release, and no path passes it', () => {
    const network = closed();
    network.ok(gamma, move(beta, gamma), [gamma, beta]);
    for (const [signers, call] of [
      [[alfa], callOf(m.issue, { instrument: BOND, account: beta, amount: 1n })],
      [[gamma], move(gamma, beta)],
    ] as const) {
      expect(refused(network, signers[0], call, signers)).to.deep.include(NOT_LISTED);
    }
    const lock = { instrument: BOND, lock: 'L' };
    network.ok(gamma, madeBy('vault', callOf(m.lock, { ...lock, holder: gamma, amount: 2n })));
    expect(
      refused(network, gamma, madeBy('vault', callOf(m.release, { ...lock, to: beta, amount: 1n }))),
    ).to.deep.include(NOT_LISTED);
    network.ok(gamma, madeBy('vault', callOf(m.release, { ...lock, to: gamma, amount: 2n })));
    expect(network.view(m.ineligibility, { instrument: BOND, account: beta })).to.equal('admission');
    expect(network.view(m.ineligibility, { instrument: BOND, account: gamma })).to.equal(undefined);
  });

  it('holds for the legs of an instruction', () => {
    const network = closed();
    const values = {
      ...({ id: 'GAMAITMM-1', instructor: gamma, model: 'gross', settler: undefined, rate: undefined } as const),
      legs: [{ instrument: BOND, currency: undefined, amount: 1n, from: gamma, to: beta }],
      deadline: DEADLINE,
    };
    const agreed = { id: values.id, terms: termsHash(values) };
    const s = settlement.methods;
    network.ok(gamma, [
      callOf(s.instruct, values),
      callOf(s.allocate, { ...agreed, account: gamma, isCommitted: false }),
    ]);
    expect(refused(network, beta, callOf(s.approve, { ...agreed, account: beta }))).to.deep.include(NOT_LISTED);
    network.ok(gamma, callOf(s.withdraw, { id: values.id, account: gamma }));
  });

  it('does not stand above an order, which says itself who receives', () => {
    const network = closed();
    const seize = { instrument: BOND, from: gamma, to: central, amount: 1n, order: 'S-1' };
    network.ok(central, byOrders(callOf(m.seize, seize)));
    expect(holding(network, central)).to.equal(1n);
  });

  it('leaves whoever is excluded what it has, its locks, and a way out', () => {
    const network = bondNetwork();
    const lock = { instrument: BOND, lock: 'L' };
    network.ok(beta, madeBy('vault', callOf(m.lock, { ...lock, holder: beta, amount: 5n })));
    network.ok(alfa, [amend(listed), admit(BANKS.gamma)]);
    expect(holding(network, beta)).to.equal(600n);
    network.ok(beta, madeBy('vault', callOf(m.release, { ...lock, to: beta, amount: 1n })));
    network.ok(beta, madeBy('vault', callOf(m.release, { ...lock, to: gamma, amount: 4n })));
    network.ok(beta, [move(beta, gamma, 90n), move(beta, alfa, 6n)]);
    expect(holding(network, beta)).to.equal(500n);
  });

  it('may ask for a role of the receiver’s member, and lets the issuer have its own units back', () => {
    const network = bondNetwork();
    network.ok(alfa, amend({ eligibility: { roles: ['custodian', 'centralBank'], admittedOnly: false } }));
    expect(refused(network, beta, move(beta, gamma)).data).to.deep.equal({ member: BANKS.gamma, rule: 'role' });
    network.ok(beta, [move(beta, custodian), move(beta, central), move(beta, alfa)]);
    expect(refused(network, beta, move(beta, alfaSecond)).data).to.deep.equal({ member: BANKS.alfa, rule: 'role' });
    network.ok(custodian, move(custodian, central), CUSTODY);
    network.ok(alfa, [
      amend({ eligibility: { roles: ['custodian', 'centralBank'], admittedOnly: true } }, 2),
      admit(CENTRAL_BANK),
    ]);
    network.ok(beta, move(beta, central));
    expect(refused(network, beta, move(beta, custodian)).data).to.deep.equal({ member: CUSTODIAN, rule: 'admission' });
  });
});

describe('an instrument in all its parts', () => {
  it('has no code that nothing reaches, but for those of locks and records, which have tests of their own', () => {
    const others = [
      'FROZEN',
      'LOCKED',
      'INSTRUMENT_EXISTS',
      'INSUFFICIENT_UNITS',
      'STATUS_UNCHANGED',
      'INSTRUMENT_PAUSED',
      'ADMITTED_TOO_MANY',
      'INSTRUMENT_UNKNOWN',
      'AMOUNT_ZERO',
      'SAME_ACCOUNT',
    ];
    const elsewhere = /^(LOCK|RECORDS?|REDEMPTION|PILOT|HOLDING)_/;
    const declared = Object.keys(assets.abi().errors).filter((code) => !elsewhere.test(code));
    expect(declared.filter((code) => !codesSeen.has(code) && !others.includes(code))).to.deep.equal([]);
  });
});
