import { expect } from 'chai';
import { DEFAULT_ENGINE_LIMITS } from '../../../node/engine/limits.js';
import { syncOptions } from '../../../node/engine/syncOptions.js';
import { type HeldRange, type Question, SyncPlan, type SyncPlanOptions } from '../../../node/engine/syncPlan.js';

const ANSWER_BYTES = 100;

function planOf(change: Partial<SyncPlanOptions> = {}): SyncPlan<string> {
  const limits = { ...syncOptions(DEFAULT_ENGINE_LIMITS), rangeBlocks: 10, answerBytes: ANSWER_BYTES, maxBytes: 600 };
  return new SyncPlan({ ...limits, ...change }, 1);
}

const shown = (questions: readonly Question[]): string[] =>
  questions.map(({ peerId, fromHeight, count }) => `${peerId}:${fromHeight}+${count}`);

function heldOf<A>(range: HeldRange<A> | undefined): HeldRange<A> {
  return range ?? expect.fail('expected an answer in line');
}

describe('the plan of what to fetch from whom', () => {
  it('asks several peers for neighbouring ranges, each no further than its peer has', () => {
    const plan = planOf();
    plan.peers.claim('a', 25, 0);
    plan.peers.claim('b', 14, 0);
    expect(shown(plan.ask(0))).to.deep.equal(['a:1+10', 'b:11+4']);
    expect(plan.bytes).to.equal(2 * ANSWER_BYTES);
  });

  it('hands ranges over in the order of their heights', () => {
    const plan = planOf();
    for (const peer of ['a', 'b']) plan.peers.claim(peer, 20, 0);
    const [first, second] = plan.ask(0);
    plan.answered(second?.id ?? 0, 'second', { count: 10, bytes: 7 }, 5);
    expect(plan.take()).to.equal(undefined);
    plan.answered(first?.id ?? 0, 'first', { count: 10, bytes: 3 }, 9);
    expect(plan.bytes).to.equal(10);
    expect([plan.take()?.answer, plan.take()?.answer, plan.take()]).to.deep.equal(['first', 'second', undefined]);
    expect(plan.bytes, 'what is being committed counts').to.equal(10);
  });

  it('asks for the rest of a range whose answer ended early before anything later', () => {
    const plan = planOf({ maxQuestions: 1 });
    plan.peers.claim('a', 30, 0);
    const [first] = plan.ask(0);
    plan.answered(first?.id ?? 0, '', { count: 4, bytes: 1 }, 1);
    expect(shown(plan.ask(1))[0]).to.equal('a:5+6');
  });

  it('lets go of what stands later where the first finds no room', () => {
    const plan = planOf({ maxBytes: 3 * ANSWER_BYTES, maxQuestions: 3, requestsPerPeer: 3 });
    for (const peer of ['a', 'b', 'c', 'd']) plan.peers.claim(peer, 90, 0);
    const [first, second, third] = plan.ask(0);
    plan.answered(first?.id ?? 0, 'lie', { count: 10, bytes: 1 }, 1);
    const lie = heldOf(plan.take());
    plan.answered(second?.id ?? 0, 'second', { count: 10, bytes: 99 }, 1);
    plan.answered(third?.id ?? 0, 'third', { count: 10, bytes: 99 }, 1);
    const [fourth] = plan.ask(1);
    expect(fourth?.fromHeight).to.equal(31);
    expect(plan.bytes).to.equal(1 + 99 + 99 + ANSWER_BYTES);
    plan.reject(lie, 1, 'lie', 2);
    const again = plan.ask(2);
    expect(again[0]?.fromHeight, 'the first again').to.equal(1);
    expect(plan.bytes).to.be.at.most(3 * ANSWER_BYTES);
    plan.answered(again[0]?.id ?? 0, 'first', { count: 10, bytes: 1 }, 3);
    expect([plan.take()?.answer, plan.take()?.answer, plan.take()]).to.deep.equal(['first', 'second', undefined]);
  });

  it('waits for nothing else of a peer that lied', () => {
    const plan = planOf({ requestsPerPeer: 1 });
    plan.peers.claim('liar', 20, 0);
    const [first] = plan.ask(0);
    plan.answered(first?.id ?? 0, 'one', { count: 10, bytes: 1 }, 1);
    const lie = heldOf(plan.take());
    const [second] = plan.ask(1);
    plan.answered(second?.id ?? 0, 'two', { count: 10, bytes: 1 }, 2);
    plan.reject(lie, 1, 'lie', 3);
    plan.peers.claim('honest', 20, 3);
    expect(shown(plan.ask(3))).to.deep.equal(['honest:1+10']);
    expect(plan.take()).to.equal(undefined);
  });

  it('goes on behind what consensus committed meanwhile', () => {
    const plan = planOf({ maxQuestions: 1 });
    plan.peers.claim('a', 30, 0);
    const [first] = plan.ask(0);
    plan.advance(17);
    plan.answered(first?.id ?? 0, 'late', { count: 10, bytes: 1 }, 1);
    expect(plan.take()).to.equal(undefined);
    expect(shown(plan.ask(1))).to.deep.equal(['a:18+10']);
  });

  it('forgets a peer that left, and what was asked of it', () => {
    const plan = planOf();
    plan.peers.claim('a', 30, 0);
    const [first] = plan.ask(0);
    plan.peers.forget('a');
    plan.failed(first?.id ?? 0, 'unavailable', 1);
    expect(plan.ask(1)).to.deep.equal([]);
    expect(plan.bytes).to.equal(0);
    plan.peers.claim('b', 5, 2);
    expect(shown(plan.ask(2))).to.deep.equal(['b:1+5']);
  });

  it('looks again when a peer may be asked again, and when a second one is to be asked', () => {
    const plan = planOf({ retryMs: 50, hedgeMs: 300 });
    plan.peers.claim('a', 5, 0);
    const [first] = plan.ask(0);
    expect(plan.nextLookMs(0)).to.equal(300);
    plan.failed(first?.id ?? 0, 'unavailable', 10);
    expect(plan.nextLookMs(10)).to.equal(60);
    expect(plan.ask(59)).to.deep.equal([]);
    expect(shown(plan.ask(60))).to.deep.equal(['a:1+5']);
  });
});
