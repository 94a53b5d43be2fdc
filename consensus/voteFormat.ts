import { readHeader } from '../primitives/block.js';
import type { Hash } from '../primitives/bytes.js';
import { encodeCertificate, readCertificate } from '../primitives/certificate.js';
import { fixedItem, formatError, hashItem, readItems, readUint, requireCount, uintItem } from '../primitives/format.js';
import { LIMITS } from '../primitives/limits.js';
import { encode, encodeListOf, RlpReader, readHash } from '../primitives/rlp.js';
import { SIGNATURE_BYTES } from '../primitives/signature.js';
import type { BlockHeader, Certificate } from '../primitives/types.js';
import type { PreparedClaim, RoundChange, Signed } from './types.js';

/** The parts of votes that messages and the journal's record share. PROTOCOL §Consensus, Messages. */

type SignatureOf = Pick<Signed<RoundChange>, 'sender' | 'signature'>;

const EMPTY = new Uint8Array();

/** A copy of the next item to read from: what is read from it keeps nothing else in memory. */
export function detached(reader: RlpReader, what: string): RlpReader {
  return new RlpReader(reader.raw(what).slice());
}

/** Already encoded, as every other `…Part`: to be joined with `encodeListOf`. */
export function uintPart(value: number, field: string, max?: number): Uint8Array {
  return encode(uintItem(value, field, max));
}

export function hashPart(hash: Hash, field: string): Uint8Array {
  return encode(hashItem(hash, field));
}

export function readRound(reader: RlpReader): number {
  return readUint(reader, 'round', LIMITS.round);
}

/** preparedRound + 1 and the hash; 0 and nothing where nothing is claimed. */
export function claimParts({ preparedRound, preparedHash }: PreparedClaim): Uint8Array[] {
  if (preparedRound === undefined && preparedHash === undefined) {
    return [uintPart(0, 'preparedRound'), encode(EMPTY)];
  }
  if (preparedRound === undefined || preparedHash === undefined) {
    throw formatError('INCONSISTENT', 'preparedHash', 'a prepared round with its hash, or neither', 'one of them');
  }
  return [uintPart(preparedRound + 1, 'preparedRound', LIMITS.round + 1), hashPart(preparedHash, 'preparedHash')];
}

export function readClaim(reader: RlpReader): PreparedClaim {
  const shifted = readUint(reader, 'preparedRound', LIMITS.round + 1);
  if (shifted > 0) return { preparedRound: shifted - 1, preparedHash: readHash(reader, 'preparedHash') };
  reader.fixed(0, 'preparedHash');
  return { preparedRound: undefined, preparedHash: undefined };
}

/** An item that may be absent: empty bytes in its place. */
export function optionalPart<T>(value: T | undefined, part: (value: T) => Uint8Array): Uint8Array {
  return value === undefined ? encode(EMPTY) : part(value);
}

export function readOptional<T>(reader: RlpReader, what: string, read: (reader: RlpReader) => T): T | undefined {
  if (reader.nextIsList(what)) return read(reader);
  reader.fixed(0, what);
  return undefined;
}

export function certificatePart(certificate: Certificate | undefined): Uint8Array {
  return optionalPart(certificate, encodeCertificate);
}

export function readOptionalCertificate(reader: RlpReader, what: string): Certificate | undefined {
  return readOptional(reader, what, (list) => readCertificate(detached(list, what)));
}

export function readDetachedHeader(reader: RlpReader): BlockHeader {
  return readHeader(detached(reader, 'header'));
}

export function signatureParts({ sender, signature }: SignatureOf): Uint8Array[] {
  return [
    uintPart(sender, 'sender', LIMITS.validators - 1),
    encode(fixedItem(signature, SIGNATURE_BYTES, 'signature')),
  ];
}

export function readSignature(reader: RlpReader): SignatureOf {
  const sender = readUint(reader, 'sender', LIMITS.validators - 1);
  return { sender, signature: reader.fixed(SIGNATURE_BYTES, 'signature') };
}

/** Round changes inside a proposal: height and round are the proposal's, certificates stand once beside them. */
export function roundChangesPart(
  roundChanges: readonly Signed<RoundChange>[],
  at: { readonly height: number; readonly round: number },
): Uint8Array {
  requireCount(roundChanges.length, 0, LIMITS.validators, 'roundChanges');
  return encodeListOf(
    roundChanges.map((message) => {
      if (message.height !== at.height || message.round !== at.round) {
        const actual = `(${message.height}, ${message.round})`;
        throw formatError('INCONSISTENT', 'roundChanges', `height and round (${at.height}, ${at.round})`, actual);
      }
      return encodeListOf([...claimParts(message), ...signatureParts(message)]);
    }),
  );
}

export function readRoundChanges(
  reader: RlpReader,
  at: { readonly height: number; readonly round: number },
): Signed<RoundChange>[] {
  const bounds = { min: 0, max: LIMITS.validators, field: 'roundChanges' };
  return readItems(detached(reader, bounds.field), bounds, (items) => {
    const list = items.list('roundChanges');
    const { height, round } = at;
    const claim = readClaim(list);
    const signed = readSignature(list);
    list.done('roundChanges');
    return { type: 'roundChange', height, round, ...claim, preparedCertificate: undefined, ...signed };
  });
}
