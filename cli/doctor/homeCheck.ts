import { access, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { genesisHash } from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import { signingJournalFiles } from '../../node/home.js';
import { type ConfigSources, resolveConfig } from '../../node/ops/config.js';
import type { NodeSettings } from '../../node/ops/settings.js';
import { freeSpace } from '../../node/storage/freeSpace.js';
import { toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { readGenesisFile } from '../trustedNetwork.js';
import type { Finding, FindingCode, Severity } from './finding.js';

/** What a home's files say. */
export interface HomeReport {
  readonly findings: readonly Finding[];
  /** Where its node serves; undefined when its settings are wrong. */
  readonly rpcUrl: string | undefined;
  readonly genesisHash: string | undefined;
}

/** Everybody but the owner. */
const OTHERS_MODE = 0o077;

/** Looks at the files of a node's home; nothing in it is changed, and no key is opened. */
export async function examineHome(sources: ConfigSources): Promise<HomeReport> {
  const { home } = sources;
  const check = new HomeCheck(home);
  const settings = check.settings(sources);
  if (settings === undefined) return { findings: check.findings, rpcUrl: undefined, genesisHash: undefined };
  const genesis = await check.genesis(settings.genesisFile);
  await check.keys(settings);
  await check.journal(settings);
  await check.disk(settings);
  check.doors(settings);
  if (genesis !== undefined) check.addresses(genesis, settings);
  return {
    findings: check.findings,
    rpcUrl: rpcUrlOf(settings),
    genesisHash: genesis === undefined ? undefined : toHex(genesisHash(genesis)),
  };
}

/** Whether the ports of a node that does not answer could be had, so that it could be started. */
export async function examinePorts(sources: ConfigSources): Promise<readonly Finding[]> {
  const check = new HomeCheck(sources.home);
  const settings = check.settings(sources);
  if (settings !== undefined) await check.ports(settings);
  return check.findings.filter(({ code }) => code === 'PORT_IN_USE');
}

function rpcUrlOf({ rpcHost, rpcPort }: NodeSettings): string {
  const host = rpcHost === '0.0.0.0' || rpcHost === '::' ? '127.0.0.1' : rpcHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${rpcPort}`;
}

class HomeCheck {
  readonly findings: Finding[] = [];

  constructor(private readonly home: string) {}

  settings(sources: ConfigSources): NodeSettings | undefined {
    try {
      return resolveConfig(sources).settings;
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.add('CONFIG_INVALID', 'critical', error.message, error.details.hint ?? 'correct the setting that it names');
      return undefined;
    }
  }

  async genesis(path: string): Promise<Genesis | undefined> {
    try {
      return await readGenesisFile(path);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const action = 'put the network’s genesis file there by vostro node join';
      this.add('FILE_MISSING', 'critical', `the genesis file cannot be used: ${error.message}`, action);
      return undefined;
    }
  }

  async keys({ networkKeystore, validatorKeystore, passwordFile }: NodeSettings): Promise<void> {
    const files = [
      ['the keystore of the network key', networkKeystore],
      ['the keystore of the validator key', validatorKeystore],
      ['the password file', passwordFile],
    ] as const;
    for (const [what, path] of files) if (path !== undefined) await this.secret(what, path);
  }

  private async secret(what: string, path: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) {
      const action = 'without it the node does not start: restore it, or correct the setting that names it';
      this.add('FILE_MISSING', 'critical', `expected ${what} at ${path}, found none`, action);
      return;
    }
    if ((found.mode & OTHERS_MODE) === 0) return;
    const mode = (found.mode & 0o777).toString(8);
    this.add('FILE_READABLE', 'warning', `${what} at ${path} is open to others (mode ${mode})`, `chmod 600 ${path}`);
  }

  async journal({ validatorKeystore, journalDirectory }: NodeSettings): Promise<void> {
    if (validatorKeystore === undefined) return;
    const { journal, marker } = signingJournalFiles(journalDirectory);
    for (const path of [journal, marker]) {
      if (await exists(path)) continue;
      const action =
        'start the node: it asks the other validators how far its key may have signed, and signs nothing until it knows';
      this.add('JOURNAL_MISSING', 'warning', `expected ${path} of the signing journal, found none`, action);
      return;
    }
  }

  async disk({ dataDirectory, freeSpaceWatermarkBytes: lowBytes }: NodeSettings): Promise<void> {
    const path = (await exists(dataDirectory)) ? dataDirectory : this.home;
    const criticalBytes = Math.floor(lowBytes / 2);
    const space = await freeSpace(path, { lowBytes, criticalBytes }).catch(() => undefined);
    if (space === undefined || space.level === 'ok') return;
    const summary = `${space.freeBytes} bytes are free on the disk of ${path}, below the watermark of ${lowBytes}`;
    this.add('DISK_LOW', space.level === 'low' ? 'warning' : 'critical', summary, 'make room on it');
  }

  doors({ rpcHost }: NodeSettings): void {
    if (rpcHost === 'localhost' || rpcHost === '::1' || rpcHost.startsWith('127.')) return;
    const summary = `the RPC listens on ${rpcHost}: whoever reaches it may submit and ask`;
    this.add(
      'RPC_EXPOSED',
      'warning',
      summary,
      'set rpc.host to 127.0.0.1, or let only your own machines reach the port',
    );
  }

  addresses({ members }: Genesis, { peerAddresses }: NodeSettings): void {
    const configured = new Set(peerAddresses.map((entry) => entry.slice(0, Math.max(0, entry.indexOf('=')))));
    const without = members.filter(({ nodes }) =>
      nodes.some(
        ({ peerId, role, addresses }) => role === 'validator' && addresses.length === 0 && !configured.has(peerId),
      ),
    );
    if (without.length === 0) return;
    const names = without.map(({ bic }) => bic).join(', ');
    const summary = `neither genesis nor network.peers says where ${names} can be reached: this node waits to be dialled`;
    this.add(
      'PEER_WITHOUT_ADDRESS',
      'info',
      summary,
      'add network.peers entries where those nodes cannot dial this one',
    );
  }

  async ports({ rpcHost, rpcPort, listenAddresses }: NodeSettings): Promise<void> {
    const doors = listenAddresses.flatMap((address) => {
      const [, host, port] = /^\/ip[46]\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? [];
      return host === undefined || port === undefined
        ? []
        : [{ what: `network.listen ${address}`, host, port: Number(port) }];
    });
    for (const { what, host, port } of [{ what: 'rpc.port', host: rpcHost, port: rpcPort }, ...doors]) {
      if (port === 0 || (await isFree(host, port))) continue;
      const summary = `port ${port} of ${host} (${what}) is in use, and not by a node that answers`;
      this.add('PORT_IN_USE', 'critical', summary, 'find out what listens there, or choose another port');
    }
  }

  private add(code: FindingCode, severity: Severity, summary: string, action: string): void {
    this.findings.push({ code, severity, subject: this.home, summary, action });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
