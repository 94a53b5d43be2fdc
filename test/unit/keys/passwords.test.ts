import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KeyError } from '../../../node/keys/errors.js';
import { readPassword } from '../../../node/keys/passwords.js';

/** A terminal that types what it is told, a chunk at a time, and records what was shown. */
class FakeTerminal extends EventEmitter {
  shown = '';
  raw: boolean[] = [];
  readonly output = { write: (text: string) => (this.shown += text) };
  constructor(private readonly chunks: string[]) {
    super();
  }
  setRawMode(raw: boolean): void {
    this.raw.push(raw);
  }
  setEncoding(): void {}
  pause(): void {}
  resume(): void {
    queueMicrotask(() => this.type());
  }
  private type(): void {
    while (this.listenerCount('data') > 0) {
      const chunk = this.chunks.shift();
      if (chunk === undefined) this.emit('end');
      else this.emit('data', chunk);
    }
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KeyError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('a password', () => {
  const request = { purpose: 'the key ALPHA' };
  let directory: string;
  const file = async (text: string): Promise<string> => {
    const path = join(directory, 'password');
    await writeFile(path, text);
    return path;
  };
  const prompt = (terminal: FakeTerminal, confirm = false): Promise<string> =>
    readPassword({ environment: {}, terminal: { input: terminal, output: terminal.output } }, { ...request, confirm });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-password-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('comes from the named file before the environment’s file before the environment’s variable', async () => {
    const path = await file(' from the file \n');
    const both = { VOSTRO_PASSWORD_FILE: path, VOSTRO_PASSWORD: 'variable' };
    expect(await readPassword({ passwordFile: path, environment: {} }, request)).to.equal(' from the file ');
    expect(await readPassword({ environment: both }, request)).to.equal(' from the file ');
    expect(await readPassword({ environment: { VOSTRO_PASSWORD: 'variable' } }, request)).to.equal('variable');
  });

  it('is refused from a file that is empty, of several lines, too large or not there', async () => {
    for (const text of ['', '\nx', 'one\ntwo\n', 'x'.repeat(2_000)]) {
      expect(await codeOf(readPassword({ passwordFile: await file(text), environment: {} }, request))).to.equal(
        'PASSWORD_FILE_INVALID',
      );
    }
    const none = join(directory, 'none');
    expect(await codeOf(readPassword({ passwordFile: none, environment: {} }, request))).to.equal(
      'PASSWORD_FILE_INVALID',
    );
    expect(await readPassword({ passwordFile: await file('windows\r\n'), environment: {} }, request)).to.equal(
      'windows',
    );
  });

  it('is asked for on the terminal as the last resort, and never shown', async () => {
    const terminal = new FakeTerminal(['s', 'ecrex', '\u007ft', '\r']);
    expect(await prompt(terminal)).to.equal('secret');
    expect(terminal.shown).to.equal('Password for the key ALPHA: \n');
    expect(terminal.raw).to.deep.equal([true, false]);
  });

  it('is asked for twice when it is new, and refused when the two differ', async () => {
    expect(await prompt(new FakeTerminal(['a\n', 'a\n']), true)).to.equal('a');
    expect(await codeOf(prompt(new FakeTerminal(['a\n', 'b\n']), true))).to.equal('PASSWORD_MISMATCH');
  });

  it('is missing where nothing gives one, and after Ctrl-C, Ctrl-D, an empty line or the end of input', async () => {
    expect(await codeOf(readPassword({ environment: { VOSTRO_PASSWORD: '' } }, request))).to.equal('PASSWORD_MISSING');
    for (const typed of [['abc\u0003'], ['\u0004'], ['\n'], []]) {
      const terminal = new FakeTerminal(typed);
      expect(await codeOf(prompt(terminal))).to.equal('PASSWORD_MISSING');
      expect(terminal.raw).to.deep.equal([true, false]);
    }
  });
});
