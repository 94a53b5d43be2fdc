import type { Command } from 'commander';
import { assets } from '../../contracts/assets/assets.js';
import { cash } from '../../contracts/cash/cash.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { usageError } from '../errors.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import { openSession, type Session } from '../session.js';
import { formatTable } from '../table.js';
import type { WalletAccount } from '../wallet.js';

interface Holding {
  readonly account: string;
  readonly name: string;
  /** ISO 4217 code or instrument id. */
  readonly asset: string;
  /** `lockedCash` is the account's own, held by contracts, beside its cash; `lockedInstrument` is a part of its instrument. */
  readonly kind: 'cash' | 'lockedCash' | 'instrument' | 'lockedInstrument';
  /** In the major unit for cash, in units for instruments. */
  readonly amount: string;
  readonly shown: string;
  /** Height after which the account is proven to hold it; null where it is a node's word. */
  readonly provenAt: number | null;
}

export function register(program: Command, bind: Bind): void {
  const command = program
    .command('balance')
    .description(
      'Show what accounts hold. Cash is proven from the genesis file as of a height; instruments are a node’s word.',
    )
    .argument('[accounts...]', 'names, addresses or BICs; all of the wallet when left out');
  withExamples(withJson(withNetwork(withWallet(command))), 'vostro balance', 'vostro balance AURLDEFF BORLFRPP').action(
    bind(balance),
  );
}

async function balance(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const names = invocation.args.flatMap((name) => name ?? []);
  const accounts =
    names.length === 0
      ? session.accounts.wallet.accounts
      : await Promise.all(names.map((name) => session.accounts.find(name)));
  if (accounts.length === 0) throw usageError('accounts', 'at least one', 'none, and the wallet names none');
  // Nobody has signed the genesis state.
  const isProvable = (await session.client.follow()).headHeight > 0;
  const holdings = (await Promise.all(accounts.map((account) => holdingsOf(session, account, isProvable)))).flat();
  const columns = [
    { title: 'ACCOUNT' },
    { title: 'ADDRESS' },
    { title: 'ASSET' },
    { title: 'AMOUNT', align: 'right' },
    { title: 'PROVEN AT', align: 'right' },
  ] as const;
  const rows = holdings.map(({ name, account, asset, kind, shown, provenAt }) => {
    const words =
      kind === 'lockedCash' ? `${asset} locked` : kind === 'lockedInstrument' ? `${asset}, of it locked` : asset;
    return [name, account, words, shown, provenAt === null ? '-' : `${provenAt}`];
  });
  return { data: { holdings: holdings.map(({ shown: _, ...data }) => data) }, text: formatTable(columns, rows) };
}

async function holdingsOf(
  session: Session,
  { name, account }: WalletAccount,
  isProvable: boolean,
): Promise<readonly Holding[]> {
  const common = { account: toChecksum(account), name: name.startsWith('0x') ? '' : name };
  const money: Holding[] = [];
  for (const { code: currency, decimals } of session.network.currencies) {
    const { amount, provenAt } = await cashOf(session, account, currency, isProvable);
    const shown = formatAmountForPeople(amount, decimals);
    money.push({
      ...common,
      asset: currency,
      kind: 'cash',
      amount: formatMajorAmount(amount, decimals),
      shown,
      provenAt,
    });
    const locked = await lockedOf(session, account, currency, isProvable);
    if (locked.amount === 0n) continue;
    money.push({
      ...common,
      asset: currency,
      kind: 'lockedCash',
      amount: formatMajorAmount(locked.amount, decimals),
      shown: formatAmountForPeople(locked.amount, decimals),
      provenAt: locked.provenAt,
    });
  }
  const held = await collectPages<{ readonly instrument: string; readonly amount: bigint; readonly locked: bigint }>(
    (last) => session.client.read(assets.methods.holdings, { account, limit: PAGE_ITEMS, after: last?.instrument }),
  );
  const units = held.flatMap(({ instrument, amount, locked }): Holding[] => {
    const of = (kind: Holding['kind'], value: bigint): Holding => {
      const shown = formatAmountForPeople(value, 0);
      return { ...common, asset: instrument, kind, amount: value.toString(), shown, provenAt: null };
    };
    return locked === 0n ? [of('instrument', amount)] : [of('instrument', amount), of('lockedInstrument', locked)];
  });
  return [...money, ...units];
}

async function cashOf({ client }: Session, account: Address, currency: string, isProvable: boolean) {
  if (!isProvable) return { amount: await client.read(cash.methods.balance, { account, currency }), provenAt: null };
  const { amount, height } = await client.balance(account, currency);
  return { amount, provenAt: height };
}

/** What contracts hold for the account. */
async function lockedOf({ client }: Session, account: Address, currency: string, isProvable: boolean) {
  if (!isProvable) return { amount: await client.read(cash.methods.locked, { account, currency }), provenAt: null };
  const { isAbsent, value, height } = await client.query('cash', 'locked', [currency, account]);
  return { amount: isAbsent || typeof value !== 'string' ? 0n : BigInt(value), provenAt: height };
}
