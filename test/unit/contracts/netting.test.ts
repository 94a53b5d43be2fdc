import { expect } from 'chai';
import { cash, membership, netting, orders, supervision } from '../../../contracts/index.js';
import { orderTermsHash } from '../../../contracts/orders/proposals.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  callOf,
  keyOf,
  possessionOf,
  TestNetwork,
  TODAY,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const n = netting.methods;
const { central, alfa, alfaSecond, beta, gamma, custodian, unknown } = ACCOUNTS;
const ID = `${CENTRAL_BANK}-N1`;
const CUT_OFF = TODAY_MS + 60_000;
const ROUND_MS = 30_000;
const ROUND_1 = CUT_OFF + ROUND_MS;
const EUR = 'EUR';
const checker = keyOf('central checker');

type OpenArgs = Parameters<typeof n.open.args.encode>[0];

const terms = (change: Partial<OpenArgs> = {}): OpenArgs => ({
  ...{ id: ID, operator: central, currency: EUR, participants: [alfa, beta, gamma], cutOffAt: CUT_OFF },
  ...{ roundMs: ROUND_MS, maxRounds: 3, creditors: 'confirm' },
  ...change,
});
const open = (change: Partial<OpenArgs> = {}): Call => callOf(n.open, terms(change));
const owes = (debtor: Address, ...obligations: readonly (readonly [Address, bigint, string])[]): Call =>
  callOf(n.submit, {
    ...{ id: ID, debtor },
    obligations: obligations.map(([creditor, amount, reference]) => ({ creditor, amount, reference })),
  });
const withdraw = (account: Address, debtor = alfa, reference = 'A1'): Call =>
  callOf(n.withdraw, { id: ID, debtor, reference, account });
const freeze = callOf(n.freeze, { id: ID });
const endRound = callOf(n.endRound, { id: ID });
const lapse = callOf(n.lapse, { id: ID });
const cancel = callOf(n.cancel, { id: ID });
const confirm = (account: Address, net: bigint, round = 1): Call =>
  callOf(n.confirm, { id: ID, account, round, net: { isDebit: net < 0n, amount: net < 0n ? -net : net } });
const object = (account: Address, round = 1): Call => callOf(n.object, { id: ID, account, round });

describe('a netting cycle', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  const run = (timestamp: number, sender: Address, call: Call) =>
    network.ledger.run({ sender, signers: [sender], calls: [call], height: 9, timestamp });
  const okAt = (timestamp: number, sender: Address, call: Call) => {
    const receipt = run(timestamp, sender, call);
    expect(receipt.failure, `${receipt.failure?.failedCall}: ${receipt.failure?.message}`).to.equal(undefined);
    return receipt;
  };
  const codeAt = (timestamp: number, sender: Address, call: Call) => {
    const before = network.ledger.snapshot();
    const code = run(timestamp, sender, call).failure?.code ?? '';
    if (code !== '') {
      network.codesSeen.add(`netting.${code}`);
      expect(network.ledger.snapshot()).to.deep.equal(before);
    }
    return code;
  };
  const refusedBy = (sender: Address, call: Call) => network.refused(sender, call).code;
  const status = () => network.view(n.cycle, { id: ID })?.status;
  const nets = () => network.view(n.nets, { id: ID }).nets.map(({ isDebit, amount }) => (isDebit ? -amount : amount));
  const locked = (account: Address) => network.view(cash.methods.locked, { currency: EUR, account });
  const balances = () => [alfa, beta, gamma].map((account) => network.balance(account));
  const left = () =>
    network
      .view(n.participants, { id: ID })
      .flatMap(({ excluded }) => (excluded === undefined ? [] : [excluded.reason]));
  const statusOf = (debtor: Address, reference: string) =>
    network.view(n.obligation, { id: ID, debtor, reference })?.status;
  /** Two persons of the central bank keep an amount in an account. */
  const order = (account: Address, amount: bigint) => {
    const terms = {
      id: `${CENTRAL_BANK}-1`,
      authority: 'a court',
      document: new Uint8Array(32).fill(3),
      currency: EUR,
    };
    const frozen = { ...terms, account, amount };
    network.ok(checker.address, callOf(orders.methods.proposeFreeze, frozen));
    const hash = orderTermsHash({ ...frozen, kind: 'freeze' });
    network.ok(central, callOf(orders.methods.confirm, { id: terms.id, terms: hash }));
  };

  /** alfa −70, beta +40, gamma +30: of 100 + 60 + 30 = 190 gross. */
  const ring = () => {
    network.ok(central, open());
    network.ok(alfa, owes(alfa, [beta, 100n, 'A1']));
    network.ok(beta, owes(beta, [gamma, 60n, 'B1']));
    network.ok(gamma, owes(gamma, [alfa, 30n, 'C1']));
  };
  const frozenRing = () => {
    ring();
    okAt(CUT_OFF, gamma, freeze);
  };

  beforeEach(() => {
    network = TestNetwork.funded();
    const possession = possessionOf(checker, CENTRAL_BANK);
    const { address, publicKey } = checker;
    const policy = { label: 'checker', threshold: 1, keys: [address], checkers: [] };
    network.ok(central, [
      callOf(membership.methods.registerKey, { member: CENTRAL_BANK, suite: 1, publicKey, possession }),
      callOf(membership.methods.openAccount, { member: CENTRAL_BANK, ...policy }),
    ]);
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  it('pays nobody by an obligation of whom orders keep more than it has, or of a member that is suspended, whatever is due to it', () => {
    const chain = () => {
      network.ok(central, open({ creditors: 'assent' }));
      network.ok(gamma, owes(gamma, [alfa, 500n, 'C1']));
      network.ok(alfa, owes(alfa, [beta, 500n, 'A1']));
      okAt(CUT_OFF, gamma, freeze);
      okAt(CUT_OFF, gamma, confirm(gamma, -500n));
    };
    chain();
    order(alfa, 2_000_000n);
    expect(codeAt(ROUND_1 - 1, beta, endRound)).to.equal('ROUND_GOES_ON');
    okAt(ROUND_1, beta, endRound);
    expect([left(), status(), balances()]).to.deep.equal([['blocked'], 'failed', [1_000_000n, 1_000_000n, 1_000_000n]]);
  });

  it('pays by no obligation of a suspended member that pays and receives as much', () => {
    network.ok(central, open({ creditors: 'assent' }));
    network.ok(gamma, owes(gamma, [alfa, 500n, 'C1']));
    network.ok(alfa, owes(alfa, [beta, 500n, 'A1']));
    network.suspend(BANKS.alfa);
    okAt(CUT_OFF, gamma, freeze);
    okAt(CUT_OFF, gamma, confirm(gamma, -500n));
    okAt(ROUND_1, beta, endRound);
    expect([left(), status()]).to.deep.equal([['blocked'], 'failed']);
  });

  it('counts each obligation against its debtor’s limits as it is submitted, and what funds it no more', () => {
    const limits = { currency: EUR, account: alfa, perPayment: 300n, perDay: 400n, keys: [] };
    network.ok(alfa, callOf(cash.methods.setLimits, limits));
    network.ok(
      alfa,
      callOf(cash.methods.setCounterpartyLimit, { currency: EUR, account: alfa, creditor: gamma, amount: 10n }),
    );
    network.ok(central, open());
    network.ok(beta, owes(beta, [alfa, 1_000n, 'B1']));
    expect(refusedBy(alfa, owes(alfa, [beta, 301n, 'A1']))).to.equal('LIMIT_PER_PAYMENT');
    expect(refusedBy(alfa, owes(alfa, [gamma, 11n, 'A1']))).to.equal('LIMIT_COUNTERPARTY');
    network.ok(alfa, owes(alfa, [beta, 300n, 'A1']));
    expect(refusedBy(alfa, owes(alfa, [beta, 101n, 'A2']))).to.equal('LIMIT_PER_DAY');
    expect(network.view(cash.methods.limits, { currency: EUR, account: alfa })?.used).to.equal(300n);
  });

  it('counts each obligation once against an authority’s rule, towards the bank that it is owed to', () => {
    const rule = { currency: EUR, account: alfa, counterparty: BANKS.beta, limit: 100n, offsetting: [] };
    network.ok(central, callOf(supervision.methods.setExposure, rule));
    ring();
    expect(refusedBy(alfa, owes(alfa, [beta, 1n, 'A2']))).to.equal('RULE_EXPOSURE');
    okAt(CUT_OFF, gamma, freeze);
    for (const [account, net] of [
      [alfa, -70n],
      [beta, 40n],
      [gamma, 30n],
    ] as const) {
      okAt(CUT_OFF, account, confirm(account, net));
    }
    expect(status()).to.equal('settled');
    const { exposures } = network.view(supervision.methods.left, { currency: EUR, account: alfa, day: TODAY });
    expect(exposures).to.deep.equal([{ counterparty: BANKS.beta, limit: 100n, used: 100n }]);
  });

  it('settles what all owe each other by what each owes on balance, with the last answer', () => {
    ring();
    expect(nets()).to.deep.equal([-70n, 40n, 30n]);
    okAt(CUT_OFF, gamma, freeze);
    okAt(CUT_OFF, alfa, confirm(alfa, -70n));
    expect([locked(alfa), status()]).to.deep.equal([70n, 'frozen']);
    okAt(CUT_OFF, beta, confirm(beta, 40n));
    const { results, events } = okAt(CUT_OFF + 1, gamma, confirm(gamma, 30n));
    expect(n.confirm.returns?.decode(results[0] as Uint8Array)).to.deep.equal({ isSettled: true, obstacle: undefined });
    expect(balances()).to.deep.equal([999_930n, 1_000_040n, 1_000_030n]);
    expect([locked(alfa), status(), statusOf(alfa, 'A1')]).to.deep.equal([0n, 'settled', 'settled']);
    const settled = events.find(({ name }) => name === 'Settled');
    expect(netting.codec.decodeEvent('Settled', settled?.data ?? new Uint8Array())).to.deep.equal({
      ...{ id: ID, round: 1, gross: '190', net: '70', payments: 2 },
    });
  });

  it('says what any set comes to, so that anybody can add it up', () => {
    ring();
    const set = network.view(n.obligations, { id: ID, limit: 100 });
    const sums = [alfa, beta, gamma].map((account) =>
      set.reduce(
        (sum, { debtor, creditor, amount }) =>
          sum + (creditor === account ? amount : 0n) - (debtor === account ? amount : 0n),
        0n,
      ),
    );
    expect(sums).to.deep.equal(nets());
    expect(network.view(n.payments, { id: ID })).to.deep.equal([
      { from: alfa, to: beta, amount: 40n },
      { from: alfa, to: gamma, amount: 30n },
    ]);
  });

  it('nets two banks against each other', () => {
    network.ok(central, open({ participants: [alfa, beta] }));
    network.ok(alfa, owes(alfa, [beta, 100n, 'A1'], [beta, 20n, 'A2']));
    network.ok(beta, owes(beta, [alfa, 90n, 'B1']));
    okAt(CUT_OFF, alfa, freeze);
    okAt(CUT_OFF, alfa, confirm(alfa, -30n));
    okAt(CUT_OFF, beta, confirm(beta, 30n));
    expect([status(), network.balance(alfa), network.balance(beta)]).to.deep.equal(['settled', 999_970n, 1_000_030n]);
  });

  it('settles what comes to nothing on balance without any money', () => {
    network.ok(central, open({ participants: [alfa, beta] }));
    network.ok(alfa, owes(alfa, [beta, 5_000_000n, 'A1']));
    network.ok(beta, owes(beta, [alfa, 5_000_000n, 'B1']));
    okAt(CUT_OFF, alfa, freeze);
    okAt(CUT_OFF, alfa, confirm(alfa, 0n));
    okAt(CUT_OFF, beta, confirm(beta, 0n));
    expect([status(), network.balance(alfa)]).to.deep.equal(['settled', 1_000_000n]);
  });

  describe('whose round ends without everybody', () => {
    it('excludes who does not fund, gives back what others have set aside too much, and asks for what is missing', () => {
      // alfa −100 + 30 = −70; without gamma alfa −100, beta +100.
      frozenRing();
      okAt(CUT_OFF, alfa, confirm(alfa, -70n));
      okAt(CUT_OFF, beta, confirm(beta, 40n));
      expect(codeAt(ROUND_1 - 1, alfa, endRound)).to.equal('ROUND_GOES_ON');
      okAt(ROUND_1, alfa, endRound);
      expect([left(), nets(), locked(alfa)]).to.deep.equal([['silent'], [-100n, 100n], 70n]);
      expect([statusOf(gamma, 'C1'), statusOf(beta, 'B1'), statusOf(alfa, 'A1')]).to.deep.equal([
        'unsettled',
        'unsettled',
        'frozen',
      ]);
      expect(codeAt(ROUND_1, gamma, confirm(gamma, 30n, 2))).to.equal('NOT_CONCERNED');
      expect(codeAt(ROUND_1, alfa, confirm(alfa, -70n, 2))).to.equal('NET_MISMATCH');
      expect(codeAt(ROUND_1, alfa, confirm(alfa, -70n, 1))).to.equal('ROUND_MISMATCH');
      okAt(ROUND_1, alfa, confirm(alfa, -100n, 2));
      expect(locked(alfa)).to.equal(100n);
      okAt(ROUND_1, beta, confirm(beta, 100n, 2));
      expect([status(), ...balances(), locked(alfa)]).to.deep.equal(['settled', 999_900n, 1_000_100n, 1_000_000n, 0n]);
    });

    it('leaves the answer of whoever has set aside enough, and what it has set aside beyond that goes back', () => {
      // alfa −100 to beta, −50 to gamma; gamma objects: alfa owes 100 only.
      network.ok(central, open());
      network.ok(alfa, owes(alfa, [beta, 100n, 'A1'], [gamma, 50n, 'A2']));
      okAt(CUT_OFF, alfa, freeze);
      okAt(CUT_OFF, alfa, confirm(alfa, -150n));
      okAt(CUT_OFF, beta, confirm(beta, 100n));
      okAt(CUT_OFF, gamma, object(gamma));
      expect(codeAt(CUT_OFF, gamma, confirm(gamma, 50n))).to.equal('ANSWERED_ALREADY');
      okAt(CUT_OFF + 1, beta, endRound);
      expect([left(), locked(alfa), status()]).to.deep.equal([['objected'], 100n, 'frozen']);
      okAt(CUT_OFF + 1, beta, endRound);
      expect([status(), ...balances()]).to.deep.equal(['settled', 999_900n, 1_000_100n, 1_000_000n]);
    });

    it('pays out of what was set aside in several rounds', () => {
      network.ok(central, open({ participants: [alfa, beta, gamma, custodian] }));
      network.ok(alfa, owes(alfa, [beta, 100n, 'A1'], [custodian, 7n, 'A2']));
      network.ok(gamma, owes(gamma, [alfa, 60n, 'C1']));
      network.ok(beta, owes(beta, [custodian, 1n, 'B1']));
      okAt(CUT_OFF, alfa, freeze);
      okAt(CUT_OFF, alfa, confirm(alfa, -47n));
      okAt(CUT_OFF, beta, confirm(beta, 99n));
      okAt(CUT_OFF, gamma, object(gamma));
      expect(codeAt(ROUND_1, custodian, endRound)).to.equal('UNAUTHORISED');
      okAt(ROUND_1, beta, endRound);
      expect([left(), nets()]).to.deep.equal([
        ['objected', 'silent'],
        [-100n, 100n],
      ]);
      okAt(ROUND_1, alfa, confirm(alfa, -100n, 2));
      expect(network.view(cash.methods.locks, { currency: EUR, contract: 'netting', limit: 9 })).to.have.lengthOf(2);
      okAt(ROUND_1, beta, confirm(beta, 100n, 2));
      expect([status(), ...balances()]).to.deep.equal(['settled', 999_900n, 1_000_100n, 1_000_000n]);
    });

    it('takes silence of whoever pays nothing for agreement where its rule says so, and of whoever pays never', () => {
      network.ok(central, open({ creditors: 'assent' }));
      network.ok(alfa, owes(alfa, [beta, 100n, 'A1']));
      network.ok(gamma, owes(gamma, [beta, 10n, 'C1']));
      okAt(CUT_OFF, alfa, freeze);
      okAt(CUT_OFF, alfa, confirm(alfa, -100n));
      expect(codeAt(CUT_OFF, alfa, endRound)).to.equal('ROUND_GOES_ON');
      okAt(ROUND_1, alfa, endRound);
      expect([left(), status()]).to.deep.equal([['unfunded'], 'frozen']);
      okAt(ROUND_1 + ROUND_MS, alfa, endRound);
      expect([status(), ...balances()]).to.deep.equal(['settled', 999_900n, 1_000_100n, 1_000_000n]);
    });

    it('fails after its last round, and everything goes back', () => {
      network.ok(central, open({ maxRounds: 1 }));
      network.ok(alfa, owes(alfa, [beta, 100n, 'A1']));
      network.ok(gamma, owes(gamma, [beta, 10n, 'C1']));
      okAt(CUT_OFF, alfa, freeze);
      okAt(CUT_OFF, alfa, confirm(alfa, -100n));
      okAt(CUT_OFF, beta, confirm(beta, 110n));
      okAt(ROUND_1, alfa, endRound);
      expect([status(), locked(alfa), ...balances()]).to.deep.equal(['failed', 0n, 1_000_000n, 1_000_000n, 1_000_000n]);
      expect(statusOf(alfa, 'A1')).to.equal('unsettled');
    });

    it('fails once nobody owes anybody that is left', () => {
      frozenRing();
      okAt(ROUND_1, alfa, endRound);
      expect([status(), left()]).to.deep.equal(['failed', ['unfunded', 'silent', 'silent']]);
      network.ok(central, open({ id: `${CENTRAL_BANK}-N2` }));
    });
  });

  describe('of which somebody is stopped', () => {
    const outcome = ({ results }: { readonly results: readonly Uint8Array[] }) =>
      n.confirm.returns?.decode(results[0] as Uint8Array);

    it('takes every answer, waits until the round ends, and excludes who is suspended still', () => {
      frozenRing();
      network.suspend(BANKS.gamma);
      okAt(CUT_OFF, beta, confirm(beta, 40n));
      expect(codeAt(CUT_OFF, gamma, confirm(gamma, 30n))).to.equal('SUSPENDED');
      okAt(CUT_OFF, alfa, confirm(alfa, -70n));
      okAt(ROUND_1, alfa, endRound);
      expect([left(), nets(), status()]).to.deep.equal([['silent'], [-100n, 100n], 'frozen']);
    });

    it('settles once a suspension is over', () => {
      frozenRing();
      okAt(CUT_OFF, gamma, confirm(gamma, 30n));
      okAt(CUT_OFF, beta, confirm(beta, 40n));
      network.suspend(BANKS.gamma);
      expect(outcome(okAt(CUT_OFF, alfa, confirm(alfa, -70n)))).to.deep.equal({
        ...{ isSettled: false, obstacle: 'NOT_DELIVERABLE' },
      });
      expect(codeAt(CUT_OFF, alfa, endRound)).to.equal('NOT_DELIVERABLE');
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.gamma }));
      okAt(CUT_OFF + 1, alfa, endRound);
      expect([status(), ...balances()]).to.deep.equal(['settled', 999_930n, 1_000_040n, 1_000_030n]);
    });

    it('excludes whose locks the members have given back', () => {
      frozenRing();
      okAt(CUT_OFF, alfa, confirm(alfa, -70n));
      expect(
        network.govern(callOf(cash.methods.returnLock, { currency: EUR, contract: 'netting', lock: `${ID}.0.1` })),
      ).to.equal('');
      okAt(CUT_OFF, beta, confirm(beta, 40n));
      expect(outcome(okAt(CUT_OFF, gamma, confirm(gamma, 30n)))?.obstacle).to.equal('NOT_DELIVERABLE');
      okAt(CUT_OFF, beta, endRound);
      expect([left(), nets()]).to.deep.equal([['unfunded'], [-60n, 60n]]);
    });

    it('lapses with its business day, and everything goes back', () => {
      frozenRing();
      okAt(CUT_OFF, alfa, confirm(alfa, -70n));
      expect(codeAt(CUT_OFF, gamma, lapse)).to.equal('BUSINESS_DAY_GOES_ON');
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
      expect(codeAt(CUT_OFF, gamma, confirm(gamma, 30n))).to.equal('BUSINESS_DAY_OVER');
      expect(codeAt(ROUND_1, gamma, endRound)).to.equal('BUSINESS_DAY_OVER');
      network.ok(central, callOf(cash.methods.openBusinessDay, { currency: EUR, day: TODAY + 1 }));
      expect(codeAt(ROUND_1, gamma, endRound)).to.equal('BUSINESS_DAY_OVER');
      okAt(ROUND_1, gamma, lapse);
      expect([status(), locked(alfa), network.balance(alfa)]).to.deep.equal(['lapsed', 0n, 1_000_000n]);
      expect(codeAt(ROUND_1, gamma, lapse)).to.equal('CYCLE_STATUS');
    });

    it('sets nothing aside that the account has not, or that orders keep', () => {
      frozenRing();
      order(alfa, 999_950n);
      expect(codeAt(CUT_OFF, alfa, confirm(alfa, -70n))).to.equal('FROZEN');
      const { debtor, amount } = { debtor: beta, amount: 1_000_000n };
      network.ok(beta, callOf(cash.methods.transfer, { currency: EUR, debtor, creditor: gamma, amount }));
      okAt(CUT_OFF, gamma, confirm(gamma, 30n));
      okAt(ROUND_1, gamma, endRound);
      expect([left(), nets()]).to.deep.equal([['unfunded', 'silent'], [0n]]);
      expect(status()).to.equal('failed');
    });

    it('excludes of whom orders keep what was set aside, and gives it back to where they keep it', () => {
      frozenRing();
      okAt(CUT_OFF, alfa, confirm(alfa, -70n));
      order(alfa, 999_931n);
      okAt(CUT_OFF, beta, confirm(beta, 40n));
      expect(outcome(okAt(CUT_OFF, gamma, confirm(gamma, 30n)))?.obstacle).to.equal('NOT_DELIVERABLE');
      okAt(ROUND_1, gamma, endRound);
      expect([left(), nets(), locked(alfa)]).to.deep.equal([['blocked'], [-60n, 60n], 0n]);
    });

    it('pays out of a lock what orders do not keep', () => {
      frozenRing();
      okAt(CUT_OFF, alfa, confirm(alfa, -70n));
      order(alfa, 999_930n);
      okAt(CUT_OFF, beta, confirm(beta, 40n));
      okAt(CUT_OFF, gamma, confirm(gamma, 30n));
      expect([status(), network.balance(alfa)]).to.deep.equal(['settled', 999_930n]);
    });
  });

  describe('while its set is open', () => {
    beforeEach(() => ring());

    it('loses an obligation once debtor and creditor have both said so', () => {
      network.ok(beta, withdraw(beta));
      expect([refusedBy(beta, withdraw(beta)), refusedBy(gamma, withdraw(gamma))]).to.deep.equal([
        'REQUESTED_ALREADY',
        'NOT_A_PARTY',
      ]);
      expect(network.view(n.obligation, { id: ID, debtor: alfa, reference: 'A1' })?.withdrawnBy).to.equal('creditor');
      expect(nets()).to.deep.equal([-70n, 40n, 30n]);
      network.ok(alfa, withdraw(alfa));
      expect(nets()).to.deep.equal([30n, -60n, 30n]);
      expect(refusedBy(alfa, withdraw(alfa))).to.equal('OBLIGATION_UNKNOWN');
      network.ok(alfa, owes(alfa, [beta, 1n, 'A1'], [beta, 2n, 'A2']));
      network.ok(alfa, withdraw(alfa));
      network.ok(beta, withdraw(beta));
      expect(nets()).to.deep.equal([28n, -58n, 30n]);
      const { gross = 0n, obligations } = network.view(n.cycle, { id: ID }) ?? {};
      expect([gross, obligations]).to.deep.equal([92n, 3]);
    });

    it('takes no obligation but its debtor’s own, between participants, of an amount, under a new reference', () => {
      expect(refusedBy(beta, owes(alfa, [beta, 1n, 'A2']))).to.equal('UNAUTHORISED');
      expect(refusedBy(alfaSecond, owes(alfaSecond, [beta, 1n, 'A2']))).to.equal('NOT_A_PARTICIPANT');
      expect(refusedBy(alfa, owes(alfa, [alfaSecond, 1n, 'A2']))).to.equal('NOT_A_PARTICIPANT');
      expect(refusedBy(alfa, owes(alfa, [alfa, 1n, 'A2']))).to.equal('SAME_ACCOUNT');
      expect(refusedBy(alfa, owes(alfa, [beta, 0n, 'A2']))).to.equal('AMOUNT_ZERO');
      expect(refusedBy(alfa, owes(alfa, [beta, 1n, 'A1']))).to.equal('OBLIGATION_EXISTS');
      expect(refusedBy(alfa, owes(alfa, [beta, 1n, 'A2'], [gamma, 1n, 'A2']))).to.equal('OBLIGATION_EXISTS');
    });

    it('has room in its sums for what each debtor owes, whatever another one submits', () => {
      const share = ((1n << 128n) - 1n) / 3n;
      expect(network.refused(alfa, owes(alfa, [beta, share - 99n, 'A2'])).data).to.deep.equal({
        limit: String(share),
        required: String(share + 1n),
      });
      network.ok(alfa, owes(alfa, [beta, share - 100n, 'A2']));
      network.ok(beta, owes(beta, [gamma, share - 60n, 'B2']));
      network.ok(gamma, owes(gamma, [alfa, share - 30n, 'C2']));
    });

    it('takes nothing, and lets nothing go, from the cut-off on', () => {
      expect(codeAt(CUT_OFF, alfa, owes(alfa, [beta, 1n, 'A2']))).to.equal('CUT_OFF_PASSED');
      expect(codeAt(CUT_OFF, alfa, withdraw(alfa))).to.equal('CUT_OFF_PASSED');
      expect(codeAt(CUT_OFF - 1, alfa, freeze)).to.equal('CUT_OFF_AHEAD');
      expect(codeAt(CUT_OFF, alfa, confirm(alfa, -70n))).to.equal('CYCLE_STATUS');
      okAt(CUT_OFF, alfa, freeze);
      expect(codeAt(CUT_OFF, alfa, owes(alfa, [beta, 1n, 'A2']))).to.equal('CYCLE_STATUS');
    });

    it('gives each participant an equal share of the places', () => {
      const many = Array.from({ length: 499 }, (_, index) => [beta, 1n, `X${index}`] as const);
      for (const page of [0, 1, 2]) {
        network.ok(alfa, owes(alfa, ...many.map(([to, amount, name]) => [to, amount, `${page}${name}`] as const)));
      }
      const rest = Array.from({ length: 168 }, (_, index) => [beta, 1n, `Y${index}`] as const);
      network.ok(alfa, owes(alfa, ...rest));
      expect(refusedBy(alfa, owes(alfa, [beta, 1n, 'Z']))).to.equal('OBLIGATIONS_TOO_MANY');
      network.ok(beta, owes(beta, [alfa, 1n, 'B2']));
    });

    it('is cancelled by its operator or the central bank alone', () => {
      expect(refusedBy(alfa, cancel)).to.equal('NOT_ENTITLED');
      network.ok(central, cancel);
      expect([status(), statusOf(alfa, 'A1')]).to.deep.equal(['cancelled', 'unsettled']);
      expect(network.view(n.openOf, { account: alfa, limit: 9 })).to.deep.equal([]);
    });
  });

  it('cannot be cancelled once its set is frozen', () => {
    frozenRing();
    expect(codeAt(CUT_OFF, central, cancel)).to.equal('CYCLE_STATUS');
  });

  it('takes answers of those that it concerns, once each, until the round ends', () => {
    network.ok(central, open({ participants: [alfa, beta, gamma] }));
    network.ok(alfa, owes(alfa, [beta, 100n, 'A1']));
    okAt(CUT_OFF, alfa, freeze);
    expect(codeAt(CUT_OFF, gamma, confirm(gamma, 0n))).to.equal('NOT_CONCERNED');
    expect(codeAt(CUT_OFF, gamma, confirm(alfa, -100n))).to.equal('UNAUTHORISED');
    expect(codeAt(ROUND_1, alfa, confirm(alfa, -100n))).to.equal('ROUND_OVER');
    okAt(ROUND_1 - 1, alfa, confirm(alfa, -100n));
    expect(codeAt(ROUND_1 - 1, alfa, confirm(alfa, -100n))).to.equal('ANSWERED_ALREADY');
    expect(codeAt(ROUND_1 - 1, alfa, object(alfa))).to.equal('ANSWERED_ALREADY');
    expect(network.view(n.openOf, { account: beta, limit: 9 })[0]).to.deep.include({ id: ID, amount: 100n, round: 1 });
  });

  it('is opened by the central bank, and by operators that it has appointed', () => {
    const own = open({ id: `${BANKS.beta}-N1`, operator: beta });
    const appoint = (member: string) => callOf(n.appointOperator, { currency: EUR, member });
    const dismiss = (member: string) => callOf(n.dismissOperator, { currency: EUR, member });
    expect(refusedBy(beta, own)).to.equal('NOT_ENTITLED');
    expect(refusedBy(beta, appoint(BANKS.beta))).to.equal('UNAUTHORISED');
    expect(refusedBy(central, appoint('NOBODY2A'))).to.equal('MEMBER_UNKNOWN');
    expect(refusedBy(central, dismiss(BANKS.beta))).to.equal('OPERATOR_UNCHANGED');
    network.ok(central, appoint(BANKS.beta));
    expect(refusedBy(central, appoint(BANKS.beta))).to.equal('OPERATOR_UNCHANGED');
    expect(network.view(n.operators, { currency: EUR })).to.deep.equal([BANKS.beta]);
    network.ok(beta, own);
    expect(refusedBy(beta, open({ id: `${BANKS.beta}-N2`, operator: beta, currency: 'USD' }))).to.equal('NOT_ENTITLED');
    network.ok(central, dismiss(BANKS.beta));
    expect(refusedBy(beta, open({ id: `${BANKS.beta}-N2`, operator: beta }))).to.equal('NOT_ENTITLED');
  });

  it('takes only terms that can end', () => {
    const day = 86_400_000;
    const refusals: readonly (readonly [Partial<OpenArgs>, string])[] = [
      [{ id: `${BANKS.alfa}-N1` }, 'ID_INVALID'],
      [{ id: `${CENTRAL_BANK}-` }, 'ID_INVALID'],
      [{ id: `${CENTRAL_BANK}-${'x'.repeat(50)}` }, 'ID_INVALID'],
      [{ currency: 'XXX' }, 'CURRENCY_UNKNOWN'],
      [{ cutOffAt: TODAY_MS }, 'CUT_OFF_INVALID'],
      [{ cutOffAt: TODAY_MS + 7 * day + 1 }, 'CUT_OFF_INVALID'],
      [{ maxRounds: 0 }, 'ROUNDS_INVALID'],
      [{ roundMs: 0 }, 'ROUNDS_INVALID'],
      [{ participants: [alfa, beta, alfa] }, 'PARTICIPANT_REPEATED'],
      [{ participants: [alfa, beta, alfaSecond] }, 'PARTICIPANT_REPEATED'],
      [{ participants: [alfa, unknown] }, 'ACCOUNT_UNKNOWN'],
    ];
    for (const [change, code] of refusals) expect(refusedBy(central, open(change)), code).to.equal(code);
    network.ok(central, open());
    expect(refusedBy(central, open())).to.equal('CYCLE_EXISTS');
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
    expect(refusedBy(central, open({ id: `${CENTRAL_BANK}-N2` }))).to.equal('BUSINESS_DAY_CLOSED');
    expect(refusedBy(alfa, owes(alfa, [beta, 1n, 'A1']))).to.equal('BUSINESS_DAY_OVER');
  });

  it('bounds the open cycles of an operator, and the operators of a currency', () => {
    const ids = Array.from({ length: 16 }, (_, index) => `${CENTRAL_BANK}-M${index}`);
    network.ok(
      central,
      ids.map((id) => open({ id })),
    );
    expect(refusedBy(central, open())).to.equal('CYCLES_TOO_MANY');
    network.ok(central, callOf(n.cancel, { id: ids[0] as string }));
    network.ok(central, open());
    expect(network.view(n.openOf, { account: alfa, limit: 100 })).to.have.lengthOf(16);
  });

  it('knows what is not there', () => {
    expect(network.view(n.cycle, { id: ID })).to.equal(undefined);
    for (const call of [freeze, endRound, lapse, cancel]) expect(refusedBy(central, call)).to.equal('CYCLE_UNKNOWN');
  });

  describe('in all these', () => {
    it('meets every code of the contract', () => {
      const seldom = ['OPERATORS_TOO_MANY'];
      const declared = Object.keys(netting.abi().errors).filter((code) => !seldom.includes(code));
      expect(declared.filter((code) => !codes.has(`netting.${code}`))).to.deep.equal([]);
    });
  });
});
