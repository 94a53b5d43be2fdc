import { callOf } from '../../../contracts/api/method.js';
import { assets, cash, payments, queue, settlement, subscriptions } from '../../../contracts/index.js';
import { termsHash } from '../../../contracts/settlement/terms.js';
import { desk } from '../../support/sandbox/standardTraffic.js';
import { BANKS, issuerOf, type Party } from '../cast.js';
import { by, type Maker, type Operation, type Scene } from '../scene.js';
import { proposeFreeze } from './orders.js';

/** A party that looks for what would hurt: each of these, were it to succeed where it must not, would move money twice. */

/** Somebody of whose money contracts hold a part, and how much of it. */
function withLocked(scene: Scene): { party: Party; currency: string; locked: bigint } | undefined {
  const found = scene.random.pick(scene.snapshot.cashLocked);
  if (found === undefined) return undefined;
  const [currency, account] = found.key;
  return { party: scene.party(account), currency, locked: found.value };
}

/** Spends what is locked, in one of the ways in which money leaves an account. */
const spendLocked: Maker = (scene) => {
  const found = withLocked(scene);
  if (found === undefined) return undefined;
  const { party, currency, locked } = found;
  const amount = scene.balance(currency, party) + 1n + (locked * BigInt(scene.random.integer(0, 100))) / 100n;
  const [debtor, creditor] = [party.account, scene.other(party).account];
  const reference = scene.reference(party);
  const kind = 'hostile: spend what is locked';
  switch (scene.random.integer(0, 5)) {
    case 0:
      return by(party, kind, callOf(payments.methods.pay, { debtor, creditor, currency, amount, reference }));
    case 1:
      return by(party, kind, callOf(cash.methods.transfer, { debtor, creditor, currency, amount }));
    case 2:
      return by(party, kind, callOf(queue.methods.reserve, { currency, account: debtor, amount: amount + locked }));
    case 3:
      return by(party, kind, callOf(desk.methods.hold, { currency, lock: 'L9', account: debtor, amount }));
    case 4: {
      const reserveReference = `S-${scene.memory.next()}`;
      const call = callOf(cash.methods.redeem, { currency, account: debtor, amount, reserveReference });
      return by(issuerOf(currency), kind, call, party);
    }
    default: {
      const payment = { debtor, creditor, currency, amount, reference, priority: 'urgent' as const };
      return by(party, kind, callOf(queue.methods.submit, payment));
    }
  }
};

/** Units that a contract holds, transferred or redeemed. */
const moveLockedUnits: Maker = (scene) => {
  const found = scene.random.pick(scene.snapshot.unitLocked);
  if (found === undefined) return undefined;
  const [instrument, account] = found.key;
  const party = scene.party(account);
  const amount = scene.holding(instrument, party) - found.value + 1n;
  const terms = { instrument, from: account, to: scene.other(party).account, amount };
  return by(party, 'hostile: move units that are locked', callOf(assets.methods.transfer, terms));
};

/** Comes back to an instruction, often one that is over. */
const comeBack: Maker = (scene) => {
  const known = scene.random.pick(scene.memory.instructions);
  if (known === undefined) return undefined;
  const { id, legs, instructor, settler } = known.terms;
  const accounts = [...legs.flatMap(({ from, to }) => [from, to]), instructor, settler ?? instructor];
  const party = scene.party(scene.one(accounts));
  const on = { id, account: party.account };
  const terms = known.hash;
  const s = settlement.methods;
  const call = scene.one([
    callOf(s.allocate, { ...on, terms, isCommitted: false }),
    callOf(s.approve, { ...on, terms }),
    callOf(s.withdraw, on),
    callOf(s.execute, { id }),
    callOf(s.cancel, on),
    callOf(s.expire, { id }),
    callOf(s.instruct, known.terms),
  ]);
  return by(party, 'hostile: come back to an instruction', call);
};

/** Comes back to a subscription, often one that is over. */
const allotAgain: Maker = (scene) => {
  const known = scene.random.pick(scene.memory.subscriptions);
  if (known === undefined) return undefined;
  const { id, account, issuer } = known;
  const m = subscriptions.methods;
  const [who, call] = scene.one<readonly [Party, ReturnType<typeof callOf>]>([
    [scene.party(issuer), callOf(m.allot, { id, units: 1n })],
    [scene.party(issuer), callOf(m.decline, { id })],
    [scene.party(account), callOf(m.cancel, { id })],
    [scene.bank(), callOf(m.expire, { id })],
  ]);
  return by(who, 'hostile: come back to a subscription', call);
};

/** A reference again, by another way than before. */
const payAgain: Maker = (scene) => {
  const known = scene.random.pick(scene.memory.references);
  if (known === undefined) return undefined;
  const { debtor, reference } = known;
  const party = scene.party(debtor);
  const terms = { debtor, creditor: scene.other(party).account, currency: scene.currency(), amount: 1n, reference };
  const call = scene.chance(0.5) ? callOf(payments.methods.pay, terms) : callOf(queue.methods.submit, terms);
  return by(party, 'hostile: use a reference again', call);
};

/** The lock of another contract, by its name, through a contract that releases for whoever asks. */
const takeOthersLock: Maker = (scene) => {
  const foreign = scene.snapshot.cashLocks.filter(({ key }) => key[1] !== 'desk');
  const found = scene.random.pick(foreign);
  if (found === undefined) return undefined;
  const [currency, , lock] = found.key;
  const terms = { currency, lock, account: scene.bank().account, amount: 1n };
  return by(scene.bank(), 'hostile: take the lock of another contract', callOf(desk.methods.pay, terms));
};

/** The money of an account that is suspended, by what does not ask it. */
const suspendedMoney: Maker = (scene) => {
  const { suspended, cashLocks, subscriptions: offers, instructions } = scene.snapshot;
  const held = cashLocks.filter(({ key, value }) => key[1] === 'desk' && suspended.has(value.debtor));
  const lock = scene.random.pick(held);
  const account = lock?.value.debtor ?? scene.random.pick([...suspended]);
  if (account === undefined) return undefined;
  const kind = 'hostile: money of a suspended account';
  const party = scene.party(account);
  const subscription = offers.find(({ value }) => value.account === account);
  const instruction = instructions.find(({ value }) => value.legs.some(({ from }) => from === account));
  const currency = scene.currency();
  const calls = [
    callOf(queue.methods.resolve, { currency, searchSteps: 2_000 }),
    callOf(payments.methods.pay, {
      ...{ debtor: account, creditor: scene.bank().account, currency, amount: 1n, reference: scene.reference(party) },
    }),
    ...(lock === undefined
      ? []
      : [
          callOf(desk.methods.pay, {
            ...{ currency: lock.key[0], lock: lock.key[2], account: scene.bank().account, amount: lock.value.amount },
          }),
        ]),
    ...(subscription === undefined
      ? []
      : [callOf(subscriptions.methods.allot, { id: subscription.key[0], units: 1n })]),
    ...(instruction === undefined ? [] : [callOf(settlement.methods.execute, { id: instruction.key[0] })]),
  ];
  // Everybody else signs, the owner too: it is refused for who it is.
  return by(scene.bank(), kind, scene.one(calls), party, ...BANKS);
};

/** Money that an order keeps, out of a lock that was there before; where no account has both, a freeze is proposed. */
const frozenMoney: Maker = (scene) => {
  const { cashControls, cashLocks } = scene.snapshot;
  const own = cashLocks.filter(({ key }) => key[1] === 'desk');
  const bound = own.filter(({ key, value }) =>
    cashControls.some((row) => row.value.freezes.length > 0 && row.key[0] === key[0] && row.key[1] === value.debtor),
  );
  const found = scene.random.pick(bound);
  if (found === undefined) return proposeFreeze(scene);
  const [currency, , lock] = found.key;
  const terms = { currency, lock, account: scene.bank().account, amount: found.value.amount };
  return by(scene.bank(), 'hostile: money that is frozen', callOf(desk.methods.pay, terms));
};

/** Sums that no bank has, which net to almost nothing: legs that are netted before anything is set aside. */
const netGiants: Maker = (scene) => {
  const [one, two] = [scene.bank(), scene.bank()];
  if (one === two) return undefined;
  const currency = scene.currency();
  const giant = 10n ** 30n + BigInt(scene.random.integer(0, 9));
  const leg = (from: Party, to: Party, amount: bigint) => ({
    ...{ currency, instrument: undefined, amount, from: from.account, to: to.account },
  });
  const terms = {
    id: `${one.member}-${scene.memory.next()}`,
    instructor: one.account,
    legs: [leg(one, two, giant), leg(two, one, 10n ** 30n)],
    model: scene.one(['netCash', 'netBoth', 'gross'] as const),
    settler: undefined,
    deadline: scene.timestamp + 50_000,
    rate: undefined,
  };
  scene.memory.remember(scene.memory.instructions, { terms, hash: termsHash(terms) });
  return by(one, 'hostile: net sums that nobody has', callOf(settlement.methods.instruct, terms));
};

export const hostileMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [20, spendLocked],
  [8, moveLockedUnits],
  [24, comeBack],
  [12, allotAgain],
  [12, payAgain],
  [8, takeOthersLock],
  [30, suspendedMoney],
  [3, netGiants],
  [12, frozenMoney],
];

/** The same money in several ways at once: each takes all of what is free. */
export function spendInSeveralWays(scene: Scene): readonly Operation[] {
  const [party, currency] = [scene.bank(), scene.currency()];
  const amount = scene.balance(currency, party);
  const { account } = party;
  const creditor = scene.other(party).account;
  const reference = scene.reference(party);
  const kind = 'hostile: spend in several ways';
  const ways = [
    callOf(queue.methods.reserve, { currency, account, amount }),
    callOf(desk.methods.hold, { currency, lock: 'L8', account, amount }),
    callOf(queue.methods.submit, { debtor: account, creditor, currency, amount, reference }),
    callOf(payments.methods.pay, { debtor: account, creditor, currency, amount, reference: `${reference}b` }),
    callOf(cash.methods.transfer, { debtor: account, creditor, currency, amount }),
  ];
  const first = scene.one(ways);
  const second = scene.one(ways.filter((each) => each !== first));
  return [by(party, kind, first), by(party, kind, second)];
}
