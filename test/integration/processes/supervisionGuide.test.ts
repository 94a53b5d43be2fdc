import { expect } from 'chai';
import { PlayedGuide } from '../../support/processes/playedGuide.js';

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

describe('docs/settlement/supervision.md, a day of an authority', function () {
  this.timeout(600_000);
  let guide: PlayedGuide | undefined;

  after(() => guide?.remove());

  it('goes as the page says, leaves what was paid within the rules, and shows who has it and which contract holds it', async () => {
    guide = await PlayedGuide.play('settlement/supervision.md', 'A day of an authority', 7);
    const { positions } = await guide.must<Positions>('supervision', 'positions');
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
