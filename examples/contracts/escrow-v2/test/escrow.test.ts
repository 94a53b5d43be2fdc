import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { prepare, type TestNetwork } from 'vostro/contract/testing';
import { contract } from '../src/contract.js';

const prepared = await prepare(contract);
const { open, release, refund, dispute, resolve, reclaim, deliver, deal } = contract.methods;
const MILESTONES = [
  { name: 'Foundations', amount: 40_000n },
  { name: 'Roof', amount: 60_000n },
];

describe('an escrow', () => {
  let network: TestNetwork;

  /** The same sums, whatever happens: nothing is made and nothing lost. */
  const total = () =>
    ['buyer', 'seller', 'arbiter'].reduce((sum, name) => sum + network.balance(name) + network.locked(name), 0n);

  const terms = (change: object = {}) => ({
    deal: 'HOUSE-1',
    buyer: network.account('buyer'),
    seller: network.account('seller'),
    arbiter: network.account('arbiter'),
    currency: 'EUR',
    deadline: 20_260_131,
    milestones: MILESTONES,
    ...change,
  });

  beforeEach(() => {
    network = prepared.network({
      members: ['buyer', 'seller', 'arbiter', 'stranger'],
      balances: { EUR: { buyer: 150_000n } },
    });
    network.as('buyer').settles(open, terms());
  });

  it('locks the whole price when the buyer opens it', () => {
    assert.deepEqual([network.balance('buyer'), network.locked('buyer')], [50_000n, 100_000n]);
    network.as('buyer').refused(open, terms(), 'DEAL_EXISTS');
    network.as('buyer').refused(open, terms({ deal: 'HOUSE-2' }), 'INSUFFICIENT_FUNDS');
    network.as('seller').refused(open, terms({ deal: 'HOUSE-2' }), 'UNAUTHORISED');
  });

  it('pays a milestone when the buyer says so, and nobody else', () => {
    network.as('seller').refused(release, { deal: 'HOUSE-1', milestone: 0 }, 'UNAUTHORISED');
    network.as('arbiter').refused(release, { deal: 'HOUSE-1', milestone: 0 }, 'UNAUTHORISED');
    const { events } = network.as('buyer').settles(release, { deal: 'HOUSE-1', milestone: 0 });
    assert.deepEqual(
      events.map(({ contract: of, name }) => `${of}.${name}`),
      ['cash.Released', 'escrow.Settled'],
    );
    assert.deepEqual([network.balance('seller'), network.locked('buyer')], [40_000n, 60_000n]);
    network.as('buyer').refused(release, { deal: 'HOUSE-1', milestone: 0 }, 'MILESTONE_NOT_HELD');
    network.as('buyer').refused(release, { deal: 'HOUSE-1', milestone: 2 }, 'MILESTONE_UNKNOWN');
    assert.equal(total(), 150_000n);
  });

  it('gives a milestone back when the seller says so', () => {
    network.as('buyer').refused(refund, { deal: 'HOUSE-1', milestone: 1 }, 'UNAUTHORISED');
    network.as('seller').settles(refund, { deal: 'HOUSE-1', milestone: 1 });
    assert.deepEqual([network.balance('buyer'), network.locked('buyer')], [110_000n, 40_000n]);
  });

  it('lets the arbiter divide a milestone once a party has called it', () => {
    const half = { deal: 'HOUSE-1', milestone: 1, toSeller: 25_000n };
    network.as('arbiter').refused(resolve, half, 'NOT_DISPUTED');
    network.as('stranger').refused(dispute, { deal: 'HOUSE-1', by: network.account('stranger') }, 'NOT_A_PARTY');
    network.as('stranger').refused(dispute, { deal: 'HOUSE-1', by: network.account('seller') }, 'UNAUTHORISED');
    network.as('seller').settles(dispute, { deal: 'HOUSE-1', by: network.account('seller') });
    network.as('buyer').refused(dispute, { deal: 'HOUSE-1', by: network.account('buyer') }, 'IN_DISPUTE');
    network.as('seller').refused(resolve, half, 'UNAUTHORISED');
    network.as('arbiter').refused(resolve, { ...half, toSeller: 60_001n }, 'SHARE_TOO_LARGE');
    network.as('arbiter').settles(resolve, half);
    assert.deepEqual([network.balance('buyer'), network.balance('seller')], [85_000n, 25_000n]);
    assert.equal(network.view(deal, { deal: 'HOUSE-1' })?.milestones[1]?.status, 'divided');
  });

  it('gives everything that is held back to the buyer behind the deadline', () => {
    network.as('buyer').settles(release, { deal: 'HOUSE-1', milestone: 0 });
    const early = network.as('buyer').refused(reclaim, { deal: 'HOUSE-1' }, 'NOT_DUE');
    assert.deepEqual(early.data, { deadline: 20_260_131, today: network.today });
    network.advance({ days: 27 });
    network.as('seller').refused(reclaim, { deal: 'HOUSE-1' }, 'UNAUTHORISED');
    assert.equal(network.as('buyer').settles(reclaim, { deal: 'HOUSE-1' }).result, 60_000n);
    assert.deepEqual([network.balance('buyer'), network.locked('buyer')], [110_000n, 0n]);
  });

  it('keeps what the seller has delivered from being taken back', () => {
    const document = new Uint8Array(32).fill(7);
    network.as('buyer').refused(deliver, { deal: 'HOUSE-1', milestone: 1, document }, 'UNAUTHORISED');
    network.as('seller').settles(deliver, { deal: 'HOUSE-1', milestone: 1, document });
    network.advance({ days: 27 });
    assert.equal(network.as('buyer').settles(reclaim, { deal: 'HOUSE-1' }).result, 40_000n);
    assert.equal(network.locked('buyer'), 60_000n);
    network.as('buyer').settles(release, { deal: 'HOUSE-1', milestone: 1 });
    assert.equal(network.balance('seller'), 60_000n);
  });

  it('gives nothing back while there is a dispute', () => {
    network.as('seller').settles(dispute, { deal: 'HOUSE-1', by: network.account('seller') });
    network.advance({ days: 40 });
    network.as('buyer').refused(reclaim, { deal: 'HOUSE-1' }, 'IN_DISPUTE');
  });

  it('pays nothing on a closed business day or for a suspended buyer, and gives back to the buyer in any case', () => {
    network.closeBusinessDay();
    network.as('buyer').refused(release, { deal: 'HOUSE-1', milestone: 0 }, 'BUSINESS_DAY_CLOSED');
    network.suspend('buyer');
    network.as('buyer').refused(release, { deal: 'HOUSE-1', milestone: 0 }, 'SUSPENDED');
    network.as('seller').settles(refund, { deal: 'HOUSE-1', milestone: 0 });
    assert.equal(network.locked('buyer'), 60_000n);
  });

  it('has three parties, a deadline to come and no empty milestone', () => {
    const buyer = network.as('buyer');
    buyer.refused(open, terms({ deal: 'B', arbiter: network.account('seller') }), 'PARTIES_NOT_DISTINCT');
    buyer.refused(open, terms({ deal: 'B', deadline: 20_260_104 }), 'DEADLINE_PAST');
    buyer.refused(open, terms({ deal: 'B', milestones: [{ name: 'Nothing', amount: 0n }] }), 'MILESTONE_EMPTY');
    buyer.refused(release, { deal: 'B', milestone: 0 }, 'DEAL_UNKNOWN');
  });
});
