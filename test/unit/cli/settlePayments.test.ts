import { expect } from 'chai';
import type { PaymentOutcome } from '../../../cli/payments/paymentOutcome.js';
import type { PlannedPayment } from '../../../cli/payments/paymentPlan.js';
import { settlePayments } from '../../../cli/payments/settlePayments.js';
import type { Address, TransactionPriority } from '../../../primitives/types.js';
import { FakeSettlement } from './fakeSettlement.js';

const CREDITOR: Address = `0x${'bb'.repeat(20)}`;

describe('settling payments', () => {
  let chain: FakeSettlement;
  beforeEach(() => {
    chain = new FakeSettlement();
  });

  const payment = (reference: string, amount: bigint, occurrence = 0): PlannedPayment => ({
    row: { line: 1, reference, debtor: 'A', creditor: 'B', currency: 'EUR', amount: String(amount) },
    debtor: { name: 'A', account: chain.signer.address, signers: undefined, passwordFile: undefined },
    creditor: CREDITOR,
    amount,
    occurrence,
  });

  const settle = async (
    planned: readonly PlannedPayment[],
    batch = false,
    priority: TransactionPriority = 'normal',
  ): Promise<readonly string[]> => {
    let done = 0;
    const options = {
      businessDayOf: () => 20_260_105,
      batch,
      priority,
      nowMs: () => 0,
      onProgress: (count: number) => (done = count),
    };
    const outcomes = await settlePayments(chain.session, planned, options);
    expect(done).to.equal(planned.length);
    return outcomes.map(describe_);
  };
  const describe_ = (outcome: PaymentOutcome): string => {
    if (outcome.status === 'settled') return outcome.earlier ? 'settled earlier' : 'settled';
    return outcome.status === 'refused' ? outcome.code : 'unknown';
  };

  for (const batch of [false, true]) {
    const how = batch ? 'in a batch' : 'one by one';

    it(`pays what it can and names the code of every other payment, ${how}`, async () => {
      const planned = [payment('R-1', 100n), payment('R-2', 5_000n), payment('R-3', 300n), payment('R-1', 7n, 1)];
      expect(await settle(planned, batch)).to.deep.equal([
        'settled',
        'INSUFFICIENT_FUNDS',
        'settled',
        'BUSINESS_REFERENCE_USED',
      ]);
      expect(chain.paid).to.deep.equal(['R-1', 'R-3']);
    });

    it(`pays nothing twice when it runs again, and says that an earlier run had paid, ${how}`, async () => {
      const planned = [payment('R-1', 100n), payment('R-2', 200n)];
      await settle(planned, batch);
      expect(await settle(planned, batch)).to.deep.equal(['settled earlier', 'settled earlier']);
      expect(chain.available).to.equal(700n);
      expect(chain.transactions).to.equal(batch ? 1 : 2);
    });

    it(`leaves open what the network does not answer for, and settles it in the next run, ${how}`, async () => {
      const planned = [payment('R-1', 100n), payment('R-2', 200n)];
      chain.silent = true;
      expect(await settle(planned, batch)).to.deep.equal(['unknown', 'unknown']);
      chain.silent = false;
      expect(await settle(planned, batch)).to.deep.equal(['settled', 'settled']);
    });
  }

  it('tries a payment again that failed in an earlier run, under a reference of its own', async () => {
    const planned = [payment('R-1', 1_500n)];
    expect(await settle(planned)).to.deep.equal(['INSUFFICIENT_FUNDS']);
    expect(await settle(planned)).to.deep.equal(['INSUFFICIENT_FUNDS']);
    chain.available = 2_000n;
    expect(await settle(planned)).to.deep.equal(['settled']);
    expect(await settle(planned)).to.deep.equal(['settled earlier']);
    expect(chain.available).to.equal(500n);
  });

  it('pays a row that stands twice in a file once, whatever the two say', async () => {
    const planned = [payment('R-1', 100n), payment('R-1', 100n, 1), payment('R-1', 9n, 2)];
    const expected = ['settled', 'BUSINESS_REFERENCE_USED', 'BUSINESS_REFERENCE_USED'];
    expect(await settle(planned)).to.deep.equal(expected);
    expect(chain.available).to.equal(900n);
  });

  it('sends urgent ones as such, and knows those of an earlier run that were not', async () => {
    expect(await settle([payment('R-1', 100n)])).to.deep.equal(['settled']);
    const again = await settle([payment('R-1', 100n), payment('R-2', 100n)], false, 'urgent');
    expect(again).to.deep.equal(['settled earlier', 'settled']);
    expect(chain.priorities).to.deep.equal(['normal', 'urgent']);
  });

  it('believes no node that calls another transaction the original of a payment', async () => {
    await settle([payment('R-1', 100n), payment('R-2', 5_000n)]);
    const [other] = await settlePayments(chain.session, [payment('R-1', 100n)], {
      businessDayOf: () => 20_260_105,
      batch: false,
      priority: 'normal',
      nowMs: () => 0,
      onProgress: () => undefined,
    });
    chain.liesAboutOriginal = other?.status === 'settled' ? other.transactionId : '0x';
    expect(await settle([payment('R-2', 5_000n)])).to.deep.equal(['unknown']);
  });

  it('believes no node’s outcomes of a batch that the receipt does not commit to', async () => {
    chain.liesAboutOutcomes = [
      { reference: 'R-1', code: '' },
      { reference: 'R-2', code: '' },
    ];
    let code = '';
    try {
      await settle([payment('R-1', 100n), payment('R-2', 5_000n)], true);
    } catch (error) {
      code = (error as { code: string }).code;
    }
    expect(code).to.equal('PROOF_REFUSED');
  });
});
