import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { confirm } from '../../../cli/confirm.js';

class FakeInput extends EventEmitter {
  setRawMode(): void {}
  setEncoding(): void {}
  resume(): void {}
  pause(): void {}
}

describe('a question before something is signed', () => {
  const answer = async (
    ...chunks: readonly string[]
  ): Promise<{ readonly agreed: boolean; readonly shown: string }> => {
    const input = new FakeInput();
    let shown = '';
    const asked = confirm({ input, output: { write: (text) => (shown += text) } }, 'Sign?');
    for (const chunk of chunks) input.emit('data', chunk);
    input.emit('end');
    const agreed = await asked.then(
      () => true,
      () => false,
    );
    expect(input.listenerCount('data') + input.listenerCount('end')).to.equal(0);
    return { agreed, shown };
  };

  it('is agreed to by y or yes alone', async () => {
    expect(await answer('y\n')).to.deep.equal({ agreed: true, shown: 'Sign? [y/N] ' });
    expect((await answer('Y', 'ES', '\r\n')).agreed).to.equal(true);
    for (const chunks of [['\n'], ['n\n'], ['yesterday\n'], [''], [], ['no\ny\n']]) {
      expect((await answer(...chunks)).agreed, chunks.join()).to.equal(false);
    }
  });
});
