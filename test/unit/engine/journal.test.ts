import { mkdtemp, readFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { JournalError } from '../../../node/engine/errors.js';
import {
  createJournal,
  type JournalOpening,
  type JournalOptions,
  journalMarkerPath,
  openJournal,
  replaceJournal,
  SigningJournal,
} from '../../../node/engine/journal.js';
import {
  COPY_ALIGNMENT_BYTES,
  COPY_BYTES,
  copyOffset,
  encodeCopies,
  encodeCopy,
  JOURNAL_BYTES,
  type JournalEntry,
  readJournal,
  SESSION_BYTES,
  slotPosition,
} from '../../../node/engine/journalFormat.js';
import { isCodedError } from '../../../primitives/errors.js';

const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const bytes = (payload: string): Uint8Array => new TextEncoder().encode(payload);

const BINDING = { genesisHash: new Uint8Array(32).fill(7), address: `0x${'ab'.repeat(20)}` } as const;
const SESSION = new Uint8Array(SESSION_BYTES).fill(1);

function entry(sequence: number): JournalEntry {
  return { ...BINDING, session: SESSION, sequence, payload: bytes(`record ${sequence}`) };
}

/** One whose copies take three aligned pieces each. */
function longEntry(sequence: number): JournalEntry {
  return { ...entry(sequence), payload: new Uint8Array(2.5 * COPY_ALIGNMENT_BYTES).fill(sequence) };
}

function put(file: Uint8Array, record: JournalEntry): void {
  file.set(encodeCopies(record), slotPosition(record.sequence));
}

/** A file in which the records up to `sequence` were written, one after the other. */
function fileAt(sequence: number): Uint8Array {
  const file = new Uint8Array(JOURNAL_BYTES);
  for (let i = Math.max(0, sequence - 1); i <= sequence; i++) put(file, entry(i));
  return file;
}

/** The first byte of a copy of the newest record and the first after it. */
function extent(sequence: number, copy: number): readonly [number, number] {
  const { length } = encodeCopy(entry(sequence));
  const start = slotPosition(sequence) + copyOffset(copy, length);
  return [start, start + length];
}

function reason(opening: JournalOpening): string {
  return opening.state === 'untrusted' ? opening.reason.code : opening.state;
}

async function opened(options: JournalOptions): Promise<{ journal: SigningJournal; payload: string }> {
  const opening = await openJournal(options);
  if (opening.state !== 'ready') throw opening.reason;
  return { journal: opening.journal, payload: text(opening.payload) };
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('the signing journal’s file', () => {
  for (const sequence of [0, 1, 2, 5]) {
    it(`gives record ${sequence} back whichever single byte of one of its copies changes`, () => {
      for (const copy of [0, 1]) {
        const [start, end] = extent(sequence, copy);
        for (let position = start; position < end; position++) {
          for (const flip of [0x01, 0x80, 0xff]) {
            const file = fileAt(sequence);
            file[position] = (file[position] as number) ^ flip;
            const reading = readJournal(file);
            expect(reading?.entry.sequence, `byte ${position}`).to.equal(sequence);
            expect(reading?.badCopy).to.equal(copy);
          }
        }
      }
    });
  }

  it('is not touched by a change of any byte of the record before the newest', () => {
    for (const copy of [0, 1]) {
      const [start, end] = extent(4, copy);
      for (let position = start; position < end; position++) {
        const file = fileAt(5);
        file[position] = (file[position] as number) ^ 0xff;
        expect(readJournal(file)?.entry.sequence).to.equal(5);
      }
    }
  });

  it('gives the new record or the one before when the write of both copies stops at any byte', () => {
    const copies = encodeCopies(entry(6));
    const { length } = encodeCopy(entry(6));
    const file = fileAt(5);
    for (let written = 0; written <= copies.length; written++) {
      file.set(copies.subarray(0, written), slotPosition(6));
      const found = readJournal(file)?.entry.sequence;
      expect(found, `after ${written} bytes`).to.equal(written < length ? 5 : 6);
    }
  });

  it('is not misled by what longer records have left behind it, wherever the write of the next one stops', () => {
    for (const [older, newer] of [
      [longEntry, entry],
      [entry, longEntry],
    ] as const) {
      const before = new Uint8Array(JOURNAL_BYTES);
      for (const record of [longEntry(3), older(4), entry(5), newer(6), entry(7)]) put(before, record);
      expect(readJournal(before)?.entry.sequence).to.equal(7);
      const copies = encodeCopies(older(8));
      for (let written = 0; written <= copies.length; written += 64) {
        const file = before.slice();
        file.set(copies.subarray(0, written), slotPosition(8));
        const isWhole = written >= encodeCopy(older(8)).length;
        expect(readJournal(file)?.entry.sequence, `after ${written} bytes`).to.equal(isWhole ? 8 : 7);
      }
      for (let kept = 0; kept < copies.length; kept += 512) {
        const file = before.slice();
        file.set(copies.subarray(kept), slotPosition(8) + kept);
        const isWhole = kept <= copyOffset(1, encodeCopy(older(8)).length);
        expect(readJournal(file)?.entry.sequence, `without ${kept} bytes`).to.equal(isWhole ? 8 : 7);
      }
    }
  });

  it('gives the new record or the one before whichever of its 512-byte sectors reached the disk', () => {
    const long = { ...entry(6), payload: new Uint8Array(1_600).fill(9) };
    const copy = encodeCopy(long);
    const sectors = Math.ceil(copy.length / 512);
    for (let mask = 0; mask < 2 ** (2 * sectors); mask++) {
      const file = fileAt(5);
      for (let sector = 0; sector < 2 * sectors; sector++) {
        if (((mask >> sector) & 1) === 0) continue;
        const start = (sector % sectors) * 512;
        const offset = copyOffset(sector < sectors ? 0 : 1, copy.length) + start;
        file.set(copy.subarray(start, start + 512), slotPosition(6) + offset);
      }
      const all = 2 ** sectors - 1;
      const isWhole = (mask & all) === all || mask >> sectors === all;
      expect(readJournal(file)?.entry.sequence).to.equal(isWhole ? 6 : 5);
    }
  });

  it('is damaged, never older, when it is shorter or longer than it was made', () => {
    const file = fileAt(5);
    for (const length of [0, 1, 40, COPY_BYTES, 2 * COPY_BYTES, JOURNAL_BYTES - 1]) {
      expect(readJournal(file.subarray(0, length)), `${length} bytes`).to.equal(undefined);
    }
    const longer = new Uint8Array(JOURNAL_BYTES + 1);
    longer.set(file);
    expect(readJournal(longer)).to.equal(undefined);
  });

  it('is damaged, never older, when of its newest records only what longer ones have left behind them is whole', () => {
    const file = new Uint8Array(JOURNAL_BYTES);
    for (const record of [longEntry(4), longEntry(5), entry(6), entry(7)]) put(file, record);
    const damaged = (...sequences: readonly number[]): Uint8Array => {
      const copy = file.slice();
      for (const sequence of sequences) {
        const start = slotPosition(sequence);
        copy.fill(0xee, start, start + encodeCopies(entry(sequence)).length);
      }
      return copy;
    };
    expect(readJournal(damaged(7))?.entry.sequence).to.equal(6);
    expect(readJournal(damaged(6))?.entry.sequence).to.equal(7);
    expect(readJournal(damaged(6, 7))).to.equal(undefined);
  });

  it('is damaged when its two sides cannot have been written one after the other', () => {
    const file = fileAt(5);
    put(file, entry(2));
    expect(readJournal(file)).to.equal(undefined);
    const swapped = fileAt(4);
    swapped.set(encodeCopies(entry(5)), slotPosition(4));
    expect(readJournal(swapped)).to.equal(undefined);
  });
});

describe('the signing journal', () => {
  let home: string;
  let options: JournalOptions;
  let path: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-journal-'));
    options = { directory: join(home, 'journal'), ...BINDING };
    path = join(options.directory, 'signing.journal');
  });
  afterEach(() => rm(home, { recursive: true }));

  async function written(...payloads: readonly string[]): Promise<void> {
    const journal = await createJournal(options, bytes('record 0'));
    for (const payload of payloads) await journal.write(bytes(payload));
    await journal.close();
  }

  it('is made once, with its first record', async () => {
    await written();
    const { journal, payload } = await opened(options);
    expect(payload).to.equal('record 0');
    await journal.close();
    expect(await codeOf(() => createJournal(options, bytes('again')))).to.equal('JOURNAL_EXISTS');
  });

  it('gives the newest record at every start', async () => {
    await written('one', 'two');
    for (const next of ['three', 'four', 'five']) {
      const { journal } = await opened(options);
      await journal.write(bytes(next));
      await journal.close();
      const again = await opened(options);
      expect(again.payload).to.equal(next);
      await again.journal.close();
    }
  });

  it('repairs a bad copy at the start, so that a second bad copy loses nothing', async () => {
    await written('one', 'two');
    for (const copy of [0, 1, 0, 1]) {
      const { journal, payload } = await opened(options);
      const position = slotPosition(journal.sequence) + copy * COPY_ALIGNMENT_BYTES + 50;
      await journal.close();
      expect(payload).to.equal('two');
      const file = await readFile(path);
      file[position] = (file[position] as number) ^ 1;
      await writeFile(path, file);
    }
    const { journal, payload } = await opened(options);
    expect(payload).to.equal('two');
    await journal.close();
  });

  it('is missing when its file is gone, whether or not the marker is', async () => {
    await written('one');
    await unlink(path);
    expect(reason(await openJournal(options))).to.equal('JOURNAL_MISSING');
    await unlink(journalMarkerPath(options.directory));
    expect(reason(await openJournal(options))).to.equal('JOURNAL_MISSING');
  });

  it('is damaged when its file was cut', async () => {
    await written('one');
    await truncate(path, JOURNAL_BYTES / 2);
    expect(reason(await openJournal(options))).to.equal('JOURNAL_DAMAGED');
  });

  it('knows a copy that was brought back from a backup of an earlier run', async () => {
    await written('one');
    const backup = await readFile(path);
    const { journal } = await opened(options);
    await journal.write(bytes('two'));
    await journal.close();
    await writeFile(path, backup);
    expect(reason(await openJournal(options))).to.equal('JOURNAL_RESTORED');
  });

  it('knows a copy that came without its marker', async () => {
    await written('one');
    await unlink(journalMarkerPath(options.directory));
    expect(reason(await openJournal(options))).to.equal('JOURNAL_RESTORED');
    await writeFile(journalMarkerPath(options.directory), 'no marker');
    expect(reason(await openJournal(options))).to.equal('JOURNAL_RESTORED');
  });

  it('refuses to serve another key or another network', async () => {
    await written('one');
    const otherKey = { ...options, address: `0x${'cd'.repeat(20)}` } as const;
    const otherNetwork = { ...options, genesisHash: new Uint8Array(32).fill(8) };
    expect(await codeOf(() => openJournal(otherKey))).to.equal('JOURNAL_FOREIGN');
    expect(await codeOf(() => openJournal(otherNetwork))).to.equal('JOURNAL_FOREIGN');
  });

  it('starts anew after recovery and keeps the old file aside', async () => {
    await written('one');
    await truncate(path, 10);
    const journal = await replaceJournal(options, bytes('from 12 on'));
    await journal.close();
    const again = await opened(options);
    expect(again.payload).to.equal('from 12 on');
    await again.journal.close();
    await rename(path, `${path}.moved`);
    expect(reason(await openJournal(options))).to.equal('JOURNAL_MISSING');
  });

  it('survives a stop between any two steps of renewing its session', async () => {
    await written('one');
    const marker = journalMarkerPath(options.directory);
    const firstMarker = await readFile(marker);
    const firstFile = await readFile(path);
    const { journal } = await opened(options);
    await journal.close();
    const lastMarker = await readFile(marker, 'utf8');
    const sessions = [firstMarker.toString(), lastMarker].map((file) => JSON.parse(file).sessions[0]);
    const between = JSON.stringify({ sessions });
    const lastFile = await readFile(path);
    for (const file of [firstFile, lastFile]) {
      await writeFile(marker, between);
      await writeFile(path, file);
      const again = await opened(options);
      expect(again.payload).to.equal('one');
      await again.journal.close();
    }
  });

  it('writes nothing more once a write has failed', async () => {
    let fails = true;
    let writes = 0;
    const journal = SigningJournal.over(
      {
        writeDurably: async () => {
          writes++;
          if (fails) throw new JournalError('JOURNAL_DAMAGED', 'the disk is full');
        },
        close: async () => {},
      },
      entry(3),
    );
    expect(await codeOf(() => journal.write(bytes('x')))).to.equal('JOURNAL_WRITE_FAILED');
    fails = false;
    expect(await codeOf(() => journal.write(bytes('x')))).to.equal('JOURNAL_WRITE_FAILED');
    expect(writes).to.equal(1);
    expect(journal.sequence).to.equal(3);
  });

  it('writes both copies of a record at once, into the slot of the one before the last', async () => {
    const file = fileAt(3);
    const positions: number[] = [];
    const journal = SigningJournal.over(
      {
        writeDurably: async (written, position) => {
          positions.push(position);
          file.set(written, position);
        },
        close: async () => {},
      },
      entry(3),
    );
    for (const payload of ['x', 'y']) {
      await journal.write(bytes(payload));
      expect(text(readJournal(file)?.entry.payload ?? bytes('none'))).to.equal(payload);
      expect(readJournal(file)?.badCopy).to.equal(undefined);
    }
    expect(positions).to.deep.equal([slotPosition(4), slotPosition(5)]);
  });
});
