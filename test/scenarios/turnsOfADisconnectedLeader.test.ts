import { expect } from 'chai';
import { METRIC } from '../../node/engine/metrics.js';
import { CALM } from '../simulation/world/profiles.js';
import { createSettlement } from '../simulation/world/settlement.js';
import { SimulatedWorld } from '../simulation/world/simulatedWorld.js';

const BASE_MS = CALM.parameters.roundTimeoutBaseMs ?? 0;
/** All nodes run, have their connections and no longer wait for any to be made. */
const SETTLED_MS = 8_000;
/** Until the ends of a connection have found out that it carries nothing. */
const DETECTED_MS = 1_000;

interface Commit {
  readonly node: string;
  readonly height: number;
  readonly round: number;
  readonly atMs: number;
}

/** Four validators with work at every time, in virtual time. */
class Watched {
  readonly commits: Commit[] = [];
  /** Rounds that were ended early, by whom. */
  readonly early: string[] = [];
  readonly world: SimulatedWorld;

  constructor(seed: number) {
    this.world = new SimulatedWorld(
      {
        ...{ seed, weather: { ...CALM, paymentEveryMs: 40 }, signatures: 'stand-in' },
        planted: {
          modules: (modules, { name }) => ({
            ...modules,
            metrics: {
              ...modules.metrics,
              count: (metric) => void (metric === METRIC.earlyTimeouts && this.early.push(name)),
            },
          }),
          started: (core, { name }) => {
            core.engine.onCommit(({ head: { header, certificate } }) => {
              const atMs = this.world.time.nowMs;
              this.commits.push({ node: name, height: header.height, round: certificate?.round ?? 0, atMs });
            });
          },
        },
      },
      createSettlement(4),
    );
  }

  cut(a: string, b: string, isCut = true): void {
    this.world.cut(a, b, isCut);
    this.world.cut(b, a, isCut);
  }

  isolate(isolated: number, isCut = true): void {
    for (const { name } of this.world.nodes) {
      if (name !== this.world.node(isolated).name) this.cut(name, this.world.node(isolated).name, isCut);
    }
  }

  /** How long each height took at a node, of those that began and ended between two moments, with its round. */
  heights(node: string, fromMs: number): readonly { readonly round: number; readonly tookMs: number }[] {
    const own = this.commits.filter((commit) => commit.node === node && commit.atMs >= fromMs);
    return own.slice(1).map(({ round, atMs }, index) => ({ round, tookMs: atMs - (own[index]?.atMs ?? 0) }));
  }
}

/**
 * Trap: one validator of four is dead, and every fourth height waits a whole round timeout for it. But where everybody
 * whose connection is down is passed over at once, a network at its start, or behind one bad link, runs through rounds.
 *
 * Closed by PROTOCOL §Consensus rule 5: a leader that is not connected is waited for a short while only, a longer one in each
 * round, and never while connections are being made or no quorum is connected.
 */
describe('the turns of a leader that is not connected', function () {
  this.timeout(120_000);

  it('take less than half of a round timeout where it is dead', async () => {
    const watched = new Watched(1);
    const { world } = watched;
    await world.begin();
    await world.runUntil(SETTLED_MS);
    watched.isolate(3);
    const fromMs = SETTLED_MS + DETECTED_MS;
    await world.runUntil(fromMs + 6_000);
    const heights = watched.heights('peer-0', fromMs);
    const turns = heights.filter(({ round }) => round > 0);
    expect(turns.length, 'its turns came').to.be.greaterThan(5);
    expect(turns.length / heights.length, 'nobody else’s turn was passed over').to.be.within(0.2, 0.3);
    expect(Math.max(...turns.map(({ round }) => round))).to.equal(1);
    expect(Math.max(...turns.map(({ tookMs }) => tookMs))).to.be.lessThan(BASE_MS / 2);
    expect(world.violations.all).to.deep.equal([]);
  });

  it('are nobody’s to pass over while a network starts, however late a connection is made', async () => {
    const watched = new Watched(2);
    const { world } = watched;
    watched.isolate(3);
    await world.begin();
    await world.runUntil(3_000);
    watched.isolate(3, false);
    await world.runUntil(SETTLED_MS);
    expect(watched.early).to.deep.equal([]);
    expect(Math.max(...watched.commits.map(({ round }) => round))).to.equal(1);
    expect(world.node(3).height).to.be.greaterThan(10);
    expect(world.violations.all).to.deep.equal([]);
  });

  it('are decided in their round where one validator alone lacks the link, and it follows', async () => {
    const watched = new Watched(3);
    const { world } = watched;
    await world.begin();
    await world.runUntil(SETTLED_MS);
    watched.cut('peer-0', 'peer-3');
    const fromMs = SETTLED_MS + DETECTED_MS;
    await world.runUntil(fromMs + 6_000);
    expect(watched.early, 'it asks for the next round').to.include('peer-0');
    expect(new Set(watched.heights('peer-1', fromMs).map(({ round }) => round))).to.deep.equal(new Set([0]));
    expect(watched.heights('peer-0', fromMs).length).to.be.greaterThan(12);
    expect(world.node(0).height).to.be.within(world.node(1).height - 2, world.node(1).height + 1);
    expect(world.violations.all).to.deep.equal([]);
  });
});
