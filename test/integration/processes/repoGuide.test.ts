import { expect } from 'chai';
import { GuideShell, guideSteps } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

interface Balances {
  readonly holdings: readonly { readonly name: string; readonly asset: string; readonly amount: string }[];
}

/** Every command of the page, as it stands there. */
describe('docs/settlement/repo.md, two repos on your machine', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;

  before(async () => {
    network = await ProcessNetwork.create();
    await network.start();
  });

  after(async () => {
    await network.remove();
  });

  it('leaves each bank with what the page says', async () => {
    const steps = await guideSteps('settlement/repo.md', 'Two repos on your machine');
    expect(steps).to.have.lengthOf(7);
    const shell = await GuideShell.create(network);
    for (const { commands, prints } of steps) {
      const printed = await shell.run(commands);
      for (const line of prints) expect(printed).to.contain(line);
    }
    const { holdings } = await network.operator(network.observer).must<Balances>('balance');
    const rows = holdings
      .filter(({ amount }) => !/^0(\.0+)?$/.test(amount))
      .map(({ name, asset, amount }) => `${name} ${amount} ${asset}`);
    expect(rows).to.include.members([
      ...['AURLDEFF 43000.00 EUR', 'BORLFRPP 157000.00 EUR'],
      ...['AURLDEFF 150 BOND-2031', 'BORLFRPP 50 BOND-2031', 'AURLDEFF 200 BOND-2032'],
    ]);
  });
});
