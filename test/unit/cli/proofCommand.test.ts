import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { callOf } from '../../../contracts/api/method.js';
import { cash } from '../../../contracts/cash/cash.js';
import {
  buildGenesis,
  genesisHash,
  genesisToJson,
  genesisValidators,
  parseGenesisDescription,
} from '../../../genesis/genesis.js';
import { addressFromPublicKey, toChecksum } from '../../../primitives/address.js';
import { headerHash } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import { buildCertificate } from '../../../primitives/certificate.js';
import { encodeFinalityProof } from '../../../primitives/finality.js';
import { merkleProof, merkleRoot } from '../../../primitives/merkle.js';
import { commitDigest } from '../../../primitives/message.js';
import { possessionDigest } from '../../../primitives/possession.js';
import { encodeReceipt, receiptLeaf } from '../../../primitives/receipt.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { validatorsHash } from '../../../primitives/validator.js';
import { ENGINE_PIN } from '../../../sandbox/enginePin.js';
import { testHeader, testKey, testReceipt } from '../../support/finalityFixture.js';
import { runVostroJson } from './fakeHost.js';

const CHAIN_ID = 'proof-test';
const BIC = 'AURLDEFF';

function testGenesis() {
  const privateKey = testKey('proof command');
  const publicKey = nobleBackend.publicKey(privateKey);
  const address = addressFromPublicKey(publicKey);
  const possession = nobleBackend.sign(possessionDigest({ chainId: CHAIN_ID, member: BIC, publicKey }), privateKey);
  const description = {
    chainId: CHAIN_ID,
    timestamp: 1_767_225_600_000,
    currencies: [{ code: 'EUR', decimals: 2, issuer: BIC }],
    members: [
      {
        bic: BIC,
        lei: '529900AURELIABANK004',
        name: 'Aurelia Bank',
        roles: ['centralBank'],
        keys: [{ publicKey: toHex(publicKey), possession: toHex(possession) }],
        accounts: [{ label: 'settlement', keys: [toChecksum(address)] }],
        nodes: [{ peerId: 'node', role: 'validator', addresses: [] }],
        validator: toChecksum(address),
      },
    ],
  };
  return { genesis: buildGenesis(parseGenesisDescription(description), ENGINE_PIN), privateKey, address };
}

/** A proof of the second of three receipts of block 7, with an event that the ABI can read. */
function testProof() {
  const { genesis, privateKey, address } = testGenesis();
  const validators = genesisValidators(genesis);
  const data = callOf(cash.methods.transfer, { currency: 'EUR', debtor: address, creditor: address, amount: 5n }).args;
  const receipt = testReceipt('1', { events: [{ contract: 'cash', name: 'Transferred', data }] });
  const leaves = [testReceipt('0'), receipt, testReceipt('2')].map((one) => receiptLeaf(encodeReceipt(one)));
  const setHash = validatorsHash(validators);
  const header = testHeader({
    chainId: CHAIN_ID,
    height: 7,
    receiptsRoot: merkleRoot(leaves),
    validatorsHash: setHash,
    nextValidatorsHash: setHash,
  });
  const vote = { height: 7, round: 0, blockHash: headerHash(header) };
  const seal = nobleBackend.sign(commitDigest(genesisHash(genesis), vote), privateKey);
  const certificate = buildCertificate('commit', vote, 1, new Map([[0, seal]]));
  const path = merkleProof(leaves, 1);
  const proof = { receipt, index: 1, count: 3, path, header, certificate, handovers: [] };
  return { genesis, bytes: encodeFinalityProof(proof), transactionId: toHex(receipt.transactionId) };
}

describe('vostro proof verify', () => {
  const { genesis, bytes, transactionId } = testProof();
  const genesisText = `${JSON.stringify(genesisToJson(genesis), undefined, 2)}\n`;
  let directory: string;
  const at = (name: string): string => join(directory, name);
  const verify = (...argv: readonly string[]) =>
    runVostroJson(['proof', 'verify', at('p.proof'), '--genesis', at('genesis.json'), ...argv]);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-proof-'));
    await writeFile(at('genesis.json'), genesisText);
    await writeFile(at('p.proof'), bytes);
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('says what is proven, from the genesis file alone', async () => {
    const run = await verify('--transaction', transactionId);
    expect(run.envelope.errors).to.deep.equal([]);
    const account = genesis.members[0]?.accounts[0]?.account ?? '0x';
    expect(run.envelope.data).to.deep.include({
      valid: true,
      chainId: CHAIN_ID,
      transactionId,
      success: true,
      height: 7,
    });
    expect(run.envelope.data).to.have.deep.property('events', [
      {
        event: 'cash.Transferred',
        data: { currency: 'EUR', debtor: toChecksum(account), creditor: toChecksum(account), amount: '5' },
      },
    ]);
  });

  it('refuses a proof of something else than what was asked for', async () => {
    for (const claim of [
      ['--transaction', `0x${'00'.repeat(32)}`],
      ['--payment', 'INV-1'],
    ]) {
      const run = await verify(...claim);
      expect([run.exitCode, run.envelope.errors[0]?.code]).to.deep.equal([5, 'PROOF_REFUSED']);
    }
  });

  it('refuses the proof after any change of one of its bytes, cut or grown, and with code 5', async () => {
    const odd = [bytes.subarray(1), bytes.subarray(0, -1), Uint8Array.from([...bytes, 0]), new Uint8Array(0)];
    for (let i = 0; i < bytes.length; i += 7)
      odd.push(bytes.map((byte, position) => (position === i ? byte ^ 1 : byte)));
    for (const changed of odd) {
      await writeFile(at('p.proof'), changed);
      const run = await verify();
      expect([run.exitCode, run.envelope.success], run.stdout).to.deep.equal([5, false]);
    }
  });

  it('refuses the proof with a genesis file of which one digit or letter is another', async () => {
    const text = await readFile(at('genesis.json'), 'utf8');
    let refused = 0;
    for (let i = 3; i < text.length; i += 31) {
      const character = text.charAt(i);
      if (!/[0-9a-zA-Z]/.test(character)) continue;
      const other = character === '1' ? '2' : '1';
      await writeFile(at('genesis.json'), text.slice(0, i) + other + text.slice(i + 1));
      const run = await verify();
      expect(run.exitCode, text.slice(i - 20, i + 20)).to.be.oneOf([2, 3, 5]);
      refused++;
    }
    expect(refused).to.be.greaterThan(20);
  });
});
