import { expect } from 'chai';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import {
  actions,
  assets,
  cash,
  deployment,
  evidence,
  governance,
  htlc,
  membership,
  netting,
  orders,
  parameters,
  payments,
  pilots,
  queue,
  screening,
  settlement,
  standardContracts,
  subscriptions,
  supervision,
} from '../../../contracts/index.js';
import { orderTermsHash } from '../../../contracts/orders/proposals.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import { encodeEvidence } from '../../../primitives/evidence.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { creditBySigners, creditRules, prepareCredit } from '../../support/creditRules.js';
import { doublePrepare } from '../../support/evidenceFixture.js';
import { bundleOf, FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import {
  approvalOf,
  bundleHash,
  NOTES_PROGRAMS,
  NOTES_SOURCE,
  registerCalls,
  sourceHash,
  uploadCalls,
} from '../../support/notesContract.js';
import { prepareRepos, repoBySigners, repoRules } from '../../support/repoRules.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  callOf,
  GENESIS_HASH,
  KEYS,
  keyOf,
  possessionOf,
  STATE_ROOT,
  TestNetwork,
  TODAY,
  TODAY_MS,
  testGenesis,
} from '../../support/settlementNetwork.js';

const { alfa, alfaSecond, beta, central } = ACCOUNTS;
const m = membership.methods;

/** Who alone may send each method for an account of alfa's, or must sign it beside the sender. */
interface Rule {
  readonly call: Call;
  /** Every set of senders and signers that suffices; nobody else may. */
  readonly by: readonly (readonly [sender: Address, ...signers: Address[]])[];
}

const LEI = '529900T8BM49AURSDO55';
const BOND = 'BOND';
const bondTerms = {
  instrument: BOND,
  kind: 'bond',
  issuer: alfa,
  name: 'A bond',
  currency: 'EUR',
  nominal: 1n,
  cap: 1_000n,
} as const;
const { kind: _kind, issuer: _issuer, currency: _bondCurrency, instrument: _bond, ...amendable } = bondTerms;
const amended = { ...amendable, cap: 2_000n };
const halved = { expectedVersion: 1, numerator: 1, denominator: 2 };
const units = { instrument: BOND, account: beta, amount: 1n };

/** Of beta's, to alfa's bond. */
function subscriptionOf(name: string) {
  const offer = { instrument: BOND, version: 1, account: beta, units: 2n, price: 3n };
  return { id: `BETAFRPP-${name}`, ...offer, deadline: name === 'over' ? TODAY_MS : TODAY_MS + 1 };
}
const reserve = { currency: 'EUR', account: beta, amount: 1n, reserveReference: 'R' };
const payment = { debtor: alfa, creditor: beta, currency: 'EUR', amount: 1n, reference: 'P' };
const q = queue.methods;
const waits = { currency: 'EUR', id: 1 };
const { currency: _currency, debtor: _debtor, ...batched } = payment;
const newKey = keyOf('matrix');
const possession = possessionOf(newKey, BANKS.alfa);
const registration = { member: BANKS.alfa, suite: 1, publicKey: newKey.publicKey, possession };
const own = [[alfa], [alfaSecond]] as const;
const nobody = [] as const;
const everyVoter = [...own, [beta], [central]] as const;
const g = governance.methods;
const proposed = {
  calls: [callOf(parameters.methods.change, { heartbeatMs: 2_000 })],
  activateAt: 5,
  expiresAt: TODAY_MS + 1_000,
  description: 'a slower heartbeat',
  document: undefined,
};

const d = deployment.methods;
const otherEngine = { version: 2, hash: new Uint8Array(32).fill(7) };
const candidate = { name: 'notes', version: 1, bundle: bundleHash('firstAgain') };
const registered = (program: string) => ({
  ...{ name: 'notes', version: 1, bundle: bundleHash(program), source: sourceHash, engine: TEST_ENGINE.hash },
});

/** Instructions of alfa's, called by what is to be done next: alfa pays beta in all but `approve`. */
function instruction(next: string) {
  const [from, to] = next === 'approve' ? [beta, alfa] : [alfa, beta];
  return {
    ...({ id: `ALFADEFF-${next}`, instructor: alfa, model: 'gross' } as const),
    legs: [{ currency: 'EUR', amount: 1n, from, to }],
    settler: next === 'execute' ? alfa : undefined,
    deadline: next === 'expire' ? TODAY_MS : TODAY_MS + 1,
  };
}
const si = settlement.methods;
const onInstruction = (next: string, account: Address) => ({
  ...{ id: `ALFADEFF-${next}`, account, terms: termsHash(instruction(next)) },
});
const allocation = (next: string): Call => callOf(si.allocate, { ...onInstruction(next, alfa), isCommitted: false });

const h = htlc.methods;
const keyOfLock = sha256(utf8Encode('a key'));
const failureKey = sha256(utf8Encode('a key of failure'));
/** Locks of alfa's for beta, called by what is to be done next. */
const lockFor = (next: string): Call =>
  callOf(h.lock, {
    ...{ id: `ALFADEFF-${next}`, currency: 'EUR', sender: alfa, recipient: next === 'pay' ? alfaSecond : beta },
    ...{ amount: 1n, hash: sha256(keyOfLock), failureHash: sha256(failureKey) },
    deadline: next === 'reclaim' ? TODAY_MS : TODAY_MS + 1,
  });
const nt = netting.methods;
/** Cycles of the central bank, called by what is to be done next; that which lapses is of a currency whose day is over. */
const cycleFor = (next: string) => ({
  ...{ id: `${CENTRAL_BANK}-${next}`, operator: central, currency: next === 'lapse' ? 'USD' : 'EUR' },
  ...({
    participants: [alfa, beta],
    roundMs: next === 'endRound' ? 1 : 1_000,
    maxRounds: 1,
    creditors: 'confirm',
  } as const),
  cutOffAt: ['freeze', 'answer', 'endRound'].includes(next) ? TODAY_MS - 2 : TODAY_MS + 1,
});
const cycleId = (next: string) => ({ id: `${CENTRAL_BANK}-${next}` });
const owing = { debtor: alfa, reference: 'A1' };
const obligation = { creditor: beta, amount: 1n, reference: 'A1' };
const answerOf = (account: Address) => ({ ...cycleId('answer'), account, round: 1 });
const operatorOf = (member: string) => ({ currency: 'EUR', member });
const ac = actions.methods;
/** Actions of alfa's on an instrument that its second account holds, called by what is to be done next. */
const actionFor = (next: string): Call =>
  callOf(ac.declare, {
    ...{ id: `ALFADEFF-${next}`, instrument: 'ACTED', issuer: alfa, version: 1, currency: 'EUR', declared: 9n },
    ...{ paymentDay: TODAY, deadline: TODAY_MS + 86_400_000 },
    ...(next === 'fix'
      ? {
          floating: {
            ...({ source: 'A rate', fixingDay: TODAY, publisher: beta, spread: 0, dayCount: 'ACT/360' } as const),
            ...{ from: TODAY, to: TODAY + 1 },
          },
        }
      : { distribution: { perUnit: 1_000_000_000n } }),
    recordHeight: next === 'cancel' ? 1 : undefined,
  });
const su = supervision.methods;
const pi = pilots.methods;
const sc = screening.methods;
const mandate = { currencies: [], members: [], until: TODAY_MS, maxFreezeMs: 1, maySeize: false };
const ruled = { currency: 'EUR', account: beta };
const window = { ...ruled, windowMs: 1_000, maxCount: 1, maxSum: undefined };
const exposed = { ...ruled, counterparty: BANKS.alfa, limit: 1n, offsetting: [] };
const bounds = { cap: 1_000n, perHolder: 1_000n, sunsetAt: TODAY_MS + 1 };
const hashOf = (digit: number): `0x${string}` => `0x${String(digit).repeat(64)}`;
const listing = (digit: number) => ({
  ...({ hash: hashOf(digit), kind: 'sanctions', reason: 'officialList', expiresAt: TODAY_MS + 1 } as const),
});
const paper = new Uint8Array(32).fill(4);
const or = orders.methods;
const checker = keyOf('central checker');
const orderBy = (name: string) => ({
  ...{ id: `${CENTRAL_BANK}-${name}`, authority: 'a court', document: new Uint8Array(32).fill(3) },
});
const frozen = (name: string) => ({ ...orderBy(name), currency: 'EUR', account: beta, amount: 1n });
const termsOf = (name: string) => orderTermsHash({ ...frozen(name), kind: 'freeze' });

/** Every method of every standard contract that is no view. */
const rules: Readonly<Record<string, Rule>> = {
  ...creditRules,
  ...repoRules,
  'assets.create': { call: callOf(assets.methods.create, { ...bondTerms, instrument: 'OTHER' }), by: [[alfa]] },
  'assets.issue': { call: callOf(assets.methods.issue, units), by: [[alfa]] },
  'assets.redeem': {
    call: callOf(assets.methods.redeem, units),
    by: [
      [alfa, beta],
      [beta, alfa],
    ],
  },
  'assets.pause': { call: callOf(assets.methods.pause, { instrument: BOND }), by: [[alfa]] },
  'assets.resume': { call: callOf(assets.methods.resume, { instrument: 'PAUSED' }), by: [[alfa]] },
  'assets.transfer': {
    call: callOf(assets.methods.transfer, { instrument: BOND, from: beta, to: alfa, amount: 1n }),
    by: [[beta]],
  },
  'assets.amend': {
    call: callOf(assets.methods.amend, { ...amended, instrument: BOND, expectedVersion: 1 }),
    by: [[alfa]],
  },
  'assets.admit': { call: callOf(assets.methods.admit, { instrument: BOND, member: BANKS.gamma }), by: [[alfa]] },
  'assets.exclude': { call: callOf(assets.methods.exclude, { instrument: BOND, member: BANKS.beta }), by: [[alfa]] },
  'subscriptions.subscribe': { call: callOf(subscriptions.methods.subscribe, subscriptionOf('new')), by: [[beta]] },
  'subscriptions.allot': {
    call: callOf(subscriptions.methods.allot, { id: 'BETAFRPP-open', units: 1n }),
    by: [[alfa]],
  },
  'subscriptions.decline': { call: callOf(subscriptions.methods.decline, { id: 'BETAFRPP-open' }), by: [[alfa]] },
  'subscriptions.cancel': {
    call: callOf(subscriptions.methods.cancel, { id: 'BETAFRPP-open' }),
    by: [[beta]],
  },
  'subscriptions.expire': {
    call: callOf(subscriptions.methods.expire, { id: 'BETAFRPP-over' }),
    by: everyVoter,
  },
  'assets.beginSplit': {
    call: callOf(assets.methods.beginSplit, { ...halved, instrument: 'PAUSED' }),
    by: [[alfa]],
  },
  'assets.continueSplit': {
    call: callOf(assets.methods.continueSplit, { instrument: 'SPLIT', limit: 1 }),
    by: everyVoter,
  },
  // Only a contract locks and releases.
  'assets.lock': {
    call: callOf(assets.methods.lock, { instrument: BOND, lock: 'L', holder: beta, amount: 1n }),
    by: nobody,
  },
  'assets.release': {
    call: callOf(assets.methods.release, { instrument: BOND, lock: 'L', to: alfa, amount: 1n }),
    by: nobody,
  },
  'assets.returnLock': {
    call: callOf(assets.methods.returnLock, { instrument: BOND, contract: 'escrow', lock: 'L' }),
    by: nobody,
  },
  'assets.setFreezes': {
    call: callOf(assets.methods.setFreezes, { instrument: BOND, account: beta, freezes: [] }),
    by: nobody,
  },
  'assets.seize': {
    call: callOf(assets.methods.seize, { instrument: BOND, from: beta, to: central, amount: 1n, order: 'O' }),
    by: nobody,
  },
  // Corporate actions alone keep records and destroy units.
  'assets.openRecord': {
    call: callOf(assets.methods.openRecord, { instrument: BOND, height: 1, redeems: undefined }),
    by: nobody,
  },
  'assets.takeRecorded': {
    call: callOf(assets.methods.takeRecorded, { instrument: 'ACTED', record: 0, limit: 1 }),
    by: nobody,
  },
  'assets.dropRecord': { call: callOf(assets.methods.dropRecord, { instrument: 'ACTED', record: 0 }), by: nobody },
  'assets.surrender': {
    call: callOf(assets.methods.surrender, { instrument: BOND, account: beta, amount: 1n }),
    by: nobody,
  },
  'cash.releaseMany': {
    call: callOf(cash.methods.releaseMany, { currency: 'EUR', lock: 'L', credits: [{ creditor: beta, amount: 1n }] }),
    by: nobody,
  },
  'cash.genesisCurrency': {
    call: callOf(cash.methods.genesisCurrency, { currency: 'CHF', decimals: 2, issuer: BANKS.alfa }),
    by: nobody,
  },
  'cash.issue': { call: callOf(cash.methods.issue, reserve), by: [[central]] },
  'cash.redeem': { call: callOf(cash.methods.redeem, reserve), by: [[central, beta]] },
  'cash.transfer': {
    call: callOf(cash.methods.transfer, { currency: 'EUR', debtor: alfa, creditor: beta, amount: 1n }),
    by: [[alfa]],
  },
  'cash.transferMany': {
    call: callOf(cash.methods.transferMany, {
      currency: 'EUR',
      debtor: alfa,
      credits: [{ creditor: beta, amount: 1n }],
    }),
    by: nobody,
  },
  'cash.lock': {
    call: callOf(cash.methods.lock, { currency: 'EUR', lock: 'L', debtor: alfa, amount: 1n }),
    by: nobody,
  },
  'cash.release': {
    call: callOf(cash.methods.release, { currency: 'EUR', lock: 'L', creditor: beta, amount: 1n }),
    by: nobody,
  },
  'cash.payIn': {
    call: callOf(cash.methods.payIn, { currency: 'EUR', lock: 'L', debtor: alfa, creditor: beta, amount: 1n }),
    by: nobody,
  },
  'cash.returnLock': {
    call: callOf(cash.methods.returnLock, { currency: 'EUR', contract: 'escrow', lock: 'L' }),
    by: nobody,
  },
  'cash.setFreezes': {
    call: callOf(cash.methods.setFreezes, { currency: 'EUR', account: beta, freezes: [] }),
    by: nobody,
  },
  'cash.seize': {
    call: callOf(cash.methods.seize, { currency: 'EUR', from: beta, to: central, amount: 1n, order: 'O' }),
    by: nobody,
  },
  'cash.settleNet': {
    call: callOf(cash.methods.settleNet, {
      currency: 'EUR',
      positions: [
        { account: alfa, isDebit: true, amount: 1n },
        { account: beta, isDebit: false, amount: 1n },
      ],
    }),
    by: nobody,
  },
  'cash.openBusinessDay': {
    call: callOf(cash.methods.openBusinessDay, { currency: 'USD', day: TODAY + 1 }),
    by: [[central]],
  },
  'cash.setLimits': {
    call: callOf(cash.methods.setLimits, { currency: 'EUR', account: alfa, perDay: 1n, keys: [] }),
    by: [[alfa]],
  },
  'cash.setCounterpartyLimit': {
    call: callOf(cash.methods.setCounterpartyLimit, { currency: 'EUR', account: alfa, creditor: beta, amount: 1n }),
    by: [[alfa]],
  },
  'cash.clearLimits': { call: callOf(cash.methods.clearLimits, { currency: 'EUR', account: alfa }), by: nobody },
  'cash.allowance': { call: callOf(cash.methods.allowance, { currency: 'EUR', debtor: alfa }), by: nobody },
  'cash.countSubmitted': {
    call: callOf(cash.methods.countSubmitted, {
      ...{ currency: 'EUR', debtor: alfa, payments: [{ creditor: beta, amount: 1n }] },
    }),
    by: nobody,
  },
  'cash.setCutOff': {
    call: callOf(cash.methods.setCutOff, { currency: 'EUR', cutOffAt: TODAY_MS + 1 }),
    by: [[central]],
  },
  'cash.closeBusinessDay': { call: callOf(cash.methods.closeBusinessDay, { currency: 'EUR' }), by: [[central]] },
  'contracts.genesisEngine': { call: callOf(d.genesisEngine, otherEngine), by: nobody },
  'contracts.allowEngine': { call: callOf(d.allowEngine, otherEngine), by: nobody },
  'contracts.retireEngine': { call: callOf(d.retireEngine, { engine: TEST_ENGINE.hash }), by: nobody },
  'contracts.upload': {
    call: callOf(d.upload, { hash: sourceHash, index: 0, total: 1, data: NOTES_SOURCE }),
    by: everyVoter,
  },
  'contracts.removeUpload': {
    call: callOf(d.removeUpload, { member: BANKS.alfa, hash: bundleHash('first') }),
    by: own,
  },
  'contracts.register': { call: callOf(d.register, registered('first')), by: everyVoter },
  'contracts.withdraw': { call: callOf(d.withdraw, { ...candidate, member: BANKS.alfa }), by: own },
  'contracts.activate': {
    call: callOf(d.activate, { ...approvalOf(candidate.bundle), migrationFuel: 0 }),
    by: nobody,
  },
  'contracts.retire': { call: callOf(d.retire, { name: 'notes' }), by: nobody },
  'evidence.report': {
    call: callOf(evidence.methods.report, {
      evidence: encodeEvidence(doublePrepare(KEYS.beta, 1, 0, GENESIS_HASH)),
    }),
    by: [...own, [beta], [central]],
  },
  'governance.propose': { call: callOf(g.propose, proposed), by: everyVoter },
  'governance.approve': { call: callOf(g.approve, { id: 1, hash: payloadHash(proposed) }), by: everyVoter },
  'governance.cancel': { call: callOf(g.cancel, { id: 1 }), by: everyVoter },
  'governance.pause': { call: callOf(g.pause, { scope: 'assets', untilMs: TODAY_MS + 1_000 }), by: everyVoter },
  'governance.lift': { call: callOf(g.lift, { scope: 'assets' }), by: everyVoter },
  'governance.activateDue': { call: callOf(g.activateDue, {}), by: nobody },
  'membership.changeRoles': { call: callOf(m.changeRoles, { member: BANKS.alfa, roles: ['bank'] }), by: nobody },
  'membership.setSuspended': { call: callOf(m.setSuspended, { member: BANKS.alfa, suspended: true }), by: nobody },
  'membership.registerNode': {
    call: callOf(m.registerNode, { member: BANKS.alfa, peerId: 'new', role: 'observer', addresses: [] }),
    by: nobody,
  },
  'membership.removeNode': { call: callOf(m.removeNode, { peerId: `peer-${BANKS.alfa}` }), by: nobody },
  'membership.setValidators': {
    call: callOf(m.setValidators, { replaces: new Uint8Array(32), validators: [alfa] }),
    by: nobody,
  },
  /** Of an account that is no validator's. */
  'membership.ready': { call: callOf(m.ready, { height: 0, stateRoot: STATE_ROOT }), by: nobody },
  'parameters.genesisParameters': {
    call: callOf(parameters.methods.genesisParameters, testGenesis().parameters),
    by: nobody,
  },
  'parameters.change': { call: callOf(parameters.methods.change, { heartbeatMs: 2_000 }), by: nobody },
  'membership.genesisMember': {
    call: callOf(m.genesisMember, { member: 'ECHOGB2L', lei: LEI, name: 'Echo', roles: ['centralBank'] }),
    by: nobody,
  },
  'membership.genesisKeys': {
    call: callOf(m.genesisKeys, { member: BANKS.alfa, keys: [{ suite: 1, publicKey: newKey.publicKey }] }),
    by: nobody,
  },
  'membership.genesisAccounts': {
    call: callOf(m.genesisAccounts, {
      member: BANKS.alfa,
      accounts: [{ label: 'x', threshold: 1, keys: [KEYS.alfaSpare.address], checkers: [] }],
    }),
    by: nobody,
  },
  'membership.genesisNodes': {
    call: callOf(m.genesisNodes, { member: BANKS.alfa, nodes: [{ peerId: 'x', role: 'validator', addresses: [] }] }),
    by: nobody,
  },
  'membership.genesisValidators': { call: callOf(m.genesisValidators, { validators: [alfa] }), by: nobody },
  'membership.registerMember': {
    call: callOf(m.registerMember, { member: 'ECHOGB2L', lei: LEI, name: 'Echo', roles: ['bank'] }),
    by: nobody,
  },
  'membership.registerKey': { call: callOf(m.registerKey, registration), by: own },
  'membership.openAccount': {
    call: callOf(m.openAccount, {
      member: BANKS.alfa,
      label: 'x',
      threshold: 1,
      keys: [KEYS.alfaSpare.address],
      checkers: [],
    }),
    by: own,
  },
  'membership.rotateKey': {
    call: callOf(m.rotateKey, { account: alfa, remove: alfa, add: KEYS.alfaSpare.address }),
    by: [[alfa]],
  },
  'membership.changePolicy': {
    call: callOf(m.changePolicy, { account: alfa, threshold: 1, keys: [KEYS.alfaSpare.address], checkers: [] }),
    by: [[alfa]],
  },
  'membership.recoverAccount': {
    call: callOf(m.recoverAccount, {
      ...{ account: alfa, threshold: 1, keys: [KEYS.alfaSpare.address], checkers: [], reason: 'lost' },
      replaces: new Uint8Array(32),
    }),
    by: nobody,
  },
  'membership.deactivateKey': {
    call: callOf(m.deactivateKey, { key: KEYS.alfaSpare.address }),
    by: [...own, [central]],
  },
  'membership.suspendMember': { call: callOf(m.suspendMember, { member: BANKS.alfa }), by: [...own, [central]] },
  'membership.suspendAccount': { call: callOf(m.suspendAccount, { account: alfa }), by: [...own, [central]] },
  'membership.reinstateMember': { call: callOf(m.reinstateMember, { member: BANKS.gamma }), by: [[central]] },
  'membership.reinstateAccount': {
    call: callOf(m.reinstateAccount, { account: ACCOUNTS.custodian }),
    by: [[central]],
  },
  'payments.pay': { call: callOf(payments.methods.pay, payment), by: [[alfa]] },
  'payments.payBatch': {
    call: callOf(payments.methods.payBatch, {
      debtor: alfa,
      currency: 'EUR',
      mode: 'each',
      payments: [{ creditor: beta, amount: 1n, reference: 'P' }],
    }),
    by: [[alfa]],
  },
  'payments.useReference': {
    call: callOf(payments.methods.useReference, { debtor: alfa, reference: 'P', businessDay: TODAY }),
    by: nobody,
  },
  'orders.proposeFreeze': { call: callOf(or.proposeFreeze, frozen('NEW')), by: [[central]] },
  'orders.proposeSeizure': {
    call: callOf(or.proposeSeizure, { ...frozen('NEW'), to: central }),
    by: [[central]],
  },
  'orders.proposeLift': {
    call: callOf(or.proposeLift, { ...orderBy('NEW'), freeze: `${CENTRAL_BANK}-1`, freezeTerms: termsOf('1') }),
    by: [[central]],
  },
  'orders.declareDefault': {
    call: callOf(or.declareDefault, { ...orderBy('NEW'), member: BANKS.beta }),
    by: [[central]],
  },
  // The central bank's other account has proposed it, and the central bank's first one has not signed that.
  'orders.confirm': {
    call: callOf(or.confirm, { id: `${CENTRAL_BANK}-2`, terms: termsOf('2') }),
    by: [[central]],
  },
  'orders.withdraw': { call: callOf(or.withdraw, { id: `${CENTRAL_BANK}-2` }), by: [[central]] },
  'queue.cancelOf': {
    call: callOf(q.cancelOf, { currency: 'EUR', member: BANKS.gamma, limit: 9 }),
    by: [[central]],
  },
  'queue.returnReserved': {
    call: callOf(q.returnReserved, { currency: 'EUR', account: ACCOUNTS.gamma }),
    by: [[central]],
  },
  'queue.submit': { call: callOf(q.submit, payment), by: [[alfa]] },
  'queue.submitBatch': {
    call: callOf(q.submitBatch, { debtor: alfa, currency: 'EUR', mode: 'each', payments: [batched] }),
    by: [[alfa]],
  },
  'queue.hold': { call: callOf(q.hold, waits), by: [[alfa]] },
  'queue.release': { call: callOf(q.release, { ...waits, id: 2 }), by: [[alfa]] },
  'queue.reprioritise': { call: callOf(q.reprioritise, { ...waits, priority: 'urgent' }), by: [[alfa]] },
  'queue.cancel': { call: callOf(q.cancel, waits), by: [[alfa], [alfaSecond, alfa], [beta, alfa], [central]] },
  'actions.declare': { call: actionFor('new'), by: [[alfa]] },
  'actions.fund': { call: callOf(ac.fund, { id: 'ALFADEFF-fund', declared: 10n }), by: [[alfa]] },
  'actions.fix': { call: callOf(ac.fix, { id: 'ALFADEFF-fix', rate: 1 }), by: [[beta]] },
  'actions.cancel': { call: callOf(ac.cancel, { id: 'ALFADEFF-cancel' }), by: [[alfa]] },
  'actions.proceed': { call: callOf(ac.proceed, { id: 'ALFADEFF-proceed', pages: 1 }), by: everyVoter },
  'actions.claim': { call: callOf(ac.claim, { id: 'ALFADEFF-claim', account: alfaSecond }), by: everyVoter },
  'htlc.lock': { call: lockFor('new'), by: [[alfa]] },
  'htlc.claim': { call: callOf(h.claim, { id: 'ALFADEFF-claim', key: keyOfLock }), by: everyVoter },
  'htlc.pay': { call: callOf(h.pay, { id: 'ALFADEFF-pay' }), by: everyVoter },
  'htlc.refund': { call: callOf(h.refund, { id: 'ALFADEFF-refund', key: failureKey }), by: everyVoter },
  'htlc.reclaim': { call: callOf(h.reclaim, { id: 'ALFADEFF-reclaim' }), by: everyVoter },
  'netting.appointOperator': { call: callOf(nt.appointOperator, operatorOf(BANKS.alfa)), by: [[central]] },
  'netting.dismissOperator': { call: callOf(nt.dismissOperator, operatorOf(BANKS.gamma)), by: [[central]] },
  'netting.open': { call: callOf(nt.open, cycleFor('new')), by: [[central]] },
  'netting.submit': {
    call: callOf(nt.submit, { ...cycleId('open'), debtor: alfa, obligations: [{ ...obligation, reference: 'A2' }] }),
    by: [[alfa]],
  },
  'netting.withdraw': { call: callOf(nt.withdraw, { ...cycleId('open'), ...owing, account: beta }), by: [[beta]] },
  'netting.cancel': { call: callOf(nt.cancel, cycleId('open')), by: [[central]] },
  'netting.freeze': { call: callOf(nt.freeze, cycleId('freeze')), by: everyVoter },
  'netting.confirm': {
    call: callOf(nt.confirm, { ...answerOf(alfa), net: { isDebit: true, amount: 1n } }),
    by: [[alfa]],
  },
  'netting.object': { call: callOf(nt.object, answerOf(beta)), by: [[beta]] },
  'netting.endRound': { call: callOf(nt.endRound, cycleId('endRound')), by: everyVoter },
  'netting.lapse': { call: callOf(nt.lapse, cycleId('lapse')), by: everyVoter },
  'assets.setPilot': { call: callOf(assets.methods.setPilot, { instrument: BOND, isPilot: true }), by: nobody },
  'cash.setRuled': { call: callOf(cash.methods.setRuled, { ...ruled, isRuled: true }), by: nobody },
  'supervision.setMandate': { call: callOf(su.setMandate, { member: BANKS.alfa, ...mandate }), by: nobody },
  'supervision.clearMandate': { call: callOf(su.clearMandate, { member: BANKS.alfa }), by: nobody },
  'supervision.setVelocity': { call: callOf(su.setVelocity, window), by: [[central]] },
  'supervision.endVelocity': { call: callOf(su.endVelocity, { ...ruled, currency: 'USD' }), by: [[central]] },
  'supervision.setExposure': { call: callOf(su.setExposure, exposed), by: [[central]] },
  'supervision.endExposure': {
    call: callOf(su.endExposure, { ...ruled, currency: 'USD', counterparty: BANKS.alfa }),
    by: [[central]],
  },
  'supervision.count': {
    call: callOf(su.count, {
      ...{ ...ruled, day: TODAY, payments: 1, total: 1n, towards: [], isOutgoing: true, isPaid: true },
    }),
    by: nobody,
  },
  'pilots.set': { call: callOf(pi.set, { instrument: BOND, ...bounds }), by: [[central]] },
  'pilots.name': { call: callOf(pi.name, { instrument: 'TRIED', account: alfa }), by: [[central]] },
  'pilots.remove': { call: callOf(pi.remove, { instrument: 'TRIED', account: beta }), by: [[central]] },
  'pilots.end': { call: callOf(pi.end, { instrument: 'TRIED' }), by: [[central]] },
  'screening.list': { call: callOf(sc.list, listing(1)), by: everyVoter },
  'screening.lift': { call: callOf(sc.lift, { hash: hashOf(2) }), by: everyVoter },
  'screening.appeal': {
    call: callOf(sc.appeal, { hash: hashOf(2), member: BANKS.gamma, document: paper }),
    by: everyVoter,
  },
  'screening.decide': {
    call: callOf(sc.decide, { hash: hashOf(3), member: BANKS.gamma, isGranted: true, document: paper }),
    by: [[central]],
  },
  'screening.requireClear': { call: callOf(sc.requireClear, { hashes: [hashOf(9)] }), by: everyVoter },
  'queue.setLimit': {
    call: callOf(q.setLimit, { currency: 'EUR', debtor: alfa, creditor: beta, amount: 1n }),
    by: [[alfa]],
  },
  'queue.reserve': { call: callOf(q.reserve, { currency: 'EUR', account: alfa, amount: 1n }), by: [[alfa]] },
  'queue.resolve': { call: callOf(q.resolve, { currency: 'EUR' }), by: everyVoter },
  'queue.sweep': { call: callOf(q.sweep, { currency: 'EUR', limit: 1 }), by: everyVoter },
  'settlement.instruct': { call: callOf(si.instruct, instruction('new')), by: [[alfa]] },
  'settlement.allocate': { call: allocation('allocate'), by: [[alfa]] },
  'settlement.approve': { call: callOf(si.approve, onInstruction('approve', alfa)), by: [[alfa]] },
  'settlement.withdraw': { call: callOf(si.withdraw, onInstruction('withdraw', alfa)), by: [[alfa]] },
  'settlement.execute': { call: callOf(si.execute, { id: 'ALFADEFF-execute' }), by: [[alfa]] },
  'settlement.cancel': { call: callOf(si.cancel, onInstruction('cancel', alfa)), by: [[alfa]] },
  'settlement.expire': { call: callOf(si.expire, { id: 'ALFADEFF-expire' }), by: everyVoter },
};

/** A network in which every call of the rules succeeds for whoever may make it. */
function prepared(): TestNetwork {
  const network = TestNetwork.funded([], new FakeSandbox(NOTES_PROGRAMS));
  prepareRepos(network);
  network.ok(alfa, registerCalls('firstAgain'));
  for (const voter of [alfa, beta, central]) {
    network.ok(voter, [...uploadCalls('bundle', bundleOf('first')), ...uploadCalls('source', NOTES_SOURCE)]);
  }
  network.ok(alfa, [callOf(assets.methods.create, bondTerms), callOf(assets.methods.issue, { ...units, amount: 9n })]);
  const paused = { ...bondTerms, instrument: 'PAUSED' };
  network.ok(alfa, [callOf(assets.methods.create, paused), callOf(assets.methods.pause, { instrument: 'PAUSED' })]);
  const onSplit = { instrument: 'SPLIT' };
  network.ok(alfa, [
    callOf(assets.methods.create, { ...bondTerms, ...onSplit }),
    callOf(assets.methods.pause, onSplit),
    callOf(assets.methods.beginSplit, { ...halved, ...onSplit }),
    callOf(assets.methods.admit, { instrument: BOND, member: BANKS.beta }),
  ]);
  for (const name of ['open', 'over']) {
    const calls = [callOf(subscriptions.methods.subscribe, subscriptionOf(name))];
    network.ledger.run({ sender: beta, signers: [beta], calls, height: 1, timestamp: TODAY_MS - 1 });
  }
  for (const reference of ['WAITS', 'HELD']) {
    network.ok(alfa, callOf(q.submit, { ...payment, amount: 9_000_000n, reference }));
  }
  network.ok(alfa, callOf(q.hold, { ...waits, id: 2 }));
  openCycles(network);
  superviseEverything(network);
  prepareCredit(network);
  network.ok(central, callOf(cash.methods.closeBusinessDay, { currency: 'USD' }));
  network.ok(ACCOUNTS.gamma, callOf(g.propose, proposed));
  network.ok(ACCOUNTS.gamma, callOf(q.reserve, { currency: 'EUR', account: ACCOUNTS.gamma, amount: 5n }));
  instructEverything(network);
  lockEverything(network);
  actOnEverything(network);
  orderEverything(network);
  network.suspend(BANKS.gamma);
  network.ok(central, callOf(m.suspendAccount, { account: ACCOUNTS.custodian }));
  return network;
}

/** A freeze that is in force, and one that waits for the second person. */
function orderEverything(network: TestNetwork): void {
  const { address, publicKey } = checker;
  const proof = possessionOf(checker, CENTRAL_BANK);
  const policy = { label: 'checker', threshold: 1, keys: [address], checkers: [] };
  network.ok(central, [
    callOf(m.registerKey, { member: CENTRAL_BANK, suite: 1, publicKey, possession: proof }),
    callOf(m.openAccount, { member: CENTRAL_BANK, ...policy }),
  ]);
  for (const name of ['1', '2']) network.ok(address, callOf(or.proposeFreeze, frozen(name)));
  network.ok(central, callOf(or.confirm, { id: `${CENTRAL_BANK}-1`, terms: termsOf('1') }));
}

/** Brings each instruction to where its next step is due. */
function instructEverything(network: TestNetwork): void {
  for (const next of ['allocate', 'approve', 'withdraw', 'execute', 'cancel', 'expire']) {
    const calls = [callOf(si.instruct, instruction(next))];
    network.ledger.run({ sender: alfa, signers: [alfa], calls, height: 1, timestamp: TODAY_MS - 1 });
  }
  network.ok(alfa, [allocation('withdraw'), allocation('execute')]);
  network.ok(beta, callOf(si.approve, onInstruction('execute', beta)));
}

/** The same of locks. One was claimed while its recipient could not be paid. */
function lockEverything(network: TestNetwork): void {
  for (const next of ['claim', 'pay', 'refund', 'reclaim']) {
    const calls = [lockFor(next)];
    network.ledger.run({ sender: alfa, signers: [alfa], calls, height: 1, timestamp: TODAY_MS - 1 });
  }
  network.ok(central, callOf(m.suspendAccount, { account: alfaSecond }));
  network.ok(beta, callOf(h.claim, { id: 'ALFADEFF-pay', key: keyOfLock }));
  network.ok(central, callOf(m.reinstateAccount, { account: alfaSecond }));
}

/** Rules in dollars, a pilot with a holder, entries of everybody and appeals of beta's. */
function superviseEverything(network: TestNetwork): void {
  network.ok(alfa, callOf(assets.methods.create, { ...bondTerms, instrument: 'TRIED' }));
  network.ok(central, [
    callOf(su.setVelocity, { ...window, currency: 'USD' }),
    callOf(su.setExposure, { ...exposed, currency: 'USD' }),
    callOf(pi.set, { instrument: 'TRIED', ...bounds }),
    callOf(pi.name, { instrument: 'TRIED', account: beta }),
  ]);
  for (const lister of [alfa, beta, central, ACCOUNTS.gamma]) network.ok(lister, callOf(sc.list, listing(2)));
  network.ok(ACCOUNTS.gamma, callOf(sc.list, listing(3)));
  network.ok(beta, callOf(sc.appeal, { hash: hashOf(3), member: BANKS.gamma, document: paper }));
}

/** Cycles with an obligation each, some of them frozen. */
function openCycles(network: TestNetwork): void {
  const at = (timestamp: number, sender: Address, call: Call): void => {
    const { failure } = network.ledger.run({ sender, signers: [sender], calls: [call], height: 1, timestamp });
    expect(failure?.message).to.equal(undefined);
  };
  network.ok(central, callOf(nt.appointOperator, operatorOf(BANKS.gamma)));
  for (const next of ['open', 'freeze', 'answer', 'endRound', 'lapse']) {
    at(TODAY_MS - 3, central, callOf(nt.open, cycleFor(next)));
    at(TODAY_MS - 3, alfa, callOf(nt.submit, { ...cycleId(next), debtor: alfa, obligations: [obligation] }));
  }
  for (const next of ['answer', 'endRound']) at(TODAY_MS - 2, beta, callOf(nt.freeze, cycleId(next)));
}

/** The same of actions. One has paid all but an account that was suspended. */
function actOnEverything(network: TestNetwork): void {
  const onActed = { instrument: 'ACTED' };
  const calls = [
    callOf(assets.methods.create, { ...bondTerms, ...onActed, eligibility: undefined }),
    callOf(assets.methods.issue, { ...onActed, account: alfaSecond, amount: 9n }),
    ...['fund', 'fix', 'cancel', 'proceed', 'claim'].map(actionFor),
  ];
  const { failure } = network.ledger.run({ sender: alfa, signers: [alfa], calls, height: 0, timestamp: TODAY_MS - 1 });
  expect(failure, failure?.message).to.equal(undefined);
  network.ok(central, callOf(m.suspendAccount, { account: alfaSecond }));
  const goOn = callOf(ac.proceed, { id: 'ALFADEFF-claim', pages: 2 });
  network.ok(beta, [goOn, goOn]);
  network.ok(central, callOf(m.reinstateAccount, { account: alfaSecond }));
}

const parties = [alfa, alfaSecond, beta, central];

/** Each party as sender, signed by every set of parties that holds the sender, in the order of `parties`. */
function attempts(): readonly (readonly Address[])[] {
  const sets = Array.from({ length: 1 << parties.length }, (_, bits) =>
    parties.filter((_party, index) => (bits >> index) % 2 === 1),
  );
  return parties.flatMap((sender) =>
    sets.filter((set) => set.includes(sender)).map((set) => [sender, ...set.filter((party) => party !== sender)]),
  );
}

/** The sender is the rule's, and everybody whom the rule names signed. */
function suffices({ by }: Rule, [sender, ...others]: readonly Address[]): boolean {
  return by.some(([ruleSender, ...rest]) => ruleSender === sender && rest.every((signer) => others.includes(signer)));
}

/** Methods that ask the accounts that they name, and not who sends. */
const bySigners = new Set([
  ...creditBySigners,
  ...repoBySigners,
  'assets.create',
  'assets.issue',
  'assets.redeem',
  'assets.pause',
  'assets.resume',
  'assets.transfer',
  'assets.amend',
  'assets.admit',
  'assets.exclude',
  'subscriptions.subscribe',
  'subscriptions.allot',
  'subscriptions.decline',
  'subscriptions.cancel',
  'assets.beginSplit',
  'actions.declare',
  'actions.fund',
  'actions.fix',
  'actions.cancel',
  'cash.setCounterpartyLimit',
  'cash.setLimits',
  'cash.transfer',
  'htlc.lock',
  'netting.confirm',
  'netting.object',
  'netting.open',
  'netting.submit',
  'netting.withdraw',
  'membership.changePolicy',
  'membership.rotateKey',
  'payments.pay',
  'payments.payBatch',
  'queue.submit',
  'queue.submitBatch',
  'queue.hold',
  'queue.release',
  'queue.reprioritise',
  'queue.setLimit',
  'queue.reserve',
  'settlement.instruct',
  'settlement.allocate',
  'settlement.approve',
  'settlement.withdraw',
  'settlement.execute',
  'settlement.cancel',
]);

function isAllowed(name: string, rule: Rule, signers: readonly Address[]): boolean {
  if (!bySigners.has(name)) return suffices(rule, signers);
  return rule.by.some((needed) => needed.every((account) => signers.includes(account)));
}

describe('authorisation', () => {
  it('is stated for every method that may write', () => {
    const writing = standardContracts().flatMap((contract) =>
      Object.entries(contract.abi().methods)
        .filter(([, { kind }]) => kind === 'tx')
        .map(([method]) => `${contract.name}.${method}`),
    );
    expect(Object.keys(rules).sort()).to.deep.equal(writing.sort());
  });

  it('lets exactly those pass whom the rules name, among all senders and sets of signers', function () {
    this.timeout(60_000);
    const wrong: string[] = [];
    for (const [name, rule] of Object.entries(rules)) {
      const network = prepared();
      if (name === 'governance.lift') {
        for (const voter of [alfa, beta]) network.ok(voter, rules['governance.pause']?.call ?? []);
      }
      for (const [sender, ...others] of attempts()) {
        const signers = [sender as Address, ...others];
        const { failure } = network.ledger.run({
          sender: sender as Address,
          signers,
          // The last call undoes the first one, so that every attempt starts from the same state.
          calls: [rule.call, { contract: 'cash', method: 'none', args: new Uint8Array() }],
          height: 1,
          timestamp: TODAY_MS,
        });
        const passed = failure?.failedCall === 'cash.none';
        if (passed !== isAllowed(name, rule, signers)) wrong.push(`${name} by ${signers.join()}: ${failure?.message}`);
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it('refuses with UNAUTHORISED, NOT_ENTITLED or NOT_VALIDATOR_ACCOUNT, and nothing else', () => {
    const network = prepared();
    for (const [name, rule] of Object.entries(rules)) {
      for (const stranger of parties.filter((party) => !isAllowed(name, rule, [party]))) {
        expect(network.refused(stranger, rule.call).code, name).to.be.oneOf([
          'UNAUTHORISED',
          'NOT_ENTITLED',
          'NOT_VALIDATOR_ACCOUNT',
        ]);
      }
    }
  });
});
