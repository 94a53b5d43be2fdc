import { expect } from 'chai';
import { apiErrorSchema, apiFailure } from '../../../contracts/api/failure.js';
import type { ContractHost } from '../../../contracts/api/host.js';
import { membership } from '../../../contracts/index.js';
import { FUEL, HOST_LIMITS } from '../../../contracts/runtime/fuelSchedule.js';
import { LIMITS } from '../../../primitives/limits.js';
import { utf8Decode, utf8Encode } from '../../../primitives/text.js';
import type { Call, Receipt } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { type LabMethods, labCall, labContract } from '../../support/labContract.js';
import { ACCOUNTS, BANKS, callOf, KEYS } from '../../support/settlementNetwork.js';

const VALUE = Uint8Array.of(1);
const MAX_FUEL = 10_000_000;

/** Uses fuel until there is none left. */
function burn(host: ContractHost): never {
  for (;;) host.put('key', VALUE);
}

/** Calls the first contract of the arguments, a list of names, with the rest of them. */
function relay(host: ContractHost, args: Uint8Array) {
  const [next, ...rest] = utf8Decode(args).split(' ');
  if (next !== undefined && next !== '') host.call(next, 'relay', utf8Encode(rest.join(' ')));
}

function failure(host: ContractHost): never {
  host.put('inner', VALUE);
  host.once('scope', 'inner', 1);
  host.emit('Inner', VALUE);
  host.outcome('inner', '');
  throw apiFailure('lab.inner', 'NOT_FOUND', { map: 'inner' });
}

/** Attempts inside each other; the failure of an inner one is thrown on. */
function nest(host: ContractHost, depth: number): void {
  if (depth === 0) return;
  const failed = host.attempt(() => nest(host, depth - 1));
  if (failed !== undefined) throw failed;
}

const limits: LabMethods = {
  longKey: (host) => host.put('k'.repeat(HOST_LIMITS.keyBytes + 1), VALUE),
  wideKey: (host) => host.put('€', VALUE),
  largeValue: (host) => host.put('key', new Uint8Array(HOST_LIMITS.valueBytes + 1)),
  largeEvent: (host) => host.emit('Event', new Uint8Array(HOST_LIMITS.eventBytes + 1)),
  namelessEvent: (host) => host.emit('', VALUE),
  largeRange: (host) => host.range('', HOST_LIMITS.rangeEntries + 1),
  fractionalRange: (host) => host.range('', 1.5),
  negativeFuel: (host) => host.useFuel(-1),
  noFuel: (host) => host.useFuel(Number.NaN),
  longOutcome: (host) => host.outcome('r'.repeat(LIMITS.businessReferenceBytes + 1), ''),
  emptyOutcome: (host) => host.outcome('', ''),
  illFormedOutcome: (host) => host.outcome('\ud800', ''),
  longScope: (host) => host.once('s'.repeat(HOST_LIMITS.scopeBytes + 1), 'reference', 1),
  wideScope: (host) => host.once('€'.repeat(HOST_LIMITS.scopeBytes / 2), 'reference', 1),
  wideReference: (host) => host.once('scope', '€'.repeat(LIMITS.businessReferenceBytes / 2), 1),
  illFormedScope: (host) => host.once('\ud800x', 'reference', 1),
  illFormedReference: (host) => host.used('scope', 'x\udc00', 1),
  fractionalDay: (host) => host.once('scope', 'reference', 0.5),
  farDay: (host) => host.once('scope', 'reference', 2 ** 32),
  deepAttempt: (host) => nest(host, HOST_LIMITS.openAttempts + 1),
  largeReceipt: (host) => {
    for (let bytes = 0; bytes < LIMITS.receiptBytes; bytes += HOST_LIMITS.eventBytes) {
      host.emit('Event', new Uint8Array(HOST_LIMITS.eventBytes));
    }
  },
  largeResult: () => new Uint8Array(LIMITS.receiptBytes),
};

const lab = labContract('lab', {
  ...limits,
  relay,
  burn,
  burnInAttempt: (host) => host.attempt(() => burn(host)),
  burnAndGoOn: (host) => {
    try {
      burn(host);
    } catch {
      return utf8Encode('went on');
    }
  },
  nested: (host) => nest(host, HOST_LIMITS.openAttempts),
  attempt: (host) => {
    host.put('outer', VALUE);
    const failed = host.attempt(() => failure(host));
    expect(failed?.code).to.equal('NOT_FOUND');
    expect(host.get('inner')).to.equal(undefined);
    expect(host.used('scope', 'inner', 1)).to.equal(false);
    host.attempt(() => host.put('second', VALUE));
    host.emit('Outer', VALUE);
  },
  caught: (host) => {
    try {
      host.call('other', 'writeAndFail', VALUE);
    } catch {
      host.put('caught', VALUE);
    }
  },
  keys: (host) =>
    utf8Encode(
      host
        .range('', 100)
        .map(({ key }) => key)
        .join(' '),
    ),
  rangeOfNone: (host) => Uint8Array.of(host.range('', 0).length),
  foreignKey: (host) => host.get('../other/key') ?? host.get('other/key') ?? utf8Encode('nothing'),
  policy: (host) => {
    const { remove, add } = membership.methods.rotateKey.args.decode(rotation.args);
    const before = host.authorises(ACCOUNTS.alfa);
    const failed = host.attempt(() => {
      host.call('membership', 'rotateKey', rotation.args);
      expect(host.authorises(ACCOUNTS.alfa), `${remove} is rotated out for ${add}`).to.equal(false);
      throw apiFailure('lab.policy', 'NOT_FOUND', { map: 'none' });
    });
    expect(failed?.code).to.equal('NOT_FOUND');
    return utf8Encode(`${before} ${host.authorises(ACCOUNTS.alfa)} ${host.account(ACCOUNTS.alfa)?.member}`);
  },
});

const rotation = callOf(membership.methods.rotateKey, {
  account: ACCOUNTS.alfa,
  remove: KEYS.alfa.address,
  add: KEYS.alfaSpare.address,
});

const other = labContract('other', {
  relay,
  write: (host) => host.put('key', VALUE),
  writeAndFail: (host) => {
    host.put('key', VALUE);
    host.emit('Event', VALUE);
    throw apiFailure('other.writeAndFail', 'NOT_FOUND', { map: 'none' });
  },
  useOnce: (host) => utf8Encode(`${host.once('scope', 'reference', 1)}`),
  used: (host) => utf8Encode(`${host.used('scope', 'reference', 1)}`),
  keys: (host) =>
    utf8Encode(
      host
        .range('', 100)
        .map(({ key }) => key)
        .join(' '),
    ),
});

const more = ['third', 'fourth', 'fifth'].map((name) => labContract(name, { relay }));
const useOnce = labContract('stranger', { used: (host) => utf8Encode(`${host.used('scope', 'reference', 1)}`) });

describe('the host of native contracts', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  before(async () => {
    network = await ExecutionNetwork.create({
      parameters: { maxTransactionFuel: MAX_FUEL },
      contracts: [lab, other, useOnce, ...more],
    });
    chain = new TestChain(network, await network.started('one'));
  });
  after(() => network.remove());

  async function run(...calls: readonly Call[]): Promise<Receipt> {
    const { receipts } = await chain.settle([network.transaction(calls)]);
    return receipts[0] ?? expect.fail('expected a receipt');
  }

  /** The text that the last of the calls returns. */
  async function text(...calls: readonly Call[]): Promise<string> {
    const { results, code } = await run(...calls);
    expect(code).to.equal('');
    return utf8Decode(results.at(-1) ?? new Uint8Array());
  }

  async function refusal(...calls: readonly Call[]): Promise<string> {
    const { code, success, errorData } = await run(...calls);
    expect(success).to.equal(false);
    expect(() => apiErrorSchema(code)?.decode(errorData), 'the data follows the schema of the code').not.to.throw();
    return code;
  }

  // PROTOCOL §Running a transaction R2.
  describe('when fuel runs out', () => {
    it('ends the transaction and charges all of it', async () => {
      const receipt = await run(labCall('other', 'write'), labCall('lab', 'burn'));
      expect(receipt).to.include({ success: false, code: 'OUT_OF_FUEL', failedCall: 'lab.burn', fuelUsed: MAX_FUEL });
    });

    it('lets no attempt catch it', async () => {
      expect(await refusal(labCall('lab', 'burnInAttempt'))).to.equal('OUT_OF_FUEL');
    });

    it('ends the transaction of a contract that catches it by hand, too', async () => {
      expect(await refusal(labCall('lab', 'burnAndGoOn'), labCall('other', 'write'))).to.equal('OUT_OF_FUEL');
    });
  });

  it('charges the same for the same work, and more for more', async () => {
    const one = await run(labCall('other', 'write'));
    const again = await run(labCall('other', 'write'));
    const two = await run(labCall('other', 'write'), labCall('other', 'write'));
    expect(again.fuelUsed - one.fuelUsed).to.be.within(0, 4 * FUEL.transactionByte);
    expect(two.fuelUsed - one.fuelUsed).to.be.at.least(FUEL.call + FUEL.write + FUEL.writeByte * 4);
  });

  describe('keeps contracts apart', () => {
    it('gives each a namespace of its own', async () => {
      expect(await text(labCall('other', 'write'), labCall('lab', 'foreignKey'))).to.equal('nothing');
      expect(await text(labCall('other', 'keys'))).to.equal('key');
    });

    it('gives each its own used-once entries', async () => {
      expect(await text(labCall('other', 'useOnce'))).to.equal('true');
      expect(await text(labCall('other', 'useOnce'))).to.equal('false');
      expect(await text(labCall('other', 'used'))).to.equal('true');
      expect(await text(labCall('stranger', 'used'))).to.equal('false');
    });

    it('refuses a call back into a contract that is running', async () => {
      expect(await refusal(labCall('lab', 'relay', utf8Encode('lab')))).to.equal('REENTRANCY_REFUSED');
      expect(await refusal(labCall('lab', 'relay', utf8Encode('other lab')))).to.equal('REENTRANCY_REFUSED');
    });

    it('lets four contracts stand on each other, not five', async () => {
      expect(await run(labCall('lab', 'relay', utf8Encode('other third fourth')))).to.include({ success: true });
      const deep = labCall('lab', 'relay', utf8Encode('other third fourth fifth'));
      expect(await refusal(deep)).to.equal('CALL_DEPTH_EXCEEDED');
    });

    it('refuses a call of nobody', async () => {
      expect(await refusal(labCall('lab', 'relay', utf8Encode('nobody')))).to.equal('CONTRACT_UNKNOWN');
    });
  });

  describe('takes back', () => {
    it('everything that a failed attempt did, and nothing that stood around it', async () => {
      const { events, outcomeCount, success } = await run(labCall('lab', 'attempt'));
      expect(success).to.equal(true);
      expect(events.map(({ name }) => name)).to.deep.equal(['Outer']);
      expect(outcomeCount).to.equal(0);
      expect(await text(labCall('lab', 'keys'))).to.equal('outer second');
    });

    it('what a called contract wrote when its failure is caught by hand', async () => {
      const before = await text(labCall('other', 'keys'));
      const { events, success } = await run(labCall('lab', 'caught'));
      expect(success).to.equal(true);
      expect(events).to.deep.equal([]);
      expect(await text(labCall('other', 'keys'))).to.equal(before);
    });

    it('what it knew of a policy whose change was taken back', async () => {
      expect(await text(labCall('lab', 'policy'))).to.equal(`true true ${BANKS.alfa}`);
    });
  });

  describe('bounds each operation', () => {
    const expected: Readonly<Record<keyof typeof limits, string>> = {
      longKey: 'LIMIT_EXCEEDED',
      wideKey: 'VALUE_INVALID',
      largeValue: 'LIMIT_EXCEEDED',
      largeEvent: 'LIMIT_EXCEEDED',
      namelessEvent: 'VALUE_INVALID',
      largeRange: 'LIMIT_EXCEEDED',
      fractionalRange: 'VALUE_INVALID',
      negativeFuel: 'VALUE_INVALID',
      noFuel: 'VALUE_INVALID',
      longOutcome: 'LIMIT_EXCEEDED',
      emptyOutcome: 'VALUE_INVALID',
      illFormedOutcome: 'VALUE_INVALID',
      longScope: 'LIMIT_EXCEEDED',
      wideScope: 'LIMIT_EXCEEDED',
      wideReference: 'LIMIT_EXCEEDED',
      illFormedScope: 'VALUE_INVALID',
      illFormedReference: 'VALUE_INVALID',
      fractionalDay: 'VALUE_INVALID',
      farDay: 'LIMIT_EXCEEDED',
      deepAttempt: 'LIMIT_EXCEEDED',
      largeReceipt: 'LIMIT_EXCEEDED',
      largeResult: 'LIMIT_EXCEEDED',
    };
    for (const [method, code] of Object.entries(expected)) {
      it(`${method} fails with ${code}`, async () => {
        expect(await refusal(labCall('lab', method))).to.equal(code);
      });
    }

    it('lets as many attempts stand inside each other as it says', async () => {
      expect(await run(labCall('lab', 'nested'), labCall('lab', 'nested'))).to.include({ success: true });
    });

    it('gives no entries for a range of none', async () => {
      expect((await run(labCall('lab', 'rangeOfNone'))).results[0]).to.deep.equal(Uint8Array.of(0));
    });
  });
});
