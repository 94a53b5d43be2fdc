import { expect } from 'chai';
import { defineContract, map, t } from '../../../contracts/api/index.js';
import { standardAbis } from '../../../contracts/index.js';
import { contractPage } from '../../../kit/reference/contractPage.js';
import { authWords, contractTables } from '../../../kit/reference/contractTables.js';

describe('the page of a contract', () => {
  it('holds the tables of everything that the contract takes, gives, refuses and keeps', () => {
    for (const abi of standardAbis()) {
      const page = contractPage(abi);
      const rows = contractTables(abi).split('\n');
      for (const row of rows) expect(page, abi.name).to.contain(row);
    }
  });

  it('says from which versions the state is taken over', () => {
    const contract = defineContract({
      name: 'deals',
      version: 2,
      state: {},
      events: {},
      errors: {},
      migrations: { 1: { reads: { old: map([t.id, t.day], t.list(t.amount, 3)) }, run: () => undefined } },
    });
    const page = contractPage(contract.build({}).abi());
    expect(page).to.contain('From version 1').and.contain('| old | id, day | list 0..3 of amount |');
    expect(page).to.contain('| migrate | contract contracts | from: uint |  |');
  });

  it('names alternatives and what the method itself checks', () => {
    expect(
      authWords({ all: [{ any: [{ accounts: 0 }, { roles: ['bank', 'custodian'] }] }, { inMethod: true }] }),
    ).to.equal('any of (accounts; role bank or custodian), accounts of the state');
  });
});
