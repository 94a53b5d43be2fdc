import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import { GuideShell, guideSteps } from '../../support/processes/guide.js';
import { ProcessNetwork } from '../../support/processes/processNetwork.js';

interface Balances {
  readonly holdings: readonly { readonly name: string; readonly asset: string; readonly amount: string }[];
}

interface Lock {
  readonly deadline: string;
  readonly key: string | null;
}

const EUROS = 0;
const DOLLARS = 1;
const AURELIA = 'AURLDEFF';
const BOREALIS = 'BORLFRPP';
/** A claim, and what has to happen before it, take less than this many seconds even on a busy machine. */
const PATIENCE = 90;

/** What is left of the example. */
const AFTER_GUIDE = [`${BOREALIS} 10000.00 EUR`, `${AURELIA} 500.00 EUR`, `${AURELIA} 10845.00 USD`];

/** Every command of the page, as it stands there, on two networks of five processes each. */
describe('docs/settlement/htlc.md, two currencies on two networks', function () {
  this.timeout(900_000);
  const networks: ProcessNetwork[] = [];
  let output = '';

  before(async () => {
    const steps = await guideSteps('settlement/htlc.md', 'Two currencies on two networks');
    expect(steps).to.have.lengthOf(7);
    networks.push(await ProcessNetwork.create(), await ProcessNetwork.create(undefined, ['USD']));
    const [euros, dollars] = networks as [ProcessNetwork, ProcessNetwork];
    await Promise.all([euros.start(), dollars.start()]);
    const elsewhere = { folder: 'usd', rpcUrl: 'http://127.0.0.1:27704', network: dollars };
    const shell = await GuideShell.create(euros, [elsewhere]);
    for (const { commands, prints } of steps) {
      const printed = await shell.run(commands);
      for (const line of prints) expect(printed).to.contain(line);
      output += printed;
    }
  });

  after(async () => {
    for (const network of networks) await network.remove();
  });

  const networkAt = (index: number): ProcessNetwork => networks[index] as ProcessNetwork;
  const operatorOn = (index: number) => networkAt(index).operator(networkAt(index).observer);
  const on = <T>(index: number, ...args: readonly string[]): Promise<T> => operatorOn(index).must<T>(...args);
  const codeOn = async (index: number, ...args: readonly string[]): Promise<string | undefined> =>
    (await operatorOn(index).run(...args)).envelope.errors[0]?.code;
  const stop = (index: number) => Promise.all(networkAt(index).members.map(({ process }) => process.kill()));

  const held = async (): Promise<readonly string[]> => {
    const rows: string[] = [];
    for (const index of [EUROS, DOLLARS]) {
      const { holdings } = await on<Balances>(index, 'balance');
      const some = holdings.filter(({ amount }) => !/^0(\.0+)?$/.test(amount));
      rows.push(...some.map(({ name, asset, amount }) => `${name} ${amount} ${asset}`));
    }
    return rows;
  };

  /** Both locks of one exchange. @returns how to claim each, and how to have each back */
  const exchange = async (name: string, firstSeconds: number, answerSeconds: number) => {
    const key = sha256(utf8Encode(name));
    const first = `${BOREALIS}-${name}`;
    const answer = `${AURELIA}-${name}`;
    const amount = ['--amount', '100.00', '--hash', toHex(sha256(key))];
    const euros = ['--account', BOREALIS, '--to', AURELIA, '--currency', 'EUR', '--for', `${firstSeconds}s`];
    const { deadline } = await on<Lock>(EUROS, 'htlc', 'lock', first, ...euros, ...amount);
    const dollars = ['--account', AURELIA, '--to', BOREALIS, '--currency', 'USD', '--for', `${answerSeconds}s`];
    const answered = await on<Lock>(DOLLARS, 'htlc', 'lock', answer, ...dollars, ...amount, '--answers', deadline);
    return {
      deadline: Date.parse(deadline),
      answerDeadline: Date.parse(answered.deadline),
      claimDollars: ['htlc', 'claim', answer, '--account', BOREALIS, '--key', toHex(key)],
      reclaimDollars: ['htlc', 'reclaim', answer, '--account', AURELIA],
      reclaimEuros: ['htlc', 'reclaim', first, '--account', BOREALIS],
      /** As Aurelia does: with the key that the other ledger shows. */
      claimEuros: async () => {
        const { key: shown } = await on<Lock>(DOLLARS, 'htlc', 'show', answer);
        return on(EUROS, 'htlc', 'claim', first, '--account', AURELIA, '--key', shown ?? '');
      },
    };
  };

  /** Blocks of this time are past the deadline: heartbeats carry the time on. */
  const past = (timeMs: number) =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, timeMs + 1_000 - Date.now())));

  it('leaves each bank with what the other had, and with what nobody answered', async () => {
    expect(await held()).to.have.members(AFTER_GUIDE);
  });

  it('shows the key once it is public, and says what waits', () => {
    expect(output).to.match(/status +paid at \S+, height \d+/);
    expect(output).to.match(/key +0x[0-9a-f]{64}/);
    expect(output).to.match(/AURLDEFF-SWAP-1 +10,000\.00 EUR +AURLDEFF.*BORLFRPP.*locked/);
  });

  describe('another exchange that breaks off', () => {
    it('gives both back where the first party never claims, and where the second ledger stands still until its deadline', async () => {
      const never = await exchange('NEVER', 60, 10);
      const still = await exchange('STILL', 50, 20);
      expect(await codeOn(EUROS, ...never.reclaimEuros)).to.equal('DEADLINE_AHEAD');
      await past(never.answerDeadline);
      expect(await codeOn(DOLLARS, ...never.claimDollars)).to.equal('DEADLINE_PASSED');
      await on(DOLLARS, ...never.reclaimDollars);
      await stop(DOLLARS);
      await past(still.answerDeadline);
      await networkAt(DOLLARS).start();
      expect(await codeOn(DOLLARS, ...still.claimDollars)).to.equal('DEADLINE_PASSED');
      await on(DOLLARS, ...still.reclaimDollars);
      await past(Math.max(never.deadline, still.deadline));
      for (const { reclaimEuros } of [never, still]) await on(EUROS, ...reclaimEuros);
      expect(await held()).to.have.members(AFTER_GUIDE);
    });

    it('is completed where the first ledger stands still after the claim and is back in time', async () => {
      const { claimDollars, claimEuros, reclaimEuros } = await exchange('BACK', 4 * PATIENCE, PATIENCE);
      await on(DOLLARS, ...claimDollars);
      await stop(EUROS);
      await networkAt(EUROS).start();
      expect(await codeOn(EUROS, ...reclaimEuros)).to.equal('DEADLINE_AHEAD');
      await claimEuros();
      expect(await codeOn(EUROS, ...reclaimEuros)).to.equal('LOCK_CLOSED');
      expect(await held()).to.have.members([
        `${AURELIA} 600.00 EUR`,
        `${BOREALIS} 9900.00 EUR`,
        `${AURELIA} 10745.00 USD`,
        `${BOREALIS} 100.00 USD`,
      ]);
    });
  });
});
