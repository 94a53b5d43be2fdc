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
  COPY_BYTES,
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

/** A file in which the records up to `sequence` were written, one after the other. */
function fileAt(sequence: number): Uint8Array {
  const file = new Uint8Array(JOURNAL_BYTES);
  for (let i = Math.max(0, sequence - 1); i <= sequence; i++) {
    for (const copy of [0, 1]) file.set(encodeCopy(entry(i)), slotPosition(i % 2, copy));
  }
  return file;
}

/** The first byte of a copy of the newest record and the first after it. */
function extent(sequence: number, copy: number): readonly [number, number] {
  const start = slotPosition(sequence % 2, copy);
  return [start, start + encodeCopy(entry(sequence)).length];
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
    const before = fileAt(5);
    const copy = encodeCopy(entry(6));
    for (let written = 0; written <= 2 * copy.length; written++) {
      const file = before.slice();
      file.set(copy.subarray(0, Math.min(written, copy.length)), slotPosition(0, 0));
      file.set(copy.subarray(0, Math.max(0, written - copy.length)), slotPosition(0, 1));
      const found = readJournal(file)?.entry.sequence;
      expect(found, `after ${written} bytes`).to.equal(written < copy.length ? 5 : 6);
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
        file.set(copy.subarray(start, start + 512), slotPosition(0, sector < sectors ? 0 : 1) + start);
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

  it('is damaged when its two sides cannot have been written one after the other', () => {
    const file = fileAt(5);
    for (const copy of [0, 1]) file.set(encodeCopy(entry(2)), slotPosition(0, copy));
    expect(readJournal(file)).to.equal(undefined);
    const swapped = fileAt(4);
    for (const copy of [0, 1]) swapped.set(encodeCopy(entry(5)), slotPosition(0, copy));
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
      const slot = journal.sequence % 2;
      await journal.close();
      expect(payload).to.equal('two');
      const file = await readFile(path);
      file[slotPosition(slot, copy) + 50] = (file[slotPosition(slot, copy) + 50] as number) ^ 1;
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

  it('writes nothing more once a write or a sync failed', async () => {
    for (const failing of ['write', 'sync'] as const) {
      let fails = true;
      const calls: string[] = [];
      const step = async (name: string): Promise<void> => {
        calls.push(name);
        if (name === failing && fails) throw new JournalError('JOURNAL_DAMAGED', 'the disk is full');
      };
      const journal = SigningJournal.over(
        {
          write: () => step('write'),
          sync: () => step('sync'),
          close: async () => {},
        },
        entry(3),
      );
      expect(await codeOf(() => journal.write(bytes('x')))).to.equal('JOURNAL_WRITE_FAILED');
      fails = false;
      const before = calls.length;
      expect(await codeOf(() => journal.write(bytes('x')))).to.equal('JOURNAL_WRITE_FAILED');
      expect(calls).to.have.length(before);
      expect(journal.sequence).to.equal(3);
    }
  });

  it('syncs each record after both copies are written', async () => {
    const calls: string[] = [];
    const journal = SigningJournal.over(
      {
        write: async (_, position) => void calls.push(`write ${position}`),
        sync: async () => void calls.push('sync'),
        close: async () => {},
      },
      entry(3),
    );
    await journal.write(bytes('x'));
    await journal.write(bytes('y'));
    expect(calls).to.deep.equal([
      `write ${slotPosition(0, 0)}`,
      `write ${slotPosition(0, 1)}`,
      'sync',
      `write ${slotPosition(1, 0)}`,
      `write ${slotPosition(1, 1)}`,
      'sync',
    ]);
  });
});
