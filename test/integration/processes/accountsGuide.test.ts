import { expect } from 'chai';
import { GuideShell, type GuideStep, guideSteps } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

/** Every command of the pages, as it stands there, in its order, each page on five processes of its own. */
for (const page of ['settlement/accounts.md', 'settlement/cash.md']) {
  describe(`docs/${page}, the example`, function () {
    this.timeout(600_000);
    let network: ProcessNetwork;
    let shell: GuideShell;
    let steps: readonly GuideStep[];

    before(async () => {
      steps = await guideSteps(page, 'An example on your machine');
      network = await ProcessNetwork.create();
      await network.start();
      shell = await GuideShell.create(network);
    });

    after(() => network?.remove());

    it('prints what it says, step by step', async () => {
      expect(steps.length).to.be.above(3);
      for (const { commands, prints } of steps) {
        const output = await shell.run(commands);
        for (const line of prints) expect(output, commands).to.contain(line);
      }
    });
  });
}
