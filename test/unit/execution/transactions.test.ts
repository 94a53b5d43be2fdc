import { expect } from 'chai';
import { apiErrorSchema } from '../../../contracts/api/failure.js';
import { cash, payments } from '../../../contracts/index.js';
import { genesisValidators } from '../../../genesis/genesis.js';
import { toHex } from '../../../primitives/bytes.js';
import { verifyFinalityProof } from '../../../primitives/finality.js';
import { EMPTY_TREE_ROOT } from '../../../primitives/merkle.js';
import type { FinalityProof } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS, CHAIN_ID, callOf } from '../../support/settlementNetwork.js';

const FUNDS = 1_000_000n;

describe('a transaction', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  beforeEach(async () => {
    network = await ExecutionNetwork.create({ parameters: { referenceWindowMs: 60_000 } });
    chain = await network.funded('one');
  });
  afterEach(() => network.remove());

  function pay(reference: string, amount: bigint) {
    const { alfa: debtor, beta: creditor } = ACCOUNTS;
    return callOf(payments.methods.pay, { debtor, creditor, currency: 'EUR', amount, reference });
  }

  // PROTOCOL §Running a transaction R1.
  it('keeps nothing of a failure but its receipt and its reference', async () => {
    const failing = network.transaction([pay('P-1', 10n), pay('P-2', FUNDS)]);
    const { receipts, result } = await chain.settle([failing]);
    const [receipt] = receipts;
    expect(receipt).to.include({ success: false, code: 'INSUFFICIENT_FUNDS', failedCall: 'payments.pay' });
    expect(payments.codec.decodeErrorData('INSUFFICIENT_FUNDS', receipt?.errorData ?? new Uint8Array())).to.deep.equal({
      available: `${FUNDS - 10n}`,
      required: `${FUNDS}`,
    });
    expect(receipt?.events).to.deep.equal([]);
    expect(receipt?.results).to.deep.equal([]);
    expect(receipt?.outcomesRoot).to.deep.equal(EMPTY_TREE_ROOT);
    expect(receipt?.fuelUsed).to.be.greaterThan(0);
    expect(result.included).to.have.length(1);
    expect(result.included[0]).to.include({ success: false, code: 'INSUFFICIENT_FUNDS' });
    expect(await chain.balance(ACCOUNTS.alfa)).to.equal(FUNDS);
    expect(await chain.balance(ACCOUNTS.beta)).to.equal(FUNDS);
    const again = network.transaction([pay('P-1', 10n)], { reference: failing.body.reference });
    expect((await chain.build([again])).leftOut).to.deep.equal([
      { id: again.id, code: 'REFERENCE_IN_USE', retry: false },
    ]);
    const afresh = await chain.settle([network.transaction([pay('P-1', 10n)])]);
    expect(afresh.receipts[0]?.success, 'the business reference of the failed call is free again').to.equal(true);
  });

  it('moves nothing but the roots of an empty block that holds only a failure', async () => {
    const before = chain.executor.head().header;
    const { block } = await chain.build([], chain.timestamp + 1_000);
    expect(block.header.stateRoot).to.deep.equal(before.stateRoot);
    expect(block.header.receiptsRoot).to.deep.equal(EMPTY_TREE_ROOT);
  });

  it('answers a call of no contract, of no method and with no arguments by codes', async () => {
    const none = new Uint8Array(0);
    const calls = [
      { contract: 'nobody', method: 'pay', args: none },
      { contract: 'payments', method: 'nothing', args: none },
      { contract: 'payments', method: 'pay', args: none },
      callOf(payments.methods.isReferenceUsed, { debtor: ACCOUNTS.alfa, reference: 'P-1', businessDay: 20_260_105 }),
    ];
    const { receipts } = await chain.settle(calls.map((call) => network.transaction([call])));
    expect(receipts.map(({ code, failedCall }) => [code, failedCall])).to.deep.equal([
      ['CONTRACT_UNKNOWN', 'nobody.pay'],
      ['METHOD_UNKNOWN', 'payments.nothing'],
      ['ARGUMENTS_INVALID', 'payments.pay'],
      ['', ''],
    ]);
    for (const { code, errorData } of receipts.slice(0, 3))
      expect(apiErrorSchema(code)?.decode(errorData)).to.deep.equal({});
  });

  it('settles once, however often its body comes', async () => {
    const payment = network.payment('P-1');
    await chain.settle([payment]);
    const original = await chain.executor.receipt(payment.id);
    const { leftOut } = await chain.build([payment]);
    expect(leftOut).to.deep.equal([{ id: payment.id, code: 'REFERENCE_IN_USE', retry: false }]);
    expect(await chain.executor.receipt(payment.id)).to.deep.equal(original);
    expect(await chain.balance(ACCOUNTS.beta)).to.equal(FUNDS + 10n);
  });

  it('names the original when another body comes under its reference', async () => {
    const original = network.payment('P-1');
    await chain.settle([original]);
    const { sender, reference } = original.body;
    const other = network.payment('P-2', { reference });
    expect((await chain.build([other])).leftOut.map(({ code }) => code)).to.deep.equal(['REFERENCE_IN_USE']);
    expect(toHex((await chain.executor.referenceOwner(sender, reference)) ?? new Uint8Array())).to.equal(
      toHex(original.id),
    );
    expect(await chain.executor.referenceOwner(ACCOUNTS.beta, reference)).to.equal(undefined);
  });

  it('holds its reference until the window has passed, and not a millisecond longer, across a restart', async () => {
    const window = network.genesis.parameters.referenceWindowMs;
    const original = network.payment('P-1');
    await chain.settle([original]);
    const included = chain.timestamp;
    await network.stop(chain.executor);
    const reopened = new TestChain(network, await network.started('one'));
    const { reference } = original.body;
    const later = network.payment('P-2', { reference, expiresAt: included + window + 1 });
    const within = await reopened.build([later], included + window);
    expect(within.leftOut.map(({ code }) => code)).to.deep.equal(['REFERENCE_IN_USE']);
    const after = await reopened.build([later], included + window + 1);
    expect(after.leftOut).to.deep.equal([]);
    await reopened.commit(after.block);
    const owner = await reopened.executor.referenceOwner(ACCOUNTS.alfa, reference);
    expect(toHex(owner ?? new Uint8Array())).to.equal(toHex(later.id));
    expect((await reopened.executor.receipt(original.id))?.height).to.equal(3);
  });

  it('pays a business reference once, whatever transaction brings it', async () => {
    const { receipts } = await chain.settle([network.payment('P-1'), network.payment('P-1')]);
    expect(receipts.map(({ code }) => code)).to.deep.equal(['', 'BUSINESS_REFERENCE_USED']);
    await network.stop(chain.executor);
    const reopened = new TestChain(network, await network.started('one'));
    const again = await reopened.settle([network.payment('P-1')]);
    expect(again.receipts.map(({ code }) => code)).to.deep.equal(['BUSINESS_REFERENCE_USED']);
    expect(await reopened.balance(ACCOUNTS.beta)).to.equal(FUNDS + 10n);
  });

  describe('that is a batch', () => {
    const batch = (mode: 'all' | 'each', amounts: readonly bigint[]) => {
      const rows = amounts.map((amount, index) => ({ creditor: ACCOUNTS.beta, amount, reference: `B-${index}` }));
      return callOf(payments.methods.payBatch, { debtor: ACCOUNTS.alfa, currency: 'EUR', mode, payments: rows });
    };

    async function proofOf(id: Uint8Array, reference: string): Promise<FinalityProof> {
      const proof = await chain.executor.proof(id, reference);
      return proof ?? expect.fail('expected a proof');
    }

    it('has an outcome for each payment, and a proof for each outcome', async () => {
      const amounts = [10n, FUNDS, 20n, 0n, 30n];
      const transaction = network.transaction([batch('each', amounts)]);
      const { receipts } = await chain.settle([network.payment('P-1'), transaction]);
      expect(receipts[1]?.outcomeCount).to.equal(5);
      const codes = ['', 'INSUFFICIENT_FUNDS', '', 'AMOUNT_ZERO', ''];
      const outcomes = codes.map((code, index) => ({ reference: `B-${index}`, code }));
      expect(await chain.executor.outcomes(transaction.id)).to.deep.equal(outcomes);
      const validators = genesisValidators(network.genesis);
      for (const outcome of outcomes) {
        const proof = await proofOf(transaction.id, outcome.reference);
        const trusted = { chainId: CHAIN_ID, genesisHash: network.genesisHash, validators };
        expect(verifyFinalityProof(proof, trusted).outcome).to.deep.equal(outcome);
      }
      expect(await chain.executor.proof(transaction.id, 'B-5')).to.equal(undefined);
      expect(await chain.balance(ACCOUNTS.beta)).to.equal(FUNDS + 70n);
    });

    it('settles all or nothing when the sender says so', async () => {
      const transaction = network.transaction([batch('all', [10n, FUNDS])]);
      const { receipts } = await chain.settle([transaction]);
      expect(receipts[0]).to.include({ success: false, code: 'INSUFFICIENT_FUNDS', outcomeCount: 0 });
      expect(await chain.executor.outcomes(transaction.id)).to.deep.equal([]);
      expect(await chain.executor.proof(transaction.id, 'B-0')).to.equal(undefined);
      expect(await chain.balance(ACCOUNTS.beta)).to.equal(FUNDS);
      const { receipts: second } = await chain.settle([network.transaction([batch('all', [10n, 20n])])]);
      expect(second[0]).to.include({ success: true, outcomeCount: 2 });
    });
  });

  it('reads the committed state alone in a view', async () => {
    await chain.build([network.payment('P-1')]);
    expect(await chain.balance(ACCOUNTS.beta)).to.equal(FUNDS);
    const { args } = cash.methods.balance;
    const unknown = args.encode({ currency: 'XXX', account: ACCOUNTS.beta });
    const error = await chain.executor.view('cash', 'balance', unknown).catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'CURRENCY_UNKNOWN' });
    const write = pay('P-1', 1n);
    const refused = await chain.executor.view('payments', 'pay', write.args).catch((caught: unknown) => caught);
    expect(refused).to.include({ code: 'READ_ONLY' });
  });
});
