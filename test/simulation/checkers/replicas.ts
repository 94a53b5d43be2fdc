import { createHash } from 'node:crypto';
import { openRow } from '../../../node/storage/checksum.js';
import { kindOfRow, PREFIX, type RowKind } from '../../../node/storage/prefixes.js';
import { keyChunkCodec, storedValueCodec, valueChangesCodec } from '../../../node/storage/stateRows.js';
import type { SimulatedRows } from '../world/rows.js';

/**
 * Rows that may differ between honest replicas: a node's own seed and what hangs on it, pages and values that are
 * written at other times than the logs of the state, and certificates, of which several quorums may give one each. Of the
 * ordered index the keys are shared alone: which values stand beside them depends on what was read.
 */
const OWN_ROWS: ReadonlySet<RowKind> = new Set([
  'meta',
  'certificate',
  'stateValue',
  'valueLog',
  'statePage',
  'stateLog',
  'referenceFingerprints',
  'usedOnceFingerprints',
]);

/** A digest of all rows of each kind that replicas of one height must share byte for byte. */
export function rowDigests(rows: SimulatedRows): Map<RowKind, string> {
  const hashes = new Map<RowKind, ReturnType<typeof createHash>>();
  for (const key of rows.keys()) {
    const kind = kindOfRow(Uint8Array.of(key.charCodeAt(0)));
    if (kind === undefined || OWN_ROWS.has(kind)) continue;
    const hash = hashes.get(kind) ?? createHash('sha256');
    hashes.set(kind, hash);
    const row = rows.rows.get(key) ?? new Uint8Array();
    const value = kind === 'orderedKeys' ? keysOf(key, row) : row;
    hash.update(`${key.length} ${value.length} `).update(key, 'latin1').update(value);
  }
  return new Map([...hashes].map(([kind, hash]) => [kind, hash.digest('hex')]));
}

/** The state as it stands on the disk, by its keys: rows of values, and what their log says is newer. */
export function stateValues(rows: SimulatedRows): Map<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  for (const [key, row] of valuesOf(rows, PREFIX.stateValue)) values.set(key, storedValueCodec.decode(row).value);
  for (const [, row] of valuesOf(rows, PREFIX.valueLog)) {
    for (const { key, value } of valueChangesCodec.decode(row)) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    }
  }
  return values;
}

/** The keys of a chunk; the row as it stands where it is damaged. */
function keysOf(key: string, row: Uint8Array): Uint8Array {
  const chunk = openRow(Uint8Array.from(Buffer.from(key, 'latin1')), row);
  return chunk === undefined ? row : Buffer.from(keyChunkCodec.decode(chunk).keys.join('\n'), 'latin1');
}

/** Rows of one kind in the order of their keys, without prefixes and checksums. */
function* valuesOf(rows: SimulatedRows, prefix: number): Generator<[string, Uint8Array]> {
  for (const key of rows.keys()) {
    if (key.charCodeAt(0) !== prefix) continue;
    const value = openRow(Uint8Array.from(Buffer.from(key, 'latin1')), rows.rows.get(key) ?? new Uint8Array());
    if (value !== undefined) yield [key.slice(1), value];
  }
}
