import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Fetch } from '../../../client/connection.js';
import { type ClientModules, parseTrustedState, type TrustedState, VostroClient } from '../../../client/index.js';
import { genesisToJson, trustedChain } from '../../../genesis/genesis.js';
import type { RpcServer } from '../../../node/rpc/server.js';
import { toHex } from '../../../primitives/bytes.js';
import { ExecutionNetwork, type TestChain } from '../../support/executionNetwork.js';
import { startExecutorNode } from '../../support/executorNode.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';
import { runVostro, runVostroJson } from '../../unit/cli/fakeHost.js';

describe('what a client proves by itself', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  let node: RpcServer;
  let client: VostroClient;
  /** Started by a test beside the one. */
  let others: RpcServer[];
  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    chain = await network.funded('one');
    node = await startExecutorNode(network, chain.executor);
    client = connect();
    others = [];
  });
  afterEach(async () => {
    client.close();
    await Promise.all([node, ...others].map((server) => server.stop()));
    await network.remove();
  });

  function connect(modules: ClientModules = {}, trustedState?: TrustedState, urls = [node.url]): VostroClient {
    const saved = trustedState === undefined ? {} : { trustedState };
    return new VostroClient({ urls, trust: trustedChain(network.genesis), backoffMs: 1, ...saved }, modules);
  }

  /** A node whose answers are changed on their way. */
  function lying(change: (result: Record<string, unknown>) => void): Fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      const body = (await response.json()) as { result?: Record<string, unknown> };
      if (body.result?.['proof'] !== undefined) change(body.result);
      return new Response(JSON.stringify(body), { status: response.status, headers: response.headers });
    };
  }

  it('is a balance, as of a header that a quorum sealed', async () => {
    await chain.settle([network.payment('P-1', { amount: 250n })]);
    expect(await client.balance(ACCOUNTS.beta, 'EUR')).to.deep.equal({
      amount: 1_000_250n,
      height: 3,
      timestamp: chain.timestamp,
    });
    expect(client.light.height).to.equal(3);
  });

  it('is that an account holds nothing', async () => {
    expect((await client.balance(ACCOUNTS.unknown, 'EUR')).amount).to.equal(0n);
    expect((await client.balance(ACCOUNTS.beta, 'USD')).amount).to.equal(0n);
  });

  const lies: Readonly<Record<string, (result: Record<string, unknown>) => void>> = {
    'another value': (result) => {
      result['value'] = '0x8301e240';
    },
    'no value where there is one': (result) => {
      result['value'] = null;
    },
    'a proof with another byte': (result) => {
      result['proof'] = `${String(result['proof']).slice(0, -1)}${String(result['proof']).endsWith('0') ? '1' : '0'}`;
    },
    'a header with another byte': (result) => {
      result['header'] =
        `${String(result['header']).slice(0, -1)}${String(result['header']).endsWith('0') ? '1' : '0'}`;
    },
    'no certificate': (result) => {
      result['certificate'] = '0x';
    },
  };
  for (const [name, change] of Object.entries(lies)) {
    it(`is not ${name}`, async () => {
      const deceived = connect({ fetch: lying(change) });
      const error = await rejectionOf(deceived.balance(ACCOUNTS.beta, 'EUR'));
      expect(error.code).to.match(/^(STATE_|PROOF_)/);
      expect(deceived.light.height).to.be.at.most(2);
      deceived.close();
    });
  }

  it('is not a state that is older than what was verified before', async () => {
    const late = await network.started('late');
    await late.commitAll(await chain.executor.blocks(1, 2, 1_000_000));
    const lateNode = await startExecutorNode(network, late);
    others.push(lateNode);
    await chain.settle([network.payment('P-1')]);
    await client.follow();
    const error = await rejectionOf(connect({}, client.light.state, [lateNode.url]).balance(ACCOUNTS.beta, 'EUR'));
    expect(error.code).to.equal('NODE_BEHIND');
    // One node of two is enough.
    const both = connect({}, client.light.state, [lateNode.url, node.url]);
    expect((await both.balance(ACCOUNTS.beta, 'EUR')).amount).to.equal(1_000_010n);
    both.close();
  });

  it('is the newest header, from where it left off', async () => {
    expect(await client.follow()).to.deep.equal({ height: 2, headHeight: 2, hasAdvanced: true });
    expect(await client.follow()).to.deep.equal({ height: 2, headHeight: 2, hasAdvanced: false });
    await chain.settle([network.payment('P-1')]);
    const next = connect({}, client.light.state);
    expect(await next.follow()).to.deep.equal({ height: 3, headHeight: 3, hasAdvanced: true });
    next.close();
  });

  it('is a header of another node where one has none that holds', async () => {
    const deceitful: Fetch = async (input, init) => {
      const response = await fetch(String(input).replace('//lies.', '//'), init);
      if (!String(input).includes('//lies.')) return response;
      const text = (await response.text()).replace(
        /"certificate":"0x[0-9a-f]{20}/,
        `"certificate":"0x${'00'.repeat(10)}`,
      );
      return new Response(text, { status: response.status, headers: response.headers });
    };
    const liar = node.url.replace('//', '//lies.');
    const alone = connect({ fetch: deceitful }, undefined, [liar]);
    await rejectionOf(alone.follow());
    expect(alone.light.height).to.equal(0);
    const both = connect({ fetch: deceitful }, undefined, [liar, node.url]);
    expect(await both.follow()).to.deep.equal({ height: 2, headHeight: 2, hasAdvanced: true });
    for (const other of [alone, both]) other.close();
  });

  describe('on the command line', () => {
    let wallet: string;
    let flags: readonly string[];
    beforeEach(async () => {
      wallet = await mkdtemp(join(tmpdir(), 'vostro-wallet-'));
      await writeFile(join(wallet, 'genesis.json'), JSON.stringify(genesisToJson(network.genesis)));
      flags = ['--wallet', wallet, '--rpc', node.url];
    });
    afterEach(() => rm(wallet, { recursive: true }));

    const kept = async (): Promise<TrustedState> => {
      const [name = ''] = (await readdir(wallet)).filter((file) => file.startsWith('trusted-'));
      return parseTrustedState(await readFile(join(wallet, name), 'utf8'));
    };

    it('shows the verified height and the validators, and keeps the header in the wallet', async () => {
      const { exitCode, envelope } = await runVostroJson(['chain', 'status', ...flags]);
      expect(exitCode).to.equal(0);
      expect(envelope.data).to.deep.include({
        height: 2,
        nodeHeight: 2,
        blockHash: toHex(chain.executor.head().blockHash),
        handovers: [],
        quorum: 3,
      });
      expect((await kept()).header.height).to.equal(2);
      await chain.settle([network.payment('P-1')]);
      const shown = await runVostro(['chain', 'status', ...flags]);
      expect(shown.stdout)
        .to.match(/verified height +3, 20/)
        .and.to.match(/ALFADEFF/);
      expect((await kept()).header.height).to.equal(3);
    });

    it('follows header after header', async () => {
      const { stdout, exitCode } = await runVostro(['chain', 'follow', '--headers', '1', ...flags]);
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/^height 2, 2026-.*0x[0-9a-f]{64}\n/);
    });

    it('shows balances with the height at which they are proven', async () => {
      const { envelope } = await runVostroJson(['balance', ACCOUNTS.beta, ...flags]);
      const { holdings } = envelope.data as { readonly holdings: readonly object[] };
      expect(holdings).to.have.length(2);
      expect(holdings[0]).to.deep.include({ asset: 'EUR', amount: '10000.00', provenAt: 2 });
      expect((await kept()).header.height).to.equal(2);
    });

    it('asks no node of another network for anything', async () => {
      const other = join(wallet, 'other.json');
      const { genesis } = network;
      await writeFile(other, JSON.stringify(genesisToJson({ ...genesis, timestamp: genesis.timestamp + 1 })));
      for (const command of [
        ['balance', ACCOUNTS.beta],
        ['chain', 'status'],
      ]) {
        const { exitCode, envelope } = await runVostroJson([...command, ...flags, '--genesis', other]);
        expect(exitCode).to.equal(3);
        expect(envelope.errors[0]?.code).to.equal('NETWORK_MISMATCH');
      }
    });

    it('refuses a chain that contradicts the header that the wallet keeps', async () => {
      await runVostro(['chain', 'status', ...flags]);
      const [name = ''] = (await readdir(wallet)).filter((file) => file.startsWith('trusted-'));
      const text = await readFile(join(wallet, name), 'utf8');
      // As if the wallet had seen another block at this height: the last byte of the header is in no signature here.
      const state = JSON.parse(text) as { header: string };
      const timestamp = chain.timestamp.toString(16).padStart(12, '0');
      const header = state.header.replace(timestamp, (chain.timestamp + 1).toString(16).padStart(12, '0'));
      await writeFile(join(wallet, name), JSON.stringify({ ...state, header }));
      const { exitCode, envelope } = await runVostroJson(['chain', 'status', ...flags]);
      expect(envelope.errors[0]?.code).to.equal('CHAIN_FORKED');
      expect(exitCode).to.equal(5);
    });

    it('says what to do about a kept header that is damaged', async () => {
      await runVostro(['chain', 'status', ...flags]);
      const [name = ''] = (await readdir(wallet)).filter((file) => file.startsWith('trusted-'));
      await writeFile(join(wallet, name), '{');
      const { exitCode, envelope } = await runVostroJson(['chain', 'status', ...flags]);
      expect(exitCode).to.equal(3);
      expect(envelope.errors[0]?.code).to.equal('WALLET_INVALID');
      expect(envelope.errors[0]?.details['hint']).to.contain('move the file away');
    });
  });
});
