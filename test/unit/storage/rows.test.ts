import { expect } from 'chai';
import { ITEMS_PER_CHUNK } from '../../../node/storage/blockItems.js';
import type { LevelChainDatabase } from '../../../node/storage/chainDatabase.js';
import { crc32, crc32InJavaScript, openRow, sealRow } from '../../../node/storage/checksum.js';
import { freeSpace } from '../../../node/storage/freeSpace.js';
import { kindOfRow, PREFIX } from '../../../node/storage/prefixes.js';
import { referenceKey } from '../../../node/storage/referenceKey.js';
import { usedOnceKey } from '../../../node/storage/usedOnceKey.js';
import { errorOf } from '../../support/rejection.js';
import { apart } from '../../support/storedValues.js';
import { TemporaryChain } from '../../support/temporaryChain.js';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('the checksum of a row', () => {
  it('is CRC-32, in JavaScript and natively alike', () => {
    expect(crc32(ascii('123456789'))).to.equal(0xcbf43926);
    for (let length = 0; length < 300; length += 7) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0xff);
      expect(crc32(bytes, 0x1234)).to.equal(crc32InJavaScript(bytes, 0x1234));
    }
  });

  it('fails on every flipped bit of the value, and under another key', () => {
    const key = ascii('key');
    const row = sealRow(key, ascii('a value'));
    expect(openRow(key, row)).to.deep.equal(ascii('a value'));
    expect(openRow(ascii('kez'), row)).to.equal(undefined);
    for (let bit = 0; bit < row.length * 8; bit++) {
      const damaged = row.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(openRow(key, damaged)).to.equal(undefined);
    }
    expect(openRow(key, row.subarray(0, 3))).to.equal(undefined);
  });
});

describe('rows of the chain database', () => {
  let chain: TemporaryChain;
  let database: LevelChainDatabase;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
    database = await chain.open();
  });

  afterEach(async () => {
    await chain.remove();
  });

  it('have prefixes of their own', () => {
    const prefixes = Object.values(PREFIX);
    expect(new Set(prefixes).size).to.equal(prefixes.length);
    expect(kindOfRow(Uint8Array.of(PREFIX.header))).to.equal('header');
    expect(kindOfRow(Uint8Array.of(0))).to.equal(undefined);
  });

  it('are written together, and read only after that', async () => {
    const batch = database.batch();
    database.stateValues.put(batch, 'a', apart(ascii('1')));
    database.stateValues.put(batch, '', apart(ascii('no key')));
    expect(database.stateValues.get('a')).to.equal(undefined);
    await batch.write();
    expect(database.stateValues.get('a')).to.deep.equal(apart(ascii('1')));
    expect(database.stateValues.get('')).to.deep.equal(apart(ascii('no key')));
    const next = database.batch();
    database.stateValues.delete(next, 'a');
    await next.write();
    expect(database.stateValues.has('a')).to.equal(false);
  });

  it('come in the order of their bytes, within one kind, forwards and backwards', async () => {
    const keys = ['\xff', 'a', '\x80b', 'a\x00', 'Z', '\x7f'];
    const batch = database.batch();
    for (const key of keys) database.stateValues.put(batch, key, apart(ascii(key)));
    for (const height of [300, 2, 255, 256]) database.usedOnce.put(batch, usedOnceKey('s', 'r', height), height);
    await batch.write();
    const sorted = ['Z', 'a', 'a\x00', '\x7f', '\x80b', '\xff'];
    expect(await keysOf(database.stateValues.entries())).to.deep.equal(sorted);
    expect(await keysOf(database.stateValues.entries({ reverse: true, limit: 2 }))).to.deep.equal(['\xff', '\x80b']);
    expect(await keysOf(database.stateValues.entries({ from: 'a', to: '\x80' }))).to.deep.equal(['a', 'a\x00', '\x7f']);
    expect(await valuesOf(database.usedOnce.entries())).to.deep.equal([2, 255, 256, 300]);
  });

  it('give back what was put, for every kind of key', async () => {
    const batch = database.batch();
    const id = new Uint8Array(32).fill(9);
    const entry = usedOnceKey('pay/é', 'INV-1', 20_000);
    database.positions.put(batch, id, { height: 2 ** 40, index: 4_000_000_000 });
    database.usedOnce.put(batch, entry, 12);
    const chunk = {
      keys: ['', 'a\xff', 'b', 'c'],
      values: [ascii('1'), undefined, new Uint8Array(64), new Uint8Array(0)],
    };
    database.orderedKeys.put(batch, 'name', chunk);
    database.stateValues.put(batch, 'b', { value: new Uint8Array(64), isListed: true });
    database.statePages.put(batch, { depth: 9, path: Uint8Array.of(1, 128) }, id);
    await batch.write();
    expect(database.positions.get(id)).to.deep.equal({ height: 2 ** 40, index: 4_000_000_000 });
    expect(await keysOf(database.usedOnce.entries())).to.deep.equal([entry]);
    expect(database.usedOnce.get(entry)).to.equal(12);
    expect(database.orderedKeys.get('name')).to.deep.equal(chunk);
    expect(database.stateValues.get('b')).to.deep.equal({ value: new Uint8Array(64), isListed: true });
    expect(await keysOf(database.statePages.entries())).to.deep.equal([{ depth: 9, path: Uint8Array.of(1, 128) }]);
  });

  it('keep apart what passes through the same memory, and what has no room in it', async () => {
    const sizes = [0, 1, 2_043, 2_044, 2_045, 5_000, 3];
    const keyOf = (size: number): string => `${size}`.padEnd(1_024, 'k');
    const batch = database.batch();
    for (const size of sizes)
      database.stateValues.put(batch, keyOf(size), apart(new Uint8Array(size).fill(size & 0xff)));
    const long = new Uint8Array(3_000).fill(5);
    database.usedOnce.put(batch, long, 77);
    await batch.write();
    const found = sizes.map((size) => database.stateValues.get(keyOf(size)));
    expect(found).to.deep.equal(sizes.map((size) => apart(new Uint8Array(size).fill(size & 0xff))));
    expect(database.usedOnce.get(long)).to.equal(77);
  });

  it('take no key that another one could be taken for', () => {
    const batch = database.batch();
    for (const key of ['€', 'x'.repeat(1_025)]) {
      expect(errorOf(() => database.stateValues.get(key)).code).to.equal('INVARIANT_BROKEN');
    }
    const sender = `0x${'ab'.repeat(20)}` as const;
    expect(errorOf(() => referenceKey(sender, new Uint8Array(0))).code).to.equal('INVARIANT_BROKEN');
    expect(errorOf(() => database.positions.put(batch, new Uint8Array(31), { height: 0, index: 0 })).code).to.equal(
      'INVARIANT_BROKEN',
    );
    expect(errorOf(() => database.headers.get(-1)).code).to.equal('INVARIANT_BROKEN');
    expect(errorOf(() => database.headers.get(1.5)).code).to.equal('INVARIANT_BROKEN');
    batch.discard();
  });

  for (const count of [0, 1, ITEMS_PER_CHUNK, ITEMS_PER_CHUNK + 1, 3 * ITEMS_PER_CHUNK]) {
    it(`hold ${count} items of a block in chunks`, async () => {
      const items = Array.from({ length: count }, (_, index) => new Uint8Array(index % 5).fill(index));
      const batch = database.batch();
      database.bodies.put(batch, 4, items);
      database.receipts.put(batch, 4, []);
      await batch.write();
      expect(batch.rowCount).to.equal(Math.max(1, Math.ceil(count / ITEMS_PER_CHUNK)) + 1);
      expect(database.bodies.list(4)?.map((item) => [...item])).to.deep.equal(items.map((item) => [...item]));
      expect(database.bodies.count(4)).to.equal(count);
      items.forEach((item, index) => {
        expect([...(database.bodies.get(4, index) ?? [99])]).to.deep.equal([...item]);
      });
      expect(database.bodies.get(4, count)).to.equal(undefined);
      expect(database.bodies.list(5)).to.equal(undefined);
      expect(database.receipts.list(4)).to.deep.equal([]);
    });
  }
});

describe('free space', () => {
  it('is told against the watermarks', async () => {
    const { freeBytes } = await freeSpace('.');
    expect(freeBytes).to.be.greaterThan(0);
    expect((await freeSpace('.', { lowBytes: 0, criticalBytes: 0 })).level).to.equal('ok');
    expect((await freeSpace('.', { lowBytes: 2 ** 62, criticalBytes: 0 })).level).to.equal('low');
    expect((await freeSpace('.', { lowBytes: 2 ** 62, criticalBytes: 2 ** 62 })).level).to.equal('critical');
  });
});

async function valuesOf<K, V>(entries: AsyncIterable<readonly [K, V]>): Promise<V[]> {
  const values: V[] = [];
  for await (const [, value] of entries) values.push(value);
  return values;
}

async function keysOf<K, V>(entries: AsyncIterable<readonly [K, V]>): Promise<K[]> {
  const keys: K[] = [];
  for await (const [key] of entries) keys.push(key);
  return keys;
}

describe('the key of a business reference', () => {
  it('is the same way made for ASCII and for other text, and never that of another entry', () => {
    expect([...usedOnceKey('ab', 'c', 0x01020304)]).to.deep.equal([1, 2, 3, 4, 2, 97, 98, 99]);
    expect([...usedOnceKey('é', 'ü', 1)]).to.deep.equal([0, 0, 0, 1, 2, 0xc3, 0xa9, 0xc3, 0xbc]);
    const entries: readonly [string, string, number][] = [
      ['a', 'bc', 1],
      ['ab', 'c', 1],
      ['abc', '', 1],
      ['', 'abc', 1],
      ['é', '', 1],
      ['', 'é', 1],
      ['a', 'bc', 2],
    ];
    expect(new Set(entries.map((entry) => String(usedOnceKey(...entry)))).size).to.equal(entries.length);
  });

  it('has its bounds', () => {
    for (const [scope, reference, day] of [
      ['x'.repeat(256), '', 0],
      ['', 'é'.repeat(128), 0],
      ['', '', -1],
      ['', '', 2 ** 32],
    ] as const) {
      expect(errorOf(() => usedOnceKey(scope, reference, day)).code).to.equal('INVARIANT_BROKEN');
    }
  });
});
