import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a node of the drill can be made to die. */
export const FAILPOINTS = [
  'journal.beforeWrite',
  'journal.betweenCopies',
  'journal.afterWrite',
  'send.before',
  'send.some',
  'send.after',
  'body.beforeWrite',
  'body.duringWrite',
  'body.afterWrite',
  'commit.before',
  'commit.during',
  'commit.after',
  /** These are passed while a node starts. */
  'start.markerBeforeSync',
  'start.markerBeforeRename',
  'start.markerAfterRename',
  'start.journalBeforeWrite',
  'start.evidence',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/** The node dies when it passes `point` for the `count`-th time from now on. */
export interface ArmedFailpoint {
  readonly point: Failpoint;
  readonly count: number;
}

/** Beside the files of a node's home: what it is to die of. */
export function failpointFile(home: string): string {
  return join(home, 'failpoint.json');
}

/** What is armed in one thread of a node. */
export class Failpoints {
  private armed: { readonly point: Failpoint; left: number } | undefined;
  /** Nothing more is written or sent: the process dies in a moment. */
  private isFrozen = false;

  constructor(private readonly file: string) {
    this.read();
  }

  get frozen(): boolean {
    return this.isFrozen;
  }

  /** Arms what the file says; nothing where there is none. */
  read(): ArmedFailpoint | undefined {
    let armed: ArmedFailpoint | undefined;
    try {
      armed = JSON.parse(readFileSync(this.file, 'utf8')) as ArmedFailpoint;
    } catch {
      armed = undefined;
    }
    this.arm(armed);
    return armed;
  }

  arm(armed: ArmedFailpoint | undefined): void {
    this.armed = armed === undefined ? undefined : { point: armed.point, left: armed.count };
  }

  /** True when this is the passage of the point that the node is to die at. */
  isDue(point: Failpoint): boolean {
    if (this.armed?.point !== point) return false;
    this.armed.left--;
    return this.armed.left === 0;
  }

  /** Dies where that is due. */
  pass(point: Failpoint): void {
    if (this.isDue(point)) die();
  }

  /** Dies once what was given to the operating system's sockets has had the time to leave. */
  freezeAndDie(afterMs: number): void {
    this.isFrozen = true;
    setTimeout(die, afterMs);
  }
}

/** Ends the process at once, as a power cut would: nothing of it runs after this call. */
export function die(afterMs = 0): never {
  const never = new Int32Array(new SharedArrayBuffer(4));
  if (afterMs > 0) Atomics.wait(never, 0, 0, afterMs);
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(never, 0, 0);
}
