import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatMajorAmount, parseMajorAmount } from '../amounts.js';
import type { DevnetLayout } from './layout.js';
import { DEVNET_CURRENCY, DEVNET_MEMBERS } from './members.js';
import type { Operator } from './operator.js';

/** Every bank begins the day with so much, in the major unit: more than any of them pays out before it is paid. */
const OPENING_BALANCE = '2000000000.00';
const BOND_UNITS = '250';
const BOND_PRICE = '246875.00';

/** What a file of payments came to, as `vostro pay --file` reports it. */
export interface FileReport {
  readonly file: string;
  readonly payments: number;
  readonly settled: {
    readonly count: number;
    readonly value: readonly { readonly currency: string; readonly amount: string }[];
  };
  readonly refused: readonly {
    readonly line: number;
    readonly reference: string;
    readonly code: string;
    readonly message: string;
  }[];
  readonly unknown: readonly unknown[];
  readonly timeToFinality?: { readonly p50Ms: number; readonly p99Ms: number };
}

export interface SettledFile {
  readonly report: FileReport;
  readonly durationMs: number;
}

export interface BondSale {
  readonly instrument: string;
  readonly seller: string;
  readonly buyer: string;
  readonly units: string;
  readonly price: string;
  readonly transactionId: string;
}

export interface SettledDay {
  readonly day: string;
  readonly files: readonly SettledFile[];
  readonly bond: BondSale;
}

interface Holding {
  readonly name: string;
  readonly kind: 'cash' | 'instrument';
  readonly amount: string;
}

interface CashData {
  readonly businessDay: string | null;
  readonly isOpen: boolean;
  readonly outstanding: string;
}

const bankBics = DEVNET_MEMBERS.filter(({ role }) => role === 'bank').map(({ bic }) => bic);
const centralBank = DEVNET_MEMBERS.find(({ role }) => role === 'centralBank')?.bic ?? '';
const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** A whole business day, by commands alone: open, issue, pay two files, tokenise a bond and sell it. */
export async function settleBusinessDay(
  operator: Operator,
  layout: DevnetLayout,
  { todayIso, note }: { readonly todayIso: string; readonly note: (text: string) => void },
): Promise<SettledDay> {
  const day = await openDay(operator, todayIso);
  note(`business day ${day} is open`);
  await topUp(operator, day);
  note(`the central bank has issued opening balances of ${OPENING_BALANCE} ${DEVNET_CURRENCY.code}`);
  const files: SettledFile[] = [];
  for (const name of ['day.csv', 'pacs009.xml']) {
    note(`settling examples/${name}`);
    files.push(await settleFile(operator, join(examples, name)));
  }
  note('tokenising a bond and selling it, delivery versus payment');
  const bond = await sellBond(operator, layout, day);
  return { day, files, bond };
}

/** Cash of every account and what the central bank has outstanding, in minor units: equal, or money was made or lost. */
export async function moneyOf(operator: Operator): Promise<{ readonly held: bigint; readonly outstanding: bigint }> {
  const { holdings } = await operator.must<{ holdings: readonly Holding[] }>('balance');
  const { outstanding } = await operator.must<CashData>('cash', 'show');
  const held = holdings.filter(({ kind }) => kind === 'cash').reduce((sum, { amount }) => sum + minor(amount), 0n);
  return { held, outstanding: minor(outstanding) };
}

/** The day after the newest one, or today if that is later; the one before is closed first. */
async function openDay(operator: Operator, todayIso: string): Promise<string> {
  const { businessDay, isOpen } = await operator.must<CashData>('cash', 'show');
  if (isOpen) await operator.must('cash', 'close-day', '--account', centralBank);
  const next = businessDay === null ? todayIso : laterOf(todayIso, dayAfter(businessDay));
  await operator.must('cash', 'open-day', '--account', centralBank, '--day', next);
  return next;
}

async function topUp(operator: Operator, day: string): Promise<void> {
  const { holdings } = await operator.must<{ holdings: readonly Holding[] }>('balance', ...bankBics);
  for (const bic of bankBics) {
    const balance = holdings.find(({ name, kind }) => name === bic && kind === 'cash')?.amount ?? '0';
    const missing = minor(OPENING_BALANCE) - minor(balance);
    if (missing <= 0n) continue;
    const amount = formatMajorAmount(missing, DEVNET_CURRENCY.decimals);
    const reserve = `RESERVE-${day}-${bic}`;
    const target = ['--account', centralBank, '--to', bic, '--amount', amount, '--reserve-reference', reserve];
    await operator.must('cash', 'issue', ...target);
  }
}

async function settleFile(operator: Operator, path: string): Promise<SettledFile> {
  const startedMs = performance.now();
  const { envelope } = await operator.run('pay', '--file', path);
  const durationMs = performance.now() - startedMs;
  if (envelope.data !== null) return { report: envelope.data as FileReport, durationMs };
  // Nothing was settled at all: the same command says why.
  return { report: await operator.must<FileReport>('pay', '--file', path), durationMs };
}

async function sellBond(operator: Operator, layout: DevnetLayout, day: string): Promise<BondSale> {
  const [seller = '', buyer = ''] = [bankBics[0], bankBics[2]];
  const instrument = `AURL-2031-${day.replaceAll('-', '')}`;
  const file = join(layout.wallet, `${instrument}.dvp.json`);
  const terms = ['--kind', 'bond', '--name', 'Aurelia 3% 2031', '--nominal', '1000.00', '--cap', '50000'];
  await operator.must('asset', 'create', instrument, '--account', seller, ...terms, '--maturity', '2031-06-30');
  await operator.must('asset', 'issue', instrument, '--account', seller, '--to', seller, '--units', '1000');
  await rm(file, { force: true });
  const parties = ['--seller', seller, '--buyer', buyer, '--instrument', instrument];
  await operator.must('dvp', 'propose', ...parties, '--units', BOND_UNITS, '--price', BOND_PRICE, '--out', file);
  await operator.must('dvp', 'sign', file, '--yes');
  const { transactionId } = await operator.must<{ transactionId: string }>('dvp', 'send', file);
  return { instrument, seller, buyer, units: BOND_UNITS, price: BOND_PRICE, transactionId };
}

function minor(amount: string): bigint {
  return parseMajorAmount(amount, DEVNET_CURRENCY.decimals);
}

function laterOf(a: string, b: string): string {
  return a > b ? a : b;
}

function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}
