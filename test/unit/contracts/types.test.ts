import { expect } from 'chai';
import { compileSnippets, type SnippetError } from '../../support/compileSnippets.js';

const prelude = `
import { type Address, callOf, defineContract, map, t } from 'vostro/contract';
export const used = [callOf];
export const account: Address = '0x1111111111111111111111111111111111111111';
export const contract = defineContract({
  name: 'typed',
  version: 2,
  state: {
    balances: map([t.currency, t.address], t.amount, 0n),
    terms: map([t.id], t.struct({ issuer: t.address, cap: t.optional(t.amount) })),
  },
  events: { Moved: { account: t.address, amount: t.amount } },
  errors: { TOO_MUCH: { available: t.amount }, CLOSED: {} },
});
export const built = contract.build({
  move: contract.tx({ args: { account: t.address, amount: t.amount }, auth: { sender: true } }, () => undefined),
  balance: contract.view({ args: { account: t.address }, returns: t.amount }, (ctx, a) =>
    ctx.state.balances.get('EUR', a.account)),
});
`;

const PRELUDE_LINES = prelude.split('\n').length - 1;

const inTx = (body: string) => `
export const probe = contract.tx(
  { args: { account: t.address, amount: t.amount, note: t.optional(t.text(35)) }, auth: { accounts: (a) => [a.account] } },
  (ctx, a) => { ${body} },
);`;
const inView = (body: string) =>
  `export const probe = contract.view({ args: { account: t.address }, returns: t.amount }, (ctx, a) => { ${body} });`;
const withAuth = (auth: string) =>
  `export const probe = contract.tx({ args: { account: t.address }, ${auth} }, () => undefined);`;
const inMigration = (body: string) => `
export const probe = defineContract({
  name: 'typed', version: 2, state: { now: map([t.id], t.amount) }, events: {}, errors: {},
  migrations: { 1: { reads: { before: map([t.id, t.day], t.bool) }, run: (ctx, old) => { ${body} } } },
});`;

/** What must compile, and what must not. */
const allowed: readonly (readonly [what: string, code: string])[] = [
  [
    'a method that reads, writes, emits and fails as declared',
    inTx(`
      const balance: bigint = ctx.state.balances.get('EUR', a.account);
      const terms: { readonly issuer: Address; readonly cap?: bigint | undefined } = ctx.state.terms.get('bond');
      const note: string | undefined = a.note;
      ctx.state.balances.set('EUR', a.account, balance + a.amount);
      ctx.emit('Moved', { account: terms.issuer, amount: a.amount });
      ctx.require(note !== undefined, 'TOO_MUCH', { available: balance });
      ctx.require(true, 'CLOSED');
      ctx.state.balances.entriesUnder(['EUR'], 10, ['EUR', a.account]);
      ctx.requireAuthorised(a.account).roles.includes('bank');
      const other: bigint = ctx.call(built.methods.balance, { account });
      ctx.call(built.methods.move, { account, amount: other });`),
  ],
  [
    'alternatives',
    withAuth("auth: { any: [{ accounts: (a) => [a.account] }, { all: [{ roles: ['bank'] }, { sender: true }] }] }"),
  ],
  ['what the method itself checks', withAuth('auth: { inMethod: true }')],
  [
    'a migration',
    inMigration(
      "const done: boolean = old.before.get('x', 20260105); old.before.delete('x', 20260105); ctx.state.now.set('x', done ? 1n : 2n);",
    ),
  ],
  ['a call of a transaction', 'export const probe = callOf(built.methods.move, { account, amount: 1n });'],
];

const refused: readonly (readonly [what: string, code: string])[] = [
  ['a map that was not declared', inTx('ctx.state.balance;')],
  ['a key of the wrong type', inTx("ctx.state.balances.get('EUR', 7);")],
  ['a key that lacks a part', inTx("ctx.state.balances.get('EUR');")],
  ['a value of the wrong type', inTx("ctx.state.balances.set('EUR', a.account, 7);")],
  ['a value that lacks a field', inTx("ctx.state.terms.set('bond', { cap: 7n });")],
  ['a value with a field too many', inTx("ctx.state.terms.set('bond', { issuer: a.account, capital: 7n });")],
  ['an event that was not declared', inTx("ctx.emit('Mooved', { account: a.account, amount: 1n });")],
  ['an event with wrong data', inTx("ctx.emit('Moved', { account: a.account, amount: '1' });")],
  ['a code that was not declared', inTx("ctx.require(true, 'TO_MUCH', { available: 1n });")],
  ['a code without its data', inTx("ctx.require(true, 'TOO_MUCH');")],
  ['a code with wrong data', inTx("ctx.fail('TOO_MUCH', { available: 1 });")],
  ['an outcome with a code that was not declared', inTx("ctx.outcome('reference', 'TO_MUCH');")],
  ['an argument that was not declared', inTx('a.amounts;')],
  ['a method that the other contract lacks', inTx('ctx.call(built.methods.moves, { account });')],
  ['arguments of the wrong type', inTx('ctx.call(built.methods.move, { account, amount: 1 });')],
  ['arguments that lack one', inTx('ctx.call(built.methods.move, { account });')],
  ["a transaction's method where a view is asked for", inTx('ctx.view(built.methods.move, { account, amount: 1n });')],
  ['a write in a view', inView("ctx.state.balances.set('EUR', a.account, 1n); return 1n;")],
  ['an event in a view', inView("ctx.emit('Moved', { account: a.account, amount: 1n }); return 1n;")],
  ['an authorisation in a view', inView('ctx.requireAuthorised(a.account); return 1n;')],
  ['a result of the wrong type', inView("return 'text';")],
  ['a method that says nobody who may call it', withAuth('')],
  ['a role that nobody can have', withAuth("auth: { roles: ['bnak'] }")],
  ['a role that nobody can have, as an alternative', withAuth("auth: { any: [{ roles: ['bnak'] }] }")],
  ['a condition that there is not', withAuth('auth: { any: [{ everybody: true }] }')],
  ['an account that is no argument', withAuth('auth: { any: [{ accounts: (a) => [a.debtor] }] }')],
  ['a write into an old map', inMigration("old.before.set('x', 20260105, true);")],
  ['an old map that the step does not read', inMigration('old.now;')],
  ['a value of another type from an old map', inMigration("const wrong: bigint = old.before.get('x', 20260105);")],
  ['wrong arguments of a call', "export const probe = callOf(built.methods.move, { account, amount: '1' });"],
];

/** Errors that say that a type does not fit or a name is not there: nothing that a misspelt snippet would give. */
const TYPE_ERRORS = /^TS(2322|2339|2345|2353|2551|2554|2559|2561|2741|2769|2820) /;

describe('the contract API', () => {
  let found: ReadonlyMap<string, SnippetError> = new Map();

  before('compiles every snippet', function () {
    this.timeout(120_000);
    found = compileSnippets([...allowed, ...refused].map(([name, code]) => ({ name, text: prelude + code })));
  });

  it('compiles what is declared', () => {
    expect(allowed.map(([what]) => [what, found.get(what)])).to.deep.equal(allowed.map(([what]) => [what, undefined]));
  });

  for (const [what] of refused) {
    it(`does not compile ${what}`, () => {
      expect(found.get(what)?.message ?? 'compiles').to.match(TYPE_ERRORS);
      expect(found.get(what)?.line).to.be.greaterThan(PRELUDE_LINES);
    });
  }
});
