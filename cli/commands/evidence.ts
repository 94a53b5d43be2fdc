import type { Command } from 'commander';
import type { EvidenceJson } from '../../api/evidence.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { toChecksum } from '../../primitives/address.js';
import { fromHex, toHex } from '../../primitives/bytes.js';
import {
  decodeEvidence,
  type Evidence,
  evidenceId,
  type SignedVote,
  verifyEvidence,
} from '../../primitives/evidence.js';
import { LIMITS } from '../../primitives/limits.js';
import { COMPRESSED_KEY_BYTES } from '../../primitives/signature.js';
import { CliError, usageError } from '../errors.js';
import { readBytesFile, writeOutputFile } from '../files.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { openSession, type Session } from '../session.js';
import { type Column, formatFields, formatTable } from '../table.js';
import { loadVerifiedNetwork, type TrustedNetwork } from '../trustedNetwork.js';
import { parseTransactionId } from '../values.js';

/** Pages that are asked for: more faults than anybody reads. */
const MAX_PAGES = 40;

const COLUMNS: readonly Column[] = [
  { title: 'id' },
  { title: 'member' },
  { title: 'name' },
  { title: 'fault' },
  { title: 'height', align: 'right' },
  { title: 'round', align: 'right' },
  { title: 'first seen' },
  { title: 'on chain', align: 'right' },
];

/** What a vote is called where people read it. */
const VOTE_NAMES = { proposal: 'Proposal', prepare: 'Prepare', commit: 'Commit', roundChange: 'RoundChange' } as const;

export function register(program: Command, bind: Bind): void {
  const evidence = program.command('evidence').description('Proven faults of validators: two votes that contradict.');
  const list = evidence
    .command('list')
    .description('List the faults that the chain records, and those that the node alone knows of.');
  withExamples(withJson(withNetwork(withWallet(list))), 'vostro evidence list').action(bind(listEvidence));
  const show = evidence
    .command('show')
    .description('Show one fault with both votes. Both signatures are checked here.')
    .argument('<id>', 'id of the evidence')
    .option('--out <file>', 'also write the evidence to a file, for vostro evidence verify');
  withExamples(
    withJson(withNetwork(withWallet(show))),
    'vostro evidence show 0x47…',
    'vostro evidence show 0x47… --out fault.evidence',
  ).action(bind(showEvidence));
  const verify = evidence
    .command('verify')
    .description('Verify evidence offline, from the genesis file alone. Asks no node.')
    .argument('<file>', 'the evidence')
    .option('--public-key <key>', 'of a validator that the genesis file does not know, 33 bytes of hexadecimal')
    .option('--genesis <file>', 'genesis file that is trusted (VOSTRO_GENESIS; the wallet’s when left out)')
    .option('--wallet <directory>', 'directory with genesis.json (VOSTRO_WALLET)');
  withExamples(withJson(verify), 'vostro evidence verify fault.evidence --genesis genesis.json').action(
    bind(verifyFile),
  );
}

async function listEvidence(invocation: Invocation): Promise<CommandResult> {
  const { client } = await openSession(invocation);
  const found: EvidenceJson[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { evidence, nextCursor } = await client.call('evidenceList', cursor === undefined ? {} : { cursor });
    found.push(...evidence);
    cursor = nextCursor;
    if (cursor === undefined) break;
  }
  const rows = found.map((one) => [
    one.id,
    one.member,
    one.name,
    faultOf(one),
    `${one.height}`,
    `${one.round}`,
    one.firstSeenMs === undefined ? '-' : new Date(one.firstSeenMs).toISOString(),
    one.recorded === undefined ? 'no' : `${one.recorded.height}`,
  ]);
  return {
    data: { evidence: found, complete: cursor === undefined },
    text: found.length === 0 ? 'no validator is known to have signed what it must not' : formatTable(COLUMNS, rows),
    ...(cursor === undefined ? {} : { warnings: [`only the first ${found.length} are shown`] }),
  };
}

function faultOf({ kind, vote }: Pick<EvidenceJson, 'kind' | 'vote'>): string {
  return kind === 'amnesia' ? 'amnesia' : `two ${VOTE_NAMES[vote]}s`;
}

async function showEvidence(invocation: Invocation): Promise<CommandResult> {
  const id = parseTransactionId(argument(invocation, 0, 'id'));
  const out = invocation.options.text('out');
  const session = await openSession(invocation);
  const shown = await session.client.call('evidence', { id });
  const bytes = fromHex(shown.proof);
  const evidence = decodeEvidence(bytes);
  if (toHex(evidenceId(evidence)) !== id) throw another(id, toHex(evidenceId(evidence)));
  const key = await keyOf(session, evidence);
  verifyEvidence(evidence, key, session.network.genesisHash, session.backend);
  if (out !== undefined) await writeOutputFile(out, bytes);
  const { recorded, firstSeenMs } = shown;
  const place =
    recorded === undefined
      ? 'not yet'
      : `block ${recorded.height}, ${new Date(recorded.timestamp).toISOString()}, reported by ${recorded.reporter}`;
  const text = formatFields([
    ['evidence', id],
    ['member', `${shown.member} ${shown.name}`],
    ...describeVotes(evidence),
    ['first seen', firstSeenMs === undefined ? 'not by this node' : new Date(firstSeenMs).toISOString()],
    ['on chain', place],
    ['signatures', 'both hold'],
    ...(out === undefined ? [] : [['written to', out] as const]),
  ]);
  return { data: { ...shown, ...dataOf(evidence), valid: true, ...(out === undefined ? {} : { file: out }) }, text };
}

async function verifyFile(invocation: Invocation): Promise<CommandResult> {
  const path = argument(invocation, 0, 'file');
  const named = invocation.options.text('publicKey');
  const { settings } = await invocation.config();
  const { backend } = chooseBackend();
  const network = await loadVerifiedNetwork(settings, backend);
  const evidence = decodeEvidence(await readBytesFile(path, LIMITS.evidenceBytes));
  const owner = ownerIn(network, evidence);
  const key = named === undefined ? owner?.publicKey : readKey(named);
  if (key === undefined) throw unknownKey(network, evidence);
  verifyEvidence(evidence, key, network.genesisHash, backend);
  const id = toHex(evidenceId(evidence));
  const text = formatFields([
    ['evidence', id],
    ['member', owner === undefined ? 'not in the genesis file' : `${owner.bic} ${owner.name}`],
    ...describeVotes(evidence),
    ['proven', `on ${network.chainId}, from ${network.path} alone`],
  ]);
  const data = { valid: true, chainId: network.chainId, genesis: network.path, id, kind: evidence.kind };
  return { data: { ...data, member: owner?.bic ?? null, name: owner?.name ?? null, ...dataOf(evidence) }, text };
}

/** The accused key: the genesis knows most of them, of the others a node tells. It must have the accused address. */
async function keyOf({ network, client }: Session, evidence: Evidence): Promise<Uint8Array> {
  const owner = ownerIn(network, evidence);
  if (owner !== undefined) return owner.publicKey;
  const record = await client.view('membership', 'key', { key: toChecksum(evidence.validator) });
  const key = typeof record === 'object' && record !== null && 'publicKey' in record ? record.publicKey : undefined;
  if (typeof key === 'string') return fromHex(key);
  throw unknownKey(network, evidence);
}

function ownerIn({ genesis }: TrustedNetwork, { validator }: Evidence) {
  for (const { bic, name, keys } of genesis.members) {
    const key = keys.find(({ address }) => address === validator);
    if (key !== undefined) return { bic, name, publicKey: fromHex(key.publicKey) };
  }
  return undefined;
}

function readKey(text: string): Uint8Array {
  if (/^0x[0-9a-f]{66}$/i.test(text)) return fromHex(text, COMPRESSED_KEY_BYTES);
  throw usageError('--public-key', '0x and 66 digits of hexadecimal', `"${text.slice(0, 80)}"`);
}

function describeVotes({ kind, validator, first, second }: Evidence): readonly (readonly [string, string])[] {
  return [
    ['validator', toChecksum(validator)],
    ['fault', kind === 'amnesia' ? 'amnesia: the RoundChange forgets the Commit' : 'two votes where one may be signed'],
    ['first vote', describeVote(first)],
    ['second vote', describeVote(second)],
  ];
}

function describeVote(vote: SignedVote): string {
  const at = `${VOTE_NAMES[vote.type]} for height ${vote.height}, round ${vote.round}`;
  if (vote.type !== 'roundChange') return `${at}, block ${toHex(vote.blockHash)}`;
  const { preparedRound, preparedHash } = vote;
  if (preparedRound === undefined || preparedHash === undefined) return `${at}, nothing prepared`;
  return `${at}, prepared in round ${preparedRound}: block ${toHex(preparedHash)}`;
}

function dataOf({ first, second }: Evidence): object {
  return { votes: [first, second].map(voteData) };
}

function voteData(vote: SignedVote): object {
  const { type, height, round, signature } = vote;
  const position = { type, height, round, signature: toHex(signature) };
  if (vote.type !== 'roundChange') return { ...position, blockHash: toHex(vote.blockHash) };
  const { preparedRound = null, preparedHash } = vote;
  return { ...position, preparedRound, preparedHash: preparedHash === undefined ? null : toHex(preparedHash) };
}

function another(expected: string, actual: string): CliError {
  return new CliError('PROOF_REFUSED', `expected evidence ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'the node answered with another one; ask another node',
  });
}

function unknownKey({ path }: TrustedNetwork, { validator }: Evidence): CliError {
  const address = toChecksum(validator);
  return new CliError('NOT_FOUND', `expected the key of ${address} in ${path}, found none`, {
    expected: `a key with the address ${address}`,
    actual: 'none',
    hint: `it was registered later: ask a node with "vostro view membership key --key ${address}", then give --public-key`,
  });
}
