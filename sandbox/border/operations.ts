import { authorise, requireActive, requireAnyAuthorised, requireAuthorised } from '../../contracts/api/authorise.js';
import { apiErrorSchema, apiFailure, ContractFailure } from '../../contracts/api/failure.js';
import type { AccountView, CallContext } from '../../contracts/api/host.js';
import { RANGE_LIMIT } from '../../contracts/api/rangeLimit.js';
import { mismatch } from '../../contracts/api/schema.js';
import { toHex } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import { FACT, OPERATION, SEPARATOR, YES } from '../guest/operations.js';
import { BorderBreach } from './breach.js';
import type { CallState } from './callState.js';
import type { BorderMap, NamedCodec } from './layout.js';
import { BORDER_LIMITS } from './limits.js';
import { Lines } from './lines.js';

/** Does one operation. `number` is that of the map, event or code. @throws ContractFailure, SchemaError, RlpError, BorderBreach */
type Operation = (call: CallState, number: number, first: string, second: string) => string;

type OperationName = keyof typeof OPERATION;

const NO_BYTES = new Uint8Array(0);

/** Codes of the API that a contract may end with by its own judgement; the others are what the host alone can know. */
const OWN_API_CODES: ReadonlySet<string> = new Set([
  'ARGUMENTS_INVALID',
  'UNAUTHORISED',
  'ACCOUNT_UNKNOWN',
  'SUSPENDED',
  'READ_ONLY',
  'AMOUNT_OVERFLOW',
  'VALUE_INVALID',
  'NOT_FOUND',
  'LIMIT_EXCEEDED',
]);

const stateOperations = {
  get: (call, number, first) => {
    const map = mapOf(call, number);
    const bytes = call.host.get(map.key(first));
    if (bytes === undefined) throw apiFailure(call.call, 'NOT_FOUND', { map: map.name });
    return map.value.textOf(bytes);
  },
  find: (call, number, first) => {
    const map = mapOf(call, number);
    const bytes = call.host.get(map.key(first));
    return bytes === undefined ? '' : map.value.textOf(bytes);
  },
  has: (call, number, first) => yesOrNo(call.host.get(mapOf(call, number).key(first)) !== undefined),
  set: (call, number, first, second) => {
    const map = mapOf(call, number);
    call.requireWritable();
    if (map.isOld) throw apiFailure(call.call, 'READ_ONLY', {});
    const key = map.key(first);
    call.host.put(key, call.encoded(map.value, second));
    return '';
  },
  delete: (call, number, first) => {
    call.requireWritable();
    call.host.delete(mapOf(call, number).key(first));
    return '';
  },
  range: (call, number, first, second) => {
    const map = mapOf(call, number);
    const prefix = exactly(first, (lines) => map.prefix(lines));
    const from = new Lines(second);
    const limit = numberOf(from.next());
    if (limit > RANGE_LIMIT) throw apiFailure(call.call, 'LIMIT_EXCEEDED', { limit: RANGE_LIMIT });
    const after = from.hasMore ? map.prefix(from) : undefined;
    from.done();
    const entries = call.host.range(prefix, limit, after);
    const texts: string[] = [];
    let characters = 0;
    for (const { key, value } of entries) {
      const text = map.entryText(key, value);
      characters += text.length;
      if (characters > BORDER_LIMITS.answerCharacters) throw tooMany(call, BORDER_LIMITS.answerCharacters);
      texts.push(text);
    }
    return `[${texts.join(',')}]`;
  },
  once: (call, _number, first) => {
    call.requireWritable();
    const [scope, reference, day] = onceOf(call, first);
    return yesOrNo(call.host.once(scope, reference, day));
  },
  used: (call, _number, first) => {
    const [scope, reference, day] = onceOf(call, first);
    return yesOrNo(call.host.used(scope, reference, day));
  },
} as const satisfies Partial<Record<OperationName, Operation>>;

const receiptOperations = {
  emit: (call, number, first) => {
    call.requireWritable();
    const { name, codec } = numbered(call.layout.events, number, 'an event');
    call.host.emit(name, call.encoded(codec, first));
    return '';
  },
  outcome: (call, _number, first, code) => {
    call.requireWritable();
    const isDeclared = code === '' || call.layout.errorNames.has(code) || apiErrorSchema(code) !== undefined;
    if (!isDeclared) throw mismatch('a declared code', code);
    call.host.outcome(first, code);
    return '';
  },
  fail: (call, number, first) => {
    const { name, codec } = numbered(call.layout.errors, number, 'a code');
    throw new ContractFailure(name, call.encoded(codec, first), call.call);
  },
  failApi: (call, _number, code, second) => {
    const schema = OWN_API_CODES.has(code) ? apiErrorSchema(code) : undefined;
    if (schema === undefined) throw mismatch('a code that the contract may end with', code);
    if (second.length > BORDER_LIMITS.failureCharacters) throw tooMany(call, BORDER_LIMITS.failureCharacters);
    throw new ContractFailure(code, schema.encode(jsonValue(second) as never), call.call);
  },
  failure: (call, _number, first) => {
    const { failedCall, data } = call.failure(first);
    return JSON.stringify([failedCall, toHex(data)]);
  },
  endWith: (call, _number, first) => {
    call.ending = call.failure(first);
    return '';
  },
  beginAttempt: ({ host }) => {
    host.beginAttempt();
    return '';
  },
  keepAttempt: ({ host }) => {
    host.endAttempt('keep');
    return '';
  },
  takeBackAttempt: ({ host }) => {
    host.endAttempt('takeBack');
    return '';
  },
} as const satisfies Partial<Record<OperationName, Operation>>;

const worldOperations = {
  context: ({ host }, number) => factOf(host.context, number),
  authorise: (call, _number, first) => {
    const { auth, accountFunctions } = call.method;
    const lists = exactly(first, (lines) => Array.from({ length: accountFunctions }, () => addressesOf(lines)));
    if (auth !== null) authorise(auth, lists, call.host, call.call);
    call.isAuthorised = true;
    return '';
  },
  call: (call, _number, first, second) => enter(call, first, second, true),
  view: (call, _number, first, second) => enter(call, first, second, false),
  encodeArgs: (call, _number, first, second) => {
    const lines = new Lines(first);
    const schemas = call.host.schemasOf(lines.next(), lines.next());
    if (schemas === undefined) throw apiFailure(call.call, 'CONTRACT_UNKNOWN', {});
    return toHex(call.encoded(call.codecs.of(schemas.args), second));
  },
  account: (call, _number, first) => {
    const view = call.host.account(first as Address);
    return view === undefined ? '' : viewText(view);
  },
  requireAccount: (call, _number, first) => viewText(requireActive(first as Address, call.host, call.call)),
  authorises: (call, _number, first) => yesOrNo(call.host.authorises(first as Address)),
  requireAuthorised: (call, _number, first) => {
    const view = requireAuthorised(first as Address, call.host, call.call);
    call.hasAsked = true;
    return viewText(view);
  },
  requireAnyAuthorised: (call, _number, first) => {
    requireAnyAuthorised(exactly(first, addressesOf), call.host, call.call);
    call.hasAsked = true;
    return '';
  },
  stateRoot: (call, _number, first) => {
    const root = call.host.stateRoot(numberOf(first));
    return root === undefined ? '' : toHex(root);
  },
  useFuel: (call, _number, first) => {
    call.host.useFuel(numberOf(first));
    return '';
  },
} as const satisfies Partial<Record<OperationName, Operation>>;

/** By their numbers. */
export const OPERATIONS: readonly Operation[] = operationsByNumber();

function operationsByNumber(): readonly Operation[] {
  const byName: Record<OperationName, Operation> = { ...stateOperations, ...receiptOperations, ...worldOperations };
  const names = Object.keys(OPERATION) as OperationName[];
  return names.sort((a, b) => OPERATION[a] - OPERATION[b]).map((name) => byName[name]);
}

/** PROTOCOL §Sandbox Z6. Calls another contract: what crosses is judged by that contract's own schemas. */
function enter(call: CallState, target: string, args: string, mayWrite: boolean): string {
  const lines = new Lines(target);
  const [contract, method, fuelLimit] = [lines.next(), lines.next(), lines.next()];
  lines.done();
  const limit = fuelLimit === '' ? undefined : numberOf(fuelLimit);
  const schemas = call.host.schemasOf(contract, method);
  if (schemas === undefined) {
    // The host says what is wrong with a call of what does not exist.
    call.host.call(contract, method, NO_BYTES, limit);
    throw new BorderBreach('a method whose schemas are known', target);
  }
  if (schemas.kind !== 'view') {
    if (!mayWrite) throw apiFailure(call.call, 'READ_ONLY', {});
    call.requireWritable();
  }
  const bytes = call.encoded(call.codecs.of(schemas.args), args);
  const result = call.host.call(contract, method, bytes, limit);
  return schemas.returns === undefined ? '' : call.codecs.of(schemas.returns).textOf(result);
}

function tooMany(call: CallState, limit: number): ContractFailure {
  return apiFailure(call.call, 'LIMIT_EXCEEDED', { limit });
}

function mapOf({ layout }: CallState, number: number): BorderMap {
  const map = layout.maps[number];
  if (map === undefined) throw new BorderBreach(`a map below ${layout.maps.length}`, `${number}`);
  return map;
}

function numbered(declared: readonly NamedCodec[], number: number, what: string): NamedCodec {
  const found = declared[number];
  if (found === undefined) throw new BorderBreach(`${what} below ${declared.length}`, `${number}`);
  return found;
}

/** Two contracts never share a scope, whatever they call theirs. */
function onceOf({ layout }: CallState, text: string): readonly [scope: string, reference: string, day: number] {
  return exactly(text, (lines) => [`${layout.name}/${lines.next()}`, lines.next(), numberOf(lines.next())]);
}

function exactly<T>(text: string, read: (lines: Lines) => T): T {
  const lines = new Lines(text);
  const value = read(lines);
  lines.done();
  return value;
}

/** Whatever count the guest writes: no more than there are lines. */
function addressesOf(lines: Lines): readonly Address[] {
  const count = lines.count();
  const addresses: Address[] = [];
  for (let i = 0; i < count; i++) addresses.push(lines.next() as Address);
  return addresses;
}

/** A number as JavaScript writes it, in range or not: the host judges that. */
function numberOf(text: string): number {
  const value = Number(text);
  if (`${value}` !== text) throw mismatch('a number', text);
  return value;
}

/** @throws BorderBreach: the runtime writes JSON and nothing else here */
function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BorderBreach('JSON', 'another text');
  }
}

function factOf(context: CallContext, number: number): string {
  switch (number) {
    case FACT.chainId:
      return context.chainId;
    case FACT.genesisHash:
      return toHex(context.genesisHash);
    case FACT.height:
      return `${context.height}`;
    case FACT.timestamp:
      return `${context.timestamp}`;
    case FACT.sender:
      return context.sender ?? '';
    case FACT.signers:
      return [context.signers.length, ...context.signers].join(SEPARATOR);
    case FACT.callerContract:
      return context.callerContract ?? '';
    default:
      throw new BorderBreach('a fact of the call', `${number}`);
  }
}

function viewText({ account, member, roles, active }: AccountView): string {
  return JSON.stringify({ account, member, roles, active });
}

function yesOrNo(answer: boolean): string {
  return answer ? YES : '';
}
