import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EvidenceLog, type KeptEvidence } from '../../../node/engine/evidence.js';
import { EvidenceExchange } from '../../../node/engine/evidenceExchange.js';
import { SignatureChecker } from '../../../node/engine/signatureChecker.js';
import { toHex } from '../../../primitives/bytes.js';
import { doublePrepare } from '../../support/evidenceFixture.js';
import { GENESIS_HASH, type TestValidator, testValidators } from '../../support/finalityFixture.js';
import { rejectionOf } from '../../support/rejection.js';
import { backend, inlineVerifier } from './support/chain.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const VALIDATORS = testValidators('exchange', 4);
const [culprit, other] = VALIDATORS as [TestValidator, TestValidator];
const PER_PEER = 3;

describe('the exchange of evidence (PROTOCOL §Evidence E8)', () => {
  let home: string;
  let log: EvidenceLog;
  let exchange: EvidenceExchange;
  let shown: string[];
  let nowMs: number;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-exchange-'));
    const path = join(home, 'evidence.log');
    log = await EvidenceLog.open({ path, maxBytes: 10_000, maxPerValidator: 8, maxPerValidatorAndHeight: 4 });
    [shown, nowMs] = [[], 0];
    exchange = new EvidenceExchange(
      { genesisHash: GENESIS_HASH, perPeer: PER_PEER, windowMs: 1_000 },
      {
        log,
        checker: new SignatureChecker({ remembered: 100 }, { backend, verifier: inlineVerifier }),
        network: { connectedPeers: () => ['a', 'b'] },
        outbound: { showEvidence: (peerId, { id }) => void shown.push(`${peerId} ${toHex(id)}`) },
        timers: { now: () => 7_000, monotonic: () => nowMs },
        memberOf: () => undefined,
        logger: silentLogger,
        metrics: silentMetrics,
      },
    );
    exchange.learn(VALIDATORS);
  });
  afterEach(async () => {
    await log.close();
    await rm(home, { recursive: true });
  });

  it('shows what was found here to every peer, once, and tells who listens', async () => {
    const kept: KeptEvidence[] = [];
    exchange.onKept((entry) => kept.push(entry));
    const evidence = doublePrepare(culprit, 5);
    await exchange.found(evidence);
    await exchange.found(evidence);
    expect(kept.map((entry) => [entry.evidence, entry.firstSeenMs])).to.deep.equal([[evidence, 7_000]]);
    const id = toHex((kept[0] as KeptEvidence).id);
    expect(shown).to.deep.equal([`a ${id}`, `b ${id}`]);
  });

  it('keeps what a peer shows and does not pass it on', async () => {
    await exchange.receive('a', doublePrepare(culprit, 5));
    await exchange.receive('b', doublePrepare(culprit, 5));
    expect(exchange.all().map(({ evidence }) => evidence)).to.deep.equal([doublePrepare(culprit, 5)]);
    expect(shown).to.deep.equal([]);
  });

  it('keeps nothing that the accused did not sign', async () => {
    const framed = { ...doublePrepare(other, 5), validator: culprit.address };
    expect((await rejectionOf(exchange.receive('a', framed))).code).to.equal('EVIDENCE_INVALID');
    const half = doublePrepare(culprit, 5);
    const changed = { ...half, second: { ...half.second, signature: half.first.signature } };
    expect((await rejectionOf(exchange.receive('a', changed))).code).to.equal('EVIDENCE_INVALID');
    expect(exchange.all()).to.deep.equal([]);
  });

  it('keeps nothing against keys that never validated, and still what is against one that did', async () => {
    const [stranger] = testValidators('stranger', 1) as [TestValidator];
    expect((await rejectionOf(exchange.receive('a', doublePrepare(stranger, 5)))).code).to.equal('SENDER_UNKNOWN');
    exchange.learn([other]);
    await exchange.receive('a', doublePrepare(culprit, 5));
    expect(exchange.all()).to.have.length(1);
  });

  it('looks at so much of one peer at a time, and at what it knows already without end', async () => {
    for (let height = 1; height <= PER_PEER; height++) await exchange.receive('a', doublePrepare(culprit, height));
    expect((await rejectionOf(exchange.receive('a', doublePrepare(culprit, 9)))).code).to.equal('EVIDENCE_LIMIT');
    for (let i = 0; i < 10; i++) await exchange.receive('a', doublePrepare(culprit, 1));
    await exchange.receive('b', doublePrepare(culprit, 9));
    nowMs = 1_000;
    await exchange.receive('a', doublePrepare(culprit, 10));
    expect(exchange.all()).to.have.length(5);
  });

  it('shows a peer that connects the newest pairs, and no more than it may take', async () => {
    for (let height = 1; height <= 5; height++) await exchange.found(doublePrepare(culprit, height));
    shown.length = 0;
    exchange.show('c');
    const newest = exchange.all().slice(-PER_PEER);
    expect(shown).to.deep.equal(newest.map(({ id }) => `c ${toHex(id)}`));
  });
});
