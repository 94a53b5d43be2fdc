import { expect } from 'chai';
import { PlayedGuide } from '../../support/processes/playedGuide.js';

describe('docs/settlement/instruments.md, the story', function () {
  this.timeout(600_000);
  let guide: PlayedGuide | undefined;

  after(() => guide?.remove());

  it('prints what the page says, and leaves every bank with its shares and its money, and nothing locked', async () => {
    guide = await PlayedGuide.play('settlement/instruments.md', 'A story on your machine', 6);
    expect(await guide.holdings()).to.have.members([
      ...['AURLDEFF 875.00 EUR', 'BORLFRPP 499125.00 EUR', 'BORLFRPP 220 SHARE-A'],
      ...['CYGNNLNA 500000.00 EUR', 'CYGNNLNA 80 SHARE-A'],
    ]);
  });
});
