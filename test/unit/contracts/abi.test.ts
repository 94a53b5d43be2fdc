import { expect } from 'chai';
import { AbiError, type ContractAbi, codecFromAbi } from '../../../contracts/api/index.js';
import { cash, payments, standardAbis, standardContract, standardContracts } from '../../../contracts/index.js';
import { toChecksum } from '../../../primitives/address.js';
import { toHex } from '../../../primitives/bytes.js';
import { ACCOUNTS, callOf, TestNetwork, TODAY } from '../../support/settlementNetwork.js';

const { alfa, beta } = ACCOUNTS;
const json = { debtor: alfa, creditor: beta, currency: 'EUR', amount: '100', reference: 'P-1' };

/** The refusal's code and the message for a person. */
function refusal(use: () => unknown): string {
  try {
    use();
    return 'none';
  } catch (error) {
    return error instanceof AbiError ? `${error.code} ${error.message}` : `broke: ${String(error)}`;
  }
}

describe('the ABI', () => {
  it('names every standard contract, and is plain JSON that can be read back', () => {
    expect(standardContracts().map(({ name }) => name)).to.deep.equal([
      'actions',
      'assets',
      'cash',
      'contracts',
      'credit',
      'evidence',
      'governance',
      'htlc',
      'membership',
      'netting',
      'orders',
      'parameters',
      'payments',
      'pilots',
      'prices',
      'queue',
      'repo',
      'screening',
      'settlement',
      'subscriptions',
      'supervision',
    ]);
    for (const abi of standardAbis()) {
      const copy: ContractAbi = JSON.parse(JSON.stringify(abi));
      expect(copy).to.deep.equal(abi);
      expect(() => codecFromAbi(copy)).not.to.throw();
    }
    expect(refusal(() => standardContract('none'))).to.equal(
      'CONTRACT_UNKNOWN expected a contract (actions, assets, cash, contracts, credit, evidence, governance, htlc, membership, netting, orders, parameters, payments, pilots, prices, queue, repo, screening, settlement, subscriptions, supervision), found "none"',
    );
  });

  it('says who may call a method, and with what', () => {
    const { methods, errors } = payments.abi();
    expect(methods['pay']?.auth).to.deep.equal({ accounts: 0 });
    expect(methods['isReferenceUsed']?.auth).to.equal(null);
    expect(cash.abi().methods['issue']?.auth).to.deep.equal({ roles: ['centralBank'] });
    expect(cash.abi().methods['transferMany']?.auth).to.deep.equal({
      all: [{ contracts: ['payments', 'queue'] }, { accounts: 0 }],
    });
    expect(methods['pay']?.args).to.deep.include({
      type: 'object',
      additionalProperties: false,
      required: ['debtor', 'currency', 'creditor', 'amount', 'reference'],
    });
    expect(errors['INSUFFICIENT_FUNDS']).to.have.nested.property('properties.available.x-vostro', 'amount');
  });

  it('turns JSON into the bytes that a contract takes, and back', () => {
    const args = payments.codec.encodeArgs('pay', json);
    const typed = callOf(payments.methods.pay, { ...json, debtor: alfa, creditor: beta, amount: 100n });
    expect(args).to.deep.equal(typed.args);
    expect(payments.codec.decodeArgs('pay', args)).to.deep.equal({
      ...json,
      debtor: toChecksum(alfa),
      creditor: toChecksum(beta),
    });
  });

  it('reads results, events and error data, from the JSON alone as from the contract', () => {
    const network = TestNetwork.funded();
    const remote = codecFromAbi(JSON.parse(JSON.stringify(payments.abi())));
    const { events, results } = network.ok(alfa, {
      contract: 'payments',
      method: 'pay',
      args: remote.encodeArgs('pay', json),
    });
    expect(remote.decodeResult('pay', results[0] ?? new Uint8Array())).to.deep.equal({ businessDay: TODAY });
    const [event] = events;
    expect(remote.decodeEvent('Paid', event?.data ?? new Uint8Array())).to.deep.include({
      amount: '100',
      businessDay: TODAY,
    });
    const { failure } = network.run(alfa, [
      { contract: 'payments', method: 'pay', args: remote.encodeArgs('pay', json) },
    ]);
    expect(remote.decodeErrorData(failure?.code ?? '', failure?.data ?? new Uint8Array())).to.deep.equal({
      reference: 'P-1',
    });
    expect(remote.decodeErrorData('SUSPENDED', Uint8Array.of(0xd5, 0x94, ...new Uint8Array(20)))).to.deep.equal({
      account: `0x${'0'.repeat(40)}`,
    });
    expect(cash.codec.decodeResult('transfer', new Uint8Array())).to.equal(null);
  });

  it('refuses what it does not name, and says where a value is wrong', () => {
    expect(refusal(() => payments.codec.encodeArgs('pya', json))).to.equal(
      'METHOD_UNKNOWN expected a method of payments (pay, payBatch, useReference, isReferenceUsed), found "pya"',
    );
    expect(refusal(() => payments.codec.encodeArgs('pay', { ...json, amount: '1.5' }))).to.equal(
      'ARGUMENTS_INVALID payments.pay: $.amount: expected decimal digits without sign, point or leading zero, found "1.5"',
    );
    expect(refusal(() => payments.codec.encodeArgs('pay', { ...json, memo: 'x' }))).to.contain('found "memo"');
    expect(refusal(() => payments.codec.decodeArgs('pay', Uint8Array.of(0xc0)))).to.contain('ARGUMENTS_INVALID');
    expect(refusal(() => payments.codec.requireArgs('pay', Uint8Array.of(0xc0)))).to.contain('ARGUMENTS_INVALID');
    expect(refusal(() => payments.codec.requireArgs('pya', Uint8Array.of(0xc0)))).to.contain('METHOD_UNKNOWN');
    expect(refusal(() => payments.codec.requireArgs('pay', payments.codec.encodeArgs('pay', json)))).to.equal('none');
    expect(refusal(() => payments.codec.decodeEvent('None', new Uint8Array()))).to.contain('EVENT_UNKNOWN');
    expect(refusal(() => payments.codec.decodeEvent('Paid', new Uint8Array()))).to.contain('EVENT_INVALID');
    expect(refusal(() => payments.codec.decodeErrorData('NONE', new Uint8Array()))).to.contain('ERROR_UNKNOWN');
    expect(refusal(() => payments.codec.decodeErrorData('AMOUNT_ZERO', Uint8Array.of(0xc0)))).to.contain(
      'ERROR_DATA_INVALID',
    );
    expect(refusal(() => payments.codec.decodeResult('pay', new Uint8Array()))).to.contain('RESULT_INVALID');
    expect(refusal(() => cash.codec.decodeResult('transfer', Uint8Array.of(1)))).to.contain('RESULT_INVALID');
  });

  it('stays as it is: bytes of one payment, as a second implementation would make them', () => {
    const example = { ...json, debtor: `0x${'11'.repeat(20)}`, creditor: `0x${'22'.repeat(20)}`, businessDay: TODAY };
    expect(toHex(payments.codec.encodeArgs('pay', { ...example, endToEndId: 'E2E-1' }))).to.equal(
      `0xf84094${'11'.repeat(20)}83455552c5840135250994${'22'.repeat(20)}6483502d31c6854532452d31`,
    );
  });
});
