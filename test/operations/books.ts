import { standardContract } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { ActionPayments } from './actionsBook.js';
import { isAuthorised, partyOf } from './cast.js';
import { addressOf, amountOf, assetOf, type Bookkeeper, type Data, type Event, eventsOf } from './events.js';
import { type Executed, isDescribed } from './ledger.js';
import type { Movement } from './movement.js';
import { NettingBook } from './nettingBook.js';
import { RepoMovements } from './repoBook.js';
import { type Snapshot, Sums, wealthOf } from './snapshot.js';

/**
 * The books of the network, kept by other code than the contracts': who owns what once each transaction of the chain has done
 * what its calls and its events say. Who locks what, and where, does not concern them: locked is owned.
 */

interface JsonLeg {
  readonly currency?: string | null;
  readonly instrument?: string | null;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

export class Books implements Bookkeeper {
  readonly #wealth = new Sums();
  readonly #queued = new Map<string, Movement>();
  readonly #instructed = new Map<string, readonly Movement[]>();
  readonly #instruments = new Map<string, Data>();
  readonly #subscriptions = new Map<string, Data>();
  /** Locks that a key or time opens, by their ids. */
  readonly #keyed = new Map<string, Data>();
  readonly #netted = new NettingBook();
  readonly #repos = new RepoMovements((asset, from, to, amount) =>
    this.#move({ asset, from: addressOf(from), to: addressOf(to), amount }),
  );
  /** Currency → the central bank's account whose money is lent. */
  readonly #funders = new Map<string, Address>();
  readonly #actions = new ActionPayments();
  readonly #issued = new Sums();
  /** What calls did that their signers could not have had done. */
  readonly #faults: string[] = [];

  /** Takes note of one transaction. */
  note({ order, receipt, outcomes }: Executed): void {
    if (!receipt.success) return;
    const events = eventsOf(receipt);
    for (const event of events) {
      this.#noteEvent(event);
      this.#repos.note(event);
      this.#noteLending(event);
      for (const movement of this.#netted.note(event.name, event.data)) this.#move(movement);
      for (const movement of this.#actions.note(event.name, event.data)) this.#move(movement);
    }
    const waits = new Set(
      events.filter(({ name }) => name === 'queue.Queued').map(({ data }) => referenceOf(data, data)),
    );
    let place = 0;
    for (const { contract, method, args } of order.calls) {
      if (!isDescribed(contract)) continue;
      const json = standardContract(contract).codec.decodeArgs(method, args) as Data;
      this.#requireSigned(`${contract}.${method}`, json, order.signers);
      if (method !== 'payBatch' && method !== 'submitBatch') continue;
      for (const row of json['payments'] as readonly Data[]) {
        const isSettled = outcomes[place++]?.code === '';
        if (isSettled && !waits.has(referenceOf(json, row))) this.#pay(json, row);
      }
    }
  }

  /** Where the state says otherwise, or somebody was debited without having signed. */
  differences(snapshot: Snapshot): readonly string[] {
    const found = this.#faults.splice(0);
    found.push(...this.#wealth.differences(wealthOf(snapshot)).map((text) => `owned, books and state: ${text}`));
    const supply = new Sums();
    for (const { key, value } of snapshot.supply) supply.add(`cash ${key[0]}`, value.issued - value.redeemed);
    for (const { key, value } of snapshot.instruments) supply.add(`units ${key[0]}`, value.issued - value.redeemed);
    found.push(...this.#issued.differences(supply).map((text) => `outstanding, books and state: ${text}`));
    return found;
  }

  #noteEvent({ name, data }: Event): void {
    switch (name) {
      case 'cash.Issued':
      case 'cash.Redeemed':
        this.#make(`cash ${data['currency']}`, data, name === 'cash.Issued' ? 1n : -1n);
        return;
      case 'assets.Issued':
      case 'assets.Redeemed':
        this.#make(`units ${data['instrument']}`, data, name === 'assets.Issued' ? 1n : -1n);
        return;
      case 'cash.Transferred':
      case 'payments.Paid':
      case 'queue.Settled':
        this.#pay(data, data);
        return;
      case 'cash.Seized':
        this.#move(transferOf(`cash ${data['currency']}`, data));
        return;
      case 'assets.Seized':
      case 'assets.Transferred':
        this.#move(transferOf(`units ${data['instrument']}`, data));
        return;
      case 'queue.Queued':
        this.#queued.set(`${data['currency']} ${data['id']}`, paymentOf(data, data));
        return;
      case 'queue.Resolved':
        for (const id of data['settled'] as readonly number[]) this.#settleQueued(`${data['currency']} ${id}`);
        return;
      case 'settlement.Instructed':
        this.#instructed.set(String(data['id']), (data['legs'] as readonly JsonLeg[]).map(legOf));
        return;
      case 'settlement.Settled':
        for (const leg of this.#instructed.get(String(data['id'])) ?? []) this.#move(leg);
        this.#instructed.delete(String(data['id']));
        return;
      case 'htlc.Locked':
        this.#keyed.set(String(data['id']), data);
        return;
      case 'htlc.Paid':
        this.#payKeyed(String(data['id']));
        return;
      case 'cash.Released':
        // The standard contracts say by events of their own what a release pays for.
        if (data['contract'] === 'desk') this.#pay(data, data);
        return;
      case 'assets.InstrumentCreated':
        this.#instruments.set(String(data['instrument']), data);
        return;
      case 'subscriptions.Subscribed':
        this.#subscriptions.set(String(data['id']), data);
        return;
      case 'subscriptions.Allotted':
        this.#allot(data);
        return;
      case 'assets.Released':
        if (data['contract'] === 'desk') this.#deliver(data);
        return;
      case 'assets.HoldingSplit':
        this.#split(data);
        return;
    }
  }

  /** Drawn from the funder, paid to it; collateral that is sold goes to who pays. */
  #noteLending({ name, data }: Event): void {
    const [currency, account] = [String(data['currency']), addressOf(data['account'])];
    const funder = this.#funders.get(currency) ?? '0x';
    const asset = `cash ${currency}`;
    if (name === 'credit.FacilitySet') this.#funders.set(currency, addressOf(data['funder']));
    if (name === 'credit.Drawn') this.#move({ asset, from: funder, to: account, amount: amountOf(data['amount']) });
    if (name === 'credit.Repaid') {
      this.#move({ asset, from: addressOf(data['payer']), to: funder, amount: amountOf(data['amount']) });
    }
    // What a sale brings a suspended account too much waits in a lock of its own; what an active one is paid is a transfer.
    const isSurplus = name === 'cash.PaidIn' && data['contract'] === 'credit' && data['lock'] !== 'facility';
    if (isSurplus) this.#pay(data, data);
    if (name !== 'credit.Liquidated') return;
    const buyer = addressOf(data['buyer']);
    this.#move({ asset, from: buyer, to: funder, amount: amountOf(data['paid']) });
    this.#move({ asset: `units ${data['instrument']}`, from: account, to: buyer, amount: amountOf(data['units']) });
  }

  #make(asset: string, data: Data, sign: bigint): void {
    const amount = sign * amountOf(data['amount']);
    this.#wealth.add(`${addressOf(data['account'])} ${asset}`, amount);
    this.#issued.add(asset, amount);
  }

  #pay(header: Data, row: Data): void {
    this.#move(paymentOf(header, row));
  }

  #deliver(data: Data): void {
    const [from, to] = [addressOf(data['holder']), addressOf(data['to'])];
    this.#move({ asset: `units ${data['instrument']}`, from, to, amount: amountOf(data['amount']) });
  }

  /** The price that was subscribed for each unit that is allotted, and no other. */
  #allot(data: Data): void {
    const offer = this.#subscriptions.get(String(data['id'])) ?? {};
    const { issuer, currency } = this.#instruments.get(String(data['instrument'])) ?? {};
    const amount = amountOf(data['units']) * amountOf(offer['price']);
    this.#move({ asset: `cash ${currency}`, from: addressOf(offer['account']), to: addressOf(issuer), amount });
  }

  #settleQueued(key: string): void {
    const payment = this.#queued.get(key);
    if (payment === undefined) this.#faults.push(`payment ${key} of the queue settles, and did not wait`);
    else this.#move(payment);
    this.#queued.delete(key);
  }

  /** Once, and to whom the lock said. */
  #payKeyed(id: string): void {
    const lock = this.#keyed.get(id);
    if (lock === undefined) this.#faults.push(`lock ${id} is paid, and was not there`);
    else this.#move({ asset: assetOf(lock), ...partiesOf(lock), amount: amountOf(lock['amount']) });
    this.#keyed.delete(id);
  }

  #split(data: Data): void {
    const asset = `units ${data['instrument']}`;
    const by = amountOf(data['after']) - amountOf(data['before']);
    this.#wealth.add(`${addressOf(data['account'])} ${asset}`, by);
    this.#issued.add(asset, by);
  }

  #move({ asset, from, to, amount }: Movement): void {
    this.#wealth.add(`${from} ${asset}`, -amount);
    this.#wealth.add(`${to} ${asset}`, amount);
  }

  /** Whoever a call debits, locks or binds has signed it, by its own policy. */
  #requireSigned(method: string, json: Data, signers: readonly Address[]): void {
    const field = DEBITED[method];
    if (field === undefined) return;
    const account = addressOf(json[field]);
    if (isAuthorised(account, signers)) return;
    this.#faults.push(`${method} succeeds for ${partyOf(account)?.name ?? account}, who has not signed`);
  }
}

/** The argument that names the account whose authorisation a method needs. */
const DEBITED: Readonly<Record<string, string>> = {
  'cash.transfer': 'debtor',
  'cash.redeem': 'account',
  'payments.pay': 'debtor',
  'payments.payBatch': 'debtor',
  'queue.submit': 'debtor',
  'queue.submitBatch': 'debtor',
  'queue.reserve': 'account',
  'queue.setLimit': 'debtor',
  'settlement.instruct': 'instructor',
  'settlement.allocate': 'account',
  'settlement.approve': 'account',
  'assets.transfer': 'from',
  'assets.redeem': 'account',
  'subscriptions.subscribe': 'account',
  'htlc.lock': 'sender',
  'credit.draw': 'account',
  'credit.repay': 'payer',
  'credit.deposit': 'account',
  'credit.withdraw': 'account',
  'credit.substitute': 'account',
  'repo.offer': 'seller',
  'repo.accept': 'buyer',
  'actions.declare': 'issuer',
  'netting.open': 'operator',
  'netting.submit': 'debtor',
  'netting.withdraw': 'account',
  'netting.confirm': 'account',
  'netting.object': 'account',
  'cash.setLimits': 'account',
  'cash.setCounterpartyLimit': 'account',
};

function transferOf(asset: string, data: Data): Movement {
  return { asset, from: addressOf(data['from']), to: addressOf(data['to']), amount: amountOf(data['amount']) };
}

function partiesOf({ sender, recipient }: Data): { readonly from: Address; readonly to: Address } {
  return { from: addressOf(sender), to: addressOf(recipient) };
}

function paymentOf(header: Data, row: Data): Movement {
  const [from, to] = [addressOf(header['debtor']), addressOf(row['creditor'])];
  return { asset: `cash ${header['currency']}`, from, to, amount: amountOf(row['amount']) };
}

function referenceOf(header: Data, row: Data): string {
  return `${header['debtor']} ${row['reference']}`;
}

function legOf({ currency, instrument, from, to, amount }: JsonLeg): Movement {
  const asset = typeof currency === 'string' ? `cash ${currency}` : `units ${instrument}`;
  return { asset, from: addressOf(from), to: addressOf(to), amount: BigInt(amount) };
}
