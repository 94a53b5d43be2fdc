import { expect } from 'chai';
import { readSeeds, replayCommand } from './campaign.js';
import { simulateSeed } from './simulateSeed.js';
import type { Profile } from './world/profiles.js';
import { createSettlement } from './world/settlement.js';

/**
 * Fresh seeds each time, or those of the environment: VOSTRO_SIMULATION_SEEDS as a range `7000..9000`, or a count.
 * A failure prints the command that shows it again.
 */
const SEEDS_OF_A_RUN = 10;
const FRESH_SEEDS = 1_000_000_000;

function seedsOfThisRun(): readonly number[] {
  const given = process.env['VOSTRO_SIMULATION_SEEDS'] ?? `${SEEDS_OF_A_RUN}`;
  if (given.includes('..')) return readSeeds(given);
  const first = Date.now() % FRESH_SEEDS;
  return readSeeds(`${first}..${first + Number(given) - 1}`);
}

const settlements = new Map([4, 7].map((count) => [count, createSettlement(count)] as const));

/** What goes wrong in these worlds, with the command that shows it. */
async function findings(seeds: readonly number[], nodes: number, profile: Profile): Promise<string[]> {
  const settlement = settlements.get(nodes) ?? createSettlement(nodes);
  const found: string[] = [];
  for (const seed of seeds) {
    // Signatures cost more than everything else together: a few seeds have real ones.
    const signatures = seed % 50 === 0 ? 'real' : 'stand-in';
    const { violations } = await simulateSeed({ seed, profile, signatures }, settlement);
    if (violations.length === 0) continue;
    const campaign = { nodes, profile, signatures, trace: true, workers: 1 } as const;
    found.push(`${replayCommand(campaign, seed)}: ${violations.map(({ checker, text }) => `[${checker}] ${text}`)}`);
  }
  return found;
}

describe('a simulated settlement network', function () {
  this.timeout(600_000);
  const seeds = seedsOfThisRun();
  const range = `${seeds[0]}..${seeds.at(-1)}`;

  for (const profile of ['calm', 'network', 'crash', 'disk', 'byzantine', 'all'] as const) {
    it(`keeps its promises in the weather “${profile}”, 4 validators, seeds ${range}`, async () => {
      const chosen = profile === 'calm' ? seeds.slice(0, 2) : seeds;
      expect(await findings(chosen, 4, profile)).to.deep.equal([]);
    });
  }

  it(`keeps its promises with 7 validators, seeds ${range}`, async () => {
    const few = seeds.slice(0, Math.ceil(seeds.length / 4));
    for (const profile of ['byzantine', 'all'] as const) expect(await findings(few, 7, profile)).to.deep.equal([]);
  });

  it('looks at a world only once nobody in it is writing: what waited for a disk that stood still ended no seed', async () => {
    expect(await findings([13_478], 4, 'all')).to.deep.equal([]);
  });

  it('gives the same run for the same seed, event by event', async () => {
    const settlement = createSettlement(4);
    for (const profile of ['network', 'all'] as const) {
      const options = { seed: 7, profile };
      const first = await simulateSeed(options, settlement);
      expect(await simulateSeed(options, settlement)).to.deep.equal(first);
      expect((await simulateSeed({ ...options, seed: 8 }, settlement)).trace).not.to.equal(first.trace);
    }
  });

  it('is forked by more than f faulty validators, and its checker says so', async () => {
    const settlement = createSettlement(4);
    const forks: number[] = [];
    for (let seed = 1; seed <= 10 && forks.length === 0; seed++) {
      const { violations } = await simulateSeed({ seed, profile: 'beyond' }, settlement);
      if (violations.some(({ checker }) => checker === 'agreement')) forks.push(seed);
    }
    expect(forks).not.to.have.length(0);
  });

  it('gives the same run with real signatures as with stand-ins', async () => {
    const [standIn, real] = [
      await simulateSeed({ seed: 5, profile: 'crash' }, createSettlement(4)),
      await simulateSeed({ seed: 5, profile: 'crash', signatures: 'real' }, createSettlement(4)),
    ];
    expect(real).to.deep.equal(standIn);
  });
});
