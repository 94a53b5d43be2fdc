import type { Command } from 'commander';
import type { FinalTransaction } from '../../client/outcomes.js';
import type { MethodAbi } from '../../contracts/api/abi.js';
import type { Json } from '../../contracts/api/schema.js';
import { codecsOf, contractsOf, describeEvent } from '../decoding.js';
import { CliError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { contractOf, type DescribedContract, standardNamed } from './contractSource.js';
import { methodHelp, readMethodArguments } from './methodOptions.js';

/** Events that are shown; `--json` has all of them. */
const MAX_SHOWN_EVENTS = 20;

export function callContract(invocation: Invocation): Promise<CommandResult> {
  return withMethodOf(invocation, 'call', async ({ session, contract, method, words }) => {
    const call = await encoded(session, contract, method, words);
    const alsoSigned = [];
    for (const name of invocation.options.list('alsoSign')) alsoSigned.push(await session.accounts.find(name));
    const account = await session.accounts.own(session.settings.account);
    const request = { account, calls: [call], ...(alsoSigned.length === 0 ? {} : { alsoSigned }) };
    return transact(session, invocation, request, (final) => callResult(session, contract, method, final));
  });
}

export function viewContract(invocation: Invocation): Promise<CommandResult> {
  return withMethodOf(invocation, 'view', async ({ session, contract, method, words }) => {
    const { args } = await encoded(session, contract, method, words);
    const json = contract.codec.decodeArgs(method, args);
    const value = await session.client.view(contract.abi.name, method, json);
    return { data: { contract: contract.abi.name, method, value }, text: shown(value) };
  });
}

interface MethodCall {
  readonly session: Session;
  readonly contract: DescribedContract;
  readonly method: string;
  /** The words behind the method. */
  readonly words: readonly string[];
}

type CommandKind = 'call' | 'view';

/** Finds contract and method; lists methods, or helps, where that is what was asked for. */
async function withMethodOf(
  invocation: Invocation,
  kind: CommandKind,
  run: (call: MethodCall) => Promise<CommandResult>,
): Promise<CommandResult> {
  const given = invocation.args.flatMap((word) => word ?? []);
  const words = given.filter((word) => word !== '--help' && word !== '-h');
  const isHelp = words.length < given.length;
  const [name, method, ...rest] = words;
  if (name === undefined || name.startsWith('-')) return helpOf(invocation, kind);
  const standard = standardNamed(name);
  const early = standard === undefined ? await openSession(invocation) : undefined;
  const contract = standard ?? (await contractOf(early ?? (await openSession(invocation)), name));
  if (method === undefined) return methodList(contract, kind);
  const found = methodOf(contract, method, kind);
  if (isHelp) {
    const text = methodHelp(
      `vostro contract ${kind} ${name} ${method}`,
      found,
      await reservedOptions(invocation, kind),
    );
    return { data: { contract: name, method, abi: found }, text };
  }
  return run({ session: early ?? (await openSession(invocation)), contract, method, words: rest });
}

/** Methods that the command reaches: writing ones are sent, views are asked. */
function methodsOf({ abi }: DescribedContract, kind: CommandKind): readonly (readonly [string, MethodAbi])[] {
  return Object.entries(abi.methods).filter(([, method]) => (method.kind === 'view') === (kind === 'view'));
}

function methodOf(contract: DescribedContract, name: string, kind: CommandKind): MethodAbi {
  const methods = methodsOf(contract, kind);
  const found = methods.find(([method]) => method === name)?.[1];
  if (found !== undefined) return found;
  const what = kind === 'view' ? 'a view' : 'a method that is sent';
  const expected = methods.map(([method]) => method).join(', ');
  const actual = name.slice(0, 64);
  throw new CliError('NOT_FOUND', `expected ${what} of ${contract.abi.name} (${expected}), found "${actual}"`, {
    expected,
    actual,
    hint: `vostro contract ${kind} ${contract.abi.name} lists them`,
  });
}

function methodList(contract: DescribedContract, kind: CommandKind): CommandResult {
  const { name, version } = contract.abi;
  const methods = methodsOf(contract, kind).map(([method, { args }]) => ({
    name: method,
    arguments: args['x-order'] ?? [],
  }));
  const lines = methods.map(({ name: method, arguments: names }) =>
    [method, ...(names as readonly string[])].join(' '),
  );
  return { data: { contract: name, version, methods }, text: lines.join('\n') };
}

async function commandOf(invocation: Invocation, kind: CommandKind): Promise<Command | undefined> {
  const group = (await invocation.program()).commands.find((command) => command.name() === 'contract');
  return group?.commands.find((command) => command.name() === kind);
}

async function helpOf(invocation: Invocation, kind: CommandKind): Promise<CommandResult> {
  const text = (await commandOf(invocation, kind))?.helpInformation() ?? '';
  return { data: { help: text }, text: text.trimEnd() };
}

/** Options that are the command's own, whatever the method has. */
async function reservedOptions(invocation: Invocation, kind: CommandKind): Promise<ReadonlySet<string>> {
  const own = (await commandOf(invocation, kind))?.options.flatMap(({ long }) => long ?? []) ?? [];
  return new Set([...own, '--help', '--version', '--arg']);
}

async function encoded(session: Session, { abi, codec }: DescribedContract, method: string, words: readonly string[]) {
  const { args } = abi.methods[method] ?? { args: {} };
  const json = await readMethodArguments(words, args, (name) => session.accounts.address(name));
  return { contract: abi.name, method, args: codec.encodeArgs(method, json) };
}

/** What the call gave and told, by the ABIs of all contracts that took part. */
async function callResult(
  session: Session,
  { abi, codec }: DescribedContract,
  method: string,
  final: FinalTransaction,
): Promise<CommandResult> {
  const { receipt } = final;
  const [bytes] = receipt.results;
  const result: Json = bytes === undefined ? null : codec.decodeResult(method, bytes);
  const codecs = await codecsOf(session, contractsOf(receipt));
  const events = receipt.events.map((event) => describeEvent(event, codecs));
  const lines = [
    ...(result === null ? [] : [`gives ${shown(result)}`]),
    ...events.slice(0, MAX_SHOWN_EVENTS).map(({ event, data }) => `event ${event} ${JSON.stringify(data)}`),
    ...(events.length > MAX_SHOWN_EVENTS ? [`and ${events.length - MAX_SHOWN_EVENTS} events more`] : []),
  ];
  const call = `${abi.name}.${method}`;
  const base = finalResult(final, `${call} is done`, { call, result, fuelUsed: receipt.fuelUsed, events });
  return { ...base, text: [base.text, ...lines].join('\n') };
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}
