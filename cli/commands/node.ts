import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { possessionDigest } from '../../primitives/possession.js';
import { CliError, usageError } from '../errors.js';
import type { Bind, Invocation } from '../invocation.js';
import { keyPassword } from '../keyPassword.js';
import { readNodeConfig } from '../nodeConfig.js';
import { nodeHome } from '../nodeHome.js';
import { showNodeStatus } from '../nodeStatus.js';
import { repeated, withExamples, withJson, withNetwork } from '../options.js';
import type { CommandResult } from '../output.js';
import { formatFields, formatTable } from '../table.js';
import { readGenesisFile } from '../trustedNetwork.js';

const REPAIR = 'move the data directory away and start the node: it fetches the chain; leave the journal where it is';

export function register(program: Command, bind: Bind): void {
  const node = program.command('node').description('A node of a network: make its keys, join, start, look at it.');
  registerSetup(node, bind);
  registerJournal(node, bind);
  const start = withHome(node.command('start'))
    .description('Start the node in this process; Ctrl-C or SIGTERM stops it in good order.')
    .option('--set <key=value>', 'a setting, as rpc.port=26701; may be given several times', repeated, []);
  withExamples(
    withJson(withPassword(start)),
    'vostro node start --home ./node',
    'vostro node start --home ./node --set log.level=debug --set rpc.port=26701',
  ).action(bind(async (invocation) => (await import('../runNode.js')).runNode(invocation)));
  const status = node.command('status').description('Ask a node where it stands, and what it sees of each validator.');
  withExamples(withJson(withNetwork(status)), 'vostro node status --rpc http://127.0.0.1:26700').action(
    bind(showNodeStatus),
  );
  const verify = withHome(node.command('verify')).description(
    'Check everything that a stopped node has on its disk of the chain: checksums, blocks, certificates, receipts, state.',
  );
  withExamples(withJson(verify), 'vostro node verify --home ./node').action(bind(verifyNode));
  const config = withHome(node.command('config'))
    .description('Show every setting of a node; with --origin, where it came from.')
    .option('--origin', 'name flag, environment, file or default')
    .option('--set <key=value>', 'a setting, as rpc.port=26701; may be given several times', repeated, []);
  withExamples(withJson(config), 'vostro node config --home ./node --origin').action(bind(showConfig));
}

function registerSetup(node: Command, bind: Bind): void {
  const init = withHome(node.command('init'))
    .description('Make a node’s keys in a new home, and print what the genesis needs of them.')
    .option('--observer', 'without a validator key: it follows the chain and serves it')
    .option('--chain-id <id>', 'with --member: also prove possession of the validator key for this network')
    .option('--member <bic>', 'BIC of the member that runs the node')
    .option('--log-n <n>', 'base-2 logarithm of scrypt’s cost, 10 to 19 (default 18; less only for local tests)');
  withExamples(
    withJson(withPassword(init)),
    'vostro node init --home ./node --chain-id euro-1 --member AURLDEFF',
    'vostro node init --home ./observer --observer',
  ).action(bind(initNode));
  const join = withHome(node.command('join'))
    .description(
      'Put a genesis file into the home of a new node: writes its configuration and, once, its signing journal.',
    )
    .requiredOption('--genesis <file>', 'genesis file of the network')
    .option('--observer', 'the node has no validator key')
    .option('--name <name>', 'name in logs and metrics', 'node')
    .option('--listen <multiaddress>', 'where to listen for peers; may be given several times', repeated, [])
    .option('--peer <id=multiaddress>', 'where to dial a peer; may be given several times', repeated, [])
    .option('--rpc-port <port>', 'port of the RPC', '26700')
    .option('--password-file <file>', 'file that the node reads its password from at every start');
  withExamples(
    withJson(join),
    'vostro node join --home ./node --genesis genesis.json --listen /ip4/10.0.0.4/tcp/26600 --password-file ./node/password',
  ).action(bind(joinNode));
}

function registerJournal(node: Command, bind: Bind): void {
  const journal = node
    .command('journal')
    .description('The signing journal of a validator: what its key is bound by. For a node that does not run.');
  const status = withHome(journal.command('status')).description(
    'Show whether the journal can be trusted, how far it goes, and what to do where it cannot.',
  );
  withExamples(withJson(status), 'vostro node journal status --home ./node').action(
    bind(async (invocation) => (await import('../journal/journalCommands.js')).showJournal(invocation)),
  );
  const release = withHome(journal.command('release'))
    .description('Let a node start again that stopped because its key was used elsewhere.')
    .option('--yes', 'every other machine that had the key is stopped for good: do not ask');
  withExamples(withJson(release), 'vostro node journal release --home ./node').action(
    bind(async (invocation) => (await import('../journal/journalCommands.js')).releaseNodeKey(invocation)),
  );
}

function withHome(command: Command): Command {
  return command.option('--home <directory>', 'home of the node (VOSTRO_HOME)');
}

function withPassword(command: Command): Command {
  return command.option('--password-file <file>', 'file whose only line is the password (VOSTRO_PASSWORD_FILE)');
}

async function initNode(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const home = nodeHome(invocation);
  const validates = !options.flag('observer');
  const chainId = options.text('chainId');
  const member = options.text('member');
  if ((chainId === undefined) !== (member === undefined)) {
    throw usageError('--chain-id and --member', 'both or neither', 'one of them');
  }
  const logN = options.integer('logN', 10, 19);
  const { settings } = await invocation.config();
  const password = await keyPassword(host, settings.passwordFile, 'the node’s keys', true);
  const { backend } = chooseBackend();
  const { createNodeKeys } = await import('../../node/home.js');
  const identity = await createNodeKeys(
    { home, password, validates, ...(logN === undefined ? {} : { logN }) },
    backend,
  );
  const { validator, peerId } = identity;
  const publicKey = validator === undefined ? undefined : backend.publicKey(validator.privateKey);
  const claim =
    validator && publicKey && chainId !== undefined && member !== undefined
      ? { chainId, member, publicKey }
      : undefined;
  const possession = claim && validator ? backend.sign(possessionDigest(claim), validator.privateKey) : undefined;
  validator?.privateKey.fill(0);
  const data = {
    home,
    peerId,
    validator: validator === undefined ? null : toChecksum(validator.address),
    publicKey: publicKey === undefined ? null : toHex(publicKey),
    possession: possession === undefined ? null : toHex(possession),
  };
  const fields = Object.entries(data).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return {
    data,
    text: `${formatFields(fields)}\nnext: put these into the genesis, then run vostro node join --home ${home}`,
  };
}

async function joinNode(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const home = nodeHome(invocation);
  const validates = !options.flag('observer');
  const genesis = await readGenesisFile(options.required('genesis'));
  const passwordFile = options.text('passwordFile');
  const listen = options.list('listen');
  const { formatNodeConfig, joinNetwork } = await import('../../node/home.js');
  const config = formatNodeConfig({
    name: options.required('name'),
    validates,
    listen: listen.length === 0 ? ['/ip4/127.0.0.1/tcp/26600'] : listen,
    peers: options.list('peer'),
    rpcPort: options.integer('rpcPort', 0, 65_535) ?? 26_700,
    passwordFile: passwordFile === undefined ? undefined : resolve(passwordFile),
    logFile: undefined,
  });
  await joinNetwork({ home, genesis, config, validates }, chooseBackend().backend);
  return {
    data: { home, chainId: genesis.chainId, config: join(home, 'config.toml') },
    text: `the node in ${home} is ready for ${genesis.chainId}\nnext: vostro node start --home ${home}`,
  };
}

async function verifyNode(invocation: Invocation): Promise<CommandResult> {
  const { resolveConfig } = await import('../../node/ops/config.js');
  const { verifyHome } = await import('../../node/verifyHome.js');
  const { settings } = resolveConfig(await readNodeConfig(invocation, nodeHome(invocation)));
  const report = await verifyHome(settings);
  const { height, blocks, rows, stateKeys, faults } = report;
  const text = [
    `height ${height}: ${blocks} blocks, ${stateKeys} keys of the state, ${rows} rows checked`,
    ...faults.map(({ code, message }) => `${code}  ${message}`),
  ].join('\n');
  if (faults.length === 0) return { data: report, text: `${text}\nall as it was written` };
  const details = { expected: 'no fault', actual: `${faults.length} faults`, hint: REPAIR };
  return {
    data: report,
    text,
    errors: [new CliError('DATABASE_DAMAGED', `${faults.length} faults in ${settings.dataDirectory}`, details)],
  };
}

async function showConfig(invocation: Invocation): Promise<CommandResult> {
  const { resolveConfig } = await import('../../node/ops/config.js');
  const { resolved } = resolveConfig(await readNodeConfig(invocation, nodeHome(invocation)));
  const origin = invocation.options.flag('origin');
  const columns = [{ title: 'SETTING' }, ...(origin ? [{ title: 'ORIGIN' }] : []), { title: 'VALUE' }];
  const rows = resolved.map(({ key, value, origin: from }) => [key, ...(origin ? [from] : []), shownSetting(value)]);
  return { data: { settings: resolved }, text: formatTable(columns, rows) };
}

function shownSetting(value: unknown): string {
  if (value === undefined) return '-';
  return Array.isArray(value) ? value.join(' ') : String(value);
}
