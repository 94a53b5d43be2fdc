import { expect } from 'chai';
import { CodedError } from '../../../primitives/errors.js';
import { sha256 } from '../../../primitives/hash.js';
import { merkleTree } from '../../../primitives/merkle.js';
import { encodeReceipt, receiptLeaf } from '../../../primitives/receipt.js';
import {
  decodeReceiptsProof,
  encodeReceiptsProof,
  encodeSeal,
  type ReceiptsProof,
  verifyReceiptsInHeader,
} from '../../../primitives/receiptsProof.js';
import { encode, encodeListOf, RlpReader } from '../../../primitives/rlp.js';
import { certify, handover, testHeader, testReceipt, testValidators } from '../../support/finalityFixture.js';

const VALIDATORS = testValidators('receipts', 4);
const RECEIPTS = Array.from({ length: 7 }, (_, index) => encodeReceipt(testReceipt(`${index}`)));
const TREE = merkleTree(RECEIPTS.map(receiptLeaf));
const HEADER = testHeader({ receiptsRoot: TREE.root });
const SEAL = {
  header: HEADER,
  certificate: certify(HEADER, VALIDATORS),
  handovers: [handover(5, VALIDATORS, testValidators('others', 4))],
};

function proofOf(indices: readonly number[]): ReceiptsProof {
  const receipts = indices.map((index) => RECEIPTS[index] as Uint8Array);
  return { ...SEAL, count: RECEIPTS.length, indices, receipts, nodes: TREE.multiproof(indices) };
}

function bytesOf(proof: ReceiptsProof): Uint8Array {
  return encodeReceiptsProof(encodeSeal(proof), proof);
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof CodedError ? error.code : String(error);
  }
  return 'none';
}

/** PROTOCOL §Proof of receipts F6, F7, F8. */
describe('A proof of receipts', () => {
  it('is read as it was written, and proves its receipts in their block', () => {
    for (const indices of [[0], [6], [0, 1, 2, 3, 4, 5, 6], [1, 4, 5]]) {
      const proof = decodeReceiptsProof(bytesOf(proofOf(indices)));
      expect(proof).to.deep.equal(proofOf(indices));
      verifyReceiptsInHeader(proof, HEADER);
    }
  });

  it('proves nothing with another receipt, position, count or node', () => {
    const proof = proofOf([1, 4]);
    const [first, second] = proof.receipts as [Uint8Array, Uint8Array];
    const wrong: Partial<ReceiptsProof>[] = [
      { receipts: [second, first] },
      { receipts: [first, RECEIPTS[5] as Uint8Array] },
      { indices: [1, 5] },
      { indices: [4, 1] },
      { indices: [1, 1] },
      { indices: [1, 7] },
      { count: 6 },
      { nodes: proof.nodes.slice(32) },
      { nodes: new Uint8Array([...proof.nodes, ...sha256(first)]) },
    ];
    for (const change of wrong) {
      const code = codeOf(() => verifyReceiptsInHeader({ ...proof, ...change }, HEADER));
      expect(code, JSON.stringify(Object.keys(change))).to.equal('PROOF_RECEIPT_NOT_IN_BLOCK');
    }
    expect(codeOf(() => verifyReceiptsInHeader(proof, testHeader()))).to.equal('PROOF_RECEIPT_NOT_IN_BLOCK');
  });

  it('is refused when it is cut short, carries more, or names as many positions as it has no receipts', () => {
    const bytes = bytesOf(proofOf([1, 4]));
    for (let length = 0; length < bytes.length; length++) {
      expect(
        codeOf(() => decodeReceiptsProof(bytes.subarray(0, length))),
        `${length}`,
      ).to.match(/^RLP_/);
    }
    expect(codeOf(() => decodeReceiptsProof(new Uint8Array([...bytes, 0])))).to.equal('RLP_TRAILING_BYTES');
    const items = itemsOf(bytes);
    const withItem = (at: number, item: Uint8Array) => encodeListOf(items.with(at, item));
    expect(codeOf(() => decodeReceiptsProof(withItem(0, encode(Uint8Array.of(2)))))).to.equal('VERSION_UNSUPPORTED');
    expect(codeOf(() => decodeReceiptsProof(withItem(5, encode([Uint8Array.of(1)]))))).to.equal('INCONSISTENT');
    expect(codeOf(() => decodeReceiptsProof(withItem(6, encode([]))))).to.equal('COUNT_OUT_OF_RANGE');
    expect(codeOf(() => decodeReceiptsProof(encodeListOf([...items, encode([])])))).to.equal('RLP_TRAILING_BYTES');
    expect(codeOf(() => encodeReceiptsProof(encodeSeal(SEAL), { ...proofOf([1, 4]), indices: [1] }))).to.equal(
      'COUNT_OUT_OF_RANGE',
    );
  });
});

/** The items of a list, each as it stands. */
function itemsOf(bytes: Uint8Array): Uint8Array[] {
  const list = new RlpReader(bytes).list();
  const items: Uint8Array[] = [];
  while (list.hasMore()) items.push(list.raw());
  return items;
}
