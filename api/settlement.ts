import type { ErrorDetails } from '../primitives/errors.js';
import {
  formatError,
  openFormat,
  readItems,
  readUint,
  requireSize,
  uintItem,
  VERSION_ITEM,
} from '../primitives/format.js';
import { LIMITS } from '../primitives/limits.js';
import { encode, type RlpInput, type RlpReader } from '../primitives/rlp.js';
import { firstCodePoints, utf8Encode, wellFormed } from '../primitives/text.js';
import type { WireError } from './errors.js';
import { API_LIMITS } from './limits.js';

/**
 * The settlement door in bytes: transactions come in by one request, and its answer streams what became of them. Both sides
 * read strictly. Every payload is canonical RLP with its version first.
 */

/** Where it stands, and what goes in and out. */
export const SETTLEMENT_PATH = '/v1/settlements';
export const SETTLEMENT_CONTENT_TYPE = 'application/octet-stream';

/**
 * Codes of what the door refuses as a whole before it takes anything in. Whatever else comes in place of verdicts leaves
 * open what was taken in.
 */
export const NOTHING_TAKEN_IN: readonly string[] = [
  'REQUEST_MALFORMED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'HOST_NOT_ALLOWED',
  'ROUTE_NOT_FOUND',
  'TOO_MANY_REQUESTS',
  'TOO_MANY_WAITS',
  'SHUTTING_DOWN',
];

export interface SettlementRequest {
  /** How long the answer may stay open; 0 ends it once the door has judged the transactions. */
  readonly timeoutMs: number;
  /** Height up to which the client knows every change of the validators: proofs leave those out. */
  readonly since: number;
  /** Signed bytes, each by itself. */
  readonly transactions: readonly Uint8Array[];
}

/** What the door said of one transaction. */
export type SettlementVerdict = { readonly status: 'accepted' | 'known' } | { readonly error: WireError };

/** Why a stream ended: `final` with nothing left open, or what else ended it. */
export const SETTLEMENT_ENDS = ['final', 'time', 'stopping', 'failed'] as const;
export type SettlementEndReason = (typeof SETTLEMENT_ENDS)[number];

export interface SettlementEnd {
  readonly reason: SettlementEndReason;
  /** Positions of the transactions that the door has and did not prove, ascending. */
  readonly unknown: readonly number[];
}

/** Kinds of frames: first one of verdicts, then any number of proofs, then the end. */
export const FRAME = { verdicts: 1, proof: 2, end: 3 } as const;

export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 5;
const COUNT = API_LIMITS.transactionsPerRequest;
const TRANSACTIONS = { min: 1, max: COUNT, field: 'transactions' } as const;
const VERDICTS = { min: 1, max: COUNT, field: 'verdicts' } as const;
const UNKNOWN = { min: 0, max: COUNT, field: 'unknown' } as const;
const STATUSES = ['', 'accepted', 'known'] as const;
const ERROR_BYTES = { code: 128, message: 16_384, details: 16_384 } as const;
/** Bytes of a request: its transactions, and their prefixes. */
export const SETTLEMENT_REQUEST_BYTES: number = API_LIMITS.submittedBytes + 5 * COUNT + 64;
const FRAME_BYTES: Readonly<Record<number, number>> = {
  [FRAME.verdicts]: COUNT * (ERROR_BYTES.code + ERROR_BYTES.message + ERROR_BYTES.details + 32) + 32,
  [FRAME.proof]: LIMITS.receiptsProofBytes,
  [FRAME.end]: 4 * COUNT + 64,
};

/** @throws FormatError when a part is out of its bounds */
export function encodeSettlementRequest({ timeoutMs, since, transactions }: SettlementRequest): Uint8Array {
  const bytes = encode([
    VERSION_ITEM,
    uintItem(timeoutMs, 'timeoutMs', API_LIMITS.waitMs),
    uintItem(since, 'since'),
    transactions,
  ]);
  requireSize(bytes.length, SETTLEMENT_REQUEST_BYTES, 'request');
  return bytes;
}

/** Transactions are views of `bytes`, not decoded. @throws RlpError, FormatError */
export function decodeSettlementRequest(bytes: Uint8Array): SettlementRequest {
  const list = openFormat(bytes, SETTLEMENT_REQUEST_BYTES, 'request');
  const timeoutMs = readUint(list, 'timeoutMs', API_LIMITS.waitMs);
  const since = readUint(list, 'since');
  const transactions = readItems(list, TRANSACTIONS, readTransaction);
  list.done('request');
  const total = transactions.reduce((sum, { length }) => sum + length, 0);
  requireSize(total, API_LIMITS.submittedBytes, 'transactions');
  return { timeoutMs, since, transactions };
}

function readTransaction(reader: RlpReader): Uint8Array {
  return reader.bytes(LIMITS.transactionBytes, 'transactions');
}

export function encodeVerdicts(verdicts: readonly SettlementVerdict[]): Uint8Array {
  return encode([VERSION_ITEM, verdicts.map(verdictItem)]);
}

function verdictItem(verdict: SettlementVerdict): RlpInput {
  if ('status' in verdict) return uintItem(STATUSES.indexOf(verdict.status), 'status');
  const { code, message, details } = verdict.error;
  const text = utf8Encode(JSON.stringify(details));
  return [
    textItem(code, ERROR_BYTES.code),
    textItem(message, ERROR_BYTES.message),
    text.length > ERROR_BYTES.details ? utf8Encode('{}') : text,
  ];
}

/** Whatever a text is, it has bytes here: a refusal that cannot be told would take the whole answer with it. */
function textItem(text: string, maxBytes: number): Uint8Array {
  const bytes = utf8Encode(wellFormed(text.slice(0, maxBytes)));
  return bytes.length <= maxBytes ? bytes : utf8Encode(wellFormed(text.slice(0, Math.floor(maxBytes / 3))));
}

/** @throws RlpError, FormatError */
export function decodeVerdicts(bytes: Uint8Array): SettlementVerdict[] {
  const list = openFormat(bytes, FRAME_BYTES[FRAME.verdicts] as number, 'verdicts');
  const verdicts = readItems(list, VERDICTS, readVerdict);
  list.done('verdicts');
  return verdicts;
}

function readVerdict(reader: RlpReader): SettlementVerdict {
  if (!reader.nextIsList('verdict')) {
    const status = STATUSES[readUint(reader, 'status', STATUSES.length - 1)];
    if (status === undefined || status === '') throw formatError('VALUE_OUT_OF_RANGE', 'status', '1 or 2', '0');
    return { status };
  }
  const item = reader.list('verdict');
  const code = item.string(ERROR_BYTES.code, 'code');
  const message = item.string(ERROR_BYTES.message, 'message');
  const details = readDetails(item.string(ERROR_BYTES.details, 'details'));
  item.done('verdict');
  if (code === '') throw formatError('VALUE_OUT_OF_RANGE', 'code', 'a code', 'none');
  return { error: { code, message, details } };
}

function readDetails(text: string): ErrorDetails {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ErrorDetails;
  } catch {
    // Refused below.
  }
  throw formatError('VALUE_OUT_OF_RANGE', 'details', 'an object of JSON', firstCodePoints(text, 80));
}

export function encodeEnd({ reason, unknown }: SettlementEnd): Uint8Array {
  return encode([
    VERSION_ITEM,
    uintItem(SETTLEMENT_ENDS.indexOf(reason), 'reason'),
    unknown.map((position) => uintItem(position, 'unknown')),
  ]);
}

/** @throws RlpError, FormatError */
export function decodeEnd(bytes: Uint8Array): SettlementEnd {
  const list = openFormat(bytes, FRAME_BYTES[FRAME.end] as number, 'end');
  const reason = SETTLEMENT_ENDS[readUint(list, 'reason', SETTLEMENT_ENDS.length - 1)] as SettlementEndReason;
  const unknown = readItems(list, UNKNOWN, readPosition);
  list.done('end');
  unknown.forEach((position, index) => {
    if (index > 0 && position <= (unknown[index - 1] as number)) {
      throw formatError('NOT_SORTED', 'unknown', 'ascending positions', 'another order');
    }
  });
  return { reason, unknown };
}

function readPosition(reader: RlpReader): number {
  return readUint(reader, 'unknown', COUNT - 1);
}

/** A kind in one byte, a length in four, big-endian, and the payload. */
export function encodeFrame(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, payload.length);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Cuts what comes in chunks into frames; holds no more than one of them and the chunk that it came with. */
export class FrameReader {
  /** Put together only where a header or a frame is whole: a large frame that comes in small chunks is copied once. */
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Bytes without which there is nothing to read. */
  #neededBytes = HEADER_BYTES;

  /** True where the chunks so far end with a whole frame that was taken. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next whole frame, a view of what was added; undefined before it is there. @throws FormatError */
  next(): Frame | undefined {
    if (this.#size < this.#neededBytes) return undefined;
    const bytes = this.#together();
    const kind = bytes[0] as number;
    const maxBytes = FRAME_BYTES[kind];
    if (maxBytes === undefined) throw formatError('VALUE_OUT_OF_RANGE', 'frame', 'a kind from 1 to 3', `${kind}`);
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    requireSize(length, maxBytes, 'frame');
    const end = HEADER_BYTES + length;
    this.#neededBytes = end;
    if (bytes.length < end) return undefined;
    this.#neededBytes = HEADER_BYTES;
    this.#size -= end;
    this.#chunks = this.#size === 0 ? [] : [bytes.subarray(end)];
    return { kind, payload: bytes.subarray(HEADER_BYTES, end) };
  }

  #together(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const bytes = new Uint8Array(this.#size);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [bytes];
    return bytes;
  }
}
