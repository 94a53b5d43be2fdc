import { expect } from 'chai';
import { GuideShell, guideSteps } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

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

interface Balances {
  readonly holdings: readonly { readonly name: string; readonly amount: string }[];
}

const CYCLE = 'CBVODEFF-N1';

/** Every command of the page, as it stands there, on five processes. */
describe('docs/settlement/netting.md, four banks, one of which cannot pay', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;
  let output = '';

  before(async () => {
    const steps = await guideSteps('settlement/netting.md', 'Four banks, one of which cannot pay');
    expect(steps).to.have.lengthOf(8);
    network = await ProcessNetwork.create();
    await network.start();
    const shell = await GuideShell.create(network);
    for (const { commands, prints } of steps) {
      const printed = await shell.run(commands);
      for (const line of prints) expect(printed).to.contain(line);
      output += printed;
    }
  });

  after(() => network?.remove());

  const operator = () => network.operator(network.observer);

  it('settles the nets of those who are left, and pays what is left gross', async () => {
    const { holdings } = await operator().must<Balances>('balance');
    expect(
      holdings.filter(({ amount }) => amount !== '0.00').map(({ name, amount }) => `${name} ${amount}`),
    ).to.have.members(['AURLDEFF 60000.00', 'BORLFRPP 20000.00', 'CYGNNLNA 80000.00', 'DORAESMM 40000.00']);
  });

  it('records who left and what it left owed', async () => {
    const cycle = await operator().must<Cycle>('netting', 'show', CYCLE);
    const { status, round, grossLeft, net } = cycle;
    expect({ status, round, grossLeft, net }).to.deep.equal({
      ...{ status: 'settled', round: 2, grossLeft: '160000.00', net: '100000.00' },
    });
    expect(cycle.participants.map(({ excluded }) => excluded?.reason ?? 'in')).to.have.members([
      ...['in', 'in', 'in', 'objected'],
    ]);
    const { obligations } = await operator().must<Obligations>('netting', 'obligations', CYCLE);
    expect(obligations.map(({ reference, status: become }) => `${reference} ${become}`)).to.have.members([
      ...['A-1 settled', 'A-2 unsettled', 'B-1 unsettled', 'C-1 unsettled', 'D-1 settled'],
    ]);
  });

  it('tells people what a program reads', () => {
    expect(output).to.match(/among who is left +160,000\.00 EUR gross, 100,000\.00 EUR net/);
    expect(output).to.match(/AURLDEFF.* +2 +pays 40,000\.00 EUR +confirmed/);
    expect(output).to.match(/DORAESMM.* +1 +pays 60,000\.00 EUR +none/);
  });
});
