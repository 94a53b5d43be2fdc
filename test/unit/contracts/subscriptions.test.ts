import { expect } from 'chai';
import { actions, assets, cash, subscriptions } from '../../../contracts/index.js';
import { toChecksum } from '../../../primitives/address.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Address, Call } from '../../../primitives/types.js';
import { amend, BOND, bondNetwork, bondTerms, DEADLINE, holding, subscribe } from '../../support/bondNetwork.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

const m = subscriptions.methods;
const { alfa, beta, gamma, central } = ACCOUNTS;
const S1 = 'BETAFRPP-S1';
const codesSeen = new Set<string>();

function refused(network: TestNetwork, sender: Address, call: Call) {
  const refusal = network.refused(sender, call);
  if (Object.hasOwn(subscriptions.abi().errors, refusal.code)) codesSeen.add(refusal.code);
  return refusal;
}

describe('a subscription', () => {
  const locked = (network: TestNetwork, account: Address) =>
    network.view(cash.methods.locked, { currency: 'EUR', account });
  const open = (network: TestNetwork) => network.view(m.toInstrument, { instrument: BOND, limit: 9 });
  const subscribed = () => {
    const network = bondNetwork();
    network.ok(beta, subscribe(S1));
    return network;
  };

  it('locks the whole price by the investor’s authorisation', () => {
    const network = bondNetwork();
    expect(refused(network, gamma, subscribe(S1)).data).to.deep.equal({ rule: 'account', subject: beta });
    network.ok(beta, subscribe(S1));
    expect([network.balance(beta), locked(network, beta)]).to.deep.equal([901_000n, 99_000n]);
    expect(open(network)).to.deep.equal([S1]);
    expect(network.view(m.ofAccount, { account: beta, limit: 9 })).to.have.lengthOf(1);
    const after = { instrument: BOND, id: S1 };
    expect(network.view(m.ofAccount, { account: beta, limit: 9, after })).to.deep.equal([]);
    expect(network.view(m.toInstrument, { instrument: BOND, limit: 9, after: S1 })).to.deep.equal([]);
    expect(network.view(m.subscription, { id: S1 })).to.deep.include({ units: 100n, price: 990n, version: 1 });
  });

  it('is refused where it could not be allotted as it stands', () => {
    const network = bondNetwork();
    for (const [change, code] of [
      [{ version: 2 }, 'VERSION_MISMATCH'],
      [{ instrument: 'none' }, 'INSTRUMENT_UNKNOWN'],
      [{ units: 0n }, 'AMOUNT_ZERO'],
      [{ price: 0n }, 'AMOUNT_ZERO'],
      [{ units: MAX_AMOUNT, price: 2n }, 'AMOUNT_OVERFLOW'],
      [{ deadline: TODAY_MS }, 'DEADLINE_INVALID'],
      [{ deadline: TODAY_MS + 367 * 86_400_000 }, 'DEADLINE_INVALID'],
      [{ id: 'ALFADEFF-S1' }, 'ID_INVALID'],
      [{ id: `BETAFRPP-${'x'.repeat(52)}` }, 'ID_INVALID'],
    ] as const) {
      expect(refused(network, beta, subscribe(S1, change)).code, JSON.stringify(Object.keys(change))).to.equal(code);
    }
    expect(refused(network, alfa, subscribe('ALFADEFF-S1', { account: alfa })).code).to.equal('SAME_ACCOUNT');
    const full = bondNetwork({ cap: 630n });
    expect(refused(full, beta, subscribe(S1)).code).to.equal('CAP_EXCEEDED');
    expect(refused(network, beta, subscribe(S1, { units: 1_011n })).code).to.equal('INSUFFICIENT_FUNDS');
    network.ok(beta, subscribe(S1));
    expect(refused(network, beta, subscribe(S1)).code).to.equal('SUBSCRIPTION_EXISTS');
  });

  it('is allotted in part: units for their price in one step, the rest of the money back', () => {
    const network = subscribed();
    const allot = (units: bigint) => callOf(m.allot, { id: S1, units });
    expect(refused(network, beta, allot(1n)).data).to.deep.equal({ rule: 'account', subject: alfa });
    expect(refused(network, alfa, allot(0n)).code).to.equal('AMOUNT_ZERO');
    expect(refused(network, alfa, allot(101n)).data).to.deep.equal({ subscribed: '100', required: '101' });
    network.ok(alfa, allot(40n));
    expect(holding(network, beta)).to.equal(640n);
    expect([network.balance(alfa), network.balance(beta)]).to.deep.equal([1_039_600n, 960_400n]);
    expect([locked(network, beta), open(network)]).to.deep.equal([0n, []]);
    expect(network.view(assets.methods.supply, { instrument: BOND })).to.deep.equal({
      issued: 670n,
      redeemed: 0n,
      splits: 0,
    });
    expect(refused(network, alfa, allot(1n)).code).to.equal('SUBSCRIPTION_UNKNOWN');
    expect(refused(network, beta, subscribe(S1)).code).to.equal('SUBSCRIPTION_EXISTS');
  });

  it('is allotted up to the cap, and as a whole', () => {
    const network = bondNetwork();
    network.ok(beta, subscribe(S1, { units: 371n, price: 1n }));
    expect(refused(network, alfa, callOf(m.allot, { id: S1, units: 371n })).data).to.deep.equal({
      cap: '1000',
      outstanding: '630',
    });
    network.ok(alfa, callOf(m.allot, { id: S1, units: 370n }));
    expect(network.balance(beta)).to.equal(1_000_000n - 370n);
  });

  it('is not allotted under other terms than those that were subscribed to', () => {
    const network = subscribed();
    network.ok(alfa, amend({ cap: 2_000n }));
    expect(refused(network, alfa, callOf(m.allot, { id: S1, units: 1n })).data).to.deep.equal({
      expected: 1,
      actual: 2,
    });
    network.ok(alfa, callOf(m.decline, { id: S1 }));
    expect(network.balance(beta)).to.equal(1_000_000n);
  });

  it('gives all the money back when it is declined, cancelled or expired', () => {
    const network = TestNetwork.funded();
    network.ok(alfa, callOf(assets.methods.create, { instrument: BOND, ...bondTerms }));
    const at = (sender: Address, call: Call, timestamp: number) =>
      network.ledger.run({ sender, signers: [sender], calls: [call], height: 1, timestamp }).failure?.code;
    const ends: readonly (readonly [Address, Call, number])[] = [
      [alfa, callOf(m.decline, { id: 'BETAFRPP-0' }), TODAY_MS],
      [beta, callOf(m.cancel, { id: 'BETAFRPP-1' }), TODAY_MS],
      [gamma, callOf(m.expire, { id: 'BETAFRPP-2' }), DEADLINE],
    ];
    ends.forEach(([sender, call, time], index) => {
      network.ok(beta, subscribe(`BETAFRPP-${index}`));
      expect(network.balance(beta)).to.equal(901_000n);
      expect(at(sender, call, time)).to.equal(undefined);
      expect([network.balance(beta), locked(network, beta), open(network)]).to.deep.equal([1_000_000n, 0n, []]);
      expect(at(sender, call, time)).to.equal('SUBSCRIPTION_UNKNOWN');
    });
  });

  it('is allotted before its deadline, and expires from it on', () => {
    const network = subscribed();
    expect(refused(network, gamma, callOf(m.expire, { id: S1 })).data).to.deep.equal({
      deadline: DEADLINE,
    });
    const late = { sender: alfa, signers: [alfa], height: 1, timestamp: DEADLINE };
    const { failure } = network.ledger.run({ ...late, calls: [callOf(m.allot, { id: S1, units: 1n })] });
    expect(failure?.code).to.equal('DEADLINE_PASSED');
    codesSeen.add('DEADLINE_PASSED');
  });

  it('ends although the members have given its money back already', () => {
    const network = subscribed();
    expect(
      network.govern(callOf(cash.methods.returnLock, { currency: 'EUR', contract: 'subscriptions', lock: S1 })),
    ).to.equal('');
    expect(refused(network, alfa, callOf(m.allot, { id: S1, units: 1n })).code).to.equal('LOCK_UNKNOWN');
    network.ok(beta, callOf(m.cancel, { id: S1 }));
    expect(network.balance(beta)).to.equal(1_000_000n);
  });

  it('finds no account that may not take part, and room for a hundred of one', () => {
    const network = subscribed();
    network.suspend(BANKS.beta);
    expect(refused(network, alfa, callOf(m.allot, { id: S1, units: 1n })).code).to.equal('SUSPENDED');
    network.ok(alfa, callOf(m.decline, { id: S1 }));
    for (let index = 0; index < 100; index++) {
      const id = `GAMAITMM-${index}`;
      network.ok(gamma, subscribe(id, { account: gamma, units: 1n, price: 1n }));
    }
    expect(refused(network, gamma, subscribe('GAMAITMM-more', { account: gamma })).data).to.deep.equal({ limit: 100 });
  });

  it('is taken while no split is under way, and one of before a split is left without its units', () => {
    const network = bondNetwork();
    network.ok(beta, subscribe(S1));
    network.ok(alfa, callOf(assets.methods.pause, { instrument: BOND }));
    const ratio = { expectedVersion: 1, numerator: 2, denominator: 1 };
    network.ok(alfa, callOf(assets.methods.beginSplit, { instrument: BOND, ...ratio }));
    expect(refused(network, gamma, subscribe('GAMAITMM-S1', { account: gamma })).code).to.equal('SPLIT_UNDER_WAY');
    const allot = callOf(m.allot, { id: S1, units: 1n });
    expect(refused(network, alfa, allot).code).to.equal('SPLIT_UNDER_WAY');
    network.ok(alfa, callOf(assets.methods.continueSplit, { instrument: BOND, limit: 9 }));
    expect(refused(network, alfa, allot).code).to.equal('VERSION_MISMATCH');
    network.ok(beta, callOf(m.cancel, { id: S1 }));
  });

  it('is not taken for units that are to be redeemed', () => {
    const network = bondNetwork({ callableFrom: TODAY });
    const { nominal: price } = bondTerms;
    const none = { recordHeight: undefined, coupon: undefined, floating: undefined, distribution: undefined };
    const action = { id: 'ALFADEFF-R1', instrument: BOND, issuer: alfa, version: 1, currency: 'EUR' };
    const times = { paymentDay: TODAY, deadline: TODAY_MS + 86_400_000 * 2, declared: 630_000n };
    const redemption = { price, part: 1, whole: 1 };
    network.ok(alfa, callOf(actions.methods.declare, { ...action, ...times, ...none, redemption }));
    expect(refused(network, beta, subscribe(S1)).code).to.equal('REDEMPTION_UNDER_WAY');
  });

  it('is taken of who may receive the units, and asked for that again when they are allotted', () => {
    const network = bondNetwork();
    const admitted = { instrument: BOND, member: BANKS.gamma };
    const listed = amend({ eligibility: { roles: [], admittedOnly: true } });
    network.ok(alfa, [listed, callOf(assets.methods.admit, admitted)]);
    expect(refused(network, beta, subscribe(S1, { version: 2 }))).to.deep.include({
      code: 'NOT_ELIGIBLE',
      data: { account: toChecksum(beta), rule: 'admission' },
    });
    const id = 'GAMAITMM-S1';
    network.ok(gamma, subscribe(id, { version: 2, account: gamma }));
    network.ok(alfa, callOf(assets.methods.exclude, admitted));
    expect(refused(network, alfa, callOf(m.allot, { id, units: 1n })).code).to.equal('NOT_ELIGIBLE');
  });
});

describe('a subscription of a suspended account', () => {
  it('is taken back by the central bank that issues the currency, and by nobody else', () => {
    const network = bondNetwork();
    const cancel = callOf(m.cancel, { id: S1 });
    const before = network.balance(beta);
    network.ok(beta, subscribe(S1));
    expect(refused(network, central, cancel).code).to.equal('UNAUTHORISED');
    network.suspend(BANKS.beta);
    expect(refused(network, beta, cancel).code).to.equal('SUSPENDED');
    expect(refused(network, alfa, cancel).data).to.deep.equal({ rule: 'account', subject: beta });
    network.ok(central, cancel);
    expect(network.balance(beta)).to.equal(before);
    expect(network.view(m.subscription, { id: S1 })).to.equal(undefined);
  });
});

describe('the contract of subscriptions', () => {
  it('has no code that nothing reaches', () => {
    expect([...codesSeen].sort()).to.deep.equal(Object.keys(subscriptions.abi().errors).sort());
  });
});
