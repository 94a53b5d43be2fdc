import { expect } from 'chai';
import { createSandboxEngine } from '../../../sandbox/engine.js';
import { GuestFault } from '../../../sandbox/errors.js';
import type { SandboxEngine } from '../../../sandbox/types.js';
import { TestMeter } from '../../support/sandbox/meter.js';

const FUEL = 100_000_000;

describe('what a guest finds', () => {
  let engine: SandboxEngine;
  /** The value of an expression in a guest, as JSON, or what it threw. */
  const value = (expression: string): unknown => {
    const program = `globalThis.__vostroCall = function () { try { return JSON.stringify([${expression}]) }
      catch (e) { return JSON.stringify(['threw ' + e]) } };`;
    return JSON.parse(engine.load(program, FUEL).run('', () => '', new TestMeter(FUEL)))[0];
  };

  before(() => {
    engine = createSandboxEngine({ runtime: 'globalThis.tools = { list: [1] };' });
  });

  it('is what the lock-down names, and nothing else (PROTOCOL §Sandbox L1)', () => {
    expect(value('Object.getOwnPropertyNames(globalThis).sort()')).to.deep.equal(
      [
        ...['AggregateError', 'Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'Error', 'EvalError', 'Infinity'],
        ...['InternalError', 'Iterator', 'JSON', 'Map', 'Math', 'NaN', 'Number', 'Object', 'RangeError'],
        ...[
          'ReferenceError',
          'Set',
          'String',
          'Symbol',
          'SyntaxError',
          'TypeError',
          'URIError',
          'Uint8Array',
          'WeakMap',
        ],
        ...['WeakSet', '__vostroCall', '__vostroHost', 'globalThis', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'],
        ...['tools', 'undefined'],
      ].sort(),
    );
    const absent = [
      'Math.random',
      'Error.captureStackTrace',
      'Error.prepareStackTrace',
      '"".match',
      '"".localeCompare',
    ];
    for (const expression of absent)
      expect([expression, value(`typeof ${expression}`)]).to.deep.equal([expression, 'undefined']);
  });

  it('has no way to make code out of text, nor to a number that differs between machines (PROTOCOL §Sandbox L1)', () => {
    const ways = [
      'eval("1")',
      '(function () {}).constructor("return 1")',
      '(function* () {}).constructor("yield 1")',
      'Object.getPrototypeOf(function* () {}).constructor("yield 1")',
      '(() => {}).constructor("return 1")',
      'Object.getPrototypeOf(class {}).constructor("return 1")',
      'new Function("return 1")',
      'Reflect.construct(Object, [])',
      'new Date()',
      'Math.random()',
      'new Float64Array(1)',
      'new DataView(new ArrayBuffer(8))',
      'new (Object.getPrototypeOf(Uint8Array))(8)',
      'new SharedArrayBuffer(8)',
      'new WeakRef({})',
      'new Proxy({}, {})',
      '(0, eval)("1")',
    ];
    for (const way of ways)
      expect(String(value(way)), way).to.match(/^threw (Type|Reference)Error|^\[object Object\]|^return|^yield/);
    expect(value('(function () {}).constructor === Object')).to.equal(true);
  });

  it('is frozen, built-ins and what is reached through them (PROTOCOL §Sandbox L1)', () => {
    const writes = [
      'Object.prototype.x = 1',
      'Array.prototype.map = 1',
      '[].constructor.prototype.push = 1',
      'JSON.stringify = 1',
      'Object.getPrototypeOf([][Symbol.iterator]()).next = 1',
      'Object.getPrototypeOf(new Map().values()).next = 1',
      'Object.getPrototypeOf(function* () {}).x = 1',
      'Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())).x = 1',
      'Object.getPrototypeOf(Uint8Array).x = 1',
      'Error.isError = 1',
      'Error.prototype.toString = 1',
      'Math.PI = 1',
      'Symbol.prototype.x = 1',
      'globalThis.JSON = 1',
      'globalThis.anything = 1',
      '__vostroHost = 1',
      'tools = 1',
    ];
    for (const write of writes)
      expect(String(value(`(${write}, "written")`)), write).to.match(/^threw (Type|Reference)Error/);
    expect(value('Object.setPrototypeOf(Array.prototype, null)')).to.match(/^threw/);
  });

  it('lets a class of errors name itself all the same (PROTOCOL §Sandbox L1)', () => {
    const program =
      '(() => { class Own extends RangeError { constructor() { super("m"); this.name = "Own"; } } return String(new Own()) })()';
    expect(value(program)).to.equal('Own: m');
    expect(value('(() => { const o = {}; o.toString = () => "mine"; return String(o) })()')).to.equal('mine');
  });

  it('keeps what the runtime left under its names, whatever a program does (PROTOCOL §Sandbox L2)', () => {
    const program = 'globalThis.tools = 1; globalThis.__vostroCall = function () { return "" };';
    expect(() => engine.load(program, FUEL)).to.throw(GuestFault, /tools/);
    expect(value('tools.list.push(2)')).to.equal(2);
  });

  it('has a clock that stands still and randomness that is none (PROTOCOL §Sandbox U4)', () => {
    expect(value('typeof Date + typeof performance + typeof setTimeout + typeof console + typeof process')).to.equal(
      'undefined'.repeat(5),
    );
  });

  it('is strict, whatever a script says (PROTOCOL §Sandbox L1)', () => {
    expect(value('(function () { return this === undefined })()')).to.equal(true);
    expect(() => engine.load('undeclared = 1; globalThis.__vostroCall = () => "";', FUEL)).to.throw(GuestFault);
    expect(() => engine.load('with ({}) {}', FUEL)).to.throw(GuestFault);
  });
});
