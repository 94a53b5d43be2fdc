import { expect } from 'chai';
import fc from 'fast-check';
import { decodeBlock, decodeHeader, encodeBlock, encodeHeader } from '../../../primitives/block.js';
import { decodeCertificate, encodeCertificate } from '../../../primitives/certificate.js';
import { CodedError } from '../../../primitives/errors.js';
import { decodeFinalityProof, encodeFinalityProof } from '../../../primitives/finality.js';
import {
  decodeOutcome,
  decodeOutcomes,
  decodeReceipt,
  encodeOutcome,
  encodeOutcomes,
  encodeReceipt,
} from '../../../primitives/receipt.js';
import { decode, encode } from '../../../primitives/rlp.js';
import {
  decodeTransaction,
  decodeTransactionBody,
  encodeTransaction,
  encodeTransactionBody,
} from '../../../primitives/transaction.js';
import type { Transaction } from '../../../primitives/types.js';
import { decodeValidators, encodeValidators } from '../../../primitives/validator.js';
import { GENESIS_HASH } from '../../support/finalityFixture.js';
import {
  anyBlock,
  anyBody,
  anyCertificate,
  anyFinalityProof,
  anyHeader,
  anyOutcome,
  anyReceipt,
  anyTransaction,
  anyValidators,
} from '../../support/formatArbitraries.js';

const SEED = { seed: 20_260_101 };

interface Format<T> {
  readonly name: string;
  readonly values: fc.Arbitrary<T>;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
}

function readTransaction(bytes: Uint8Array): Transaction {
  const { body, signatures } = decodeTransaction(bytes, GENESIS_HASH);
  return { body, signatures };
}

/** Byte changes that often leave valid RLP: other values, and a byte more or less at either end. */
const anyChange = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constantFrom('append' as const, 'cut' as const), at: fc.nat(), value: fc.nat(255) }),
);

function change(bytes: Uint8Array, { kind, at, value }: { kind: string; at: number; value: number }): Uint8Array {
  if (kind === 'append') return Uint8Array.from([...bytes, value]);
  if (kind === 'cut') return bytes.slice(0, bytes.length - 1 - (at % Math.min(4, bytes.length)));
  const changed = bytes.slice();
  changed[at % bytes.length] = value;
  return changed;
}

function holds<T>(format: Format<T>): void {
  describe(`the format of ${format.name}`, () => {
    it('gives back every value that it can hold', () => {
      fc.assert(
        fc.property(format.values, (value) => {
          const bytes = format.encode(value);
          expect(format.decode(bytes)).to.deep.equal(value);
          // Any strict RLP reader sees the same bytes, with the version first.
          const list = decode(bytes) as Uint8Array[];
          expect(list[0]).to.deep.equal(Uint8Array.of(1));
          expect(encode(list)).to.deep.equal(bytes);
        }),
        { ...SEED, numRuns: 60 },
      );
    });

    it('re-encodes any bytes that it accepts to the same bytes, and refuses the others by a code', () => {
      fc.assert(
        fc.property(format.values, anyChange, (value, edit) => {
          const bytes = change(format.encode(value), edit);
          try {
            expect(format.encode(format.decode(bytes))).to.deep.equal(bytes);
          } catch (error) {
            if (!(error instanceof CodedError)) throw error;
            expect(error.code).to.match(/^(RLP_|VERSION_|SUITE_|INPUT_|COUNT_|VALUE_|NOT_SORTED|INCONSISTENT)/);
          }
        }),
        { ...SEED, numRuns: 300 },
      );
    });

    it('refuses every other version', () => {
      const [value] = fc.sample(format.values, { ...SEED, numRuns: 1 });
      const list = decode(format.encode(value as T)) as Uint8Array[];
      for (const version of [new Uint8Array(), Uint8Array.of(2), Uint8Array.of(127)]) {
        expect(() => format.decode(encode([version, ...list.slice(1)])))
          .to.throw(CodedError)
          .with.property('code', 'VERSION_UNSUPPORTED');
      }
      expect(() => format.decode(encode(list.slice(1)))).to.throw(CodedError);
      expect(() => format.decode(encode([...list, Uint8Array.of(1)])))
        .to.throw(CodedError)
        .with.property('code', 'RLP_TRAILING_BYTES');
      expect(() => format.decode(new Uint8Array())).to.throw(CodedError);
    });
  });
}

holds({ name: 'a transaction body', values: anyBody, encode: encodeTransactionBody, decode: decodeTransactionBody });
holds({ name: 'a transaction', values: anyTransaction, encode: encodeTransaction, decode: readTransaction });
holds({ name: 'a header', values: anyHeader, encode: encodeHeader, decode: decodeHeader });
holds({ name: 'a block', values: anyBlock, encode: encodeBlock, decode: decodeBlock });
holds({ name: 'a receipt', values: anyReceipt, encode: encodeReceipt, decode: decodeReceipt });
holds({ name: 'an outcome', values: anyOutcome, encode: encodeOutcome, decode: decodeOutcome });
holds({
  name: 'outcomes',
  values: fc.array(anyOutcome, { maxLength: 9 }),
  encode: encodeOutcomes,
  decode: decodeOutcomes,
});
holds({ name: 'validators', values: anyValidators, encode: encodeValidators, decode: decodeValidators });
holds({ name: 'a certificate', values: anyCertificate, encode: encodeCertificate, decode: decodeCertificate });
holds({
  name: 'a finality proof',
  values: anyFinalityProof,
  encode: encodeFinalityProof,
  decode: decodeFinalityProof,
});
