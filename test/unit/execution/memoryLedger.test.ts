import { expect } from 'chai';
import { assets, cash, membership, payments } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { registerCalls } from '../../support/notesContract.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY } from '../../support/settlementNetwork.js';

const { alfa, beta, gamma, central } = ACCOUNTS;
const money = (account: Address, amount: bigint) =>
  callOf(cash.methods.issue, { currency: 'EUR', account, amount, reserveReference: `R-${account.slice(0, 12)}` });
const pay = (reference: string, amount: bigint, creditor: Address = beta) =>
  callOf(payments.methods.pay, { debtor: alfa, creditor, currency: 'EUR', amount, reference });
const batch = (mode: 'each' | 'all', amounts: readonly bigint[]) =>
  callOf(payments.methods.payBatch, {
    ...{ debtor: alfa, currency: 'EUR', mode },
    payments: amounts.map((amount, index) => ({ creditor: gamma, amount, reference: `B-${mode}-${index}` })),
  });

/** What goes well and what does not, each over what the ones before have left. */
const transactions: readonly (readonly [sender: Address, ...calls: Call[]])[] = [
  [central, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: TODAY })],
  [central, money(alfa, 1_000n), money(beta, 5n)],
  [alfa, pay('P-1', 10n), pay('P-2', 20n)],
  [alfa, pay('P-1', 10n)],
  [alfa, pay('P-3', 10n), pay('P-4', 100_000n)],
  [beta, pay('P-5', 1n)],
  [alfa, batch('each', [1n, 5_000n, 2n, 3n])],
  [alfa, batch('all', [1n, 5_000n])],
  [alfa, callOf(membership.methods.suspendMember, { member: BANKS.gamma })],
  [central, callOf(membership.methods.suspendMember, { member: BANKS.gamma })],
  [alfa, pay('P-6', 1n, gamma)],
  [alfa, { contract: 'nobody', method: 'none', args: Uint8Array.of(0xc0) }],
  [alfa, { contract: 'assets', method: 'create', args: Uint8Array.of(1, 2, 3) }],
  [alfa, callOf(assets.methods.pause, { instrument: 'NONE' })],
  [alfa, ...registerCalls('none')],
];

// PROTOCOL §Fuel: one runtime, one price.
describe('a ledger in memory', () => {
  it('gives every transaction the code, the events and the fuel that a node gives it', async () => {
    const network = await ExecutionNetwork.create();
    const chain = new TestChain(network, await network.started('one'));
    const memory = new TestNetwork();
    const codes = new Set<string>();
    for (const [sender, ...calls] of transactions) {
      const transaction = network.transaction(calls, { sender });
      const { block, receipts } = await chain.settle([transaction]);
      const { height, timestamp } = block.header;
      const sizeBytes = transaction.bytes.length;
      const here = memory.ledger.run({ sender, calls, height, timestamp, sizeBytes });
      const { code, fuelUsed, events, results } = receipts[0] ?? expect.fail('expected a receipt');
      expect({ code: here.failure?.code ?? '', fuelUsed: here.fuelUsed }).to.deep.equal({ code, fuelUsed });
      expect({ events: here.events, results: here.results }).to.deep.equal({ events, results });
      codes.add(code);
    }
    expect(codes).to.include.keys('', 'BUNDLE_REFUSED', 'CONTRACT_UNKNOWN', 'ARGUMENTS_INVALID', 'SUSPENDED');
    await network.remove();
  });
});
