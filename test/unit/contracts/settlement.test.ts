import { expect } from 'chai';
import { assets, cash, membership, settlement } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  ACCOUNTS,
  BANKS,
  callOf,
  keyOf,
  possessionOf,
  TestNetwork,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const s = settlement.methods;
const { central, alfa, alfaSecond, beta, gamma, unknown } = ACCOUNTS;
const BOND = 'BOND-1';
const ID = 'ALFADEFF-T1';
const DEADLINE = TODAY_MS + 3_600_000;

type Terms = Parameters<typeof termsHash>[0];

const money = (amount: bigint, from: Address, to: Address, currency = 'EUR') => ({ currency, amount, from, to });
const units = (amount: bigint, from: Address, to: Address) => ({ instrument: BOND, amount, from, to });

/** Alfa sells bonds to beta. */
const sale = (change: Partial<Terms> = {}): Terms => ({
  ...{ id: ID, instructor: alfa, legs: [units(10n, alfa, beta), money(990n, beta, alfa)] },
  ...{ model: 'gross', settler: undefined, deadline: DEADLINE, rate: undefined },
  ...change,
});

const instruct = (terms: Terms): Call => callOf(s.instruct, terms);
const allocate = (terms: Terms, account: Address, isCommitted = false): Call =>
  callOf(s.allocate, { id: terms.id, terms: termsHash(terms), account, isCommitted });
const approve = (terms: Terms, account: Address): Call =>
  callOf(s.approve, { id: terms.id, terms: termsHash(terms), account });
const withdraw = (account: Address, id = ID): Call => callOf(s.withdraw, { id, account });
const cancel = (account: Address, id = ID): Call => callOf(s.cancel, { id, account });
const execute = (id = ID): Call => callOf(s.execute, { id });
const expire = (id = ID): Call => callOf(s.expire, { id });

describe('an instruction', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  const holding = (account: Address) => network.view(assets.methods.position, { account, instrument: BOND });
  const lockedCash = (account: Address, currency = 'EUR') => network.view(cash.methods.locked, { currency, account });
  const status = (id = ID) => network.view(s.instruction, { id })?.status;
  const missing = (id = ID) => network.view(s.missing, { id });
  const refusedBy = (sender: Address, call: Call, signers?: readonly Address[]) =>
    network.refused(sender, call, signers).code;
  /** After the deadline. */
  const late = (sender: Address, call: Call) =>
    network.ledger.run({ sender, signers: [sender], calls: [call], height: 9, timestamp: DEADLINE });
  const lateOk = (sender: Address, call: Call) => expect(late(sender, call).failure).to.equal(undefined);
  const openOf = (account: Address) => network.view(s.openOf, { account, limit: 9 }).map(({ id }) => id);

  beforeEach(() => {
    network = TestNetwork.funded();
    const terms = { kind: 'bond', issuer: gamma, name: 'Bond', currency: 'EUR', nominal: 1n, cap: 1_000n } as const;
    network.ok(gamma, [
      callOf(assets.methods.create, { instrument: BOND, ...terms }),
      callOf(assets.methods.issue, { instrument: BOND, account: alfa, amount: 100n }),
    ]);
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  describe('delivery versus payment', () => {
    it('settles both legs by the last approval, each bank having signed alone', () => {
      const terms = sale();
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      expect([holding(alfa), status()]).to.deep.equal([{ free: 90n, locked: 10n }, 'instructed']);
      network.ok(beta, allocate(terms, beta));
      expect([lockedCash(beta), network.balance(alfa)]).to.deep.equal([990n, 1_000_000n]);
      const { events } = network.ok(beta, approve(terms, beta));
      expect(events.map(({ contract, name }) => `${contract}.${name}`)).to.deep.equal([
        'settlement.Approved',
        'assets.Released',
        'cash.Released',
        'settlement.Settled',
      ]);
      expect([holding(alfa), holding(beta)]).to.deep.equal([
        { free: 90n, locked: 0n },
        { free: 10n, locked: 0n },
      ]);
      expect([network.balance(alfa), network.balance(beta), lockedCash(beta)]).to.deep.equal([
        1_000_990n,
        999_010n,
        0n,
      ]);
    });

    it('leaves one line of what is over, and the id is used for ever', () => {
      const terms = sale();
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      expect([openOf(alfa), openOf(beta), openOf(gamma)]).to.deep.equal([[ID], [ID], []]);
      network.ok(beta, [allocate(terms, beta), approve(terms, beta)]);
      const rows = network.ledger.snapshot().filter((row) => row.startsWith('settlement '));
      expect(rows).to.have.lengthOf(1);
      expect(network.view(s.instruction, { id: ID })).to.deep.equal({
        ...{ instructor: alfa, terms: termsHash(terms), status: 'settled', details: undefined },
        closedAt: { height: 1, timestamp: TODAY_MS },
      });
      expect(openOf(alfa)).to.deep.equal([]);
      expect(network.refused(alfa, instruct(terms)).code).to.equal('INSTRUCTION_EXISTS');
      expect(network.refused(beta, approve(terms, beta)).data).to.deep.equal({ id: ID, status: 'settled' });
    });

    it('is executed by its settler alone, where there is one', () => {
      const terms = sale({ settler: gamma });
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      network.ok(beta, allocate(terms, beta));
      expect(network.refused(gamma, execute())).to.deep.include({
        code: 'NOT_READY',
        data: { allocations: 0, approvals: 1 },
      });
      const { events } = network.ok(beta, approve(terms, beta));
      expect(events.map(({ name }) => name)).to.deep.equal(['Approved', 'Ready']);
      expect([status(), missing().settler, openOf(gamma)]).to.deep.equal(['ready', gamma, [ID]]);
      expect(network.refused(alfa, execute()).data).to.deep.equal({ rule: 'account', subject: gamma });
      network.ok(gamma, execute());
      expect([status(), holding(beta).free]).to.deep.equal(['settled', 10n]);
    });

    it('takes back both legs when one cannot move: the last approval is refused, and the next one settles', () => {
      const terms = sale();
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      network.ok(beta, allocate(terms, beta));
      network.ok(gamma, callOf(assets.methods.pause, { instrument: BOND }));
      expect(network.refused(beta, approve(terms, beta)).data).to.deep.equal({ instrument: BOND });
      network.ok(gamma, callOf(assets.methods.resume, { instrument: BOND }));
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
      expect(network.refused(beta, approve(terms, beta)).data).to.deep.equal({ currency: 'EUR' });
      expect(missing()).to.deep.include({ approvals: [beta], closedDays: ['EUR'], paused: [] });
      network.ok(central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: 20_260_106 }));
      network.suspend(BANKS.alfa);
      expect(refusedBy(beta, approve(terms, beta))).to.equal('SUSPENDED');
      expect(missing().suspended).to.deep.equal([alfa]);
      network.ok(central, callOf(membership.methods.reinstateMember, { member: BANKS.alfa }));
      network.ok(beta, approve(terms, beta));
      expect(status()).to.equal('settled');
    });

    it('does not settle what the members have given back, and still gives back the rest', () => {
      const terms = sale({ settler: gamma });
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      network.ok(beta, [allocate(terms, beta), approve(terms, beta)]);
      const lock = { instrument: BOND, contract: 'settlement', lock: `${ID}.0` };
      expect(network.govern(callOf(assets.methods.returnLock, lock))).to.equal('');
      expect(refusedBy(gamma, execute())).to.equal('LOCK_UNKNOWN');
      network.ok(alfa, withdraw(alfa));
      network.ok(alfa, [allocate(terms, alfa), approve(terms, alfa)]);
      network.ok(gamma, execute());
      expect(holding(beta).free).to.equal(10n);
    });
  });

  describe('its terms', () => {
    it('are agreed to by their hash: another price is another instruction', () => {
      const terms = sale();
      network.ok(alfa, instruct(terms));
      const other = sale({ legs: [units(10n, alfa, beta), money(991n, beta, alfa)] });
      for (const call of [allocate(other, beta), approve(other, beta)]) {
        expect(network.refused(beta, call).code).to.equal('TERMS_MISMATCH');
      }
      expect(network.view(s.instruction, { id: ID })?.terms).to.deep.equal(termsHash(terms));
    });

    it('need an id that begins with the instructing member’s BIC, is not too long and not used', () => {
      for (const id of ['T1', 'BETAFRPP-T1', 'ALFADEFFT1', `ALFADEFF-${'x'.repeat(52)}`]) {
        expect(network.refused(alfa, instruct(sale({ id }))).data).to.deep.equal({ prefix: 'ALFADEFF-', limit: 60 });
      }
      network.ok(alfa, instruct(sale()));
      expect(refusedBy(alfa, instruct(sale()))).to.equal('INSTRUCTION_EXISTS');
      expect(refusedBy(beta, approve(sale({ id: 'ALFADEFF-T2' }), beta))).to.equal('INSTRUCTION_UNKNOWN');
    });

    it('come from a party or the settler, under its own authorisation', () => {
      expect(network.refused(beta, instruct(sale())).data).to.deep.equal({ rule: 'account', subject: alfa });
      const byOther = sale({ id: 'GAMAITMM-T1', instructor: gamma });
      expect(refusedBy(gamma, instruct(byOther))).to.equal('NOT_A_PARTY');
      network.ok(gamma, instruct({ ...byOther, settler: gamma }));
    });

    it('end within a year and a day, and not in the past', () => {
      for (const deadline of [TODAY_MS, TODAY_MS + 366 * 86_400_000 + 1]) {
        expect(refusedBy(alfa, instruct(sale({ deadline })))).to.equal('DEADLINE_INVALID');
      }
      network.ok(alfa, instruct(sale({ deadline: TODAY_MS + 366 * 86_400_000 })));
    });

    it('name one asset that there is, an amount and two accounts that may take part in every leg', () => {
      const withLeg = (leg: Terms['legs'][number]): string =>
        refusedBy(alfa, instruct(sale({ legs: [units(1n, alfa, beta), leg] })));
      const plain = money(1n, alfa, beta);
      expect(withLeg({ ...plain, instrument: BOND })).to.equal('LEG_INVALID');
      expect(withLeg({ ...plain, currency: undefined })).to.equal('LEG_INVALID');
      expect(withLeg({ ...plain, amount: 0n })).to.equal('AMOUNT_ZERO');
      expect(withLeg({ ...plain, to: alfa })).to.equal('SAME_ACCOUNT');
      expect(withLeg({ ...plain, to: unknown })).to.equal('ACCOUNT_UNKNOWN');
      expect(withLeg({ ...plain, currency: 'CHF' })).to.equal('CURRENCY_UNKNOWN');
      expect(withLeg({ ...units(1n, alfa, beta), instrument: 'NONE' })).to.equal('INSTRUMENT_UNKNOWN');
      const most = money(MAX_AMOUNT, alfa, beta);
      expect(refusedBy(alfa, instruct(sale({ legs: [most, plain] })))).to.equal('AMOUNT_OVERFLOW');
      expect(refusedBy(alfa, instruct(sale({ settler: unknown })))).to.equal('ACCOUNT_UNKNOWN');
      network.suspend(BANKS.beta);
      expect(withLeg(plain)).to.equal('SUSPENDED');
    });

    it('are at most a thousand of one account that are open', () => {
      const legs = [money(1n, alfa, beta)];
      for (let from = 0; from < 1_000; from += 10) {
        const calls = Array.from({ length: 10 }, (_, i) => instruct(sale({ id: `ALFADEFF-N${from + i}`, legs })));
        network.run(alfa, calls);
      }
      expect(network.refused(alfa, instruct(sale({ legs }))).data).to.deep.equal({ limit: 1_000 });
      network.ok(alfa, [cancel(alfa, 'ALFADEFF-N7'), instruct(sale({ legs }))]);
      expect(network.view(s.openOf, { account: beta, limit: 100, after: ID })).to.deep.equal([]);
      expect(network.view(s.openOf, { account: beta, limit: 100 })).to.have.lengthOf(100);
    });
  });

  describe('allocating and approving', () => {
    it('is for those who send and those who receive, under their own authorisation, once', () => {
      const terms = sale({ legs: [units(10n, alfa, beta)] });
      network.ok(alfa, instruct(terms));
      expect(network.refused(beta, allocate(terms, alfa)).data).to.deep.equal({ rule: 'account', subject: alfa });
      expect(network.refused(alfa, approve(terms, beta)).data).to.deep.equal({ rule: 'account', subject: beta });
      expect(refusedBy(gamma, allocate(terms, gamma))).to.equal('NOT_A_PARTY');
      expect(refusedBy(beta, allocate(terms, beta))).to.equal('NOTHING_TO_ALLOCATE');
      expect(refusedBy(alfa, approve(terms, alfa))).to.equal('NOTHING_TO_APPROVE');
      network.ok(alfa, allocate(terms, alfa));
      expect(refusedBy(alfa, allocate(terms, alfa, true))).to.equal('ALLOCATED_ALREADY');
      network.ok(beta, approve(terms, beta));
      expect(status()).to.equal('settled');
    });

    it('approves once, sets aside what is there, and on an open business day only', () => {
      const terms = sale({ legs: [units(101n, alfa, beta), money(1_000_001n, beta, alfa)] });
      network.ok(alfa, instruct(terms));
      network.ok(beta, approve(terms, beta));
      expect(refusedBy(beta, approve(terms, beta))).to.equal('APPROVED_ALREADY');
      expect(network.refused(alfa, allocate(terms, alfa))).to.deep.include({
        code: 'INSUFFICIENT_UNITS',
        failedCall: 'assets.lock',
      });
      expect(network.refused(beta, allocate(terms, beta)).data).to.deep.equal({
        available: '1000000',
        required: '1000001',
      });
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
      expect(refusedBy(beta, allocate(terms, beta))).to.equal('BUSINESS_DAY_CLOSED');
    });

    it('tells who has to do what, and what else stands in the way', () => {
      const terms = sale({ settler: gamma });
      network.ok(alfa, [instruct(terms), allocate(terms, alfa)]);
      expect(missing()).to.deep.equal({
        ...{ allocations: [beta], approvals: [alfa, beta], settler: undefined },
        ...{ closedDays: [], paused: [], suspended: [], isPastDeadline: false, frozen: [] },
      });
      expect(network.view(s.parties, { id: ID })).to.deep.equal([
        {
          ...{ account: alfa, owes: true, receives: true, allocation: 'withdrawable' },
          ...{ approved: false, wantsCancelled: false },
          obligations: [{ currency: undefined, instrument: BOND, amount: 10n }],
        },
        {
          ...{ account: beta, owes: true, receives: true, allocation: 'none' },
          ...{ approved: false, wantsCancelled: false },
          obligations: [{ currency: 'EUR', instrument: undefined, amount: 990n }],
        },
      ]);
      const [open] = network.view(s.openOf, { account: beta, limit: 1 });
      expect(open).to.deep.include({ id: ID, mustAllocate: true, mustApprove: true, allocation: 'none' });
      network.ok(gamma, callOf(assets.methods.pause, { instrument: BOND }));
      network.suspend(BANKS.gamma);
      expect(missing()).to.deep.include({ paused: [BOND], suspended: [gamma] });
    });
  });

  describe('taking back', () => {
    it('returns an allocation at any time before settlement, and the approval with it', () => {
      const terms = sale();
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      expect(network.refused(beta, withdraw(alfa)).data).to.deep.equal({ rule: 'account', subject: alfa });
      expect(refusedBy(beta, withdraw(beta))).to.equal('NOTHING_TO_WITHDRAW');
      network.ok(alfa, withdraw(alfa));
      expect([holding(alfa), missing().allocations, missing().approvals]).to.deep.equal([
        { free: 100n, locked: 0n },
        [alfa, beta],
        [alfa, beta],
      ]);
      network.ok(beta, [approve(terms, beta), withdraw(beta), allocate(terms, beta), approve(terms, beta)]);
      network.ok(alfa, [allocate(terms, alfa), approve(terms, alfa)]);
      expect(status()).to.equal('settled');
    });

    it('returns nothing of a committed allocation before the deadline, and all of it from then on', () => {
      const terms = sale();
      network.ok(alfa, [instruct(terms), allocate(terms, alfa, true)]);
      expect(network.refused(alfa, withdraw(alfa)).data).to.deep.equal({ deadline: DEADLINE });
      lateOk(alfa, withdraw(alfa));
      expect([holding(alfa), status()]).to.deep.equal([{ free: 100n, locked: 0n }, 'instructed']);
    });

    it('needs no open day, no unpaused instrument and no active account', () => {
      const terms = sale({ legs: [units(10n, alfa, beta), money(5n, alfa, gamma)] });
      network.ok(alfa, [instruct(terms), allocate(terms, alfa, true)]);
      network.ok(gamma, callOf(assets.methods.pause, { instrument: BOND }));
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
      network.suspend(BANKS.alfa);
      lateOk(beta, expire());
      expect([holding(alfa), network.balance(alfa), status()]).to.deep.equal([
        { free: 100n, locked: 0n },
        1_000_000n,
        'expired',
      ]);
    });

    it('is cancelled by its instructor while nobody is committed', () => {
      const terms = sale();
      network.ok(alfa, instruct(terms));
      network.ok(beta, allocate(terms, beta));
      network.ok(alfa, cancel(alfa));
      expect([status(), lockedCash(beta), network.balance(beta)]).to.deep.equal(['cancelled', 0n, 1_000_000n]);
      expect(refusedBy(alfa, cancel(alfa))).to.equal('INSTRUCTION_CLOSED');
    });

    it('is cancelled by all its parties together, once somebody is committed', () => {
      const terms = sale();
      network.ok(alfa, instruct(terms));
      network.ok(beta, allocate(terms, beta, true));
      expect(refusedBy(gamma, cancel(gamma))).to.equal('NOT_A_PARTY');
      network.ok(alfa, cancel(alfa));
      expect([status(), lockedCash(beta)]).to.deep.equal(['instructed', 990n]);
      expect(refusedBy(alfa, cancel(alfa))).to.equal('REQUESTED_ALREADY');
      network.ok(beta, cancel(beta));
      expect([status(), lockedCash(beta)]).to.deep.equal(['cancelled', 0n]);
    });

    it('is cancelled without a party that is suspended, whose money goes back, too', () => {
      const terms = sale();
      network.ok(alfa, [instruct(terms), allocate(terms, alfa, true), approve(terms, alfa)]);
      network.ok(beta, allocate(terms, beta, true));
      network.ok(alfa, cancel(alfa));
      expect(refusedBy(alfa, cancel(alfa)), 'while it is active').to.equal('REQUESTED_ALREADY');
      network.suspend(BANKS.beta);
      network.ok(alfa, cancel(alfa));
      expect([status(), holding(alfa), lockedCash(beta), network.balance(beta)]).to.deep.equal([
        ...['cancelled', { free: 100n, locked: 0n }, 0n, 1_000_000n],
      ]);
    });

    it('is a central bank’s to do for a suspended account, of what is not committed', () => {
      const terms = sale();
      network.ok(alfa, instruct(terms));
      network.ok(beta, allocate(terms, beta));
      expect(network.refused(central, withdraw(beta)).data).to.deep.equal({ rule: 'account', subject: beta });
      network.suspend(BANKS.beta);
      expect(refusedBy(alfa, withdraw(beta))).to.equal('NOT_ENTITLED');
      network.ok(central, withdraw(beta));
      expect([status(), lockedCash(beta), network.balance(beta)]).to.deep.equal(['instructed', 0n, 1_000_000n]);
    });

    it('is nobody’s to do for a suspended account that is committed, before the deadline', () => {
      const terms = sale();
      network.ok(alfa, instruct(terms));
      network.ok(beta, allocate(terms, beta, true));
      network.suspend(BANKS.beta);
      expect(refusedBy(central, withdraw(beta))).to.equal('COMMITTED');
      lateOk(central, withdraw(beta));
      expect(lockedCash(beta)).to.equal(0n);
    });

    it('is not cancelled by a request whose party has allocated, approved or withdrawn since', () => {
      const terms = sale({ settler: gamma });
      network.ok(alfa, [instruct(terms), allocate(terms, alfa, true), approve(terms, alfa)]);
      for (const change of [allocate(terms, beta), approve(terms, beta), withdraw(beta)]) {
        network.ok(beta, cancel(beta));
        network.ok(beta, change);
      }
      network.ok(alfa, cancel(alfa));
      expect(status()).to.equal('instructed');
      network.ok(beta, cancel(beta));
      expect([status(), lockedCash(beta)]).to.deep.equal(['cancelled', 0n]);
    });

    it('is not instructed by the account of a validator’s key, which speaks for its node alone', () => {
      const { address: node, publicKey } = keyOf('validator');
      const possession = possessionOf(keyOf('validator'), BANKS.alfa);
      const label = { label: 'validator-2', threshold: 1, keys: [node], checkers: [] };
      network.ok(alfa, [
        callOf(membership.methods.registerKey, { member: BANKS.alfa, suite: 1, publicKey, possession }),
        callOf(membership.methods.openAccount, { member: BANKS.alfa, ...label }),
      ]);
      expect(refusedBy(node, instruct(sale({ instructor: node, settler: node })))).to.equal('NOT_A_PARTY');
      network.ok(alfa, instruct(sale()));
    });

    it('is not taken back by a settler that instructed, once somebody is committed', () => {
      const terms = sale({ id: 'GAMAITMM-T1', instructor: gamma, settler: gamma });
      network.ok(gamma, instruct(terms));
      network.ok(beta, allocate(terms, beta, true));
      expect(refusedBy(gamma, cancel(gamma, 'GAMAITMM-T1'))).to.equal('COMMITTED');
    });

    it('never both settles and expires: before the deadline the one, from then on the other', () => {
      const terms = sale({ settler: gamma });
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      network.ok(beta, [allocate(terms, beta), approve(terms, beta)]);
      expect(network.refused(beta, expire()).data).to.deep.equal({ deadline: DEADLINE });
      expect(late(gamma, execute()).failure?.code).to.equal('DEADLINE_PASSED');
      expect(late(beta, approve(terms, beta)).failure?.code).to.equal('DEADLINE_PASSED');
      expect(late(beta, allocate(terms, beta)).failure?.code).to.equal('DEADLINE_PASSED');
      lateOk(gamma, expire());
      expect([status(), holding(alfa), network.balance(beta)]).to.deep.equal([
        'expired',
        { free: 100n, locked: 0n },
        1_000_000n,
      ]);
      codes.add('settlement.DEADLINE_PASSED');
    });
  });

  describe('models', () => {
    const legs = [
      units(10n, alfa, beta),
      units(4n, beta, gamma),
      money(900n, beta, alfa),
      money(400n, gamma, beta),
      money(100n, alfa, gamma),
    ];
    const owed = (model: Terms['model']) => {
      const terms = sale({ model, legs });
      network.ok(alfa, instruct(terms));
      return network
        .view(s.parties, { id: ID })
        .map(({ obligations }) => obligations.map(({ currency, amount }) => `${amount} ${currency ?? 'units'}`));
    };
    const moved = () => network.view(s.movements, { id: ID }).length;

    it('sets aside every leg gross (Model 1)', () => {
      expect(owed('gross')).to.deep.equal([['10 units', '100 EUR'], ['4 units', '900 EUR'], ['400 EUR']]);
      expect(moved()).to.equal(5);
    });

    it('nets money and delivers securities gross (Model 2)', () => {
      expect(owed('netCash')).to.deep.equal([['10 units'], ['4 units', '500 EUR'], ['300 EUR']]);
      expect(moved()).to.equal(4);
    });

    it('nets money and securities (Model 3), so that beta delivers on what it gets', () => {
      expect(owed('netBoth')).to.deep.equal([['10 units'], ['500 EUR'], ['300 EUR']]);
      expect(moved()).to.equal(4);
      const terms = sale({ model: 'netBoth', legs });
      network.ok(alfa, [allocate(terms, alfa), approve(terms, alfa)]);
      network.ok(gamma, [allocate(terms, gamma), approve(terms, gamma)]);
      network.ok(beta, [allocate(terms, beta), approve(terms, beta)]);
      expect([alfa, beta, gamma].map((account) => [holding(account).free, network.balance(account)])).to.deep.equal([
        [90n, 1_000_800n],
        [6n, 999_500n],
        [4n, 999_700n],
      ]);
      expect(network.view(cash.methods.locks, { currency: 'EUR', contract: 'settlement', limit: 9 })).to.deep.equal([]);
    });

    it('passes through an intermediary that has nothing: bank, central bank, bank', () => {
      const chain = sale({ model: 'netBoth', legs: [money(500n, alfa, central), money(500n, central, beta)] });
      network.ok(alfa, [instruct(chain), allocate(chain, alfa)]);
      network.ok(beta, approve(chain, beta));
      expect(missing()).to.deep.include({ allocations: [], approvals: [central] });
      expect(refusedBy(central, allocate(chain, central))).to.equal('NOTHING_TO_ALLOCATE');
      network.ok(central, approve(chain, central));
      expect([alfa, central, beta].map((account) => network.balance(account))).to.deep.equal([
        999_500n,
        0n,
        1_000_500n,
      ]);
    });

    it('stops where an intermediary is suspended, although nothing of its own moves', () => {
      const chain = sale({ model: 'netBoth', legs: [money(500n, alfa, gamma), money(500n, gamma, beta)] });
      network.ok(alfa, [instruct(chain), allocate(chain, alfa)]);
      network.ok(gamma, approve(chain, gamma));
      network.suspend(BANKS.gamma);
      expect(network.refused(beta, approve(chain, beta))).to.deep.include({
        code: 'SUSPENDED',
        failedCall: 'settlement.approve',
      });
    });

    it('settles what nets to nothing, when everybody has approved', () => {
      const swap = sale({ model: 'netCash', legs: [money(5n, alfa, beta), money(5n, beta, alfa)] });
      network.ok(alfa, [instruct(swap), approve(swap, alfa)]);
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
      expect(refusedBy(beta, approve(swap, beta))).to.equal('BUSINESS_DAY_CLOSED');
      network.ok(central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: 20_260_106 }));
      network.ok(beta, approve(swap, beta));
      expect(status()).to.equal('settled');
    });
  });

  describe('payment versus payment', () => {
    const fx = (change: Partial<Terms> = {}): Terms =>
      sale({
        legs: [money(100_000n, alfa, beta, 'EUR'), money(108_450n, beta, alfa, 'USD')],
        rate: { base: 'EUR', quote: 'USD', price: 10_845n, decimals: 4 },
        ...change,
      });

    it('settles two currencies or neither, at the rate that everybody has agreed to', () => {
      const terms = fx();
      network.ok(alfa, [instruct(terms), allocate(terms, alfa), approve(terms, alfa)]);
      network.ok(beta, allocate(terms, beta));
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'USD' }));
      expect(network.refused(beta, approve(terms, beta)).data).to.deep.equal({ currency: 'USD' });
      network.ok(central, callOf(cash.methods.openBusinessDay, { currency: 'USD', day: 20_260_106 }));
      network.ok(beta, approve(terms, beta));
      expect([network.balance(alfa), network.balance(alfa, 'USD')]).to.deep.equal([900_000n, 1_108_450n]);
      expect([network.balance(beta), network.balance(beta, 'USD')]).to.deep.equal([1_100_000n, 891_550n]);
    });

    it('has a rate that the amounts keep to, less than a minor unit aside', () => {
      const bought = (amount: bigint) =>
        fx({ legs: [money(333n, alfa, beta, 'EUR'), money(amount, beta, alfa, 'USD')] });
      // 3.33 EUR are 3.611385 USD.
      for (const [index, amount] of [361n, 362n].entries()) {
        network.ok(alfa, instruct({ ...bought(amount), id: `${ID}-${index}` }));
      }
      for (const amount of [360n, 363n]) {
        expect(network.refused(alfa, instruct(bought(amount))).data).to.deep.equal({
          expected: '361',
          actual: amount.toString(),
        });
      }
    });

    it('counts what changes hands once, through a chain and between accounts of one bank', () => {
      const chained = fx({
        model: 'netBoth',
        legs: [
          money(100_000n, alfa, central, 'EUR'),
          money(100_000n, central, beta, 'EUR'),
          money(108_450n, beta, alfaSecond, 'USD'),
        ],
      });
      network.ok(alfa, instruct(chained));
    });

    it('has a rate between two sides: whoever gives the base receives what is quoted', () => {
      const oneWay = [money(100_000n, alfa, beta, 'EUR'), money(108_450n, alfa, beta, 'USD')];
      expect(refusedBy(alfa, instruct(fx({ legs: oneWay })))).to.equal('RATE_INVALID');
      const threeWay = [money(100_000n, alfa, beta, 'EUR'), money(108_450n, beta, gamma, 'USD')];
      expect(refusedBy(alfa, instruct(fx({ legs: threeWay })))).to.equal('RATE_INVALID');
    });

    it('has no rate of nothing, of a currency against itself, or of one without a leg', () => {
      const rate = { base: 'EUR', quote: 'USD', price: 10_845n, decimals: 4 };
      for (const change of [{ price: 0n }, { quote: 'EUR' }, { quote: 'GBP' }]) {
        expect(refusedBy(alfa, instruct(fx({ rate: { ...rate, ...change } })))).to.equal('RATE_INVALID');
      }
    });
  });

  describe('its codes', () => {
    it('are all reached, but for that of orders, which have tests of their own', () => {
      const declared = Object.keys(settlement.abi().errors);
      expect(declared.filter((code) => !codes.has(`settlement.${code}`))).to.deep.equal(['FROZEN']);
    });
  });
});
