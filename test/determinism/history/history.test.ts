import { expect } from 'chai';
import { repositoryRoot } from '../../support/repositoryRoot.js';
import { type HistoryInput, type HistoryOptions, type HistoryResult, runBlockHistory } from './blockHistory.js';
import { buildHistoryPrograms } from './programs.js';

const SMALL: HistoryOptions = { seed: 1, trafficBlocks: 2, hostileEvery: 50 };

/** What must have happened, or the history proves less than it says. */
const CODES = [
  ...['', 'INSUFFICIENT_FUNDS', 'BUSINESS_REFERENCE_USED', 'INSUFFICIENT_UNITS', 'UNAUTHORISED', 'SUSPENDED', 'PAUSED'],
  ...['BUNDLE_REFUSED', 'OUT_OF_FUEL', 'REENTRANCY_REFUSED', 'NOT_A_PARTY', 'MILESTONE_NOT_HELD'],
  ...['exception', 'depth', 'memory'].map((reason) => `CONTRACT_FAULT ${reason}`),
];

describe('a history of blocks with contracts of banks', function () {
  this.timeout(60_000);
  let input: HistoryInput;
  let honest: HistoryResult;

  before(async () => {
    input = { programs: await buildHistoryPrograms(repositoryRoot()) };
    honest = await runBlockHistory(SMALL, input);
  });

  const run = (impure: string, blocks?: HistoryResult['blocks']) =>
    runBlockHistory({ ...SMALL, impure }, { ...input, blocks });

  it('has everything in it that may become of a transaction, and is the same for who executes its blocks', () => {
    expect([...honest.codes.keys()]).to.include.members(CODES);
    expect(honest.refused).to.deep.equal([]);
    expect(honest.imported).to.deep.equal(honest.built);
    expect(honest.built.blocks).to.equal(honest.blocks.length).and.to.be.above(30);
  });

  it('is another with another seed, and the same with the same', async () => {
    const [same, other] = [await runBlockHistory(SMALL, input), await runBlockHistory({ ...SMALL, seed: 2 }, input)];
    expect(same).to.deep.equal(honest);
    expect(other.built.digest).not.to.equal(honest.built.digest);
  });

  it('is refused at the first block in which a contract looked at the machine, and by no other machine of the kind', async () => {
    const there = await run('v20.20.2 --liftoff-only');
    expect(there.refused).to.deep.equal([]);
    expect(await run('v20.20.2 --liftoff-only', there.blocks)).to.deep.include({ refused: [], built: there.built });
    const here = await run('v24.9.0', there.blocks);
    expect(here.refused).to.deep.equal(['height 3: RECEIPTS_ROOT_MISMATCH']);
    expect(here.built.digest).not.to.equal(there.built.digest);
  });
});
