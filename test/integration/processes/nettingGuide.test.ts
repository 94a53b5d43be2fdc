import { expect } from 'chai';
import { PlayedGuide } from '../../support/processes/playedGuide.js';

interface Cycle {
  readonly status: string;
  readonly round: number;
  readonly grossLeft: string;
  readonly net: string;
  readonly participants: readonly { readonly excluded: { readonly round: number; readonly reason: string } | null }[];
}

interface Obligations {
  readonly obligations: readonly { readonly reference: string; readonly status: string }[];
}

const CYCLE = 'CBVODEFF-N1';

describe('docs/settlement/netting.md, four banks, one of which cannot pay', function () {
  this.timeout(600_000);
  let guide: PlayedGuide;

  before(async () => {
    guide = await PlayedGuide.play('settlement/netting.md', 'Four banks, one of which cannot pay', 8);
  });

  after(() => guide?.remove());

  it('settles the nets of those who are left, and pays what is left gross', async () => {
    expect(await guide.holdings()).to.have.members([
      ...['AURLDEFF 60000.00 EUR', 'BORLFRPP 20000.00 EUR', 'CYGNNLNA 80000.00 EUR', 'DORAESMM 40000.00 EUR'],
    ]);
  });

  it('records who left and what it left owed', async () => {
    const cycle = await guide.must<Cycle>('netting', 'show', CYCLE);
    const { status, round, grossLeft, net } = cycle;
    expect({ status, round, grossLeft, net }).to.deep.equal({
      ...{ status: 'settled', round: 2, grossLeft: '160000.00', net: '100000.00' },
    });
    expect(cycle.participants.map(({ excluded }) => excluded?.reason ?? 'in')).to.have.members([
      ...['in', 'in', 'in', 'objected'],
    ]);
    const { obligations } = await guide.must<Obligations>('netting', 'obligations', CYCLE);
    expect(obligations.map(({ reference, status: become }) => `${reference} ${become}`)).to.have.members([
      ...['A-1 settled', 'A-2 unsettled', 'B-1 unsettled', 'C-1 unsettled', 'D-1 settled'],
    ]);
  });

  it('tells people what a program reads', () => {
    expect(guide.output).to.match(/among who is left +160,000\.00 EUR gross, 100,000\.00 EUR net/);
    expect(guide.output).to.match(/AURLDEFF.* +2 +pays 40,000\.00 EUR +confirmed/);
    expect(guide.output).to.match(/DORAESMM.* +1 +pays 60,000\.00 EUR +none/);
  });
});
