import { expect } from 'chai';
import {
  createProposal,
  type DvpNetwork,
  type DvpProposal,
  formatProposal,
  parseProposal,
} from '../../../cli/dvp/dvpFile.js';
import { type DvpTerms, dvpCalls } from '../../../cli/dvp/dvpTerms.js';
import { CliError } from '../../../cli/errors.js';
import { missingSigners, withSignatures } from '../../../cli/signing/signingFile.js';
import { callOf } from '../../../contracts/api/method.js';
import { assets } from '../../../contracts/assets/assets.js';
import { addressFromPublicKey } from '../../../primitives/address.js';
import { nobleBackend } from '../../../primitives/signature.js';
import type { Address, TransactionBody } from '../../../primitives/types.js';

const network: DvpNetwork = { chainId: 'test-1', genesisHash: new Uint8Array(32).fill(7), decimalsOf: () => 2 };
const keys = [1, 2].map((n) => new Uint8Array(32).fill(n));
const [sellerKey, buyerKey] = keys as [Uint8Array, Uint8Array];
const addressOf = (key: Uint8Array): Address => addressFromPublicKey(nobleBackend.publicKey(key));
const [seller, buyer] = [addressOf(sellerKey), addressOf(buyerKey)];
const terms: DvpTerms = { seller, buyer, instrument: 'BOND-1', units: 100n, currency: 'EUR', price: 9_850_000n };

const body: TransactionBody = {
  chainId: 'test-1',
  sender: seller,
  signers: [seller, buyer].sort(),
  reference: new Uint8Array(32).fill(3),
  expiresAt: 1_767_225_600_000,
  priority: 'normal',
  calls: dvpCalls(terms),
};

function signedBy(proposal: DvpProposal, ...signers: readonly Uint8Array[]): DvpProposal {
  const signatures = signers.map((key) => ({
    signer: addressOf(key),
    publicKey: nobleBackend.publicKey(key),
    signature: nobleBackend.sign(proposal.id, key),
  }));
  return withSignatures(proposal, signatures);
}

type Json = Record<string, unknown>;
function fault(
  change: (json: Json & { summary: Json; signatures: Json[] }) => void,
  proposal = createProposal(body, network),
): CliError {
  const json = JSON.parse(formatProposal(proposal, network));
  change(json);
  try {
    parseProposal(JSON.stringify(json), network, nobleBackend);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new CliError('NOT_FOUND', 'no error was raised');
}

describe('the file of a delivery versus payment', () => {
  it('says in words and figures what its bytes say, and comes back as it went out', () => {
    const proposal = createProposal(body, network);
    expect(proposal.summary).to.include({ instrument: 'BOND-1', units: '100', currency: 'EUR', price: '98500.00' });
    expect(proposal.summary.expiresAt).to.equal('2026-01-01T00:00:00.000Z');
    const read = parseProposal(formatProposal(proposal, network), network, nobleBackend);
    expect(read).to.deep.equal(proposal);
  });

  it('collects signatures one by one, whoever signs first, and names who is missing', () => {
    let proposal = createProposal(body, network);
    expect(missingSigners(proposal)).to.deep.equal([...body.signers]);
    proposal = parseProposal(formatProposal(signedBy(proposal, buyerKey), network), network, nobleBackend);
    expect(missingSigners(proposal)).to.deep.equal([seller]);
    proposal = signedBy(parseProposal(formatProposal(proposal, network), network, nobleBackend), sellerKey, buyerKey);
    expect(missingSigners(proposal)).to.deep.equal([]);
    expect(proposal.signatures).to.have.length(2);
  });

  it('is refused when any word of its summary is not what the bytes say', () => {
    const lies: Json = {
      price: '1.00',
      units: '1',
      instrument: 'BOND-2',
      seller: buyer,
      currency: 'USD',
      expiresAt: '2027-01-01T00:00:00.000Z',
      signers: [seller],
      sender: buyer,
    };
    for (const [name, lie] of Object.entries(lies)) {
      const error = fault((json) => (json.summary[name] = lie));
      expect(error.code).to.equal('PROPOSAL_INVALID');
      expect(error.message).to.include(`summary.${name}`);
    }
    expect(fault((json) => (json.summary['note'] = 'trust me')).message).to.include('note');
    expect(fault((json) => Reflect.deleteProperty(json.summary, 'price')).message).to.include('summary.price');
  });

  it('is refused for another network, with another id, with changed bytes or unknown fields', () => {
    const changes: readonly ((json: Json) => void)[] = [
      (json) => (json['chainId'] = 'other'),
      (json) => (json['genesisHash'] = `0x${'00'.repeat(32)}`),
      (json) => (json['transactionId'] = `0x${'00'.repeat(32)}`),
      (json) => (json['body'] = `${json['body']}00`),
      (json) => (json['body'] = String(json['body']).replace(/^0x../, '0x00')),
      (json) => (json['version'] = 2),
      (json) => (json['comment'] = 'x'),
      (json) => (json['signatures'] = 'none'),
    ];
    for (const change of changes) expect(fault(change).code).to.equal('PROPOSAL_INVALID');
  });

  it('is refused with a signature that does not fit, of a stranger, or twice', () => {
    const signed = signedBy(createProposal(body, network), sellerKey);
    const stranger = signedBy(createProposal(body, network), new Uint8Array(32).fill(9));
    const other = createProposal({ ...body, expiresAt: body.expiresAt + 1 }, network);
    const otherSignature = nobleBackend.sign(other.id, sellerKey);
    expect(fault((json) => ((json.signatures[0] as Json)['signer'] = buyer), signed).message).to.include(
      'signatures[0].signer',
    );
    expect(fault((json) => json.signatures.push(json.signatures[0] as Json), signed).message).to.include(
      'a signer twice',
    );
    expect(fault(() => undefined, stranger).message).to.include('one of the transaction’s signers');
    const moved = withSignatures(createProposal(body, network), [
      { signer: seller, publicKey: nobleBackend.publicKey(sellerKey), signature: otherSignature },
    ]);
    expect(fault(() => undefined, moved).message).to.include('signatures[0].signature');
  });

  it('is no delivery versus payment when its calls are others, or pay somebody else', () => {
    const third = addressOf(new Uint8Array(32).fill(9));
    const [delivery, payment] = dvpCalls(terms);
    const [, otherPayment] = dvpCalls({ ...terms, seller: third });
    const issue = callOf(assets.methods.issue, { instrument: 'BOND-1', account: seller, amount: 1n });
    for (const calls of [
      [delivery],
      [payment, delivery],
      [delivery, otherPayment],
      [delivery, payment, issue],
      [issue, payment],
    ]) {
      const odd = { ...body, calls: calls.flatMap((call) => (call === undefined ? [] : [call])) };
      expect(() => createProposal(odd, network)).to.throw(CliError, 'no delivery versus payment');
    }
  });
});
