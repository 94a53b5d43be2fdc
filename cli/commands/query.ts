import type { Command } from 'commander';
import { type DescribedFact, describeFacts } from '../../client/stateQuery.js';
import type { VerifiedState } from '../../client/verifier.js';
import type { ContractAbi } from '../../contracts/api/abi.js';
import { toHex } from '../../primitives/bytes.js';
import { LIMITS } from '../../primitives/limits.js';
import { contractOf, standardNamed } from '../contract/contractSource.js';
import { usageError } from '../errors.js';
import { readBytesFile, writeOutputFile } from '../files.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { partKinds, readKeyParts } from '../keyParts.js';
import { openOfflineVerification } from '../offlineVerification.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';
import { formatFields, formatTable } from '../table.js';

export function register(program: Command, bind: Bind): void {
  const query = program
    .command('query')
    .description(
      'Prove what the state holds under a key of a contract, or that it holds nothing there, from the genesis file.',
    )
    .argument('[contract]', 'as cash, assets, membership')
    .argument('[map]', 'a map of its state; left out, the maps are listed')
    .argument('[key...]', 'the parts of the key, in their order; an account by name, BIC or address')
    .option('--save <file>', 'write the proof to a file, to verify it offline');
  withExamples(
    withJson(withNetwork(withWallet(query))),
    'vostro query cash',
    'vostro query cash balances EUR AURLDEFF',
    'vostro query assets holdings BOND-2031 BORLFRPP --save holding.proof',
    'vostro query verify holding.proof --genesis genesis.json',
  ).action(bind(runQuery));
  const verify = query
    .command('verify')
    .description('Verify a proof of the state offline, from the genesis file alone. Asks no node.')
    .argument('<file>', 'the proof')
    .option('--genesis <file>', 'genesis file that is trusted (VOSTRO_GENESIS; the wallet’s when left out)')
    .option('--wallet <directory>', 'directory with genesis.json (VOSTRO_WALLET)');
  withExamples(withJson(verify), 'vostro query verify holding.proof --genesis genesis.json').action(bind(verifyQuery));
}

async function runQuery(invocation: Invocation): Promise<CommandResult> {
  const contract = argument(invocation, 0, 'contract');
  const [, map, ...parts] = invocation.args.flatMap((text) => text ?? []);
  const standard = standardNamed(contract);
  const early = standard === undefined ? await openSession(invocation) : undefined;
  const { abi: whole } = standard ?? (await contractOf(early ?? (await openSession(invocation)), contract));
  if (map === undefined) return listMaps(whole);
  const abi = Object.entries(whole.state).find(([name]) => name === map)?.[1];
  if (abi === undefined) {
    throw usageError('map', `one of ${Object.keys(whole.state).join(', ')}`, `"${map.slice(0, 64)}"`);
  }
  const session = early ?? (await openSession(invocation));
  const key = await readKeyParts(parts, abi, (name) => session.accounts.address(name));
  const found = await session.client.query(contract, map, key);
  const file = invocation.options.text('save');
  if (file !== undefined) await writeOutputFile(file, found.proof);
  const { proof, ...facts } = found;
  const saved = file === undefined ? '' : `\nproof of ${proof.length} bytes written to ${file}`;
  const data = { ...described(facts), ...sealData(facts), ...(file === undefined ? {} : { file }) };
  return { data, text: `${factFields(facts)}\n${sealWords(facts, facts.isAbsent)}${saved}` };
}

function listMaps({ name: contract, state }: ContractAbi): CommandResult {
  const maps = Object.entries(state).map(([name, abi]) => {
    return { name, key: partKinds(abi), value: abi.value };
  });
  const rows = maps.map(({ name, key, value }) => [name, key.join(' '), valueKind(value)]);
  return {
    data: { contract, maps },
    text: formatTable([{ title: 'MAP' }, { title: 'KEY' }, { title: 'VALUE' }], rows),
  };
}

function valueKind(schema: { readonly [keyword: string]: unknown }): string {
  const order = schema['x-order'];
  return Array.isArray(order) ? order.join(', ') : String(schema['x-vostro'] ?? 'value');
}

async function verifyQuery(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'file');
  const { network, verifier, trustedHeight, agreement } = await openOfflineVerification(invocation);
  const state = verifier.verifyState(await readBytesFile(path, LIMITS.proofBytes));
  const facts = describeFacts(state.entries);
  const seal = sealOf(state);
  const shown = facts.filter(({ contract, map }) => contract !== 'contracts' || map !== 'abis');
  const lines = shown.map((fact) => `${factFields(fact)}\n${sealWords(seal, fact.isAbsent)}`);
  return {
    data: {
      valid: true,
      chainId: network.chainId,
      genesis: network.path,
      trustedHeight,
      entries: facts.map(described),
      ...sealData(seal),
    },
    text: `${lines.join('\n\n')}\nfrom ${network.path} of ${network.chainId} alone${agreement === '' ? '' : `, ${agreement}`}`,
  };
}

interface Seal {
  readonly height: number;
  readonly timestamp: number;
  readonly blockHash: string;
  readonly signers: number;
  readonly validators: number;
}

function sealOf({ header, blockHash, signers, validators }: VerifiedState): Seal {
  const { height, timestamp } = header;
  return { height, timestamp, blockHash: toHex(blockHash), signers, validators: validators.length };
}

function sealData({ height, timestamp, blockHash, signers, validators }: Seal): object {
  return { height, timestamp: new Date(timestamp).toISOString(), blockHash, signers, validators };
}

function sealWords({ height, timestamp, signers, validators }: Seal, isAbsent: boolean): string {
  const time = new Date(timestamp).toISOString();
  const what = isAbsent ? 'proven absent' : 'proven';
  return `${what} at height ${height} (${time}) under the certificate of ${signers} of ${validators} validators`;
}

function described({ contract, map, key, isAbsent, value }: DescribedFact): object {
  return { contract, map: map ?? null, key, absent: isAbsent, value };
}

function factFields({ contract, map, key, isAbsent, value }: DescribedFact): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return formatFields([
    ['state', map === undefined ? `${contract}, of no known map` : `${contract}.${map}`],
    ['key', key.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ') || 'the only one'],
    ['value', isAbsent ? 'nothing stands there' : shown],
  ]);
}
