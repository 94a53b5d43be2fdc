import {
  type BankPosition,
  type BilateralLimit,
  GRIDLOCK_LIMITS,
  type GridlockInput,
  type QueuedPayment,
  RANKS,
  type Rank,
} from '../../contracts/gridlock/input.js';
import { parseAmount } from '../../primitives/amount.js';
import { isCodedError } from '../../primitives/errors.js';
import { CliError } from '../errors.js';

/** Larger than any case with as many payments as a run takes. */
export const MAX_CASE_FILE_BYTES = 33_554_432;

const PAYMENT_FIELDS = { required: ['id', 'from', 'to', 'amount'], optional: ['priority', 'held'] };
const LIMIT_FIELDS = { required: ['from', 'to', 'amount'], optional: [] };
const CASE_FIELDS = { required: ['balances', 'queue'], optional: ['limits'] };

/** A place of the file, as a person finds it: `queue[3].amount`. */
type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the positions and the queue of a case. Amounts are decimal strings of minor units; the queue is in the order of
 * creation, the oldest first.
 *
 * @param path of the file, for errors
 * @throws CliError `FILE_MALFORMED` naming the place; what the fields say together is checked by the run
 */
export function parseCase(text: string, path: string): GridlockInput {
  const reader = new CaseReader(path);
  const file = reader.object(reader.json(text), 'the file', CASE_FIELDS);
  const balances = reader.object(file['balances'], 'balances');
  const queue = reader.list(file['queue'], 'queue', GRIDLOCK_LIMITS.payments);
  const limits = reader.list(file['limits'] ?? [], 'limits', GRIDLOCK_LIMITS.limits);
  return {
    banks: Object.entries(balances).map(
      ([bank, amount]): BankPosition => ({ bank, available: reader.amount(amount, `balances.${shown(bank)}`) }),
    ),
    payments: queue.map((entry, at) => readPayment(reader, entry, `queue[${at}]`)),
    limits: limits.map((entry, at) => readLimit(reader, entry, `limits[${at}]`)),
  };
}

/** A fault that the run found in a case, in the words of its file. */
export function inWordsOfFile(error: unknown, path: string): unknown {
  if (!isCodedError(error)) return error;
  const place = error.details['path'];
  if (typeof place !== 'string' || place === 'steps') return error;
  const words = place
    .replace(/^banks(\[\d+\])?(\.\w+)?$/, 'balances')
    .replace(/^payments/, 'queue')
    .replace(/\.debtor$/, '.from')
    .replace(/\.creditor$/, '.to')
    .replace(/\.net$/, '.amount');
  return malformed(path, words, error.details.expected ?? 'another value', error.details.actual ?? 'this one');
}

function readPayment(reader: CaseReader, entry: unknown, place: string): QueuedPayment {
  const fields = reader.object(entry, place, PAYMENT_FIELDS);
  return {
    id: reader.text(fields['id'], `${place}.id`),
    debtor: reader.text(fields['from'], `${place}.from`),
    creditor: reader.text(fields['to'], `${place}.to`),
    amount: reader.amount(fields['amount'], `${place}.amount`),
    rank: reader.rank(fields['priority'] ?? 'normal', `${place}.priority`),
    isHeld: reader.flag(fields['held'] ?? false, `${place}.held`),
  };
}

function readLimit(reader: CaseReader, entry: unknown, place: string): BilateralLimit {
  const fields = reader.object(entry, place, LIMIT_FIELDS);
  return {
    debtor: reader.text(fields['from'], `${place}.from`),
    creditor: reader.text(fields['to'], `${place}.to`),
    net: reader.amount(fields['amount'], `${place}.amount`),
  };
}

/** Values of JSON, each with the place where it stands. */
class CaseReader {
  constructor(private readonly path: string) {}

  json(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.fault('the file', 'JSON', error instanceof SyntaxError ? error.message : 'something else');
    }
  }

  object(
    value: unknown,
    place: string,
    fields?: { readonly required: readonly string[]; readonly optional: readonly string[] },
  ): Json {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.fault(place, 'an object', describe(value));
    }
    const object = value as Json;
    if (fields === undefined) return object;
    const known = [...fields.required, ...fields.optional];
    const unknown = Object.keys(object).find((name) => !known.includes(name));
    if (unknown !== undefined) throw this.fault(place, `no fields but ${known.join(', ')}`, `"${shown(unknown)}"`);
    const missing = fields.required.find((name) => !Object.hasOwn(object, name));
    if (missing !== undefined) throw this.fault(place, `the fields ${fields.required.join(', ')}`, `no ${missing}`);
    return object;
  }

  list(value: unknown, place: string, max: number): readonly unknown[] {
    if (!Array.isArray(value)) throw this.fault(place, 'a list', describe(value));
    if (value.length > max) throw this.fault(place, `at most ${max}`, String(value.length));
    return value;
  }

  text(value: unknown, place: string): string {
    if (typeof value !== 'string') throw this.fault(place, 'text', describe(value));
    return value;
  }

  amount(value: unknown, place: string): bigint {
    if (typeof value !== 'string') throw this.fault(place, 'minor units in a string, as "1250"', describe(value));
    try {
      return parseAmount(value);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { expected = 'minor units', actual = describe(value) } = error.details;
      throw this.fault(place, expected, actual === '' ? 'nothing' : actual);
    }
  }

  rank(value: unknown, place: string): Rank {
    const rank = RANKS.find((known) => known === value);
    if (rank === undefined) throw this.fault(place, `one of ${RANKS.join(', ')}`, describe(value));
    return rank;
  }

  flag(value: unknown, place: string): boolean {
    if (typeof value !== 'boolean') throw this.fault(place, 'true or false', describe(value));
    return value;
  }

  private fault(place: string, expected: string, actual: string): CliError {
    return malformed(this.path, place, expected, actual);
  }
}

function malformed(path: string, place: string, expected: string, actual: string): CliError {
  const message = `${path}: ${place}: expected ${expected}, found ${actual}`;
  return new CliError('FILE_MALFORMED', message, {
    path: place,
    expected,
    actual,
    hint: 'docs/settlement/gridlock.md shows a case',
  });
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : shown(JSON.stringify(value));
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
