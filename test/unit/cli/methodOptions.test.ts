import { expect } from 'chai';
import { methodHelp, readMethodArguments } from '../../../cli/contract/methodOptions.js';
import { type Json, t } from '../../../contracts/api/index.js';
import { rejectionOf } from '../../support/rejection.js';
import { runVostro } from './fakeHost.js';

const args = t.struct({
  endToEndId: t.text(35),
  amount: t.optional(t.amount),
  day: t.optional(t.day),
  isUrgent: t.optional(t.bool),
  kind: t.optional(t.enum(['ONE', 'TWO'])),
  parties: t.optional(t.list(t.address, 3)),
  terms: t.optional(t.struct({ issuer: t.address, steps: t.list(t.struct({ payTo: t.address, share: t.uint() }), 3) })),
});

const read = (...words: string[]): Promise<Json> =>
  readMethodArguments(words, args.schema(), async (name) => `<${name}>`);
const refusal = async (...words: string[]): Promise<string> => (await rejectionOf(read(...words))).message;

describe('arguments of a method on the command line', () => {
  it('are options by the names of its fields, each read as its schema says', async () => {
    expect(
      await read('--end-to-end-id', 'E 1', '--amount=5', '--day', '2026-01-05', '--is-urgent', '--kind', 'TWO'),
    ).to.deep.equal({ endToEndId: 'E 1', amount: '5', day: 20260105, isUrgent: true, kind: 'TWO' });
    expect(await read('--endToEndId', 'a=b', '--is-urgent', 'false', '--arg', 'amount=7')).to.deep.equal({
      endToEndId: 'a=b',
      isUrgent: false,
      amount: '7',
    });
    expect(await read()).to.deep.equal({});
  });

  it('repeat for a list, and have dots or JSON for a struct, accounts by name in all of them', async () => {
    expect(await read('--parties', 'AURLDEFF', '--parties', 'BORLFRPP')).to.deep.equal({
      parties: ['<AURLDEFF>', '<BORLFRPP>'],
    });
    expect(await read('--parties', '["x"]')).to.deep.equal({ parties: ['<x>'] });
    expect(await read('--terms.issuer', 'x', '--terms.steps', '{"payTo":"y","share":1}')).to.deep.equal({
      terms: { issuer: '<x>', steps: [{ payTo: '<y>', share: 1 }] },
    });
    expect(await read('--terms', '{"issuer":"x","steps":[],"more":1}')).to.deep.equal({
      terms: { issuer: '<x>', steps: [], more: 1 },
    });
  });

  it('are refused by their option, with what it takes', async () => {
    expect(await refusal('--ammount', '5'))
      .to.contain('--amount')
      .and.contain('found --ammount');
    expect(await refusal('--amount', '1.5')).to.contain('--amount: expected minor units');
    expect(await refusal('--amount', '1', '--amount', '2')).to.contain('--amount: expected one value');
    expect(await refusal('--amount')).to.contain('--amount: expected amount, found no value');
    expect(await refusal('--day', 'monday')).to.contain('a day as 2026-01-05');
    expect(await refusal('--kind', 'THREE')).to.contain('one of ONE, TWO');
    expect(await refusal('--terms', '{')).to.contain('--terms: expected JSON');
    expect(await refusal('--terms', '{}', '--terms.issuer', 'x')).to.contain('--terms');
    expect(await refusal('--amount.major', '1')).to.contain('--amount: expected optional amount');
    expect(await refusal('--terms.payer', 'x')).to.contain('--terms.issuer, --terms.steps');
    expect(await refusal('5')).to.contain('--name value');
    expect(await refusal('--arg', 'amount')).to.contain('name=value');
    expect(await refusal('--constructor', '1')).to.contain('found --constructor');
  });

  it('stand in the help of the method, those of the same name as an option of the command as --arg', () => {
    const method = { kind: 'tx', auth: { accounts: 0 }, args: args.schema(), returns: null } as const;
    const help = methodHelp('vostro contract call deals open', method, new Set(['--kind']));
    expect(help).to.contain('Usage: vostro contract call deals open [arguments] [options]');
    expect(help).to.match(/--end-to-end-id <value> +text 1\.\.35, required/);
    expect(help).to.match(/--arg kind=… +one of ONE, TWO\n/);
    expect(help).to.match(/--terms\.issuer <value> +address\n/);
  });

  it('of a standard contract are told without a network', async () => {
    const { stdout, exitCode } = await runVostro(['contract', 'call', 'payments', 'pay', '--help']);
    expect([exitCode, stdout]).to.deep.equal([0, stdout]);
    expect(stdout).to.match(/--end-to-end-id <value> +text 1\.\.35\n/);
    const bindings = await runVostro(['contract', 'bindings', 'payments']);
    expect(bindings.stdout).to.contain("export const CONTRACT = 'payments';");
    expect((await runVostro(['contract', 'abi', 'Payments'])).exitCode).to.equal(2);
  });
});
