import { type Ablation, edit, test } from '../ablation.js';

const singles = test('performance/counts', 'stays within its bounds for payments with signatures of their own');

/** Work that changes no result and that nobody would notice but by what a payment costs. */
export const COUNTS: readonly Ablation[] = [
  {
    name: 'counts-checks-twice',
    bug: 'checks every signature of a transaction twice',
    rule: 'PERFORMANCE, The counts',
    edits: [
      edit(
        'node/signatures/signatureWorker.js',
        'const answers = answerJob(job, backend);',
        'const answers = answerJob(job, backend) && answerJob(job, backend);',
      ),
    ],
    caughtBy: [singles],
  },
  {
    name: 'counts-one-more-row',
    bug: 'writes one more row for every transaction',
    rule: 'PERFORMANCE, The counts',
    edits: [
      edit(
        'node/execution/writeBlock.js',
        'database.positions.put(batch, id, { height, index });',
        'database.positions.put(batch, id, { height, index }); database.heights.put(batch, id, height);',
      ),
    ],
    caughtBy: [singles],
  },
  {
    name: 'counts-second-sync',
    bug: 'writes every record of the journal to the disk twice',
    rule: 'PERFORMANCE, The counts',
    edits: [
      edit(
        'node/storage/disk.js',
        'await writeAll(this.handle, bytes, position);',
        'await writeAll(this.handle, bytes, position); await writeAll(this.handle, bytes, position);',
      ),
    ],
    caughtBy: [singles],
  },
];
