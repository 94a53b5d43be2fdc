import { expect } from 'chai';
import { callOf } from '../../../contracts/api/index.js';
import { cash, payments, queue } from '../../../contracts/index.js';
import { QUEUE_LIMITS } from '../../../contracts/queue/records.js';
import { parseAddress } from '../../../primitives/address.js';
import { addressOf, EUR, nameOf, QueueNetwork, queueEvents } from '../../support/queueNetwork.js';

const { hold, release, resolve, setLimit, reserve, runs, reprioritise, submitBatch, limits } = queue.methods;

const limit = (debtor: string, creditor: string, amount?: bigint) =>
  callOf(setLimit, { currency: EUR, debtor: addressOf(debtor), creditor: addressOf(creditor), amount });
const reservation = (name: string, amount: bigint) =>
  callOf(reserve, { currency: EUR, account: addressOf(name), amount });

/** Puts payments into the queue without letting any of them begin a run: each is held, and all are released at the end. */
function queued(network: QueueNetwork, texts: readonly string[]): readonly number[] {
  const debtors = texts.map((text) => text.split(' ')[0] ?? '');
  const ids = texts.map((text, at) => {
    const id = network.submit(text);
    expect(id, text).to.be.a('number');
    network.ok(debtors[at] ?? '', callOf(hold, { currency: EUR, id: id as number }));
    return id as number;
  });
  for (const [at, id] of ids.entries()) network.ok(debtors[at] ?? '', callOf(release, { currency: EUR, id }));
  return ids;
}

/** Payments of one unit each from one debtor to another account. */
/** How the names of accounts of one member end on the network of these tests. */
const OF_ONE_MEMBER = '-MM';

function fill(network: QueueNetwork, debtor: string, count: number, priority: 'urgent' | 'normal' = 'normal'): void {
  for (let done = 0; done < count; done += QUEUE_LIMITS.batch) {
    const rows = Array.from({ length: Math.min(QUEUE_LIMITS.batch, count - done) }, (_, at) => ({
      ...{ creditor: addressOf('N'), amount: 1n, reference: `${done + at}`, priority },
    }));
    const parties = { debtor: addressOf(debtor), currency: EUR };
    network.ok(debtor, callOf(submitBatch, { ...parties, mode: 'all', payments: rows }));
  }
}

describe('a run over the queue', () => {
  it('settles a ring that no bank could begin, by net position, and leaves a receipt', () => {
    const network = new QueueNetwork({ A: 50, B: 100, C: 20 });
    const ids = queued(network, ['A B 100', 'B C 130', 'C A 50']);
    const receipt = network.ok('C', callOf(resolve, { currency: EUR }));
    expect(network.balances('A', 'B', 'C')).to.deep.equal([0n, 70n, 100n]);
    expect(ids.map((id) => network.statusOf(id))).to.deep.equal(['settled', 'settled', 'settled']);
    const [name, event] = queueEvents(receipt).at(-1) ?? [];
    expect(name).to.equal('Resolved');
    expect(event).to.deep.include({ run: 1, value: '280', outcome: 'settled', isComplete: true, settled: ids });
    const { positions } = event as { readonly positions: readonly { readonly [field: string]: string }[] };
    const shown = positions.map(({ account = '', available, isDebit, net }) => {
      return `${nameOf(parseAddress(account))} ${available} ${isDebit ? '-' : '+'}${net}`;
    });
    expect(shown).to.deep.equal(['A 50 -50', 'B 100 -30', 'C 20 +80']);
    const [newest] = network.view(runs, { currency: EUR, limit: 5 });
    expect(newest).to.deep.include({ run: 1, settledCount: 3, considered: 3, trigger: 'demand', height: 7 });
    expect(network.view(queue.methods.item, { currency: EUR, id: ids[0] ?? 0 })?.run).to.equal(1);
  });

  it('settles nothing where a single unit is missing, and says of each payment why', () => {
    const network = new QueueNetwork({});
    const ids = queued(network, ['A B 100', 'B C 130', 'C A 50', 'C A 3']);
    for (const [name, amount] of Object.entries({ A: 46n, B: 100n, C: 20n })) network.issue(name, amount);
    const fifo = network.resolve({ stages: 'fifo' });
    expect(fifo).to.deep.include({ settled: 0, outcome: 'unsettled' });
    const why = network.why(ids[0] ?? 0);
    expect(why).to.deep.include({ code: 'NOT_FUNDED', needed: 100n, available: 46n, incoming: 53n });
    expect(network.why(ids[3] ?? 0)).to.deep.include({ code: 'NEXT_RUN' });
    network.issue('A', 1n);
    expect(network.resolve()).to.deep.include({ settled: 4, value: 283n });
    expect(network.why(ids[0] ?? 0)).to.equal(undefined);
    expect(network.why(99)).to.equal(undefined);
  });

  it('lets nobody pass an earlier payment of its own bank in stage one alone', () => {
    const network = new QueueNetwork({});
    const [first, second] = queued(network, ['A B 11', 'A B 10']);
    network.issue('A', 10n);
    expect(network.resolve({ stages: 'fifo' })).to.deep.include({ settled: 0 });
    expect(network.resolve()).to.deep.include({ settled: 1 });
    expect([first, second].map((id) => network.statusOf(id ?? 0))).to.deep.equal(['queued', 'settled']);
  });

  it('leaves payments of suspended accounts where they are, and in nobody’s way', () => {
    const network = new QueueNetwork({});
    const [first, second] = queued(network, ['A B 11', 'A C 10']);
    network.issue('A', 100n);
    network.suspended.add('B');
    expect(network.resolve()).to.deep.include({ settled: 1 });
    expect(network.why(first ?? 0)).to.deep.include({ code: 'SUSPENDED', account: addressOf('B') });
    expect(network.statusOf(second ?? 0)).to.equal('settled');
    network.suspended.clear();
    expect(network.resolve()).to.deep.include({ settled: 1 });
  });

  it('spends no money that another contract holds', () => {
    const escrow = {
      name: 'escrow',
      version: 1,
      dispatch: (host: { call(c: string, m: string, a: Uint8Array): Uint8Array }, method: string, args: Uint8Array) =>
        host.call('cash', method, args),
    };
    const network = new QueueNetwork({ A: 100 }, [escrow as never]);
    const { args } = callOf(cash.methods.lock, { currency: EUR, lock: 'L', debtor: addressOf('A'), amount: 60n });
    network.ok('A', { contract: 'escrow', method: 'lock', args });
    const id = network.submit('A B 50') as number;
    expect(network.resolve()).to.deep.include({ settled: 0 });
    expect(network.why(id)).to.deep.include({ code: 'NOT_FUNDED', available: 40n });
    expect(network.position('A')).to.deep.include({ available: 40n, locked: 60n, reserved: 0n });
  });

  it('begins behind what cannot settle where more waits than it looks at, and at the head again once money has moved', function () {
    this.timeout(60_000);
    const network = new QueueNetwork({});
    const debtors = Array.from({ length: 22 }, (_, at) => `P${at}`);
    for (const debtor of debtors.slice(0, 12)) fill(network, debtor, 500);
    const [funded] = queued(network, ['C D 5']);
    for (const debtor of debtors.slice(12)) fill(network, debtor, 500);
    network.issue('C', 5n);
    const beginsAfter = () => network.view(queue.methods.summary, { currency: EUR }).after;
    expect(network.resolve()).to.deep.include({ settled: 0, outcome: 'unsettled' });
    expect(beginsAfter()).to.equal(5_000);
    // Whoever looks at little, or searches little, decides nothing for others, nor does stage one, which goes on behind nobody.
    for (const options of [{ maxPayments: 1 }, { maxPayments: 0 }, { searchSteps: 0 }, { stages: 'fifo' as const }]) {
      expect(network.resolve(options)).to.deep.include({ settled: 0 });
      expect(network.view(runs, { currency: EUR, limit: 1 })[0]?.after).to.equal(undefined);
      expect(beginsAfter()).to.equal(5_000);
    }
    expect(network.resolve()).to.deep.include({ settled: 1, value: 5n });
    expect(network.statusOf(funded ?? 0)).to.equal('settled');
    expect(beginsAfter()).to.equal(undefined);
    const [newest] = network.view(runs, { currency: EUR, limit: 1 });
    expect(newest).to.deep.include({ after: 5_000, isComplete: false, considered: 5_000 });
    for (let run = 0; run < 3; run++) network.resolve();
    expect(beginsAfter(), 'nothing stands behind').to.equal(undefined);
  });

  it('is not steered by somebody’s small run: a ring closes, and nothing that is earlier is passed', () => {
    const network = new QueueNetwork({});
    const ids = queued(network, ['A B 100', 'A C 100', 'B A 100']);
    network.resolve({ maxPayments: 1, searchSteps: 0 });
    expect(network.resolve()).to.deep.include({ settled: 2, value: 200n });
    expect(ids.map((id) => network.statusOf(id))).to.deep.equal(['settled', 'queued', 'settled']);
  });

  it('says that nothing can settle only where it has looked at all that waits', () => {
    const network = new QueueNetwork({});
    queued(network, ['A B 100', 'B A 99']);
    network.resolve({ maxPayments: 1 });
    expect(network.resolve({ maxPayments: 1 }).outcome).to.equal('unsettled');
    const small = new QueueNetwork({});
    queued(small, ['A B 100']);
    expect(small.resolve().outcome).to.equal('deadlocked');
  });

  it('looks at payments of higher priorities first', () => {
    const network = new QueueNetwork({});
    const ids = queued(network, ['A B 11', 'A B 12', 'A B 13', 'A B 14']);
    network.ok('A', callOf(reprioritise, { currency: EUR, id: ids[3] ?? 0, priority: 'urgent' }));
    network.issue('A', 13n);
    // The third is funded and urgent money is not there: a normal payment does not take what an urgent one waits for.
    expect(network.resolve({ maxPayments: 2 })).to.deep.include({ settled: 0 });
    network.issue('A', 1n);
    expect(network.resolve({ maxPayments: 2 })).to.deep.include({ settled: 1, value: 14n });
  });

  for (const isHeld of [false, true]) {
    it(`reaches others behind urgent payments of one debtor to 256 accounts${isHeld ? ', held ones' : ''}`, () => {
      const network = new QueueNetwork({ A: 50, B: 100, C: 20 });
      const rows = Array.from({ length: 256 }, (_, at) => ({
        ...{ creditor: addressOf(`M${at}`), amount: 1n, reference: `${at}`, priority: 'urgent' as const },
      }));
      network.ok('M', callOf(submitBatch, { debtor: addressOf('M'), currency: EUR, mode: 'all', payments: rows }));
      if (isHeld) for (let id = 1; id <= 256; id++) network.ok('M', callOf(hold, { currency: EUR, id }));
      queued(network, ['A B 100', 'B C 130', 'C A 50']);
      expect(network.resolve()).to.deep.include({ settled: 3, value: 280n });
      expect(network.why(1)?.code).to.equal(isHeld ? 'HELD' : 'NOT_FUNDED');
    });
  }

  it('reaches others behind ten thousand payments of one debtor, and behind those of one that is suspended', function () {
    this.timeout(60_000);
    for (const isSuspended of [false, true]) {
      const network = new QueueNetwork({});
      fill(network, 'M', QUEUE_LIMITS.waitingPerMember, 'urgent');
      queued(network, ['A B 100', 'B A 100']);
      if (isSuspended) network.suspended.add('M');
      expect(network.resolve()).to.deep.include({ settled: 2, value: 200n });
      const [newest] = network.view(runs, { currency: EUR, limit: 1 });
      expect(newest).to.deep.include({ considered: isSuspended ? 2 : 5_000, isComplete: isSuspended });
    }
  });

  it('reaches others behind payments of one member, however many accounts it sends them from', function () {
    this.timeout(60_000);
    const network = new QueueNetwork({});
    const accounts = ['1', '2', '3', '4', '5', '6', '7', '8'].map((prefix) => `${prefix}${OF_ONE_MEMBER}`);
    for (const account of accounts) fill(network, account, QUEUE_LIMITS.waitingPerMember / accounts.length, 'urgent');
    queued(network, ['A B 100', 'B A 100']);
    expect(network.resolve()).to.deep.include({ settled: 2, value: 200n });
  });

  it('gives a debtor the room that others leave, and takes nothing behind what it leaves out', () => {
    const network = new QueueNetwork({});
    fill(network, 'M', 200);
    const [behind] = queued(network, ['M A 1']);
    network.issue('M', 1_000n);
    expect(network.resolve({ maxPayments: 100 })).to.deep.include({ settled: 100 });
    expect(network.statusOf(behind ?? 0)).to.equal('queued');
    expect(network.resolve({ maxPayments: 200 })).to.deep.include({ settled: 101 });
  });

  it('leaves out all that a debtor sends behind the first payment whose account has no room', () => {
    const network = new QueueNetwork({});
    const names = Array.from({ length: 256 }, (_, at) => `N${at}`);
    queued(network, [...names.map((name) => `M ${name} 1`), 'M N0 1', 'X Y 1']);
    network.issue('M', 1_000n);
    network.issue('X', 1n);
    expect(network.resolve()).to.deep.include({ settled: 254, value: 254n });
    expect([254, 255, 256, 257, 258].map((id) => network.statusOf(id))).to.deep.equal([
      ...['queued', 'queued', 'queued', 'queued', 'settled'],
    ]);
    expect(network.resolve()).to.deep.include({ settled: 4 });
  });

  it('keeps the newest hundred receipts', () => {
    const network = new QueueNetwork({});
    for (let run = 1; run <= QUEUE_LIMITS.runs + 5; run++) expect(network.resolve().run).to.equal(run);
    const kept = network.view(runs, { currency: EUR, limit: QUEUE_LIMITS.runs });
    expect(kept.map(({ run }) => run)).to.deep.equal(Array.from({ length: QUEUE_LIMITS.runs }, (_, at) => 105 - at));
  });

  it('costs less than a transaction may use, as large as the queue and all that settles may be', function () {
    this.timeout(60_000);
    const network = new QueueNetwork({});
    const names = Array.from({ length: 50 }, (_, at) => `B${at}`);
    for (const [at, name] of names.entries()) {
      const rows = Array.from({ length: 200 }, (_, row) => ({
        creditor: addressOf(names[(at + 1 + (row % 49)) % 50] ?? ''),
        ...{ amount: BigInt(1 + ((row * 7_919 + at) % 100_000)), reference: `${row}` },
      }));
      const { fuelUsed } = network.ok(
        name,
        callOf(submitBatch, { debtor: addressOf(name), currency: EUR, mode: 'each', payments: rows }),
      );
      expect(fuelUsed).to.be.below(25_000_000);
    }
    for (const name of names) network.issue(name, 100_000_000n);
    const run = (maxPayments: number) => network.ok('B1', callOf(resolve, { currency: EUR, maxPayments }));
    expect(run(QUEUE_LIMITS.window).fuelUsed).to.be.within(50_000_000, 190_000_000);
  });

  it('does nothing at all where its fuel does not suffice', () => {
    const network = new QueueNetwork({ A: 50, B: 100, C: 20 });
    queued(network, ['A B 100', 'B C 130', 'C A 50']);
    const before = network.ledger.snapshot();
    const call = callOf(resolve, { currency: EUR });
    const { failure, fuelUsed } = network.ledger.run({
      ...{ sender: addressOf('A'), calls: [call], height: 7, timestamp: network.timestamp, maxFuel: 1_000_000 },
    });
    expect([failure?.code, fuelUsed]).to.deep.equal(['OUT_OF_FUEL', 1_000_000]);
    expect(network.ledger.snapshot()).to.deep.equal(before);
  });
});

describe('a bilateral limit', () => {
  it('keeps normal payments within what its debtor pays net, counts urgent ones, and holds up no other', () => {
    const network = new QueueNetwork({ A: 1_000, B: 1_000 });
    network.ok('A', limit('A', 'B', 100n));
    expect(network.submit('A B 60')).to.equal('settled');
    const id = network.submit('A B 50') as number;
    expect(network.why(id)).to.deep.include({ code: 'LIMIT', needed: 50n });
    expect(network.why(id)?.limit).to.deep.include({ amount: 100n, paid: 60n, received: 0n });
    expect(network.resolve()).to.deep.include({ settled: 0 });
    // What B pays makes room again, and the run that follows takes it.
    expect(network.submit('B A 10')).to.equal('settled');
    expect(network.statusOf(id)).to.equal('settled');
    expect(network.submit('A B 500', { priority: 'urgent' })).to.equal('settled');
    expect(network.view(limits, { currency: EUR, debtor: addressOf('A') })).to.deep.equal([
      { creditor: addressOf('B'), amount: 100n, businessDay: network.day, paid: 610n, received: 10n },
    ]);
    expect(network.submit('A B 1')).to.equal(2);
    expect(network.submit('A C 1'), 'behind it until the next run').to.equal(3);
    expect(network.resolve()).to.deep.include({ settled: 1, value: 1n });
  });

  it('is set and taken away by its debtor, and begins anew with each business day', () => {
    const network = new QueueNetwork({ A: 1_000 });
    expect(network.refused('B', limit('A', 'B', 5n))).to.equal('UNAUTHORISED');
    expect(network.refused('A', limit('A', 'A', 5n))).to.equal('SAME_ACCOUNT');
    expect(network.refused('A', limit('A', '?B', 5n))).to.equal('ACCOUNT_UNKNOWN');
    expect(network.refused('A', limit('A', 'B'))).to.equal('UNCHANGED');
    network.ok('A', limit('A', 'B', 5n));
    expect(network.submit('A B 5')).to.equal('settled');
    network.ok('A', limit('A', 'B', 7n));
    expect(network.submit('A B 3')).to.equal(1);
    network.closeDay();
    network.openNextDay();
    expect(network.submit('A B 7'), 'what is over stands before nothing').to.equal('settled');
    expect(network.resolve()).to.deep.include({ settled: 0 });
    network.ok('A', limit('A', 'B'));
    expect(network.submit('A B 100')).to.equal('settled');
    expect(network.position('A').limits).to.equal(0);
  });

  it('is one of at most 64 of its debtor', () => {
    const network = new QueueNetwork({});
    for (let at = 0; at < QUEUE_LIMITS.limitsPerDebtor; at++) network.ok('A', limit('A', `X${at}`, 1n));
    expect(network.refused('A', limit('A', 'Y', 1n))).to.equal('LIMITS_TOO_MANY');
    network.ok('A', limit('A', 'X0'));
    network.ok('A', limit('A', 'Y', 1n));
  });

  it('is one of at most 256 of all accounts of its member, which leaves room for others', () => {
    const network = new QueueNetwork({});
    const { limitsPerMember, limitsPerDebtor } = QUEUE_LIMITS;
    for (let account = 0; account < limitsPerMember / limitsPerDebtor; account++) {
      const debtor = `${account}${OF_ONE_MEMBER}`;
      for (let at = 0; at < limitsPerDebtor; at++) network.ok(debtor, limit(debtor, `X${at}`, 1n));
    }
    const next = `9${OF_ONE_MEMBER}`;
    expect(network.refused(next, limit(next, 'Y', 1n))).to.equal('LIMITS_TOO_MANY');
    network.ok('A', limit('A', 'Y', 1n));
    network.ok(`0${OF_ONE_MEMBER}`, limit(`0${OF_ONE_MEMBER}`, 'X0'));
    network.ok(next, limit(next, 'Y', 1n));
  });
});

describe('a reservation', () => {
  it('is money for payments above normal alone: at once, in a run, and on every other way out', () => {
    const network = new QueueNetwork({ A: 100 });
    network.ok('A', reservation('A', 70n));
    expect(network.position('A')).to.deep.include({ available: 30n, reserved: 70n, locked: 0n });
    const pay = { debtor: addressOf('A'), creditor: addressOf('B'), currency: EUR, amount: 31n, reference: 'X' };
    expect(network.refused('A', callOf(payments.methods.pay, pay))).to.equal('INSUFFICIENT_FUNDS');
    const id = network.submit('A B 31') as number;
    expect(network.resolve()).to.deep.include({ settled: 0 });
    expect(network.submit('A B 45', { priority: 'urgent' })).to.equal('settled');
    expect(network.position('A')).to.deep.include({ available: 0n, reserved: 55n });
    network.issue('A', 31n);
    expect(network.resolve()).to.deep.include({ settled: 1, value: 31n });
    expect(network.statusOf(id)).to.equal('settled');
    expect(network.position('A')).to.deep.include({ available: 0n, reserved: 55n });
  });

  it('funds urgent payments in a run, and no normal payment beside them', () => {
    const network = new QueueNetwork({ A: 100 });
    network.ok('A', reservation('A', 60n));
    const [urgent, normal] = queued(network, ['A B 90', 'A B 41']);
    network.ok('A', callOf(reprioritise, { currency: EUR, id: urgent ?? 0, priority: 'urgent' }));
    expect(network.resolve()).to.deep.include({ settled: 1, value: 90n });
    expect(network.position('A')).to.deep.include({ available: 0n, reserved: 10n });
    expect(network.statusOf(normal ?? 0)).to.equal('queued');
  });

  it('counts in a run no further than urgent payments wait', () => {
    const network = new QueueNetwork({ A: 100 });
    network.ok('A', reservation('A', 60n));
    const [urgent, normal] = queued(network, ['A B 41', 'A B 50']);
    network.ok('A', callOf(reprioritise, { currency: EUR, id: urgent ?? 0, priority: 'urgent' }));
    expect(network.resolve()).to.deep.include({ settled: 1, value: 41n });
    expect(network.why(normal ?? 0)).to.deep.include({ code: 'NOT_FUNDED' });
  });

  it('is given back, and is no more than there is', () => {
    const network = new QueueNetwork({ A: 100 });
    expect(network.refused('A', reservation('A', 101n))).to.equal('INSUFFICIENT_FUNDS');
    expect(network.refused('A', reservation('A', 0n))).to.equal('UNCHANGED');
    expect(network.refused('B', reservation('A', 1n))).to.equal('UNAUTHORISED');
    network.ok('A', reservation('A', 100n));
    network.ok('A', reservation('A', 20n));
    expect(network.balance('A')).to.equal(80n);
    network.ok('A', reservation('A', 0n));
    expect(network.balance('A')).to.equal(100n);
  });
});
