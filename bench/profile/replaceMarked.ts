import { BenchError } from '../errors.js';

/**
 * The document with the text between `<!-- name -->` and `<!-- end of name -->` replaced.
 *
 * @throws BenchError `OPTION_INVALID` where the marks are not there
 */
export function replaceMarked(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) {
    throw new BenchError('OPTION_INVALID', `expected the marks ${begin} and ${end} in the document`, {
      expected: begin,
    });
  }
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}
