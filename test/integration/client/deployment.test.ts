import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { artefactHash } from '../../../contracts/deployment/artefacts.js';
import { deployment } from '../../../contracts/index.js';
import { genesisToJson } from '../../../genesis/genesis.js';
import { buildContract } from '../../../kit/build.js';
import { addKeystore } from '../../../node/keys/keystoreDirectory.js';
import { fromHex, toHex } from '../../../primitives/bytes.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { utf8Decode } from '../../../primitives/text.js';
import type { Address } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import { contractJsonText, DEMO, ProjectDirectories } from '../../support/kit/projects.js';
import { NOTES_PROGRAMS, registerCalls, uploadCalls } from '../../support/notesContract.js';
import { BANKS, callOf, KEYS } from '../../support/settlementNetwork.js';
import { SettlingNode } from '../../support/settlingNode.js';
import { runVostro, runVostroJson } from '../../unit/cli/fakeHost.js';

/** Loads whatever a project of the contract `other` was built to, as the program of its version that a test has. */
class ProjectSandbox extends FakeSandbox {
  override load(bundle: Uint8Array, fuelLimit: number) {
    const [, version] = /version:(\d)/.exec(utf8Decode(bundle)) ?? [];
    const program = version === '1' ? 'other' : version === '2' ? 'otherSecond' : utf8Decode(bundle);
    return super.load(new TextEncoder().encode(program), fuelLimit);
  }
}

/** Lets a vote be two thirds of the four banks. */
const APPROVERS = [BANKS.beta, BANKS.gamma] as const;

describe('contracts of banks on the command line', function () {
  this.timeout(120_000);
  const projects = new ProjectDirectories();
  let network: ExecutionNetwork;
  let chain: TestChain;
  let node: SettlingNode;
  let wallet: string;
  let flags: readonly string[];

  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    const executor = network.executor('one', { sandboxes: [new ProjectSandbox(NOTES_PROGRAMS)] });
    await executor.start();
    chain = new TestChain(network, executor);
    node = await SettlingNode.start(chain);
    wallet = await mkdtemp(join(tmpdir(), 'vostro-wallet-'));
    await writeFile(join(wallet, 'genesis.json'), JSON.stringify(genesisToJson(network.genesis)));
    await writeFile(join(wallet, 'password'), 'a password\n');
    for (const name of ['alfa', 'beta', 'gamma', 'central'] as const) {
      await addKeystore(wallet, KEYS[name].privateKey, 'a password', nobleBackend, { label: name, logN: 14 });
    }
    flags = ['--wallet', wallet, '--rpc', node.url, '--password-file', join(wallet, 'password')];
  });
  afterEach(async () => {
    await node.stop();
    await network.remove();
    await rm(wallet, { recursive: true });
    await projects.remove();
  });

  const projectOf = (version: number, change: Readonly<Record<string, string>> = {}): Promise<string> =>
    projects.write({
      ...DEMO,
      'contract.json': contractJsonText({ name: 'other', version }),
      'src/contract.ts': (DEMO['src/contract.ts'] ?? '').replace("'demo', version: 1", `'other', version: ${version}`),
      ...change,
    });

  const must = async <T>(...argv: readonly string[]): Promise<T> => {
    const { envelope } = await runVostroJson([...argv, ...flags]);
    expect(envelope.errors, argv.join(' ')).to.deep.equal([]);
    return envelope.data as T;
  };

  const refused = async (...argv: readonly string[]): Promise<string> => {
    const { envelope, exitCode } = await runVostroJson([...argv, ...flags]);
    expect(exitCode, argv.join(' ')).not.to.equal(0);
    return envelope.errors[0]?.code ?? 'none';
  };

  interface Proposed {
    readonly id: number;
    readonly hash: string;
    readonly activateAt: number;
    readonly uploadFuel: number;
    readonly registerFuel: number;
    readonly migrationFuel: number;
    readonly contract: { readonly interface: readonly object[]; readonly bundle: string; readonly migrates: boolean };
  }

  const propose = (project: string, ...more: readonly string[]): Promise<Proposed> =>
    must<Proposed>('contract', 'propose', project, '--activate-at', '+8', '--account', BANKS.alfa, ...more);

  async function activate(project: string): Promise<Proposed> {
    const proposed = await propose(project);
    for (const bank of APPROVERS) await must('contract', 'approve', `${proposed.id}`, '--yes', '--account', bank);
    await node.advanceTo(proposed.activateAt);
    return proposed;
  }

  it('go from a project to a version in force, and to the next one with a migration', async () => {
    const first = await activate(await projectOf(1));
    expect(first.uploadFuel).to.be.above(100_000);
    expect(first.registerFuel).to.be.above(100_000);
    expect(await must('contract', 'status', 'other')).to.deep.include({ inForce: 1, candidates: [], proposals: [] });
    expect(await must('contract', 'engines')).to.have.deep.nested.property('engines[0].isOwn', true);
    expect(await must('contract', 'list')).to.have.deep.nested.property('contracts[0].name', 'other');
    const second = await activate(await projectOf(2));
    expect(second.contract.migrates).to.equal(true);
    expect(second.migrationFuel).to.equal(250_000_000);
    expect(second.contract.interface).to.deep.include({ kind: 'method', name: 'length', change: 'added' });
    const { stdout } = await runVostro(['contract', 'status', 'other', ...flags]);
    expect(stdout)
      .to.match(/in force +version 2\n/)
      .and.to.match(/ +1 +\d+ +\d+ +ALFADEFF +0x/);
  });

  it('are shown before they are approved: what changes, whose, and the hash to compare', async () => {
    const { id, hash } = await propose(await projectOf(1), '--description', 'escrow for milestones');
    const approve = ['contract', 'approve', 'other', '--verify', '--yes', '--account', BANKS.beta, '--hash', hash];
    const { stderr, exitCode } = await runVostro([...approve, ...flags]);
    expect(exitCode).to.equal(0);
    expect(stderr)
      .to.match(/contract +other, version 1\n/)
      .and.to.match(/replaces +nothing: it is new\n/)
      .and.to.match(/registered by +ALFADEFF at height \d+, loaded with [\d,]+ fuel\n/)
      .and.to.match(/verified +yes: the sources give this bundle, byte for byte\n/)
      .and.to.match(new RegExp(`hash +${hash}\n`));
    const shown = await runVostro(['governance', 'show', `${id}`, ...flags]);
    expect(shown.stdout).to.match(/does +put other in force, bundle 0x/);
    const again = await refused('contract', 'approve', 'other', '--yes', '--account', BANKS.beta);
    expect(again).to.equal('VOTED_ALREADY');
    const wrong = ['--hash', `0x${'00'.repeat(32)}`, '--yes', '--account', BANKS.gamma];
    expect(await refused('contract', 'approve', `${id}`, ...wrong)).to.equal('USAGE_INVALID');
  });

  it('go on where an earlier run was interrupted', async () => {
    const project = await projectOf(1);
    const { program, bundleHash } = await buildContract(project);
    const sender = KEYS.alfa.address;
    const upload = { hash: fromHex(bundleHash, 32), index: 0, total: 1, data: program };
    await chain.settle([network.transaction([callOf(deployment.methods.upload, upload)], { sender })]);
    const plan = await must<{ chunks: number }>(
      ...['contract', 'propose', project, '--activate-at', '+8', '--account', BANKS.alfa, '--simulate'],
    );
    expect(plan.chunks).to.equal(1);
    const proposed = await propose(project);
    const { height } = chain;
    const again = await propose(project);
    expect(again).to.deep.include({ id: proposed.id, uploadFuel: 0, registerFuel: 0, proposeFuel: 0 });
    expect(chain.height).to.equal(height);
  });

  it('come into force though others have registered their bundle before, with other sources or with the same', async () => {
    const project = await projectOf(1);
    const { program, archive } = await buildContract(project);
    const bundle = artefactHash('bundle', program);
    const squat = async (sender: Address, source: Uint8Array) => {
      const hashes = { bundle, source: artefactHash('source', source), engine: TEST_ENGINE.hash };
      const uploads = [...uploadCalls('bundle', program), ...uploadCalls('source', source)];
      const register = callOf(deployment.methods.register, { name: 'other', version: 1, ...hashes });
      const { receipts } = await chain.settle([network.transaction([...uploads, register], { sender })]);
      expect(receipts[0]?.code).to.equal('');
    };
    await squat(KEYS.beta.address, program);
    await squat(KEYS.gamma.address, archive);
    const proposed = await propose(project);
    expect(proposed.registerFuel).to.be.above(0);
    const named = `other@${proposed.contract.bundle}`;
    expect(await refused('contract', 'source', named, '--out', join(wallet, 'any'))).to.equal('NOT_FOUND');
    expect(await refused('contract', 'verify', 'other'), 'which one?').to.equal('NOT_FOUND');
    await must('contract', 'source', `${named}@${BANKS.alfa}`, '--out', join(wallet, 'own'));
    expect(await refused('contract', 'verify', `${named}@${BANKS.beta}`)).to.equal('SOURCE_INVALID');
    const withdrawal = { name: 'other', version: 1, bundle, member: BANKS.gamma };
    const withdraw = callOf(deployment.methods.withdraw, withdrawal);
    const terms = { sender: KEYS.gamma.address, expiresAt: chain.timestamp + 60_000 };
    await chain.settle([network.transaction([withdraw], terms)]);
    for (const bank of APPROVERS) {
      await must('contract', 'approve', `${proposed.id}`, '--verify', '--yes', '--account', bank);
    }
    await node.advanceTo(proposed.activateAt);
    const status = await must<{ inForce: number; versions: { member: string }[] }>('contract', 'status', 'other');
    expect([status.inForce, status.versions[0]?.member]).to.deep.equal([1, BANKS.alfa]);
  });

  it('are refused where their version is not the next', async () => {
    const project = await projectOf(2);
    expect(await refused('contract', 'propose', project, '--activate-at', '+8', '--account', BANKS.alfa)).to.equal(
      'USAGE_INVALID',
    );
  });

  it('give their sources back, byte for byte', async () => {
    const proposed = await propose(await projectOf(1));
    const out = join(wallet, 'review');
    const told = await must<{ files: readonly string[] }>('contract', 'source', 'other', '--out', out);
    expect(told.files).to.include.members(['contract.json', 'src/contract.ts', 'src/arithmetic/half.ts']);
    expect(await readFile(join(out, 'src/arithmetic/half.ts'), 'utf8')).to.equal(DEMO['src/arithmetic/half.ts']);
    const same = `other@${proposed.contract.bundle}`;
    expect(await refused('contract', 'source', same, '--out', out)).to.equal('FILE_UNWRITABLE');
    const elsewhere = ['--out', join(wallet, 'other')];
    expect(await refused('contract', 'source', 'other@7', ...elsewhere)).to.equal('NOT_FOUND');
    expect(await refused('contract', 'source', 'other@x', ...elsewhere)).to.equal('NOT_FOUND');
  });

  it('are not approved where their sources give another bundle', async () => {
    // A bundle that no project gives, registered with sources that are none.
    await chain.settle([network.transaction(registerCalls('first'), { sender: KEYS.alfa.address })]);
    type Hashes = { readonly bundle: string; readonly source: string; readonly engine: string };
    const { candidates } = await must<{ candidates: readonly Hashes[] }>('contract', 'status', 'notes');
    const { bundle, source, engine } = candidates[0] ?? expect.fail('no candidate');
    const activation = JSON.stringify({ name: 'notes', bundle, source, engine, migrationFuel: 0 });
    const call = ['governance', 'propose', 'call', 'contracts.activate', activation, '--at', '+8'];
    const { id } = await must<{ id: number }>(...call, '--account', BANKS.alfa);
    const approve = ['contract', 'approve', `${id}`, '--verify', '--yes', '--account', BANKS.beta];
    expect(await refused(...approve)).to.equal('SOURCE_INVALID');
    const { approvals } = await must<{ approvals: readonly string[] }>('governance', 'show', `${id}`);
    expect(approvals).to.deep.equal([BANKS.alfa]);
  });

  it('are known to who asks a node: ABI, views, and the calls and events of their transactions', async () => {
    await activate(await projectOf(1));
    const write = { id: 'a', text: 'one' };
    const { abi } = await fetchJson<{ abi: { name: string; version: number } }>('/v1/contracts/other');
    expect(abi).to.deep.include({ name: 'other', version: 1 });
    const { contracts } = await fetchJson<{ contracts: { name: string }[] }>('/v1/contracts');
    expect(contracts.map(({ name }) => name)).to.include.members(['cash', 'contracts', 'other']);
    const codec = NOTES_PROGRAMS['other']?.codec;
    const args = codec?.encodeArgs('write', write) ?? new Uint8Array();
    const call = { contract: 'other', method: 'write', args };
    const { block } = await chain.settle([network.transaction([call], { expiresAt: chain.timestamp + 60_000 })]);
    const { ids } = await fetchJson<{ ids: string[] }>(`/v1/blocks/${block.header.height}/transactions`);
    const told = await fetchJson<{ calls: object[] }>(`/v1/transactions/${ids[0]}`);
    expect(told.calls).to.deep.equal([{ contract: 'other', method: 'write', args: write }]);
    const viewed = await must<{ value: string }>('view', 'other', 'read', '--arg', 'id=a');
    expect(viewed.value).to.equal('one');
    expect(await refused('view', 'nobodys', 'read')).to.equal('CONTRACT_UNKNOWN');
  });

  it('prove what they hold with the ABI that reads it, offline too', async () => {
    await activate(await projectOf(1));
    const write = { id: 'a', text: 'one' };
    const args = NOTES_PROGRAMS['other']?.codec.encodeArgs('write', write) ?? new Uint8Array();
    const call = { contract: 'other', method: 'write', args };
    await chain.settle([network.transaction([call], { expiresAt: chain.timestamp + 60_000 })]);
    const file = join(wallet, 'note.proof');
    expect(await must('query', 'other', 'notes', 'a', '--save', file)).to.deep.include({ map: 'notes', value: 'one' });
    expect(await must('query', 'other', 'notes', 'b')).to.deep.include({ map: 'notes', absent: true, value: null });
    const offline = [
      'query',
      'verify',
      file,
      '--genesis',
      join(wallet, 'genesis.json'),
      '--wallet',
      join(wallet, 'no'),
    ];
    const { envelope } = await runVostroJson(offline);
    expect(envelope.data).to.have.deep.nested.property('entries[0]', {
      ...{ contract: 'other', map: 'notes', key: ['a'], absent: false, value: 'one' },
    });
    const { stdout } = await runVostro(offline);
    expect(stdout)
      .to.match(/state +other\.notes\nkey +a\nvalue +one\n/)
      .and.to.match(/contracts\.contracts\nkey +other\n/);
  });

  it('are tried before they are called, by their own ABI', async () => {
    await activate(await projectOf(1));
    const args = NOTES_PROGRAMS['other']?.codec.encodeArgs('write', { id: 'a', text: 'one' }) ?? new Uint8Array();
    const { bytes } = network.transaction([{ contract: 'other', method: 'write', args }], {
      expiresAt: Date.now() + 60_000,
    });
    await mkdir(join(wallet, 'drafts'));
    const file = join(wallet, 'drafts', 'write.hex');
    await writeFile(file, toHex(bytes));
    const { changes } = await must<{ changes: readonly object[] }>('tx', 'simulate', file);
    expect(changes).to.deep.equal([{ contract: 'other', map: 'notes', key: ['a'], before: null, after: 'one' }]);
  });

  async function fetchJson<T>(path: string): Promise<T> {
    return (await (await fetch(`${node.url}${path}`)).json()) as T;
  }
});
