import type { SandboxEngine } from '../../../sandbox/types.js';
import { TestMeter } from './meter.js';
import { endOf, entryProgram, type Outcome } from './outcomes.js';

/** Ways to go one level deeper, of different sizes on either stack; `bottom()` calls the next guest. */
const SHAPES: Readonly<Record<string, string>> = {
  plain: 'function f(n) { return n === 0 ? bottom() : f(n - 1) + "" }',
  getter: 'function f(n) { const o = { get a() { return n === 0 ? bottom() : f(n - 1) } }; return o.a }',
  constructor:
    'class A { constructor(n) { this.v = n === 0 ? bottom() : new A(n - 1).v } } function f(n) { return new A(n).v }',
  map: 'function f(n) { return n === 0 ? bottom() : [1].map(() => f(n - 1))[0] }',
  sort: 'function f(n) { let r; [1, 2].sort(() => { r ??= n === 0 ? bottom() : f(n - 1); return 0 }); return r }',
};
const GUESTS = 4;
const LEVELS = [5, 20, 30, 50, 80, 120, 180, 220, 300, 400];
const FUEL = 50_000_000;

/** Guests inside each other, each as deep as `depth` lets all of them together be: how each of them ends. */
export function nestedOutcomes(engine: SandboxEngine, depth: number): Outcome[] {
  return Object.entries(SHAPES).flatMap(([name, shape]) => {
    const body = `const [guest, levels] = JSON.parse(input); ${shape}
      function bottom() { return guest < ${GUESTS} ? __vostroHost(1, JSON.stringify([guest + 1, levels]), "") : "end" }
      return f(levels);`;
    const loaded = engine.load(entryProgram(body), FUEL);
    return LEVELS.map((levels) => {
      const meter = new TestMeter(FUEL, depth);
      const depths: number[] = [];
      const runGuest = (guest: number): string =>
        loaded.run(
          JSON.stringify([guest, levels]),
          () => {
            depths.push(meter.depthLeft);
            return runGuest(guest + 1);
          },
          meter,
        );
      const ends = endOf(() => runGuest(1));
      return { name: `${name} ${levels} ${depths.join(' ')}`, ends, loadFuel: loaded.loadFuel, fuel: meter.used };
    });
  });
}
