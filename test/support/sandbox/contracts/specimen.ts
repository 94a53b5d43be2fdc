import { calendarDayOf, callOf, defineContract, isCalendarDay, map, t } from '../../../../contracts/api/index.js';
import { contract as token } from './token.js';

const everything = t.struct({
  amount: t.amount,
  address: t.address,
  bool: t.bool,
  id: t.id,
  bic: t.bic,
  currency: t.currency,
  day: t.day,
  uint: t.uint(),
  small: t.uint(255),
  text: t.text(40, 0),
  bytes: t.bytes(8),
  fixed: t.fixedBytes(4),
  hex: t.hex(4),
  choice: t.enum(['plain', 'a name/with space']),
  list: t.list(t.amount, 4),
  structs: t.list(t.struct({ a: t.optional(t.text(5)), b: t.optional(t.amount) }), 3),
  none: t.struct({}),
  optional: t.optional(t.struct({ day: t.day, raw: t.bytes(3) })),
  /** Names that every object of JavaScript has. */
  constructor: t.bool,
  toJSON: t.optional(t.id),
});

const specimen = defineContract({
  name: 'specimen',
  version: 1,
  state: {
    values: map([t.id], everything),
    single: map([], t.uint()),
    amounts: map([t.amount, t.bool, t.day], t.text(20, 0)),
    wide: map([t.uint(300), t.bytes(3), t.fixedBytes(2), t.enum(['x', 'y']), t.hex(2)], t.optional(t.amount)),
    names: map([t.text(9)], t.id, 'nobody'),
  },
  events: { Stored: { id: t.id, value: everything }, Nothing: {} },
  errors: { REFUSED: { id: t.id, value: t.optional(t.amount) }, PLAIN: {} },
});

const anybody = { sender: true } as const;
const byId = { id: t.id };

/** Uses everything that the contract API has, so that both executors can be held against each other. */
export const contract = specimen.build({
  store: specimen.tx({ args: { id: t.id, value: everything }, returns: everything, auth: anybody }, (ctx, a) => {
    ctx.state.values.set(a.id, a.value);
    ctx.emit('Stored', a);
    return ctx.state.values.get(a.id);
  }),

  storeWide: specimen.tx(
    {
      args: {
        n: t.uint(300),
        raw: t.bytes(3),
        fixed: t.fixedBytes(2),
        choice: t.enum(['x', 'y']),
        value: t.optional(t.amount),
      },
      returns: t.list(t.struct({ n: t.uint(300), raw: t.bytes(3), hex: t.hex(2), value: t.optional(t.amount) }), 1_000),
      auth: anybody,
    },
    (ctx, a) => {
      const { wide } = ctx.state;
      wide.set(a.n, a.raw, a.fixed, a.choice, '0x00ff', a.value);
      wide.set(a.n, a.raw, a.fixed, a.choice, '0xff00', undefined);
      const [first] = wide.entries(1);
      const rows = [
        ...wide.entriesUnder([a.n], 10),
        ...wide.entries(5, first?.key),
        ...wide.entriesUnder([a.n, a.raw], 0),
      ];
      return rows.map(({ key: [n, raw, , , hex], value }) => ({ n, raw, hex, value }));
    },
  ),

  amounts: specimen.tx(
    { args: { amount: t.amount, day: t.day, text: t.text(20, 0) }, returns: t.text(20, 0), auth: anybody },
    (ctx, { amount, day, text }) => {
      const { amounts, single, names } = ctx.state;
      ctx.require(!amounts.has(amount, true, day), 'PLAIN');
      amounts.set(amount, true, day, text);
      single.set((single.find() ?? 0) + 1);
      if (text !== '') names.set(text.slice(0, 9), 'somebody');
      const who = names.get(text === '' ? 'x' : text.slice(0, 9));
      ctx.require(who !== 'somebody' || single.get() < 1_000, 'REFUSED', { id: who, value: amount });
      return `${amounts.get(amount, true, day)}`;
    },
  ),

  remove: specimen.tx({ args: byId, auth: anybody }, (ctx, a) => {
    ctx.require(ctx.state.values.has(a.id), 'REFUSED', { id: a.id, value: undefined });
    ctx.state.values.delete(a.id);
    ctx.emit('Nothing', {});
  }),

  facts: specimen.tx({ args: {}, returns: t.list(t.text(200, 0), 20), auth: anybody }, (ctx) => [
    ctx.chainId,
    ctx.genesisHash.join(),
    `${ctx.height} ${ctx.timestamp} ${calendarDayOf(ctx.timestamp)} ${isCalendarDay(20_250_229)}`,
    ctx.sender,
    ctx.signers.join(),
    `${ctx.callerContract}`,
    JSON.stringify(ctx.account(ctx.sender) ?? null),
    `${ctx.authorises(ctx.sender)} ${ctx.stateRoot(ctx.height - 1)?.join()}`,
  ]),

  settle: specimen.tx(
    { args: { refs: t.list(t.text(12), 8), day: t.day }, returns: t.list(t.text(80, 0), 8), auth: { inMethod: true } },
    (ctx, { refs, day }) => {
      ctx.requireAuthorised(ctx.sender);
      ctx.useFuel(refs.length * 10);
      return refs.map((ref) => {
        const failure = ctx.attempt(() => {
          ctx.emit('Nothing', {});
          const isNew = ctx.once('refs', ref, day);
          ctx.require(isNew, 'REFUSED', { id: 'again', value: 7n });
          ctx.attempt(() => ctx.fail('PLAIN'));
          ctx.require(ref.length > 2, 'PLAIN');
        });
        ctx.outcome(ref, failure === undefined ? '' : 'PLAIN');
        return `${failure?.code} ${failure?.failedCall} ${failure?.data.join()} ${ctx.used('refs', ref, day)}`;
      });
    },
  ),

  /** Both legs, or what became of them. */
  both: specimen.tx(
    {
      args: { asset: t.id, from: t.address, to: t.address, amount: t.amount },
      returns: t.text(300),
      auth: { all: [anybody, { accounts: (a) => [a.from] }] },
    },
    (ctx, a) => {
      const before = ctx.view(token.methods.balance, { asset: a.asset, account: a.from });
      const failure = ctx.attempt(() => ctx.call(token.methods.transfer, { ...a, extra: 1 } as typeof a));
      const { contract: called, method, args } = callOf(token.methods.transfer, a);
      const after = ctx.call(token.methods.balance, { asset: a.asset, account: a.from }, 10_000_000);
      return `${before} ${failure?.code} ${failure?.failedCall} ${after} ${called}.${method} ${args.length}`;
    },
  ),

  pay: specimen.tx(
    {
      args: { asset: t.id, from: t.address, to: t.address, amount: t.amount },
      auth: { any: [{ roles: ['supervisor'] }, { accounts: (a) => [a.from] }] },
    },
    (ctx, a) => ctx.call(token.methods.transfer, a),
  ),

  value: specimen.view({ args: byId, returns: t.optional(everything) }, (ctx, a) => ctx.state.values.find(a.id)),
});
