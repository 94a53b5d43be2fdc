import { expect } from 'chai';
import { callOf } from '../../../contracts/api/method.js';
import { cash } from '../../../contracts/cash/cash.js';
import { payments } from '../../../contracts/payments/payments.js';
import { headerHash } from '../../../primitives/block.js';
import { domainTag } from '../../../primitives/hash.js';
import type { Address, Call } from '../../../primitives/types.js';
import { certify, GENESIS_HASH, testHeader, testValidators } from '../../support/finalityFixture.js';
import { backend } from '../../support/processes/processNetwork.js';
import { type LedgerExpectations, ledgerFaults } from './ledgerFaults.js';
import type { LedgerBlock, LedgerTransaction, NodeLedger } from './readLedger.js';

const VALIDATORS = testValidators('ledger', 4);
const [ALPHA, BETA] = VALIDATORS.map(({ address }) => address) as [Address, Address];
const currency = 'EUR';

const transaction = (id: string, call: Call, success = true): LedgerTransaction => ({
  id,
  sender: ALPHA,
  calls: [call],
  success,
});
const issue = callOf(cash.methods.issue, { currency, account: ALPHA, amount: 100n, reserveReference: 'R' });
const pay = (amount: bigint): Call =>
  callOf(payments.methods.pay, { currency, debtor: ALPHA, creditor: BETA, amount, reference: 'P' });

/** Blocks of a chain, each following the one before, with these transactions. */
function chainOf(...contents: readonly (readonly LedgerTransaction[])[]): LedgerBlock[] {
  const blocks: LedgerBlock[] = [];
  for (const [height, transactions] of [[], ...contents].entries()) {
    const parent = blocks[height - 1];
    const header = testHeader({
      height,
      timestamp: 1_790_000_000_000 + height,
      ...(parent === undefined ? {} : { parentHash: parent.blockHash }),
    });
    const certificate = height === 0 ? undefined : certify(header, VALIDATORS);
    blocks.push({ header, blockHash: headerHash(header), certificate, transactions });
  }
  return blocks;
}

const CONTENTS = [[transaction('issue', issue)], [transaction('a', pay(30n))], [transaction('b', pay(1n), false)]];

function ledger(changes: Partial<NodeLedger> = {}): NodeLedger {
  const balances = new Map([
    [ALPHA, 70n],
    [BETA, 30n],
  ]);
  return { member: 'ALPHA', blocks: chainOf(...CONTENTS), ownFaults: [], balances, outstanding: 100n, ...changes };
}

const expected = (changes: Partial<LedgerExpectations> = {}): LedgerExpectations => ({
  genesisHash: GENESIS_HASH,
  validators: VALIDATORS,
  backend,
  acknowledged: [{ id: 'a', height: 2 }],
  refused: [],
  maxHeightDifference: 1,
  ...changes,
});

/** The same chain with one block changed. */
function changed(height: number, change: (block: LedgerBlock) => Partial<LedgerBlock>): LedgerBlock[] {
  return chainOf(...CONTENTS).map((block, at) => (at === height ? { ...block, ...change(block) } : block));
}

describe('the look at the disks of a stopped network', () => {
  it('finds nothing wrong with equal chains, of which one may end a little earlier', () => {
    const earlier = ledger({ member: 'BETA', blocks: chainOf(...CONTENTS).slice(0, 3) });
    expect(ledgerFaults([ledger(), earlier], expected())).to.deep.equal([]);
  });

  const found = (message: RegExp, ledgers: readonly NodeLedger[], changes: Partial<LedgerExpectations> = {}): void => {
    expect(ledgerFaults(ledgers, expected(changes)).join('\n')).to.match(message);
  };

  it('finds a fork', () => {
    const other = chainOf(CONTENTS[0] ?? [], [transaction('a', pay(30n))]);
    const header = testHeader({ height: 2, timestamp: 1_790_000_000_777 });
    const forked = other.map((block, at) => (at === 2 ? { ...block, header, blockHash: headerHash(header) } : block));
    found(/ALPHA and BETA have different blocks at height 2/, [ledger(), ledger({ member: 'BETA', blocks: forked })]);
  });

  it('finds equal headers over another state', () => {
    const blocks = changed(3, ({ header }) => ({ header: { ...header, stateRoot: domainTag('test/other') } }));
    found(/different blocks at height 3/, [ledger(), ledger({ member: 'BETA', blocks })]);
  });

  it('finds a node that is far behind', () => {
    found(/heights differ: ALPHA 3, BETA 1/, [
      ledger(),
      ledger({ blocks: chainOf(CONTENTS[0] ?? []), member: 'BETA' }),
    ]);
  });

  it('finds a certificate that is missing, of too few, of another block, or forged', () => {
    found(/height 2: no certificate/, [ledger({ blocks: changed(2, () => ({ certificate: undefined })) })]);
    const few = changed(2, ({ header }) => ({ certificate: certify(header, VALIDATORS, { signerCount: 2 }) }));
    found(/height 2: only 2 signed it/, [ledger({ blocks: few })]);
    const other = changed(2, () => ({ certificate: certify(testHeader({ height: 2 }), VALIDATORS) }));
    found(/height 2: its certificate is of something else/, [ledger({ blocks: other })]);
    const prepare = changed(2, ({ header }) => ({ certificate: certify(header, VALIDATORS, { type: 'prepare' }) }));
    found(/height 2: its certificate is of something else/, [ledger({ blocks: prepare })]);
    const forged = changed(2, ({ header }) => ({ certificate: certify(header, testValidators('thief', 4)) }));
    found(/height 2: a signature of its certificate is not valid/, [ledger({ blocks: forged })]);
  });

  it('finds a block that does not follow its parent', () => {
    const blocks = changed(2, ({ header }) => ({ header: { ...header, parentHash: domainTag('test/other') } }));
    found(/height 2 does not follow its parent/, [ledger({ blocks })]);
  });

  it('finds an acknowledged payment that is lost, elsewhere, or failed', () => {
    found(/c was final at height 2 and is lost/, [ledger()], { acknowledged: [{ id: 'c', height: 2 }] });
    found(/c was final at height 9, which no node has/, [ledger()], { acknowledged: [{ id: 'c', height: 9 }] });
    found(/a was final at 3, found at 2/, [ledger()], { acknowledged: [{ id: 'a', height: 3 }] });
    found(/b was final at 3, found at 3/, [ledger()], { acknowledged: [{ id: 'b', height: 3 }] });
  });

  it('finds a transaction that stands twice, and one that was refused for good', () => {
    const twice = chainOf(...CONTENTS, [transaction('a', pay(30n))]);
    found(/a stands at heights 2 and 4/, [ledger({ blocks: twice })]);
    found(/a was refused for good, and is on the chain/, [ledger()], { acknowledged: [], refused: ['a'] });
  });

  it('finds a balance that no payment explains, and money that is made', () => {
    const balances = new Map([
      [ALPHA, 71n],
      [BETA, 30n],
    ]);
    found(/owns 71, its payments say 70[\s\S]*money is made or lost: 101 owned/, [ledger({ balances })]);
    found(/money is made or lost: 100 owned, 99 outstanding/, [ledger({ outstanding: 99n })]);
  });

  it('passes on what the product’s own verification says', () => {
    found(/ALPHA: BODY_MISSING/, [ledger({ ownFaults: ['BODY_MISSING: height 1'] })]);
  });
});
