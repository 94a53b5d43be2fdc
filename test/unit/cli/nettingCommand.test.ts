import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../../support/repositoryRoot.js';
import { runVostro, runVostroJson } from './fakeHost.js';

const EXAMPLE = join(repositoryRoot(), 'examples', 'netting.csv');

describe('vostro netting simulate', () => {
  let directory: string;
  const simulate = async (lines: readonly string[], ...argv: readonly string[]) => {
    const path = join(directory, 'set.csv');
    await writeFile(path, ['reference,debtor,creditor,currency,amount', ...lines].join('\n'));
    return runVostroJson(['netting', 'simulate', '--file', path, ...argv]);
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-netting-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('gives nets that are nothing together, and who pays whom', async () => {
    const { envelope } = await runVostroJson(['netting', 'simulate', '--file', EXAMPLE]);
    expect(envelope.data).to.deep.equal({
      ...{ obligations: 5, gross: '420000.00', net: '110000.00' },
      nets: { AURLDEFF: '-70000.00', BORLFRPP: '20000.00', CYGNNLNA: '-40000.00', DORAESMM: '90000.00' },
      payments: [
        { from: 'AURLDEFF', to: 'BORLFRPP', amount: '20000.00' },
        { from: 'AURLDEFF', to: 'DORAESMM', amount: '50000.00' },
        { from: 'CYGNNLNA', to: 'DORAESMM', amount: '40000.00' },
      ],
    });
  });

  it('leaves a bank out as an exclusion does', async () => {
    const { stdout } = await runVostro(['netting', 'simulate', '--file', EXAMPLE, '--without', 'CYGNNLNA']);
    expect(stdout).to.match(/obligations +2, together 160,000\.00 EUR/);
    expect(stdout).to.match(/100,000\.00 EUR in 2 payments: 37\.5 % less money moves/);
  });

  it('refuses a set that no cycle takes', async () => {
    for (const lines of [['R,A,B,EUR,1.00', 'S,B,A,USD,1.00'], ['R,A,A,EUR,1.00'], ['R,A,B,EUR']]) {
      expect((await simulate(lines)).envelope.errors[0]?.code).to.equal('FILE_MALFORMED');
    }
    expect((await simulate(['R,A,B,EUR,1.001'])).envelope.errors[0]?.code).to.equal('AMOUNT_MALFORMED');
    expect((await simulate(['R,A,B,JPY,1'], '--decimals', '0')).envelope.data).to.deep.include({ gross: '1' });
  });
});
