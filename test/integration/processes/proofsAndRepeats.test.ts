import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { VostroClient } from '../../../client/client.js';
import { NodeError } from '../../../client/errors.js';
import { type SignedTransaction, signWith } from '../../../client/transactions.js';
import { genesisHash, genesisToJson } from '../../../genesis/genesis.js';
import { toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { decodeFinalityProof, type TrustedChain, verifyFinalityProof } from '../../../primitives/finality.js';
import { decodeTransaction } from '../../../primitives/transaction.js';
import type { TransactionBody } from '../../../primitives/types.js';
import { BankBook, idsOnChain, onlyOf } from '../../support/processes/bankBook.js';
import { backend, type Member, ProcessNetwork } from '../../support/processes/processNetwork.js';
import { rejectionOf } from '../../support/rejection.js';

/** `vostro`: the network, or the check that was asked for, said no. */
const EXIT_REJECTED = 5;

describe('a network of processes', function () {
  this.timeout(300_000);
  let network: ProcessNetwork;
  let book: BankBook;

  before(async () => {
    network = await ProcessNetwork.create();
    await network.start();
    book = await BankBook.open(network);
  });

  after(() => network?.remove());

  const payer = (): [string, string] => book.banks.slice(0, 2) as [string, string];
  const at = (seat: number): VostroClient => onlyOf(network, network.validators[seat] as Member);
  const refusalOf = (transaction: SignedTransaction) => rejectionOf(at(0).submit(transaction));

  /** The code with which a saved proof is refused, or undefined where it is accepted. */
  const refusalOfProof = (bytes: Uint8Array, trusted: TrustedChain): string | undefined => {
    try {
      verifyFinalityProof(decodeFinalityProof(bytes), trusted, backend);
      return undefined;
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return error.code;
    }
  };

  describe('whose observer serves proofs', () => {
    let file: string;
    let id: string;
    let saved: Uint8Array;

    before(async () => {
      id = (await book.pay(...payer(), 25n, 'PROVEN-1')).id;
      file = join(network.directory, 'payment.proof');
      await network.operator(network.observer).must('proof', 'save', id, '--out', file);
      saved = new Uint8Array(await readFile(file));
    });

    it('gives receipts that anybody verifies offline from the genesis file', async () => {
      const facts = verifyFinalityProof(decodeFinalityProof(saved), network.trusted, backend);
      expect(toHex(facts.receipt.transactionId)).to.equal(id);
      expect(facts.receipt.success).to.equal(true);
      // Nobody listens there: whoever verified by asking would fail.
      const offline = network.operator({
        ...network.observer,
        node: { ...network.observer.node, rpcUrl: 'http://127.0.0.1:1' },
      });
      const told = await offline.must<{ valid: boolean; transactionId: string; height: number }>(
        'proof',
        'verify',
        file,
        '--transaction',
        id,
        '--genesis',
        network.layout.genesisFile,
      );
      expect(told).to.include({ valid: true, transactionId: id, height: facts.header.height });
    });

    it('has each proof refused when any single byte of it is another', async () => {
      expect(saved.length).to.be.greaterThan(200);
      const accepted = saved.map((byte, position) => {
        const changed = saved.slice();
        changed[position] = byte ^ (1 << (position % 8));
        return refusalOfProof(changed, network.trusted) === undefined ? 1 : 0;
      });
      expect([...accepted.keys()].filter((position) => accepted[position] === 1)).to.deep.equal([]);
      const changed = saved.slice();
      changed[100] = (changed[100] as number) ^ 1;
      const changedFile = join(network.directory, 'changed.proof');
      await writeFile(changedFile, changed);
      const { exitCode, envelope } = await network.operator(network.observer).run('proof', 'verify', changedFile);
      expect({ exitCode, success: envelope.success }).to.deep.equal({ exitCode: EXIT_REJECTED, success: false });
    });

    it('has them refused by whoever trusts another genesis', async () => {
      // Same chain id and validators, made a millisecond later.
      const other = { ...network.genesis, timestamp: network.genesis.timestamp + 1 };
      const trusted = { ...network.trusted, genesisHash: genesisHash(other) };
      expect(refusalOfProof(saved, trusted)).to.equal('PROOF_CERTIFICATE_INVALID');
      const otherFile = join(network.directory, 'other-genesis.json');
      await writeFile(otherFile, JSON.stringify(genesisToJson(other)));
      const operator = network.operator(network.observer);
      const { exitCode, envelope } = await operator.run('proof', 'verify', file, '--genesis', otherFile);
      expect(exitCode).to.equal(EXIT_REJECTED);
      expect(envelope.errors[0]?.code).to.equal('PROOF_CERTIFICATE_INVALID');
    });
  });

  describe('that is asked before and after a payment', () => {
    it('shows what the payment would do, does it, and proves what is held then', async () => {
      const [from, to] = payer();
      const [debtor, creditor] = [book.account(from), book.account(to)];
      const operator = network.operator(network.observer);
      const before = (await book.balances(at(0))).get(creditor) ?? 0n;
      const parties = ['--account', debtor, '--to', creditor, '--amount', '1.25', '--reference', 'TRIED-1'];
      const tried = await operator.must<{
        readonly wouldSucceed: boolean;
        readonly receipt: { readonly fuelUsed: number };
        readonly balances: readonly { readonly account: string; readonly change: string }[];
      }>('pay', ...parties, '--simulate');
      expect(tried.wouldSucceed).to.equal(true);
      const changes = tried.balances.map(({ account, change }) => [account.toLowerCase(), change]);
      expect(changes).to.have.deep.members([
        [debtor, '-1.25'],
        [creditor, '1.25'],
      ]);
      expect((await book.balances(at(0))).get(creditor)).to.equal(before);
      await book.pay(from, to, 125n, 'TRIED-1');
      const file = join(network.directory, 'balance.proof');
      await operator.must('query', 'cash', 'balances', 'EUR', creditor, '--save', file);
      const offline = network.operator({
        ...network.observer,
        node: { ...network.observer.node, rpcUrl: 'http://127.0.0.1:1' },
      });
      const told = await offline.must<{ readonly entries: readonly { readonly value: string }[] }>(
        'query',
        'verify',
        file,
        '--genesis',
        network.layout.genesisFile,
      );
      expect(told.entries[0]?.value).to.equal((before + 125n).toString());
    });
  });

  describe('that is given a payment again', () => {
    it('settles it once and gives the same receipt, whichever nodes had it and when', async () => {
      const [from, to] = payer();
      const payment = await book.sign(from, to, 40n, 'TWICE-1');
      const statuses = await Promise.all([at(0), at(0), at(2), at(2)].map((client) => client.submit(payment)));
      expect(statuses.every((status) => status === 'accepted' || status === 'known')).to.equal(true);
      const [first, second] = await Promise.all([at(0).wait(payment.id), at(2).wait(payment.id)]);
      expect(second).to.deep.equal(first);
      book.book(from, to, 40n, first);
      expect(await at(1).submit(payment)).to.equal('known');
      expect(await at(1).submitAndWait(payment)).to.deep.equal(first);
      const ids = await idsOnChain(at(1), (await at(1).call('status', {})).height);
      expect(ids.filter((id) => id === payment.id)).to.deep.equal([payment.id]);
      expect([...(await book.balances(at(1)))]).to.deep.equal([...book.expected]);
    });

    it('refuses another body under the same reference and names the one that has it', async () => {
      const [from, to] = payer();
      const original = await book.pay(from, to, 5n, 'SAME-REFERENCE');
      const other = await book.sign(from, to, 6n, 'SAME-REFERENCE');
      expect(other.id).to.not.equal(original.id);
      for (const member of network.members) {
        const client = onlyOf(network, member);
        await client.wait(original.id);
        const error = await rejectionOf(client.submit(other));
        expect(error).to.be.instanceOf(NodeError);
        expect(error.code).to.equal('REFERENCE_CONFLICT');
        expect(error.details).to.include({ originalId: original.id, transactionId: other.id });
      }
      expect([...(await book.balances(at(3)))]).to.deep.equal([...book.expected]);
    });

    it('refuses what was signed for another chain id, and for the same chain id under another genesis', async () => {
      const [from, to] = payer();
      const { genesisHash: ours } = network.trusted;
      const { body } = decodeTransaction((await book.sign(from, to, 7n, 'ELSEWHERE')).bytes, ours);
      const signedFor = (elsewhere: TransactionBody, hash: Uint8Array) =>
        signWith(elsewhere, hash, [book.signer(from)]);
      const otherChain = { ...body, chainId: 'vostro-elsewhere' };
      const theirs = genesisHash({ ...network.genesis, timestamp: network.genesis.timestamp + 1 });
      expect((await refusalOf(await signedFor(otherChain, ours))).code).to.equal('CHAIN_ID_MISMATCH');
      expect((await refusalOf(await signedFor(body, theirs))).code).to.equal('SIGNATURE_INVALID');
      expect([...(await book.balances(at(0)))]).to.deep.equal([...book.expected]);
    });
  });
});
