import { defineContract } from '../../../contracts/api/define.js';
import { callOf } from '../../../contracts/api/method.js';
import { t } from '../../../contracts/api/t.js';
import { assets, cash, governance, membership, parameters, payments, subscriptions } from '../../../contracts/index.js';
import type { MemoryTransaction } from '../../../contracts/testing/memoryLedger.js';
import type { Address, Call } from '../../../primitives/types.js';
import { ACCOUNTS, CENTRAL_BANK, CUSTODIAN, KEYS, TODAY, TODAY_MS } from '../settlementNetwork.js';
import { SeededNumbers } from './randomPrograms.js';

const party = { currency: t.currency, lock: t.id, account: t.address, amount: t.amount };
const definition = defineContract({ name: 'desk', version: 1, state: {}, events: {}, errors: {} });
const unitsParty = { instrument: t.id, lock: t.id, account: t.address, amount: t.amount };
const { lock, release } = cash.methods;

/** Holds money as a contract of a bank does: what `cash` does for contracts alone. */
export const desk = definition.build({
  hold: definition.tx({ args: party, auth: { sender: true } }, (ctx, { account: debtor, ...terms }) =>
    ctx.call(lock, { ...terms, debtor }),
  ),
  pay: definition.tx({ args: party, auth: { sender: true } }, (ctx, { account: creditor, ...terms }) =>
    ctx.call(release, { ...terms, creditor }),
  ),
  keep: definition.tx({ args: unitsParty, auth: { sender: true } }, (ctx, { account: holder, ...terms }) =>
    ctx.call(assets.methods.lock, { ...terms, holder }),
  ),
  deliver: definition.tx({ args: unitsParty, auth: { sender: true } }, (ctx, { account: to, ...terms }) =>
    ctx.call(assets.methods.release, { ...terms, to }),
  ),
  /** Pays what it can and says nothing of the rest. */
  tryTwice: definition.tx({ args: party, auth: { sender: true } }, (ctx, { account: creditor, ...terms }) => {
    for (let round = 0; round < 2; round++) ctx.attempt(() => ctx.call(release, { ...terms, creditor }));
  }),
});

const PARTIES: readonly Address[] = Object.values(ACCOUNTS);
const BANKS: readonly Address[] = [ACCOUNTS.alfa, ACCOUNTS.alfaSecond, ACCOUNTS.beta, ACCOUNTS.gamma];
const EVERY_KEY: readonly Address[] = Object.values(KEYS).map(({ address }) => address);
const MEMBERS = [CENTRAL_BANK, CUSTODIAN, 'ALFADEFF', 'BETAFRPP', 'GAMAITMM', 'NEWMDEFF'];
const LEI = '5299000J2N45DDNE4Y28';

/** Transactions of a network that lives: most are as a bank would send them, some of each kind are wrong in some way. */
export class StandardTraffic {
  readonly #numbers: SeededNumbers;
  #sent = 0;
  #height = 1;

  constructor(seed: number) {
    this.#numbers = new SeededNumbers(seed);
  }

  next(): MemoryTransaction {
    this.#sent += 1;
    const makers = [
      ...Array.from({ length: 6 }, () => () => this.#payment()),
      ...Array.from({ length: 4 }, () => () => this.#security()),
      ...Array.from({ length: 3 }, () => () => this.#cash()),
      () => this.#lock(),
      () => this.#unitLock(),
      () => this.#instrument(),
      () => this.#delivery(),
      () => this.#registry(),
      () => this.#governed(),
    ];
    const [sender, ...calls] = this.#one(makers)();
    const signers = this.#below(12) === 0 ? [this.#one(PARTIES)] : this.#signersOf(sender);
    return {
      sender,
      signers,
      calls: calls.map((call) => this.#spoilt(call)),
      height: this.#height,
      timestamp: TODAY_MS,
    };
  }

  #below(limit: number): number {
    return this.#numbers.below(limit);
  }
  #one<T>(values: readonly T[]): T {
    return values[this.#below(values.length)] as T;
  }
  /** Usually `usual`, sometimes anything else. */
  #mostly<T>(usual: T, others: readonly T[]): T {
    return this.#below(10) === 0 ? this.#one(others) : usual;
  }

  /** What a central bank does now and then, so that life goes on: opens the day, lifts suspensions, issues money. */
  housekeeping(): readonly MemoryTransaction[] {
    const { openBusinessDay, issue } = cash.methods;
    const { reinstateMember, reinstateAccount } = membership.methods;
    const calls = [
      ...['EUR', 'USD'].map((currency) => callOf(openBusinessDay, { currency, day: TODAY })),
      ...MEMBERS.map((member) => callOf(reinstateMember, { member })),
      ...PARTIES.map((account) => callOf(reinstateAccount, { account })),
      ...BANKS.map((account, index) => {
        const reserveReference = `H-${this.#height}-${index}`;
        return callOf(issue, { currency: index === 0 ? 'USD' : 'EUR', account, amount: 50_000n, reserveReference });
      }),
    ];
    const at = { height: this.#height, timestamp: TODAY_MS };
    return calls.map((call) => ({ sender: ACCOUNTS.central, calls: [call], ...at }));
  }

  /** What the executor does at the end of a block; the next transactions are in the one after it. */
  endOfBlock(): MemoryTransaction {
    this.#height += 1;
    return { calls: [callOf(governance.methods.activateDue, {})], height: this.#height - 1, timestamp: TODAY_MS };
  }

  #signersOf(sender: Address): readonly Address[] {
    return this.#below(4) === 0 ? [sender, ...EVERY_KEY.filter((key) => key !== sender)] : [sender];
  }

  /** Arguments that are cut or changed somewhere: most are no arguments any more, some are others. */
  #spoilt(call: Call): Call {
    if (this.#below(60) !== 0 || call.args.length < 2) return call;
    const args = call.args.slice(0, call.args.length - this.#below(2));
    args[this.#below(args.length)] = this.#below(256);
    return { ...call, args };
  }

  #amount(): bigint {
    return this.#mostly(BigInt(1 + this.#below(5_000)), [0n, 1n, 10_000_000n, 2n ** 128n - 1n, 2n ** 127n]);
  }
  #account(): Address {
    return this.#mostly(this.#one(BANKS), PARTIES);
  }
  #currency(): string {
    return this.#mostly(this.#one(['EUR', 'EUR', 'USD']), ['GBP', 'EUR']);
  }
  #reference(): string {
    return this.#mostly(`R-${this.#sent}`, ['again', 'R-1', `über "${this.#below(9)}" \u{1f3e6}`]);
  }

  #payment(): readonly [Address, ...Call[]] {
    const debtor = this.#account();
    const terms = {
      debtor,
      currency: this.#currency(),
      ...(this.#below(3) === 0 ? { businessDay: this.#mostly(TODAY, [TODAY + 1]) } : {}),
    };
    if (this.#below(3) > 0) {
      const one = { creditor: this.#account(), amount: this.#amount(), reference: this.#reference() };
      const endToEndId = this.#below(2) === 0 ? { endToEndId: `E2E ${this.#sent}` } : {};
      return [debtor, callOf(payments.methods.pay, { ...terms, ...one, ...endToEndId })];
    }
    const rows = Array.from({ length: 1 + this.#below(6) }, (_, index) => ({
      creditor: this.#account(),
      amount: this.#amount(),
      reference: this.#mostly(`B-${this.#sent}-${index}`, [`B-${this.#sent}-0`, 'again']),
    }));
    const mode = this.#one(['all', 'each'] as const);
    return [debtor, callOf(payments.methods.payBatch, { ...terms, mode, payments: rows })];
  }

  #security(): readonly [Address, ...Call[]] {
    const number = this.#below(6);
    const instrument = `BOND-${number}`;
    const issuer = BANKS[number % BANKS.length] as Address;
    const [account, amount] = [this.#account(), this.#amount()];
    const { create, issue, redeem, pause, resume, transfer } = assets.methods;
    switch (this.#below(8)) {
      case 0: {
        const optional = this.#below(2) === 0 ? { maturity: 20_300_101 } : { isin: 'US0378331005' };
        const terms = { kind: 'bond', issuer, name: `Bond "${number}"`, currency: 'EUR', nominal: 100n } as const;
        const cap = this.#mostly(1_000_000n, [0n, 2n ** 128n - 1n]);
        return [issuer, callOf(create, { instrument, ...terms, ...optional, cap })];
      }
      case 1:
      case 2:
        return [issuer, callOf(issue, { instrument, account, amount })];
      case 3:
        return [issuer, callOf(redeem, { instrument, account: issuer, amount })];
      case 4:
        return [this.#mostly(issuer, BANKS), callOf(this.#below(3) === 0 ? pause : resume, { instrument })];
      default:
        return [account, callOf(transfer, { instrument, from: account, to: this.#account(), amount })];
    }
  }

  /** Terms, who may hold, subscriptions and splits. */
  #instrument(): readonly [Address, ...Call[]] {
    const number = this.#below(4);
    const on = { instrument: `BOND-${number}` };
    const issuer = BANKS[number % BANKS.length] as Address;
    const account = this.#one([ACCOUNTS.alfa, ACCOUNTS.beta]);
    const id = `${account === ACCOUNTS.alfa ? 'ALFADEFF' : 'BETAFRPP'}-${this.#below(200)}`;
    const version = this.#mostly(1, [2, 3]);
    const [units, price] = [this.#amount(), BigInt(this.#below(3))];
    const deadline = TODAY_MS + this.#below(2);
    const { amend, admit, exclude } = assets.methods;
    const { subscribe, allot, decline, cancel, expire } = subscriptions.methods;
    const { beginSplit, continueSplit } = assets.methods;
    switch (this.#below(10)) {
      case 0: {
        const rule = this.#below(4) === 0 ? { eligibility: { roles: ['bank'] as const, admittedOnly: true } } : {};
        const terms = { name: `Terms ${this.#sent}`, nominal: this.#mostly(100n, [50n]), cap: 1_000_000n, ...rule };
        return [issuer, callOf(amend, { ...on, expectedVersion: version, ...terms })];
      }
      case 1:
        return [issuer, callOf(this.#one([admit, exclude]), { ...on, member: this.#one(MEMBERS) })];
      case 2:
        return [issuer, callOf(allot, { id, units })];
      case 3:
        return [account, callOf(this.#one([decline, cancel, expire]), { id })];
      case 4: {
        const ratio = this.#one([
          { numerator: 2, denominator: 1 },
          { numerator: 1, denominator: 2 },
        ]);
        return [issuer, callOf(beginSplit, { ...on, expectedVersion: version, ...ratio })];
      }
      case 5:
        return [account, callOf(continueSplit, { ...on, limit: this.#below(4) })];
      default: {
        const offer = { ...on, version, account, units, price, deadline };
        return [account, callOf(subscribe, { id, ...offer })];
      }
    }
  }

  #cash(): readonly [Address, ...Call[]] {
    const [currency, account, amount] = [this.#currency(), this.#account(), this.#amount()];
    const central = this.#mostly(ACCOUNTS.central, PARTIES);
    const reserveReference = this.#mostly(`RES-${this.#sent}`, ['RES-1']);
    const { issue, redeem, transfer, openBusinessDay, setCutOff, closeBusinessDay } = cash.methods;
    const { setLimits, setCounterpartyLimit } = cash.methods;
    switch (this.#below(13)) {
      case 0:
        return [central, callOf(closeBusinessDay, { currency: 'USD' })];
      case 1:
        return [
          central,
          callOf(openBusinessDay, { currency: this.#one(['USD', 'USD', 'EUR']), day: TODAY + this.#below(2) }),
        ];
      case 6:
        return [
          central,
          callOf(setCutOff, { currency: 'USD', cutOffAt: this.#one([undefined, TODAY_MS, TODAY_MS + 60_000]) }),
        ];
      case 7: {
        const values = { perPayment: this.#one([undefined, 4_000n]), perDay: this.#one([undefined, 40_000n]) };
        const keys = this.#below(3) === 0 ? [{ key: this.#mostly(account, EVERY_KEY), amount: 3_000n }] : [];
        return [account, callOf(setLimits, { currency, account, ...values, keys })];
      }
      case 8:
        return [
          account,
          callOf(setCounterpartyLimit, {
            ...{ currency, account, creditor: this.#account(), amount: this.#one([undefined, 9_000n]) },
          }),
        ];
      case 2:
        return [central, callOf(redeem, { currency, account, amount, reserveReference })];
      case 3:
      case 4:
      case 5:
        return [central, callOf(issue, { currency, account, amount, reserveReference })];
      default:
        return [account, callOf(transfer, { currency, debtor: account, creditor: this.#account(), amount })];
    }
  }

  #lock(): readonly [Address, ...Call[]] {
    const account = this.#account();
    const terms = { currency: this.#currency(), lock: `L-${this.#below(12)}`, account, amount: this.#amount() };
    const { hold, pay, tryTwice } = desk.methods;
    return [account, callOf(this.#one<typeof hold | typeof pay>([hold, hold, pay, tryTwice]), terms)];
  }

  #unitLock(): readonly [Address, ...Call[]] {
    const account = this.#account();
    const instrument = `BOND-${this.#below(4)}`;
    const terms = { instrument, lock: `L-${this.#below(12)}`, account, amount: this.#amount() };
    const { keep, deliver } = desk.methods;
    return [account, callOf(this.#one<typeof keep | typeof deliver>([keep, keep, deliver]), terms)];
  }

  /** Securities against money: both legs or none. */
  #delivery(): readonly [Address, ...Call[]] {
    const [seller, buyer] = [this.#account(), this.#account()];
    const instrument = `BOND-${this.#below(4)}`;
    const leg = { instrument, from: seller, to: buyer, amount: this.#amount() };
    const price = {
      debtor: buyer,
      creditor: seller,
      currency: 'EUR',
      amount: this.#amount(),
      reference: this.#reference(),
    };
    return [seller, callOf(assets.methods.transfer, leg), callOf(payments.methods.pay, price)];
  }

  #registry(): readonly [Address, ...Call[]] {
    const member = this.#one(MEMBERS);
    const account = this.#account();
    const central = this.#mostly(ACCOUNTS.central, PARTIES);
    const { suspendMember, reinstateMember, suspendAccount, reinstateAccount } = membership.methods;
    const { rotateKey, changePolicy, deactivateKey, openAccount, ready } = membership.methods;
    switch (this.#below(11)) {
      case 0:
        return [
          this.#below(3) === 0 ? account : central,
          callOf(suspendMember, { member: this.#one(['GAMAITMM', member]) }),
        ];
      case 1:
      case 2:
        return [central, callOf(reinstateMember, { member: this.#one(['GAMAITMM', member]) })];
      case 3:
        return [central, callOf(suspendAccount, { account: this.#one([ACCOUNTS.alfaSecond, account]) })];
      case 4:
      case 5:
        return [central, callOf(reinstateAccount, { account: this.#one([ACCOUNTS.alfaSecond, account]) })];
      case 6:
        return [
          ACCOUNTS.alfa,
          callOf(rotateKey, { account: ACCOUNTS.alfaSecond, remove: this.#one(EVERY_KEY), add: this.#one(EVERY_KEY) }),
        ];
      case 10:
        return [
          this.#one([ACCOUNTS.alfa, ACCOUNTS.alfaSecond]),
          callOf(changePolicy, {
            account: ACCOUNTS.alfaSecond,
            threshold: 1 + this.#below(2),
            keys: [ACCOUNTS.alfa, this.#one(EVERY_KEY)],
            checkers: this.#below(3) === 0 ? [this.#one(EVERY_KEY)] : [],
          }),
        ];
      case 7:
        return [account, callOf(deactivateKey, { key: this.#one(EVERY_KEY) })];
      case 8:
        return [
          ACCOUNTS.alfa,
          callOf(openAccount, {
            member: 'ALFADEFF',
            label: `label-${this.#below(4)}`,
            threshold: this.#below(3),
            keys: [this.#one(EVERY_KEY), this.#one(EVERY_KEY)],
            checkers: this.#below(2) === 0 ? [] : [this.#one(EVERY_KEY)],
          }),
        ];
      default:
        return [account, callOf(ready, { height: this.#below(2), stateRoot: new Uint8Array(32).fill(this.#below(2)) })];
    }
  }

  /** A proposal of one call, due at the end of the next block. */
  #governed(): readonly [Address, ...Call[]] {
    const terms = { activateAt: this.#height + 2, expiresAt: TODAY_MS + 60_000, description: 'of the traffic' };
    return [ACCOUNTS.central, callOf(governance.methods.propose, { calls: [this.#governedCall()], ...terms })];
  }

  #governedCall(): Call {
    const member = this.#one(MEMBERS.filter((each) => each !== CENTRAL_BANK));
    const { registerMember, changeRoles, setSuspended, registerNode, removeNode } = membership.methods;
    switch (this.#below(8)) {
      case 0:
        return callOf(registerMember, { member, lei: LEI, name: 'New', roles: ['bank'] });
      case 1:
        return callOf(changeRoles, { member, roles: this.#one([['bank'], ['custodian', 'supervisor']] as const) });
      case 2:
        return callOf(setSuspended, { member, suspended: this.#below(4) === 0 });
      case 3:
        return callOf(registerNode, {
          member,
          peerId: `peer-${this.#below(20)}`,
          role: 'observer',
          addresses: ['/ip4/127.0.0.1/tcp/1'],
        });
      case 4:
        return callOf(removeNode, { peerId: `peer-${this.#below(20)}` });
      case 5:
        return callOf(cash.methods.returnLock, { currency: 'EUR', contract: 'desk', lock: `L-${this.#below(12)}` });
      case 6:
        return callOf(assets.methods.returnLock, {
          instrument: `BOND-${this.#below(4)}`,
          contract: 'desk',
          lock: `L-${this.#below(12)}`,
        });
      default:
        return callOf(parameters.methods.change, {
          heartbeatMs: 900 + this.#below(300),
          maxBlockTransactions: this.#one([1_000, 0]),
        });
    }
  }
}
