import { expect } from 'chai';
import { apiFailure } from '../../../contracts/api/failure.js';
import type { ContractHost } from '../../../contracts/api/host.js';
import { FUEL, HOST_LIMITS } from '../../../contracts/runtime/fuelSchedule.js';
import { MemoryLedger } from '../../../contracts/testing/memoryLedger.js';
import { utf8Decode, utf8Encode } from '../../../primitives/text.js';
import { type LabMethods, labCall, labContract } from '../../support/labContract.js';

const VALUE = Uint8Array.of(1);
const PART = 20_000;

function burn(host: ContractHost): never {
  for (;;) host.put('burnt', VALUE);
}

const notFound = () => apiFailure('lab.any', 'NOT_FOUND', { map: 'any' });

const methods: LabMethods = {
  emitTakenBack: (host) => {
    const data = new Uint8Array(65_000);
    for (let time = 0; time < 40; time++) {
      host.beginAttempt();
      host.emit('Large', data);
      host.endAttempt('takeBack');
    }
    host.emit('Large', data);
  },
  keep: (host) => {
    host.beginAttempt();
    host.put('kept', VALUE);
    host.endAttempt('keep');
  },
  takeBack: (host) => {
    host.put('outer', VALUE);
    host.beginAttempt();
    host.beginAttempt();
    host.put('inner', VALUE);
    host.once('scope', 'inner', 1);
    host.emit('Inner', VALUE);
    host.endAttempt('keep');
    host.endAttempt('takeBack');
    expect(host.used('scope', 'inner', 1)).to.equal(false);
  },
  failInside: (host) => {
    host.put('outer', VALUE);
    const failed = host.attempt(() => {
      host.beginAttempt();
      host.put('inner', VALUE);
      throw notFound();
    });
    expect(failed?.code).to.equal('NOT_FOUND');
  },
  leaveOpen: (host) => {
    host.beginAttempt();
    host.put('inner', VALUE);
  },
  leaveOpenInAttempt: (host) => host.attempt(() => host.beginAttempt()),
  endTooMany: (host) => host.endAttempt('takeBack'),
  endOfAnother: (host) => {
    host.beginAttempt();
    host.call('other', 'endTooMany', VALUE);
  },
  tooDeep: (host) => {
    for (let depth = 0; depth <= HOST_LIMITS.openAttempts; depth++) host.beginAttempt();
  },
  catchOpen: (host) => {
    for (const method of ['leaveOpen', 'failOpen']) {
      const failed = host.attempt(() => host.call('other', method, VALUE));
      host.put(failed?.code ?? '', VALUE);
    }
  },
  failOpen: (host) => {
    host.beginAttempt();
    throw notFound();
  },
  limited: (host) => {
    const before = host.fuelLeft;
    const failed = host.attempt(() => host.call('other', 'burn', VALUE, PART));
    expect(before - host.fuelLeft).to.equal(FUEL.attempt + PART);
    host.put(`${failed?.failedCall} ${failed?.code}`, VALUE);
  },
  limitedByHand: (host) => {
    const failed = host.attempt(() => host.call('other', 'burnByHand', VALUE, PART));
    host.put(failed?.code ?? '', VALUE);
  },
  limitedAbove: (host) => host.attempt(() => host.call('other', 'burn', VALUE, Number.MAX_SAFE_INTEGER)),
  limitedEnough: (host) => host.call('other', 'keep', VALUE, PART),
  limitedByNonsense: (host) => host.call('other', 'keep', VALUE, -1),
  seesThePart: (host) => {
    const left = Number(utf8Decode(host.call('other', 'fuelLeft', VALUE, PART)));
    expect(left).to.equal(PART - FUEL.call - FUEL.callByte);
  },
  fuelLeft: (host) => utf8Encode(`${host.fuelLeft}`),
  burn,
  burnByHand: (host) => {
    try {
      burn(host);
    } catch {
      return 'went on';
    }
  },
};

describe('the host of a frame', () => {
  const lab = labContract('lab', methods);
  const other = labContract('other', methods);
  const newLedger = () =>
    new MemoryLedger({
      contracts: [lab, other],
      directory: () => ({ account: () => undefined, authorises: () => false, pausedUntil: () => 0 }),
    });

  function run(method: string) {
    const ledger = newLedger();
    const { failure, events, fuelUsed } = ledger.run({ calls: [labCall('lab', method)], maxFuel: 1_000_000 });
    const entries = ledger.snapshot().map((row) => row.replace(/ 1$/, ''));
    return { code: failure?.code ?? '', entries, events: events.length, fuelUsed };
  }

  it('gives back the room that events took in the receipt when they are taken back (PROTOCOL §Running a transaction R1)', () => {
    const { failure, events } = newLedger().run({ calls: [labCall('lab', 'emitTakenBack')], maxFuel: 100_000_000 });
    expect([failure?.code, events.length]).to.deep.equal([undefined, 1]);
  });

  describe('with attempts that begin and end without a closure', () => {
    it('keeps what the contract says to keep', () => {
      expect(run('keep')).to.deep.include({ code: '', entries: ['lab kept'] });
    });

    it('takes back what an outer one takes back, whatever an inner one kept', () => {
      expect(run('takeBack')).to.deep.include({ code: '', entries: ['lab outer'], events: 0 });
    });

    it('costs what an attempt with a closure costs', () => {
      const { fuelUsed } = run('keep');
      const write = FUEL.write + FUEL.writeByte * ('kept'.length + 1);
      expect(fuelUsed).to.equal(FUEL.transaction + FUEL.call + FUEL.attempt + write);
    });

    it('takes an open one back with the attempt, or the frame, around it', () => {
      expect(run('failInside')).to.deep.include({ code: '', entries: ['lab outer'] });
      expect(run('catchOpen').entries).to.deep.equal(['lab CONTRACT_FAULT', 'lab NOT_FOUND']);
    });

    for (const method of ['leaveOpen', 'endTooMany', 'endOfAnother']) {
      it(`fails the call where they are not balanced: ${method}`, () => {
        expect(run(method)).to.deep.include({ code: 'CONTRACT_FAULT', entries: [] });
      });
    }

    it('fails an attempt that leaves one open', () => {
      expect(run('leaveOpenInAttempt')).to.deep.include({ code: '', entries: [] });
    });

    it('lets only so many stand inside each other', () => {
      expect(run('tooDeep').code).to.equal('LIMIT_EXCEEDED');
    });
  });

  // PROTOCOL §Running a transaction R2.
  describe('with a part of the fuel for one call', () => {
    it('fails a call that uses it up, takes back what it wrote, and goes on', () => {
      expect(run('limited')).to.deep.include({ code: '', entries: ['lab other.burn OUT_OF_FUEL'] });
    });

    it('fails one that catches it by hand, too', () => {
      expect(run('limitedByHand')).to.deep.include({ code: '', entries: ['lab OUT_OF_FUEL'] });
    });

    it('ends the transaction when the part was all that there was', () => {
      expect(run('limitedAbove')).to.deep.include({ code: 'OUT_OF_FUEL', fuelUsed: 1_000_000, entries: [] });
    });

    it('changes nothing of a call that needs less', () => {
      expect(run('limitedEnough')).to.deep.include({ code: '', entries: ['other kept'] });
    });

    it('refuses a limit that is no number of units', () => {
      expect(run('limitedByNonsense').code).to.equal('VALUE_INVALID');
    });

    it('tells the callee what it has', () => {
      expect(run('seesThePart').code).to.equal('');
    });
  });
});
