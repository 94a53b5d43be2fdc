import { addressFromPublicKey, addressToBytes } from '../../primitives/address.js';
import { encodeBlock, encodeHeader, headerHash, transactionsRoot } from '../../primitives/block.js';
import { buildCertificate, certificateId, encodeCertificate } from '../../primitives/certificate.js';
import { encodeFinalityProof } from '../../primitives/finality.js';
import { domainTag, TAGS } from '../../primitives/hash.js';
import { EMPTY_TREE_ROOT, merkleProof, merkleRoot } from '../../primitives/merkle.js';
import {
  commitDigest,
  prepareDigest,
  proposalDigest,
  roundChangeDigest,
  statusDigest,
} from '../../primitives/message.js';
import { possessionDigest } from '../../primitives/possession.js';
import { encodeOutcome, encodeReceipt, outcomeLeaf, outcomesRoot, receiptLeaf } from '../../primitives/receipt.js';
import { publicKeyOf, sign } from '../../primitives/signature.js';
import { encodeStateFinalityProof } from '../../primitives/stateFinality.js';
import { decodeStateProof } from '../../primitives/stateProof.js';
import { systemCallId } from '../../primitives/systemCall.js';
import { utf8Encode } from '../../primitives/text.js';
import {
  encodeTransaction,
  encodeTransactionBody,
  signTransaction,
  transactionId,
  transactionLeaf,
} from '../../primitives/transaction.js';
import type { BlockHeader, Outcome, Receipt, TransactionBody, Validator } from '../../primitives/types.js';
import { encodeValidators, validatorsHash } from '../../primitives/validator.js';
import { STATE_VECTORS } from './stateVectors.js';

/** The example of docs/PROTOCOL.md §Formats, computed: four validators, one transaction, one block. */

function privateKey(last: number): Uint8Array {
  const key = new Uint8Array(32);
  key[31] = last;
  return key;
}

const validators: Validator[] = [1, 2, 3, 4].map((last) => {
  const publicKey = publicKeyOf(privateKey(last));
  return { address: addressFromPublicKey(publicKey), suite: 1, publicKey };
});
const publicKey = (validators[0] as Validator).publicKey;
const { address } = validators[0] as Validator;
const genesisHash = domainTag('vostro example genesis');

const body: TransactionBody = {
  chainId: 'vostro-example',
  sender: address,
  signers: [address],
  reference: utf8Encode('ORDER-1'),
  expiresAt: 1_767_225_720_000,
  priority: 'normal',
  calls: [{ contract: 'cash', method: 'transfer', args: Uint8Array.of(0xc1, 0x05) }],
};
const transaction = encodeTransaction(signTransaction(body, genesisHash, [privateKey(1)]));

const outcomes: Outcome[] = [
  { reference: 'E2E-1', code: '' },
  { reference: 'E2E-2', code: 'INSUFFICIENT_FUNDS' },
];
const receipt: Receipt = {
  transactionId: transactionId(body, genesisHash),
  success: true,
  code: '',
  failedCall: '',
  errorData: new Uint8Array(),
  fuelUsed: 1_000,
  events: [{ contract: 'cash', name: 'Transferred', data: Uint8Array.of(0xc1, 0x05) }],
  results: [new Uint8Array()],
  outcomesRoot: outcomesRoot(outcomes),
  outcomeCount: outcomes.length,
};
const failure: Receipt = {
  ...receipt,
  success: false,
  code: 'LIMIT_EXCEEDED',
  failedCall: 'cash.transfer',
  errorData: Uint8Array.of(0xc0),
  events: [],
  results: [],
  outcomesRoot: EMPTY_TREE_ROOT,
  outcomeCount: 0,
};

const header: BlockHeader = {
  chainId: 'vostro-example',
  height: 1,
  parentHash: domainTag('vostro example parent'),
  proposer: (validators[1] as Validator).address,
  timestamp: 1_767_225_600_000,
  txRoot: transactionsRoot([transactionLeaf(transaction)]),
  stateRoot: domainTag('vostro example state'),
  receiptsRoot: merkleRoot([receiptLeaf(encodeReceipt(receipt))]),
  validatorsHash: validatorsHash(validators),
  nextValidatorsHash: validatorsHash(validators),
};
const vote = { height: 1, round: 0, blockHash: headerHash(header) };
const seals = new Map([0, 1, 3].map((index) => [index, sign(commitDigest(genesisHash, vote), privateKey(index + 1))]));
const certificate = buildCertificate('commit', vote, validators.length, seals);

const outcomeLeaves = outcomes.map((outcome) => outcomeLeaf(encodeOutcome(outcome)));
const proof = encodeFinalityProof({
  receipt,
  index: 0,
  count: 1,
  path: [],
  header,
  certificate,
  handovers: [],
  outcome: { outcome: outcomes[1] as Outcome, index: 1, path: merkleProof(outcomeLeaves, 1) },
});

/** The same block, over the state of the example of §State tree. */
const stateHeader: BlockHeader = { ...header, stateRoot: STATE_VECTORS.get('state-root') as Uint8Array };
const stateVote = { ...vote, blockHash: headerHash(stateHeader) };
const stateSeals = new Map(
  [0, 1, 3].map((index) => [index, sign(commitDigest(genesisHash, stateVote), privateKey(index + 1))]),
);
const stateFact = encodeStateFinalityProof({
  header: stateHeader,
  certificate: buildCertificate('commit', stateVote, validators.length, stateSeals),
  handovers: [],
  entries: [
    { key: 'b', value: utf8Encode('B'), proof: decodeStateProof(STATE_VECTORS.get('state-proof') as Uint8Array) },
    { key: 'i', value: undefined, proof: decodeStateProof(STATE_VECTORS.get('state-proof-absent') as Uint8Array) },
  ],
});
const leaves = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));

/** Every example of §Formats by its name. */
export const PROTOCOL_VECTORS: ReadonlyMap<string, Uint8Array> = new Map([
  ['tag-transaction', TAGS.transaction],
  ['public-key', publicKey],
  ['address', addressToBytes(address)],
  ['genesis-hash', genesisHash],
  ['merkle-empty', EMPTY_TREE_ROOT],
  ['merkle-three', merkleRoot(leaves)],
  ['transaction-body', encodeTransactionBody(body)],
  ['transaction-body-urgent', encodeTransactionBody({ ...body, priority: 'urgent' })],
  ['transaction-id', transactionId(body, genesisHash)],
  ['transaction', transaction],
  ['transaction-leaf', transactionLeaf(transaction)],
  ['outcome', encodeOutcome(outcomes[1] as Outcome)],
  ['outcome-leaf', outcomeLeaves[1] as Uint8Array],
  ['receipt', encodeReceipt(receipt)],
  ['receipt-leaf', receiptLeaf(encodeReceipt(receipt))],
  ['receipt-failure', encodeReceipt(failure)],
  ['validators', encodeValidators(validators)],
  ['validators-hash', validatorsHash(validators)],
  ['header', encodeHeader(header)],
  ['block-hash', headerHash(header)],
  ['block', encodeBlock({ header, transactions: [transaction] })],
  ['proposal-digest', proposalDigest(genesisHash, vote)],
  ['prepare-digest', prepareDigest(genesisHash, vote)],
  ['commit-digest', commitDigest(genesisHash, vote)],
  [
    'round-change-digest',
    roundChangeDigest(genesisHash, { height: 1, round: 2, preparedRound: 0, preparedHash: vote.blockHash }),
  ],
  [
    'round-change-none-digest',
    roundChangeDigest(genesisHash, { height: 1, round: 2, preparedRound: undefined, preparedHash: undefined }),
  ],
  ['status-digest', statusDigest(genesisHash, { height: 1, round: 2 })],
  ['certificate', encodeCertificate(certificate)],
  ['certificate-id', certificateId(certificate)],
  ['possession-digest', possessionDigest({ chainId: 'vostro-example', member: 'BANKDEFF', publicKey })],
  ['finality-proof', proof],
  ['state-finality-proof', stateFact],
  ['system-call-id', systemCallId(genesisHash, 1)],
]);
