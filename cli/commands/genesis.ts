import type { Command } from 'commander';
import {
  buildGenesis,
  genesisHash,
  genesisToJson,
  parseGenesisDescription,
  verifyGenesis,
} from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { type Hex, toHex } from '../../primitives/bytes.js';
import { faultTolerance, quorum } from '../../primitives/validator.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';
import { CliError } from '../errors.js';
import { writeOutputFile } from '../files.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson } from '../options.js';
import type { CommandResult } from '../output.js';
import { formatFields } from '../table.js';
import { parseGenesisJson, readGenesisFile, readGenesisText } from '../trustedNetwork.js';

export function register(program: Command, bind: Bind): void {
  const genesis = program
    .command('genesis')
    .description('The file that a network begins with, and that everybody trusts.');
  const build = genesis
    .command('build')
    .description('Build a genesis file from a description: members, keys, accounts, nodes, currencies.')
    .argument('<description>', 'JSON file; docs/OPERATORS.md describes it')
    .requiredOption('--out <file>', 'where to write the genesis file')
    .option('--overwrite', 'replace an existing file');
  withExamples(withJson(build), 'vostro genesis build network.json --out genesis.json').action(bind(buildCommand));
  const hash = genesis
    .command('hash')
    .description('Print the genesis hash, which every signature of the network is bound to.')
    .argument('<file>', 'genesis file');
  withExamples(withJson(hash), 'vostro genesis hash genesis.json').action(bind(hashCommand));
  const verify = genesis
    .command('verify')
    .description('Check every rule of a genesis file and every proof of possession.')
    .argument('<file>', 'genesis file')
    .option('--hash <hash>', 'genesis hash that it must have, as the other members told you');
  withExamples(
    withJson(verify),
    'vostro genesis verify genesis.json',
    'vostro genesis verify genesis.json --hash 0x3f…',
  ).action(bind(verifyCommand));
}

async function buildCommand(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'description');
  const out = invocation.options.required('out');
  const description = parseGenesisDescription(parseGenesisJson(await readGenesisText(path), path));
  const genesis = buildGenesis(description, ENGINE_PIN);
  verifyGenesis(genesis, chooseBackend().backend);
  const text = `${JSON.stringify(genesisToJson(genesis), undefined, 2)}\n`;
  await writeOutputFile(out, text, invocation.options.flag('overwrite'));
  const described = describeGenesis(genesis);
  return { data: { file: out, ...described.data }, text: `${described.text}\nwritten to ${out}` };
}

async function hashCommand(invocation: Invocation): Promise<CommandResult> {
  const genesis = await readGenesisFile(argument(invocation, 0, 'file'));
  const hash = toHex(genesisHash(genesis));
  return { data: { genesisHash: hash, chainId: genesis.chainId }, text: hash };
}

async function verifyCommand(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'file');
  const genesis = await readGenesisFile(path);
  verifyGenesis(genesis, chooseBackend().backend);
  const expected = invocation.options.text('hash');
  const actual = toHex(genesisHash(genesis));
  if (expected !== undefined && expected.toLowerCase() !== actual) {
    throw new CliError('GENESIS_REFUSED', `${path}: expected the genesis hash ${expected}, found ${actual}`, {
      expected,
      actual,
      hint: 'this is not the file of that network: do not start a node with it',
    });
  }
  const described = describeGenesis(genesis);
  return { data: { valid: true, ...described.data }, text: `${described.text}\nvalid, with every proof of possession` };
}

function describeGenesis(genesis: Genesis): { readonly data: object; readonly text: string } {
  const hash: Hex = toHex(genesisHash(genesis));
  const validators = genesis.validators.length;
  const isOwn = genesis.engine.hash === ENGINE_PIN.hash;
  const data = {
    genesisHash: hash,
    chainId: genesis.chainId,
    timestamp: new Date(genesis.timestamp).toISOString(),
    members: genesis.members.map(({ bic, name, roles }) => ({ bic, name, roles })),
    currencies: genesis.currencies,
    engine: genesis.engine,
    validators: genesis.validators,
    faultTolerance: faultTolerance(validators),
    quorum: quorum(validators),
  };
  const text = formatFields([
    ['genesis hash', hash],
    ['chain', genesis.chainId],
    ['begins', data.timestamp],
    ['engine', `${genesis.engine.version}, ${genesis.engine.hash}${isOwn ? '' : ': not the one of this version'}`],
    ['members', genesis.members.map(({ bic }) => bic).join(', ')],
    [
      'currencies',
      genesis.currencies.map(({ code, decimals, issuer }) => `${code} (${decimals} decimals, ${issuer})`).join(', '),
    ],
    [
      'validators',
      `${genesis.validators.join(', ')}: ${data.quorum} of ${validators} decide, ${data.faultTolerance} may fail`,
    ],
  ]);
  return { data, text };
}
