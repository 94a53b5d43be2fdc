import { expect } from 'chai';
import { GuideShell, shellBlocks } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

interface Balances {
  readonly holdings: readonly { readonly name: string; readonly kind: string; readonly amount: string }[];
}

/** Every command of the page, as it stands there, in its order, on five processes. */
describe('docs/settlement/orders.md, the example', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;
  const outputs: string[] = [];

  before(async () => {
    const blocks = await shellBlocks('settlement/orders.md', 'An example on your machine');
    expect(blocks).to.have.lengthOf(7);
    network = await ProcessNetwork.create();
    await network.start();
    const shell = await GuideShell.create(network);
    for (const block of blocks) outputs.push(await shell.run(block));
  });

  after(() => network?.remove());

  const operator = () => network.operator(network.observer);

  it('freezes by two persons, and lets exactly the rest leave', () => {
    const output = outputs[2] ?? '';
    expect(output).to.match(/CBVODEFF-17 +freeze +proposed/);
    expect(output).to.match(/error SAME_PERSON/);
    expect(output).to.match(/480,000\.00 EUR frozen of 500,000\.00 EUR, 20,000\.00 EUR free to leave/);
    expect(output).to.match(/FROZEN/);
  });

  it('lets money arrive and keeps a queued payment waiting', () => {
    expect(outputs[3]).to.match(/needs 5,000\.00, available 1,000\.00/);
  });

  it('seizes out of the freeze, and lifts the rest, so that what waited settles', () => {
    expect(outputs[4]).to.match(/in force +380,000\.00 EUR/);
    expect(outputs[4]).to.match(/status +settled/);
  });

  it('tells of the day without a member', () => {
    const output = outputs[5] ?? '';
    expect(output).to.match(
      /3 payments of the open day in EUR; without BORLFRPP: 2 of 25,000\.00 from it, 1 of 1,000\.00 to it/,
    );
    expect(output).to.match(/0 payments of others, of 0\.00, could not have been made/);
  });

  it('winds a member in default down, once', () => {
    const output = outputs[6] ?? '';
    expect(output).to.match(/EUR: cancelled 2 queued payments of 120,000\.00/);
    expect(output).to.match(/gave back 1 allocations/);
    expect(output).to.match(/EUR: cancelled 0 queued payments of 0\.00/);
    expect(output).to.match(/gave back 0 allocations/);
  });

  it('leaves every bank with what the orders say', async () => {
    const { holdings } = await operator().must<Balances>('balance');
    const held = holdings
      .filter(({ amount }) => !/^0(\.0+)?$/.test(amount))
      .map(({ name, kind, amount }) => `${name} ${kind} ${amount}`);
    expect(held).to.have.members([
      ...['BORLFRPP cash 376000.00', 'CBVODEFF cash 100000.00', 'CYGNNLNA cash 119000.00', 'DORAESMM cash 5000.00'],
    ]);
  });
});
