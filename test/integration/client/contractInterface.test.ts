import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { defineContract, map, t } from '../../../contracts/api/index.js';
import { artefactHash } from '../../../contracts/deployment/artefacts.js';
import { deployment } from '../../../contracts/index.js';
import { genesisToJson } from '../../../genesis/genesis.js';
import { addKeystore } from '../../../node/keys/keystoreDirectory.js';
import { toHex } from '../../../primitives/bytes.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address } from '../../../primitives/types.js';
import { compileSnippets } from '../../support/compileSnippets.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { bundleOf, FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import { uploadCalls } from '../../support/notesContract.js';
import { ACCOUNTS, BANKS, callOf, KEYS } from '../../support/settlementNetwork.js';
import { SettlingNode } from '../../support/settlingNode.js';
import { runVostro, runVostroJson } from '../../unit/cli/fakeHost.js';

const terms = t.struct({ currency: t.currency, dueOn: t.optional(t.day) });
const declaration = defineContract({
  name: 'deals',
  version: 1,
  state: { deals: map([t.id], t.struct({ buyer: t.address, amount: t.amount, terms })) },
  events: { Opened: { id: t.id, amount: t.amount } },
  errors: { TOO_LARGE: { limit: t.amount } },
});
const deals = declaration.build({
  open: declaration.tx(
    {
      args: { id: t.id, buyer: t.address, amount: t.amount, terms, tags: t.list(t.id, 3), isOpen: t.bool },
      returns: t.uint(),
      auth: { accounts: (a) => [a.buyer] },
    },
    (ctx, { id, buyer, amount, terms: agreed, tags }) => {
      ctx.require(amount <= 1_000n, 'TOO_LARGE', { limit: 1_000n });
      ctx.state.deals.set(id, { buyer, amount, terms: agreed });
      ctx.emit('Opened', { id, amount });
      return tags.length;
    },
  ),
  find: declaration.view(
    { args: { id: t.id }, returns: t.optional(t.struct({ buyer: t.address, amount: t.amount, terms })) },
    (ctx, a) => ctx.state.deals.find(a.id),
  ),
});

/** Puts the contract in force as members do. */
async function activate(
  node: SettlingNode,
  network: ExecutionNetwork,
  run: (argv: readonly string[]) => Promise<unknown>,
) {
  const source = utf8Encode('the sources of deals');
  const [bundle, sourceHash] = [artefactHash('bundle', bundleOf('deals')), artefactHash('source', source)];
  const registration = { name: 'deals', version: 1, bundle, source: sourceHash, engine: TEST_ENGINE.hash };
  const calls = [
    ...uploadCalls('bundle', bundleOf('deals')),
    ...uploadCalls('source', source),
    callOf(deployment.methods.register, registration),
  ];
  await node.chain.settle([network.transaction(calls, { sender: KEYS.alfa.address })]);
  const hashes = { bundle: toHex(bundle), source: toHex(sourceHash), engine: toHex(TEST_ENGINE.hash) };
  const activation = JSON.stringify({ name: 'deals', ...hashes, migrationFuel: 0 });
  await run(['governance', 'propose', 'call', 'contracts.activate', activation, '--at', '+8', '--account', BANKS.alfa]);
  for (const bank of [BANKS.beta, BANKS.gamma]) await run(['governance', 'approve', '1', '--yes', '--account', bank]);
  await node.advanceTo(node.chain.height + 8);
}

describe('any contract by its ABI on the command line', function () {
  this.timeout(120_000);
  let network: ExecutionNetwork;
  let node: SettlingNode;
  let wallet: string;
  let flags: readonly string[];

  before(async () => {
    network = await ExecutionNetwork.create();
    const executor = network.executor('one', { sandboxes: [new FakeSandbox({ deals })] });
    await executor.start();
    node = await SettlingNode.start(new TestChain(network, executor));
    wallet = await mkdtemp(join(tmpdir(), 'vostro-wallet-'));
    await writeFile(join(wallet, 'genesis.json'), JSON.stringify(genesisToJson(network.genesis)));
    await writeFile(join(wallet, 'password'), 'a password\n');
    for (const name of ['alfa', 'beta', 'gamma'] as const) {
      await addKeystore(wallet, KEYS[name].privateKey, 'a password', nobleBackend, { label: name, logN: 14 });
    }
    flags = ['--wallet', wallet, '--rpc', node.url, '--password-file', join(wallet, 'password')];
    await activate(node, network, must);
  });
  after(async () => {
    await node.stop();
    await network.remove();
    await rm(wallet, { recursive: true });
  });

  async function must<T>(argv: readonly string[]): Promise<T> {
    const { envelope } = await runVostroJson([...argv, ...flags]);
    expect(envelope.errors, argv.join(' ')).to.deep.equal([]);
    return envelope.data as T;
  }
  async function refused(argv: readonly string[]) {
    const { envelope, exitCode } = await runVostroJson([...argv, ...flags]);
    expect(exitCode, argv.join(' ')).not.to.equal(0);
    const [error] = envelope.errors;
    return { exitCode, code: error?.code, message: error?.message, details: error?.details };
  }
  const open = (...more: readonly string[]) => [
    ...['contract', 'call', 'deals', 'open', '--account', BANKS.alfa, '--buyer', BANKS.alfa, '--is-open'],
    ...['--terms.currency', 'EUR', ...more],
  ];

  it('is called with options that its ABI names, and tells what it gave and what its events say', async () => {
    const done = await must<{ transactionId: string; result: number; events: object[] }>(
      open('--id', 'D-1', '--amount', '250', '--tags', 'a', '--tags', 'b', '--terms.due-on', '2027-01-05'),
    );
    expect(done.result).to.equal(2);
    expect(done.events).to.deep.equal([{ event: 'deals.Opened', data: { id: 'D-1', amount: '250' } }]);
    const { value } = await must<{ value: { terms: object } }>(['contract', 'view', 'deals', 'find', '--id', 'D-1']);
    expect(value.terms).to.deep.equal({ currency: 'EUR', dueOn: 20270105 });
    const shown = await must<{ calls: { call: string; args: { tags: string[] } }[] }>([
      'tx',
      'show',
      done.transactionId,
    ]);
    expect(shown.calls[0]?.args.tags).to.deep.equal(['a', 'b']);
    const proven = await must<{ value: { amount: string } }>(['query', 'deals', 'deals', 'D-1']);
    expect(proven.value.amount).to.equal('250');
  });

  it('is refused at the first place that is wrong: the option, the contract’s schema, the contract itself', async () => {
    const unknown = await refused(open('--id', 'D-2', '--amout', '1'));
    expect(unknown).to.deep.include({ exitCode: 2, code: 'USAGE_INVALID' });
    expect(unknown.message).to.contain('--terms, --tags, --is-open').and.contain('--amout');
    expect((await refused(open('--id', 'D-2', '--amount', '1.5'))).message).to.contain('--amount');
    expect((await refused(open('--id', 'D-2'))).code).to.equal('ARGUMENTS_INVALID');
    expect((await refused(open('--id', 'D 2', '--amount', '1', '--tags', '[]'))).message).to.contain('$.id');
    const tooLarge = await refused(open('--id', 'D-2', '--amount', '1001', '--tags', '[]'));
    expect(tooLarge).to.deep.include({ exitCode: 5, code: 'TOO_LARGE' });
    expect(tooLarge.details).to.deep.include({ failedCall: 'deals.open', data: '{"limit":"1000"}' });
    expect((await refused(['contract', 'call', 'deals', 'opem'])).code).to.equal('NOT_FOUND');
    expect((await refused(['contract', 'call', 'nobodys', 'open'])).code).to.equal('CONTRACT_UNKNOWN');
    expect((await refused(['contract', 'call', 'deals@2', 'open'])).code).to.equal('CONTRACT_UNKNOWN');
  });

  it('takes JSON where a value has parts, with accounts by name inside it', async () => {
    const json = JSON.stringify({ currency: 'EUR' });
    const words = ['contract', 'call', 'deals', 'open', '--id', 'D-3', '--buyer', BANKS.alfa, '--amount', '5'];
    await must([...words, '--is-open', 'false', '--tags', '["x"]', '--arg', `terms=${json}`, '--account', BANKS.alfa]);
    const credits = JSON.stringify({ creditor: BANKS.beta, amount: '5' });
    const call = ['contract', 'call', 'cash', 'transferMany', '--currency', 'EUR', '--debtor', BANKS.alfa];
    const { code, details } = await refused([...call, '--credits', credits, '--account', BANKS.alfa]);
    expect(code).to.equal('UNAUTHORISED');
    expect(details?.['data']).to.contain('"rule":"contract"');
  });

  it('may be tried instead of sent', async () => {
    const tried = await must<{ changes: { map: string }[] }>(
      open('--id', 'D-9', '--amount', '5', '--tags', '[]', '--simulate'),
    );
    expect(tried.changes.map(({ map: name }) => name)).to.deep.equal(['deals']);
    const { value } = await must<{ value: null }>(['contract', 'view', 'deals', 'find', '--id', 'D-9']);
    expect(value).to.equal(null);
  });

  it('has help, a list of methods, an ABI, a page and bindings of its own', async () => {
    const help = await runVostro(['contract', 'call', 'deals', 'open', '--help', ...flags]);
    expect(help.exitCode).to.equal(0);
    expect(help.stdout)
      .to.contain('Authorised by: accounts')
      .and.match(/--terms\.due-on <value> +day\n/);
    expect(help.stdout).to.match(/--amount <value> +amount, required\n/);
    const list = await runVostro(['contract', 'view', 'deals', ...flags]);
    expect(list.stdout).to.equal('find id\n');
    const { abi } = await must<{ abi: object }>(['contract', 'abi', 'deals@1']);
    expect(abi).to.deep.equal(deals.abi());
    const page = await runVostro(['contract', 'reference', 'deals', ...flags]);
    expect(page.stdout).to.contain('| TOO_LARGE | limit: amount |');
    const out = join(wallet, 'deals.ts');
    await must(['contract', 'bindings', 'deals', '--out', out]);
    const text = await readFile(out, 'utf8');
    expect(compileSnippets([{ name: 'deals', text }]).size).to.equal(0);
    const file = join(wallet, 'deals.abi.json');
    await writeFile(file, JSON.stringify({ abi }, undefined, 2));
    const fromFile = await runVostro(['contract', 'bindings', 'deals', '--abi', file]);
    expect(fromFile.stdout).to.equal(text);
    expect((await refused(['contract', 'bindings', 'other', '--abi', file])).code).to.equal('USAGE_INVALID');
  });

  it('is signed by further accounts where a call debits them', async () => {
    const byBeta = (account: string, ...more: string[]) => [
      ...['contract', 'call', 'deals', 'open', '--id', 'D-4', '--buyer', ACCOUNTS.beta as Address, '--amount', '5'],
      ...['--is-open', '--tags', '[]', '--terms.currency', 'EUR', '--account', account, ...more],
    ];
    expect((await refused(byBeta(BANKS.alfa))).code).to.equal('UNAUTHORISED');
    await must(byBeta(BANKS.alfa, '--also-sign', BANKS.beta));
  });
});
