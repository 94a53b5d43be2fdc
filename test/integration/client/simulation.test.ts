import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openApiDocument } from '../../../api/openapi.js';
import { VostroClient } from '../../../client/index.js';
import { callOf } from '../../../contracts/api/method.js';
import { assets, cash } from '../../../contracts/index.js';
import { genesisToJson, trustedChain } from '../../../genesis/genesis.js';
import type { RpcServer } from '../../../node/rpc/server.js';
import { toChecksum } from '../../../primitives/address.js';
import { toHex } from '../../../primitives/bytes.js';
import { encodeTransactionBody } from '../../../primitives/transaction.js';
import { ExecutionNetwork, type TestChain } from '../../support/executionNetwork.js';
import { startExecutorNode } from '../../support/executorNode.js';
import { labCall, labContract } from '../../support/labContract.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';
import { runVostro, runVostroJson } from '../../unit/cli/fakeHost.js';

const poison = labContract('poison', {
  break: () => {
    throw new TypeError('a bug');
  },
});

/** Locks whatever it is told to. */
const holder = labContract('holder', { lock: (host, args) => host.call('cash', 'lock', args) });
const lockArgs = (args: Parameters<typeof cash.methods.lock.args.encode>[0]) => cash.methods.lock.args.encode(args);

describe('a transaction that is tried before anybody signs it', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  let node: RpcServer;
  let client: VostroClient;
  beforeEach(async () => {
    network = await ExecutionNetwork.create({ contracts: [poison, holder] });
    chain = await network.funded('one');
    node = await startExecutorNode(network, chain.executor);
    client = new VostroClient({ urls: [node.url], trust: trustedChain(network.genesis), attempts: 1 });
  });
  afterEach(async () => {
    client.close();
    await node.stop();
    await network.remove();
  });

  const post = async (body: object) => {
    const response = await fetch(`${node.url}/v1/simulations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('shows what each account would hold, by the ABI', async () => {
    const simulation = await client.simulate(network.payment('P-1', { amount: 250n }).body);
    expect(simulation.inclusion).to.deep.equal({ includable: true, code: '', message: '' });
    expect(simulation.receipt).to.deep.include({ success: true, code: '', error: null });
    expect(simulation.receipt.fuelUsed).to.be.above(40_000);
    const common = { kind: 'cash', asset: 'EUR', before: '1000000' };
    expect(simulation.balances).to.have.deep.members([
      { ...common, account: toChecksum(ACCOUNTS.alfa), after: '999750' },
      { ...common, account: toChecksum(ACCOUNTS.beta), after: '1000250' },
    ]);
    const balances = simulation.changes.filter(({ map }) => map === 'balances');
    expect(balances.map(({ contract, key }) => [contract, key[0]])).to.deep.equal([
      ['cash', 'EUR'],
      ['cash', 'EUR'],
    ]);
  });

  it('shows units of instruments as well', async () => {
    const instrument = 'BOND-1';
    const terms = {
      kind: 'bond',
      issuer: ACCOUNTS.alfa,
      name: 'A bond',
      currency: 'EUR',
      nominal: 1n,
      cap: 9n,
    } as const;
    const body = network.transaction([
      callOf(assets.methods.create, { instrument, ...terms }),
      callOf(assets.methods.issue, { instrument, account: ACCOUNTS.beta, amount: 7n }),
    ]).body;
    expect((await client.simulate(body)).balances).to.deep.equal([
      { kind: 'instrument', account: toChecksum(ACCOUNTS.beta), asset: instrument, before: '0', after: '7' },
    ]);
  });

  it('shows what a contract would hold for an account', async () => {
    const lock = { currency: 'EUR', lock: 'L-1', debtor: ACCOUNTS.alfa, amount: 250n };
    const { balances } = await client.simulate(network.transaction([labCall('holder', 'lock', lockArgs(lock))]).body);
    const common = { account: toChecksum(ACCOUNTS.alfa), asset: 'EUR' };
    expect(balances).to.have.deep.members([
      { ...common, kind: 'cash', before: '1000000', after: '999750' },
      { ...common, kind: 'locked', before: '0', after: '250' },
    ]);
  });

  it('says the same of the signed bytes', async () => {
    const { id, bytes, body } = network.payment('P-1');
    expect(await client.simulate({ id: toHex(id), bytes })).to.deep.equal(await client.simulate(body));
  });

  it('says why it would fail, with the error’s data by the ABI', async () => {
    const { receipt, balances } = await client.simulate(network.payment('P-1', { amount: 9_000_000n }).body);
    expect(receipt).to.deep.include({ success: false, code: 'INSUFFICIENT_FUNDS', failedCall: 'payments.pay' });
    expect(receipt.error).to.deep.equal({ available: '1000000', required: '9000000' });
    expect(balances).to.deep.equal([]);
  });

  it('says which rule keeps it out of every block, and what it would do all the same', async () => {
    const simulation = await client.simulate(network.payment('P-1', { signers: [ACCOUNTS.beta] }).body);
    expect(simulation.inclusion).to.deep.include({ includable: false, code: 'POLICY_NOT_MET' });
    expect(simulation.receipt.code).to.equal('UNAUTHORISED');
  });

  it('is asked for by REST, as the OpenAPI document says', async () => {
    const body = toHex(encodeTransactionBody(network.payment('P-1').body));
    const answer = await post({ body });
    expect(answer.status).to.equal(200);
    expect(answer.body['inclusion']).to.deep.include({ includable: true });
    const { paths } = openApiDocument('1') as { readonly paths: Record<string, unknown> };
    expect(Object.keys(paths)).to.include('/v1/simulations');
  });

  it('is one transaction: neither none nor two, nor other bytes', async () => {
    const { bytes, body } = network.payment('P-1');
    const [transaction, draft] = [toHex(bytes), toHex(encodeTransactionBody(body))];
    for (const wrong of [{}, { transaction, body: draft }]) {
      const { status, body: answer } = await post(wrong);
      expect([status, (answer['error'] as { readonly code: string }).code]).to.deep.equal([400, 'PARAMS_INVALID']);
    }
    for (const wrong of [{ transaction: draft }, { body: transaction }, { body: '0xc0' }]) {
      expect((await post(wrong)).status).to.be.within(400, 499);
    }
    expect(network.fatal).to.deep.equal([]);
  });

  it('that breaks the executor is told as such, and the node goes on', async () => {
    const body = network.transaction([labCall('poison', 'break')]).body;
    expect((await rejectionOf(client.simulate(body))).code).to.equal('HOST_EXCEPTION');
    expect(network.fatal).to.deep.equal([]);
    await chain.settle([network.payment('P-1')]);
    expect((await client.simulate(network.payment('P-2').body)).height).to.equal(4);
  });

  describe('on the command line', () => {
    let wallet: string;
    let flags: readonly string[];
    beforeEach(async () => {
      wallet = await mkdtemp(join(tmpdir(), 'vostro-wallet-'));
      await writeFile(join(wallet, 'genesis.json'), JSON.stringify(genesisToJson(network.genesis)));
      // No key is in this wallet.
      flags = ['--wallet', wallet, '--rpc', node.url];
    });
    afterEach(() => rm(wallet, { recursive: true }));

    /** A draft as a file, good for the chain's clock, which is another than this machine's. */
    const draft = async (name: string, body = network.payment('P-1', { amount: 250n }).body): Promise<string> => {
      const file = join(wallet, name);
      await writeFile(file, JSON.stringify({ body: toHex(encodeTransactionBody(body)) }));
      return file;
    };

    it('shows debits and credits, fuel and verdict, and sends nothing', async () => {
      const { stdout, exitCode } = await runVostro(['tx', 'simulate', await draft('pay.json'), ...flags]);
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/^would succeed; fuel \d+,\d{3} of at most 200,000,000\n/);
      expect(stdout).to.match(/would debit +0x\S+ +2\.50 EUR +10,000\.00 → 9,997\.50\n/);
      expect(stdout).to.match(/would credit +0x\S+ +2\.50 EUR +10,000\.00 → 10,002\.50\n/);
      expect(stdout).to.match(/event +payments\.Paid /);
      expect(stdout).to.match(/nothing was signed or sent\n$/);
      expect(chain.height).to.equal(2);
    });

    it('ends with the code that the transaction would fail with', async () => {
      const file = await draft('poor.json', network.payment('P-1', { amount: 9_000_000n }).body);
      const { exitCode, envelope } = await runVostroJson(['tx', 'simulate', file, ...flags]);
      expect(exitCode).to.equal(5);
      expect(envelope.errors[0]?.code).to.equal('INSUFFICIENT_FUNDS');
      expect(envelope.data).to.deep.include({ simulated: true, wouldSucceed: false });
    });

    it('reads a signed transaction as bytes, too, and nothing else', async () => {
      const [signed, other] = [join(wallet, 'signed.bin'), join(wallet, 'other.txt')];
      await writeFile(signed, network.payment('P-1').bytes);
      await writeFile(other, 'to be or not to be');
      expect((await runVostroJson(['tx', 'simulate', signed, ...flags])).exitCode).to.equal(0);
      const { exitCode, envelope } = await runVostroJson(['tx', 'simulate', other, ...flags]);
      expect([exitCode, envelope.errors[0]?.code]).to.deep.equal([2, 'FILE_MALFORMED']);
    });

    for (const option of ['--simulate', '--dry-run']) {
      it(`shows what a command would do, without a key (${option})`, async () => {
        const parties = ['--account', ACCOUNTS.alfa, '--to', ACCOUNTS.beta];
        const pay = ['pay', ...parties, '--amount', '2.50', '--reference', 'P-1', '--currency', 'EUR', option];
        const { envelope } = await runVostroJson([...pay, ...flags]);
        // The clock of this machine is far from the chain's: the verdict says so, and the effect stands beside.
        expect(envelope.errors[0]?.code).to.equal('EXPIRY_TOO_FAR');
        const { balances } = envelope.data as { readonly balances: readonly object[] };
        expect(balances).to.deep.include({
          ...{ kind: 'cash', account: toChecksum(ACCOUNTS.alfa), asset: 'EUR' },
          ...{ before: '10000.00', after: '9997.50', change: '-2.50' },
        });
        expect(chain.height).to.equal(2);
      });
    }

    it('shows what an issue of units would do', async () => {
      const create = [
        'asset',
        'create',
        'BOND-1',
        '--kind',
        'bond',
        '--name',
        'A bond',
        '--nominal',
        '1.00',
        '--cap',
        '9',
      ];
      const account = ['--account', ACCOUNTS.alfa, '--currency', 'EUR', '--simulate'];
      const { envelope } = await runVostroJson([...create, ...account, ...flags]);
      expect((envelope.data as { receipt: object }).receipt).to.deep.include({ success: true });
      expect(await client.view('assets', 'instruments', { limit: 9 })).to.deep.equal([]);
    });

    it('tries no file of payments', async () => {
      const { exitCode } = await runVostroJson(['pay', '--file', 'day.csv', '--simulate', ...flags]);
      expect(exitCode).to.equal(2);
    });
  });
});
