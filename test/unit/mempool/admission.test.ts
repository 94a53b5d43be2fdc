import { expect } from 'chai';
import { DEFAULT_GATE_LIMITS } from '../../../node/mempool/admissionGate.js';
import { MempoolError } from '../../../node/mempool/errors.js';
import { SignatureServiceError } from '../../../node/signatures/errors.js';
import { CodedError } from '../../../primitives/errors.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { encodeTransaction, transactionId } from '../../../primitives/transaction.js';
import type { Call } from '../../../primitives/types.js';
import {
  Bank,
  commitResult,
  GENESIS_HASH,
  idOf,
  included,
  START_MS,
  testKey,
  text,
  WINDOW_MS,
} from '../../support/mempool/bank.js';
import { TestMempool } from '../../support/mempool/testMempool.js';
import { rejectionOf } from '../../support/rejection.js';

const ALPHA = new Bank('ALPHDEFF');
const BETA = new Bank('BETADEFF', 2, 3);

describe('the mempool’s door, with real signatures', () => {
  let node: TestMempool;

  beforeEach(() => {
    node = new TestMempool([ALPHA, BETA], { realSignatures: true });
  });

  it('takes in what may be included, relays it once, and wakes consensus', async () => {
    const bytes = ALPHA.signed('one');
    expect(await node.outcome(bytes)).to.equal('accepted');
    expect(node.candidateIds()).to.deep.equal([idOf(ALPHA.body('one'))]);
    expect([node.mempool.size, node.mempool.sizeBytes]).to.deep.equal([1, bytes.length]);
    expect(node.relayed).to.deep.equal([bytes]);
    expect(node.pending).to.deep.equal([true]);
  });

  it('refuses a signature over anything else, and one by another key', async () => {
    const bytes = ALPHA.signed('one');
    const changed = Uint8Array.from(bytes);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(await node.outcome(changed)).to.equal('SIGNATURE_INVALID');
    const body = ALPHA.body('one');
    const signature = nobleBackend.sign(transactionId(body, GENESIS_HASH), testKey('another').privateKey);
    const byAnother = encodeTransaction({ body, signatures: [{ suite: 1, signature }] });
    expect(await node.outcome(byAnother)).to.equal('SIGNATURE_INVALID');
    expect(node.mempool.size).to.equal(0);
    expect(node.relayed).to.deep.equal([]);
  });

  it('asks whoever stands at the door about the calls, before signatures and once, and never of what it knows', async () => {
    const asked: string[] = [];
    const requireCalls = async (calls: readonly Call[]): Promise<void> => {
      asked.push(calls.map(({ contract, method }) => `${contract}.${method}`).join());
      if (asked.length === 1) throw new CodedError('ARGUMENTS_INVALID', 'not these');
    };
    const bytes = ALPHA.signed('one');
    const refused = await rejectionOf(node.mempool.admit(bytes, requireCalls));
    expect(refused.code).to.equal('ARGUMENTS_INVALID');
    expect(node.mempool.size).to.equal(0);
    expect((await node.mempool.admit(bytes, requireCalls)).status).to.equal('accepted');
    expect((await node.mempool.admit(bytes, requireCalls)).status).to.equal('known');
    expect(asked).to.have.lengthOf(2);
    expect(node.relayed).to.deep.equal([bytes]);
  });

  it('takes in nothing new while the disk is nearly full, submitted or relayed, and still knows what it has', async () => {
    const before = ALPHA.signed('before');
    await node.outcome(before);
    node.hasSpace = false;
    expect(await node.outcome(ALPHA.signed('meanwhile'))).to.equal('FREE_SPACE_LOW');
    expect(await node.mempool.admitRelayed([BETA.signed('relayed')], 'peer')).to.equal(0);
    expect(node.relayerFaults).to.deep.equal([]);
    expect(await node.outcome(before)).to.equal('known');
    expect(node.mempool.size).to.equal(1);
    node.hasSpace = true;
    expect(await node.outcome(ALPHA.signed('meanwhile'))).to.equal('accepted');
  });

  it('takes in an account’s transaction when enough of its active keys signed', async () => {
    const [first, second, third] = BETA.keys.map(({ address }) => address);
    const by = (...signers: (typeof first)[]) => ({ signers: signers.flatMap((signer) => signer ?? []).sort() });
    expect(await node.outcome(BETA.signed('a', by(first)))).to.equal('POLICY_NOT_MET');
    expect(await node.outcome(BETA.signed('a', by(first, third)))).to.equal('accepted');
    const keys = BETA.directoryKeys([true, true, false]);
    node.mempool.onCommitted(commitResult(START_MS, [], { keys }));
    expect(await node.outcome(BETA.signed('b', by(first, third)))).to.equal('POLICY_NOT_MET');
    expect(await node.outcome(BETA.signed('b', by(first, second, third)))).to.equal('accepted');
  });

  it('takes in what a maker and a checker of the account have signed, and says which of them is missing', async () => {
    const bank = new Bank('GAMMITMM', 2, 3, 1);
    const [maker, makerTwo, checker] = bank.keys.map(({ address }) => address);
    const by = (...signers: (typeof maker)[]) => ({ signers: signers.flatMap((signer) => signer ?? []).sort() });
    const directory = { keys: bank.directoryKeys(), accounts: [bank.directoryAccount()] };
    node.mempool.onCommitted(commitResult(START_MS, [], directory));
    const unchecked = await rejectionOf(node.mempool.admit(bank.signed('c', by(maker, makerTwo))));
    expect([unchecked.code, unchecked.details.actual]).to.deep.equal(['POLICY_NOT_MET', 'none of a checker']);
    expect(await node.outcome(bank.signed('c', by(checker)))).to.equal('POLICY_NOT_MET');
    expect(await node.outcome(bank.signed('c', by(makerTwo, checker)))).to.equal('accepted');
  });
});

describe('the mempool’s door', () => {
  let node: TestMempool;

  beforeEach(() => {
    node = new TestMempool([ALPHA, BETA]);
  });

  const refused = async (bytes: Uint8Array): Promise<MempoolError> => {
    try {
      await node.mempool.admit(bytes);
    } catch (error) {
      if (error instanceof MempoolError) return error;
      throw error;
    }
    return expect.fail('it was taken in');
  };

  const CASES: readonly { readonly code: string; readonly bytes: () => Uint8Array }[] = [
    { code: 'TRANSACTION_MALFORMED', bytes: () => text('not a transaction') },
    { code: 'TRANSACTION_MALFORMED', bytes: () => Uint8Array.from([...ALPHA.pretended('x'), 0]) },
    {
      code: 'TRANSACTION_TOO_LARGE',
      bytes: () => ALPHA.pretended('x', { calls: [{ contract: 'c', method: 'm', args: new Uint8Array(100_000) }] }),
    },
    { code: 'CHAIN_ID_MISMATCH', bytes: () => ALPHA.pretended('x', { chainId: 'vostro-other' }) },
    { code: 'TRANSACTION_EXPIRED', bytes: () => ALPHA.pretended('x', { expiresAt: START_MS }) },
    { code: 'EXPIRY_TOO_FAR', bytes: () => ALPHA.pretended('x', { expiresAt: START_MS + WINDOW_MS + 502 }) },
    { code: 'SENDER_UNKNOWN', bytes: () => new Bank('GAMMDEFF').pretended('x', { signers: [ALPHA.account] }) },
    {
      code: 'SIGNER_UNKNOWN',
      bytes: () => ALPHA.pretended('x', { signers: [ALPHA.account, testKey('nobody').address].sort() }),
    },
    { code: 'POLICY_NOT_MET', bytes: () => ALPHA.pretended('x', { signers: [BETA.account] }) },
    { code: 'SIGNATURE_INVALID', bytes: () => ALPHA.pretended('x', {}, 255) },
  ];

  for (const { code, bytes } of CASES) {
    it(`says ${code}, what was expected and what was found`, async () => {
      const error = await refused(bytes());
      expect(error.code).to.equal(code);
      expect(error.details.hint, 'a hint').to.be.a('string').and.not.equal('');
      expect(error.message).to.match(/expected .+, found .+/);
      expect(node.mempool.size).to.equal(0);
      expect(node.pending).to.deep.equal([]);
    });
  }

  it('takes in what expires at the last moment and at the farthest', async () => {
    expect(await node.outcome(ALPHA.pretended('soon', { expiresAt: START_MS + 1 }))).to.equal('accepted');
    expect(await node.outcome(ALPHA.pretended('late', { expiresAt: START_MS + WINDOW_MS + 501 }))).to.equal('accepted');
    node.nowMs = START_MS + 10_000;
    expect(await node.outcome(ALPHA.pretended('past', { expiresAt: START_MS + 9_999 }))).to.equal(
      'TRANSACTION_EXPIRED',
    );
  });

  it('refuses a suspended account, and one whose suspension ended no more', async () => {
    const suspend = (active: boolean) =>
      node.mempool.onCommitted(commitResult(START_MS, [], { accounts: [ALPHA.directoryAccount(active)] }));
    suspend(false);
    expect(await node.outcome(ALPHA.pretended('x'))).to.equal('SENDER_SUSPENDED');
    suspend(true);
    expect(await node.outcome(ALPHA.pretended('x'))).to.equal('accepted');
  });

  it('learns keys and accounts from the block that registers them', async () => {
    const gamma = new Bank('GAMMDEFF');
    expect(await node.outcome(gamma.pretended('x'))).to.equal('SENDER_UNKNOWN');
    const directory = { keys: gamma.directoryKeys(), accounts: [gamma.directoryAccount()] };
    node.mempool.onCommitted(commitResult(START_MS, [], directory));
    expect(await node.outcome(gamma.pretended('x'))).to.equal('accepted');
  });

  it('knows a body that waits, however it is signed, and does nothing twice', async () => {
    const [one, another] = [ALPHA.pretended('x', {}, 1), ALPHA.pretended('x', {}, 2)];
    expect(await node.outcome(one)).to.equal('accepted');
    expect(await node.outcome(one)).to.equal('known');
    expect(await node.outcome(another)).to.equal('known');
    expect(node.relayed).to.have.length(1);
    expect(node.mempool.size).to.equal(1);
  });

  it('names the original when another body uses its reference, while it waits and when it is final', async () => {
    const original = ALPHA.body('x');
    const other = ALPHA.pretended('x', { expiresAt: START_MS + 5_000 });
    await node.outcome(ALPHA.pretended('x'));
    expect((await refused(other)).details).to.include({ originalId: idOf(original) });
    node.commit([original]);
    const error = await refused(other);
    expect([error.code, error.details['originalId']]).to.deep.equal(['REFERENCE_CONFLICT', idOf(original)]);
    expect(await node.outcome(ALPHA.pretended('x'))).to.equal('known');
    expect(await node.outcome(BETA.pretended('x')), 'the same reference of another sender').to.equal('accepted');
  });

  it('passes on that signatures cannot be checked now, and takes the transaction in later', async () => {
    node.verifier.failure = new SignatureServiceError('VERIFIER_OVERLOADED', 'too much to do');
    expect(await node.outcome(ALPHA.pretended('x'))).to.equal('VERIFIER_OVERLOADED');
    node.verifier.failure = undefined;
    expect(await node.outcome(ALPHA.pretended('x'))).to.equal('accepted');
  });

  it('keeps bytes of its own: a caller’s buffer may be used again', async () => {
    const larger = Buffer.alloc(10_000);
    const bytes = ALPHA.pretended('x');
    larger.set(bytes, 100);
    await node.outcome(larger.subarray(100, 100 + bytes.length));
    larger.fill(0);
    const [kept] = node.candidates(1, 1_000);
    expect(kept?.bytes).to.deep.equal(bytes);
    expect(kept?.bytes.buffer.byteLength).to.equal(bytes.length);
  });

  it('keeps those of a batch in memory of their own that small ones share, a few thousand bytes at most', async () => {
    const frame = Buffer.alloc(100_000);
    let offset = 0;
    const batch = Array.from({ length: 100 }, (_, i) => {
      const calls = [{ contract: 'c', method: 'm', args: new Uint8Array(i % 10 === 0 ? 5_000 : 1) }];
      const bytes = ALPHA.pretended(`r${i}`, { calls });
      frame.set(bytes, offset);
      offset += bytes.length;
      return { bytes, view: frame.subarray(offset - bytes.length, offset) };
    });
    const relayed = await node.mempool.admitRelayed(
      batch.map(({ view }) => view),
      'peer',
    );
    frame.fill(0);
    expect(relayed).to.equal(100);
    const kept = node.candidates(1_000, 1_000_000).map(({ bytes }) => bytes);
    expect(kept).to.deep.equal(batch.map(({ bytes }) => bytes));
    for (const { buffer, length } of kept) expect(buffer.byteLength).to.be.at.most(Math.max(4_096, length));
    expect(new Set(kept.map(({ buffer }) => buffer)).size, 'allocations').to.be.lessThan(30);
  });

  it('takes no part in what brought an executor down, whoever sends it again', async () => {
    const bytes = ALPHA.pretended('poison');
    await node.outcome(bytes);
    const [candidate] = node.candidates(1, 1_000);
    if (candidate !== undefined) node.mempool.reject([{ id: candidate.id, code: 'HOST_EXCEPTION' }]);
    expect(node.mempool.size).to.equal(0);
    expect(await node.outcome(bytes)).to.equal('TRANSACTION_QUARANTINED');
    expect(await node.mempool.admitRelayed([bytes], 'peer')).to.equal(0);
  });

  it('takes nothing more of a sender that brought it down three times, until a while has passed', async () => {
    node = new TestMempool([ALPHA, BETA]);
    await node.outcome(BETA.pretended('other'));
    for (const reference of ['p0', 'p1', 'waits']) await node.outcome(ALPHA.pretended(reference));
    const sent = ['p0', 'p1'].map((reference) => included(ALPHA.body(reference)).id);
    node.mempool.reject(sent.map((id) => ({ id, code: 'HOST_EXCEPTION' })));
    expect(node.mempool.size, 'twice is no habit').to.equal(2);
    // The third is named by a block of another leader: it never waited here.
    const third = ALPHA.pretended('p2');
    expect(node.mempool.findQuarantined([BETA.pretended('b'), ALPHA.pretended('waits')])).to.equal(undefined);
    node.mempool.quarantine(included(ALPHA.body('p2')).id, [BETA.pretended('b'), third]);
    expect(node.mempool.size, 'what waits of it goes').to.equal(1);
    expect(await node.outcome(ALPHA.pretended('p3'))).to.equal('TRANSACTION_QUARANTINED');
    expect(await node.outcome(BETA.pretended('b'))).to.equal('accepted');
    const found = node.mempool.findQuarantined([BETA.pretended('b'), ALPHA.pretended('p4')]);
    expect(found).to.deep.equal(included(ALPHA.body('p4')).id);
    node.nowMs += 600_000;
    const later = { expiresAt: node.nowMs + 60_000 };
    expect(await node.outcome(ALPHA.pretended('p5', later))).to.equal('accepted');
    expect(await node.outcome(third), 'the poison itself is remembered').to.equal('TRANSACTION_QUARANTINED');
  });

  it('takes in a batch in one call, each by itself and in order: a fault of one leaves the others alone', async () => {
    const [first, last] = [ALPHA.pretended('first'), BETA.pretended('last')];
    const batch = [first, text('garbage'), ALPHA.pretended('forged', {}, 255), first, last];
    const results = await node.mempool.admitMany(batch);
    const outcomes = results.map((result) => ('error' in result ? result.error.code : result.status));
    expect(outcomes).to.deep.equal(['accepted', 'TRANSACTION_MALFORMED', 'SIGNATURE_INVALID', 'known', 'accepted']);
    expect([node.relays, node.verifier.asked.length], 'calls').to.deep.equal([1, 1]);
    expect(node.relayed).to.deep.equal([first, last]);
  });

  it('lets only so much be in admission at once, of all and of one peer', async () => {
    const admissions = { ...DEFAULT_GATE_LIMITS, maxTransactions: 5, maxTransactionsPerPeer: 2 };
    node = new TestMempool([ALPHA], { admissions });
    const batch = Array.from({ length: 6 }, (_, i) => ALPHA.pretended(`r${i}`));
    expect(await node.mempool.admitRelayed(batch.slice(0, 4), 'peer')).to.equal(2);
    const outcomes = await Promise.all(batch.map((bytes) => node.outcome(bytes)));
    expect(outcomes.filter((outcome) => outcome === 'MEMPOOL_BUSY')).to.have.length(1);
    expect(await node.outcome(batch[5] as Uint8Array)).to.equal('accepted');
    const small = new TestMempool([ALPHA], { admissions: { ...admissions, maxBytes: 300 } });
    const both = await Promise.all(batch.slice(0, 2).map((bytes) => small.outcome(bytes)));
    expect(both).to.deep.equal(['accepted', 'MEMPOOL_BUSY']);
  });

  it('counts faults of relayed transactions, and tells of those that the relayer must have seen', async () => {
    const relayed = [
      ALPHA.pretended('good'),
      ALPHA.pretended('forged', {}, 255),
      ALPHA.pretended('late', { expiresAt: START_MS - 1 }),
      text('garbage'),
    ];
    expect(await node.mempool.admitRelayed(relayed, 'peer')).to.equal(1);
    expect(node.relayerFaults.sort()).to.deep.equal(['peer SIGNATURE_INVALID', 'peer TRANSACTION_MALFORMED']);
    expect(node.relayed, 'one hop only').to.deep.equal([]);
    const value = (code: string) => node.metrics.value('vostro_mempool_refused_total', { source: 'relayed', code });
    expect(value('TRANSACTION_EXPIRED')).to.equal(1);
  });
});
