import { expect } from 'chai';
import type { Measured } from '../../../bench/load/openLoop.js';
import { makeSchedule } from '../../../bench/load/schedule.js';
import type { Settled } from '../../../bench/load/settlement.js';
import { mergeTallies, WindowRecorder, type WindowTally } from '../../../bench/load/windowTally.js';

const FINAL: Settled = { status: 'final', height: 3, code: '' };

function measured(dueMs: number, endMs: number, settled: Settled = FINAL, payments = 1): Measured {
  const creditors = Array.from({ length: payments }, () => 1);
  const transaction = {
    id: `0x${dueMs}`,
    bytes: new Uint8Array(),
    creditors,
    debtor: 0,
    outcomesRoot: undefined,
  } as const;
  return { transaction, settled, dueMs, endMs };
}

/** A warm-up of two seconds, a window of three. */
function tallyOf(...all: readonly Measured[]): WindowTally {
  const schedule = makeSchedule({ perSecond: 1, warmUpSeconds: 2, seconds: 3, shares: 1, share: 0 });
  const recorder = new WindowRecorder(schedule, 2);
  for (const each of all) recorder.record(each);
  return recorder.finish({ durationMs: 5_500, senderLagMs: 1 });
}

describe('the tally of a window', () => {
  it('measures what was to be sent in the window, and notes the warm-up for the ledger alone', () => {
    const tally = tallyOf(measured(1_999, 2_100), measured(2_000, 2_050), measured(4_000, 5_200, FINAL, 10));
    expect(tally).to.deep.include({ offered: 11, committed: 11, unknown: 0, proofs: 3, durationMs: 3_500 });
    expect(tally.latency.maxUs).to.equal(1_200_000);
    expect([...tally.changes]).to.deep.equal([-12, 12]);
  });

  it('divides costs by what was proven between the window’s begin and end, whenever it was sent', () => {
    const tally = tallyOf(measured(1_999, 2_100), measured(2_000, 2_050), measured(4_000, 5_200));
    expect(tally.provenWithin).to.equal(2);
  });

  it('counts offers by the second in which they were due, and proofs by the second in which they came', () => {
    const { seconds } = tallyOf(measured(0, 900), measured(1_999, 2_100), measured(2_000, 4_050));
    const rows = seconds.map(({ second, offered, proven }) => [second, offered, proven]);
    expect(rows).to.deep.equal([
      [-2, 1, 1],
      [-1, 1, 0],
      [0, 1, 1],
      [2, 0, 1],
    ]);
  });

  it('moves no balance for what was refused or failed, and none is certain when an outcome is not known', () => {
    const refused = tallyOf(
      measured(2_000, 2_001, { status: 'refused', code: 'BUSY' }),
      measured(2_100, 2_200, { status: 'final', height: 4, code: 'CASH_INSUFFICIENT' }, 5),
    );
    expect(refused).to.deep.include({ committed: 0, refused: { BUSY: 1, CASH_INSUFFICIENT: 5 }, isCertain: true });
    expect([...refused.changes]).to.deep.equal([0, 0]);
    for (const settled of [
      { status: 'unknown', code: 'LATE' },
      { ...FINAL, code: 'OUTCOMES_DIFFER' },
    ] as const) {
      expect(tallyOf(measured(100, 200, settled)).isCertain).to.equal(false);
    }
  });

  it('of several generators is the sum of theirs', () => {
    const parts = [
      tallyOf(measured(2_000, 2_050), measured(2_100, 2_200, { status: 'refused', code: 'BUSY' })),
      tallyOf(measured(2_500, 5_600), measured(2_600, 2_700, { status: 'refused', code: 'BUSY' })),
    ];
    const { seconds, heights, changes, ...whole } = mergeTallies(parts);
    expect(whole).to.deep.include({ offered: 4, committed: 2, refused: { BUSY: 2 }, provenWithin: 1, isCertain: true });
    expect([...changes]).to.deep.equal([-2, 2]);
    expect(heights).to.deep.equal([3]);
    expect(seconds.map(({ second, offered }) => [second, offered])).to.deep.equal([
      [0, 4],
      [3, 0],
    ]);
  });
});
