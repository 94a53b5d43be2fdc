import { expect } from 'chai';
import { COPY_ALIGNMENT_BYTES } from '../../node/engine/journalFormat.js';
import type { DurableFile } from '../../node/storage/disk.js';
import { CodedError } from '../../primitives/errors.js';
import { Cluster, type ClusterNode, until } from '../unit/engine/support/cluster.js';
import { VoteWatch } from './support/voteWatch.js';

/** Where the power goes, around one record of the journal. */
const POINTS = [
  'before anything is written',
  'with the first sectors written',
  'with one whole copy written',
  'with everything written and not yet told',
  'with everything on the disk, before it is signed and sent',
  'with half of the messages sent',
] as const;
type Point = (typeof POINTS)[number];

const WRITTEN_BYTES: Readonly<Record<Point, (totalBytes: number) => number>> = {
  'before anything is written': () => 0,
  'with the first sectors written': () => 100,
  'with one whole copy written': () => COPY_ALIGNMENT_BYTES,
  'with everything written and not yet told': (totalBytes) => totalBytes,
  'with everything on the disk, before it is signed and sent': (totalBytes) => totalBytes,
  'with half of the messages sent': (totalBytes) => totalBytes,
};
const IS_TOLD: ReadonlySet<Point> = new Set([
  'with everything on the disk, before it is signed and sent',
  'with half of the messages sent',
]);

class PowerLost extends CodedError<'POWER_LOST'> {}

/** A disk that takes its time, and loses power at the given write. */
function unreliable(file: DurableFile, point: Point, writesLeft: { count: number }, isHit: () => void): DurableFile {
  return {
    writeDurably: async (bytes, position) => {
      const write = bytes.slice();
      // Whoever does not wait for it has spoken by then.
      await new Promise((resolve) => setImmediate(resolve));
      if (writesLeft.count-- !== 0) return file.writeDurably(write, position);
      isHit();
      const writtenBytes = WRITTEN_BYTES[point](write.length);
      if (writtenBytes > 0) await file.writeDurably(write.subarray(0, writtenBytes), position);
      if (!IS_TOLD.has(point)) throw new PowerLost('POWER_LOST', `the power went ${point}`);
    },
    close: () => file.close(),
  };
}

/**
 * Trap: the power goes while a record of the journal is being written, or just after, and what the disk had not synced is
 * lost. A vote that has left the node and is not on its disk is forgotten, and another one is signed in its place.
 *
 * Closed by PROTOCOL §Consensus, Journal: a record is written and synced, then its votes are signed and released.
 */
describe('a validator that loses power', function () {
  this.timeout(30_000);

  for (const point of POINTS) {
    it(`never signs two things for one round, ${point}`, async () => {
      const cluster = await Cluster.create({
        parameters: { roundTimeoutBaseMs: 150, roundTimeoutCapMs: 1_000 },
      });
      const watch = new VoteWatch();
      let silenced: ClusterNode | undefined;
      let sent = 0;
      cluster.bus.filter = (from, _, bytes) => {
        if (silenced?.peerId === from && (point !== 'with half of the messages sent' || sent++ % 2 === 1)) return false;
        watch.note(from, bytes);
        return true;
      };
      const [other, victim, another] = [cluster.node(0), cluster.node(1), cluster.node(2)];
      // Without the fourth, nothing is decided without the victim: what it forgets, it is asked for again.
      await Promise.all([cluster.start(other), cluster.start(another)]);
      const isFinal = (text: string): boolean => [other, another].every((node) => cluster.includes(node, text));
      let transaction = 0;
      for (let writes = 1; writes <= 6; writes++) {
        const writesLeft = { count: writes };
        let isDown = false;
        victim.journalDisk = (file) =>
          unreliable(file, point, writesLeft, () => {
            isDown = true;
            silenced = victim;
          });
        await cluster.start(victim);
        for (let i = 0; i < 4 && !isDown; i++) {
          const text = `payment ${transaction++}`;
          cluster.submit(text);
          await until(`${text} is final`, () => isDown || isFinal(text) || watch.conflicts.length > 0);
        }
        expect(watch.conflicts).to.deep.equal([]);
        expect(isDown).to.equal(true);
        await cluster.stop(victim);
        victim.fatal.length = 0;
        silenced = undefined;
      }
      victim.journalDisk = undefined;
      await cluster.start(victim);
      cluster.submit('last');
      await until('the last is final', () => isFinal('last') && cluster.includes(victim, 'last'));
      expect(watch.conflicts).to.deep.equal([]);
      expect(watch.hasSeen('v1', 'prepare')).to.equal(true);
      await cluster.close();
    });
  }
});
