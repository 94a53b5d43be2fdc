import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { pilots } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import type { Call } from '../../primitives/types.js';
import { CliError, usageError } from '../errors.js';
import { parseDuration, parseTime } from '../governance/terms.js';
import { timeOf } from '../htlc/htlcBook.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatFields } from '../table.js';
import { parseUnits } from '../values.js';

const p = pilots.methods;

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('pilot')
    .description('Try an instrument out: named holders, a bound of units, an end; set by an authority.');
  const set = group
    .command('set')
    .description('Make a pilot of an instrument, or change its bounds.')
    .argument('<instrument>', 'its id')
    .requiredOption('--cap <units>', 'units that may be outstanding')
    .requiredOption('--per-holder <units>', 'units that one holder may have')
    .option('--for <duration>', 'until when, from now, as 90d')
    .option('--until <time>', 'the same as a time');
  withExamples(
    withJson(withSending(set)),
    'vostro pilot set TOKEN-1 --account CBVODEFF --cap 1000 --per-holder 400 --for 90d',
  ).action(bind(setPilot));
  for (const [name, description] of [
    ['name', 'Name an account that may receive units: one of each member.'],
    ['remove', 'Take an account off; it keeps what it holds.'],
  ] as const) {
    const command = group
      .command(name)
      .description(description)
      .argument('<instrument>', 'its id')
      .argument('<holder>', 'the account, by name, BIC or address');
    withExamples(withJson(withSending(command)), `vostro pilot ${name} TOKEN-1 BORLFRPP --account CBVODEFF`).action(
      bind(async (invocation) => {
        const session = await openSession(invocation);
        const account = await session.accounts.address(argument(invocation, 1, 'holder'));
        const instrument = argument(invocation, 0, 'instrument');
        return sendStep(session, invocation, instrument, callOf(p[name], { instrument, account }));
      }),
    );
  }
  const end = group.command('end').description('End a pilot.').argument('<instrument>', 'its id');
  withExamples(withJson(withSending(end)), 'vostro pilot end TOKEN-1 --account CBVODEFF').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      const instrument = argument(invocation, 0, 'instrument');
      const account = await session.accounts.own(session.settings.account);
      return transact(session, invocation, { account, calls: [callOf(p.end, { instrument })] }, (final) =>
        finalResult(final, `${instrument} is no pilot any more`, { instrument }),
      );
    }),
  );
  const show = group.command('show').description('Show a pilot and its holders.').argument('<instrument>', 'its id');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro pilot show TOKEN-1').action(
    bind(async (invocation) => describePilot(await openSession(invocation), argument(invocation, 0, 'instrument'))),
  );
}

async function setPilot(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const [duration, time] = [options.text('for'), options.text('until')];
  if ((duration === undefined) === (time === undefined))
    throw usageError('--for and --until', 'one of them', 'none or both');
  const sunsetAt =
    duration === undefined ? parseTime(time ?? '', '--until') : host.nowMs() + parseDuration(duration, '--for');
  const instrument = argument(invocation, 0, 'instrument');
  const cap = parseUnits(options.required('cap'), '--cap');
  const perHolder = parseUnits(options.required('perHolder'), '--per-holder');
  const session = await openSession(invocation);
  return sendStep(session, invocation, instrument, callOf(p.set, { instrument, cap, perHolder, sunsetAt }));
}

async function sendStep(
  session: Session,
  invocation: Invocation,
  instrument: string,
  call: Call,
): Promise<CommandResult> {
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [call] }, async (final) => {
    const { data, text } = await describePilot(session, instrument);
    return finalResult(final, text, data as object);
  });
}

/** @throws CliError `NOT_FOUND` */
async function describePilot(session: Session, instrument: string): Promise<CommandResult> {
  const found = await session.client.read(p.pilot, { instrument });
  if (found === undefined) {
    const facts = { expected: 'a pilot', actual: instrument.slice(0, 80) };
    throw new CliError('NOT_FOUND', `no pilot is made of "${instrument.slice(0, 80)}"`, facts);
  }
  const holders = await session.client.read(p.holders, { instrument });
  const { by, cap, perHolder, sunsetAt } = found;
  const text = formatFields([
    ['pilot', `${instrument}, set by ${by}`],
    ['units', `at most ${cap}, of one holder ${perHolder}`],
    ['ends', timeOf(sunsetAt)],
    ['holders', holders.length === 0 ? 'none' : holders.map((account) => session.accounts.shown(account)).join(', ')],
  ]);
  return {
    data: {
      ...{ instrument, by, cap: cap.toString(), perHolder: perHolder.toString(), sunsetAt: timeOf(sunsetAt) },
      holders: holders.map(toChecksum),
    },
    text,
  };
}
