import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { payloadHash } from '../../contracts/governance/proposals.js';
import { MAX_DESCRIPTION } from '../../contracts/governance/records.js';
import { governance, membership } from '../../contracts/index.js';
import { toHex } from '../../primitives/bytes.js';
import type { Call } from '../../primitives/types.js';
import { readBytesFile } from '../files.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { repeated, withExamples, withJson, withSending } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { describeCalls } from './describeCalls.js';
import { anyCall, memberCall, nodeCall, parameterCall, rolesCall, validatorsCall } from './proposedCalls.js';
import { recoveryCalls, withRecovery } from './recovery.js';
import { parseDuration, parseHeight } from './terms.js';

type Made = Call | readonly Call[];
type MakeCall = (session: Session, invocation: Invocation) => Made | Promise<Made>;

const DEFAULT_OPEN_FOR = '7d';

/** `vostro governance propose …`: one command for each kind of proposal, and one for any. */
export function registerProposals(group: Command, bind: Bind): void {
  const propose = group
    .command('propose')
    .description('Propose something; the account’s member approves it by this. The others approve it by its number.');
  const kind = (command: Command, make: MakeCall, ...examples: readonly string[]): void => {
    const complete = withJson(withSending(withTerms(command)));
    withExamples(complete, ...examples.map((example) => `vostro governance propose ${example}`)).action(
      bind((invocation) => proposeCall(invocation, make)),
    );
  };
  kind(
    propose
      .command('validators')
      .description('Change who validates.')
      .option('--add <bic>', 'a member, as BIC or BIC/validator-2; may be given several times', repeated, [])
      .option('--remove <bic>', 'a member; may be given several times', repeated, [])
      .option('--rotate <bic/label>', 'a member’s other key in the place of its key of now', repeated, []),
    (session, { options }) => validatorsCall(session, options),
    'validators --add ECHOGB2L --at +200 --account AURLDEFF',
    'validators --remove DORAESMM --at +200 --account AURLDEFF',
    'validators --rotate AURLDEFF/validator-2 --at +200 --account AURLDEFF',
  );
  kind(
    propose
      .command('parameter')
      .description('Change constants of the network.')
      .argument('<name=value...>', 'as heartbeatMs=2000; may be several'),
    (_session, { args }) => parameterCall(args.filter((text) => text !== undefined)),
    'parameter heartbeatMs=2000 --at +200 --account AURLDEFF',
  );
  kind(
    withRoles(propose.command('member'))
      .description('Take in a member.')
      .argument('<bic>', 'its BIC')
      .requiredOption('--lei <lei>', 'its LEI')
      .requiredOption('--name <name>', 'its name'),
    (_session, invocation) => memberCall(argument(invocation, 0, 'bic'), invocation.options),
    'member ECHOGB2L --lei 529900T8BM49AURSDO55 --name "Echo Bank" --role bank --at +200 --account AURLDEFF',
  );
  kind(
    withRoles(propose.command('roles')).description('Give a member other roles.').argument('<bic>', 'its BIC'),
    (_session, invocation) => rolesCall(argument(invocation, 0, 'bic'), invocation.options),
    'roles ECHOGB2L --role bank --role custodian --at +200 --account AURLDEFF',
  );
  for (const [name, suspended] of [
    ['suspend', true],
    ['reinstate', false],
  ] as const) {
    kind(
      propose
        .command(name)
        .description(`${suspended ? 'Suspend' : 'Reinstate'} a member with all of its accounts.`)
        .argument('<bic>', 'its BIC'),
      (_session, invocation) =>
        callOf(membership.methods.setSuspended, { member: argument(invocation, 0, 'bic'), suspended }),
      `${name} ECHOGB2L --at +200 --account AURLDEFF`,
    );
  }
  kind(
    withRecovery(propose.command('recover')),
    recoveryCalls,
    'recover AURLDEFF/payments --key 0x9A… --reason "keys lost" --at +200 --account BORLFRPP',
    'recover AURLDEFF/payments --key 0x9A… --clear-limits EUR --reason "keys stolen" --at +200 --account BORLFRPP',
    'recover AURLDEFF --register 0x02…:0x… --key 0x9A… --reason "keys stolen" --at +200 --account BORLFRPP',
  );
  kind(
    propose
      .command('node')
      .description('Let a member’s node connect.')
      .argument('<bic>', 'the member')
      .argument('<peer-id>', 'as vostro node init printed it')
      .option('--observer', 'a node without a validator key')
      .option('--address <multiaddress>', 'where to dial it; may be given several times', repeated, []),
    (_session, invocation) =>
      nodeCall(argument(invocation, 0, 'bic'), argument(invocation, 1, 'peer-id'), invocation.options),
    'node ECHOGB2L 16Uiu2… --address /ip4/192.0.2.9/tcp/26600 --at +200 --account AURLDEFF',
  );
  kind(
    propose.command('remove-node').description('Let a node connect no more.').argument('<peer-id>', 'its peer id'),
    (_session, invocation) => callOf(membership.methods.removeNode, { peerId: argument(invocation, 0, 'peer-id') }),
    'remove-node 16Uiu2… --at +200 --account AURLDEFF',
  );
  kind(
    propose
      .command('call')
      .description('Propose a call of any governed method.')
      .argument('<contract.method>', 'as membership.removeNode')
      .argument('<arguments>', 'as JSON'),
    (_session, invocation) => anyCall(argument(invocation, 0, 'contract.method'), argument(invocation, 1, 'arguments')),
    `call membership.removeNode '{"peerId":"16Uiu2…"}' --at +200 --account AURLDEFF`,
  );
}

function withTerms(command: Command): Command {
  return command
    .requiredOption('--at <height>', 'first height at which it is in force, as 12000 or +200')
    .option('--open-for <duration>', 'how long it may be approved, as 12h; 90d at most', DEFAULT_OPEN_FOR)
    .option('--description <text>', 'why, for the others; what it does when left out')
    .option('--document <file>', 'a document that says more: its SHA-256 is part of what is approved');
}

function withRoles(command: Command): Command {
  return command.option('--role <role>', 'a role; may be given several times', repeated, []);
}

async function proposeCall(invocation: Invocation, make: MakeCall): Promise<CommandResult> {
  const { options, host } = invocation;
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const calls = [await make(session, invocation)].flat();
  const described = await describeCalls(session, calls);
  const words = described.map((call) => call.words).join('; ');
  const { height } = await session.client.call('status', {});
  const documentFile = options.text('document');
  const payload = {
    calls,
    activateAt: parseHeight(options.required('at'), height),
    expiresAt: host.nowMs() + parseDuration(options.text('openFor') ?? DEFAULT_OPEN_FOR, '--open-for'),
    description: options.text('description') ?? [...words].slice(0, MAX_DESCRIPTION).join(''),
    document:
      documentFile === undefined
        ? undefined
        : new Uint8Array(
            createHash('sha256')
              .update(await readBytesFile(documentFile, MAX_DOCUMENT_BYTES))
              .digest(),
          ),
  };
  const { propose } = governance.methods;
  return transact(session, invocation, { account, calls: [callOf(propose, payload)] }, (final) => {
    const [result] = final.receipt.results;
    const id = result === undefined ? undefined : propose.returns?.decode(result).id;
    const hash = toHex(payloadHash(payload));
    const next = `the others see it with: vostro governance show ${id}, and approve it with: vostro governance approve ${id} --hash ${hash}`;
    const shown = finalResult(final, `proposed number ${id}: ${words}`, {
      id,
      hash,
      activateAt: payload.activateAt,
      calls: described,
    });
    return { ...shown, text: `${shown.text}\n${next}` };
  });
}

/** As much as is read to be hashed. */
const MAX_DOCUMENT_BYTES = 100_000_000;
