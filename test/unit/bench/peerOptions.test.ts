import { expect } from 'chai';
import { readPeerOptions } from '../../../bench/peer/options.js';

describe('the flags of the peer', () => {
  it('have the defaults of a reported run', () => {
    const options = readPeerOptions([]);
    expect(options).to.include({ seconds: 60, accounts: 100_000, clients: 32, batchSize: 1_000 });
    expect(options.mixes).to.deep.equal(['uniform']);
  });

  it('name what they take where they are wrong', () => {
    for (const args of [
      ['--seconds', '0'],
      ['--mix', 'cold'],
      ['--accounts', '1e5'],
      ['--port', '1'],
    ]) {
      expect(() => readPeerOptions(args), args.join(' '))
        .to.throw()
        .with.property('code', 'OPTION_INVALID');
    }
  });
});
