import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CliError } from '../../../cli/errors.js';
import { EXIT, exitCodeOf } from '../../../cli/exitCodes.js';
import { type Envelope, Output } from '../../../cli/output.js';
import { KeyError } from '../../../node/keys/errors.js';
import { CodedError, InvariantError } from '../../../primitives/errors.js';
import { runVostro, runVostroJson } from './fakeHost.js';

class GenesisError extends CodedError {}

describe('the exit code', () => {
  it('says what kind of failure it was, whichever room raised it', () => {
    expect(exitCodeOf(new CliError('USAGE_INVALID', ''))).to.equal(2);
    expect(exitCodeOf(new CliError('CONFIG_INVALID', ''))).to.equal(3);
    expect(exitCodeOf(new GenesisError('GENESIS_MALFORMED', ''))).to.equal(3);
    expect(exitCodeOf(new CliError('PROOF_REFUSED', ''))).to.equal(5);
    expect(exitCodeOf(new CodedError('INSUFFICIENT_FUNDS', ''))).to.equal(5);
    expect(exitCodeOf(new CliError('ACCOUNT_UNKNOWN', ''))).to.equal(6);
    expect(exitCodeOf(new KeyError('PASSWORD_WRONG', ''))).to.equal(7);
    expect(exitCodeOf(new InvariantError(''))).to.equal(1);
    expect(exitCodeOf(new TypeError(''))).to.equal(1);
  });
});

describe('what a command prints', () => {
  const print = (json: boolean, run: (output: Output) => number) => {
    let stdout = '';
    let stderr = '';
    const streams = {
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
    };
    const exitCode = run(new Output(streams, json));
    return { stdout, stderr, exitCode };
  };
  const refused = new CodedError('INSUFFICIENT_FUNDS', 'expected 5, found 3', {
    expected: '5',
    actual: '3',
    hint: 'pay less',
  });

  it('is the result alone on stdout, warnings on stderr', () => {
    const run = print(false, (output) => {
      output.note('working');
      return output.result({ data: { a: 1n }, text: 'done', warnings: ['take care'] });
    });
    expect(run).to.deep.equal({ stdout: 'done\n', stderr: 'working\nwarning: take care\n', exitCode: 0 });
  });

  it('is one envelope with --json, always with the same fields, bigints as strings', () => {
    const good = print(true, (output) => {
      output.note('working');
      return output.result({ data: { a: 10n ** 30n }, text: 'done', warnings: ['take care'] });
    });
    expect(good.stderr).to.equal('');
    expect(JSON.parse(good.stdout)).to.deep.equal({
      schemaVersion: 1,
      success: true,
      data: { a: `1${'0'.repeat(30)}` },
      errors: [],
      warnings: ['take care'],
    });
    const bad = print(true, (output) => output.failure(refused));
    expect(bad.exitCode).to.equal(5);
    expect(JSON.parse(bad.stdout)).to.deep.equal({
      schemaVersion: 1,
      success: false,
      data: null,
      errors: [
        {
          code: 'INSUFFICIENT_FUNDS',
          message: 'expected 5, found 3',
          details: { expected: '5', actual: '3', hint: 'pay less' },
        },
      ],
      warnings: [],
    });
  });

  it('gives the part that worked together with the part that did not', () => {
    const run = print(true, (output) => output.result({ data: { settled: 2 }, text: '', errors: [refused] }));
    const envelope = JSON.parse(run.stdout) as Envelope;
    expect([run.exitCode, envelope.success, envelope.data]).to.deep.equal([5, false, { settled: 2 }]);
  });

  it('tells people what to do, names a transaction whose fate is unknown, and shows a stack for bugs only', () => {
    expect(print(false, (output) => output.failure(refused)).stderr).to.equal(
      'error INSUFFICIENT_FUNDS: expected 5, found 3\n  pay less\n',
    );
    const unknown = new CodedError('WAIT_TIMEOUT', 'no answer', { transactionId: '0xabc' });
    expect(print(false, (output) => output.failure(unknown)).stderr).to.include('transaction 0xabc');
    const bug = print(false, (output) => output.failure(new TypeError('oops')));
    expect(bug.exitCode).to.equal(EXIT.bug);
    expect(bug.stderr).to.include('INTERNAL_ERROR').and.to.include('commandLine.test');
  });
});

describe('the command line', () => {
  it('answers a fault in itself with code 2 and what to do, in JSON where that is asked for', async () => {
    for (const argv of [
      [],
      ['frob'],
      ['keys'],
      ['keys', 'nwe'],
      ['keys', 'list', '--colour'],
      ['keys', 'show'],
      ['keys', 'new', 'a', 'b'],
    ]) {
      const run = await runVostro(argv);
      expect(run.exitCode, argv.join(' ')).to.equal(2);
      expect(run.stdout, argv.join(' ')).to.equal('');
      expect(run.stderr).to.include('USAGE_INVALID').and.to.include('--help');
      expect((await runVostroJson(argv)).envelope.errors[0]?.code).to.equal('USAGE_INVALID');
    }
    expect((await runVostro(['keys', 'nwe'])).stderr).to.include('Did you mean new?');
  });

  it('gives help on stdout with exit code 0', async () => {
    for (const argv of [['--help'], ['keys', '--help'], ['keys', 'new', '--help'], ['completion', '-h']]) {
      const run = await runVostro(argv);
      expect(run.exitCode).to.equal(0);
      expect(run.stderr).to.equal('');
      expect(run.stdout).to.include('Usage: vostro');
    }
  });

  it('has the version of the package', async () => {
    const root = new URL('../../../', import.meta.url).pathname.replace(/(?:dist|\.build\/[^/]+)\/$/, '');
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await runVostro(['--version'])).stdout).to.equal(`${manifest.version}\n`);
  });
});

describe('the settings of the command line', () => {
  let directory: string;
  const config = async (text: string): Promise<string> => {
    const path = join(directory, 'config.toml');
    await writeFile(path, text);
    return path;
  };
  const show = async (argv: readonly string[], environment: Record<string, string> = {}) => {
    const run = await runVostroJson(['config', 'show', ...argv], { environment, homeDirectory: directory });
    const data = run.envelope.data as {
      settings: { key: string; value?: string; origin: string; source: string }[];
    } | null;
    return { ...run, settings: new Map(data?.settings.map((setting) => [setting.key, setting])) };
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-config-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('come from flags before environment before file before defaults, and say from where', async () => {
    const file = await config('rpc = "http://file"\nwallet = "/file"\naccount = "FILE"\n');
    const environment = {
      VOSTRO_RPC: 'http://environment',
      VOSTRO_WALLET: '/environment',
      VOSTRO_CONFIG: file,
      VOSTRO_ACCOUNT: '',
    };
    const { settings } = await show(['--rpc', 'http://flag'], environment);
    expect(settings.get('rpc')).to.deep.equal({ key: 'rpc', value: 'http://flag', origin: 'flag', source: '--rpc' });
    expect(settings.get('wallet')).to.include({
      value: '/environment',
      origin: 'environment',
      source: 'VOSTRO_WALLET',
    });
    expect(settings.get('account')).to.include({ value: 'FILE', origin: 'file', source: file });
    expect(settings.get('timeout_ms')).to.include({ value: '30000', origin: 'default' });
    expect(settings.get('genesis')?.origin).to.equal('unset');
  });

  it('are refused with the place, when a key is unknown, a value of another kind, or the file no TOML', async () => {
    const faults: readonly (readonly [string, string])[] = [
      ['rpcc = "x"', 'rpcc'],
      ['rpc = 5', 'rpc'],
      ['timeout_ms = "soon"', 'timeout_ms'],
      ['timeout_ms = 1', 'timeout_ms'],
      ['[rpc]\nport = 1', 'rpc'],
      ['rpc =', 'line 1'],
    ];
    for (const [text, place] of faults) {
      const run = await show(['--config', await config(text)]);
      expect(run.exitCode, text).to.equal(3);
      expect(run.envelope.errors[0]?.message).to.include(place);
    }
    expect((await show(['--config', join(directory, 'none.toml')])).exitCode).to.equal(3);
    expect((await show([], { VOSTRO_TIMEOUT_MS: 'x' })).envelope.errors[0]?.message).to.include('VOSTRO_TIMEOUT_MS');
  });
});

describe('vostro keys', () => {
  let wallet: string;
  const environment = { VOSTRO_PASSWORD: 'x' };
  const keys = (...argv: readonly string[]) => runVostroJson(['keys', ...argv, '--wallet', wallet], { environment });
  beforeEach(async () => {
    wallet = await mkdtemp(join(tmpdir(), 'vostro-wallet-'));
  });
  afterEach(() => rm(wallet, { recursive: true }));

  it('makes a key, lists it, shows it by label and address, and checks its password', async () => {
    const made = await keys('new', 'ALPHA', '--log-n', '10');
    const { address } = made.envelope.data as { address: string };
    expect(made.exitCode).to.equal(0);
    expect(made.envelope.warnings[0]).to.include('2^10');
    const list = (await keys('list')).envelope.data as { keys: { label: string; address: string }[] };
    expect(list.keys).to.have.length(1);
    expect(list.keys[0]).to.include({ label: 'ALPHA', address });
    expect((await keys('show', address)).envelope.data).to.include({ label: 'ALPHA', address });
    expect((await keys('show', 'ALPHA', '--check')).envelope.data).to.include({ opens: true });
    const wrong = await runVostroJson(['keys', 'show', 'ALPHA', '--check', '--wallet', wallet], {
      environment: { VOSTRO_PASSWORD: 'y' },
    });
    expect([wrong.exitCode, wrong.envelope.errors[0]?.code]).to.deep.equal([7, 'PASSWORD_WRONG']);
  });

  it('never prints a private key or password', async () => {
    const run = await runVostroJson(['keys', 'new', 'A', '--log-n', '10', '--wallet', wallet], {
      environment: { VOSTRO_PASSWORD: 'hunter2' },
    });
    expect(run.stdout + run.stderr).not.to.include('hunter2');
    expect(Object.keys(run.envelope.data as object)).to.deep.equal([
      'label',
      'address',
      'publicKey',
      'file',
      'encryption',
    ]);
  });

  it('fails with code 7 where there is no password, and 6 where there is no such key', async () => {
    expect((await runVostroJson(['keys', 'new', 'A', '--wallet', wallet])).envelope.errors[0]?.code).to.equal(
      'PASSWORD_MISSING',
    );
    const missing = await keys('show', 'B');
    expect([missing.exitCode, missing.envelope.errors[0]?.code]).to.deep.equal([6, 'KEY_NOT_FOUND']);
  });

  it('names files that are no keys as warnings', async () => {
    await writeFile(join(wallet, 'broken.json'), '{}');
    const run = await keys('list');
    expect(run.exitCode).to.equal(0);
    expect(run.envelope.warnings[0]).to.include('broken.json');
  });
});
