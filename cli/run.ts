import { Command, CommanderError } from 'commander';
import { VERSION } from '../primitives/version.js';
import { CliError } from './errors.js';
import { EXIT } from './exitCodes.js';
import type { CliHost } from './host.js';
import { type Bind, type CommandModule, createInvocation } from './invocation.js';
import { Output } from './output.js';

interface Group {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Every group of commands; a module is loaded only when its group is called, so that each command starts fast. */
const GROUPS: readonly Group[] = [
  { name: 'pay', summary: 'pay, or settle a file of payments', load: () => import('./commands/pay.js') },
  { name: 'balance', summary: 'show what accounts hold', load: () => import('./commands/balance.js') },
  { name: 'cash', summary: 'issue and redeem central bank money', load: () => import('./commands/cash.js') },
  {
    name: 'asset',
    summary: 'tokenise an instrument; issue, transfer, redeem it',
    load: () => import('./commands/asset.js'),
  },
  {
    name: 'queue',
    summary: 'pay what may wait for funds; hold, cancel, ask why it waits, run the queue',
    load: () => import('./commands/queue.js'),
  },
  {
    name: 'settle',
    summary: 'simulate how the queue of payments settles, and why one waits',
    load: () => import('./commands/settle.js'),
  },
  { name: 'dvp', summary: 'settle delivery versus payment between two banks', load: () => import('./commands/dvp.js') },
  {
    name: 'instruction',
    summary: 'settle several legs, parties and currencies together, or none of them',
    load: () => import('./commands/instruction.js'),
  },
  {
    name: 'action',
    summary: 'corporate actions: declare, work out and pay interest, distributions, redemptions',
    load: () => import('./commands/action.js'),
  },
  {
    name: 'htlc',
    summary: 'lock what a key or time opens: one side of an exchange with another ledger',
    load: () => import('./commands/htlc.js'),
  },
  {
    name: 'netting',
    summary: 'net what banks owe each other: submit, confirm, settle at once',
    load: () => import('./commands/netting.js'),
  },
  {
    name: 'price',
    summary: 'prices of instruments: publish, confirm, show',
    load: () => import('./commands/price.js'),
  },
  {
    name: 'collateral',
    summary: 'what a central bank takes, what a bank has put in, and what is sold',
    load: () => import('./commands/collateral.js'),
  },
  {
    name: 'credit',
    summary: 'borrow of a central bank within the day, against collateral',
    load: () => import('./commands/credit.js'),
  },
  {
    name: 'repo',
    summary: 'sell units and buy them back: offer, accept, revalue, close',
    load: () => import('./commands/repo.js'),
  },
  {
    name: 'order',
    summary: 'freeze, seize, lift: what an authority orders, signed by two persons',
    load: () => import('./commands/order.js'),
  },
  {
    name: 'default',
    summary: 'declare a member in default, and wind it down',
    load: () => import('./commands/default.js'),
  },
  {
    name: 'supervision',
    summary: 'see every position and record; bind accounts by rules',
    load: () => import('./commands/supervision.js'),
  },
  {
    name: 'screening',
    summary: 'share hashed identifiers that no payment may be about',
    load: () => import('./commands/screening.js'),
  },
  {
    name: 'pilot',
    summary: 'try an instrument out: named holders, a bound, an end',
    load: () => import('./commands/pilot.js'),
  },
  {
    name: 'tx',
    summary: 'show a transaction, wait until it is final, try one, sign one with others',
    load: () => import('./commands/tx.js'),
  },
  { name: 'proof', summary: 'save a proof of finality, verify one offline', load: () => import('./commands/proof.js') },
  { name: 'chain', summary: 'verify the chain up to its newest header', load: () => import('./commands/chain.js') },
  {
    name: 'query',
    summary: 'prove what the state holds under a key, or that it holds nothing',
    load: () => import('./commands/query.js'),
  },
  {
    name: 'contract',
    summary: 'write and build contracts of a bank, bring them onto the chain',
    load: () => import('./commands/contract.js'),
  },
  { name: 'view', summary: 'ask a contract', load: () => import('./commands/view.js') },
  {
    name: 'evidence',
    summary: 'list, show and verify proven faults of validators',
    load: () => import('./commands/evidence.js'),
  },
  {
    name: 'governance',
    summary: 'propose and approve changes, pause in an emergency',
    load: () => import('./commands/governance.js'),
  },
  {
    name: 'account',
    summary: 'say who signs for an account, suspend and reinstate it',
    load: () => import('./commands/account.js'),
  },
  { name: 'keys', summary: 'make and look at keys', load: () => import('./commands/keys.js') },
  { name: 'genesis', summary: 'build, hash and verify a genesis file', load: () => import('./commands/genesis.js') },
  { name: 'node', summary: 'set up, start and look at a node', load: () => import('./commands/node.js') },
  { name: 'doctor', summary: 'say in words what is not well', load: () => import('./commands/doctor.js') },
  {
    name: 'devnet',
    summary: 'run a network of five nodes on this machine',
    load: () => import('./commands/devnet.js'),
  },
  { name: 'config', summary: 'show the settings of the command line', load: () => import('./commands/config.js') },
  { name: 'completion', summary: 'print completions for a shell', load: () => import('./commands/completion.js') },
];

/**
 * Runs one command line.
 *
 * @param argv arguments without the program's own name
 * @returns the exit code
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  const output = new Output(host.streams, argv.includes('--json'));
  let pending: Promise<number> | undefined;
  const program = createProgram(host);
  const bind: Bind =
    (handler) =>
    (...args) => {
      const command = args.at(-1) as Command;
      const endings: (() => Promise<void>)[] = [];
      const invocation = createInvocation(command, args.slice(0, -2), {
        output,
        host,
        program: () => describeProgram(host),
        atEnd: (run) => void endings.push(run),
      });
      const handled = handler(invocation).finally(async () => {
        for (const end of endings) await end();
      });
      pending = handled.then(
        (result) => output.result(result),
        (error: unknown) => output.failure(error),
      );
    };
  try {
    await registerCommands(program, argv, bind);
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    return commandLineFailure(error, output);
  }
  return pending ?? EXIT.ok;
}

/** Every command with its options, for completions: loads all modules. */
export async function describeProgram(host: CliHost): Promise<Command> {
  const program = createProgram(host);
  for (const group of GROUPS) (await group.load()).register(program, () => () => undefined);
  return program;
}

function createProgram(host: CliHost): Command {
  return new Command('vostro')
    .description('Vostro: a settlement network of banks')
    .version(VERSION, '--version', 'print the version')
    .option('--json', 'print one JSON envelope on stdout')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.streams.stdout.write(text),
      writeErr: (text) => host.streams.stderr.write(text),
      outputError: () => undefined,
    })
    .addHelpText('after', '\nExit codes: 0 ok, 1 bug, 2 usage, 3 config, 4 no answer, 5 rejected, 6 not found, 7 key');
}

/** Loads the one module that is called; where none is, every group stands in the help by its summary. */
async function registerCommands(program: Command, argv: readonly string[], bind: Bind): Promise<void> {
  const first = argv.find((word) => !word.startsWith('-'));
  const called = GROUPS.find((group) => group.name === first);
  if (called !== undefined) {
    (await called.load()).register(program, bind);
    return;
  }
  for (const group of GROUPS) program.command(group.name).description(group.summary);
}

/** Help and version are answers; all else that commander says is a fault of the command line. */
function commandLineFailure(error: unknown, output: Output): number {
  if (!(error instanceof CommanderError)) return output.failure(error);
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return EXIT.ok;
  const message =
    error.code === 'commander.help' ? 'expected a command, found none' : error.message.replace(/^error: /, '');
  return output.failure(
    new CliError('USAGE_INVALID', message, { actual: message, hint: 'add --help to see what the command takes' }),
  );
}
