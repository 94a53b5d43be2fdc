import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from 'vostro/contract/testing';
import { contract } from '../src/contract.js';

const prepared = await prepare(contract);
const { publish, notice } = contract.methods;

test('a notice is published once, under the name of its sender', () => {
  const network = prepared.network();
  const { events } = network.as('alfa').settles(publish, { id: 'N-1', text: 'Closed on Friday' });
  assert.equal(events[0]?.name, 'Published');
  assert.equal(network.view(notice, { id: 'N-1' })?.author, network.account('alfa'));
  network.as('beta').refused(publish, { id: 'N-1', text: 'Open on Friday' }, 'NOTICE_EXISTS');
});
