import { expect } from 'chai';
import { mergeTables } from '../../../node/storage/mergeTables.js';
import { apart } from '../../support/storedValues.js';
import { TemporaryChain } from '../../support/temporaryChain.js';

describe('a database whose tables are merged', () => {
  let chain: TemporaryChain;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
  });

  afterEach(async () => {
    await chain.remove();
  });

  it('has every row as it was, and none that was deleted', async () => {
    const database = await chain.open();
    const { path } = database;
    for (const round of [1, 2]) {
      const batch = database.batch();
      for (let number = round; number < 300; number += round) {
        database.stateValues.put(batch, `key${number}`, apart(Uint8Array.of(round, number & 0xff)));
      }
      await batch.write();
    }
    const last = database.batch();
    database.stateValues.delete(last, 'key7');
    await last.write();
    await chain.close();
    await mergeTables(path);
    const again = await chain.open();
    expect(again.stateValues.get('key7')).to.equal(undefined);
    expect(again.stateValues.get('key8')).to.deep.equal(apart(Uint8Array.of(2, 8)));
    expect(again.stateValues.get('key9')).to.deep.equal(apart(Uint8Array.of(1, 9)));
    let rows = 0;
    for await (const _row of again.stateValues.entries()) rows++;
    expect(rows).to.equal(298);
  });
});
