import ts from 'typescript';
import type { RuleId } from './rules.js';

/** Something that stands between a project and its bundle. */
export interface Finding {
  /** A rule of the kit, or `TS` and the number of a diagnostic of the type check. */
  readonly rule: RuleId | `TS${number}`;
  readonly message: string;
  /** What to write instead; empty where the message says it. */
  readonly fix: string;
  /** Relative to the project. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number;
  /** Characters that it covers, at least 1. */
  readonly length: number;
}

/** Where a span of a file lies. */
export function placeOf(
  file: ts.SourceFile,
  start: number,
  length: number,
): Pick<Finding, 'line' | 'column' | 'length'> {
  const { line, character } = ts.getLineAndCharacterOfPosition(file, start);
  return { line: line + 1, column: character + 1, length: Math.max(1, length) };
}

/** `file:line:column  rule`, the message, the line with a mark under it, and what to do. */
export function formatFinding(finding: Finding, source: string | undefined): string {
  const { file, line, column, length, rule, message, fix } = finding;
  const head = `${file}:${line}:${column}  ${rule}\n  ${message}`;
  const text = source?.split('\n')[line - 1];
  const frame = text === undefined ? '' : `\n${codeFrame(text, line, column, length)}`;
  return `${head}${frame}${fix === '' ? '' : `\n  fix: ${fix}`}`;
}

/** Widest line that a frame shows; of a longer one, the part around the mark. */
const FRAME_CHARACTERS = 110;

function codeFrame(text: string, line: number, column: number, length: number): string {
  const from = column > FRAME_CHARACTERS ? column - Math.floor(FRAME_CHARACTERS / 2) : 1;
  const shown = text.slice(from - 1, from - 1 + FRAME_CHARACTERS).replaceAll('\t', ' ');
  const mark = '^'.repeat(Math.max(1, Math.min(length, shown.length - (column - from))));
  const gutter = `${line}`.padStart(5);
  return `${gutter} | ${shown}\n${' '.repeat(gutter.length)} | ${' '.repeat(column - from)}${mark}`;
}

/** Findings in the order in which a reader meets them. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...findings].sort(
    (a, b) => order(a.file, b.file) || a.line - b.line || a.column - b.column || order(a.rule, b.rule),
  );
}
