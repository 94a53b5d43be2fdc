import { type Ablation, edit, test } from '../ablation.js';

const border = 'sandbox/border';
const hostile = test('unit/sandbox/hostileContracts', 'gets the one coded failure for everything that it does');
const agreement = test('unit/sandbox/standardContracts', 'do what they do natively');

/** Rules about what crosses between the program of a bank and its host. */
export const BORDER: readonly Ablation[] = [
  {
    name: 'border-view-writes',
    bug: 'lets a view of a sandboxed contract write',
    rule: 'Sandbox Z3',
    edits: [edit(`${border}/callState.js`, "if (this.method.kind === 'view')", "if (this.method.kind === 'none')")],
    caughtBy: [hostile],
  },
  {
    name: 'border-view-calls-transaction',
    bug: 'lets a view of a sandboxed contract call what may write',
    rule: 'Sandbox Z6',
    edits: [edit(`${border}/operations.js`, "if (schemas.kind !== 'view')", "if (schemas.kind === 'none')")],
    caughtBy: [hostile],
  },
  {
    name: 'border-kept-attempt',
    bug: 'keeps what a failed attempt of a sandboxed contract wrote',
    rule: 'Sandbox Z3',
    edits: [edit(`${border}/operations.js`, "host.endAttempt('takeBack')", "host.endAttempt('keep')")],
    caughtBy: [test('unit/sandbox/border', 'gives a method everything else')],
  },
  {
    name: 'border-works-before-it-asks',
    bug: 'lets a sandboxed contract act before the accounts that it names have authorised',
    rule: 'Sandbox Z4',
    edits: [edit(`${border}/guestCall.js`, '!call.isAuthorised && !EARLY.has(code)', 'false')],
    caughtBy: [hostile],
  },
  {
    name: 'border-forgets-conditions',
    bug: 'runs a method of a sandboxed contract for whoever calls it',
    rule: 'Sandbox Z4',
    edits: [edit(`${border}/sandboxContract.js`, 'method.auth !== null && method.accountFunctions === 0', 'false')],
    caughtBy: [agreement],
  },
  {
    name: 'border-asks-nobody',
    bug: 'takes a result of a method that had to ask an account of the state and did not',
    rule: 'Sandbox Z7',
    edits: [edit(`${border}/guestCall.js`, 'mustAsk && !call.hasAsked', 'false')],
    caughtBy: [hostile],
  },
  {
    name: 'border-codes-of-the-host',
    bug: 'lets a sandboxed contract end with a code that only the host can know',
    rule: 'Sandbox Z5',
    edits: [
      edit(
        `${border}/operations.js`,
        'OWN_API_CODES.has(code) ? apiErrorSchema(code) : undefined',
        'apiErrorSchema(code)',
      ),
    ],
    caughtBy: [hostile],
  },
  {
    name: 'border-lines-left-over',
    bug: 'overlooks what a guest writes behind a value',
    rule: 'Sandbox Z2',
    edits: [edit(`${border}/lines.js`, 'this.#at !== this.#lines.length && !isEmpty', 'false')],
    caughtBy: [hostile],
  },
  {
    name: 'border-shared-scopes',
    bug: 'keeps the used references of a sandboxed contract under another scope than its own',
    rule: 'References used once',
    edits: [edit(`${border}/operations.js`, 'layout.name}/', '"shared"}/')],
    caughtBy: [agreement],
  },
  {
    name: 'border-faults-are-failures',
    bug: 'lets a fault of a program break the executor',
    rule: 'Sandbox Z8',
    edits: [
      edit(
        `${border}/sandboxContract.js`,
        '!(error instanceof GuestFault) && !(error instanceof BorderBreach)',
        'true',
      ),
    ],
    caughtBy: [hostile],
  },
];
