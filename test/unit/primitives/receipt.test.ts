import { expect } from 'chai';
import { equalBytes } from '../../../primitives/bytes.js';
import { CodedError } from '../../../primitives/errors.js';
import { domainTag } from '../../../primitives/hash.js';
import { EMPTY_TREE_ROOT } from '../../../primitives/merkle.js';
import {
  decodeReceipt,
  encodeOutcome,
  encodeReceipt,
  outcomesRoot,
  receiptId,
  receiptLeaf,
} from '../../../primitives/receipt.js';
import type { Receipt } from '../../../primitives/types.js';
import { testReceipt } from '../../support/finalityFixture.js';

function refused(change: Partial<Receipt>): string {
  try {
    encodeReceipt(testReceipt('r', change));
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('a receipt', () => {
  it('says one thing: a success without a failure, or a failure without effects', () => {
    const failure = { success: false, code: 'LIMIT_EXCEEDED', failedCall: 'cash.transfer', events: [], results: [] };
    expect(refused({})).to.equal('accepted');
    expect(refused(failure)).to.equal('accepted');
    expect(refused({ code: 'X' })).to.equal('INCONSISTENT');
    expect(refused({ failedCall: 'cash.transfer' })).to.equal('INCONSISTENT');
    expect(refused({ errorData: Uint8Array.of(1) })).to.equal('INCONSISTENT');
    expect(refused({ ...failure, code: '' })).to.equal('INCONSISTENT');
    expect(refused({ ...failure, results: [new Uint8Array()] })).to.equal('INCONSISTENT');
    expect(refused({ success: false, code: 'X', results: [] })).to.equal('INCONSISTENT');
  });

  it('holds the empty tree exactly when its batch has no outcomes', () => {
    expect(refused({ outcomeCount: 1 })).to.equal('INCONSISTENT');
    expect(refused({ outcomesRoot: domainTag('x') })).to.equal('INCONSISTENT');
    expect(refused({ outcomesRoot: domainTag('x'), outcomeCount: 1 })).to.equal('accepted');
    expect(outcomesRoot([])).to.deep.equal(EMPTY_TREE_ROOT);
  });

  it('has bounds', () => {
    const event = { contract: 'c', name: 'n', data: new Uint8Array() };
    expect(refused({ events: Array.from({ length: 20_001 }, () => event) })).to.equal('COUNT_OUT_OF_RANGE');
    expect(refused({ outcomesRoot: domainTag('x'), outcomeCount: 20_001 })).to.equal('VALUE_OUT_OF_RANGE');
    expect(refused({ results: [new Uint8Array(2_097_152)] })).to.equal('INPUT_TOO_LARGE');
    expect(refused({ transactionId: new Uint8Array(31) })).to.equal('VALUE_OUT_OF_RANGE');
    expect(() => encodeOutcome({ reference: '', code: '' })).to.throw(CodedError);
    expect(() => encodeOutcome({ reference: 'x'.repeat(141), code: '' })).to.throw(CodedError);
  });

  it('is named by its leaf', () => {
    const receipt = testReceipt('r');
    const bytes = encodeReceipt(receipt);
    expect(equalBytes(receiptId(receipt), receiptLeaf(bytes))).to.equal(true);
    expect(decodeReceipt(bytes)).to.deep.equal(receipt);
  });
});
