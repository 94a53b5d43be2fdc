import type { Campaign } from './campaign.js';
import type { SeedResult } from './simulateSeed.js';
import { FAULTS } from './world/faults.js';

const PROGRESS_EVERY = 100;
const HOUR_MS = 3_600_000;

/** Adds up what many seeds found, and tells it as it comes. */
export class Report {
  readonly #faults = new Map<string, number>();
  readonly #logged = new Map<string, number>();
  readonly #healed: number[] = [];
  readonly #startMs = performance.now();
  #seeds = 0;
  #failed = 0;
  #events = 0;
  #virtualMs = 0;
  #blocks = 0;
  #transactions = 0;
  #forks = 0;

  constructor(
    private readonly campaign: Campaign,
    private readonly print: (line: string) => void,
  ) {}

  begin(): void {
    const { seeds, nodes, profile, signatures, workers } = this.campaign;
    const range = `${seeds[0]}..${seeds.at(-1)}`;
    this.print(`seeds ${range}, ${nodes} validators, profile ${profile}, ${signatures} signatures, ${workers} workers`);
  }

  add(result: SeedResult, replay: string): void {
    this.#seeds++;
    this.#events += result.events;
    this.#virtualMs += result.virtualMs;
    this.#blocks += result.height;
    this.#transactions += result.transactions;
    this.#healed.push(result.healedAfterMs);
    addUp(this.#faults, result.faults);
    addUp(this.#logged, result.logged);
    const { profile } = this.campaign;
    if (result.violations.some(({ checker }) => checker === 'agreement')) this.#forks++;
    if (result.violations.length > 0) this.#failed++;
    if (profile !== 'beyond' || this.#failed === 1) this.#tell(result, replay);
    if (this.#seeds % PROGRESS_EVERY === 0) this.print(this.#summary());
  }

  #tell({ seed, violations }: SeedResult, replay: string): void {
    if (violations.length === 0) return;
    this.print(`seed ${seed}: ${violations.length} violations`);
    for (const { checker, atMs, text } of violations) this.print(`  [${checker}] at ${Math.round(atMs)} ms: ${text}`);
    this.print(`  replay: ${replay}`);
  }

  /** @returns true when all is as it must be; beyond f faulty validators, that some seed forks and a checker says so */
  end(): boolean {
    this.print('faults that happened:');
    for (const fault of FAULTS) {
      const count = this.#faults.get(fault);
      if (count !== undefined && count > 0) this.print(`  ${`${count}`.padStart(10)}  ${fault}`);
    }
    this.print('what honest nodes went through, by the events of their logs:');
    for (const [event, count] of [...this.#logged].sort()) this.print(`  ${`${count}`.padStart(10)}  ${event}`);
    const healed = this.#healed.toSorted((a, b) => a - b);
    const at = (share: number): string => `${Math.round(healed[Math.floor((healed.length - 1) * share)] ?? 0)} ms`;
    this.print(`a new block everywhere after all faults: median ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`);
    this.print(this.#summary());
    if (this.campaign.profile === 'beyond') {
      this.print(`more than f faulty validators forked the chain in ${this.#forks} seeds, and the checker said so`);
      return this.#forks > 0;
    }
    return this.#failed === 0;
  }

  #summary(): string {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    const hours = (this.#virtualMs / HOUR_MS).toFixed(2);
    const pace = Math.round(this.#virtualMs / 1_000 / seconds);
    return (
      `${this.#seeds} seeds, ${this.#failed} with violations, ${this.#blocks} blocks, ${this.#transactions} transactions, ` +
      `${this.#events} events, ${hours} virtual hours in ${seconds.toFixed(1)} s (${pace} virtual seconds a second)`
    );
  }
}

function addUp(totals: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + count);
}
