import { expect } from 'chai';
import { CliError } from '../../../cli/errors.js';
import { amountData, formatRate, parseLeg, parseRate, shownAmount } from '../../../cli/instruction/legs.js';
import { isCodedError } from '../../../primitives/errors.js';
import type { Address } from '../../../primitives/types.js';

const ADDRESSES: Readonly<Record<string, Address>> = {
  AURLDEFF: '0x1111111111111111111111111111111111111111',
  'BORLFRPP/custody': '0x2222222222222222222222222222222222222222',
};

const network = {
  decimalsOf(currency: string): number {
    if (currency === 'EUR') return 2;
    throw new CliError('CURRENCY_UNKNOWN', 'expected EUR', {});
  },
};

const accounts = {
  address(name: string): Promise<Address> {
    const found = ADDRESSES[name];
    return found === undefined ? Promise.reject(new CliError('ACCOUNT_UNKNOWN', name, {})) : Promise.resolve(found);
  },
};

const parse = (text: string) => parseLeg(text, network, accounts);

function codeOf(error: unknown): string {
  return isCodedError(error) ? error.code : 'another error';
}

describe('a leg on the command line', () => {
  const [from, to] = [ADDRESSES['AURLDEFF'], ADDRESSES['BORLFRPP/custody']];

  it('is money in the major unit, or whole units of an instrument, between two accounts by name', async () => {
    expect(await parse('cash:EUR:1250.50:AURLDEFF:BORLFRPP/custody')).to.deep.equal({
      ...{ currency: 'EUR', amount: 125_050n, from, to },
    });
    expect(await parse('asset:BOND-2031:10:BORLFRPP/custody:AURLDEFF')).to.deep.equal({
      ...{ instrument: 'BOND-2031', amount: 10n, from: to, to: from },
    });
  });

  it('is refused by a code where a part is missing, wrong or unknown', async () => {
    const refused: readonly (readonly [string, string])[] = [
      ['USAGE_INVALID', 'cash:EUR:1.00:AURLDEFF'],
      ['USAGE_INVALID', 'cash:EUR:1.00:AURLDEFF:BORLFRPP/custody:more'],
      ['USAGE_INVALID', 'gold:EUR:1.00:AURLDEFF:BORLFRPP/custody'],
      ['USAGE_INVALID', ''],
      ['AMOUNT_MALFORMED', 'cash:EUR:1.001:AURLDEFF:BORLFRPP/custody'],
      ['AMOUNT_MALFORMED', 'asset:BOND:1.5:AURLDEFF:BORLFRPP/custody'],
      ['CURRENCY_UNKNOWN', 'cash:CHF:1.00:AURLDEFF:BORLFRPP/custody'],
      ['ACCOUNT_UNKNOWN', 'cash:EUR:1.00:NOBODY:BORLFRPP/custody'],
    ];
    for (const [code, text] of refused) {
      expect(await parse(text).then(() => 'read', codeOf), text).to.equal(code);
    }
  });

  it('is shown as people read it, and given to programs in the form in which it was written', () => {
    const money = { currency: 'EUR', amount: 125_050n };
    expect(shownAmount(money, network)).to.equal('1,250.50 EUR');
    expect(amountData(money, network)).to.deep.equal({ kind: 'cash', asset: 'EUR', amount: '1250.50' });
    const units = { instrument: 'BOND', amount: 1_000n };
    expect(shownAmount(units, network)).to.equal('1,000 BOND');
    expect(amountData(units, network)).to.deep.equal({ kind: 'asset', asset: 'BOND', amount: '1000' });
  });
});

describe('an agreed rate on the command line', () => {
  it('is kept exactly, with as many decimals as were written', () => {
    expect(parseRate('EUR/USD=1.0845')).to.deep.equal({ base: 'EUR', quote: 'USD', price: 10_845n, decimals: 4 });
    for (const text of ['EUR/USD=1.0845', 'EUR/JPY=161', 'USD/EUR=0.922083', 'EUR/USD=1.0840']) {
      expect(formatRate(parseRate(text))).to.equal(text);
    }
  });

  it('is refused in any other form', () => {
    for (const text of ['EUR/USD', 'EURUSD=1', 'EUR/USD=1,08', 'EUR/USD=-1', 'EUR/USD=1.', 'EUR/USD=1.0000000000001']) {
      expect(() => parseRate(text), text).to.throw(CliError);
    }
  });
});
