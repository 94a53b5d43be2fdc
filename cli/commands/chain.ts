import type { Command } from 'commander';
import type { Followed } from '../../client/clientOptions.js';
import { toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { quorum } from '../../primitives/validator.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork } from '../options.js';
import type { CommandResult } from '../output.js';
import { openSession, type Session } from '../session.js';
import { formatFields } from '../table.js';

const DEFAULT_INTERVAL_MS = 1_000;

export function register(program: Command, bind: Bind): void {
  const chain = program
    .command('chain')
    .description('The chain as this wallet verifies it: by certificates, from the genesis file on.');
  const status = chain
    .command('status')
    .description('Verify up to the newest header of a node, and show it with the validators that decide the next one.');
  withExamples(withJson(withNetwork(withWalletDirectory(status))), 'vostro chain status').action(bind(showStatus));
  const follow = chain
    .command('follow')
    .description('Verify header after header as they come, until so many have come or Ctrl-C.')
    .option('--headers <n>', 'end after so many newer headers')
    .option('--interval-ms <ms>', `how often to ask (${DEFAULT_INTERVAL_MS} when left out)`);
  withExamples(withJson(withNetwork(withWalletDirectory(follow))), 'vostro chain follow --headers 10').action(
    bind(followChain),
  );
}

function withWalletDirectory(command: Command): Command {
  return command.option('--wallet <directory>', 'directory that keeps the trusted header (VOSTRO_WALLET)');
}

async function showStatus(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const followed = await session.client.follow();
  await session.keepTrust();
  return describeChain(session, followed);
}

async function followChain(invocation: Invocation): Promise<CommandResult> {
  const headers = invocation.options.integer('headers', 1, 1_000_000_000) ?? Number.POSITIVE_INFINITY;
  const intervalMs = invocation.options.integer('intervalMs', 10, 3_600_000) ?? DEFAULT_INTERVAL_MS;
  const session = await openSession(invocation);
  for (let seen = 0; ; ) {
    const handovers = session.client.light.handovers.length;
    const followed = await session.client.follow();
    if (followed.hasAdvanced) {
      seen++;
      await session.keepTrust();
      invocation.output.show(describeStep(session, handovers));
    }
    if (seen >= headers) return describeChain(session, followed);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

function describeStep({ client }: Session, handoversBefore: number): string {
  const { newest, handovers } = client.light;
  const changes = handovers.slice(handoversBefore).map(({ height, validators }) => {
    return `, ${validators.length} validators from height ${height + 1}`;
  });
  if (newest === undefined) return 'nothing verified yet';
  const time = new Date(newest.header.timestamp).toISOString();
  return `height ${newest.header.height}, ${time}, ${toHex(newest.blockHash)}${changes.join('')}`;
}

function describeChain({ client, network }: Session, { headHeight }: Followed): CommandResult {
  const { newest, handovers, validators, height } = client.light;
  const members = new Map(
    network.genesis.members.flatMap(({ bic, validator }) => (validator ? [[validator, bic]] : [])),
  );
  const named = validators.map(({ address }) => ({
    address: toChecksum(address),
    member: members.get(address) ?? null,
  }));
  const header = newest?.header;
  const data = {
    chainId: network.chainId,
    genesisHash: toHex(network.genesisHash),
    height,
    blockHash: newest === undefined ? null : toHex(newest.blockHash),
    stateRoot: header === undefined ? null : toHex(header.stateRoot),
    timestamp: header === undefined ? null : new Date(header.timestamp).toISOString(),
    nodeHeight: headHeight,
    quorum: quorum(validators.length),
    validators: named,
    handovers: handovers.map(({ height: at, blockHash }) => ({ height: at, blockHash: toHex(blockHash) })),
  };
  const changes = handovers.map(({ height: at }) => `${at}`).slice(-10);
  const text = formatFields([
    ['network', `${data.chainId}, genesis ${data.genesisHash}`],
    ['verified height', data.timestamp === null ? '0, the genesis itself' : `${height}, ${data.timestamp}`],
    ['block', data.blockHash ?? 'none yet'],
    ['state root', data.stateRoot ?? 'none yet'],
    [
      'node says',
      headHeight <= height ? `${headHeight}` : `${headHeight}: ${headHeight - height} more than was verified`,
    ],
    ['validators', `${validators.length}, of which ${data.quorum} decide`],
    ...named.map(({ address, member }): [string, string] => ['', member === null ? address : `${address} ${member}`]),
    ['changes of validators', handovers.length === 0 ? 'none' : `${handovers.length}, newest at ${changes.join(', ')}`],
  ]);
  return { data, text };
}
