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
  | { readonly do: 'deleteRun'; readonly from: number; readonly count: number }
  | { readonly do: 'put'; readonly key: string; readonly value: number }
  | { readonly do: 'delete' | 'get'; readonly key: string }
  | { readonly do: 'range'; readonly prefix: string; readonly limit: number; readonly after: string | undefined }
  | { readonly do: 'savepoint' | 'rollback' | 'release' };

const key = fc.stringMatching(/^[ab\x80\xff]{0,3}$/);
/** Keys that stand in a row, so that much of a range can lie hidden. */
const rowKey = (index: number): string => `a${String.fromCharCode(64 + index)}`;
const ROW_KEYS = 60;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), key, value: fc.nat({ max: 255 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'get' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('range' as const),
      prefix: fc.stringMatching(/^[ab\xff]{0,2}$/),
      limit: fc.integer({ min: 1, max: 6 }),
      after: fc.option(fc.oneof(key, fc.nat({ max: ROW_KEYS }).map(rowKey)), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('deleteRun' as const),
      from: fc.nat({ max: ROW_KEYS - 1 }),
      count: fc.integer({ min: 1, max: 30 }),
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
        const row = Array.from({ length: ROW_KEYS }, (_, index) => rowKey(index));
        const committed = new Map([...keys, ...row].map((name, index) => [name, Uint8Array.of(index, 0)]));
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
          } else if (action.do === 'deleteRun') {
            for (let index = action.from; index < action.from + action.count; index++) {
              overlay.delete(rowKey(index));
              model.delete(rowKey(index));
            }
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

  describe('under ranges of one entry behind much that the block has deleted', () => {
    const COUNT = 4_000;
    const name = (index: number): string => `q/${String(index).padStart(5, '0')}`;

    /** An overlay in which all but the last entry is deleted, and how many entries of its parent were fetched. */
    function emptied(): { overlay: StateOverlay; fetched: () => number } {
      const values = new Map(Array.from({ length: COUNT }, (_, index) => [name(index), Uint8Array.of(1)]));
      const sorted = [...values.keys()];
      let fetched = 0;
      const parent: StateReader = {
        get: (key) => values.get(key),
        range: (_, limit, after) => {
          const from = after === undefined ? 0 : Number(after.slice(2)) + 1;
          const found = sorted.slice(from, from + limit).map((key) => ({ key, value: Uint8Array.of(1) }));
          fetched += found.length;
          return found;
        },
      };
      const overlay = new StateOverlay(parent);
      const mark = overlay.savepoint();
      for (let index = 0; index < COUNT - 1; index++) overlay.delete(name(index));
      overlay.release(mark);
      return { overlay, fetched: () => fetched };
    }

    it('walks over it once, however many ranges follow and wherever they begin', () => {
      const { overlay, fetched } = emptied();
      for (let turn = 0; turn < 2_000; turn++) {
        const after = turn % 2 === 0 ? undefined : name(turn);
        expect(overlay.range('q/', 1, after)[0]?.key).to.equal(name(COUNT - 1));
      }
      expect(fetched()).to.be.below(4 * COUNT);
    });

    it('keeps what it learned of earlier transactions where later ones are taken back', () => {
      const { overlay, fetched } = emptied();
      for (let turn = 0; turn < 1_000; turn++) {
        const mark = overlay.savepoint();
        overlay.put(`q/${turn}x`, Uint8Array.of(1));
        overlay.delete(`q/${turn}y`);
        overlay.range('q/', 2);
        overlay.rollback(mark);
      }
      expect(overlay.range('q/', 1)[0]?.key).to.equal(name(COUNT - 1));
      expect(fetched()).to.be.below(8 * COUNT);
    });

    it('shows it again behind what was hidden before, too, wherever the ranges of that transaction began', () => {
      const { overlay } = emptied();
      const mark = overlay.savepoint();
      overlay.delete(name(COUNT - 1));
      // The second one goes over the stretch of the first, and further back.
      expect(overlay.range('q/', 1, name(COUNT - 100))).to.deep.equal([]);
      expect(overlay.range('q/', 1, name(COUNT - 200))).to.deep.equal([]);
      overlay.rollback(mark);
      expect(overlay.range('q/', 1, name(COUNT - 200))[0]?.key).to.equal(name(COUNT - 1));
      expect(overlay.range('q/', 1, name(COUNT - 100))[0]?.key).to.equal(name(COUNT - 1));
    });

    it('shows again what was deleted by a transaction that is taken back, also where ranges have jumped over it', () => {
      const { overlay } = emptied();
      const outer = overlay.savepoint();
      overlay.put(name(7), Uint8Array.of(2));
      const inner = overlay.savepoint();
      overlay.delete(name(COUNT - 1));
      overlay.delete(name(7));
      expect(overlay.range('q/', 1)).to.deep.equal([]);
      overlay.rollback(inner);
      expect(overlay.range('q/', 3).map(({ key }) => key)).to.deep.equal([name(7), name(COUNT - 1)]);
      overlay.rollback(outer);
      expect(overlay.range('q/', 3).map(({ key }) => key)).to.deep.equal([name(COUNT - 1)]);
    });
  });
});
