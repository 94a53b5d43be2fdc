import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { codecFromAbi } from '../../../contracts/api/abiSchema.js';
import type { ContractAbi, Json } from '../../../contracts/api/index.js';
import { METRIC } from '../../../node/execution/metrics.js';
import { toChecksum } from '../../../primitives/address.js';
import { BankBook, heightOf } from '../../support/processes/bankBook.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

/** Blocks from a proposal to its activation: time for the others to rebuild and approve. */
const NOTICE = '+30';

describe('a network of processes whose banks write a contract', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;
  let book: BankBook;
  let author: string;
  let payments = 0;

  before(async () => {
    network = await ProcessNetwork.create();
    await network.start();
    book = await BankBook.open(network);
    author = join(network.directory, 'author');
    await mkdir(author);
  });

  after(() => network?.remove());

  const must = <T>(...words: readonly string[]): Promise<T> => network.operator(network.observer).must<T>(...words);

  interface Proposed {
    readonly id: number;
    readonly hash: string;
    readonly activateAt: number;
  }

  /** One bank proposes, the others rebuild what they are shown and approve it by its hash. */
  async function bringIntoForce(project: string): Promise<Proposed> {
    const [proposer = '', ...others] = book.banks;
    const proposed = await must<Proposed>(
      ...['contract', 'propose', project, '--activate-at', NOTICE, '--account', proposer],
    );
    for (const bank of others) {
      const approve = ['contract', 'approve', `${proposed.id}`, '--verify', '--hash', proposed.hash, '--yes'];
      const { verified } = await must<{ verified: boolean }>(...approve, '--account', bank);
      expect(verified).to.equal(true);
    }
    await payUntil(proposed.activateAt);
    return proposed;
  }

  /** Every payment is in a block: nobody waits for empty ones. */
  async function payUntil(height: number): Promise<void> {
    const [from = '', to = ''] = book.banks;
    while ((await heightOf(book.client)) < height) await book.pay(from, to, 1n, `BLOCK-${payments++}`);
  }

  async function call(sender: string, method: string, args: Json): Promise<void> {
    const { abi } = await book.client.call('contract', { contract: 'escrow' });
    const codec = codecFromAbi(abi as unknown as ContractAbi);
    await book.settle(sender, { contract: 'escrow', method, args: codec.encodeArgs(method, args) });
  }

  const address = (index: number): string => toChecksum(book.account(book.banks[index] ?? ''));

  it('takes it from a project to settled transactions, and to its next version with what it holds', async () => {
    const project = join(author, 'escrow');
    await must('contract', 'new', project, '--template', 'escrow');
    const tested = await must<{ passed: number; failed: number }>('contract', 'test', project);
    expect(tested).to.include({ failed: 0 });
    expect(tested.passed).to.be.above(3);
    await must('contract', 'build', project);
    await bringIntoForce(project);
    expect(await must('contract', 'status', 'escrow')).to.deep.include({ inForce: 1 });
    expect(await must('contract', 'verify', 'escrow')).to.deep.include({ verified: true });

    const [buyer = '', seller = ''] = book.banks;
    const milestones = [
      { name: 'foundation', amount: '60000' },
      { name: 'roof', amount: '40000' },
    ];
    const parties = { buyer: address(0), seller: address(1), arbiter: address(2) };
    await call(buyer, 'open', { deal: 'D-1', ...parties, currency: 'EUR', deadline: 20991231, milestones });
    await call(buyer, 'release', { deal: 'D-1', milestone: 0 });
    const locked = ['query', 'cash', 'locked', 'EUR', buyer];
    expect(await must(...locked)).to.deep.include({ value: '40000' });

    const next = join(author, 'escrow-v2');
    await cp(join(repositoryRoot(), 'examples', 'contracts', 'escrow-v2'), next, { recursive: true });
    await bringIntoForce(next);
    expect(await must('contract', 'status', 'escrow')).to.deep.include({ inForce: 2 });
    await call(seller, 'refund', { deal: 'D-1', milestone: 1 });
    expect(await must(...locked)).to.deep.include({ absent: true });
    for (const member of network.members) {
      expect(await network.metric(member, METRIC.sandboxCalls)).to.be.above(3);
      expect(await network.metric(member, METRIC.sandboxFaults)).to.equal(0);
    }
  });

  it('refuses a bundle whose sources give another one, and says where they part', async () => {
    const project = join(author, 'changed');
    await must('contract', 'source', 'escrow', '--out', project);
    const entry = join(project, 'src', 'contract.ts');
    await writeFile(entry, (await readFile(entry, 'utf8')).replace('MAX_MILESTONES = 20', 'MAX_MILESTONES = 21'));
    const { exitCode, envelope } = await network
      .operator(network.observer)
      .run('contract', 'verify', 'escrow', '--source-dir', project);
    expect(exitCode).to.equal(5);
    expect(envelope.errors[0]?.code).to.equal('SOURCE_MISMATCH');
    expect(envelope.errors[0]?.message).to.match(/they part at byte \d+/);
  });
});
