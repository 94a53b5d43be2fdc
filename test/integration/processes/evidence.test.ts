import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { EvidenceJson } from '../../../api/evidence.js';
import { encodeMessage } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { Commit } from '../../../consensus/types.js';
import { genesisHash } from '../../../genesis/genesis.js';
import { openKeystore, parseKeystore } from '../../../node/keys/keystore.js';
import { encodeFrame } from '../../../node/network/frame.js';
import { PROTOCOLS } from '../../../node/network/limits.js';
import { fromHex } from '../../../primitives/bytes.js';
import { domainTag } from '../../../primitives/hash.js';
import { RawPeer } from '../../support/network/rawPeer.js';
import { backend, type Member, ProcessNetwork } from '../../support/processes/processNetwork.js';
import { until } from '../../support/processes/until.js';

describe('a validator whose keys are in hands that sign two things', function () {
  this.timeout(300_000);
  let network: ProcessNetwork;
  let raw: RawPeer | undefined;

  before(async () => {
    network = await ProcessNetwork.create();
    await network.start();
  });
  after(async () => {
    await raw?.stop();
    await network?.remove();
  });

  async function validatorKey({ node }: Member): Promise<Uint8Array> {
    const path = join(node.home, 'keys', 'validator.json');
    const password = (await readFile(network.layout.passwordFile, 'utf8')).trim();
    return openKeystore(parseKeystore(await readFile(path, 'utf8'), path), password, backend);
  }

  /** Two Commits of one round, of which one node alone hears. */
  async function equivocate(culprit: Member, witness: Member): Promise<void> {
    await culprit.process.kill();
    const key = await validatorKey(culprit);
    const status = (await (await fetch(`${witness.node.rpcUrl}/v1/status`)).json()) as { readonly height: number };
    const votes = ['one', 'another'].map((name) => {
      const vote: Commit = { type: 'commit', height: status.height + 1, round: 0, blockHash: domainTag(name) };
      const signature = backend.sign(messageDigest(genesisHash(network.genesis), vote), key);
      return encodeMessage({ ...vote, sender: culprit.seat, signature });
    });
    raw = new RawPeer(9, 'validator', await network.networkKey(culprit));
    await raw.start();
    const peerId = network.genesis.members.find(({ bic }) => bic === witness.node.member.bic)?.nodes[0]?.peerId ?? '';
    const entry = {
      peerId,
      member: witness.node.member.bic,
      role: 'validator' as const,
      addresses: [witness.node.peerAddress],
    };
    const connection = await raw.dial({ peerId, entry });
    const stream = await connection.newStream(PROTOCOLS.consensus);
    stream.send(encodeFrame([]));
    stream.send(encodeFrame(votes));
  }

  it('is named by every node, on the chain, and by a file that needs no node', async () => {
    const [witness, culprit] = network.validators as [Member, Member];
    await equivocate(culprit, witness);
    const { observer } = network;
    const operator = network.operator(observer);
    let recorded: EvidenceJson | undefined;
    await until('the fault is on the chain', async () => {
      const { evidence } = await operator.must<{ evidence: readonly EvidenceJson[] }>('evidence', 'list');
      recorded = evidence.find((one) => one.recorded !== undefined);
      return recorded !== undefined;
    });
    expect(recorded).to.deep.include({
      ...{ kind: 'doubleSign', vote: 'commit', member: culprit.node.member.bic, name: culprit.node.member.name },
    });
    for (const member of network.members) {
      if (member === culprit) continue;
      await until(
        `${member.node.member.bic} keeps it`,
        async () => (await network.metric(member, 'vostro_engine_kept_evidence_count')) === 1,
      );
    }
    const file = join(network.directory, 'fault.evidence');
    await writeFile(file, fromHex(recorded?.proof ?? '0x'));
    const proven = await operator.must('evidence', 'verify', file, '--genesis', network.layout.genesisFile);
    expect(proven).to.deep.include({ valid: true, member: culprit.node.member.bic, name: culprit.node.member.name });
  });
});
