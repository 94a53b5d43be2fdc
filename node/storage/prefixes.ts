/**
 * The first byte of every row's key says what kind of row it is. A number is never used again, for anything else, even
 * when its kind of row is gone: an old database must not be read as something new.
 */
export const PREFIX = {
  meta: 1,
  header: 2,
  certificate: 3,
  body: 4,
  receipt: 5,
  outcome: 6,
  position: 7,
  blockHeight: 8,
  stateValue: 9,
  statePage: 10,
  orderedKeys: 11,
  // 12 was a row for each reference.
  referenceFingerprints: 13,
  usedOnce: 14,
  usedOnceFingerprints: 15,
  handover: 16,
  stateLog: 17,
  valueLog: 18,
  reference: 19,
} as const;

export type RowKind = keyof typeof PREFIX;

/** Of the layout of rows. A node refuses a database of another version. */
export const SCHEMA_VERSION = 5;

const KINDS: ReadonlyMap<number, RowKind> = new Map(
  (Object.entries(PREFIX) as [RowKind, number][]).map(([kind, prefix]) => [prefix, kind]),
);

/** The kind of row that a key's first byte names, undefined where it names none. */
export function kindOfRow(key: Uint8Array): RowKind | undefined {
  return KINDS.get(key[0] as number);
}
