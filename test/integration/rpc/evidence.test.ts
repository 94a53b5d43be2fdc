import { expect } from 'chai';
import type { EvidenceJson } from '../../../api/evidence.js';
import { parseResult } from '../../../api/methods.js';
import { callOf } from '../../../contracts/api/method.js';
import { evidence as contract } from '../../../contracts/index.js';
import type { KeptEvidence } from '../../../node/engine/evidence.js';
import { toChecksum } from '../../../primitives/address.js';
import { toHex } from '../../../primitives/bytes.js';
import { type Evidence, encodeEvidence, evidenceId } from '../../../primitives/evidence.js';
import { doublePrepare } from '../../support/evidenceFixture.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { testValidators } from '../../support/finalityFixture.js';
import { ACCOUNTS, BANKS, GENESIS_HASH, KEYS, TestNetwork } from '../../support/settlementNetwork.js';

const fault = (round: number): Evidence => doublePrepare(KEYS.beta, 1, round, GENESIS_HASH);
const keptAt = (evidence: Evidence, firstSeenMs: number): KeptEvidence => ({
  id: evidenceId(evidence),
  evidence,
  bytes: encodeEvidence(evidence),
  firstSeenMs,
});

describe('the evidence that a node shows', () => {
  let network: TestNetwork;
  let node: FakeNode;

  beforeEach(async () => {
    network = new TestNetwork();
    const chain = new FakeChain(testValidators('rpc', 4));
    chain.viewOf = (name, method, args) => network.ledger.view({ contract: name, method, args });
    node = await startFakeNode(chain);
  });
  afterEach(() => node.server.stop());

  const record = (evidence: Evidence): void => {
    network.ok(ACCOUNTS.alfa, callOf(contract.methods.report, { evidence: encodeEvidence(evidence) }));
  };

  async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${node.url}/v1/evidence${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function all(limit: number): Promise<EvidenceJson[]> {
    const found: EvidenceJson[] = [];
    for (let cursor = ''; ; ) {
      const { evidence, nextCursor } = parseResult('evidenceList', (await get(`?limit=${limit}${cursor}`)).body);
      expect(evidence.length).to.be.at.most(limit);
      found.push(...evidence);
      if (nextCursor === undefined) return found;
      cursor = `&cursor=${nextCursor}`;
    }
  }

  it('is what the chain records, then what the node alone keeps, each once, with the member’s name', async () => {
    record(fault(0));
    record(fault(1));
    node.evidence = [keptAt(fault(1), 100), keptAt(fault(2), 200)];
    const [first, second, third, ...more] = await all(10);
    expect(more).to.deep.equal([]);
    expect(first).to.deep.include({
      id: toHex(evidenceId(fault(0))),
      ...{ kind: 'doubleSign', vote: 'prepare', height: 1, round: 0, validator: toChecksum(KEYS.beta.address) },
      ...{ member: BANKS.beta, name: `Member ${BANKS.beta}`, proof: toHex(encodeEvidence(fault(0))) },
    });
    expect(first?.recorded).to.deep.include({ position: 0, reporter: BANKS.alfa, height: 1 });
    expect(first).not.to.have.property('firstSeenMs');
    expect(second).to.deep.include({ round: 1, firstSeenMs: 100 });
    expect(second?.recorded?.position).to.equal(1);
    expect(third).to.deep.include({ round: 2, firstSeenMs: 200, member: BANKS.beta });
    expect(third).not.to.have.property('recorded');
  });

  it('comes in pages of any size', async () => {
    for (const round of [0, 1, 2]) record(fault(round));
    node.evidence = [3, 1, 4, 5].map((round) => keptAt(fault(round), round));
    for (const limit of [1, 2, 3, 4, 250]) {
      expect(
        (await all(limit)).map(({ round }) => round),
        `pages of ${limit}`,
      ).to.deep.equal([0, 1, 2, 3, 4, 5]);
    }
    expect((await get('?cursor=bm9uZQ')).body).to.have.nested.property('error.code', 'CURSOR_INVALID');
  });

  it('is found by its id, wherever it is, and not where it is not', async () => {
    record(fault(0));
    node.evidence = [keptAt(fault(2), 200)];
    const [recorded, kept] = [fault(0), fault(2)].map((evidence) => toHex(evidenceId(evidence)));
    expect((await get(`/${recorded}`)).body)
      .to.deep.include({ round: 0 })
      .and.to.have.property('recorded');
    expect((await get(`/${kept}`)).body).to.deep.include({ round: 2, firstSeenMs: 200 });
    const missing = await get(`/${toHex(evidenceId(fault(9)))}`);
    expect([missing.status, missing.body]).to.deep.include(404);
    expect(missing.body).to.have.nested.property('error.code', 'EVIDENCE_NOT_FOUND');
  });

  it('names no member where nobody registered the key', async () => {
    const stranger = testValidators('stranger', 1)[0];
    if (stranger === undefined) throw new Error('a stranger');
    node.evidence = [keptAt(doublePrepare(stranger, 1, 0), 1)];
    expect((await all(10))[0]).to.deep.include({ member: '', name: '' });
  });
});
