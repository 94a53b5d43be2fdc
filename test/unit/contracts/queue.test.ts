import { expect } from 'chai';
import { callOf } from '../../../contracts/api/index.js';
import { cash, payments, queue } from '../../../contracts/index.js';
import { QUEUE_LIMITS } from '../../../contracts/queue/records.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import { addressOf, CENTRAL, EUR, QueueNetwork, queueEvents } from '../../support/queueNetwork.js';

const { submit, submitBatch, hold, release, reprioritise, cancel, sweep, reserve } = queue.methods;

const item = (id: number) => ({ currency: EUR, id });

/** The network of these tests takes the member from the end of an account's name. */
const ALSO_OF_THE_MEMBER_OF_A = 'XXA';

describe('a payment that is submitted', () => {
  let network: QueueNetwork;
  const codes = new Set<string>();
  const refusal = (text: string, options: object = {}) =>
    network.refused(text.split(' ')[0] ?? '', callOf(submit, network.submission(text, options)));

  beforeEach(() => {
    network = new QueueNetwork({ A: 100, B: 100 });
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  it('settles at once where it is funded and nothing of its debtor waits', () => {
    const receipt = network.ok('A', callOf(submit, network.submission('A B 60', { reference: 'R' })));
    expect(network.balances('A', 'B')).to.deep.equal([40n, 160n]);
    const [name, event] = queueEvents(receipt)[0] ?? [];
    expect(name).to.equal('Settled');
    expect(event).to.deep.include({ amount: '60', reference: 'R', priority: 'normal', businessDay: network.day });
    expect(network.waiting()).to.deep.equal([]);
  });

  it('waits where it is not funded, and every one of its debtor’s behind it, in their order', () => {
    expect(network.submit('A B 101')).to.equal(1);
    expect(network.submit('A C 1')).to.equal(2);
    expect(network.waiting().map(({ id }) => id)).to.deep.equal([1, 2]);
    expect(network.balances('A', 'B', 'C')).to.deep.equal([100n, 100n, 0n]);
  });

  it('begins a run where its creditor waits for money, while the queue is short', () => {
    expect(network.submit('A B 101')).to.equal(1);
    expect(network.submit('A C 1')).to.equal(2);
    expect(network.submit('B A 1')).to.equal('settled');
    expect(network.balances('A', 'B', 'C')).to.deep.equal([0n, 200n, 0n]);
    expect([network.statusOf(1), network.statusOf(2)]).to.deep.equal(['settled', 'queued']);
    // C has nothing: its payment closes a cycle, settles with the other, and is told to have settled.
    expect(network.submit('C A 1')).to.equal('settled');
    expect(network.statusOf(2)).to.equal('settled');
  });

  it('begins a run however many held payments wait', () => {
    const rows = Array.from({ length: 201 }, (_, at) => ({
      ...{ creditor: addressOf('N'), amount: 1n, reference: `${at}` },
    }));
    network.ok('M', callOf(submitBatch, { debtor: addressOf('M'), currency: EUR, mode: 'all', payments: rows }));
    for (let id = 1; id <= 201; id++) network.ok('M', callOf(hold, item(id)));
    expect(network.submit('A B 150')).to.equal(202);
    expect(network.submit('B A 150')).to.equal('settled');
    expect(network.statusOf(202)).to.equal('settled');
  });

  it('waits for the next run where no fuel is left for one of its own', () => {
    network.submit('A B 150');
    const submission = callOf(submit, network.submission('B A 150'));
    const { failure } = network.ledger.run({
      ...{ sender: addressOf('B'), signers: [addressOf('B')], calls: [submission], height: 7 },
      ...{ timestamp: network.timestamp, maxFuel: 3_000_000 },
    });
    expect(failure).to.equal(undefined);
    expect([network.statusOf(1), network.statusOf(2)]).to.deep.equal(['queued', 'queued']);
    expect(network.resolve()).to.deep.include({ settled: 2 });
  });

  it('settles at once where what waits of its debtor is of an earlier business day', () => {
    network.submit('A B 101');
    const held = network.submit('A B 102') as number;
    network.ok('A', callOf(hold, item(held)));
    network.closeDay();
    network.openNextDay();
    expect(network.submit('A C 5')).to.equal('settled');
    expect(network.result('A', release, item(held)).status).to.equal('dayClosed');
    expect(network.submit('A C 500')).to.equal(3);
    expect(network.submit('A C 5'), 'behind the one of today').to.equal(4);
    expect(network.submit('A C 6')).to.equal(5);
    network.resolve();
    expect([1, 2, 3, 4, 5].map((id) => network.statusOf(id))).to.deep.equal([
      ...['dayClosed', 'dayClosed', 'queued', 'settled', 'settled'],
    ]);
    expect(network.position('A').active).to.deep.include({ urgent: 0, normal: 1 });
  });

  it('settles at once where what waits of its debtor has expired', () => {
    const expiresAt = network.timestamp + 1;
    for (const priority of ['urgent', 'normal'] as const) network.submit('A B 101', { expiresAt, priority });
    expect(network.submit('A B 5', { priority: 'urgent' })).to.equal(3);
    network.ok('A', callOf(cancel, item(3)));
    network.timestamp = expiresAt;
    expect(network.submit('A C 5', { priority: 'urgent' })).to.equal('settled');
    expect([network.statusOf(1), network.statusOf(2)]).to.deep.equal(['expired', 'expired']);
    expect(network.submit('A C 5')).to.equal('settled');
  });

  it('passes normal payments where it is urgent and no other urgent one waits', () => {
    expect(network.submit('A B 150')).to.equal(1);
    expect(network.submit('A C 10', { priority: 'urgent' })).to.equal('settled');
    expect(network.submit('A C 95', { priority: 'urgent' })).to.equal(2);
    expect(network.submit('A C 1', { priority: 'urgent' })).to.equal(3);
    expect(network.waiting().map(({ id }) => id)).to.deep.equal([2, 3, 1]);
    expect(network.balances('A', 'C')).to.deep.equal([90n, 10n]);
  });

  it('claims the ranks above urgent only for members with the role', () => {
    expect(refusal('A B 1', { priority: 'centralBank' })).to.equal('PRIORITY_RESERVED');
    expect(refusal('A B 1', { priority: 'clearing' })).to.equal('PRIORITY_RESERVED');
    expect(network.submit('CB A 5', { priority: 'centralBank' })).to.equal(1);
    expect(network.submit('OPS A 5', { priority: 'clearing' })).to.equal(2);
    expect(network.refused('CB', callOf(reprioritise, { ...item(1), priority: 'centralBank' }))).to.equal('UNCHANGED');
    const upwards = callOf(reprioritise, { ...item(2), priority: 'centralBank' });
    expect(network.refused('OPS', upwards)).to.equal('PRIORITY_RESERVED');
  });

  it('is refused with the reason, and leaves its reference unused', () => {
    const reference = 'R';
    expect(refusal('A B 0', { reference })).to.equal('AMOUNT_ZERO');
    expect(network.refused('A', callOf(submit, { ...network.submission('A B 1'), amount: MAX_AMOUNT }))).to.equal(
      'AMOUNT_TOO_LARGE',
    );
    expect(refusal('A A 1', { reference })).to.equal('SAME_ACCOUNT');
    expect(refusal('A ?B 1', { reference })).to.equal('ACCOUNT_UNKNOWN');
    expect(refusal('A B 1', { reference, expiresAt: network.timestamp })).to.equal('EXPIRED');
    expect(network.refused('A', callOf(submit, network.submission('B A 1')))).to.equal('UNAUTHORISED');
    const other = { ...network.submission('A B 1'), businessDay: network.day + 1 };
    expect(network.refused('A', callOf(submit, other))).to.equal('BUSINESS_DAY_MISMATCH');
    network.suspended.add('B');
    expect(refusal('A B 1', { reference })).to.equal('SUSPENDED');
    network.suspended.clear();
    expect(network.submit('A B 1', { reference })).to.equal('settled');
    network.closeDay();
    expect(refusal('A B 1', { reference: 'R2' })).to.equal('BUSINESS_DAY_CLOSED');
  });

  it('uses its reference up, whichever way it is paid and whatever becomes of it', () => {
    const pay = (reference: string) => {
      const { debtor, creditor, currency, amount } = network.submission('A B 1');
      return callOf(payments.methods.pay, { debtor, creditor, currency, amount, reference });
    };
    network.submit('A B 1', { reference: 'SETTLED' });
    const id = network.submit('A B 500', { reference: 'WAITS' }) as number;
    network.ok('A', pay('PAID'));
    for (const reference of ['SETTLED', 'WAITS', 'PAID']) {
      expect(refusal('A B 1', { reference })).to.equal('BUSINESS_REFERENCE_USED');
      expect(network.refused('A', pay(reference))).to.equal('BUSINESS_REFERENCE_USED');
      expect(refusal('A B 0', { reference }), 'told before anything else').to.equal('BUSINESS_REFERENCE_USED');
    }
    network.ok('A', callOf(cancel, item(id)));
    expect(refusal('A B 1', { reference: 'WAITS' })).to.equal('BUSINESS_REFERENCE_USED');
    const use = callOf(payments.methods.useReference, {
      debtor: addressOf('A'),
      reference: 'X',
      businessDay: network.day,
    });
    expect(network.refused('A', use)).to.equal('UNAUTHORISED');
    network.closeDay();
    network.openNextDay();
    expect(network.submit('A B 1', { reference: 'SETTLED' })).to.equal('settled');
  });

  it('is refused where as many wait as one bank may have, or all together', function () {
    this.timeout(30_000);
    const full = new QueueNetwork({});
    const fill = (name: string): void => {
      for (let batch = 0; batch < QUEUE_LIMITS.waitingPerMember / QUEUE_LIMITS.batch; batch++) {
        const rows = Array.from({ length: QUEUE_LIMITS.batch }, (_, at) => ({
          ...{ creditor: addressOf('Z'), amount: 1n, reference: `${batch}/${at}` },
        }));
        full.ok(name, callOf(submitBatch, { debtor: addressOf(name), currency: EUR, mode: 'all', payments: rows }));
      }
    };
    const names = ['A', 'B', 'C', 'D', 'E'];
    expect(names.length * QUEUE_LIMITS.waitingPerMember).to.equal(QUEUE_LIMITS.waiting);
    fill('A');
    const next = (debtor: string) => full.run(debtor, callOf(submit, full.submission(`${debtor} Z 1`))).failure?.code;
    expect(next('A')).to.equal('QUEUE_SHARE_FULL');
    expect(next(ALSO_OF_THE_MEMBER_OF_A), 'however many accounts its member has').to.equal('QUEUE_SHARE_FULL');
    full.ok('A', callOf(cancel, item(1)));
    expect(full.submit('A Z 1')).to.equal(QUEUE_LIMITS.waitingPerMember + 1);
    for (const name of names.slice(1)) fill(name);
    expect(next('F')).to.equal('QUEUE_FULL');
    full.issue('F', 1n);
    expect(next('F'), 'what settles at once needs no room').to.equal(undefined);
    for (const code of ['QUEUE_SHARE_FULL', 'QUEUE_FULL']) codes.add(`queue.${code}`);
  });

  describe('in a batch', () => {
    const batch = (mode: 'all' | 'each', texts: readonly string[], options: readonly object[] = []) => {
      const rows = texts.map((text, at) => {
        const { debtor: _debtor, currency: _currency, ...row } = network.submission(text, options[at]);
        return row;
      });
      return callOf(submitBatch, { debtor: addressOf('A'), currency: EUR, mode, payments: rows });
    };

    it('settles, waits or is refused on its own, and each outcome is told by reference', () => {
      const { outcomes, results } = network.ok(
        'A',
        batch(
          'each',
          ['A B 60', 'A B 60', 'A C 1', 'A C 0', 'A C 30', 'A C 1'],
          ['1', '2', '3', '4', '5', '1'].map((reference) => ({
            reference,
            ...(reference === '5' ? { priority: 'urgent' } : {}),
          })),
        ),
      );
      expect(outcomes.map(({ reference, code }) => `${reference} ${code}`)).to.deep.equal([
        '1 ',
        '2 QUEUED',
        '3 QUEUED',
        '4 AMOUNT_ZERO',
        '5 ',
        '1 BUSINESS_REFERENCE_USED',
      ]);
      expect(queue.codec.decodeResult('submitBatch', results[0] ?? new Uint8Array())).to.deep.equal({
        ...{ businessDay: network.day, settled: 2, queued: 2, refused: 2 },
        outcomes: [
          { status: 'settled' },
          { status: 'queued', id: 1 },
          { status: 'queued', id: 2 },
          { status: 'refused', code: 'AMOUNT_ZERO' },
          { status: 'settled' },
          { status: 'refused', code: 'BUSINESS_REFERENCE_USED' },
        ],
      });
      expect(network.balances('A', 'B', 'C')).to.deep.equal([10n, 160n, 30n]);
    });

    it('is taken whole or not at all where its mode is all', () => {
      expect(network.refused('A', batch('all', ['A B 60', 'A B 60', 'A B 0']))).to.equal('AMOUNT_ZERO');
      network.ok('A', batch('all', ['A B 60', 'A B 60']));
      expect(network.waiting()).to.have.length(1);
    });
  });

  it('reaches every code that the contract declares, together with the operations below', () => {
    const few = new QueueNetwork({ A: 5 });
    const ids = ['A B 9', 'A B 9', 'A B 9'].map((text) => few.submit(text) as number);
    expect(few.refused('A', callOf(cancel, item(99)))).to.equal('ITEM_UNKNOWN');
    few.ok('A', callOf(cancel, item(ids[0] ?? 0)));
    expect(few.refused('A', callOf(cancel, item(ids[0] ?? 0)))).to.equal('ITEM_FINISHED');
    expect(few.refused('B', callOf(cancel, item(ids[1] ?? 0)))).to.equal('NOT_ENTITLED');
    const much = callOf(reserve, { currency: EUR, account: addressOf('A'), amount: 6n });
    expect(few.refused('A', much)).to.equal('INSUFFICIENT_FUNDS');
    for (const code of few.codesSeen) codes.add(code);
    const missing = few.missingCodes('queue').filter((code) => !/^(LIMIT|RULE)_/.test(code));
    const declared = missing.map((code) => `queue.${code}`);
    // Too many limits stand with the limits, a cut-off with the business day, limits and rules of the debtor with cash, issuers with winding
    // down; QUEUED is an outcome alone.
    const elsewhere = [
      'queue.QUEUED',
      'queue.LIMITS_TOO_MANY',
      'queue.CUT_OFF_PASSED',
      'queue.NOT_ISSUER',
      'queue.NOT_SUSPENDED',
    ];
    expect(declared.filter((code) => !codes.has(code))).to.have.members(elsewhere);
  });
});

describe('a payment that waits', () => {
  let network: QueueNetwork;

  beforeEach(() => {
    network = new QueueNetwork({ A: 100 });
  });

  it('is held, stands in nobody’s way, never settles, and keeps its place when it is released', () => {
    const id = network.submit('A B 150') as number;
    network.ok('A', callOf(hold, item(id)));
    expect(network.refused('A', callOf(hold, item(id)))).to.equal('UNCHANGED');
    expect(network.submit('A C 40')).to.equal('settled');
    const later = network.submit('A C 70') as number;
    network.issue('A', 500n);
    expect(network.resolve()).to.deep.include({ settled: 1, value: 70n });
    expect([network.statusOf(id), network.statusOf(later)]).to.deep.equal(['queued', 'settled']);
    expect(network.why(id)?.code).to.equal('HELD');
    network.ok('A', callOf(release, item(id)));
    expect(network.refused('A', callOf(release, item(id)))).to.equal('UNCHANGED');
    const last = network.submit('A C 1') as number;
    expect(network.waiting().map((row) => row.id)).to.deep.equal([id, last]);
    expect(network.resolve()).to.deep.include({ settled: 2 });
  });

  it('changes its priority and keeps its age', () => {
    const [first, second, third] = ['A B 110', 'A B 120', 'A B 130'].map((text) => network.submit(text) as number);
    network.ok('A', callOf(reprioritise, { ...item(third as number), priority: 'urgent' }));
    network.ok('A', callOf(reprioritise, { ...item(second as number), priority: 'urgent' }));
    expect(network.waiting().map((row) => row.id)).to.deep.equal([second, third, first]);
    expect(network.position('A').active).to.deep.include({ urgent: 2, normal: 1 });
    network.ok('A', callOf(reprioritise, { ...item(second as number), priority: 'normal' }));
    expect(network.waiting().map((row) => row.id)).to.deep.equal([third, first, second]);
  });

  it('is cancelled by its debtor or the central bank, and by nobody once it has settled', () => {
    const [one, two, three] = ['A B 150', 'A B 1', 'A B 2'].map((text) => network.submit(text) as number);
    const receipt = network.ok('A', callOf(cancel, item(one as number)));
    expect(queueEvents(receipt)[0]).to.deep.equal(['Cancelled', { ...item(one as number), by: 'BANKDEXA' }]);
    network.suspended.add('A');
    network.ok(CENTRAL, callOf(cancel, item(two as number)));
    network.suspended.clear();
    expect(network.resolve()).to.deep.include({ settled: 1, value: 2n });
    expect([one, two, three].map((id) => network.statusOf(id as number))).to.deep.equal([
      'cancelled',
      'cancelled',
      'settled',
    ]);
    expect(network.refused('A', callOf(cancel, item(three as number)))).to.equal('ITEM_FINISHED');
    expect(network.position('A')).to.deep.include({ outgoing: 0, outgoingAmount: 0n });
  });

  it('is changed by its debtor alone', () => {
    const id = network.submit('A B 150') as number;
    for (const call of [hold, release]) expect(network.refused('B', callOf(call, item(id)))).to.equal('UNAUTHORISED');
    const change = callOf(reprioritise, { ...item(id), priority: 'urgent' });
    expect(network.refused(CENTRAL, change)).to.equal('UNAUTHORISED');
  });

  it('never settles once its time is over: a run, a sweep or whoever touches it drops it', () => {
    const expiresAt = network.timestamp + 1_000;
    const [one, two, three] = ['A B 101', 'A B 102', 'A B 103'].map(
      (text) => network.submit(text, { expiresAt }) as number,
    );
    const later = network.submit('A B 5', { expiresAt: expiresAt + 1 }) as number;
    network.issue('A', 1_000n);
    network.timestamp = expiresAt;
    expect(network.why(one as number)?.code).to.equal('EXPIRED');
    expect(network.result('A', hold, item(one as number))).to.deep.equal({ status: 'expired' });
    expect(network.result('B', sweep, { currency: EUR, limit: 1 })).to.deep.include({ dropped: 1 });
    const receipt = network.ok('B', callOf(queue.methods.resolve, { currency: EUR }));
    expect(queueEvents(receipt)[0]).to.deep.equal(['Dropped', { ...item(three as number), status: 'expired' }]);
    expect([one, two, three, later].map((id) => network.statusOf(id as number))).to.deep.equal([
      'expired',
      'expired',
      'expired',
      'settled',
    ]);
    expect(network.balance('B')).to.equal(5n);
  });

  it('ends with its business day, and is forgotten on the next', () => {
    const ids = ['A B 101', 'A B 102'].map((text) => network.submit(text) as number);
    network.closeDay();
    expect(network.why(ids[0] as number)?.code).to.equal('DAY_CLOSED');
    expect(network.refused('B', callOf(queue.methods.resolve, { currency: EUR }))).to.equal('BUSINESS_DAY_CLOSED');
    network.openNextDay();
    network.issue('A', 1_000n);
    expect(network.submit('B C 1')).to.equal(3);
    expect(network.resolve()).to.deep.include({ settled: 0 });
    expect(network.statusOf(ids[0] as number)).to.equal('dayClosed');
    expect(network.result('B', sweep, { currency: EUR, limit: 100 })).to.deep.include({ dropped: 0, forgotten: 2 });
    expect(network.statusOf(ids[0] as number)).to.equal(undefined);
    expect(network.statusOf(3)).to.equal('queued');
    expect(network.position('A')).to.deep.include({ outgoing: 0, outgoingAmount: 0n });
  });

  it('is swept stretch by stretch, whatever stands in front', () => {
    const expiresAt = network.timestamp + 1;
    const texts = Array.from({ length: 6 }, (_, at) => `A B ${200 + at}`);
    texts.map((text, at) => network.submit(text, at % 2 === 0 ? {} : { expiresAt }));
    network.timestamp = expiresAt;
    const first = network.result('B', sweep, { currency: EUR, limit: 3 });
    expect(first).to.deep.include({ dropped: 1, next: { priority: 'normal', id: 3 } });
    const second = network.result('B', sweep, { currency: EUR, limit: 10, after: first.next });
    expect(second).to.deep.include({ dropped: 2, next: undefined });
    expect(network.waiting().map(({ id }) => id)).to.deep.equal([1, 3, 5]);
  });

  it('is listed by debtor and creditor, page by page', () => {
    network = new QueueNetwork({});
    for (const text of ['A B 101', 'B C 1', 'A C 5', 'C B 7']) network.submit(text);
    const ids = (change: object) =>
      network.view(queue.methods.list, { currency: EUR, limit: 100, ...change }).payments.map(({ id }) => id);
    expect(ids({ debtor: addressOf('A') })).to.deep.equal([1, 3]);
    expect(ids({ creditor: addressOf('B') })).to.deep.equal([1, 4]);
    expect(network.waiting(1).map(({ id }) => id)).to.deep.equal([1, 2, 3, 4]);
    expect(network.position('B')).to.deep.include({ outgoing: 1, outgoingAmount: 1n, incomingAmount: 108n });
  });
});

describe('cash by net position', () => {
  it('is settled for the queue alone, balanced, between accounts that may take part', () => {
    const impostor = {
      name: 'queue',
      version: 1,
      dispatch: (host: { call(c: string, m: string, a: Uint8Array): Uint8Array }, method: string, args: Uint8Array) =>
        host.call('cash', method, args),
    };
    const network = new QueueNetwork({ A: 10, B: 5 }, [impostor as never]);
    const net = (...texts: readonly string[]) => {
      const positions = texts.map((text) => {
        const [name = '', amount = '0'] = text.split(' ');
        return { account: addressOf(name), isDebit: amount.startsWith('-'), amount: BigInt(amount.replace('-', '')) };
      });
      return callOf(cash.methods.settleNet, { currency: EUR, positions });
    };
    const asQueue = (call: { readonly args: Uint8Array }) => ({
      contract: 'queue',
      method: 'settleNet',
      args: call.args,
    });
    expect(network.refused('A', net('A -5', 'B 5'))).to.equal('UNAUTHORISED');
    const refused = (...texts: readonly string[]) => network.refused('A', asQueue(net(...texts)));
    expect(refused('A -5', 'B 4')).to.equal('NET_UNBALANCED');
    expect(refused('A -5', 'B 6')).to.equal('NET_UNBALANCED');
    expect(refused('A -11', 'B 11')).to.equal('INSUFFICIENT_FUNDS');
    expect(refused('A -6', 'A -6', 'B 12')).to.equal('INSUFFICIENT_FUNDS');
    expect(refused('A 0', 'B 0')).to.equal('AMOUNT_ZERO');
    expect(refused('A -1', '?B 1')).to.equal('ACCOUNT_UNKNOWN');
    network.suspended.add('B');
    expect(refused('A -1', 'B 1')).to.equal('SUSPENDED');
    network.suspended.clear();
    network.ok('A', asQueue(net('A -7', 'B -5', 'C 12')));
    expect(network.balances('A', 'B', 'C')).to.deep.equal([3n, 0n, 12n]);
    network.closeDay();
    expect(refused('C -1', 'B 1')).to.equal('BUSINESS_DAY_CLOSED');
  });
});
