import { expect } from 'chai';
import { AccountPage } from '../../../contracts/assets/accountPage.js';
import { assets } from '../../../contracts/index.js';
import type { Address, Call } from '../../../primitives/types.js';
import { assetHolder, madeBy } from '../../support/cashHolder.js';
import { ACCOUNTS, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const m = assets.methods;
const { alfa, beta, gamma, custodian } = ACCOUNTS;
const BOND = 'BOND-1';
const on = { instrument: BOND };
const made = (call: Call): Call => madeBy('actions', call);
const open = (height: number, redeems?: 'part' | 'whole'): Call =>
  made(callOf(m.openRecord, { ...on, height, redeems }));
const take = (record = 0): Call => made(callOf(m.takeRecorded, { ...on, record, limit: 256 }));
const drop = (record = 0): Call => made(callOf(m.dropRecord, { ...on, record }));
const move = (from: Address, to: Address, amount: bigint): Call => callOf(m.transfer, { ...on, from, to, amount });

/** Corporate actions alone keep records: a contract of that name stands in their place and passes calls on. */
describe('a record of holdings', () => {
  let network: TestNetwork;
  const codes = new Set<string>();

  const at = (height: number, sender: Address, call: Call) => {
    const receipt = network.ledger.run({ sender, signers: [sender], calls: [call], height, timestamp: TODAY_MS });
    if (receipt.failure !== undefined) codes.add(receipt.failure.code);
    return receipt;
  };
  const codeAt = (height: number, sender: Address, call: Call) => at(height, sender, call).failure?.code ?? '';
  const told = (height: number, record = 0) => {
    const { results, failure } = at(height, alfa, take(record));
    expect(failure, failure?.message).to.equal(undefined);
    const { holders, isOver = false } = m.takeRecorded.returns?.decode(results[0] as Uint8Array) ?? {};
    const items = new AccountPage(holders ?? new Uint8Array()).items();
    return { holders: Object.fromEntries(items.map(({ account, amount }) => [account, amount])), isOver };
  };
  const recorded = (account: Address) => network.view(m.recorded, { ...on, record: 0, account });

  beforeEach(() => {
    network = TestNetwork.funded([assetHolder('actions')]);
    const bond = { kind: 'bond', issuer: alfa, name: 'Bond', currency: 'EUR', nominal: 2n, cap: 1_000n } as const;
    network.ok(alfa, callOf(m.create, { ...on, ...bond }));
    network.ok(alfa, callOf(m.issue, { ...on, account: beta, amount: 70n }));
    network.ok(alfa, callOf(m.issue, { ...on, account: gamma, amount: 30n }));
  });

  it('tells what each account held at the end of its block, whatever has moved since', () => {
    at(4, alfa, open(5));
    at(5, beta, move(beta, custodian, 20n));
    at(6, beta, move(beta, gamma, 50n));
    at(6, gamma, move(gamma, beta, 1n));
    at(7, custodian, move(custodian, alfa, 20n));
    expect([recorded(beta), recorded(custodian), recorded(alfa)]).to.deep.equal([50n, 20n, 0n]);
    const { holders, isOver } = told(8);
    expect([holders, isOver]).to.deep.equal([{ [beta]: 50n, [gamma]: 30n, [custodian]: 20n }, true]);
    expect(network.ledger.snapshot().filter((row) => /assets.(kept|records)/.test(row))).to.deep.equal([]);
    expect(codeAt(8, alfa, take())).to.equal('RECORD_UNKNOWN');
  });

  it('is told from the next block on, and dropped up to its own', () => {
    at(4, alfa, open(5));
    expect(codeAt(5, alfa, take())).to.equal('RECORD_AHEAD');
    expect(codeAt(6, alfa, drop())).to.equal('RECORD_PASSED');
    expect(codeAt(5, alfa, drop())).to.equal('');
    expect(codeAt(5, alfa, drop())).to.equal('RECORD_UNKNOWN');
  });

  it('gives a number again only once nothing of its record is left', () => {
    for (let number = 0; number < 8; number++) at(4, alfa, open(4 + number));
    expect(codeAt(4, alfa, open(5))).to.equal('RECORDS_TOO_MANY');
    at(5, beta, move(beta, gamma, 1n));
    expect(told(5).holders[beta]).to.equal(70n);
    at(5, alfa, open(5));
    at(6, beta, move(beta, gamma, 1n));
    expect([told(7).holders[beta], told(7, 1).holders[beta]]).to.deep.equal([69n, 69n]);
  });

  it('keeps units that are to be redeemed where they are, and lets a split wait for any record', () => {
    at(4, alfa, open(5, 'whole'));
    expect(codeAt(5, beta, move(beta, gamma, 1n))).to.equal('');
    expect(codeAt(6, beta, move(beta, gamma, 1n))).to.equal('REDEMPTION_UNDER_WAY');
    at(6, alfa, callOf(m.pause, on));
    const split = callOf(m.beginSplit, { ...on, expectedVersion: 1, numerator: 2, denominator: 1 });
    expect(codeAt(6, alfa, split)).to.equal('RECORD_OPEN');
    expect(codeAt(6, alfa, drop())).to.equal('');
    expect(codeAt(6, alfa, split)).to.equal('');
    expect(codeAt(6, alfa, open(9))).to.equal('SPLIT_UNDER_WAY');
  });

  it('destroys units that are free and no others', () => {
    const surrender = (amount: bigint) => made(callOf(m.surrender, { ...on, account: beta, amount }));
    expect(codeAt(4, alfa, surrender(71n))).to.equal('INSUFFICIENT_UNITS');
    expect(codeAt(4, alfa, surrender(0n))).to.equal('AMOUNT_ZERO');
    expect(codeAt(4, alfa, surrender(70n))).to.equal('');
    expect(network.view(m.supply, on)).to.deep.equal({ issued: 100n, redeemed: 70n, splits: 0 });
  });

  after('every code of records was seen', () => {
    const declared = Object.keys(assets.abi().errors).filter((code) => /^(RECORDS?|REDEMPTION)_/.test(code));
    expect(declared.filter((code) => !codes.has(code))).to.deep.equal([]);
  });
});
