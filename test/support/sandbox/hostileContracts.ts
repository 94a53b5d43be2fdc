import type { ContractFault } from '../../../contracts/api/failure.js';

/** What a hostile method does, and all that may become of it. */
export interface HostileMethod {
  readonly name: string;
  /** JavaScript of the method's body: `ctx`, the program's globals, and `host`, the raw way out of the guest. */
  readonly body: string;
  readonly code: string;
  /** Of `CONTRACT_FAULT`. */
  readonly reason?: ContractFault;
  /** Who may call it, as JavaScript; the sender unless told. */
  readonly auth?: string;
  /** Schema of its result, as JavaScript; none unless told. */
  readonly returns?: string;
  readonly kind?: 'view';
}

const fault = (name: string, reason: ContractFault, body: string): HostileMethod => ({
  name,
  body,
  code: 'CONTRACT_FAULT',
  reason,
});
const refused = (name: string, code: string, body: string): HostileMethod => ({ name, body, code });

/** Operations by their numbers, as a program writes them that goes past the runtime. */
const SET = 5;
const FAIL_API = 10;
const BEGIN_ATTEMPT = 14;
const TAKE_BACK = 16;
const CALL = 17;
const END_WITH = 21;
const ANY_AUTHORISED = 26;

const floods: readonly HostileMethod[] = [
  refused('floodEvents', 'OUT_OF_FUEL', `for (;;) ctx.emit('Nothing', {})`),
  refused('floodRanges', 'OUT_OF_FUEL', `for (;;) ctx.state.texts.entries(1000)`),
  refused('floodState', 'OUT_OF_FUEL', `for (let i = 0; ; i++) ctx.state.texts.set('k' + i, 'v')`),
  refused('floodOutcomes', 'OUT_OF_FUEL', `for (;;) ctx.outcome('x', '')`),
  refused('floodFailures', 'OUT_OF_FUEL', `for (;;) try { ctx.fail('PLAIN') } catch {}`),
  refused('floodCalls', 'OUT_OF_FUEL', `for (;;) ctx.attempt(() => ctx.call(other('nobody'), {}))`),
  refused('loopForEver', 'OUT_OF_FUEL', `for (;;) try { for (;;); } catch {}`),
  refused('catchUsedUpFuel', 'OUT_OF_FUEL', `for (;;) try { ctx.useFuel(1e15) } catch {}`),
  refused('rangeTooLong', 'LIMIT_EXCEEDED', `ctx.state.texts.entries(1001)`),
  refused('rangeBackwards', 'VALUE_INVALID', `ctx.state.texts.entries(-1)`),
  refused('rangeOfNothing', 'VALUE_INVALID', `ctx.state.texts.entries(NaN)`),
  refused('rangeOfHalf', 'VALUE_INVALID', `ctx.state.texts.entries(1.5)`),
  refused('keyTooLong', 'LIMIT_EXCEEDED', `ctx.state.texts.set('k'.repeat(600), 'v')`),
  refused('textTooLong', 'LIMIT_EXCEEDED', `ctx.emit('Text', { text: 'x'.repeat(1048577) })`),
  refused('dataTooLong', 'LIMIT_EXCEEDED', `ctx.fail('NOT_FOUND', { map: 'x'.repeat(9000) })`),
  refused(
    'rangeTooLarge',
    'LIMIT_EXCEEDED',
    `const v = '"'.repeat(65500); for (let i = 0; i < 34; i++) host(${SET}, 'k' + i, v); ctx.state.texts.entries(34)`,
  ),
  refused(
    'linesWithoutEnd',
    'VALUE_INVALID',
    `if (host(${ANY_AUTHORISED}, '9000000000', '') !== '') host(${END_WITH}, '0', '')`,
  ),
  refused('valueTooLong', 'LIMIT_EXCEEDED', `ctx.state.texts.set('k', 'ü'.repeat(40000))`),
  fault('attemptsLeftOpen', 'attempts', `host(${BEGIN_ATTEMPT}, '', '')`),
  refused(
    'attemptsInsideEachOther',
    'LIMIT_EXCEEDED',
    `const deeper = () => { const f = ctx.attempt(deeper); if (f) throw f }; deeper()`,
  ),
];

const lies: readonly HostileMethod[] = [
  refused('toJson', 'VALUE_INVALID', `ctx.emit('Text', { text: { toJSON: () => 'x' } })`),
  refused('stringObject', 'VALUE_INVALID', `ctx.emit('Text', { text: new String('x') })`),
  refused('missingField', 'VALUE_INVALID', `ctx.emit('Text', {})`),
  refused('inheritedUndefined', 'VALUE_INVALID', `ctx.emit('Text', JSON.parse('{"__proto__": {"text": "x"}}'))`),
  refused('nothing', 'VALUE_INVALID', `ctx.emit('Text', null)`),
  refused('textForAmount', 'VALUE_INVALID', `ctx.emit('Amount', { amount: '5' })`),
  refused('numberForAmount', 'VALUE_INVALID', `ctx.emit('Amount', { amount: 5 })`),
  refused('negativeAmount', 'AMOUNT_OVERFLOW', `ctx.emit('Amount', { amount: -1n })`),
  refused('largeAmount', 'AMOUNT_OVERFLOW', `ctx.emit('Amount', { amount: 2n ** 128n })`),
  refused('enormousAmount', 'AMOUNT_OVERFLOW', `ctx.emit('Amount', { amount: 2n ** 5000n })`),
  refused('lineFeedInText', 'VALUE_INVALID', `ctx.emit('Text', { text: 'a\\nb' })`),
  refused('linesOfAList', 'VALUE_INVALID', `ctx.emit('List', { list: ['a\\nb', 'c'] })`),
  refused('listOfHoles', 'VALUE_INVALID', `ctx.emit('List', { list: [, 'c'] })`),
  refused('nearlyAList', 'VALUE_INVALID', `ctx.emit('List', { list: { length: 1, 0: 'a' } })`),
  refused('loneSurrogate', 'VALUE_INVALID', `ctx.emit('Text', { text: '\\ud800' })`),
  fault('loneSurrogateInId', 'answer', `ctx.emit('Id', { id: '\\udc00' })`),
  fault('throwingGetter', 'exception', `ctx.emit('Text', { get text() { throw new Error('no') } })`),
  refused('changingGetter', 'VALUE_INVALID', `let n = 0; ctx.emit('Text', { get text() { return n++ ? 'x' : 5 } })`),
  refused('undeclaredEvent', 'VALUE_INVALID', `ctx.emit('Transferred', {})`),
  refused('undeclaredCode', 'VALUE_INVALID', `ctx.fail('NO_SUCH')`),
  refused('codeOfTheHost', 'VALUE_INVALID', `ctx.fail('OUT_OF_FUEL')`),
  refused('pretendedPause', 'VALUE_INVALID', `ctx.fail('PAUSED', { contract: 'cash', untilMs: 1 })`),
  refused('pretendedFault', 'VALUE_INVALID', `ctx.fail('CONTRACT_FAULT', { reason: 'memory' })`),
  { ...refused('resultOfAnotherType', 'VALUE_INVALID', `return '5'`), returns: 't.amount' },
  { ...refused('resultOutOfRange', 'AMOUNT_OVERFLOW', `return -5n`), returns: 't.amount' },
  { ...refused('namesNobody', 'UNAUTHORISED', ''), auth: '{ accounts: () => [] }' },
  { ...refused('namesNoList', 'VALUE_INVALID', ''), auth: '{ accounts: () => ({ length: 0 }) }' },
  { ...refused('namesNonsense', 'VALUE_INVALID', ''), auth: '{ accounts: () => [5] }' },
  { ...refused('asksNobody', 'UNAUTHORISED', ''), auth: '{ inMethod: true }' },
  {
    ...refused('namesEndlessly', 'VALUE_INVALID', ''),
    auth: `{ accounts: () => { if (host(1, '9007199254740991', '') === '') return ['0x']; return [5] } }`,
  },
  { ...fault('worksBeforeItAsks', 'answer', ''), auth: `{ accounts: () => { host(8, '', ''); return ['0x'] } }` },
];

const forgeries: readonly HostileMethod[] = [
  fault('failureNeverMet', 'answer', `host(${END_WITH}, '0', '')`),
  fault('failureOfNoNumber', 'answer', `host(${END_WITH}, '-1', '')`),
  fault('failureOfAnotherForm', 'answer', `try { ctx.fail('PLAIN') } catch {} host(${END_WITH}, '0e0', '')`),
  fault('madeFailure', 'answer', `throw new vostro.contract.ContractFailure('\\n7 PAUSED')`),
  fault('mapOfNobody', 'answer', `host(5 + 32 * 99, 'x', 'y')`),
  fault('eventOfNobody', 'answer', `host(8 + 32 * 99, '', '')`),
  fault('codeOfNobody', 'answer', `host(9 + 32 * 99, '', '')`),
  fault('factOfNobody', 'answer', `host(32 * 99, '', '')`),
  fault('operationOfNobody', 'answer', `host(31, '', '')`),
  fault('negativeOperation', 'answer', `host(-1, '', '')`),
  fault('operationOfNoNumber', 'exception', `host('5', '', '')`),
  fault('endlessList', 'answer', `if (host(26, '9007199254740991', '') !== '') host(${END_WITH}, '7', '')`),
  fault('endlessJson', 'answer', `host(${FAIL_API}, 'NOT_FOUND', '['.repeat(5000))`),
  fault('noJson', 'answer', `host(${FAIL_API}, 'NOT_FOUND', '{')`),
  fault('attemptOfOthers', 'attempts', `if (host(${TAKE_BACK}, '', '') !== '') host(${END_WITH}, '0', '')`),
  fault('attemptEndedTwice', 'attempts', `ctx.attempt(() => host(${TAKE_BACK}, '', ''))`),
  refused('callsItself', 'REENTRANCY_REFUSED', `ctx.call(other('hostile'), {})`),
  refused('callsNobody', 'CONTRACT_UNKNOWN', `ctx.call(other('nobody'), {})`),
  refused('callsNoMethod', 'METHOD_UNKNOWN', `ctx.call({ ...other('friend'), method: 'burn' }, {})`),
  refused('callsWithNoFuel', 'VALUE_INVALID', `ctx.call(other('friend'), {}, -1)`),
  refused(
    'callsWithOthersArguments',
    'VALUE_INVALID',
    `host(${CALL}, 'friend\\nattack\\n', 'a\\nb') && ctx.fail('VALUE_INVALID')`,
  ),
  refused('namesSeveralContracts', 'VALUE_INVALID', `ctx.call(other('friend\\nattack'), {})`),
  { ...refused('writesInAView', 'READ_ONLY', `ctx.state.texts.set('k', 'v')`), kind: 'view' },
  { ...refused('emitsInAView', 'READ_ONLY', `ctx.emit('Nothing', {})`), kind: 'view' },
  { ...refused('usesUpInAView', 'READ_ONLY', `ctx.once('a', 'b', 1)`), kind: 'view' },
  {
    ...refused('callsATransactionInAView', 'READ_ONLY', `ctx.call({ ...other('friend'), kind: 'view' }, {})`),
    kind: 'view',
  },
];

const ends: readonly HostileMethod[] = [
  fault('throwsANumber', 'exception', `throw 1`),
  fault('throwsNothing', 'exception', `throw undefined`),
  fault('throwsAText', 'exception', `throw '\\n0 PAUSED'`),
  fault('throwsACode', 'exception', `throw { code: 'OUT_OF_FUEL', data: '' }`),
  fault('throwsAnError', 'exception', `throw new RangeError('no')`),
  fault('throwsInAnAttempt', 'exception', `ctx.attempt(() => { throw new Error('no') })`),
  fault('recursesForEver', 'depth', `const f = () => 1 + f(); f()`),
  fault('eatsMemory', 'memory', `const a = []; for (;;) a.push(new Uint8Array(100000))`),
  fault('readsNothing', 'exception', `ctx.state.nobody.get('x')`),
];

export const HOSTILE_METHODS: readonly HostileMethod[] = [...floods, ...lies, ...forgeries, ...ends];

/** A program of these methods, beside `fine`, which writes and emits as any other does. */
export function hostileProgram(methods: readonly HostileMethod[], name = 'hostile'): string {
  const built = methods.map(({ name: method, body, auth = '{ sender: true }', returns = 'undefined', kind = 'tx' }) => {
    const allowed = kind === 'tx' ? `auth: ${auth},` : '';
    return `${method}: c.${kind}({ args: {}, ${allowed} returns: ${returns} }, (ctx) => { ${body} }),`;
  });
  return `(() => {
    const { defineContract, map, t } = vostro.contract;
    const host = __vostroHost;
    const other = (contract) => ({ contract, method: 'attack', kind: 'tx', args: t.struct({}), returns: undefined });
    const c = defineContract({
      name: '${name}', version: 1,
      state: { texts: map([t.text(2000)], t.text(65536)) },
      events: {
        Nothing: {}, Text: { text: t.text(9) }, Amount: { amount: t.amount }, Id: { id: t.id },
        List: { list: t.list(t.text(9), 3) },
      },
      errors: { PLAIN: {} },
    });
    vostro.deploy({ contract: c.build({
      fine: c.tx({ args: {}, auth: { sender: true }, returns: t.text(9) }, (ctx) => {
        ctx.state.texts.set('fine', 'yes');
        ctx.emit('Text', { text: 'fine' });
        return ctx.state.texts.get('fine');
      }),
      ${built.join('\n')}
    }) });
  })()`;
}

/** A contract whose one method goes on to the next. */
export function chainProgram(name: string, next: string): string {
  return hostileProgram([refused('attack', '', `ctx.emit('Nothing', {}); ctx.call(other('${next}'), {})`)], name);
}
