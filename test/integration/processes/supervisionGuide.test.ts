import { expect } from 'chai';
import { GuideShell, guideSteps } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

interface Positions {
  readonly positions: readonly {
    readonly member: string;
    readonly lei: string;
    readonly asset: string;
    readonly free: string;
    readonly locked: string;
    readonly lockedBy: Readonly<Record<string, string>>;
  }[];
}

/** Every command of the page, as it stands there, on five processes. */
describe('docs/settlement/supervision.md, a day of an authority', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;

  before(async () => {
    const steps = await guideSteps('settlement/supervision.md', 'A day of an authority');
    expect(steps).to.have.lengthOf(7);
    network = await ProcessNetwork.create();
    await network.start();
    const shell = await GuideShell.create(network);
    for (const { commands, prints } of steps) {
      const printed = await shell.run(commands);
      for (const line of prints) expect(printed).to.contain(line);
    }
  });

  after(() => network?.remove());

  it('leaves what was paid within the rules, and shows who has it and which contract holds it', async () => {
    const { positions } = await network.operator(network.observer).must<Positions>('supervision', 'positions');
    const rows = positions.map(({ member, asset, free, locked, lockedBy }) => {
      const by = Object.entries(lockedBy).map(([name, sum]) => `${name} ${sum}`);
      return `${member} ${asset} ${free} ${locked} ${by.join()}`.trim();
    });
    expect(rows).to.have.members([
      'AURLDEFF EUR 89900.00 0.00',
      'AURLDEFF TOKEN-1 400 0',
      'BORLFRPP EUR 30100.00 5000.00 htlc 5000.00',
      'CYGNNLNA EUR 25000.00 0.00',
    ]);
    expect(positions.every(({ lei }) => lei.startsWith('529900'))).to.equal(true);
  });
});
