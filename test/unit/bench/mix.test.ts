import { expect } from 'chai';
import { AccountMix } from '../../../bench/load/mix.js';

describe('the accounts that pay each other', () => {
  for (const mix of ['uniform', 'hot'] as const) {
    for (const accounts of [2, 3, 101, 10_000]) {
      it(`are never one and the same, and always among the ${accounts} there are (${mix})`, () => {
        const chosen = new AccountMix(mix, accounts, 7);
        for (let i = 0; i < 2_000; i++) {
          const { debtor, creditor } = chosen.pair();
          const payer = chosen.debtor();
          const payee = chosen.creditorOf(payer);
          expect(debtor === creditor || payer === payee).to.equal(false);
          for (const account of [debtor, creditor, payer, payee]) expect(account).to.be.within(0, accounts - 1);
        }
      });
    }
  }

  it('are hot in four payments of five, one account in a hundred, spread over the list', () => {
    const chosen = new AccountMix('hot', 10_000, 7);
    const times = new Map<number, number>();
    const isHot = (account: number): boolean => account % 100 === 0;
    let hot = 0;
    for (let i = 0; i < 20_000; i++) {
      const { debtor, creditor } = chosen.pair();
      if (isHot(debtor) && isHot(creditor)) hot++;
      for (const account of [debtor, creditor]) times.set(account, (times.get(account) ?? 0) + 1);
    }
    expect(hot / 20_000).to.be.closeTo(0.8, 0.01);
    expect([...times].filter(([account, count]) => isHot(account) && count > 200)).to.have.length(100);
  });
});
