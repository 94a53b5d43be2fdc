import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from 'vostro/contract/testing';
import { contract as before } from '../../escrow/src/contract.js';
import { contract as after } from '../src/contract.js';

test('version 2 takes over the deals of version 1, with the money that is locked for them', async () => {
  const old = await prepare(before, { project: '../escrow' });
  const next = await prepare(after);
  const network = old.network({ members: ['buyer', 'seller', 'arbiter'], balances: { EUR: { buyer: 1_000_000n } } });
  const parties = {
    buyer: network.account('buyer'),
    seller: network.account('seller'),
    arbiter: network.account('arbiter'),
  };
  const terms = { ...parties, currency: 'EUR', deadline: 20_260_131 };
  const milestones = [{ name: 'Only', amount: 1_000n }];
  // More than one page of the migration.
  for (let index = 0; index < 120; index++) {
    network.as('buyer').settles(before.methods.open, { deal: `D-${index}`, ...terms, milestones });
  }
  network.as('buyer').settles(before.methods.release, { deal: 'D-7', milestone: 0 });
  network.upgrade(next);
  const { deal, deliver, release } = after.methods;
  assert.equal(network.view(deal, { deal: 'D-7' })?.milestones[0]?.status, 'paid');
  assert.deepEqual(network.view(deal, { deal: 'D-119' }), {
    ...terms,
    disputed: false,
    milestones: [{ name: 'Only', amount: 1_000n, status: 'held', delivery: undefined }],
  });
  const document = new Uint8Array(32).fill(1);
  network.as('seller').settles(deliver, { deal: 'D-119', milestone: 0, document });
  network.as('buyer').settles(release, { deal: 'D-119', milestone: 0 });
  assert.deepEqual([network.balance('seller'), network.locked('buyer')], [2_000n, 118_000n]);
});
