import { expect } from 'chai';
import {
  ABI_LIMITS,
  AbiError,
  type ContractAbi,
  canonicalAbiText,
  codecFromAbi,
  defineContract,
  type Json,
  map,
  parseCanonicalAbi,
  parseContractAbi,
  t,
} from '../../../contracts/api/index.js';
import { standardAbis } from '../../../contracts/index.js';

const declaration = defineContract({
  name: 'deals',
  version: 3,
  state: { deals: map([t.id, t.day], t.struct({ buyer: t.address, state: t.enum(['OPEN', 'DONE']) })) },
  events: { Opened: { id: t.id, note: t.optional(t.text(35)) } },
  errors: { LATE: { day: t.day } },
  migrations: { 2: { reads: { old: map([t.id], t.list(t.amount, 3)) }, run: () => undefined } },
});
const abi = declaration
  .build({
    open: declaration.tx(
      {
        args: { id: t.id, parties: t.list(t.address, 4, 1) },
        auth: { any: [{ accounts: (a) => a.parties }, { roles: ['bank'], contracts: ['desk'] }], inMethod: true },
      },
      () => undefined,
    ),
    read: declaration.view({ args: {}, returns: t.bool }, () => true),
  })
  .abi();

/** The ABI with one place of it replaced: `methods.open.kind`, or taken away where the value is undefined. */
function withChange(path: string, value: unknown): Json {
  const copy = JSON.parse(JSON.stringify(abi));
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const at = steps.reduce((object, step) => object[step], copy);
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

/** Where and with which code it is refused. */
function refusal(input: string | Json, read: (input: string) => unknown = parseContractAbi): string {
  try {
    read(input as string);
    return 'taken';
  } catch (error) {
    return error instanceof AbiError ? `${error.code} ${error.details['path']}` : `broke: ${String(error)}`;
  }
}

describe("a stranger's ABI (PROTOCOL §Form of an ABI D1, D2)", () => {
  it('is taken as every standard contract describes itself, and is one text whatever order it came in', () => {
    for (const one of [...standardAbis(), abi]) {
      const parsed = parseContractAbi(JSON.stringify(one));
      expect(parsed).to.deep.equal(one);
      const text = canonicalAbiText(one);
      expect(text).to.equal(JSON.stringify(parsed));
      expect(parseCanonicalAbi(text)).to.deep.equal(one);
      expect(() => codecFromAbi(parsed)).not.to.throw();
    }
    const backwards = (value: Json): Json => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(backwards);
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, each]) => [name, backwards(each)]),
      );
    };
    const turned = JSON.stringify(backwards(abi as unknown as Json), null, 2);
    expect(canonicalAbiText(parseContractAbi(turned))).to.equal(canonicalAbiText(abi));
    expect(refusal(turned, parseCanonicalAbi)).to.equal('ABI_INVALID $');
  });

  it('is refused, with the place, for everything that it may not say', () => {
    const uint = t.uint(9).schema();
    const struct = t.struct({}).schema();
    const deep = Array.from({ length: 17 }).reduce<Json>(
      (inner) => ({ oneOf: [inner, { type: 'null' }], 'x-vostro': 'optional' }),
      uint,
    );
    for (const [path, value, where] of [
      ['name', 'Deals', '$.name'],
      ['name', 7, '$.name'],
      ['version', 0, '$.version'],
      ['version', 1.5, '$.version'],
      ['events', undefined, '$'],
      ['extra', {}, '$'],
      ['methods', [], '$.methods'],
      ['methods.open', null, '$.methods.open'],
      ['methods.Open', abi.methods['open'], '$.methods'],
      [`methods.${'x'.repeat(65)}`, abi.methods['open'], '$.methods'],
      ['methods.open.kind', 'write', '$.methods.open.kind'],
      ['methods.open.auth', null, '$.methods.open.auth'],
      ['methods.read.auth', { sender: true }, '$.methods.read.auth'],
      ['methods.open.auth', {}, '$.methods.open.auth'],
      ['methods.open.auth', { sender: true, system: true }, '$.methods.open.auth'],
      ['methods.open.auth', { sender: false }, '$.methods.open.auth.sender'],
      ['methods.open.auth', { everybody: true }, '$.methods.open.auth'],
      ['methods.open.auth', { accounts: 1 }, '$.methods.open.auth'],
      ['methods.open.auth', { any: [] }, '$.methods.open.auth'],
      ['methods.open.auth', { any: [{ inMethod: true }] }, '$.methods.open.auth'],
      ['methods.open.auth', { roles: ['king'] }, '$.methods.open.auth.roles'],
      ['methods.open.auth', { contracts: ['No'] }, '$.methods.open.auth.contracts'],
      ['methods.open.args', uint, '$.methods.open.args'],
      ['methods.open.returns', { ...uint, title: 'x' }, '$.methods.open.returns'],
      ['methods.open.returns', { ...uint, maximum: -1 }, '$.methods.open.returns'],
      ['methods.open.returns', { ...uint, 'x-vostro': 'float' }, '$.methods.open.returns'],
      ['methods.open.returns', t.enum(['\u202eb']).schema(), '$.methods.open.returns'],
      ['methods.open.returns', t.text(65_537).schema(), '$.methods.open.returns'],
      ['methods.open.returns', deep, '$.methods.open.returns'],
      ['methods.migrate', undefined, '$.methods.migrate'],
      ['methods.migrate.auth', { sender: true }, '$.methods.migrate'],
      ['migrations', {}, '$.methods.migrate'],
      ['migrations', { 3: { reads: {} } }, '$.migrations'],
      ['migrations', { '01': { reads: {} } }, '$.migrations'],
      ['migrations.2', {}, '$.migrations.2'],
      ['migrations.2.reads.old.keys', [struct], '$.migrations.2.reads.old.keys[0]'],
      ['events.opened', struct, '$.events'],
      ['events.Opened', uint, '$.events.Opened'],
      ['events.Opened.x-order', ['id', 'id'], '$.events.Opened'],
      ['errors.UNAUTHORISED', struct, '$.errors.UNAUTHORISED'],
      ['state.deals.keys', Array.from({ length: 9 }, () => uint), '$.state.deals.keys'],
      ['state.deals.value', undefined, '$.state.deals'],
      ['state.a_b', abi.state['deals'], '$.state'],
    ] as [string, Json | undefined, string][]) {
      expect(refusal(withChange(path, value)), `${path} = ${JSON.stringify(value)}`).to.equal(`ABI_INVALID ${where}`);
    }
  });

  it('is refused when it is too large, too deep or no JSON, before anything is built from it', () => {
    const empty = t.struct({}).schema();
    const many = Object.fromEntries(Array.from({ length: ABI_LIMITS.events + 1 }, (_, index) => [`E${index}`, empty]));
    expect(refusal(withChange('events', many))).to.equal('ABI_INVALID $.events');
    expect(refusal(' '.repeat(ABI_LIMITS.textBytes + 1))).to.equal('ABI_TOO_LARGE $');
    expect(refusal(JSON.stringify({ name: 'é'.repeat(40_000) }))).to.equal('ABI_TOO_LARGE $');
    expect(refusal('['.repeat(50_000))).to.equal('ABI_INVALID $');
    for (const text of ['', '{', 'null', '[]', '"x"', '{"name":"x",}']) {
      expect(refusal(text), text).to.equal('ABI_INVALID $');
    }
  });

  it('reaches nothing by a name that objects have of themselves', () => {
    const { methods } = parseContractAbi({
      ...(abi as unknown as Record<string, Json>),
      methods: { ...abi.methods, constructor: abi.methods['read'] } as unknown as Json,
    });
    expect(Object.keys(methods)).to.include('constructor');
    const text = canonicalAbiText(abi).replace('"Opened":', '"__proto__":');
    expect(refusal(text)).to.equal('ABI_INVALID $.events');
    const inherited: ContractAbi = { ...abi, methods: {}, migrations: {} };
    expect(() => codecFromAbi(inherited).encodeArgs('constructor', {})).to.throw(AbiError, 'constructor');
  });
});
