/** A rule for the sources of a contract: why, and what to write instead. */
interface Rule {
  /** Why the rule is there, in a sentence that a reviewer can use. */
  readonly why: string;
  readonly fix: string;
}

/**
 * Every rule that the kit holds beyond the type check. A contract that breaks one would fail in the sandbox, would do
 * something else on another engine or in a test, or would hide from its reviewers what it does.
 */
export const RULES = {
  import: {
    why: 'the bundle holds the project and nothing else: what it imports must be reviewed with it',
    fix: "import './other.js' of the project, or 'vostro/contract'",
  },
  entry: {
    why: 'the chain asks the entry for its contract',
    fix: 'export const contract = declaration.build({ … })',
  },
  'host-global': {
    why: 'the sandbox has no such global: a contract reaches the world through its context alone',
    fix: 'use what ctx gives, or pass the value as an argument',
  },
  clock: { why: 'each machine has another time', fix: 'use ctx.timestamp, the consensus time of the block' },
  random: { why: 'each machine draws another number', fix: 'pass the value as an argument' },
  regexp: {
    why: 'the time that an expression takes is not bounded by its text; the sandbox has none',
    fix: 'declare the argument by a schema (t.id, t.text, t.isin), or compare characters',
  },
  async: { why: 'a call runs to its end; nothing could answer a promise', fix: 'call it directly, without await' },
  fraction: {
    why: 'money and its rates are integers',
    fix: 'count in minor units, basis points or millionths, as bigint',
  },
  division: {
    why: 'a quotient of numbers may be a fraction',
    fix: 'divide bigints, or write Math.floor(a / b) for whole numbers',
  },
  exponent: { why: 'engines round powers of numbers differently', fix: 'use a power of bigints, as 10n ** 6n' },
  math: {
    why: 'engines round this function differently, or it has a fraction as result',
    fix: 'use abs, ceil, floor, max, min, sign or trunc of whole numbers, or bigints',
  },
  'number-conversion': {
    why: 'text and other values become fractions or NaN in silence',
    fix: 'declare the argument as t.uint or t.amount; Number(x) takes a bigint',
  },
  locale: {
    why: 'the result depends on tables of the engine: Unicode version, locale, rounding of digits',
    fix: 'compare with < and ===; show values to people outside the contract',
  },
  'sort-order': {
    why: 'without a comparator, numbers and bigints are sorted as text',
    fix: 'give a comparator that never says 0 for two different values',
  },
  'dynamic-code': { why: 'code that no reviewer has read', fix: 'write the code itself' },
  prototype: {
    why: 'the built-in objects are frozen in the sandbox, and shared outside of it',
    fix: 'write a function',
  },
  'module-state': {
    why: 'the sandbox forgets it after every call, a test does not',
    fix: 'keep it in a map of the state, or in a variable of the method',
  },
  'for-in': { why: 'it also visits what is inherited', fix: 'use for … of Object.keys(value)' },
  any: { why: 'the type check stops where any begins', fix: 'name the type; unknown, where it is not known' },
  'not-null': {
    why: 'it hides that a value may be missing',
    fix: 'use find(…) ?? ctx.fail(…), or compare with undefined',
  },
  'silenced-type': { why: 'a reviewer relies on the type check', fix: 'repair what it says, and remove the comment' },
  'try-catch': {
    why: 'what the body had written before it failed would stay',
    fix: 'use ctx.attempt(() => …), which takes all of it back',
  },
  throw: {
    why: 'the caller learns CONTRACT_FAULT and no reason',
    fix: "use ctx.fail('CODE', data) with a declared error",
  },
  syntax: { why: 'the sandbox, or a reviewer, does without it', fix: 'write plain functions, objects and classes' },
  'hidden-text': {
    why: 'what a screen shows is not what the engine reads',
    fix: 'write ASCII names; remove invisible and direction characters',
  },
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof RULES;
