import { expect } from 'chai';
import { callOf, defineContract, map, t } from '../../../contracts/api/index.js';
import { cash } from '../../../contracts/index.js';
import { KitError, type PreparedContract, prepare } from '../../../kit/testing/index.js';
import { contractJsonText, DEMO, ProjectDirectories } from '../../support/kit/projects.js';
import { errorOf, rejectionOf } from '../../support/rejection.js';

/** What goes wrong natively and in the sandbox alike, or only in one of them. */
const SOURCE = `import { defineContract, map, t } from 'vostro/contract';

const state = { values: map([t.id], t.amount, 0n) };
const declaration = defineContract({ name: 'demo', version: 1, state, events: { Set: { id: t.id } }, errors: { NO: { why: t.id } } });

function missing(list: readonly bigint[]): bigint {
  const [first] = list as readonly [bigint];
  return first + 1n;
}

export const contract = declaration.build({
  set: declaration.tx({ args: { id: t.id, value: t.amount }, returns: t.amount, auth: { sender: true } }, (ctx, a) => {
    ctx.state.values.set(a.id, a.value);
    ctx.emit('Set', { id: a.id });
    return a.value;
  }),
  refuse: declaration.tx({ args: { why: t.id }, auth: { sender: true } }, (ctx, a) => ctx.fail('NO', a)),
  fault: declaration.tx({ args: {}, returns: t.amount, auth: { sender: true } }, () => missing([])),
  spin: declaration.tx({ args: { rounds: t.uint() }, returns: t.uint(), auth: { sender: true } }, (_, a) => {
    let sum = 0;
    for (let round = 0; round < a.rounds; round++) sum = (sum + round) % 1_000_003;
    return sum;
  }),
  value: declaration.view({ args: { id: t.id }, returns: t.amount }, (ctx, a) => ctx.state.values.get(a.id)),
});
`;

const state = { values: map([t.id], t.amount, 0n) };
const declaration = defineContract({
  name: 'demo',
  version: 1,
  state,
  events: { Set: { id: t.id } },
  errors: { NO: { why: t.id } },
});

/** The same contract as the project's, natively; `twist` makes its `set` do something else. */
function nativeContract(twist: (value: bigint) => bigint = (value) => value) {
  return declaration.build({
    set: declaration.tx(
      { args: { id: t.id, value: t.amount }, returns: t.amount, auth: { sender: true } },
      (ctx, a) => {
        ctx.state.values.set(a.id, twist(a.value));
        ctx.emit('Set', { id: a.id });
        return a.value;
      },
    ),
    refuse: declaration.tx({ args: { why: t.id }, auth: { sender: true } }, (ctx, a) => ctx.fail('NO', a)),
    fault: declaration.tx({ args: {}, returns: t.amount, auth: { sender: true } }, () => {
      throw new TypeError('what the project does, too');
    }),
    spin: declaration.tx({ args: { rounds: t.uint() }, returns: t.uint(), auth: { sender: true } }, (_, a) => {
      let sum = 0;
      for (let round = 0; round < a.rounds; round++) sum = (sum + round) % 1_000_003;
      return sum;
    }),
    value: declaration.view({ args: { id: t.id }, returns: t.amount }, (ctx, a) => ctx.state.values.get(a.id)),
  });
}

describe('a network for the tests of a contract', function () {
  this.timeout(30_000);
  const directories = new ProjectDirectories();
  const contract = nativeContract();
  const { set, refuse, fault, spin, value } = contract.methods;
  let project: string;
  let prepared: PreparedContract;

  before(async () => {
    project = await directories.write({ 'contract.json': contractJsonText(), 'src/contract.ts': SOURCE });
    prepared = await prepare(contract, { project });
  });

  after(() => directories.remove());

  it('has members with cash, a business day, and time that goes on', () => {
    const network = prepared.network({ members: ['alfa', 'beta'], balances: { EUR: { alfa: 5n }, USD: { beta: 7n } } });
    expect([network.balance('alfa'), network.balance('beta', 'USD'), network.balance('beta')]).to.deep.equal([
      5n,
      7n,
      0n,
    ]);
    expect([network.height, network.today]).to.deep.equal([1, 20_260_105]);
    network.advance({ days: 1 });
    network.advance({});
    expect([network.height, network.today, network.timestamp]).to.deep.equal([3, 20_260_106, 1_767_686_401_000]);
    network.closeBusinessDay('USD');
    const pay = { currency: 'USD', debtor: network.account('beta'), creditor: network.account('alfa'), amount: 1n };
    network.as('beta').refused(cash.methods.transfer, pay, 'BUSINESS_DAY_CLOSED');
    network.openBusinessDay('USD');
    network.as('beta').settles(cash.methods.transfer, pay);
    expect(network.balance('alfa', 'USD')).to.equal(1n);
    expect(prepared.network().balance('alfa')).to.equal(1_000_000n);
  });

  it('answers a call with result, events and fuel of the sandbox, or with code, data and reason', () => {
    const network = prepared.network();
    const settled = network.as('alfa').call(set, { id: 'A', value: 3n });
    expect(settled).to.deep.include({ settled: true, result: 3n });
    if (!settled.settled) throw new Error('expected a settled call');
    expect(settled.events).to.deep.equal([{ contract: 'demo', name: 'Set', data: { id: 'A' } }]);
    expect(settled.fuel).to.be.above(10_000);
    expect(network.as('alfa').call(refuse, { why: 'because' })).to.deep.include({
      settled: false,
      code: 'NO',
      data: { why: 'because' },
      failedCall: 'demo.refuse',
    });
    const both = [callOf(set, { id: 'B', value: 1n }), callOf(refuse, { why: 'x' })];
    expect(network.as('alfa').transaction(...both)).to.equal('NO');
    expect(network.view(value, { id: 'B' })).to.equal(0n);
  });

  it('names the author’s line of an exception that the contract does not declare', () => {
    const refused = prepared.network().as('alfa').refused(fault, {}, 'CONTRACT_FAULT');
    expect(refused.data).to.deep.equal({ reason: 'exception' });
    const line = SOURCE.split('\n').findIndex((text) => text.includes('return first + 1n')) + 1;
    expect(refused.reason)
      .to.match(/^TypeError: /)
      .and.to.match(new RegExp(`at .*src/contract\\.ts:${line}:\\d+`));
  });

  it('ends a call that is out of fuel, whatever it would have done natively', () => {
    const network = prepared.network({ maxFuel: 20_000_000 });
    network.as('alfa').refused(spin, { rounds: 1_000_000 }, 'OUT_OF_FUEL');
    expect(network.as('alfa').settles(spin, { rounds: 10 }).result).to.equal(45);
  });

  it('says what a test expected and what the call did', () => {
    const network = prepared.network();
    const wrong = errorOf(() => network.as('alfa').settles(refuse, { why: 'x' }));
    expect(wrong.code).to.equal('EXPECTATION_FAILED');
    expect(wrong.message).to.contain('demo.refuse was refused with NO {"why":"x"}');
    expect(errorOf(() => network.as('alfa').refused(set, { id: 'A', value: 1n })).message).to.equal(
      'demo.set settled: expected a refusal',
    );
    expect(errorOf(() => network.as('alfa').refused(refuse, { why: 'x' }, 'YES')).message).to.contain('expected YES');
    expect(errorOf(() => network.as('nobody'))).to.deep.include({ code: 'HARNESS_INVALID' });
    expect(errorOf(() => prepared.network({ members: ['Bad Name'] }))).to.deep.include({ code: 'HARNESS_INVALID' });
    expect(errorOf(() => network.advance({ ms: -1 }))).to.deep.include({ code: 'HARNESS_INVALID' });
  });

  it('throws where the sandbox and the native run differ, and says in what', async () => {
    const twisted = await prepare(
      nativeContract((given) => given + 1n),
      { project },
    );
    const network = twisted.network();
    const error = errorOf(() => network.as('alfa').call(set, { id: 'A', value: 3n }));
    expect(error).to.be.instanceOf(KitError).and.to.deep.include({ code: 'EXECUTORS_DIFFER' });
    expect(error.message).to.contain('demo.set is not the same on both executors');
    expect(error.message).to.contain('state: in the sandbox alone').and.to.contain('state: natively alone');
    expect(errorOf(() => network.view(value, { id: 'A' })).message).to.contain('answer: ');
  });

  it('runs on one executor alone, where a test wants that', async () => {
    const native = await prepare(nativeContract(), { executors: 'native', project: '/nowhere' });
    expect(native.network().as('alfa').settles(set, { id: 'A', value: 1n }).result).to.equal(1n);
    const sandbox = await prepare(
      nativeContract((given) => given + 1n),
      { executors: 'sandbox', project },
    );
    const network = sandbox.network();
    network.as('alfa').settles(set, { id: 'A', value: 1n });
    expect(network.view(value, { id: 'A' })).to.equal(1n);
  });

  it('refuses the contract of another project, and one that does not pass the check', async () => {
    const other = defineContract({ name: 'other', version: 1, state: {}, events: {}, errors: {} }).build({});
    expect(await rejectionOf(prepare(other, { project }))).to.deep.include({ code: 'HARNESS_INVALID' });
    const wrong = await directories.write({
      ...DEMO,
      'src/arithmetic/half.ts': 'export const half = (a: bigint) => a * 0.5;\n',
    });
    const error = await rejectionOf(prepare(other, { project: wrong }));
    expect(error.code).to.equal('LINT_FAILED');
    expect(error.message).to.contain('src/arithmetic/half.ts:1:').and.to.contain('^^^');
  });

  it('takes a version over only where the chain would: later, and with a migration where the state needs one', async () => {
    const network = prepared.network();
    expect(errorOf(() => network.upgrade(prepared)).message).to.contain('a later version of demo 1');
    const changed = {
      'contract.json': contractJsonText({ version: 2 }),
      'src/contract.ts': SOURCE.replace('version: 1', 'version: 2')
        .replace('t.amount, 0n)', 't.optional(t.amount))')
        .replace(
          'returns: t.amount }, (ctx, a) => ctx.state',
          'returns: t.optional(t.amount) }, (ctx, a) => ctx.state',
        ),
    };
    const directory = await directories.write(changed);
    const native = defineContract({
      name: 'demo',
      version: 2,
      state: { values: map([t.id], t.optional(t.amount)) },
      events: {},
      errors: {},
    }).build({});
    const next = await prepare(native, { project: directory, executors: 'sandbox' });
    expect(errorOf(() => network.upgrade(next)).message).to.contain('a migration from version 1');
  });
});
