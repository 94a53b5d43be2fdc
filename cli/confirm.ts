import type { TerminalInput, TerminalOutput } from '../node/keys/prompt.js';
import { usageError } from './errors.js';

/**
 * Asks a question that only `y` or `yes` answers.
 *
 * @throws CliError `USAGE_INVALID` on every other answer: nothing is done
 */
export function confirm(
  { input, output }: { readonly input: TerminalInput; readonly output: TerminalOutput },
  question: string,
): Promise<void> {
  output.write(`${question} [y/N] `);
  return new Promise((resolve, reject) => {
    let answer = '';
    const finish = (): void => {
      input.off('data', onData);
      input.off('end', finish);
      input.pause();
      if (/^y(es)?$/i.test(answer.trim())) resolve();
      else reject(usageError('answer', 'y', answer.trim() === '' ? 'none' : `"${answer.trim().slice(0, 20)}"`));
    };
    const onData = (text: string): void => {
      answer += text;
      if (answer.includes('\n') || answer.length > 100) finish();
    };
    input.setEncoding('utf8');
    input.on('data', onData);
    input.once('end', finish);
    input.resume();
  });
}
