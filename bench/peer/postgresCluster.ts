import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { appendFile, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BenchError } from '../errors.js';

const run = promisify(execFile);

/** Where Debian keeps the programs of each version. */
const INSTALLED = '/usr/lib/postgresql';
const PROGRAMS = ['initdb', 'postgres', 'pg_basebackup', 'pgbench', 'psql'] as const;
/** The account that Debian makes for it: the server refuses to run as root. */
const SERVER_ACCOUNT = 'postgres';
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 100;
const MAX_OUTPUT_BYTES = 16_777_216;
const STANDBY = 'standby';
const DATABASE = 'postgres';

type Program = (typeof PROGRAMS)[number];

/** Who the servers and their tools run as; the caller itself unless that is root. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A PostgreSQL primary with one synchronous standby in a temporary directory: a transaction is acknowledged when its log
 * is flushed on both, as a bank would run it that trusts its two servers.
 */
export class PostgresCluster {
  readonly #processes: ChildProcess[] = [];

  private constructor(
    readonly version: string,
    private readonly bin: string,
    private readonly home: string,
    private readonly account: Account | undefined,
    private readonly ports: { readonly primary: number; readonly standby: number },
  ) {}

  /** @throws BenchError `PEER_MISSING` where the programs are not installed, `NETWORK_NOT_READY` */
  static async start(): Promise<PostgresCluster> {
    const { bin, version } = findPrograms();
    const account = await serverAccount();
    const home = await mkdtemp(join(tmpdir(), 'vostro-postgres-'));
    chmodSync(home, 0o700);
    if (account !== undefined) await chown(home, account.uid, account.gid);
    const ports = { primary: await freePort(), standby: await freePort() };
    const cluster = new PostgresCluster(version, bin, home, account, ports);
    try {
      await cluster.#start();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Runs SQL on the primary, or on the standby. @returns rows as text, columns separated by `|` */
  async sql(text: string, server: 'primary' | 'standby' = 'primary'): Promise<string> {
    const args = ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-c', text];
    return (await this.#run('psql', args, { port: this.ports[server] })).trim();
  }

  /** Runs `pgbench` against the primary in a directory of its own. @returns what it printed */
  async bench(args: readonly string[], directory: string): Promise<string> {
    return this.#run('pgbench', args, { cwd: directory });
  }

  /** A directory below the cluster's own, which the tools may write to. */
  async directory(name: string): Promise<string> {
    const path = join(this.home, name);
    await mkdir(path, { recursive: true });
    if (this.account !== undefined) await chown(path, this.account.uid, this.account.gid);
    return path;
  }

  /** Waits until the standby has applied everything that the primary has written. @throws BenchError */
  async caughtUp(): Promise<void> {
    const written = await this.sql('SELECT pg_current_wal_lsn()');
    await until('the standby to apply everything', async () => {
      return (await this.sql(`SELECT pg_last_wal_replay_lsn() >= '${written}'`, 'standby')) === 't';
    });
  }

  /** Ends both servers and removes their files. */
  async stop(): Promise<void> {
    for (const child of this.#processes.toReversed()) await stopServer(child);
    await rm(this.home, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const [primary, standby] = [join(this.home, 'primary'), join(this.home, STANDBY)];
    await this.#run('initdb', ['-D', primary, '-A', 'trust', '-U', DATABASE, '-E', 'UTF8', '--no-locale']);
    await appendFile(join(primary, 'postgresql.conf'), settingsOf(this.home));
    await this.#serve(primary, this.ports.primary);
    const { primary: port } = this.ports;
    const from = `host=127.0.0.1 port=${port} user=${DATABASE} application_name=${STANDBY}`;
    await this.#run('pg_basebackup', ['-D', standby, '-R', '-c', 'fast', '-X', 'stream', '-d', from]);
    await this.#serve(standby, this.ports.standby);
    // Only now: a primary that waits for a standby that is not there yet would wait for ever.
    await this.sql(`ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`);
    await this.sql('SELECT pg_reload_conf()');
    await until('the standby to be synchronous', async () => {
      return (await this.sql('SELECT sync_state FROM pg_stat_replication')) === 'sync';
    });
  }

  async #serve(directory: string, port: number): Promise<void> {
    const child = spawn(join(this.bin, 'postgres'), ['-D', directory, '-p', `${port}`], {
      ...this.account,
      stdio: 'ignore',
    });
    this.#processes.push(child);
    const server = port === this.ports.primary ? 'primary' : 'standby';
    await until(`the ${server} to answer`, async () => (await this.sql('SELECT 1', server)) === '1');
  }

  /** The tools find a server, the primary unless told, by their environment. */
  async #run(
    program: Program,
    args: readonly string[],
    { cwd = this.home, port = this.ports.primary }: { readonly cwd?: string; readonly port?: number } = {},
  ): Promise<string> {
    const env = { PATH: process.env['PATH'], ...addressOf(port) };
    const options = { ...this.account, cwd, env, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' } as const;
    return (await run(join(this.bin, program), args, options)).stdout;
  }
}

function addressOf(port: number): Readonly<Record<string, string>> {
  return { PGHOST: '127.0.0.1', PGPORT: `${port}`, PGUSER: DATABASE, PGDATABASE: DATABASE };
}

/** Durable on both servers before a commit is acknowledged; memory for a hundred thousand accounts and their indexes. */
function settingsOf(home: string): string {
  return [
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${home}'`,
    'fsync = on',
    'synchronous_commit = on',
    'full_page_writes = on',
    'wal_level = replica',
    'max_wal_senders = 4',
    'max_wal_size = 4GB',
    'shared_buffers = 512MB',
    'max_connections = 64',
    '',
  ].join('\n');
}

function findPrograms(): { readonly bin: string; readonly version: string } {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) {
    const bin = join(INSTALLED, version, 'bin');
    if (PROGRAMS.every((program) => existsSync(join(bin, program)))) return { bin, version };
  }
  throw new BenchError('PEER_MISSING', `expected PostgreSQL with pgbench below ${INSTALLED}, found none`, {
    expected: PROGRAMS.join(', '),
    actual: versions.join(', ') || 'nothing',
    hint: 'apt-get install postgresql postgresql-contrib',
  });
}

/** @throws BenchError `PEER_MISSING` for root without the account */
async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => run('id', [flag, SERVER_ACCOUNT])));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    throw new BenchError('PEER_MISSING', `expected an account "${SERVER_ACCOUNT}" for the servers, found none`, {
      expected: SERVER_ACCOUNT,
      hint: 'apt-get install postgresql makes it; or run this as another user than root',
    });
  }
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Fast shutdown: open sessions are ended, what is committed stays.
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    if (await isSo().catch(() => false)) return;
    await sleep(POLL_MS);
  }
  throw new BenchError('NETWORK_NOT_READY', `waited ${READY_TIMEOUT_MS} ms for ${what}`, { expected: what });
}
