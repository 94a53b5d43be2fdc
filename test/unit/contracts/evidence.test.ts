import { expect } from 'chai';
import { REPORTS_PER_VALIDATOR_AND_HEIGHT } from '../../../contracts/evidence/evidence.js';
import { evidence as contract } from '../../../contracts/index.js';
import { toChecksum } from '../../../primitives/address.js';
import {
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  evidenceId,
  verifyEvidence,
} from '../../../primitives/evidence.js';
import { domainTag } from '../../../primitives/hash.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { doublePrepare, evidenceOf } from '../../support/evidenceFixture.js';
import {
  ACCOUNTS,
  BANKS,
  callOf,
  GENESIS_HASH,
  KEYS,
  keyOf,
  TestNetwork,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const m = contract.methods;
const HEIGHT = 1;
const culprit = KEYS.beta;
const fault = (round: number, height = HEIGHT): Evidence => doublePrepare(culprit, height, round, GENESIS_HASH);
const report = (evidence: Evidence) => callOf(m.report, { evidence: encodeEvidence(evidence) });
const amnesia = evidenceOf(
  culprit,
  { type: 'commit', height: HEIGHT, round: 0, blockHash: domainTag('block') },
  { type: 'roundChange', height: HEIGHT, round: 2, preparedRound: undefined, preparedHash: undefined },
  GENESIS_HASH,
);

// PROTOCOL §Evidence E9.
describe('the evidence contract', () => {
  const network = new TestNetwork();

  it('records what any account reports, with the member’s name, and tells of it', () => {
    const [first, second] = [fault(0), amnesia];
    const receipt = network.ok(ACCOUNTS.alfa, report(first));
    network.ok(ACCOUNTS.central, report(second));
    const accused = { member: BANKS.beta, validator: culprit.address, height: HEIGHT };
    const firstFault = { ...accused, kind: 'doubleSign', round: 0, vote: 'prepare' };
    const event = receipt.events[0];
    expect(event?.name).to.equal('EvidenceReported');
    expect(contract.codec.decodeEvent('EvidenceReported', event?.data ?? new Uint8Array())).to.deep.include({
      member: BANKS.beta,
      reporter: BANKS.alfa,
      kind: 'doubleSign',
    });
    const recorded = network.view(m.get, { id: evidenceId(first) });
    const reported = { reporter: BANKS.alfa, reportedHeight: 1, reportedAt: TODAY_MS };
    expect(recorded).to.deep.equal({ position: 0, ...firstFault, ...reported, proof: encodeEvidence(first) });
    verifyEvidence(decodeEvidence(recorded?.proof ?? new Uint8Array()), culprit.publicKey, GENESIS_HASH, nobleBackend);
    const listed = network.view(m.list, { limit: 9 });
    expect(listed.map(({ position, kind, round }) => [position, kind, round])).to.deep.equal([
      [0, 'doubleSign', 0],
      [1, 'amnesia', 2],
    ]);
    expect(network.view(m.list, { limit: 1 })).to.have.length(1);
    expect(network.view(m.list, { limit: 9, after: 0 }).map(({ id }) => id)).to.deep.equal([evidenceId(second)]);
    expect(network.view(m.get, { id: domainTag('nothing') })).to.equal(undefined);
  });

  it('records a fault once, however often it is signed and whoever reports it', () => {
    expect(network.refused(ACCOUNTS.gamma, report(fault(0))).code).to.equal('EVIDENCE_KNOWN');
  });

  it('refuses what the accused did not sign, or not on this network', () => {
    const foreign = doublePrepare(culprit, HEIGHT, 7);
    expect(network.refused(ACCOUNTS.alfa, report(foreign)).code).to.equal('EVIDENCE_INVALID');
    const framed = { ...doublePrepare(KEYS.gamma, HEIGHT, 7, GENESIS_HASH), validator: culprit.address };
    expect(network.refused(ACCOUNTS.alfa, report(framed)).code).to.equal('EVIDENCE_INVALID');
    const stranger = doublePrepare(keyOf('stranger'), HEIGHT, 0, GENESIS_HASH);
    expect(network.refused(ACCOUNTS.alfa, report(stranger)).code).to.equal('VALIDATOR_UNKNOWN');
  });

  it('refuses bytes that prove nothing', () => {
    const evidence = fault(7);
    const forged = encodeEvidence({ ...evidence, second: evidence.first });
    for (const bytes of [forged, Uint8Array.of(1, 2, 3), encodeEvidence(evidence).slice(0, -1)]) {
      expect(network.refused(ACCOUNTS.alfa, callOf(m.report, { evidence: bytes })).code).to.equal('EVIDENCE_MALFORMED');
    }
  });

  it('refuses a fault at a height that is above the block', () => {
    expect(network.refused(ACCOUNTS.alfa, report(fault(0, HEIGHT + 1)))).to.deep.include({
      code: 'EVIDENCE_PREMATURE',
      data: { height: HEIGHT + 1 },
    });
  });

  it('records so many faults of one validator for one height, and those of others all the same', () => {
    const other = new TestNetwork();
    for (let round = 0; round < REPORTS_PER_VALIDATOR_AND_HEIGHT; round++)
      other.ok(ACCOUNTS.alfa, report(fault(round)));
    expect(other.refused(ACCOUNTS.alfa, report(fault(99)))).to.deep.include({
      code: 'EVIDENCE_LIMIT',
      data: { validator: toChecksum(culprit.address), height: HEIGHT },
    });
    other.ok(ACCOUNTS.alfa, report(doublePrepare(KEYS.gamma, HEIGHT, 99, GENESIS_HASH)));
    other.ok(ACCOUNTS.alfa, report(fault(99, 0)));
    for (const code of other.codesSeen) network.codesSeen.add(code);
  });

  it('is refused a sender that is no account', () => {
    expect(network.refused(ACCOUNTS.unknown, report(fault(50))).code).to.equal('ACCOUNT_UNKNOWN');
  });

  it('has raised every code that it declares', () => {
    expect(network.missingCodes('evidence')).to.deep.equal([]);
  });
});
