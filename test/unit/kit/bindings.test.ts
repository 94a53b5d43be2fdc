import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { AbiError, type ContractAbi, defineContract, map, t } from '../../../contracts/api/index.js';
import { cash, payments, standardAbis } from '../../../contracts/index.js';
import { contractBindings } from '../../../kit/bindings/contractBindings.js';
import { compileSnippets } from '../../support/compileSnippets.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

const long = (letter: string) => letter.repeat(64);

/** Names as long and values as deep as an ABI may have them, and words that are the language's own. */
function awkward(): ContractAbi {
  const contract = defineContract({
    name: 'awkward',
    version: 7,
    state: { rows: map([t.id], t.bool) },
    events: { E: {}, [`E${long('e').slice(1)}`]: { id: t.hex(32), note: t.text(4, 0) } },
    errors: { A: {}, [`A${long('B').slice(1)}`]: { list: t.list(t.optional(t.list(t.amount, 3)), 2, 1) } },
    migrations: { 6: { reads: {}, run: () => undefined } },
  });
  const args = {
    constructor: t.uint(9),
    [long('f')]: t.optional(t.struct({ [long('g')]: t.enum([long('a'), long('b')]), [long('h')]: t.bytes(5, 2) })),
    [long('i')]: t.list(
      t.struct({ a: t.fixedBytes(3), b: t.struct({}), c: t.optional(t.list(t.struct({ [long('j')]: t.lei }), 4)) }),
      5,
    ),
    kinds: t.list(
      t.enum(['MONTHLY', 'QUARTERLY', 'HALF_YEARLY', 'YEARLY', 'AT_MATURITY', 'ON_DEMAND', 'NEVER_AT_ALL']),
      3,
    ),
  };
  return contract
    .build({
      delete: contract.tx({ args, auth: { sender: true } }, () => undefined),
      constructor: contract.view(
        { args: {}, returns: t.optional(t.struct({ a: t.isin, b: t.bic, c: t.day, d: t.text(3) })) },
        () => undefined,
      ),
      [long('m')]: contract.tx(
        { args: {}, returns: t.bool, auth: { any: [{ contracts: ['desk'] }, { roles: ['bank'] }] } },
        () => true,
      ),
      [long('n').slice(20)]: contract.tx({ args: {}, auth: { contracts: ['desk'] } }, () => undefined),
    })
    .abi();
}

function empty(): ContractAbi {
  return { name: 'nothing', version: 1, methods: {}, events: {}, errors: {}, state: {}, migrations: {} };
}

const abis = [...standardAbis(), awkward(), empty()];
const compiledAbis = [payments.abi(), awkward(), empty()];

describe('bindings of a contract', () => {
  it('stand as the formatter lays them out', function () {
    this.timeout(120_000);
    const biome = join(repositoryRoot(), 'node_modules', '.bin', 'biome');
    const text = abis.map((abi) => contractBindings(abi)).join('\n');
    const formatted = execFileSync(biome, ['format', '--stdin-file-path=bindings.ts'], {
      cwd: repositoryRoot(),
      input: text,
      encoding: 'utf8',
    });
    expect(text).to.equal(formatted);
  });

  it('are the same text for the same ABI, whatever order its names came in', () => {
    const { methods, ...rest } = awkward();
    const turned: ContractAbi = { ...rest, methods: Object.fromEntries(Object.entries(methods).reverse()) };
    expect(contractBindings(turned)).to.equal(contractBindings(awkward()));
  });

  it('compile under strict rules, and type calls, results, events and codes', function () {
    this.timeout(120_000);
    const use = (code: string) => `
import type { TxContext } from 'vostro/contract';
import { calls, type Errors, type Events, events, methods } from './payments.js';
const debtor = '0x1111111111111111111111111111111111111111';
const values = { debtor, currency: 'EUR', creditor: debtor, amount: 5n, reference: 'P-1' } as const;
type Context = TxContext<Record<never, never>, Record<never, never>, Record<never, never>>;
export function use(ctx: Context, event: Uint8Array) { ${code} }
export const unused = [calls, events, methods, values];
export type Unused = Context | Errors | Events;`;
    const snippets = [
      ...compiledAbis.map((abi) => ({ name: abi.name, text: contractBindings(abi) })),
      {
        name: 'right',
        text: use(`
          const day: number = ctx.call(methods.pay, values).businessDay;
          const isUsed: boolean = ctx.view(methods.isReferenceUsed, { debtor, reference: 'P-1', businessDay: day });
          const { contract, args } = calls.pay(values);
          const paid: Events['Paid'] = events.Paid.decode(event);
          const refusal: Errors['INSUFFICIENT_FUNDS'] = { available: 1n, required: paid.amount };
          return { isUsed, contract, args, refusal };`),
      },
      ...[
        'ctx.call(methods.pay, { ...values, amount: 5 });',
        'ctx.call(methods.payy, values);',
        'ctx.view(methods.pay, values);',
        "calls.pay({ ...values, memo: 'x' });",
        'calls.isReferenceUsed(values);',
        'const paid: Events["Payed"] = events.Paid.decode(event); return paid;',
        'const refusal: Errors["INSUFFICIENT_FUNDS"] = { available: 1n }; return refusal;',
      ].map((code, index) => ({ name: `wrong${index}`, text: use(code) })),
    ];
    const errors = compileSnippets(snippets);
    const compiled = snippets.filter(({ name }) => !errors.has(name)).map(({ name }) => name);
    expect(compiled, [...errors].map(([name, { message }]) => `${name}: ${message}`).join('\n')).to.deep.equal([
      ...compiledAbis.map(({ name }) => name),
      'right',
    ]);
  });

  it('offer as calls of a transaction only what a transaction may call', () => {
    const text = contractBindings(awkward());
    const [, calls = ''] = /export const calls = \{([\s\S]*?)\n\};/.exec(text) ?? [];
    expect(calls)
      .to.contain(`${long('m')}:`)
      .and.contain('delete:')
      .and.not.contain('migrate')
      .and.not.contain('constructor:');
    expect(calls).not.to.contain(`  ${long('n').slice(20)}:`);
  });

  it('hold the methods alone that are asked for, where only they are called', () => {
    const text = contractBindings(cash.abi(), { methods: ['release', 'balance'] });
    expect(text).to.contain('vostro contract bindings cash --methods balance,release`');
    expect(text).to.contain("method: 'release'").and.to.contain("method: 'balance'");
    for (const absent of ['transfer', 'events', 'errors', 'calls', 'callOf']) expect(text).not.to.contain(absent);
    expect(() => contractBindings(cash.abi(), { methods: ['lock', 'unlock'] }))
      .to.throw()
      .with.property('code', 'METHOD_UNKNOWN');
  });

  it('are made of a checked ABI only: nobody writes code by a name', () => {
    const hostile = (change: object) => () => contractBindings({ ...payments.abi(), ...change } as ContractAbi);
    const struct = t.struct({}).schema();
    expect(hostile({ events: { "X'; process.exit(); '": struct } })).to.throw(AbiError);
    expect(hostile({ name: "x'" })).to.throw(AbiError);
    const names = { ...t.enum(['a']).schema(), enum: ["a'] as any; //"] };
    expect(hostile({ methods: { m: { kind: 'view', auth: null, args: struct, returns: names } } })).to.throw(AbiError);
  });
});
