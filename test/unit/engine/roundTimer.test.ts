import { expect } from 'chai';
import { LeaderLinks } from '../../../node/engine/leaderLinks.js';
import { DEFAULT_ENGINE_LIMITS } from '../../../node/engine/limits.js';
import { METRIC } from '../../../node/engine/metrics.js';
import { RoundTimer } from '../../../node/engine/roundTimer.js';
import type { Metrics } from '../../../node/ops/ports.js';
import { testValidators } from '../../support/finalityFixture.js';
import { ManualTimers } from './support/manualTimers.js';

const BASE_MS = 1_500;
const { leaderGraceMs, leaderSettleMs } = DEFAULT_ENGINE_LIMITS;

/** The round timer of validator 0 of four; the leader of height h and round r is validator (h + r) mod 4. */
class Bench {
  readonly timers = new ManualTimers();
  readonly fired: string[] = [];
  readonly proposed = new Set<string>();
  early = 0;
  private connected = ['v1', 'v2', 'v3'];
  private readonly validators = testValidators('round timer', 4);
  readonly timer: RoundTimer;

  constructor(private known = ['v0', 'v1', 'v2', 'v3']) {
    const { timers, validators } = this;
    const metrics: Metrics = { gauge() {}, count: (name) => void (name === METRIC.earlyTimeouts && this.early++) };
    const leaders = new LeaderLinks(
      { self: validators[0]?.address ?? '0x' },
      {
        network: { connectedPeers: () => this.connected },
        directory: {
          // A node's own peer is never on its list.
          peersOf: ({ address }) => {
            const index = validators.findIndex((validator) => validator.address === address);
            return index > 0 && this.known.includes(`v${index}`) ? [`v${index}`] : [];
          },
        },
        validators: () => validators,
      },
    );
    this.timer = new RoundTimer(DEFAULT_ENGINE_LIMITS, {
      ...{ timers, leaders, metrics },
      isProposed: (height, round) => this.proposed.has(`${height}/${round}`),
      give: (input) => void (input.type === 'timeout' && this.fired.push(`${input.height}/${input.round}`)),
    });
  }

  settled(): this {
    this.timers.advance(leaderSettleMs);
    return this;
  }

  links(...connected: string[]): void {
    this.connected = connected;
    this.timer.linksChanged();
  }

  start(height: number, round = 0, durationMs = BASE_MS): void {
    this.timer.schedule({ type: 'scheduleTimer', height, round, durationMs });
  }

  /** Expects that the timer runs out after so long, and not a millisecond before. */
  expectAfter(ms: number, place: string): void {
    this.timers.advance(ms - 1);
    expect(this.fired, 'too early').to.deep.equal([]);
    this.timers.advance(1);
    expect(this.fired.splice(0), 'too late').to.deep.equal([place]);
    expect(this.timers.pending).to.equal(0);
  }
}

// PROTOCOL §Consensus rule 5.
describe('the timer of a round', () => {
  it('takes as long as consensus asks for while the leader is connected', () => {
    const bench = new Bench().settled();
    bench.start(5);
    bench.expectAfter(BASE_MS, '5/0');
    expect(bench.early).to.equal(0);
  });

  it('runs out after the grace, counted, where the leader is not connected when it starts', () => {
    const bench = new Bench().settled();
    bench.links('v2', 'v3');
    bench.start(5);
    bench.expectAfter(leaderGraceMs, '5/0');
    expect(bench.early).to.equal(1);
  });

  it('runs out a grace after the leader disconnects while it runs, and no later than it would have', () => {
    const bench = new Bench().settled();
    bench.start(5);
    bench.timers.advance(700);
    bench.links('v2', 'v3');
    bench.expectAfter(leaderGraceMs, '5/0');
    bench.links('v1', 'v2', 'v3');
    bench.start(9);
    bench.timers.advance(BASE_MS - 10);
    bench.links('v2', 'v3');
    bench.expectAfter(10, '9/0');
    expect(bench.early).to.equal(1);
  });

  it('takes as long as ever when the leader is back within the grace, and begins a new grace when it goes again', () => {
    const bench = new Bench().settled();
    bench.links('v2', 'v3');
    bench.start(5);
    bench.timers.advance(leaderGraceMs - 1);
    bench.links('v1', 'v2', 'v3');
    bench.timers.advance(500);
    bench.links('v2', 'v3');
    bench.timers.advance(leaderGraceMs - 1);
    bench.links('v1', 'v2', 'v3');
    bench.expectAfter(BASE_MS - 500 - 2 * (leaderGraceMs - 1), '5/0');
    expect(bench.early).to.equal(0);
  });

  it('lets other links come and go without beginning a new grace', () => {
    const bench = new Bench().settled();
    bench.links('v2', 'v3');
    bench.start(5);
    bench.timers.advance(60);
    bench.links('v3', 'v2');
    bench.expectAfter(leaderGraceMs - 60, '5/0');
  });

  it('doubles the grace with each round, never above what consensus asks for', () => {
    const bench = new Bench().settled();
    bench.links('v2', 'v3');
    bench.start(5, 4, 7_593);
    bench.expectAfter(16 * leaderGraceMs, '5/4');
    bench.start(5, 8, 20_000);
    bench.expectAfter(20_000, '5/8');
    bench.start(5, 4_000, 20_000);
    bench.expectAfter(20_000, '5/4000');
    bench.start(5, 0, 40);
    bench.expectAfter(40, '5/0');
  });

  it('is never early in this node’s own turn, nor under a leader whose node nobody has named', () => {
    const own = new Bench().settled();
    own.start(4);
    own.expectAfter(BASE_MS, '4/0');
    const unknown = new Bench(['v2', 'v3']).settled();
    unknown.links('v2', 'v3');
    unknown.start(5);
    unknown.expectAfter(BASE_MS, '5/0');
  });

  it('is never early while no quorum is connected: nobody could change the round', () => {
    const bench = new Bench().settled();
    bench.links('v2');
    bench.start(5);
    bench.expectAfter(BASE_MS, '5/0');
    bench.links('v2');
    bench.start(5);
    bench.timers.advance(400);
    bench.links('v2', 'v3');
    bench.expectAfter(leaderGraceMs, '5/0');
  });

  it('is never early while connections are still being made after the start', () => {
    const bench = new Bench();
    bench.links('v2', 'v3');
    bench.start(5);
    bench.expectAfter(BASE_MS, '5/0');
    bench.start(5, 20, 20_000);
    bench.timers.advance(leaderSettleMs - BASE_MS - 1);
    bench.start(5);
    bench.expectAfter(1 + leaderGraceMs, '5/0');
  });

  it('leaves a round its whole time once its proposal is here: the others can decide it without its leader', () => {
    const bench = new Bench().settled();
    bench.start(5);
    bench.proposed.add('5/0');
    bench.links('v2', 'v3');
    bench.expectAfter(BASE_MS, '5/0');
    expect(bench.early).to.equal(0);
  });

  it('does not run out once it is cancelled, whatever the links do', () => {
    const bench = new Bench().settled();
    bench.links('v2', 'v3');
    bench.start(5);
    bench.timer.cancel();
    bench.links('v1', 'v2', 'v3');
    bench.links('v2', 'v3');
    bench.timers.advance(2 * BASE_MS);
    expect(bench.fired).to.deep.equal([]);
  });
});
