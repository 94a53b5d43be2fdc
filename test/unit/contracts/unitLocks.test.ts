import { expect } from 'chai';
import { assets } from '../../../contracts/index.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import type { Call } from '../../../primitives/types.js';
import { assetHolder, madeBy } from '../../support/cashHolder.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork } from '../../support/settlementNetwork.js';

const m = assets.methods;
const { alfa, beta, gamma, unknown } = ACCOUNTS;
const BOND = 'BOND-1';

const lockOf = (change: object = {}): Call =>
  callOf(m.lock, { instrument: BOND, lock: 'deal-1', holder: alfa, amount: 40n, ...change });
const releaseOf = (change: object = {}): Call =>
  callOf(m.release, { instrument: BOND, lock: 'deal-1', to: beta, amount: 40n, ...change });
const returnOf = (change: object = {}): Call =>
  callOf(m.returnLock, { instrument: BOND, contract: 'escrow', lock: 'deal-1', ...change });

describe('a lock of units', () => {
  let network: TestNetwork;
  const codes = new Set<string>();
  const position = (account = alfa) => network.view(m.position, { account, instrument: BOND });
  const holding = (account = alfa) => network.view(m.holding, { account, instrument: BOND });
  const held = (contract = 'escrow') => network.view(m.lockOf, { instrument: BOND, contract, lock: 'deal-1' });
  const refusedBy = (contract: string, call: Call) => network.refused(alfa, madeBy(contract, call)).code;

  beforeEach(() => {
    network = TestNetwork.funded([assetHolder('escrow'), assetHolder('other')]);
    const terms = { kind: 'bond', issuer: gamma, name: 'Bond', currency: 'EUR', nominal: 1n, cap: 1_000n } as const;
    network.ok(gamma, [
      callOf(m.create, { instrument: BOND, ...terms }),
      callOf(m.issue, { instrument: BOND, account: alfa, amount: 100n }),
    ]);
  });

  afterEach(() => {
    for (const code of network.codesSeen) codes.add(code);
  });

  it('sets units aside that stay the holder’s, and delivers them in parts', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect([holding(), position(), held()]).to.deep.equal([
      100n,
      { free: 60n, locked: 40n },
      { holder: alfa, amount: 40n },
    ]);
    // Nobody signs for the holder any more: the lock was its authorisation.
    const { events } = network.ok(beta, madeBy('escrow', releaseOf({ amount: 15n })));
    expect(assets.codec.decodeEvent('Released', events[0]?.data ?? new Uint8Array())).to.deep.include({
      contract: 'escrow',
      lock: 'deal-1',
      amount: '15',
      remaining: '25',
    });
    network.ok(beta, madeBy('escrow', releaseOf({ to: alfa, amount: 20n })));
    expect([position(), position(beta)]).to.deep.equal([
      { free: 80n, locked: 5n },
      { free: 15n, locked: 0n },
    ]);
    network.ok(beta, madeBy('escrow', releaseOf({ amount: 5n })));
    expect([held(), position(), holding(beta)]).to.deep.equal([undefined, { free: 80n, locked: 0n }, 20n]);
    expect(network.ledger.snapshot().filter((row) => row.startsWith('assets lock'))).to.deep.equal([]);
    expect(refusedBy('escrow', releaseOf({ amount: 1n }))).to.equal('LOCK_UNKNOWN');
  });

  it('leaves its holder in the register, with all that it holds', () => {
    network.ok(alfa, madeBy('escrow', lockOf({ amount: 100n })));
    expect(network.view(m.holders, { instrument: BOND, limit: 9 })).to.deep.equal([{ account: alfa, amount: 100n }]);
    expect(network.view(m.holdings, { account: alfa, limit: 9 })).to.deep.equal([
      { instrument: BOND, amount: 100n, locked: 100n },
    ]);
    network.ok(alfa, madeBy('escrow', releaseOf({ amount: 100n })));
    expect(network.view(m.holders, { instrument: BOND, limit: 9 })).to.deep.equal([{ account: beta, amount: 100n }]);
  });

  it('is made and released by contracts alone, and only under the holder’s authorisation', () => {
    const transaction = { rule: 'contract', subject: 'transaction' };
    for (const call of [lockOf(), releaseOf(), returnOf()]) {
      expect(network.refused(alfa, call).data).to.deep.equal(transaction);
    }
    expect(network.refused(beta, madeBy('escrow', lockOf())).data).to.deep.equal({ rule: 'account', subject: alfa });
    network.suspend(BANKS.alfa);
    expect(refusedBy('escrow', lockOf())).to.equal('SUSPENDED');
  });

  it('belongs to the contract that made it', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect(refusedBy('other', releaseOf())).to.equal('LOCK_UNKNOWN');
    network.ok(alfa, madeBy('other', lockOf({ amount: 7n })));
    expect([held('escrow')?.amount, held('other')?.amount, position().locked]).to.deep.equal([40n, 7n, 47n]);
    expect(refusedBy('other', returnOf())).to.equal('UNAUTHORISED');
    const list = { instrument: BOND, contract: 'other', limit: 9 };
    expect(network.view(m.locks, list)).to.deep.equal([{ lock: 'deal-1', holder: alfa, amount: 7n }]);
  });

  it('is not made twice, of nothing, or of more than is free, and gives no more than it holds', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect(refusedBy('escrow', lockOf({ amount: 1n }))).to.equal('LOCK_EXISTS');
    expect(refusedBy('escrow', releaseOf({ amount: 41n }))).to.equal('LOCK_INSUFFICIENT');
    for (const call of [lockOf({ lock: 'deal-2', amount: 0n }), releaseOf({ amount: 0n })]) {
      expect(refusedBy('escrow', call)).to.equal('AMOUNT_ZERO');
    }
    for (const amount of [61n, MAX_AMOUNT]) {
      expect(refusedBy('escrow', lockOf({ lock: 'deal-2', amount }))).to.equal('INSUFFICIENT_UNITS');
    }
    expect(refusedBy('escrow', lockOf({ instrument: 'NONE' }))).to.equal('INSTRUMENT_UNKNOWN');
  });

  it('keeps units from being transferred or redeemed', () => {
    network.ok(alfa, madeBy('escrow', lockOf({ amount: 99n })));
    const transfer = callOf(m.transfer, { instrument: BOND, from: alfa, to: beta, amount: 2n });
    expect(network.refused(alfa, transfer).data).to.deep.equal({ available: '1', required: '2' });
    const redeem = callOf(m.redeem, { instrument: BOND, account: alfa, amount: 2n });
    expect(network.refused(alfa, redeem, [alfa, gamma]).code).to.equal('INSUFFICIENT_UNITS');
    network.ok(alfa, callOf(m.redeem, { instrument: BOND, account: alfa, amount: 1n }), [alfa, gamma]);
  });

  it('is not delivered while the instrument is paused or a party is suspended, but goes back to its holder', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    expect(refusedBy('escrow', releaseOf({ to: unknown }))).to.equal('ACCOUNT_UNKNOWN');
    network.ok(gamma, callOf(m.pause, { instrument: BOND }));
    expect(refusedBy('escrow', releaseOf())).to.equal('INSTRUMENT_PAUSED');
    expect(refusedBy('escrow', lockOf({ lock: 'deal-2' }))).to.equal('INSTRUMENT_PAUSED');
    network.ok(alfa, madeBy('escrow', releaseOf({ to: alfa, amount: 1n })));
    network.ok(gamma, callOf(m.resume, { instrument: BOND }));
    network.suspend(BANKS.alfa);
    expect(network.refused(beta, madeBy('escrow', releaseOf({ amount: 1n }))).code).to.equal('SUSPENDED');
    network.ok(beta, madeBy('escrow', releaseOf({ to: alfa, amount: 39n })));
    expect(position()).to.deep.equal({ free: 100n, locked: 0n });
  });

  it('is given back by the members to the account that it came from', () => {
    network.ok(alfa, madeBy('escrow', lockOf()));
    network.ok(beta, madeBy('escrow', releaseOf({ amount: 10n })));
    network.ok(gamma, callOf(m.pause, { instrument: BOND }));
    expect(network.govern(returnOf({ lock: 'deal-2' }))).to.equal('LOCK_UNKNOWN');
    expect(network.govern(returnOf())).to.equal('');
    expect([position(), held()]).to.deep.equal([{ free: 90n, locked: 0n }, undefined]);
  });

  it('has no code that nothing reaches', () => {
    const declared = Object.keys(assets.abi().errors).filter((code) => code.startsWith('LOCK_'));
    expect(declared.filter((code) => !codes.has(`assets.${code}`))).to.deep.equal([]);
  });
});
