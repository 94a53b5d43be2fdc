import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { membership, orders } from '../../contracts/index.js';
import { toHex } from '../../primitives/bytes.js';
import { CliError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { groundsOf, propose, registerConfirm, withGrounds } from '../orders/proposing.js';
import { windDown } from '../orders/windDown.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';
import { formatFields } from '../table.js';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('default')
    .description('The default of a member: suspend it by the word of two persons, and wind down what it has begun.');
  const declare = withGrounds(group.command('declare'))
    .description('Propose to declare a member in default. Once confirmed, all its accounts are suspended.')
    .requiredOption('--member <bic>', 'the member');
  withExamples(
    withJson(withSending(declare)),
    'vostro default declare CBVODEFF-DEF-1 --account CBVODEFF --member BORLFRPP --authority "Resolution authority, file 7" --document resolution.pdf',
  ).action(bind(declareDefault));
  registerConfirm(group, bind, 'default');
  const show = group
    .command('show')
    .description('Show whether a member is suspended, and the order that declared it in default.')
    .argument('<bic>', 'the member');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro default show BORLFRPP').action(bind(showDefault));
  const wind = group
    .command('wind-down')
    .description(
      'Cancel what a suspended member waits to pay, sell collateral of its loans, and give back what it has set aside, until nothing is left.',
    )
    .argument('<bic>', 'the member');
  withExamples(withJson(withSending(wind)), 'vostro default wind-down BORLFRPP --account CBVODEFF').action(
    bind(windDown),
  );
  const drill = group
    .command('drill')
    .description('Replay the open business day without a member: who could not have paid what. Sends nothing.')
    .argument('<bic>', 'the member')
    .option('--currency <code>', 'ISO 4217 code; needed only where the network has several');
  withExamples(withJson(withNetwork(withWallet(drill))), 'vostro default drill BORLFRPP --currency EUR').action(
    bind(async (invocation) => (await import('../orders/drill/drillDefault.js')).drillDefault(invocation)),
  );
}

async function declareDefault(invocation: Invocation): Promise<CommandResult> {
  const grounds = await groundsOf(invocation);
  const session = await openSession(invocation);
  const args = { ...grounds, member: invocation.options.required('member') };
  return propose(session, invocation, { ...args, kind: 'default' }, (second) =>
    callOf(orders.methods.declareDefault, { ...args, second }),
  );
}

async function showDefault(invocation: Invocation): Promise<CommandResult> {
  const bic = argument(invocation, 0, 'bic');
  const { client } = await openSession(invocation);
  const member = await client.read(membership.methods.member, { member: bic });
  if (member === undefined) {
    throw new CliError('NOT_FOUND', `expected a member of this network, found none called "${bic.slice(0, 20)}"`, {
      expected: 'a member’s BIC',
      actual: bic.slice(0, 20),
    });
  }
  const declared = await client.read(orders.methods.defaultOf, { member: bic });
  const { name, suspended } = member;
  const declaration =
    declared === undefined
      ? null
      : {
          ...{ order: declared.order, document: toHex(declared.document), height: declared.height },
          declaredAt: new Date(declared.declaredAt).toISOString(),
        };
  const text = formatFields([
    ['member', `${bic}, ${name}`],
    ['status', suspended ? 'suspended' : 'active'],
    ...(declaration === null
      ? [['default', 'never declared'] as const]
      : ([
          ['default', `declared at ${declaration.declaredAt}, height ${declaration.height}`],
          ['order', declaration.order],
          ['document', declaration.document],
        ] as const)),
  ]);
  return { data: { member: bic, isSuspended: suspended, default: declaration }, text };
}
