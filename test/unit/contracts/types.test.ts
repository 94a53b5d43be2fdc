import { expect } from 'chai';
import { defineContract, map, t } from '../../../contracts/api/index.js';
import type { Address } from '../../../primitives/types.js';

const contract = defineContract({
  name: 'typed',
  version: 1,
  state: {
    balances: map([t.currency, t.address], t.amount, 0n),
    terms: map([t.id], t.struct({ issuer: t.address, cap: t.optional(t.amount) })),
  },
  events: { Moved: { account: t.address, amount: t.amount } },
  errors: { TOO_MUCH: { available: t.amount }, CLOSED: {} },
});

const account: Address = `0x${'11'.repeat(20)}`;

/** Never run: that it compiles is the proof. Each `@ts-expect-error` fails the build when its line has no error. */
const declareMethods = () => ({
  move: contract.tx(
    {
      args: { account: t.address, amount: t.amount, note: t.optional(t.text(35)) },
      auth: { accounts: (a) => [a.account] },
    },
    (ctx, a) => {
      const balance: bigint = ctx.state.balances.get('EUR', a.account);
      const terms: { readonly issuer: Address; readonly cap?: bigint | undefined } = ctx.state.terms.get('bond');
      const note: string | undefined = a.note;
      ctx.state.balances.set('EUR', a.account, balance + a.amount);
      ctx.emit('Moved', { account: terms.issuer, amount: a.amount });
      ctx.require(note !== undefined, 'TOO_MUCH', { available: balance });
      ctx.require(true, 'CLOSED');
      ctx.state.balances.entriesUnder(['EUR'], 10, ['EUR', a.account]);

      // @ts-expect-error a map that was not declared
      ctx.state.balance;
      // @ts-expect-error a key of the wrong type
      ctx.state.balances.get('EUR', 7);
      // @ts-expect-error a key that lacks a part
      ctx.state.balances.get('EUR');
      // @ts-expect-error a value of the wrong type
      ctx.state.balances.set('EUR', a.account, 7);
      // @ts-expect-error a value that lacks a field
      ctx.state.terms.set('bond', { cap: 7n });
      // @ts-expect-error a value with a field too many
      ctx.state.terms.set('bond', { issuer: a.account, capital: 7n });
      // @ts-expect-error an event that was not declared
      ctx.emit('Mooved', { account: a.account, amount: 1n });
      // @ts-expect-error an event with wrong data
      ctx.emit('Moved', { account: a.account, amount: '1' });
      // @ts-expect-error a code that was not declared
      ctx.require(true, 'TO_MUCH', { available: 1n });
      // @ts-expect-error a code without its data
      ctx.require(true, 'TOO_MUCH');
      // @ts-expect-error an outcome with a code that was not declared
      ctx.outcome('reference', 'TO_MUCH');
      // @ts-expect-error an argument that was not declared
      a.amounts;
    },
  ),

  // @ts-expect-error a method of a transaction that nobody is named for
  open: contract.tx({ args: {} }, () => undefined),

  // @ts-expect-error a role that nobody can have
  role: contract.tx({ args: {}, auth: { roles: ['bnak'] } }, () => undefined),

  balance: contract.view({ args: { account: t.address }, returns: t.amount }, (ctx, a) => {
    // @ts-expect-error a write in a view
    ctx.state.balances.set('EUR', a.account, 1n);
    // @ts-expect-error an event in a view
    ctx.emit('Moved', { account: a.account, amount: 1n });
    return ctx.state.balances.get('EUR', a.account);
  }),

  // @ts-expect-error a result of the wrong type
  wrongResult: contract.view({ args: {}, returns: t.amount }, () => 'text'),
});

const build = (methods: ReturnType<typeof declareMethods>) =>
  contract.build({ move: methods.move, balance: methods.balance });

const callAnother = (built: ReturnType<typeof build>) =>
  contract.tx({ args: {}, auth: { genesis: true } }, (ctx) => {
    const balance: bigint = ctx.call(built.methods.balance, { account });
    ctx.call(built.methods.move, { account, amount: balance });
    // @ts-expect-error a method that the other contract lacks
    ctx.call(built.methods.moves, { account, amount: balance });
    // @ts-expect-error arguments of the wrong type
    ctx.call(built.methods.move, { account, amount: 1 });
    // @ts-expect-error a transaction's method where a view is asked for
    ctx.view(built.methods.move, { account, amount: 1n });
  });

describe('the contract API', () => {
  it('types arguments, state, events, errors and calls, so that a wrong name does not compile', () => {
    for (const declaration of [declareMethods, build, callAnother]) expect(declaration).to.be.a('function');
  });
});
