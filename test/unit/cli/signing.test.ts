import { expect } from 'chai';
import { policyOf, policyWords } from '../../../cli/account/policyOptions.js';
import { OptionReader } from '../../../cli/invocation.js';
import type { Session } from '../../../cli/session.js';
import { sendSigned, signWithWallet } from '../../../cli/signing/addSignatures.js';
import { TRANSACTION_FORMAT } from '../../../cli/signing/draft.js';
import {
  formatSigningFile,
  missingSigners,
  parseSigningFile,
  type SigningFile,
  unsigned,
  withSignatures,
} from '../../../cli/signing/signingFile.js';
import { payments } from '../../../contracts/index.js';
import { toChecksum } from '../../../primitives/address.js';
import { nobleBackend } from '../../../primitives/signature.js';
import type { TransactionBody } from '../../../primitives/types.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS, callOf, KEYS, type TestKey } from '../../support/settlementNetwork.js';

const network = { chainId: 'test-1', genesisHash: new Uint8Array(32).fill(7) };
const EXPIRES_MS = 1_767_225_600_000;
const maker = KEYS.custodianOne;
const checker = KEYS.custodianTwo;
const terms = { debtor: ACCOUNTS.custodian, creditor: ACCOUNTS.beta, currency: 'EUR', amount: 100n, reference: 'R' };
const body: TransactionBody = {
  chainId: network.chainId,
  sender: ACCOUNTS.custodian,
  signers: [maker.address, checker.address].sort(),
  reference: new Uint8Array(32).fill(3),
  expiresAt: EXPIRES_MS,
  priority: 'normal',
  calls: [callOf(payments.methods.pay, terms)],
};

function signatureOf(key: TestKey, file: SigningFile) {
  const signature = nobleBackend.sign(file.id, key.privateKey);
  return { signer: key.address, publicKey: key.publicKey, signature };
}

const read = (text: string) => parseSigningFile(text, TRANSACTION_FORMAT, network, nobleBackend);
const written = (file: SigningFile) => formatSigningFile(TRANSACTION_FORMAT, file, network);

describe('a transaction that several sign', () => {
  it('goes through a file, in which each signature is over every byte of it', () => {
    const draft = unsigned(body, network);
    const once = read(written(withSignatures(draft, [signatureOf(maker, draft)])));
    expect(missingSigners(once)).to.deep.equal([checker.address]);
    const twice = read(written(withSignatures(once, [signatureOf(checker, once)])));
    expect(missingSigners(twice)).to.deep.equal([]);
    expect(twice.body).to.deep.equal(body);
  });

  it('has no signatures of another amount, another expiry or other signers', () => {
    const draft = unsigned(body, network);
    const others: readonly TransactionBody[] = [
      { ...body, calls: [callOf(payments.methods.pay, { ...terms, amount: 101n })] },
      { ...body, expiresAt: EXPIRES_MS + 1 },
      { ...body, signers: [maker.address] },
      { ...body, reference: new Uint8Array(32).fill(4) },
    ];
    for (const other of others) {
      const moved = withSignatures(unsigned(other, network), [signatureOf(maker, draft)]);
      expect(() => read(written(moved))).to.throw(/signatures\[0\]\.signature/);
    }
    const elsewhere = { ...network, genesisHash: new Uint8Array(32).fill(8) };
    const foreign = formatSigningFile(TRANSACTION_FORMAT, unsigned(body, elsewhere), elsewhere);
    expect(() => read(foreign)).to.throw(/genesisHash/);
  });

  it('is not signed once its time is over, and not sent while a signature is missing', async () => {
    const draft = unsigned(body, network);
    const session = { accounts: { shown: String }, settings: {} } as unknown as Session;
    const invocation = (nowMs: number) => ({ options: new OptionReader({}), host: { nowMs: () => nowMs }, output: {} });
    const late = signWithWallet(session, invocation(EXPIRES_MS + 1) as never, draft, '');
    expect(await rejectionOf(late)).to.include({ code: 'PROPOSAL_INVALID' });
    const early = withSignatures(draft, [signatureOf(maker, draft)]);
    const sent = sendSigned(session, invocation(0) as never, early, 'vostro tx sign payment.json');
    const refused = await rejectionOf(sent);
    expect([refused.code, refused.details.expected]).to.deep.equal(['SIGNATURES_MISSING', checker.address]);
  });
});

describe('a policy on the command line', () => {
  const session = { settings: { wallet: 'none' } } as unknown as Session;
  const [one, two, three] = [KEYS.alfa, KEYS.alfaSecond, KEYS.alfaSpare].map(({ address }) => address);
  const of = (values: object) => policyOf(session, new OptionReader({ key: [], checker: [], ...values }));

  it('needs as many signatures as it says, two where it has checkers, and is told in words', async () => {
    expect(await of({ key: [one] })).to.deep.equal({ keys: [one], threshold: 1, checkers: [] });
    const checked = await of({ key: [one, two], checker: [three] });
    expect(checked).to.deep.equal({ keys: [one, two, three], threshold: 2, checkers: [three] });
    const shown = [one, two, three].map((key) => toChecksum(key as NonNullable<typeof key>));
    expect(policyWords(checked)).to.equal(`2 of ${shown[0]}, ${shown[1]} and, as checkers, ${shown[2]}`);
  });

  it('is refused where nobody could satisfy it', async () => {
    for (const values of [
      {},
      { key: [one, one] },
      { checker: [one, two] },
      { key: [one], threshold: '2' },
      { key: [one], checker: [two], threshold: '1' },
    ]) {
      expect(await rejectionOf(of(values)), JSON.stringify(values)).to.include({ code: 'USAGE_INVALID' });
    }
  });
});
