import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Fetch } from '../../../client/connection.js';
import { type ClientModules, parseTrustedState, type TrustedState, VostroClient } from '../../../client/index.js';
import { genesisToJson, trustedChain } from '../../../genesis/genesis.js';
import type { RpcServer } from '../../../node/rpc/server.js';
import { toChecksum } from '../../../primitives/address.js';
import { fromHex, type Hex, toHex } from '../../../primitives/bytes.js';
import { ExecutionNetwork, type TestChain } from '../../support/executionNetwork.js';
import { startExecutorNode } from '../../support/executorNode.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS, TODAY } from '../../support/settlementNetwork.js';
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
      if (body.result?.['proof'] !== undefined) {
        const keys = [{ contract: 'cash', key: '0x00' }] as const;
        body.result['ofAnother'] = (await client.call('stateProof', { keys })).proof;
        change(body.result);
      }
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

  /** The proof with the byte at an offset from its start, or from its end where that is negative, changed. */
  const flipped = (offset: number) => (result: Record<string, unknown>) => {
    const bytes = fromHex(result['proof'] as Hex);
    const at = offset < 0 ? bytes.length + offset : offset;
    bytes[at] = (bytes[at] as number) ^ 1;
    result['proof'] = toHex(bytes);
  };
  const lies: Readonly<Record<string, (result: Record<string, unknown>) => void>> = {
    'a proof with another byte': flipped(-1),
    'a header with another byte': flipped(60),
    'a proof of another key': (result) => {
      result['proof'] = result['ofAnother'];
    },
    'no proof': (result) => {
      result['proof'] = '0x';
    },
  };
  for (const [name, change] of Object.entries(lies)) {
    it(`is not ${name}`, async () => {
      const deceived = connect({ fetch: lying(change) });
      await rejectionOf(deceived.balance(ACCOUNTS.beta, 'EUR'));
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

  it('is what any map of a contract holds, decoded by its ABI', async () => {
    await chain.settle([network.payment('P-1', { amount: 250n })]);
    const found = await client.query('cash', 'balances', ['EUR', ACCOUNTS.beta]);
    expect(found).to.deep.include({ map: 'balances', isAbsent: false, value: '1000250', height: 3 });
    expect(found).to.deep.include({ signers: 3, validators: 4, key: ['EUR', toChecksum(ACCOUNTS.beta)] });
    expect(await client.query('cash', 'days', ['EUR'])).to.deep.include({ value: { day: TODAY, isOpen: true } });
    expect(await client.query('membership', 'validators', [])).to.deep.include({ key: [], isAbsent: false });
  });

  it('is that a map holds nothing under a key', async () => {
    const found = await client.query('assets', 'holdings', ['BOND-1', ACCOUNTS.beta]);
    expect(found).to.deep.include({ map: 'holdings', isAbsent: true, value: null, height: 2 });
  });

  for (const [name, contract, map, key, code] of [
    ['a contract that nobody knows', 'nothing', 'balances', [], 'CONTRACT_UNKNOWN'],
    ['a map that the contract has not', 'cash', 'holdings', [], 'MAP_UNKNOWN'],
    ['too few parts of a key', 'cash', 'balances', ['EUR'], 'ARGUMENTS_INVALID'],
    ['a part of another kind', 'cash', 'balances', ['EUR', 'beta'], 'ARGUMENTS_INVALID'],
  ] as const) {
    it(`is not asked for with ${name}`, async () => {
      expect((await rejectionOf(client.query(contract, map, key))).code).to.equal(code);
    });
  }

  it('is nothing of the genesis state, which nobody signed', async () => {
    const young = await startExecutorNode(network, await network.started('young'));
    others.push(young);
    const early = connect({}, undefined, [young.url]);
    expect((await rejectionOf(early.query('cash', 'supply', ['EUR']))).code).to.equal('STATE_UNSEALED');
    early.close();
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

    it('shows what a map holds, saves the proof, and verifies it offline', async () => {
      const file = join(wallet, 'balance.proof');
      const query = ['query', 'cash', 'balances', 'EUR', ACCOUNTS.beta, '--save', file];
      const { exitCode, envelope } = await runVostroJson([...query, ...flags]);
      expect(exitCode).to.equal(0);
      expect(envelope.data).to.deep.include({ contract: 'cash', map: 'balances', absent: false, value: '1000000' });
      const verify = [
        'query',
        'verify',
        file,
        '--genesis',
        join(wallet, 'genesis.json'),
        '--wallet',
        join(wallet, 'no'),
      ];
      const offline = await runVostroJson(verify);
      expect(offline.envelope.errors).to.deep.equal([]);
      expect(offline.envelope.data).to.deep.include({ valid: true, height: 2, signers: 3, validators: 4 });
      const { stdout } = await runVostro(verify);
      expect(stdout)
        .to.match(/cash\.balances\n/)
        .and.to.match(/value +1000000\nproven at height 2 \(.*\) under the certificate of 3 of 4 validators/);
    });

    it('says plainly what is proven absent', async () => {
      const { stdout } = await runVostro(['query', 'assets', 'holdings', 'BOND-1', ACCOUNTS.beta, ...flags]);
      expect(stdout).to.match(/proven absent at height 2 .* under the certificate of 3 of 4 validators/);
    });

    it('lists the maps of a contract with the parts of their keys', async () => {
      const { stdout } = await runVostro(['query', 'cash', ...flags]);
      expect(stdout).to.match(/balances +currency address +amount/);
    });

    it('refuses a saved proof with a changed byte', async () => {
      const file = join(wallet, 'balance.proof');
      await runVostro(['query', 'cash', 'balances', 'EUR', ACCOUNTS.beta, '--save', file, ...flags]);
      const bytes = await readFile(file);
      bytes[bytes.length - 40] = (bytes[bytes.length - 40] as number) ^ 1;
      await writeFile(file, bytes);
      const { exitCode, envelope } = await runVostroJson(['query', 'verify', file, '--wallet', wallet]);
      expect(exitCode).to.equal(5);
      expect(envelope.success).to.equal(false);
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
