import { expect } from 'chai';
import { PlayedGuide } from '../../support/processes/playedGuide.js';

interface Credit {
  readonly facility: { readonly available: string; readonly lent: string };
  readonly lines: readonly { readonly owed: string; readonly limit: string; readonly value: string }[];
}

/** And a bank that is wound down after it. */
describe('docs/settlement/collateral.md, a day on your machine', function () {
  this.timeout(600_000);
  let guide: PlayedGuide;

  before(async () => {
    guide = await PlayedGuide.play('settlement/collateral.md', 'A day on your machine', 8);
  });

  after(() => guide?.remove());

  it('goes as the page says, and leaves nothing lent', async () => {
    const { facility, lines } = await guide.must<Credit>('credit', 'list', '--currency', 'EUR');
    expect(facility).to.deep.include({ available: '400013.60', lent: '0.00' });
    expect(lines[0]).to.deep.include({ owed: '0.00', limit: '150000.00', value: '0.00' });
  });

  it('ends with a bank that is suspended, whose collateral pays its loan', async () => {
    const printed = await guide.shell.run(
      [
        'npx vostro collateral deposit BOND-2031 --account AURLDEFF --units 50',
        'npx vostro credit draw --account AURLDEFF --amount 20000.00',
        'echo "Aurelia Bank is in default." > resolution.txt',
        'npx vostro default declare CBVODEFF-DEF-1 --account CBVODEFF --member AURLDEFF --authority "File 7" --document resolution.txt',
        'npx vostro default confirm CBVODEFF-DEF-1 --account CBVODEFF/checker --yes',
        'npx vostro default wind-down AURLDEFF --account CBVODEFF',
      ].join('\n'),
    );
    // 24 bonds at 856.80: what they bring too much goes back with the pool.
    expect(printed).to.contain('paid 20,000.00 EUR of its loan');
    expect(printed).to.match(/gave back the collateral of AURLDEFF/);
  });
});
