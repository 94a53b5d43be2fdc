import { callOf } from '../../contracts/api/method.js';
import { cash } from '../../contracts/index.js';
import { BANKS, partyOf } from './cast.js';
import type { Order } from './ledger.js';
import { actionMakers, hostileActionMakers } from './makers/actions.js';
import { creditMakers, hostileCreditMakers } from './makers/credit.js';
import { governanceMakers } from './makers/governance.js';
import { hostileMakers, spendInSeveralWays } from './makers/hostile.js';
import { hostileHtlcMakers, htlcMakers } from './makers/htlc.js';
import { instrumentMakers } from './makers/instruments.js';
import { hostileLimitMakers, limitMakers } from './makers/limits.js';
import { closeLateDay, moneyMakers, openDay } from './makers/money.js';
import { hostileNettingMakers, nettingMakers } from './makers/netting.js';
import { hostileOrderMakers, orderMakers } from './makers/orders.js';
import { queueMakers } from './makers/queue.js';
import { hostileRepoMakers, repoMakers } from './makers/repo.js';
import { settlementMakers } from './makers/settlement.js';
import { hostileSupervisionMakers, supervisionMakers } from './makers/supervision.js';
import { by, type Maker, type Operation, type Scene } from './scene.js';

/** A transaction, and what its operations are in the report. */
export interface Draft {
  readonly order: Order;
  readonly kinds: readonly string[];
}

/** Calls of one transaction. */
const MOST = 4;

/** Those that succeed more often than not, so that several of them do. */
const plainMakers = [...moneyMakers.slice(0, 5), ...queueMakers.slice(0, 2)];

const makers = [
  ...[...moneyMakers, ...queueMakers, ...settlementMakers, ...instrumentMakers],
  ...[...orderMakers, ...htlcMakers, ...limitMakers, ...nettingMakers, ...governanceMakers],
  ...[...creditMakers, ...repoMakers, ...actionMakers, ...supervisionMakers],
];
const hostile = [
  ...hostileMakers,
  ...hostileHtlcMakers,
  ...hostileNettingMakers,
  ...hostileActionMakers,
  ...hostileSupervisionMakers,
  ...hostileLimitMakers,
  ...hostileOrderMakers,
  ...hostileCreditMakers,
  ...hostileRepoMakers,
];

/** The maker in whose stretch of the weights a number lies. */
function at(list: readonly (readonly [number, Maker])[], number: number): Maker | undefined {
  let left = number;
  for (const [weight, maker] of list) {
    left -= weight;
    if (left <= 0) return maker;
  }
  return undefined;
}

function choose(scene: Scene, list: readonly (readonly [number, Maker])[]): Operation {
  const total = list.reduce((sum, [weight]) => sum + weight, 0);
  for (;;) {
    const found = at(list, scene.random.integer(1, total))?.(scene);
    if (found !== undefined) return found;
  }
}

/** Now and then somebody else signs, or with it one of two keys. */
function signedByAnother(scene: Scene, { kind, order }: Operation): Operation {
  if (!scene.chance(0.04)) return { kind, order };
  const { account, signers } = scene.bank();
  const some = scene.chance(0.3) ? order.signers.slice(0, 1) : [];
  return { kind, order: { ...order, sender: account, signers: [...new Set([...signers, ...some])] } };
}

function operation(scene: Scene): Operation {
  if (scene.snapshot.days.some(({ value }) => !value.isOpen) && scene.chance(0.05)) {
    const opened = openDay(scene);
    if (opened !== undefined) return opened;
  }
  const late = scene.chance(0.02) ? closeLateDay(scene) : undefined;
  if (late !== undefined) return late;
  return signedByAnother(scene, choose(scene, scene.chance(0.12) ? hostile : makers));
}

/** One operation, several at once, the same one twice, or several of which the last must fail. */
export function draft(scene: Scene): Draft {
  const first = operation(scene);
  if (scene.chance(0.78)) return { order: first.order, kinds: [first.kind] };
  if (scene.chance(0.1)) return joined(spendInSeveralWays(scene));
  if (scene.chance(0.2)) return joined([first, first]);
  const more = Array.from({ length: scene.random.integer(1, MOST - 2) }, () => choose(scene, plainMakers));
  return joined(scene.chance(0.3) ? [first, ...more, failing(scene)] : [first, ...more]);
}

/** Fails in any state. */
function failing(scene: Scene): Operation {
  const [debtor, creditor] = BANKS.map(({ account }) => account);
  const party = partyOf(debtor ?? '0x') ?? scene.bank();
  const terms = { currency: 'EUR', debtor: party.account, creditor: creditor ?? party.account, amount: 0n };
  return by(party, 'a last one that fails', callOf(cash.methods.transfer, terms));
}

/** Sent by whoever sends the first, signed by whoever signs any. */
function joined(operations: readonly Operation[]): Draft {
  const signers = [...new Set(operations.flatMap(({ order }) => order.signers))];
  const calls = operations.flatMap(({ order }) => order.calls);
  // What a central bank does, it does as the sender.
  const senders = operations.map(({ order }) => order.sender);
  const sender = senders.find((each) => partyOf(each)?.role === 'centralBank') ?? senders[0] ?? '0x';
  return { order: { sender, signers, calls }, kinds: operations.map(({ kind }) => kind) };
}
