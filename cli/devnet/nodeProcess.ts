import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../primitives/errors.js';

export type DevnetErrorCode = 'NODE_DID_NOT_START' | 'NODE_STOPPED' | 'PORT_IN_USE' | 'HOME_FOREIGN' | 'DAY_FAILED';

/** What can go wrong with the local network. */
export class DevnetError extends CodedError<DevnetErrorCode> {}

/** What a node tells the process that forked it. */
export type NodeReport =
  | { readonly type: 'ready'; readonly rpcUrl: string; readonly height: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export interface NodeProcessOptions {
  readonly name: string;
  readonly home: string;
  /** How long it may take until it serves its RPC. */
  readonly startTimeoutMs: number;
  /** How long it may take to stop before it is killed. */
  readonly stopTimeoutMs: number;
  /** The program that runs the node with the arguments of `vostro node start`; `vostro` itself unless told. */
  readonly program?: string;
  /** Options of Node.js for the process, beside those of this one. */
  readonly execArgv?: readonly string[];
}

/** Threads that four nodes keep busy: their main thread, executor, and checks of signatures. */
const BUSY_THREADS = 12;

/**
 * Several nodes share the machine. Where they have no processors to spare, V8's helpers at young garbage take the time of
 * the other nodes and wake for little; a larger young generation leaves less to do. What is old is collected beside the
 * program all the same: in turn with it, large heaps would stand still.
 */
function sharedMachineArgv(): readonly string[] {
  return availableParallelism() < BUSY_THREADS ? ['--max-semi-space-size=32', '--no-parallel-scavenge'] : [];
}

/** One node as a process of its own. It ends by itself when this process dies: the channel between them closes. */
export class NodeProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<number | null> = Promise.resolve(null);

  constructor(private readonly options: NodeProcessOptions) {}

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Starts the process and waits until it serves.
   *
   * @throws DevnetError `NODE_DID_NOT_START` with what the node said
   */
  async start(): Promise<{ readonly rpcUrl: string; readonly height: number }> {
    const { home, execArgv = [], program = fileURLToPath(new URL('../main.js', import.meta.url)) } = this.options;
    const child = fork(program, ['node', 'start', '--home', home], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: nodeEnvironment(),
      execArgv: [...process.execArgv, ...sharedMachineArgv(), ...execArgv],
    });
    this.child = child;
    this.exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    const said = tail(child);
    const report = await this.firstReport(child);
    if (report?.type === 'ready') return report;
    await this.stop();
    const reason = report === undefined ? said() : `${report.code}: ${report.message}`;
    throw new DevnetError('NODE_DID_NOT_START', `the node of ${this.name} did not start: ${reason}`, {
      node: this.name,
      actual: reason,
      hint: `see ${this.options.home}/node.log`,
    });
  }

  private firstReport(child: ChildProcess): Promise<NodeReport | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), this.options.startTimeoutMs);
      const settle = (report: NodeReport | undefined): void => {
        clearTimeout(timer);
        resolve(report);
      };
      child.once('message', (message) => settle(message as NodeReport));
      child.once('exit', () => settle(undefined));
    });
  }

  /** Asks it to stop, waits, and kills it only when it does not. @returns its exit code. */
  async stop(): Promise<number | null> {
    const { child } = this;
    if (child === undefined || !this.running) return this.exited;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), this.options.stopTimeoutMs);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    if (this.running) this.child?.kill('SIGKILL');
    await this.exited;
  }

  /** Resolves when the process has ended, for whatever reason. */
  whenExited(): Promise<number | null> {
    return this.exited;
  }
}

/** Settings of the caller's shell must not reach into the nodes of the local network. */
function nodeEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VOSTRO_')));
}

/** Keeps the last of what the process writes to standard error, to say why it did not start. */
function tail(child: ChildProcess): () => string {
  const kept: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    kept.push(chunk);
    if (kept.length > 20) kept.shift();
  });
  return () => kept.join('').trim().slice(-2_000) || 'it said nothing';
}
