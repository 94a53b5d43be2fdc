import { expect } from 'chai';
import { BankBook } from '../../support/processes/bankBook.js';
import { GuideShell, type GuideStep, guideSteps } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

/** Every command of the page, as it stands there, in its order, on five processes. */
describe('docs/settlement/queue.md, a ring step by step', function () {
  this.timeout(300_000);
  let network: ProcessNetwork;
  let book: BankBook;
  let shell: GuideShell;
  let steps: readonly GuideStep[];

  before(async () => {
    steps = await guideSteps('settlement/queue.md', 'A ring, step by step');
    network = await ProcessNetwork.create();
    await network.start();
    book = await BankBook.open(network);
    shell = await GuideShell.create(network);
  });

  after(() => network?.remove());

  it('prints what it says, step by step', async () => {
    expect(steps.length).to.be.above(4);
    for (const { commands, prints } of steps) {
      const output = await shell.run(commands);
      for (const line of prints) expect(output, commands).to.contain(line);
    }
  });

  it('leaves the money that there was, moved by what it says alone', async () => {
    const [aurelia = '', borealis = '', cygnus = '', dorado = ''] = ['AURLDEFF', 'BORLFRPP', 'CYGNNLNA', 'DORAESMM'];
    const moves: readonly (readonly [string, bigint])[] = [
      [aurelia, -300n + 1_000n + 3_000n],
      [borealis, 0n],
      [cygnus, 2_000n],
      [dorado, 300n - 1_000n - 2_000n - 3_000n],
    ];
    const balances = await book.balances(network.client([network.observer]));
    for (const [bank, moved] of moves) {
      const account = book.account(bank);
      expect((balances.get(account) ?? 0n) - (book.expected.get(account) ?? 0n), bank).to.equal(moved);
    }
  });
});
