import { KeyError } from './errors.js';

/** The part of a terminal's input that a prompt uses; `process.stdin` is one. */
export interface TerminalInput {
  setRawMode(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  once(event: 'end', listener: () => void): unknown;
  off(event: 'data', listener: (text: string) => void): unknown;
  off(event: 'end', listener: () => void): unknown;
}

/** `process.stderr`, so that stdout keeps the result alone. */
export interface TerminalOutput {
  write(text: string): unknown;
}

const MAX_LENGTH = 1_024;
const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES = ['\u0008', '\u007f'];

/**
 * Asks for a line and shows none of what is typed.
 *
 * @throws KeyError `PASSWORD_MISSING` on Ctrl-C, Ctrl-D or the end of input
 */
export function promptHidden(
  terminal: { readonly input: TerminalInput; readonly output: TerminalOutput },
  question: string,
): Promise<string> {
  const { input, output } = terminal;
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const finish = (settle: () => void): void => {
      input.off('data', onData);
      input.off('end', onEnd);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      settle();
    };
    const onEnd = (): void => finish(() => reject(cancelled()));
    const onData = (text: string): void => {
      for (const character of text) {
        if (ENTER.test(character)) {
          finish(() => resolve(typed.join('')));
          return;
        }
        if (character === CTRL_C || character === CTRL_D) {
          onEnd();
          return;
        }
        if (BACKSPACES.includes(character)) typed = typed.slice(0, -1);
        else if (typed.length < MAX_LENGTH) typed.push(character);
      }
    };
    output.write(question);
    input.setRawMode(true);
    input.setEncoding('utf8');
    input.on('data', onData);
    input.once('end', onEnd);
    input.resume();
  });
}

function cancelled(): KeyError {
  return new KeyError('PASSWORD_MISSING', 'the prompt for the password was left without an answer', {
    hint: 'run the command again, or pass --password-file',
  });
}
