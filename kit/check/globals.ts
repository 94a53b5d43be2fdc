import type { RuleId } from './rules.js';

/** Globals whose value a contract may use. */
export const ALLOWED_GLOBALS: ReadonlySet<string> = new Set([
  ...['Array', 'BigInt', 'Boolean', 'Map', 'Math', 'Number', 'Object', 'Set', 'String', 'Uint8Array', 'undefined'],
]);

/** Why a global that people reach for is not there; any other is `host-global`. */
export const REFUSED_GLOBALS: Readonly<Record<string, RuleId>> = {
  Date: 'clock',
  performance: 'clock',
  RegExp: 'regexp',
  Promise: 'async',
  setTimeout: 'async',
  setInterval: 'async',
  queueMicrotask: 'async',
  eval: 'dynamic-code',
  Function: 'dynamic-code',
  parseFloat: 'number-conversion',
  parseInt: 'number-conversion',
  Intl: 'locale',
  NaN: 'fraction',
  Infinity: 'fraction',
  Float32Array: 'fraction',
  Float64Array: 'fraction',
  crypto: 'random',
};

/** Members of allowed globals that may be used; a global that is not here has all of them. */
export const ALLOWED_STATICS: Readonly<Record<string, { readonly names: ReadonlySet<string>; readonly rule: RuleId }>> =
  {
    Math: { names: new Set(['abs', 'ceil', 'floor', 'max', 'min', 'sign', 'trunc']), rule: 'math' },
    Number: {
      names: new Set(['isInteger', 'isSafeInteger', 'MAX_SAFE_INTEGER', 'MIN_SAFE_INTEGER']),
      rule: 'fraction',
    },
    Object: {
      names: new Set(['entries', 'freeze', 'fromEntries', 'hasOwn', 'is', 'keys', 'values']),
      rule: 'prototype',
    },
    Array: { names: new Set(['from', 'isArray', 'of']), rule: 'prototype' },
    String: { names: new Set(['fromCharCode', 'fromCodePoint']), rule: 'prototype' },
    BigInt: { names: new Set(['asIntN', 'asUintN']), rule: 'prototype' },
    Uint8Array: { names: new Set(['from', 'of']), rule: 'prototype' },
  };

/** Methods of built-in values that may not be used, whatever value has them. */
export const REFUSED_METHODS: ReadonlyMap<string, RuleId> = new Map<string, RuleId>([
  ['localeCompare', 'locale'],
  ['normalize', 'locale'],
  ['toLocaleString', 'locale'],
  ['toLocaleLowerCase', 'locale'],
  ['toLocaleUpperCase', 'locale'],
  ['toLowerCase', 'locale'],
  ['toUpperCase', 'locale'],
  ['toFixed', 'locale'],
  ['toExponential', 'locale'],
  ['toPrecision', 'locale'],
  ['match', 'regexp'],
  ['matchAll', 'regexp'],
  ['search', 'regexp'],
  ['buffer', 'prototype'],
]);

/** Names through which a value leads to the machinery of the language. */
export const MACHINERY: ReadonlyMap<string, RuleId> = new Map<string, RuleId>([
  ['constructor', 'dynamic-code'],
  ['__proto__', 'prototype'],
  ['prototype', 'prototype'],
  ['__defineGetter__', 'prototype'],
  ['__defineSetter__', 'prototype'],
]);

/** Methods of arrays, maps and sets that change them in place. */
export const MUTATORS: ReadonlySet<string> = new Set([
  ...['add', 'clear', 'copyWithin', 'delete', 'fill', 'pop', 'push', 'reverse', 'set', 'shift', 'sort', 'splice'],
  'unshift',
]);

/** What the runtime in the sandbox gives to `import { … } from 'vostro/contract'`; types need nothing of it. */
export const CONTRACT_API: ReadonlySet<string> = new Set([
  ...['MEMBER_ROLES', 'RANGE_LIMIT', 'callOf', 'calendarDayOf', 'defineContract', 'isCalendarDay', 'map', 't'],
]);
