import { LIMITS } from '../primitives/limits.js';
import { ApiError } from './errors.js';
import { evidence, evidencePage } from './evidence.js';
import { health } from './health.js';
import { API_LIMITS } from './limits.js';
import { type Infer, type Shape, s } from './shape.js';
import { simulation } from './simulation.js';
import * as values from './values.js';

/** Where a method stands in REST. A GET takes its other parameters from the query, a POST from its body. */
export interface RestRoute {
  readonly verb: 'GET' | 'POST';
  /** `{name}` is the parameter of that name. */
  readonly path: string;
}

export interface MethodDefinition<P, R> {
  readonly summary: string;
  readonly params: Shape<P>;
  readonly result: Shape<R>;
  readonly rest: RestRoute;
}

function method<P, R>(summary: string, rest: string, params: Shape<P>, result: Shape<R>): MethodDefinition<P, R> {
  const [verb, path] = rest.split(' ');
  return { summary, params, result, rest: { verb: verb === 'POST' ? 'POST' : 'GET', path: path ?? '' } };
}

const name = s.text(LIMITS.nameBytes, 1);
const bic = s.text(11, 8);
const cursor = s.text(API_LIMITS.cursorBytes, 1);
const page = { cursor, limit: s.integer(1, API_LIMITS.pageItems) };
const timeoutMs = s.integer(0, API_LIMITS.waitMs);
const id = s.hash;
const transactionBytes = s.hex(LIMITS.transactionBytes);

/**
 * Everything that a node serves: JSON-RPC, REST, OpenAPI and the client all come from this table. The order is that of
 * the documentation.
 */
export const METHODS = {
  submit: method(
    'Takes in one signed transaction. The answer says that it waits here, not that it is final.',
    'POST /v1/transactions',
    s.record({ transaction: transactionBytes }),
    values.admission,
  ),
  submitMany: method(
    'Takes in many signed transactions, each by itself: one that is refused stops no other.',
    'POST /v1/transactions/batch',
    s.record({ transactions: s.list(transactionBytes, API_LIMITS.transactionsPerRequest, 1) }),
    s.record({ results: s.list(values.submission, API_LIMITS.transactionsPerRequest) }),
  ),
  simulate: method(
    'What a transaction would do, alone in the next block: give it signed, or its body that nobody has signed. Writes nothing.',
    'POST /v1/simulations',
    s.record({}, { transaction: transactionBytes, body: transactionBytes }),
    simulation,
  ),
  wait: method(
    'Waits until a transaction is final, and gives its proof. Ends as unknown when the time is over.',
    'GET /v1/transactions/{id}/wait',
    s.record({ id }, { timeoutMs, proofs: s.boolean }),
    values.waited,
  ),
  waitMany: method(
    'Waits until at least `minimum` of the transactions are final (all, unless told otherwise).',
    'POST /v1/transactions/wait',
    s.record(
      { ids: s.list(id, API_LIMITS.transactionsPerRequest, 1) },
      {
        minimum: s.integer(1, API_LIMITS.transactionsPerRequest),
        timeoutMs,
        proofs: s.boolean,
      },
    ),
    values.waited,
  ),
  transaction: method(
    'A transaction on the chain, with its arguments by the ABI.',
    'GET /v1/transactions/{id}',
    s.record({ id }),
    values.transaction,
  ),
  receipt: method(
    'The receipt of a transaction, with events, results and errors by the ABI.',
    'GET /v1/transactions/{id}/receipt',
    s.record({ id }),
    values.receipt,
  ),
  proof: method(
    'A proof that a receipt is final, to be verified offline; with `outcome`, that of one payment of a batch, too.',
    'GET /v1/transactions/{id}/proof',
    s.record({ id }, { outcome: s.text(LIMITS.businessReferenceBytes, 1) }),
    values.proof,
  ),
  outcomes: method(
    'What became of each payment of a batch, page by page in the payments’ order.',
    'GET /v1/transactions/{id}/outcomes',
    s.record({ id }, { cursor, limit: s.integer(1, API_LIMITS.outcomesPerPage) }),
    values.outcomePage,
  ),
  reference: method(
    'Which transaction used a sender’s reference, within the window in which it is remembered.',
    'GET /v1/references/{sender}/{reference}',
    s.record({ sender: s.address, reference: s.hex(LIMITS.referenceBytes) }),
    s.record({ id }),
  ),
  account: method(
    'An account: its member, policy and balances.',
    'GET /v1/accounts/{account}',
    s.record({ account: s.address }),
    values.account,
  ),
  members: method('The members, page by page.', 'GET /v1/members', s.record({}, page), values.memberPage),
  accounts: method(
    'A member’s accounts, page by page in the order of their labels.',
    'GET /v1/members/{member}/accounts',
    s.record({ member: bic }, page),
    values.accountPage,
  ),
  view: method(
    'Runs a read-only method of a contract on the newest state. The arguments are JSON by the ABI.',
    'POST /v1/contracts/{contract}/views/{method}',
    s.record({ contract: name, method: name }, { args: s.json }),
    s.record({ value: s.json }),
  ),
  contracts: method(
    'The ABI of every contract.',
    'GET /v1/contracts',
    s.record({}),
    s.record({ contracts: s.list(s.json, 1_000) }),
  ),
  contract: method(
    'The ABI of one contract.',
    'GET /v1/contracts/{contract}',
    s.record({ contract: name }),
    s.record({ abi: s.json }),
  ),
  block: method(
    'A block: its header and the certificate that decided it.',
    'GET /v1/blocks/{height}',
    s.record({ height: s.integer(1) }),
    values.block,
  ),
  blockTransactions: method(
    'The ids of a block’s transactions, page by page in their order.',
    'GET /v1/blocks/{height}/transactions',
    s.record({ height: s.integer(1) }, page),
    values.idPage,
  ),
  validators: method(
    'The ordered list that decides the next block.',
    'GET /v1/validators',
    s.record({}),
    values.validatorSet,
  ),
  evidenceList: method(
    'Proven faults of validators, page by page: those that the chain records, then those that this node alone keeps.',
    'GET /v1/evidence',
    s.record({}, page),
    evidencePage,
  ),
  evidence: method(
    'One proven fault of a validator, with the bytes that prove it.',
    'GET /v1/evidence/{id}',
    s.record({ id }),
    evidence,
  ),
  finalityUpdate: method(
    'What leads a light client, which knows the validators after a height, to the newest header: changes of validators, certificates.',
    'GET /v1/finality-updates/{since}',
    s.record({ since: s.integer(0) }),
    values.finalityUpdate,
  ),
  stateProof: method(
    'What the newest state holds under keys of contracts, or that it holds nothing there, with a proof to verify offline.',
    'POST /v1/state-proofs',
    s.record({ keys: s.list(s.record({ contract: name, key: s.hex(512) }), LIMITS.keysPerStateProof, 1) }),
    values.stateProof,
  ),
  status: method('Where this node stands.', 'GET /v1/status', s.record({}), values.status),
  health: method(
    'What this node sees of its network: round and leader, every validator and peer, disk and journal.',
    'GET /v1/health',
    s.record({}),
    health,
  ),
} as const;

export type MethodName = keyof typeof METHODS;
export type Params<M extends MethodName> = Infer<(typeof METHODS)[M]['params']>;
export type Result<M extends MethodName> = Infer<(typeof METHODS)[M]['result']>;

/**
 * Checks what came as a method's result: from a contract's view, or over the wire from a node that may be newer.
 *
 * @throws ApiError `RESULT_INVALID`
 */
export function parseResult<M extends MethodName>(name: M, value: unknown): Result<M> {
  try {
    return METHODS[name].result.parse(value, '$', 'lenient') as Result<M>;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError('RESULT_INVALID', `the result of ${name} is none: ${error.message}`, error.details);
  }
}

/** @throws ApiError `PARAMS_INVALID` */
export function parseParams<M extends MethodName>(name: M, value: unknown): Params<M> {
  return METHODS[name].params.parse(value, '$', 'strict') as Params<M>;
}

export function isMethodName(text: string): text is MethodName {
  return Object.hasOwn(METHODS, text);
}
