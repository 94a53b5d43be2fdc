import { expect } from 'chai';
import { PlayedGuide } from '../../support/processes/playedGuide.js';

describe('docs/settlement/repo.md, two repos on your machine', function () {
  this.timeout(600_000);
  let guide: PlayedGuide | undefined;

  after(() => guide?.remove());

  it('goes as the page says, and leaves each bank with what it says', async () => {
    guide = await PlayedGuide.play('settlement/repo.md', 'Two repos on your machine', 7);
    expect(await guide.holdings()).to.include.members([
      ...['AURLDEFF 43000.00 EUR', 'BORLFRPP 157000.00 EUR'],
      ...['AURLDEFF 150 BOND-2031', 'BORLFRPP 50 BOND-2031', 'AURLDEFF 200 BOND-2032'],
    ]);
  });
});
