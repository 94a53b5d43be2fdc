import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ContractAbi,
  compatibility,
  type Fields,
  type KeySchema,
  type Schema,
  t,
} from '../../../contracts/api/index.js';
import { MapLayout } from '../../../contracts/api/state.js';
import { addressFromBytes } from '../../../primitives/address.js';
import { toHex } from '../../../primitives/bytes.js';

/** A schema, the one that follows it, and values of the first. */
interface Step<S extends Schema<unknown> = Schema<unknown>> {
  readonly old: S;
  readonly next: S;
  readonly values: fc.Arbitrary<unknown>;
}

type Leaf = readonly [schema: KeySchema<unknown>, values: fc.Arbitrary<unknown>];

const uint = (max: number): Leaf => [t.uint(max), fc.oneof(fc.nat({ max }), fc.constant(max))];
const text = (max: number, min: number): Leaf => [
  t.text(max, min),
  fc.string({ unit: fc.constantFrom(...'aZ9é'), minLength: min, maxLength: max }),
];
const bytes = (max: number, min: number): Leaf => [
  t.bytes(max, min),
  fc.uint8Array({ minLength: min, maxLength: max }),
];
const names = (...of: string[]): Leaf => [t.enum(of), fc.constantFrom(...of)];

const leaves: readonly Leaf[] = [
  ...[1, 9, 127, 128, 255, 256, 65_535, 65_536, 99_991_231, Number.MAX_SAFE_INTEGER].map(uint),
  ...[text(3, 1), text(3, 0), text(64, 1), text(11, 8), text(3, 3)],
  ...[bytes(3, 0), bytes(4, 0), bytes(3, 3), bytes(4, 4), bytes(20, 20), bytes(0, 0)],
  [t.hex(3), fc.uint8Array({ minLength: 3, maxLength: 3 }).map(toHex)],
  [t.hex(20), fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex)],
  ...[names('a', 'b'), names('a', 'b', 'c'), names('b', 'a'), names('a')],
  [t.amount, fc.bigInt({ min: 0n, max: 1n << 127n })],
  [t.address, fc.uint8Array({ minLength: 20, maxLength: 20 }).map(addressFromBytes)],
  [t.bool, fc.boolean()],
  [t.day, fc.constantFrom(19_700_101, 20_240_229, 99_991_231)],
  [t.id, fc.constantFrom('a', '.', 'x'.repeat(64))],
  [t.bic, fc.constantFrom('ALFADEFF', 'ALFADEFFXXX')],
  [t.lei, fc.constant('529900T8BM49AURSDO55')],
  [t.isin, fc.constant('US0378331005')],
  [t.currency, fc.constantFrom('EUR', 'USD')],
];

function abiWith(keys: readonly Schema<unknown>[], value: Schema<unknown>): ContractAbi {
  const state = { rows: { keys: keys.map((key) => key.schema()), value: value.schema() } };
  return { name: 'x', version: 1, methods: {}, events: {}, errors: {}, state, migrations: {} };
}

const changesOfValue = ({ old, next }: Omit<Step, 'values'>) => compatibility(abiWith([], old), abiWith([], next));
const changesOfKey = (old: Schema<unknown>, next: Schema<unknown>) =>
  compatibility(abiWith([old], t.bool), abiWith([next], t.bool));

/** What the second makes of what the first has written, as JSON, and what the first meant. */
function readings({ old, next }: Omit<Step, 'values'>, value: unknown): readonly [unknown, unknown] {
  const encoded = old.encode(value);
  return [next.toJson(next.decode(encoded)), old.toJson(value)];
}

const steps: fc.Arbitrary<Step> = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(fc.constantFrom(...leaves), fc.constantFrom(...leaves), fc.boolean())
      .map(([[old, values], [other], isKept]) => ({ old, next: isKept ? old : other, values })),
    fc.tuple(tie('step'), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 1 })).map(([step, max, min]) => ({
      old: t.list(step.old, 3, 1),
      next: t.list(step.next, max, min),
      values: fc.array(step.values, { minLength: 1, maxLength: 3 }),
    })),
    fc.tuple(tie('step'), fc.boolean()).map(([step, isKept]) => ({
      old: t.optional(step.old),
      next: isKept ? t.optional(step.next) : step.next,
      values: fc.option(step.values, { nil: undefined }),
    })),
    fc
      .tuple(fc.array(tie('step'), { maxLength: 3 }), fc.constantFrom('kept', 'kept', 'more', 'fewer', 'swapped'))
      .map(([fields, how]) => {
        const named = (pick: (step: Step) => unknown) =>
          Object.fromEntries(fields.map((step, index) => [`field${index}`, pick(step)]));
        const next = Object.entries(named((step) => step.next));
        if (how === 'more') next.push(['added', t.optional(t.bool)]);
        if (how === 'fewer') next.pop();
        if (how === 'swapped') next.reverse();
        return {
          old: t.struct(named((step) => step.old) as Fields),
          next: t.struct(Object.fromEntries(next) as Fields),
          values: fc.record(named((step) => step.values) as Record<string, fc.Arbitrary<unknown>>),
        };
      }),
  ),
})).step;

describe('compatibility of a new version with what is stored (PROTOCOL §Migrations M4)', () => {
  it('is said only of a value that the new schema decodes to the same JSON, whatever the old one has encoded', () => {
    let compatible = 0;
    fc.assert(
      fc.property(
        steps.chain((step) => fc.tuple(fc.constant(step), step.values)),
        ([step, value]) => {
          if (changesOfValue(step).length > 0) return;
          compatible += 1;
          const [read, meant] = readings(step, value);
          expect(read).to.deep.equal(meant);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(compatible).to.be.greaterThan(300);
  });

  it('holds between every two plain schemas, as a value and as a part of a key', () => {
    const agreed: string[] = [];
    for (const [old, values] of leaves) {
      for (const [next] of leaves) {
        const asValue = changesOfValue({ old, next }).length === 0;
        const asKey = changesOfKey(old, next).length === 0;
        expect(asKey && !asValue, 'a key is a value, too').to.equal(false);
        for (const value of fc.sample(values, 30)) {
          const shown = `${JSON.stringify(old.schema())} → ${JSON.stringify(next.schema())}: ${old.toJson(value)}`;
          if (asValue) {
            const [read, meant] = readings({ old, next }, value);
            expect(read, shown).to.deep.equal(meant);
          }
          if (!asKey) continue;
          const [before, after] = [old, next].map(
            (key) => new MapLayout('rows', { keys: [key, t.id], value: t.bool, absent: undefined }),
          );
          const key = before?.key([value, 'end']) ?? '';
          expect(
            after?.keyParts(key).map((part, index) => (index === 0 ? next.toJson(part) : part)),
            shown,
          ).to.deep.equal([old.toJson(value), 'end']);
        }
        if (asValue && old !== next) agreed.push(`${old.schema()['x-vostro']} → ${next.schema()['x-vostro']}`);
      }
    }
    expect([...new Set(agreed)].sort()).to.include.members([
      'bic → id',
      'bytes → hex',
      'currency → text',
      'day → uint',
      'enum → enum',
      'hex → bytes',
      'id → text',
      'uint → uint',
    ]);
  });

  it('is not said of what only looks alike', () => {
    const differs = (old: Schema<unknown>, next: Schema<unknown>) => changesOfValue({ old, next });
    expect(differs(t.enum(['a', 'b']), t.enum(['b', 'a']))).to.deep.equal([{ map: 'rows', change: 'valueChanged' }]);
    expect(differs(t.bool, t.optional(t.bool))).to.have.lengthOf(1);
    expect(differs(t.struct({ a: t.bool }), t.struct({ b: t.bool }))).to.have.lengthOf(1);
    expect(differs(t.struct({ a: t.bool }), t.struct({ a: t.bool, b: t.optional(t.bool) }))).to.have.lengthOf(1);
    expect(changesOfKey(t.uint(255), t.uint(256))).to.deep.equal([{ map: 'rows', change: 'keysChanged' }]);
    expect(changesOfKey(t.fixedBytes(3), t.bytes(3))).to.have.lengthOf(1);
    expect(changesOfKey(t.uint(255), t.uint(1))).to.have.lengthOf(1);
    const [old, none] = [abiWith([], t.bool), { ...abiWith([], t.bool), state: {} }];
    expect(compatibility(old, none)).to.deep.equal([{ map: 'rows', change: 'removed' }]);
    expect(compatibility(none, old)).to.deep.equal([]);
    expect(compatibility(abiWith([t.id], t.bool), abiWith([t.id, t.id], t.bool))).to.have.lengthOf(1);
  });
});
