import { expect } from 'chai';
import { assets, cash, htlc, membership } from '../../../contracts/index.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const h = htlc.methods;
const { central, alfa, beta, gamma, unknown } = ACCOUNTS;
const BOND = 'BOND-1';
const ID = 'ALFADEFF-H1';
const DEADLINE = TODAY_MS + 3_600_000;
const KEY = sha256(utf8Encode('key of success'));
const FAILURE_KEY = sha256(utf8Encode('key of failure'));
const HASH = sha256(KEY);
const FAILURE_HASH = sha256(FAILURE_KEY);

type LockArgs = Parameters<typeof h.lock.args.encode>[0];

const terms = (change: Partial<LockArgs> = {}): LockArgs => ({
  ...{ id: ID, currency: 'EUR', instrument: undefined, sender: alfa, recipient: beta, amount: 100n },
  ...{ hash: HASH, failureHash: undefined, deadline: DEADLINE },
  ...change,
});
const lock = (change: Partial<LockArgs> = {}): Call => callOf(h.lock, terms(change));
const claim = (key = KEY, id = ID): Call => callOf(h.claim, { id, key });
const refund = (key = FAILURE_KEY, id = ID): Call => callOf(h.refund, { id, key });
const reclaim = (id = ID): Call => callOf(h.reclaim, { id });
const pay = (id = ID): Call => callOf(h.pay, { id });

describe('a hash time lock', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  const status = (id = ID) => network.view(h.lockOf, { id })?.status;
  const locked = (account: Address) => network.view(cash.methods.locked, { currency: 'EUR', account });
  const refusedBy = (sender: Address, call: Call) => network.refused(sender, call).code;
  const at = (timestamp: number, sender: Address, call: Call) =>
    network.ledger.run({ sender, signers: [sender], calls: [call], height: 9, timestamp });
  const codeAt = (timestamp: number, sender: Address, call: Call) => {
    const code = at(timestamp, sender, call).failure?.code ?? '';
    if (code !== '') network.codesSeen.add(`htlc.${code}`);
    return code;
  };
  const openOf = (account: Address) => network.view(h.openOf, { account, limit: 9 }).map(({ id }) => id);
  /** What alfa and beta may spend. */
  const balances = () => [network.balance(alfa), network.balance(beta)];

  beforeEach(() => {
    network = TestNetwork.funded();
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  describe('with a deadline', () => {
    it('pays the recipient when anybody shows the key in time, and keeps the key for the other ledger', () => {
      network.ok(alfa, lock());
      expect([locked(alfa), status(), openOf(alfa), openOf(beta)]).to.deep.equal([100n, 'locked', [ID], [ID]]);
      network.ok(gamma, claim());
      expect(balances()).to.deep.equal([999_900n, 1_000_100n]);
      expect([locked(alfa), openOf(alfa), openOf(beta)]).to.deep.equal([0n, [], []]);
      const over = network.view(h.lockOf, { id: ID });
      expect([over?.status, over?.key, over?.closedAt?.height]).to.deep.equal(['paid', KEY, 1]);
    });

    it('opens to nothing but the 32 bytes of the hash', () => {
      network.ok(alfa, lock());
      expect(refusedBy(beta, claim(FAILURE_KEY))).to.equal('KEY_MISMATCH');
      expect(refusedBy(beta, claim(HASH))).to.equal('KEY_MISMATCH');
      expect(refusedBy(beta, refund())).to.equal('NOT_REFUNDABLE');
    });

    it('can be claimed up to the last millisecond before the deadline, and reclaimed from the deadline on', () => {
      network.ok(alfa, [lock(), lock({ id: 'ALFADEFF-H2' })]);
      expect(codeAt(DEADLINE - 1, alfa, reclaim())).to.equal('DEADLINE_AHEAD');
      expect(codeAt(DEADLINE - 1, beta, claim())).to.equal('');
      expect(codeAt(DEADLINE, beta, claim(KEY, 'ALFADEFF-H2'))).to.equal('DEADLINE_PASSED');
      expect(codeAt(DEADLINE, gamma, reclaim('ALFADEFF-H2'))).to.equal('');
      expect(balances()).to.deep.equal([999_900n, 1_000_100n]);
      expect([status(), status('ALFADEFF-H2'), locked(alfa)]).to.deep.equal(['paid', 'reclaimed', 0n]);
    });

    it('is never both claimed and reclaimed, nor either of them twice', () => {
      network.ok(alfa, [lock(), lock({ id: 'ALFADEFF-H2' })]);
      network.ok(beta, claim());
      expect(codeAt(DEADLINE, alfa, reclaim())).to.equal('LOCK_CLOSED');
      expect(refusedBy(beta, claim())).to.equal('LOCK_CLOSED');
      expect(codeAt(DEADLINE, alfa, reclaim('ALFADEFF-H2'))).to.equal('');
      expect(codeAt(DEADLINE, beta, claim(KEY, 'ALFADEFF-H2'))).to.equal('LOCK_CLOSED');
      expect(balances()).to.deep.equal([999_900n, 1_000_100n]);
    });

    it('holds units as it holds money', () => {
      const bond = { kind: 'bond', issuer: gamma, name: 'Bond', currency: 'EUR', nominal: 1n, cap: 1_000n } as const;
      network.ok(gamma, [
        callOf(assets.methods.create, { instrument: BOND, ...bond }),
        callOf(assets.methods.issue, { instrument: BOND, account: alfa, amount: 100n }),
      ]);
      const units = { currency: undefined, instrument: BOND, amount: 40n };
      network.ok(alfa, [lock(units), lock({ ...units, id: 'ALFADEFF-H2' })]);
      const position = (account: Address) => network.view(assets.methods.position, { account, instrument: BOND });
      expect(position(alfa)).to.deep.equal({ free: 20n, locked: 80n });
      network.ok(beta, claim());
      expect(codeAt(DEADLINE, alfa, reclaim('ALFADEFF-H2'))).to.equal('');
      expect([position(alfa), position(beta)]).to.deep.equal([
        { free: 60n, locked: 0n },
        { free: 40n, locked: 0n },
      ]);
    });
  });

  describe('whose key is shown while something stands in the way', () => {
    const obstacles: readonly (readonly [string, string, Call, Call])[] = [
      [
        'a closed business day',
        'BUSINESS_DAY_CLOSED',
        callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }),
        callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: 20_260_106 }),
      ],
      [
        'a suspended recipient',
        'SUSPENDED',
        callOf(membership.methods.suspendMember, { member: BANKS.beta }),
        callOf(membership.methods.reinstateMember, { member: BANKS.beta }),
      ],
    ];
    for (const [name, code, begin, end] of obstacles) {
      it(`is the recipient's for good, and paid once it is over: ${name}`, () => {
        network.ok(alfa, lock());
        network.ok(central, begin);
        const { results } = network.ok(gamma, claim());
        expect(h.claim.returns?.decode(results[0] as Uint8Array)).to.deep.equal({ isPaid: false, obstacle: code });
        expect([status(), locked(alfa)]).to.deep.equal(['claimed', 100n]);
        expect(network.view(h.openOf, { account: beta, limit: 9 })[0]?.isClaimed).to.equal(true);
        expect(refusedBy(gamma, claim())).to.equal('CLAIMED_ALREADY');
        expect(codeAt(DEADLINE, alfa, reclaim())).to.equal('CLAIMED_ALREADY');
        expect(refusedBy(gamma, pay())).to.equal(code);
        network.ok(central, end);
        network.ok(gamma, pay());
        expect([status(), ...balances()]).to.deep.equal(['paid', 999_900n, 1_000_100n]);
      });
    }

    it('is over without a payment where the members have given it back', () => {
      network.ok(alfa, lock());
      network.ok(central, callOf(membership.methods.suspendMember, { member: BANKS.beta }));
      network.ok(gamma, claim());
      const key = { currency: 'EUR', contract: 'htlc', lock: ID };
      expect(network.govern(callOf(cash.methods.returnLock, key))).to.equal('');
      network.ok(gamma, pay());
      expect([status(), ...balances(), locked(alfa)]).to.deep.equal(['returned', 1_000_000n, 1_000_000n, 0n]);
    });

    it('is over from the deadline on where the members have given it back unclaimed', () => {
      network.ok(alfa, lock());
      const key = { currency: 'EUR', contract: 'htlc', lock: ID };
      expect(network.govern(callOf(cash.methods.returnLock, key))).to.equal('');
      expect(codeAt(DEADLINE, gamma, reclaim())).to.equal('');
      expect([status(), ...balances()]).to.deep.equal(['returned', 1_000_000n, 1_000_000n]);
    });
  });

  describe('with a key of failure', () => {
    it('goes as the first key says that is shown', () => {
      const either = { failureHash: FAILURE_HASH };
      network.ok(alfa, [lock(either), lock({ ...either, id: 'ALFADEFF-H2' })]);
      expect(refusedBy(alfa, refund(KEY))).to.equal('KEY_MISMATCH');
      network.ok(gamma, refund());
      expect(balances()).to.deep.equal([999_900n, 1_000_000n]);
      network.ok(gamma, claim(KEY, 'ALFADEFF-H2'));
      expect(refusedBy(alfa, refund(FAILURE_KEY, 'ALFADEFF-H2'))).to.equal('LOCK_CLOSED');
      expect([...balances(), status()]).to.deep.equal([999_900n, 1_000_100n, 'refunded']);
      expect(network.view(h.lockOf, { id: ID })?.key).to.deep.equal(FAILURE_KEY);
    });

    it('counts that key up to the deadline', () => {
      network.ok(alfa, lock({ failureHash: FAILURE_HASH }));
      expect(codeAt(DEADLINE, alfa, refund())).to.equal('DEADLINE_PASSED');
      expect(codeAt(DEADLINE, alfa, reclaim())).to.equal('');
    });

    it('is not refunded once it was claimed', () => {
      network.ok(alfa, lock({ failureHash: FAILURE_HASH }));
      network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
      network.ok(beta, claim());
      expect(refusedBy(alfa, refund())).to.equal('CLAIMED_ALREADY');
    });
  });

  it('is made by its sender alone, of what the sender has free, on an open day', () => {
    expect(refusedBy(beta, lock())).to.equal('UNAUTHORISED');
    expect(refusedBy(alfa, lock({ amount: 1_000_001n }))).to.equal('INSUFFICIENT_FUNDS');
    network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }));
    expect(refusedBy(alfa, lock())).to.equal('BUSINESS_DAY_CLOSED');
  });

  it('takes only terms that can end', () => {
    const refusals: readonly (readonly [Partial<LockArgs>, string])[] = [
      [{ id: 'BETAFRPP-H1' }, 'ID_INVALID'],
      [{ id: `ALFADEFF-${'x'.repeat(52)}` }, 'ID_INVALID'],
      [{ instrument: BOND }, 'ASSET_INVALID'],
      [{ currency: undefined }, 'ASSET_INVALID'],
      [{ amount: 0n }, 'AMOUNT_ZERO'],
      [{ recipient: alfa }, 'SAME_ACCOUNT'],
      [{ recipient: unknown }, 'ACCOUNT_UNKNOWN'],
      [{ failureHash: HASH }, 'HASHES_EQUAL'],
      [{ deadline: TODAY_MS }, 'DEADLINE_INVALID'],
      [{ deadline: TODAY_MS + 367 * 86_400_000 }, 'DEADLINE_INVALID'],
      [{ currency: 'XXX' }, 'CURRENCY_UNKNOWN'],
    ];
    for (const [change, code] of refusals) expect(refusedBy(alfa, lock(change)), code).to.equal(code);
    network.ok(alfa, lock());
    expect(refusedBy(alfa, lock())).to.equal('LOCK_EXISTS');
    network.ok(beta, claim());
    expect(refusedBy(alfa, lock())).to.equal('LOCK_EXISTS');
  });

  it('takes no units for a recipient whom the instrument excludes: the key would be shown for nothing', () => {
    const bond = { kind: 'bond', issuer: alfa, name: 'Bond', currency: 'EUR', nominal: 1n, cap: 1_000n } as const;
    const eligibility = { roles: ['custodian'], admittedOnly: false } as const;
    network.ok(alfa, [
      callOf(assets.methods.create, { instrument: BOND, ...bond, eligibility }),
      callOf(assets.methods.issue, { instrument: BOND, account: alfa, amount: 100n }),
    ]);
    const units = { currency: undefined, instrument: BOND, amount: 40n };
    expect(refusedBy(alfa, lock(units))).to.equal('NOT_ELIGIBLE');
    network.ok(alfa, lock({ ...units, recipient: ACCOUNTS.custodian }));
  });

  it('knows what is not there, and what was not claimed', () => {
    expect(network.view(h.lockOf, { id: ID })).to.equal(undefined);
    for (const call of [claim(), refund(), reclaim(), pay()]) expect(refusedBy(beta, call)).to.equal('LOCK_UNKNOWN');
    network.ok(alfa, lock());
    expect(refusedBy(beta, pay())).to.equal('NOT_CLAIMED');
  });

  it('bounds how many of one account are open', () => {
    for (let page = 0; page < 10; page++) {
      const calls = Array.from({ length: 100 }, (_, index) => lock({ id: `ALFADEFF-${page}-${index}`, amount: 1n }));
      network.ok(alfa, calls);
    }
    expect(refusedBy(alfa, lock())).to.equal('LOCKS_TOO_MANY');
    network.ok(beta, claim(KEY, 'ALFADEFF-0-0'));
    network.ok(alfa, lock());
  });

  after('every code of the contract was seen', () => {
    const declared = Object.keys(htlc.abi().errors);
    expect(declared.filter((code) => !codes.has(`htlc.${code}`))).to.deep.equal([]);
  });
});
