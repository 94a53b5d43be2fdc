import { expect } from 'chai';
import { ContractBook, type ContractSource } from '../../../client/contracts.js';
import {
  AbiError,
  type ContractAbi,
  canonicalAbiText,
  defineContract,
  type Json,
  map,
  t,
} from '../../../contracts/api/index.js';
import { toHex } from '../../../primitives/bytes.js';
import { RegistryState } from '../../support/contractRegistry.js';
import { rejectionOf } from '../../support/rejection.js';

const ALICE = `0x${'a1'.repeat(20)}`;

function dealsOf(version: number): ContractAbi {
  const deals = defineContract({
    name: 'deals',
    version,
    state: { rows: map([t.id], t.amount) },
    events: { Opened: { id: t.id } },
    errors: { LATE: { day: t.day } },
  });
  return deals
    .build({
      open: deals.tx({ args: { id: t.id, buyer: t.address }, auth: { accounts: (a) => [a.buyer] } }, () => undefined),
      read: deals.view({ args: { id: t.id }, returns: t.amount }, () => 0n),
    })
    .abi();
}

describe('the contracts that a client finds', () => {
  const newBook = (abis: readonly ContractAbi[], change: (text: string) => string = (text) => text) => {
    const state = new RegistryState(abis.map((abi) => ({ abi, text: change(canonicalAbiText(abi)) })));
    const asked: string[] = [];
    const source: ContractSource = {
      stateProof: async ([one]) => {
        const key = `${one?.contract}/${one?.key}`;
        asked.push(key.split('\0')[0] ?? '');
        return state.proofOf(key);
      },
      view: async (contract, method, args: Json = {}) => `${contract}.${method} ${JSON.stringify(args)}`,
    };
    return { book: new ContractBook(source), asked };
  };

  it('are those of every network, without asking anybody', async () => {
    const { book, asked } = newBook([]);
    const payments = await book.find('payments');
    expect(payments.abi.version).to.equal(1);
    expect(asked).to.deep.equal([]);
    expect((await rejectionOf(book.find('payments', 2))).code).to.equal('CONTRACT_UNKNOWN');
  });

  it('are those of banks by the ABI that the state proves, once for each bundle', async () => {
    const { book, asked } = newBook([dealsOf(1), dealsOf(2)]);
    const newest = await book.find('deals');
    expect(newest.abi).to.deep.equal(dealsOf(2));
    expect((await book.find('deals', 1)).abi.version).to.equal(1);
    expect(await book.find('deals')).to.equal(newest);
    expect(asked).to.deep.equal([
      'contracts/contracts',
      'contracts/abis',
      'contracts/versions',
      'contracts/abis',
      'contracts/contracts',
    ]);
  });

  it('encode calls, ask views and read events and failures by name', async () => {
    const deals = await newBook([dealsOf(1)]).book.find('deals');
    const call = deals.encode('open', { id: 'D-1', buyer: ALICE });
    expect(call).to.deep.include({ contract: 'deals', method: 'open' });
    expect(toHex(call.args)).to.equal(`0xd983442d3194${'a1'.repeat(20)}`);
    expect(await deals.view('read', { id: 'D-1' })).to.equal('deals.read {"id":"D-1"}');
    expect(await rejectionOf(deals.view('read', { id: '' }))).to.be.instanceOf(AbiError);
    expect(() => deals.encode('open', { id: 'D-1' })).to.throw(AbiError, '$.buyer');
    expect(deals.decodeEvent({ name: 'Opened', data: Uint8Array.of(0xc1, 0x41) })).to.deep.equal({ id: 'A' });
    const late = { code: 'LATE', errorData: Uint8Array.of(0xc5, 0x84, 0x01, 0x35, 0x25, 0x09) };
    expect(deals.decodeError(late)).to.deep.equal({ day: 20260105 });
  });

  it('are not those that nobody registered, nor whose ABI is none', async () => {
    expect((await rejectionOf(newBook([]).book.find('deals'))).code).to.equal('CONTRACT_UNKNOWN');
    expect((await rejectionOf(newBook([dealsOf(1)]).book.find('deals', 2))).code).to.equal('CONTRACT_UNKNOWN');
    const damaged = newBook([dealsOf(1)], (text) => text.replace('"day"', '"float"'));
    expect((await rejectionOf(damaged.book.find('deals'))).code).to.equal('ABI_INVALID');
    const found = await newBook([dealsOf(1)]).book.findAll(['deals', 'cash', 'nothing', 'deals']);
    expect([...found.keys()]).to.deep.equal(['deals', 'cash']);
  });
});
