import { artefactHash } from '../../../contracts/deployment/artefacts.js';
import {
  assets,
  cash,
  deployment,
  governance,
  membership,
  parameters,
  payments,
  settlement,
} from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import { fromHex } from '../../../primitives/bytes.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { approvalOf, registerBundle } from '../../support/notesContract.js';
import { HOSTILE_METHODS, type HostileMethod } from '../../support/sandbox/hostileContracts.js';
import { desk } from '../../support/sandbox/standardTraffic.js';
import { ACCOUNTS, callOf, TODAY } from '../../support/settlementNetwork.js';
import * as c from './contracts.js';
import { firstPrograms, type HistoryPrograms } from './programs.js';
import type { HistoryRecorder, Sent } from './recorder.js';

/** The chapters of the history that are the same each time: everything that may happen to a contract, at least once. */

const { alfa, alfaSecond, beta, gamma, custodian, central, unknown } = ACCOUNTS;
const MIGRATION_FUEL = 50_000_000;
/** Of a transaction, once everything is deployed: a program that never ends costs so much, and no more. */
const TRANSACTION_FUEL = 50_000_000;

const pay = (debtor: Address, creditor: Address, amount: bigint, reference: string, currency = 'EUR'): Sent => [
  debtor,
  callOf(payments.methods.pay, { debtor, creditor, currency, amount, reference }),
];
const batch = (mode: 'all' | 'each', reference: string, amounts: readonly bigint[]): Sent => {
  const rows = amounts.map((amount, index) => ({ creditor: beta, amount, reference: `${reference}-${index}` }));
  return [alfa, callOf(payments.methods.payBatch, { debtor: alfa, currency: 'EUR', mode, payments: rows })];
};
const issue = (account: Address, amount: bigint, reserveReference: string): Sent => [
  central,
  callOf(cash.methods.issue, { currency: 'EUR', account, amount, reserveReference }),
];
const activation = (name: string, bundle: Uint8Array, migrationFuel = MIGRATION_FUEL): Call =>
  callOf(deployment.methods.activate, { ...approvalOf(artefactHash('bundle', bundle), name), migrationFuel });

export async function opening(history: HistoryRecorder): Promise<void> {
  const day = (currency: string): Sent => [central, callOf(cash.methods.openBusinessDay, { currency, day: TODAY })];
  await history.expect([
    ['', day('EUR')],
    ['', day('USD')],
  ]);
  const funded = [alfa, alfaSecond, beta, gamma, custodian];
  await history.expect(funded.map((account, index) => ['', issue(account, 1_000_000n, `R-${index}`)] as const));
}

export async function standardContractsAtWork(history: HistoryRecorder): Promise<void> {
  const bond = {
    ...{ instrument: 'BOND', kind: 'bond', issuer: gamma, name: 'A bond', currency: 'EUR' },
    ...{ nominal: 100n, cap: 10_000n },
  } as const;
  const units = (amount: bigint): Call => callOf(assets.methods.issue, { instrument: 'BOND', account: gamma, amount });
  const lock = (sum: bigint) => ({ currency: 'EUR', lock: 'L-1', account: alfa, amount: sum });
  await history.expect([
    ['', pay(alfa, beta, 100n, 'P-1')],
    ['INSUFFICIENT_FUNDS', pay(beta, alfa, 10_000_000n, 'P-2')],
    ['CURRENCY_UNKNOWN', pay(beta, alfa, 1n, 'P-3', 'GBP')],
    ['ACCOUNT_UNKNOWN', pay(gamma, unknown, 1n, 'P-4')],
    ['SAME_ACCOUNT', pay(gamma, gamma, 1n, 'P-5')],
    ['', batch('all', 'A', [5n, 6n, 7n])],
    ['', batch('each', 'E', [5n, 10_000_000n, 0n, 7n])],
    ['', [gamma, callOf(assets.methods.create, bond), units(5_000n)]],
    ['UNAUTHORISED', [beta, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' })]],
  ]);
  await history.expect([
    ['BUSINESS_REFERENCE_USED', pay(alfa, beta, 100n, 'P-1')],
    ['AMOUNT_ZERO', batch('all', 'B', [5n, 0n])],
    ['CAP_EXCEEDED', [gamma, units(6_000n)]],
    ['', [alfa, callOf(desk.methods.hold, lock(500n))]],
    [
      'UNAUTHORISED',
      [beta, callOf(cash.methods.transfer, { currency: 'EUR', debtor: alfa, creditor: beta, amount: 1n })],
    ],
    ['METHOD_UNKNOWN', [beta, c.plainCall('cash', 'print')]],
    ['CONTRACT_UNKNOWN', [beta, c.plainCall('nobody', 'attack')]],
    ['ARGUMENTS_INVALID', [beta, c.plainCall('payments', 'pay')]],
    ['RESERVE_REFERENCE_USED', issue(alfa, 1n, 'R-0')],
  ]);
  const delivery = (amount: bigint): Call =>
    callOf(assets.methods.transfer, { instrument: 'BOND', from: gamma, to: alfa, amount });
  const both = [gamma, alfa];
  const price = (reference: string): Call => pay(alfa, gamma, 1_000n, reference)[1] as Call;
  await history.block([
    history.transaction([gamma, delivery(10n), price('D-1')], both),
    history.transaction([gamma, delivery(10_000n), price('D-2')], both),
    history.transaction([gamma, delivery(10n), pay(alfa, gamma, 10_000_000n, 'D-3')[1] as Call], both),
    history.transaction([alfa, callOf(desk.methods.pay, { ...lock(200n), account: beta })]),
    history.transaction(
      [central, callOf(cash.methods.redeem, { currency: 'EUR', account: beta, amount: 50n, reserveReference: 'X-1' })],
      [central, beta],
    ),
    history.transaction([central, callOf(membership.methods.suspendMember, { member: 'GAMAITMM' })]),
    history.transaction(pay(alfa, gamma, 1n, 'S-1')),
  ]);
  await history.expect([['', [central, callOf(membership.methods.reinstateMember, { member: 'GAMAITMM' })]]]);
  await instructionsAtWork(history);
}

/** A sale that nets, settles by its last approval, and cannot be approved again. */
async function instructionsAtWork(history: HistoryRecorder): Promise<void> {
  const { instruct, allocate, approve, cancel } = settlement.methods;
  const terms = {
    ...({ id: 'GAMAITMM-1', instructor: gamma, model: 'netBoth', deadline: history.timestamp + 1_000_000 } as const),
    legs: [
      { instrument: 'BOND', amount: 5n, from: gamma, to: alfa },
      { currency: 'EUR', amount: 700n, from: alfa, to: gamma },
      { currency: 'EUR', amount: 200n, from: gamma, to: alfa },
    ],
  };
  const own = (account: Address) => ({ id: terms.id, terms: termsHash(terms), account });
  const both = (account: Address): Sent => [
    account,
    callOf(allocate, { ...own(account), isCommitted: true }),
    callOf(approve, own(account)),
  ];
  await history.expect([
    ['', [gamma, callOf(instruct, terms)]],
    ['INSTRUCTION_EXISTS', [gamma, callOf(instruct, terms)]],
    ['', both(gamma)],
    ['TERMS_MISMATCH', [alfa, callOf(approve, { ...own(alfa), terms: new Uint8Array(32) })]],
    ['', both(alfa)],
    ['INSTRUCTION_CLOSED', [alfa, callOf(cancel, own(alfa))]],
  ]);
}

/** Uploads, registers and activates all of the first programs; what does not load is refused. */
export async function deploymentOfPrograms(history: HistoryRecorder, programs: HistoryPrograms): Promise<void> {
  const all = firstPrograms(programs);
  for (const { name, bundle } of all) await history.expect([['', [alfa, ...registerBundle(bundle, 1, name)]]]);
  const broken = registerBundle(utf8Encode('nothing.at.all;'), 1, 'broken');
  await history.expect([['BUNDLE_REFUSED', [gamma, ...broken]]]);
  await history.mustDecide('contracts.Activated', ...all.map(({ name, bundle }) => activation(name, bundle)));
  await history.expect([['', [alfa, ...registerBundle(fromHex(programs.escrowNext), 2, 'escrow')]]]);
  await history.mustDecide(
    'parameters.ParameterChanged',
    callOf(parameters.methods.change, { maxTransactionFuel: TRANSACTION_FUEL, heartbeatMs: 2_000 }),
  );
}

export async function escrowAtWork(history: HistoryRecorder): Promise<void> {
  const deal = (name: string, change: Partial<c.Deal> = {}): c.Deal => ({
    ...{ deal: name, buyer: alfa, seller: beta, arbiter: gamma, deadline: TODAY, amounts: [100n, 200n, 300n] },
    ...change,
  });
  await history.expect([
    ['', [alfa, c.openDeal(deal('one')), c.openDeal(deal('two'))]],
    ['PARTIES_NOT_DISTINCT', [alfa, c.openDeal(deal('none', { seller: alfa }))]],
    ['DEADLINE_PAST', [alfa, c.openDeal(deal('none', { deadline: TODAY - 1 }))]],
    ['INSUFFICIENT_FUNDS', [alfa, c.openDeal(deal('none', { amounts: [5n, 10n ** 12n] }))]],
    ['UNAUTHORISED', [beta, c.openDeal(deal('none'))]],
    ['ACCOUNT_UNKNOWN', [alfa, c.openDeal(deal('none', { arbiter: unknown }))]],
    ['', [alfa, c.openTwice(deal('three'))]],
  ]);
  await history.expect([
    ['', [alfa, c.ofMilestone('release', 'one', 0)]],
    ['UNAUTHORISED', [beta, c.ofMilestone('release', 'one', 1)]],
    ['', [beta, c.ofMilestone('refund', 'one', 1), c.dispute('one', beta)]],
    ['DEAL_UNKNOWN', [alfa, c.ofMilestone('release', 'nobody', 1)]],
    ['NOT_DUE', [alfa, c.reclaim('two')]],
    ['MILESTONE_UNKNOWN', [alfa, c.ofMilestone('release', 'two', 9)]],
    // The payment of the same transaction is taken back with what the program refuses.
    ['NOT_A_PARTY', [gamma, pay(gamma, beta, 5n, 'W-1')[1] as Call, c.dispute('two', gamma)]],
  ]);
  await history.expect([['', [gamma, c.resolve('one', 2, 120n)]]]);
}

/** Every trick, or one in so many; after each, a call that must go as if it had never been. */
export async function hostileCalls(history: HistoryRecorder, every: number): Promise<void> {
  const hostile = (name: string): Call => c.plainCall('hostile', name);
  const chosen = HOSTILE_METHODS.filter((method, index) => method.kind !== 'view' && isChosen(method, index, every));
  for (let at = 0; at < chosen.length; at += 16) {
    await history.block(
      chosen
        .slice(at, at + 16)
        .flatMap(({ name }) => [
          history.transaction([beta, hostile('fine'), hostile(name)]),
          history.transaction([gamma, hostile('fine')]),
        ]),
    );
  }
  const tryOut = (contract: string, method: string, fuel: number): Sent => [
    beta,
    callOf(c.gateway.methods.tryOut, { contract, method, fuel }),
  ];
  await history.expect([
    ['', [beta, c.plainCall('outer', 'attack')]],
    ['', tryOut('hostile', 'recursesForEver', 40_000_000)],
    ['', tryOut('hostile', 'throwsAnError', 40_000_000)],
    ['', tryOut('hostile', 'loopForEver', 1_000_000)],
    ['', tryOut('hostile', 'callsItself', 10_000_000)],
    ['', tryOut('outer', 'attack', 10_000_000)],
    ['', tryOut('inner', 'attack', 10_000_000)],
  ]);
}

/** Those that fault are of each kind, whatever is left out. */
function isChosen({ name }: HostileMethod, index: number, every: number): boolean {
  return index % every === 0 || ['throwsAnError', 'recursesForEver', 'eatsMemory', 'callsItself'].includes(name);
}

/** The next version of the escrow: once with too little fuel for its migration, then for good; and a pause. */
export async function upgradeAndPause(history: HistoryRecorder, { escrowNext }: HistoryPrograms): Promise<void> {
  const next = fromHex(escrowNext);
  await history.mustDecide('governance.Failed', activation('escrow', next, 10_000));
  await history.expect([['METHOD_UNKNOWN', [beta, c.deliver('two', 0)]]]);
  await history.mustDecide('contracts.Activated', activation('escrow', next));
  await history.expect([
    ['', [beta, c.deliver('two', 0)]],
    ['', [alfa, c.ofMilestone('release', 'two', 0)]],
    ['MILESTONE_NOT_HELD', [alfa, c.ofMilestone('release', 'one', 0)]],
  ]);
  const untilMs = history.timestamp + 4_000;
  const vote = callOf(governance.methods.pause, { scope: 'escrow', untilMs });
  await history.block([alfa, beta].map((voter) => history.transaction([voter, vote])));
  await history.expect([['PAUSED', [beta, c.deliver('two', 1)]]]);
  while (history.timestamp < untilMs) await history.block([]);
  await history.expect([['', [beta, c.deliver('two', 1)]]]);
}
