import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { genesisToJson } from '../../../genesis/genesis.js';
import { openLevelEngine } from '../../../node/storage/levelEngine.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { runVostroJson } from '../../unit/cli/fakeHost.js';

const LEVEL = { cacheSizeBytes: 1_048_576, writeBufferBytes: 1_048_576, compression: true, create: false };

describe('vostro node verify', () => {
  let home: string;
  const verify = () => runVostroJson(['node', 'verify', '--home', home]);

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-verify-'));
    const network = ExecutionNetwork.in(join(home, 'data'));
    await writeFile(join(home, 'genesis.json'), JSON.stringify(genesisToJson(network.genesis)));
  });

  afterEach(() => rm(home, { recursive: true }));

  async function makeChain(): Promise<void> {
    const network = ExecutionNetwork.in(join(home, 'data'));
    await mkdir(join(home, 'data'));
    const chain = new TestChain(network, await network.started('chain'));
    await network.fund(chain);
    await network.stop(chain.executor);
  }

  it('finds all as it was written, and says how much there is', async () => {
    await makeChain();
    const { exitCode, envelope } = await verify();
    expect(envelope.errors).to.deep.equal([]);
    expect(exitCode).to.equal(0);
    expect(envelope.data).to.deep.include({ height: 2, blocks: 3, faults: [] });
  });

  it('names what is damaged, and ends with 5', async () => {
    await makeChain();
    const engine = await openLevelEngine(join(home, 'data', 'chain'), LEVEL);
    const rows = engine.iterate({ from: Uint8Array.of(0), to: Uint8Array.of(0xff), reverse: true, limit: 1 });
    const batch = engine.batch();
    for await (const [key, value] of rows)
      batch.put(
        key,
        value.map((byte, at) => (at === 0 ? byte ^ 1 : byte)),
      );
    await batch.write();
    await engine.close();
    const { exitCode, envelope } = await verify();
    expect(exitCode).to.equal(5);
    expect(envelope.errors[0]).to.deep.include({ code: 'DATABASE_DAMAGED' });
    const { faults } = envelope.data as { readonly faults: readonly { readonly code: string }[] };
    expect(faults.map(({ code }) => code)).to.deep.equal(['VALUE_CORRUPT']);
  });

  it('makes no database where there is none', async () => {
    expect((await verify()).envelope.errors[0]?.code).to.equal('DATABASE_LOST');
    expect((await verify()).envelope.errors[0]?.code).to.equal('DATABASE_LOST');
  });
});
