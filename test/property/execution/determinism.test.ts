import { expect } from 'chai';
import fc from 'fast-check';
import { cash, payments } from '../../../contracts/index.js';
import { toHex } from '../../../primitives/bytes.js';
import { encodeReceipt } from '../../../primitives/receipt.js';
import type { Address, Call, DecodedTransaction } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS, BANKS, CUSTODIAN, callOf, KEYS } from '../../support/settlementNetwork.js';

const FUNDS = 1_000_000n;
const PARTIES = [
  ACCOUNTS.alfa,
  ACCOUNTS.alfaSecond,
  ACCOUNTS.beta,
  ACCOUNTS.gamma,
  ACCOUNTS.custodian,
  ACCOUNTS.unknown,
];

const BICS = [...Object.values(BANKS), CUSTODIAN];

/** What a client may ask for, sensible or not, as indices and amounts. */
const callArbitrary = fc.record({
  kind: fc.constantFrom('pay', 'batchAll', 'batchEach', 'transfer', 'nonsense'),
  creditor: fc.nat(PARTIES.length - 1),
  amount: fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(FUNDS / 2n, 2n * FUNDS)),
  // Few names, so that business references collide.
  reference: fc.nat(12),
  rows: fc.integer({ min: 1, max: 6 }),
});
type CallSketch = typeof callArbitrary extends fc.Arbitrary<infer T> ? T : never;

const transactionArbitrary = fc.record({
  sender: fc.nat(4),
  reference: fc.nat(400),
  calls: fc.array(callArbitrary, { minLength: 1, maxLength: 3 }),
});
type TransactionSketch = typeof transactionArbitrary extends fc.Arbitrary<infer T> ? T : never;

function callFrom({ kind, creditor: index, amount, reference, rows }: CallSketch, debtor: Address): Call {
  const creditor = PARTIES[index] as Address;
  const currency = 'EUR';
  const name = (row: number) => `B-${reference + row}`;
  if (kind === 'pay') return callOf(payments.methods.pay, { debtor, creditor, currency, amount, reference: name(0) });
  if (kind === 'transfer') return callOf(cash.methods.transfer, { debtor, creditor, currency, amount });
  if (kind === 'nonsense') return { contract: 'payments', method: 'pay', args: Uint8Array.of(index) };
  const mode = kind === 'batchAll' ? 'all' : 'each';
  const list = Array.from({ length: rows }, (_, row) => ({
    creditor,
    amount: amount / BigInt(row + 1),
    reference: name(row),
  }));
  return callOf(payments.methods.payBatch, { debtor, currency, mode, payments: list });
}

function transactionFrom(network: ExecutionNetwork, { sender: index, reference, calls }: TransactionSketch) {
  const sender = PARTIES[index] as Address;
  const isCustodian = sender === ACCOUNTS.custodian;
  const signers = isCustodian ? [KEYS.custodianOne.address, KEYS.custodianTwo.address].sort() : [sender];
  return network.transaction(
    calls.map((call) => callFrom(call, sender)),
    { sender, signers, reference: Uint8Array.of(1 + (reference >> 8), reference & 0xff) },
  );
}

const blocksArbitrary = fc.array(
  fc.record({
    transactions: fc.array(transactionArbitrary, { maxLength: 12 }),
    /** What the second executor sees of this height before the decided block: other blocks, in part the same. */
    others: fc.array(fc.nat(11), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);

async function receiptsOf(chain: TestChain, transactions: readonly DecodedTransaction[]): Promise<readonly string[]> {
  const records = await Promise.all(transactions.map(({ id }) => chain.executor.receipt(id)));
  return records.flatMap((record) => (record === undefined ? [] : [toHex(encodeReceipt(record.receipt))]));
}

describe('two executors', function () {
  this.timeout(60_000);

  it('agree on every byte, whatever else they executed before', async () => {
    const property = fc.asyncProperty(blocksArbitrary, async (blocks) => {
      const network = await ExecutionNetwork.create();
      try {
        const one = await network.funded('one');
        const two = new TestChain(network, await network.started('two'));
        for (const { block, certificate } of await one.executor.blocks(1, 9, 1_000_000)) {
          await two.executor.commit(block, certificate);
        }
        for (const { transactions, others } of blocks) {
          const offered = transactions.map((sketch) => transactionFrom(network, sketch));
          const { block } = await one.build(offered);
          for (const start of others) await two.build(offered.slice(start).reverse(), two.timestamp + 500 + start);
          if (others.length % 2 === 0) expect(await two.executor.execute(block)).to.deep.equal({ valid: true });
          await one.commit(block);
          await two.commit(block);
          expect(two.executor.head()).to.deep.equal(one.executor.head());
          expect(await receiptsOf(two, offered)).to.deep.equal(await receiptsOf(one, offered));
        }
        await conserved(one);
        await conserved(two);
        expect(network.fatal).to.deep.equal([]);
      } finally {
        await network.remove();
      }
    });
    await fc.assert(property, { numRuns: 12, seed: 20_260_105 });
  });

  it('agree on a block that cannot hold all, whether they build it from the same, or execute it afresh', async () => {
    const leftOutCodes = new Set<string>();
    const leads = fc.array(fc.record({ member: fc.constantFrom(...BICS), lead: fc.nat(1_000) }), { maxLength: 3 });
    const full = fc.record({
      transactions: fc.array(transactionArbitrary, { minLength: 16, maxLength: 30 }),
      leads,
      scarce: fc.constantFrom('fuel', 'quota', 'bytes', 'fuel that the leader gives'),
      maxBytes: fc.nat(3_000),
      maxFuel: fc.nat(700_000),
    });
    const property = fc.asyncProperty(full, async ({ transactions, scarce, maxBytes, maxFuel, ...given }) => {
      const network = await ExecutionNetwork.create({
        parameters: {
          ...(scarce === 'fuel' ? { maxBlockFuel: 700_000, maxTransactionFuel: 400_000 } : {}),
          ...(scarce === 'quota' ? { quotaTransactions: 6 } : {}),
        },
      });
      try {
        const leader = await network.funded('leader');
        const blocks = await leader.executor.blocks(1, 9, 1_000_000);
        const [follower, afresh] = await Promise.all(
          ['follower', 'afresh'].map(async (name) => new TestChain(network, await network.started(name))),
        );
        if (follower === undefined || afresh === undefined) return expect.fail('two more executors');
        for (const { executor } of [follower, afresh]) await executor.commitAll(blocks);
        const request = {
          ...leader.request(transactions.map((sketch) => transactionFrom(network, sketch))),
          leads: given.leads.map(({ member, lead }) => ({ member, lead: lead / 1_000 })),
          ...(scarce === 'bytes' ? { maxBytes } : {}),
          ...(scarce === 'fuel that the leader gives' ? { maxFuel } : {}),
        };
        const { block, blockHash, leftOut } = await leader.executor.build(request);
        for (const { code } of leftOut) leftOutCodes.add(code);
        expect(await follower.executor.rehearse(request)).to.deep.equal({ blockHash, poisonous: [] });
        expect(await afresh.executor.execute(block)).to.deep.equal({ valid: true });
        for (const chain of [leader, follower, afresh]) await chain.commit(block);
        expect(follower.executor.head()).to.deep.equal(leader.executor.head());
        expect(network.fatal).to.deep.equal([]);
      } finally {
        await network.remove();
      }
    });
    await fc.assert(property, { numRuns: 48 });
    expect([...leftOutCodes]).to.include.members(['BLOCK_FUEL_EXCEEDED', 'QUOTA_EXCEEDED', 'BLOCK_TOO_LARGE']);
  });
});

async function conserved(chain: TestChain): Promise<void> {
  let total = 0n;
  for (const account of PARTIES) total += await chain.balance(account);
  expect(total).to.equal(5n * FUNDS);
}
