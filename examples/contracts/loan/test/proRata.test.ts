import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proRata } from '../src/proRata.js';

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

test('shares add up, and the units that are left go to the largest remainders', () => {
  assert.deepEqual(proRata(100n, [1n, 1n, 1n]), [34n, 33n, 33n]);
  assert.deepEqual(proRata(10n, [5n, 3n, 2n]), [5n, 3n, 2n]);
  assert.deepEqual(proRata(2n, [0n, 1n, 1n]), [0n, 1n, 1n]);
  assert.deepEqual(proRata(0n, [1n, 2n]), [0n, 0n]);
});

test('no share is more than its weight where the amount is at most all of them, or a unit off the exact one', () => {
  for (let amount = 0n; amount <= 60n; amount++) {
    for (const weights of [
      [7n, 13n, 40n],
      [1n, 1n, 58n],
      [0n, 30n, 30n],
      [19n, 20n, 21n],
    ]) {
      const shares = proRata(amount, weights);
      assert.equal(sum(shares), amount);
      for (const [index, share] of shares.entries()) {
        const weight = weights[index] ?? 0n;
        assert.ok(share <= weight);
        const off = share * 60n - amount * weight;
        assert.ok(off < 60n && off > -60n);
      }
    }
  }
});
