import { expect } from 'chai';
import {
  apiFailure,
  ContractFailure,
  type ContractHost,
  defineContract,
  type ExecutableContract,
  map,
  type TxContext,
  t,
} from '../../../contracts/api/index.js';
import { MemoryLedger, type MemoryReceipt } from '../../../contracts/testing/memoryLedger.js';
import { InvariantError } from '../../../primitives/errors.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Address } from '../../../primitives/types.js';
import { callOf } from '../../support/settlementNetwork.js';

const ALICE: Address = `0x${'a1'.repeat(20)}`;
const BOB: Address = `0x${'b0'.repeat(20)}`;

const counterDeclaration = defineContract({
  name: 'counter',
  version: 3,
  state: { counts: map([t.id], t.amount, 0n), notes: map([t.id, t.uint(9)], t.text(10)) },
  events: { Counted: { id: t.id, amount: t.amount } },
  errors: { TOO_MUCH: { limit: t.amount }, EMPTY: {} },
});

const anySender = { sender: true } as const;

const counter = counterDeclaration.build({
  add: counterDeclaration.tx({ args: { id: t.id, amount: t.amount }, returns: t.amount, auth: anySender }, (ctx, a) => {
    const count = ctx.state.counts.get(a.id) + a.amount;
    ctx.state.counts.set(a.id, count);
    ctx.emit('Counted', a);
    ctx.require(a.amount <= 100n || a.amount > 1_000n, 'TOO_MUCH', { limit: 100n });
    return count;
  }),
  note: counterDeclaration.tx({ args: { id: t.id, at: t.uint(9), text: t.text(99) }, auth: anySender }, (ctx, a) =>
    ctx.state.notes.set(a.id, a.at, a.text),
  ),
  erase: counterDeclaration.tx({ args: { id: t.id, at: t.uint(9) }, auth: anySender }, (ctx, a) =>
    ctx.state.notes.delete(a.id, a.at),
  ),
  read: counterDeclaration.view({ args: { id: t.id, at: t.uint(9) }, returns: t.text(10) }, (ctx, a) =>
    ctx.state.notes.get(a.id, a.at),
  ),
  list: counterDeclaration.view(
    { args: { id: t.id, limit: t.uint(), after: t.optional(t.uint(9)) }, returns: t.list(t.text(10), 1_000) },
    (ctx, a) => {
      const after = a.after === undefined ? undefined : ([a.id, a.after] as const);
      const entries = ctx.state.notes.entriesUnder([a.id], a.limit, after);
      const rows = ctx.state.notes.rowsUnder([a.id], a.limit, after);
      const told = (key: string, value: Uint8Array) => [key.length, Buffer.from(value).toString('latin1').slice(-1)];
      const expected = entries.map(({ value }) => [1, value.slice(-1)]);
      expect(rows.map(({ key, value }) => told(key, value))).to.deep.equal(expected);
      for (const { value } of rows) value.fill(0);
      expect(ctx.state.notes.entriesUnder([a.id], a.limit, after), 'they are copies').to.deep.equal(entries);
      return entries.map(({ value }) => value);
    },
  ),
  all: counterDeclaration.view({ args: {}, returns: t.list(t.text(99), 99) }, (ctx) =>
    ctx.state.notes.entries(99).map(({ key: [id, at], value }) => `${id}/${at}=${value}`),
  ),
  /** What a view cannot say with its types, and an author without them might. */
  cheat: counterDeclaration.view({ args: { how: t.id }, returns: t.bool }, (view, { how }) => {
    const ctx = view as unknown as TxContext<{ counts: ReturnType<typeof map<[typeof t.id], bigint>> }, never, never>;
    if (how === 'set') ctx.state.counts.set('x', 1n);
    if (how === 'delete') ctx.state.counts.delete('x');
    if (how === 'emit') ctx.emit('Counted' as never, { id: 'x', amount: 1n } as never);
    if (how === 'once') ctx.once('scope', 'reference', 0);
    if (how === 'outcome') ctx.outcome('reference', '');
    if (how === 'call') ctx.call(counter.methods.add, { id: 'x', amount: 1n });
    if (how === 'view') ctx.view(counter.methods.add as never, { id: 'x', amount: 1n } as never);
    return true;
  }),
  wrongName: counterDeclaration.tx({ args: { kind: t.id }, auth: anySender }, (ctx, { kind }) => {
    if (kind === 'event') ctx.emit('Undeclared' as 'Counted', { id: 'x', amount: 1n });
    if (kind === 'error') ctx.fail('UNDECLARED' as 'EMPTY');
    if (kind === 'outcome') ctx.outcome('x', 'UNDECLARED' as 'EMPTY');
  }),
  broken: counterDeclaration.tx({ args: { how: t.id }, auth: anySender }, (_ctx, { how }) => {
    if (how === 'stack') recurse(0);
    throw new InvariantError('planted');
  }),
});

function recurse(depth: number): number {
  return 1 + recurse(depth + 1);
}

const callerDeclaration = defineContract({
  name: 'caller',
  version: 1,
  state: { tries: map([t.id], t.amount, 0n) },
  events: { Tried: { id: t.id } },
  errors: { STOPPED: { code: t.text(64) } },
});

const caller = callerDeclaration.build({
  forward: callerDeclaration.tx(
    { args: { id: t.id, amount: t.amount }, returns: t.amount, auth: anySender },
    (ctx, a) => ctx.call(counter.methods.add, a),
  ),
  /** Goes on after a failure, and keeps nothing of what failed. */
  attempt: callerDeclaration.tx({ args: { id: t.id, amount: t.amount }, auth: anySender }, (ctx, a) => {
    ctx.once('before', a.id, 0);
    const failure = ctx.attempt(() => {
      ctx.once('inside', a.id, 0);
      ctx.state.tries.set('inside', 1n);
      ctx.emit('Tried', { id: 'inside' });
      ctx.outcome('inside', '');
      ctx.call(counter.methods.add, a);
    });
    ctx.require(ctx.used('inside', a.id, 0) === (failure === undefined), 'STOPPED', { code: 'once' });
    ctx.state.tries.set('outside', 1n);
    ctx.emit('Tried', { id: 'outside' });
    ctx.outcome(a.id, failure === undefined ? '' : 'STOPPED');
  }),
  overflowInside: callerDeclaration.tx({ args: {}, auth: anySender }, (ctx) => {
    const failure = ctx.attempt(() => ctx.state.tries.set('x', -1n));
    ctx.fail('STOPPED', { code: failure?.code ?? 'none' });
  }),
});

/** A contract of another make, which answers whatever it likes. */
const liar: ExecutableContract = {
  name: 'liar',
  version: 1,
  dispatch: () => Uint8Array.of(0xff),
};

/** Calls itself through others, as deep as it is let. */
function chained(name: string, next: string): ExecutableContract {
  return { name, version: 1, dispatch: (host: ContractHost, method, args) => host.call(next, method, args) };
}

const liarDeclaration = defineContract({ name: 'believer', version: 1, state: {}, events: {}, errors: {} });
const believer = liarDeclaration.build({
  ask: liarDeclaration.tx({ args: {}, auth: anySender }, (ctx) => {
    const ref = { contract: 'liar', method: 'any', kind: 'view', args: t.struct({}), returns: t.amount } as const;
    ctx.call(ref, {});
  }),
});

function newLedger(): MemoryLedger {
  const chain = [chained('one', 'two'), chained('two', 'three'), chained('three', 'four'), chained('four', 'counter')];
  return new MemoryLedger({
    contracts: [counter, caller, liar, believer, ...chain, chained('loop', 'loop')],
    directory: () => ({
      account: (account) => ({ account, member: 'BANKDEFF', roles: ['bank'], active: account !== BOB }),
      authorises: (account, signers) => signers.includes(account),
      pausedUntil: () => 0,
    }),
  });
}

function codeOf({ failure }: MemoryReceipt): string {
  return failure === undefined ? '' : `${failure.failedCall} ${failure.code}`;
}

describe('a contract', () => {
  const run = (contract: string, method: string, args: Uint8Array, ledger = newLedger()): string =>
    codeOf(ledger.run({ sender: ALICE, calls: [{ contract, method, args }] }));

  it('keeps what a call wrote, returns its result and emits its events', () => {
    const ledger = newLedger();
    const add = callOf(counter.methods.add, { id: 'x', amount: 7n });
    const receipt = ledger.run({ sender: ALICE, calls: [add, add] });
    expect(receipt.results.map((result) => counter.codec.decodeResult('add', result))).to.deep.equal(['7', '14']);
    expect(receipt.events.map(({ name, data }) => counter.codec.decodeEvent(name, data))).to.deep.equal([
      { id: 'x', amount: '7' },
      { id: 'x', amount: '7' },
    ]);
  });

  it('takes back everything when a later call of the transaction fails', () => {
    const ledger = newLedger();
    const calls = [7n, 101n].map((amount) => callOf(counter.methods.add, { id: 'x', amount }));
    expect(codeOf(ledger.run({ sender: ALICE, calls }))).to.equal('counter.add TOO_MUCH');
    expect(ledger.snapshot()).to.deep.equal([]);
  });

  it('fails with a code of the API for what no method may see', () => {
    expect(run('counter', 'ad', Uint8Array.of(0xc0))).to.equal('counter.ad METHOD_UNKNOWN');
    expect(run('counter', 'constructor', Uint8Array.of(0xc0))).to.equal('counter.constructor METHOD_UNKNOWN');
    expect(run('nothing', 'add', Uint8Array.of(0xc0))).to.equal('nothing.add CONTRACT_UNKNOWN');
    const invalid = ['0xc0', '0x', '0xc3788080', '0xc27801ff', '0xc27881'].map((hex) =>
      Uint8Array.from(hex.slice(2).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
    );
    for (const args of invalid) expect(run('counter', 'add', args)).to.equal('counter.add ARGUMENTS_INVALID');
  });

  it('fails when an amount leaves its range or a value its schema, and writes nothing', () => {
    const ledger = newLedger();
    const most = callOf(counter.methods.add, { id: 'x', amount: MAX_AMOUNT });
    expect(codeOf(ledger.run({ sender: ALICE, calls: [most] }))).to.equal('');
    const before = ledger.snapshot();
    expect(codeOf(ledger.run({ sender: ALICE, calls: [most] }))).to.equal('counter.add AMOUNT_OVERFLOW');
    const long = callOf(counter.methods.note, { id: 'x', at: 1, text: 'longer than ten' });
    expect(codeOf(ledger.run({ sender: ALICE, calls: [long] }))).to.equal('counter.note VALUE_INVALID');
    expect(ledger.snapshot()).to.deep.equal(before);
  });

  it('refuses names that nobody declared', () => {
    for (const kind of ['event', 'error', 'outcome']) {
      const { args } = callOf(counter.methods.wrongName, { kind });
      expect(run('counter', 'wrongName', args)).to.equal('counter.wrongName VALUE_INVALID');
    }
  });

  it('lets nothing but failures become results: a broken invariant and an exhausted stack pass through', () => {
    const ledger = newLedger();
    const calls = (how: string) => [callOf(counter.methods.broken, { how })];
    expect(() => ledger.run({ sender: ALICE, calls: calls('invariant') })).to.throw(InvariantError);
    expect(() => ledger.run({ sender: ALICE, calls: calls('stack') })).to.throw(RangeError);
  });

  it('stops on a stored value that it has not written', () => {
    const host = { context: { readOnly: true }, get: () => Uint8Array.of(0x81, 0x01) } as unknown as ContractHost;
    const { method, args } = callOf(counter.methods.read, { id: 'x', at: 1 });
    expect(() => counter.dispatch(host, method, args)).to.throw(InvariantError, 'notes');
  });
});

describe('a view', () => {
  it('reads in the order of keys, page by page, under a prefix', () => {
    const ledger = newLedger();
    const calls = [3, 1, 2].map((at) => callOf(counter.methods.note, { id: 'b', at, text: `b${at}` }));
    ledger.run({ sender: ALICE, calls: [...calls, callOf(counter.methods.note, { id: 'ba', at: 0, text: 'other' })] });
    const list = (limit: number, after?: number) =>
      counter.codec.decodeResult('list', ledger.view(callOf(counter.methods.list, { id: 'b', limit, after })));
    expect(list(2)).to.deep.equal(['b1', 'b2']);
    expect(list(2, 2)).to.deep.equal(['b3']);
    expect(list(0)).to.deep.equal([]);
    const all = () => counter.codec.decodeResult('all', ledger.view(callOf(counter.methods.all, {})));
    expect(all()).to.deep.equal(['b/1=b1', 'b/2=b2', 'b/3=b3', 'ba/0=other']);
    ledger.run({ sender: ALICE, calls: [callOf(counter.methods.erase, { id: 'b', at: 2 })] });
    expect(all()).to.deep.equal(['b/1=b1', 'b/3=b3', 'ba/0=other']);
    expect(() => list(1_001))
      .to.throw(ContractFailure)
      .with.property('code', 'LIMIT_EXCEEDED');
    const missing = () => ledger.view(callOf(counter.methods.read, { id: 'b', at: 9 }));
    expect(missing).to.throw(ContractFailure).with.property('code', 'NOT_FOUND');
  });

  it('cannot write, emit, use up or call what may, even past its types and inside a transaction', () => {
    for (const how of ['set', 'delete', 'emit', 'once', 'outcome', 'call', 'view']) {
      const ledger = newLedger();
      const cheat = callOf(counter.methods.cheat, { how });
      expect(() => ledger.view(cheat), how)
        .to.throw(ContractFailure)
        .with.property('code', 'READ_ONLY');
      expect(codeOf(ledger.run({ sender: ALICE, calls: [cheat] })), how).to.equal('counter.cheat READ_ONLY');
      expect(ledger.snapshot()).to.deep.equal([]);
    }
  });

  it('cannot be a method of a transaction', () => {
    const add = callOf(counter.methods.add, { id: 'x', amount: 1n });
    expect(() => newLedger().view(add))
      .to.throw(ContractFailure)
      .with.property('code', 'READ_ONLY');
  });
});

describe('a call between contracts', () => {
  it('gives the result, or the failure with the code and data of the contract that failed', () => {
    const ledger = newLedger();
    const forward = (amount: bigint) =>
      ledger.run({ sender: ALICE, calls: [callOf(caller.methods.forward, { id: 'x', amount })] });
    expect(caller.codec.decodeResult('forward', forward(7n).results[0] ?? new Uint8Array())).to.equal('7');
    const { failure } = forward(101n);
    expect(failure?.failedCall).to.equal('counter.add');
    expect(counter.codec.decodeErrorData('TOO_MUCH', failure?.data ?? new Uint8Array())).to.deep.equal({
      limit: '100',
    });
  });

  it('leaves nothing of a failed attempt, and goes on', () => {
    const good = newLedger();
    const settled = good.run({ sender: ALICE, calls: [callOf(caller.methods.attempt, { id: 'x', amount: 7n })] });
    expect(settled.outcomes.map(({ reference }) => reference)).to.deep.equal(['inside', 'x']);

    const ledger = newLedger();
    const receipt = ledger.run({ sender: ALICE, calls: [callOf(caller.methods.attempt, { id: 'x', amount: 101n })] });
    expect(receipt.failure).to.equal(undefined);
    expect(receipt.outcomes).to.deep.equal([{ reference: 'x', code: 'STOPPED' }]);
    expect(receipt.events.map(({ name, data }) => caller.codec.decodeEvent(name, data))).to.deep.equal([
      { id: 'outside' },
    ]);
    expect(ledger.snapshot()).to.have.lengthOf(2);
    expect(ledger.snapshot().join()).to.contain('caller/before').and.not.to.contain('inside');
  });

  it('can hold its own overflow in an attempt', () => {
    const { failure } = newLedger().run({ sender: ALICE, calls: [callOf(caller.methods.overflowInside, {})] });
    expect(caller.codec.decodeErrorData('STOPPED', failure?.data ?? new Uint8Array())).to.deep.equal({
      code: 'AMOUNT_OVERFLOW',
    });
  });

  it('fails when the other answers with bytes that its ABI does not allow', () => {
    const receipt = newLedger().run({ sender: ALICE, calls: [callOf(believer.methods.ask, {})] });
    expect(codeOf(receipt)).to.equal('believer.ask VALUE_INVALID');
  });

  it('goes four deep and never back into itself', () => {
    const { args } = callOf(counter.methods.add, { id: 'x', amount: 1n });
    const at = (contract: string) =>
      codeOf(newLedger().run({ sender: ALICE, calls: [{ contract, method: 'add', args }] }));
    expect(at('two')).to.equal('');
    expect(at('one')).to.equal('counter.add CALL_DEPTH_EXCEEDED');
    expect(at('loop')).to.equal('loop.add REENTRANCY_REFUSED');
  });
});

describe('an authorisation', () => {
  const declaration = defineContract({ name: 'gate', version: 1, state: {}, events: {}, errors: {} });
  const gate = declaration.build({
    account: declaration.tx({ args: { of: t.address }, auth: { accounts: (a) => [a.of] } }, () => undefined),
    sender: declaration.tx({ args: {}, auth: { sender: true } }, () => undefined),
    role: declaration.tx({ args: {}, auth: { roles: ['centralBank', 'custodian'] } }, () => undefined),
    contract: declaration.tx({ args: {}, auth: { contracts: ['one'] } }, () => undefined),
    genesis: declaration.tx({ args: {}, auth: { genesis: true } }, () => undefined),
    both: declaration.tx({ args: { of: t.address }, auth: { sender: true, accounts: (a) => [a.of] } }, () => undefined),
  });
  const views: Readonly<Record<Address, { roles: readonly string[]; active: boolean }>> = {
    [ALICE]: { roles: ['bank'], active: true },
    [BOB]: { roles: ['custodian'], active: true },
    '0xsuspended': { roles: ['centralBank'], active: false },
  };
  const suspended: Address = `0x${'5e'.repeat(20)}`;
  const ledger = new MemoryLedger({
    contracts: [gate, chained('one', 'gate'), chained('two', 'gate')],
    directory: () => ({
      account: (account) => {
        const view = account === suspended ? views['0xsuspended'] : views[account];
        return view === undefined ? undefined : { account, member: 'BANKDEFF', ...view };
      },
      authorises: (account, signers) => signers.includes(account),
      pausedUntil: () => 0,
    }),
  });
  const attempt = (
    sender: Address,
    method: string,
    args: Uint8Array,
    signers?: readonly Address[],
    contract = 'gate',
  ) => {
    const { failure } = ledger.run({ sender, ...(signers && { signers }), calls: [{ contract, method, args }] });
    return failure === undefined
      ? 'passes'
      : { [failure.code]: gate.codec.decodeErrorData(failure.code, failure.data) };
  };
  const none = Uint8Array.of(0xc0);
  const of = (account: Address) => gate.methods.account.args.encode({ of: account });

  // PROTOCOL §Authorisation A6.
  it('by account asks the account’s own policy, whoever sends', () => {
    expect(attempt(ALICE, 'account', of(BOB), [ALICE, BOB])).to.equal('passes');
    expect(attempt(ALICE, 'account', of(BOB), [ALICE])).to.deep.equal({
      UNAUTHORISED: { rule: 'account', subject: BOB },
    });
    expect(attempt(ALICE, 'account', of(suspended), [ALICE, suspended])).to.have.key('SUSPENDED');
    expect(attempt(ALICE, 'account', of(`0x${'00'.repeat(20)}`))).to.have.key('ACCOUNT_UNKNOWN');
  });

  // PROTOCOL §Authorisation A4, A5.
  it('by sender or role asks the sender', () => {
    expect(attempt(ALICE, 'sender', none)).to.equal('passes');
    expect(attempt(ALICE, 'sender', none, [BOB])).to.have.key('UNAUTHORISED');
    expect(attempt(BOB, 'role', none)).to.equal('passes');
    expect(attempt(ALICE, 'role', none, [ALICE, BOB])).to.deep.equal({
      UNAUTHORISED: { rule: 'role', subject: 'centralBank or custodian' },
    });
    expect(attempt(suspended, 'role', none)).to.have.key('SUSPENDED');
    expect(attempt(BOB, 'role', none, [ALICE])).to.have.key('UNAUTHORISED');
  });

  // PROTOCOL §Authorisation A1, A3.
  it('by contract asks who calls, and by genesis when', () => {
    expect(attempt(ALICE, 'contract', none, [ALICE], 'one')).to.equal('passes');
    expect(attempt(ALICE, 'contract', none, [ALICE], 'two')).to.deep.equal({
      UNAUTHORISED: { rule: 'contract', subject: 'two' },
    });
    expect(attempt(ALICE, 'contract', none)).to.deep.equal({
      UNAUTHORISED: { rule: 'contract', subject: 'transaction' },
    });
    expect(attempt(ALICE, 'genesis', none)).to.have.key('UNAUTHORISED');
    const genesisCall = { contract: 'gate', method: 'genesis', args: none };
    expect(ledger.run({ calls: [genesisCall], height: 0 }).failure).to.equal(undefined);
    expect(ledger.run({ calls: [{ ...genesisCall, method: 'sender' }], height: 0 }).failure?.code).to.equal(
      'UNAUTHORISED',
    );
  });

  it('asks for every condition that is named', () => {
    expect(attempt(ALICE, 'both', of(BOB), [ALICE, BOB])).to.equal('passes');
    expect(attempt(ALICE, 'both', of(BOB), [BOB])).to.have.key('UNAUTHORISED');
    expect(attempt(ALICE, 'both', of(BOB), [ALICE])).to.have.key('UNAUTHORISED');
  });

  it('must be named', () => {
    expect(() => declaration.tx({ args: {}, auth: {} }, () => undefined)).to.throw(InvariantError);
  });
});

describe('a declaration', () => {
  const declare = (change: object) => () =>
    defineContract({ name: 'x', version: 1, state: {}, events: {}, errors: {}, ...change });

  it('refuses names that bytes, URLs or people would confuse', () => {
    expect(declare({ name: 'Cash' })).to.throw(InvariantError);
    expect(declare({ name: 'a/b' })).to.throw(InvariantError);
    expect(declare({ events: { paid: {} } })).to.throw(InvariantError);
    expect(declare({ errors: { NotUpper: {} } })).to.throw(InvariantError);
    expect(declare({ errors: { OUT_OF_FUEL: {} } })).to.throw(InvariantError);
    expect(declare({ state: { 'a\0b': map([t.id], t.amount) } })).to.throw(InvariantError);
    expect(() => t.struct({ __proto__x: t.bool })).to.throw();
  });

  it('gives failures data that their schema holds', () => {
    expect(apiFailure('a.b', 'SUSPENDED', { account: ALICE }).data).to.have.lengthOf(22);
  });
});
