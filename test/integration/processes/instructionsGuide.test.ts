import { expect } from 'chai';
import { GuideShell, shellBlocks } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

interface Balances {
  readonly holdings: readonly {
    readonly name: string;
    readonly asset: string;
    readonly kind: string;
    readonly amount: string;
  }[];
}

interface Status {
  readonly status: string;
}

/** Every command of the page, as it stands there, in its order, on five processes. */
describe('docs/settlement/instructions.md, the example', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;
  let output = '';

  before(async () => {
    const blocks = await shellBlocks('settlement/instructions.md', 'An example on your machine');
    expect(blocks).to.have.lengthOf(6);
    network = await ProcessNetwork.create(undefined, ['USD']);
    await network.start();
    const shell = await GuideShell.create(network);
    for (const block of blocks) output += await shell.run(block);
  });

  after(() => network?.remove());

  const operator = () => network.operator(network.observer);

  it('settles a sale, an exchange of currencies and a chain, and takes one back', async () => {
    const statuses: Record<string, string> = {};
    for (const id of ['AURLDEFF-SALE-1', 'BORLFRPP-FX-1', 'CYGNNLNA-CHAIN-1', 'BORLFRPP-SALE-2']) {
      statuses[id] = (await operator().must<Status>('instruction', 'show', id)).status;
    }
    expect(statuses).to.deep.equal({
      'AURLDEFF-SALE-1': 'settled',
      'BORLFRPP-FX-1': 'settled',
      'CYGNNLNA-CHAIN-1': 'settled',
      'BORLFRPP-SALE-2': 'cancelled',
    });
  });

  it('says on the way what its comments say', () => {
    expect(output).to.match(/waits for the allocation of BORLFRPP/);
    expect(output).to.match(/AURLDEFF-SALE-1 +instructed +\S+ +allocate, approve/);
    expect(output).to.match(/BOND-2031, of it locked +100\b/);
    expect(output).to.match(/waits for its settler CBVODEFF/);
  });

  it('leaves every bank with what the settled legs gave it, and nothing locked', async () => {
    const { holdings } = await operator().must<Balances>('balance');
    const held = holdings
      .filter(({ amount }) => !/^0(\.0+)?$/.test(amount))
      .map(({ name, asset, kind, amount }) => `${name} ${kind} ${amount} ${asset}`);
    expect(held).to.have.members([
      'AURLDEFF cash 98500.00 EUR',
      'AURLDEFF instrument 900 BOND-2031',
      'BORLFRPP cash 391500.00 EUR',
      'BORLFRPP cash 10845.00 USD',
      'BORLFRPP instrument 100 BOND-2031',
      'CYGNNLNA cash 7500.00 EUR',
      'CYGNNLNA cash 489155.00 USD',
      'DORAESMM cash 2500.00 EUR',
    ]);
  });
});
