import { expect } from 'chai';
import type { BlockJson } from '../../../api/values.js';
import { ClientError } from '../../../client/errors.js';
import {
  BankBook,
  heightOf,
  idsOnChain,
  OPENING_BALANCE,
  onlyOf,
  PaymentFlow,
} from '../../support/processes/bankBook.js';
import { type Member, ProcessNetwork } from '../../support/processes/processNetwork.js';
import { pause, until } from '../../support/processes/until.js';

/** A drill crashes every validator in turn; without it, one stands for all. */
const isDrill = process.env['VOSTRO_DRILL'] === '1';
/** Longer than the time after which an empty block would be due and several rounds of the network without a quorum. */
const NO_QUORUM_MS = 7_000;

describe('a network of processes whose validators are killed', function () {
  this.timeout(isDrill ? 900_000 : 300_000);
  let network: ProcessNetwork;
  let book: BankBook;

  before(async () => {
    network = await ProcessNetwork.create();
    await network.start();
    book = await BankBook.open(network);
  });

  after(() => network?.remove());

  const blocks = async (member: Member, from: number, to: number): Promise<BlockJson[]> => {
    const client = onlyOf(network, member);
    const found: BlockJson[] = [];
    for (let height = from; height <= to; height++) found.push(await client.call('block', { height }));
    return found;
  };

  const newestHeight = async (members: readonly Member[]): Promise<number> =>
    Math.max(...(await Promise.all(members.map((member) => heightOf(onlyOf(network, member))))));

  const untilHeight = (member: Member, height: number): Promise<number> => {
    const client = onlyOf(network, member);
    return until(`${member.node.member.bic} at height ${height}`, async () => {
      const reached = await heightOf(client);
      return reached >= height && reached;
    });
  };

  /** Everybody has the same chain, on it every payment that was final stands once, and nobody signed twice. */
  const expectOneTruth = async (): Promise<void> => {
    const height = await newestHeight(network.members);
    await Promise.all(network.members.map((member) => untilHeight(member, height)));
    const chains = await Promise.all(network.members.map((member) => blocks(member, 1, height)));
    for (const chain of chains) {
      expect(chain.map(({ blockHash }) => blockHash)).to.deep.equal(chains[0]?.map(({ blockHash }) => blockHash));
      expect(chain.map(({ stateRoot }) => stateRoot)).to.deep.equal(chains[0]?.map(({ stateRoot }) => stateRoot));
    }
    for (const member of network.members) {
      const client = onlyOf(network, member);
      const ids = await idsOnChain(client, height);
      expect(new Set(ids).size).to.equal(ids.length);
      expect([...book.final.keys()].filter((id) => !ids.includes(id))).to.deep.equal([]);
      // The central bank's own: one that opened the day, one for each opening balance.
      expect(ids.length).to.equal(book.final.size + 1 + book.banks.length);
      const balances = await book.balances(client);
      expect([...balances]).to.deep.equal([...book.expected]);
      expect([...balances.values()].reduce((sum, balance) => sum + balance, 0n)).to.equal(
        await book.outstanding(client),
      );
      expect(await book.outstanding(client)).to.equal(OPENING_BALANCE * BigInt(book.banks.length));
      expect(await network.evidenceBytes(member)).to.equal(0);
      expect(await network.metric(member, 'vostro_engine_evidence_total')).to.equal(0);
    }
  };

  const bics = ['AURLDEFF', 'BORLFRPP', 'CYGNNLNA', 'DORAESMM'];
  for (const bic of isDrill ? bics : bics.slice(1, 2)) {
    it(`settles on while ${bic} is killed, which comes back to the same state and signs again`, async () => {
      const killed = network.member(bic);
      const others = network.validators.filter((member) => member !== killed);
      const flow = new PaymentFlow(book, `KILL-${bic}`);
      try {
        const begun = flow.settled;
        await until('payments that flow', () => flow.settled >= begun + 20);
        await killed.process.kill();
        const heightAtDeath = await newestHeight(others);
        const settledAtDeath = flow.settled;
        await until('payments final without it', () => flow.settled >= settledAtDeath + 20);
        await killed.process.start();
        const heightAtReturn = await newestHeight(others);
        expect(heightAtReturn).to.be.greaterThan(heightAtDeath);
        await untilHeight(killed, heightAtReturn);
        let checked = heightAtReturn;
        await until('its seal under a block of the others', async () => {
          const reached = await newestHeight(others.slice(0, 1));
          const newer = await blocks(others[0] as Member, checked + 1, reached);
          checked = reached;
          return newer.some(({ signers }) => signers.includes(killed.seat));
        });
      } finally {
        const sent = await flow.stop();
        expect(sent).to.be.greaterThan(0);
      }
      await expectOneTruth();
    });
  }

  it('makes nothing final without a quorum, and goes on by itself when it is there again', async () => {
    const [first, second, third, fourth] = network.validators as [Member, Member, Member, Member];
    await Promise.all([third.process.kill(), fourth.process.kill()]);
    const rest = network.client([first, second]);
    const [from, to] = book.banks as [string, string];
    const payment = await book.sign(from, to, 11n, 'WITHOUT-QUORUM');
    await rest.submit(payment);
    // What the two had collected before may still be decided; after that, nothing.
    await pause(1_000);
    const heightBefore = await newestHeight([first, second, network.observer]);
    const error = await rest.wait(payment.id, NO_QUORUM_MS).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(ClientError);
    expect((error as ClientError).code).to.equal('OUTCOME_UNKNOWN');
    expect(await newestHeight([first, second, network.observer])).to.equal(heightBefore);
    await third.process.start();
    const final = await rest.wait(payment.id);
    book.book(from, to, 11n, final);
    await fourth.process.start();
    await expectOneTruth();
  });
});
