import { expect } from 'chai';
import { GuideShell, type GuideStep, guideSteps } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

interface Balances {
  readonly holdings: readonly {
    readonly name: string;
    readonly asset: string;
    readonly kind: string;
    readonly amount: string;
  }[];
}

/** Every command of the page, as it stands there, in its order, on five processes. */
describe('docs/settlement/corporate-actions.md, the story', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;
  let steps: readonly GuideStep[] = [];
  const outputs: string[] = [];

  before(async () => {
    steps = await guideSteps('settlement/corporate-actions.md', 'A story on your machine');
    expect(steps).to.have.lengthOf(5);
    network = await ProcessNetwork.create();
    await network.start();
    const shell = await GuideShell.create(network);
    for (const { commands } of steps) outputs.push(await shell.run(commands));
  });

  after(() => network?.remove());

  it('prints what the page says', () => {
    steps.forEach(({ prints }, index) => {
      for (const line of prints) expect(outputs[index]).to.include(line);
    });
  });

  it('leaves every bank with its interest and the price of its units, to the cent, and no units', async () => {
    const { holdings } = await network.operator(network.observer).must<Balances>('balance');
    const held = holdings
      .filter(({ amount }) => !/^0(\.0+)?$/.test(amount))
      .map(({ name, kind, amount, asset }) => `${name} ${kind} ${amount} ${asset}`);
    expect(held).to.have.members([
      'AURLDEFF cash 96594.46 EUR',
      'BORLFRPP cash 52102.77 EUR',
      'CYGNNLNA cash 51302.77 EUR',
    ]);
  });
});
