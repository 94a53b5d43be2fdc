import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runVostro, runVostroJson } from './fakeHost.js';

const environment = { VOSTRO_PASSWORD: 'x' };

describe('vostro genesis', () => {
  let directory: string;
  const at = (name: string): string => join(directory, name);
  const run = (...argv: readonly string[]) => runVostroJson(argv, { environment });

  /** One bank that is its own central bank, made with the commands that a bank would use. */
  async function describeNetwork(): Promise<object> {
    const made = await run('keys', 'new', 'alpha', '--log-n', '10', '--wallet', at('wallet'));
    const { address } = made.envelope.data as { address: string };
    const proven = await run(
      'keys',
      'prove',
      'alpha',
      '--chain-id',
      'test-1',
      '--member',
      'AURLDEFF',
      '--wallet',
      at('wallet'),
    );
    return {
      chainId: 'test-1',
      timestamp: 1_767_225_600_000,
      currencies: [{ code: 'EUR', decimals: 2, issuer: 'AURLDEFF' }],
      members: [
        {
          bic: 'AURLDEFF',
          lei: '529900AURELIABANK004',
          name: 'Aurelia Bank',
          roles: ['centralBank', 'bank'],
          keys: [proven.envelope.data],
          accounts: [{ label: 'settlement', keys: [address] }],
          nodes: [{ peerId: '16Uiu2HAm', role: 'validator', addresses: [] }],
          validator: address,
        },
      ],
    };
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-genesis-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('builds a file from a description and proven keys, hashes and verifies it', async () => {
    await writeFile(at('network.json'), JSON.stringify(await describeNetwork()));
    const built = await run('genesis', 'build', at('network.json'), '--out', at('genesis.json'));
    expect(built.envelope.errors).to.deep.equal([]);
    const { genesisHash } = built.envelope.data as { genesisHash: string };
    expect((await runVostro(['genesis', 'hash', at('genesis.json')])).stdout).to.equal(`${genesisHash}\n`);
    const verified = await run('genesis', 'verify', at('genesis.json'), '--hash', genesisHash);
    expect(verified.envelope.data).to.include({ valid: true, genesisHash, chainId: 'test-1', quorum: 1 });
    const again = await run('genesis', 'build', at('network.json'), '--out', at('genesis.json'));
    expect([again.exitCode, again.envelope.errors[0]?.code]).to.deep.equal([2, 'FILE_UNWRITABLE']);
  });

  it('refuses a file of another hash with code 5, and one with a key that nobody proved with code 3', async () => {
    await writeFile(at('network.json'), JSON.stringify(await describeNetwork()));
    await run('genesis', 'build', at('network.json'), '--out', at('genesis.json'));
    const other = await run('genesis', 'verify', at('genesis.json'), '--hash', `0x${'00'.repeat(32)}`);
    expect([other.exitCode, other.envelope.errors[0]?.code]).to.deep.equal([5, 'GENESIS_REFUSED']);
    const text = await readFile(at('genesis.json'), 'utf8');
    const changeDigit = (_: string, head: string, digit: string): string => `${head}${digit === '0' ? '1' : '0'}`;
    await writeFile(at('forged.json'), text.replace(/("possession": "0x[0-9a-f]{60})(.)/, changeDigit));
    await writeFile(at('moved.json'), text.replace('"test-1"', '"test-2"'));
    for (const name of ['forged.json', 'moved.json']) {
      const forged = await run('genesis', 'verify', at(name));
      expect([forged.exitCode, forged.envelope.errors[0]?.code]).to.deep.equal([3, 'GENESIS_POSSESSION']);
    }
  });

  it('names the field of a malformed file, and says what a missing one needs', async () => {
    await writeFile(at('bad.json'), '{"chainId": 5}');
    const bad = await run('genesis', 'hash', at('bad.json'));
    expect([bad.exitCode, bad.envelope.errors[0]?.code]).to.deep.equal([3, 'GENESIS_MALFORMED']);
    await writeFile(at('text.json'), 'no JSON');
    expect((await run('genesis', 'hash', at('text.json'))).envelope.errors[0]?.code).to.equal('FILE_MALFORMED');
    expect((await run('genesis', 'hash', at('none.json'))).exitCode).to.equal(2);
    expect((await run('genesis', 'build', at('bad.json'))).envelope.errors[0]?.message).to.include('--out');
  });
});
