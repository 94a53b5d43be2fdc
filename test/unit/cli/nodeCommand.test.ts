import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runVostroJson } from './fakeHost.js';

const environment = { VOSTRO_PASSWORD: 'x' };

describe('vostro node', () => {
  let directory: string;
  const at = (...names: readonly string[]): string => join(directory, ...names);
  const run = (...argv: readonly string[]) => runVostroJson(['node', ...argv], { environment });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-node-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  interface Identity {
    readonly peerId: string;
    readonly validator: string;
    readonly publicKey: string;
    readonly possession: string;
  }

  async function init(home: string): Promise<Identity> {
    const made = await run('init', '--home', home, '--log-n', '10', '--chain-id', 'test-1', '--member', 'AURLDEFF');
    expect(made.envelope.errors).to.deep.equal([]);
    return made.envelope.data as Identity;
  }

  async function writeGenesis({ peerId, validator, publicKey, possession }: Identity): Promise<void> {
    const member = {
      bic: 'AURLDEFF',
      lei: '529900AURELIABANK004',
      name: 'Aurelia Bank',
      roles: ['centralBank', 'bank'],
      keys: [{ publicKey, possession }],
      accounts: [{ label: 'settlement', keys: [validator] }],
      nodes: [{ peerId, role: 'validator', addresses: [] }],
      validator,
    };
    const currencies = [{ code: 'EUR', decimals: 2, issuer: 'AURLDEFF' }];
    await writeFile(
      at('network.json'),
      JSON.stringify({ chainId: 'test-1', timestamp: 1, currencies, members: [member] }),
    );
    const built = await runVostroJson(['genesis', 'build', at('network.json'), '--out', at('genesis.json')]);
    expect(built.envelope.errors).to.deep.equal([]);
  }

  it('makes the keys of a validator, what the genesis needs of them, and a home that is ready to start', async () => {
    const identity = await init(at('node'));
    await writeGenesis(identity);
    const joined = await run(
      'join',
      '--home',
      at('node'),
      '--genesis',
      at('genesis.json'),
      '--name',
      'alpha',
      '--rpc-port',
      '1234',
    );
    expect(joined.envelope.errors).to.deep.equal([]);
    for (const name of ['validator.json', 'network.json']) {
      expect((await stat(at('node', 'keys', name))).mode & 0o777).to.equal(0o600);
    }
    const config = await run('config', '--home', at('node'), '--origin', '--set', 'log.level=debug');
    const { settings } = config.envelope.data as { settings: { key: string; value: unknown; origin: string }[] };
    const setting = (key: string) => settings.find((candidate) => candidate.key === key);
    expect(setting('rpc.port')).to.include({ value: 1234, origin: 'file' });
    expect(setting('log.level')).to.include({ value: 'debug', origin: 'flag' });
    expect(setting('name')).to.include({ value: 'alpha', origin: 'file' });
    expect(setting('keys.validator')).to.include({ value: at('node', 'keys', 'validator.json') });
  });

  it('keeps the keys that a home has, and gives a key its first journal once', async () => {
    const identity = await init(at('node'));
    const before = await readFile(at('node', 'keys', 'validator.json'), 'utf8');
    expect((await run('init', '--home', at('node'))).envelope.errors[0]?.code).to.equal('NODE_HOME_EXISTS');
    expect(await readFile(at('node', 'keys', 'validator.json'), 'utf8')).to.equal(before);
    await writeGenesis(identity);
    await run('join', '--home', at('node'), '--genesis', at('genesis.json'));
    const again = await run('join', '--home', at('node'), '--genesis', at('genesis.json'));
    expect([again.exitCode, again.envelope.errors[0]?.code]).to.deep.equal([3, 'VALIDATOR_KEY_NOT_NEW']);
  });

  it('makes an observer without a validator key', async () => {
    const made = await run('init', '--home', at('observer'), '--observer', '--log-n', '10');
    expect(made.envelope.data).to.include({ validator: null, publicKey: null, possession: null });
  });

  it('names settings that are none, and where', async () => {
    await writeFile(at('config.toml'), 'rpc = { prot = 5 }');
    const wrong = await run('config', '--home', directory);
    expect([wrong.exitCode, wrong.envelope.errors[0]?.code]).to.deep.equal([3, 'CONFIG_KEY_UNKNOWN']);
    expect((await run('config', '--home', at('none'), '--set', 'rpc.port')).exitCode).to.equal(2);
    expect((await run('config', '--home', at('none'), '--set', 'rpc.port=x')).exitCode).to.equal(3);
    expect((await run('init', '--home', at('node'), '--chain-id', 'x')).envelope.errors[0]?.code).to.equal(
      'USAGE_INVALID',
    );
  });

  it('says that it reaches no node with code 4', async () => {
    const run4 = await run('status', '--rpc', 'http://127.0.0.1:9', '--timeout-ms', '500');
    expect([run4.exitCode, run4.envelope.errors[0]?.code]).to.deep.equal([4, 'UNREACHABLE']);
  });
});
