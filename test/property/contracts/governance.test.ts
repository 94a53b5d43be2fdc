import { expect } from 'chai';
import fc from 'fast-check';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import { governance, membership, parameters } from '../../../contracts/index.js';
import type { Address, Call, ContractEvent } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const g = governance.methods;
const { alfa, beta, gamma, central, custodian } = ACCOUNTS;
const SENDERS = [alfa, beta, gamma, central, custodian, ACCOUNTS.alfaSecond];
const QUORUM = 3;

const step = fc.oneof(
  fc.record({ kind: fc.constant('propose' as const), sender: fc.nat(5), ahead: fc.nat(6), openMs: fc.nat(8_000) }),
  fc.record({ kind: fc.constant('approve' as const), sender: fc.nat(5), id: fc.nat(6) }),
  fc.record({ kind: fc.constant('approve' as const), sender: fc.nat(5), id: fc.nat(6) }),
  fc.record({ kind: fc.constant('cancel' as const), sender: fc.nat(5), id: fc.nat(6) }),
  fc.record({ kind: fc.constant('pause' as const), sender: fc.nat(5), forMs: fc.nat(8_000) }),
  fc.record({ kind: fc.constant('lift' as const), sender: fc.nat(5) }),
  fc.record({ kind: fc.constant('suspend' as const), member: fc.nat(2), reinstate: fc.boolean() }),
  fc.record({ kind: fc.constant('block' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The network, and what its events have said of each proposal. */
class Governed {
  readonly network = TestNetwork.funded();
  readonly history = new Map<number, string[]>();
  readonly voted = new Map<number, Set<string>>();
  height = 2;
  timestamp = TODAY_MS;
  #hashes: Uint8Array[] = [];

  apply(next: Step): void {
    const { timestamp } = this;
    if (next.kind === 'block') this.endBlock();
    else if (next.kind === 'propose') this.#propose(next);
    else if (next.kind === 'approve') {
      this.#send(next.sender, callOf(g.approve, { id: next.id, hash: this.#hashes[next.id] ?? new Uint8Array(32) }));
    } else if (next.kind === 'cancel') this.#send(next.sender, callOf(g.cancel, { id: next.id }));
    else if (next.kind === 'pause') {
      this.#send(next.sender, callOf(g.pause, { scope: 'cash', untilMs: timestamp + next.forMs }));
    } else if (next.kind === 'lift') this.#send(next.sender, callOf(g.lift, { scope: 'cash' }));
    else {
      const member = Object.values(BANKS)[next.member] ?? BANKS.alfa;
      const method = next.reinstate ? membership.methods.reinstateMember : membership.methods.suspendMember;
      this.#send(SENDERS.indexOf(central), callOf(method, { member }));
    }
  }

  endBlock(): void {
    this.#note(this.network.endBlock(this.height, this.timestamp).events);
    this.height += 1;
    this.timestamp += 1_000;
  }

  #propose({ sender, ahead, openMs }: { sender: number; ahead: number; openMs: number }): void {
    const id = this.history.size + 1;
    const payload = {
      calls: [callOf(parameters.methods.change, { heartbeatMs: 2_000 + id })],
      activateAt: this.height + ahead,
      expiresAt: this.timestamp + openMs,
      description: 'at random',
      document: undefined,
    };
    this.#hashes[id] = payloadHash(payload);
    this.#send(sender, callOf(g.propose, payload));
  }

  #send(sender: number, call: Call): void {
    const account = SENDERS[sender] as Address;
    const { height, timestamp } = this;
    this.#note(this.network.ledger.run({ sender: account, calls: [call], height, timestamp }).events);
  }

  #note(events: readonly ContractEvent[]): void {
    for (const { contract, name, data } of events) {
      if (contract !== 'governance') continue;
      const { id, member } = governance.codec.decodeEvent(name, data) as { id?: number; member?: string };
      if (id === undefined) continue;
      this.history.set(id, [...(this.history.get(id) ?? []), name]);
      if (name === 'Approved') this.voted.set(id, (this.voted.get(id) ?? new Set()).add(member ?? ''));
    }
  }
}

const ENDS = ['Activated', 'Failed', 'Cancelled', 'Expired'];

function requireSound(governed: Governed): void {
  const live: number[] = [];
  for (const [id, names] of governed.history) {
    const ends = names.filter((name) => ENDS.includes(name));
    expect(ends.length, `proposal ${id}: ${names.join()}`).to.be.at.most(1);
    if (ends.length === 0) live.push(id);
    else expect(ENDS).to.include(names.at(-1));
    const ran = names.includes('Activated') || names.includes('Failed');
    expect(ran && !names.includes('Accepted'), `proposal ${id} ran unaccepted`).to.equal(false);
    if (names.includes('Accepted')) expect(governed.voted.get(id)?.size ?? 0).to.be.at.least(QUORUM);
  }
  const kept = governed.network.view(g.live, { limit: 20 }).map(({ id }) => id);
  expect([...kept].sort()).to.deep.equal(live.sort());
}

describe('governance at random', () => {
  it('ends each proposal once, runs none without a quorum, and touches no money', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const governed = new Governed();
        const money = [alfa, beta, gamma, custodian].map((account) => governed.network.balance(account));
        for (const next of steps) {
          governed.apply(next);
          requireSound(governed);
        }
        // What is still open ends by itself, and nothing is left that would ever be due.
        for (let block = 0; block < 20; block++) governed.endBlock();
        requireSound(governed);
        expect(governed.network.view(g.live, { limit: 20 })).to.deep.equal([]);
        expect(governed.network.ledger.read('governance', 'agenda\0')).to.equal(undefined);
        expect([alfa, beta, gamma, custodian].map((account) => governed.network.balance(account))).to.deep.equal(money);
      }),
      { numRuns: 150 },
    );
  });
});
