import { expect } from 'chai';
import { requireConfig } from '../../../consensus/config.js';
import { roundTimeoutMs } from '../../../consensus/roundTimeout.js';
import { TEST_CONFIG } from '../../scenarios/protocol/fixture.js';

describe('the timeout of a round', () => {
  it('grows by half each round, in integers rounded down, up to the cap', () => {
    const rounds = [0, 1, 2, 3, 4, 5, 6, 100, 1_000_000];
    const timeouts = rounds.map((round) => roundTimeoutMs({ timeoutBaseMs: 101, timeoutCapMs: 1_000 }, round));
    expect(timeouts).to.deep.equal([101, 151, 227, 340, 511, 766, 1_000, 1_000, 1_000]);
  });

  it('reaches the largest cap before the shortcut for high rounds', () => {
    const largest = { timeoutBaseMs: 1, timeoutCapMs: 31_536_000_000 };
    expect(roundTimeoutMs(largest, 99)).to.equal(largest.timeoutCapMs);
  });
});

describe('the constants of the protocol', () => {
  it('are refused where the protocol could stand still', () => {
    const wrong = [
      { timeoutBaseMs: 0 },
      { timeoutBaseMs: 1.5 },
      { timeoutBaseMs: Number.NaN },
      { timeoutCapMs: 100 },
      { maxClockDriftMs: -1 },
      { heartbeatMs: 10 },
      { heartbeatMs: Number.POSITIVE_INFINITY },
    ];
    for (const fields of wrong) {
      expect(() => requireConfig({ ...TEST_CONFIG, ...fields }), JSON.stringify(fields))
        .to.throw()
        .with.property('code', 'CONSENSUS_CONFIG_INVALID');
    }
    expect(requireConfig(TEST_CONFIG)).to.equal(TEST_CONFIG);
  });
});
