import { expect } from 'chai';
import { cash, htlc, membership, payments, queue, settlement, supervision } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import type { Address, Call } from '../../../primitives/types.js';
import { cashHolder, madeBy } from '../../support/cashHolder.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  callOf,
  TestNetwork,
  TODAY,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const s = supervision.methods;
const { central, alfa, alfaSecond, beta, gamma, unknown } = ACCOUNTS;
const EUR = 'EUR';
const WINDOW_MS = 12_000;
/** What was authorised counts at most a twelfth longer. */
const OVER_MS = WINDOW_MS + WINDOW_MS / 12;

describe('rules of an authority', () => {
  let network: TestNetwork;
  let references = 0;
  const codes = new Set<string>();

  const at = (timestamp: number, sender: Address, call: Call, signers: readonly Address[] = [sender]) => {
    const { failure } = network.ledger.run({ sender, signers, calls: [call], height: 9, timestamp });
    if (failure !== undefined) codes.add(`${failure.failedCall.split('.')[0]}.${failure.code}`);
    return failure?.code ?? '';
  };
  const now = (sender: Address, call: Call) => at(TODAY_MS, sender, call);
  const refused = (sender: Address, call: Call) => network.refused(sender, call).code;
  const velocity = (change: object = {}) =>
    callOf(s.setVelocity, {
      ...{ currency: EUR, account: alfa, windowMs: WINDOW_MS, maxCount: undefined, maxSum: 100n },
      ...change,
    });
  const exposure = (change: object = {}) =>
    callOf(s.setExposure, {
      ...{ currency: EUR, account: alfa, counterparty: BANKS.beta, limit: 100n, offsetting: [beta] },
      ...change,
    });
  const transfer = (amount: bigint, debtor = alfa, creditor = beta) =>
    callOf(cash.methods.transfer, { currency: EUR, debtor, creditor, amount });
  const pay = (amount: bigint, creditor = beta) =>
    callOf(payments.methods.pay, { debtor: alfa, creditor, currency: EUR, amount, reference: `P-${references++}` });
  const submit = (amount: bigint, creditor = beta) =>
    callOf(queue.methods.submit, { debtor: alfa, creditor, currency: EUR, amount, reference: `Q-${references++}` });
  const lock = (amount: bigint, id = `H${references++}`) =>
    callOf(htlc.methods.lock, {
      ...{ id: `${BANKS.alfa}-${id}`, currency: EUR, instrument: undefined, sender: alfa, recipient: beta, amount },
      ...{ hash: new Uint8Array(32).fill(1), failureHash: undefined, deadline: TODAY_MS + 60_000 },
    });
  const supervise = (): void => {
    const roles = ['supervisor'] as const;
    expect(network.govern(callOf(membership.methods.changeRoles, { member: BANKS.gamma, roles }))).to.equal('');
  };
  const mandate = (change: object = {}): void => {
    const terms = {
      currencies: [EUR],
      members: [BANKS.alfa],
      until: TODAY_MS + 1_000,
      maxFreezeMs: 1,
      maySeize: false,
    };
    expect(network.govern(callOf(s.setMandate, { member: BANKS.gamma, ...terms, ...change }))).to.equal('');
  };

  beforeEach(() => {
    network = TestNetwork.funded([cashHolder('escrow')]);
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  describe('of velocity', () => {
    const ways: Readonly<Record<string, (amount: bigint) => Call>> = {
      'a payment': pay,
      'a transfer': transfer,
      'a submission to the queue': submit,
      'a lock': lock,
      'a lock of a bank’s contract': (amount) =>
        madeBy('escrow', callOf(cash.methods.lock, { currency: EUR, lock: `L${references++}`, debtor: alfa, amount })),
    };
    for (const [name, way] of Object.entries(ways)) {
      it(`bound what ${name} authorises, beside what another way has`, () => {
        network.ok(central, velocity());
        expect(now(alfa, transfer(60n))).to.equal('');
        expect(now(alfa, way(41n))).to.equal('RULE_SUM');
        expect(now(alfa, way(40n))).to.equal('');
        expect(now(alfa, transfer(1n))).to.equal('RULE_SUM');
      });
    }

    it('count for the whole window, and no more after it', () => {
      network.ok(central, velocity({ maxSum: undefined, maxCount: 2 }));
      expect([now(alfa, pay(1n)), now(alfa, lock(1n)), now(alfa, pay(1n))]).to.deep.equal(['', '', 'RULE_COUNT']);
      expect(at(TODAY_MS + WINDOW_MS - 1, alfa, pay(1n))).to.equal('RULE_COUNT');
      expect(at(TODAY_MS + OVER_MS, alfa, pay(1n))).to.equal('');
    });

    it('refuse of a batch what is beyond, each payment by itself, or all of it', () => {
      network.ok(central, velocity({ maxCount: 2 }));
      const rows = [60n, 50n, 30n, 5n].map((amount, index) => ({ creditor: beta, amount, reference: `B-${index}` }));
      const batch = (mode: 'all' | 'each') =>
        callOf(payments.methods.payBatch, { debtor: alfa, currency: EUR, mode, payments: rows });
      expect(now(alfa, batch('all'))).to.equal('RULE_SUM');
      const { outcomes } = network.ok(alfa, batch('each'));
      expect(outcomes.map(({ code }) => code)).to.deep.equal(['', 'RULE_SUM', '', 'RULE_COUNT']);
    });

    it('bind one account and one currency, and nobody where there are none', () => {
      network.ok(central, velocity());
      expect([now(alfaSecond, transfer(1n, alfaSecond)), now(beta, transfer(500n, beta, gamma))]).to.deep.equal([
        'INSUFFICIENT_FUNDS',
        '',
      ]);
      expect(network.view(s.left, { currency: EUR, account: beta, day: TODAY })).to.deep.equal({
        ...{ count: undefined, sum: undefined, exposures: [] },
      });
    });

    it('are changed with what was authorised counting on, and end', () => {
      network.ok(central, velocity());
      network.ok(alfa, transfer(80n));
      network.ok(central, velocity({ maxSum: 90n }));
      expect(now(alfa, transfer(11n))).to.equal('RULE_SUM');
      expect(network.view(s.left, { currency: EUR, account: alfa, day: TODAY }).sum).to.deep.equal({
        limit: 90n,
        used: 80n,
      });
      network.ok(central, callOf(s.endVelocity, { currency: EUR, account: alfa }));
      network.ok(alfa, transfer(500n));
      expect(network.view(cash.methods.position, { currency: EUR, account: alfa }).isRuled).to.equal(false);
      expect(refused(central, callOf(s.endVelocity, { currency: EUR, account: alfa }))).to.equal('RULE_UNKNOWN');
    });
  });

  describe('of exposure', () => {
    it('bound what goes to any account of a counterparty, whichever way', () => {
      network.ok(central, exposure({ account: beta, counterparty: BANKS.alfa, offsetting: [] }));
      expect(now(beta, transfer(60n, beta, alfa))).to.equal('');
      expect(now(beta, transfer(41n, beta, alfaSecond))).to.equal('RULE_EXPOSURE');
      expect(now(beta, transfer(500n, beta, gamma))).to.equal('');
      expect(now(beta, transfer(40n, beta, alfaSecond))).to.equal('');
    });

    it('are lessened no more by what came from an account that is named no more', () => {
      network.ok(central, exposure());
      network.ok(beta, transfer(30n, beta, alfa));
      network.ok(central, exposure({ limit: 90n }));
      expect(now(alfa, transfer(120n))).to.equal('');
      network.ok(central, exposure({ limit: 200n, offsetting: [] }));
      expect(now(alfa, transfer(81n))).to.equal('RULE_EXPOSURE');
      expect(now(alfa, transfer(80n))).to.equal('');
    });

    it('are lessened by what named accounts of the counterparty pay, and by nothing else', () => {
      network.ok(central, exposure());
      network.ok(alfa, transfer(100n));
      expect(now(alfa, pay(1n))).to.equal('RULE_EXPOSURE');
      network.ok(beta, transfer(30n, beta, alfa));
      expect(now(alfa, pay(31n))).to.equal('RULE_EXPOSURE');
      expect(now(alfa, pay(30n))).to.equal('');
      // What waits in the queue has paid nothing.
      network.ok(
        beta,
        callOf(queue.methods.submit, {
          ...{ debtor: beta, creditor: alfa, currency: EUR, amount: 9_000_000n, reference: 'WAITS' },
        }),
      );
      expect(now(alfa, pay(1n))).to.equal('RULE_EXPOSURE');
      network.ok(gamma, transfer(30n, gamma, alfa));
      expect(now(alfa, submit(1n))).to.equal('RULE_EXPOSURE');
    });

    it('count what was locked as it goes out of the lock', () => {
      network.ok(central, exposure());
      const make = (name: 'lock' | 'release', args: object) =>
        madeBy(
          'escrow',
          callOf(cash.methods[name] as typeof cash.methods.lock, { currency: EUR, lock: 'L', ...args } as never),
        );
      network.ok(alfa, make('lock', { debtor: alfa, amount: 200n }));
      expect(now(alfa, make('release', { creditor: beta, amount: 101n }))).to.equal('RULE_EXPOSURE');
      expect(now(alfa, make('release', { creditor: gamma, amount: 50n }))).to.equal('');
      expect(now(alfa, make('release', { creditor: beta, amount: 100n }))).to.equal('');
      expect(now(alfa, make('release', { creditor: alfa, amount: 50n }))).to.equal('');
    });

    it('hold an instruction up that would go beyond', () => {
      network.ok(central, exposure());
      const terms = {
        ...({ id: `${BANKS.alfa}-I1`, instructor: alfa, model: 'gross', settler: alfa } as const),
        legs: [{ currency: EUR, instrument: undefined, amount: 101n, from: alfa, to: beta }],
        ...{ deadline: TODAY_MS + 1_000, rate: undefined },
      };
      const { instruct, allocate, approve, execute } = settlement.methods;
      const agreed = { id: terms.id, terms: termsHash(terms) };
      network.ok(alfa, [callOf(instruct, terms), callOf(allocate, { ...agreed, account: alfa, isCommitted: false })]);
      network.ok(beta, callOf(approve, { ...agreed, account: beta }));
      expect(now(alfa, callOf(execute, { id: terms.id }))).to.equal('RULE_EXPOSURE');
      network.ok(central, exposure({ limit: 101n }));
      expect(now(alfa, callOf(execute, { id: terms.id }))).to.equal('');
    });

    it('begin anew with a business day', () => {
      network.ok(central, exposure());
      network.ok(alfa, transfer(100n));
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
      network.ok(central, callOf(cash.methods.openBusinessDay, { currency: EUR, day: TODAY + 1 }));
      expect(now(alfa, pay(100n))).to.equal('');
      expect(now(alfa, pay(1n))).to.equal('RULE_EXPOSURE');
    });

    it('name accounts of the counterparty, once each, and end with them', () => {
      expect(refused(central, exposure({ offsetting: [gamma] }))).to.equal('OFFSETTING_INVALID');
      expect(refused(central, exposure({ offsetting: [beta, beta] }))).to.equal('OFFSETTING_INVALID');
      expect(refused(central, exposure({ counterparty: BANKS.alfa, offsetting: [] }))).to.equal('SAME_MEMBER');
      expect(refused(central, exposure({ counterparty: 'NOBODEFF', offsetting: [] }))).to.equal('MEMBER_UNKNOWN');
      network.ok(central, [exposure(), exposure({ offsetting: [] }), exposure()]);
      expect(network.view(cash.methods.position, { currency: EUR, account: beta }).isRuled).to.equal(true);
      const end = callOf(s.endExposure, { currency: EUR, account: alfa, counterparty: BANKS.beta });
      network.ok(central, end);
      expect(refused(central, end)).to.equal('RULE_UNKNOWN');
      for (const account of [alfa, beta]) {
        expect(network.view(cash.methods.position, { currency: EUR, account }).isRuled).to.equal(false);
      }
    });
  });

  describe('are set', () => {
    it('by the central bank of the currency and by supervisors, and changed by whoever has set them', () => {
      expect(refused(alfa, velocity())).to.equal('UNAUTHORISED');
      supervise();
      network.ok(gamma, velocity());
      expect(refused(central, velocity({ maxSum: 500n }))).to.equal('NOT_ENTITLED');
      expect(refused(central, callOf(s.endVelocity, { currency: EUR, account: alfa }))).to.equal('NOT_ENTITLED');
      network.suspend(BANKS.gamma);
      network.ok(central, velocity({ maxSum: 500n }));
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.gamma }));
      expect(refused(gamma, velocity())).to.equal('NOT_ENTITLED');
    });

    it('within the mandate of a supervisor, where the members have given it one', () => {
      supervise();
      mandate();
      network.ok(gamma, velocity());
      expect(network.refused(gamma, velocity({ account: beta })).data).to.deep.equal({
        member: BANKS.gamma,
        fault: 'member',
      });
      expect(refused(gamma, velocity({ currency: 'USD' }))).to.equal('MANDATE_EXCEEDED');
      expect(at(TODAY_MS + 1_000, gamma, velocity({ maxSum: 1n }))).to.equal('MANDATE_EXCEEDED');
      expect(network.govern(callOf(s.clearMandate, { member: BANKS.gamma }))).to.equal('');
      network.ok(gamma, velocity({ account: beta }));
      expect(network.govern(callOf(s.clearMandate, { member: BANKS.gamma }))).to.equal('MANDATE_UNKNOWN');
    });

    it('to bound something, of an account and a currency that there are', () => {
      expect(refused(central, velocity({ maxSum: undefined }))).to.equal('RULE_EMPTY');
      expect(refused(central, velocity({ windowMs: 0 }))).to.equal('RULE_EMPTY');
      expect(refused(central, velocity({ account: unknown }))).to.equal('ACCOUNT_UNKNOWN');
      expect(refused(central, velocity({ currency: 'XXX' }))).to.equal('CURRENCY_UNKNOWN');
      const terms = { currencies: [], members: [], until: TODAY_MS, maxFreezeMs: 1, maySeize: false };
      for (const [member, code] of [
        ['NOBODEFF', 'MEMBER_UNKNOWN'],
        [BANKS.alfa, 'NOT_SUPERVISOR'],
      ] as const) {
        expect(network.govern(callOf(s.setMandate, { member, ...terms }))).to.equal(code);
        codes.add(`supervision.${code}`);
      }
      void CENTRAL_BANK;
    });

    it('and none of them outlives the day of a limit that an account sets itself', () => {
      network.ok(central, velocity());
      network.ok(alfa, callOf(cash.methods.setLimits, { currency: EUR, account: alfa, perDay: 50n, keys: [] }));
      expect(now(alfa, pay(51n))).to.equal('LIMIT_PER_DAY');
      network.ok(alfa, pay(50n));
      expect(network.govern(callOf(cash.methods.clearLimits, { currency: EUR, account: alfa }))).to.equal('');
      expect(now(alfa, pay(51n))).to.equal('RULE_SUM');
      network.ok(alfa, pay(50n));
    });
  });

  describe('in all these', () => {
    it('meet every code but that of too many', () => {
      const declared = Object.keys(supervision.abi().errors).filter((code) => code !== 'RULES_TOO_MANY');
      const seen = (code: string) => ['supervision', 'payments', 'queue'].some((name) => codes.has(`${name}.${code}`));
      expect(declared.filter((code) => !seen(code))).to.deep.equal([]);
    });
  });
});
