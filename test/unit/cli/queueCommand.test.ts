import { expect } from 'chai';
import { CliError } from '../../../cli/errors.js';
import { toldOnFailure } from '../../../cli/queue/runQueue.js';
import { queuePriorityOf } from '../../../cli/queue/submitPayments.js';
import { TransportError } from '../../../client/errors.js';
import { errorOf, rejectionOf } from '../../support/rejection.js';

describe('vostro queue', () => {
  it('names the option of a priority that there is none of', () => {
    expect(queuePriorityOf('urgent')).to.equal('urgent');
    expect(queuePriorityOf(undefined)).to.equal(undefined);
    const fault = errorOf(() => queuePriorityOf('asap'));
    expect(fault.code).to.equal('USAGE_INVALID');
    expect(fault.message).to.contain('--queue-priority').and.contain('centralBank, clearing, urgent, normal');
  });

  describe('run --every', () => {
    const notes: string[] = [];
    const output = { note: (line: string) => void notes.push(line) };
    beforeEach(() => {
      notes.length = 0;
    });

    it('tells of a look without an answer, or one that is refused, and goes on', async () => {
      const away = new TransportError('http://127.0.0.1:1', 'connection refused', false);
      expect(await toldOnFailure(() => Promise.reject(away), output)).to.equal(undefined);
      expect(notes).to.have.length(1);
      expect(notes[0]).to.contain('no run: ').and.contain('connection refused');
      expect(await toldOnFailure(async () => 3, output)).to.equal(3);
      expect(notes).to.have.length(1);
    });

    it('ends by whatever else goes wrong', async () => {
      const noWallet = new CliError('WALLET_INVALID', 'no wallet');
      expect((await rejectionOf(toldOnFailure(() => Promise.reject(noWallet), output))).code).to.equal(
        'WALLET_INVALID',
      );
      expect(notes).to.deep.equal([]);
    });
  });
});
