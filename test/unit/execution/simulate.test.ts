import { expect } from 'chai';
import { callOf } from '../../../contracts/api/method.js';
import { payments } from '../../../contracts/index.js';
import type { SimulationResult } from '../../../node/execution/types.js';
import { draftTransaction } from '../../../primitives/transaction.js';
import type { DecodedTransaction } from '../../../primitives/types.js';
import { ExecutionNetwork, type TestChain } from '../../support/executionNetwork.js';
import { labCall, labContract } from '../../support/labContract.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';

/** Deeper than any stack. */
function overflow(depth: number): number {
  return 1 + overflow(depth + 1);
}

const lab = labContract('lab', {
  overflow: (host) => {
    host.put('written', Uint8Array.of(1));
    overflow(0);
  },
  breakRule: () => {
    throw new TypeError('a bug');
  },
  burn: (host) => {
    for (;;) host.useFuel(1_000_000);
  },
  same: (host) => {
    host.put('kept', Uint8Array.of(1));
    host.put('gone', Uint8Array.of(2));
    host.delete('gone');
  },
});

describe('a simulated transaction', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  beforeEach(async () => {
    network = await ExecutionNetwork.create({ contracts: [lab] });
    chain = await network.funded('one');
  });
  afterEach(() => network.remove());

  const simulate = (transaction: Pick<DecodedTransaction, 'bytes'>, timestamp = chain.timestamp + 1_000) =>
    chain.executor.simulate({ bytes: transaction.bytes, timestamp });

  const heldBytes = ({ changes }: SimulationResult, account: string) => {
    const change = changes.find(({ key }) => key.startsWith('cash/balances') && key.endsWith(keyBytes(account)));
    return change?.after?.length;
  };

  it('tells each entry that it would change, from what and to what, and its receipt', async () => {
    const result = await simulate(network.payment('P-1', { amount: 250n }));
    expect(result.refusal).to.equal(undefined);
    expect(result.height).to.equal(3);
    expect(result.receipt.success).to.equal(true);
    expect(result.receipt.events.map(({ contract, name }) => `${contract}.${name}`)).to.include('payments.Paid');
    expect(heldBytes(result, ACCOUNTS.alfa)).not.to.equal(undefined);
    expect(heldBytes(result, ACCOUNTS.beta)).not.to.equal(undefined);
    expect(result.changes).to.have.length(result.changeCount);
    for (const { before, after } of result.changes) expect(before).not.to.deep.equal(after);
    expect(result.changes.map(({ key }) => key)).to.deep.equal(result.changes.map(({ key }) => key).toSorted());
  });

  it('is what the block then does, to the unit of fuel', async () => {
    const payment = network.payment('P-1');
    const { receipt, id } = await simulate(payment);
    const settled = await chain.settle([payment]);
    expect(id).to.deep.equal(payment.id);
    expect(settled.receipts).to.deep.equal([receipt]);
  });

  it('costs as a draft what it costs signed', async () => {
    const payment = network.payment('P-1', { sender: ACCOUNTS.alfa });
    const draft = await simulate({ bytes: draftTransaction(payment.body) });
    expect(draft.receipt).to.deep.equal((await simulate(payment)).receipt);
  });

  it('writes nothing: not the state, not the reference, not the business reference', async () => {
    const [payment, other] = [network.payment('P-1'), network.payment('P-2')];
    const twin = await network.funded('twin');
    for (let times = 0; times < 3; times++) expect((await simulate(payment)).refusal).to.equal(undefined);
    await simulate(other);
    expect(await chain.balance(ACCOUNTS.beta)).to.equal(1_000_000n);
    const [here, there] = [await chain.settle([payment]), await twin.settle([payment])];
    expect(here.receipts[0]?.success).to.equal(true);
    expect(here.block.header.stateRoot).to.deep.equal(there.block.header.stateRoot);
    expect(here.receipts).to.deep.equal(there.receipts);
  });

  for (const [name, code, make] of [
    ['whose reference is in use', 'REFERENCE_IN_USE', (used: DecodedTransaction) => used],
    ['that is too old', 'TRANSACTION_EXPIRED', () => network.payment('P-2', { expiresAt: chain.timestamp - 1 })],
    [
      'whose signers do not meet the policy',
      'POLICY_NOT_MET',
      () => network.payment('P-2', { signers: [ACCOUNTS.beta] }),
    ],
    ['whose signer nobody knows', 'SIGNER_UNKNOWN', () => network.payment('P-2', { signers: [ACCOUNTS.unknown] })],
    [
      'of a sender that nobody knows',
      'SENDER_UNKNOWN',
      () => network.payment('P-2', { sender: ACCOUNTS.unknown, signers: [ACCOUNTS.alfa] }),
    ],
  ] as const) {
    it(`says that no block may include one ${name}`, async () => {
      const used = network.payment('P-1');
      await chain.settle([used]);
      expect((await simulate(make(used))).refusal?.code).to.equal(code);
    });
  }

  it('tells why it would fail, and that nothing would change', async () => {
    const { receipt, changes, changeCount } = await simulate(network.payment('P-1', { amount: 9_000_000n }));
    expect(receipt).to.include({ success: false, code: 'INSUFFICIENT_FUNDS' });
    expect([changes, changeCount]).to.deep.equal([[], 0]);
  });

  it('is metered as in a block', async () => {
    const { receipt, maxFuel } = await simulate(network.transaction([labCall('lab', 'burn')]));
    expect(receipt.code).to.equal('OUT_OF_FUEL');
    expect(maxFuel).to.equal(network.genesis.parameters.maxTransactionFuel);
  });

  it('waits for others only up to a number', async () => {
    const { bytes } = network.payment('P-1');
    const asked = Array.from({ length: 10 }, () => simulate({ bytes }));
    const settled = await Promise.allSettled(asked);
    const codes = settled.map((one) => (one.status === 'rejected' ? one.reason.code : one.value.receipt.code));
    // One may have begun before the others came.
    expect(codes.slice(0, 8).concat(codes.slice(9))).to.deep.equal([...Array(8).fill(''), 'EXECUTOR_BUSY']);
    expect((await simulate({ bytes })).receipt.success).to.equal(true);
  });

  it('counts no entry as changed that ends as it was', async () => {
    const same = network.transaction([labCall('lab', 'same')]);
    expect((await simulate(same)).changes.map(({ key }) => key)).to.deep.equal(['lab/kept']);
    await chain.settle([same]);
    expect((await simulate(network.transaction([labCall('lab', 'same')]))).changeCount).to.equal(0);
  });

  it('stands in a block after the head, whatever the clock says', async () => {
    const { timestamp } = await simulate(network.payment('P-1'), 0);
    expect(timestamp).to.equal(chain.timestamp + 1);
  });

  it('tells at most ten thousand entries, and how many there are', async () => {
    const many = labContract('lab', {
      fill: (host) => {
        for (let i = 0; i < 10_001; i++) host.put(`${i}`, Uint8Array.of(1));
      },
    });
    const wide = await ExecutionNetwork.create({ contracts: [many] });
    try {
      const executor = await wide.started('wide');
      const { bytes } = wide.transaction([labCall('lab', 'fill')]);
      const { changes, changeCount } = await executor.simulate({ bytes, timestamp: executor.head().header.timestamp });
      expect([changes.length, changeCount]).to.deep.equal([10_000, 10_001]);
    } finally {
      await wide.remove();
    }
  });

  // PROTOCOL §Running a transaction R3.
  for (const method of ['overflow', 'breakRule']) {
    it(`that breaks the executor is no result, and the node goes on (${method})`, async () => {
      const error = await rejectionOf(simulate(network.transaction([labCall('lab', method)])));
      expect(error.code).to.equal('HOST_EXCEPTION');
      expect(network.fatal).to.deep.equal([]);
      const { receipts } = await chain.settle([network.payment('P-1')]);
      expect(receipts[0]?.success).to.equal(true);
    });
  }

  it('is refused where its bytes are none', async () => {
    const error = await rejectionOf(simulate({ bytes: Uint8Array.of(0xc1, 0x01) }));
    expect(error.code).not.to.equal('HOST_EXCEPTION');
    expect(network.fatal).to.deep.equal([]);
  });

  it('tells what becomes of each payment of a batch', async () => {
    const batch = callOf(payments.methods.payBatch, {
      debtor: ACCOUNTS.alfa,
      currency: 'EUR',
      mode: 'each',
      payments: [
        { creditor: ACCOUNTS.beta, amount: 10n, reference: 'B-1' },
        { creditor: ACCOUNTS.beta, amount: 9_000_000n, reference: 'B-2' },
      ],
    });
    const { outcomes } = await simulate(network.transaction([batch]));
    expect(outcomes).to.deep.equal([
      { reference: 'B-1', code: '' },
      { reference: 'B-2', code: 'INSUFFICIENT_FUNDS' },
    ]);
  });
});

/** The last part of a key of `cash.balances`. */
function keyBytes(account: string): string {
  return (account.slice(2).match(/../g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join('');
}
