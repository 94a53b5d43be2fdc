import { expect } from 'chai';
import type { Executor } from '../../node/execution/types.js';
import { headerHash } from '../../primitives/block.js';
import { toHex } from '../../primitives/bytes.js';
import type { Block } from '../../primitives/types.js';
import { never } from '../simulation/world/life.js';
import type { Surgery } from '../simulation/world/node.js';
import { CALM } from '../simulation/world/profiles.js';
import { runWorld } from '../simulation/world/run.js';
import { createSettlement } from '../simulation/world/settlement.js';
import { SimulatedWorld } from '../simulation/world/simulatedWorld.js';
import { Script } from './protocol/script.js';
import { expectOneBlock, goOn } from './support/outcome.js';

const ALL = [0, 1, 2, 3];

/**
 * Trap: every validator has a quorum of Commits, and all of them lose power before any has written the block. A payment
 * may have been told to be final; if they then decide another block, or work at a height whose parent nobody has, the
 * chain has forked in time or stands still for ever.
 *
 * Closed by PROTOCOL §Consensus rule 4: the next height begins after the block is written; and Journal: the record of a height is
 * replaced only by one of a later height, so that what led to the decision still binds.
 */
describe('all validators lose power between deciding and writing', () => {
  it('decide the same block when they are back', () => {
    const script = new Script().startAll();
    for (const number of ALL) script.hold(number, 'commit');
    script.passInterval().deliver();
    const bound = ALL.map((number) => script.node(number).disk.record.sent.commit?.blockHash);
    const [decided] = bound;
    if (decided === undefined) throw new Error('everybody has signed a Commit');
    expect(ALL.map((number) => script.node(number).height)).to.deep.equal([0, 0, 0, 0]);
    script.crash(...ALL).lose();
    for (const number of ALL) script.release(number, 'commit');
    script.start(...ALL).pass(5_000);
    expect(expectOneBlock(script, ALL)).to.equal(toHex(decided));
  });

  it('decide the same block when one of them had written it and is away', () => {
    const script = new Script().startAll();
    for (const number of [1, 2, 3]) script.hold(number, 'commit');
    script.passInterval().deliver();
    expect(script.decided(0)).to.be.a('string');
    script.crash(...ALL).lose();
    for (const number of [1, 2, 3]) script.release(number, 'commit');
    script.start(1, 2, 3).passInterval(1, 2, 3);
    goOn(script, [1, 2, 3]);
    expectOneBlock(script, ALL);
  });

  it('have said nothing of the next height before the block was written', () => {
    const script = new Script().startAll().hold(3, 'commit').passInterval().deliver();
    script.passInterval().deliver();
    expect(script.node(0).height).to.be.greaterThan(1);
    expect(script.node(3).disk.record.height, 'its record still binds it at height 1').to.equal(1);
    script.release(3, 'commit').deliver();
    // Proposal, Prepares and Commits of height 2 were kept meanwhile.
    expectOneBlock(script, ALL, 2);
  });
});

/** The same executor, but that a block may be kept from being written. */
function withCommits(executor: Executor, isLost: (block: Block) => boolean): Executor {
  const changed: Partial<Executor> = {
    commit: (block, certificate) => (isLost(block) ? never() : executor.commit(block, certificate)),
    commitAll: (blocks) => (blocks.some(({ block }) => isLost(block)) ? never() : executor.commitAll(blocks)),
  };
  return new Proxy(executor, {
    get: (inner, name) => {
      const member: unknown = Reflect.get(changed, name) ?? Reflect.get(inner, name);
      return typeof member === 'function' ? member.bind(inner) : member;
    },
  });
}

/** The trap again, with whole nodes: their journals, databases and contracts. */
describe('whole nodes that all lose power between deciding and writing', () => {
  it('write the block that was decided when they are back', async function () {
    this.timeout(60_000);
    const height = 5;
    const lost = new Map<string, string>();
    const surgery: Surgery = {
      modules: (modules, node) => ({
        ...modules,
        executor: withCommits(modules.executor, ({ header }) => {
          if (header.height !== height || lost.has(node.name)) return false;
          lost.set(node.name, toHex(headerHash(header)));
          // The write hangs for a while, then the power goes: whatever a node does meanwhile it does without the block.
          world.time.after(3_000, () => node.die('power'));
          return true;
        }),
      }),
    };
    const weather = { ...CALM, healAtMs: 12_000 };
    const world = new SimulatedWorld(
      { seed: 3, weather, signatures: 'stand-in', planted: surgery },
      createSettlement(4),
    );
    const { violations, faults } = await runWorld(world);
    expect(violations).to.deep.equal([]);
    expect(faults['power lost']).to.equal(4);
    const [decided] = lost.values();
    expect([...new Set(lost.values())], 'all had decided one block').to.deep.equal([decided]);
    for (const node of world.nodes) {
      const written = await node.executor?.blockHash(height);
      expect(written === undefined ? undefined : toHex(written)).to.equal(decided);
    }
  });
});
