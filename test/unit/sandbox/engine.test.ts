import { expect } from 'chai';
import { apiFailure, ContractFailure } from '../../../contracts/api/failure.js';
import { OutOfFuel } from '../../../contracts/runtime/fuelMeter.js';
import { createSandboxEngine } from '../../../sandbox/engine.js';
import { GuestException, GuestFault } from '../../../sandbox/errors.js';
import { GUEST_LIMITS, POOL_LIMITS } from '../../../sandbox/limits.js';
import type { GuestOperation, SandboxEngine } from '../../../sandbox/types.js';
import { TestMeter } from '../../support/sandbox/meter.js';

const RUNTIME = `globalThis.tools = Object.freeze({ double: (n) => 2 * n });`;
const FUEL = 100_000_000;
const nothing: GuestOperation = () => '';

/** A program whose entry is this function. */
const entry = (body: string) => `globalThis.__vostroCall = function (input) { ${body} };`;

/** How something ends: the reason of a fault, or the error itself. */
function faultOf(run: () => unknown): string {
  try {
    return `no fault: ${run()}`;
  } catch (error) {
    if (error instanceof GuestFault) return error.reason;
    throw error;
  }
}

describe('a sandbox engine', () => {
  let engine: SandboxEngine;
  const run = (body: string, input = '', operation = nothing, meter = new TestMeter(FUEL)) =>
    engine.load(entry(body), FUEL).run(input, operation, meter);

  before(() => {
    engine = createSandboxEngine({ runtime: RUNTIME });
  });

  it('calls the entry of a program with a text and gives the text that it returns (PROTOCOL §Sandbox X3)', () => {
    expect(run('return input + "!"', 'Zürich 🏦 ')).to.equal('Zürich 🏦 !');
    expect(run('return String(tools.double(21))')).to.equal('42');
  });

  it('lets it ask its host, and charges what it used before each answer (PROTOCOL §Sandbox W4)', () => {
    const seen: [number, string, string][] = [];
    const meter = new TestMeter(FUEL);
    const fuelAtCall: number[] = [];
    const operation: GuestOperation = (...call) => {
      seen.push(call);
      fuelAtCall.push(meter.used);
      return `answer ${seen.length}`;
    };
    expect(run('return __vostroHost(1, "a", "") + __vostroHost(2, "b", input)', 'ü', operation, meter)).to.equal(
      'answer 1answer 2',
    );
    expect(seen).to.deep.equal([
      [1, 'a', ''],
      [2, 'b', 'ü'],
    ]);
    expect(fuelAtCall[0]).to.be.above(0);
    expect(fuelAtCall[1]).to.be.above(fuelAtCall[0] as number);
    expect(meter.used).to.be.above(fuelAtCall[1] as number);
  });

  it('takes what the host charged in between from what the guest may use (PROTOCOL §Sandbox W4)', () => {
    const meter = new TestMeter(FUEL);
    const operation: GuestOperation = () => {
      meter.fuelLeft = 5_000;
      return '';
    };
    expect(() => run('__vostroHost(1, "", ""); for (;;);', '', operation, meter)).to.throw(OutOfFuel);
    expect(meter.fuelLeft).to.equal(0);
  });

  it('begins every run from the image of the program, however the last one ended (PROTOCOL §Sandbox X1)', () => {
    const loaded = engine.load(
      `let count = 0; let kept = []; ${entry(
        'count += 1; kept.push(input.repeat(1000)); if (input === "loop") for (;;); if (input === "throw") throw count;' +
          'if (input === "deep") { (function f() { return [1].map(f); })(); } return String(count);',
      )}`,
      FUEL,
    );
    const fuels = new Set<number>();
    for (const disturbance of ['', 'loop', '', 'throw', '', 'deep', '', '']) {
      const meter = new TestMeter(FUEL);
      if (disturbance === 'loop') expect(() => loaded.run('loop', nothing, meter)).to.throw(OutOfFuel);
      else if (disturbance !== '') expect(() => loaded.run(disturbance, nothing, meter)).to.throw(GuestFault);
      else {
        expect(loaded.run('', nothing, meter)).to.equal('1');
        fuels.add(meter.used);
      }
    }
    expect(fuels.size).to.equal(1);
  });

  it('begins every run with the stack of the image, however deep a trap left it (PROTOCOL §Sandbox X1)', () => {
    const deep = 'function f(n) { if (n === 0) for (;;); return f(n - 1) + 1; }';
    const loaded = engine.load(entry(`${deep} return input === "deep" ? String(f(100)) : "flat";`), FUEL);
    const flat = (): number => {
      const meter = new TestMeter(FUEL);
      expect(loaded.run('flat', nothing, meter)).to.equal('flat');
      return meter.used;
    };
    const fuel = flat();
    for (let time = 0; time < 10; time++) {
      expect(() => loaded.run('deep', nothing, new TestMeter(1_000_000))).to.throw(OutOfFuel);
      expect(flat()).to.equal(fuel);
    }
  });

  it('loads a program in fuel that only engine and program decide (PROTOCOL §Sandbox X2)', () => {
    const program = entry('return input');
    const first = engine.load(program, FUEL).loadFuel;
    engine.load(`var a = []; for (var i = 0; i < 1000; i++) a.push({ i: i }); ${program}`, FUEL);
    expect(engine.load(program, FUEL).loadFuel).to.equal(first);
    expect(createSandboxEngine({ runtime: RUNTIME }).load(program, FUEL).loadFuel).to.equal(first);
    expect(engine.load(program, first).loadFuel).to.equal(first);
    expect(faultOf(() => engine.load(program, first - 1))).to.equal('loadFuel');
    expect(faultOf(() => engine.load('for (;;);', 1_000_000))).to.equal('loadFuel');
    expect(faultOf(() => engine.load(' '.repeat(GUEST_LIMITS.programBytes + 1), FUEL))).to.equal('memory');
  });

  it('loads no program that leaves much behind, since every run begins by putting that back (PROTOCOL §Sandbox X2)', () => {
    const leaving = (bytes: number) =>
      `var left = new Uint8Array(${bytes}).fill(7); ${entry('return String(left[0])')}`;
    expect(engine.load(leaving(GUEST_LIMITS.loadedBytes / 2), FUEL).run('', nothing, new TestMeter(FUEL))).to.equal(
      '7',
    );
    expect(faultOf(() => engine.load(leaving(2 * GUEST_LIMITS.loadedBytes), FUEL))).to.equal('memory');
  });

  it('reads what a guest threw at the expense of the guest, and does nothing more that it asks (PROTOCOL §Sandbox X6)', () => {
    const asked: number[] = [];
    const operation: GuestOperation = (code) => {
      asked.push(code);
      return '';
    };
    const plain = new TestMeter(FUEL);
    expect(faultOf(() => run('throw { name: "x" }', '', operation, plain))).to.equal('exception');
    const busy = new TestMeter(FUEL);
    const body = 'throw { get name() { for (let i = 0; i < 10000; i++); return "x" } }';
    expect(faultOf(() => run(body, '', operation, busy))).to.equal('exception');
    expect(busy.used).to.be.above(plain.used + 10_000);
    const endless = new TestMeter(FUEL);
    expect(() => run('throw { get name() { for (;;); } }', '', operation, endless)).to.throw(OutOfFuel);
    expect(endless.fuelLeft).to.equal(0);
    const asking = 'throw { get name() { __vostroHost(7, "", ""); return "x" } }';
    expect(faultOf(() => run(asking, '', operation))).to.equal('exception');
    expect(asked).to.deep.equal([]);
  });

  it('throws the failure of an operation into the guest as its code, which it may catch (PROTOCOL §Sandbox X5)', () => {
    const operation: GuestOperation = (which) => {
      if (which === 1) throw apiFailure('a.b', 'NOT_FOUND', { map: 'balances' });
      throw new GuestException('words');
    };
    const caught = 'try { __vostroHost(+input, "", "") } catch (e) { return typeof e + " " + e }';
    expect(run(caught, '1', operation)).to.equal('string NOT_FOUND');
    expect(run(caught, '2', operation)).to.equal('string words');
    expect(faultOf(() => run('__vostroHost(1, "", "")', '', operation))).to.equal('exception');
  });

  it('ends the guest with anything else that an operation throws, past what it would catch (PROTOCOL §Sandbox X5)', () => {
    const body = 'for (;;) { try { __vostroHost(1, "", "") } catch (e) {} finally { continue } }';
    for (const error of [new OutOfFuel(), new RangeError('V8'), new TypeError('a bug')]) {
      const operation: GuestOperation = () => {
        throw error;
      };
      expect(() => run(body, '', operation)).to.throw(error.constructor as typeof Error, error.message);
    }
    expect(run('return "well"')).to.equal('well');
  });

  it('names the reason of every other end, and keeps what was thrown for a person (PROTOCOL §Sandbox X6)', () => {
    const faults = {
      'throw new TypeError("no")': 'exception',
      'throw 1': 'exception',
      'throw null': 'exception',
      'return 1': 'result',
      'return undefined': 'result',
      'return { toString() { return "x" } }': 'result',
      'return "\\ud800"': 'text',
      '__vostroHost(1, "\\udfff", "")': 'text',
      'const a = []; for (;;) a.push(new Uint8Array(100000))': 'memory',
      '(function f() { f() })()': 'callDepth',
      '(function f() { [1].forEach(f) })()': 'callDepth',
    };
    const found = Object.keys(faults).map((body) => [body, faultOf(() => run(body))]);
    expect(Object.fromEntries(found)).to.deep.equal(faults);
    expect(faultOf(() => engine.load('var nothing = 1;', FUEL))).to.equal('result');
    try {
      run('(function inner() { throw new TypeError("no") })()');
      expect.fail('it returned');
    } catch (error) {
      expect(error).to.be.instanceOf(GuestFault);
      const { trace } = error as GuestFault;
      expect(trace?.name).to.equal('TypeError');
      expect(trace?.message).to.equal('no');
      expect(trace?.stack).to.include('at inner (program.js:1:');
    }
  });

  it('runs guests inside each other on one depth and one fuel, each in an instance of its own (PROTOCOL §Sandbox U1)', () => {
    const loaded = engine.load(
      `let runs = 0; ${entry(
        'runs += 1; const deeper = input.length < 3 ? __vostroHost(1, input + "x", "") : ""; return deeper + runs;',
      )}`,
      FUEL,
    );
    const depths: number[] = [];
    const runInside = (meter: TestMeter, input: string): string =>
      loaded.run(
        input,
        (_, deeper) => {
          const before = meter.depthLeft;
          depths.push(before);
          const answer = runInside(meter, deeper);
          expect(meter.depthLeft).to.equal(before);
          return answer;
        },
        meter,
      );
    const meter = new TestMeter(FUEL);
    expect(runInside(meter, '')).to.equal('1111');
    expect(depths).to.deep.equal([...depths].sort((a, b) => b - a));
    expect(new Set(depths).size).to.equal(3);
    expect(meter.depthLeft).to.equal(GUEST_LIMITS.callDepth);
    const needed = GUEST_LIMITS.callDepth - (depths[2] as number);
    expect(faultOf(() => runInside(new TestMeter(FUEL, needed - 1), ''))).to.equal('callDepth');
  });

  it('refuses an operation that is not a number and two strings', () => {
    for (const args of [
      '',
      '1',
      '1, "a"',
      '"1", "a", "b"',
      '1, "a", 2',
      '1.5, "a", "b"',
      '{}, "a", "b"',
      '1, "a", "b", 4',
    ]) {
      const body = `try { return "done " + __vostroHost(${args}) } catch (e) { return e }`;
      expect(run(body, '', () => 'x')).to.equal('the host takes a number and two strings');
    }
  });

  it('cannot be asked for anything while a program is being loaded', () => {
    const program = `var seen = ''; try { __vostroHost(1, '', '') } catch (e) { seen = e } ${entry('return seen')}`;
    expect(engine.load(program, FUEL).run('', nothing, new TestMeter(FUEL))).to.equal('NO_OPERATION_WHILE_LOADING');
  });

  it('puts a lone surrogate of a text that comes in as U+FFFD (PROTOCOL §Sandbox X4)', () => {
    expect(run('return input.charCodeAt(0).toString(16) + input.length', '\ud800')).to.equal('fffd1');
    expect(run('return input', '\ufffd and more than a few bytes of it')).to.equal(
      '\ufffd and more than a few bytes of it',
    );
  });

  it('carries long texts either way, and prices their bytes (PROTOCOL §Sandbox W5)', () => {
    const long = 'ab€🏦'.repeat(50_000);
    const [a, b] = [new TestMeter(FUEL), new TestMeter(FUEL)];
    expect(run('return input', long, nothing, a)).to.equal(long);
    expect(run('return input', `${long}ab`, nothing, b).length).to.equal(long.length + 2);
    expect(a.used).to.be.above(Buffer.byteLength(long));
    expect(b.used).to.be.above(a.used);
  });

  it('pays for its image in every run, by the bytes that it changed (PROTOCOL §Sandbox W6)', () => {
    const leaving = (bytes: number) =>
      engine.load(`var left = new Uint8Array(${bytes}).fill(7); ${entry('return ""')}`, FUEL);
    const used = (bytes: number) => {
      const meter = new TestMeter(FUEL);
      leaving(bytes).run('', nothing, meter);
      return meter.used;
    };
    expect(used(500_000) - used(100_000)).to.be.within(400_000 / 8 - 1_024, 400_000 / 8 + 1_024);
    const poor = new TestMeter(400_000 / 8);
    expect(() => leaving(500_000).run('', nothing, poor)).to.throw(OutOfFuel);
    expect(poor.fuelLeft).to.equal(0);
  });

  it('gives every program its own image in the same fuel, when there are more of them than instances (PROTOCOL §Sandbox W6)', () => {
    const programs = Array.from({ length: POOL_LIMITS.idle + 5 }, (_, index) =>
      engine.load(
        `var own = []; for (var i = 0; i < ${100 + index}; i++) own.push({ i: i }); ${entry('own.push(input); return String(own.length)')}`,
        FUEL,
      ),
    );
    const runAll = () =>
      programs.map((program) => {
        const meter = new TestMeter(FUEL);
        return [program.run('', nothing, meter), meter.used];
      });
    const first = runAll();
    expect(first.map(([length]) => length)).to.deep.equal(programs.map((_, index) => String(101 + index)));
    expect(runAll()).to.deep.equal(first);
    const again = programs.map((program) => {
      const meters = [new TestMeter(FUEL), new TestMeter(FUEL)];
      return meters.map((meter) => [program.run('', nothing, meter), meter.used]);
    });
    expect(again).to.deep.equal(first.map((each) => [each, each]));
  });

  it('keeps ContractFailure and GuestFault apart', () => {
    expect(new GuestFault('trap')).not.to.be.instanceOf(ContractFailure);
  });
});
