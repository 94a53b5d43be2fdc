/**
 * PROTOCOL §Sandbox L1. Runs before the guest runtime. It keeps of the language what a contract needs and every machine
 * does alike, and freezes it. What it does not name is gone, so that a built-in that a later QuickJS adds is not there
 * by accident. Text of the engine: its hash covers it.
 */
export const LOCKDOWN = `(function () {
  'use strict';
  var global = globalThis;
  var names = Object.getOwnPropertyNames;
  var descriptor = Object.getOwnPropertyDescriptor;
  var define = Object.defineProperty;
  var protoOf = Object.getPrototypeOf;

  var kept = new Set([
    'globalThis', 'undefined', 'NaN', 'Infinity', '__vostroHost',
    'Object', 'Array', 'String', 'Number', 'Boolean', 'BigInt', 'Symbol', 'Math', 'JSON', 'Iterator',
    'Map', 'Set', 'WeakMap', 'WeakSet', 'ArrayBuffer', 'Uint8Array',
    'Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError',
    'InternalError', 'parseInt', 'parseFloat', 'isNaN', 'isFinite',
  ]);
  var intrinsics = [global];
  var makers = [
    function () {}, function* () {}, async function () {}, async function* () {},
  ];
  makers.forEach(function (maker) {
    // Without promises an asynchronous function is no more than an object without a prototype.
    for (var prototype = protoOf(maker); prototype !== null && prototype !== Object.prototype; prototype = protoOf(prototype)) {
      intrinsics.push(prototype);
      delete prototype.constructor;
    }
  });
  intrinsics.push(protoOf(makers[1].prototype));
  intrinsics.push(protoOf([][Symbol.iterator]()), protoOf(''[Symbol.iterator]()));
  intrinsics.push(protoOf(new Map()[Symbol.iterator]()), protoOf(new Set()[Symbol.iterator]()));

  names(global).forEach(function (name) {
    if (!kept.has(name)) delete global[name];
  });
  delete Math.random;
  delete Error.captureStackTrace;
  delete Error.prepareStackTrace;
  delete Error.stackTraceLimit;
  delete String.prototype.match;
  delete String.prototype.matchAll;
  delete String.prototype.search;
  delete String.prototype.localeCompare;

  // An own property of this name can still be made by assignment, as classes of errors do.
  function allowOverride(object, name) {
    var found = descriptor(object, name);
    if (found === undefined || !('value' in found)) return;
    var value = found.value;
    define(object, name, {
      configurable: false,
      enumerable: found.enumerable,
      get: function () { return value; },
      set: function (next) {
        if (this === object) throw TypeError(name + ' is read-only');
        define(this, name, { value: next, writable: true, enumerable: true, configurable: true });
      },
    });
  }
  names(global).forEach(function (name) {
    var prototype = typeof global[name] === 'function' ? global[name].prototype : undefined;
    if (prototype === undefined || !(prototype === Error.prototype || prototype instanceof Error)) return;
    ['name', 'message', 'toString'].forEach(function (property) { allowOverride(prototype, property); });
  });
  ['toString', 'toLocaleString', 'valueOf'].forEach(function (name) { allowOverride(Object.prototype, name); });

  var seen = new Set([global]);
  function harden(value) {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return;
    if (seen.has(value)) return;
    seen.add(value);
    Object.freeze(value);
    visit(value);
  }
  function visit(object) {
    harden(protoOf(object));
    names(object).concat(Object.getOwnPropertySymbols(object)).forEach(function (key) {
      var found = descriptor(object, key);
      harden(found.value);
      harden(found.get);
      harden(found.set);
    });
  }
  intrinsics.forEach(function (object) { if (object === global) visit(global); else harden(object); });
  names(global).forEach(function (name) {
    define(global, name, { writable: false, configurable: false, enumerable: false });
  });
})();`;

/** PROTOCOL §Sandbox L2. Runs after the runtime: what it left stays as it is, whatever a program does. */
export const LOCK_RUNTIME = `(function () {
  'use strict';
  Object.getOwnPropertyNames(globalThis).forEach(function (name) {
    var found = Object.getOwnPropertyDescriptor(globalThis, name);
    if (found.configurable) Object.defineProperty(globalThis, name, 'value' in found
      ? { writable: false, configurable: false }
      : { configurable: false });
  });
})();`;

/** PROTOCOL §Sandbox L2. Runs after the program. */
export const LOCK_GLOBAL = 'Object.freeze(globalThis);';
