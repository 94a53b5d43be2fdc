import { cash, evidence } from '../../../contracts/index.js';
import { equalBytes, toHex } from '../../../primitives/bytes.js';
import { decodeTransaction, transactionLeaf } from '../../../primitives/transaction.js';
import type { Block } from '../../../primitives/types.js';
import { faultTolerance } from '../../../primitives/validator.js';
import { naiveStateRoot } from '../../support/naiveStateTree.js';
import { Books } from '../checkers/money.js';
import { rowDigests, stateValues } from '../checkers/replicas.js';
import type { Violation } from '../checkers/violations.js';
import { PATHS, type SimulatedNode } from './node.js';
import { CURRENCY } from './settlement.js';
import type { SimulatedWorld } from './simulatedWorld.js';

/** What came of a world. */
export interface RunResult {
  readonly violations: readonly Violation[];
  readonly faults: Readonly<Record<string, number>>;
  /** What honest nodes went through, by the events of their logs. */
  readonly logged: Readonly<Record<string, number>>;
  readonly events: number;
  readonly virtualMs: number;
  readonly height: number;
  readonly transactions: number;
  /** From the end of all faults to a new block at every honest node. */
  readonly healedAfterMs: number;
  /** A digest of everything that happened. */
  readonly trace: string;
}

/** Events after which a world is stuck in itself. */
const MAX_EVENTS = 3_000_000;
const SECOND_MS = 1_000;

/**
 * How long after the end of all faults every honest node must have a new block. A clock that was fast may have put a
 * timestamp 2 · 10 s ahead, which others' clocks must first come near; then come a heartbeat and, with up to f silent
 * leaders in a row, f + 2 rounds at their cap, and time to connect and to catch up.
 */
export function healBoundMs(world: SimulatedWorld): number {
  const { parameters } = world.nodes[0]?.ground.genesis ?? world.settlement.genesis;
  const rounds = faultTolerance(world.nodes.length) + 2;
  const skewMs = 2 * world.options.weather.skewMs;
  return skewMs + parameters.heartbeatMs + rounds * parameters.roundTimeoutCapMs + 15 * SECOND_MS;
}

/** Lets a world run through its bad days, then into peace, and looks at all of it. */
export async function runWorld(world: SimulatedWorld): Promise<RunResult> {
  const { weather } = world.options;
  const isEndless = (): boolean => world.time.events > MAX_EVENTS;
  // Once the chain has forked, nothing that comes after it means anything.
  const isOver = (): boolean => world.violations.has('agreement') || isEndless();
  await world.begin();
  await world.runUntil(weather.healAtMs, isOver);
  const healedAfterMs = isOver() ? 0 : await restInPeace(world);
  const { time, violations, faults } = world;
  if (isEndless()) violations.add('liveness', `nothing ends after ${MAX_EVENTS} events`);
  return {
    violations: violations.all,
    faults: faults.toJson(),
    logged: Object.fromEntries(world.events),
    events: time.events,
    virtualMs: time.nowMs,
    height: world.chain.height,
    transactions: world.clients.submissions.size,
    healedAfterMs,
    trace: (time.trace >>> 0).toString(16).padStart(8, '0'),
  };
}

/** @returns milliseconds from the end of all faults to a new block at every honest node */
async function restInPeace(world: SimulatedWorld): Promise<number> {
  world.makePeace();
  const healedAfterMs = await awaitHealing(world);
  world.clients.stopPaying();
  await awaitFinality(world);
  if (!world.violations.has('agreement')) await checkEnd(world);
  return healedAfterMs;
}

async function awaitHealing(world: SimulatedWorld): Promise<number> {
  const { time, fit } = world;
  const startMs = time.nowMs;
  const height = world.chain.height;
  const isHealed = (): boolean => fit.every((node) => node.height > height);
  const boundMs = healBoundMs(world);
  if (!(await world.runUntil(startMs + boundMs, isHealed))) {
    const heights = fit.map((node) => `${node.name} ${node.life === undefined ? 'down' : node.height}`).join(', ');
    world.violations.add('liveness', `no block above ${height} everywhere ${boundMs} ms after all faults: ${heights}`);
  }
  return time.nowMs - startMs;
}

/** Until every client has its answer and all replicas stand at one height. */
async function awaitFinality(world: SimulatedWorld): Promise<void> {
  const { time, clients, fit, violations } = world;
  const boundMs = time.nowMs + healBoundMs(world) + 30 * SECOND_MS;
  let pending = clients.unacknowledged;
  const isFinal = (): boolean => {
    if (pending.some(({ acknowledged }) => acknowledged === undefined)) return false;
    pending = clients.unacknowledged;
    return pending.length === 0;
  };
  if (!(await world.runUntil(boundMs, isFinal))) {
    violations.add('liveness', `${clients.unacknowledged.length} transactions are not final in peace`);
  }
  // At the newest height that any honest node has, so that everything that was promised is there; and nobody is writing
  // the next one, because the world stands still while it is looked at.
  const isLevel = (): boolean => fit.every((node) => node.isIdle && headOf(node) === world.chain.height);
  if (!(await world.runUntil(time.nowMs + 60 * SECOND_MS, isLevel))) {
    violations.add('liveness', `honest nodes never stand at one height: ${fit.map(headOf).join(', ')}`);
  }
}

/** Of what is on its disk; -1 while it is down. */
function headOf(node: SimulatedNode): number {
  return node.core === undefined ? -1 : (node.executor?.head().header.height ?? -1);
}

async function checkEnd(world: SimulatedWorld): Promise<void> {
  const { fit, chain } = world;
  const isSigned = signedTransactions(world);
  const highest = Math.max(...fit.map(headOf));
  for (const node of fit) {
    if (headOf(node) < highest || node.executor === undefined) continue;
    const blocks: Block[] = [];
    for (let height = 1; height <= highest; height += 64) {
      blocks.push(...(await node.executor.blocks(height, 64, 1_000_000_000)).map(({ block }) => block));
    }
    chain.checkBlocks(node.name, blocks, isSigned);
    checkStateRoot(world, node, blocks);
    await checkBooks(world, node, blocks);
    await checkEvidence(world, node);
  }
  checkReplicas(
    world,
    fit.filter((node) => headOf(node) === highest),
  );
}

/** Every word that was given is true, and the money is where other books say. */
async function checkBooks(world: SimulatedWorld, node: SimulatedNode, blocks: readonly Block[]): Promise<void> {
  const { clients, settlement, violations } = world;
  const books = new Books(settlement.banks.map(({ key }) => key.address));
  const byLeaf = new Map([...clients.submissions.values()].map((each) => [toHex(transactionLeaf(each.bytes)), each]));
  const final = new Map<string, { readonly height: number; readonly isSuccess: boolean }>();
  for (const { header, transactions } of blocks) {
    for (const bytes of transactions) {
      const submission = byLeaf.get(toHex(transactionLeaf(bytes)));
      if (submission === undefined) continue;
      final.set(toHex(submission.id), { height: header.height, isSuccess: books.settle(submission.intent) });
    }
  }
  for (const [id, { acknowledged }] of clients.submissions) {
    if (acknowledged === undefined) continue;
    const found = final.get(id);
    if (found?.height === acknowledged.height && found.isSuccess === acknowledged.isSuccess) continue;
    const word = `${acknowledged.node} says final at ${acknowledged.height}, success ${acknowledged.isSuccess}`;
    violations.add('finality', `${id}: ${word}; ${node.name} has ${found?.height} ${found?.isSuccess}`);
  }
  await checkMoney(world, node, books);
}

async function checkMoney({ violations }: SimulatedWorld, node: SimulatedNode, books: Books): Promise<void> {
  const { executor } = node;
  if (executor === undefined) return;
  const ask = async <A, T>(
    {
      args,
      returns,
    }: {
      readonly args: { encode(value: A): Uint8Array };
      readonly returns?: { decode(bytes: Uint8Array): T } | undefined;
    },
    method: string,
    value: A,
  ): Promise<T | undefined> => returns?.decode(await executor.view('cash', method, args.encode(value)));
  let total = 0n;
  for (const [account, expected] of books.balances) {
    const actual = await ask(cash.methods.balance, 'balance', { currency: CURRENCY, account });
    total += actual ?? 0n;
    if (actual !== expected)
      violations.add('money', `${node.name}: ${account} has ${actual}, by the books ${expected}`);
  }
  const supply = await ask(cash.methods.supply, 'supply', { currency: CURRENCY });
  if (supply === undefined || total !== supply.issued - supply.redeemed || supply.issued !== books.issued) {
    violations.add('money', `${node.name}: balances are ${total}, supply ${supply?.issued} - ${supply?.redeemed}`);
  }
}

function checkReplicas({ violations }: SimulatedWorld, nodes: readonly SimulatedNode[]): void {
  const [first, ...others] = nodes;
  const rows = first?.disk.database(PATHS.chain);
  if (first === undefined || rows === undefined) return;
  const expected = rowDigests(rows);
  for (const node of others) {
    const found = rowDigests(node.disk.database(PATHS.chain) ?? rows);
    for (const kind of new Set([...expected.keys(), ...found.keys()])) {
      if (expected.get(kind) === found.get(kind)) continue;
      violations.add('replicas', `rows of kind ${kind} differ between ${first.name} and ${node.name}`);
    }
  }
}

/** The root of the newest header is that of the values on the disk, worked out anew from all of them. */
function checkStateRoot({ violations }: SimulatedWorld, node: SimulatedNode, blocks: readonly Block[]): void {
  const rows = node.disk.database(PATHS.chain);
  const newest = blocks.at(-1);
  if (rows === undefined || newest === undefined) return;
  const { stateTreeDepth: treeDepth, statePageEntries: pageEntries } = node.ground.genesis.parameters;
  const root = naiveStateRoot(stateValues(rows), { treeDepth, pageEntries });
  if (equalBytes(root, newest.header.stateRoot)) return;
  violations.add(
    'validity',
    `${node.name}: the state at ${blocks.length} has the root ${toHex(root)}, the header another`,
  );
}

/**
 * Whether somebody signed the transaction: a client of this world, or a validator that reports evidence with its own key.
 * Checked here by itself, with nothing that an executor says.
 */
function signedTransactions(world: SimulatedWorld): (bytes: Uint8Array) => boolean {
  const { clients, settlement, backend, nodes } = world;
  const leaves = new Set([...clients.submissions.values()].map(({ bytes }) => toHex(transactionLeaf(bytes))));
  const keys = new Map(settlement.banks.map(({ key }) => [key.address, key.publicKey]));
  const { genesisHash } = nodes[0]?.ground ?? world.node(0).ground;
  return (bytes) => {
    if (leaves.has(toHex(transactionLeaf(bytes)))) return true;
    const { id, body, signatures } = decodeTransaction(bytes, genesisHash);
    const publicKey = keys.get(body.sender);
    const isReport = body.calls.every(({ contract }) => contract === 'evidence');
    const signature = signatures[0]?.signature;
    return isReport && publicKey !== undefined && signature !== undefined && backend.verify(signature, id, publicKey);
  };
}

/** No evidence accuses an honest validator, neither what a node keeps nor what the chain records. */
async function checkEvidence(world: SimulatedWorld, node: SimulatedNode): Promise<void> {
  const trusted = world.nodes.filter(({ isHonest }) => isHonest);
  const honest = new Map(trusted.map(({ name, options }) => [options.bank.key.address as string, name]));
  const { args, returns } = evidence.methods.list;
  const recorded = returns?.decode(
    (await node.executor?.view('evidence', 'list', args.encode({ limit: 1_000 }))) ?? new Uint8Array(),
  );
  const kept = (node.core?.engine.evidence() ?? []).map((each) => each.evidence);
  for (const { kind, validator } of [...kept, ...(recorded ?? [])]) {
    const name = honest.get(validator);
    if (name !== undefined) world.violations.add('evidence', `${node.name} holds evidence of ${kind} against ${name}`);
  }
}
