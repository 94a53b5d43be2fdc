import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { callOf } from '../../../contracts/api/method.js';
import { evidence as contract } from '../../../contracts/index.js';
import { genesisToJson } from '../../../genesis/genesis.js';
import { toChecksum } from '../../../primitives/address.js';
import { toHex } from '../../../primitives/bytes.js';
import { encodeEvidence, evidenceId } from '../../../primitives/evidence.js';
import { doublePrepare, evidenceOf } from '../../support/evidenceFixture.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { testValidators } from '../../support/finalityFixture.js';
import {
  ACCOUNTS,
  BANKS,
  CHAIN_ID,
  GENESIS_HASH,
  KEYS,
  keyOf,
  TestNetwork,
  testGenesis,
} from '../../support/settlementNetwork.js';
import { runVostro, runVostroJson } from './fakeHost.js';

const fault = doublePrepare(KEYS.beta, 1, 0, GENESIS_HASH);
const amnesia = evidenceOf(
  KEYS.gamma,
  { type: 'commit', height: 1, round: 0, blockHash: new Uint8Array(32) },
  { type: 'roundChange', height: 1, round: 3, preparedRound: undefined, preparedHash: undefined },
  GENESIS_HASH,
);

describe('vostro evidence', () => {
  let directory: string;
  let node: FakeNode;
  const at = (name: string): string => join(directory, name);
  const online = (): readonly string[] => ['--rpc', node.url, '--genesis', at('genesis.json')];
  const verify = (name: string, ...argv: readonly string[]) =>
    runVostroJson(['evidence', 'verify', at(name), '--genesis', at('genesis.json'), ...argv]);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-evidence-'));
    await writeFile(at('genesis.json'), JSON.stringify(genesisToJson(testGenesis())));
    const network = new TestNetwork();
    network.ok(ACCOUNTS.alfa, callOf(contract.methods.report, { evidence: encodeEvidence(fault) }));
    const chain = new FakeChain(testValidators('cli', 4));
    chain.viewOf = (name, method, args) => network.ledger.view({ contract: name, method, args });
    node = await startFakeNode(chain, { chainId: CHAIN_ID, genesisHash: GENESIS_HASH });
    node.evidence = [{ id: evidenceId(amnesia), evidence: amnesia, bytes: encodeEvidence(amnesia), firstSeenMs: 5 }];
  });
  afterEach(async () => {
    await node.server.stop();
    await rm(directory, { recursive: true });
  });

  it('lists faults with the member’s name, on the chain or not', async () => {
    const run = await runVostro(['evidence', 'list', ...online()]);
    expect(run.exitCode, run.stderr).to.equal(0);
    const [, first, second, ...more] = run.stdout.trimEnd().split('\n');
    expect(more).to.deep.equal([]);
    expect(first).to.match(new RegExp(`^0x\\w{64}  ${BANKS.beta} +Member ${BANKS.beta} +two Prepares +1 +0 +- +1$`));
    expect(second).to.match(new RegExp(`${BANKS.gamma} .* amnesia +1 +3 +1970-01-01T00:00:00.005Z +no$`));
    const { envelope } = await runVostroJson(['evidence', 'list', ...online()]);
    expect(envelope.data).to.deep.include({ complete: true });
    node.evidence = [];
    expect((await runVostro(['evidence', 'list', ...online()])).stdout.split('\n')).to.have.length(3);
  });

  it('shows one with both votes, checked, and writes it to a file that verifies offline', async () => {
    const id = toHex(evidenceId(fault));
    const run = await runVostro(['evidence', 'show', id, '--out', at('fault.evidence'), ...online()]);
    expect(run.exitCode, run.stderr).to.equal(0);
    expect(run.stdout).to.include(`${BANKS.beta} Member ${BANKS.beta}`).and.to.include('both hold');
    expect(Uint8Array.from(await readFile(at('fault.evidence')))).to.deep.equal(encodeEvidence(fault));
    await node.server.stop();
    const { envelope, exitCode } = await verify('fault.evidence');
    expect(exitCode).to.equal(0);
    expect(envelope.data).to.deep.include({
      valid: true,
      id,
      kind: 'doubleSign',
      member: BANKS.beta,
      chainId: CHAIN_ID,
    });
  });

  it('does not find what is nowhere', async () => {
    const run = await runVostroJson(['evidence', 'show', `0x${'11'.repeat(32)}`, ...online()]);
    expect([run.exitCode, run.envelope.errors[0]?.code]).to.deep.equal([6, 'EVIDENCE_NOT_FOUND']);
  });

  it('refuses a file after any change of one of its bytes', async () => {
    const bytes = encodeEvidence(amnesia);
    for (let i = 0; i < bytes.length; i += 5) {
      await writeFile(
        at('changed'),
        bytes.map((byte, position) => (position === i ? byte ^ 1 : byte)),
      );
      const run = await verify('changed');
      expect(run.envelope.success, `byte ${i}`).to.equal(false);
      expect(run.exitCode, `byte ${i}`).to.be.oneOf([5, 6]);
    }
  });

  it('asks for the key of a validator that the genesis does not know, and takes no other', async () => {
    const late = keyOf('late validator');
    await writeFile(at('late'), encodeEvidence(doublePrepare(late, 9, 0, GENESIS_HASH)));
    const unknown = await verify('late');
    expect([unknown.exitCode, unknown.envelope.errors[0]?.code]).to.deep.equal([6, 'NOT_FOUND']);
    expect(unknown.envelope.errors[0]?.message).to.include(toChecksum(late.address));
    const good = await verify('late', '--public-key', toHex(late.publicKey));
    expect(good.envelope.data).to.deep.include({ valid: true, member: null });
    const wrong = await verify('late', '--public-key', toHex(KEYS.beta.publicKey));
    expect([wrong.exitCode, wrong.envelope.errors[0]?.code]).to.deep.equal([5, 'EVIDENCE_KEY_MISMATCH']);
  });
});
