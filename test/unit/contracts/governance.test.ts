import { expect } from 'chai';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import {
  assets,
  cash,
  governance,
  membership,
  parameters,
  payments,
  standardContract,
} from '../../../contracts/index.js';
import type { MemoryReceipt } from '../../../contracts/testing/memoryLedger.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, CENTRAL_BANK, callOf, KEYS, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const g = governance.methods;
const { alfa, beta, gamma, central, custodian } = ACCOUNTS;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const heartbeat = (heartbeatMs: number) => callOf(parameters.methods.change, { heartbeatMs });
const payloadOf = (calls: readonly Call[], change: object = {}) => ({
  calls,
  activateAt: 10,
  expiresAt: TODAY_MS + DAY_MS,
  description: 'as agreed',
  document: undefined,
  ...change,
});

/** Events as `Name {data}`, those of governance by their name alone. */
function eventsOf({ events }: MemoryReceipt): readonly string[] {
  return events.map(({ contract, name }) => (contract === 'governance' ? name : `${contract}.${name}`));
}

describe('governance', () => {
  let network: TestNetwork;
  const at = (height: number, timestamp: number, sender: Address, call: Call): MemoryReceipt =>
    network.ledger.run({ sender, calls: [call], height, timestamp });
  const code = ({ failure }: MemoryReceipt) => {
    if (failure !== undefined) network.codesSeen.add(`governance.${failure.code}`);
    return failure?.code;
  };
  const proposal = (id = 1) => network.view(g.proposal, { id });
  const heartbeatMs = () => network.view(parameters.methods.current, {}).heartbeatMs;
  /** The central bank's proposal number `id`, and approvals of so many banks. */
  const propose = (calls: readonly Call[], { change = {}, approvals = 2, id = 1 } = {}) => {
    const payload = payloadOf(calls, change);
    network.ok(central, callOf(g.propose, payload));
    const hash = payloadHash(payload);
    for (const bank of [alfa, beta, gamma].slice(0, approvals)) network.ok(bank, callOf(g.approve, { id, hash }));
    return hash;
  };

  const seen = new Set<string>();

  beforeEach(() => {
    network = TestNetwork.funded();
  });

  afterEach(() => {
    for (const name of network.codesSeen) seen.add(name);
  });

  it('does at the end of the block before what a quorum approved, and not a block earlier', () => {
    propose([heartbeat(2_000)]);
    expect(proposal()?.status).to.equal('accepted');
    expect(eventsOf(network.endBlock(8))).to.deep.equal([]);
    expect(heartbeatMs()).to.equal(1_000);
    expect(eventsOf(network.endBlock(9))).to.deep.equal(['parameters.ParameterChanged', 'Activated']);
    expect([heartbeatMs(), proposal()?.status]).to.deep.equal([2_000, 'activated']);
    expect(eventsOf(network.endBlock(10))).to.deep.equal([]);
    expect(network.ledger.read('governance', 'agenda\0')).to.equal(undefined);
  });

  // PROTOCOL §Governance V1.
  it('counts the proposer, and needs two thirds and one more of all who have a vote', () => {
    const hash = propose([heartbeat(2_000)], { approvals: 1 });
    expect(proposal()?.status).to.equal('open');
    expect(network.refused(alfa, callOf(g.approve, { id: 1, hash })).code).to.equal('VOTED_ALREADY');
    expect(network.refused(ACCOUNTS.alfaSecond, callOf(g.approve, { id: 1, hash })).code).to.equal('VOTED_ALREADY');
    const byCustodian = network.refused(custodian, callOf(g.approve, { id: 1, hash }), [custodian, beta]);
    expect(byCustodian.code).to.equal('UNAUTHORISED');
    const two = [KEYS.custodianOne.address, KEYS.custodianTwo.address];
    expect(network.refused(custodian, callOf(g.approve, { id: 1, hash }), two).code).to.equal('NOT_A_VOTER');
    const last = network.ok(beta, callOf(g.approve, { id: 1, hash }));
    expect(eventsOf(last)).to.deep.equal(['Approved', 'Accepted']);
    expect(network.view(g.votes, { id: 1 }).approvals).to.deep.equal([CENTRAL_BANK, BANKS.alfa, BANKS.beta]);
    expect(network.refused(gamma, callOf(g.approve, { id: 1, hash })).code).to.equal('PROPOSAL_CLOSED');
  });

  it('lets nobody approve anything but what the proposal says', () => {
    propose([heartbeat(2_000)], { approvals: 0 });
    const other = payloadHash(payloadOf([heartbeat(20_000)]));
    expect(network.refused(alfa, callOf(g.approve, { id: 1, hash: other })).code).to.equal('HASH_MISMATCH');
    expect(network.refused(alfa, callOf(g.approve, { id: 2, hash: other })).code).to.equal('PROPOSAL_UNKNOWN');
  });

  // PROTOCOL §Governance V2.
  it('takes only calls that governance may make, with arguments that decode, and keeps nothing of others', () => {
    const refusal = (calls: readonly Call[], change = {}) =>
      network.refused(central, callOf(g.propose, payloadOf(calls, change))).code;
    const issue = { currency: 'EUR', account: alfa, amount: 1n, reserveReference: 'R' };
    expect(refusal([callOf(cash.methods.issue, issue)])).to.equal('NOT_GOVERNED');
    expect(refusal([callOf(g.cancel, { id: 1 })])).to.equal('NOT_GOVERNED');
    expect(refusal([{ contract: 'none', method: 'none', args: new Uint8Array() }])).to.equal('NOT_GOVERNED');
    expect(refusal([heartbeat(2_000), { ...heartbeat(2_000), args: new Uint8Array([1]) }])).to.equal('CALL_INVALID');
  });

  // PROTOCOL §Governance V3.
  it('gives a whole block of notice, and refuses an approval that comes too late for it', () => {
    const early = callOf(g.propose, payloadOf([heartbeat(2_000)], { activateAt: 2 }));
    expect(network.refused(central, early).data).to.deep.equal({ activateAt: 2, earliest: 3 });
    const hash = propose([heartbeat(2_000)], { approvals: 1 });
    const approve = callOf(g.approve, { id: 1, hash });
    expect(code(at(9, TODAY_MS, beta, approve))).to.equal('ACTIVATION_TOO_EARLY');
    expect(code(at(8, TODAY_MS, beta, approve))).to.equal(undefined);
    expect(proposal()?.status).to.equal('accepted');
  });

  it('expires what nobody accepted in time, by the clock or by the height', () => {
    propose([heartbeat(2_000)], { approvals: 1, change: { expiresAt: TODAY_MS + 1_000 } });
    propose([heartbeat(3_000)], { approvals: 1, id: 2 });
    const hash = proposal(1)?.hash ?? new Uint8Array();
    expect(code(at(5, TODAY_MS + 1_000, beta, callOf(g.approve, { id: 1, hash })))).to.equal('PROPOSAL_EXPIRED');
    expect(eventsOf(network.endBlock(5, TODAY_MS + 999))).to.deep.equal([]);
    expect(eventsOf(network.endBlock(5, TODAY_MS + 1_000))).to.deep.equal(['Expired']);
    expect(eventsOf(network.endBlock(9, TODAY_MS + 1_000))).to.deep.equal(['Expired']);
    expect([proposal(1)?.status, proposal(2)?.status]).to.deep.equal(['expired', 'expired']);
    expect(network.view(g.live, { limit: 9 })).to.deep.equal([]);
    const far = { expiresAt: TODAY_MS + 91 * DAY_MS };
    expect(network.refused(central, callOf(g.propose, payloadOf([heartbeat(2_000)], far))).code).to.equal(
      'EXPIRY_INVALID',
    );
  });

  // PROTOCOL §Governance V4.
  it('is cancelled by its proposer while it is open, and by a quorum even once it is accepted', () => {
    propose([heartbeat(2_000)], { approvals: 1 });
    expect(eventsOf(network.ok(central, callOf(g.cancel, { id: 1 })))).to.deep.equal(['Cancelled']);
    propose([heartbeat(2_000)], { id: 2 });
    expect(eventsOf(network.ok(central, callOf(g.cancel, { id: 2 })))).to.deep.equal(['CancellationApproved']);
    expect(network.refused(central, callOf(g.cancel, { id: 2 })).code).to.equal('VOTED_ALREADY');
    network.ok(alfa, callOf(g.cancel, { id: 2 }));
    expect(proposal(2)?.status).to.equal('accepted');
    network.ok(beta, callOf(g.cancel, { id: 2 }));
    expect(proposal(2)?.status).to.equal('cancelled');
    expect(network.refused(gamma, callOf(g.cancel, { id: 2 })).code).to.equal('PROPOSAL_CLOSED');
    expect(eventsOf(network.endBlock(9))).to.deep.equal([]);
    expect(heartbeatMs()).to.equal(1_000);
  });

  // PROTOCOL §Governance V5.
  it('does all of a proposal or nothing, and says why not', () => {
    const register = { member: 'DELTGB2L', lei: '529900T8BM49AURSDO55', name: 'Delta', roles: ['bank'] as const };
    propose([callOf(membership.methods.registerMember, register), heartbeat(1)]);
    propose([heartbeat(4_000)], { id: 2 });
    expect(eventsOf(network.endBlock(9))).to.deep.equal(['Failed', 'parameters.ParameterChanged', 'Activated']);
    expect(proposal()).to.deep.include({
      status: 'failed',
      code: 'PARAMETER_INVALID',
      failedCall: 'parameters.check',
    });
    expect(network.view(membership.methods.member, { member: 'DELTGB2L' })).to.equal(undefined);
    expect(heartbeatMs()).to.equal(4_000);
    expect(network.govern(heartbeat(4_000))).to.equal('PARAMETERS_UNCHANGED');
  });

  it('never leaves fewer members that may vote than a quorum needs', () => {
    const suspend = (member: string) => callOf(membership.methods.setSuspended, { member, suspended: true });
    expect(network.govern(suspend(BANKS.alfa), suspend(BANKS.gamma))).to.equal('ELECTORATE_TOO_SMALL');
    seen.add('governance.ELECTORATE_TOO_SMALL');
    expect(network.govern(suspend(BANKS.gamma))).to.equal('');
  });

  it('counts suspended members in the electorate, so that who suspends alone cannot decide alone', () => {
    network.suspend(BANKS.alfa);
    network.suspend(BANKS.gamma);
    const hash = propose([heartbeat(2_000)], { approvals: 0 });
    network.ok(beta, callOf(g.approve, { id: 1, hash }));
    expect(proposal()?.status).to.equal('open');
  });

  it('counts the votes of those alone who may vote when the last one comes in', () => {
    const hash = propose([heartbeat(2_000)], { approvals: 1 });
    network.suspend(BANKS.alfa);
    network.ok(beta, callOf(g.approve, { id: 1, hash }));
    expect(proposal()?.status).to.equal('open');
    network.ok(gamma, callOf(g.approve, { id: 1, hash }));
    expect(proposal()?.status).to.equal('accepted');
  });

  it('bounds what one member may propose and what one height may bring', () => {
    for (let id = 1; id <= 8; id++) propose([heartbeat(2_000 + id)], { id, approvals: 0 });
    const more = (sender: Address, change = {}) =>
      network.refused(sender, callOf(g.propose, payloadOf([heartbeat(2_000)], change))).code;
    expect(more(central, { activateAt: 11 })).to.equal('PROPOSALS_TOO_MANY');
    expect(more(alfa)).to.equal('HEIGHT_FULL');
    network.ok(central, callOf(g.cancel, { id: 8 }));
    network.ok(alfa, callOf(g.propose, payloadOf([heartbeat(2_000)])));
    expect(network.view(g.live, { limit: 20 })).to.have.lengthOf(8);
    expect(network.view(g.proposals, { limit: 2, after: 7 }).map(({ id }) => id)).to.deep.equal([8, 9]);
  });

  // PROTOCOL §Authorisation A2.
  it('is run by the executor and by nobody else', () => {
    expect(network.refused(central, callOf(g.activateDue, {})).data).to.deep.equal({
      rule: 'system',
      subject: 'transaction',
    });
  });

  // PROTOCOL §Governance V6.
  describe('a pause', () => {
    const pay = (reference: string) =>
      callOf(payments.methods.pay, { debtor: alfa, creditor: beta, currency: 'EUR', amount: 1n, reference });
    const pause = (scope: string, untilMs: number) => callOf(g.pause, { scope, untilMs });
    const until = TODAY_MS + HOUR_MS;

    it('takes a third and one more, stops every call and no view, and is over by itself', () => {
      network.ok(alfa, pause('cash', until));
      network.ok(alfa, pay('BEFORE'));
      expect(eventsOf(network.ok(beta, pause('cash', until + 5)))).to.deep.equal(['PauseVoted', 'Paused']);
      expect(network.view(g.pauses, {})).to.deep.equal([{ scope: 'cash', untilMs: until }]);
      // payments itself is not paused: what it asks first is.
      expect(network.refused(alfa, pay('DURING'))).to.deep.include({
        code: 'PAUSED',
        failedCall: 'cash.position',
        data: { contract: 'cash', untilMs: until },
      });
      expect(network.balance(beta)).to.equal(1_000_001n);
      expect(code(at(5, until - 1, alfa, pay('LATE')))).to.equal('PAUSED');
      expect(code(at(5, until, alfa, pay('AFTER')))).to.equal(undefined);
      expect(eventsOf(network.endBlock(5, until))).to.deep.equal(['PauseLifted']);
      expect(network.ledger.read('governance', 'agenda\0')).to.equal(undefined);
    });

    it('of all contracts stops those that move value, and leaves what lifts it', () => {
      for (const voter of [alfa, beta]) network.ok(voter, pause('all', until));
      const transfer = { instrument: 'X', from: alfa, to: beta, amount: 1n };
      for (const call of [pay('P'), callOf(assets.methods.transfer, transfer)]) {
        expect(network.refused(alfa, call).code).to.equal('PAUSED');
      }
      network.suspend(BANKS.gamma);
      expect(network.govern(heartbeat(2_000))).to.equal('');
      for (const voter of [alfa, beta]) network.ok(voter, callOf(g.lift, { scope: 'all' }));
      expect(network.refused(beta, callOf(g.lift, { scope: 'all' })).code).to.equal('VOTED_ALREADY');
      expect(network.refused(alfa, pay('P')).code).to.equal('PAUSED');
      const last = network.ok(central, callOf(g.lift, { scope: 'all' }));
      expect(eventsOf(last)).to.deep.equal(['LiftVoted', 'PauseLifted']);
      network.ok(alfa, pay('P'));
      expect(network.refused(alfa, callOf(g.lift, { scope: 'all' })).code).to.equal('NOT_PAUSED');
    });

    it('needs new votes each time, a time within a week, and a contract that may be paused', () => {
      const refusal = (scope: string, untilMs: number) => network.refused(alfa, pause(scope, untilMs)).code;
      for (const name of ['governance', 'membership', 'parameters', 'evidence', 'none']) {
        expect(refusal(name, until)).to.equal('SCOPE_INVALID');
      }
      expect(refusal('cash', TODAY_MS)).to.equal('PAUSE_TIME_INVALID');
      expect(refusal('cash', TODAY_MS + 7 * DAY_MS + 1)).to.equal('PAUSE_TIME_INVALID');
      network.ok(alfa, pause('cash', until));
      expect(refusal('cash', until)).to.equal('VOTED_ALREADY');
      network.ok(beta, pause('cash', until));
      for (const voter of [alfa, beta, central]) network.ok(voter, callOf(g.lift, { scope: 'cash' }));
      network.ok(alfa, pause('cash', until));
      expect(network.view(g.pauses, {})).to.deep.equal([]);
    });

    it('lasts as long as enough members want it to', () => {
      network.ok(alfa, pause('cash', until));
      network.ok(beta, pause('cash', until + 10));
      network.ok(gamma, pause('cash', until + 20));
      expect(network.view(g.pauses, {})).to.deep.equal([{ scope: 'cash', untilMs: until + 10 }]);
    });
  });

  describe('as a whole', () => {
    it('has no code that nothing reaches', () => {
      const declared = Object.keys(standardContract('governance').abi().errors);
      expect(declared.filter((name) => !seen.has(`governance.${name}`))).to.deep.equal([]);
    });
  });
});
