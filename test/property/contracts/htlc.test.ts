import { expect } from 'chai';
import fc from 'fast-check';
import { cash, htlc, membership } from '../../../contracts/index.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork, TODAY, TODAY_MS } from '../../support/settlementNetwork.js';

/**
 * Locks of all kinds under keys, right and wrong, and time in any order, while days close and banks are suspended. Each lock goes to one
 * side once, as a model that knows nothing but keys and deadlines says, and to the unit.
 */

const h = htlc.methods;
const { alfa, beta, central } = ACCOUNTS;
const keyOf = (name: string) => sha256(utf8Encode(name));
const IDS = ['ALFADEFF-0', 'ALFADEFF-1', 'ALFADEFF-2'];
const START = 1_000_000n;

type Kind = 'time' | 'both';
const KINDS: readonly Kind[] = ['time', 'both', 'both'];

interface Step {
  readonly kind: 'lock' | 'claim' | 'claimWrong' | 'refund' | 'reclaim' | 'pay' | 'world';
  readonly index: number;
  readonly amount: bigint;
  readonly lasts: number;
  /** Time that passes before it. */
  readonly passes: number;
  readonly disturbance: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('lock', 'lock', 'claim', 'claim', 'claimWrong', 'refund', 'reclaim', 'reclaim', 'pay', 'world'),
  index: fc.nat({ max: IDS.length - 1 }),
  amount: fc.bigInt({ min: 1n, max: 400_000n }),
  lasts: fc.integer({ min: 1, max: 20 }),
  passes: fc.nat({ max: 5 }),
  disturbance: fc.nat({ max: 4 }),
});

interface Modelled {
  readonly kind: Kind;
  readonly amount: bigint;
  readonly deadline: number;
  state: 'locked' | 'claimed' | 'over';
}

class Model {
  readonly locks = new Map<string, Modelled>();
  paid = 0n;
  isOpen = true;
  isSuspended = false;
  private day = TODAY;

  get held(): bigint {
    let sum = 0n;
    for (const { state, amount } of this.locks.values()) if (state !== 'over') sum += amount;
    return sum;
  }

  /** Whether a step succeeds, and what becomes of its lock. */
  take({ kind, index, amount, lasts }: Step, now: number): boolean {
    const id = IDS[index] as string;
    if (kind === 'lock') return this.lock(id, index, amount, now + lasts);
    const lock = this.locks.get(id);
    if (lock === undefined || lock.state === 'over') return false;
    const inTime = now < lock.deadline;
    if (kind === 'pay') return lock.state === 'claimed' && this.pay(lock);
    if (lock.state === 'claimed' || kind === 'claimWrong') return false;
    if (kind === 'claim') {
      if (!inTime) return false;
      lock.state = 'claimed';
      this.pay(lock);
      return true;
    }
    const goesBack = kind === 'refund' ? inTime && lock.kind !== 'time' : !inTime;
    if (goesBack) lock.state = 'over';
    return goesBack;
  }

  disturb(index: number): readonly [Address, Call] {
    const currency = 'EUR';
    if (index < 2) {
      this.isSuspended = !this.isSuspended;
      const { suspendMember, reinstateMember } = membership.methods;
      return [central, callOf(this.isSuspended ? suspendMember : reinstateMember, { member: BANKS.beta })];
    }
    this.isOpen = !this.isOpen;
    if (!this.isOpen) return [central, callOf(cash.methods.closeBusinessDay, { currency })];
    this.day += 1;
    return [central, callOf(cash.methods.openBusinessDay, { currency, day: this.day })];
  }

  private lock(id: string, index: number, amount: bigint, deadline: number): boolean {
    const isPossible = !this.locks.has(id) && this.isOpen && !this.isSuspended;
    if (!isPossible || amount > START - this.held - this.paid) return false;
    this.locks.set(id, { kind: KINDS[index] as Kind, amount, deadline, state: 'locked' });
    return true;
  }

  private pay(lock: Modelled): boolean {
    if (!this.isOpen || this.isSuspended) return false;
    lock.state = 'over';
    this.paid += lock.amount;
    return true;
  }
}

function callFor({ kind, index, amount, lasts }: Step, now: number): Call {
  const id = IDS[index] as string;
  const terms = {
    id,
    currency: 'EUR',
    sender: alfa,
    recipient: beta,
    amount,
    hash: sha256(keyOf(id)),
    deadline: now + lasts,
  };
  const failureHash = sha256(keyOf(`not ${id}`));
  const ends: Readonly<Record<Kind, object>> = {
    time: {},
    both: { failureHash },
  };
  switch (kind) {
    case 'lock':
      return callOf(h.lock, { ...terms, ...ends[KINDS[index] as Kind] });
    case 'claim':
      return callOf(h.claim, { id, key: keyOf(id) });
    case 'claimWrong':
      return callOf(h.claim, { id, key: keyOf(`not ${id}`) });
    case 'refund':
      return callOf(h.refund, { id, key: keyOf(`not ${id}`) });
    case 'pay':
      return callOf(h.pay, { id });
    default:
      return callOf(h.reclaim, { id });
  }
}

describe('locks that a key or time opens, in any order of steps', () => {
  it('go whole to one side, once, as keys and deadlines say', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const network = TestNetwork.funded();
        const model = new Model();
        let now = TODAY_MS;
        for (const each of steps) {
          now += each.passes;
          const isWorld = each.kind === 'world';
          const [sender, call] = isWorld ? model.disturb(each.disturbance) : [alfa, callFor(each, now)];
          const { failure } = network.ledger.run({
            sender,
            signers: [sender],
            calls: [call],
            height: 2,
            timestamp: now,
          });
          const isExpected = isWorld || model.take(each, now);
          expect(failure === undefined, `${each.kind} ${each.index}: ${failure?.code}`).to.equal(isExpected);
          const locked = network.view(cash.methods.locked, { currency: 'EUR', account: alfa });
          expect([network.balance(alfa), locked, network.balance(beta)]).to.deep.equal([
            START - model.held - model.paid,
            model.held,
            START + model.paid,
          ]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
