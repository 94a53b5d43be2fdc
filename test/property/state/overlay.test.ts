import { expect } from 'chai';
import fc from 'fast-check';
import { StateOverlay } from '../../../node/state/overlay.js';
import type { StateReader } from '../../../node/state/types.js';

/** A reader over a Map, as plain as can be. */
function readerOver(values: ReadonlyMap<string, Uint8Array>): StateReader {
  return {
    get: (key) => values.get(key),
    range: (prefix, limit, after) =>
      [...values]
        .filter(([key]) => key.startsWith(prefix) && (after === undefined || key > after))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([key, value]) => ({ key, value })),
  };
}

type Step =
  | { readonly do: 'put'; readonly key: string; readonly value: number }
  | { readonly do: 'delete' | 'get'; readonly key: string }
  | { readonly do: 'range'; readonly prefix: string; readonly limit: number; readonly after: string | undefined }
  | { readonly do: 'savepoint' | 'rollback' | 'release' };

const key = fc.stringMatching(/^[ab\x80\xff]{0,3}$/);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), key, value: fc.nat({ max: 255 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'get' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('range' as const),
      prefix: fc.stringMatching(/^[ab\xff]{0,2}$/),
      limit: fc.integer({ min: 1, max: 6 }),
      after: fc.option(key, { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('savepoint' as const, 'rollback' as const, 'release' as const) }),
  },
);

describe('an overlay with savepoints, against copies of a Map', () => {
  it('reads, ranges and takes back as the copies do', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 12 }), fc.array(step, { maxLength: 60 }), (keys, steps) => {
        const committed = new Map(keys.map((name, index) => [name, Uint8Array.of(index, 0)]));
        const overlay = new StateOverlay(readerOver(committed));
        let model: Map<string, Uint8Array> = new Map(committed);
        const saved: { mark: number; model: Map<string, Uint8Array> }[] = [];
        for (const action of steps) {
          if (action.do === 'put') {
            overlay.put(action.key, Uint8Array.of(action.value));
            model.set(action.key, Uint8Array.of(action.value));
          } else if (action.do === 'delete') {
            overlay.delete(action.key);
            model.delete(action.key);
          } else if (action.do === 'get') {
            expect(overlay.get(action.key)).to.deep.equal(model.get(action.key));
          } else if (action.do === 'range') {
            const { prefix, limit, after } = action;
            expect(overlay.range(prefix, limit, after)).to.deep.equal(readerOver(model).range(prefix, limit, after));
          } else if (action.do === 'savepoint') {
            saved.push({ mark: overlay.savepoint(), model: new Map(model) });
          } else {
            const last = saved.pop();
            if (last === undefined) continue;
            if (action.do === 'release') overlay.release(last.mark);
            else {
              overlay.rollback(last.mark);
              model = last.model;
            }
          }
        }
        const result = new Map<string, Uint8Array>(committed);
        for (const [name, value] of overlay.changes()) {
          if (value === undefined) result.delete(name);
          else result.set(name, value);
        }
        expect([...result].sort()).to.deep.equal([...model].sort());
      }),
      { numRuns: 1_500, seed: 11 },
    );
  });
});
