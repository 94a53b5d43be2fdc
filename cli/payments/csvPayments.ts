import { CsvError, parse } from 'csv-parse/sync';
import { CliError } from '../errors.js';
import { MAX_PAYMENT_ROWS, type PaymentFile, type PaymentRow, type RefusedRow } from './paymentRow.js';

/** Columns that must be there, in any order. */
const REQUIRED = ['reference', 'debtor', 'creditor', 'currency', 'amount'] as const;
/** Columns that may be there and are for people. */
const INFORMATIVE = ['time'] as const;
const MAX_LINE_CHARACTERS = 2_000;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Reads a CSV file (RFC 4180, comma, header in the first line) of payments. A row stands on one line, so that a
 * quote that is not closed spoils its own row alone.
 *
 * @throws CliError `FILE_MALFORMED` when the header is none, or there are too many rows
 */
export function parseCsvPayments(text: string, path: string): PaymentFile {
  const lines = (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).split(/\r?\n/);
  const header = readHeader(lines[0] ?? '', path);
  if (lines.length > MAX_PAYMENT_ROWS + 2) {
    throw fileError(path, `at most ${MAX_PAYMENT_ROWS} rows`, String(lines.length - 1), 'split the file');
  }
  const rows: PaymentRow[] = [];
  const malformed: RefusedRow[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const row = readRow(line, index + 1, header);
    if ('code' in row) malformed.push(row);
    else rows.push(row);
  }
  return { rows, malformed };
}

function readHeader(line: string, path: string): readonly string[] {
  const cells = splitLine(line);
  const expected = `the columns ${REQUIRED.join(', ')}`;
  if (typeof cells === 'string') throw fileError(path, expected, cells, 'the first line names the columns');
  const columns = cells.map((cell) => cell.toLowerCase());
  const missing = REQUIRED.filter((name) => !columns.includes(name));
  if (missing.length > 0) throw fileError(path, expected, `none named ${missing.join(', ')}`, headerHint());
  const known: readonly string[] = [...REQUIRED, ...INFORMATIVE];
  const unknown = columns.find((name) => !known.includes(name));
  if (unknown !== undefined) throw fileError(path, expected, `an unknown column "${unknown}"`, headerHint());
  if (new Set(columns).size !== columns.length) throw fileError(path, expected, 'a column twice', headerHint());
  return columns;
}

function readRow(line: string, number: number, header: readonly string[]): PaymentRow | RefusedRow {
  const refuse = (message: string, reference = ''): RefusedRow => ({
    line: number,
    reference,
    code: 'ROW_MALFORMED',
    message,
  });
  if (line.length > MAX_LINE_CHARACTERS) {
    return refuse(`expected at most ${MAX_LINE_CHARACTERS} characters, found ${line.length}`);
  }
  const cells = splitLine(line);
  if (typeof cells === 'string') return refuse(cells);
  const field = (name: (typeof REQUIRED)[number]): string => cells[header.indexOf(name)] ?? '';
  const reference = field('reference');
  if (cells.length !== header.length) {
    return refuse(`expected ${header.length} fields, found ${cells.length}`, reference);
  }
  const empty = REQUIRED.find((name) => field(name) === '');
  if (empty !== undefined) return refuse(`expected a value for ${empty}, found none`, reference);
  return {
    line: number,
    reference,
    debtor: field('debtor'),
    creditor: field('creditor'),
    currency: field('currency'),
    amount: field('amount'),
  };
}

/** The cells of one line, or what is wrong with it. */
function splitLine(line: string): readonly string[] | string {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  try {
    const records = parse(line, { relax_column_count: true, trim: true }) as readonly (readonly string[])[];
    return records[0] ?? [];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return `expected comma-separated values, found ${CSV_FAULTS[error.code] ?? 'something else'}`;
  }
}

const CSV_FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote that is not closed',
  INVALID_OPENING_QUOTE: 'a quote inside a field',
  CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote',
};

function headerHint(): string {
  return `the first line is: time,${REQUIRED.join(',')}`;
}

function fileError(path: string, expected: string, actual: string, hint: string): CliError {
  return new CliError('FILE_MALFORMED', `${path}: expected ${expected}, found ${actual}`, { expected, actual, hint });
}
