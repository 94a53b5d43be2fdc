import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { METRIC } from '../../../node/execution/metrics.js';
import { BankBook, heightOf } from '../../support/processes/bankBook.js';
import { GuideShell, shellBlocks } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

/** Every command of the guide, as it stands there, in its order, on five processes. */
describe('docs/CONTRACT_AUTHORS.md, from nothing to in force', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;
  let book: BankBook;
  let shell: GuideShell;
  let blocks: readonly string[];
  let payments = 0;

  before(async () => {
    blocks = await shellBlocks('CONTRACT_AUTHORS.md', 'From nothing to in force');
    network = await ProcessNetwork.create();
    await network.start();
    book = await BankBook.open(network);
    shell = await GuideShell.create(network);
  });

  after(() => network?.remove());

  interface Status {
    readonly inForce: number | null;
    readonly proposals: readonly { readonly status: string; readonly activateAt: number }[];
  }

  const status = () => network.operator(network.observer).must<Status>('contract', 'status', 'escrow');

  /** What the guide's reader waits for between two blocks. Every payment is in a block: nobody waits for empty ones. */
  async function untilInForce(): Promise<void> {
    const { proposals } = await status();
    const due = proposals.filter((proposal) => proposal.status === 'accepted').map(({ activateAt }) => activateAt);
    const height = Math.max(0, ...due);
    const [from = '', to = ''] = book.banks;
    while ((await heightOf(book.client)) < height) await book.pay(from, to, 1n, `BLOCK-${payments++}`);
  }

  it('does what it says, step by step', async () => {
    expect(blocks.length).to.be.above(4);
    expect(blocks.join('')).to.match(
      /contract new[\s\S]*contract build[\s\S]*contract propose[\s\S]*contract approve[\s\S]*contract call/,
    );
    let isKnown = false;
    for (const block of blocks) {
      await shell.run(block);
      isKnown ||= block.includes('contract propose');
      if (isKnown) await untilInForce();
    }
    expect(await status()).to.deep.include({ inForce: 2, proposals: [] });
    for (const member of network.members) {
      expect(await network.metric(member, METRIC.sandboxCalls)).to.be.above(2);
      expect(await network.metric(member, METRIC.sandboxFaults)).to.equal(0);
    }
  });

  it('leaves a deal that the second version settles, and whose money is proven', async () => {
    const [buyer = '', seller = ''] = book.banks;
    const operator = network.operator(network.observer);
    const query = ['query', 'cash', 'locked', 'EUR', buyer];
    expect(await operator.must(...query)).to.deep.include({ value: '60000', absent: false });
    const refund = [
      'contract',
      'call',
      'escrow',
      'refund',
      '--account',
      seller,
      '--deal',
      'HOUSE-1',
      '--milestone',
      '1',
    ];
    await operator.must(...refund);
    expect(await operator.must(...query)).to.deep.include({ value: null, absent: true });
    const deal = ['query', 'escrow', 'deals', 'HOUSE-1', '--save', join(network.directory, 'deal.proof')];
    const { value } = await operator.must<{ value: { milestones: readonly { status: string }[] } }>(...deal);
    expect(value.milestones.map(({ status: state }) => state)).to.deep.equal(['paid', 'returned']);
  });

  it('would not have approved a bundle whose sources give another one, and says where they part', async () => {
    const project = join(network.directory, 'changed');
    const operator = network.operator(network.observer);
    await operator.must('contract', 'source', 'escrow', '--out', project);
    const entry = join(project, 'src', 'contract.ts');
    await writeFile(entry, (await readFile(entry, 'utf8')).replace('MAX_MILESTONES = 20', 'MAX_MILESTONES = 21'));
    const { exitCode, envelope } = await operator.run('contract', 'verify', 'escrow', '--source-dir', project);
    expect(exitCode).to.equal(5);
    expect(envelope.errors[0]?.code).to.equal('SOURCE_MISMATCH');
    expect(envelope.errors[0]?.message).to.match(/they part at byte \d+/);
  });
});
