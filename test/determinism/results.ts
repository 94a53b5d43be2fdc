export interface BatteryOptions {
  /** Units for each hostile program. */
  readonly hostileFuel: number;
  /** How many random programs, from the first seed on. */
  readonly programs: number;
  readonly firstSeed: number;
  readonly history: HistoryPartOptions;
}

export interface HistoryPartOptions {
  /** Blocks of random traffic behind the chapters, of the battery's first seed. */
  readonly trafficBlocks: number;
  /** Of the hostile methods, one in so many is called. */
  readonly hostileEvery: number;
  /** JSON: the programs that are deployed and, from the first way to run it on, the blocks that the others are given. */
  readonly file: string;
  /** Plants a contract whose fuel depends on the Node.js that runs it and on its flags: the comparison must fail. */
  readonly impure: boolean;
}

/** What one part of the battery found: the same words wherever it runs, or something is not deterministic. */
export interface PartResult {
  readonly name: string;
  readonly count: number;
  readonly digest: string;
  /** Programs that gave something else on an engine with another past; blocks that were refused. */
  readonly differences: readonly string[];
  readonly milliseconds: number;
}

/** What the wall clock says about one program: printed, never compared. */
export interface Timing {
  readonly name: string;
  readonly ends: string;
  readonly units: number;
  readonly milliseconds: number;
}

export interface BatteryResult {
  readonly parts: readonly PartResult[];
  readonly timings: readonly Timing[];
}
