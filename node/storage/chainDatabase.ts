import type { StateKey } from '../../contracts/api/host.js';
import { decodeHeader, encodeHeader } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import { decodeCertificate, encodeCertificate } from '../../primitives/certificate.js';
import type { BlockHeader, Certificate, Validator } from '../../primitives/types.js';
import { decodeValidators, encodeValidators } from '../../primitives/validator.js';
import { ChunkedBlockItems } from './blockItems.js';
import { META, type MetaRows } from './metaRows.js';
import { PREFIX } from './prefixes.js';
import { TypedRepository } from './repository.js';
import {
  dayHeightCodec,
  hashCodec,
  heightCodec,
  pageKeyCodec,
  positionCodec,
  type RowCodec,
  rawCodec,
  readUint,
  stateKeyCodec,
  writeUint,
} from './rowCodec.js';
import type { RowStore } from './rowStore.js';
import { keyChunkCodec, storedValueCodec, valueChangesCodec } from './stateRows.js';
import type {
  BatchGroup,
  BlockItems,
  ChainDatabase,
  HeadRow,
  HeightBatch,
  KeyChunk,
  PageKey,
  Repository,
  StoredValue,
  TransactionPosition,
  ValueChange,
} from './types.js';

const headerCodec: RowCodec<BlockHeader> = { encode: encodeHeader, decode: decodeHeader };
const certificateCodec: RowCodec<Certificate> = { encode: encodeCertificate, decode: decodeCertificate };
const validatorsCodec: RowCodec<readonly Validator[]> = { encode: encodeValidators, decode: decodeValidators };

const headCodec: RowCodec<HeadRow> = {
  encode: ({ height, blockHash }) => {
    const bytes = new Uint8Array(6 + 32);
    writeUint(bytes, 0, height, 6);
    bytes.set(hashCodec.encode(blockHash), 6);
    return bytes;
  },
  decode: (bytes) => ({ height: readUint(bytes, 0, 6), blockHash: bytes.slice(6) }),
};

interface ChainDatabaseModules {
  readonly store: RowStore;
  readonly meta: MetaRows;
}

/** The repositories over one store. `rows` serves verification only. */
export class LevelChainDatabase implements ChainDatabase {
  readonly path: string;
  readonly genesisHash: Hash;
  readonly seed: Uint8Array;
  readonly headers: Repository<number, BlockHeader>;
  readonly certificates: Repository<number, Certificate>;
  readonly bodies: BlockItems;
  readonly receipts: BlockItems;
  readonly outcomes: Repository<TransactionPosition, Uint8Array>;
  readonly positions: Repository<Hash, TransactionPosition>;
  readonly heights: Repository<Hash, number>;
  readonly stateValues: Repository<StateKey, StoredValue>;
  readonly valueLog: Repository<number, readonly ValueChange[]>;
  readonly statePages: Repository<PageKey, Uint8Array>;
  readonly stateLog: Repository<number, Uint8Array>;
  readonly orderedKeys: Repository<StateKey, KeyChunk>;
  readonly references: BlockItems;
  readonly referenceFingerprints: Repository<number, Uint8Array>;
  readonly usedOnce: Repository<Uint8Array, number>;
  readonly usedOnceFingerprints: Repository<{ readonly day: number; readonly height: number }, Uint8Array>;
  readonly handovers: Repository<number, readonly Validator[]>;
  readonly rows: RowStore;
  readonly #meta: MetaRows;

  constructor(
    options: { readonly path: string; readonly genesisHash: Hash; readonly seed: Uint8Array },
    { store, meta }: ChainDatabaseModules,
  ) {
    this.path = options.path;
    this.genesisHash = options.genesisHash;
    this.seed = options.seed;
    this.rows = store;
    this.#meta = meta;
    const of = <K, V>(prefix: number, key: RowCodec<K>, value: RowCodec<V>): Repository<K, V> =>
      new TypedRepository({ prefix, key, value }, store);
    this.headers = of(PREFIX.header, heightCodec, headerCodec);
    this.certificates = of(PREFIX.certificate, heightCodec, certificateCodec);
    this.bodies = new ChunkedBlockItems({ prefix: PREFIX.body }, store);
    this.receipts = new ChunkedBlockItems({ prefix: PREFIX.receipt }, store);
    this.outcomes = of(PREFIX.outcome, positionCodec, rawCodec);
    this.positions = of(PREFIX.position, hashCodec, positionCodec);
    this.heights = of(PREFIX.blockHeight, hashCodec, heightCodec);
    this.stateValues = of(PREFIX.stateValue, stateKeyCodec, storedValueCodec);
    this.valueLog = of(PREFIX.valueLog, heightCodec, valueChangesCodec);
    this.statePages = of(PREFIX.statePage, pageKeyCodec, rawCodec);
    this.stateLog = of(PREFIX.stateLog, heightCodec, rawCodec);
    this.orderedKeys = of(PREFIX.orderedKeys, stateKeyCodec, keyChunkCodec);
    this.references = new ChunkedBlockItems({ prefix: PREFIX.reference }, store);
    this.referenceFingerprints = of(PREFIX.referenceFingerprints, heightCodec, rawCodec);
    this.usedOnce = of(PREFIX.usedOnce, rawCodec, heightCodec);
    this.usedOnceFingerprints = of(PREFIX.usedOnceFingerprints, dayHeightCodec, rawCodec);
    this.handovers = of(PREFIX.handover, heightCodec, validatorsCodec);
  }

  get failure(): Error | undefined {
    return this.rows.failure;
  }

  head(): HeadRow | undefined {
    const bytes = this.#meta.get(META.head);
    return bytes === undefined ? undefined : headCodec.decode(bytes);
  }

  putHead(batch: HeightBatch, head: HeadRow): void {
    this.#meta.put(batch, META.head, headCodec.encode(head));
  }

  batch(): HeightBatch {
    return this.rows.batch();
  }

  openGroup(): BatchGroup {
    return this.rows.openGroup();
  }

  close(): Promise<void> {
    return this.rows.close();
  }
}
