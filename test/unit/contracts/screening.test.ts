import { expect } from 'chai';
import { membership, payments, screening } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, CENTRAL_BANK, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const s = screening.methods;
const { central, alfa, beta, gamma } = ACCOUNTS;
const DAY_MS = 86_400_000;
const EXPIRY = TODAY_MS + 10 * DAY_MS;
const document = new Uint8Array(32).fill(7);
const hashOf = (number: number): `0x${string}` => `0x${number.toString(16).padStart(64, '0')}`;
const H = hashOf(1);

type ListArgs = Parameters<typeof s.list.args.encode>[0];

describe('screening', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  const at = (timestamp: number, sender: Address, call: Call) => {
    const { failure } = network.ledger.run({ sender, signers: [sender], calls: [call], height: 9, timestamp });
    if (failure !== undefined) codes.add(`screening.${failure.code}`);
    return failure?.code ?? '';
  };
  const refused = (sender: Address, call: Call | readonly Call[]) => network.refused(sender, call).code;
  const list = (change: Partial<ListArgs> = {}) =>
    callOf(s.list, { hash: H, kind: 'fraud', reason: 'suspectedFraud', expiresAt: EXPIRY, ...change });
  const clear = (...hashes: readonly `0x${string}`[]) => callOf(s.requireClear, { hashes });
  const appeal = (member: string = BANKS.alfa, hash = H) => callOf(s.appeal, { hash, member, document });
  const decide = (isGranted: boolean, member: string = BANKS.alfa, hash = H) =>
    callOf(s.decide, { hash, member, isGranted, document });
  const pay = callOf(payments.methods.pay, {
    debtor: beta,
    creditor: gamma,
    currency: 'EUR',
    amount: 5n,
    reference: 'P',
  });

  beforeEach(() => {
    network = TestNetwork.funded();
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  it('stops a payment behind it where an identifier is listed, and says which and why', () => {
    network.ok(alfa, list());
    const { code, data } = network.refused(beta, [clear(hashOf(2), H), pay]);
    expect([code, data]).to.deep.equal([
      'LISTED',
      { hash: H, kind: 'fraud', reason: 'suspectedFraud', member: BANKS.alfa, expiresAt: EXPIRY },
    ]);
    expect(network.balance(beta)).to.equal(1_000_000n);
    const { events } = network.ok(beta, [clear(hashOf(2)), pay]);
    expect(events[0]?.name).to.equal('Cleared');
    expect(network.balance(beta)).to.equal(999_995n);
    expect(network.view(s.check, { hashes: [hashOf(2), H] }).map(({ hash }) => hash)).to.deep.equal([H]);
  });

  it('ends with the time of the entry, and with that of the last lister', () => {
    network.ok(alfa, list());
    network.ok(gamma, list({ expiresAt: EXPIRY + 1 }));
    expect(at(EXPIRY - 1, beta, clear(H))).to.equal('LISTED');
    expect(at(EXPIRY, beta, clear(H))).to.equal('LISTED');
    expect(at(EXPIRY + 1, beta, clear(H))).to.equal('');
    expect(at(EXPIRY, alfa, callOf(s.lift, { hash: H }))).to.equal('ENTRY_UNKNOWN');
  });

  it('takes no entry for longer than its kind may last', () => {
    const refusals: readonly (readonly [Partial<ListArgs>, string])[] = [
      [{ expiresAt: TODAY_MS }, 'EXPIRY_INVALID'],
      [{ expiresAt: TODAY_MS + 90 * DAY_MS + 1 }, 'EXPIRY_INVALID'],
      [{ kind: 'sanctions', expiresAt: TODAY_MS + 366 * DAY_MS + 1 }, 'EXPIRY_INVALID'],
    ];
    for (const [change, code] of refusals) expect(refused(alfa, list(change))).to.equal(code);
    network.ok(alfa, list({ kind: 'sanctions', expiresAt: TODAY_MS + 366 * DAY_MS }));
  });

  it('is lifted by the member that has listed, and by nobody else', () => {
    network.ok(alfa, list());
    expect(refused(beta, callOf(s.lift, { hash: H }))).to.equal('ENTRY_UNKNOWN');
    network.ok(alfa, callOf(s.lift, { hash: H }));
    network.ok(beta, clear(H));
    expect(network.view(s.entriesOf, { member: BANKS.alfa, limit: 9 })).to.deep.equal([]);
  });

  describe('an appeal', () => {
    beforeEach(() => network.ok(alfa, list()));

    it('that a second bank grants lifts the entry, and bars its member for 30 days', () => {
      network.ok(beta, appeal());
      expect([refused(alfa, decide(false)), refused(beta, decide(true))]).to.deep.equal([
        'NOT_ENTITLED',
        'NOT_ENTITLED',
      ]);
      network.ok(gamma, decide(true));
      network.ok(beta, clear(H));
      expect(refused(alfa, list())).to.equal('BARRED');
      network.ok(gamma, list());
      expect(at(TODAY_MS + 30 * DAY_MS, alfa, list({ expiresAt: TODAY_MS + 40 * DAY_MS }))).to.equal('');
    });

    it('that a bank refuses goes to a supervisor or central bank, whose refusal is final until the entry is listed anew', () => {
      network.ok(beta, appeal());
      network.ok(gamma, decide(false));
      expect(refused(beta, clear(H))).to.equal('LISTED');
      network.ok(beta, appeal());
      expect(refused(gamma, decide(true))).to.equal('NOT_ENTITLED');
      network.ok(central, decide(false));
      expect(refused(beta, appeal())).to.equal('APPEAL_REFUSED');
      network.ok(alfa, list({ expiresAt: EXPIRY + 5 }));
      network.ok(beta, appeal());
    });

    it('stays open where the entry is listed anew, so that nobody gets rid of it', () => {
      network.ok(beta, appeal());
      network.ok(alfa, list({ expiresAt: EXPIRY + 5 }));
      expect(network.view(s.entries, { hash: H })[0]?.appeal?.by).to.equal(BANKS.beta);
      network.ok(gamma, decide(true));
    });

    it('of sanctions is decided by a supervisor or central bank', () => {
      network.ok(alfa, list({ hash: hashOf(2), kind: 'sanctions', reason: 'officialList' }));
      network.ok(beta, appeal(BANKS.alfa, hashOf(2)));
      expect(refused(gamma, decide(true, BANKS.alfa, hashOf(2)))).to.equal('NOT_ENTITLED');
      expect(
        network.govern(callOf(membership.methods.changeRoles, { member: BANKS.gamma, roles: ['supervisor'] })),
      ).to.equal('');
      network.ok(gamma, decide(true, BANKS.alfa, hashOf(2)));
    });

    it('is one at a time, and makes room after 30 days without a decision', () => {
      expect(refused(alfa, appeal())).to.equal('NOT_ENTITLED');
      expect(refused(gamma, decide(true))).to.equal('APPEAL_UNKNOWN');
      expect(refused(gamma, appeal(BANKS.beta))).to.equal('ENTRY_UNKNOWN');
      network.ok(alfa, list({ expiresAt: TODAY_MS + 80 * DAY_MS }));
      network.ok(beta, appeal());
      expect(refused(gamma, appeal())).to.equal('APPEAL_OPEN');
      expect(at(TODAY_MS + 30 * DAY_MS, gamma, appeal())).to.equal('');
    });
  });

  it('bounds the entries of a member, and forgets first what is over', () => {
    for (let page = 0; page < 63; page++) {
      const calls = Array.from({ length: 16 }, (_, index) => page * 16 + index)
        .filter((number) => number < 1_000)
        .map((number) => list({ hash: hashOf(number + 10), expiresAt: number < 2 ? TODAY_MS + 1 : EXPIRY }));
      network.ok(alfa, calls);
    }
    expect(refused(alfa, list())).to.equal('ENTRIES_TOO_MANY');
    expect(at(TODAY_MS + 1, alfa, list())).to.equal('');
    expect(network.view(s.entries, { hash: hashOf(10) })).to.deep.equal([]);
    network.ok(beta, list());
    expect(network.view(s.entriesOf, { member: BANKS.alfa, limit: 1_000 })).to.have.lengthOf(999);
    void CENTRAL_BANK;
  });

  describe('in all these', () => {
    it('meets every code but that of too many listers', () => {
      const declared = Object.keys(screening.abi().errors).filter((code) => code !== 'LISTERS_TOO_MANY');
      expect(declared.filter((code) => !codes.has(`screening.${code}`))).to.deep.equal([]);
    });
  });
});
