import { LIMITS } from '../../primitives/limits.js';

/** Text that a contract hands to its host, judged without encoding it. */

const PLAIN_NAME = /^[A-Za-z0-9_]+$/;

/** A name that a receipt can hold as it is: of an event, or the code of a failure. */
export function isPlainName(name: string): boolean {
  return name.length <= LIMITS.nameBytes && PLAIN_NAME.test(name);
}

/** Bytes of the text in UTF-8; undefined when it is not well-formed, and so has none. */
export function utf8Length(text: string): number | undefined {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(++i);
    // A pair takes four bytes for its two units.
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return undefined;
  }
  return bytes;
}
