import { expect } from 'chai';
import type { Death } from '../simulation/world/life.js';
import { CALM } from '../simulation/world/profiles.js';
import { createSettlement } from '../simulation/world/settlement.js';
import { SimulatedWorld } from '../simulation/world/simulatedWorld.js';

const VICTIM = 1;
const AWAY = 3;
const START_MS = 2_500;
const RECOVERY_MS = 30_000;
/** Each run takes every so-many-th point, from another one on: a few runs take them all. */
const STEP = 4;
const SETTLEMENT = createSettlement(4);

/**
 * Whole nodes, payments under way, a moment after the network began: always the same. One of four is away, so that nothing
 * is decided without the victim, and what it forgets it is asked for again.
 */
async function running(): Promise<SimulatedWorld> {
  const world = new SimulatedWorld({ seed: 11, weather: CALM, signatures: 'stand-in' }, SETTLEMENT);
  await world.begin();
  await world.runUntil(START_MS);
  await world.node(AWAY).stop();
  return world;
}

/** How often the victim touches disk, database and network while it leads a height and decides it. */
async function pointsOfOneTurn(): Promise<{ readonly first: number; readonly last: number }> {
  const world = await running();
  const node = world.node(VICTIM);
  const first = node.life?.points ?? 0;
  const { height } = node;
  await world.runUntil(START_MS + RECOVERY_MS, () => node.height >= height + 4);
  return { first: first + 1, last: node.life?.points ?? 0 };
}

/** The same, but the victim dies at that point and starts again. @returns what is wrong afterwards */
async function dyingAt(point: number, death: Death): Promise<string[]> {
  const world = await running();
  const node = world.node(VICTIM);
  const { height } = node;
  if (node.life !== undefined) node.life.plan = { point, death };
  // It starts again at once, so that the height is still open: what it forgot it is asked for again.
  const isBack = (): boolean => {
    if (node.life === undefined) node.start();
    return node.lives === 2 && world.nodes.every((each, index) => index === AWAY || each.height >= height + 4);
  };
  const recovered = await world.runUntil(START_MS + RECOVERY_MS, isBack);
  const found = world.violations.all.map(({ checker, text }) => `[${checker}] ${text}`);
  return recovered ? found : [...found, `heights ${world.nodes.map((each) => each.height)}`];
}

/**
 * Trap: a validator dies anywhere: before or after a write of its journal or database, between the journal and the
 * network, in the middle of a commit; and the power takes what was not synced with it.
 *
 * Closed by PROTOCOL §Consensus, Journal J1: bodies, then the record, each synced, then the votes; rule 4: a height is one synced
 * batch; and the start, which takes up what the disk holds.
 */
describe('a validator that dies at any point of its turn', function () {
  this.timeout(300_000);
  const offset = Date.now() % STEP;
  for (const [death, step] of [
    ['power', STEP],
    ['kill', 4 * STEP],
  ] as const) {
    it(`comes back, has signed nothing twice and has the same chain (${death}, from point ${offset})`, async () => {
      const { first, last } = await pointsOfOneTurn();
      expect(last - first, 'there is something to interrupt').to.be.greaterThan(20);
      const wrong: string[] = [];
      for (let point = first + offset; point <= last; point += step) {
        for (const text of await dyingAt(point, death)) wrong.push(`at point ${point}: ${text}`);
      }
      expect(wrong).to.deep.equal([]);
    });
  }
});
