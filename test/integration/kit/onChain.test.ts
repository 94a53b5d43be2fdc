import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { genesisToJson } from '../../../genesis/genesis.js';
import { createProject } from '../../../kit/templates.js';
import { addKeystore } from '../../../node/keys/keystoreDirectory.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ProjectDirectories } from '../../support/kit/projects.js';
import { BANKS, CENTRAL_BANK, KEYS } from '../../support/settlementNetwork.js';
import { SettlingNode } from '../../support/settlingNode.js';
import { runVostroJson } from '../../unit/cli/fakeHost.js';

describe('a contract on its way from a project to the chain', function () {
  this.timeout(120_000);
  const projects = new ProjectDirectories();
  let network: ExecutionNetwork;
  let node: SettlingNode;
  let wallet: string;
  let project: string;

  before(async () => {
    network = await ExecutionNetwork.create();
    const executor = network.executor('one');
    await executor.start();
    node = await SettlingNode.start(new TestChain(network, executor));
    wallet = await mkdtemp(join(tmpdir(), 'vostro-wallet-'));
    await writeFile(join(wallet, 'genesis.json'), JSON.stringify(genesisToJson(network.genesis)));
    await writeFile(join(wallet, 'password'), 'a password\n');
    for (const name of ['alfa', 'beta', 'gamma', 'central'] as const) {
      await addKeystore(wallet, KEYS[name].privateKey, 'a password', nobleBackend, { label: name, logN: 14 });
    }
    project = join(await projects.empty(), 'escrow');
    await createProject(project, { template: 'escrow' });
  });

  after(async () => {
    await node.stop();
    await network.remove();
    await rm(wallet, { recursive: true });
    await projects.remove();
  });

  const run = (...argv: readonly string[]) =>
    runVostroJson([...argv, '--wallet', wallet, '--rpc', node.url, '--password-file', join(wallet, 'password')]);
  const must = async <T extends object>(...argv: readonly string[]): Promise<T> => {
    const { envelope } = await run(...argv);
    expect(envelope.errors, argv.join(' ')).to.deep.equal([]);
    return envelope.data as T;
  };

  interface Holding {
    readonly asset: string;
    readonly kind: string;
    readonly amount: string;
  }

  interface Verified {
    readonly status: string;
    readonly bundleHash: string;
    readonly loadFuel: number;
  }

  it('is verified as a candidate, approved, and verified in force, out of what the chain proves and keeps', async () => {
    const at = ['--activate-at', '+8', '--account', BANKS.alfa] as const;
    const { id, activateAt } = await must<{ id: number; activateAt: number }>('contract', 'propose', project, ...at);
    const candidate = await must<Verified>('contract', 'verify', 'escrow');
    expect(candidate).to.deep.include({
      status: 'candidate',
      findings: [],
      files: ['contract.json', 'src/bindings/cash.ts', 'src/contract.ts'],
    });
    const byHash = await must<Verified>('contract', 'verify', `escrow@${candidate.bundleHash}`);
    expect(byHash.status).to.equal('candidate');
    for (const bank of [BANKS.beta, BANKS.gamma]) {
      await must('contract', 'approve', `${id}`, '--verify', '--yes', '--account', bank);
    }
    await node.advanceTo(activateAt);
    for (const named of ['escrow', 'escrow@1']) {
      const verified = await must<Verified>('contract', 'verify', named);
      expect(verified).to.deep.include({ status: 'in force', bundleHash: candidate.bundleHash });
    }
    expect((await must<Verified>('contract', 'verify', 'escrow', '--source-dir', project)).status).to.equal('in force');
  });

  it('holds what a buyer locks, pays it out by its rules, and shows in the balance what is locked', async () => {
    const central = ['--account', CENTRAL_BANK] as const;
    await must('cash', 'open-day', '--currency', 'EUR', '--day', new Date().toISOString().slice(0, 10), ...central);
    const issue = [
      '--to',
      BANKS.alfa,
      '--amount',
      '1500.00',
      '--currency',
      'EUR',
      '--reserve-reference',
      'R-1',
    ] as const;
    await must('cash', 'issue', ...issue, ...central);
    const call = (method: string, bank: string, ...words: readonly string[]) =>
      run('contract', 'call', 'escrow', method, ...words, '--account', bank);
    const parties = ['--buyer', BANKS.alfa, '--seller', BANKS.beta, '--arbiter', BANKS.gamma] as const;
    const milestones = ['--milestones', '[{"name":"A","amount":"40000"},{"name":"B","amount":"60000"}]'] as const;
    const terms = ['--deal', 'D-1', ...parties, '--currency', 'EUR', '--deadline', '20991231', ...milestones] as const;
    expect((await call('open', BANKS.alfa, ...terms)).exitCode).to.equal(0);
    const refused = await call('release', BANKS.beta, '--deal', 'D-1', '--milestone', '0');
    expect(refused.envelope.errors[0]?.code).to.equal('UNAUTHORISED');
    expect((await call('release', BANKS.alfa, '--deal', 'D-1', '--milestone', '0')).exitCode).to.equal(0);
    const { holdings } = await must<{ readonly holdings: readonly Holding[] }>('balance', BANKS.alfa, BANKS.beta);
    const cash = holdings.filter(({ asset }) => asset === 'EUR').map(({ kind, amount }) => `${kind} ${amount}`);
    expect(cash).to.deep.equal(['cash 500.00', 'lockedCash 600.00', 'cash 400.00']);
  });

  it('is not what other sources give, nor what is not there', async () => {
    const entry = join(project, 'src/contract.ts');
    await writeFile(entry, (await readFile(entry, 'utf8')).replace('amount > 0n', 'amount >= 0n'));
    const other = await run('contract', 'verify', 'escrow', '--source-dir', project);
    expect(other.envelope.errors[0]?.code).to.equal('SOURCE_MISMATCH');
    expect(other.exitCode).to.equal(5);
    expect((await run('contract', 'verify', 'escrow@2')).exitCode).to.equal(6);
    expect((await run('contract', 'verify', 'swap')).exitCode).to.equal(6);
  });
});
