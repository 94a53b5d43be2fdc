import { type Ablation, edit, test } from '../ablation.js';

const unit = (file: string, title: string) => test(`unit/contracts/${file}`, title);
const compatibility = (title: string) => test('property/contracts/compatibility', title);

/** Rules about who may call a method, and about what a contract of somebody else says of itself. */
export const INTERFACES: readonly Ablation[] = [
  {
    name: 'authorisation-nobody-suffices',
    bug: 'takes an empty list of accounts for one that authorises',
    rule: 'Authorisation A6',
    edits: [
      edit('contracts/api/authorise.js', "if (accounts.length === 0)\n        return no('account', 'nobody');", ''),
    ],
    caughtBy: [unit('conditions', 'are not met by a list of nobody')],
  },
  {
    name: 'authorisation-any-of-none',
    bug: 'lets a call pass although no alternative of a group holds',
    rule: 'Authorisation A8',
    edits: [
      edit(
        'contracts/api/authorise.js',
        "return no('any', (lacking",
        "return lacking.length > 1 ? undefined : no('any', (lacking",
      ),
    ],
    caughtBy: [unit('conditions', 'let a call pass when any alternative of a group holds')],
  },
  {
    name: 'authorisation-never-asked',
    bug: 'lets a method end that was to ask an account of the state and asked nobody',
    rule: 'Authorisation A9',
    edits: [edit('contracts/api/define.js', 'if (method.mustAsk && !context.hasAsked)', 'if (false)')],
    caughtBy: [unit('conditions', 'may be left to the method')],
  },
  {
    name: 'migration-writes-the-old-form',
    bug: 'lets a migration write into a map as an earlier version declared it',
    rule: 'Migrations M2',
    edits: [edit('contracts/api/state.js', "if (this.#layout.provenance === 'old')", 'if (false)')],
    caughtBy: [unit('migrations', 'fails as a whole on')],
  },
  {
    name: 'migration-by-anybody',
    bug: 'lets anybody migrate a contract',
    rule: 'Migrations M1',
    edits: [edit('contracts/api/migration.js', "{ contracts: ['contracts'] }", '{ sender: true }')],
    caughtBy: [unit('migrations', 'is a method that only the contract which activates versions may call')],
  },
  {
    name: 'compatibility-any-key-width',
    bug: 'takes keys of another width for the same keys',
    rule: 'Migrations M4',
    edits: [edit('contracts/api/compatibility.js', ' && keyForm(old) === keyForm(declared)', '')],
    caughtBy: [compatibility('holds between every two plain schemas')],
  },
  {
    name: 'compatibility-any-names',
    bug: 'takes a list of names in another order for the same names',
    rule: 'Migrations M4',
    edits: [
      edit(
        'contracts/api/compatibility.js',
        'start.every((value, index) => value === whole[index])',
        'start.length <= whole.length',
      ),
    ],
    caughtBy: [
      compatibility('is not said of what only looks alike'),
      compatibility('holds between every two plain schemas'),
    ],
  },
  {
    name: 'abi-free-schemas',
    bug: 'takes a schema that says more than its kind does',
    rule: 'Form of an ABI D1',
    edits: [edit('contracts/api/abiParse.js', 'if (!isSameJson(schema.schema(), json))', 'if (false)')],
    caughtBy: [unit('abiParse', 'is refused, with the place')],
  },
  {
    name: 'abi-any-text',
    bug: 'takes another text of an ABI for the canonical one',
    rule: 'Form of an ABI D2',
    edits: [edit('contracts/api/abiParse.js', 'if (JSON.stringify(abi) !== text)', 'if (false)')],
    caughtBy: [unit('abiParse', 'is taken as every standard contract describes itself')],
  },
];
