import type ts from 'typescript';
import type { RuleId } from './rules.js';

/** Direction marks and overrides, characters without width, controls: none of them is needed in a source. */
function isHidden(code: number): boolean {
  if (code < 0x20) return code !== 0x09 && code !== 0x0a && code !== 0x0d;
  if (code >= 0x7f && code <= 0x9f) return true;
  if (code >= 0x200b && code <= 0x200f) return true;
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code === 0xfeff || code === 0xad;
}

const SILENCING = /@ts-(?:ignore|expect-error|nocheck)\b/g;

/** What lies in the characters of a file rather than in its syntax. */
export function checkText(
  { text }: ts.SourceFile,
  add: (start: number, length: number, rule: RuleId, what: string) => void,
): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isHidden(code)) continue;
    add(at, 1, 'hidden-text', `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
  }
  for (const { 0: found, index } of text.matchAll(SILENCING)) add(index, found.length, 'silenced-type', found);
}
