/** One attempt of a program at what it must not have, and how it has to end. */
export interface HostileProgram {
  readonly name: string;
  /** The body of the entry, a function of `input`; or, where `atLoad` says so, the program itself. */
  readonly body: string;
  readonly atLoad?: boolean;
  /** `outOfFuel`, a reason of a GuestFault, or `text …`: what it returned. */
  readonly ends: string;
}

type Rows = Readonly<Record<string, readonly [body: string, ends: string]>>;

const ENDLESS: Rows = {
  'endless for': ['for (;;);', 'outOfFuel'],
  'endless while with a body': ['let i = 0; while (true) i++;', 'outOfFuel'],
  'endless try and finally': ['for (;;) { try { for (;;); } catch (e) {} finally { continue; } }', 'outOfFuel'],
  'finally that returns to the loop': ['for (;;) { try { throw 1 } finally { continue } }', 'outOfFuel'],
  'endless labelled continue': ['a: for (;;) { for (;;) continue a; }', 'outOfFuel'],
  'endless generator': ['function* g() { for (;;) yield 1 } for (const x of g());', 'outOfFuel'],
  'generator that does not close': [
    'function* g() { try { for (;;) yield 1 } finally { for (;;); } } for (const x of g()) break;',
    'outOfFuel',
  ],
  'spread of an endless iterator': ['[...{ *[Symbol.iterator]() { for (;;) yield 1 } }]', 'outOfFuel'],
  'destructuring of an endless iterator': [
    'const [...a] = { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) };',
    'outOfFuel',
  ],
  'Array.from of an endless iterator': [
    'Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) })',
    'outOfFuel',
  ],
  'Array.from of a long length': ['Array.from({ length: 4294967295 })', 'outOfFuel'],
  'map that grows while it is walked': [
    'const m = new Map([[0, 0]]); for (const [k] of m) m.set(k + 1, 0);',
    'outOfFuel',
  ],
  'set that renews itself while it is walked': [
    'const s = new Set([0]); for (const k of s) { s.delete(k); s.add(k + 1) }',
    'outOfFuel',
  ],
  'array that grows while it is walked': ['const a = [0]; for (const x of a) { a.pop(); a.push(0, 0) }', 'outOfFuel'],
  'forEach over a sparse array': ['const a = []; a.length = 4294967295; a.forEach(() => 0)', 'outOfFuel'],
  'indexOf in a sparse array': ['const a = []; a[4294967294] = 1; a.indexOf(2)', 'outOfFuel'],
  'reverse of an array-like of a huge length': ['Array.prototype.reverse.call({ length: 2 ** 53 - 1 })', 'outOfFuel'],
  'splice of an array-like of a huge length': [
    'Array.prototype.splice.call({ length: 2 ** 53 - 1 }, 0, 1)',
    'outOfFuel',
  ],
  'concat of huge array-likes': ['[].concat({ length: 2 ** 32, [Symbol.isConcatSpreadable]: true })', 'outOfFuel'],
  'flat of nested arrays without end': ['const a = []; a.push(a, a); a.flat(Infinity)', 'callDepth'],
};

const RECURSION: Rows = {
  'plain recursion': ['(function f() { f() })()', 'callDepth'],
  'recursion that catches its end': [
    'let d = 0; (function f() { d++; try { f() } catch (e) { f() } })(); return String(d)',
    'outOfFuel',
  ],
  'mutual recursion': ['const a = () => b(), b = () => a(); a()', 'callDepth'],
  'recursion in map': ['(function f() { return [1].map(f) })()', 'callDepth'],
  'recursion in forEach over a map': ['const m = new Map([[1, 1]]); (function f() { m.forEach(f) })()', 'callDepth'],
  'recursion in sort': ['(function f() { [1, 2].sort(f); return 0 })()', 'callDepth'],
  'recursion in reduce': ['(function f() { return [1, 2].reduce(f) })()', 'callDepth'],
  'recursion in call and apply': ['(function f() { f.call.call(f, null) })()', 'callDepth'],
  'recursion in bind': ['let f = () => 0; for (let i = 0; i < 100000; i++) f = f.bind(null); f()', 'memory'],
  'recursion in a getter': ['const o = { get a() { return this.a } }; o.a', 'callDepth'],
  'recursion in a setter': ['const o = { set a(v) { this.a = v } }; o.a = 1', 'callDepth'],
  'recursion in toString': ['const o = { toString() { return String(this) } }; String(o)', 'callDepth'],
  'recursion in valueOf': ['const o = { valueOf() { return +this } }; +o', 'callDepth'],
  'recursion in toPrimitive': ['const o = { [Symbol.toPrimitive]() { return this + 1 } }; o + 1', 'callDepth'],
  'recursion in toJSON': ['const o = { toJSON() { return JSON.stringify(this) } }; JSON.stringify(o)', 'callDepth'],
  'recursion in a replacer': ['(function f(k, v) { return JSON.stringify({ a: 1 }, f) })()', 'callDepth'],
  'recursion in a reviver': ['(function f() { return JSON.parse("[1]", f) })()', 'callDepth'],
  'recursion in a reviver that grows the tree': [
    'JSON.parse("[0]", function (k, v) { if (k === "0") this[1] = [0]; return v })',
    'result',
  ],
  'recursion in hasInstance': [
    'class A { static [Symbol.hasInstance](v) { return v instanceof A } } 1 instanceof A',
    'callDepth',
  ],
  'recursion in a constructor': ['class A { constructor() { new A() } } new A()', 'callDepth'],
  'recursion in a super call': [
    'class A {} for (let i = 0; i < 1; i++); function mk(n) { let C = A; while (n--) { const B = C; C = class extends B {} } return C } new (mk(2000))()',
    'callDepth',
  ],
  'recursion in species': [
    'class A extends Array { static get [Symbol.species]() { return new A(1).map(x => x), A } } new A(1).map(x => x)',
    'callDepth',
  ],
  'recursion in a generator': ['function* g() { yield* g() } [...g()]', 'callDepth'],
  'recursion in a spread': ['(function f(...a) { f(...a, 1) })()', 'outOfFuel'],
  'recursion in an iterator': ['const o = { [Symbol.iterator]() { return [...this] } }; [...o]', 'callDepth'],
  'recursion with large frames': [
    '(function f(a,b,c,d,e) { const x=[a,b,c,d,e,a,b,c,d,e]; return f(...x) })(1,2,3,4,5)',
    'callDepth',
  ],
  'deeply nested join': ['let a = []; for (let i = 0; i < 10000; i++) a = [a]; return String(a)', 'callDepth'],
  'deeply nested stringify': ['let a = []; for (let i = 0; i < 10000; i++) a = [a]; JSON.stringify(a)', 'outOfFuel'],
  'deeply nested parse': ['JSON.parse("[".repeat(100000))', 'callDepth'],
  'deeply nested parse of objects': ['JSON.parse("{\\"a\\":".repeat(100000))', 'callDepth'],
  'deeply nested flat': ['let a = []; for (let i = 0; i < 10000; i++) a = [a]; a.flat(Infinity)', 'callDepth'],
  'a long chain of prototypes': [
    'let o = {}; for (let i = 0; i < 20000; i++) o = Object.create(o); let s = 0; for (let i = 0; i < 1e9; i++) s += o.x ? 1 : 0;',
    'outOfFuel',
  ],
  'freeing a deep list': [
    'let a = null; for (let i = 0; i < 5000; i++) a = { a }; a = null; return "freed"',
    'text freed',
  ],
  'freeing a deep rope': [
    'let s = ""; for (let i = 0; i < 3000; i++) s = s + "abcdefghijklmnopqrstuvwxyz" + i; return String(s.length > 0)',
    'text true',
  ],
};

const MEMORY: Rows = {
  'string that doubles': ['let s = "x"; for (;;) s += s', 'exception'],
  'string that doubles, read at every step': [
    'let s = "xy"; for (;;) { s += s; s.charCodeAt(s.length - 1) }',
    'memory',
  ],
  'repeat beyond all bounds': ['"abc".repeat(2 ** 29)', 'exception'],
  'repeat to the memory': ['const a = []; for (;;) a.push("abc".repeat(1000000))', 'outOfFuel'],
  'padStart beyond all bounds': ['"".padStart(2 ** 30)', 'exception'],
  'join of holes': ['new Array(1e9).join("x")', 'outOfFuel'],
  'array of a billion': ['new Array(1e9).fill(0)', 'outOfFuel'],
  'ten million small arrays': ['const a = []; for (let i = 0; i < 1e7; i++) a.push([i])', 'outOfFuel'],
  'map without end': ['const m = new Map(); for (let i = 0; ; i++) m.set(i, new Uint8Array(9000))', 'outOfFuel'],
  'object with properties without end': ['const o = {}; for (let i = 0; ; i++) o["k" + i] = i', 'outOfFuel'],
  'symbols without end': ['const a = []; for (;;) a.push(Symbol("s"))', 'outOfFuel'],
  'registered symbols without end': ['for (let i = 0; ; i++) Symbol.for("s" + i)', 'outOfFuel'],
  'buffers without end': ['const a = []; for (;;) a.push(new Uint8Array(1 << 20))', 'memory'],
  'a buffer of four gigabytes': ['new ArrayBuffer(2 ** 32)', 'exception'],
  'a buffer that is resizable without end': [
    'const b = new ArrayBuffer(1, { maxByteLength: 2 ** 31 }); b.resize(2 ** 31 - 1)',
    'exception',
  ],
  'closures without end': ['const a = []; for (let i = 0; ; i++) a.push([() => i, new Uint8Array(9000)])', 'memory'],
  'cycles without end': ['for (;;) { const o = {}; o.o = o }', 'outOfFuel'],
  'memory that is caught and asked for again': [
    'const a = []; for (;;) { try { a.push(new Uint8Array(1 << 18)) } catch (e) { a.length = 0 } }',
    'outOfFuel',
  ],
  'memory that is caught at the very end': [
    'let a = [], n = 0; try { for (;;) { a.push(new Uint8Array(200000)); n++ } } catch (e) { a = null; return e.name + ": " + e.message }',
    'text InternalError: out of memory',
  ],
  'spread of a long array': ['Math.max(...new Array(1e6).fill(1))', 'outOfFuel'],
  'apply with a long array': ['Math.max.apply(null, { length: 2 ** 31 })', 'exception'],
  'error without end': ['let e = new Error(); for (;;) e = new Error("x".repeat(9000), { cause: e })', 'outOfFuel'],
  'concat that doubles': ['let s = "x"; for (;;) s = s.concat(s)', 'memory'],
  'replaceAll that explodes': ['let s = "aaaaaaaa"; for (;;) s = s.replaceAll("a", "aaaaaaaa")', 'outOfFuel'],
  'split into characters': ['const s = "x".repeat(1 << 20); const a = []; for (;;) a.push(s.split(""))', 'outOfFuel'],
  'JSON that explodes': ['let o = "x"; for (;;) o = JSON.stringify([o, o])', 'outOfFuel'],
  'an array of a shared subtree, printed': [
    'let a = ["x"]; for (let i = 0; i < 40; i++) a = [a, a]; JSON.stringify(a)',
    'outOfFuel',
  ],
};

const ARITHMETIC: Rows = {
  'bigint that squares itself': ['let b = 3n; for (;;) b = b * b', 'outOfFuel'],
  'bigint to a huge power': ['7n ** 10000000n', 'outOfFuel'],
  'bigint shifted without end': ['let b = 1n; for (;;) b <<= 1000n', 'outOfFuel'],
  'bigint in decimal': ['(3n ** 400000n).toString()', 'outOfFuel'],
  'bigint from decimal': ['const s = "9".repeat(100000); for (;;) BigInt(s)', 'outOfFuel'],
  'bigint division': ['const b = 3n ** 50000n, c = 3n ** 25001n; for (;;) b / c', 'outOfFuel'],
  'bigint cut to bits': ['const b = 3n ** 50000n; for (let i = 0; ; i++) BigInt.asUintN(50000, b)', 'outOfFuel'],
  'numbers in base three': ['for (let i = 1; ; i++) (1 / i).toString(3)', 'outOfFuel'],
  'numbers to a hundred digits': ['for (;;) (1e20 / 3).toFixed(100)', 'outOfFuel'],
  'numbers out of long texts': ['const s = "1".repeat(100000); for (;;) parseFloat(s)', 'outOfFuel'],
  'trigonometry of large numbers': ['let x = 1e300; for (;;) x = Math.sin(x) * 1e300', 'outOfFuel'],
  'power and cube root': ['let x = 1.1; for (;;) x = Math.cbrt(Math.pow(x, 77.7) + 1)', 'outOfFuel'],
  'sums of fractions': [
    'return [0.1 + 0.2, 1e21 + 7, 123.456.toFixed(10), Math.tan(1.5), Math.log1p(1e-9), 5e-324].join()',
    'text',
  ],
  'the sign of what is no number': [
    'const n = [0 / 0, -(0 / 0), Math.sqrt(-1), Infinity - Infinity, Number("x")]; return n.map((x) => Object.is(x, NaN) + String(1 / x)).join()',
    'text trueNaN,trueNaN,trueNaN,trueNaN,trueNaN',
  ],
};

const BUILT_INS: Rows = {
  'sort with a lying comparator': [
    'let i = 0; const a = Array.from({ length: 2000 }, (_, k) => k); a.sort(() => (i = (i * 7919 + 1) % 3) - 1); return a.slice(0, 20).join()',
    'text',
  ],
  'sort with a comparator that throws': ['[3, 2, 1].sort(() => { throw 1 })', 'exception'],
  'sort with a comparator that empties the array': [
    'const a = [3, 2, 1, 5, 4]; a.sort((x, y) => { a.length = 0; return x - y }); return a.join()',
    'text',
  ],
  'sort with a comparator that grows the array': [
    'const a = [3, 2, 1]; a.sort((x, y) => { for (let i = 0; i < 100; i++) a.push(i); return x - y }); return String(a.length)',
    'text',
  ],
  'sort without end': ['const a = []; for (let i = 0; i < 1e5; i++) a.push(-i); for (;;) a.sort()', 'outOfFuel'],
  'sort whose elements print themselves': ['[{ toString() { for (;;); } }, 1].sort()', 'outOfFuel'],
  'JSON back and forth': [
    'const a = []; for (let i = 0; i < 1e4; i++) a.push({ a: i }); for (;;) JSON.parse(JSON.stringify(a))',
    'outOfFuel',
  ],
  'stringify with a long indent': [
    'let a = []; for (let i = 0; i < 200; i++) a = [a]; for (;;) JSON.stringify(a, null, "          ")',
    'outOfFuel',
  ],
  'stringify of a cycle': ['const o = {}; o.o = o; JSON.stringify(o)', 'exception'],
  'parse of duplicates': ['return String(JSON.parse("{" + "\\"a\\":1,".repeat(10000) + "\\"b\\":2}").b)', 'text 2'],
  'parse of __proto__': [
    'const o = JSON.parse("{\\"__proto__\\": {\\"x\\": 1}}"); return String({}.x) + o.__proto__.x',
    'text undefined1',
  ],
  'indexOf of what is almost there': ['const s = "a".repeat(1e6) + "b"; for (;;) s.indexOf("aab")', 'outOfFuel'],
  'split and join': ['const s = "a,".repeat(1e5); for (;;) s.split(",").join(";")', 'outOfFuel'],
  'upper case of long texts': ['for (;;) "ß".repeat(1e5).toUpperCase()', 'outOfFuel'],
  'normalisation of long texts': ['for (;;) "\\u1e9b\\u0323".repeat(1e4).normalize("NFKD")', 'outOfFuel'],
  'typed array filled': ['const u = new Uint8Array(1 << 22); for (;;) u.fill(1)', 'outOfFuel'],
  'typed array copied': ['const u = new Uint8Array(1 << 21); for (;;) u.slice()', 'outOfFuel'],
  'typed array moved inside itself': ['const u = new Uint8Array(1 << 22); for (;;) u.copyWithin(1, 0)', 'outOfFuel'],
  'typed array sorted': [
    'const u = new Uint8Array(1 << 20); for (let i = 0; i < u.length; i++) u[i] = i * 7; for (;;) u.sort()',
    'outOfFuel',
  ],
  'a buffer that is transferred under its view': [
    'const u = new Uint8Array(8); u.buffer.transfer && u.buffer.transfer(); return String(u.length)',
    'text',
  ],
  'cells of memory that churn': ['for (;;) [[], [], {}, {}]', 'outOfFuel'],
  'rubbish in cycles beside a large heap': [
    'const a = []; for (let i = 0; i < 30000; i++) { const o = {}; o.o = o; a.push(o) } for (;;) { const q = {}; q.q = q }',
    'outOfFuel',
  ],
  'delete and add a property': ['const o = { a: 1, b: 2 }; for (;;) { delete o.a; o.a = 1 }', 'outOfFuel'],
  'arguments and defaults': ['function f(a = (() => { for (;;); })()) {} f()', 'outOfFuel'],
  'a key that prints itself': ['const k = { toString() { for (;;); } }; ({})[k]', 'outOfFuel'],
  'a length that counts up': [
    'const o = { i: 0, get length() { return ++this.i } }; for (;;) Array.prototype.push.call(o, 1)',
    'exception',
  ],
};

const ESCAPES: Rows = {
  eval: ['return eval("1")', 'exception'],
  'indirect eval': ['return (0, globalThis["ev" + "al"])("1")', 'exception'],
  'Function by a constructor': ['return (() => {}).constructor("return globalThis")()', 'exception'],
  'Function by a generator': [
    'return Object.getPrototypeOf(function* () {}).constructor("yield 1")().next().value',
    'exception',
  ],
  'Function by an async function': ['return (async function () {}).constructor("return 1")()', 'exception'],
  'an async function that is called': ['(async function () { await 1 })(); return "called"', 'exception'],
  'an async function that suspends': ['(async () => { for (;;) await null })(); return "suspended"', 'exception'],
  'an async generator': ['(async function* () { yield 1 })().next(); return "called"', 'exception'],
  import: ['import("node:fs"); return "imported"', 'text imported'],
  'import of data': ['import("data:text/javascript,1"); return "imported"', 'text imported'],
  require: ['return require("fs")', 'exception'],
  process: ['return process.env.HOME', 'exception'],
  'the clock': ['return String(new Date())', 'exception'],
  'the time of day': ['return String(Date.now())', 'exception'],
  'the monotonic clock': ['return String(performance.now())', 'exception'],
  randomness: ['return String(Math.random())', 'exception'],
  'randomness by crypto': ['return String(crypto.getRandomValues(new Uint8Array(8)))', 'exception'],
  'the network': ['fetch("http://127.0.0.1")', 'exception'],
  'a timer': ['setTimeout(() => {}, 0)', 'exception'],
  'a microtask': ['queueMicrotask(() => {})', 'exception'],
  'a promise': ['Promise.resolve().then(() => { for (;;); })', 'exception'],
  'a regular expression': ['/(a+)+$/.test("a".repeat(40) + "b")', 'exception'],
  'a regular expression by a text': ['"aaa".match("(a+)+$")', 'exception'],
  'a search by a text': ['"aaa".search("(a+)+$")', 'exception'],
  'a split by a pattern': ['"aaa".split({ [Symbol.split]() { for (;;); } })', 'outOfFuel'],
  'a proxy': ['new Proxy({}, {})', 'exception'],
  'shared memory': ['new SharedArrayBuffer(8)', 'exception'],
  atomics: ['Atomics.wait(new Int32Array(1), 0, 0)', 'exception'],
  'bits of a NaN': ['new Float64Array([NaN])', 'exception'],
  'bits of a NaN by a view': ['new DataView(new ArrayBuffer(8)).setFloat64(0, NaN)', 'exception'],
  'weak references': ['new WeakRef({}).deref()', 'exception'],
  finalisers: ['new FinalizationRegistry(() => {})', 'exception'],
  'the collector': ['gc()', 'exception'],
  'a locale': ['return new Intl.NumberFormat("de").format(1)', 'exception'],
  'a locale by a number': ['return (1234.5).toLocaleString("de")', 'text'],
  printing: ['console.log("out")', 'exception'],
  'printing by QuickJS': ['print("out"); std.exit(0)', 'exception'],
  'the debugger': ['debugger; return "went on"', 'text went on'],
  'the caller': ['return (function f() { return f.caller })()', 'exception'],
  'arguments.callee': ['return (function () { return arguments.callee })()', 'exception'],
  'this without a receiver': ['return String((function () { return this })())', 'text undefined'],
  'prototype of Object': ['Object.prototype.polluted = 1; return String({}.polluted)', 'exception'],
  'prototype by __proto__': ['({}).__proto__.polluted = 1', 'exception'],
  'prototype by assignment': ['Object.assign(Array.prototype, { push: 1 })', 'exception'],
  'prototype by definition': ['Object.defineProperty(String.prototype, "x", { value: 1 })', 'exception'],
  'prototype by __defineGetter__': ['({}).__proto__.__defineGetter__("x", () => 1)', 'exception'],
  'stack by prepareStackTrace': ['Error.prepareStackTrace = () => "mine"', 'exception'],
  'stack by its limit': ['Error.stackTraceLimit = 1e9', 'exception'],
  'stack of an error that is deep': [
    'function f(n) { return n ? f(n - 1) : new Error("deep").stack } return String(f(30).length)',
    'text',
  ],
  'the entry itself': ['globalThis.__vostroCall = () => "mine"', 'exception'],
  'the host by another name': ['return typeof globalThis["__vostro" + "Host"]', 'text function'],
  'the host as a constructor': ['new __vostroHost(1, "", "")', 'exception'],
  'the host with what is no text': ['__vostroHost(1, {}, [])', 'exception'],
  'the host with a text that is long': ['return __vostroHost(1, "x".repeat(1e5), "")', 'text'],
  'the host without end': ['for (;;) __vostroHost(1, "a", "b")', 'outOfFuel'],
  'the host inside sort': [
    '[3, 1, 2].sort((a, b) => { __vostroHost(1, "a", "b"); return a - b }); return "sorted"',
    'text sorted',
  ],
  'symbols of the language': ['return Object.getOwnPropertyNames(Symbol).sort().join()', 'text'],
  'order of keys': ['const o = { b: 1, 2: 2, a: 3, 1: 4, [-1]: 5 }; return Object.keys(o).join()', 'text 1,2,b,a,-1'],
  'a result that is an object': ['return { toString() { return "x" } }', 'result'],
  'a result that is no text': ['return 42', 'result'],
  'a result that is half a character': ['return "\\ud83d"', 'text-fault'],
  'an exception that is a getter without end': ['throw { get name() { for (;;); } }', 'outOfFuel'],
  'an exception that is deep': ['throw { get name() { return (function f() { f() })() } }', 'exception'],
  'an exception that is long': ['throw new Error("x".repeat(1e5))', 'exception'],
  'an exception that pretends to be memory': ['throw new InternalError("out of memory")', 'memory'],
  'an exception that is null': ['throw null', 'exception'],
  'an exception without a prototype': ['throw Object.create(null)', 'exception'],
};

const AT_LOAD: Rows = {
  'load: endless': ['for (;;);', 'loadFuel'],
  'load: no entry': ['const nothing = 1;', 'result'],
  'load: an entry that is no function': ['globalThis.__vostroCall = 1;', 'result'],
  'load: an entry behind a getter': [
    'Object.defineProperty(globalThis, "__vostroCall", { get() { throw 1 } });',
    'result',
  ],
  'load: an entry behind an endless getter': [
    'Object.defineProperty(globalThis, "__vostroCall", { get() { for (;;); } });',
    'loadFuel',
  ],
  'load: an entry behind a getter that recurses': [
    'Object.defineProperty(globalThis, "__vostroCall", { get() { return this.__vostroCall } });',
    'result',
  ],
  'load: not a script': ['this is no script', 'exception'],
  'load: a module': ['import fs from "node:fs";', 'exception'],
  'load: nested parentheses': [`${'('.repeat(50_000)}1${')'.repeat(50_000)}`, 'callDepth'],
  'load: nested arrays': [`${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'callDepth'],
  'load: nested blocks': [`${'{'.repeat(50_000)}${'}'.repeat(50_000)}`, 'callDepth'],
  'load: nested functions': [`${'(function(){'.repeat(5_000)}${'})()'.repeat(5_000)}`, 'callDepth'],
  'load: nested templates': [`${'`${'.repeat(20_000)}1${'}`'.repeat(20_000)}`, 'callDepth'],
  'load: nested arrows': [`${'a=>'.repeat(20_000)}1`, 'callDepth'],
  'load: a chain of unary minus': [`${'- '.repeat(100_000)}1`, 'callDepth'],
  'load: a chain of additions': [`globalThis.__vostroCall = () => String(0${'+1'.repeat(10_000)})`, 'text 10000'],
  'load: a name without end': [
    `globalThis.__vostroCall = () => String(typeof ${'a'.repeat(100_000)})`,
    'text undefined',
  ],
  'load: a regular expression': ['/(a+)+$/.test("aaaa")', 'exception'],
  'load: top-level await': ['await 1', 'exception'],
  'load: freezing everything': ['globalThis.__vostroCall = () => "frozen"; Object.freeze(globalThis);', 'text frozen'],
  'load: many functions': [
    Array.from({ length: 500 }, (_, i) => `function f${i}() { return ${i} }`).join('\n') +
      '\nglobalThis.__vostroCall = () => String(f499());',
    'text 499',
  ],
};

const rows = (group: Rows, atLoad = false): HostileProgram[] =>
  Object.entries(group).map(([name, [body, ends]]) => ({ name, body, ends, ...(atLoad ? { atLoad } : {}) }));

/** Every attempt that the sandbox is tried with. */
export const HOSTILE_PROGRAMS: readonly HostileProgram[] = [
  ...[ENDLESS, RECURSION, MEMORY, ARITHMETIC, BUILT_INS, ESCAPES].flatMap((group) => rows(group)),
  ...rows(AT_LOAD, true),
];
