import { expect } from 'chai';
import { PlayedGuide } from '../../support/processes/playedGuide.js';

describe('docs/settlement/corporate-actions.md, the story', function () {
  this.timeout(600_000);
  let guide: PlayedGuide | undefined;

  after(() => guide?.remove());

  it('prints what the page says, and leaves every bank with its interest and the price of its units, to the cent, and no units', async () => {
    guide = await PlayedGuide.play('settlement/corporate-actions.md', 'A story on your machine', 5);
    expect(await guide.holdings()).to.have.members([
      'AURLDEFF 96594.46 EUR',
      'BORLFRPP 52102.77 EUR',
      'CYGNNLNA 51302.77 EUR',
    ]);
  });
});
