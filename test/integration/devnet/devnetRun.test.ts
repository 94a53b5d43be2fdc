import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Envelope } from '../../../cli/output.js';
import { freeBasePort } from '../../support/processes/processNetwork.js';

interface DayData {
  readonly day: {
    readonly day: string;
    readonly files: readonly { readonly report: { settled: { count: number } } }[];
  };
  readonly stateRoots: readonly { readonly stateRoot: string }[];
  readonly height: number;
  readonly held: string;
  readonly outstanding: string;
  readonly faults: readonly string[];
}

/** What `npm start -- --once` runs once it has installed and built. */
async function settleDay(
  home: string,
  basePort: number,
): Promise<{ readonly code: number | null; readonly data: DayData }> {
  const main = fileURLToPath(new URL('../../../cli/main.js', import.meta.url));
  const args = ['devnet', 'run', '--once', '--home', home, '--base-port', String(basePort), '--json'];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, data: (JSON.parse(text) as Envelope).data as DayData };
}

describe('a local network', function () {
  this.timeout(300_000);
  let directory: string;
  let first: Awaited<ReturnType<typeof settleDay>>;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-devnet-'));
    first = await settleDay(join(directory, 'net'), await freeBasePort());
  });

  after(() => rm(directory, { recursive: true, force: true }));

  it('settles every good row, refuses every bad one, and ends with one state root and all its money', () => {
    expect(first.data.faults).to.deep.equal([]);
    expect(first.code).to.equal(0);
    expect(first.data.day.files.map(({ report }) => report.settled.count)).to.deep.equal([2_000, 8]);
    expect(first.data.stateRoots).to.have.length(5);
    expect(new Set(first.data.stateRoots.map(({ stateRoot }) => stateRoot)).size).to.equal(1);
    expect(first.data.held).to.equal(first.data.outstanding);
  });

  it('continues its chain with the next business day, also on other ports', async () => {
    const second = await settleDay(join(directory, 'net'), await freeBasePort());
    expect(second.data.faults).to.deep.equal([]);
    expect(second.code).to.equal(0);
    expect(second.data.height).to.be.greaterThan(first.data.height);
    expect(second.data.day.day > first.data.day.day).to.equal(true);
  });
});
