import { expect } from 'chai';
import { callOf } from '../../../contracts/api/index.js';
import { netting } from '../../../contracts/index.js';
import { MAX_PARTICIPANTS } from '../../../contracts/netting/declaration.js';
import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import type { Address, Call } from '../../../primitives/types.js';
import { addressOf, CENTRAL, EUR, ISSUER, QueueNetwork } from '../../support/queueNetwork.js';

const n = netting.methods;
const ID = `${ISSUER}-N1`;
/** Obligations of each of 64 banks: its share of the places. */
const EACH = 78;
const NAMES = Array.from({ length: MAX_PARTICIPANTS }, (_, index) => `B${String(index).padStart(2, '0')}`);

/** Every bank owes every other one something, and most of them twice: as much as a cycle takes. */
describe('a netting cycle at its bounds', () => {
  it('takes each of its steps within the fuel of one transaction', function () {
    this.timeout(120_000);
    const network = new QueueNetwork(Object.fromEntries(NAMES.map((name) => [name, 10_000_000n])), [netting]);
    const limit = DEFAULT_PARAMETERS.maxTransactionFuel;
    const most = new Map<string, number>();
    const run = (name: string, call: Call, timestamp: number) => {
      const sender = addressOf(name);
      const receipt = network.ledger.run({ sender, signers: [sender], calls: [call], height: 2, timestamp });
      expect(receipt.failure?.code).to.equal(undefined);
      most.set(call.method, Math.max(most.get(call.method) ?? 0, receipt.fuelUsed));
      return receipt;
    };
    const start = network.timestamp;
    const terms = { operator: addressOf(CENTRAL), currency: EUR, participants: NAMES.map(addressOf) };
    const rule = { cutOffAt: start + 10, roundMs: 10, maxRounds: 8, creditors: 'assent' } as const;
    run(CENTRAL, callOf(n.open, { id: ID, ...terms, ...rule }), start);
    NAMES.forEach((name, index) => {
      const obligations = Array.from({ length: EACH }, (_, number) => {
        const other = NAMES[(index + 1 + (number % 63)) % 64] as string;
        return {
          creditor: addressOf(other),
          amount: BigInt(((index * 37 + number * 11) % 997) + 1),
          reference: `R${number}`,
        };
      });
      run(name, callOf(n.submit, { id: ID, debtor: addressOf(name), obligations }), start);
    });
    run(CENTRAL, callOf(n.freeze, { id: ID }), start + 10);
    const net = (account: Address) => network.view(n.participants, { id: ID }).find((each) => each.account === account);
    let now = start + 10;
    // In each round all confirm but two of those that are left; the last round is for all of them.
    for (let round = 1; round <= 8; round++) {
      const left = network.view(n.participants, { id: ID }).filter(({ excluded }) => excluded === undefined);
      const asked = left.filter(({ answer }) => answer === 'none');
      const debtors = left.filter(({ isDebit }) => isDebit).map(({ account }) => account);
      const failing = round === 8 ? [] : debtors.filter((account) => net(account)?.answer === 'none').slice(-2);
      for (const { account, isDebit, amount } of asked) {
        if (failing.includes(account)) continue;
        const name = NAMES.find((each) => addressOf(each) === account) as string;
        run(name, callOf(n.confirm, { id: ID, account, round, net: { isDebit, amount } }), now);
        if (network.view(n.cycle, { id: ID })?.status === 'settled') break;
      }
      now += 10;
      if (network.view(n.cycle, { id: ID })?.status === 'settled') break;
      run(CENTRAL, callOf(n.endRound, { id: ID }), now);
      if (network.view(n.cycle, { id: ID })?.status !== 'frozen') break;
    }
    expect(network.view(n.cycle, { id: ID })?.status).to.equal('settled');
    for (const [method, fuel] of most) expect(fuel, method).to.be.lessThan(limit / 2);
  });
});
