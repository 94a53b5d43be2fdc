import { type NetPayment, netsOf, pairNets } from '../../contracts/netting/nets.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { CliError } from '../errors.js';
import { readTextFile } from '../files.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { parseCsvPayments } from '../payments/csvPayments.js';
import { formatFields, formatTable } from '../table.js';

const MAX_FILE_BYTES = 4_194_304;
const DEFAULT_DECIMALS = 2;
const MAX_DECIMALS = 6;

/** What obligations of a file come to, offline: names of banks are taken as they stand. */
export async function simulate({ options }: Invocation): Promise<CommandResult> {
  const path = options.required('file');
  const decimals = options.integer('decimals', 0, MAX_DECIMALS) ?? DEFAULT_DECIMALS;
  const { rows, malformed } = parseCsvPayments(await readTextFile(path, MAX_FILE_BYTES), path);
  const [fault] = malformed;
  if (fault !== undefined) throw fileFault(path, `line ${fault.line}: ${fault.message}`);
  const without = new Set(options.list('without'));
  const set = rows
    .map(({ debtor, creditor, amount }) => ({ debtor, creditor, amount: parseMajorAmount(amount, decimals) }))
    .filter(({ debtor, creditor }) => !without.has(debtor) && !without.has(creditor));
  const currencies = new Set(rows.map(({ currency }) => currency));
  if (currencies.size > 1) throw fileFault(path, [...currencies].join(', '));
  const self = set.find(({ debtor, creditor }) => debtor === creditor);
  if (self !== undefined) throw fileFault(path, `an obligation of ${self.debtor} to itself`);
  return describe(set, { decimals, currency: [...currencies][0] ?? '' });
}

function fileFault(path: string, actual: string): CliError {
  const expected = 'obligations between banks in one currency';
  return new CliError('FILE_MALFORMED', `${path}: expected ${expected}, found ${actual}`, { expected, actual });
}

interface Row {
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: bigint;
}

function describe(
  set: readonly Row[],
  { decimals, currency }: { readonly decimals: number; readonly currency: string },
): CommandResult {
  // The pure functions of the contract work on any names.
  const banks = [...new Set(set.flatMap(({ debtor, creditor }) => [debtor, creditor]))].sort() as Address[];
  const nets = netsOf(banks, set as never);
  const payments: readonly NetPayment[] = pairNets(nets);
  const gross = set.reduce((sum, { amount }) => sum + amount, 0n);
  const net = payments.reduce((sum, { amount }) => sum + amount, 0n);
  const saved = gross === 0n ? 0 : Number(((gross - net) * 1_000n) / gross) / 10;
  const shown = (amount: bigint): string => formatAmountForPeople(amount, decimals);
  const positions = formatTable(
    [{ title: 'BANK' }, { title: 'NET', align: 'right' }],
    [...nets].map(([bank, each]) => [bank, `${each < 0n ? '-' : ''}${shown(each < 0n ? -each : each)}`]),
  );
  const paid = formatTable(
    [{ title: 'FROM' }, { title: 'TO' }, { title: 'AMOUNT', align: 'right' }],
    payments.map(({ from, to, amount }) => [from, to, shown(amount)]),
  );
  const summary = formatFields([
    ['obligations', `${set.length}, together ${shown(gross)} ${currency}`],
    ['net', `${shown(net)} ${currency} in ${payments.length} payments: ${saved} % less money moves`],
  ]);
  return {
    data: {
      ...{ obligations: set.length, gross: formatMajorAmount(gross, decimals), net: formatMajorAmount(net, decimals) },
      nets: Object.fromEntries([...nets].map(([bank, each]) => [bank, formatMajorAmount(each, decimals)])),
      payments: payments.map(({ from, to, amount }) => ({ from, to, amount: formatMajorAmount(amount, decimals) })),
    },
    text: [summary, '', positions, '', paid].join('\n'),
  };
}
