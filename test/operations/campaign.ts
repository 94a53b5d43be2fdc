import type { ExecutableContract } from '../../contracts/api/host.js';
import type { Receipt } from '../../primitives/types.js';
import { Random, seedOf } from '../simulation/world/random.js';
import { ActionsBook } from './actionsBook.js';
import { AuthorisationBook } from './authorisations.js';
import { Books } from './books.js';
import { CreditBook } from './creditBook.js';
import { type Bookkeeper, eventsOf } from './events.js';
import { type Draft, draft } from './generator.js';
import { HtlcBook } from './htlcBook.js';
import { faultsOf } from './invariants.js';
import { type Executed, OperationsLedger, type Order } from './ledger.js';
import { opening } from './opening.js';
import { OrdersBook } from './ordersBook.js';
import { PauseBook } from './pauses.js';
import { RepoBook } from './repoBook.js';
import { Memory, Scene } from './scene.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';
import { SupervisionBook } from './supervisionBook.js';
import { Tally } from './tally.js';

/** Operations of all contracts, one block after the other, each block looked at. */

/** A block as it can be made again. */
export interface PlayedBlock {
  readonly timestamp: number;
  readonly orders: readonly Order[];
}

export interface Violation {
  /** Operations that had run, those of the block among them. */
  readonly operation: number;
  readonly faults: readonly string[];
  readonly blocks: readonly PlayedBlock[];
}

export interface CampaignOptions {
  readonly seed: number;
  readonly operations: number;
  /** Standard contracts with a bug, in the place of those of their names. */
  readonly replaced?: readonly ExecutableContract[];
  progress?(operations: number, blocks: number): void;
}

export interface CampaignResult {
  readonly operations: number;
  /** Every block that was made. */
  readonly played: readonly PlayedBlock[];
  readonly tally: Tally;
  readonly violation: Violation | undefined;
}

const MOST_ORDERS = 60;
/** Each so-many-th block is followed by one of all that failed in it: nothing may change. */
const REPEAT_EVERY = 8;

/** A ledger with its books: plays blocks, and says what does not hold after each. */
export class CheckedLedger {
  readonly ledger: OperationsLedger;
  readonly #books: readonly Bookkeeper[] = [
    new Books(),
    new HtlcBook(),
    new ActionsBook(),
    new AuthorisationBook(),
    new OrdersBook(),
    new SupervisionBook(),
    new PauseBook(),
    new CreditBook(),
    new RepoBook(),
  ];
  readonly #returned = new Set<string>();
  #snapshot: Snapshot;

  private constructor(ledger: OperationsLedger) {
    this.ledger = ledger;
    this.#snapshot = takeSnapshot(ledger, this.#returned);
  }

  static async open(replaced: readonly ExecutableContract[] = []): Promise<CheckedLedger> {
    return new CheckedLedger(await OperationsLedger.open(replaced));
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  async play({
    orders,
    timestamp,
  }: PlayedBlock): Promise<{ executed: readonly Executed[]; faults: readonly string[] }> {
    const before = this.#snapshot;
    const digest = this.ledger.digest();
    const executed = await this.ledger.settle(orders, timestamp);
    for (const each of executed) for (const book of this.#books) book.note(each, timestamp);
    for (const { receipt } of executed) this.#noteReturned(receipt);
    this.#snapshot = takeSnapshot(this.ledger, this.#returned);
    const told = this.#books.flatMap((book) => book.differences(this.#snapshot));
    const faults = [...faultsOf(before, this.#snapshot, executed), ...told];
    const isNothing = executed.every(({ receipt }) => !receipt.success);
    if (isNothing && this.ledger.digest() !== digest) faults.push('transactions that failed have changed the state');
    return { executed, faults };
  }

  #noteReturned(receipt: Receipt): void {
    for (const { name, data } of eventsOf(receipt)) {
      if (name.endsWith('.LockReturned')) this.#returned.add(`${data['contract']} ${data['lock']}`);
    }
  }
}

/** Runs a seed until it has made so many operations, or something does not hold. */
export async function runCampaign({ seed, operations, replaced, progress }: CampaignOptions): Promise<CampaignResult> {
  const checked = await CheckedLedger.open(replaced);
  const run = new Run(checked, seed);
  try {
    for (const orders of opening()) await run.block(orders.map((order) => ({ order, kinds: [] })));
    while (run.operations < operations && run.violation === undefined) {
      const failed = await run.block(run.drafts());
      if (run.violation === undefined && run.blocks.length % REPEAT_EVERY === 0) await run.block(failed);
      progress?.(run.operations, run.blocks.length);
    }
    const { tally, violation, blocks } = run;
    return { operations: run.operations, played: blocks, tally, violation };
  } finally {
    await checked.ledger.remove();
  }
}

/** What the members' decisions came to at the end of a block, in the report. */
function decidedIn(receipt: Receipt): readonly string[] {
  const decided = eventsOf(receipt).flatMap(({ name }) => (DECIDED.includes(name) ? [`decided: ${name}`] : []));
  return decided.slice(0, 1);
}

const DECIDED = ['assets.LockReturned', 'cash.LockReturned', 'cash.LimitsCleared', 'governance.Failed'];

class Run {
  readonly tally = new Tally();
  readonly blocks: PlayedBlock[] = [];
  operations = 0;
  violation: Violation | undefined;
  readonly #checked: CheckedLedger;
  readonly #random: Random;
  readonly #clock: Random;
  readonly #memory = new Memory();

  constructor(checked: CheckedLedger, seed: number) {
    this.#checked = checked;
    this.#random = new Random(seedOf(seed, 'operations'));
    this.#clock = new Random(seedOf(seed, 'clock'));
  }

  drafts(): readonly Draft[] {
    const scene = new Scene(this.#random, this.#checked.snapshot, this.#memory);
    return Array.from({ length: this.#random.integer(1, MOST_ORDERS) }, () => draft(scene));
  }

  /** @returns what failed */
  async block(drafts: readonly Draft[]): Promise<readonly Draft[]> {
    if (drafts.length === 0) return [];
    const played = { timestamp: this.#nextTime(), orders: drafts.map(({ order }) => order) };
    this.blocks.push(played);
    this.operations += played.orders.reduce((sum, { calls }) => sum + calls.length, 0);
    const { executed, faults } = await this.#checked.play(played);
    for (const { index, receipt } of executed)
      this.tally.note(index < 0 ? decidedIn(receipt) : (drafts[index]?.kinds ?? []), receipt);
    if (faults.length > 0) this.violation = { operation: this.operations, faults, blocks: this.blocks };
    return executed.flatMap(({ index, receipt }) => (receipt.success || index < 0 ? [] : [drafts[index] as Draft]));
  }

  /** Seconds go by from block to block, now and then a night. */
  #nextTime(): number {
    const clock = this.#clock;
    const step = clock.chance(0.01) ? clock.integer(6, 24) * 3_600_000 : clock.integer(200, 6_000);
    return this.#checked.ledger.timestamp + step;
  }
}
