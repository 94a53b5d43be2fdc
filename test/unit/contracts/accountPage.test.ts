import { expect } from 'chai';
import fc from 'fast-check';
import { t } from '../../../contracts/api/t.js';
import { AccountPage } from '../../../contracts/assets/accountPage.js';
import { toHex } from '../../../primitives/bytes.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import { errorOf } from '../../support/rejection.js';

const account = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
/** As many of few bytes as of many. */
const amount = fc.integer({ min: 0, max: 128 }).chain((bits) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }));
const items = fc.array(fc.record({ account, amount }), { maxLength: 40 });
const rowOf = (each: { account: `0x${string}`; amount: bigint }) => ({
  key: t.address.encodeKey(each.account),
  value: t.amount.encode(each.amount),
});

describe('a page of accounts', () => {
  it('is the same made of what they have, and of the rows in which that stands', () => {
    fc.assert(
      fc.property(items, (all) => {
        const page = AccountPage.ofRows(all.map(rowOf));
        expect(page.items()).to.deep.equal(all);
        expect(page.bytes).to.deep.equal(AccountPage.of(all).bytes);
        expect(page.last).to.equal(all.at(-1)?.account);
      }),
    );
    const edges = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0x100n, MAX_AMOUNT].map((each) => ({
      account: `0x${'ab'.repeat(20)}` as const,
      amount: each,
    }));
    expect(AccountPage.ofRows(edges.map(rowOf)).items()).to.deep.equal(edges);
  });

  it('is made of no rows that hold something else', () => {
    const { key, value } = rowOf({ account: `0x${'ab'.repeat(20)}`, amount: 300n });
    const others = [
      [],
      [0x80, 1],
      [0x82, 1],
      [0x7f, 0],
      [0x91, 1, ...new Uint8Array(16)],
      [0xc0],
      [0],
      [0x81, 5],
      [0x82, 0, 9],
    ].map((bytes) => ({
      key,
      value: Uint8Array.from(bytes),
    }));
    for (const row of [{ key: key.slice(1), value }, { key: `${key}x`, value }, ...others]) {
      expect(errorOf(() => AccountPage.ofRows([row])).code).to.equal('INVARIANT_BROKEN');
    }
  });

  it('holds what became of each amount, but nobody who is left with nothing', () => {
    fc.assert(
      fc.property(items, fc.bigInt({ min: 1n, max: 1n << 70n }), (all, divisor) => {
        const page = AccountPage.of(all);
        const sum = page.replace((each) => each / divisor);
        const left = all.map((each) => ({ ...each, amount: each.amount / divisor })).filter((each) => each.amount > 0n);
        expect(page.items()).to.deep.equal(left);
        expect(page.count).to.equal(left.length);
        expect(sum).to.equal(left.reduce((total, each) => total + each.amount, 0n));
      }),
    );
  });
});
