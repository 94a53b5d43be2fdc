import { expect } from 'chai';
import { ContractFailure, defineContract, type ExecutableContract, map, t } from '../../../contracts/api/index.js';
import { MIGRATE_METHOD } from '../../../contracts/api/method.js';
import { migrateArgs } from '../../../contracts/api/migration.js';
import { MemoryLedger, type MemoryReceipt } from '../../../contracts/testing/memoryLedger.js';
import { InvariantError } from '../../../primitives/errors.js';
import type { Address } from '../../../primitives/types.js';
import { callOf } from '../../support/settlementNetwork.js';

const ALICE: Address = `0x${'a1'.repeat(20)}`;
const oldDeal = t.struct({ buyer: t.address, amount: t.amount });
const newDeal = t.struct({ buyer: t.address, amount: t.amount, currency: t.currency });
const noCodes = { events: { Migrated: { count: t.uint() } }, errors: {} };

const first = defineContract({
  name: 'deals',
  version: 1,
  state: { deals: map([t.id], oldDeal), byDay: map([t.id, t.day], t.bool) },
  ...noCodes,
});
const firstVersion = first.build({
  open: first.tx({ args: { id: t.id, amount: t.amount }, auth: { sender: true } }, (ctx, { id, amount }) => {
    ctx.state.deals.set(id, { buyer: ctx.sender, amount });
    ctx.state.byDay.set(id, 20260105, true);
  }),
});

type How = 'well' | 'twice' | 'oldForm' | 'wrongKeys' | 'event';

function secondVersion(how: How) {
  const second = defineContract({
    name: 'deals',
    version: 2,
    state: { deals: map([t.id], newDeal), byDay: map([t.day, t.id], t.bool) },
    ...noCodes,
    migrations: {
      1: {
        reads: { deals: map([t.id], oldDeal), byDay: map([t.id, t.day], t.bool) },
        run: (ctx, old) => {
          const deals = old.deals.entries(100);
          for (const { key, value } of deals) ctx.state.deals.set(...key, { ...value, currency: 'EUR' });
          for (const { key, value } of old.byDay.entries(100)) {
            old.byDay.delete(...key);
            ctx.state.byDay.set(key[1], key[0], value);
          }
          ctx.emit('Migrated', { count: deals.length });
          if (how === 'twice') old.deals.entries(100);
          if (how === 'wrongKeys') old.byDay.entries(100);
          if (how === 'oldForm') {
            (old.deals as unknown as typeof ctx.state.deals).set('x', { buyer: ALICE, amount: 1n, currency: 'EUR' });
          }
        },
      },
    },
  });
  return second.build({
    read: second.view({ args: { id: t.id }, returns: newDeal }, (ctx, { id }) => ctx.state.deals.get(id)),
    day: second.view({ args: { id: t.id, day: t.day }, returns: t.bool }, (ctx, a) => ctx.state.byDay.get(a.day, a.id)),
  });
}

/** Stands for the contract that activates versions. */
const activator = defineContract({ name: 'contracts', version: 1, state: {}, events: {}, errors: {} });

function migrated(how: How, from = 1): { readonly ledger: MemoryLedger; readonly receipt: MemoryReceipt } {
  const version = secondVersion(how);
  const ref = { contract: 'deals', method: MIGRATE_METHOD, kind: 'tx', args: migrateArgs, returns: undefined } as const;
  const contracts = activator.build({
    activate: activator.tx({ args: { from: t.uint() }, auth: { sender: true } }, (ctx, a) => ctx.call(ref, a)),
  });
  const directory = () => ({
    account: (account: Address) => ({ account, member: 'BANKDEFF', roles: ['bank'], active: true }),
    authorises: () => true,
    pausedUntil: () => 0,
  });
  const active: { contract: ExecutableContract } = { contract: firstVersion };
  const deals: ExecutableContract = { ...firstVersion, dispatch: (...call) => active.contract.dispatch(...call) };
  const ledger = new MemoryLedger({ contracts: [deals, contracts], directory });
  for (const id of ['one', 'two']) {
    ledger.run({ sender: ALICE, calls: [callOf(firstVersion.methods.open, { id, amount: 7n })] });
  }
  active.contract = version;
  const receipt = ledger.run({ sender: ALICE, calls: [callOf(contracts.methods.activate, { from })] });
  return { ledger, receipt };
}

describe('a migration (PROTOCOL §Migrations M1–M3)', () => {
  it('reads the state as the earlier version left it and leaves it as the new one declares it', () => {
    const { ledger, receipt } = migrated('well');
    expect(receipt.failure).to.equal(undefined);
    const { methods, codec } = secondVersion('well');
    expect(codec.decodeResult('read', ledger.view(callOf(methods.read, { id: 'two' })))).to.deep.include({
      amount: '7',
      currency: 'EUR',
    });
    expect(ledger.view(callOf(methods.day, { id: 'one', day: 20260105 }))).to.deep.equal(Uint8Array.of(1));
    expect(ledger.snapshot().filter((row) => row.startsWith('deals byDay'))).to.have.lengthOf(2);
    expect(receipt.events.map(({ name, data }) => codec.decodeEvent(name, data))).to.deep.equal([{ count: 2 }]);
  });

  it('is a method that only the contract which activates versions may call, and that no contract declares', () => {
    const { methods, migrations } = secondVersion('well').abi();
    expect(methods['migrate']).to.deep.equal({
      kind: 'tx',
      auth: { contracts: ['contracts'] },
      args: migrateArgs.schema(),
      returns: null,
    });
    expect(Object.keys(migrations)).to.deep.equal(['1']);
    expect(migrations['1']?.reads).to.deep.equal(firstVersion.abi().state);
    expect(firstVersion.abi()).to.deep.include({ migrations: {} }).and.not.to.have.nested.property('methods.migrate');
    const call = { contract: 'deals', method: 'migrate', args: migrateArgs.encode({ from: 1 }) };
    expect(migrated('well').ledger.run({ sender: ALICE, calls: [call] }).failure?.code).to.equal('UNAUTHORISED');
    const migrate = first.tx({ args: {}, auth: { sender: true } }, () => undefined);
    expect(() => first.build({ migrate })).to.throw(InvariantError, 'belongs to the contract API');
  });

  it('fails as a whole on a version it knows no step from, on a value of another form, and on a write in the old form', () => {
    for (const [how, from, code] of [
      ['well', 2, 'ARGUMENTS_INVALID'],
      ['twice', 1, 'VALUE_INVALID'],
      ['wrongKeys', 1, 'VALUE_INVALID'],
      ['oldForm', 1, 'READ_ONLY'],
    ] as const) {
      const { ledger, receipt } = migrated(how, from);
      expect(receipt.failure, how).to.be.instanceOf(ContractFailure);
      expect(`${receipt.failure?.failedCall} ${receipt.failure?.code}`, how).to.equal(`deals.migrate ${code}`);
      expect(
        ledger.snapshot().filter((row) => row.startsWith('deals byDay\0one')),
        how,
      ).to.have.lengthOf(1);
    }
  });

  it('starts from an earlier version, in whole numbers', () => {
    const step = { reads: {}, run: () => undefined };
    const declare = (version: number, migrations: Record<number, typeof step>) =>
      defineContract({ name: 'x', version, state: {}, events: {}, errors: {}, migrations });
    expect(() => declare(3, { 1: step, 2: step })).not.to.throw();
    for (const from of [0, 3, 1.5, -1]) {
      expect(() => declare(3, { [from]: step }), `${from}`).to.throw(InvariantError, 'migrates from no version');
    }
    expect(() => declare(0, {})).to.throw(InvariantError, 'no whole number from 1');
  });
});
